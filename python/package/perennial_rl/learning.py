"""Continual learning: the seasons of a year as tasks, scores as the program measures them, and measures of what is kept.

A score is ``(return - random) / (gardener - random)``: 0 is a driver that acts at random, 1 a scripted gardener who knows the true thirst.
Returns are means over episodes in probe gardens, which are the same for every agent and no training garden.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from perennial_rl import _native
from perennial_rl import settings as shared
from perennial_rl._native import Policy, Scenario
from perennial_rl.env import Env
from perennial_rl.settings import (
    MOST_DECISIONS_PER_SEASON,
    MOST_EPISODES,
    MOST_YEARS,
    OBSERVATIONS,
    Settings,
    changes,
    flag,
    one_of,
    season_numbers,
    seed_number,
    whole_number,
)
from perennial_rl.vector import MOST_GARDENS, VectorEnv

EPISODES, GARDENS, SEED = 32, 16, 7_000_000
"""Probe gardens of the program's own evaluations: episodes in each season, gardens side by side, seed."""
WATERING = ("thirst_relieved", "sprays_thirsty", "sprays_needless", "sprays_ground")
"""Infos that say how water was used."""


@dataclass(frozen=True)
class Task:
    """A season of a year, as a task to learn."""

    number: int
    """Number of the task, from 0, over all years."""
    year: int
    season: int
    """Number of the season in its year."""
    name: str
    """Name of the season."""
    decisions: int
    """Decisions that it lasts, over all gardens."""
    scenario: str
    settings: tuple[str, ...] = ()

    def env(self, **kwargs: Any) -> Env:
        """A garden that is always in this season, as it is written: without events, and as in the first year."""
        return Env(self.scenario, season=self.season, settings=self.settings, **kwargs)

    def vector(self, num_envs: int, **kwargs: Any) -> VectorEnv:
        """Gardens that are always in this season."""
        return VectorEnv(num_envs, self.scenario, season=self.season, settings=self.settings, **kwargs)


