"""Experience as a Minari dataset: episodes of any agent, of a policy, of the scripted gardener, or of a recording.

    import perennial_rl.datasets

    dataset = perennial_rl.datasets.record("gardener", "perennial/four_seasons/gardener-v0", episodes=100)
    dataset = perennial_rl.datasets.from_recording("year.rec", "perennial/four_seasons/year-v0")

Datasets are written where Minari keeps its own (``MINARI_DATASETS_PATH``) and loaded with ``minari.load_dataset``. They hold observations,
actions, rewards, ends, seeds, and infos of each step, the number of the season among them; not the true thirst, from which no agent may learn.
"""

from __future__ import annotations

import contextlib
import inspect
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np

from perennial_rl import _native
from perennial_rl import settings as shared
from perennial_rl._native import GardenBatch, Policy, Recording, Scenario
from perennial_rl.learning import acting, baselines, mean, probe_numbers
from perennial_rl.registration import environment_id

try:
    import minari
    from minari.data_collector import EpisodeBuffer
    from minari.dataset.minari_dataset import parse_dataset_id
    from minari.storage.datasets_root_dir import get_dataset_path
except ImportError as error:
    raise ImportError("perennial_rl.datasets needs Minari: pip install 'perennial-rl[minari]'") from error

DRIVERS = ("gardener", "planner", "random", "idle")
"""Drivers of the program that need no policy: the scripted gardener knows the true thirst, the planner also plans its way."""

Decide = Callable[[int, Any], np.ndarray]
"""Actions of all gardens, from the number of the step and the observations."""


