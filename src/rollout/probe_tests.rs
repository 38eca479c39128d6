//! Drivers in whole episodes: the number of episodes, exact repetition, and the work of the gardeners.

use super::*;
use crate::agent::DriverInput;
use crate::agent::drivers::{Gardener, PlanningGardener, RandomDriver};
use crate::mdp::Action;

fn scenario(name: &str) -> Arc<Scenario> {
    Arc::new(Scenario::load(name).unwrap().scenario)
}

const SETTINGS: ProbeSettings = ProbeSettings {
    gardens: 2,
    episodes: 2,
    seed: 3,
};

#[test]
fn as_many_episodes_are_played_as_are_asked_for() {
    let scenario = scenario("four_seasons");
    for (gardens, episodes, rounds, side_by_side) in [(4, 6, 2, 4), (4, 2, 1, 2), (0, 1, 1, 1)] {
        let settings = ProbeSettings {
            gardens,
            episodes,
            seed: 3,
        };
        let result = probe(&scenario, 0, Box::new(RandomDriver::new(1)), settings);
        assert_eq!(result.tallies.len(), episodes);
        let expected = rounds * side_by_side * u64::from(scenario.episode.decisions);
        assert_eq!(result.decisions, expected, "{gardens} gardens, {episodes} episodes");
    }
    assert_eq!(ProbeResult::default().mean_return(), 0.0);
}

#[test]
fn the_same_probe_of_a_gardener_has_the_same_result() {
    let scenario = scenario("water_tank");
    let drivers: [fn() -> Box<dyn Driver>; 2] = [|| Box::new(Gardener), || Box::<PlanningGardener>::default()];
    for driver in drivers {
        let first = probe(&scenario, 2, driver(), SETTINGS);
        assert_eq!(probe(&scenario, 2, driver(), SETTINGS), first);
        let elsewhere = ProbeSettings { seed: 4, ..SETTINGS };
        assert_ne!(probe(&scenario, 2, driver(), elsewhere), first, "other gardens");
    }
}

#[test]
fn gardeners_hit_thirsty_plants_and_seldom_anything_else() {
    for name in ["four_seasons", "water_tank"] {
        let scenario = scenario(name);
        for (number, season) in scenario.seasons.iter().enumerate() {
            let drivers: [Box<dyn Driver>; 2] = [Box::new(Gardener), Box::<PlanningGardener>::default()];
            for driver in drivers {
                for tally in probe(&scenario, number, driver, SETTINGS).tallies {
                    let place = format!("{name}, {}: {tally:?}", season.name);
                    assert_eq!(tally.sprays_needless, 0, "{place}");
                    // A robot that still slides can miss, and on ice it also bumps into things.
                    assert!(tally.sprays_thirsty > 2 * tally.sprays_ground, "{place}");
                    assert!(tally.bumps < scenario.episode.decisions / 8, "{place}");
                }
            }
        }
    }
}

/// A driver that decides as another one, which must not spray from an empty tank.
struct NeverDry<D>(D);

impl<D: Driver> Driver for NeverDry<D> {
    fn decide(&mut self, input: &DriverInput, actions: &mut [Action]) {
        self.0.decide(input, actions);
        for (garden, action) in input.gardens.iter().zip(actions) {
            assert!(garden.sprays_left != Some(0) || *action != Action::Water);
        }
    }

    fn needs_truth(&self) -> bool {
        self.0.needs_truth()
    }
}

#[test]
fn a_gardener_never_sprays_from_an_empty_tank_and_finds_the_butt() {
    let mut small_tank = Scenario::clone(&scenario("water_tank"));
    if let Some(tank) = &mut small_tank.robot.tank {
        tank.capacity_sprays = 3;
    }
    let small_tank = Arc::new(small_tank);
    let drivers: [Box<dyn Driver>; 2] = [Box::new(NeverDry(Gardener)), Box::new(NeverDry(PlanningGardener::default()))];
    for driver in drivers {
        for tally in probe(&small_tank, 0, driver, SETTINGS).tallies {
            assert!(tally.sprays_thirsty > 3, "the tank was filled again: {tally:?}");
        }
    }
}
