"""The examples, each in a short form. Skipped where the packages that one needs are not installed."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import perennial_rl
import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"
SHORT = ["--steps", "1600", "--episodes", "1"]


def run(name, arguments, folder, *needs):
    """Runs an example in a folder of its own and returns what it printed."""
    missing = [module for module in needs if importlib.util.find_spec(module) is None]
    if missing:
        pytest.skip(f"{name}.py needs {', '.join(missing)}, not installed here")
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "RAY_DISABLE_IMPORT_WARNING": "1"}
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / f"{name}.py"), *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def summary_of(folder, method, seed):
    path = folder / "runs" / f"four_seasons-{method}-seed{seed}" / "summary.json"
    return json.loads(path.read_text())


def test_every_example_says_what_it_needs_and_what_it_measured():
    for path in EXAMPLES.glob("*.py"):
        text = path.read_text()
        assert text.startswith('"""') and "pip install" in text, path.name
        assert path.name == "quickstart.py" or "Measured on" in text, path.name
        assert f"`{path.name}`" in (EXAMPLES.parent.parent / "docs" / "python.md").read_text(), path.name


def test_stable_baselines_writes_a_run_of_the_year(tmp_path):
    printed = run("sb3_dqn", ["--seed", "3", *SHORT], tmp_path, "stable_baselines3")
    assert "after winter" in printed and "forgetting" in printed
    summary = summary_of(tmp_path, "sb3_dqn", 3)
    assert summary["decisions"] == 6_400 and summary["updates"] > 0 and len(summary["score_matrix"]) == 4


def test_one_file_learns_with_and_without_a_memory_of_the_past(tmp_path):
    run("clean_dqn", ["--seed", "3", *SHORT], tmp_path, "torch")
    run("clean_dqn", ["--seed", "3", "--past-share", "0", *SHORT], tmp_path, "torch")
    with_past, without = summary_of(tmp_path, "clean_dqn", 3), summary_of(tmp_path, "clean_dqn_without_past", 3)
    # 900 of the first 1,000 decisions come before the first update; the same counts, and other weights.
    assert with_past["updates"] == without["updates"] == 3 * (6_400 - 1_008 + 16) // 16
    assert with_past["return_matrix"] != without["return_matrix"]


def test_policies_act_in_pytorch_as_in_rust(tmp_path):
    printed = run("torch_policy", [], tmp_path, "torch", "safetensors")
    assert "10,000 of 10,000 views" in printed


def test_exported_policies_act_in_pytorch_as_in_rust(tmp_path, program):
    trained = [program, "train", "--quiet", "--gardens", "4", "--decisions-per-season", "400", "--run-id", "one"]
    subprocess.run([*trained, "--set", "evaluation.episodes=1"], cwd=tmp_path, check=True, capture_output=True)
    subprocess.run([program, "export", "one", "--out", "one.policy"], cwd=tmp_path, check=True, capture_output=True)
    printed = run("torch_policy", ["--policy", "one.policy"], tmp_path, "torch", "safetensors")
    assert "10,000 of 10,000 views" in printed


def test_policies_act_in_onnxruntime_as_in_rust(tmp_path):
    printed = run("onnx_policy", [], tmp_path, "onnxruntime")
    assert "10,000 of 10,000 views" in printed


def test_ray_tune_stops_runs_that_do_worse(tmp_path, program):
    arguments = ["--perennial", program, "--trials", "2", "--steps", "400", "--episodes", "1"]
    printed = run("ray_tune", arguments, tmp_path, "ray", "pandas", "pyarrow")
    assert "best of the whole years" in printed


def test_rllib_trains_on_vectors_in_two_workers(tmp_path):
    printed = run("rllib", ["--steps", "960", "--batch", "480", "--episodes", "1"], tmp_path, "ray", "tree", "torch")
    assert "960 decisions" in printed and "summer" in printed


@pytest.mark.parametrize(
    ("board", "needs"), [("wandb", ["wandb"]), ("mlflow", ["mlflow", "sqlalchemy"]), ("tensorboard", ["torch", "tensorboard"])]
)
def test_records_of_a_run_reach_other_boards(tmp_path, board, needs):
    log = perennial_rl.RunLog(
        tmp_path, method="idle", num_envs=2, decisions_per_season=100, settings=["episode.decisions=50"], episodes=1, gardens=1
    )
    log.evaluate(lambda observations: np.full(len(observations), 4))
    for task in log.tasks():
        envs = task.vector(2, autoreset_mode="SameStep")
        envs.reset(seed=0)
        for _ in range(task.decisions // 2):
            _, _, terminated, truncated, infos = envs.step(np.array([4, 4]))
            log.record(terminated, truncated, infos)
        log.evaluate(lambda observations: np.full(len(observations), 4))
    path = log.finish()
    printed = run("forward_metrics", [str(path), "--to", board, "--folder", str(tmp_path / "there")], tmp_path, *needs)
    # Two gardens end an episode in each of four seasons; a record of it has nine numbers.
    assert "72 numbers" in printed
    assert any(path.stat().st_size > 0 for path in (tmp_path / "there").rglob("*") if path.is_file())