def record(
    agent: Any,
    dataset_id: str,
    scenario: str = "four_seasons",
    *,
    seasons: str | int | Sequence[str | int] | None = None,
    settings: str | Sequence[str] = (),
    episodes: int = 32,
    gardens: int = 16,
    seed: int = 0,
    observation: str = "box",
    continuous: bool = False,
    **about: Any,
) -> Any:
    """Lets an agent play whole episodes and writes them as a dataset, which is returned (``minari.MinariDataset``).

    Args:
        agent: as ``perennial_rl.evaluate`` takes it; or one of ``"gardener"``, ``"planner"``, ``"random"``, ``"idle"``.
        dataset_id: ``"(namespace/)(environment/)name-v0"``. A dataset of this name must not exist.
        seasons: a list of names or numbers, or one of them; all of the year by default.
        episodes: episodes in each season. ``gardens`` are played side by side, numbered under one ``seed``.
        observation, continuous: as of ``perennial_rl.Env``.
        about: further arguments of ``minari.create_dataset_from_buffers``, as ``author`` and ``description``.

    The reference scores of the dataset are mean returns of the random driver and the gardener, so that Minari's normalised score is the
    score of this package in each season.
    """
    settings = shared.changes(settings)
    loaded = Scenario(str(scenario), list(settings))
    numbers = shared.season_numbers(loaded, seasons)
    shared.one_of("observation", observation, shared.OBSERVATIONS)
    continuous = shared.flag("continuous", continuous)
    episodes, gardens, seed = probe_numbers(episodes, gardens, seed)
    if isinstance(agent, str):
        shared.one_of("agent", agent, DRIVERS)
        if continuous:
            raise ValueError(f"the driver {agent!r} takes discrete actions: leave continuous out")
    else:
        acting(agent, observation)
    _check_new(dataset_id, about)
    side_by_side = min(gardens, episodes)
    buffers: list[EpisodeBuffer] = []
    for season in numbers:
        batch = GardenBatch(
            loaded, [seed] * side_by_side, season=season, autoreset="SameStep", continuous=continuous, own_seeds=False
        )
        decide = _decisions(agent, loaded, season, batch, observation, -(-episodes // side_by_side), seed)
        played = _played(batch, loaded, observation, continuous, decide, seed)
        buffers.extend(islice(played, episodes))
    references = baselines(scenario, settings=settings)
    return _write(
        dataset_id,
        buffers,
        loaded,
        str(scenario),
        {
            "season": loaded.seasons[numbers[0]] if len(numbers) == 1 else None,
            "settings": list(settings),
            "observation": observation,
            "continuous": continuous,
        },
        {
            "algorithm_name": agent if isinstance(agent, str) else type(agent).__name__,
            "ref_min_score": mean([references.random[season] for season in numbers]),
            "ref_max_score": mean([references.gardener[season] for season in numbers]),
            **about,
        },
    )


def from_recording(path: str | Path, dataset_id: str, *, observation: str = "box", **about: Any) -> Any:
    """Plays a recording of ``perennial rollout`` again and writes its episodes as a dataset, which is returned.

    The state after every step is compared with that of the recording; a difference raises a ``ValueError``, as where another version of the
    program recorded it. ``about`` are arguments of ``minari.create_dataset_from_buffers``.
    """
    shared.one_of("observation", observation, shared.OBSERVATIONS)
    _check_new(dataset_id, about)
    recording = Recording(str(path))
    loaded, actions, hashes = recording.scenario, recording.actions, recording.state_hashes
    gardens = actions.shape[1]
    batch = GardenBatch(
        loaded,
        [recording.seed] * gardens,
        schedule="year" if recording.season is None else "season",
        season=recording.season or 0,
        # The length of a season is counted over all gardens.
        decisions_per_season=recording.episodes * loaded.episode_decisions * gardens,
        autoreset="SameStep",
        own_seeds=False,
    )

    def decide(step: int, _: Any) -> np.ndarray:
        if step and batch.state_hash != hashes[step - 1]:
            raise ValueError(f"{path}: the state after step {step} is not the one that was recorded")
        return actions[step]

    buffers = list(_played(batch, loaded, observation, False, decide, recording.seed, len(actions)))
    if batch.state_hash != hashes[-1]:
        raise ValueError(f"{path}: the last state is not the one that was recorded")
    about = {"algorithm_name": recording.driver, **about}
    season = None if recording.season is None else loaded.seasons[recording.season]
    return _write(dataset_id, buffers, loaded, None, {"season": season, "observation": observation}, about)


def _decisions(
    agent: Any, scenario: Scenario, season: int, batch: GardenBatch, observation: str, rounds: int, seed: int
) -> Decide:
    """The agent as a function of step and observations. Those of the program's drivers are known before: they decide by the true state."""
    if isinstance(agent, str):
        ticks = rounds * scenario.episode_decisions
        driven = _native.driven(scenario, season, agent, gardens=len(batch), ticks=ticks, seed=seed)
        return lambda step, _: driven[step]
    decide = acting(agent, observation)
    if isinstance(agent, Policy):
        return lambda _, __: decide(batch.observation_bytes())
    return lambda _, observations: decide(observations)


def _played(
    batch: GardenBatch,
    scenario: Scenario,
    observation: str,
    continuous: bool,
    decide: Decide,
    seed: int,
    steps: int | None = None,
) -> Iterator[EpisodeBuffer]:
    """Episodes in the order in which they end, for so many steps or without end."""
    gardens = len(batch)
    observations = shared.observe(batch, scenario, observation)
    infos = batch.infos()
    begun = [_Episode(seed, garden, 0, observations, infos) for garden in range(gardens)]
    step = 0
    while steps is None or step < steps:
        actions = shared.as_actions(decide(step, observations), continuous, gardens)
        rewards, terminated, truncated, any_ended = shared.step(batch, actions)
        step += 1
        observations, infos = shared.observe(batch, scenario, observation), batch.infos()
        ended = terminated | truncated
        last, last_infos = observations, infos
        if any_ended:
            last, last_infos = shared.observe(batch, scenario, observation, final=True), batch.final_infos()
        for garden, episode in enumerate(begun):
            of = (last, last_infos) if ended[garden] else (observations, infos)
            episode.add(actions[garden], rewards[garden], terminated[garden], truncated[garden], *of)
            if ended[garden]:
                begun[garden] = _Episode(seed, garden, episode.number + 1, observations, infos)
                yield episode.buffer()


class _Episode:
    """Steps of an episode so far."""

    def __init__(self, seed: int, garden: int, number: int, observations: Any, infos: dict[str, Any]) -> None:
        self.seed, self.garden, self.number = seed, garden, number
        self.observations = [_row(observations, garden)]
        self.infos = {name: [values[garden]] for name, values in infos.items() if _may_be_learned_from(name)}
        self.actions: list[Any] = []
        self.rewards: list[float] = []
        self.terminations: list[bool] = []
        self.truncations: list[bool] = []

    def add(
        self, action: Any, reward: float, terminated: bool, truncated: bool, observations: Any, infos: dict[str, Any]
    ) -> None:
        self.observations.append(_row(observations, self.garden))
        for name, values in self.infos.items():
            values.append(infos[name][self.garden])
        self.actions.append(action)
        self.rewards.append(float(reward))
        self.terminations.append(bool(terminated))
        self.truncations.append(bool(truncated))

    def buffer(self) -> EpisodeBuffer:
        """The whole episode as Minari takes it."""
        observations: Any = self.observations
        if isinstance(observations[0], dict):
            observations = {key: np.stack([row[key] for row in observations]) for key in observations[0]}
        else:
            observations = np.stack(observations)
        return EpisodeBuffer(
            seed=self.seed,
            options={"garden": self.garden, "episode": self.number},
            observations=observations,
            actions=np.stack(self.actions),
            rewards=self.rewards,
            terminations=self.terminations,
            truncations=self.truncations,
            infos={name: np.stack(values) for name, values in self.infos.items()},
        )


def _may_be_learned_from(name: str) -> bool:
    return not name.startswith(("_", "evaluation_only"))


def _row(observations: Any, garden: int) -> Any:
    if isinstance(observations, dict):
        return {key: value[garden] for key, value in observations.items()}
    return observations[garden]


def _check_new(dataset_id: Any, about: dict[str, Any]) -> None:
    """Finds out before anything is played whether a dataset of this name could be written."""
    known = [name for name in inspect.signature(minari.create_dataset_from_buffers).parameters if name not in ("dataset_id", "buffer", "env")]
    for name in about:
        if name not in known:
            raise TypeError(f"there is no argument {name!r}: minari.create_dataset_from_buffers has {', '.join(known)}")
    if not isinstance(dataset_id, str):
        raise TypeError(f"dataset_id is a string, not {dataset_id!r}")
    try:
        parse_dataset_id(dataset_id)
    except (TypeError, ValueError) as error:
        # A TypeError comes from Minari where there is no version.
        raise ValueError(f"dataset_id must be '(namespace/)(environment/)name-v0', in letters, digits, '-' and '_', not {dataset_id!r}") from error
    folder = get_dataset_path(dataset_id)
    if os.path.lexists(folder):
        raise ValueError(f"there is already a dataset {dataset_id!r}, in {folder}: give another dataset_id, or remove it")
    # An error of the system here, with its reason, and not after the last episode.
    with tempfile.TemporaryDirectory(dir=get_dataset_path(), prefix=".perennial-"):
        pass


def _write(
    dataset_id: str,
    buffers: list[EpisodeBuffer],
    loaded: Scenario,
    scenario: str | None,
    settings: dict[str, Any],
    about: dict[str, Any],
) -> Any:
    """Writes the dataset with the spaces, and the environment where it is one of a shipped scenario."""
    spec = None
    if scenario in _native.shipped_scenarios():
        spec = gymnasium.make(environment_id(scenario), **settings).spec
    told = {
        "observation_space": shared.observation_space(loaded, settings["observation"]),
        "action_space": shared.action_space(settings.get("continuous", False)),
        "description": f"Episodes of a watering robot in perennial's {loaded.name}, with the number of the season in infos.",
        "requirements": [f"perennial-rl=={_native.VERSION}"],
        # Pictures of the robot's eye are a few pixels wide and would not survive it.
        "jpeg_encoding": False,
        **about,
    }
    with warnings.catch_warnings():
        # Minari recommends authors, e-mail addresses and links, which are the user's to give.
        warnings.simplefilter("ignore", UserWarning)
        try:
            return minari.create_dataset_from_buffers(dataset_id, buffers, env=spec, **told)
        except BaseException:
            # Minari begins with empty folders, which would be in the way of the next call. What has something in it stays.
            with contextlib.suppress(OSError):
                (get_dataset_path(dataset_id) / "data").rmdir()
                get_dataset_path(dataset_id).rmdir()
            raise
