//! Pseudo-random numbers for decoration: no two plants are alike, and yet the picture is always the same.
//!
//! They are a function of a seed, or of a number and a position. They do not affect the simulation.

use bevy::math::{Vec2, Vec3};

/// A sequence of pseudo-random numbers (SplitMix64, Steele et al. 2014, "Fast splittable pseudorandom number generators").
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    /// Creates the sequence with which a part of the scenery is shaped.
    pub(super) fn of_scenery(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// Creates the sequence with which a kind of object is shaped.
    pub(super) fn of_object(seed: u64) -> Self {
        // Another number than above, so that an object and a part of the scenery with the same seed are unrelated.
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    /// Creates the sequence of the object with this number at this position.
    pub(super) fn at(number: usize, place_m: Vec2) -> Self {
        let place = (u64::from(place_m.x.to_bits()) << 32) | u64::from(place_m.y.to_bits());
        Self::of_object(place.wrapping_add((number as u64).wrapping_mul(0xd6e8_feb8_6659_fd93)))
    }

    /// Returns the next 64 bits.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number in 0..1.
    pub(super) fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u64 << 24) as f32
    }

    /// Returns a number in `low..high`.
    pub(super) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// Returns a number that differs from `middle` by at most this fraction of it.
    pub(super) fn about(&mut self, middle: f32, part: f32) -> f32 {
        middle * (1.0 + self.between(-part, part))
    }

    /// Returns an integer in `0..count`.
    pub(super) fn below(&mut self, count: usize) -> usize {
        (self.next() % count.max(1) as u64) as usize
    }

    /// Returns a number in -1..1.
    pub(super) fn signed(&mut self) -> f32 {
        self.between(-1.0, 1.0)
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
