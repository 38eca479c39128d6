"""The checker of vector environments: it passes what is right, and names what is wrong."""

import copy
import functools
import re

import gymnasium
import numpy as np
import perennial_rl
import pytest
from gymnasium import spaces
from gymnasium.vector import AsyncVectorEnv, SyncVectorEnv
from perennial_rl import VectorContractError, check_vector_env
from perennial_rl.vector import AutoresetMode

if not hasattr(gymnasium.vector, "AutoresetMode"):
    pytest.skip("Gymnasium 1.0 has one kind of autoreset, and does not say which", allow_module_level=True)


@pytest.mark.parametrize("mode", list(AutoresetMode))
@pytest.mark.parametrize("name", ["CartPole-v1", "Acrobot-v1"])
def test_gymnasiums_own_vector_passes(mode, name):
    check_vector_env(SyncVectorEnv([lambda: gymnasium.make(name, max_episode_steps=60)] * 3, autoreset_mode=mode))


SEEDS = [20_241, 7, 99]


@pytest.mark.parametrize("mode", list(AutoresetMode))
@pytest.mark.parametrize(
    ("name", "steps", "is_fixed"),
    [
        ("CartPole-v1", 8, False),
        ("FrozenLake-v1", None, False),
        ("CliffWalking-v1", 30, True),
        ("CliffWalking-v1", 1, True),
        ("Blackjack-v1", None, False),
        ("Taxi-v4", 30, False),
        ("MountainCarContinuous-v0", 30, False),
    ],
)
def test_games_with_fixed_starts_short_episodes_and_few_observations_pass(mode, name, steps, is_fixed):
    make = functools.partial(gymnasium.make, name, max_episode_steps=steps)
    for seed in SEEDS:
        remarks = check_vector_env(SyncVectorEnv([make] * 3, autoreset_mode=mode), seed=seed)
        assert len(remarks) == is_fixed and all("no seed changes" in remark for remark in remarks)
    check_vector_env(SyncVectorEnv([make], autoreset_mode=mode))


class Chance(gymnasium.Env):
    """Random observations of a space, and an end by chance."""

    def __init__(self, observations, actions):
        self.observation_space, self.action_space = copy.deepcopy(observations), copy.deepcopy(actions)

    def observation(self):
        self.observation_space.seed(int(self.np_random.integers(1 << 30)))
        return self.observation_space.sample()

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self.observation(), {"begun": True}

    def step(self, action):
        assert action in self.action_space
        infos = {"half": 0.5, "inner": {"array": np.arange(3)}, "name": "garden"}
        return self.observation(), float(self.np_random.random()), bool(self.np_random.random() < 0.2), False, infos


UNIT = spaces.Box(0, 1, (2,), np.float32)
SPACES = {
    "box": UNIT,
    "one": spaces.Discrete(1, start=3),
    "text": spaces.Text(5),
    "sequence": spaces.Sequence(UNIT),
    "stack": spaces.Sequence(UNIT, stack=True),
    "dict": spaces.Dict(a=UNIT, b=spaces.Text(3), c=spaces.Dict(d=spaces.Discrete(2))),
    "tuple": spaces.Tuple((UNIT, spaces.Discrete(3), spaces.Dict(a=spaces.Text(4)))),
    "choice": spaces.OneOf((UNIT, spaces.Discrete(2))),
    "graph": spaces.Graph(UNIT, spaces.Discrete(3)),
    "binary": spaces.MultiBinary(3),
    "discrete": spaces.MultiDiscrete([2, 3]),
}


@pytest.mark.parametrize("mode", list(AutoresetMode))
@pytest.mark.parametrize("kind", SPACES)
def test_every_space_passes(kind, mode):
    make = functools.partial(Chance, SPACES[kind], SPACES[kind] if kind != "graph" else spaces.Discrete(2))
    for seed in SEEDS[:2]:
        check_vector_env(SyncVectorEnv([make] * 3, autoreset_mode=mode), seed=seed)


