//! Synaptic intelligence: holds weights in proportion to their contribution to the learning progress.
//!
//! Zenke, Poole and Ganguli 2017, "Continual learning through synaptic intelligence", eqs. 3-5:
//! `L(theta) + strength / 2 * sum_i Omega_i (theta_i - anchor_i)^2`, `Omega_i = max(0, w_i) / (Delta_i^2 + xi)`, where `w_i` is
//! the path integral of the loss over weight `i`, `w_i <- w_i - g_i (theta_i after the step - theta_i before)`, and `Delta_i` is
//! the change of the weight during the task.
//!
//! `g` is the gradient before the penalty is added, of the loss of one batch: its noise makes `w` an overestimate, as in the
//! paper. In a composition, methods that are listed earlier have already changed it.
//!
//! Deviations: importances are divided by their mean, clipped at a ceiling, and decay rather than being summed (see
//! [`anchor`](super::anchor)).
//!
//! Costs no pass; four numbers for each weight that is held. Always holds: with `strength = 0` all weights are those of
//! fine-tuning, bit for bit.

use crate::learner::error::StateError;
use crate::learner::losses::Losses;
use crate::learner::memory::Batch;
use crate::learner::methods::anchor::{Anchors, Blending};
use crate::learner::methods::{
    Axis, Curriculum, Keeps, LearnerView, LossSpec, Method, MethodFamily, MethodSpec, Needs, Tuning, WeightsReset,
};
use crate::learner::settings::is_a_number;
use crate::learner::state::StateDict;
use garde::Validate;
use serde::{Deserialize, Serialize};

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "si",
    summary: "penalises changes of weights by their contribution to reducing past losses",
    family: MethodFamily::Regularisation,
    paper: "Zenke, Poole and Ganguli 2017, Continual learning through synaptic intelligence",
    equation: "L(theta) + strength / 2 sum_i Omega_i (theta_i - anchor_i)^2, Omega_i = max(0, -sum g_i dtheta_i) / (Delta_i^2 + xi)",
    cost: "no further pass; stores anchor, importance, path integral and starting point for each weight",
    needs: Needs::TASK_BOUNDARIES,
    curriculum: Curriculum::Sequential,
    losses: &[LossSpec {
        name: "si",
        title: "Penalty",
        text: "How far the weights have moved since the last task, weighted by their importance.",
    }],
    tuning: Some(Tuning(&[
        Axis {
            path: "learner.si.strength",
            first: "0.3",
            values: &["0.0", "0.003", "0.03", "0.3", "3.0"],
        },
        Axis {
            path: "learner.si.reset_optimiser",
            first: "false",
            values: &["false", "true"],
        },
    ])),
    remove_strength: |settings| {
        settings.si.strength = 0.0;
        settings.si.reset_optimiser = false;
    },
    act_soon: |_| {},
    memory: |_, scale| scale.weights(6),
    keeps: Keeps::Weights,
    heads: true,
    build: |settings, _| Box::new(Si::new(&settings.si)),
};

/// Settings of synaptic intelligence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct SiSettings {
    /// Weight of the penalty (Zenke et al. 2017: twice their `c`), for importances whose mean is 1; 0 equals `finetune`.
    #[garde(range(min = 0.0, max = 1.0e9), custom(is_a_number))]
    pub strength: f32,
    /// `true` to hold critics too, `false` for the policy only.
    #[garde(skip)]
    pub critics: bool,
    /// `true` to reset the optimiser's state at the end of a task, before the penalty begins: its moments are those of gradients without it.
    #[garde(skip)]
    pub reset_optimiser: bool,
    /// Fraction of the importances that remains when those of another task are added.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub decay: f32,
    /// Maximum importance that one task may give a weight, as a multiple of the mean.
    #[garde(range(min = 1.0, max = 1.0e9), custom(is_a_number))]
    pub ceiling: f32,
    /// Constant added to the squared change of a weight during a task (Zenke et al. 2017: `xi`), in squared units of weights.
    #[garde(range(min = 1.0e-9, max = 1.0e3), custom(is_a_number))]
    pub damping: f32,
}

impl Default for SiSettings {
    fn default() -> Self {
        Self {
            // Found by tuning: docs/tuning.toml.
            strength: 0.3,
            critics: false,
            reset_optimiser: false,
            decay: 0.9,
            ceiling: 100.0,
            damping: 0.01,
        }
    }
}

/// Measurements of one network during a task.
#[derive(Clone, Debug, Default, PartialEq)]
struct Path {
    /// Weights at the start of the task.
    start: Vec<f32>,
    /// `w`: decrease of the loss due to the change of each weight.
    integral: Vec<f32>,
    /// Buffers of an update: the loss's own gradient, and the weights before the step.
    gradient: Vec<f32>,
    before: Vec<f32>,
}

