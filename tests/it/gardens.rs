//! The gardens as a driver from outside meets them: exact, independent, worth learning in.

use std::sync::Arc;

use perennial::agent::drivers::{Driver, Gardener, PlanningGardener, RandomDriver};
use perennial::app::Gardens;
use perennial::garden::EpisodeStart;
use perennial::mdp::Action;
use perennial::physics::{Bumped, PipelineSteps};
use perennial::rollout::{ProbeSettings, probe};
use perennial::scenario::{Scenario, Year, shipped_names};

fn scenario(name: &str) -> Arc<Scenario> {
    Arc::new(Scenario::load(name).unwrap().scenario)
}

/// A sequence of actions that looks like driving about, the same in every run.
fn actions(tick: u64, gardens: usize) -> Vec<Action> {
    let wheel = [0, 0, 1, 0, 4, 0, 2, 0, 0, 3, 0, 1, 1, 0, 4, 4];
    (0..gardens as u64)
        .map(|garden| Action::ALL[wheel[((tick * 7 + garden * 5 + tick / 11) % 16) as usize]])
        .collect()
}

#[test]
fn the_same_seed_and_the_same_actions_make_the_same_gardens() {
    let scenario = scenario("four_seasons");
    let year = || Year::of(&scenario, 1, 100, 0);
    let hashes = |seed| {
        let mut gardens = Gardens::shared(scenario.clone(), 3, seed, year());
        (0..400)
            .map(|tick| {
                gardens.step(&actions(tick, 3)).unwrap();
                gardens.state_hash()
            })
            .collect::<Vec<_>>()
    };
    let first = hashes(1);
    assert_eq!(first, hashes(1));
    assert_ne!(first, hashes(2));
    let distinct: std::collections::BTreeSet<_> = first.iter().collect();
    assert_eq!(distinct.len(), first.len(), "every tick has a state of its own");
}

/// The Python package has the same two numbers in python/tests/test_exactness.py: it must reach the same states.
#[test]
fn a_thousand_decisions_reach_the_state_that_python_reaches() {
    let scenario = scenario("four_seasons");
    for (gardens, golden) in [(1, 0x5eaf_6db3_53ed_5750_u64), (3, 0x379e_1bb0_0d81_bae0)] {
        let year = Year::of(&scenario, 1, 250, 20);
        let mut world = Gardens::shared(scenario.clone(), gardens, 20, year);
        for tick in 0..1_000 {
            world.step(&actions(tick, gardens)).unwrap();
        }
        assert_eq!(world.state_hash(), golden, "{gardens} gardens: {:#x}", world.state_hash());
    }
}

#[test]
fn a_garden_does_not_know_how_many_others_there_are() {
    let scenario = scenario("four_seasons");
    let play = |gardens: usize| {
        let mut gardens_app = Gardens::shared(scenario.clone(), gardens, 5, Year::Pure(2));
        let length = gardens_app.observation_spec().len();
        let mut seen = Vec::new();
        for tick in 0..350 {
            let step = gardens_app.step(&actions(tick, gardens)).unwrap();
            seen.push((step.observations[..length].to_vec(), step.rewards[0]));
        }
        seen
    };
    assert!(play(1) == play(4));
}

#[test]
fn restored_gardens_go_on_as_if_nothing_had_happened() {
    let scenario = scenario("gradual_year");
    let year = || Year::of(&scenario, 1, 250, 0);
    let mut whole = Gardens::shared(scenario.clone(), 3, 9, year());
    let mut done = Vec::new();
    for stopped_at in [1_u64, 137, 300, 455] {
        while whole.clock() < stopped_at {
            let row = actions(whole.clock(), 3);
            whole.step(&row).unwrap();
            done.push(row);
        }
        let starts = whole.episode_starts();
        let oldest = starts.iter().map(|start| start.tick).min().unwrap() as usize;
        // A world of another history: nothing of it may show.
        let mut restored = Gardens::shared(scenario.clone(), 3, 9, year());
        for tick in 0..77 {
            restored.step(&actions(tick + 5, 3)).unwrap();
        }
        restored.restore(stopped_at, &starts, &done[oldest..]).unwrap();
        assert_eq!(restored.clock(), stopped_at);
        assert_eq!(restored.observations(), whole.observations());
        if stopped_at as usize > oldest {
            assert_eq!(restored.state_hash(), whole.state_hash(), "stopped at {stopped_at}");
        }
        let row = actions(stopped_at, 3);
        assert_eq!(restored.step(&row).unwrap(), whole.step(&row).unwrap());
        assert_eq!(restored.state_hash(), whole.state_hash());
        done.push(row);
    }
}

