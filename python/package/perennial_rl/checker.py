"""A checker for vector environments: does one keep the contract that training code relies on?

Gymnasium has a checker for single environments and none for vectors, although this is where mistakes are quiet: a buffer that is reused, a
first observation that is taken for a last one, gardens that all have the same seed. ``check_vector_env`` plays with an environment and
reports every broken promise at once. It takes environments of any library.

The contract is that of Gymnasium 1.4: https://gymnasium.farama.org/api/vector/ and its ``SyncVectorEnv``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector.utils import batch_space

from perennial_rl.vector import AutoresetMode

SEED = 20_241


class VectorContractError(AssertionError):
    """The broken promises of a vector environment, one in each line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(f"- {problem}" for problem in problems))
        self.problems = problems


class _Broken(Exception):
    """A promise is broken."""


def check_vector_env(env: gymnasium.vector.VectorEnv, *, most_steps: int = 2_000, buffers_are_fresh: bool | None = None) -> None:
    """Checks a vector environment against Gymnasium's contract; raises ``VectorContractError`` with all that is broken.

    Args:
        env: the environment. It is stepped and reset, and not closed.
        most_steps: steps within which an episode has to end under random actions, so that autoreset can be checked.
        buffers_are_fresh: whether returned arrays must never change later; as ``env.copy`` says by default, or yes.
    """
    if buffers_are_fresh is None:
        buffers_are_fresh = bool(getattr(env.unwrapped, "copy", True))
    checks: list[Callable[[], None]] = [
        lambda: _check_attributes(env),
        lambda: _check_reset(env),
        lambda: _check_seeds(env),
        lambda: _check_step(env),
        lambda: _check_determinism(env),
        lambda: _check_autoreset(env, most_steps),
    ]
    if buffers_are_fresh:
        checks.append(lambda: _check_buffers(env))
    problems = []
    for check in checks:
        try:
            check()
        except _Broken as broken:
            problems.append(str(broken))
        except Exception as error:  # noqa: BLE001: whatever goes wrong in it is what is to be reported.
            problems.append(f"{type(error).__name__} where none was expected: {error}")
        # The other checks have nothing to stand on without these.
        if problems and check is checks[0]:
            break
    if problems:
        raise VectorContractError(problems)


def _must(holds: Any, problem: str) -> None:
    if not holds:
        raise _Broken(problem)


def _check_attributes(env: Any) -> None:
    """Number of environments, spaces, kind of autoreset."""
    _must(isinstance(env, gymnasium.vector.VectorEnv), "it is not a gymnasium.vector.VectorEnv")
    for name in ("num_envs", "single_observation_space", "observation_space", "single_action_space", "action_space"):
        _must(getattr(env, name, None) is not None, f"it has no {name}")
    _must(isinstance(env.num_envs, int) and env.num_envs > 0, f"num_envs is {env.num_envs!r}")
    for name in ("observation", "action"):
        single, whole = getattr(env, f"single_{name}_space"), getattr(env, f"{name}_space")
        _must(
            whole == batch_space(single, env.num_envs),
            f"{name}_space is not batch_space(single_{name}_space, {env.num_envs}): {whole}",
        )
    mode = (env.metadata or {}).get("autoreset_mode")
    _must(
        isinstance(mode, AutoresetMode),
        f"metadata['autoreset_mode'] is {mode!r} and not an AutoresetMode: training code cannot know which observation is which",
    )


def _check_reset(env: Any) -> None:
    """What ``reset`` returns."""
    result = env.reset(seed=SEED)
    _must(isinstance(result, tuple) and len(result) == 2, "reset() does not return (observations, infos)")
    _check_observations(env, result[0], "reset()")
    _check_infos(env, result[1], "reset()")


def _check_seeds(env: Any) -> None:
    """One seed is a seed for each environment, and seeds decide."""
    first = _kept(env.reset(seed=SEED)[0])
    _must(_equal(first, env.reset(seed=SEED)[0]), "reset(seed) twice with the same seed gives different observations")
    listed = _kept(env.reset(seed=[SEED + number for number in range(env.num_envs)])[0])
    _must(_equal(first, listed), "reset(seed=s) differs from reset(seed=[s, s + 1, ..])")
    other = env.reset(seed=SEED + 100_003)[0]
    _must(not _equal(first, other), "another seed gives the same observations")
    if env.num_envs > 1:
        rows = [_row(first, number) for number in range(env.num_envs)]
        _must(not all(_equal(rows[0], row) for row in rows[1:]), "all environments begin alike: they seem to share one seed")
    try:
        env.reset(seed=[SEED] * (env.num_envs + 1))
    except Exception:  # noqa: BLE001: any refusal is right.
        return
    raise _Broken("more seeds than environments are accepted")


