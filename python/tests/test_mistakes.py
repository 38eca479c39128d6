"""Bad input is an exception with a clear text, never an abort; nothing is left behind."""

import os
import signal
import sys
import threading
from pathlib import Path

import gymnasium
import numpy as np
import perennial_rl
import pytest
from gymnasium.error import ClosedEnvironmentError, ResetNeeded
from perennial_rl import InternalError, Policy, Scenario, _native
from perennial_rl._native import GardenBatch


def test_a_panic_in_rust_is_an_exception_and_the_interpreter_goes_on(capfd):
    batch = GardenBatch(Scenario("four_seasons"), [1])
    with pytest.raises(InternalError, match="a test asked for it") as caught:
        batch._panic()
    assert isinstance(caught.value, RuntimeError), "`except Exception` catches it"
    with pytest.raises(RuntimeError, match="make new ones"):
        batch.step(np.array([0]))
    envs = perennial_rl.VectorEnv(2, season=0)
    envs.reset()
    assert envs.step([0, 1])[0].shape == (2, 107)
    capfd.readouterr()


@pytest.mark.parametrize(
    ("kwargs", "text"),
    [
        ({"scenario": "four_seasns"}, "did you mean `four_seasons`"),
        ({"season": "sumer"}, "there are spring, summer, autumn, winter"),
        ({"season": 4}, "numbered from 0"),
        ({"season": "spring", "schedule": "year"}, "give one of them"),
        ({"schedule": "monthly"}, "schedule must be one of"),
        ({"observation": "pixels"}, "observation must be one of box, bytes, dict"),
        ({"settings": ["plants.cuont=3"]}, "did you mean"),
        ({"settings": ["plants.count=100000"]}, "count"),
        ({"settings": ["plants.count"]}, "path=value"),
        ({"render_mode": "ansi"}, "render_mode must be one of .*rgb_array"),
        ({"years": 0}, "years must be between 1 and 1000"),
        ({"decisions_per_season": 0}, "decisions_per_season must be between"),
        ({"seed": -1}, "a seed must be between"),
        ({"years": 10**30}, "years must be between"),
        ({"decisions_per_season": -5}, "decisions_per_season must be between"),
        ({"settings": "plants.cuont=3"}, "did you mean"),
    ],
    ids=str,
)
def test_wrong_settings_are_told(kwargs, text):
    for make in (perennial_rl.Env, perennial_rl.VectorEnv):
        with pytest.raises(ValueError, match=text):
            make(**kwargs)


@pytest.mark.parametrize(
    "kwargs",
    [{"years": 1.5}, {"decisions_per_season": "many"}, {"season": True}, {"season": 1.5}, {"continuous": "yes"}, {"seed": 1.5}],
    ids=str,
)
def test_settings_of_another_type_are_told(kwargs):
    for make in (perennial_rl.Env, perennial_rl.VectorEnv):
        with pytest.raises(TypeError):
            make(**kwargs)


@pytest.mark.parametrize(
    ("number", "error"),
    [(0, ValueError), (-1, ValueError), (4097, ValueError), (10**9, ValueError), (10**30, ValueError), (1.5, TypeError), ("4", TypeError), (True, TypeError)],
    ids=str,
)
def test_a_wrong_number_of_gardens_is_told_at_once(number, error):
    with pytest.raises(error, match="the number of gardens"):
        perennial_rl.VectorEnv(number)
    with pytest.raises(TypeError, match="copy is True or False"):
        perennial_rl.VectorEnv(2, copy="x")


def test_a_reset_has_no_unknown_options():
    env = perennial_rl.Env(season="spring")
    envs = perennial_rl.VectorEnv(2, season="spring", autoreset_mode="Disabled")
    mask = np.array([True, False])
    for made in (env, envs):
        with pytest.raises(ValueError, match="no option 'reset_msk'"):
            made.reset(options={"reset_msk": mask})
        for wrong in ("x", 3):
            with pytest.raises(TypeError, match="options is a dict"):
                made.reset(options=wrong)
        made.reset(options={})
    assert envs.reset(options={"reset_mask": mask})[0].shape == (2, 107)


