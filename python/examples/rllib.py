"""RLlib's PPO learns spring: two workers, each with one vector environment of many gardens.

    pip install ./python "ray[rllib]" torch
    python python/examples/rllib.py

Each worker makes its gardens with one call (`gym_env_vectorize_mode="vector_entry_point"`), so that a step of all of them is one call into Rust.
Needs Ray 2.40 or later with PyTorch; RLlib pins its version of Gymnasium, and this package takes any from 1.0 on. Measured on two busy
cores, 6 minutes, the first two for Ray itself to start:

       96,000 decisions, mean return of training episodes   23.64
    season        score   return
    spring         1.13    21.80
    summer        -3.75  -119.75
"""

import argparse

import perennial_rl
import ray
import torch
from ray.rllib.algorithms.ppo import PPOConfig
from ray.rllib.core.rl_module.default_model_config import DefaultModelConfig


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=96_000, help="decisions, over all gardens of all workers")
    parser.add_argument("--batch", type=int, default=4_800, help="decisions between two rounds of learning")
    parser.add_argument("--episodes", type=int, default=32, help="episodes in each evaluation and season")
    options = parser.parse_args()

    ray.init(num_cpus=3, log_to_driver=False, include_dashboard=False)
    config = (
        PPOConfig()
        # The module before the colon is imported in each worker, which registers the environments there.
        .environment("perennial_rl:perennial/FourSeasons-v0", env_config={"season": "spring"})
        .env_runners(num_env_runners=2, num_envs_per_env_runner=8, gym_env_vectorize_mode="vector_entry_point")
        .training(
            train_batch_size_per_learner=options.batch,
            minibatch_size=240,
            num_epochs=6,
            lr=5e-4,
            gamma=0.97,
            lambda_=0.9,
            entropy_coeff=0.01,
            vf_clip_param=100.0,
        )
        .rl_module(model_config=DefaultModelConfig(fcnet_hiddens=[128, 128], fcnet_activation="tanh", vf_share_layers=False))
        .debugging(seed=options.seed)
    )
    algorithm = config.build_algo()
    module = algorithm.get_module()

    @torch.no_grad()
    def agent(observations):
        return module.forward_inference({"obs": torch.from_numpy(observations)})["action_dist_inputs"].argmax(dim=1).numpy()

    learned = 0
    while learned < options.steps:
        runners = algorithm.train()["env_runners"]
        learned = int(runners["num_env_steps_sampled_lifetime"])
        returned = runners.get("episode_return_mean", float("nan"))
        print(f"{learned:>9,} decisions, mean return of training episodes {returned:7.2f}", flush=True)
    # The driver's own copy gets the weights that were learned.
    module.set_state(algorithm.learner_group.get_state(components="learner/rl_module/default_policy")["learner"]["rl_module"]["default_policy"])
    print(perennial_rl.evaluate(agent, seasons=["spring", "summer"], episodes=options.episodes))
    algorithm.stop()
    ray.shutdown()


if __name__ == "__main__":
    main()
