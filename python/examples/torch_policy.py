"""Policies of perennial's own runs in PyTorch: the same actions as in Rust, view by view.

    pip install ./python torch safetensors
    python python/examples/torch_policy.py                       # `year`, which comes with the package
    perennial export RUN --out my.policy
    python python/examples/torch_policy.py --policy my.policy    # of a run of yours

What `perennial export` writes is a safetensors file: all weights in one array, layer by layer, `[inputs, outputs]` row by row and then the
biases, and the sizes of the layers as JSON in its metadata. Needs PyTorch and safetensors. Measured on one core, 3 s: 10,000 of 10,000 views get the
same action, and values differ by at most 1.9e-06.
"""

import argparse
import json
import time

import numpy as np
import perennial_rl
import torch
from safetensors import safe_open
from torch import nn


class Normalised(nn.Module):
    """Each row with mean 0 and variance 1, without gain and offset."""

    def forward(self, hidden):
        return nn.functional.layer_norm(hidden, hidden.shape[1:])


def network(layers, layer_norm):
    """A network of layers `(weights, biases)`."""
    modules = []
    for weights, biases in layers:
        linear = nn.Linear(*weights.shape)
        with torch.no_grad():
            linear.weight.copy_(torch.as_tensor(weights).T)
            linear.bias.copy_(torch.as_tensor(biases))
        modules += [linear, Normalised(), nn.ReLU()] if layer_norm else [linear, nn.ReLU()]
    # The last layer has neither.
    return nn.Sequential(*modules[: -2 if layer_norm else -1])


def network_of_file(path):
    """The network in a file that `perennial export` wrote, read without this package."""
    with safe_open(path, framework="pt") as file:
        shape = json.loads(file.metadata()["perennial"])["values"]["policy.shape"]
        parameters = file.get_tensor("policy.parameters")
    sizes = [shape["inputs"], *shape["hidden"], shape["outputs"]]
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:], strict=False):
        weights, biases, parameters = parameters.split([inputs * outputs, outputs, len(parameters) - (inputs + 1) * outputs])
        layers.append((weights.reshape(inputs, outputs), biases))
    return network(layers, shape.get("layer_norm", False))


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--policy", default="year", help="a policy that comes with the package, or a file of `perennial export`")
    parser.add_argument("--scenario", default="four_seasons", help="of the run")
    parser.add_argument("--steps", type=int, default=100, help="views of 100 gardens")
    options = parser.parse_args()
    torch.set_num_threads(1)

    scenario = perennial_rl.Scenario(options.scenario)
    policy = perennial_rl.Policy(options.policy, scenario)
    if options.policy in perennial_rl.Policy.shipped():
        in_torch = network(policy.layers(), policy.layer_norm)
    else:
        in_torch = network_of_file(options.policy)
    print(in_torch)

    low, high = map(torch.from_numpy, scenario.bounds)
    envs = perennial_rl.VectorEnv(100, options.scenario, schedule="all_at_once", observation="bytes", seed=0)
    observations, _ = envs.reset()
    views, same, difference = 0, 0, 0.0
    began = time.perf_counter()
    for _ in range(options.steps):
        actions = policy.actions(observations)
        # As the sensors' bytes are decoded: `Box` observations are these numbers.
        values = in_torch(low + (high - low) / 255 * torch.from_numpy(observations).float())
        difference = max(difference, float(np.abs(values.numpy() - policy.outputs(observations)).max()))
        views += len(actions)
        same += int((values.argmax(dim=1).numpy() == actions).sum())
        observations = envs.step(actions)[0]
    print(f"{same:,} of {views:,} views get the same action; values differ by at most {difference:.1e} ({time.perf_counter() - began:.1f} s)")
    return 0 if same == views else 1


if __name__ == "__main__":
    raise SystemExit(main())
