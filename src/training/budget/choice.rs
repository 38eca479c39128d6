//! The best method under a budget, as it was measured.
//!
//! Candidates stand in the order of what they reached in the default garden (docs/applications.md has the numbers): the first one that fits is taken. Widths
//! come before methods, since half the units cost less than another method does.

use super::{Budget, DeviceNeed, OverBudget};
use crate::learner::{History, LearnerError};
use crate::training::{ConfigError, RunConfig};

/// Widths of the two hidden layers, widest first.
const WIDTHS: [usize; 5] = [128, 64, 32, 16, 8];
/// Recent transitions on a device: 108 bytes each.
const RECENT_TRANSITIONS: usize = 5_000;

/// A method with the least budget of past data at which it is worth anything.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    /// Method.
    pub method: &'static str,
    /// Least bytes of past data.
    pub least_past_bytes: u64,
    /// `true` if it has to be told where a season ends.
    pub needs_boundaries: bool,
}

/// Candidates in the order of what they reached, best first.
const CANDIDATES: [Candidate; 5] = [
    Candidate {
        method: "replay",
        least_past_bytes: 48_000,
        needs_boundaries: true,
    },
    Candidate {
        method: "generative_replay",
        least_past_bytes: 0,
        needs_boundaries: true,
    },
    Candidate {
        method: "replay_boundary_free+l2_init",
        least_past_bytes: 32_000,
        needs_boundaries: false,
    },
    Candidate {
        method: "inferred_context",
        least_past_bytes: 0,
        needs_boundaries: false,
    },
    Candidate {
        method: "finetune",
        least_past_bytes: 0,
        needs_boundaries: false,
    },
];

/// Returns the candidates, best first.
pub fn candidates() -> &'static [Candidate] {
    &CANDIDATES
}

impl Candidate {
    /// Changes a configuration to this candidate's, with layers of so many units.
    fn apply(&self, budget: &Budget, units: usize, config: &mut RunConfig) {
        self.method.clone_into(&mut config.method);
        config.learner.hidden = vec![units, units];
        budget.limit_memories(config);
    }
}

impl Budget {
    /// Chooses the best method under the budget and its settings, and makes the budget part of the configuration. A method that was named is kept, and
    /// only its settings are chosen.
    ///
    /// # Errors
    /// Nothing fits; or the named method does not.
    pub fn choose(&self, config: &mut RunConfig, is_method_named: bool) -> Result<(), ConfigError> {
        config.budget = Some(*self);
        if is_method_named {
            self.limit_memories(config);
            for units in WIDTHS {
                let narrower = config.learner.hidden.iter().map(|hidden| units.min(*hidden)).collect();
                let mut asked = config.clone();
                asked.learner.hidden = narrower;
                if self.holds(&DeviceNeed::of(&asked)?) {
                    *config = asked;
                    return Ok(());
                }
            }
            return self.check(config);
        }
        let is_told = config.declares_boundaries();
        for candidate in CANDIDATES {
            let has_room = self.past_bytes.is_none_or(|most| most >= candidate.least_past_bytes);
            if !has_room || (candidate.needs_boundaries && !is_told) {
                continue;
            }
            for units in WIDTHS
                .into_iter()
                .take_while(|&units| units >= 64 || candidate.method == "finetune")
            {
                let mut tried = config.clone();
                candidate.apply(self, units, &mut tried);
                if self.holds(&DeviceNeed::of(&tried)?) {
                    *config = tried;
                    return Ok(());
                }
            }
        }
        let smallest = Box::new(smallest(config)?.as_budget());
        Err(OverBudget::Impossible {
            budget: Box::new(*self),
            smallest,
        }
        .into())
    }

    /// Limits the past data to the budget, packed into short segments: each garden has one under way, which counts.
    fn limit_memories(&self, config: &mut RunConfig) {
        let Some(bytes) = self.past_bytes else { return };
        let learner = &mut config.learner;
        learner.history = if bytes == 0 { History::Nothing } else { History::Bytes(bytes) };
        learner.reservoir.packed = true;
        learner.reservoir.segment_decisions = 4;
        learner.fresh_memory.capacity = learner.fresh_memory.capacity.min(RECENT_TRANSITIONS);
    }
}

/// Returns what the smallest candidate needs.
pub(super) fn smallest(config: &RunConfig) -> Result<DeviceNeed, LearnerError> {
    let mut least = config.clone();
    "finetune".clone_into(&mut least.method);
    least.learner.hidden = vec![WIDTHS[WIDTHS.len() - 1]; 2];
    DeviceNeed::of(&least)
}
