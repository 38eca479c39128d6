//! Driver with random actions: the zero of every score.

use rand_distr::{Distribution, Uniform};

use super::{Driver, DriverInput};
use crate::mdp::Action;
use crate::random::{Stream, stream};

/// Chooses every action with the same probability.
#[derive(Clone, Debug)]
pub struct RandomDriver {
    stream: Stream,
}

impl RandomDriver {
    /// Creates a driver whose random stream derives from `seed`.
    pub fn new(seed: u64) -> Self {
        Self {
            stream: stream(seed, "random driver", 0),
        }
    }
}

impl Driver for RandomDriver {
    fn decide(&mut self, _: &DriverInput, actions: &mut [Action]) {
        if let Ok(any) = Uniform::new(0, Action::ALL.len()) {
            actions.fill_with(|| Action::ALL[any.sample(&mut self.stream)]);
        }
    }
}
