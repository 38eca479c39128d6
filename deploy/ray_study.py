"""A comparison on a Ray cluster: one task for each run, begun again elsewhere when a worker dies.

    pip install "ray[default]"
    python deploy/ray_study.py --perennial ./perennial -- --preset paper --results-dir /shared/paper

Everything after `--` goes to `perennial compare`. The results folder must be on a file system that all machines share. A run that was begun on
a machine that is gone goes on from its last checkpoint; a finished one ends at once.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

import ray

FINISHED, STOPPED = 0, 143
MOST_ATTEMPTS = 20


def planned(program: str, arguments: list[str]) -> list[str]:
    """Names of the runs, in the order of their indices."""
    listed = subprocess.run([program, "compare", *arguments, "--plan"], check=True, capture_output=True, text=True)
    return [line.split("\t")[1] for line in listed.stdout.splitlines()[1:]]


@ray.remote(num_cpus=1, max_retries=-1)
def one_run(program: str, arguments: list[str], index: int) -> tuple[int, int, str]:
    """Does one run; returns its index, the exit code and what it said. A worker that dies does not return, and Ray begins the task again."""
    command = [program, "compare", *arguments, "--index", str(index), "--quiet"]
    for _ in range(MOST_ATTEMPTS):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        # Asked to stop, or killed by a signal, for want of memory perhaps: it goes on from its checkpoint.
        if done.returncode != STOPPED and done.returncode >= 0:
            break
    return index, done.returncode, done.stderr.strip()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--perennial", default="perennial", help="the program, at the same place on all machines")
    parser.add_argument("--address", help="of a running cluster; without it one is started on this machine")
    parser.add_argument("arguments", nargs="+", help="of `perennial compare`, after --")
    options = parser.parse_args()

    runs = planned(options.perennial, options.arguments)
    ray.init(address=options.address, log_to_driver=False)
    waiting = [one_run.remote(options.perennial, options.arguments, index) for index in range(len(runs))]
    failures = 0
    while waiting:
        ready, waiting = ray.wait(waiting)
        index, code, said = ray.get(ready[0])
        if code == FINISHED:
            print(f"{len(runs) - len(waiting)} of {len(runs)}: {runs[index]}", flush=True)
        else:
            failures += 1
            print(f"{runs[index]} failed ({code}): {said}", file=sys.stderr, flush=True)
    return 2 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
