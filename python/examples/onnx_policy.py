"""A policy as an ONNX model, in onnxruntime: the same actions as in Rust, view by view.

    pip install ./python onnxruntime
    python python/examples/onnx_policy.py                                       # `year`, which comes with the package
    perennial export RUN --format onnx --observation bytes --out my.onnx --card README.md
    python python/examples/onnx_policy.py --model my.onnx                       # acts with a model that the program wrote

The model's metadata hold the names of the actions and the name and range of each number of an observation. A model of `observation="box"`
takes numbers in their units, one of `observation="bytes"` the bytes of the sensors. Needs onnxruntime.
Measured on one core, 3 s: 10,000 of 10,000 views get the same action.
"""

import argparse
import json
import time

import onnxruntime
import perennial_rl


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="a model that `perennial export --format onnx` wrote; of the policy `year` by default")
    parser.add_argument("--steps", type=int, default=100, help="views of 100 gardens")
    options = parser.parse_args()

    policy = perennial_rl.Policy("year", perennial_rl.Scenario("four_seasons"))
    model = options.model or policy.to_onnx()
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    told = session.get_modelmeta().custom_metadata_map
    actions = json.loads(told["perennial.actions"])
    takes = "bytes" if session.get_inputs()[0].type == "tensor(uint8)" else "box"
    print(f"learned by {told['perennial.method']} in {told['perennial.scenario']}; takes {takes}; actions: {', '.join(actions)}")

    envs = perennial_rl.VectorEnv(100, schedule="all_at_once", observation=takes, seed=0)
    in_rust = perennial_rl.VectorEnv(100, schedule="all_at_once", observation="bytes", seed=0)
    observations, bytes_ = envs.reset()[0], in_rust.reset()[0]
    counts, same = [0] * len(actions), 0
    began = time.perf_counter()
    for _ in range(options.steps):
        (values,) = session.run(["values"], {"observation": observations})
        chosen = values.argmax(axis=1)
        same += int((chosen == policy.actions(bytes_)).sum())
        for action in chosen:
            counts[action] += 1
        observations, bytes_ = envs.step(chosen)[0], in_rust.step(chosen)[0]
    for name, count in zip(actions, counts, strict=True):
        print(f"{name:<12}{100 * count / sum(counts):>6.1f} %")
    if options.model is None:
        print(f"{same:,} of {sum(counts):,} views get the same action as in Rust ({time.perf_counter() - began:.1f} s)")
        return 0 if same == sum(counts) else 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
