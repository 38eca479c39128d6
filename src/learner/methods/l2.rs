//! L2: holds every weight near its value at the end of the last task, with equal strength.
//!
//! The control of Kirkpatrick et al. 2017, "Overcoming catastrophic forgetting in neural networks", section 2.1, and a separate
//! method in Continual World (Wolczyk et al. 2021): `L(theta) + strength / 2 * sum_i (theta_i - anchor_i)^2`.
//!
//! Deviations: there is one anchor, that of the last task; and only the policy network is held unless `critics` is set.
//!
//! Costs one anchor, and one pass over the weights for each update. Always holds: with `strength = 0` all weights are those of
//! fine-tuning, bit for bit.

use crate::learner::error::StateError;
use crate::learner::losses::Losses;
use crate::learner::memory::Batch;
use crate::learner::methods::anchor::Anchors;
use crate::learner::methods::{
    Axis, Curriculum, Keeps, LearnerView, LossSpec, Method, MethodFamily, MethodSpec, Needs, Tuning, WeightsReset,
};
use crate::learner::settings::is_a_number;
use crate::learner::state::StateDict;
use garde::Validate;
use serde::{Deserialize, Serialize};

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "l2",
    summary: "penalises changes of weights since the last task, all equally",
    family: MethodFamily::Regularisation,
    paper: "Kirkpatrick et al. 2017, Overcoming catastrophic forgetting in neural networks, section 2.1",
    equation: "L(theta) + strength / 2 sum_i (theta_i - anchor_i)^2",
    cost: "no further pass; stores one anchor for each weight",
    needs: Needs::TASK_BOUNDARIES,
    curriculum: Curriculum::Sequential,
    losses: &[LossSpec {
        name: "l2",
        title: "Penalty",
        text: "How far the weights have moved since the last task.",
    }],
    tuning: Some(Tuning(&[
        Axis {
            path: "learner.l2.strength",
            first: "0.3",
            values: &["0.0", "0.003", "0.03", "0.3", "3.0"],
        },
        Axis {
            path: "learner.l2.reset_optimiser",
            first: "false",
            values: &["false", "true"],
        },
    ])),
    remove_strength: |settings| {
        settings.l2.strength = 0.0;
        settings.l2.reset_optimiser = false;
    },
    act_soon: |_| {},
    memory: |_, scale| scale.weights(2),
    keeps: Keeps::Weights,
    heads: true,
    build: |settings, _| {
        Box::new(L2 {
            anchors: Anchors::new(settings.l2.strength, settings.l2.critics),
            resets_optimiser: settings.l2.reset_optimiser,
        })
    },
};

/// Settings of L2 towards the weights at the end of the last task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct L2Settings {
    /// Weight of half the squared distance from the anchor; 0 equals `finetune`.
    #[garde(range(min = 0.0, max = 1.0e9), custom(is_a_number))]
    pub strength: f32,
    /// `true` to hold critics too, `false` for the policy only (Wolczyk et al. 2021 found that holding critics is harmful).
    #[garde(skip)]
    pub critics: bool,
    /// `true` to reset the optimiser's state at the end of a task, before the penalty begins: its moments are those of gradients without it.
    #[garde(skip)]
    pub reset_optimiser: bool,
}

impl Default for L2Settings {
    fn default() -> Self {
        Self {
            // Found by tuning: docs/tuning.toml.
            strength: 0.3,
            critics: false,
            reset_optimiser: false,
        }
    }
}

struct L2 {
    anchors: Anchors,
    resets_optimiser: bool,
}

impl Method for L2 {
    fn resets_optimiser(&self) -> bool {
        self.resets_optimiser
    }

    fn task_ended(&mut self, learner: &mut LearnerView<'_>) {
        for (index, network) in learner.algorithm.networks().iter().enumerate() {
            if self.anchors.hold(network) {
                self.anchors.set_evenly(index, network, learner.shared_parameters(network));
            }
        }
    }

    fn adjust_gradients(&mut self, _batch: &Batch, learner: &mut LearnerView<'_>, losses: &mut Losses) {
        self.anchors.pull("l2", learner, losses);
    }

    fn weights_reset(&mut self, reset: &WeightsReset) {
        self.anchors.forget(reset);
    }

    fn state_bytes(&self) -> u64 {
        self.anchors.bytes()
    }

    fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        self.anchors.save(state, prefix)
    }

    fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        self.anchors.load(state, prefix)
    }
}
