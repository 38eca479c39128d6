//! Description of the learning problem.

use crate::mdp::ObservationSpec;

/// Properties of the environment that a learner must know.
#[derive(Clone, Debug, PartialEq)]
pub struct LearnerSpec {
    /// Channels of an observation.
    pub observation: ObservationSpec,
    /// Number of actions, at most 256.
    pub actions: usize,
    /// Number of gardens side by side.
    pub gardens: usize,
    /// Decisions of one task, counted over all gardens: exploration decreases over a fraction of the first task.
    pub decisions_per_task: u64,
    /// Seed of the run.
    pub seed: u64,
}
