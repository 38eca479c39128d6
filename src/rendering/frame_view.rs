//! State of a frame: two views of the garden, and the position between them.
//!
//! The simulation has states at whole ticks (every 0.2 s of its time); frames fall in between. All drawing code reads
//! [`FrameView`], and nothing else of the simulation.

use std::sync::Arc;

use bevy::prelude::*;

use crate::live::{GardenView, Status};
use crate::scenario::{DECISION_S, Look, Scenario};

/// State of a frame.
#[derive(Resource, Clone, Debug)]
pub struct FrameView {
    /// The scenario that is played.
    pub scenario: Arc<Scenario>,
    /// The garden at the last tick before this frame.
    pub before: Arc<GardenView>,
    /// The garden at the next tick; the same as `before` while the simulation is paused.
    pub after: Arc<GardenView>,
    /// The twin of the garden at the same two ticks; `None` without one.
    pub beside: Option<[Arc<GardenView>; 2]>,
    /// Position of this frame between `before` and `after`, in 0..1.
    pub fraction: f32,
    /// Simulated seconds per real second; 0 while paused.
    pub speed: f32,
    /// Status shown beside the garden.
    pub status: Arc<Status>,
}

/// Event: another garden is shown, because of a new episode, a jump or another scenario.
///
/// Triggered once [`FrameView`] holds the new garden, and for the first garden after the start-up systems. Observers remove what was
/// drawn for the old one.
#[derive(Event, Clone, Copy, Debug)]
pub struct GardenReplaced;

/// State of the robot between two ticks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShownRobot {
    /// Position on the ground, in metres (y is 0).
    pub translation_m: Vec3,
    /// Rotation about the vertical; the heading is the local +x axis.
    pub rotation: Quat,
    /// Speed along the heading, in m/s.
    pub forward_m_per_s: f32,
    /// Rate of turning, positive to the left, in rad/s.
    pub yaw_rate_rad_per_s: f32,
    /// Fraction of the time in which the wheels slide, in 0..1.
    pub skid: f32,
}

/// State of a plant between two ticks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShownPlant {
    /// Soil moisture, in 0..1.
    pub moisture: f32,
    /// Thirst, in 0..1.
    pub thirst: f32,
    /// Wellbeing: 1 is well, 0 is dead.
    pub wellbeing: f32,
}

impl FrameView {
    /// Creates the view of a paused garden, `fraction` of the way between two ticks.
    pub fn between(before: GardenView, after: GardenView, fraction: f32, status: Status) -> Self {
        Self {
            scenario: status.scenario.clone(),
            before: Arc::new(before),
            after: Arc::new(after),
            beside: None,
            fraction,
            speed: 0.0,
            status: Arc::new(status),
        }
    }

    /// Returns the frame of the garden beside this one, if there is one.
    pub fn of_twin(&self) -> Option<Self> {
        let [before, after] = self.beside.clone()?;
        Some(Self {
            before,
            after,
            beside: None,
            ..self.clone()
        })
    }

    /// Returns the simulated time, in seconds.
    pub fn simulated_s(&self) -> f64 {
        let between = (self.after.tick.saturating_sub(self.before.tick)) as f64 * f64::from(self.fraction);
        (self.before.tick as f64 + between) * f64::from(DECISION_S)
    }

    /// Returns the current colours of the season, including a transition.
    pub fn look(&self) -> Look {
        if self.before.climate.look == self.after.climate.look {
            self.before.climate.look.clone()
        } else {
            self.before.climate.look.mix(&self.after.climate.look, self.fraction)
        }
    }

    /// Returns the factor on all colours: 0.8 under clouds to 1.1 in bright light.
    pub fn light(&self) -> f32 {
        self.mix(|view| view.sky.light)
    }

    /// Interpolates a number between the two ticks.
    pub fn mix(&self, number: impl Fn(&GardenView) -> f32) -> f32 {
        let (before, after) = (number(&self.before), number(&self.after));
        before + (after - before) * self.fraction
    }

