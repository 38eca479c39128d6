"""A reference: single environments that play the same seeds and actions.

What an episode's last observation, reward and infos are, and whether it was terminated or truncated, is known to nobody but the single
environment: a vector that has lost it is in no contradiction with itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AsyncVectorEnv, SyncVectorEnv

from perennial_rl.checker.playing import Broken, Step, Subject, must
from perennial_rl.checker.values import close, shown, shown_apart
from perennial_rl.vector import AutoresetMode


def check_single(subject: Subject, single: Callable[[], gymnasium.Env] | None) -> None:
    """Every environment of the vector does what a single one with its seed and its actions does."""
    if not subject.takes_lists:
        must(single is None, "it cannot be compared with single environments: reset() takes no list of seeds")
        return
    with _references(subject, single) as envs:
        if not envs:
            subject.remarks.append(
                "the last observation, reward and infos of episodes could not be compared with those of single environments: "
                "give check_vector_env(single=..) a function that makes one"
            )
            return
        _compare(subject, envs)
        subject.is_compared = True


@contextmanager
def _references(subject: Subject, single: Callable[[], gymnasium.Env] | None) -> Iterator[dict[int, gymnasium.Env]]:
    """Single environments for some rows, by their number."""
    env = subject.env
    if single is None and isinstance(env, SyncVectorEnv):
        # Its own, for what makes them need not make the same twice. Later resets of the vector begin them anew.
        yield {number: env.envs[number] for number in subject.rows_compared}
        return
    makers: dict[int, Callable[[], gymnasium.Env]] = {}
    if single is not None:
        makers = dict.fromkeys(subject.rows_compared, single)
    elif isinstance(env, AsyncVectorEnv):
        makers = {number: env.env_fns[number] for number in subject.rows_compared}
    made: dict[int, gymnasium.Env] = {}
    try:
        for number, make in makers.items():
            made[number] = make()
            for name in ("observation_space", "action_space"):
                there, here = getattr(made[number], name), getattr(env, f"single_{name}")
                must(there == here, f"single environment {number} has another {name} than the vector's: {there}, not {here}")
        yield made
    finally:
        for one in made.values():
            one.close()


class _Reference:
    """A single environment, asked for what its row of the vector must be."""

    def __init__(self, env: gymnasium.Env, mode: AutoresetMode) -> None:
        self._env, self._mode, self._has_ended = env, mode, False

    def expected(self, step: Step, action: Any, seed: int) -> dict[str, Any]:
        """All that the vector must say of it in a step, by name."""
        if step.number == 0:
            observation, info = self._env.reset(seed=seed)
            return {"observation": observation, **_named(info)}
        if self._has_ended and self._mode == AutoresetMode.NEXT_STEP:
            observation, info = self._env.reset()
            self._has_ended = False
            return {"terminated": False, "truncated": False, "reward": 0.0, "observation": observation, **_named(info)}
        observation, reward, terminated, truncated, info = self._env.step(action)
        self._has_ended = bool(terminated or truncated)
        found = {"terminated": bool(terminated), "truncated": bool(truncated), "reward": reward}
        if not self._has_ended or self._mode == AutoresetMode.NEXT_STEP:
            return {**found, "observation": observation, **_named(info)}
        first, first_info = self._env.reset()
        if self._mode == AutoresetMode.SAME_STEP:
            return {
                **found,
                "infos['final_obs']": observation,
                **_named(info, "infos['final_info']"),
                "observation": first,
                **_named(first_info),
            }
        return {
            **found,
            "observation": observation,
            **_named(info),
            "observation of the reset": first,
            **_named(first_info, "infos of the reset"),
        }


def _named(info: dict[str, Any], name: str = "infos") -> dict[str, Any]:
    """Infos of a single environment, each by its whole name."""
    found: dict[str, Any] = {}
    for key, value in info.items():
        if str(key).startswith("_"):
            continue
        if isinstance(value, dict):
            found.update(_named(value, f"{name}[{key!r}]"))
        else:
            found[f"{name}[{key!r}]"] = value
    return found


def _compare(subject: Subject, envs: dict[int, gymnasium.Env]) -> None:
    """Compares step by step until something differs from which all else would follow."""
    references = {number: _Reference(env, subject.mode) for number, env in envs.items()}
    problems: dict[str, str] = {}
    before: dict[int, Any] = {}
    for step in subject.steps:
        actions = subject.actions.rows(step.number) if step.number else [None] * subject.num_envs
        expected = {number: one.expected(step, actions[number], subject.seed + number) for number, one in references.items()}
        is_over = False
        for number, right in expected.items():
            found = subject.of(step, number)
            for name in dict.fromkeys([*right, *found]):
                if _is_left_out(subject, step, name) or (name in right and name in found and close(found[name], right[name])):
                    continue
                kind = _kind(name)
                is_over |= kind in ("observation", "end")
                problems.setdefault(kind, _problem(step, name, number, found, expected, before.get(number)))
        if is_over:
            break
        before = {number: found["observation"] for number in references if "observation" in (found := subject.of(step, number))}
    if problems:
        raise Broken(*dict.fromkeys(problems.values()))


def _is_left_out(subject: Subject, step: Step, name: str) -> bool:
    """Whether something was not kept, or changes by itself."""
    if not step.is_kept and name.startswith(("observation", "infos")):
        return True
    return name in subject.unstable or name.endswith("['episode']['t']")


def _kind(name: str) -> str:
    """What is reported once."""
    if name in ("terminated", "truncated"):
        return "end"
    return "observation" if name.startswith("observation") else name


def _problem(step: Step, name: str, number: int, found: dict[str, Any], expected: dict[int, dict[str, Any]], before: Any) -> str:
    right = expected[number]
    where = f"environment {number}, {step.where}"
    beside = "a single environment with the same seed and actions"
    if name in ("terminated", "truncated"):
        ends = [tuple(bool(of[one]) for one in ("terminated", "truncated")) for of in (found, right)]
        why = ""
        if ends == [(True, False), (False, True)]:
            why = ": a truncation is told as a termination"
        elif ends == [(False, True), (True, False)]:
            why = ": a termination is told as a truncation"
        return f"{where}: (terminated, truncated) is {ends[0]}, and {ends[1]} in {beside}{why}"
    if name not in found:
        return f"{where}: {name} is missing, and {shown(right[name])} in {beside}"
    if name not in right:
        return f"{where}: {name} is {shown(found[name])}, and {beside} has none"
    why = ""
    if name == "infos['final_obs']" and before is not None and close(before, found[name]):
        why = ": it is the observation of the step before, not the last one"
    elif name == "infos['final_obs']":
        why = ": it is not the last observation of the episode"
    else:
        owners = [other for other, of in expected.items() if other != number and name in of and close(found[name], of[name])]
        if owners and name.startswith("observation") and not isinstance(found[name], (int, np.integer)):
            why = f": it is that of environment {owners[0]}"
    here, there = shown_apart(found[name], right[name])
    return f"{where}: the {name} is {here}, and {there} in {beside}{why}"