def test_other_kinds_of_vectors_pass():
    def sync(**kwargs):
        return SyncVectorEnv([lambda: gymnasium.make("CartPole-v1")] * 3, **kwargs)

    def different(number):
        return gymnasium.make("CartPole-v1", sutton_barto_reward=number == 1, max_episode_steps=9 + number)

    def measured():
        return gymnasium.wrappers.RecordEpisodeStatistics(gymnasium.make("CartPole-v1"))

    assert check_vector_env(gymnasium.make_vec("CartPole-v1", 3, vectorization_mode="sync")) == []
    assert check_vector_env(SyncVectorEnv([functools.partial(different, number) for number in range(3)])) == []
    assert check_vector_env(SyncVectorEnv([measured] * 2, autoreset_mode="SameStep")) == []
    for wrapper in (gymnasium.wrappers.vector.RecordEpisodeStatistics, lambda env: gymnasium.wrappers.vector.ClipReward(env, 0, 0.5)):
        # With resets by a mask, Gymnasium 1.4's RecordEpisodeStatistics forgets the returns of all environments, which is found.
        for mode in (AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP):
            assert "single=.." in "".join(check_vector_env(wrapper(sync(autoreset_mode=mode))))
    among_processes = AsyncVectorEnv([lambda: gymnasium.make("CartPole-v1")] * 2, autoreset_mode="SameStep")
    assert check_vector_env(among_processes) == []
    among_processes.close()


def test_a_vector_that_takes_one_seed_only_passes_and_the_remark_says_what_is_missing():
    for seed in SEEDS:
        remarks = check_vector_env(gymnasium.make_vec("CartPole-v1", 3, vectorization_mode="vector_entry_point"), seed=seed)
        assert len(remarks) == 1 and "reset() takes no list of seeds" in remarks[0]
    env = gymnasium.make_vec("CartPole-v1", 3, vectorization_mode="vector_entry_point")
    with pytest.raises(VectorContractError, match="takes no list of seeds"):
        check_vector_env(env, single=lambda: gymnasium.make("CartPole-v1"))


@pytest.mark.parametrize("mode", list(AutoresetMode))
@pytest.mark.parametrize("kwargs", [{}, {"observation": "dict"}, {"observation": "bytes", "continuous": True}], ids=str)
def test_gardens_do_what_single_gardens_do(mode, kwargs, short):
    for seed in SEEDS[:2]:
        env = perennial_rl.VectorEnv(3, autoreset_mode=mode, **kwargs, **short)
        assert check_vector_env(env, single=functools.partial(perennial_rl.Env, **kwargs, **short), seed=seed) == []


def test_what_is_no_vector_is_a_type_error():
    for wrong in (None, 3, gymnasium.make("CartPole-v1")):
        with pytest.raises(TypeError, match="env must be a gymnasium.vector.VectorEnv"):
            check_vector_env(wrong)


def test_a_vector_that_says_that_it_reuses_its_buffer_passes():
    check_vector_env(SyncVectorEnv([lambda: gymnasium.make("CartPole-v1")] * 3, copy=False))


def broken(mode="NextStep", **methods):
    """An environment of which a method is another one."""
    kind = type("Broken", (perennial_rl.VectorEnv,), methods)
    return kind(3, season="spring", settings=["episode.decisions=25"], autoreset_mode=mode)


def problems(env, **kwargs) -> str:
    with pytest.raises(VectorContractError) as caught:
        check_vector_env(env, **kwargs)
    assert caught.value.problems
    return str(caught.value)


def changed(change):
    """A step whose result is changed."""

    def step(self, actions):
        return change(self, *perennial_rl.VectorEnv.step(self, actions))

    return step


def test_a_reused_buffer_is_noticed():
    def step(self, actions):
        observations, *rest = perennial_rl.VectorEnv.step(self, actions)
        self.__dict__.setdefault("held", np.zeros_like(observations))[...] = observations
        return self.held, *rest

    assert "a buffer is reused" in problems(broken(step=step))


