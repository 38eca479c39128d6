//! Navigation of the scripted drivers.

use bevy::math::Vec2;

use crate::agent::GardenTruth;
use crate::mdp::Action;

/// Heading error below which a driver goes straight ahead, in radians. With the default robot, which turns by 0.4 rad in one
/// decision, it exceeds half a turn: a turn never swings past the goal and back.
const AIMED_RAD: f32 = 0.25;
/// Free distance kept beside an obstacle, in metres.
const CLEARANCE_M: f32 = 0.06;

/// Returns the action that brings the robot nearer to a point, around the plants in the way.
///
/// `target` is the index of the plant to drive to, if the point is a plant; that plant is no obstacle.
pub(super) fn drive_to(garden: &GardenTruth, point_m: Vec2, target: Option<usize>) -> Action {
    let seen_m = garden.pose.robot_from_plane(point_m);
    let bearing_rad = libm::atan2f(seen_m.y, seen_m.x);
    turn_or_drive(steer_around(garden, bearing_rad, seen_m.length(), target))
}

/// Turns until the bearing is straight ahead, then drives.
pub(super) fn turn_or_drive(bearing_rad: f32) -> Action {
    if bearing_rad > AIMED_RAD {
        Action::TurnLeft
    } else if bearing_rad < -AIMED_RAD {
        Action::TurnRight
    } else {
        Action::Forward
    }
}

/// Returns the bearing nearest to the wanted one that passes the first obstacle in the way on its nearer side.
fn steer_around(garden: &GardenTruth, bearing_rad: f32, distance_m: f32, target: Option<usize>) -> f32 {
    let robot_m = garden.scenario.robot.radius_m;
    let mut steered_rad = bearing_rad;
    let mut nearest_m = f32::INFINITY;
    for (number, plant) in garden.plants.iter().enumerate() {
        if Some(number) == target {
            continue;
        }
        let seen_m = garden.pose.robot_from_plane(plant.position_m);
        let away_m = seen_m.length();
        let room_m = robot_m + plant.stem_radius_m + CLEARANCE_M;
        if away_m >= distance_m || away_m >= nearest_m || away_m > 1.5 {
            continue;
        }
        let obstacle_rad = libm::atan2f(seen_m.y, seen_m.x);
        let off_rad = wrap(bearing_rad - obstacle_rad);
        // Half-angle that the obstacle blocks; right beside it, drive past at a right angle.
        let blocked_rad = if away_m > room_m {
            libm::asinf(room_m / away_m)
        } else {
            core::f32::consts::FRAC_PI_2
        };
        if off_rad.abs() < blocked_rad {
            nearest_m = away_m;
            steered_rad = wrap(obstacle_rad + blocked_rad.copysign(off_rad));
        }
    }
    steered_rad
}

/// Wraps an angle to (-pi, pi].
pub(super) fn wrap(angle_rad: f32) -> f32 {
    use core::f32::consts::{PI, TAU};
    if angle_rad > PI {
        angle_rad - TAU
    } else if angle_rad <= -PI {
        angle_rad + TAU
    } else {
        angle_rad
    }
}

#[cfg(test)]
#[path = "navigation_tests.rs"]
mod tests;
