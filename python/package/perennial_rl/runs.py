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

import errno
import json
import math
import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from perennial_rl import _native
from perennial_rl._native import Scenario
from perennial_rl.learning import EPISODES, GARDENS, SEED, WATERING, ScoreCard, Task, evaluate, probe_numbers, tasks
from perennial_rl.settings import MOST_DECISIONS_PER_SEASON, MOST_YEARS, changes, flag, seed_number, whole_number
from perennial_rl.vector import MOST_GARDENS

COUNTS = ("bumps", "sprays_thirsty", "sprays_needless", "sprays_ground")
"""Infos of an ended episode that are taken down as counts, beside ``decisions``."""
AMOUNTS = ("episode_return", "thirst_relieved")
"""Those that are taken down as amounts."""
MOST_NESTED = 32
"""Maximum depth of the settings of an agent: formats of files have limits that are not far above."""


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
        agent_settings: what results depend on, as a dict with strings as keys, of finite numbers, strings, booleans, and lists and dicts of
            them; none for the settings that the agent usually has. Runs with other settings are other rows, and the program compares methods
            by the runs with their usual ones.
        run_id: name of the run's folder; made of scenario, method and seed by default. ``finish`` takes another one.
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
        settings: str | Sequence[str] = (),
        agent_settings: dict[str, Any] | None = None,
        run_id: str | None = None,
        replace: bool = False,
        episodes: int = EPISODES,
        gardens: int = GARDENS,
        probe_seed: int = SEED,
    ) -> None:
        self.scenario, self.settings = str(scenario), changes(settings)
        self._loaded = Scenario(self.scenario, list(self.settings), "abrupt")
        self.method, self.algorithm, self.seed = shown_name("method", method), shown_name("algorithm", algorithm), seed_number(seed)
        self.num_envs = whole_number("num_envs", num_envs, MOST_GARDENS)
        self.decisions_per_season = whole_number("decisions_per_season", decisions_per_season, MOST_DECISIONS_PER_SEASON)
        self.years = whole_number("years", years, MOST_YEARS)
        self.cards: list[ScoreCard] = []
        self.decisions = 0
        self._results_dir, self._replace = folder_of_runs(results_dir), flag("replace", replace)
        self._run_id = folder_name(f"{self._loaded.name.replace(' ', '_')}-{method}-seed{self.seed}" if run_id is None else run_id)
        if agent_settings is not None and not isinstance(agent_settings, Mapping):
            raise TypeError(f"agent_settings is a dict, not {type(agent_settings).__name__}")
        self._agent_settings = plain_settings(dict(agent_settings or {}), "agent_settings")
        self._probes = dict(zip(("episodes", "gardens", "seed"), probe_numbers(episodes, gardens, probe_seed, "probe_seed"), strict=True))
        self._task: Task | None = None
        self._recorded_steps = 0
        self._episodes: list[dict[str, Any]] = []
        self._seconds = {"learning": 0.0, "evaluation": 0.0}
        self._check()
        self._since = time.process_time()

    def _check(self) -> None:
        """Finds out now, and not after hours of training, whether the run could be written: writes an empty one elsewhere."""
        check_free(self._results_dir / self._run_id, self._replace, "give another run_id or seed")
        with tempfile.TemporaryDirectory() as elsewhere:
            seasons = len(self._loaded.seasons)
            watering = [dict.fromkeys(WATERING, 0)] * seasons
            told = self._told(updates=0, evaluation_decisions=0, watering=watering, episodes=[]) | {"results_dir": elsewhere}
            rows = 1 + seasons * self.years
            _native.write_run(self._loaded, json.dumps(told), np.zeros((rows, seasons)), np.zeros((4, seasons)))
        check_writable(self._results_dir, self._run_id)

    def _told(self, **results: Any) -> dict[str, Any]:
        """Returns the data of the run, but its scenario and returns."""
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
        """Takes down the result of a step of ``num_envs`` gardens: arrays or lists, and the infos of a ``VectorEnv``. An error takes down
        nothing."""
        if self._task is None:
            raise RuntimeError("record() is for steps within a task of tasks()")
        terminated, truncated = self._flags("terminated", terminated), self._flags("truncated", truncated)
        if not isinstance(infos, Mapping):
            raise TypeError(f"infos is the dict that step() of a VectorEnv returns, not {type(infos).__name__}")
        decisions = self.decisions + self.num_envs
        ended = np.flatnonzero(terminated | truncated).tolist()
        if ended:
            last = self._last(infos, ended)
            told = {"decisions": decisions, "year": self._task.year, "season": self._task.name}
            self._episodes.extend(
                {
                    **told,
                    "garden": garden,
                    "length_decisions": int(last["decisions"][garden]),
                    "terminated": bool(terminated[garden]),
                    **{name: int(last[name][garden]) for name in COUNTS},
                    **{name: float(last[name][garden]) for name in AMOUNTS},
                }
                for garden in ended
            )
        self.decisions = decisions
        self._recorded_steps += 1

    def _flags(self, what: str, values: Any) -> np.ndarray:
        """Returns the ends of episodes, one flag for each garden."""
        array = np.asarray(values)
        if array.shape != (self.num_envs,):
            gardens = f"the {self.num_envs} gardens of this RunLog (num_envs)"
            raise ValueError(f"{what} must have the shape {(self.num_envs,)}, a value for each of {gardens}, not {array.shape}")
        # Libraries also have 0 and 1.
        if array.dtype != np.bool_ and not (array.dtype.kind in "iuf" and np.isin(array, (0, 1)).all()):
            raise TypeError(f"{what} holds True or False for each garden, not {values!r}")
        return array.astype(np.bool_, copy=False)

    def _last(self, infos: Mapping[str, Any], ended: list[int]) -> dict[str, np.ndarray]:
        """Infos at the ends of episodes that are taken down."""
        last = infos.get("final_info", infos)
        names = ("decisions", *COUNTS, *AMOUNTS)
        missing = [name for name in names if name not in last]
        if missing:
            place = "infos['final_info']" if "final_info" in infos else "infos"
            raise ValueError(f"{place} lacks {', '.join(missing)}: record() takes the infos of step() as a VectorEnv of perennial_rl returns them")
        found = {name: np.asarray(last[name]) for name in names}
        for name, values in found.items():
            if values.shape != (self.num_envs,) or values.dtype.kind not in "iuf":
                raise ValueError(f"infos: {name} must have a number for each of {self.num_envs} gardens, not {last[name]!r}")
            of_ended = values[ended]
            if not np.isfinite(of_ended).all() or (name not in AMOUNTS and (of_ended < 0).any()):
                raise ValueError(f"infos: {name} has a value that no episode ends with: {of_ended.tolist()}")
        return found

    def evaluate(self, agent: Any, *, observation: str = "box", continuous: bool = False, **fixed: Any) -> ScoreCard:
        """Scores the agent in every season: once before any learning, and after each task.

        ``agent``, ``observation`` and ``continuous`` are as of ``perennial_rl.evaluate``. Its other arguments are those of the ``RunLog``: a run
        has one garden, all its seasons, and the same probe gardens throughout.
        """
        if fixed:
            raise TypeError(
                f"a RunLog evaluates in all seasons of its scenario, with the settings, episodes, gardens and probe_seed that it was made with: "
                f"leave {', '.join(fixed)} out, or call perennial_rl.evaluate()"
            )
        begun = 0 if self._task is None else self._task.number + 1
        if len(self.cards) > begun:
            raise RuntimeError(
                f"a run has one evaluation before learning and one after each season, and after {begun} begun seasons there are "
                f"{len(self.cards)} already: perennial_rl.evaluate() scores an agent besides"
            )
        self._spent("learning")
        card = evaluate(agent, self.scenario, settings=self.settings, observation=observation, continuous=continuous, **self._probes)
        self._spent("evaluation")
        self.cards.append(card)
        return card

    def finish(self, *, updates: int = 0, run_id: str | None = None, results_dir: str | Path | None = None) -> Path:
        """Writes the run's folder and returns its path. ``updates`` is the number of gradient updates.

        ``run_id`` and ``results_dir`` are those of the ``RunLog`` by default. Others are for a place that was taken, or became full, in the
        meantime: an error loses nothing, and ``finish`` can be called again.
        """
        updates = whole_number("updates", updates, least=0)
        run_id = self._run_id if run_id is None else folder_name(run_id)
        results_dir = self._results_dir if results_dir is None else folder_of_runs(results_dir)
        wanted = 1 + len(self._loaded.seasons) * self.years
        if len(self.cards) != wanted:
            raise RuntimeError(f"a run has an evaluation before learning and one after each season: {wanted}, not {len(self.cards)}")
        if not self._recorded_steps:
            raise RuntimeError("no step was recorded: call record(terminated, truncated, infos) after each step within a task")
        check_free(results_dir / run_id, self._replace, "call finish() again with another run_id or results_dir")
        check_writable(results_dir, run_id)
        self._spent("learning")
        last = self.cards[-1]
        baselines = last.baselines
        told = self._told(
            results_dir=str(results_dir),
            run_id=run_id,
            updates=updates,
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


def shown_name(what: str, value: Any) -> str:
    """A name that reports show."""
    if not isinstance(value, str):
        raise TypeError(f"{what} is a string, not {value!r}")
    if not value.strip() or not value.isprintable() or value != value.strip():
        raise ValueError(f"{what} must have characters that can be shown, and no others, without spaces around them, not {value!r}")
    return str(value)


def folder_name(run_id: Any) -> str:
    """The name of a run, as that of one folder. The program has further rules, and names them."""
    name = shown_name("run_id", run_id)
    if Path(name).name != name or name in (".", ".."):
        raise ValueError(f"a run's name is that of one folder, without slashes, not {name!r}")
    if len(name) > 200 or len(os.fsencode(name)) > 255:
        raise ValueError(f"a run's name has at most 200 characters and 255 bytes, not {len(name)} and {len(os.fsencode(name))}: {name!r}")
    return name


def folder_of_runs(results_dir: Any) -> Path:
    """A folder whose path the program can be told."""
    if not isinstance(results_dir, (str, Path)):
        raise TypeError(f"results_dir is the path of a folder, not {results_dir!r}")
    if "\0" in str(results_dir) or has_half_characters(str(results_dir)):
        raise ValueError(f"results_dir must be a path in UTF-8, not {str(results_dir)!r}")
    return Path(results_dir)


def has_half_characters(text: str) -> bool:
    """Returns true if a text has lone surrogates, which no file in UTF-8 can hold."""
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def check_free(folder: Path, replace: bool, otherwise: str) -> None:
    """Raises an error unless a run may be written as this folder. ``otherwise`` says what to do then."""
    if not os.path.lexists(folder):
        return
    if not folder.exists():
        raise FileNotFoundError(errno.ENOENT, f"a link to a folder that is not there: {otherwise}", str(folder))
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, f"not a run's folder, but a file: {otherwise}", str(folder))
    if not (folder / "config.toml").is_file() and any(folder.iterdir()):
        raise ValueError(f"{folder} is not a run's folder, and not empty: it is not touched, even with replace=True; {otherwise}")
    if not replace:
        raise ValueError(f"there is already a run {folder}: {otherwise}; a RunLog made with replace=True replaces it")


