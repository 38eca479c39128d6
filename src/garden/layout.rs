//! Random placement of plants, butt, props and robot at the start of an episode.

use bevy::prelude::*;
use rand_distr::{Distribution, Uniform};

use crate::physics::Pose;
use crate::random::Stream;
use crate::scenario::{PropKind, Scenario};

/// Number of tries before the required distance is relaxed by a twentieth.
const TRIES: usize = 200;
/// Free distance around the robot at its start position, in addition to both radii, in metres.
const ROOM_M: f32 = 0.15;

/// Positions of everything on the plane (x, z), in metres.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct GardenLayout {
    pub(super) plants_m: Vec<Vec2>,
    pub(super) butt_m: Option<Vec2>,
    pub(super) props: Vec<(PropKind, Vec2)>,
    pub(super) robot: Pose,
}

/// Returns the radius of a prop, in metres.
pub(super) fn prop_radius_m(kind: PropKind) -> f32 {
    match kind {
        PropKind::Stone => 0.14,
        PropKind::Apple => 0.07,
        PropKind::Pot => 0.12,
    }
}

/// Draws a layout: plants at their spacing, the butt at a wall, props and the robot where space is free.
pub(super) fn draw_layout(scenario: &Scenario, props: &[PropKind], stream: &mut Stream) -> GardenLayout {
    let half_m = 0.5 * scenario.plot.side_m;
    let robot_radius_m = scenario.robot.radius_m;
    let mut taken: Vec<(Vec2, f32)> = Vec::new();

    let butt_m = scenario.robot.tank.as_ref().map(|tank| {
        let along_m = uniform(-0.6 * half_m, 0.6 * half_m, stream);
        let from_wall_m = half_m - tank.butt_radius_m - 0.02;
        let position_m = [
            Vec2::new(from_wall_m, along_m),
            Vec2::new(-from_wall_m, along_m),
            Vec2::new(along_m, from_wall_m),
            Vec2::new(along_m, -from_wall_m),
        ][(uniform(0.0, 4.0, stream) as usize).min(3)];
        // The robot must be able to get there and turn.
        taken.push((position_m, tank.butt_radius_m + 2.0 * robot_radius_m));
        position_m
    });

    let spacing_m = scenario.plants.spacing_m;
    let reach_m = (half_m - scenario.plants.wall_distance_m).max(0.0);
    let mut plants_m: Vec<Vec2> = Vec::with_capacity(scenario.plants.count);
    for _ in 0..scenario.plants.count {
        let position_m = draw_free(reach_m, stream, |position_m, relaxed| {
            plants_m.iter().all(|other| other.distance(position_m) >= relaxed * spacing_m)
                && taken
                    .iter()
                    .all(|&(other, radius_m)| other.distance(position_m) >= relaxed * (radius_m + 0.4))
        });
        plants_m.push(position_m);
    }
    taken.extend(plants_m.iter().map(|&position_m| (position_m, 0.25)));

    let props = props
        .iter()
        .map(|&kind| {
            let radius_m = prop_radius_m(kind);
            let position_m = draw_free(half_m - radius_m - 0.1, stream, |position_m, relaxed| {
                taken
                    .iter()
                    .all(|&(other, other_m)| other.distance(position_m) >= relaxed * (other_m + radius_m))
            });
            taken.push((position_m, radius_m));
            (kind, position_m)
        })
        .collect();

    let position_m = draw_free(half_m - robot_radius_m - ROOM_M, stream, |position_m, relaxed| {
        taken
            .iter()
            .all(|&(other, radius_m)| other.distance(position_m) >= relaxed * (radius_m + robot_radius_m + ROOM_M))
    });
    let robot = Pose::new(position_m, uniform(-core::f32::consts::PI, core::f32::consts::PI, stream));
    GardenLayout {
        plants_m,
        butt_m,
        props,
        robot,
    }
}

/// Draws a position within `reach_m` of the origin on both axes that `fits`. If none is found, the required distance is relaxed
/// step
/// by step, down to zero, so that a crowded plot still gets a layout.
fn draw_free(reach_m: f32, stream: &mut Stream, fits: impl Fn(Vec2, f32) -> bool) -> Vec2 {
    let mut position_m = Vec2::ZERO;
    for round in 0..=20 {
        let relaxed = 1.0 - round as f32 / 20.0;
        for _ in 0..TRIES {
            position_m = Vec2::new(uniform(-reach_m, reach_m, stream), uniform(-reach_m, reach_m, stream));
            if fits(position_m, relaxed) {
                return position_m;
            }
        }
    }
    position_m
}

pub(super) fn uniform(low: f32, high: f32, stream: &mut Stream) -> f32 {
    Uniform::new(low, high).map_or(low, |distribution| distribution.sample(stream))
}