def tasks(
    scenario: str = "four_seasons",
    *,
    years: int = 1,
    decisions_per_season: int = 60_000,
    num_envs: int = 1,
    settings: str | Sequence[str] = (),
    seed: int = 0,
) -> Iterator[Task]:
    """The seasons of some years in their order, with their lengths. ``seed`` matters where they begin earlier or later."""
    name, settings = str(scenario), changes(settings)
    loaded = Scenario(name, list(settings))
    years = whole_number("years", years, MOST_YEARS)
    decisions_per_season = whole_number("decisions_per_season", decisions_per_season, MOST_DECISIONS_PER_SEASON)
    num_envs = whole_number("num_envs", num_envs, MOST_GARDENS)
    spans = loaded.calendar(years, decisions_per_season, num_envs, seed_number(seed))
    seasons = loaded.seasons
    # Not a generator function: it would say what is wrong only where its first task is taken.
    return (
        Task(number, number // len(seasons), season, seasons[season], (end - begin) * num_envs, name, settings)
        for number, (season, begin, end) in enumerate(spans)
    )


@dataclass(frozen=True)
class Baselines:
    """Mean returns of the reference drivers, by season."""

    random: tuple[float, ...]
    """A driver that acts at random: score 0."""
    gardener: tuple[float, ...]
    """The scripted gardener: score 1."""
    planner: tuple[float, ...]
    """The gardener that plans: the line to reach, above 1."""
    idle: tuple[float, ...]
    """A driver that does nothing."""

    def score(self, season: int, mean_return: float) -> float | None:
        """Score of a mean return; ``None`` where the gardener is no better than random."""
        span = self.gardener[season] - self.random[season]
        return (mean_return - self.random[season]) / span if span >= 1e-6 else None


def baselines(
    scenario: str = "four_seasons",
    *,
    settings: str | Sequence[str] = (),
    episodes: int = EPISODES,
    gardens: int = GARDENS,
    seed: int = SEED,
) -> Baselines:
    """Measures the reference drivers in probe gardens. It takes some seconds, once for the same arguments."""
    settings = changes(settings)
    probes = probe_numbers(episodes, gardens, seed)
    return _baselines(Scenario(str(scenario), list(settings)).to_toml(), str(scenario), settings, *probes)


def probe_numbers(episodes: Any, gardens: Any, seed: Any, seed_name: str = "a seed") -> tuple[int, int, int]:
    """Episodes, gardens and seed of probe gardens, in their ranges."""
    return (
        whole_number("episodes", episodes, MOST_EPISODES),
        whole_number("gardens", gardens, MOST_GARDENS),
        seed_number(seed, seed_name),
    )


@lru_cache(maxsize=64)
def _baselines(
    _text: str, scenario: str, settings: tuple[str, ...], episodes: int, gardens: int, seed: int
) -> Baselines:
    loaded = Scenario(scenario, list(settings))

    def measured(driver: str) -> tuple[float, ...]:
        return tuple(
            mean(_native.probe(loaded, season, driver, gardens=gardens, episodes=episodes, seed=seed))
            for season in range(len(loaded.seasons))
        )

    return Baselines(*(measured(driver) for driver in ("random", "gardener", "planner", "idle")))


@dataclass(frozen=True)
class ScoreCard:
    """An agent in the probe gardens of each season."""

    seasons: tuple[str, ...]
    returns: tuple[float, ...]
    """Mean returns."""
    scores: tuple[float | None, ...]
    """Scores; ``None`` where the season has none."""
    baselines: Baselines
    watering: tuple[dict[str, float], ...] = ()
    """Thirst relieved and counts of sprays over all episodes of each season."""

    @property
    def mean_score(self) -> float:
        """Mean score over the seasons that have one; ``nan`` where none has."""
        defined = [score for score in self.scores if score is not None]
        return mean(defined) if defined else float("nan")

    def __str__(self) -> str:
        rows = zip(self.seasons, self.scores, self.returns, strict=True)
        lines = [
            f"{name:<12} {'-' if score is None else format(score, '.2f'):>6} {mean_return:>8.2f}"
            for name, score, mean_return in rows
        ]
        return "\n".join([f"{'season':<12} {'score':>6} {'return':>8}", *lines])


def evaluate(
    agent: Any,
    scenario: str = "four_seasons",
    *,
    seasons: str | int | Sequence[str | int] | None = None,
    settings: str | Sequence[str] = (),
    episodes: int = EPISODES,
    gardens: int = GARDENS,
    seed: int = SEED,
    observation: str = "box",
    continuous: bool = False,
) -> ScoreCard:
    """Scores an agent as the program scores its own policies.

    ``agent`` is a ``Policy``, or has ``predict(observations, deterministic=True)`` as Stable-Baselines3's have, which returns actions or a
    tuple that begins with them, or is a function of the observations. Observations are those of ``observation``, of all gardens at once.
    ``seasons`` is a list of names or numbers, or one of them; all of the year by default.
    """
    settings = changes(settings)
    loaded = Scenario(str(scenario), list(settings))
    numbers = season_numbers(loaded, seasons)
    episodes, gardens, seed = probe_numbers(episodes, gardens, seed)
    one_of("observation", observation, OBSERVATIONS)
    continuous = flag("continuous", continuous)
    decide = acting(agent, observation)
    reference = baselines(scenario, settings=settings, episodes=episodes, gardens=gardens, seed=seed)
    wanted = Settings(str(scenario), settings=settings, observation="bytes" if isinstance(agent, Policy) else observation)
    returns, watering = [], []
    for season in numbers:
        side_by_side = min(gardens, episodes)
        batch = _native.GardenBatch(
            loaded,
            [seed] * side_by_side,
            season=season,
            autoreset="SameStep",
            continuous=continuous,
            own_seeds=False,
        )
        played = play(batch, loaded, wanted.observation, continuous, decide, episodes)
        returns.append(mean([info["episode_return"] for info in played]))
        watering.append({name: sum(info[name] for info in played) for name in WATERING})
    return ScoreCard(
        tuple(loaded.seasons[season] for season in numbers),
        tuple(returns),
        tuple(reference.score(season, value) for season, value in zip(numbers, returns, strict=True)),
        Baselines(
            *(
                tuple(values[season] for season in numbers)
                for values in (reference.random, reference.gardener, reference.planner, reference.idle)
            )
        ),
        tuple(watering),
    )


def play(
    batch: _native.GardenBatch,
    scenario: Scenario,
    observation: str,
    continuous: bool,
    decide: Callable[[Any], Any],
    episodes: int,
) -> list[dict[str, Any]]:
    """Infos of whole episodes at their ends, in the order in which they end, garden by garden."""
    played: list[dict[str, Any]] = []
    while len(played) < episodes:
        actions = shared.as_actions(decide(shared.observe(batch, scenario, observation)), continuous, len(batch))
        _, terminated, truncated, any_ended = shared.step(batch, actions)
        if any_ended:
            infos = batch.final_infos()
            names = [name for name in infos if not name.startswith("_")]
            played.extend(
                {name: infos[name][garden].item() for name in names} for garden in np.flatnonzero(terminated | truncated)
            )
    return played[:episodes]


def acting(agent: Any, observation: str) -> Callable[[Any], Any]:
    """The agent as a function of the observations."""
    if isinstance(agent, Policy):
        return agent.actions
    if hasattr(agent, "predict"):

        def predicted(observations: Any) -> Any:
            actions = agent.predict(observations, deterministic=True)
            return actions[0] if isinstance(actions, tuple) else actions

        return predicted
    if callable(agent):
        return agent
    raise TypeError(f"an agent has predict(observations, deterministic=True), or is a function; {type(agent).__name__} is neither")


def measures(
    cards: Sequence[ScoreCard], *, years: int = 1, joint: Sequence[float] | None = None
) -> dict[str, Any]:
    """Measures of continual learning, by name: formulas and sources stand in `src/evaluation/measures.rs`.

    ``cards`` are evaluations in all seasons: the first before any learning, and one after each learned season. ``joint`` holds the final
    scores of an agent that learned all seasons at once. A measure that is not defined is the reason, as a string.
    """
    years = whole_number("years", years, MOST_YEARS)
    if not cards:
        raise ValueError("there is no evaluation to measure")
    if not all(isinstance(card, ScoreCard) for card in cards):
        raise TypeError("evaluations are what evaluate() returns")
    first = cards[0]
    if any(card.seasons != first.seasons or card.baselines != first.baselines for card in cards):
        raise ValueError("the evaluations are of different seasons or probe gardens")
    return _native.measures(
        list(first.seasons),
        [list(card.returns) for card in cards],
        list(first.baselines.random),
        list(first.baselines.gardener),
        years=years,
        joint=None if joint is None else list(joint),
    )


def mean(values: Sequence[float]) -> float:
    """The mean, summed in order as the program does, so that it is the same number."""
    return float(sum(float(np.float64(value)) for value in values) / max(len(values), 1))
