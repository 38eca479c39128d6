"""Every door leads into the same garden, bit for bit; states are saved and restored; copies go on alike."""

import copy
import functools
import multiprocessing
import pickle

import gymnasium
import numpy as np
import perennial_rl
import pytest
from conftest import actions, equal
from gymnasium.error import ResetNeeded
from perennial_rl import Scenario
from perennial_rl._native import GardenBatch

GOLDEN_ONE = 0x5EAF_6DB3_53ED_5750
GOLDEN_THREE = 0x379E_1BB0_0D81_BAE0
"""State hashes that tests/it/gardens.rs has, too: a thousand decisions of one garden, and of three."""


def test_a_thousand_decisions_reach_the_same_state_as_in_rust():
    scenario = Scenario("four_seasons")
    for gardens, golden in ((1, GOLDEN_ONE), (3, GOLDEN_THREE)):
        batch = GardenBatch(
            scenario,
            [20] * gardens,
            schedule="year",
            decisions_per_season=250 * gardens,
            autoreset="SameStep",
            own_seeds=False,
        )
        for tick in range(1_000):
            batch.step(actions(tick, gardens))
        assert batch.state_hash == golden, f"{gardens} gardens: {batch.state_hash:#x}"


def test_one_garden_is_the_same_through_every_door():
    single = gymnasium.make("perennial/MirrorYear-v0", decisions_per_season=130)
    vectors = [
        gymnasium.make_vec("perennial/MirrorYear-v0", num_envs=1, autoreset_mode=mode, decisions_per_season=130)
        for mode in ("SameStep", "Disabled")
    ]
    scenario = Scenario("mirror_year")
    numbered = GardenBatch(scenario, [77], schedule="year", decisions_per_season=130, autoreset="SameStep", own_seeds=False)
    single.reset(seed=77)
    for envs in vectors:
        envs.reset(seed=77)
    for tick in range(1_000):
        action = actions(tick, 1)
        *_, terminated, truncated, _ = single.step(action[0])
        for envs in vectors:
            envs.step(action)
        numbered.step(action)
        hashes = {single.unwrapped.state_hash, numbered.state_hash, *(envs.state_hash for envs in vectors)}
        assert len(hashes) == 1, f"after tick {tick}"
        if terminated or truncated:
            single.reset()
            vectors[1].reset(options={"reset_mask": np.array([True])})


@pytest.mark.parametrize("mode", ["NextStep", "SameStep", "Disabled"])
@pytest.mark.parametrize("continuous", [False, True])
def test_a_restored_vector_goes_on_as_if_nothing_had_happened(mode, continuous, short):
    def new():
        return perennial_rl.VectorEnv(4, autoreset_mode=mode, continuous=continuous, observation="bytes", **short)

    whole = new()
    whole.reset(seed=5)
    whole.action_space.seed(1)
    ends = 0
    for tick in range(150):
        if tick % 13 == 0 or ends % 5 == 1:
            other = new()
            other.reset()
            other.step(other.action_space.sample())
            other.set_state(whole.get_state())
            assert other.state_hash == whole.state_hash
            follow, also = copy.deepcopy(whole), pickle.loads(pickle.dumps(whole))
        else:
            other = None
        action = whole.action_space.sample()
        result = whole.step(action)
        ended = result[2] | result[3]
        if other is not None:
            for copied in (other, follow, also):
                assert equal(copied.step(action), result), f"tick {tick}"
                assert copied.state_hash == whole.state_hash
        ends += int(ended.any())
        if mode == "Disabled" and ended.any():
            state = whole.get_state()
            reset = whole.reset(options={"reset_mask": ended})
            other = new()
            other.set_state(state)
            assert equal(other.reset(options={"reset_mask": ended}), reset)
    assert ends > 6, "plants died at different times"


def test_a_restored_environment_goes_on_as_if_nothing_had_happened():
    env = perennial_rl.Env("gradual_year", decisions_per_season=200, observation="dict")
    env.reset(seed=3)
    for tick in range(450):
        if tick % 90 == 17:
            copied, state = copy.deepcopy(env), env.get_state()
            ahead = [copied.step(action % 5) for action in range(10)]
            env.set_state(state)
            again = copy.deepcopy(env)
            assert equal([again.step(action % 5) for action in range(10)], ahead)
        *_, terminated, truncated, _ = env.step(tick % 5)
        if terminated or truncated:
            assert copy.deepcopy(env)._needs_reset
            env.reset()


