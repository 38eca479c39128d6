//! All set-up of Rapier: worlds, bodies, traction.
//!
//! Each garden has its own Rapier world, kept in the components of `bevy_rapier3d`, and each episode rebuilds that world in a
//! fixed order. Bodies are added here rather than by the plugin's synchronising systems, because those follow the order in which
//! the ECS stores entities. After a resume that order differs, contacts are solved in a different order, and the last bits
//! change. Here, **a world is a function of the start of its episode and of the actions since**, bit for bit.
//!
//! The robot is a rigid body that slides on the ground plane. Its height and tilt are locked: a wheeled robot of this shape
//! cannot tip over at these speeds, and ground contacts would double the cost of a step. The force of its wheels is limited by
//! the season's traction; see [`traction`]. Props are free bodies under gravity.
//!
//! Frames: `y` is up. A pose on the plane is (`x`, `z`); a robot that faces `+x` and turns left turns towards `-z`.

mod bodies;
pub mod free_motion;
mod stepping;
pub mod traction;

pub use bodies::{BodySpec, LooseShape, RobotSpec, build_world};
pub use free_motion::FreeSpace;
pub use stepping::{PipelineSteps, step_worlds};

use bevy::prelude::*;
use bevy_rapier3d::plugin::context::{RapierContextColliders, RapierContextJoints, RapierContextSimulation, RapierRigidBodySet};
use bevy_rapier3d::rapier::prelude::{ColliderHandle, RigidBodyHandle};

/// Acceleration of gravity, in m/s^2.
pub const GRAVITY_M_PER_S2: f32 = 9.81;

/// A Rapier world, as components of `bevy_rapier3d`.
#[derive(Bundle, Default)]
pub struct RapierWorld {
    /// The pipeline and the state it keeps between steps.
    pub simulation: RapierContextSimulation,
    /// All colliders.
    pub colliders: RapierContextColliders,
    /// Joints: none at present, but the pipeline needs the set.
    pub joints: RapierContextJoints,
    /// All rigid bodies.
    pub bodies: RapierRigidBodySet,
}

/// Moving bodies of a garden's world.
#[derive(Component, Clone, Debug)]
pub struct MovingBodies {
    /// Entity, body and collider of the robot.
    pub robot: (Entity, RigidBodyHandle, ColliderHandle),
    /// Entity and body of each prop that can be pushed.
    pub loose: Vec<(Entity, RigidBodyHandle)>,
}

/// Position and heading of a robot on the plane.
#[derive(Component, Clone, Copy, Debug, PartialEq)]
pub struct Pose {
    /// Position (x, z), in metres.
    pub position_m: Vec2,
    /// Unit vector (x, z) of its heading.
    pub forward: Vec2,
}

impl Pose {
    /// Creates a pose from a position and a yaw angle; yaw 0 faces `+x`, and positive yaw is to the left.
    pub fn new(position_m: Vec2, yaw_rad: f32) -> Self {
        Self {
            position_m,
            forward: Vec2::new(libm::cosf(yaw_rad), -libm::sinf(yaw_rad)),
        }
    }

    /// Heading as an angle, in (-pi, pi].
    pub fn yaw_rad(&self) -> f32 {
        libm::atan2f(-self.forward.y, self.forward.x)
    }

    /// Unit vector (x, z) to the robot's left.
    pub fn left(&self) -> Vec2 {
        Vec2::new(self.forward.y, -self.forward.x)
    }

    /// Transforms a point of the plane to the robot's frame: distance ahead and distance to the left, in metres.
    pub fn robot_from_plane(&self, point_m: Vec2) -> Vec2 {
        let offset = point_m - self.position_m;
        Vec2::new(offset.dot(self.forward), offset.dot(self.left()))
    }
}

/// Velocity of a robot.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq)]
pub struct Motion {
    /// Velocity on the plane (x, z), in m/s.
    pub velocity_m_per_s: Vec2,
    /// Rate of turning, positive to the left, in rad/s.
    pub yaw_rate_rad_per_s: f32,
}

/// Commanded speeds of a robot.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq)]
pub struct WheelCommand {
    /// Forward speed of the body, in m/s.
    pub forward_m_per_s: f32,
    /// Rate of turning, positive to the left, in rad/s.
    pub yaw_rate_rad_per_s: f32,
}

/// Fraction of substeps in the last decision in which the wheels slipped.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq)]
pub struct Skid(pub f32);

/// `true` if the robot touched anything but the ground in the last decision.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bumped(pub bool);

/// Friction coefficient between wheels and a garden's ground.
#[derive(Component, Clone, Copy, Debug, PartialEq)]
pub struct Traction(pub f32);

/// Pose of a loose prop.
#[derive(Component, Clone, Copy, Debug, PartialEq)]
pub struct LoosePose {
    /// Position of the centre, in metres.
    pub translation_m: Vec3,
    /// Orientation.
    pub rotation: Quat,
}
