"""One garden as a Gymnasium environment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium.error import ResetNeeded

from perennial_rl import settings as shared
from perennial_rl._native import GardenBatch, Scenario
from perennial_rl.ownership import OwnsGardens
from perennial_rl.rendering import Window, draw
from perennial_rl.settings import Settings, changes, drawn_seed, known_options, one_of, saved_state


class Env(OwnsGardens, gymnasium.Env):
    """A garden in which a robot waters thirsty plants. What shows thirst changes with the season.

    Args:
        scenario: name of a shipped scenario (``shipped_scenarios()``), or the path of a file.
        season: name or number of the season that all episodes are in; ``None`` goes through the year.
        schedule: ``"year"`` (the default without a season), ``"abrupt"`` or ``"gradual"``: the year with the scenario's transitions, or
            with these. Vector environments also take ``"all_at_once"``: garden ``i`` stays in season ``i`` modulo their number.
        years, decisions_per_season: length of the year, in decisions of all gardens. After the last season, it stays.
        settings: changes to the scenario, as ``["plants.count=12", "seasons.winter.dynamics.traction=0.3"]``.
        observation: ``"box"``: all numbers in their units, float32; ``"bytes"``: the same as the sensors' bytes, uint8; ``"dict"``:
            ``eye``, an image ``[rows, columns, 4]`` of red, green, blue and nearness (uint8), and ``proprioception``, the mean colours
            of ground and sky in [-1, 1] and five gauges (tank, speed in m/s, yaw rate in rad/s, bump, pump; float32).
        continuous: actions are ``[drive, turn, pump]`` in [-1, 1]: the fastest forwards is 1, to the left is positive, the pump runs above
            0. Otherwise one of five: forward, turn left, turn right, back, water.
        seed: seed of the first episode, if ``reset`` gives none; drawn by default.
        render_mode: ``"rgb_array"``: ``render()`` returns a picture; ``"human"``: a window shows each step in real time (needs pygame);
            or ``None``.

    An action lasts 0.2 s. The reward is the thirst (0 to 1) that a spray relieves; -0.5 for watering a plant that is not thirsty, -0.1 for
    the ground, -0.05 for a bump, -0.01 for each decision (a scenario may say otherwise). Episodes are truncated after 300 decisions, and
    where a season ends abruptly.

    ``reset(seed=..)`` begins episode 0 of that seed at the start of the year. ``reset()`` begins the next episode, and the year goes on.

    ``info`` holds, of the episode so far: ``season`` (its number; names are in ``seasons``), ``decisions``, ``sprays_thirsty``,
    ``sprays_needless``, ``sprays_ground``, ``bumps``, ``episode_return``, ``thirst_relieved`` (sum of 0..1), ``litres``, and
    ``evaluation_only_thirst``, the true mean thirst of the plants (0..1), which no agent may learn from.
    """

    metadata = {"render_modes": ["human", "rgb_array"], "render_fps": 5}

    def __init__(
        self,
        scenario: str = "four_seasons",
        *,
        season: str | int | None = None,
        schedule: str | None = None,
        years: int = 1,
        decisions_per_season: int = 60_000,
        settings: Sequence[str] = (),
        observation: str = "box",
        continuous: bool = False,
        seed: int | None = None,
        render_mode: str | None = None,
    ) -> None:
        if schedule == "all_at_once":
            raise ValueError("schedule='all_at_once' needs several gardens: use make_vec")
        if render_mode is not None:
            one_of("render_mode", render_mode, self.metadata["render_modes"])
        self._settings = Settings(
            str(scenario), season, schedule, years, decisions_per_season, changes(settings), observation, continuous
        )
        self._scenario: Scenario = self._settings.load()
        self.seasons: list[str] = self._scenario.seasons
        self.render_mode = render_mode
        self.observation_space = shared.observation_space(self._scenario, observation)
        self.action_space = shared.action_space(continuous)
        first_seed = drawn_seed() if seed is None else seed
        self._batch: GardenBatch | None = self._settings.batch(self._scenario, [first_seed], "Disabled", pictures=render_mode is not None)
        self._is_new, self._needs_reset = True, True

    @property
    def scenario(self) -> Scenario:
        """The scenario."""
        return self._scenario

    @property
    def state_hash(self) -> int:
        """Hash of the complete state of the garden: equal to that of the same garden in Rust."""
        return self._gardens().state_hash

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Begins episode 0 of a seed at the start of the year, or the next episode."""
        batch = self._gardens()
        known_options(options)
        # First of all: a seed that is refused changes nothing.
        seed = None if seed is None else shared.seed_number(seed)
        super().reset(seed=seed)
        if seed is not None:
            batch.reset([seed])
        elif not self._is_new:
            batch.reset_some([True], [None])
        self._is_new, self._needs_reset = False, False
        if self.render_mode == "human":
            self._show(batch)
        return self._observation(batch), batch.info(0)

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Takes an action for 0.2 s."""
        batch = self._gardens()
        if self._needs_reset:
            raise ResetNeeded("the episode has not begun, or has ended: call reset() first")
        action = np.asarray(action)
        if action.shape != self.action_space.shape:
            raise ValueError(f"an action must have the shape {self.action_space.shape}, not {action.shape}")
        actions = shared.as_actions(action[None], self._settings.continuous, 1)
        rewards, terminated, truncated, ended = shared.step(batch, actions)
        self._needs_reset = ended
        if self.render_mode == "human":
            self._show(batch)
        observation, info = self._observation(batch), batch.info(0)
        return observation, float(rewards[0]), bool(terminated[0]), bool(truncated[0]), info

    def render(self) -> np.ndarray | None:
        """The garden from above and what the robot sees, ``[height, width, 3]`` (uint8), if ``render_mode`` is ``"rgb_array"``. A window is
        drawn by ``reset`` and ``step``."""
        batch = self._gardens()
        if self.render_mode == "human":
            return None
        if self.render_mode is None:
            gymnasium.logger.warn("render() does nothing without a render_mode: make the environment with render_mode='rgb_array'")
            return None
        return draw(batch, self._scenario, 0)

    def get_state(self) -> bytes:
        """The whole state, to be given to ``set_state`` of an environment with the same settings."""
        return self._gardens().get_state("Env", bytes([self._is_new, self._needs_reset]))

    def set_state(self, state: bytes) -> None:
        """Goes back to a state, bit for bit. An error changes nothing."""
        is_new, needs_reset = self._gardens().set_state(saved_state(state), "Env")
        self._is_new, self._needs_reset = bool(is_new), bool(needs_reset)

    def close(self) -> None:
        """Gives up the garden, and closes its window if there is one. There is nothing else to close: no thread, no file."""
        self._batch = None
        if self._window is not None:
            self._window.close()
            self._window = None

    def _show(self, batch: GardenBatch) -> None:
        if self._window is None:
            self._window = Window(f"perennial: {self._scenario.name}", self.metadata["render_fps"])
        self._window.show(draw(batch, self._scenario, 0))

    def _empty_batch(self) -> GardenBatch:
        return self._settings.batch(self._scenario, [0], "Disabled", pictures=self.render_mode is not None)

    def _observation(self, batch: GardenBatch) -> Any:
        rows = shared.observe(batch, self._scenario, self._settings.observation)
        if isinstance(rows, dict):
            return {key: value[0].copy() for key, value in rows.items()}
        return rows[0].copy()
