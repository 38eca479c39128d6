"""Settings that single and vector environments share: what gardens there are, and what is seen and done in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium import spaces

from perennial_rl._native import GardenBatch, Scenario

OBSERVATIONS = ("box", "bytes", "dict")
SCHEDULES = ("season", "year", "abrupt", "gradual", "all_at_once")
ACTIONS = ("forward", "turn left", "turn right", "back", "water")
"""Names of the discrete actions, by index."""
MOST_YEARS, MOST_DECISIONS_PER_SEASON, MOST_EPISODES = 1_000, 1_000_000_000, 100_000
"""Maxima that the program knows as well: years of a run, decisions of a season, episodes of an evaluation in each season."""


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
        whole_number("years", self.years, MOST_YEARS)
        whole_number("decisions_per_season", self.decisions_per_season, MOST_DECISIONS_PER_SEASON)
        flag("continuous", self.continuous)
        one_of("observation", self.observation, OBSERVATIONS)
        if self.schedule is not None:
            one_of("schedule", self.schedule, SCHEDULES)
        if self.season is not None and self.schedule not in (None, "season"):
            raise ValueError(f"season={self.season!r} is one season, and schedule={self.schedule!r} goes through several: give one of them")

    def load(self) -> Scenario:
        """The scenario, its changes included."""
        transition = self.schedule if self.schedule in ("abrupt", "gradual") else None
        return Scenario(str(self.scenario), list(self.settings), transition)

    def batch(
        self, scenario: Scenario, seeds: Sequence[int], autoreset: str, own_seeds: bool = True, pictures: bool = False
    ) -> GardenBatch:
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
            pictures=pictures,
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
    if isinstance(season, bool) or not isinstance(season, (int, np.integer)):
        raise TypeError(f"a season is given by its name or its number, not as {season!r}")
    if not 0 <= int(season) < len(names):
        raise ValueError(f"there is no season {season} in {scenario.name}: there are {len(names)}, numbered from 0")
    return int(season)


def season_numbers(scenario: Scenario, seasons: str | int | Iterable[str | int] | None) -> list[int]:
    """Numbers of some seasons, of which one may be given by itself; of all for ``None``."""
    if seasons is None:
        return list(range(len(scenario.seasons)))
    if isinstance(seasons, (str, int, np.integer)):
        return [season_number(scenario, seasons)]
    if not isinstance(seasons, Iterable):
        raise TypeError(f"seasons is a list of names or numbers, not {seasons!r}")
    listed = list(seasons)
    if not listed:
        raise ValueError(f"seasons is empty: there are {', '.join(scenario.seasons)}, and without the argument it is all of them")
    if None in listed:
        raise TypeError("a season is given by its name or its number, not as None")
    return [season_number(scenario, season) for season in listed]


def whole_number(what: str, value: Any, most: int = 2**63 - 1, least: int = 1) -> int:
    """A whole number from ``least`` to ``most``."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{what} is a whole number, not {value!r}")
    if not least <= int(value) <= most:
        raise ValueError(f"{what} must be between {least} and {most}, not {value}")
    return int(value)


def flag(what: str, value: Any) -> bool:
    """``True`` or ``False``."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{what} is True or False, not {value!r}")
    return bool(value)


def changes(settings: str | Iterable[str]) -> tuple[str, ...]:
    """Changes to a scenario, of which one may be given by itself."""
    if isinstance(settings, str):
        return (str(settings),)
    if isinstance(settings, (bytes, Mapping)) or not isinstance(settings, Iterable):
        raise TypeError(f"settings is a list of changes, as ['plants.count=12'], not {settings!r}")
    listed = list(settings)
    for place, change in enumerate(listed):
        if not isinstance(change, str):
            raise TypeError(f"settings[{place}] is a change as 'plants.count=12', not {change!r}")
    return tuple(str(change) for change in listed)


def known_options(options: Any, known: Sequence[str] = ()) -> dict[str, Any]:
    """Options of a reset: raises an error for those that do not exist, which would be a typing mistake without effect."""
    if options is None:
        return {}
    if not isinstance(options, dict):
        raise TypeError(f"options is a dict, not {options!r}")
    for name in options:
        if name not in known:
            there_are = ", ".join(known) if known else "none"
            raise ValueError(f"reset has no option {name!r}: there are {there_are}")
    return options


def saved_state(state: Any) -> bytes:
    """A state as bytes."""
    if not isinstance(state, (bytes, bytearray, memoryview)):
        raise TypeError(f"a state is the bytes that get_state() returned, not {type(state).__name__}")
    return bytes(state)


def seed_number(seed: Any, what: str = "a seed") -> int:
    """A seed as a whole number that the gardens take."""
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
        raise TypeError(f"{what} is a whole number, not {seed!r}")
    if not 0 <= int(seed) < 2**63:
        raise ValueError(f"{what} must be between 0 and 2**63 - 1, not {seed}")
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
        wrong = np.flatnonzero(~np.isfinite(array).all(axis=1))
        if wrong.size:
            raise ValueError(f"garden {wrong[0]}: an action is not finite: {array[wrong[0]].tolist()}")
        return array
    if array.dtype.kind not in "iu":
        raise TypeError(f"discrete actions are whole numbers, not {array.dtype}")
    if array.dtype == np.uint64 and (array >= len(ACTIONS)).any():
        # Such a number does not fit into those that the gardens take.
        raise ValueError(f"there is no action {array.max()}: they are numbered from 0 to {len(ACTIONS) - 1}")
    return np.ascontiguousarray(array, dtype=np.int64)


def step(batch: GardenBatch, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, bool]:
    """A decision of all gardens: rewards, ``terminated``, ``truncated``, whether an episode ended."""
    return batch.step_motors(actions) if actions.ndim == 2 else batch.step(actions)
