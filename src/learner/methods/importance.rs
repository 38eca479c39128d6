//! Importance of each weight for a network's outputs on the observations of a task (Fisher information and sensitivity), and the
//! method shared by `ewc` and `mas`, which holds each weight near its value at the end of a task in proportion to its importance.

use crate::learner::algorithms::TrainedNetwork;
use crate::learner::error::StateError;
use crate::learner::losses::{Losses, log_softmax};
use crate::learner::memory::Batch;
use crate::learner::methods::anchor::{Anchors, Blending};
use crate::learner::methods::{LearnerView, Method, WeightsReset};
use crate::learner::network::RowMeasure;
use crate::learner::settings::is_a_number;
use crate::learner::state::StateDict;
use crate::learner::trained::Outputs;
use crate::random::Stream;
use garde::Validate;
use serde::{Deserialize, Serialize};

/// Settings of methods that hold weights by importance: online elastic weight consolidation, and memory aware synapses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct ImportanceSettings {
    /// Weight of the penalty for importances with mean 1 (`lambda` of Kirkpatrick et al. 2017, twice that of Aljundi et al.
    /// 2018); 0 equals `finetune`.
    #[garde(range(min = 0.0, max = 1.0e9), custom(is_a_number))]
    pub strength: f32,
    /// `true` to hold critics too, `false` for the policy only.
    #[garde(skip)]
    pub critics: bool,
    /// `true` to reset the optimiser's state at the end of a task, before the penalty begins: its moments are those of gradients without it.
    #[garde(skip)]
    pub reset_optimiser: bool,
    /// Fraction of the importances that remains when those of another task are added (Schwarz et al. 2018: `gamma`).
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub decay: f32,
    /// Maximum importance that one task may give a weight, as a multiple of the mean.
    #[garde(range(min = 1.0, max = 1.0e9), custom(is_a_number))]
    pub ceiling: f32,
    /// Number of observations of a task over which importances are averaged.
    #[garde(range(min = 1, max = 1_000_000))]
    pub samples: usize,
}

impl Default for ImportanceSettings {
    fn default() -> Self {
        Self {
            // Found by tuning, the same for both: docs/tuning.toml.
            strength: 0.3,
            critics: false,
            reset_optimiser: false,
            decay: 0.9,
            ceiling: 100.0,
            samples: 2_048,
        }
    }
}

/// Rows per pass.
const ROWS_OF_A_PASS: usize = 256;

/// Measure of importance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Importance {
    /// Fisher information of the outputs, according to their meaning.
    ///
    /// For a policy, that of its categorical distribution, exactly: `mean_s sum_a pi(a|s) (d log pi(a|s) / d theta)^2`. For
    /// values, that of a normal distribution of unit variance around them: `mean_s sum_a (dQ(s, a) / d theta)^2`, the squared
    /// change of the values when a weight changes.
    Fisher,
    /// `mean_s |d |f(s)|^2 / d theta|` (Aljundi et al. 2018, eq. 4). Logits are taken relative to their mean, because a common
    /// offset has no effect.
    Sensitivity,
}

/// Measures the importance of each weight at the end of a task, and holds the weights near their values at that time.
pub(crate) struct HeldByImportance {
    /// Name of the penalty.
    name: &'static str,
    importance: Importance,
    settings: ImportanceSettings,
    rng: Stream,
    anchors: Anchors,
}

impl HeldByImportance {
    pub(crate) fn new(name: &'static str, importance: Importance, settings: &ImportanceSettings, rng: Stream) -> Self {
        Self {
            name,
            importance,
            settings: settings.clone(),
            rng,
            anchors: Anchors::new(settings.strength, settings.critics),
        }
    }

    /// Anchors of the held networks.
    #[cfg(test)]
    pub(crate) fn anchors(&self) -> &Anchors {
        &self.anchors
    }
}

impl Method for HeldByImportance {
    fn resets_optimiser(&self) -> bool {
        self.settings.reset_optimiser
    }

    fn task_ended(&mut self, learner: &mut LearnerView<'_>) {
        let ImportanceSettings {
            decay, ceiling, samples, ..
        } = self.settings;
        let anchors = &self.anchors;
        let measured = measure_importance(self.importance, samples, &mut self.rng, learner, |network| {
            anchors.hold(network)
        });
        for (index, (network, measured)) in learner.algorithm.networks().iter().zip(measured).enumerate() {
            if let Some(measured) = measured {
                let shared = learner.shared_parameters(network);
                self.anchors
                    .set(index, network, shared, measured, Blending { decay, ceiling });
            }
        }
    }

