"""Tasks, scores and measures: the same numbers as the program's."""

import numpy as np
import perennial_rl
import pytest
from perennial_rl import Policy, Scenario, _native, baselines, evaluate, measures, tasks

SMALL = {"episodes": 5, "gardens": 3, "seed": 12}


def outputs_in_numpy(policy, observations):
    """What the policy's network says to decoded observations."""
    hidden = observations
    *layers, (weights, biases) = policy.layers()
    for inner, inner_biases in layers:
        hidden = hidden @ inner + inner_biases
        if policy.layer_norm:
            hidden = (hidden - hidden.mean(axis=1, keepdims=True)) / np.sqrt(hidden.var(axis=1, keepdims=True) + 1e-5)
        hidden = np.maximum(hidden, 0)
    return hidden @ weights + biases


def test_an_agent_from_python_is_scored_as_a_policy_of_the_program():
    scenario = Scenario("four_seasons")
    policy = Policy("spring", scenario)
    card = evaluate(policy, **SMALL)
    expected = [perennial_rl.learning.mean(_native.probe(scenario, season, policy, **SMALL)) for season in range(4)]
    assert list(card.returns) == expected
    low, high = scenario.bounds

    class Agent:
        """The same policy, in numpy, as Stable-Baselines3's agents are called."""

        def predict(self, observations, deterministic=True):
            return outputs_in_numpy(policy, observations).argmax(axis=1), None

    assert np.allclose(evaluate(Agent(), **SMALL).returns, expected, atol=0.5)
    assert card.scores[0] > 0.8 and card.scores[1] < card.scores[0], "it knows spring only"
    assert "spring" in str(card)


def test_networks_in_numpy_decide_as_those_in_rust():
    scenario = Scenario("four_seasons")
    policy = Policy("year", scenario)
    envs = perennial_rl.VectorEnv(100, schedule="all_at_once", observation="bytes", seed=1, autoreset_mode="SameStep")
    low, high = scenario.bounds
    observations, _ = envs.reset()
    different = 0
    for _ in range(100):
        actions = policy.actions(observations)
        outputs = outputs_in_numpy(policy, (low + (high - low) / np.float32(255) * observations).astype(np.float32))
        assert np.allclose(outputs, policy.outputs(observations), atol=1e-3)
        different += int((outputs.argmax(axis=1) != actions).sum())
        observations = envs.step(actions)[0]
    assert different == 0, f"of 10,000 views, {different} are decided differently"


def test_reference_drivers_define_the_score():
    reference = baselines(**SMALL)
    assert reference.score(0, reference.random[0]) == 0 and reference.score(0, reference.gardener[0]) == 1
    assert all(gardener > idle for gardener, idle in zip(reference.gardener, reference.idle, strict=True))
    assert evaluate(lambda observations: np.full(len(observations), 1), seasons=["summer"], **SMALL).seasons == ("summer",)


def test_the_year_is_a_list_of_tasks():
    year = list(tasks("four_seasons", years=2, decisions_per_season=1_000, num_envs=16))
    assert [task.name for task in year] == ["spring", "summer", "autumn", "winter"] * 2
    assert {task.decisions for task in year} == {1_008}, "rounded up to whole ticks"
    envs = year[6].vector(2)
    assert envs.reset(seed=0)[1]["season"].tolist() == [2, 2] and year[6].year == 1
    assert year[3].env().reset(seed=0)[1]["season"] == 3


def test_measures_are_those_of_the_program():
    names = ["spring", "summer"]
    values = _native.measures(names, [[0.0, 0.0], [1.0, 0.5], [0.25, 1.5]], [0.0, 0.0], [1.0, 1.0], joint=[1.0, 1.0])
    assert values["average_performance"] == 0.875 and values["forgetting"] == 0.75
    assert values["seasons_kept"] == 1 and values["zero_shot"] == [0.5]
    assert values["plasticity_gap"] == pytest.approx(-0.25)
    undefined = _native.measures(names, [[0.0, 0.0]], [0.0, 0.0], [1.0, 1.0])
    assert "evaluated" in undefined["forgetting"]
    with pytest.raises(ValueError, match="not finite|finite"):
        _native.measures(names, [[float("nan"), 0.0]], [0.0, 0.0], [1.0, 1.0])


def test_measures_take_score_cards():
    policy = Policy("year", Scenario("four_seasons"))
    card = evaluate(policy, **SMALL)
    values = measures([card] * 5)
    assert values["forgetting"] == 0 and values["average_performance"] == pytest.approx(card.mean_score)
    with pytest.raises(ValueError, match="different"):
        measures([card, evaluate(policy, **{**SMALL, "seed": 13})])


def test_an_agent_that_cannot_act_is_told():
    with pytest.raises(TypeError, match="predict"):
        evaluate(3, **SMALL)