#[test]
fn gardens_whose_episodes_began_at_different_ticks_are_restored_too() {
    let mut uneven = (*scenario("four_seasons")).clone();
    uneven.episode.terminates_when_dead_fraction = Some(0.1);
    uneven.plants.wellbeing_loss_per_decision = 0.05;
    let uneven = Arc::new(uneven);
    let mut whole = Gardens::shared(uneven.clone(), 4, 2, Year::Pure(0));
    let mut done = Vec::new();
    for tick in 0..400 {
        let row = actions(tick, 4);
        whole.step(&row).unwrap();
        done.push(row);
    }
    let starts: Vec<EpisodeStart> = whole.episode_starts();
    let ticks: std::collections::BTreeSet<_> = starts.iter().map(|start| start.tick).collect();
    assert!(ticks.len() > 1, "plants must have died at different times: {starts:?}");
    let oldest = *ticks.first().unwrap() as usize;
    let mut restored = Gardens::shared(uneven, 4, 2, Year::Pure(0));
    restored.restore(400, &starts, &done[oldest..]).unwrap();
    assert_eq!(restored.state_hash(), whole.state_hash());
}

#[test]
fn gardens_are_restored_at_a_tick_at_which_only_some_of_them_begin() {
    let mut uneven = (*scenario("four_seasons")).clone();
    uneven.episode.terminates_when_dead_fraction = Some(0.1);
    uneven.plants.wellbeing_loss_per_decision = 0.05;
    let uneven = Arc::new(uneven);
    let mut whole = Gardens::shared(uneven.clone(), 4, 2, Year::Pure(0));
    let (mut done, mut compared) = (Vec::new(), 0);
    for tick in 0..300 {
        let row = actions(tick, 4);
        whole.step(&row).unwrap();
        done.push(row);
        let starts = whole.episode_starts();
        let beginning = starts.iter().filter(|start| start.tick == whole.clock()).count();
        if beginning == 0 || beginning == 4 || compared == 5 {
            continue;
        }
        compared += 1;
        let oldest = starts.iter().map(|start| start.tick).min().unwrap() as usize;
        let mut restored = Gardens::shared(uneven.clone(), 4, 2, Year::Pure(0));
        restored.restore(whole.clock(), &starts, &done[oldest..]).unwrap();
        assert_eq!(restored.state_hash(), whole.state_hash(), "after tick {tick}");
        assert_eq!(restored.observations(), whole.observations(), "after tick {tick}");
    }
    assert!(compared > 0, "no garden began while others went on");
}

#[test]
fn a_garden_with_its_own_seed_is_the_first_one_of_a_world_of_that_seed() {
    let scenario = scenario("dirty_lens");
    let mut together = Gardens::shared(scenario.clone(), 3, 0, Year::Pure(1));
    for (garden, seed) in [7, 5, 6].into_iter().enumerate() {
        together.seed_garden(garden, seed).unwrap();
    }
    let start = EpisodeStart { number: 0, tick: 0 };
    together.begin_some(&[(0, start), (1, start), (2, start)]).unwrap();
    let length = together.observation_spec().len();
    let mut alone: Vec<Gardens> = [7, 5, 6]
        .into_iter()
        .map(|seed| Gardens::shared(scenario.clone(), 1, seed, Year::Pure(1)))
        .collect();
    for tick in 0..350 {
        let row = actions(tick, 3);
        let step = together.step(&row).unwrap();
        for (garden, alone) in alone.iter_mut().enumerate() {
            let expected = alone.step(&row[garden..=garden]).unwrap();
            let seen = &step.observations[garden * length..(garden + 1) * length];
            assert_eq!(seen, expected.observations, "garden {garden}, tick {tick}");
            assert_eq!(step.rewards[garden], expected.rewards[0], "garden {garden}, tick {tick}");
        }
    }
}

#[test]
fn some_gardens_begin_anew_while_the_others_go_on() {
    let scenario = scenario("four_seasons");
    let [mut whole, mut partly] = [(), ()].map(|()| Gardens::shared(scenario.clone(), 2, 3, Year::Pure(0)));
    let length = whole.observation_spec().len();
    for tick in 0..40 {
        whole.step(&actions(tick, 2)).unwrap();
        partly.step(&actions(tick, 2)).unwrap();
    }
    let start = EpisodeStart { number: 1, tick: 40 };
    partly.begin_some(&[(1, start)]).unwrap();
    assert_eq!(partly.observations()[..length], whole.observations()[..length]);
    assert_eq!(partly.episode_starts()[1], start);
    let (mut again, row) = (Gardens::shared(scenario.clone(), 2, 3, Year::Pure(0)), actions(40, 2));
    again.begin(40, &[EpisodeStart { number: 0, tick: 40 }, start]);
    let step = partly.step(&row).unwrap().clone();
    assert_eq!(step.observations[..length], whole.step(&row).unwrap().observations[..length]);
    assert_eq!(step.observations[length..], again.step(&row).unwrap().observations[length..]);
    assert_eq!(partly.begin_some(&[(2, start)]).unwrap_err().asked, 2);
}

/// Two times the gardens of a season with the same driver: with Rapier's pipeline where it is needed, and in every step.
fn with_and_without_skipped_steps(scenario: &Arc<Scenario>, season: usize, driver: fn() -> Box<dyn Driver>) -> [Gardens; 2] {
    [PipelineSteps::WhereNeeded, PipelineSteps::Always].map(|pipeline_steps| {
        let mut gardens = Gardens::shared(scenario.clone(), 1, 11, Year::Pure(season));
        gardens.world_mut().insert_resource(pipeline_steps);
        gardens.drive(driver());
        gardens
    })
}

