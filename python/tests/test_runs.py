"""Runs of agents from Python, as the program reads its own: writing one reads it back as a report does."""

import json

import numpy as np
import perennial_rl
import pytest


def played(folder, **kwargs):
    log = perennial_rl.RunLog(
        folder,
        method="random_walk",
        num_envs=4,
        decisions_per_season=400,
        settings=["episode.decisions=50"],
        agent_settings={"learning_rate": np.float32(0.5), "layers": [64, 64], "name": "none"},
        episodes=2,
        gardens=2,
        **kwargs,
    )
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


@pytest.mark.parametrize(
    ("kwargs", "error", "text"),
    [
        ({"method": "replay"}, ValueError, "choose another name"),
        ({"method": "a/b"}, ValueError, "name is that of one folder"),
        ({"run_id": "../mine"}, ValueError, "name is that of one folder"),
        ({"run_id": ".."}, ValueError, "name is that of one folder"),
        ({"seed": -1}, ValueError, "a seed must be between"),
        ({"years": 0}, ValueError, "years"),
        ({"num_envs": 1.5}, TypeError, "num_envs is a whole number"),
        ({"agent_settings": {"optimiser": {"momentum": None}}}, TypeError, r"agent_settings\['optimiser'\]\['momentum'\]"),
        ({"agent_settings": {"layers": [64, object()]}}, TypeError, r"agent_settings\['layers'\]\[1\]"),
    ],
    ids=str,
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


def test_an_unfinished_run_is_told(tmp_path):
    log = perennial_rl.RunLog(tmp_path, method="mine", episodes=1, gardens=1)
    with pytest.raises(RuntimeError, match="5, not 0"):
        log.finish()
    with pytest.raises(RuntimeError, match="within a task"):
        log.record(np.array([True]), np.array([False]), {})
    assert not list(tmp_path.iterdir())
