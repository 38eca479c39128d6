"""A garden with seasons in which a watering robot keeps learning: continual reinforcement learning from Python.

Importing this package registers the environments of all shipped scenarios with Gymnasium::

    import gymnasium
    import perennial_rl

    env = gymnasium.make("perennial/FourSeasons-v0", season="spring")
    envs = gymnasium.make_vec("perennial/FourSeasons-v0", num_envs=16, season="spring")

An observation is what a robot's camera and gauges measure, an action drives or waters for 0.2 s, and a reward is the thirst that a spray
relieves, less what is wasted. See ``Env`` and ``VectorEnv``.
"""

from perennial_rl._native import VERSION as __version__
from perennial_rl._native import InternalError, Policy, Recording, Scenario, shipped_scenarios
from perennial_rl.checker import VectorContractError, check_vector_env
from perennial_rl.env import Env
from perennial_rl.learning import ScoreCard, baselines, evaluate, measures, tasks
from perennial_rl.registration import environment_id, register_all
from perennial_rl.runs import RunLog
from perennial_rl.vector import VectorEnv

__all__ = [
    "Env",
    "InternalError",
    "Policy",
    "Recording",
    "RunLog",
    "Scenario",
    "ScoreCard",
    "VectorContractError",
    "VectorEnv",
    "__version__",
    "baselines",
    "check_vector_env",
    "environment_id",
    "evaluate",
    "measures",
    "register_all",
    "shipped_scenarios",
    "tasks",
]

register_all()
