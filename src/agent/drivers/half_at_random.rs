//! A driver for looking around: half gardener, half chance.

use super::{Driver, DriverInput, Gardener, RandomDriver};
use crate::mdp::Action;

/// Follows the gardener's rule in half of the decisions, and chance in the others: a robot that sees plants from all sides, thirsty ones and
/// fine ones.
#[derive(Clone, Debug)]
pub struct HalfAtRandom {
    chance: RandomDriver,
    turn: usize,
}

impl HalfAtRandom {
    /// Creates a driver that draws from a stream of `seed`.
    pub fn new(seed: u64) -> Self {
        Self {
            chance: RandomDriver::new(seed),
            turn: 0,
        }
    }
}

impl Driver for HalfAtRandom {
    fn decide(&mut self, input: &DriverInput, actions: &mut [Action]) {
        self.turn += 1;
        // Two decisions at a time, so that a random turn is not taken back at once.
        if (self.turn / 2).is_multiple_of(2) {
            Gardener.decide(input, actions);
        } else {
            self.chance.decide(input, actions);
        }
    }

    fn needs_truth(&self) -> bool {
        true
    }
}
