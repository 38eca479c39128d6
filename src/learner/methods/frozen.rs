//! Frozen: learning stops after the first task.
//!
//! A control that has no paper of its own. It shows if learning is needed at all, and how much of the retention or transfer of
//! other methods the first task's policy would have had anyway. After the first task it forgets nothing and learns nothing.
//!
//! Costs less than fine-tuning: no updates after the first task. Always holds: with `freeze = false` all weights are those of
//! fine-tuning, bit for bit.

use crate::learner::methods::{Curriculum, Keeps, Method, MethodFamily, MethodSpec, Needs};
use garde::Validate;
use serde::{Deserialize, Serialize};

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "frozen",
    summary: "stops training after the first task",
    family: MethodFamily::LowerBound,
    paper: "a control",
    equation: "L_first(theta), then nothing",
    cost: "nothing, and no updates after the first task",
    needs: Needs::TASK_BOUNDARIES,
    curriculum: Curriculum::Sequential,
    losses: &[],
    tuning: None,
    remove_strength: |settings| settings.frozen.freeze = false,
    act_soon: |_| {},
    memory: |_, _| 0,
    keeps: Keeps::Nothing,
    heads: false,
    build: |settings, _| Box::new(Frozen(settings.frozen.clone())),
};

/// Settings of the frozen policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct FrozenSettings {
    /// `true` to stop learning after the first task; `false` equals `finetune`.
    #[garde(skip)]
    pub freeze: bool,
}

impl Default for FrozenSettings {
    fn default() -> Self {
        Self { freeze: true }
    }
}

struct Frozen(FrozenSettings);

impl Method for Frozen {
    fn learns(&self, task: u16) -> bool {
        task == 0 || !self.0.freeze
    }
}
