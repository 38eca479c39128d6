"""The simulated queue of `deploy/schedule.py`: nothing starts before it can."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

FILE = Path(__file__).parents[2] / "deploy" / "schedule.py"


@pytest.fixture(scope="module")
def simulate():
    spec = importlib.util.spec_from_file_location("schedule", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.simulate


def test_undisturbed_runs_take_their_work_and_their_starts(simulate):
    assert simulate(10, 30.0, 5.0, 1, 0.0, 60.0, 0.0, 0) == (350.0, 350.0, 0)
    assert simulate(10, 30.0, 5.0, 4, 0.0, 60.0, 0.0, 0) == (105.0, 350.0, 0)


@pytest.mark.parametrize("seed", range(20))
def test_a_single_run_is_never_faster_than_its_work(simulate, seed):
    one = simulate(1, 600.0, 5.0, 1, 100.0, 60.0, 0.0, seed)
    many = simulate(1, 600.0, 5.0, 100, 100.0, 60.0, 0.0, seed)
    for last, paid, taken in (one, many):
        assert paid == pytest.approx(600.0 + 5.0 * (taken + 1), abs=5.0 * taken), "work, and a start for each attempt"
        assert last >= 605.0
    assert many[0] <= one[0]
    assert many[0] == pytest.approx(many[1]), "it goes on at once where a core is idle"


def test_all_cores_together_do_not_work_longer_than_there_is_time(simulate):
    for cores in (1, 3, 40):
        last, paid, _ = simulate(200, 30.0, 5.0, cores, 120.0, 60.0, 5.0, 1)
        assert paid <= last * cores


@pytest.mark.parametrize("wrong", [["--cores", "0"], ["--runs", "-1"], ["--run-seconds", "0"], ["--away", "nan"], ["--runs", "x"]])
def test_wrong_numbers_are_told(wrong):
    result = subprocess.run([sys.executable, FILE, *wrong], capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert wrong[0] in result.stderr and "Traceback" not in result.stderr
