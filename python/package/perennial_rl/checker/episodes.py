"""Episodes: what happens where one ends, by the kind of autoreset."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import numpy as np

from perennial_rl.checker import form
from perennial_rl.checker.playing import Broken, Subject, must
from perennial_rl.checker.values import arrays, digest, equal
from perennial_rl.vector import AutoresetMode

KEPT_STEPS = 50
"""Steps at the beginning of which everything is kept to be compared."""

ENDS_EACH, ENDS_TOGETHER = 2, 6
"""Ends of episodes that are waited for: of each environment, and of all together."""

KEPT_BYTES = 1 << 28
"""Memory after which no more is kept."""

STEPS_FOR_MORE = 500
"""Steps that more ends are waited for after the first."""

ENOUGH = 3
"""Beginnings of an environment that are not alike by chance."""


def play_first(subject: Subject) -> None:
    """The play that all others are compared with."""
    ends = np.zeros(subject.num_envs, dtype=np.int64)
    last_step = subject.most_steps
    had_ended, problem, kept_bytes = False, None, 0
    for step in subject.play(subject.first_seed):
        if problem is None:
            try:
                form.check_played(subject, step)
            except Broken as broken:
                if step.ended.shape != (subject.num_envs,):
                    raise
                problem = broken
        if not ends.any() and step.ended.any():
            last_step = min(last_step, step.number + STEPS_FOR_MORE)
        ends += step.ended
        # Observations may be large, and games long.
        is_kept = (step.number <= KEPT_STEPS or had_ended or step.ended.any()) and kept_bytes <= KEPT_BYTES
        kept_bytes += sum(array.nbytes for array in arrays([step.observations, step.infos])) if is_kept else 0
        subject.steps.append(copy.deepcopy(step if is_kept else replace(step, observations=None, infos={}, reset=None)))
        had_ended = bool(step.ended.any())
        if step.number >= last_step:
            break
        if ends.min() >= ENDS_EACH and ends.sum() >= ENDS_TOGETHER:
            # The step after an end is to be seen, too.
            last_step = step.number + 1
    if problem is not None:
        raise problem
    must(
        ends.any(),
        f"no episode ended within {subject.most_steps} steps: give check_vector_env(most_steps=..) more, or an environment with a time limit",
    )


def check_autoreset(subject: Subject) -> None:
    """What happens where an episode ends, by the kind of autoreset."""
    check = {
        AutoresetMode.NEXT_STEP: _check_next_step,
        AutoresetMode.SAME_STEP: _check_same_step,
        AutoresetMode.DISABLED: _check_disabled,
    }[subject.mode]
    check(subject)
    # Single environments that do the same leave nothing to guess.
    if not subject.is_compared:
        _check_beginnings(subject)


def _check_next_step(subject: Subject) -> None:
    """The step after an end begins the next episode, with reward 0."""
    _check_no_final(subject)
    for step in subject.steps:
        for number in np.flatnonzero(step.begun):
            must(
                step.rewards[number] == 0,
                f"environment {number} begins an episode in step {step.number} and has a reward of {step.rewards[number]}, not 0",
            )
            must(
                not step.ended[number],
                f"environment {number} begins an episode in step {step.number} and is said to have ended again",
            )


def _check_no_final(subject: Subject) -> None:
    for step in subject.steps:
        if step.ended.any():
            must("final_obs" not in step.infos, f"infos hold final_obs, which {subject.mode} does not have: its observations are the last ones")


def _check_same_step(subject: Subject) -> None:
    """The step of the end begins the next episode, and infos tell what was last."""
    for step in subject.steps[1:]:
        if not step.is_kept:
            continue
        infos = step.infos
        for name in ("final_obs", "final_info"):
            if step.ended.any():
                must(name in infos and f"_{name}" in infos, f"an episode ended in step {step.number} and infos have no {name} and _{name}")
            must(
                np.array_equal(infos.get(f"_{name}", step.ended), step.ended),
                f"infos['_{name}'] does not mark the environments whose episode ended, in {step.where}",
            )
        if not step.ended.any():
            continue
        must(
            isinstance(infos["final_info"], dict),
            f"infos['final_info'] must be a dict of arrays as infos are, and is {form.described(infos['final_info'])}, in {step.where}",
        )
        must(
            isinstance(infos["final_obs"], np.ndarray),
            f"infos['final_obs'] must be an array of objects, and is {form.described(infos['final_obs'])}, in {step.where}",
        )
        for number in np.flatnonzero(step.ended):
            final = infos["final_obs"][number]
            must(
                final in subject.env.single_observation_space,
                f"infos['final_obs'][{number}] is not in single_observation_space, in {step.where}: {form.described(final)}",
            )


def _check_beginnings(subject: Subject) -> None:
    """Each episode begins with a first observation: not with the last one of the episode before, and not always with the same."""
    stuck = {
        AutoresetMode.NEXT_STEP: "the first observation of an episode is the last one of the episode before",
        AutoresetMode.SAME_STEP: "the observation is the last one of the episode that ended, not the first of the next",
        AutoresetMode.DISABLED: "it was to be reset and still shows the last observation of its episode",
    }[subject.mode]
    all_stuck: list[bool] = []
    repeated: list[bool] = []
    problems = []
    for number in range(subject.num_envs):
        pairs = _beginnings(subject, number)
        # A game may well begin where it ended, but then it sometimes begins there without an end, too.
        is_stuck = [equal(last, first) and digest(first) not in subject.firsts for last, first in pairs]
        all_stuck += is_stuck
        if len(pairs) >= ENOUGH and all(is_stuck):
            problems.append(f"environment {number}: {stuck}")
        if subject.is_varied and subject.is_varied[number]:
            beginning = subject.row(subject.steps[0].observations, number)
            repeated += [equal(beginning, first) for _, first in pairs]
    if not problems and all_stuck and all(all_stuck):
        problems.append(f"in all environments, {stuck}")
    if len(repeated) >= ENDS_TOGETHER and all(repeated):
        problems.append("every episode begins as the first one did: the reset at an episode's end seems to use the seed again")
    if problems:
        raise Broken(*problems)


def _beginnings(subject: Subject, number: int) -> list[tuple[Any, Any]]:
    """Last observations of an environment's episodes, with the first observations of those that follow."""
    pairs = []
    for step, following in zip(subject.steps, [*subject.steps[1:], None], strict=True):
        if not step.ended[number] or not step.is_kept:
            continue
        last = subject.row(step.observations, number)
        if subject.mode == AutoresetMode.SAME_STEP:
            pairs.append((step.infos["final_obs"][number], last))
        elif subject.mode == AutoresetMode.DISABLED and step.reset is not None:
            pairs.append((last, subject.row(step.reset[0], number)))
        elif subject.mode == AutoresetMode.NEXT_STEP and following is not None and following.is_kept:
            pairs.append((last, subject.row(following.observations, number)))
    return pairs


