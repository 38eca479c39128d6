//! What a run costs, in units that do not depend on the machine, and apart from them in seconds.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// What a run has cost so far, in units that every machine agrees on.
///
/// Papers compare methods at equal storage and leave out compute; with both written down, methods can be ranked at an equal budget
/// of either. Decisions taken for evaluation stand apart: they are not what was learned from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// Decisions taken to learn from, over all gardens.
    pub decisions: u64,
    /// Gradient updates.
    pub updates: u64,
    /// Multiply-adds of the networks, for acting and learning (a forward and a backward pass of a dense layer of `m x n`
    /// weights takes `3 m n` a sample), evaluations excluded.
    pub multiply_adds: u64,
    /// Decisions taken to evaluate, over all probe gardens.
    pub evaluation_decisions: u64,
    /// The most bytes of experience that were held at any time: observations, rewards, stored outputs; what was experienced lately
    /// and what is past.
    pub memory_bytes: u64,
    /// Bytes of past data at the end: what the method keeps of earlier tasks, apart from what was experienced lately.
    #[serde(default)]
    pub past_bytes: u64,
    /// Bytes of what a method keeps besides: anchors, importances, bases, further networks.
    pub method_state_bytes: u64,
}

impl Ledger {
    /// Decisions taken to evaluate for each one taken to learn; in Continual World it is 2.2.
    pub fn evaluation_share(&self) -> Option<f64> {
        (self.decisions > 0).then(|| self.evaluation_decisions as f64 / self.decisions as f64)
    }

    /// Bytes kept beyond the networks: what "equal storage" compares.
    pub fn storage_bytes(&self) -> u64 {
        self.memory_bytes + self.method_state_bytes
    }
}

/// Where the seconds of a run went. They differ from run to run, so they stay out of `metrics.jsonl`.
///
/// The parts are seconds of work of a processor core, whichever thread did it: they count alike whether a run had the machine to itself
/// or shared it, and add up to less or more than what the wall clock says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// In the garden: physics, eye, reward.
    pub environment_s: f64,
    /// In the learner: acting, updates, and what a method does where a task ends.
    pub learning_s: f64,
    /// In evaluations.
    pub evaluation_s: f64,
    /// By the wall clock, from start to end, everything included, over all sittings of a resumed run.
    pub total_s: f64,
}

impl Timing {
    /// Seconds of work in all parts: what a run costs on one core.
    pub fn work_s(&self) -> f64 {
        self.environment_s + self.learning_s + self.evaluation_s
    }
}

impl AddAssign for Timing {
    fn add_assign(&mut self, more: Self) {
        self.environment_s += more.environment_s;
        self.learning_s += more.learning_s;
        self.evaluation_s += more.evaluation_s;
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
            total_s: 4.0,
        };
        timing += Timing {
            environment_s: 0.5,
            learning_s: 1.0,
            evaluation_s: 0.0,
            total_s: 2.0,
        };
        assert_eq!(
            timing,
            Timing {
                environment_s: 1.5,
                learning_s: 3.0,
                evaluation_s: 0.5,
                total_s: 6.0
            }
        );
        assert_eq!(timing.work_s(), 5.0);
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
