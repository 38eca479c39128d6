"""Policies as ONNX models: the same actions as in Rust. Skipped where onnx or onnxruntime is not installed."""

import json
import subprocess

import numpy as np
import perennial_rl
import pytest
from perennial_rl import Policy, Scenario

onnx = pytest.importorskip("onnx", reason="onnx is not installed")
onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")


def session(model):
    return onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])


def decoded(scenario, observations):
    low, high = scenario.bounds
    return (low + (high - low) / np.float32(255) * observations).astype(np.float32)


def disagreements(policy, scenario, views=10_000, season=None):
    """Of so many views, those in which a model of either kind acts otherwise than the policy in Rust."""
    of_numbers, of_bytes = session(policy.to_onnx()), session(policy.to_onnx("bytes"))
    where = {"schedule": "all_at_once"} if season is None else {"season": season}
    envs = perennial_rl.VectorEnv(100, observation="bytes", seed=3, autoreset_mode="SameStep", **where)
    observations, _ = envs.reset()
    different = np.zeros(2, dtype=int)
    for _ in range(views // 100):
        actions = policy.actions(observations)
        values = [
            of_numbers.run(["values"], {"observation": decoded(scenario, observations)})[0],
            of_bytes.run(["values"], {"observation": observations})[0],
        ]
        different += [int((one.argmax(axis=1) != actions).sum()) for one in values]
        assert np.allclose(values[1], policy.outputs(observations), atol=1e-3)
        observations = envs.step(actions)[0]
    return different.tolist()


@pytest.mark.parametrize("name", ["year", "spring"])
def test_a_model_decides_10_000_views_as_rust_does(name):
    scenario = Scenario("four_seasons")
    assert disagreements(Policy(name, scenario), scenario) == [0, 0]


@pytest.mark.parametrize("observation", ["box", "bytes"])
def test_the_checker_of_onnx_accepts_a_model(observation):
    scenario = Scenario("four_seasons")
    model = onnx.load_from_string(Policy("year", scenario).to_onnx(observation))
    onnx.checker.check_model(model, full_check=True)
    assert [entry.version for entry in model.opset_import] == [17]
    (taken,) = model.graph.input
    assert taken.name == "observation" and model.graph.output[0].name == "values"
    element = onnx.TensorProto.UINT8 if observation == "bytes" else onnx.TensorProto.FLOAT
    assert taken.type.tensor_type.elem_type == element
    told = {entry.key: entry.value for entry in model.metadata_props}
    channels = json.loads(told["perennial.channels"])
    assert [channel["name"] for channel in channels] == scenario.channels
    assert [channel["low"] for channel in channels] == scenario.bounds[0].tolist()
    assert json.loads(told["perennial.actions"])[4] == "water"


def test_wrong_observations_are_told():
    with pytest.raises(ValueError, match="box, bytes"):
        Policy("year", Scenario("four_seasons")).to_onnx("dict")


def test_contexts_and_seasons_of_a_run_are_chosen_as_in_rust(tmp_path, program):
    """A policy of several networks: chosen by the view in the graph, or by the season of the export."""
    scenario = Scenario("four_seasons")
    short = ["train", "--quiet", "--gardens", "4", "--decisions-per-season", "2000", "--set", "evaluation.episodes=1"]
    for method in ("inferred_context", "packnet"):
        subprocess.run([program, *short, "--method", method, "--run-id", method], cwd=tmp_path, check=True, capture_output=True)
        file = tmp_path / f"{method}.policy"
        subprocess.run([program, "export", method, "--out", str(file)], cwd=tmp_path, check=True, capture_output=True)
        for season in (0, 2):
            policy = Policy(str(file), scenario, season)
            assert disagreements(policy, scenario, 2_000, None if method == "inferred_context" else season) == [0, 0]
        if method == "inferred_context":
            model = onnx.load_from_string(Policy(str(file), scenario).to_onnx("bytes"))
            onnx.checker.check_model(model, full_check=True)
            assert any(node.op_type == "GatherND" for node in model.graph.node), "it has found one context only"