def test_one_seed_for_all_is_noticed():
    def reset(self, *, seed=None, options=None):
        seed = [seed] * 3 if isinstance(seed, int) else seed
        return perennial_rl.VectorEnv.reset(self, seed=seed, options=options)

    assert "reset(seed=[s, s + 1, ..])" in problems(broken(reset=reset))

    def always_one(self, *, seed=None, options=None):
        first = seed if isinstance(seed, int) else seed[0] if seed else None
        return perennial_rl.VectorEnv.reset(self, seed=[first] * 3, options=options)

    assert "share one seed" in problems(broken(reset=always_one))


def test_an_ignored_seed_is_noticed():
    def reset(self, *, seed=None, options=None):
        return perennial_rl.VectorEnv.reset(self, options=options)

    assert "same seed gives different observations" in problems(broken(reset=reset))


def test_wrong_types_are_noticed():
    assert "floats" in problems(broken(step=changed(lambda _, o, r, *rest: (o, r.astype(int), *rest))))
    assert "terminations" in problems(broken(step=changed(lambda _, o, r, t, *rest: (o, r, t.tolist(), *rest))))
    assert "not in observation_space" in problems(broken(step=changed(lambda _, o, *rest: (o * 100, *rest))))
    assert "array of 3 booleans" in problems(broken(step=changed(lambda _, o, r, t, u, i: (o, r, t, u, {"x": np.zeros(3)}))))


def test_a_reward_of_the_step_that_begins_an_episode_is_noticed():
    assert "not 0" in problems(broken(step=changed(lambda _, o, r, *rest: (o, r - 0.5, *rest))))


def test_a_vector_of_another_kind_than_it_says_is_noticed():
    for mode, said in (("SameStep", "NextStep"), ("NextStep", "SameStep"), ("SameStep", "Disabled"), ("Disabled", "NextStep")):
        env = broken(mode)
        env.metadata = {**env.metadata, "autoreset_mode": AutoresetMode(said)}
        assert problems(env), f"{mode} says that it is {said}"


def test_a_missing_kind_is_noticed():
    env = broken()
    env.metadata = {}
    assert "autoreset_mode" in problems(env)


def test_an_environment_without_ends_is_noticed():
    env = perennial_rl.VectorEnv(2, season="spring")
    with pytest.raises(VectorContractError, match="no episode ended within 50 steps"):
        check_vector_env(env, most_steps=50)


def test_a_mask_that_is_ignored_is_noticed():
    def reset(self, *, seed=None, options=None):
        return perennial_rl.VectorEnv.reset(self, seed=seed)

    assert "reset_mask takes" in problems(broken("Disabled", reset=reset))


class Faulty(SyncVectorEnv):
    """Poles on carts with a time limit, of which a step or a reset is another one."""

    def __init__(self, mode, stepped=None, seeded=None, number=3, steps=30):
        super().__init__([lambda: gymnasium.make("CartPole-v1", max_episode_steps=steps)] * number, autoreset_mode=mode)
        self.stepped, self.seeded, self.before = stepped, seeded, None

    def reset(self, *, seed=None, options=None):
        if self.seeded is not None:
            given = [seed + number for number in range(self.num_envs)] if isinstance(seed, int) else seed
            seed = self.seeded(given) if given is None or len(given) == self.num_envs else given
        observations, infos = super().reset(seed=seed, options=options)
        self.before = observations.copy()
        return observations, infos

    def step(self, actions):
        if self.stepped is None:
            return super().step(actions)
        result = self.stepped(self, actions)
        self.before = np.array(result[0])
        return result

    def right(self, actions):
        return list(SyncVectorEnv.step(self, actions))


def finals(change):
    """Changes what is last in the episodes that end."""

    def step(self, actions):
        before = self.before
        result = self.right(actions)
        if "final_obs" in result[4]:
            change(before, result[4])
        return tuple(result)

    return step