fn has_bumped(gardens: &mut Gardens) -> bool {
    let world = gardens.world_mut();
    world.query::<&Bumped>().iter(world).any(|bumped| bumped.0)
}

#[test]
fn up_to_a_contact_skipped_pipeline_steps_change_nothing() {
    let drivers: [fn() -> Box<dyn Driver>; 2] = [|| Box::new(Gardener), || Box::new(RandomDriver::new(5))];
    let (mut compared, mut ended_by_contact) = (0, 0);
    for name in shipped_names() {
        let scenario = scenario(name);
        for (season, driver) in (0..scenario.seasons.len()).flat_map(|season| drivers.map(|driver| (season, driver))) {
            let [mut skipping, mut stepping] = with_and_without_skipped_steps(&scenario, season, driver);
            for tick in 0..400 {
                skipping.tick();
                stepping.tick();
                if has_bumped(&mut stepping) {
                    assert!(has_bumped(&mut skipping), "{name}, season {season}, tick {tick}");
                    ended_by_contact += 1;
                    break;
                }
                let hashes = |gardens: &Gardens| (gardens.state_hash(), gardens.outcome_hash());
                assert_eq!(hashes(&skipping), hashes(&stepping), "{name}, season {season}, tick {tick}");
                compared += 1;
            }
        }
    }
    assert!(
        compared > 1_000 && ended_by_contact > 5,
        "{compared} ticks, {ended_by_contact} contacts"
    );
}

#[test]
fn skipped_pipeline_steps_change_returns_and_bumps_by_little() {
    let scenario = scenario("four_seasons");
    for season in 0..4 {
        let [skipping, stepping] = with_and_without_skipped_steps(&scenario, season, || Box::new(Gardener)).map(|mut gardens| {
            let (mut reward, mut bumps) = (0.0, 0);
            for _ in 0..8_000 {
                reward += f64::from(gardens.tick().step.rewards[0]);
                bumps += u32::from(has_bumped(&mut gardens));
            }
            (reward, f64::from(bumps))
        });
        assert!((skipping.0 / stepping.0 - 1.0).abs() < 0.05, "{skipping:?} {stepping:?}");
        assert!(
            (skipping.1 - stepping.1).abs() < 0.2 * stepping.1.max(100.0),
            "{skipping:?} {stepping:?}"
        );
    }
}

#[test]
fn a_reset_begins_everything_anew() {
    let scenario = scenario("four_seasons");
    let mut gardens = Gardens::shared(scenario, 2, 4, Year::Pure(1));
    let first = gardens.observations().to_vec();
    (0..20).for_each(|tick| drop(gardens.step(&actions(tick, 2)).unwrap().clone()));
    assert_ne!(gardens.observations(), first);
    assert_eq!(gardens.reset(), first);
    assert_eq!(gardens.clock(), 0);
}

#[test]
fn every_shipped_scenario_loads_and_steps() {
    for name in shipped_names() {
        let scenario = scenario(name);
        let mut gardens = Gardens::shared(scenario.clone(), 2, 0, Year::of(&scenario, 1, 30, 0));
        let length = gardens.observation_spec().len();
        for tick in 0..150 {
            let step = gardens.step(&actions(tick, 2)).unwrap();
            assert_eq!(step.observations.len(), 2 * length);
            assert!(step.rewards.iter().all(|reward| reward.is_finite()), "{name}");
        }
    }
}

/// Every season must be worth learning: a gardener who knows does far better than chance, and one who plans better still.
#[test]
fn every_season_of_every_scenario_is_learnable() {
    let settings = ProbeSettings {
        gardens: 8,
        episodes: 16,
        seed: 11,
    };
    for name in shipped_names() {
        let scenario = scenario(name);
        for (number, season) in scenario.seasons.iter().enumerate() {
            let worth = |driver: Box<dyn Driver>| probe(&scenario, number, driver, settings).mean_return();
            let random = worth(Box::new(RandomDriver::new(1)));
            let gardener = worth(Box::new(Gardener));
            let planner = worth(Box::<PlanningGardener>::default());
            assert!(
                gardener > random + 8.0,
                "{name}, {}: gardener {gardener}, random {random}",
                season.name
            );
            assert!(
                planner > gardener,
                "{name}, {}: planner {planner}, gardener {gardener}",
                season.name
            );
        }
    }
}

/// Hash of the default garden. It changes whenever the simulation does: physics, weather, layout, senses, actions.
#[test]
fn the_golden_rollout_has_not_changed() {
    const GOLDEN: u64 = 0x41dc_bb03_4770_f41f;
    let scenario = scenario("four_seasons");
    let mut gardens = Gardens::shared(scenario.clone(), 2, 0, Year::of(&scenario, 1, 200, 0));
    for tick in 0..700 {
        gardens.step(&actions(tick, 2)).unwrap();
    }
    let hash = gardens.state_hash();
    assert_eq!(
        hash,
        GOLDEN,
        "the simulation differs from the one that results were measured with. If that is meant: set GOLDEN in {} to {hash:#018x}, \
         say so in CHANGELOG.md, and measure the README's table again",
        file!()
    );
}
