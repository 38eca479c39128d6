//! What a learner is told of its world, and what it tells of itself.

use serde::{Deserialize, Serialize};

use crate::learner::core::Learner;
use crate::learner::losses::Losses;
use crate::learner::memory::MemoryComposition;

/// What a call of [`Learner::learn`] did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LearnReport {
    /// Updates so far.
    pub updates: u64,
    /// Updates of this call; what follows is their mean.
    pub performed: u64,
    /// Each loss by name.
    pub losses: Losses,
    /// The norm of the gradient over all networks, before it was clipped.
    pub gradient_norm: f32,
    /// What the policy thinks the transitions' actions are worth, in units of reward.
    pub mean_value: f32,
}

/// What learning has cost so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearnerLedger {
    /// Decisions, counted over all gardens.
    pub decisions: u64,
    /// Gradient updates.
    pub updates: u64,
    /// Multiply-adds of all forward and backward passes of learning, those of methods included, exactly as their shapes tell.
    pub multiply_adds: u64,
    /// Multiply-adds of taking the decisions: one forward pass each.
    pub acting_multiply_adds: u64,
    /// Bytes of all experience that is held.
    pub memory_bytes: u64,
    /// Of these, bytes of what was experienced lately.
    pub fresh_memory_bytes: u64,
    /// And of these, bytes of past data: what the method keeps of earlier tasks.
    pub past_memory_bytes: u64,
    /// Bytes of what else the method must keep: anchors, importances, masks.
    pub method_state_bytes: u64,
}

impl Learner {
    /// What learning has cost so far.
    pub fn ledger(&self) -> LearnerLedger {
        let fresh_memory_bytes = self.recent.bytes();
        LearnerLedger {
            decisions: self.decisions,
            updates: self.updates,
            multiply_adds: self.multiply_adds.wrapping_add(self.counted_multiply_adds()),
            acting_multiply_adds: self.decisions * self.algorithm.networks()[0].shape().forward_multiply_adds(),
            memory_bytes: fresh_memory_bytes + self.methods.memory_bytes(),
            fresh_memory_bytes,
            past_memory_bytes: self.methods.memory_bytes(),
            method_state_bytes: self.methods.state_bytes(),
        }
    }

    /// Multiply-adds that networks count, the algorithm's and the methods' own: all since they were built.
    pub(super) fn counted_multiply_adds(&self) -> u64 {
        self.algorithm.multiply_adds() + self.methods.multiply_adds()
    }

    /// How many transitions are held of each task.
    pub fn memory_composition(&self) -> MemoryComposition {
        let mut composition = MemoryComposition::default();
        self.recent.count_tasks(&mut composition.recent);
        self.methods.count_tasks(&mut composition.past);
        composition
    }
}
