"""A checker for vector environments: does one keep the contract that training code relies on?

Gymnasium has a checker for single environments and none for vectors, although this is where mistakes are quiet: a buffer that is reused, a
first observation that is taken for a last one, gardens that all have the same seed. ``check_vector_env`` plays with an environment and
reports every broken promise at once. It takes environments of any library.

The contract is that of Gymnasium 1.4: https://gymnasium.farama.org/api/vector/ and its ``SyncVectorEnv``. An environment that keeps it must
pass whatever it simulates, so nothing is called wrong that could be the game's own: a start that is always the same, an episode of one step,
an observation that does not change.

- ``form``: spaces, types, infos, buffers;
- ``seeds``: what seeds decide;
- ``rows``: determinism, and that no environment depends on the others;
- ``episodes``: what happens where an episode ends;
- ``reference``: the same played in single environments, value by value;
- ``playing`` and ``values``: what these have in common.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gymnasium

from perennial_rl.checker import episodes, form, reference, rows, seeds
from perennial_rl.checker.playing import Broken, Subject


class VectorContractError(AssertionError):
    """The broken promises of a vector environment, one in each line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(f"- {problem}" for problem in problems))
        self.problems = problems


def check_vector_env(
    env: gymnasium.vector.VectorEnv,
    *,
    most_steps: int = 2_000,
    buffers_are_fresh: bool | None = None,
    single: Callable[[], gymnasium.Env] | None = None,
    seed: int = 20_241,
) -> list[str]:
    """Checks a vector environment against Gymnasium's contract; raises ``VectorContractError`` with all that is broken.

    Args:
        env: the environment. It is stepped and reset, and not closed. Its single environments are, too, if it is a ``SyncVectorEnv``.
        most_steps: steps within which an episode has to end under random actions, so that autoreset can be checked.
        buffers_are_fresh: whether returned arrays must never change later; as ``env.copy`` says by default, or yes.
        single: makes a single environment that does what each of the vector does. Then all that the vector returns is compared with
            it, value by value: the last observation, reward and info of an episode can be checked in no other way. By default those
            that a ``SyncVectorEnv`` or ``AsyncVectorEnv`` is made of, if no wrapper is around it.
        seed: seed of the play.

    Returns:
        What could not be checked, and why. Of more than 32 environments, 32 are compared row by row.
    """
    if not isinstance(env, gymnasium.vector.VectorEnv):
        hint = ": gymnasium.utils.env_checker.check_env checks single environments" if isinstance(env, gymnasium.Env) else ""
        raise TypeError(f"env must be a gymnasium.vector.VectorEnv, not {env!r}{hint}")
    if buffers_are_fresh is None:
        buffers_are_fresh = bool(getattr(env.unwrapped, "copy", True))
    problems: list[str] = []

    def passes(check: Callable[..., None], *arguments: Any) -> bool:
        try:
            check(*arguments)
        except Broken as broken:
            problems.extend(problem for problem in broken.problems if problem not in problems)
        except Exception as error:  # noqa: BLE001: whatever goes wrong in it is what is to be reported.
            # After something else was wrong this only follows from it.
            if not problems:
                problems.append(f"{type(error).__name__} where none was expected: {error}")
        else:
            return True
        return False

    # The other checks have nothing to stand on without these.
    if passes(form.check_attributes, env):
        subject = Subject(env, most_steps, seed)
        for check in (form.check_reset, seeds.check_lists):
            passes(check, subject)
        is_played = passes(episodes.play_first, subject)
        passes(seeds.check_seeds, subject)
        # What differs by itself differs from everything.
        if subject.steps and passes(rows.check_determinism, subject):
            # Actions that go astray are no actions that are not ignored.
            if passes(rows.check_independence, subject):
                passes(rows.check_ignored_actions, subject)
            passes(reference.check_single, subject, single)
        if is_played:
            passes(episodes.check_autoreset, subject)
        if buffers_are_fresh:
            passes(form.check_buffers, subject)
    if problems:
        raise VectorContractError(problems)
    return subject.remarks