def test_states_of_other_settings_and_damaged_ones_are_refused():
    env = perennial_rl.VectorEnv(2, season="spring", seed=1)
    env.reset()
    env.step([0, 1])
    state = env.get_state()
    for other, what in (
        (perennial_rl.VectorEnv(3, season="spring"), "number of gardens"),
        (perennial_rl.VectorEnv(2, season="summer"), "schedule"),
        (perennial_rl.VectorEnv(2, "water_tank", season="spring"), "scenario"),
        (perennial_rl.VectorEnv(2, season="spring", autoreset_mode="SameStep"), "autoreset"),
        (perennial_rl.VectorEnv(2, season="spring", continuous=True), "actions"),
    ):
        before = other.state_hash
        with pytest.raises(ValueError, match=what):
            other.set_state(state)
        assert other.state_hash == before, "an error changes nothing"
    for nothing in (None, 3, "state"):
        with pytest.raises(TypeError, match="get_state"):
            env.set_state(nothing)
    for nothing in (b"", b"{}", b"\x00" + state):
        with pytest.raises(ValueError, match="not a saved state"):
            env.set_state(nothing)
    with pytest.raises(ValueError, match="state of a VectorEnv, and it was given to a Env"):
        perennial_rl.Env(season="spring").set_state(state)
    env.set_state(state)


@pytest.mark.parametrize("make", [functools.partial(perennial_rl.Env, season="spring"), functools.partial(perennial_rl.VectorEnv, 2)])
def test_a_state_with_a_changed_bit_is_refused(make):
    env = make(seed=1)
    env.reset()
    env.step(env.action_space.sample())
    state = env.get_state()
    before = env.state_hash
    for place in range(len(state)):
        damaged = bytearray(state)
        damaged[place] ^= 1 << place % 8
        with pytest.raises(ValueError, match="state"):
            env.set_state(bytes(damaged))
    for cut in (state[:-1], state[:20], state + b" "):
        with pytest.raises(ValueError, match="damaged"):
            env.set_state(cut)
    assert env.state_hash == before


def test_a_state_remembers_whether_an_episode_was_seen():
    env = perennial_rl.Env(season="spring", settings=["episode.decisions=5"], seed=1)
    new = env.get_state()
    first, _ = env.reset()
    for _ in range(5):
        env.step(0)
    over = env.get_state()
    second, _ = env.reset()
    assert (first != second).any()
    env.set_state(over)
    with pytest.raises(ResetNeeded):
        env.step(0)
    assert (env.reset()[0] == second).all()
    env.set_state(new)
    assert (env.reset()[0] == first).all()


def test_copies_share_nothing_and_need_no_file(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('name = "mine"\nextends = "four_seasons"\n')
    env = perennial_rl.VectorEnv(2, file, season="spring", copy=False, seed=3)
    shown, _ = env.reset()
    kept = shown.copy()
    file.unlink()
    for other in (copy.copy(env), copy.deepcopy(env), pickle.loads(pickle.dumps(env))):
        assert other.state_hash == env.state_hash
        other.step([1, 2])
        assert (shown == kept).all() and other.state_hash != env.state_hash
        assert other.action_space is not env.action_space


def test_scenarios_can_be_pickled():
    scenario = Scenario("four_seasons", ["plants.count=12"], "gradual")
    for again in (copy.copy(scenario), copy.deepcopy(scenario), pickle.loads(pickle.dumps(scenario))):
        assert again.to_toml() == scenario.to_toml()


def hash_of(state: bytes) -> int:
    env = perennial_rl.VectorEnv(2, season="spring")
    env.set_state(state)
    env.step([0, 4])
    return env.state_hash


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_gardens_work_in_other_processes(method):
    env = perennial_rl.VectorEnv(2, season="spring", seed=4)
    env.reset()
    for tick in range(20):
        env.step(actions(tick, 2))
    with multiprocessing.get_context(method).Pool(1) as pool:
        there = pool.apply(hash_of, (env.get_state(),))
    env.step([0, 4])
    assert env.state_hash == there
