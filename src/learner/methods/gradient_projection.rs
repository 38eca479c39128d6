//! Gradient projection memory: keeps updates orthogonal to the past inputs of each layer.
//!
//! Saha, Garg and Roy 2021, "Gradient projection memory for continual learning", eqs. 5-9. At the end of a task the inputs of
//! each layer are collected. Their part outside of the existing bases is decomposed, and its largest directions are added to the
//! bases `M` until these contain a fraction `threshold` of the squared inputs. From then on `W <- W - (update - M M^T update)`:
//! an update that is orthogonal to all past inputs of a layer does not change the layer's outputs for them. Orthogonal gradient
//! descent (Farajtabar et al. 2020) is the same idea in the space of all weights.
//!
//! Deviations. The constant 1 for the biases is one of a layer's inputs, so biases are held as weights are. Bases are
//! eigenvectors of the inputs' second moments, which are the singular vectors of the inputs. The paper uses plain gradient
//! descent. Adam scales each weight separately and would leave the subspace of a projected gradient, so here the *update* is
//! projected after the step. The gradient is projected before the step too, so that the optimiser's means do not accumulate the
//! part that is removed.
//!
//! Costs, at the end of each task, a forward pass over `samples` observations and an eigenvalue decomposition of each layer's
//! inputs; in each update two products with a matrix `[inputs + 1, inputs + 1]` for each layer, counted. Always holds: with
//! `strength = 0` all weights are those of fine-tuning, bit for bit.

use crate::learner::algorithms::TrainedNetwork;
use crate::learner::error::StateError;
use crate::learner::losses::Losses;
use crate::learner::memory::Batch;
use crate::learner::methods::bases::Bases;
use crate::learner::methods::{Axis, Curriculum, Keeps, LearnerView, Method, MethodFamily, MethodSpec, Needs, Tuning};
use crate::learner::settings::is_a_number;
use crate::learner::state::StateDict;
use crate::learner::trained::Role;
use crate::random::{Stream, stream};
use garde::Validate;
use serde::{Deserialize, Serialize};

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "gradient_projection",
    summary: "keeps updates orthogonal to the past inputs of each layer",
    family: MethodFamily::Optimisation,
    paper: "Saha, Garg and Roy 2021, Gradient projection memory for continual learning",
    equation: "update - M M^T update, M spanning a share of each layer's past inputs",
    cost: "two products of [inputs, inputs] matrices with each layer in each update; stores bases",
    needs: Needs::TASK_BOUNDARIES,
    curriculum: Curriculum::Sequential,
    losses: &[],
    tuning: Some(Tuning(&[Axis {
        path: "learner.gradient_projection.threshold",
        first: "0.5",
        values: &["0.0", "0.3", "0.5", "0.8", "0.9", "0.95", "0.97", "0.99", "0.995", "0.999"],
    }])),
    remove_strength: |settings| settings.gradient_projection.strength = 0.0,
    act_soon: |_| {},
    memory: |settings, scale| {
        // For each layer its bases, and while they are found three matrices of moments in double precision.
        let squares = scale.layer_inputs.iter().map(|&inputs| inputs.saturating_mul(inputs));
        let moments = squares
            .fold(0, u64::saturating_add)
            .saturating_mul(4 * scale.networks + 3 * 8);
        let views = (settings.gradient_projection.samples as u64).saturating_mul(16 * scale.observation);
        moments.saturating_add(views).saturating_add(scale.weights(1))
    },
    keeps: Keeps::Weights,
    heads: true,
    build: |settings, spec| {
        Box::new(GradientProjection::new(
            &settings.gradient_projection,
            stream(spec.seed, "learner.gradient_projection.samples", 0),
        ))
    },
};

/// Settings of gradient projection memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct GradientProjectionSettings {
    /// Fraction of an update within the span of past activations that is removed: 1 as in the paper, 0 equals `finetune`.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub strength: f32,
    /// Fraction of the squared activations of a task that its bases must contain (Saha et al. 2021: `epsilon_th`, from 0.95 to
    /// 0.99).
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub threshold: f32,
    /// Increase of that fraction with each task, up to 1 (Saha et al. 2021, appendix: 0.001 to 0.003).
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub threshold_growth: f32,
    /// Number of observations of a task whose activations are used.
    #[garde(range(min = 1, max = 1_000_000))]
    pub samples: usize,
    /// `true` to hold critics too, `false` for the policy only.
    #[garde(skip)]
    pub critics: bool,
}

impl Default for GradientProjectionSettings {
    fn default() -> Self {
        Self {
            strength: 1.0,
            // Found by tuning: docs/tuning.toml.
            threshold: 0.5,
            threshold_growth: 0.003,
            samples: 2_048,
            critics: false,
        }
    }
}

