"""Actions of the program's drivers and of its recordings: taken again, they lead to the same gardens."""

import subprocess

import numpy as np
import pytest
from perennial_rl import Policy, Recording, Scenario, _native
from perennial_rl.learning import mean

SEED = 5


@pytest.mark.parametrize("driver", ["gardener", "random", "year"])
def test_actions_of_a_driver_have_the_returns_of_the_driver(driver):
    scenario = Scenario("four_seasons", ["episode.decisions=60"])
    who = Policy("year", scenario) if driver == "year" else driver
    actions = _native.driven(scenario, 1, who, gardens=3, ticks=120, seed=SEED)
    assert actions.shape == (120, 3) and actions.dtype == np.uint8
    batch = _native.GardenBatch(scenario, [SEED] * 3, season=1, autoreset="SameStep", own_seeds=False)
    returns = []
    for row in actions:
        _, terminated, truncated, ended = batch.step(row.astype(np.int64))
        if ended:
            returns.extend(batch.final_infos()["episode_return"][terminated | truncated].tolist())
    assert returns == _native.probe(scenario, 1, who, gardens=3, episodes=6, seed=SEED)
    assert mean(returns) != 0


def test_what_cannot_be_driven_is_told():
    scenario = Scenario("four_seasons")
    for arguments, says in [
        ((scenario, 9, "random"), "no season 9"),
        ((scenario, 0, "gardner"), "there are"),
    ]:
        with pytest.raises(ValueError, match=says):
            _native.driven(*arguments, gardens=1, ticks=1, seed=0)
    with pytest.raises(ValueError, match="ticks must be between"):
        _native.driven(scenario, 0, "random", gardens=1, ticks=0, seed=0)


def test_a_recording_is_read_as_it_was_written(tmp_path, program):
    arguments = ["rollout", "--driver", "gardener", "--season", "summer", "--seed", "8", "--record", "summer.rec"]
    subprocess.run([program, *arguments], cwd=tmp_path, check=True, capture_output=True)
    recording = Recording(tmp_path / "summer.rec")
    assert (recording.driver, recording.season, recording.seed, recording.episodes) == ("gardener", 1, 8, 1)
    assert recording.actions.shape == (300, 1) and len(recording.state_hashes) == 300
    batch = _native.GardenBatch(recording.scenario, [8], season=1, autoreset="SameStep", own_seeds=False)
    for row, expected in zip(recording.actions, recording.state_hashes, strict=True):
        batch.step(row.astype(np.int64))
        assert batch.state_hash == expected


def test_what_is_no_recording_is_told(tmp_path):
    (tmp_path / "no.rec").write_text("no recording\n")
    for name in ("no.rec", "none.rec"):
        with pytest.raises(ValueError, match="cannot be played as a recording"):
            Recording(tmp_path / name)
