//! Deterministic variation between objects of one kind: no two plants are alike, and yet the picture is always the same.
//!
//! The variation is a function of a number and a position. It does not affect the simulation.

use bevy::prelude::*;

use crate::rendering::split_mix::SplitMix;

/// A sequence of pseudo-random numbers.
#[derive(Clone, Debug)]
pub(super) struct Chance(SplitMix);

impl Chance {
    /// Creates the sequence of this seed.
    pub(super) fn new(seed: u64) -> Self {
        Self(SplitMix::new(
            seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d,
        ))
    }

    /// Creates the sequence of the object with this number at this position.
    pub(super) fn at(number: usize, place_m: Vec2) -> Self {
        let place = (u64::from(place_m.x.to_bits()) << 32) | u64::from(place_m.y.to_bits());
        Self::new(place.wrapping_add((number as u64).wrapping_mul(0xd6e8_feb8_6659_fd93)))
    }

    /// Returns a number in 0..1.
    pub(super) fn unit(&mut self) -> f32 {
        self.0.unit()
    }

    /// Returns a number in `low..high`.
    pub(super) fn range(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// Returns an integer in `0..count`.
    pub(super) fn below(&mut self, count: usize) -> usize {
        (self.0.next() % count.max(1) as u64) as usize
    }

    /// Returns a number in -1..1.
    pub(super) fn signed(&mut self) -> f32 {
        self.range(-1.0, 1.0)
    }

    /// Returns a vector with components in -1..1.
    pub(super) fn vector(&mut self) -> Vec3 {
        Vec3::new(self.signed(), self.signed(), self.signed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_place_gives_the_same_row_and_another_place_another() {
        let row = |number, x| {
            let mut chance = Chance::at(number, Vec2::new(x, 1.0));
            [chance.unit(), chance.unit(), chance.unit()]
        };
        assert_eq!(row(1, 0.5), row(1, 0.5));
        assert_ne!(row(1, 0.5), row(2, 0.5));
        assert_ne!(row(1, 0.5), row(1, 0.6));
        assert!(row(1, 0.5).iter().all(|number| (0.0..1.0).contains(number)));
    }
}
