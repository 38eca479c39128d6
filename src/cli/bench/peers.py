"""Speeds of well-known libraries for reinforcement learning, one core, as JSON on standard output.

Argument: the least duration of each measurement in seconds. What is not installed is left out, with the reason.
"""

import importlib.metadata
import json
import os
import sys
import time

# Before numpy and torch are imported, or they have started their threads.
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"

SECONDS = float(sys.argv[1])
REPEATS = 3
ROWS, INPUTS, HIDDEN, ACTIONS = 128, 107, 128, 5


def per_second(work):
    """Units of work a second: the best of some measurements, after one to warm up. `work()` returns its number of units."""

    def once(seconds):
        began, units = time.perf_counter(), 0
        while units == 0 or time.perf_counter() - began < seconds:
            units += work()
        return units / (time.perf_counter() - began)

    once(SECONDS / 10)
    return max(once(SECONDS) for _ in range(REPEATS))


def dqn_updates():
    """Updates of Stable-Baselines3's DQN with the network, batch and buffer of our benchmark, sampling included."""
    import gymnasium
    import numpy
    import torch
    from stable_baselines3 import DQN
    from stable_baselines3.common.logger import Logger

    torch.set_num_threads(1)

    class Nothing(gymnasium.Env):
        observation_space = gymnasium.spaces.Box(-1.0, 1.0, (INPUTS,), numpy.float32)
        action_space = gymnasium.spaces.Discrete(ACTIONS)

        def reset(self, *, seed=None, options=None):
            return numpy.zeros(INPUTS, numpy.float32), {}

        def step(self, action):
            return numpy.zeros(INPUTS, numpy.float32), 0.0, False, False, {}

    size = 20_000
    model = DQN(
        "MlpPolicy",
        Nothing(),
        batch_size=ROWS,
        buffer_size=size,
        device="cpu",
        policy_kwargs={"net_arch": [HIDDEN, HIDDEN]},
        tau=0.005,
        target_update_interval=1,
    )
    model.set_logger(Logger(None, []))
    random = numpy.random.default_rng(0)
    buffer = model.replay_buffer
    buffer.observations[:] = random.uniform(-1, 1, buffer.observations.shape)
    if not buffer.optimize_memory_usage:
        buffer.next_observations[:] = random.uniform(-1, 1, buffer.next_observations.shape)
    buffer.actions[:] = random.integers(0, ACTIONS, buffer.actions.shape)
    buffer.rewards[:] = random.uniform(0, 1, buffer.rewards.shape)
    buffer.full = True

    def work():
        model.train(gradient_steps=20, batch_size=ROWS)
        return 20

    return per_second(work)


def steps_of(name):
    """Steps a second of an environment of Gymnasium with random actions."""

    def measure():
        import gymnasium

        if name.startswith("Vizdoom"):
            from vizdoom import gymnasium_wrapper  # noqa: F401 (registers its environments)
        environment = gymnasium.make(name)
        environment.action_space.seed(0)
        environment.reset(seed=0)
        actions = [environment.action_space.sample() for _ in range(100)]

        def work():
            for action in actions:
                _, _, terminated, truncated, _ = environment.step(action)
                if terminated or truncated:
                    environment.reset()
            return len(actions)

        speed = per_second(work)
        environment.close()
        return speed

    return measure


PEERS = [
    ("stable-baselines3", "DQN", "updates/s", dqn_updates),
    ("mujoco", "Ant-v5", "steps/s", steps_of("Ant-v5")),
    ("vizdoom", "VizdoomBasic-v1", "steps/s", steps_of("VizdoomBasic-v1")),
]


def main():
    # Libraries print what they like: only the result goes to where the caller reads.
    result_file = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    results = []
    for library, what, unit, measure in PEERS:
        result = {"library": library, "what": what, "unit": unit}
        try:
            result["version"] = importlib.metadata.version(library)
            result["per_second"] = measure()
        except Exception as error:  # whatever a library raises, the others are measured
            result["missing"] = f"{type(error).__name__}: {error}".splitlines()[0]
        results.append(result)
    json.dump(results, result_file)


main()
