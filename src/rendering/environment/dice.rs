//! Pseudo-random numbers for the surroundings.

use crate::rendering::split_mix::SplitMix;

/// Pseudo-random numbers for decoration. They are always the same, and independent of the simulation.
#[derive(Clone, Debug)]
pub(super) struct Dice(SplitMix);

impl Dice {
    /// Creates a generator with this seed.
    pub(super) fn new(seed: u64) -> Self {
        Self(SplitMix::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    /// Returns a number in 0..1.
    pub(super) fn unit(&mut self) -> f32 {
        self.0.unit()
    }

    /// Returns a number between `low` and `high`.
    pub(super) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// Returns a number that differs from `middle` by at most this fraction of it.
    pub(super) fn about(&mut self, middle: f32, part: f32) -> f32 {
        middle * (1.0 + self.between(-part, part))
    }
}
