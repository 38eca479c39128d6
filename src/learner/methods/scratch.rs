//! From scratch: each task is learned by new networks, and nothing is carried over.
//!
//! The other lower bound: what a task is worth without any past. It cannot transfer, and keeps only the last task. Its learning curves
//! are what forward transfer is measured against (Wolczyk et al. 2021, "Continual World", section 3.2).
//!
//! Networks, optimiser and whatever follows them begin anew where a task starts, drawn from the run's stream of initialisations. The
//! policy explores as at the very beginning, unless the settings say otherwise: a control that explored less would look worse than it
//! is. Costs nothing. Holds always: with `reinitialise = false` all weights are those of fine-tuning, bit for bit.

use crate::learner::methods::{Curriculum, Family, LearnerView, Method, MethodSpec, Needs};
use garde::Validate;
use serde::{Deserialize, Serialize};

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "scratch",
    summary: "learns each task in new networks and carries nothing over",
    family: Family::LowerBound,
    paper: "the single-task baseline of Wolczyk et al. 2021, Continual World",
    equation: "L_task(theta_task), theta_task drawn anew",
    cost: "nothing",
    needs: Needs::TASK_BOUNDARIES,
    curriculum: Curriculum::Sequential,
    losses: &[],
    tuning: None,
    shorten: |_, _| {},
    remove_strength: |settings| settings.scratch.reinitialise = false,
    act_soon: |_| {},
    memory: |_, _| 0,
    build: |settings, _| Box::new(Scratch(settings.scratch.clone())),
};

/// New networks for each task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct ScratchSettings {
    /// Whether networks and optimiser really begin anew; off, it equals `finetune`.
    #[garde(skip)]
    pub reinitialise: bool,
    /// Whether the new policy explores as the first one did. Without that it would be held back by what it is not: experienced.
    #[garde(skip)]
    pub restart_exploration: bool,
}

impl Default for ScratchSettings {
    fn default() -> Self {
        Self {
            reinitialise: true,
            restart_exploration: true,
        }
    }
}

struct Scratch(ScratchSettings);

impl Method for Scratch {
    fn restarts_exploration(&self, _task: u16) -> bool {
        self.0.reinitialise && self.0.restart_exploration
    }

    /// At the start, not at the end: in between, what was learned is evaluated.
    fn task_started(&mut self, learner: &mut LearnerView<'_>) {
        if self.0.reinitialise && learner.task > 0 {
            learner.algorithm.reinitialise();
        }
    }
}
