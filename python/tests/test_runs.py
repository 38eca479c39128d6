"""Runs of agents from Python, as the program reads its own: writing one reads it back as a report does."""

import json
import os

import numpy as np
import perennial_rl
import pytest


SMALL = {
    "method": "random_walk",
    "num_envs": 4,
    "decisions_per_season": 400,
    "settings": ["episode.decisions=50"],
    "agent_settings": {"learning_rate": np.float32(0.5), "layers": [64, 64], "name": "none"},
    "episodes": 2,
    "gardens": 2,
}


def played(folder, **kwargs):
    log = perennial_rl.RunLog(folder, **(SMALL | kwargs))
    rng = np.random.default_rng(log.seed)

    def agent(observations):
        return rng.integers(5, size=len(observations))

    log.evaluate(agent)
    for task in log.tasks():
        envs = task.vector(log.num_envs, autoreset_mode="SameStep", seed=log.seed)
        observations, _ = envs.reset()
        for _ in range(task.decisions // log.num_envs):
            observations, _, terminated, truncated, infos = envs.step(agent(observations))
            log.record(terminated, truncated, infos)
        log.evaluate(agent)
    return log


def test_a_run_is_written_as_the_program_writes_its_own(tmp_path):
    log = played(tmp_path, seed=3)
    path = log.finish(updates=7)
    assert path == tmp_path / "four_seasons-random_walk-seed3"
    summary = json.loads((path / "summary.json").read_text())
    assert summary["method"] == "random_walk" and summary["decisions"] == 1_600 and summary["updates"] == 7
    assert summary["seasons"] == ["spring", "summer", "autumn", "winter"] and len(summary["score_matrix"]) == 4
    assert summary["return_matrix"][1][2] == log.cards[2].returns[2]
    assert summary["forgetting"] == pytest.approx(perennial_rl.measures(log.cards)["forgetting"])
    records = [json.loads(line) for line in (path / "metrics.jsonl").read_text().splitlines()]
    assert len(records) == 4 * 4 * 2 and {record["kind"] for record in records} == {"episode"}
    assert records[-1]["season"] == "winter" and records[-1]["decisions"] == 1_600
    config = (path / "config.toml").read_text()
    assert "[learner.custom.random_walk]" in config and "learning_rate = 0.5" in config
    with pytest.raises(ValueError, match="already a run"):
        log.finish()


def test_runs_that_differ_in_the_seed_alone_have_one_hash(tmp_path):
    hashes = [json.loads((played(tmp_path, seed=seed).finish() / "summary.json").read_text())["settings_hash"] for seed in (1, 2)]
    assert hashes[0] == hashes[1]


def nested(depth):
    """Settings that are so many dicts in each other."""
    return {"x": nested(depth - 1)} if depth else {}


@pytest.mark.parametrize(
    ("kwargs", "error", "text"),
    [
        ({"method": "replay"}, ValueError, "choose another name"),
        ({"method": "a/b"}, ValueError, "name is that of one folder"),
        ({"run_id": "../mine"}, ValueError, "name is that of one folder"),
        ({"run_id": ".."}, ValueError, "name is that of one folder"),
        ({"seed": -1}, ValueError, "a seed must be between"),
        ({"years": 0}, ValueError, "years must be between 1 and 1000"),
        ({"num_envs": 4097}, ValueError, "num_envs must be between 1 and 4096"),
        ({"num_envs": 0}, ValueError, "num_envs must be between 1 and 4096"),
        ({"episodes": -1}, ValueError, "episodes must be between 1 and 100000"),
        ({"probe_seed": 2**63}, ValueError, r"probe_seed must be between 0 and 2\*\*63 - 1"),
        ({"method": ""}, ValueError, "method must have characters"),
        ({"method": 3}, TypeError, "method is a string"),
        ({"method": " mine"}, ValueError, "method must have characters .*without spaces around"),
        ({"algorithm": "\n"}, ValueError, "algorithm must have characters"),
        ({"run_id": ""}, ValueError, "run_id must have characters"),
        ({"run_id": "a\0b"}, ValueError, "run_id must have characters"),
        ({"run_id": ".hidden"}, ValueError, "cannot be the name of a run"),
        ({"run_id": "é" * 150}, ValueError, "at most 200 characters and 255 bytes, not 150 and 300"),
        ({"settings": None}, TypeError, "settings is a list of changes"),
        ({"settings": {"plants.count": 12}}, TypeError, "settings is a list of changes"),
        ({"settings": ["plants.count=12", 3]}, TypeError, r"settings\[1\] is a change"),
        ({"agent_settings": [("a", 1)]}, TypeError, "agent_settings is a dict, not list"),
        ({"agent_settings": {1: 2, "1": 3}}, TypeError, "agent_settings has the key 1: keys are strings"),
        ({"agent_settings": {"a": {None: 2}}}, TypeError, r"agent_settings\['a'\] has the key None"),
        ({"agent_settings": {"a": 2**63}}, ValueError, r"agent_settings\['a'\] must be between"),
        ({"agent_settings": {"a": [2**70]}}, ValueError, r"agent_settings\['a'\]\[0\] must be between"),
        ({"agent_settings": {"a": np.float32("nan")}}, ValueError, r"agent_settings\['a'\] must be finite, not nan"),
        ({"agent_settings": {"a": float("-inf")}}, ValueError, r"agent_settings\['a'\] must be finite, not -inf"),
        ({"agent_settings": {"a": "\ud800"}}, ValueError, r"agent_settings\['a'\] has half a character"),
        ({"agent_settings": {"\ud800": 1}}, ValueError, "agent_settings: the key .* has half a character"),
        ({"agent_settings": nested(33)}, ValueError, r"agent_settings\['x'\].* is nested more than 32 deep"),
        ({"num_envs": 1.5}, TypeError, "num_envs is a whole number"),
        ({"agent_settings": {"optimiser": {"momentum": None}}}, TypeError, r"agent_settings\['optimiser'\]\['momentum'\]"),
        ({"agent_settings": {"layers": [64, object()]}}, TypeError, r"agent_settings\['layers'\]\[1\]"),
    ],
    ids=ascii,
)
def test_what_could_not_be_written_is_told_before_the_training(kwargs, error, text, tmp_path):
    with pytest.raises(error, match=text):
        perennial_rl.RunLog(tmp_path, **({"method": "mine"} | kwargs))
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_told_before_the_training(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        perennial_rl.RunLog(tmp_path / "file" / "runs", method="mine")
    (tmp_path / "four_seasons-mine-seed0").mkdir()
    with pytest.raises(ValueError, match="already a run .*replace=True"):
        perennial_rl.RunLog(tmp_path, method="mine")
    perennial_rl.RunLog(tmp_path, method="mine", replace=True)
    assert sorted(os.listdir(tmp_path)) == ["file", "four_seasons-mine-seed0"] and not os.listdir(tmp_path / "four_seasons-mine-seed0")


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="this system has no folder that nobody can write")
def test_a_folder_that_is_there_and_cannot_be_written_is_told_with_the_reason(tmp_path):
    with pytest.raises(OSError, match=r"\[Errno \d+\] .*/proc/"):
        perennial_rl.RunLog("/proc", method="mine")
    log = played(tmp_path)
    with pytest.raises(OSError, match=r"\[Errno \d+\] .*/proc/"):
        log.finish(results_dir="/proc")
    assert log.finish().is_dir()


@pytest.mark.parametrize(("results_dir", "error"), [(3, TypeError), (None, TypeError), ("a\0b", ValueError), ("caf\udce9", ValueError)], ids=ascii)
def test_a_path_that_cannot_be_told_is_told_before_the_training(results_dir, error, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match="results_dir"):
        perennial_rl.RunLog(results_dir, method="mine")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("replace", [False, True])
def test_what_is_no_run_is_never_replaced(tmp_path, replace):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("keep me")
    (tmp_path / "file").write_text("keep me")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name, error, text in (
        ("other", ValueError, "other is not a run's folder, and not empty.* give another run_id"),
        ("file", NotADirectoryError, "not a run's folder, but a file: give another run_id"),
        ("link", FileNotFoundError, "a link to a folder that is not there: give another run_id"),
    ):
        with pytest.raises(error, match=text):
            perennial_rl.RunLog(tmp_path, method="mine", run_id=name, replace=replace)
    assert sorted(os.listdir(tmp_path)) == ["file", "link", "other"] and os.listdir(tmp_path / "other") == ["letter.txt"]


def test_settings_of_an_agent_are_written_as_they_are(tmp_path):
    deep = nested(31)
    settings = {"least": -(2**63), "most": 2**63 - 1, "tiny": 5e-324, "": "", "text": "é\0\n\U0001f331", "deep": deep, "mixed": [1, "a", [True]]}
    path = played(tmp_path, agent_settings=settings).finish()
    tomllib = pytest.importorskip("tomllib")
    config = tomllib.loads((path / "config.toml").read_text())
    assert config["learner"]["custom"]["random_walk"] == settings


def test_a_change_may_be_given_by_itself(tmp_path):
    log = perennial_rl.RunLog(tmp_path, **(SMALL | {"settings": "episode.decisions=50"}))
    assert log.settings == ("episode.decisions=50",)
    assert next(log.tasks()).settings == ("episode.decisions=50",)


def test_the_second_of_two_runs_of_one_name_can_have_another(tmp_path):
    first, second = played(tmp_path), played(tmp_path)
    path = first.finish()
    before = {file.name: file.read_bytes() for file in path.iterdir() if file.is_file()}
    with pytest.raises(ValueError, match=r"already a run .*finish\(\) again with another run_id"):
        second.finish()
    for wrong in ("", "a/b", ".."):
        with pytest.raises(ValueError, match="run"):
            second.finish(run_id=wrong)
    assert second.finish(run_id="second", updates=3) == tmp_path / "second"
    assert json.loads((tmp_path / "second" / "summary.json").read_text())["run_id"] == "second"
    assert second.finish(results_dir=tmp_path / "elsewhere") == tmp_path / "elsewhere" / path.name
    assert before == {file.name: file.read_bytes() for file in path.iterdir() if file.is_file()}


@pytest.mark.parametrize(("updates", "error"), [(-1, ValueError), (2**63, ValueError), (1.7, TypeError), (True, TypeError), ("7", TypeError)])
def test_a_wrong_number_of_updates_is_told_and_loses_nothing(tmp_path, updates, error):
    log = played(tmp_path)
    with pytest.raises(error, match="updates"):
        log.finish(updates=updates)
    assert not list(tmp_path.iterdir())
    log.finish(updates=np.int64(7))


def test_evaluations_that_would_not_fit_are_told_at_the_call(tmp_path):
    log = perennial_rl.RunLog(tmp_path, **SMALL)

    def agent(observations):
        return np.zeros(len(observations), int)

    for fixed in ({"seasons": ["spring"]}, {"episodes": 2}, {"gardens": 2}, {"seed": 1}, {"settings": []}, {"scenario": "four_seasons"}):
        with pytest.raises(TypeError, match=f"leave {next(iter(fixed))} out"):
            log.evaluate(agent, **fixed)
    with pytest.raises(ValueError, match="observation must be one of"):
        log.evaluate(agent, observation="boxes")
    log.evaluate(agent, observation="bytes")
    with pytest.raises(RuntimeError, match="one evaluation before learning and one after each season"):
        log.evaluate(agent)
    tasks = log.tasks()
    next(tasks)
    log.evaluate(agent)
    with pytest.raises(RuntimeError, match="after 1 begun seasons there are 2"):
        log.evaluate(agent)
    assert len(log.cards) == 2


def test_steps_that_would_not_fit_are_told_and_not_taken_down(tmp_path):
    log = perennial_rl.RunLog(tmp_path, **(SMALL | {"num_envs": 2}))
    infos = {name: np.zeros(2) for name in ("decisions", "episode_return", "bumps", "thirst_relieved", "sprays_thirsty", "sprays_needless")}
    whole = infos | {"sprays_ground": np.zeros(2)}
    tasks = log.tasks()
    next(tasks)
    for ends, told, error, text in (
        ([True, False, False], whole, ValueError, r"terminated must have the shape \(2,\), a value for each of the 2 gardens .*not \(3,\)"),
        (True, whole, ValueError, "terminated must have the shape"),
        (["yes", "no"], whole, TypeError, "terminated holds True or False"),
        ([2, 0], whole, TypeError, "terminated holds True or False"),
        ([True, False], [{}, {}], TypeError, "infos is the dict"),
        ([True, False], infos, ValueError, "infos lacks sprays_ground: record"),
        ([True, False], {"final_info": {}}, ValueError, r"infos\['final_info'\] lacks decisions, bumps"),
        ([True, False], whole | {"bumps": [1]}, ValueError, "bumps must have a number for each of 2 gardens"),
        ([True, False], whole | {"bumps": np.array([-1, 0])}, ValueError, "bumps has a value that no episode ends with"),
        ([True, False], whole | {"episode_return": np.array([np.nan, 0])}, ValueError, "episode_return has a value"),
    ):
        with pytest.raises(error, match=text):
            log.record(ends, [False, False], told)
    with pytest.raises(ValueError, match="truncated must have the shape"):
        log.record([False, False], [False], whole)
    assert log.decisions == 0 and not log._episodes
    log.record([True, False], np.array([0.0, 1.0]), whole | {"bumps": [1, 2]})
    assert log.decisions == 2 and [(episode["terminated"], episode["bumps"]) for episode in log._episodes] == [(True, 1), (False, 2)]


def test_a_run_without_a_recorded_step_is_told(tmp_path):
    log = perennial_rl.RunLog(tmp_path, **SMALL)

    def agent(observations):
        return np.zeros(len(observations), int)

    log.evaluate(agent)
    for _ in log.tasks():
        log.evaluate(agent)
    with pytest.raises(RuntimeError, match="no step was recorded"):
        log.finish()
    assert not list(tmp_path.iterdir())


def test_an_unfinished_run_is_told(tmp_path):
    log = perennial_rl.RunLog(tmp_path, method="mine", episodes=1, gardens=1)
    with pytest.raises(RuntimeError, match="5, not 0"):
        log.finish()
    with pytest.raises(RuntimeError, match="within a task"):
        log.record(np.array([True]), np.array([False]), {})
    assert not list(tmp_path.iterdir())
