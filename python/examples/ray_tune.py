"""Ray Tune searches EWC's strength with runs of the program, and stops runs early that do worse than others (ASHA).

    pip install "ray[tune]"
    python python/examples/ray_tune.py --perennial ./perennial

A trial is a run. It reports after each season: the mean score over the seasons so far, so that a strength is good if it keeps them. After
the first season there is nothing to keep yet, so ASHA (Li et al. 2020) compares from the second on. Values are chosen by seeds from 10,000 on,
which the program keeps for tuning. Needs Ray and the program; this package is not needed. Measured on two busy
cores, about 5 minutes: two of eight strengths were stopped after summer.

      strength  seasons    score   spring
           6.3        4     0.28     0.64
           8.8        4     0.29     0.78
         106.3        4    -0.47     0.80
         307.1        2    -1.49     0.84
         425.9        2    -1.57     0.76
        2633.8        4    -2.68     0.68
        4579.7        4    -2.52     0.69
       81284.8        4    -2.93     0.49
    best of the whole years: strength 8.8, score 0.29

A short year forgets less than a whole one, so that weak strengths look better here than they are: `--steps 60000` makes whole runs.
"""

import argparse
import json
import subprocess
import time
from pathlib import Path

from ray import init, shutdown, tune
from ray.tune.schedulers import ASHAScheduler

SEASONS = 4


class Run(tune.Trainable):
    """A run of the program, season by season."""

    def setup(self, config):
        command = [config["perennial"], "train", "--quiet", "--method", "ewc", "--seed", "10000", "--threads", "1"]
        command += ["--decisions-per-season", str(config["steps"]), "--set", f"learner.ewc.strength={config['strength']}"]
        command += ["--set", f"evaluation.episodes={config['episodes']}", "--results-dir", str(self.logdir), "--run-id", "run"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.records = Path(self.logdir) / "run" / "metrics.jsonl"

    def step(self):
        """Waits for the end of the next season, and reports the scores after it."""
        while True:
            has_ended = self.process.poll() is not None
            text = self.records.read_text() if self.records.exists() else ""
            # The last line may be half written.
            lines = text.splitlines()[: text.count("\n")]
            rows = [record for record in map(json.loads, lines) if record["kind"] == "season" and record["row"] > 0]
            if len(rows) > self.iteration:
                scores = rows[self.iteration]["scores"]
                learned = scores[: self.iteration + 1]
                return {"score": sum(learned) / len(learned), "spring": scores[0], "done": self.iteration + 1 == SEASONS}
            if has_ended:
                raise RuntimeError(f"the run ended with exit code {self.process.returncode}: {self.process.stderr.read()}")
            time.sleep(0.2)

    def cleanup(self):
        """Ends the run: it writes a checkpoint and stops."""
        self.process.terminate()
        self.process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--perennial", default="perennial", help="the program")
    parser.add_argument("--trials", type=int, default=8)
    parser.add_argument("--steps", type=int, default=15_000, help="decisions in each season: a quarter of a whole run")
    parser.add_argument("--episodes", type=int, default=16, help="episodes in each evaluation and season")
    options = parser.parse_args()

    init(num_cpus=2, log_to_driver=False, include_dashboard=False)
    tuner = tune.Tuner(
        Run,
        param_space={
            "strength": tune.loguniform(1, 100_000),
            "perennial": str(Path(options.perennial).resolve()) if "/" in options.perennial else options.perennial,
            "steps": options.steps,
            "episodes": options.episodes,
        },
        tune_config=tune.TuneConfig(
            metric="score",
            mode="max",
            num_samples=options.trials,
            scheduler=ASHAScheduler(grace_period=2, max_t=SEASONS, reduction_factor=2),
        ),
        run_config=tune.RunConfig(
            verbose=0,
            storage_path=str(Path("ray_results").resolve()),
            # The program keeps checkpoints of its own.
            checkpoint_config=tune.CheckpointConfig(checkpoint_at_end=False),
        ),
    )
    results = tuner.fit()
    print(f"{'strength':>10} {'seasons':>8} {'score':>8} {'spring':>8}")
    for result in sorted(results, key=lambda result: result.config["strength"]):
        told = result.metrics
        print(f"{result.config['strength']:>10.1f} {told['training_iteration']:>8} {told['score']:>8.2f} {told['spring']:>8.2f}")
    # Scores are means over the seasons so far: only those of whole years can be compared.
    whole = [result for result in results if result.metrics["training_iteration"] == SEASONS]
    best = max(whole, key=lambda result: result.metrics["score"])
    print(f"best of the whole years: strength {best.config['strength']:.1f}, score {best.metrics['score']:.2f}")
    shutdown()


if __name__ == "__main__":
    main()
