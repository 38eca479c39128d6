"""Many gardens as one Gymnasium vector environment, simulated in one call."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any

import gymnasium
import numpy as np
from gymnasium.error import ResetNeeded
from gymnasium.vector.utils import batch_space

from perennial_rl import settings as shared
from perennial_rl._native import GardenBatch, Scenario
from perennial_rl.ownership import OwnsGardens
from perennial_rl.rendering import draw
from perennial_rl.settings import (
    Settings,
    changes,
    drawn_seed,
    flag,
    known_options,
    one_of,
    saved_state,
    seed_number,
    whole_number,
)

try:
    from gymnasium.vector import AutoresetMode
except ImportError:  # Gymnasium 1.0, which knows only the first.

    class AutoresetMode(Enum):  # type: ignore[no-redef]
        """Behaviour at the end of an episode."""

        NEXT_STEP = "NextStep"
        SAME_STEP = "SameStep"
        DISABLED = "Disabled"


MOST_GARDENS = 4_096
"""Maximum number of gardens side by side."""


class VectorEnv(OwnsGardens, gymnasium.vector.VectorEnv):
    """``num_envs`` gardens side by side. Each does what an ``Env`` with its seed does, whatever goes on beside it.

    Args:
        num_envs: number of gardens, 1 to 4,096.
        autoreset_mode: ``"NextStep"`` (Gymnasium's default: the step after an end begins the next episode, with reward 0 and whatever
            action), ``"SameStep"`` (the step of the end does, and ``infos["final_obs"]`` and ``infos["final_info"]`` hold what was
            last; what Stable-Baselines3 expects), or ``"Disabled"`` (``reset(options={"reset_mask": mask})`` does).
        copy: ``True`` returns new arrays from every call; ``False`` writes all observations into one array that is reused.
        seed: seed of the first garden, if ``reset`` gives none; the others have the next numbers. Drawn by default.
        seeding: ``"own"``: garden ``i`` has its own seed, ``seed + i``; ``"numbered"``: one seed for all, with the gardens numbered under
            it, as a training run of the program has it.

    All other arguments are those of ``Env``. ``decisions_per_season`` counts decisions of all gardens.

    ``reset(seed=..)`` takes a number or a list, and begins episode 0 at the start of the year. ``reset()`` begins the next episode in
    every garden, and the year goes on. Where only some gardens are given a seed (a list with ``None``, or a mask), their episode 0
    begins at the present time of the year.
    """

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 5}

    def __init__(
        self,
        num_envs: int = 1,
        scenario: str = "four_seasons",
        *,
        season: str | int | None = None,
        schedule: str | None = None,
        years: int = 1,
        decisions_per_season: int = 60_000,
        settings: Sequence[str] = (),
        observation: str = "box",
        continuous: bool = False,
        autoreset_mode: str | AutoresetMode = AutoresetMode.NEXT_STEP,
        copy: bool = True,
        seed: int | None = None,
        seeding: str = "own",
        render_mode: str | None = None,
    ) -> None:
        # First of all: lists as long as this are made further down.
        self.num_envs = whole_number("the number of gardens", num_envs, MOST_GARDENS)
        if render_mode is not None:
            one_of("render_mode", render_mode, self.metadata["render_modes"])
        one_of("seeding", seeding, ("own", "numbered"))
        if isinstance(autoreset_mode, str):
            one_of("autoreset_mode", autoreset_mode, [mode.value for mode in AutoresetMode])
        self.autoreset_mode = AutoresetMode(autoreset_mode)
        self._settings = Settings(
            str(scenario), season, schedule, years, decisions_per_season, changes(settings), observation, continuous
        )
        self._scenario: Scenario = self._settings.load()
        self.seasons: list[str] = self._scenario.seasons
        self.copy, self._own_seeds = flag("copy", copy), seeding == "own"
        self.render_mode = render_mode
        self.metadata = {**self.metadata, "autoreset_mode": self.autoreset_mode}
        self.single_observation_space = shared.observation_space(self._scenario, observation)
        self.single_action_space = shared.action_space(continuous)
        first_seed = drawn_seed() if seed is None else seed_number(seed)
        self._batch: GardenBatch | None = self._new_batch(self._seeds_from(first_seed))
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        # Gardens whose episode 0 nobody has seen, and whether all wait for the first reset.
        self._is_new, self._needs_reset = np.ones(self.num_envs, dtype=np.bool_), True
        self._buffer = None if self.copy else shared.observe(self._batch, self._scenario, observation)

    @property
    def scenario(self) -> Scenario:
        """The scenario."""
        return self._scenario

    @property
    def state_hash(self) -> int:
        """Hash of the complete state of all gardens: equal to that of the same gardens in Rust."""
        return self._gardens().state_hash

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begins episodes in all gardens, or in those of ``options["reset_mask"]``: see the class."""
        batch = self._gardens()
        chosen = self._mask(options)
        if isinstance(seed, (int, np.integer)):
            seeds: list[int | None] = list(self._seeds_from(seed_number(seed)))
            self._np_random, self._np_random_seed = gymnasium.utils.seeding.np_random(int(seed))
        else:
            is_list = isinstance(seed, Sequence) and not isinstance(seed, (str, bytes))
            if not (seed is None or is_list or (isinstance(seed, np.ndarray) and seed.ndim == 1)):
                raise TypeError(f"seed is a whole number, or a list with one for each garden, not {seed!r}")
            given = [None] * self.num_envs if seed is None else list(seed)
            if len(given) != self.num_envs:
                raise ValueError(f"there are {self.num_envs} gardens and {len(given)} seeds")
            seeds = [None if one is None else seed_number(one) for one in given]
        some_seeds = any(one is not None for one in seeds)
        if some_seeds and not self._own_seeds and (not chosen.all() or len(set(seeds)) > 1):
            raise ValueError("seeding='numbered' takes one seed for all gardens at once")
        if chosen.all() and None not in seeds:
            batch.reset(seeds)
        else:
            # A new garden without a seed stays as it is: it stands at the start of its episode 0.
            beginning = chosen & (~self._is_new | [one is not None for one in seeds])
            if beginning.any():
                batch.reset_some(beginning.tolist(), seeds)
        self._is_new[chosen], self._needs_reset = False, False
        return self._observations(batch), batch.infos(None if chosen.all() else chosen.tolist())

    def step(self, actions: Any) -> tuple[Any, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        """Takes an action in every garden: observations, rewards (float64), ``terminated``, ``truncated``, infos."""
        batch = self._gardens()
        if self._needs_reset:
            raise ResetNeeded("no episode has begun: call reset() first")
        actions = shared.as_actions(actions, self._settings.continuous, self.num_envs)
        rewards, terminated, truncated, any_ended = shared.step(batch, actions)
        self._is_new[:] = False
        infos = batch.infos()
        if any_ended and self.autoreset_mode is AutoresetMode.SAME_STEP:
            self._add_final(batch, infos, terminated | truncated)
        return self._observations(batch), rewards, terminated, truncated, infos

    def render(self) -> tuple[np.ndarray, ...] | None:
        """A picture of each garden, as ``Env.render`` draws it."""
        batch = self._gardens()
        if self.render_mode is None:
            gymnasium.logger.warn("render() does nothing without a render_mode: make the environment with render_mode='rgb_array'")
            return None
        return tuple(draw(batch, self._scenario, garden) for garden in range(self.num_envs))

    def get_state(self) -> bytes:
        """The whole state, to be given to ``set_state`` of an environment with the same settings."""
        return self._gardens().get_state("VectorEnv", bytes([self._needs_reset, *self._is_new.tolist()]))

    def set_state(self, state: bytes) -> None:
        """Goes back to a state, bit for bit. An error changes nothing."""
        needs_reset, *is_new = self._gardens().set_state(saved_state(state), "VectorEnv")
        self._is_new, self._needs_reset = np.array(is_new, dtype=np.bool_), bool(needs_reset)

    def close_extras(self, **kwargs: Any) -> None:
        """Gives up the gardens. There is nothing else to close: no thread, no file."""
        self._batch = None

    def _empty_batch(self) -> GardenBatch:
        return self._new_batch([0] * self.num_envs)

    def _new_batch(self, seeds: Sequence[int]) -> GardenBatch:
        pictures = self.render_mode is not None
        return self._settings.batch(self._scenario, seeds, self.autoreset_mode.value, self._own_seeds, pictures)

    def _seeds_from(self, seed: int) -> list[int]:
        return [seed + garden if self._own_seeds else seed for garden in range(self.num_envs)]

    def _mask(self, options: dict[str, Any] | None) -> np.ndarray:
        """Gardens that a reset is for."""
        mask = known_options(options, ["reset_mask"]).get("reset_mask")
        if mask is None:
            return np.ones(self.num_envs, dtype=np.bool_)
        if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_:
            raise TypeError("options['reset_mask'] must be a numpy array of booleans")
        if mask.shape != (self.num_envs,):
            raise ValueError(f"options['reset_mask'] must have the shape {(self.num_envs,)}, not {mask.shape}")
        if not mask.any():
            raise ValueError("options['reset_mask'] must choose at least one garden")
        return mask

    def _observations(self, batch: GardenBatch) -> Any:
        if self._buffer is None:
            return shared.observe(batch, self._scenario, self._settings.observation)
        if self._settings.observation == "box":
            batch.write_observations(self._buffer)
        elif self._settings.observation == "bytes":
            self._buffer[...] = batch.observation_bytes()
        else:
            for key, value in shared.observe(batch, self._scenario, "dict").items():
                self._buffer[key][...] = value
        return self._buffer

    def _add_final(self, batch: GardenBatch, infos: dict[str, Any], ended: np.ndarray) -> None:
        """Adds what was last in the episodes that ended."""
        last = shared.observe(batch, self._scenario, self._settings.observation, final=True)
        final_obs = np.full(self.num_envs, None, dtype=object)
        for garden in np.flatnonzero(ended):
            if isinstance(last, dict):
                final_obs[garden] = {key: value[garden].copy() for key, value in last.items()}
            else:
                final_obs[garden] = last[garden].copy()
        infos["final_obs"], infos["_final_obs"] = final_obs, ended.copy()
        infos["final_info"], infos["_final_info"] = batch.final_infos(ended.tolist()), ended.copy()
