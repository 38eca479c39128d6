//! The rules of the garden: watering, thirst, reward, episodes, seasons, skidding, bumping.

use std::sync::Arc;

use bevy::prelude::*;

use perennial::app::Gardens;
use perennial::garden::{EpisodeStart, GardenEntities, GardenList, Position, Pump, SeasonState, Sky, Soil};
use perennial::mdp::Action;
use perennial::physics::{Bumped, Pose};
use perennial::scenario::{Scenario, Tank, Year};

fn scenario() -> Scenario {
    Scenario::load("four_seasons").unwrap().scenario
}

/// One garden in spring, with the robot at the origin looking along `+x` and nothing else within its reach.
struct Bed {
    gardens: Gardens,
}

impl Bed {
    fn new(change: impl FnOnce(&mut Scenario)) -> Self {
        let mut scenario = scenario();
        // Nothing but what a test does is to change the soil.
        for season in &mut scenario.seasons {
            season.weather.showers_per_hour = 0.0;
            season.dynamics.evaporation_per_decision = 0.0;
        }
        change(&mut scenario);
        let mut bed = Self {
            gardens: Gardens::shared(Arc::new(scenario), 1, 3, Year::Pure(0)),
        };
        for number in 0..bed.entities().plants.len() {
            bed.put_plant(number, Vec2::new(50.0, 50.0), 0.9);
        }
        bed
    }

    fn garden(&self) -> Entity {
        self.gardens.world().resource::<GardenList>().0[0]
    }

    fn entities(&self) -> GardenEntities {
        self.gardens.world().get::<GardenEntities>(self.garden()).unwrap().clone()
    }

    fn robot(&self) -> Pose {
        *self.gardens.world().get::<Pose>(self.entities().robot).unwrap()
    }

    /// Moves what is seen and watered of a plant (its body stays behind) relative to the robot: ahead, to the left.
    fn put_plant(&mut self, number: usize, seen_m: Vec2, moisture: f32) {
        let (plant, pose) = (self.entities().plants[number], self.robot());
        let place = Position(pose.position_m + pose.forward * seen_m.x + pose.left() * seen_m.y);
        self.gardens.world_mut().entity_mut(plant).insert((place, Soil { moisture }));
    }

    fn moisture(&self, number: usize) -> f32 {
        self.gardens
            .world()
            .get::<Soil>(self.entities().plants[number])
            .unwrap()
            .moisture
    }

    fn reward_of(&mut self, action: Action) -> f32 {
        self.gardens.step(&[action]).unwrap().rewards[0]
    }
}

#[test]
fn thirst_begins_below_half_and_is_complete_a_quarter_further_down() {
    let plants = scenario().plants;
    let thirst = |moisture| plants.thirst(moisture);
    assert_eq!(
        [thirst(0.8), thirst(0.5), thirst(0.375), thirst(0.25), thirst(0.0)],
        [0.0, 0.0, 0.5, 1.0, 1.0]
    );
}

#[test]
fn watering_a_thirsty_plant_is_worth_its_thirst_and_wets_its_soil() {
    let mut bed = Bed::new(|_| ());
    bed.put_plant(0, Vec2::new(0.8, 0.0), 0.3);
    // Thirst (0.5 - 0.3) / 0.25 = 0.8, less a hundredth for the time.
    assert!((bed.reward_of(Action::Water) - 0.79).abs() < 1e-5);
    assert!((bed.moisture(0) - 0.6).abs() < 1e-6);
    // Now it is not thirsty any more.
    assert!((bed.reward_of(Action::Water) + 0.51).abs() < 1e-5);
}

#[test]
fn the_nearest_plant_in_the_jet_gets_the_water() {
    let mut bed = Bed::new(|_| ());
    bed.put_plant(0, Vec2::new(1.0, 0.0), 0.3);
    bed.put_plant(1, Vec2::new(0.6, 0.1), 0.3);
    bed.put_plant(2, Vec2::new(0.1, 0.5), 0.3);
    bed.reward_of(Action::Water);
    assert!(bed.moisture(1) > 0.5, "the nearest one ahead");
    assert_eq!(
        [bed.moisture(0), bed.moisture(2)],
        [0.3, 0.3],
        "behind it, and nearer but beside the jet"
    );
}

