"""How long a study takes on many machines that may be taken away, and what it costs.

    python deploy/schedule.py --runs 1000 --run-seconds 30 --cores 100

Simulates a queue of runs on so many cores. Each core is taken away after a random time (exponential, `--taken-every` seconds on average) and comes back
after `--away` seconds; a run that it was doing goes back to the queue and has lost what it did since its last checkpoint: nothing where it got a signal
(`--warned`), otherwise at most `--checkpoint-seconds`. Needs nothing but Python. The same arguments give the same numbers.
"""

from __future__ import annotations

import argparse
import heapq
import math
import random
from collections import deque


def simulate(runs: int, seconds: float, start: float, cores: int, taken_every: float, away: float, checkpoint: float, seed: int) -> tuple[float, float, int]:
    """Returns the seconds until the last run is finished, the core-seconds that were paid, and how often a core was taken away.

    Every attempt costs `start` seconds before it does anything: the queue, the container, the program.
    """
    chance = random.Random(seed)
    left = [seconds] * runs
    waiting = deque(range(runs))
    idle = list(range(cores))
    # What happens when: a core is free again, or a run that lost its core is back in the queue.
    events: list[tuple[float, str, int]] = []
    now, paid, taken, last = 0.0, 0.0, 0, 0.0
    while True:
        while waiting and idle:
            run, core = waiting.popleft(), heapq.heappop(idle)
            needed = start + left[run]
            until_taken = chance.expovariate(1.0 / taken_every) if taken_every > 0 else math.inf
            if until_taken >= needed:
                end = now + needed
                heapq.heappush(events, (end, "free", core))
            else:
                taken += 1
                done = max(until_taken - start, 0.0)
                kept = done if checkpoint == 0 else done - done % checkpoint
                left[run] -= kept
                end = now + until_taken
                heapq.heappush(events, (end, "back", run))
                heapq.heappush(events, (end + away, "free", core))
            paid += end - now
            last = max(last, end)
        if not events:
            return last, paid, taken
        now, what, number = heapq.heappop(events)
        if what == "back":
            waiting.append(number)
        else:
            heapq.heappush(idle, number)


def at_least(least: float, kind: type, above: bool = False):
    """Returns a parser of numbers that are finite and not below `least`, or above it."""

    def parse(text: str):
        number = kind(text)
        if not math.isfinite(number) or number < least or (above and number == least):
            raise argparse.ArgumentTypeError(f"{text} is not {'above' if above else 'at least'} {least:g}")
        return number

    parse.__name__ = "whole number" if kind is int else "number"
    return parse


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    one, seconds = at_least(1, int), at_least(0, float)
    parser.add_argument("--runs", type=one, default=1000)
    parser.add_argument("--run-seconds", type=at_least(0, float, above=True), default=30.0, help="core-seconds of a run")
    parser.add_argument("--start-seconds", type=seconds, default=5.0, help="until an attempt begins to work")
    parser.add_argument("--cores", type=one, nargs="+", default=[1, 2, 8, 32, 100, 200, 400])
    parser.add_argument("--taken-every", type=seconds, default=600.0, help="mean seconds until a core is taken away; 0 for never")
    parser.add_argument("--away", type=seconds, default=60.0, help="seconds until it comes back")
    parser.add_argument("--checkpoint-seconds", type=seconds, default=5.0, help="between two checkpoints")
    parser.add_argument("--warned", action="store_true", help="cores are taken away with a signal, on which a checkpoint is written")
    parser.add_argument("--price", type=seconds, default=0.02, help="of a core-hour")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    ideal = options.runs * options.run_seconds
    print(f"{options.runs} runs of {options.run_seconds:g} core-seconds: {ideal / 3600:.2f} core-hours of work")
    print(f"{'cores':>6} {'time':>10} {'faster':>8} {'core-h':>8} {'price':>8} {'taken away':>11} {'beyond the work':>16}")
    checkpoint = 0.0 if options.warned else options.checkpoint_seconds
    for cores in options.cores:
        time, paid, taken = simulate(
            options.runs, options.run_seconds, options.start_seconds, cores, options.taken_every, options.away, checkpoint, options.seed
        )
        minutes, rest = divmod(round(time), 60)
        print(
            f"{cores:>6} {minutes:>6}:{rest:02} m {ideal / time:>7.1f}x {paid / 3600:>8.2f} {paid / 3600 * options.price:>8.2f} {taken:>11} {paid / ideal - 1:>15.1%}"
        )


if __name__ == "__main__":
    main()
