"""Playing with an environment: the same seeds and actions again, or others in some rows."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import gymnasium
import numpy as np

from perennial_rl.checker.values import batch, row
from perennial_rl.vector import AutoresetMode

MOST_ROWS = 32
"""Rows that are compared one by one."""


class Broken(Exception):
    """Promises that are broken."""

    def __init__(self, *problems: str) -> None:
        super().__init__(*problems)
        self.problems = problems


def must(holds: Any, problem: str) -> None:
    """A promise."""
    if not holds:
        raise Broken(problem)


class Actions:
    """Random actions of each environment, the same whenever one asks again."""

    def __init__(self, space: gymnasium.Space, num_envs: int, seed: int) -> None:
        # The environment's own space goes on as if nobody had asked it.
        self._space, self._num_envs = copy.deepcopy(space), num_envs
        self._space.seed(seed)
        self._steps: list[list[Any]] = []

    def rows(self, step: int) -> list[Any]:
        """Those of a step, the first of which is step 1."""
        while len(self._steps) < step:
            self._steps.append([self._space.sample() for _ in range(self._num_envs)])
        return self._steps[step - 1]


@dataclass
class Step:
    """What a step returned, or as step 0 a reset. What is large is kept of the first steps and those around an episode's end."""

    number: int
    observations: Any
    infos: dict[str, Any]
    rewards: Any = None
    terminated: Any = None
    truncated: Any = None
    ended: Any = None
    begun: Any = None
    """Environments whose episode begins in this step, for the one before has ended: with ``NEXT_STEP``."""
    reset: tuple[Any, dict[str, Any]] | None = None
    """What the reset after this step returned: with ``DISABLED``."""

    @property
    def is_kept(self) -> bool:
        """Whether observations and infos were kept."""
        return self.observations is not None

    @property
    def where(self) -> str:
        """The step, as a message names it."""
        if self.number == 0:
            return "reset()"
        ended = f" (in which episodes of {listed(np.flatnonzero(self.ended))} ended)" if self.ended.any() else ""
        return f"step {self.number}{ended}"

    def of(self, space: gymnasium.Space, number: int) -> dict[str, Any]:
        """All that is of one environment, by name."""
        found: dict[str, Any] = {}
        if self.number > 0:
            found["terminated"], found["truncated"] = self.terminated[number], self.truncated[number]
            found["reward"] = self.rewards[number]
        if self.is_kept:
            found["observation"] = row(space, self.observations, number)
            found.update(infos_of(self.infos, number))
        if self.reset is not None and self.ended[number]:
            found["observation of the reset"] = row(space, self.reset[0], number)
            found.update(infos_of(self.reset[1], number, "infos of the reset"))
        return found


def infos_of(infos: dict[str, Any], number: int, name: str = "infos") -> dict[str, Any]:
    """Infos of one environment, each by its whole name."""
    found: dict[str, Any] = {}
    for key, value in infos.items():
        mask = infos.get(f"_{key}")
        # Dictionaries within need no mask of their own.
        if str(key).startswith("_") or (mask is not None and not mask[number]):
            continue
        if isinstance(value, dict):
            found.update(infos_of(value, number, f"{name}[{key!r}]"))
        else:
            found[f"{name}[{key!r}]"] = value[number]
    return found


def listed(numbers: Sequence[int] | np.ndarray) -> str:
    """Environments, as a message names them."""
    names = [str(number) for number in numbers]
    shown = ", ".join(names[:8]) + (", .." if len(names) > 8 else "")
    return f"environment{'s' if len(names) != 1 else ''} {shown}"


@dataclass
class Subject:
    """The environment, and what is known of it by now."""

    env: Any
    most_steps: int
    seed: int
    takes_lists: bool = False
    """Whether ``reset`` takes a list of seeds."""
    is_varied: list[bool] = field(default_factory=list)
    """Whether the first observation of each environment is hardly ever the same with another seed."""
    firsts: set[bytes] = field(default_factory=set)
    """Digests of first observations."""
    steps: list[Step] = field(default_factory=list)
    """The first play: every environment ends some episodes in it, if it can."""
    is_compared: bool = False
    """Whether it did what single environments do."""
    unstable: set[str] = field(default_factory=set)
    """Infos that change by themselves: a time that was measured."""
    remarks: list[str] = field(default_factory=list)
    """What could not be checked, and why."""

    def __post_init__(self) -> None:
        self.num_envs: int = self.env.num_envs
        self.mode: AutoresetMode = self.env.metadata["autoreset_mode"]
        self.actions = Actions(self.env.single_action_space, self.num_envs, self.seed)
        self.other_actions = Actions(self.env.single_action_space, self.num_envs, self.seed + 1)
        self.rows_compared: list[int] = np.unique(np.linspace(0, self.num_envs - 1, min(self.num_envs, MOST_ROWS)).astype(int)).tolist()

    @property
    def first_seed(self) -> Any:
        """Seeds of the first play."""
        return [self.seed + number for number in range(self.num_envs)] if self.takes_lists else self.seed

    def batch(self, rows: list[Any]) -> Any:
        """Actions of all environments."""
        return batch(self.env.single_action_space, rows)

    def row(self, observations: Any, number: int) -> Any:
        """Observation of one environment."""
        return row(self.env.single_observation_space, observations, number)

    def rows(self, observations: Any) -> list[Any]:
        """Observations of all environments."""
        return [self.row(observations, number) for number in range(self.num_envs)]

    def of(self, step: Step, number: int) -> dict[str, Any]:
        """All that a step says of one environment and that would be the same again, by name."""
        found = step.of(self.env.single_observation_space, number)
        # A time that Gymnasium's RecordEpisodeStatistics measures.
        return {name: value for name, value in found.items() if name not in self.unstable and not name.endswith("['episode']['t']")}

    def play(self, seed: Any, chosen: Callable[[int, np.ndarray], list[Any]] | None = None) -> Iterator[Step]:
        """A reset and then steps without end. Where nothing else resets what has ended, this does.

        ``chosen`` are the actions by the step's number and the environments that begin in it.
        """
        env = self.env
        observations, infos = env.reset() if seed is None else env.reset(seed=seed)
        nobody = np.zeros(self.num_envs, dtype=np.bool_)
        yield Step(0, observations, infos, ended=nobody, begun=nobody)
        ended, number = nobody, 0
        while True:
            number += 1
            begun = ended if self.mode == AutoresetMode.NEXT_STEP else nobody
            actions = self.batch(chosen(number, begun) if chosen else self.actions.rows(number))
            try:
                result = env.step(actions)
            except Exception as error:
                after = f", the one after episodes of {listed(np.flatnonzero(ended))} ended," if ended.any() else ""
                raise Broken(f"step {number}{after} raises {type(error).__name__}: {error}") from error
            must(
                isinstance(result, tuple) and len(result) == 5,
                "step() does not return (observations, rewards, terminations, truncations, infos)",
            )
            observations, rewards, terminated, truncated, infos = result
            ended = np.asarray(terminated, dtype=np.bool_) | np.asarray(truncated, dtype=np.bool_)
            step = Step(number, observations, infos, rewards, terminated, truncated, ended, begun)
            if self.mode == AutoresetMode.DISABLED and ended.any():
                # The reset may use the same buffer.
                step = copy.deepcopy(step)
                try:
                    step.reset = env.reset(options={"reset_mask": ended.copy()})
                except Exception as error:
                    raise Broken(f"reset() with a mask, after step {number}, raises {type(error).__name__}: {error}") from error
            yield step