#[test]
fn water_on_bare_ground_costs_a_tenth() {
    let mut bed = Bed::new(|_| ());
    assert!((bed.reward_of(Action::Water) + 0.11).abs() < 1e-6);
    assert!((bed.reward_of(Action::TurnLeft) + 0.01).abs() < 1e-6);
}

#[test]
fn a_tank_runs_dry_and_is_filled_beside_the_butt() {
    let mut bed = Bed::new(|scenario| {
        scenario.robot.tank = Some(Tank {
            capacity_sprays: 2,
            ..Tank::default()
        })
    });
    let sprays = |bed: &Bed| bed.gardens.world().get::<Pump>(bed.entities().robot).unwrap().sprays_left;
    let butt = bed.entities().butt.unwrap();
    let far = Position(bed.robot().position_m + Vec2::splat(20.0));
    bed.gardens.world_mut().entity_mut(butt).insert(far);
    bed.put_plant(0, Vec2::new(0.8, 0.0), 0.0);
    for left in [1, 0] {
        bed.reward_of(Action::Water);
        assert_eq!(sprays(&bed), Some(left));
    }
    let before = bed.moisture(0);
    assert!(
        (bed.reward_of(Action::Water) + 0.11).abs() < 1e-6,
        "a dry pump is worth what bare ground is"
    );
    assert_eq!(bed.moisture(0), before);
    let near = Position(bed.robot().position_m + Vec2::new(0.5, 0.0));
    bed.gardens.world_mut().entity_mut(butt).insert(near);
    bed.reward_of(Action::TurnLeft);
    assert_eq!(sprays(&bed), Some(2), "full, and no more than that");
}

#[test]
fn soil_dries_as_fast_as_the_season_says_and_never_below_nothing() {
    let mut bed = Bed::new(|scenario| scenario.seasons[0].dynamics.evaporation_per_decision = 0.01);
    bed.put_plant(0, Vec2::new(5.0, 0.0), 0.015);
    let factor = bed.gardens.world().get::<Sky>(bed.garden()).unwrap().evaporation_factor;
    bed.reward_of(Action::TurnLeft);
    assert!((bed.moisture(0) - (0.015 - 0.01 * factor)).abs() < 1e-6);
    bed.reward_of(Action::TurnLeft);
    bed.reward_of(Action::TurnLeft);
    assert_eq!(bed.moisture(0), 0.0);
}

#[test]
fn an_episode_is_cut_off_after_its_time_and_the_next_one_begins_at_once() {
    let mut gardens = Gardens::new(&scenario(), 2, 0, Year::Pure(0));
    for decision in 1..=300 {
        let step = gardens.step(&[Action::TurnLeft; 2]).unwrap();
        assert_eq!(step.truncated, [decision == 300; 2]);
        assert_eq!(step.terminated, [false; 2]);
    }
    let step = &gardens.experience().step;
    assert_ne!(step.observations, step.final_observations, "the new garden is another one");
    let finished = gardens.finished_episodes().copied().collect::<Vec<_>>();
    assert_eq!(
        finished.iter().map(|finished| finished.episode.decisions).collect::<Vec<_>>(),
        [300, 300]
    );
    assert!(
        (finished[0].episode.tally.episode_return + 3.0).abs() < 1e-3,
        "300 decisions of doing nothing"
    );
    assert_eq!(gardens.episode_starts(), [EpisodeStart { number: 1, tick: 300 }; 2]);
}

#[test]
fn dead_plants_end_an_episode_for_real_where_the_scenario_says_so() {
    let mut bed = Bed::new(|scenario| {
        scenario.episode.terminates_when_dead_fraction = Some(0.2);
        scenario.plants.wellbeing_loss_per_decision = 0.5;
    });
    bed.put_plant(0, Vec2::new(5.0, 0.0), 0.0);
    bed.put_plant(1, Vec2::new(5.0, 0.0), 0.0);
    bed.gardens.step(&[Action::TurnLeft]).unwrap();
    assert!(!bed.gardens.experience().step.terminated[0]);
    let step = bed.gardens.step(&[Action::TurnLeft]).unwrap();
    assert_eq!(
        (step.terminated[0], step.truncated[0]),
        (true, false),
        "two plants of ten are dead"
    );
}

