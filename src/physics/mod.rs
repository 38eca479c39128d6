//! The only set-up of Rapier: worlds, bodies, traction.
//!
//! Each garden has a Rapier world of its own, kept in the components of `bevy_rapier3d`, and each episode builds that world anew, in
//! a fixed order. Bodies are put into the world here rather than by the plugin's synchronising systems, because those follow the
//! order in which the ECS happens to store entities: after a resume that order is another one, contacts are solved in another
//! order, and the last bits differ. So: **a world is a function of how its episode began and of the actions since**, bit for bit.
//! Bodies and colliders carry their entity in `user_data`, as the plugin's own do, so its queries work on these worlds too.
//!
//! The robot is a rigid body that slides on the ground plane (its height and tilt are locked: a wheeled robot of this shape cannot
//! tip over at these speeds, and ground contacts would double the cost of a step). Its wheels push within the season's traction;
//! see [`traction`]. Props are free bodies under gravity.
//!
//! Frames: `y` is up. A pose on the plane is (`x`, `z`); a robot that looks along `+x` and turns left turns towards `-z`.

mod bodies;
mod stepping;
pub mod traction;

pub use bodies::{BodySpec, LooseShape, RobotSpec, build_world};
pub use stepping::step_worlds;

use bevy::prelude::*;
use bevy_rapier3d::plugin::context::{RapierContextColliders, RapierContextJoints, RapierContextSimulation, RapierRigidBodySet};
use bevy_rapier3d::rapier::prelude::{ColliderHandle, RigidBodyHandle};

/// Acceleration of gravity, in m/s^2.
pub const GRAVITY_M_PER_S2: f32 = 9.81;

/// A Rapier world, in the components of `bevy_rapier3d`.
#[derive(Bundle, Default)]
pub struct RapierWorld {
    /// The pipeline and what it remembers between steps.
    pub simulation: RapierContextSimulation,
    /// Everything that can be bumped into.
    pub colliders: RapierContextColliders,
    /// No joints as yet, but the pipeline asks for them.
    pub joints: RapierContextJoints,
    /// Everything that can move.
    pub bodies: RapierRigidBodySet,
}

/// Which bodies of a garden's world move.
#[derive(Component, Clone, Debug)]
pub struct MovingBodies {
    /// The robot's entity, body and collider.
    pub robot: (Entity, RigidBodyHandle, ColliderHandle),
    /// Entity and body of each prop that can be pushed.
    pub loose: Vec<(Entity, RigidBodyHandle)>,
}

/// Where a robot stands on the plane, and where it looks.
#[derive(Component, Clone, Copy, Debug, PartialEq)]
pub struct Pose {
    /// Position (x, z), in metres.
    pub position_m: Vec2,
    /// Unit vector (x, z) of its heading.
    pub forward: Vec2,
}

impl Pose {
    /// A pose at a position with a heading; at yaw 0 it looks along `+x`, and yaw grows to the left.
    pub fn new(position_m: Vec2, yaw_rad: f32) -> Self {
        Self {
            position_m,
            forward: Vec2::new(libm::cosf(yaw_rad), -libm::sinf(yaw_rad)),
        }
    }

    /// The heading as an angle, in (-pi, pi].
    pub fn yaw_rad(&self) -> f32 {
        libm::atan2f(-self.forward.y, self.forward.x)
    }

    /// Unit vector (x, z) to its left.
    pub fn left(&self) -> Vec2 {
        Vec2::new(self.forward.y, -self.forward.x)
    }

    /// A point of the plane as the robot has it: how far ahead, and how far to the left, in metres.
    pub fn robot_from_plane(&self, point_m: Vec2) -> Vec2 {
        let offset = point_m - self.position_m;
        Vec2::new(offset.dot(self.forward), offset.dot(self.left()))
    }
}

/// How a robot moves.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq)]
pub struct Motion {
    /// Velocity on the plane (x, z), in m/s.
    pub velocity_m_per_s: Vec2,
    /// Rate of turning, positive to the left, in rad/s.
    pub yaw_rate_rad_per_s: f32,
}

/// What a robot's wheels are told to do.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq)]
pub struct WheelCommand {
    /// Speed of the body straight ahead, in m/s.
    pub forward_m_per_s: f32,
    /// Rate of turning, positive to the left, in rad/s.
    pub yaw_rate_rad_per_s: f32,
}

/// How far a robot's wheels slid in the last decision, as a share of the substeps in which traction gave way.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq)]
pub struct Skid(pub f32);

/// Whether a robot touched anything but the ground in the last decision.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bumped(pub bool);

/// How well wheels hold on a garden's ground: the friction coefficient.
#[derive(Component, Clone, Copy, Debug, PartialEq)]
pub struct Traction(pub f32);

/// Where a loose prop is.
#[derive(Component, Clone, Copy, Debug, PartialEq)]
pub struct LoosePose {
    /// Position of its centre, in metres.
    pub translation_m: Vec3,
    /// Its orientation.
    pub rotation: Quat,
}