def check_writable(parent: Path, name: str) -> None:
    """Raises an ``OSError`` with the reason unless a folder of this name can be written, by writing one beside it. Makes ``parent``."""
    parent.mkdir(parents=True, exist_ok=True)
    if (parent / name).is_dir():
        with tempfile.TemporaryFile(dir=parent / name) as file:
            file.write(b"1")
        return
    with tempfile.TemporaryDirectory(dir=parent, prefix=".perennial-") as trial:
        (Path(trial) / name).mkdir()
        (Path(trial) / name / "trial").write_bytes(b"1")


def plain_settings(value: Any, name: str, depth: int = 0) -> Any:
    """Settings as numbers, strings, booleans, lists and dicts of Python; raises an error that names what is none of these, or what a file of
    settings cannot hold."""
    if depth > MOST_NESTED:
        raise ValueError(f"{name} is nested more than {MOST_NESTED} deep")
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"{name} has the key {key!r}: keys are strings")
            plain_settings(key, f"{name}: the key {key!r}")
        return {str(key): plain_settings(item, f"{name}[{key!r}]", depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_settings(item, f"{name}[{place}]", depth + 1) for place, item in enumerate(value)]
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise ValueError(f"{name} must be between -2**63 and 2**63 - 1, or a float")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{name} must be finite, not {value}")
    if isinstance(value, str) and has_half_characters(value):
        raise ValueError(f"{name} has half a character (a lone surrogate) in it: {value!r}")
    if isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"{name} must be a number, a string, a boolean, a list or a dict, not {type(value).__name__}")
