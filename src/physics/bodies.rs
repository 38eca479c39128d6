//! Builds a garden's physics world in a fixed order: walls, fixed bodies, the robot, loose bodies.

use bevy::prelude::*;
use bevy_rapier3d::rapier::prelude::{
    ColliderBuilder, Group, InteractionGroups, InteractionTestMode, LockedAxes, RigidBodyBuilder,
};

use super::traction::Chassis;
use super::{FreeSpace, LoosePose, MovingBodies, Pose, RapierWorld};
use crate::scenario::{DECISION_S, SUBSTEPS};

/// A fixed body: an upright cylinder.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BodySpec {
    /// Position (x, z), in metres.
    pub position_m: Vec2,
    /// Radius, in metres.
    pub radius_m: f32,
    /// Height, in metres.
    pub height_m: f32,
}

/// The robot's body.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RobotSpec {
    /// The robot's entity.
    pub entity: Entity,
    /// Position and heading.
    pub pose: Pose,
    /// Radius, in metres.
    pub radius_m: f32,
    /// Height, in metres.
    pub height_m: f32,
    /// Mass, in kg.
    pub mass_kg: f32,
}

impl RobotSpec {
    /// Returns the properties that determine its motion: a disc of even mass on two wheels.
    pub fn chassis(&self, wheel_track_m: f32, wheel_gain: f32) -> Chassis {
        Chassis {
            mass_kg: self.mass_kg,
            yaw_inertia_kg_m2: 0.5 * self.mass_kg * self.radius_m * self.radius_m,
            wheel_track_m,
            wheel_gain,
        }
    }
}

/// Shape of a body that can be pushed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LooseShape {
    /// Ball that rolls.
    Ball,
    /// Cylinder on its side, which slides more than it rolls.
    LyingCylinder,
}

impl LooseShape {
    /// Returns the largest distance of its surface from its centre, in metres.
    fn reach_m(self, radius_m: f32) -> f32 {
        match self {
            Self::Ball => radius_m,
            Self::LyingCylinder => radius_m * HALF_LENGTH_PER_RADIUS.hypot(1.0),
        }
    }
}

/// Half of the length of a lying cylinder, as a multiple of its radius.
const HALF_LENGTH_PER_RADIUS: f32 = 1.2;
/// Density of props, in kg/m^3: a little less than water, as for apples and half-empty pots.
const PROP_DENSITY_KG_PER_M3: f32 = 800.0;
/// Thickness of the walls, in metres: enough that nothing is pushed through them.
const WALL_THICKNESS_M: f32 = 1.0;

const GROUND: Group = Group::GROUP_1;
const FIXED: Group = Group::GROUP_2;
const ROBOT: Group = Group::GROUP_3;
const LOOSE: Group = Group::GROUP_4;

fn groups(of: Group, with: Group) -> InteractionGroups {
    InteractionGroups::new(of, with, InteractionTestMode::And)
}

