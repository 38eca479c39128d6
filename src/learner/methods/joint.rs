//! Joint learning: all tasks at once, with the same total of decisions. The upper bound.
//!
//! The learner is that of fine-tuning; what differs is that all tasks are met side by side
//! ([`Curriculum::AllTasksAtOnce`]) and that every transition of the run is kept and learned from.

use crate::learner::methods::{Curriculum, Family, Method, MethodSpec, Needs};
use crate::learner::settings::JointSettings;

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "joint",
    summary: "learns all tasks at once and keeps every transition",
    family: Family::UpperBound,
    paper: "the upper bound of continual-learning studies, as in Wolczyk et al. 2021, Continual World",
    equation: "sum over tasks of L_task(theta)",
    cost: "every transition of the run is stored",
    needs: Needs::NOTHING,
    curriculum: Curriculum::AllTasksAtOnce,
    memory: |settings, scale| {
        if settings.joint.keep_everything {
            // A memory that grows doubles its room.
            scale.recent(scale.decisions).saturating_mul(2)
        } else {
            0
        }
    },
    build: |settings, _| {
        Box::new(Joint {
            settings: settings.joint.clone(),
        })
    },
};

struct Joint {
    settings: JointSettings,
}

impl Method for Joint {
    fn keeps_everything(&self) -> bool {
        self.settings.keep_everything
    }
}
