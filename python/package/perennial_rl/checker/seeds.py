"""Seeds: one for each environment, and they decide how its episodes go.

Some games begin always alike, and some go always alike. So what seeds decide is looked for in the first steps and not only in the first
observation, and where nothing is random nothing is demanded.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from itertools import islice
from typing import Any

from perennial_rl.checker.playing import Broken, Subject, listed, must
from perennial_rl.checker.values import digest, equal

STEPS = 20
"""Steps in which something random has to happen."""

TRIES = 8
"""Episodes that are begun with other seeds, and without."""

MANY = 6
"""Different ones among ``TRIES`` that show that two are hardly ever the same by chance."""


def check_lists(subject: Subject) -> None:
    """Whether ``reset`` takes a list of seeds: ``SyncVectorEnv`` does, and ``VectorEnv.reset`` documents one number only."""
    env, n = subject.env, subject.num_envs
    try:
        env.reset(seed=[subject.seed + number for number in range(n)])
    except Exception as error:  # noqa: BLE001: any refusal will do.
        subject.remarks.append(
            f"reset() takes no list of seeds ({type(error).__name__}), as SyncVectorEnv's does and VectorEnv.reset does not promise: "
            "environments could not be compared with each other or with single ones"
        )
        return
    subject.takes_lists = True
    try:
        env.reset(seed=[subject.seed] * (n + 1))
    except Exception:  # noqa: BLE001: any refusal is right.
        return
    raise Broken("more seeds than environments are accepted")


def check_seeds(subject: Subject) -> None:
    """The same seed gives the same, another one something else, and no seed something else each time."""
    first = copy.deepcopy(subject.env.reset(seed=subject.seed)[0])
    must(equal(first, subject.env.reset(seed=subject.seed)[0]), "reset(seed) twice with the same seed gives different observations")
    seeded = [_opening(subject, subject.seed + 1_000 * attempt) for attempt in range(TRIES)]
    unseeded = [_opening(subject, None) for _ in range(TRIES)]
    for number in range(subject.num_envs):
        subject.firsts |= {opening.firsts[number] for opening in [*seeded, *unseeded]}
        subject.is_varied.append(len({opening.firsts[number] for opening in seeded}) >= MANY)
    if seeded[0] != _opening(subject, subject.seed):
        # Not the seeds' fault: the check of determinism says more.
        return
    if subject.takes_lists:
        by_list = _opening(subject, [subject.seed + number for number in range(subject.num_envs)])
        for number in range(subject.num_envs):
            same = seeded[0].firsts[number] == by_list.firsts[number] and seeded[0].steps.get(number) == by_list.steps.get(number)
            must(same, f"reset(seed=s) differs from reset(seed=[s, s + 1, ..]): environment {number} begins another episode")
    ignoring, repeating, unchanged = [], [], []
    for number in subject.rows_compared:
        by_seed = [(opening.firsts[number], opening.steps[number]) for opening in seeded]
        by_chance = {(opening.firsts[number], opening.steps[number]) for opening in unseeded}
        if len(set(by_seed)) == 1:
            (ignoring if len(by_chance) > 1 else unchanged).append(number)
        elif len(set(by_seed)) >= MANY and len(by_chance) == 1:
            repeating.append(number)
    problems = _shared(subject, seeded)
    if ignoring:
        problems.append(f"another seed gives the same: each of {TRIES} seeds gives the same episode in {listed(ignoring)}")
    if repeating:
        problems.append(f"reset() without a seed gives the same episode each time, in {listed(repeating)}")
    if unchanged:
        whom = "every environment" if unchanged == subject.rows_compared else listed(unchanged)
        subject.remarks.append(f"no seed changes the first {STEPS} steps of {whom}: what seeds decide could not be checked there")
    if problems:
        raise Broken(*problems)


def _shared(subject: Subject, seeded: list[_Opening]) -> list[str]:
    """Environments that begin alike whatever the seed, although seeds make a difference."""
    groups: dict[tuple[bytes, ...], list[int]] = {}
    for number in range(subject.num_envs):
        groups.setdefault(tuple(opening.firsts[number] for opening in seeded), []).append(number)
    return [
        f"{listed(numbers)} begin alike, whatever the seed: they seem to share one seed"
        for numbers in groups.values()
        if len(numbers) > 1 and subject.is_varied[numbers[0]]
    ]


@dataclass
class _Opening:
    """How an episode goes at first, in digests."""

    firsts: list[bytes]
    """First observations of all environments."""
    steps: dict[int, bytes]
    """First steps of those that are compared."""


def _opening(subject: Subject, seed: Any) -> _Opening:
    firsts: list[bytes] = []
    steps: dict[int, list[bytes]] = {number: [] for number in subject.rows_compared}
    for step in islice(subject.play(seed), STEPS + 1):
        if step.number == 0:
            firsts = [digest(observation) for observation in subject.rows(step.observations)]
            continue
        for number, digests in steps.items():
            observation = subject.row(step.observations, number)
            digests.append(digest((observation, step.rewards[number], step.terminated[number], step.truncated[number])))
    return _Opening(firsts, {number: digest(digests) for number, digests in steps.items()})