def _check_step(env: Any) -> None:
    """What ``step`` returns."""
    env.reset(seed=SEED)
    env.action_space.seed(SEED)
    result = env.step(env.action_space.sample())
    _must(
        isinstance(result, tuple) and len(result) == 5,
        "step() does not return (observations, rewards, terminations, truncations, infos)",
    )
    observations, rewards, terminated, truncated, infos = result
    _check_observations(env, observations, "step()")
    _must(
        isinstance(rewards, np.ndarray) and rewards.shape == (env.num_envs,) and rewards.dtype.kind == "f",
        f"rewards must be an array of {env.num_envs} floats: {rewards!r}",
    )
    for name, ends in (("terminations", terminated), ("truncations", truncated)):
        _must(
            isinstance(ends, np.ndarray) and ends.shape == (env.num_envs,) and ends.dtype == np.bool_,
            f"{name} must be an array of {env.num_envs} booleans: {ends!r}",
        )
    _check_infos(env, infos, "step()")


def _check_determinism(env: Any) -> None:
    """The same seed and the same actions give the same."""
    actions = _actions(env, 30)
    first = [_kept(result) for result in _played(env, actions)]
    second = [_kept(result) for result in _played(env, actions)]
    for number, (one, other) in enumerate(zip(first, second, strict=True)):
        for name, before, after in zip(("observations", "rewards", "terminations", "truncations"), one, other, strict=False):
            _must(_equal(before, after), f"the same seed and actions give other {name} after {number + 1} steps")


def _check_buffers(env: Any) -> None:
    """Arrays that were returned never change, and share no memory with later ones."""
    begun = env.reset(seed=SEED)
    held = [("reset()", begun, copy.deepcopy(begun))]
    for number, result in enumerate(_played(env, _actions(env, 3))):
        held.append((f"step {number + 1}", result, copy.deepcopy(result)))
    for name, result, as_it_was in held:
        _must(_equal(result, as_it_was), f"what {name} returned was changed by a later call: a buffer is reused")
    for place, (name, result, _) in enumerate(held):
        for later, other, _ in held[place + 1 :]:
            for array in _arrays(result):
                _must(
                    not any(np.shares_memory(array, another) for another in _arrays(other)),
                    f"arrays that {name} and {later} returned share memory",
                )


def _check_autoreset(env: Any, most_steps: int) -> None:
    """What happens where an episode ends, by the kind of autoreset."""
    actions = _actions(env, most_steps)
    played: list[Any] = []
    ended = np.zeros(env.num_envs, dtype=np.bool_)
    for result in _played(env, actions):
        played.append(result)
        ended = result[2] | result[3]
        if ended.any():
            break
    _must(
        ended.any(),
        f"no episode ended within {most_steps} steps: give check_vector_env(most_steps=..) more, or an environment with a time limit",
    )
    observations, _, _, _, infos = played[-1]
    mode = env.metadata["autoreset_mode"]
    if mode == AutoresetMode.SAME_STEP:
        _check_same_step(env, observations, infos, ended)
        return
    _must("final_obs" not in infos, f"infos hold final_obs, which {mode} does not have: its observations are the last ones")
    last = _kept(observations)
    if mode == AutoresetMode.NEXT_STEP:
        _check_next_step(env, actions[: len(played)], ended)
    else:
        _check_disabled(env, last, ended)


def _check_same_step(env: Any, observations: Any, infos: dict[str, Any], ended: np.ndarray) -> None:
    for name in ("final_obs", "_final_obs", "final_info", "_final_info"):
        _must(name in infos, f"an episode ended and infos have no {name}")
    _must(np.array_equal(infos["_final_obs"], ended), "infos['_final_obs'] does not mark the environments whose episode ended")
    _must(np.array_equal(infos["_final_info"], ended), "infos['_final_info'] does not mark the environments whose episode ended")
    for number in np.flatnonzero(ended):
        final = infos["final_obs"][number]
        _must(
            final in env.single_observation_space,
            f"infos['final_obs'][{number}] is not in single_observation_space",
        )
        _must(
            not _equal(final, _row(observations, number)),
            f"environment {number}: the observation is the last one of the episode that ended, not the first of the next",
        )
    _check_observations(env, observations, "the step in which an episode ended")


def _check_next_step(env: Any, actions: list[Any], ended: np.ndarray) -> None:
    """The step after an end begins the next episode, with reward 0 and whatever action."""

    def after(seed: int) -> Any:
        result = None
        for result in _played(env, actions):
            pass
        last = _kept(result)
        env.action_space.seed(seed)
        sampled = env.action_space.sample()
        # Only the environments that begin anew are given other actions.
        chosen = np.where(_wide(ended, actions[-1]), sampled, actions[-1])
        return last, _kept(env.step(chosen.astype(np.asarray(sampled).dtype)))

    last, (observations, rewards, terminated, truncated, infos) = after(SEED)
    _check_observations(env, observations, "the step after an episode ended")
    _check_infos(env, infos, "the step after an episode ended")
    for number in np.flatnonzero(ended):
        _must(rewards[number] == 0, f"environment {number} begins an episode and has a reward of {rewards[number]}, not 0")
        _must(
            not terminated[number] and not truncated[number],
            f"environment {number} begins an episode and is said to have ended again",
        )
        _must(
            not _equal(_row(last[0], number), _row(observations, number)),
            f"environment {number}: the first observation of an episode is the last one of the episode before",
        )
    for seed in range(1, 4):
        _, (others, other_rewards, *_) = after(SEED + seed)
        for number in np.flatnonzero(ended):
            _must(
                _equal(_row(observations, number), _row(others, number)) and other_rewards[number] == 0,
                f"environment {number}: the action of the step that begins an episode is not ignored",
            )


