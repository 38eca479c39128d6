"""Minari datasets of agents and recordings. Skipped where Minari is not installed."""

import os
import subprocess
from pathlib import Path

import numpy as np
import perennial_rl
import pytest

minari = pytest.importorskip("minari", reason="Minari is not installed")
pytest.importorskip("h5py", reason="h5py is not installed, which Minari keeps its datasets with")

import perennial_rl.datasets  # noqa: E402

SHORT = {"settings": ["episode.decisions=40"], "episodes": 3, "gardens": 2}


@pytest.fixture(autouse=True)
def datasets_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path / "datasets"))


def test_a_dataset_holds_what_the_environment_said():
    policy = perennial_rl.Policy("year", perennial_rl.Scenario("four_seasons"))
    written = perennial_rl.datasets.record(policy, "perennial/year-v0", seasons=["spring", "autumn"], seed=4, **SHORT)
    dataset = minari.load_dataset("perennial/year-v0")
    assert dataset.total_episodes == written.total_episodes == 6 and dataset.total_steps == 240
    episodes = list(dataset.iterate_episodes())
    assert [set(episode.infos["season"].tolist()) for episode in episodes] == [{0}] * 3 + [{2}] * 3
    assert "evaluation_only_thirst" not in episodes[0].infos
    metadata = list(dataset.storage.get_episode_metadata(range(3)))
    assert [one["seed"] for one in metadata] == [4, 4, 4]
    assert [(int(one["options"]["garden"]), int(one["options"]["episode"])) for one in metadata] == [(0, 0), (1, 0), (0, 1)]

    # The first garden numbered under a seed is that of the seed itself.
    env = perennial_rl.Env(season="spring", settings=SHORT["settings"])
    observation, info = env.reset(seed=4)
    first = episodes[0]
    for step in range(40):
        assert (first.observations[step] == observation).all()
        observation, reward, terminated, truncated, info = env.step(int(first.actions[step]))
        assert (first.rewards[step], first.terminations[step], first.truncations[step]) == (reward, terminated, truncated)
        assert first.infos["episode_return"][step + 1] == info["episode_return"]
    assert truncated and (first.observations[40] == observation).all()


def test_the_environment_of_a_dataset_can_be_made_again():
    dataset = perennial_rl.datasets.record("random", "perennial/random-v0", seasons=["winter"], observation="bytes", **SHORT)
    env = dataset.recover_environment()
    observation, info = env.reset(seed=0)
    assert observation.dtype == np.uint8 and info["season"] == 3
    assert dataset.observation_space == env.observation_space and dataset.action_space == env.action_space


def test_the_gardener_of_a_dataset_is_the_one_with_the_score_of_1():
    dataset = perennial_rl.datasets.record("gardener", "perennial/gardener-v0", seasons=["spring"], episodes=32, seed=7_000_000)
    returns = np.array([episode.rewards.sum() for episode in dataset.iterate_episodes()])
    assert minari.get_normalized_score(dataset, returns).mean() == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("observation", ["dict", "box"])
def test_agents_of_any_kind_are_recorded(observation):
    def agent(observations):
        rows = len(observations["eye"]) if observation == "dict" else len(observations)
        return np.tile(np.float32([1, 0, -1]), (rows, 1))

    name = f"perennial/{observation}-v0"
    perennial_rl.datasets.record(agent, name, seasons=[0], observation=observation, continuous=True, **SHORT)
    (episode, *_) = minari.load_dataset(name).iterate_episodes()
    assert episode.actions.shape == (40, 3)
    if observation == "dict":
        assert episode.observations["eye"].shape == (41, 1, 24, 4) and episode.observations["eye"].std() > 0