def early(before, infos):
    for number in np.flatnonzero(infos["_final_obs"]):
        infos["final_obs"][number] = before[number].copy()


def zeros(_, infos):
    for number in np.flatnonzero(infos["_final_obs"]):
        infos["final_obs"][number] = np.zeros(4, np.float32)


def no_final_info(_, infos):
    infos["final_info"] = None


def results(change):
    """Changes results, which are a list, with the environments whose episode ended."""

    def step(self, actions):
        result = self.right(actions)
        change(result, result[2] | result[3])
        return tuple(result)

    return step


def lost_reward(result, ended):
    result[1][ended] = 0


def always_terminated(result, ended):
    result[2], result[3] = ended, np.zeros_like(ended)


def swapped(result, ended):
    if ended.any():
        result[0][[0, 1]] = result[0][[1, 0]]


def late_half(result, ended):
    if ended.any():
        result[0] = result[0].astype(np.float16)


def put(place, value):
    def change(result, _):
        result[place] = value(result[place])

    return change


def infos(**given):
    return lambda result, _: result[4].update(given)


MASK = np.ones(3, np.bool_)
EVERY, SAME, NEXT, NONE = list(AutoresetMode), [AutoresetMode.SAME_STEP], [AutoresetMode.NEXT_STEP], [AutoresetMode.DISABLED]
FAULTS = {
    "early final_obs": (SAME, finals(early), r"infos\['final_obs'\].*observation of the step before"),
    "final_obs of zeros": (SAME, finals(zeros), r"infos\['final_obs'\].*not the last observation of the episode"),
    "no final_info": (SAME, finals(no_final_info), r"final_info'.* is a NoneType"),
    "lost reward": (EVERY, results(lost_reward), r"in which episodes of .*: the reward is .*0\.0.*, and 1\.0 in a single environment"),
    "truncation as termination": (EVERY, results(always_terminated), "a truncation is told as a termination"),
    "list of observations": (EVERY, results(put(0, list)), "observations of step 1 must be an array of float32.* are a list"),
    "float16 observations": (EVERY, results(put(0, lambda o: o.astype(np.float16))), "observations of step 1 must be .* are an array of float16"),
    "float16 observations at an end": (EVERY, results(late_half), "observations of .*in which episodes of .* are an array of float16"),
    "float16 rewards": (EVERY, results(put(1, lambda r: r.astype(np.float16))), "rewards of step 1 must be .*float64 or float32, .*float16"),
    "short info": (EVERY, results(infos(x=np.zeros(2), _x=MASK)), "'x', which must be an array with 3 rows.*shape \\(2,\\)"),
    "scalar info": (EVERY, results(infos(x=0.5, _x=MASK)), "'x', which must be an array with 3 rows.* is a float: 0.5"),
    "short mask": (EVERY, results(infos(x=np.zeros(3), _x=MASK[:2])), "no array of 3 booleans '_x'"),
    "swapped rows at an end": (EVERY, results(swapped), r"environment \d is not independent: .* its observation differs in step \d+ .in which episodes"),
    "strayed actions": (EVERY, lambda self, actions: tuple(self.right(actions[::-1])), "other actions of environments? [0-9, ]+ alone"),
    "strayed next actions": (
        EVERY,
        lambda self, actions: tuple(self.right(np.roll(actions, 1))),
        "other actions of environments? [0-9, ]+ alone",
    ),
}


@pytest.mark.parametrize(("name", "mode"), [(name, mode) for name, (modes, *_) in FAULTS.items() for mode in modes])
def test_a_fault_of_steps_is_found_and_named(name, mode):
    _, stepped, message = FAULTS[name]
    for seed in SEEDS:
        # Of two time limits one ends before most poles fall.
        steps = 8 if name == "truncation as termination" else 30
        found = problems(Faulty(mode, stepped=stepped, steps=steps), seed=seed)
        assert re.search(message, found), found


