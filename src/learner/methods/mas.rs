//! Memory aware synapses: holds weights to which the outputs for past tasks are sensitive.
//!
//! Aljundi et al. 2018, "Memory aware synapses: learning what (not) to forget", eqs. 3-5:
//! `L(theta) + strength / 2 * sum_i Omega_i (theta_i - anchor_i)^2` with `Omega = mean_s |d |f(s)|^2 / d theta|`, the absolute value
//! taken for each observation before the mean. No rewards or targets are needed to measure it.
//!
//! Deviations: logits are taken relative to their mean over the actions, because a common offset has no effect; importances are
//! divided by their mean, clipped at a ceiling, and decay rather than being summed (see [`anchor`](super::anchor)).
//!
//! Costs, at the end of each task, one forward and one backward pass over `samples` observations, counted; two numbers for each
//! weight that is held. Always holds: with `strength = 0` all weights are those of fine-tuning, bit for bit.

use crate::learner::methods::importance::{HeldByImportance, Importance, ImportanceSettings};
use crate::learner::methods::{Axis, Curriculum, Keeps, LossSpec, MethodFamily, MethodSpec, Needs, Tuning};
use crate::random::stream;

/// Settings of memory aware synapses.
pub type MasSettings = ImportanceSettings;

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "mas",
    summary: "penalises changes of weights by the sensitivity of past outputs to them",
    family: MethodFamily::Regularisation,
    paper: "Aljundi et al. 2018, Memory aware synapses",
    equation: "L(theta) + strength / 2 sum_i Omega_i (theta_i - anchor_i)^2, Omega = mean_s |d |f(s)|^2 / d theta|",
    cost: "one forward and backward pass over 2,048 observations at each task's end; stores an anchor and an importance for each weight",
    needs: Needs::TASK_BOUNDARIES,
    curriculum: Curriculum::Sequential,
    losses: &[LossSpec {
        name: "mas",
        title: "Penalty",
        text: "How far the weights have moved since the last task, weighted by their importance.",
    }],
    tuning: Some(Tuning(&[
        Axis {
            path: "learner.mas.strength",
            first: "0.3",
            values: &["0.0", "0.003", "0.03", "0.3", "3.0"],
        },
        Axis {
            path: "learner.mas.reset_optimiser",
            first: "false",
            values: &["false", "true"],
        },
    ])),
    remove_strength: |settings| {
        settings.mas.strength = 0.0;
        settings.mas.reset_optimiser = false;
    },
    act_soon: |_| {},
    memory: |_, scale| scale.weights(4),
    keeps: Keeps::Weights,
    heads: true,
    build: |settings, spec| {
        let rng = stream(spec.seed, "learner.mas.samples", 0);
        Box::new(HeldByImportance::new("mas", Importance::Sensitivity, &settings.mas, rng))
    },
};
