"""The checker of vector environments: it passes what is right, and names what is wrong."""

import gymnasium
import numpy as np
import perennial_rl
import pytest
from gymnasium.vector import SyncVectorEnv
from perennial_rl import VectorContractError, check_vector_env
from perennial_rl.vector import AutoresetMode

if not hasattr(gymnasium.vector, "AutoresetMode"):
    pytest.skip("Gymnasium 1.0 has one kind of autoreset, and does not say which", allow_module_level=True)


@pytest.mark.parametrize("mode", list(AutoresetMode))
@pytest.mark.parametrize("name", ["CartPole-v1", "Acrobot-v1"])
def test_gymnasiums_own_vector_passes(mode, name):
    check_vector_env(SyncVectorEnv([lambda: gymnasium.make(name, max_episode_steps=60)] * 3, autoreset_mode=mode))


def test_a_vector_that_says_that_it_reuses_its_buffer_passes():
    check_vector_env(SyncVectorEnv([lambda: gymnasium.make("CartPole-v1")] * 3, copy=False))


def broken(mode="NextStep", **methods):
    """An environment of which a method is another one."""
    kind = type("Broken", (perennial_rl.VectorEnv,), methods)
    return kind(3, season="spring", settings=["episode.decisions=25"], autoreset_mode=mode)


def problems(env) -> str:
    with pytest.raises(VectorContractError) as caught:
        check_vector_env(env)
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
    assert "array of booleans" in problems(broken(step=changed(lambda _, o, r, t, u, i: (o, r, t, u, {"x": np.zeros(3)}))))


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