pub(crate) struct GradientProjection {
    settings: GradientProjectionSettings,
    rng: Stream,
    /// Bases by network and layer; empty for networks that are not held.
    bases: Vec<Vec<Bases>>,
    /// Weights of each held network before the step.
    before: Vec<Vec<f32>>,
}

impl GradientProjection {
    pub(crate) fn new(settings: &GradientProjectionSettings, rng: Stream) -> Self {
        Self {
            settings: settings.clone(),
            rng,
            bases: Vec::new(),
            before: Vec::new(),
        }
    }

    fn holds(&self, network: &TrainedNetwork) -> bool {
        network.role() == Role::Policy || self.settings.critics
    }

    /// Returns the fraction of the squared inputs of task number `task` that its bases must contain.
    fn threshold(&self, task: u16) -> f64 {
        f64::from(self.settings.threshold + self.settings.threshold_growth * f32::from(task)).min(1.0)
    }
}

impl Method for GradientProjection {
    fn task_ended(&mut self, learner: &mut LearnerView<'_>) {
        if learner.recent.transitions() == 0 {
            return;
        }
        let threshold = self.threshold(learner.task);
        let mut views = Batch::new(learner.decoder.len());
        learner
            .recent
            .sample_views(self.settings.samples, &mut self.rng, learner.decoder, &mut views);
        let networks = learner.algorithm.networks_mut();
        self.bases.resize_with(networks.len(), Vec::new);
        for (index, network) in networks.iter_mut().enumerate() {
            if !self.holds(network) {
                continue;
            }
            network.forward(&views.observations);
            let layers = network.shape().layers();
            let bases = &mut self.bases[index];
            // An output layer that belongs to this task alone needs no protection.
            let protected = layers.len() - usize::from(learner.task_has_own_outputs);
            bases.resize_with(protected, Bases::default);
            for (layer, bases) in bases.iter_mut().enumerate() {
                let inputs = match layer {
                    0 => views.observations.augmented(),
                    _ => network.pass().hidden(layer - 1),
                };
                bases.extend(inputs, threshold);
            }
        }
    }

    fn adjust_gradients(&mut self, _batch: &Batch, learner: &mut LearnerView<'_>, _losses: &mut Losses) {
        if self.settings.strength == 0.0 {
            return;
        }
        self.before.resize_with(self.bases.len(), Vec::new);
        for ((network, bases), before) in learner
            .algorithm
            .networks_mut()
            .iter_mut()
            .zip(&self.bases)
            .zip(&mut self.before)
        {
            before.clear();
            if bases.is_empty() {
                continue;
            }
            before.extend_from_slice(network.parameters());
            let mut multiply_adds = 0;
            for (bases, layer) in bases.iter().zip(network.shape().layers()) {
                multiply_adds += bases.remove_from(self.settings.strength, layer.outputs, &mut network.gradient[layer.range]);
            }
            network.count_multiply_adds(multiply_adds);
        }
    }

    fn adjust_weights(&mut self, _batch: &Batch, learner: &mut LearnerView<'_>) {
        for ((network, bases), before) in learner
            .algorithm
            .networks_mut()
            .iter_mut()
            .zip(&self.bases)
            .zip(&mut self.before)
        {
            if before.is_empty() {
                continue;
            }
            let layers = network.shape().layers();
            let parameters = network.parameters_mut();
            let mut multiply_adds = 0;
            for (bases, layer) in bases.iter().zip(layers) {
                let (after, before) = (&mut parameters[layer.range.clone()], &mut before[layer.range]);
                // The update replaces the weights temporarily.
                for (after, before) in after.iter_mut().zip(before.iter()) {
                    *after -= before;
                }
                multiply_adds += bases.remove_from(self.settings.strength, layer.outputs, after);
                for (after, before) in after.iter_mut().zip(before.iter()) {
                    *after += before;
                }
            }
            network.count_multiply_adds(multiply_adds);
        }
    }

    fn state_bytes(&self) -> u64 {
        self.bases.iter().flatten().map(Bases::bytes).sum()
    }

    fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        let layers: Vec<usize> = self.bases.iter().map(Vec::len).collect();
        state.set(format!("{prefix}.layers"), &layers)?;
        for (network, bases) in self.bases.iter().enumerate() {
            for (layer, bases) in bases.iter().enumerate() {
                bases.save(state, &format!("{prefix}.bases.{network}.{layer}"))?;
            }
        }
        state.set(format!("{prefix}.rng"), &self.rng)
    }

    fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        let layers: Vec<usize> = state.get(&format!("{prefix}.layers"))?;
        self.bases.clear();
        for (network, layers) in layers.into_iter().enumerate() {
            let bases = (0..layers).map(|layer| Bases::load(state, &format!("{prefix}.bases.{network}.{layer}")));
            self.bases.push(bases.collect::<Result<_, StateError>>()?);
        }
        self.before.clear();
        self.rng = state.get(&format!("{prefix}.rng"))?;
        Ok(())
    }
}
