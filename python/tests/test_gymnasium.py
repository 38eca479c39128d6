"""Single environments: Gymnasium's contract, and what observations, actions and infos mean."""

import gymnasium
import numpy as np
import perennial_rl
import pytest
from gymnasium.utils.env_checker import check_env
from perennial_rl import environment_id, shipped_scenarios


@pytest.mark.parametrize("scenario", shipped_scenarios())
def test_every_shipped_scenario_passes_gymnasiums_checker(scenario, drawable):
    # Warnings are errors in these tests.
    check_env(gymnasium.make(environment_id(scenario)).unwrapped)


@pytest.mark.parametrize(
    "kwargs",
    [
        {"season": "winter"},
        {"season": 2, "observation": "dict"},
        {"schedule": "gradual", "observation": "bytes"},
        {"continuous": True},
        {"settings": ["plants.count=4", "eye.rows=6"], "observation": "dict", "continuous": True},
    ],
    ids=str,
)
def test_every_kind_of_environment_passes_gymnasiums_checker(kwargs, drawable):
    check_env(gymnasium.make("perennial/FourSeasons-v0", **kwargs).unwrapped)


def test_ids_are_registered_by_the_import():
    assert environment_id("four_seasons") == "perennial/FourSeasons-v0"
    assert {environment_id(name) for name in shipped_scenarios()} <= set(gymnasium.registry)
    perennial_rl.register_all()


def test_all_kinds_of_observation_say_the_same():
    envs = {kind: gymnasium.make("perennial/FourSeasons-v0", season=0, observation=kind) for kind in ("box", "bytes", "dict")}
    scenario = envs["box"].unwrapped.scenario
    low, high = scenario.bounds
    seen = {kind: env.reset(seed=4)[0] for kind, env in envs.items()}
    for action in [0, 1, 0, 4, 2, 0] * 10:
        decoded = low + (high - low) * (seen["bytes"].astype(np.float64) / 255)
        assert np.allclose(decoded, seen["box"], atol=1e-6)
        eye = 4 * scenario.pixels
        assert (seen["dict"]["eye"].ravel() == seen["bytes"][:eye]).all()
        assert (seen["dict"]["proprioception"] == seen["box"][eye:]).all()
        seen = {kind: env.step(action)[0] for kind, env in envs.items()}
    assert scenario.channels[0] == "eye.00.red" and scenario.channels[-1] == "pump_on" and len(low) == 107


def test_commands_at_the_corners_are_the_discrete_actions():
    corners = [[1, 0, -1], [0, 1, -1], [0, -1, -1], [-1, 0, -1], [0, 0, 1]]
    discrete = perennial_rl.Env(season="winter")
    continuous = perennial_rl.Env(season="winter", continuous=True)
    discrete.reset(seed=8), continuous.reset(seed=8)
    rng = np.random.default_rng(0)
    for action in rng.integers(5, size=300):
        one, other = discrete.step(action), continuous.step(np.array(corners[action], np.float32))
        assert (one[0] == other[0]).all() and one[1:4] == other[1:4]
        assert discrete.state_hash == continuous.state_hash


def test_a_command_can_water_while_it_drives():
    env = perennial_rl.Env(season="spring", continuous=True)
    env.reset(seed=1)
    observation, *_, info = env.step(np.array([0.5, 0.2, 1.0], np.float32))
    named = dict(zip(env.scenario.channels, observation, strict=True))
    assert named["pump_on"] == 1 and named["speed_m_per_s"] > 0.05 and named["yaw_rate_rad_per_s"] > 0.01
    assert info["litres"] == 0.5


def test_infos_are_sums_over_the_episode():
    env = perennial_rl.Env(season="summer")
    _, info = env.reset(seed=3)
    assert info["decisions"] == 0 and info["season"] == 1 and env.seasons[1] == "summer"
    total, ended = 0.0, False
    while not ended:
        observation, reward, terminated, truncated, info = env.step(env.action_space.sample())
        total += reward
        ended = terminated or truncated
        assert 0 <= info["evaluation_only_thirst"] <= 1
    assert truncated and info["decisions"] == 300
    assert info["episode_return"] == pytest.approx(total, abs=1e-4)
    sprays = info["sprays_thirsty"] + info["sprays_needless"] + info["sprays_ground"]
    assert info["litres"] == 0.5 * sprays and sprays > 10


def test_the_year_goes_on_from_episode_to_episode():
    env = perennial_rl.Env(decisions_per_season=50)
    seasons = []
    env.reset(seed=0)
    for _ in range(230):
        *_, terminated, truncated, info = env.step(0)
        seasons.append(info["season"])
        if terminated or truncated:
            assert not terminated
            env.reset()
    assert [seasons.count(season) for season in range(4)] == [50, 50, 50, 80]
    assert env.reset(seed=0)[1]["season"] == 0, "a seed begins the year anew"


def test_settings_and_transitions_change_the_scenario():
    env = perennial_rl.Env(settings=["plants.count=3"], schedule="gradual")
    assert "count = 3" in env.scenario.to_toml() and 'transition = "gradual"' in env.scenario.to_toml()


def test_a_picture_shows_the_garden_and_what_the_robot_sees():
    env = gymnasium.make("perennial/WaterTank-v0", season="autumn", render_mode="rgb_array")
    env.reset(seed=2)
    frame = env.render()
    assert frame.shape == (288, 256, 3) and frame.dtype == np.uint8
    colours = {tuple(colour) for colour in frame.reshape(-1, 3)}
    assert len(colours) > 12, "plants, ground, robot, butt"
    env.step(4)
    assert (env.render() != frame).any(), "the pump runs"
