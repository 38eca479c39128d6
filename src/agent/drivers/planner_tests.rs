//! Choices of the planning gardener.

use super::*;
use crate::agent::drivers::Gardener;
use crate::agent::drivers::testing::{add_tank, at, carry_out, decide, garden, set_thirst, thirsty_garden};
use crate::physics::Pose;

/// Index of the plant to the left, which is a little nearer but only a little thirsty.
const LEFT: usize = 0;

/// A garden in which the plant to the right promises the better rate.
fn left_or_right() -> GardenTruth {
    garden(&[(at(0.0, 2.0), 0.35), (at(0.0, -2.3), 1.0)])
}

/// The same garden after the plant to the left became the better goal.
fn better_left() -> GardenTruth {
    let mut garden = left_or_right();
    set_thirst(&mut garden, LEFT, 1.0);
    garden
}

#[test]
fn the_best_rate_is_driven_to_not_the_nearest_thirst() {
    let garden = left_or_right();
    assert_eq!(decide(&mut Gardener, &garden), Action::TurnLeft);
    assert_eq!(decide(&mut PlanningGardener::default(), &garden), Action::TurnRight);
    assert_eq!(decide(&mut PlanningGardener::default(), &better_left()), Action::TurnLeft);
}

#[test]
fn a_goal_is_kept_until_patience_ends() {
    let mut planner = PlanningGardener::default();
    assert_eq!(decide(&mut planner, &left_or_right()), Action::TurnRight);
    // The robot is stuck: it never gets nearer.
    for decision in 1..=PATIENCE {
        assert_eq!(decide(&mut planner, &better_left()), Action::TurnRight, "decision {decision}");
    }
    assert_eq!(decide(&mut planner, &better_left()), Action::TurnLeft);
}

#[test]
fn a_new_plan_is_made_after_each_spray() {
    let mut planner = PlanningGardener::default();
    assert_eq!(decide(&mut planner, &left_or_right()), Action::TurnRight);
    let mut beside = better_left();
    beside.pose = Pose::new(at(0.0, 1.0), core::f32::consts::FRAC_PI_2);
    assert_eq!(decide(&mut planner, &beside), Action::Water);
    assert_eq!(decide(&mut planner, &better_left()), Action::TurnLeft);
}

#[test]
fn an_empty_tank_is_filled_first_and_ends_the_plan() {
    let mut planner = PlanningGardener::default();
    assert_eq!(decide(&mut planner, &left_or_right()), Action::TurnRight);
    let mut empty = better_left();
    add_tank(&mut empty, 20, 0, at(3.0, 0.0));
    assert_eq!(decide(&mut planner, &empty), Action::Forward);
    assert_eq!(decide(&mut planner, &better_left()), Action::TurnLeft);
}

#[test]
fn a_plant_in_reach_is_watered_unless_another_one_promises_more() {
    let mut planner = PlanningGardener::default();
    assert_eq!(decide(&mut planner, &garden(&[(at(1.0, 0.1), 1.0)])), Action::Water);
    assert_eq!(decide(&mut planner, &garden(&[(at(1.0, 0.1), 0.5)])), Action::Water);
    // One turn away from a plant that is completely thirsty: 1 in two decisions is more than 0.4 in one.
    let beside = garden(&[(at(1.0, 0.0), 0.4), (at(0.6, 0.7), 1.0)]);
    assert_eq!(decide(&mut planner, &beside), Action::TurnLeft);
}

#[test]
fn a_robot_waits_beside_a_plant_until_a_spray_is_worth_its_time() {
    for left_m in [0.1, -0.1] {
        let mut garden = garden(&[(at(0.8, left_m), 0.1)]);
        garden.evaporation_per_decision = 0.002;
        let mut planner = PlanningGardener::default();
        let mut waited = 0;
        loop {
            let thirst = garden.plants[0].thirst;
            let action = decide(&mut planner, &garden);
            if action == Action::Water {
                assert!((0.31..0.35).contains(&thirst), "{thirst}");
                break;
            }
            waited += 1;
            assert!(waited < 60, "thirst is {thirst}");
            carry_out(&mut garden, action);
            let robot = &garden.scenario.robot;
            assert!(
                robot.jet_reaches(&garden.pose, garden.plants[0].position_m).is_some(),
                "the plant stays in the jet"
            );
        }
        // From 0.1 on, thirst grows by 0.008 in a decision.
        assert!(waited > 20, "{waited}");
    }
}

