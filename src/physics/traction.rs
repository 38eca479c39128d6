//! Forces of two driven wheels on ground with limited traction.
//!
//! Each wheel tries to remove the difference to its commanded speed and to stop sideways sliding. Coulomb friction limits the
//! combined force to `traction * load`. On ice this limit is low, so the robot skids, by the same equations as when it drives.

use bevy::prelude::*;

use super::{GRAVITY_M_PER_S2, Motion, Pose, WheelCommand};

/// Properties of a robot that determine its motion.
#[derive(Component, Clone, Copy, Debug, PartialEq)]
pub struct Chassis {
    /// Mass, in kg.
    pub mass_kg: f32,
    /// Moment of inertia about the vertical axis, in kg m^2.
    pub yaw_inertia_kg_m2: f32,
    /// Distance between the wheels, in metres.
    pub wheel_track_m: f32,
    /// Fraction of a speed difference that is removed in one step, in 0..1.
    pub wheel_gain: f32,
}

/// Impulse of the wheels on the body in one step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WheelImpulse {
    /// Linear impulse on the plane (x, z), in N s.
    pub linear: Vec2,
    /// Angular impulse about the vertical axis, positive to the left, in N m s.
    pub yaw: f32,
    /// `true` if a wheel demanded more than the ground allows.
    pub slipped: bool,
}

/// Returns the impulse of both wheels over a step of `dt_s` seconds on ground with the given friction coefficient.
pub fn wheel_impulse(
    chassis: &Chassis,
    pose: &Pose,
    motion: &Motion,
    command: &WheelCommand,
    traction: f32,
    dt_s: f32,
) -> WheelImpulse {
    let Chassis {
        mass_kg,
        yaw_inertia_kg_m2,
        wheel_track_m,
        wheel_gain,
    } = *chassis;
    let left = pose.left();
    let ahead_m_per_s = motion.velocity_m_per_s.dot(pose.forward);
    let sideways_m_per_s = motion.velocity_m_per_s.dot(left);

    let wanted_ahead = wheel_gain * mass_kg * (command.forward_m_per_s - ahead_m_per_s);
    let wanted_turn = wheel_gain * yaw_inertia_kg_m2 * (command.yaw_rate_rad_per_s - motion.yaw_rate_rad_per_s) / wheel_track_m;
    let wanted_sideways = -wheel_gain * mass_kg * sideways_m_per_s;
    let limit = traction * 0.5 * mass_kg * GRAVITY_M_PER_S2 * dt_s;

    // Left wheel, right wheel: (ahead, sideways).
    let wanted = [-1.0, 1.0].map(|side| Vec2::new(0.5 * wanted_ahead + side * wanted_turn, 0.5 * wanted_sideways));
    let given = wanted.map(|impulse| impulse.clamp_length_max(limit));
    let sum = given[0] + given[1];
    WheelImpulse {
        linear: pose.forward * sum.x + left * sum.y,
        yaw: 0.5 * wheel_track_m * (given[1].x - given[0].x),
        slipped: given != wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHASSIS: Chassis = Chassis {
        mass_kg: 12.0,
        yaw_inertia_kg_m2: 0.375,
        wheel_track_m: 0.4,
        wheel_gain: 0.5,
    };
    const DT_S: f32 = 1.0 / 30.0;

    fn impulse(motion: Motion, command: WheelCommand, traction: f32) -> WheelImpulse {
        wheel_impulse(&CHASSIS, &Pose::new(Vec2::ZERO, 0.7), &motion, &command, traction, DT_S)
    }

    #[test]
    fn ice_gives_no_more_than_its_friction() {
        let full_ahead = WheelCommand {
            forward_m_per_s: 5.0,
            yaw_rate_rad_per_s: 0.0,
        };
        let given = impulse(Motion::default(), full_ahead, 0.25);
        assert!(given.slipped);
        // Both wheels together carry the whole weight: mu m g dt.
        assert!((given.linear.length() - 0.25 * 12.0 * GRAVITY_M_PER_S2 * DT_S).abs() < 1e-4);
    }

    #[test]
    fn on_dry_soil_half_of_a_small_difference_is_made_up_in_a_step() {
        let command = WheelCommand {
            forward_m_per_s: 0.1,
            yaw_rate_rad_per_s: 0.0,
        };
        let given = impulse(Motion::default(), command, 0.9);
        assert!(!given.slipped);
        assert!((given.linear.length() / CHASSIS.mass_kg - 0.05).abs() < 1e-6);
    }

    #[test]
    fn turning_left_pushes_the_right_wheel_ahead() {
        let given = impulse(
            Motion::default(),
            WheelCommand {
                forward_m_per_s: 0.0,
                yaw_rate_rad_per_s: 1.0,
            },
            0.9,
        );
        assert!(given.yaw > 0.0 && given.linear.length() < 1e-6);
        assert!(
            (given.yaw / CHASSIS.yaw_inertia_kg_m2 - 0.5).abs() < 1e-5,
            "half of the difference"
        );
    }

    #[test]
    fn sliding_sideways_is_braked() {
        let pose = Pose::new(Vec2::ZERO, 0.7);
        let motion = Motion {
            velocity_m_per_s: pose.left(),
            yaw_rate_rad_per_s: 0.0,
        };
        assert!(impulse(motion, WheelCommand::default(), 0.5).linear.dot(pose.left()) < 0.0);
    }
}
