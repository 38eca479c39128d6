//! Damped springs for decorative movement: hops, leans, nods.

use bevy::prelude::*;

use crate::rendering::frame_view::FrameView;

/// Maximum integration step, in seconds. It keeps the spring stable after a slow frame.
const LONGEST_STEP_S: f32 = 0.02;

/// A number that follows a target like a damped spring.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Spring {
    /// Current value.
    pub(super) value: f32,
    speed: f32,
}

impl Spring {
    /// Creates a spring at rest.
    pub(super) fn at(value: f32) -> Self {
        Self { value, speed: 0.0 }
    }

    /// Adds to the velocity.
    pub(super) fn push(&mut self, speed: f32) {
        self.speed += speed;
    }

    /// Moves towards `target`; `stiffness` is in 1/s^2, and `damping` is relative to critical damping.
    pub(super) fn follow(&mut self, target: f32, stiffness: f32, damping: f32, frame_s: f32) {
        let steps = (frame_s / LONGEST_STEP_S).ceil().clamp(1.0, 12.0);
        let step_s = (frame_s / steps).min(LONGEST_STEP_S);
        for _ in 0..steps as u32 {
            let pull = stiffness * (target - self.value) - 2.0 * damping * stiffness.sqrt() * self.speed;
            self.speed += pull * step_s;
            self.value += self.speed * step_s;
        }
    }
}

/// Returns the duration of this frame for decorative movement, in seconds: real time, slower if the simulation is slow, zero if
/// it is paused.
pub(super) fn decorative_s(time: &Time, shown: &FrameView) -> f32 {
    time.delta_secs().min(0.25) * shown.speed.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spring_comes_to_rest_where_it_is_pulled_to_even_with_slow_frames() {
        for frame_s in [0.004, 0.016, 0.2] {
            let mut spring = Spring::at(0.0);
            spring.push(20.0);
            for _ in 0..(6.0 / frame_s) as usize {
                spring.follow(1.0, 180.0, 0.3, frame_s);
                assert!(spring.value.abs() < 5.0, "{}", spring.value);
            }
            assert!((spring.value - 1.0).abs() < 0.02, "{frame_s}: {}", spring.value);
        }
    }
}
