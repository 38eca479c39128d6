"""Speed of the vector environment beside the same gardens driven in Rust, in the same run, and the time that the import takes.

    python python/benches/speed.py
    python python/benches/speed.py --anchors    # also EnvPool's Ant and ViZDoom's basic: pip install envpool vizdoom

Both take random actions in sixteen gardens of spring, on one core; the best of several alternating measurements counts, because other load
only makes them slower. EnvPool and ViZDoom count in seconds of the clock, since they have threads and processes of their own: sixteen ants in one
thread (and the caller's waits meanwhile), and one game. The Rust side is the loop of `perennial bench`: gardens with the random driver, ticked until the episodes are over.
"""

import argparse
import subprocess
import sys
import time

import numpy as np
import perennial_rl
from perennial_rl import _native

GARDENS, EPISODES, REPEATS = 16, 320, 7


def in_rust(scenario):
    """Decisions a second of processor time, of whole episodes, all in one call."""
    began = time.process_time()
    _native.probe(scenario, 0, "random", gardens=GARDENS, episodes=EPISODES, seed=0)
    return EPISODES * scenario.episode_decisions / (time.process_time() - began)


def from_python(envs, actions):
    """Decisions a second of processor time, of as many decisions, with observations, rewards, ends and infos."""
    began = time.process_time()
    for row in actions:
        envs.step(row)
    return actions.size / (time.process_time() - began)


def import_seconds(modules):
    """Seconds that a fresh interpreter takes to import some modules, the best of some."""
    code = f"import time; began = time.perf_counter(); import {modules}; print(time.perf_counter() - began)"
    return min(float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout) for _ in range(REPEATS))


def ants(count):
    """Steps a second of sixteen ants of EnvPool in one thread."""
    import envpool

    envs = envpool.make("Ant-v4", env_type="gymnasium", num_envs=GARDENS, num_threads=1, seed=0)
    actions = np.random.default_rng(0).uniform(-1, 1, size=(count // GARDENS, GARDENS, *envs.action_space.shape))
    envs.reset()
    began = time.perf_counter()
    for row in actions:
        envs.step(row)
    return len(actions) * GARDENS / (time.perf_counter() - began)


def doom(count):
    """Steps a second of ViZDoom's basic scenario as its own environment has it: 320 x 240 pixels, one tic (1/35 s) a step."""
    import gymnasium
    from vizdoom import gymnasium_wrapper  # noqa: F401: it registers the environments.

    env = gymnasium.make("VizdoomBasic-v1", disable_env_checker=True)
    env.action_space.seed(0)
    env.reset(seed=0)
    began = time.perf_counter()
    for _ in range(count):
        _, _, terminated, truncated, _ = env.step(env.action_space.sample())
        if terminated or truncated:
            env.reset()
    speed = count / (time.perf_counter() - began)
    env.close()
    return speed


def gardens(actions):
    """Decisions a second of the clock, of the vector environment with its default settings."""
    envs = perennial_rl.VectorEnv(GARDENS, season="spring", seed=0)
    envs.reset(seed=0)
    began = time.perf_counter()
    for row in actions:
        envs.step(row)
    return actions.size / (time.perf_counter() - began)


def beside_anchors(actions):
    """Best of alternating measurements of gardens, ants and dooms, by the clock."""
    kinds = {
        "perennial, 16 gardens": lambda: gardens(actions),
        "EnvPool Ant-v4, 16, one thread": lambda: ants(4_800),
        "ViZDoom basic": lambda: doom(1_000),
    }
    speeds = dict.fromkeys(kinds, 0.0)
    for _ in range(REPEATS):
        for name in list(kinds):
            try:
                speeds[name] = max(speeds[name], kinds[name]())
            except ImportError as error:
                print(f"{name}: not here ({error})")
                del kinds[name], speeds[name]
    own = speeds["perennial, 16 gardens"]
    for name, speed in speeds.items():
        print(f"{name:<34} {speed:>9,.0f} steps/s      {own / speed:5.1f} times")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--anchors", action="store_true", help="also EnvPool's Ant and ViZDoom's basic")
    options = parser.parse_args()
    scenario = perennial_rl.Scenario("four_seasons")
    kinds = {
        f"{mode}, {observation}{'' if copy else ', copy=False'}": perennial_rl.VectorEnv(
            GARDENS, season="spring", autoreset_mode=mode, observation=observation, copy=copy, seed=0
        )
        for mode, observation, copy in (
            ("NextStep", "box", True),
            ("SameStep", "box", True),
            ("SameStep", "bytes", True),
            ("SameStep", "box", False),
        )
    }
    ticks = EPISODES // GARDENS * scenario.episode_decisions
    actions = np.random.default_rng(0).integers(5, size=(ticks, GARDENS))
    rust, speeds = 0.0, dict.fromkeys(kinds, 0.0)
    for _ in range(REPEATS):
        rust = max(rust, in_rust(scenario))
        for name, envs in kinds.items():
            envs.reset(seed=0)
            speeds[name] = max(speeds[name], from_python(envs, actions))
    print(f"{'Rust, random driver':<34} {rust:>9,.0f} decisions/s")
    for name, speed in speeds.items():
        print(f"{'Python, ' + name:<34} {speed:>9,.0f} decisions/s  {100 * speed / rust:5.1f} %")
    if options.anchors:
        beside_anchors(actions)
    both = import_seconds("gymnasium, numpy")
    print(f"import perennial_rl: {import_seconds('perennial_rl'):.3f} s, of which gymnasium and numpy {both:.3f} s")


if __name__ == "__main__":
    main()