#[test]
fn an_abrupt_season_cuts_episodes_off_and_the_look_changes_between_two_decisions() {
    let mut scenario = scenario();
    scenario.episode.decisions = 1000;
    let mut gardens = Gardens::new(&scenario, 1, 0, Year::of(&scenario, 1, 50, 0));
    let season = |gardens: &Gardens| {
        let garden = gardens.world().resource::<GardenList>().0[0];
        gardens.world().get::<SeasonState>(garden).unwrap().moment.season
    };
    for tick in 0..200_u64 {
        assert_eq!(season(&gardens), (tick / 50) as usize);
        let cut = gardens.step(&[Action::TurnLeft]).unwrap().truncated[0];
        assert_eq!(cut, tick % 50 == 49 && tick < 199, "tick {tick}");
    }
}

#[test]
fn ice_makes_the_robot_skid() {
    let coasting_m = |traction: f32| {
        let mut bed = Bed::new(|scenario| {
            scenario.seasons[0].dynamics.traction = traction;
            scenario.plants.count = 1;
            scenario.plot.side_m = 20.0;
        });
        for _ in 0..6 {
            bed.gardens.step(&[Action::Forward]).unwrap();
        }
        let before = bed.robot().position_m;
        for _ in 0..6 {
            bed.gardens.step(&[Action::TurnLeft]).unwrap();
        }
        assert!(
            !bed.gardens.world().get::<Bumped>(bed.entities().robot).unwrap().0,
            "the way must be free"
        );
        bed.robot().position_m.distance(before)
    };
    let (soil_m, ice_m) = (coasting_m(0.9), coasting_m(0.1));
    assert!(ice_m > 2.0 * soil_m, "{soil_m} m on dry soil, {ice_m} m on ice");
}

#[test]
fn no_wall_lets_the_robot_through_and_bumping_is_noticed_and_costs() {
    let mut bed = Bed::new(|scenario| scenario.plants.count = 1);
    let (mut bumped, mut lowest) = (false, f32::INFINITY);
    for _ in 0..60 {
        lowest = lowest.min(bed.reward_of(Action::Forward));
        bumped |= bed.gardens.world().get::<Bumped>(bed.entities().robot).unwrap().0;
        let position = bed.robot().position_m.abs();
        assert!(position.max_element() <= 4.0 - 0.25 + 0.03, "{position}");
    }
    assert!(bumped);
    assert!((lowest + 0.06).abs() < 1e-6, "{lowest}");
}

#[test]
fn an_apple_rolls_when_pushed_and_a_stone_does_not() {
    use perennial::physics::LoosePose;
    use perennial::scenario::{Colour, PropKind, Props};
    let colour = Colour::new(0.6, 0.1, 0.1);
    let mut bed = Bed::new(|scenario| {
        scenario.plants.count = 1;
        let props = |kind| Props { kind, count: 8, colour };
        scenario.seasons[0].props = vec![props(PropKind::Apple), props(PropKind::Stone)];
    });
    let places = |bed: &Bed| -> Vec<Vec3> {
        let pose = |&prop: &Entity| bed.gardens.world().get::<LoosePose>(prop).map(|pose| pose.translation_m);
        bed.entities().props.iter().filter_map(pose).collect()
    };
    let before = places(&bed);
    assert_eq!(before.len(), 8, "stones are fixed");
    for turn in 0..200 {
        bed.gardens
            .step(&[if turn % 9 < 7 { Action::Forward } else { Action::TurnRight }])
            .unwrap();
    }
    let after = places(&bed);
    let farthest = before
        .iter()
        .zip(&after)
        .map(|(before, after)| before.distance(*after))
        .fold(0.0, f32::max);
    assert!(
        farthest > 0.1,
        "one of eight apples was met in 40 s of driving about: {farthest}"
    );
    assert!(
        after.iter().all(|place| place.y > 0.0 && place.y < 0.2),
        "none sank or flew: {after:?}"
    );
}
