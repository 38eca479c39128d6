"""Rows: the same seeds and actions give the same, and what an environment does depends on its own alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from perennial_rl.checker.playing import Broken, Step, Subject, listed
from perennial_rl.checker.values import equal
from perennial_rl.vector import AutoresetMode

FIRST_STEPS = 40
"""Steps in which an action that goes astray shows."""


def check_determinism(subject: Subject) -> None:
    """The same seed and the same actions give the same."""
    for before, step in zip(subject.steps, subject.play(subject.first_seed), strict=False):
        for number in subject.rows_compared:
            one, other = subject.of(before, number), subject.of(step, number)
            for name in _different(one, other):
                if name.startswith("infos"):
                    subject.unstable.add(name)
                else:
                    raise Broken(f"the same seed and actions give another {name} in {step.where}, in environment {number}")


def check_ignored_actions(subject: Subject) -> None:
    """With ``NEXT_STEP`` the action of the step that begins an episode changes nothing."""
    if subject.mode != AutoresetMode.NEXT_STEP:
        return

    def chosen(number: int, begun: np.ndarray) -> list[Any]:
        rows = list(subject.actions.rows(number))
        for place in np.flatnonzero(begun):
            for later in range(number, number + 20):
                rows[place] = subject.other_actions.rows(later)[place]
                if not equal(rows[place], subject.actions.rows(number)[place]):
                    break
        return rows

    def problem(name: str, number: int, step: Step) -> str:
        begun = [known for known in subject.steps[: step.number + 1] if known.begun is not None and known.begun[number]]
        which = begun[-1].number if begun else step.number
        return f"environment {number}: the action of the step that begins an episode is not ignored (step {which}): it changes the {name}"

    _compare(subject, subject.rows_compared, subject.first_seed, chosen, problem)


def check_independence(subject: Subject) -> None:
    """With other seeds and actions of the others, an environment does the same."""
    n = subject.num_envs
    if n == 1 or not subject.takes_lists:
        return
    # Any two environments are once on different sides of a division by one bit of their numbers.
    for bit in range((n - 1).bit_length()):
        for side in (0, 1):
            kept = [number for number in range(n) if number >> bit & 1 == side]
            others = [number for number in range(n) if number >> bit & 1 != side]

            def chosen(step: int, _: np.ndarray, kept: list[int] = kept) -> list[Any]:
                rows = list(subject.other_actions.rows(step))
                for number in kept:
                    rows[number] = subject.actions.rows(step)[number]
                return rows

            seeds = [subject.seed + number + (50_000 if number in set(others) else 0) for number in range(n)]
            for changed, seed, steps in (("actions", subject.first_seed, FIRST_STEPS), ("seeds and actions", seeds, None)):

                def problem(name: str, number: int, step: Step, changed: str = changed, others: list[int] = others) -> str:
                    return (
                        f"environment {number} is not independent: with other {changed} of {listed(others)} alone, "
                        f"its {name} differs in {step.where}"
                    )

                _compare(subject, [number for number in kept if number in subject.rows_compared], seed, chosen, problem, steps)


def _compare(
    subject: Subject,
    numbers: list[int],
    seed: Any,
    chosen: Callable[[int, np.ndarray], list[Any]],
    problem: Callable[[str, int, Step], str],
    steps: int | None = None,
) -> None:
    """Some environments do the same as in the first play."""
    for before, step in zip(subject.steps[:steps], subject.play(seed, chosen), strict=False):
        for number in numbers:
            for name in _different(subject.of(before, number), subject.of(step, number)):
                # Where something ended in one of them alone, that is what makes the difference.
                raise Broken(problem(name, number, before if before.ended.any() else step))


def _different(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Names of what differs. Where observations were not kept they are not compared."""
    is_kept = "observation" in one and "observation" in other
    names = []
    for name in [*one, *(name for name in other if name not in one)]:
        if name.startswith(("observation", "infos")) and not is_kept:
            continue
        if name in one and name in other:
            types = [getattr(value, "dtype", None) for value in (one[name], other[name])]
            # The first environment that has an info decides the type of all.
            if equal(one[name], other[name]) or (name.startswith("infos") and types[0] != types[1]):
                continue
        names.append(name)
    return names
