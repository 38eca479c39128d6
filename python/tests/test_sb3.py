"""The adapter for Stable-Baselines3. Skipped where it is not installed: it brings PyTorch, of some gigabytes."""

import numpy as np
import pytest

pytest.importorskip("stable_baselines3", reason="Stable-Baselines3 is not installed (it brings PyTorch)")

import gymnasium  # noqa: E402
import perennial_rl.sb3  # noqa: E402

SHORT = {"season": "spring", "settings": ["episode.decisions=20"]}


def test_ends_are_told_as_stable_baselines_expects():
    envs = perennial_rl.sb3.make("four_seasons", n=3, **SHORT)
    single = perennial_rl.Env(**SHORT)
    envs.seed(4)
    observations = envs.reset()
    expected, _ = single.reset(seed=4)
    assert (observations[0] == expected).all()
    for step in range(45):
        observations, rewards, dones, infos = envs.step(np.array([0, 1, 4]))
        expected, reward, _, truncated, _ = single.step(0)
        assert rewards.dtype == np.float32 and rewards[0] == np.float32(reward) and dones[0] == truncated
        assert len(infos) == 3 and all(info["TimeLimit.truncated"] == bool(done) for info, done in zip(infos, dones, strict=True))
        if truncated:
            assert (infos[0]["terminal_observation"] == expected).all()
            assert infos[0]["episode"]["l"] == 20
            expected, _ = single.reset()
        else:
            assert "terminal_observation" not in infos[0]
        assert (observations[0] == expected).all(), f"step {step}"
    envs.close()


def test_what_would_ruin_a_replay_buffer_is_refused():
    with pytest.raises(ValueError, match="copy=True"):
        perennial_rl.sb3.make(copy=False, **SHORT)
    with pytest.raises(TypeError, match="SameStep"):
        perennial_rl.sb3.make(autoreset_mode="NextStep", **SHORT)
    envs = perennial_rl.sb3.make(n=2, **SHORT)
    envs.set_options({"difficulty": 3})
    with pytest.raises(ValueError, match="difficulty"):
        envs.reset()


def test_stable_baselines_checker_passes_every_id(drawable):
    from stable_baselines3.common.env_checker import check_env

    for scenario in perennial_rl.shipped_scenarios():
        check_env(gymnasium.make(perennial_rl.environment_id(scenario)), warn=True)


def test_dqn_learns_on_it():
    from stable_baselines3 import DQN

    model = DQN("MlpPolicy", perennial_rl.sb3.make("four_seasons", n=4, **SHORT), learning_starts=100)
    model.learn(400)
