//! Joint learning: all tasks at once, with the same total number of decisions. The upper bound.
//!
//! The learner is that of fine-tuning. The differences are that all tasks are met side by side ([`Curriculum::AllTasksAtOnce`]),
//! and that every transition of the run is kept and learned from.

use crate::learner::methods::{Curriculum, Keeps, Kept, Method, MethodFamily, MethodSpec, Needs};
use garde::Validate;
use serde::{Deserialize, Serialize};

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "joint",
    summary: "trains on all tasks at once and stores every transition (the upper bound)",
    family: MethodFamily::UpperBound,
    paper: "the upper bound of continual-learning studies, as in Wolczyk et al. 2021, Continual World",
    equation: "sum over tasks of L_task(theta)",
    cost: "every transition of the run is stored",
    needs: Needs::NOTHING,
    curriculum: Curriculum::AllTasksAtOnce,
    losses: &[],
    tuning: None,
    remove_strength: |settings| settings.joint.keep_everything = false,
    act_soon: |_| {},
    memory: |settings, scale| {
        if settings.joint.keep_everything {
            // A memory that grows doubles its room.
            scale.recent(scale.decisions).saturating_mul(2)
        } else {
            0
        }
    },
    keeps: Keeps::Other(|_, _| Kept {
        past_bytes: u64::MAX,
        ..Kept::default()
    }),
    heads: false,
    build: |settings, _| {
        Box::new(Joint {
            settings: settings.joint.clone(),
        })
    },
};

/// Settings of joint learning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct JointSettings {
    /// Keep every transition of the run, regardless of `fresh_memory.capacity`, so that storage does not limit the upper bound.
    #[garde(skip)]
    pub keep_everything: bool,
}

impl Default for JointSettings {
    fn default() -> Self {
        Self { keep_everything: true }
    }
}

struct Joint {
    settings: JointSettings,
}

impl Method for Joint {
    fn keeps_everything(&self) -> bool {
        self.settings.keep_everything
    }
}
