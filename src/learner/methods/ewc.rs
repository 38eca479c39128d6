//! Elastic weight consolidation: holds weights that past tasks need near their old values.
//!
//! Kirkpatrick et al. 2017, "Overcoming catastrophic forgetting in neural networks", eq. 3, in its online form (Schwarz et al. 2018,
//! "Progress and compress", eq. 9): `L(theta) + strength / 2 * sum_i F_i (theta_i - anchor_i)^2`.
//!
//! `F` is the diagonal of the Fisher information of the network's outputs, on observations of the task that ends. For a
//! stochastic policy it is that of its categorical distribution, exactly: `mean_s sum_a pi(a|s) (d log pi(a|s) / d theta)^2`; not
//! the empirical one of actions that were taken, nor the square of a summed gradient (van de Ven 2025, "On the computation of the
//! Fisher information in continual learning", shows how much they differ). A network of values has no distribution of its own, so
//! a normal one of unit variance around each value is assumed, whose Fisher information is `mean_s sum_a (dQ(s, a) / d theta)^2`.
//! Values are used rather than their softmax, because learning targets consist of values, and no temperature has to be chosen.
//!
//! Deviations: importances are divided by their mean, clipped at a ceiling, and decay (see [`anchor`](super::anchor)).
//!
//! Costs, at the end of each task, one forward pass over `samples` observations and one backward pass for each action, which are
//! counted; two numbers for each weight that is held. Always holds: with `strength = 0` all weights are those of fine-tuning, bit
//! for bit.

use crate::learner::methods::importance::{HeldByImportance, Importance, ImportanceSettings};
use crate::learner::methods::{Axis, Curriculum, Keeps, LossSpec, MethodFamily, MethodSpec, Needs, Tuning};
use crate::random::stream;

/// Settings of elastic weight consolidation.
pub type EwcSettings = ImportanceSettings;

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "ewc",
    summary: "penalises changes of weights by their Fisher information",
    family: MethodFamily::Regularisation,
    paper: "Kirkpatrick et al. 2017, Overcoming catastrophic forgetting in neural networks",
    equation: "L(theta) + strength / 2 sum_i F_i (theta_i - anchor_i)^2, F = mean_s sum_a pi(a|s) (d log pi(a|s) / d theta)^2",
    cost: "one forward and one backward pass per action over 2,048 observations at each task's end; stores an anchor and an importance for each weight",
    needs: Needs::TASK_BOUNDARIES,
    curriculum: Curriculum::Sequential,
    losses: &[LossSpec {
        name: "ewc",
        title: "Penalty",
        text: "How far the weights have moved since the last task, weighted by their importance.",
    }],
    tuning: Some(Tuning(&[
        Axis {
            path: "learner.ewc.strength",
            first: "0.3",
            values: &["0.0", "0.003", "0.03", "0.3", "3.0"],
        },
        Axis {
            path: "learner.ewc.reset_optimiser",
            first: "false",
            values: &["false", "true"],
        },
    ])),
    remove_strength: |settings| {
        settings.ewc.strength = 0.0;
        settings.ewc.reset_optimiser = false;
    },
    act_soon: |_| {},
    memory: |_, scale| scale.weights(4),
    keeps: Keeps::Weights,
    heads: true,
    build: |settings, spec| {
        let rng = stream(spec.seed, "learner.ewc.samples", 0);
        Box::new(HeldByImportance::new("ewc", Importance::Fisher, &settings.ewc, rng))
    },
};
