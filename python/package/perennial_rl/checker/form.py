"""The form of all that an environment has and returns: spaces, types, infos, buffers."""

from __future__ import annotations

import copy
from itertools import islice
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.vector.utils import batch_space

from perennial_rl.checker.playing import Step, Subject, must
from perennial_rl.checker.values import ARRAYS, arrays, equal, shown
from perennial_rl.vector import AutoresetMode


def check_attributes(env: Any) -> None:
    """Number of environments, spaces, kind of autoreset."""
    for name in ("num_envs", "single_observation_space", "observation_space", "single_action_space", "action_space"):
        must(getattr(env, name, None) is not None, f"it has no {name}")
    must(isinstance(env.num_envs, int) and env.num_envs > 0, f"num_envs is {env.num_envs!r}")
    for name in ("observation", "action"):
        single, whole = getattr(env, f"single_{name}_space"), getattr(env, f"{name}_space")
        must(
            whole == batch_space(single, env.num_envs),
            f"{name}_space is not batch_space(single_{name}_space, {env.num_envs}): {whole}",
        )
    mode = (env.metadata or {}).get("autoreset_mode")
    must(
        isinstance(mode, AutoresetMode),
        f"metadata['autoreset_mode'] is {mode!r} and not an AutoresetMode: training code cannot know which observation is which",
    )


def check_reset(subject: Subject) -> None:
    """What ``reset`` returns."""
    result = subject.env.reset(seed=subject.seed)
    must(isinstance(result, tuple) and len(result) == 2, "reset() does not return (observations, infos)")
    check_observations(subject, result[0], "reset()")
    check_infos(subject, result[1], "reset()")


def check_played(subject: Subject, step: Step) -> None:
    """What a step returns, and the reset after it."""
    if step.number > 0:
        check_result(subject, step.observations, step.rewards, step.terminated, step.truncated, step.infos, step.where)
    if step.reset is not None:
        check_observations(subject, step.reset[0], f"the reset after step {step.number}")
        check_infos(subject, step.reset[1], f"the reset after step {step.number}")


def check_result(
    subject: Subject, observations: Any, rewards: Any, terminated: Any, truncated: Any, infos: Any, where: str
) -> None:
    """The five things that a step returns."""
    n = subject.num_envs
    check_observations(subject, observations, where)
    # SyncVectorEnv's are float64, those of Gymnasium's own vector environments float32.
    must(
        isinstance(rewards, np.ndarray) and rewards.shape == (n,) and rewards.dtype in (np.float32, np.float64),
        f"the rewards of {where} must be an array of {n} floats, float64 or float32, and are {described(rewards)}",
    )
    for name, ends in (("terminations", terminated), ("truncations", truncated)):
        must(
            isinstance(ends, np.ndarray) and ends.shape == (n,) and ends.dtype == np.bool_,
            f"the {name} of {where} must be an array of {n} booleans, and are {described(ends)}",
        )
    check_infos(subject, infos, where)


def described(value: Any) -> str:
    """A value, by type and shape."""
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype} with the shape {value.shape}"
    return f"a {type(value).__name__}: {shown(value)}"


def check_observations(subject: Subject, observations: Any, where: str) -> None:
    """Observations are in their space. The space's own look is generous: it takes lists, and smaller types."""

    def check(single: Any, whole: Any, value: Any, name: str) -> None:
        if isinstance(single, ARRAYS):
            must(
                isinstance(value, np.ndarray) and value.dtype == whole.dtype,
                f"{name} of {where} must be an array of {whole.dtype}, as observation_space says, and are {described(value)}",
            )
        elif isinstance(single, spaces.Dict):
            must(
                isinstance(value, dict) and value.keys() == single.spaces.keys(),
                f"{name} of {where} must be a dict with {list(single.spaces)}, and are {described(value)}",
            )
            for key, inner in single.spaces.items():
                check(inner, whole[key], value[key], f"{name} {key!r}")
        elif isinstance(whole, spaces.Tuple):
            must(
                isinstance(value, tuple) and len(value) == len(whole.spaces),
                f"{name} of {where} must be a tuple of {len(whole.spaces)}, and are {described(value)}",
            )
            if isinstance(single, spaces.Tuple):
                for place, inner in enumerate(single.spaces):
                    check(inner, whole[place], value[place], f"{name} [{place}]")

    whole = subject.env.observation_space
    check(subject.env.single_observation_space, whole, observations, "the observations")
    must(observations in whole, f"the observations of {where} are not in observation_space: {described(observations)} in {whole}")


def check_infos(subject: Subject, infos: Any, where: str) -> None:
    """Each info has a value for each environment, and an array that says of which environments it is."""
    must(isinstance(infos, dict), f"the infos of {where} are no dict")
    n = subject.num_envs

    def check(infos: dict[str, Any], inside: str, needs_masks: bool) -> None:
        for name, value in infos.items():
            mask = infos.get(f"_{name}")
            if str(name).startswith("_"):
                continue
            must(
                (mask is None and not needs_masks)
                or (isinstance(mask, np.ndarray) and mask.dtype == np.bool_ and mask.shape == (n,)),
                f"the infos of {where} have {inside}{name!r} and no array of {n} booleans {'_' + str(name)!r} beside it",
            )
            if isinstance(value, dict):
                # Gymnasium's own RecordEpisodeStatistics has one mask for a whole dictionary.
                check(value, f"{inside}{name!r}, ", needs_masks=False)
            else:
                must(
                    isinstance(value, np.ndarray) and value.shape[:1] == (n,),
                    f"the infos of {where} have {inside}{name!r}, which must be an array with {n} rows, one for each environment, or a dict of such, "
                    f"and is {described(value)}",
                )

    check(infos, "", needs_masks=True)


def check_buffers(subject: Subject) -> None:
    """Arrays that were returned never change, and share no memory with later ones."""
    held = []
    for step in islice(subject.play(subject.seed), 4):
        result = [step.observations, step.infos, step.rewards, step.terminated, step.truncated]
        held.append(("reset()" if step.number == 0 else f"step {step.number}", result, copy.deepcopy(result)))
    for name, result, as_it_was in held:
        must(equal(result, as_it_was), f"what {name} returned was changed by a later call: a buffer is reused")
    for place, (name, result, _) in enumerate(held):
        for later, other, _ in held[place + 1 :]:
            for array in arrays(result):
                must(
                    not any(np.shares_memory(array, another) for another in arrays(other)),
                    f"arrays that {name} and {later} returned share memory",
                )
