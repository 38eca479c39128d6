//! From scratch: new networks learn each task, and nothing is carried over.
//!
//! The other lower bound: the performance on a task without any past. It cannot transfer, and keeps only the last task. Its
//! learning curves are the reference for forward transfer (Wolczyk et al. 2021, "Continual World", section 3.2).
//!
//! Networks, target networks and optimiser are replaced at the start of each task, drawn from the run's stream of
//! initialisations. The policy explores as at the beginning of the run, unless the settings say otherwise: with less exploration
//! the control would look worse than it is. As a reference for transfer it must explore as much as the method that is measured, because
//! learning curves include exploration: most methods explore anew in no task but the first, and reports measure them against runs with
//! `restart_exploration = false`, which the preset `paper` asks for. Costs nothing. Always holds: with `reinitialise = false` all weights are those of
//! fine-tuning, bit for bit.

use crate::learner::methods::{Curriculum, Keeps, LearnerView, Method, MethodFamily, MethodSpec, Needs};
use garde::Validate;
use serde::{Deserialize, Serialize};

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "scratch",
    summary: "trains new networks for each task and carries nothing over",
    family: MethodFamily::LowerBound,
    paper: "the single-task baseline of Wolczyk et al. 2021, Continual World",
    equation: "L_task(theta_task), theta_task reinitialised",
    cost: "nothing",
    needs: Needs::TASK_BOUNDARIES,
    curriculum: Curriculum::Sequential,
    losses: &[],
    tuning: None,
    remove_strength: |settings| settings.scratch.reinitialise = false,
    act_soon: |_| {},
    memory: |_, _| 0,
    keeps: Keeps::Nothing,
    heads: false,
    build: |settings, _| Box::new(Scratch(settings.scratch.clone())),
};

/// Settings of learning from scratch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct ScratchSettings {
    /// `true` to replace networks and optimiser at the start of a task; `false` equals `finetune`.
    #[garde(skip)]
    pub reinitialise: bool,
    /// `true` if the new policy explores as the first one did. Otherwise it would explore as little as an experienced one.
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

    /// At the start, not at the end of a task: the trained networks are evaluated in between.
    fn task_started(&mut self, learner: &mut LearnerView<'_>) {
        if self.0.reinitialise && learner.task > 0 {
            learner.algorithm.reinitialise();
        }
    }
}