@pytest.mark.parametrize("season", [["--season", "summer"], []])
def test_a_recording_becomes_a_dataset(tmp_path, program, season):
    arguments = ["rollout", "--driver", "gardener", *season, "--seed", "8", "--episodes", "2", "--record", "one.rec"]
    printed = subprocess.run([program, *arguments], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    dataset = perennial_rl.datasets.from_recording(tmp_path / "one.rec", "perennial/recorded-v0")
    episodes = list(dataset.iterate_episodes())
    assert len(episodes) == (2 if season else 8)
    for episode in episodes:
        assert f"{episode.rewards.sum():.2f}" in printed
    assert [int(episode.infos["season"][0]) for episode in episodes] == ([1, 1] if season else [0, 0, 1, 1, 2, 2, 3, 3])


def test_what_cannot_be_recorded_is_told():
    for arguments, says in [
        ({"agent": "gardner"}, "gardener, planner"),
        ({"agent": "random", "continuous": True}, "discrete"),
        ({"agent": "random", "seasons": ["sprng"]}, "no season"),
        ({"agent": "random", "seasons": []}, "seasons is empty"),
        ({"agent": "random", "episodes": 0}, "episodes must be between 1 and"),
        ({"agent": "random", "gardens": 0}, "gardens must be between 1 and"),
        ({"agent": "random", "seed": -1}, "a seed must be between"),
        ({"agent": "random", "seed": 2**63}, "a seed must be between"),
        ({"agent": "random", "observation": "boxes"}, "box, bytes, dict"),
    ]:
        with pytest.raises(ValueError, match=says):
            perennial_rl.datasets.record(dataset_id="perennial/never-v0", **arguments)
    for arguments, says in [
        ({"agent": 3}, "predict"),
        ({"agent": "random", "episodes": 1.5}, "episodes is a whole number"),
        ({"agent": "random", "continuous": "no"}, "continuous is True or False"),
        ({"agent": "random", "settings": None}, "settings is a list of changes"),
        ({"agent": "random", "autor": "me"}, "no argument 'autor': .*author"),
        ({"agent": "random", "buffer": []}, "no argument 'buffer'"),
    ]:
        with pytest.raises(TypeError, match=says):
            perennial_rl.datasets.record(dataset_id="perennial/never-v0", **arguments)
    assert not minari.list_local_datasets() and not left_behind()


def left_behind():
    """Returns everything in the folder of datasets."""
    root = Path(os.environ["MINARI_DATASETS_PATH"])
    return list(root.iterdir()) if root.is_dir() else []


def never(observations):
    raise AssertionError("nothing is played before everything is checked")


@pytest.mark.parametrize("dataset_id", ["", "perennial/year", "perennial/../year-v0", "year v0", "/year-v0", "year-v1.5", "a/b/", "é\n-v0"])
def test_a_malformed_name_is_told_before_anything_is_played(dataset_id):
    for call in (
        lambda: perennial_rl.datasets.record(never, dataset_id, **SHORT),
        lambda: perennial_rl.datasets.from_recording("not there", dataset_id),
    ):
        with pytest.raises(ValueError, match="dataset_id must be"):
            call()
    assert not left_behind()


def test_a_name_that_is_taken_is_told_before_anything_is_played(tmp_path):
    perennial_rl.datasets.record("random", "perennial/year-v0", seasons="winter", **(SHORT | {"settings": SHORT["settings"][0]}))
    before = left_behind()
    for call in (
        lambda: perennial_rl.datasets.record(never, "perennial/year-v0", **SHORT),
        lambda: perennial_rl.datasets.from_recording("not there", "perennial/year-v0"),
    ):
        with pytest.raises(ValueError, match="already a dataset 'perennial/year-v0'"):
            call()
    with pytest.raises(TypeError, match="dataset_id is a string"):
        perennial_rl.datasets.record(never, 3, **SHORT)
    assert left_behind() == before
    assert minari.load_dataset("perennial/year-v0").total_episodes == SHORT["episodes"]


def test_what_minari_refuses_leaves_nothing_in_the_way():
    with pytest.raises(ValueError, match="floppy"):
        perennial_rl.datasets.record("random", "year-v0", seasons=0, data_format="floppy", **SHORT)
    assert not left_behind()
    perennial_rl.datasets.record("random", "year-v0", seasons=0, **SHORT)


def test_a_folder_that_cannot_be_written_is_told_before_anything_is_played(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path / "file"))
    with pytest.raises(OSError, match="file"):
        perennial_rl.datasets.record(never, "year-v0", **SHORT)
