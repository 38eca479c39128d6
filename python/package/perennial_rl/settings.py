"""Settings that single and vector environments share: what gardens there are, and what is seen and done in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium import spaces

from perennial_rl._native import GardenBatch, Scenario

OBSERVATIONS = ("box", "bytes", "dict")
SCHEDULES = ("season", "year", "abrupt", "gradual", "all_at_once")
ACTIONS = ("forward", "turn left", "turn right", "back", "water")
"""Names of the discrete actions, by index."""


@dataclass(frozen=True)
class Settings:
    """Settings of an environment; see ``Env`` for what each means."""

    scenario: str = "four_seasons"
    season: str | int | None = None
    schedule: str | None = None
    years: int = 1
    decisions_per_season: int = 60_000
    settings: tuple[str, ...] = ()
    observation: str = "box"
    continuous: bool = False

    def __post_init__(self) -> None:
        one_of("observation", self.observation, OBSERVATIONS)
        if self.schedule is not None:
            one_of("schedule", self.schedule, SCHEDULES)
        if self.season is not None and self.schedule not in (None, "season"):
            raise ValueError(f"season={self.season!r} is one season, and schedule={self.schedule!r} goes through several: give one of them")

    def load(self) -> Scenario:
        """The scenario, its changes included."""
        transition = self.schedule if self.schedule in ("abrupt", "gradual") else None
        settings = [self.settings] if isinstance(self.settings, str) else list(self.settings)
        return Scenario(str(self.scenario), settings, transition)

    def batch(self, scenario: Scenario, seeds: Sequence[int], autoreset: str, own_seeds: bool = True) -> GardenBatch:
        """Gardens with these settings."""
        schedule = self.schedule
        if schedule is None:
            schedule = "year" if self.season is None else "season"
        elif schedule in ("abrupt", "gradual"):
            schedule = "year"
        return GardenBatch(
            scenario,
            [seed_number(seed) for seed in seeds],
            schedule=schedule,
            season=season_number(scenario, self.season),
            years=int(self.years),
            decisions_per_season=int(self.decisions_per_season),
            autoreset=autoreset,
            continuous=bool(self.continuous),
            own_seeds=own_seeds,
        )


def one_of(what: str, value: Any, known: Sequence[str]) -> None:
    """Raises a ``ValueError`` that names what there is."""
    if value not in known:
        raise ValueError(f"{what} must be one of {', '.join(known)}, not {value!r}")


def season_number(scenario: Scenario, season: str | int | None) -> int:
    """Number of a season, by its number or its name."""
    if season is None:
        return 0
    names = scenario.seasons
    if isinstance(season, str):
        matching = [number for number, name in enumerate(names) if name.lower() == season.lower()]
        if not matching:
            raise ValueError(f"there is no season {season!r} in {scenario.name}: there are {', '.join(names)}")
        return matching[0]
    if not 0 <= int(season) < len(names):
        raise ValueError(f"there is no season {season} in {scenario.name}: there are {len(names)}, numbered from 0")
    return int(season)


def seed_number(seed: Any) -> int:
    """A seed as a whole number that the gardens take."""
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
        raise TypeError(f"a seed is a whole number, not {seed!r}")
    if not 0 <= int(seed) < 2**63:
        raise ValueError(f"a seed must be between 0 and 2**63 - 1, not {seed}")
    return int(seed)


def drawn_seed() -> int:
    """A seed from the operating system, for those who give none."""
    return int(np.random.SeedSequence().generate_state(1)[0]) >> 1


def observation_space(scenario: Scenario, observation: str) -> spaces.Space:
    """Space of one observation: see ``Env``."""
    low, high = scenario.bounds
    if observation == "bytes":
        return spaces.Box(0, 255, low.shape, np.uint8)
    if observation == "box":
        return spaces.Box(low, high, dtype=np.float32)
    eye = 4 * scenario.pixels
    return spaces.Dict(
        {
            "eye": spaces.Box(0, 255, (*scenario.eye_shape, 4), np.uint8),
            "proprioception": spaces.Box(low[eye:], high[eye:], dtype=np.float32),
        }
    )


def action_space(continuous: bool) -> spaces.Space:
    """Space of one action: see ``Env``."""
    if continuous:
        return spaces.Box(-1.0, 1.0, (3,), np.float32)
    return spaces.Discrete(len(ACTIONS))


def observe(batch: GardenBatch, scenario: Scenario, observation: str, final: bool = False) -> Any:
    """Observations of all robots as the space has them, in new arrays."""
    if observation == "box":
        return batch.final_observations() if final else batch.observations()
    data = batch.final_observation_bytes() if final else batch.observation_bytes()
    if observation == "bytes":
        return data
    eye = 4 * scenario.pixels
    numbers = batch.final_observations() if final else batch.observations()
    return {
        "eye": data[:, :eye].reshape((len(data), *scenario.eye_shape, 4)).copy(),
        "proprioception": numbers[:, eye:].copy(),
    }


def as_actions(actions: Any, continuous: bool, gardens: int) -> np.ndarray:
    """Actions of all gardens as an array that the gardens take. What is no action raises an error that says what is."""
    array = np.asarray(actions)
    shape = (gardens, 3) if continuous else (gardens,)
    if array.shape != shape:
        raise ValueError(f"actions must have the shape {shape}, not {array.shape}")
    if continuous:
        if array.dtype.kind not in "fiu":
            raise TypeError(f"continuous actions are numbers, not {array.dtype}")
        array = np.ascontiguousarray(array, dtype=np.float32)
        if not np.isfinite(array).all():
            raise ValueError("an action is not finite")
        return array
    if array.dtype.kind not in "iu":
        raise TypeError(f"discrete actions are whole numbers, not {array.dtype}")
    return np.ascontiguousarray(array, dtype=np.int64)


def step(batch: GardenBatch, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, bool]:
    """A decision of all gardens: rewards, ``terminated``, ``truncated``, whether an episode ended."""
    return batch.step_motors(actions) if actions.ndim == 2 else batch.step(actions)
