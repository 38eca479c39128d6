"""Stable-Baselines3's DQN learns spring, goes on through the year, and forgets spring.

    pip install ./python 'perennial-rl[sb3]'
    python python/examples/sb3_dqn.py --seed 0
    perennial report runs --out report.html        # the run beside those of the program

Its default network (`MlpPolicy`, two layers of 64), 60,000 decisions a season in 16 gardens, tried in all seasons after each. Needs
Stable-Baselines3 (and PyTorch). Measured on one core of an EPYC server, 115 s of
processor time a seed: spring scores 1.06, 1.10 and 1.12 at its end (seeds 0 to 2), and -1.63, -3.90 and -1.35 after summer. Seed 0 printed:

    score in        spring  summer  autumn  winter
    after spring      1.06   -4.13   -1.82    0.41
    after summer     -1.63    0.80   -3.44   -0.80
    after autumn     -2.94    0.51    0.97   -1.20
    after winter     -3.44   -0.66   -4.23    1.09
    average performance -1.81, forgetting 3.73

Other settings, scores of spring at its end (seeds 0 to 2): DQN's own defaults -0.22, 0.21, 0.08; a constant learning rate 1.09, 0.89, 0.96; one
update for each step of the gardens 1.17, 1.24, 1.17, at a third of the time, but then summer reaches only 0.18 (seed 0).
"""

import argparse

import perennial_rl
import perennial_rl.sb3
import torch
from stable_baselines3 import DQN

SETTINGS = {
    # Four updates for each step of 16 gardens; a discount of 0.97 looks about 30 decisions (6 s) ahead.
    "train_freq": 1,
    "gradient_steps": 4,
    "batch_size": 128,
    "gamma": 0.97,
    "buffer_size": 60_000,
    "learning_starts": 1_000,
    # After each step of the gardens, the target moves 4 % of the way to the network.
    "target_update_interval": 16,
    "tau": 0.04,
    "exploration_fraction": 0.2,
    "exploration_final_eps": 0.05,
}
LEARNING_RATE = 1e-3


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=60_000, help="decisions in each season")
    parser.add_argument("--episodes", type=int, default=32, help="episodes in each evaluation and season")
    parser.add_argument("--results-dir", default="runs")
    options = parser.parse_args()
    torch.set_num_threads(1)

    log = perennial_rl.RunLog(
        options.results_dir,
        method="sb3_dqn",
        seed=options.seed,
        decisions_per_season=options.steps,
        agent_settings={**SETTINGS, "learning_rate": LEARNING_RATE},
        episodes=options.episodes,
        replace=True,
    )
    model = None
    for task in log.tasks():
        envs = task.vector(log.num_envs, autoreset_mode="SameStep", seed=log.seed)
        envs = perennial_rl.sb3.VecEnv(envs, log=log)
        if model is None:
            # The learning rate falls to 0 at the end of each call of learn().
            model = DQN("MlpPolicy", envs, learning_rate=lambda left: left * LEARNING_RATE, seed=log.seed, device="cpu", **SETTINGS)
            log.evaluate(model)
        else:
            model.set_env(envs)
        model.learn(task.decisions, reset_num_timesteps=task.number == 0)
        card = log.evaluate(model)
        if task.number == 0:
            print(f"{'score in':<14}" + "".join(f"{season:>8}" for season in card.seasons))
        print(f"after {task.name:<8}" + "".join(f"{score:>8.2f}" for score in card.scores), flush=True)
    folder = log.finish(updates=model._n_updates)
    measures = perennial_rl.measures(log.cards)
    print(f"average performance {measures['average_performance']:.2f}, forgetting {measures['forgetting']:.2f}")
    print(f"{folder} is its run: `perennial report {options.results_dir}` shows it")


if __name__ == "__main__":
    main()
