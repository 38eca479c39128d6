//! Drivers: they choose the robots' actions.

mod gardener;
mod half_at_random;
mod idle;
mod navigation;
mod planner;
mod policy;
mod random;
mod reference;
#[cfg(test)]
mod testing;

pub use gardener::Gardener;
pub use half_at_random::HalfAtRandom;
pub use idle::IdleDriver;
pub use planner::PlanningGardener;
pub use policy::PolicyDriver;
pub use random::RandomDriver;
pub use reference::ReferenceDriver;

use super::GardenTruth;
use crate::mdp::Action;

/// Input of a driver's decision.
pub struct DriverInput<'a> {
    /// Observation of every robot: `gardens * observation_len` bytes.
    pub observations: &'a [u8],
    /// The season under way in each garden; while it turns into another, the one that it was.
    pub seasons: &'a [usize],
    /// True state of the gardens; empty unless the driver [needs it](Driver::needs_truth).
    pub gardens: &'a [GardenTruth],
}

/// Chooses the robots' actions, for all gardens at once.
pub trait Driver: Send + Sync + 'static {
    /// Chooses an action for every garden; `actions` holds the previous ones.
    fn decide(&mut self, input: &DriverInput, actions: &mut [Action]);

    /// `true` if the driver needs the true state of the gardens.
    fn needs_truth(&self) -> bool {
        false
    }
}