#[test]
fn a_planner_without_plants_turns_in_place() {
    assert_eq!(decide(&mut PlanningGardener::default(), &garden(&[])), Action::TurnLeft);
}

#[test]
fn a_goal_that_is_no_longer_there_is_given_up() {
    let mut planner = PlanningGardener::default();
    assert_eq!(decide(&mut planner, &left_or_right()), Action::TurnRight);
    let mut fewer = left_or_right();
    fewer.plants.truncate(1);
    assert_eq!(decide(&mut planner, &fewer), Action::TurnLeft);
    fewer.plants.clear();
    assert_eq!(decide(&mut planner, &fewer), Action::TurnLeft);
}

#[test]
fn every_thirsty_plant_is_watered_once() {
    let mut garden = thirsty_garden();
    let (mut planner, mut watered) = (PlanningGardener::default(), Vec::new());
    for _ in 0..200 {
        let action = decide(&mut planner, &garden);
        let plant = carry_out(&mut garden, action);
        assert_eq!(action == Action::Water, plant.is_some(), "no spray is wasted");
        watered.extend(plant);
    }
    watered.sort_unstable();
    assert_eq!(watered, [0, 1, 2, 3, 4, 5]);
}

#[test]
fn each_garden_has_a_goal_of_its_own() {
    let mut planner = PlanningGardener::default();
    let mut decide_in = |gardens: &[GardenTruth]| {
        let mut actions = vec![Action::Back; gardens.len()];
        let input = DriverInput {
            observations: &[],
            seasons: &[0, 0],
            gardens,
        };
        planner.decide(&input, &mut actions);
        actions
    };
    let first = decide_in(&[left_or_right(), better_left()]);
    assert_eq!(first, [Action::TurnRight, Action::TurnLeft]);
    let second = decide_in(&[better_left(), left_or_right()]);
    assert_eq!(second, [Action::TurnRight, Action::TurnLeft], "each keeps its own goal");
}

#[test]
fn travel_takes_no_time_in_reach_and_longer_the_farther_and_the_more_to_the_side() {
    let travel = |ahead_m, left_m| {
        let garden = garden(&[(at(ahead_m, left_m), 1.0)]);
        decisions_to_reach(&garden, &garden.plants[0])
    };
    assert_eq!(travel(1.0, 0.1), 0.0);
    // 1.2 m in steps of 0.24 m, and two decisions to accelerate and to brake.
    assert!((travel(2.3, 0.0) - 7.0).abs() < 1e-4);
    assert!(travel(3.0, 0.0) > travel(2.3, 0.0));
    assert!(travel(0.0, 2.3) > travel(2.3, 0.0) && travel(-2.3, 0.1) > travel(0.0, 2.3));
    assert!((travel(0.0, 2.3) - travel(0.0, -2.3)).abs() < 1e-5, "left is as far as right");
}

#[test]
fn a_visit_is_worth_the_more_the_thirstier_the_plant_and_the_shorter_the_way() {
    let worth = |thirst, travel| {
        let garden = garden(&[(at(3.0, 0.0), thirst)]);
        prospect(&garden, &garden.plants[0], travel)
    };
    // One spray: complete thirst in one decision, or in ten.
    assert!((worth(1.0, 0.0) - 1.0).abs() < 1e-5);
    assert!((worth(1.0, 9.0) - 0.1).abs() < 1e-5);
    assert!(worth(0.5, 9.0) < worth(1.0, 9.0));
    assert_eq!(worth(0.0, 9.0), 0.0, "a plant that stays moist is worth nothing");
    // Where plants dry out, waiting beside one makes it worth something.
    let mut drying = garden(&[(at(3.0, 0.0), 0.0)]);
    drying.evaporation_per_decision = 0.01;
    assert!(prospect(&drying, &drying.plants[0], 0.0) > 0.0);
}
