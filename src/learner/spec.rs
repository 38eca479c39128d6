//! The problem that a learner is made for.

use crate::mdp::ObservationSpec;

/// What a learner must know of the world that it learns in.
#[derive(Clone, Debug, PartialEq)]
pub struct LearnerSpec {
    /// What an observation consists of.
    pub observation: ObservationSpec,
    /// How many actions there are, at most 256.
    pub actions: usize,
    /// How many gardens are experienced side by side.
    pub gardens: usize,
    /// Decisions of one task, counted over all gardens: exploration comes down over a share of the first one's.
    pub decisions_per_task: u64,
    /// The run's seed.
    pub seed: u64,
}