SEEDINGS = {
    "two share a seed": (lambda seed: seed and [seed[0], seed[0], seed[2]], r"environments 0, 1 begin alike.*share one seed"),
    "the others' seed": (lambda seed: seed and seed[::-1], "other seeds and actions of environments?"),
    "no other episode": (lambda seed: [5, 6, 7] if seed is None else seed, "reset.. without a seed gives the same episode each time"),
    "one has no other episode": (lambda seed: [None, 6, None] if seed is None else seed, "same episode each time, in environment 1"),
    "no seed": (lambda seed: [5, 6, 7] if seed else None, "another seed gives the same"),
}


@pytest.mark.parametrize("mode", list(AutoresetMode))
@pytest.mark.parametrize("name", SEEDINGS)
def test_a_fault_of_seeds_is_found_and_named(name, mode):
    seeded, message = SEEDINGS[name]
    for seed in SEEDS:
        found = problems(Faulty(mode, seeded=seeded), seed=seed)
        assert re.search(message, found), found


def test_two_that_share_a_seed_only_where_one_number_is_given_are_noticed():
    class Shared(Faulty):
        def reset(self, *, seed=None, options=None):
            return super().reset(seed=[seed, seed, seed + 2] if isinstance(seed, int) else seed, options=options)

    assert "reset(seed=[s, s + 1, ..]): environment 1" in problems(Shared("NextStep"))


def test_faults_of_a_vector_of_another_library_are_found_with_a_function_that_makes_single_environments():
    """A vector that is made of no single environments that the checker knows."""
    kwargs = {"season": "spring", "settings": ["episode.decisions=25"]}

    def too_early(self, o, r, t, u, i):
        before, self.before = getattr(self, "before", o), o
        if "final_obs" in i:
            early(before, i)
        return o, r, t, u, i

    def lost(_, o, r, t, u, i):
        return o, np.where(t | u, 0.0, r), t, u, i

    def told(_, o, r, t, u, i):
        return o, r, t | u, np.zeros_like(u), i

    def without_infos(_, o, r, t, u, i):
        return o, r, t, u, {key: value for key, value in i.items() if key.strip("_") in ("final_obs", "final_info")}

    for change, message in (
        (too_early, "observation of the step before"),
        (lost, "the reward is "),
        (told, "a truncation is told as a termination"),
        (without_infos, "is missing"),
    ):
        env = type("Broken", (perennial_rl.VectorEnv,), {"step": changed(change)})(3, autoreset_mode="SameStep", **kwargs)
        assert message in problems(env, single=functools.partial(perennial_rl.Env, **kwargs)), message


def test_an_episode_that_is_begun_again_is_noticed():
    class Again(gymnasium.vector.VectorEnv):
        """A vector that is made of no single environments, and begins each episode with the first seed."""

        def __init__(self, mode):
            self.inner = SyncVectorEnv([lambda: gymnasium.make("CartPole-v1")] * 3, autoreset_mode="Disabled")
            self.metadata = {"autoreset_mode": mode}
            for name in ("num_envs", "single_observation_space", "observation_space", "single_action_space", "action_space"):
                setattr(self, name, getattr(self.inner, name))

        def reset(self, *, seed=None, options=None):
            self.seed = [seed + number for number in range(3)] if isinstance(seed, int) else seed or [None] * 3
            return self.inner.reset(seed=seed, options=options)

        def step(self, actions):
            observations, *rest = self.inner.step(actions)
            ended = rest[1] | rest[2]
            if ended.any():
                infos = {"final_obs": np.array([*observations, None], dtype=object)[:3], "_final_obs": ended, "final_info": {}, "_final_info": ended}
                rest[3] = infos
                observations, _ = self.inner.reset(seed=self.seed, options={"reset_mask": ended})
            return observations, *rest

    assert "every episode begins as the first one did" in problems(Again(AutoresetMode.SAME_STEP))