    fn adjust_gradients(&mut self, _batch: &Batch, learner: &mut LearnerView<'_>, losses: &mut Losses) {
        self.anchors.pull(self.name, learner, losses);
    }

    fn weights_reset(&mut self, reset: &WeightsReset) {
        self.anchors.forget(reset);
    }

    fn importance(&self, network: usize) -> Option<&[f32]> {
        self.anchors.importance_of(network)
    }

    fn state_bytes(&self) -> u64 {
        self.anchors.bytes()
    }

    fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        self.anchors.save(state, &format!("{prefix}.anchors"))?;
        state.set(format!("{prefix}.rng"), &self.rng)
    }

    fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        self.anchors.load(state, &format!("{prefix}.anchors"))?;
        self.rng = state.get(&format!("{prefix}.rng"))?;
        Ok(())
    }
}

/// Measures importances on `samples` recent observations, for each network selected by `hold`. The result is empty for other
/// networks, and for all if there is no experience.
fn measure_importance(
    importance: Importance,
    samples: usize,
    rng: &mut Stream,
    learner: &mut LearnerView<'_>,
    hold: impl Fn(&TrainedNetwork) -> bool,
) -> Vec<Option<Vec<f32>>> {
    let networks = learner.algorithm.networks_mut();
    let mut sums: Vec<Option<Vec<f32>>> = networks
        .iter()
        .map(|network| hold(network).then(|| vec![0.0; network.parameters().len()]))
        .collect();
    if learner.recent.transitions() == 0 {
        return vec![None; networks.len()];
    }
    let mut views = Batch::new(learner.decoder.len());
    let mut left = samples;
    while left > 0 {
        let rows = left.min(ROWS_OF_A_PASS);
        left -= rows;
        views.clear();
        learner.recent.sample_views(rows, rng, learner.decoder, &mut views);
        for (network, sums) in networks.iter_mut().zip(&mut sums) {
            let Some(sums) = sums else { continue };
            add_importance(importance, network, &views, sums);
        }
    }
    for sum in sums.iter_mut().flatten().flatten() {
        *sum /= samples as f32;
    }
    sums
}

/// Adds the importances for each row of `views`; the caller divides them by the number of rows.
pub(crate) fn add_importance(importance: Importance, network: &mut TrainedNetwork, views: &Batch, sums: &mut [f32]) {
    let (meaning, actions) = (network.outputs_mean(), network.shape().outputs);
    let outputs = network.forward(&views.observations).to_vec();
    match importance {
        Importance::Fisher => for_each_fisher_gradient(meaning, actions, &outputs, |gradient| {
            network.accumulate_per_row(RowMeasure::Square, gradient, sums);
        }),
        Importance::Sensitivity => {
            let mut gradient = vec![0.0; outputs.len()];
            for (outputs, row) in outputs.chunks_exact(actions).zip(gradient.chunks_exact_mut(actions)) {
                let offset = match meaning {
                    Outputs::ActionValues => 0.0,
                    Outputs::Logits => outputs.iter().sum::<f32>() / actions as f32,
                };
                for (slope, output) in row.iter_mut().zip(outputs) {
                    *slope = 2.0 * (output - offset);
                }
            }
            network.accumulate_per_row(RowMeasure::Absolute, &gradient, sums);
        }
    }
}

/// Calls `visit` with gradients `[rows, actions]` at the outputs whose squares add up to the Fisher information of their distribution: one for
/// each action. For logits, the gradient of its log-probability times the root of the probability; for values, that of the value.
pub(crate) fn for_each_fisher_gradient(meaning: Outputs, actions: usize, outputs: &[f32], mut visit: impl FnMut(&[f32])) {
    let mut gradient = vec![0.0; outputs.len()];
    match meaning {
        Outputs::ActionValues => {
            for action in 0..actions {
                for row in gradient.chunks_exact_mut(actions) {
                    row.fill(0.0);
                    row[action] = 1.0;
                }
                visit(&gradient);
            }
        }
        Outputs::Logits => {
            let mut log_probabilities = vec![0.0; outputs.len()];
            for (logits, row) in outputs.chunks_exact(actions).zip(log_probabilities.chunks_exact_mut(actions)) {
                log_softmax(logits, row);
            }
            for action in 0..actions {
                let rows = gradient
                    .chunks_exact_mut(actions)
                    .zip(log_probabilities.chunks_exact(actions));
                for (row, log_probabilities) in rows {
                    // The probability enters the square as its root.
                    let root = libm::expf(0.5 * log_probabilities[action]);
                    for (slope, log_probability) in row.iter_mut().zip(log_probabilities) {
                        *slope = -root * libm::expf(*log_probability);
                    }
                    row[action] += root;
                }
                visit(&gradient);
            }
        }
    }
}
