//! Reports of a learner: statistics of updates, costs, and contents of its buffers.

use serde::{Deserialize, Serialize};

use crate::learner::core::Learner;
use crate::learner::heads::TaskHeads;
use crate::learner::losses::Losses;
use crate::learner::memory::MemoryComposition;

/// Result of a call of [`Learner::learn`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LearnReport {
    /// Updates so far.
    pub updates: u64,
    /// Updates of this call; the values below are their means.
    pub performed: u64,
    /// Losses by name.
    pub losses: Losses,
    /// Norm of the gradient over all networks, before clipping.
    pub gradient_norm: f32,
    /// Mean value of the transitions' actions as estimated by the policy, in units of reward.
    pub mean_value: f32,
}

/// Cost of learning so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearnerLedger {
    /// Decisions, counted over all gardens.
    pub decisions: u64,
    /// Gradient updates.
    pub updates: u64,
    /// Multiply-adds of all forward and backward passes of learning, including those of methods, computed from their shapes.
    pub multiply_adds: u64,
    /// Multiply-adds of acting: one forward pass per decision.
    pub acting_multiply_adds: u64,
    /// Size of all stored experience, in bytes.
    pub memory_bytes: u64,
    /// Part of `memory_bytes` that holds recent transitions.
    pub recent_bytes: u64,
    /// Part of `memory_bytes` that holds past data kept by the method from earlier tasks.
    pub past_memory_bytes: u64,
    /// Size of other state of the method, in bytes: anchors, importances, masks, output layers of other tasks.
    pub method_state_bytes: u64,
}

impl Learner {
    /// Returns the cost of learning so far.
    pub fn ledger(&self) -> LearnerLedger {
        let recent_bytes = self.recent.bytes();
        LearnerLedger {
            decisions: self.decisions,
            updates: self.updates,
            multiply_adds: self.multiply_adds.wrapping_add(self.counted_multiply_adds()),
            acting_multiply_adds: self.decisions * self.algorithm.networks()[0].shape().forward_multiply_adds(),
            memory_bytes: recent_bytes + self.methods.memory_bytes(),
            recent_bytes,
            past_memory_bytes: self.methods.memory_bytes(),
            method_state_bytes: self.methods.state_bytes() + self.heads.as_ref().map_or(0, TaskHeads::bytes),
        }
    }

    /// Multiply-adds counted by the networks of the algorithm and the methods since they were built.
    pub(in crate::learner) fn counted_multiply_adds(&self) -> u64 {
        self.algorithm.multiply_adds() + self.methods.multiply_adds()
    }

    /// Mean age of the recent transitions, in decisions over all gardens; `None` if there are none.
    pub fn recent_age_decisions(&self) -> Option<f64> {
        self.recent.mean_age().map(|ticks| ticks * self.spec.gardens as f64)
    }

    /// Number of the current task: of those that have ended.
    pub fn task(&self) -> u16 {
        self.task
    }

    /// Returns the number of stored transitions of each task.
    pub fn memory_composition(&self) -> MemoryComposition {
        let mut composition = MemoryComposition::default();
        self.recent.count_tasks(&mut composition.recent);
        self.methods.count_tasks(&mut composition.past);
        composition
    }
}
