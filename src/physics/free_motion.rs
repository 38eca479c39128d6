//! Motion of a robot that can touch nothing: the same integration as Rapier's, without its pipeline.
//!
//! A pipeline step costs about a microsecond even for a single body: collision detection, islands and the stages of the solver all
//! run to find that there is nothing to do. In a garden this is the usual case, as the robot is seldom in reach of a plant or a wall.
//! [`FreeSpace`] tells when it is, by a bound on the distance to everything that can be touched.
//!
//! Up to the first contact of an episode, the states are those of the pipeline, bit for bit. After it, they may differ where a robot
//! touches two bodies at once: the order in which Rapier solves such contacts depends on when its broad phase first saw the bodies
//! near each other, which it does not in skipped steps. Either way a state is a function of the episode's start and actions.

use bevy::prelude::*;
use bevy_rapier3d::rapier::math::{Real, Rotation, Vector};
use bevy_rapier3d::rapier::prelude::{IntegrationParameters, RigidBody, RigidBodySet};

use super::{BodySpec, MovingBodies};

/// Distance beyond Rapier's prediction distance at which a contact is ruled out, in metres: more than rounding can change.
const MARGIN_M: f32 = 0.001;
/// Rapier's limit on the rotation of a body in one step, in radians.
const MOST_ROTATION_RAD: f32 = core::f32::consts::FRAC_PI_4;

/// Everything in a garden that its robot can touch, and a lower bound on the distance to it.
#[derive(Component, Clone, Debug, PartialEq)]
pub struct FreeSpace {
    half_side_m: f32,
    robot_radius_m: f32,
    /// Position (x, z) and radius of each fixed body, in metres.
    fixed: Vec<(Vec2, f32)>,
    /// Radius in metres of a circle around each loose body, in the order of [`MovingBodies::loose`].
    loose_radii_m: Vec<f32>,
    /// Lower bound on the distance between the robot and anything else, in metres.
    distance_m: f32,
    /// `true` if the pipeline must run in the next step: the first one, in which Rapier computes the mass properties of the bodies,
    /// and those after a contact, which remove it.
    is_unsettled: bool,
}

impl FreeSpace {
    /// Creates the free space of a square plot with fixed bodies and loose ones, given by their radii.
    pub fn new(side_m: f32, robot_radius_m: f32, fixed: &[BodySpec], loose_radii_m: Vec<f32>) -> Self {
        Self {
            half_side_m: 0.5 * side_m,
            robot_radius_m,
            fixed: fixed.iter().map(|body| (body.position_m, body.radius_m)).collect(),
            loose_radii_m,
            distance_m: 0.0,
            is_unsettled: true,
        }
    }

    /// Returns `true` if the next step of the robot's body needs no pipeline: nothing else moves, and nothing is in reach of a
    /// contact.
    pub fn contains(&mut self, parameters: &IntegrationParameters, moving: &MovingBodies, bodies: &RigidBodySet) -> bool {
        let Some(robot) = bodies.get(moving.robot.1) else {
            return false;
        };
        let is_slow = robot.angvel().length() * parameters.dt < MOST_ROTATION_RAD
            && robot.linvel().length() < parameters.max_linear_velocity();
        if self.is_unsettled || !is_slow {
            return false;
        }
        let needed_m = parameters.prediction_distance() + MARGIN_M;
        if self.distance_m <= needed_m {
            let loose = moving.loose.iter().filter_map(|&(_, body)| bodies.get(body));
            if loose.clone().any(|body| !body.is_sleeping()) {
                return false;
            }
            let loose = loose
                .map(|body| on_plane(body.translation()))
                .zip(self.loose_radii_m.iter().copied());
            self.distance_m = self.distance_from(on_plane(robot.translation()), loose);
        }
        self.distance_m > needed_m
    }

    /// Returns the distance from a robot at this position to the nearest wall or body, in metres.
    fn distance_from(&self, position_m: Vec2, loose: impl Iterator<Item = (Vec2, f32)>) -> f32 {
        let to_wall_m = self.half_side_m - position_m.abs().max_element();
        let bodies = self.fixed.iter().copied().chain(loose);
        let nearest_m = bodies
            .map(|(other_m, radius_m)| position_m.distance(other_m) - radius_m)
            .fold(to_wall_m, f32::min);
        nearest_m - self.robot_radius_m
    }

    /// Notes a step without pipeline in which the robot moved by `moved_m` metres.
    pub fn moved_freely(&mut self, moved_m: f32) {
        self.distance_m -= moved_m;
    }

    /// Notes a step of the pipeline, after which everything may be elsewhere.
    pub fn stepped(&mut self, in_contact: bool) {
        self.is_unsettled = in_contact;
        self.distance_m = 0.0;
    }
}

fn on_plane(point_m: Vector) -> Vec2 {
    Vec2::new(point_m.x, point_m.z)
}

/// Moves a body by its velocity over one step, as Rapier does with a body without contacts, forces and damping whose centre of mass
/// is its origin.
pub(super) fn move_freely(body: &mut RigidBody, parameters: &IntegrationParameters) {
    let steps = parameters.num_solver_iterations;
    let dt_s: Real = parameters.dt / steps as Real;
    let velocity = body.linvel();
    for _ in 0..steps {
        let mut pose = *body.position();
        let spin = body.angvel_with_gyroscopic_forces(dt_s);
        // The rotation vector is small, and its quaternion is linearised.
        let half_turn = spin * (dt_s * 0.5);
        let turn = Rotation::from_xyzw(half_turn.x, half_turn.y, half_turn.z, 1.0);
        pose.rotation = (turn * pose.rotation).normalize();
        pose.translation += velocity * dt_s;
        // Not woken up: the robot never sleeps.
        body.set_angvel(spin, false);
        body.set_position(pose, false);
    }
}
