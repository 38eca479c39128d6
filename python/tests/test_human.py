"""The window of render_mode="human", on a display that nobody sees. Skipped where pygame is not installed."""

import pickle
import sys

import perennial_rl
import pytest
from gymnasium.error import DependencyNotInstalled


@pytest.fixture
def pygame():
    return pytest.importorskip("pygame", reason="pygame is not installed")


def test_a_window_shows_every_step_and_closes(pygame, monkeypatch):
    monkeypatch.setitem(perennial_rl.Env.metadata, "render_fps", 1_000)
    env = perennial_rl.Env(season="spring", render_mode="human")
    pictured = perennial_rl.Env(season="spring", render_mode="rgb_array")
    for action in (None, 0, 4):
        if action is None:
            env.reset(seed=2)
            pictured.reset(seed=2)
        else:
            env.step(action)
            pictured.step(action)
        shown = pygame.surfarray.array3d(pygame.display.get_surface()).transpose(1, 0, 2)
        assert (shown[::2, ::2] == pictured.render()).all(), f"after {action}"
        assert env.render() is None
    env.close()
    assert not pygame.display.get_init()
    env.close()


def test_a_copy_has_a_window_of_its_own(pygame, monkeypatch):
    monkeypatch.setitem(perennial_rl.Env.metadata, "render_fps", 1_000)
    env = perennial_rl.Env(season="spring", render_mode="human")
    env.reset(seed=2)
    other = pickle.loads(pickle.dumps(env))
    assert other.state_hash == env.state_hash
    env.close()
    other.step(0)
    assert pygame.display.get_init()
    other.close()


def test_a_window_needs_a_display(pygame, monkeypatch):
    def refuse(*_):
        raise pygame.error("No available video device")

    monkeypatch.setattr(pygame.display, "set_mode", refuse)
    env = perennial_rl.Env(season="spring", render_mode="human")
    with pytest.raises(RuntimeError, match="rgb_array"):
        env.reset(seed=2)


def test_without_pygame_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pygame", None)
    env = perennial_rl.Env(season="spring", render_mode="human")
    with pytest.raises(DependencyNotInstalled, match=r"perennial-rl\[human\]"):
        env.reset(seed=2)


def test_vectors_are_not_shown_in_windows():
    with pytest.raises(ValueError, match="rgb_array"):
        perennial_rl.VectorEnv(2, render_mode="human")
