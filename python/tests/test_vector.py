"""Vector environments: what Gymnasium's own one makes of single gardens, ours must make, too."""

import functools

import gymnasium
import numpy as np
import perennial_rl
import pytest
from conftest import equal
from gymnasium.vector import SyncVectorEnv
from perennial_rl import check_vector_env
from perennial_rl.vector import AutoresetMode

if not hasattr(gymnasium.vector, "AutoresetMode"):
    pytest.skip("Gymnasium 1.0 has one kind of autoreset, and does not say which", allow_module_level=True)

MODES = ["NextStep", "SameStep", "Disabled"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("observation", ["box", "bytes", "dict"])
def test_all_that_it_returns_is_what_gymnasiums_own_vector_returns(mode, observation, short):
    kwargs = {**short, "observation": observation}
    ours = perennial_rl.VectorEnv(4, autoreset_mode=mode, **kwargs)
    theirs = SyncVectorEnv([functools.partial(perennial_rl.Env, **kwargs)] * 4, autoreset_mode=mode)
    # A vector has no window.
    assert ours.metadata == {**theirs.metadata, "render_modes": ["rgb_array"]}
    assert ours.observation_space == theirs.observation_space and ours.action_space == theirs.action_space
    assert equal(ours.reset(seed=11), theirs.reset(seed=11))
    ours.action_space.seed(2)
    ends = set()
    for step in range(200):
        action = ours.action_space.sample()
        one, other = ours.step(action), theirs.step(action)
        assert equal(one, other), f"step {step}"
        ended = one[2] | one[3]
        ends.add(tuple(ended.tolist()))
        if mode == "Disabled" and ended.any():
            one, other = (envs.reset(options={"reset_mask": ended.copy()}) for envs in (ours, theirs))
            assert equal(one, other), f"reset after step {step}"
    assert len(ends) > 3, "episodes ended together and by themselves"
    # Resets in the middle, of all and with new seeds.
    assert equal(ours.reset(), theirs.reset())
    for seed in (5, [9, 8, 7, 6], [None, 3, None, 2]):
        assert equal(ours.reset(seed=seed), theirs.reset(seed=seed)), seed
        assert equal(ours.step(action), theirs.step(action)), seed


def test_gardens_that_nobody_has_seen_begin_with_their_first_episode(short):
    """Some gardens are reset, and the others are new."""
    for mode in MODES:
        ours = perennial_rl.VectorEnv(3, autoreset_mode=mode, seed=7, **short)
        theirs = SyncVectorEnv(
            [functools.partial(perennial_rl.Env, seed=7 + garden, **short) for garden in range(3)], autoreset_mode=mode
        )
        assert equal(ours.reset(seed=[5, None, None]), theirs.reset(seed=[5, None, None])), mode
        assert equal(ours.reset(), theirs.reset()), mode
    ours = perennial_rl.VectorEnv(3, autoreset_mode="Disabled", seed=7, **short)
    first = perennial_rl.VectorEnv(3, autoreset_mode="Disabled", seed=7, **short).reset()[0]
    for chosen in ([True, False, False], [False, True, True]):
        shown, _ = ours.reset(options={"reset_mask": np.array(chosen)})
        assert (shown == first).all()
    shown, _ = ours.reset(options={"reset_mask": np.array([False, True, False])})
    assert (shown[[0, 2]] == first[[0, 2]]).all() and (shown[1] != first[1]).any()


@pytest.mark.parametrize("mode", MODES)
def test_the_last_picture_of_an_episode_is_of_its_own_garden(mode):
    settings = ["episode.decisions=5"]
    envs = perennial_rl.VectorEnv(1, season=0, seed=1, settings=settings, autoreset_mode=mode, render_mode="rgb_array")
    longer = perennial_rl.Env(season=0, seed=1, render_mode="rgb_array")
    envs.reset()
    longer.reset()
    for _ in range(5):
        envs.step([0])
        longer.step(0)
    same = (envs.render()[0] == longer.render()).all()
    assert same == (mode != "SameStep"), "SameStep shows the next episode"
    if mode == "SameStep":
        return
    other = perennial_rl.VectorEnv(1, season=0, settings=settings, autoreset_mode=mode, render_mode="rgb_array")
    other.set_state(envs.get_state())
    assert (other.render()[0] == envs.render()[0]).all()
    if mode == "Disabled":
        envs.reset(options={"reset_mask": np.array([True])})
    else:
        envs.step([0])
    assert (envs.render()[0][:256] != longer.render()[:256]).any(), "the next episode has another garden"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kwargs", [{}, {"observation": "dict"}, {"observation": "bytes", "continuous": True}], ids=str)
def test_it_keeps_the_contract(mode, kwargs, short):
    check_vector_env(perennial_rl.VectorEnv(3, autoreset_mode=mode, **kwargs, **short))


def test_make_vec_uses_it():
    envs = gymnasium.make_vec("perennial/DirtyLens-v0", num_envs=3, season="dust", autoreset_mode="SameStep")
    assert isinstance(envs.unwrapped, perennial_rl.VectorEnv)
    assert envs.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP
    assert gymnasium.make_vec("perennial/DirtyLens-v0", num_envs=2).metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP
    also = gymnasium.make_vec("perennial/DirtyLens-v0", num_envs=2, vectorization_mode="sync", season=0)
    assert isinstance(also, SyncVectorEnv)


def test_each_garden_has_another_seed_by_default():
    envs = perennial_rl.VectorEnv(16, season="spring", observation="bytes")
    observations, _ = envs.reset()
    assert len({row.tobytes() for row in observations}) == 16
    assert (perennial_rl.VectorEnv(16, season="spring", observation="bytes").reset()[0] != observations).any()
    first, again = (perennial_rl.VectorEnv(2, season="spring", seed=6).reset()[0] for _ in range(2))
    assert (first == again).all()
    assert (first == perennial_rl.VectorEnv(2, season="spring").reset(seed=6)[0]).all()


def test_numbered_gardens_are_those_of_a_training_run():
    envs = perennial_rl.VectorEnv(3, season="spring", seeding="numbered", seed=4)
    first = envs.reset()[0]
    own = perennial_rl.VectorEnv(1, season="spring", seed=4).reset()[0]
    assert (first[:1] == own).all() and len({row.tobytes() for row in first}) == 3
    assert (envs.reset(seed=4)[0] == first).all()
    with pytest.raises(ValueError, match="numbered"):
        envs.reset(seed=[1, 2, 3])


def test_one_array_is_reused_where_that_is_asked_for():
    for observation in ("box", "bytes", "dict"):
        reused = perennial_rl.VectorEnv(2, season="spring", observation=observation, copy=False)
        fresh = perennial_rl.VectorEnv(2, season="spring", observation=observation)
        first, expected = reused.reset(seed=1)[0], fresh.reset(seed=1)[0]
        assert equal(first, expected)
        for _ in range(5):
            later, expected = reused.step([1, 2])[0], fresh.step([1, 2])[0]
            assert later is first and equal(later, expected)


def test_all_seasons_at_once():
    envs = perennial_rl.VectorEnv(6, schedule="all_at_once")
    assert envs.reset(seed=0)[1]["season"].tolist() == [0, 1, 2, 3, 0, 1]


def test_a_season_is_counted_over_all_gardens():
    envs = perennial_rl.VectorEnv(4, decisions_per_season=400, autoreset_mode="SameStep")
    envs.reset(seed=0)
    seasons = [envs.step([0] * 4)[4]["season"][0] for _ in range(400)]
    # The step that ends a season begins an episode of the next one, and tells of that.
    assert [seasons.count(season) for season in range(4)] == [99, 100, 100, 101]


def test_pictures_of_all_gardens():
    frames = perennial_rl.VectorEnv(2, season="winter", render_mode="rgb_array").render()
    assert len(frames) == 2 and (frames[0] != frames[1]).any()


def test_wrappers_of_gymnasium_work_with_it():
    envs = gymnasium.wrappers.vector.RecordEpisodeStatistics(
        perennial_rl.VectorEnv(2, season="spring", autoreset_mode="SameStep", settings=["episode.decisions=10"])
    )
    envs.reset(seed=0)
    for _ in range(10):
        *_, infos = envs.step(np.array([0, 1]))
    final = infos["final_info"] if "episode" not in infos else infos
    assert (final["episode"]["l"] == 10).all()