/// Builds the physics world of an episode: a square plot of `side_m` metres around the origin with walls, `fixed` bodies, the
/// robot, and `loose` bodies (entity, shape, position, radius).
pub fn build_world(
    side_m: f32,
    wall_height_m: f32,
    fixed: &[BodySpec],
    robot: &RobotSpec,
    loose: &[(Entity, LooseShape, Vec2, f32)],
) -> (RapierWorld, MovingBodies, FreeSpace) {
    let mut world = RapierWorld::default();
    // Nothing moves fast enough to need continuous collision detection, and one robot against fixed bodies converges at once.
    world.simulation.integration_parameters.max_ccd_substeps = 0;
    world.simulation.integration_parameters.num_solver_iterations = 2;
    world.simulation.integration_parameters.dt = DECISION_S / SUBSTEPS as f32;
    let bodies = &mut world.bodies.bodies;
    let colliders = &mut world.colliders.colliders;

    let (half, thick) = (0.5 * side_m, 0.5 * WALL_THICKNESS_M);
    for (direction, is_x) in [(1.0, true), (-1.0, true), (1.0, false), (-1.0, false)] {
        let offset = direction * (half + thick);
        let (extents, centre) = if is_x {
            (Vec2::new(thick, half + WALL_THICKNESS_M), Vec2::new(offset, 0.0))
        } else {
            (Vec2::new(half + WALL_THICKNESS_M, thick), Vec2::new(0.0, offset))
        };
        colliders.insert(
            ColliderBuilder::cuboid(extents.x, 0.5 * wall_height_m, extents.y)
                .translation(Vec3::new(centre.x, 0.5 * wall_height_m, centre.y))
                .collision_groups(groups(FIXED, ROBOT | LOOSE)),
        );
    }
    for body in fixed {
        // Upright capsules collide like cylinders on the plane, and cost far less.
        colliders.insert(
            ColliderBuilder::capsule_y(0.5 * body.height_m, body.radius_m)
                .translation(Vec3::new(body.position_m.x, 0.5 * body.height_m, body.position_m.y))
                .friction(0.3)
                .collision_groups(groups(FIXED, ROBOT | LOOSE)),
        );
    }

    let chassis = robot.chassis(1.0, 1.0);
    let robot_body = bodies.insert(
        RigidBodyBuilder::dynamic()
            .translation(Vec3::new(
                robot.pose.position_m.x,
                0.5 * robot.height_m,
                robot.pose.position_m.y,
            ))
            .rotation(Vec3::Y * robot.pose.yaw_rad())
            .locked_axes(LockedAxes::TRANSLATION_LOCKED_Y | LockedAxes::ROTATION_LOCKED_X | LockedAxes::ROTATION_LOCKED_Z)
            .can_sleep(false),
    );
    let inertia = Vec3::splat(chassis.yaw_inertia_kg_m2);
    let robot_collider = colliders.insert_with_parent(
        ColliderBuilder::capsule_y(0.5 * robot.height_m, robot.radius_m)
            .mass_properties(bevy_rapier3d::rapier::prelude::MassProperties::new(
                Vec3::ZERO,
                robot.mass_kg,
                inertia,
            ))
            .friction(0.3)
            .collision_groups(groups(ROBOT, FIXED | LOOSE)),
        robot_body,
        bodies,
    );

    let mut loose_bodies = Vec::with_capacity(loose.len());
    if !loose.is_empty() {
        let reach = half + WALL_THICKNESS_M;
        colliders.insert(
            ColliderBuilder::cuboid(reach, thick, reach)
                .translation(Vec3::NEG_Y * thick)
                .friction(0.7)
                .collision_groups(groups(GROUND, LOOSE)),
        );
    }
    for &(entity, shape, position_m, radius_m) in loose {
        let body = bodies.insert(
            RigidBodyBuilder::dynamic()
                .translation(Vec3::new(position_m.x, radius_m, position_m.y))
                .rotation(match shape {
                    LooseShape::Ball => Vec3::ZERO,
                    LooseShape::LyingCylinder => Vec3::Z * core::f32::consts::FRAC_PI_2,
                })
                // Grass slows down rolling bodies.
                .linear_damping(0.5)
                .angular_damping(2.0),
        );
        let collider = match shape {
            LooseShape::Ball => ColliderBuilder::ball(radius_m),
            LooseShape::LyingCylinder => ColliderBuilder::cylinder(HALF_LENGTH_PER_RADIUS * radius_m, radius_m),
        };
        colliders.insert_with_parent(
            collider
                .density(PROP_DENSITY_KG_PER_M3)
                .friction(0.6)
                .collision_groups(groups(LOOSE, GROUND | FIXED | ROBOT | LOOSE)),
            body,
            bodies,
        );
        loose_bodies.push((entity, body));
    }
    let loose_radii_m = loose.iter().map(|&(_, shape, _, radius_m)| shape.reach_m(radius_m)).collect();
    (
        world,
        MovingBodies {
            robot: (robot.entity, robot_body, robot_collider),
            loose: loose_bodies,
        },
        FreeSpace::new(side_m, robot.radius_m, fixed, loose_radii_m),
    )
}

impl LoosePose {
    /// Returns the pose of an undisturbed loose body of this shape.
    pub fn at_rest(shape: LooseShape, position_m: Vec2, radius_m: f32) -> Self {
        let rotation = match shape {
            LooseShape::Ball => Quat::IDENTITY,
            LooseShape::LyingCylinder => Quat::from_rotation_z(core::f32::consts::FRAC_PI_2),
        };
        Self {
            translation_m: Vec3::new(position_m.x, radius_m, position_m.y),
            rotation,
        }
    }
}