    /// Returns the robot, moved along the cubic Hermite spline through its positions and velocities at both ticks.
    pub fn robot(&self) -> ShownRobot {
        let (from, to, t) = (&self.before.robot, &self.after.robot, self.fraction);
        let tick_s = (self.after.tick.saturating_sub(self.before.tick)) as f32 * DECISION_S;
        let place = hermite(
            from.pose.position_m,
            from.motion.velocity_m_per_s * tick_s,
            to.pose.position_m,
            to.motion.velocity_m_per_s * tick_s,
            t,
        );
        let (from_yaw, turn) = (from.pose.yaw_rad(), wrap(to.pose.yaw_rad() - from.pose.yaw_rad()));
        let yaw = hermite(
            Vec2::new(from_yaw, 0.0),
            Vec2::new(from.motion.yaw_rate_rad_per_s * tick_s, 0.0),
            Vec2::new(from_yaw + turn, 0.0),
            Vec2::new(to.motion.yaw_rate_rad_per_s * tick_s, 0.0),
            t,
        )
        .x;
        let rotation = Quat::from_rotation_y(yaw);
        let heading = rotation * Vec3::X;
        let velocity = from.motion.velocity_m_per_s.lerp(to.motion.velocity_m_per_s, t);
        ShownRobot {
            translation_m: Vec3::new(place.x, 0.0, place.y),
            rotation,
            forward_m_per_s: velocity.dot(Vec2::new(heading.x, heading.z)),
            yaw_rate_rad_per_s: from.motion.yaw_rate_rad_per_s
                + (to.motion.yaw_rate_rad_per_s - from.motion.yaw_rate_rad_per_s) * t,
            skid: self.mix(|view| view.robot.skid),
        }
    }

    /// Returns a plant by its number; `None` if there is no such plant.
    pub fn plant(&self, number: usize) -> Option<ShownPlant> {
        let (before, after) = (self.before.plants.get(number)?, self.after.plants.get(number)?);
        let mix = |before: f32, after: f32| before + (after - before) * self.fraction;
        Some(ShownPlant {
            moisture: mix(before.moisture, after.moisture),
            thirst: mix(before.thirst, after.thirst),
            wellbeing: mix(before.wellbeing, after.wellbeing),
        })
    }

    /// Returns the colour of a plant as in the robot's eye, before lighting, in sRGB.
    pub fn plant_colour(&self, number: usize) -> Option<[f32; 3]> {
        let thirst = self.plant(number)?.thirst;
        let (species, tint) = self.after.plants.get(number).map(|plant| (plant.species, plant.tint))?;
        let [before, after] = [&self.before, &self.after].map(|view| view.climate.plants.get(species).copied());
        let look = before?.mix(after?, self.fraction);
        let colour = look.colour(thirst, tint);
        Some(colour.map(|component| component.clamp(0.0, 1.0)))
    }
}

/// Evaluates the cubic Hermite spline through two points with given tangents, at `t` in 0..1.
fn hermite(from: Vec2, from_tangent: Vec2, to: Vec2, to_tangent: Vec2, t: f32) -> Vec2 {
    let (t2, t3) = (t * t, t * t * t);
    from * (2.0 * t3 - 3.0 * t2 + 1.0) + from_tangent * (t3 - 2.0 * t2 + t) + to * (3.0 * t2 - 2.0 * t3) + to_tangent * (t3 - t2)
}

/// Wraps an angle to (-pi, pi].
fn wrap(angle_rad: f32) -> f32 {
    use std::f32::consts::{PI, TAU};
    let turned = (angle_rad + PI).rem_euclid(TAU) - PI;
    if turned == -PI { PI } else { turned }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spline_goes_through_both_points_and_leaves_with_the_given_speed() {
        let (from, to) = (Vec2::new(1.0, 2.0), Vec2::new(3.0, -1.0));
        let at = |t: f32| hermite(from, Vec2::new(0.5, 0.0), to, Vec2::ZERO, t);
        assert_eq!((at(0.0), at(1.0)), (from, to));
        assert!(((at(0.001) - from) / 0.001 - Vec2::new(0.5, 0.0)).length() < 0.05);
    }

    #[test]
    fn turning_takes_the_short_way() {
        assert!((wrap(3.0 - -3.0) - (6.0 - std::f32::consts::TAU)).abs() < 1e-6);
        assert_eq!(wrap(std::f32::consts::PI), std::f32::consts::PI);
    }
}
