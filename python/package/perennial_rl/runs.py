"""Runs of your own agents, in folders like those of the program: ``perennial report`` compares them with its own methods.

    log = perennial_rl.RunLog("runs", method="my_dqn", seed=0, agent_settings={"learning_rate": 1e-3})
    log.evaluate(agent)
    for task in log.tasks():
        envs = task.vector(log.num_envs, autoreset_mode="SameStep", seed=log.seed)
        observations, infos = envs.reset()
        for _ in range(task.decisions // log.num_envs):
            ...
            observations, rewards, terminated, truncated, infos = envs.step(actions)
            log.record(terminated, truncated, infos)
        log.evaluate(agent)
    log.finish()
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from perennial_rl import _native
from perennial_rl._native import Scenario
from perennial_rl.learning import EPISODES, GARDENS, SEED, WATERING, ScoreCard, Task, evaluate, tasks
from perennial_rl.settings import changes, flag, seed_number, whole_number


class RunLog:
    """Takes down a run over the seasons of a year, and writes it where it ends.

    Args:
        results_dir: folder of the runs.
        scenario, settings: the garden. Seasons follow each other abruptly, each as it is written.
        method: name of the agent, as shown in reports. Not that of one of the program's methods, which it would be averaged with.
        algorithm: what it learns with. Reports compare runs of one algorithm, so that `"dqn"` puts it beside the methods of the program.
        seed: seed of the run. Runs that differ in nothing else are averaged.
        num_envs: number of gardens that it learns in.
        decisions_per_season, years: length of the run, in decisions of all gardens.
        agent_settings: what results depend on, as a dict of numbers and strings; none for the settings that the agent usually has. Runs with
            other settings are other rows, and the program compares methods by the runs with their usual ones.
        run_id: name of the run's folder; made of scenario, method and seed by default.
        replace: ``True`` replaces a run of this name.
        episodes, gardens, probe_seed: probe gardens; results of different ones are not compared.
    """

    def __init__(
        self,
        results_dir: str | Path = "runs",
        scenario: str = "four_seasons",
        *,
        method: str,
        algorithm: str = "dqn",
        seed: int = 0,
        num_envs: int = 16,
        decisions_per_season: int = 60_000,
        years: int = 1,
        settings: Sequence[str] = (),
        agent_settings: dict[str, Any] | None = None,
        run_id: str | None = None,
        replace: bool = False,
        episodes: int = EPISODES,
        gardens: int = GARDENS,
        probe_seed: int = SEED,
    ) -> None:
        self.scenario, self.settings = str(scenario), changes(settings)
        self._loaded = Scenario(self.scenario, list(self.settings), "abrupt")
        self.method, self.algorithm, self.seed = str(method), str(algorithm), seed_number(seed)
        self.num_envs = whole_number("num_envs", num_envs)
        self.decisions_per_season = whole_number("decisions_per_season", decisions_per_season)
        self.years = whole_number("years", years)
        self.cards: list[ScoreCard] = []
        self.decisions = 0
        self._results_dir, self._replace = Path(results_dir), flag("replace", replace)
        self._run_id = run_id or f"{self._loaded.name.replace(' ', '_')}-{method}-seed{self.seed}"
        self._agent_settings = plain_settings(dict(agent_settings or {}), "agent_settings")
        self._probes = {
            "episodes": whole_number("episodes", episodes),
            "gardens": whole_number("gardens", gardens),
            "seed": seed_number(probe_seed),
        }
        self._task: Task | None = None
        self._episodes: list[dict[str, Any]] = []
        self._seconds = {"learning": 0.0, "evaluation": 0.0}
        self._check()
        self._since = time.process_time()

    def _check(self) -> None:
        """Finds out now, and not after hours of training, whether the run could be written: writes an empty one elsewhere."""
        if Path(self._run_id).name != self._run_id or self._run_id in (".", ".."):
            raise ValueError(f"a run's name is that of one folder, without slashes, not {self._run_id!r}")
        if self.years < 1:
            raise ValueError("years must be at least 1")
        folder = self._results_dir / self._run_id
        if folder.exists() and not self._replace:
            raise ValueError(f"there is already a run {folder}: give another run_id or seed, or replace=True")
        with tempfile.TemporaryDirectory() as elsewhere:
            seasons = len(self._loaded.seasons)
            watering = [dict.fromkeys(WATERING, 0)] * seasons
            told = self._told(updates=0, evaluation_decisions=0, watering=watering, episodes=[]) | {"results_dir": elsewhere}
            rows = 1 + seasons * self.years
            _native.write_run(self._loaded, json.dumps(told), np.zeros((rows, seasons)), np.zeros((4, seasons)))
        self._results_dir.mkdir(parents=True, exist_ok=True)

    def _told(self, **results: Any) -> dict[str, Any]:
        """What is told about the run, but its scenario and returns."""
        return {
            "results_dir": str(self._results_dir),
            "run_id": self._run_id,
            "replace": self._replace,
            "method": self.method,
            "algorithm": self.algorithm,
            "seed": self.seed,
            "gardens": self.num_envs,
            "decisions_per_season": self.decisions_per_season,
            "years": self.years,
            "agent_settings": self._agent_settings,
            "probe_episodes": self._probes["episodes"],
            "probe_gardens": self._probes["gardens"],
            "probe_seed": self._probes["seed"],
            "learning_seconds": self._seconds["learning"],
            "evaluation_seconds": self._seconds["evaluation"],
            **results,
        }

    def tasks(self) -> Iterator[Task]:
        """The seasons to learn, in order."""
        for task in tasks(
            self.scenario,
            years=self.years,
            decisions_per_season=self.decisions_per_season,
            num_envs=self.num_envs,
            settings=self.settings,
            seed=self.seed,
        ):
            self._task = task
            began = self.decisions
            yield task
            # Steps that were not recorded count as well: a season has its length.
            self.decisions = began + task.decisions

    def record(self, terminated: np.ndarray, truncated: np.ndarray, infos: dict[str, Any]) -> None:
        """Takes down the result of a step of ``num_envs`` gardens."""
        if self._task is None:
            raise RuntimeError("record() is for steps within a task of tasks()")
        self.decisions += self.num_envs
        ended = np.flatnonzero(terminated | truncated)
        if not ended.size:
            return
        last = infos.get("final_info", infos)
        for garden in ended.tolist():
            self._episodes.append(
                {
                    "decisions": self.decisions,
                    "year": self._task.year,
                    "season": self._task.name,
                    "garden": garden,
                    "length_decisions": int(last["decisions"][garden]),
                    "episode_return": float(last["episode_return"][garden]),
                    "terminated": bool(terminated[garden]),
                    "bumps": int(last["bumps"][garden]),
                    "thirst_relieved": float(last["thirst_relieved"][garden]),
                    "sprays_thirsty": int(last["sprays_thirsty"][garden]),
                    "sprays_needless": int(last["sprays_needless"][garden]),
                    "sprays_ground": int(last["sprays_ground"][garden]),
                }
            )

    def evaluate(self, agent: Any, **kwargs: Any) -> ScoreCard:
        """Scores the agent in every season: once before any learning, and after each task. Arguments are those of ``evaluate``."""
        self._spent("learning")
        card = evaluate(agent, self.scenario, settings=self.settings, **self._probes, **kwargs)
        self._spent("evaluation")
        self.cards.append(card)
        return card

    def finish(self, *, updates: int = 0) -> Path:
        """Writes the run's folder and returns its path. ``updates`` is the number of gradient updates."""
        wanted = 1 + len(self._loaded.seasons) * self.years
        if len(self.cards) != wanted:
            raise RuntimeError(f"a run has an evaluation before learning and one after each season: {wanted}, not {len(self.cards)}")
        self._spent("learning")
        last = self.cards[-1]
        baselines = last.baselines
        told = self._told(
            updates=int(updates),
            evaluation_decisions=wanted * len(last.seasons) * self._probes["episodes"] * self._loaded.episode_decisions,
            watering=list(last.watering),
            episodes=self._episodes,
        )
        return Path(
            _native.write_run(
                self._loaded,
                json.dumps(told),
                np.array([card.returns for card in self.cards], dtype=np.float64),
                np.array([baselines.random, baselines.gardener, baselines.planner, baselines.idle], dtype=np.float64),
            )
        )

    def _spent(self, on: str) -> None:
        """Counts the processor time since the last call as spent on something."""
        now = time.process_time()
        self._seconds[on] += now - self._since
        self._since = now


def plain_settings(value: Any, name: str) -> Any:
    """Settings as numbers, strings, booleans, lists and dicts of Python; raises a ``TypeError`` that names what is none of these."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, dict):
        return {str(key): plain_settings(item, f"{name}[{key!r}]") for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_settings(item, f"{name}[{place}]") for place, item in enumerate(value)]
    if isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"{name} must be a number, a string, a boolean, a list or a dict, not {type(value).__name__}")