def _check_disabled(env: Any, last: Any, ended: np.ndarray) -> None:
    """Only a reset with a mask begins the next episode, and only where the mask says so."""
    n = env.num_envs
    for wrong, why in (
        (ended.tolist(), "a list"),
        (ended.astype(np.int64), "an array of integers"),
        (np.ones(n + 1, dtype=np.bool_), "an array of another length"),
        (np.zeros(n, dtype=np.bool_), "a mask that chooses nothing"),
    ):
        try:
            env.reset(options={"reset_mask": wrong})
        except Exception:  # noqa: BLE001: any refusal is right.
            continue
        raise _Broken(f"reset_mask takes {why}")
    observations, infos = env.reset(options={"reset_mask": ended.copy()})
    _check_observations(env, observations, "reset() with a mask")
    for number in range(n):
        same = _equal(_row(last, number), _row(observations, number))
        if ended[number]:
            _must(not same, f"environment {number} was to be reset and still shows the last observation of its episode")
        else:
            _must(same, f"environment {number} was not to be reset and shows another observation")
    for name, mask in infos.items():
        if name.startswith("_") and isinstance(mask, np.ndarray) and mask.dtype == np.bool_:
            _must(not (mask & ~ended).any(), f"infos['{name}'] marks environments that were not reset")
    env.action_space.seed(SEED)
    _, _, terminated, truncated, _ = env.step(env.action_space.sample())
    _must(not (ended & (terminated | truncated)).any(), "an environment that was reset is said to have ended in its first step")


def _check_observations(env: Any, observations: Any, where: str) -> None:
    if observations in env.observation_space:
        return
    found = getattr(observations, "dtype", type(observations).__name__), getattr(observations, "shape", "")
    raise _Broken(f"the observations of {where} are not in observation_space: {found} in {env.observation_space}")


def _check_infos(env: Any, infos: Any, where: str) -> None:
    """Each info has an array that says of which environments it is."""
    _must(isinstance(infos, dict), f"the infos of {where} are not a dict")
    for name in infos:
        if name.startswith("_"):
            continue
        mask = infos.get(f"_{name}")
        _must(
            isinstance(mask, np.ndarray) and mask.dtype == np.bool_ and mask.shape == (env.num_envs,),
            f"the infos of {where} have {name!r} and no array of booleans {'_' + name!r} beside it",
        )


def _actions(env: Any, steps: int) -> list[Any]:
    env.action_space.seed(SEED)
    return [env.action_space.sample() for _ in range(steps)]


def _played(env: Any, actions: list[Any]) -> Iterator[Any]:
    """Results of the steps of some actions. Where nothing else resets what has ended, this does."""
    env.reset(seed=SEED)
    is_disabled = env.metadata["autoreset_mode"] == AutoresetMode.DISABLED
    for action in actions:
        result = env.step(action)
        yield result
        ended = result[2] | result[3]
        if is_disabled and ended.any():
            env.reset(options={"reset_mask": ended})


def _kept(value: Any) -> Any:
    return copy.deepcopy(value)


def _wide(mask: np.ndarray, like: Any) -> np.ndarray:
    return mask.reshape(mask.shape + (1,) * (np.asarray(like).ndim - 1))


def _row(observations: Any, number: int) -> Any:
    """Observation of one environment."""
    if isinstance(observations, dict):
        return {key: _row(value, number) for key, value in observations.items()}
    if isinstance(observations, tuple) and not hasattr(observations, "shape"):
        # A batch of tuples is a tuple of batches; custom spaces have a tuple of observations.
        return tuple(_row(value, number) for value in observations)
    return observations[number]


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        return isinstance(other, dict) and one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    if isinstance(one, (tuple, list)):
        return len(one) == len(other) and all(_equal(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, np.ndarray) and one.dtype == object:
        return len(one) == len(other) and all(_equal(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, (np.ndarray, np.generic, float)):
        return np.array_equal(one, other, equal_nan=np.asarray(one).dtype.kind == "f")
    return bool(one == other)


def _arrays(value: Any) -> Iterator[np.ndarray]:
    if isinstance(value, np.ndarray):
        if value.dtype == object:
            for item in value:
                yield from _arrays(item)
        else:
            yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _arrays(item)
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from _arrays(item)
