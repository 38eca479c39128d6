//! Advances every garden's physics world by one decision.

use bevy::prelude::*;
use bevy_rapier3d::plugin::context::{RapierContextColliders, RapierContextJoints, RapierContextSimulation, RapierRigidBodySet};

use super::free_motion::{FreeSpace, move_freely};
use super::traction::{Chassis, wheel_impulse};
use super::{Bumped, GRAVITY_M_PER_S2, LoosePose, Motion, MovingBodies, Pose, Skid, Traction, WheelCommand};
use crate::scenario::{DECISION_S, SUBSTEPS};

/// Steps in which Rapier's pipeline runs.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PipelineSteps {
    /// Those in which something may be touched.
    #[default]
    WhereNeeded,
    /// Every step, which is slower; see [`free_motion`](super::free_motion) for the difference.
    Always,
}

/// Simulates one decision: [`SUBSTEPS`] steps in each garden. Wheel impulses are recomputed before each step, as a controller
/// would do, and collisions of the robot are checked after each step.
pub fn step_worlds(
    pipeline_steps: Res<PipelineSteps>,
    mut gardens: Query<(
        &mut RapierContextSimulation,
        &mut RapierContextColliders,
        &mut RapierContextJoints,
        &mut RapierRigidBodySet,
        &MovingBodies,
        &mut FreeSpace,
        &Traction,
    )>,
    mut robots: Query<(&Chassis, &WheelCommand, &mut Pose, &mut Motion, &mut Bumped, &mut Skid)>,
    mut loose: Query<&mut LoosePose>,
) {
    let dt_s = DECISION_S / SUBSTEPS as f32;
    for (mut simulation, mut colliders, mut joints, mut bodies, moving, mut free_space, traction) in &mut gardens {
        let (robot, body, collider) = moving.robot;
        let Ok((chassis, command, mut pose, mut motion, mut bumped, mut skid)) = robots.get_mut(robot) else {
            continue;
        };
        let (simulation, joints) = (&mut *simulation, &mut *joints);
        let (mut touched, mut slipped) = (false, 0);
        for _ in 0..SUBSTEPS {
            let wheels = wheel_impulse(chassis, &pose, &motion, command, traction.0, dt_s);
            slipped += u32::from(wheels.slipped);
            if let Some(body) = bodies.bodies.get_mut(body) {
                body.apply_impulse(Vec3::new(wheels.linear.x, 0.0, wheels.linear.y), true);
                body.apply_torque_impulse(Vec3::Y * wheels.yaw, true);
            }
            let parameters = &simulation.integration_parameters;
            let is_free =
                *pipeline_steps == PipelineSteps::WhereNeeded && free_space.contains(parameters, moving, &bodies.bodies);
            if is_free {
                if let Some(body) = bodies.bodies.get_mut(body) {
                    move_freely(body, parameters);
                }
            } else {
                simulation.pipeline.step(
                    Vec3::NEG_Y * GRAVITY_M_PER_S2,
                    parameters,
                    &mut simulation.islands,
                    &mut simulation.broad_phase,
                    &mut simulation.narrow_phase,
                    &mut bodies.bodies,
                    &mut colliders.colliders,
                    &mut joints.impulse_joints,
                    &mut joints.multibody_joints,
                    &mut simulation.ccd_solver,
                    &(),
                    &(),
                );
            }
            let before_m = pose.position_m;
            if let Some(body) = bodies.bodies.get(body) {
                let (translation, rotation) = (body.translation(), body.rotation());
                pose.position_m = Vec2::new(translation.x, translation.z);
                // The rotation is about `y` alone: cosine and sine of the yaw follow without trigonometry.
                let forward = *rotation * Vec3::X;
                pose.forward = Vec2::new(forward.x, forward.z).normalize_or(pose.forward);
                // Zero is added so that it has one sign: the pipeline adds forces, and without it nothing does.
                let velocity = body.linvel();
                motion.velocity_m_per_s = Vec2::new(velocity.x, velocity.z) + Vec2::ZERO;
                motion.yaw_rate_rad_per_s = body.angvel().y + 0.0;
            }
            if is_free {
                free_space.moved_freely(before_m.distance(pose.position_m));
            } else {
                let in_contact = simulation
                    .narrow_phase
                    .contact_pairs_with(collider)
                    .any(|pair| pair.has_any_active_contact());
                touched |= in_contact;
                free_space.stepped(in_contact);
            }
        }
        bumped.0 = touched;
        skid.0 = slipped as f32 / SUBSTEPS as f32;
        for &(entity, handle) in &moving.loose {
            if let (Ok(mut pose), Some(body)) = (loose.get_mut(entity), bodies.bodies.get(handle)) {
                pose.translation_m = body.translation();
                pose.rotation = *body.rotation();
            }
        }
    }
}
