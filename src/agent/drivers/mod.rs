//! Drivers: deciders of what the robots do.

mod gardener;
mod navigation;
mod planner;
mod policy;
mod random;

pub use gardener::Gardener;
pub use planner::PlanningGardener;
pub use policy::PolicyDriver;
pub use random::RandomDriver;

use super::GardenTruth;
use crate::mdp::Action;

/// What a driver decides from.
pub struct DriverInput<'a> {
    /// What every robot senses: `gardens * observation_len` bytes.
    pub observations: &'a [u8],
    /// The season under way in each garden; while it turns into another, the one that it was.
    pub seasons: &'a [usize],
    /// What is really so; empty unless the driver [needs it](Driver::needs_truth).
    pub gardens: &'a [GardenTruth],
}

/// Decides what the robots do, all gardens at once.
pub trait Driver: Send + Sync + 'static {
    /// Chooses an action for every garden; `actions` holds what they did last.
    fn decide(&mut self, input: &DriverInput, actions: &mut [Action]);

    /// Whether it asks for the true state of the gardens.
    fn needs_truth(&self) -> bool {
        false
    }
}