def test_mistakes_in_a_file_are_shown_in_their_place(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text('version = 2\nname = "mine"\nseasons = ["seasons/spring.toml"]\n[plants]\ncuont = 3\n')
    with pytest.raises(ValueError, match=r"mine\.toml:5") as caught:
        perennial_rl.Env(str(path))
    assert "\x1b" not in str(caught.value)
    path.write_text(path.read_text().replace("cuont", "count"))
    assert perennial_rl.Env(str(path)).scenario.name == "mine"


@pytest.mark.parametrize(
    ("actions", "error", "text"),
    [
        ([0], ValueError, "shape"),
        ([[0, 1]], ValueError, "shape"),
        ([0, 5], ValueError, "garden 1: there is no action 5"),
        ([-1, 0], ValueError, "garden 0: there is no action -1"),
        ([0.0, 1.0], TypeError, "whole numbers"),
        ([np.nan, 0], TypeError, "whole numbers"),
        (["forward", "back"], TypeError, "whole numbers"),
        (None, ValueError, "shape"),
    ],
    ids=str,
)
def test_wrong_actions_are_told_and_change_nothing(actions, error, text):
    envs = perennial_rl.VectorEnv(2, season="spring", seed=0)
    envs.reset()
    before = envs.state_hash
    with pytest.raises(error, match=text):
        envs.step(actions)
    assert envs.state_hash == before


def test_wrong_commands_are_told():
    envs = perennial_rl.VectorEnv(2, season="spring", continuous=True)
    envs.reset()
    for actions, text in (
        (np.zeros((2, 2), np.float32), "shape"),
        (np.array([[0, 0, 0], [0, np.nan, 0]], np.float32), "garden 1: an action is not finite"),
        (np.full((2, 3), 1.5, np.float32), r"in \[-1, 1\]"),
    ):
        with pytest.raises(ValueError, match=text):
            envs.step(actions)
    with pytest.raises(ValueError, match="takes continuous actions"):
        envs._batch.step(np.array([0, 1]))


def test_a_closed_environment_says_so():
    for env in (perennial_rl.Env(season=0), perennial_rl.VectorEnv(2, season=0, render_mode="rgb_array")):
        env.reset(seed=0)
        env.close()
        env.close()
        for call in (env.reset, lambda env=env: env.step(0), env.render, env.get_state):
            with pytest.raises(ClosedEnvironmentError):
                call()


def test_a_step_outside_of_an_episode_says_so():
    env = perennial_rl.Env(season=0, settings=["episode.decisions=2"])
    with pytest.raises(ResetNeeded):
        env.step(0)
    env.reset()
    env.step(0), env.step(0)
    with pytest.raises(ResetNeeded):
        env.step(0)
    envs = perennial_rl.VectorEnv(2, season=0, settings=["episode.decisions=1"], autoreset_mode="Disabled")
    with pytest.raises(ResetNeeded):
        envs.step([0, 0])
    envs.reset()
    envs.step([0, 0])
    with pytest.raises(RuntimeError, match=r"gardens \[0, 1\] have ended"):
        envs.step([0, 0])


def test_wrong_resets_are_told():
    envs = perennial_rl.VectorEnv(2, season="spring")
    for seed, error in ((-1, ValueError), ([1], ValueError), ([1, 2.5], TypeError), ("1", TypeError), (1.5, TypeError)):
        with pytest.raises(error):
            envs.reset(seed=seed)


def test_wrong_policies_are_told(tmp_path: Path):
    scenario = Scenario("four_seasons")
    with pytest.raises(ValueError, match="Did you mean `spring`"):
        Policy("sprng", scenario)
    path = tmp_path / "broken.policy"
    path.write_bytes(b"not a policy")
    with pytest.raises(ValueError, match="broken.policy"):
        Policy(str(path), scenario)
    with pytest.raises(ValueError, match="eye"):
        Policy("spring", Scenario("four_seasons", ["eye.columns=12"]))


@pytest.mark.parametrize(
    ("season", "error", "text"),
    [
        (99, ValueError, "no season 99 in four seasons: there are 4"),
        (-1, ValueError, "no season -1"),
        (2**70, ValueError, "no season"),
        ("sumer", ValueError, "no season 'sumer'.*spring, summer"),
        (1.5, TypeError, "season"),
    ],
)
def test_wrong_seasons_of_a_policy_are_told(season, error, text):
    with pytest.raises(error, match=text):
        Policy("year", Scenario("four_seasons"), season)
    assert Policy("year", Scenario("four_seasons"), "Winter").to_onnx() == Policy("year", Scenario("four_seasons"), 3).to_onnx()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_is_no_plain_file_is_refused_and_not_waited_for(tmp_path: Path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for read in (Scenario, lambda path: Policy(path, Scenario("four_seasons")), _native.Recording):
        with pytest.raises(ValueError, match="not a regular file"):
            read(pipe)
    with pytest.raises(ValueError, match=r"that is[\s│]+a folder") as caught:
        Scenario(tmp_path)
    assert "did you mean" not in str(caught.value)


def test_actions_and_seeds_are_told_as_they_were_given():
    env = perennial_rl.Env(season="spring", seed=1)
    generator = env.np_random
    for seed, error in ((-1, ValueError), (2**63, ValueError), (1.5, TypeError), ("3", TypeError)):
        with pytest.raises(error, match="seed"):
            env.reset(seed=seed)
    assert env.np_random is generator, "an error changes nothing"
    assert (env.reset(seed=np.int64(4))[0] == env.reset(seed=4)[0]).all()
    with pytest.raises(ValueError, match=r"must have the shape \(\), not \(1,\)"):
        env.step(np.array([1]))
    continuous = perennial_rl.Env(season="spring", continuous=True)
    continuous.reset()
    with pytest.raises(ValueError, match=r"must have the shape \(3,\), not \(2,\)"):
        continuous.step([0.0, 1.0])
    envs = perennial_rl.VectorEnv(2, season="spring")
    envs.reset()
    for large in (2**63, 2**64 - 1):
        with pytest.raises(ValueError, match=f"no action {large}"):
            envs.step(np.array([0, large], np.uint64))
    with pytest.raises(TypeError, match="seed is a whole number, or a list"):
        envs.reset(seed=np.array(3))


def test_unknown_ids_are_told():
    with pytest.raises(gymnasium.error.Error):
        gymnasium.make("perennial/FiveSeasons-v0")
    with pytest.raises(ValueError, match="did you mean 'water_tank'"):
        perennial_rl.environment_id("water_tonk")


def threads() -> int:
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else threading.active_count()


def test_no_thread_is_started():
    before = threads()
    envs = perennial_rl.VectorEnv(8, season="summer")
    envs.reset(seed=0)
    for _ in range(350):
        envs.step(envs.action_space.sample())
    assert threads() == before
    envs.close()
    assert threads() == before


needs_timers = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timers that send signals")


def breaks_off(name, call):
    """Returns true if Ctrl-C ends a native function while it runs, and not after it has returned."""
    ends = []

    def watch(_frame, event, function):
        if event in ("c_return", "c_exception") and function.__name__ == name:
            ends.append(event)

    def interrupt(*_):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    sys.setprofile(watch)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.15)
        with pytest.raises(KeyboardInterrupt):
            call()
    finally:
        sys.setprofile(None)
        signal.signal(signal.SIGALRM, before)
    return ends == ["c_exception"]


@needs_timers
def test_ctrl_c_is_heard_while_drivers_are_measured():
    scenario = Scenario("four_seasons")
    assert breaks_off("probe", lambda: _native.probe(scenario, 0, "random", episodes=100_000))
    assert breaks_off("driven", lambda: _native.driven(scenario, 0, "random", gardens=16, ticks=100_000, seed=0))


@needs_timers
def test_ctrl_c_is_heard_while_a_state_is_restored_and_changes_nothing():
    envs = perennial_rl.VectorEnv(256, season="spring")
    envs.reset(seed=0)
    for _ in range(290):
        envs.step(envs.action_space.sample())
    state = envs.get_state()
    envs.step(envs.action_space.sample())
    before = envs.state_hash
    assert breaks_off("set_state", lambda: envs.set_state(state))
    assert envs.state_hash == before


@needs_timers
def test_ctrl_c_is_heard_while_a_policy_is_asked():
    policy = Policy("spring", Scenario("four_seasons"))
    views = np.zeros((500_000, 107), np.uint8)
    assert breaks_off("actions", lambda: policy.actions(views))
    assert breaks_off("outputs", lambda: policy.outputs(views))


def test_a_policy_answers_alike_in_large_and_small_parts():
    policy = Policy("spring", Scenario("four_seasons"))
    views = np.random.default_rng(0).integers(0, 256, (40_001, 107), np.uint8)
    whole = policy.outputs(views)
    small = np.concatenate([policy.outputs(part) for part in np.array_split(views, 10)])
    assert (whole == small).all()
    assert (policy.actions(views) == whole.argmax(axis=1)).all()


@pytest.mark.parametrize(
    ("views", "error", "text"),
    [
        (3, TypeError, r"an array \[rows, 107\] of uint8, not int"),
        (np.zeros(107, np.uint8), ValueError, r"not of shape \[107\]"),
        (np.zeros((2, 59), np.uint8), ValueError, r"not of shape \[2, 59\]"),
        (np.zeros((2, 107), np.float32), TypeError, r'not of float32.*observation="bytes"'),
    ],
)
def test_wrong_arrays_of_a_policy_are_named(views, error, text):
    policy = Policy("spring", Scenario("four_seasons"))
    for ask in (policy.actions, policy.outputs):
        with pytest.raises(error, match=text):
            ask(views)


def test_a_policy_may_be_asked_about_nothing():
    policy = Policy("spring", Scenario("four_seasons"))
    assert policy.actions(np.zeros((0, 107), np.uint8)).shape == (0,)
    assert policy.outputs(np.zeros((0, 107), np.uint8)).shape == (0, 5)