pub(crate) struct Si {
    settings: SiSettings,
    anchors: Anchors,
    /// One path per network, empty for those that are not held.
    paths: Vec<Path>,
}

impl Si {
    pub(crate) fn new(settings: &SiSettings) -> Self {
        Self {
            settings: settings.clone(),
            anchors: Anchors::new(settings.strength, settings.critics),
            paths: Vec::new(),
        }
    }

    /// Path integral of network `index` since the start of its task.
    #[cfg(test)]
    pub(crate) fn integral(&self, index: usize) -> &[f32] {
        &self.paths[index].integral
    }

    /// Anchors of the held networks.
    #[cfg(test)]
    pub(crate) fn anchors(&self) -> &Anchors {
        &self.anchors
    }

    fn begin(&mut self, learner: &LearnerView<'_>) {
        let anchors = &self.anchors;
        let begin = |network: &crate::learner::algorithms::TrainedNetwork| {
            if !anchors.hold(network) {
                return Path::default();
            }
            Path {
                start: network.parameters().to_vec(),
                integral: vec![0.0; network.parameters().len()],
                ..Path::default()
            }
        };
        self.paths = learner.algorithm.networks().iter().map(begin).collect();
    }
}

impl Method for Si {
    fn resets_optimiser(&self) -> bool {
        self.settings.reset_optimiser
    }

    fn task_started(&mut self, learner: &mut LearnerView<'_>) {
        self.begin(learner);
    }

    fn task_ended(&mut self, learner: &mut LearnerView<'_>) {
        let SiSettings {
            decay, ceiling, damping, ..
        } = self.settings;
        for (index, (network, path)) in learner.algorithm.networks().iter().zip(&self.paths).enumerate() {
            if path.integral.is_empty() {
                continue;
            }
            let moved = network.parameters().iter().zip(&path.start);
            let measured = moved
                .zip(&path.integral)
                .map(|((end, start), integral)| integral.max(0.0) / ((end - start) * (end - start) + damping))
                .collect();
            let shared = learner.shared_parameters(network);
            self.anchors
                .set(index, network, shared, measured, Blending { decay, ceiling });
        }
        self.begin(learner);
    }

    fn adjust_gradients(&mut self, _batch: &Batch, learner: &mut LearnerView<'_>, losses: &mut Losses) {
        if self.paths.is_empty() {
            // No start of a task was announced: it starts here.
            self.begin(learner);
        }
        for (network, path) in learner.algorithm.networks().iter().zip(&mut self.paths) {
            if !path.integral.is_empty() {
                path.gradient.clear();
                path.gradient.extend_from_slice(&network.gradient);
                path.before.clear();
                path.before.extend_from_slice(network.parameters());
            }
        }
        self.anchors.pull("si", learner, losses);
    }

    fn adjust_weights(&mut self, _batch: &Batch, learner: &mut LearnerView<'_>) {
        for (network, path) in learner.algorithm.networks().iter().zip(&mut self.paths) {
            let moved = network.parameters().iter().zip(&path.before);
            for ((integral, gradient), (after, before)) in path.integral.iter_mut().zip(&path.gradient).zip(moved) {
                *integral -= gradient * (after - before);
            }
        }
    }

    fn weights_reset(&mut self, reset: &WeightsReset) {
        self.anchors.forget(reset);
        if let Some(path) = self.paths.get_mut(reset.network) {
            for &place in &reset.parameters {
                if let Some(integral) = path.integral.get_mut(place) {
                    *integral = 0.0;
                }
            }
        }
    }

    fn importance(&self, network: usize) -> Option<&[f32]> {
        self.anchors.importance_of(network)
    }

    fn state_bytes(&self) -> u64 {
        let numbers = self.paths.iter().map(|path| path.start.len() + path.integral.len());
        self.anchors.bytes() + (size_of::<f32>() * numbers.sum::<usize>()) as u64
    }

    fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        self.anchors.save(state, &format!("{prefix}.anchors"))?;
        state.set(format!("{prefix}.paths"), &self.paths.len())?;
        for (index, path) in self.paths.iter().enumerate() {
            state.put(format!("{prefix}.path.{index}.start"), &path.start);
            state.put(format!("{prefix}.path.{index}.integral"), &path.integral);
        }
        Ok(())
    }

    fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        self.anchors.load(state, &format!("{prefix}.anchors"))?;
        let paths: usize = state.get(&format!("{prefix}.paths"))?;
        let path = |index: usize| {
            Ok(Path {
                start: state.array(&format!("{prefix}.path.{index}.start"))?,
                integral: state.array(&format!("{prefix}.path.{index}.integral"))?,
                ..Path::default()
            })
        };
        self.paths = (0..paths).map(path).collect::<Result<_, StateError>>()?;
        Ok(())
    }
}
