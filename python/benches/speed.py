"""Speed of the vector environment beside the same gardens driven in Rust, in the same run, and the time that the import takes.

    python python/benches/speed.py

Both take random actions in sixteen gardens of spring, on one core; the best of several alternating measurements counts, because other load
only makes them slower. The Rust side is the loop of `perennial bench`: gardens with the random driver, ticked until the episodes are over.
"""

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


def main():
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
    both = import_seconds("gymnasium, numpy")
    print(f"import perennial_rl: {import_seconds('perennial_rl'):.3f} s, of which gymnasium and numpy {both:.3f} s")


if __name__ == "__main__":
    main()