def _check_disabled(subject: Subject) -> None:
    """Only a reset with a mask begins the next episode, and only where the mask says so."""
    _check_no_final(subject)
    n = subject.num_envs
    for step in subject.steps:
        if step.reset is None:
            continue
        observations, infos = step.reset
        for number in np.flatnonzero(~step.ended):
            must(
                equal(subject.row(step.observations, number), subject.row(observations, number)),
                f"environment {number} was not to be reset after step {step.number} and shows another observation",
            )
        for name, mask in infos.items():
            if str(name).startswith("_") and isinstance(mask, np.ndarray) and mask.dtype == np.bool_ and mask.shape == (n,):
                must(not (mask & ~step.ended).any(), f"infos['{name}'] marks environments that were not reset after step {step.number}")
    ended = next(step.ended for step in subject.steps if step.ended.any())
    for wrong, why in (
        (ended.tolist(), "a list"),
        (ended.astype(np.int64), "an array of integers"),
        (np.ones(n + 1, dtype=np.bool_), "an array of another length"),
        (np.zeros(n, dtype=np.bool_), "a mask that chooses nothing"),
    ):
        _play_to_an_end(subject)
        try:
            subject.env.reset(options={"reset_mask": wrong})
        except Exception:  # noqa: BLE001: any refusal is right.
            continue
        raise Broken(f"reset_mask takes {why}")


def _play_to_an_end(subject: Subject) -> None:
    env = subject.env
    env.reset(seed=subject.first_seed)
    for number in range(1, subject.most_steps + 1):
        _, _, terminated, truncated, _ = env.step(subject.batch(subject.actions.rows(number)))
        if (terminated | truncated).any():
            break
