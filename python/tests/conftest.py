"""Functions that several tests need."""

import importlib.util
import os
import shutil

import numpy as np
import perennial_rl
import pytest

# Windows of tests are seen by nobody. Drivers of a display also bring libraries that PyTorch's do not bear beside them.
os.environ["SDL_VIDEODRIVER"] = "dummy"

WHEEL = [0, 0, 1, 0, 4, 0, 2, 0, 0, 3, 0, 1, 1, 0, 4, 4]


def actions(tick: int, gardens: int) -> np.ndarray:
    """Actions that look like driving about: those of tests/it/gardens.rs."""
    return np.array([WHEEL[(tick * 7 + garden * 5 + tick // 11) % 16] for garden in range(gardens)])


def equal(one, other) -> bool:
    """Returns true if two results of an environment are the same, bit for bit and type for type."""
    if isinstance(one, dict):
        return isinstance(other, dict) and one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, (tuple, list)):
        return len(one) == len(other) and all(equal(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, np.ndarray):
        if one.dtype != other.dtype or one.shape != other.shape:
            return False
        if one.dtype == object:
            return all(equal(a, b) for a, b in zip(one, other, strict=True))
        return bool((one == other).all())
    return type(one) is type(other) and one == other


@pytest.fixture
def short():
    """Settings of gardens whose episodes are short, and of different lengths where plants die."""
    return {
        "season": "summer",
        "settings": [
            "episode.decisions=40",
            "episode.terminates_when_dead_fraction=0.1",
            "plants.wellbeing_loss_per_decision=0.05",
        ],
    }


@pytest.fixture
def program():
    """The program, where there is one: PERENNIAL_PROGRAM, or `perennial` on the path."""
    found = os.environ.get("PERENNIAL_PROGRAM") or shutil.which("perennial")
    if not found:
        pytest.skip("the program is not here: PERENNIAL_PROGRAM names it")
    return found


@pytest.fixture
def drawable(monkeypatch):
    """Leaves the window out of the render modes where pygame is not installed, so that checkers do not try it."""
    if importlib.util.find_spec("pygame") is None:
        monkeypatch.setitem(perennial_rl.Env.metadata, "render_modes", ["rgb_array"])
