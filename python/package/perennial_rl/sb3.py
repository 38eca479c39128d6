"""Gardens for Stable-Baselines3: its own kind of vector environment, without its loop over single ones.

    from stable_baselines3 import DQN
    import perennial_rl.sb3

    model = DQN("MlpPolicy", perennial_rl.sb3.make("four_seasons", n=16, season="spring"))
    model.learn(60_000)
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np

from perennial_rl.runs import RunLog
from perennial_rl.settings import known_options
from perennial_rl.vector import AutoresetMode, VectorEnv

try:
    from stable_baselines3.common.vec_env.base_vec_env import VecEnv as Base
except ImportError as error:
    raise ImportError(
        "perennial_rl.sb3 needs Stable-Baselines3: pip install 'perennial-rl[sb3]' (it brings PyTorch)"
    ) from error


class VecEnv(Base):
    """A ``perennial_rl.VectorEnv`` as Stable-Baselines3 takes it.

    An episode that ends starts the next one in the same step, and the ``info`` of that garden holds ``terminal_observation``,
    ``TimeLimit.truncated`` (so that values are bootstrapped where an episode was cut off), ``episode`` (return ``r``, length ``l``, seconds
    ``t``, as its ``Monitor`` has it) and the sums of ``perennial_rl.Env``. Other infos are empty but for ``TimeLimit.truncated``.

    With ``log``, a ``perennial_rl.RunLog``, every step is recorded there.
    """

    def __init__(self, envs: VectorEnv, log: RunLog | None = None) -> None:
        if envs.autoreset_mode is not AutoresetMode.SAME_STEP:
            raise ValueError("Stable-Baselines3 needs autoreset_mode='SameStep'")
        if not envs.copy:
            raise ValueError("Stable-Baselines3 keeps the last observations, so it needs new arrays: copy=True")
        self.envs, self.log = envs, log
        self._actions: np.ndarray | None = None
        self._began = time.monotonic()
        super().__init__(envs.num_envs, envs.single_observation_space, envs.single_action_space)

    def reset(self) -> Any:
        """Begins episodes in all gardens: those of the seeds that ``seed`` was given, or the next ones."""
        for options in self._options:
            known_options(options)
        seeds = None if all(seed is None for seed in self._seeds) else list(self._seeds)
        observations, infos = self.envs.reset(seed=seeds)
        self.reset_infos = [self._of(infos, garden) for garden in range(self.num_envs)]
        self._reset_seeds()
        self._reset_options()
        return observations

    def step_async(self, actions: np.ndarray) -> None:
        """Keeps the actions for ``step_wait``."""
        self._actions = actions

    def step_wait(self) -> tuple[Any, np.ndarray, np.ndarray, list[dict[str, Any]]]:
        """Takes an action in every garden."""
        if self._actions is None:
            raise RuntimeError("step_wait() needs step_async(actions) before")
        observations, rewards, terminated, truncated, infos = self.envs.step(self._actions)
        self._actions = None
        if self.log is not None:
            self.log.record(terminated, truncated, infos)
        dones = terminated | truncated
        cut_off = truncated & ~terminated
        told = [{"TimeLimit.truncated": cut} for cut in cut_off.tolist()]
        for garden in np.flatnonzero(dones):
            last = self._of(infos["final_info"], garden)
            told[garden].update(last)
            told[garden]["terminal_observation"] = infos["final_obs"][garden]
            told[garden]["episode"] = {
                "r": last["episode_return"],
                "l": last["decisions"],
                "t": round(time.monotonic() - self._began, 6),
            }
            self.reset_infos[garden] = self._of(infos, garden)
        return observations, rewards.astype(np.float32), dones, told

    def close(self) -> None:
        """Gives up the gardens."""
        self.envs.close()

    def get_images(self) -> Sequence[np.ndarray | None]:
        """A picture of each garden."""
        return self.envs.render() or [None] * self.num_envs

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """An attribute, which all gardens share."""
        value = getattr(self.envs, attr_name)
        return [value for _ in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """Refuses: gardens share their attributes."""
        raise AttributeError(f"gardens share their attributes: {attr_name} cannot be set for some of them")

    def env_method(self, method_name: str, *method_args: Any, indices: Any = None, **method_kwargs: Any) -> list[Any]:
        """Refuses: there are no single environments, whose methods could be called."""
        raise AttributeError(f"the gardens are one environment: call envs.{method_name}() on it")

    def env_is_wrapped(self, wrapper_class: type[gymnasium.Wrapper], indices: Any = None) -> list[bool]:
        """``False``, except that returns are recorded as ``Monitor`` does."""
        recorded = wrapper_class.__name__ == "Monitor"
        return [recorded for _ in self._get_indices(indices)]

    @staticmethod
    def _of(infos: dict[str, Any], garden: int) -> dict[str, Any]:
        names = (name for name in infos if not name.startswith("_") and not name.startswith("final_"))
        return {name: infos[name][garden].item() for name in names}


def make(scenario: str = "four_seasons", n: int = 1, **kwargs: Any) -> VecEnv:
    """``n`` gardens of a scenario for Stable-Baselines3; other arguments are those of ``perennial_rl.VectorEnv``."""
    if "autoreset_mode" in kwargs:
        raise TypeError("make() takes no autoreset_mode: Stable-Baselines3 needs 'SameStep'")
    return VecEnv(VectorEnv(n, scenario, autoreset_mode=AutoresetMode.SAME_STEP, **kwargs))
