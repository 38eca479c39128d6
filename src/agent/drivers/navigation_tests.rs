//! Ways to a point: straight, by the short turn, and around plants.

use bevy::math::Vec2;
use core::f32::consts::{FRAC_PI_2, PI};
use rand_distr::{Distribution, Uniform};

use super::*;
use crate::agent::drivers::testing::{STEM_RADIUS_M, at, carry_out, garden};
use crate::physics::Pose;
use crate::random::stream;

/// Distance that counts as arrival, in metres: a little less than the reach of the jet.
const ARRIVED_M: f32 = 1.0;

/// Course of a drive.
#[derive(Debug, PartialEq)]
struct Drive {
    actions: Vec<Action>,
    arrived: bool,
    /// Least free distance between the robot and any plant but its target, in metres; below 0 they would have collided.
    least_gap_m: f32,
}

/// Drives to a point for at most 150 decisions.
fn drive(garden: &mut GardenTruth, point_m: Vec2, target: Option<usize>, arrived_m: f32) -> Drive {
    let mut drive = Drive {
        actions: Vec::new(),
        arrived: false,
        least_gap_m: f32::INFINITY,
    };
    while drive.actions.len() < 150 {
        for (number, plant) in garden.plants.iter().enumerate() {
            if Some(number) != target {
                let apart_m = plant.position_m.distance(garden.pose.position_m);
                let gap_m = apart_m - plant.stem_radius_m - garden.scenario.robot.radius_m;
                drive.least_gap_m = drive.least_gap_m.min(gap_m);
            }
        }
        drive.arrived = garden.pose.position_m.distance(point_m) <= arrived_m;
        if drive.arrived {
            break;
        }
        let action = drive_to(garden, point_m, target);
        carry_out(garden, action);
        drive.actions.push(action);
    }
    drive
}

#[test]
fn a_robot_turns_the_short_way_round_whatever_its_heading() {
    for heading in 0..12 {
        let mut garden = garden(&[]);
        garden.pose = Pose::new(Vec2::new(0.5, -1.0), heading as f32 * PI / 6.0);
        for degrees in [20, 60, 100, 140, 175] {
            for (sign, turn) in [(1.0, Action::TurnLeft), (-1.0, Action::TurnRight)] {
                let bearing_rad = sign * (degrees as f32).to_radians();
                let direction = Pose::new(Vec2::ZERO, garden.pose.yaw_rad() + bearing_rad).forward;
                let point_m = garden.pose.position_m + 2.0 * direction;
                assert_eq!(drive_to(&garden, point_m, None), turn, "heading {heading}, {degrees} degrees");
            }
        }
    }
}

#[test]
fn a_robot_turns_first_and_never_to_and_fro() {
    for (point_m, turn) in [(at(-3.0, 0.4), Action::TurnLeft), (at(-3.0, -0.4), Action::TurnRight)] {
        let drive = drive(&mut garden(&[]), point_m, None, 0.3);
        assert!(drive.arrived);
        let turns = drive.actions.iter().take_while(|&&action| action == turn).count();
        // Almost half a turn, in turns of 0.4 rad.
        assert!((7..=8).contains(&turns), "{drive:?}");
        let to_and_fro = |pair: &[Action]| pair[0] != pair[1] && !pair.contains(&Action::Forward);
        assert!(!drive.actions.windows(2).any(to_and_fro), "{drive:?}");
    }
}

#[test]
fn a_small_heading_error_is_not_worth_a_turn() {
    let garden = garden(&[]);
    for left_m in [-0.45, 0.0, 0.45] {
        assert_eq!(drive_to(&garden, at(2.0, left_m), None), Action::Forward, "{left_m} m");
    }
}

#[test]
fn a_plant_in_the_way_is_passed_on_its_nearer_side() {
    let goal_m = at(3.0, 0.0);
    assert_eq!(drive_to(&garden(&[(at(1.0, 0.1), 0.0)]), goal_m, None), Action::TurnRight);
    assert_eq!(drive_to(&garden(&[(at(1.0, -0.1), 0.0)]), goal_m, None), Action::TurnLeft);
    // Of two in the way, the nearer one decides, in whichever order they are listed.
    let (near, far) = ((at(0.8, 0.1), 0.0), (at(1.3, -0.1), 0.0));
    for plants in [[near, far], [far, near]] {
        assert_eq!(drive_to(&garden(&plants), goal_m, None), Action::TurnRight);
    }
}

#[test]
fn a_robot_that_touches_a_plant_leaves_at_a_right_angle_to_it() {
    let garden = garden(&[(at(0.4, 0.05), 0.0)]);
    let steered_rad = steer_around(&garden, 0.0, 3.0, None);
    let obstacle_rad = libm::atan2f(0.05, 0.4);
    assert!((steered_rad - (obstacle_rad - FRAC_PI_2)).abs() < 1e-5, "{steered_rad}");
}

