//! Cost of a run, in machine-independent units and, separately, in seconds.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// Cost of a run so far, in machine-independent units.
///
/// Papers compare methods at equal storage and leave out compute; with both recorded, methods can be ranked at an equal budget of
/// either. Decisions taken for evaluation are counted separately, because nothing is learned from them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// Decisions taken for learning, over all gardens.
    pub decisions: u64,
    /// Gradient updates.
    pub updates: u64,
    /// Multiply-adds of the networks, for acting and learning (a forward and a backward pass of a dense layer of `m x n` weights
    /// takes `3 m n` per sample), without evaluations.
    pub multiply_adds: u64,
    /// Decisions taken for evaluation, over all evaluation gardens.
    pub evaluation_decisions: u64,
    /// Maximum size of the stored experience at any time, in bytes: observations, rewards and stored outputs of recent and past
    /// transitions.
    pub memory_bytes: u64,
    /// Size of the stored past data at the end, in bytes: data of earlier tasks kept by the method, without recent transitions.
    #[serde(default)]
    pub past_bytes: u64,
    /// Size of other state of the method, in bytes: anchors, importances, bases, further networks.
    pub method_state_bytes: u64,
}

impl Ledger {
    /// Evaluation decisions per learning decision; in Continual World it is 2.2. `None` before the first decision.
    pub fn evaluation_share(&self) -> Option<f64> {
        (self.decisions > 0).then(|| self.evaluation_decisions as f64 / self.decisions as f64)
    }

    /// Bytes stored in addition to the networks: the quantity that "equal storage" compares.
    pub fn storage_bytes(&self) -> u64 {
        self.memory_bytes + self.method_state_bytes
    }
}

/// Time spent in the parts of a run. Times differ from run to run, so they are not part of `metrics.jsonl`.
///
/// The parts are seconds of processor-core work, on whichever thread: they are the same for a run that shared the machine as for
/// one that had it to itself, and their sum can be more or less than the wall-clock time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// Time in the garden: physics, camera, reward.
    pub environment_s: f64,
    /// Time in the learner: acting, updates, and the work of a method at the end of a task.
    pub learning_s: f64,
    /// Time in evaluations.
    pub evaluation_s: f64,
    /// Time in looks inside the learner, and for making the album that they look with.
    #[serde(default)]
    pub inside_s: f64,
    /// Wall-clock time from start to end, including everything, summed over all sessions of a resumed run.
    pub total_s: f64,
}

impl Timing {
    /// Sum of the parts: the cost of the run on one core, in seconds.
    pub fn work_s(&self) -> f64 {
        self.environment_s + self.learning_s + self.evaluation_s + self.inside_s
    }
}

impl AddAssign for Timing {
    fn add_assign(&mut self, more: Self) {
        self.environment_s += more.environment_s;
        self.learning_s += more.learning_s;
        self.evaluation_s += more.evaluation_s;
        self.inside_s += more.inside_s;
        self.total_s += more.total_s;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resumed_run_adds_up_its_sittings() {
        let mut timing = Timing {
            environment_s: 1.0,
            learning_s: 2.0,
            evaluation_s: 0.5,
            inside_s: 0.25,
            total_s: 4.0,
        };
        timing += Timing {
            environment_s: 0.5,
            learning_s: 1.0,
            evaluation_s: 0.0,
            inside_s: 0.25,
            total_s: 2.0,
        };
        assert_eq!(
            timing,
            Timing {
                environment_s: 1.5,
                learning_s: 3.0,
                evaluation_s: 0.5,
                inside_s: 0.5,
                total_s: 6.0
            }
        );
        assert_eq!(timing.work_s(), 5.5);
    }

    #[test]
    fn the_share_of_evaluation_needs_decisions_to_compare_with() {
        assert_eq!(Ledger::default().evaluation_share(), None);
        let ledger = Ledger {
            decisions: 200,
            evaluation_decisions: 50,
            memory_bytes: 3,
            past_bytes: 2,
            method_state_bytes: 4,
            ..Default::default()
        };
        assert_eq!((ledger.evaluation_share(), ledger.storage_bytes()), (Some(0.25), 7));
    }
}
