"""Tasks, scores and measures: the same numbers as the program's."""

import numpy as np
import perennial_rl
import pytest
from perennial_rl import Policy, Scenario, _native, baselines, evaluate, measures, tasks
from perennial_rl.learning import Baselines

SMALL = {"episodes": 5, "gardens": 3, "seed": 12}


def outputs_in_numpy(policy, observations):
    """Returns the outputs of the policy's network for decoded observations."""
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


@pytest.mark.parametrize(
    ("name", "wrong", "text"),
    [
        ("episodes", (-1, 0, 100_001, 2**64), "episodes must be between 1 and 100000"),
        ("gardens", (-1, 0, 4_097, 2**64), "gardens must be between 1 and 4096"),
        ("seed", (-1, 2**63, 2**64), r"a seed must be between 0 and 2\*\*63 - 1"),
    ],
)
def test_numbers_of_an_evaluation_have_ranges(name, wrong, text):
    for value in wrong:
        for call in (lambda **kwargs: evaluate(lambda _: 0, **kwargs), baselines):
            with pytest.raises(ValueError, match=text):
                call(**{name: value})
            with pytest.raises(TypeError, match=name):
                call(**{name: 1.5})


@pytest.mark.parametrize(
    ("kwargs", "text"),
    [
        ({"years": -1}, "years must be between 1 and 1000"),
        ({"years": 0}, "years must be between 1 and 1000"),
        ({"years": 1_001}, "years must be between 1 and 1000"),
        ({"num_envs": -1}, "num_envs must be between 1 and 4096"),
        ({"decisions_per_season": 2**64}, "decisions_per_season must be between 1 and 1000000000"),
        ({"seed": -1}, "a seed must be between"),
        ({"seed": 2**63}, "a seed must be between"),
    ],
    ids=str,
)
def test_numbers_of_tasks_have_ranges_and_are_told_at_the_call(kwargs, text):
    with pytest.raises(ValueError, match=text):
        tasks(**kwargs)


def test_the_largest_seed_is_one():
    largest = 2**63 - 1
    assert len(list(tasks(seed=largest))) == 4
    card = evaluate(lambda observations: np.zeros(len(observations), int), episodes=1, gardens=1, seed=largest, seasons=0)
    assert card.seasons == ("spring",)


@pytest.mark.parametrize("years", [-1, 0, 1_001, 2**62, 2**64])
def test_years_of_measures_have_a_range(years):
    card = perennial_rl.ScoreCard(("spring",), (1.0,), (1.0,), Baselines((0.0,), (1.0,), (1.0,), (0.0,)))
    with pytest.raises(ValueError, match="years must be between 1 and 1000"):
        measures([card] * 2, years=years)
    assert measures([card] * 2)["average_performance"] == 1


def test_one_change_and_one_season_may_be_given_by_themselves():
    def agent(observations):
        return np.zeros(len(observations), int)

    change = "episode.decisions=5"
    small = {**SMALL, "settings": [change], "seasons": ["summer"]}
    expected = evaluate(agent, **small)
    for seasons in ("summer", "Summer", 1, np.int64(1), (1,), iter(["summer"])):
        assert evaluate(agent, **{**small, "settings": change, "seasons": seasons}) == expected
    assert baselines(**SMALL, settings=change) == baselines(**SMALL, settings=(change,))
    assert {task.settings for task in tasks(settings=change)} == {(change,)}
    assert next(tasks(settings=change)).env().scenario.episode_decisions == 5


@pytest.mark.parametrize(
    ("settings", "text"),
    [(None, "settings is a list"), ({"a": 1}, "settings is a list"), (3, "settings is a list"), ([3], r"settings\[0\]")],
)
def test_settings_of_another_type_are_told_everywhere(settings, text):
    calls = (perennial_rl.Env, perennial_rl.VectorEnv, baselines, tasks, lambda settings: evaluate(lambda _: 0, settings=settings))
    for call in calls:
        with pytest.raises(TypeError, match=text):
            call(settings=settings)


def test_seasons_that_are_none_are_told():
    for seasons, error, text in (
        ([], ValueError, "seasons is empty: there are spring, summer"),
        (["sprng"], ValueError, "no season 'sprng'"),
        ("sprng", ValueError, "no season 'sprng'"),
        (4, ValueError, "no season 4"),
        ([None], TypeError, "not as None"),
        (1.5, TypeError, "a list of names or numbers"),
        (True, TypeError, "not as True"),
    ):
        with pytest.raises(error, match=text):
            evaluate(lambda _: 0, seasons=seasons)
    with pytest.raises(ValueError, match="observation must be one of"):
        evaluate(lambda _: 0, observation="boxes")
    with pytest.raises(TypeError, match="continuous is True or False"):
        evaluate(lambda _: 0, continuous="no")


def test_a_mean_of_no_scores_is_no_number():
    equal = Baselines((1.0, 0.0), (1.0, 2.0), (1.0, 2.0), (1.0, 0.0))
    scores = tuple(equal.score(season, 1.0) for season in (0, 1))
    assert scores == (None, 0.5)
    assert np.isnan(perennial_rl.ScoreCard(("a",), (1.0,), scores[:1], equal).mean_score)
    assert perennial_rl.ScoreCard(("a", "b"), (1.0, 1.0), scores, equal).mean_score == 0.5