#[test]
fn plants_that_are_not_in_the_way_change_nothing() {
    let goal_m = at(2.0, 0.0);
    let elsewhere = [
        ("aside", at(1.0, 0.7)),
        ("behind the robot", at(-0.6, 0.0)),
        ("behind the goal", at(2.5, 0.0)),
    ];
    for (place, position_m) in elsewhere {
        let steered_rad = steer_around(&garden(&[(position_m, 1.0)]), 0.0, goal_m.length(), None);
        assert_eq!(steered_rad, 0.0, "{place}");
    }
    // Far ahead there is time to steer later.
    assert_eq!(steer_around(&garden(&[(at(1.6, 0.1), 0.0)]), 0.0, 4.0, None), 0.0);
}

#[test]
fn the_plant_that_is_the_goal_is_no_obstacle() {
    let garden = garden(&[(at(1.0, 0.1), 1.0)]);
    assert_eq!(drive_to(&garden, at(1.0, 0.1), Some(0)), Action::Forward);
    // The same plant as an obstacle on the way to a point behind it.
    assert_eq!(drive_to(&garden, at(1.5, 0.1), None), Action::TurnRight);
}

#[test]
fn at_its_goal_a_robot_makes_no_detour() {
    // Even beside a plant: nothing is nearer than the goal.
    let garden = garden(&[(at(0.5, 0.05), 0.0)]);
    assert_eq!(drive_to(&garden, garden.pose.position_m, None), Action::Forward);
}

#[test]
fn a_plant_between_robot_and_goal_is_never_touched() {
    for heading_rad in [0.0, 1.5, 3.0, -2.0] {
        for left_m in [-0.4, -0.2, -0.05, 0.05, 0.2, 0.4] {
            let mut garden = garden(&[(at(2.0, left_m), 0.0)]);
            garden.pose = Pose::new(Vec2::ZERO, heading_rad);
            let drive = drive(&mut garden, at(4.0, 0.0), None, 0.25);
            let place = format!("heading {heading_rad}, plant {left_m} m to the left: {drive:?}");
            assert!(drive.arrived, "{place}");
            assert!(drive.least_gap_m > 0.0, "{place}");
            // The detour costs a few turns, and no more than two steps of 0.24 m.
            let steps = drive.actions.iter().filter(|&&action| action == Action::Forward).count();
            assert!(steps <= 18, "{place}");
        }
    }
}

#[test]
fn every_plant_of_a_crowded_garden_is_reached_without_touching_another() {
    let mut numbers = stream(0, "navigation tests", 0);
    let mut uniform = |reach: f32| Uniform::new(-reach, reach).unwrap().sample(&mut numbers);
    for layout in 0..20 {
        let mut plants: Vec<(Vec2, f32)> = Vec::new();
        while plants.len() < 10 {
            let position_m = Vec2::new(uniform(3.4), uniform(3.4));
            if plants.iter().all(|(other_m, _)| other_m.distance(position_m) >= 1.3) {
                plants.push((position_m, 1.0));
            }
        }
        let start = loop {
            let position_m = Vec2::new(uniform(3.6), uniform(3.6));
            let room_m = STEM_RADIUS_M + 0.25 + 0.15;
            if plants.iter().all(|(other_m, _)| other_m.distance(position_m) >= room_m) {
                break Pose::new(position_m, uniform(PI));
            }
        };
        for (number, &(position_m, _)) in plants.iter().enumerate() {
            let mut garden = garden(&plants);
            garden.pose = start;
            let drive = drive(&mut garden, position_m, Some(number), ARRIVED_M);
            assert!(drive.arrived, "layout {layout}, plant {number}");
            assert!(
                drive.least_gap_m > -CLEARANCE_M,
                "layout {layout}, plant {number}: {}",
                drive.least_gap_m
            );
        }
    }
}

#[test]
fn wrapped_angles_are_in_range_and_mean_the_same() {
    for step in -62..=62 {
        let angle_rad = step as f32 * 0.1;
        let wrapped_rad = wrap(angle_rad);
        assert!(wrapped_rad > -PI && wrapped_rad <= PI, "{angle_rad}");
        assert!(
            (libm::cosf(wrapped_rad) - libm::cosf(angle_rad)).abs() < 1e-5
                && (libm::sinf(wrapped_rad) - libm::sinf(angle_rad)).abs() < 1e-5,
            "{angle_rad}"
        );
    }
    assert_eq!((wrap(PI), wrap(-PI)), (PI, PI));
}
