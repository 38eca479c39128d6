//! Self-predictive representations: trains features of the network to predict future features.
//!
//! Schwarzer, Anand, Goel, Hjelm, Courville and Bachman 2021, "Data-efficient reinforcement learning with self-predictive
//! representations", eq. 2-3. The encoder is the policy network without its output layer. From the latent `z_0` of a view, a
//! transition head predicts the latents after each of the next `steps` actions, one from another. A predictor maps each of them
//! to a vector that is compared with the latent of the true view, computed by a slow average of the encoder:
//! `L(theta) + weight * mean over rows and steps of (1 - cos(predictor(z_k), z~_k))`, `z_k = transition(z_(k-1), a_k)`.
//! No gradient flows into `z~`. The features then describe the dynamics of the environment rather than one season's values alone.
//!
//! Deviations ("lite"): latents are the units of the last hidden layer, since there are no images and hence no convolutions and
//! no augmentation; there are no projections before the predictor; 3 steps, not 5. Critics with networks of their own have no
//! such loss.
//!
//! All latents could become equal, which is perfectly predictable and useless. Their spread is reported as the statistic
//! `latent_spread`; the alarm `representation_collapsed` is the fraction of updates in which it was below `collapse_spread`.
//!
//! Cost: for each sequence a pass forward and backward through the encoder, and for each of its steps one forward through the
//! average and one forward and backward through the heads; the average, and the heads with their optimisers.
//!
//! Always holds: with `weight = 0` all weights are those of fine-tuning, bit for bit.

mod prediction;

use crate::learner::settings::is_a_number;
use garde::Validate;
use prediction::{Prediction, spread};
use serde::{Deserialize, Serialize};

use crate::learner::algorithms::Algorithm;
use crate::learner::error::StateError;
use crate::learner::losses::Losses;
use crate::learner::memory::{Batch, Sequences};
use crate::learner::methods::{
    Axis, Curriculum, Keeps, LearnerView, LossSpec, Method, MethodFamily, MethodSpec, Needs, Tuning, WeightsReset,
};
use crate::learner::network::{Network, Pass};
use crate::learner::settings::LearnerSettings;
use crate::learner::spec::LearnerSpec;
use crate::learner::state::StateDict;
use crate::learner::vectorised::follow;
use crate::random::{Stream, stream};

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "self_supervised",
    summary: "adds an auxiliary loss: features must predict future features",
    family: MethodFamily::Representation,
    paper: "Schwarzer et al. 2021, Data-efficient reinforcement learning with self-predictive representations",
    equation: "L(theta) + weight mean (1 - cos(predictor(z_k), z~_k)), z_k = transition(z_(k-1), a_k)",
    cost: "for each sequence a pass through the encoder, its average and the heads; the average, and the heads",
    needs: Needs::NOTHING,
    curriculum: Curriculum::Any,
    losses: &[LossSpec {
        name: "self_prediction",
        title: "Self-prediction loss",
        text: "Error of predicting the next features from the current ones.",
    }],
    tuning: Some(Tuning(&[Axis {
        path: "learner.self_supervised.weight",
        first: "0.1",
        values: &["0.0", "0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1.0", "2.0", "5.0"],
    }])),
    remove_strength: |settings| settings.self_supervised.weight = 0.0,
    act_soon: |settings| settings.self_supervised.weight = 1.0,
    memory: |_, scale| scale.another_network().saturating_mul(3),
    keeps: Keeps::Weights,
    heads: false,
    build: |settings, spec| Box::new(SelfSupervised::new(settings, spec)),
};

/// Settings of self-predictive representations (Schwarzer et al. 2021).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct SelfSupervisedSettings {
    /// Weight of the prediction loss relative to the algorithm's own loss (Schwarzer et al.: `lambda`, 2); 0 equals `finetune`.
    #[garde(range(min = 0.0, max = 1.0e3), custom(is_a_number))]
    pub weight: f32,
    /// Number of decisions predicted ahead (Schwarzer et al.: `K`, 5).
    #[garde(range(min = 1, max = 32))]
    pub steps: usize,
    /// Number of sequences per update.
    #[garde(range(min = 1, max = 65_536))]
    pub sequences: usize,
    /// Decay of the encoder's average that provides the targets, per update (Schwarzer et al.: `tau`, 0.99 without augmentation
    /// of images).
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub target_decay: f32,
    /// Units of the hidden layer of the transition head.
    #[garde(range(min = 1, max = 4_096))]
    pub transition_units: usize,
    /// Spread of latent directions, of at most 1, below which the representation counts as collapsed.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub collapse_spread: f32,
}

impl Default for SelfSupervisedSettings {
    fn default() -> Self {
        Self {
            // Found by tuning: docs/tuning.toml.
            weight: 0.1,
            steps: 3,
            sequences: 32,
            target_decay: 0.99,
            transition_units: 128,
            collapse_spread: 0.01,
        }
    }
}

/// Index of the network that contains the encoder.
const ENCODER: usize = 0;

struct SelfSupervised {
    settings: SelfSupervisedSettings,
    rng: Stream,
    prediction: Prediction,
    latent: usize,
    /// Slow average of the policy network; empty before the first update.
    target_parameters: Vec<f32>,
    target: Network,
    target_pass: Pass,
    sequences: Sequences,
    latent_gradient: Vec<f32>,
    own_gradient: Vec<f32>,
    /// `true` if the current update has gradients for the heads.
    heads_are_due: bool,
    resets: Vec<WeightsReset>,
}

impl SelfSupervised {
    fn new(settings: &LearnerSettings, spec: &LearnerSpec) -> Self {
        let shape = settings.network_shape(spec);
        let latent = settings.hidden.last().copied().unwrap_or_default();
        let mut rng = stream(spec.seed, "learner.self_supervised", 0);
        let units = settings.self_supervised.transition_units;
        Self {
            settings: settings.self_supervised.clone(),
            prediction: Prediction::new(latent, spec.actions, units, &settings.adam, &mut rng),
            rng,
            latent,
            target_parameters: Vec::new(),
            target: Network::new(&shape, &vec![0.0; shape.parameters()]),
            target_pass: Pass::default(),
            sequences: Sequences::new(shape.inputs),
            latent_gradient: Vec::new(),
            own_gradient: Vec::new(),
            heads_are_due: false,
            resets: Vec::new(),
        }
    }

    /// Adds the gradient of the prediction loss over the drawn sequences to the encoder's gradient, and returns the loss.
    fn add_gradient(&mut self, algorithm: &mut dyn Algorithm) -> f32 {
        let (rows, latent) = (self.sequences.rows(), self.latent);
        self.target.forward(&self.sequences.next, &mut self.target_pass);
        let network = &mut algorithm.networks_mut()[ENCODER];
        let layer = network.shape().hidden.len() - 1;
        let targets = self.target_pass.hidden(layer);
        network.forward(&self.sequences.first);
        self.latent_gradient.resize(rows * latent, 0.0);
        let latents = network.pass().hidden(layer);
        let loss = self.prediction.loss(
            latents,
            &self.sequences.actions,
            targets,
            self.settings.weight,
            &mut self.latent_gradient,
        );
        // The gradient enters before the ReLU, after the normalisation.
        let units = latents.iter().flat_map(|row| &row[..latent]);
        for (gradient, &unit) in self.latent_gradient.iter_mut().zip(units) {
            *gradient = if unit > 0.0 { *gradient } else { 0.0 };
        }
        // A backward pass overwrites the existing gradient.
        self.own_gradient.clone_from(&network.gradient);
        let end = network.shape().layers()[layer].range.end;
        network.backward_from(layer, &self.latent_gradient);
        for (gradient, own) in network.gradient[..end].iter_mut().zip(&self.own_gradient) {
            *gradient += own;
        }
        loss
    }
}

impl Method for SelfSupervised {
    fn adjust_gradients(&mut self, _batch: &Batch, learner: &mut LearnerView<'_>, losses: &mut Losses) {
        self.heads_are_due = false;
        if self.settings.weight == 0.0 {
            return;
        }
        if self.target_parameters.is_empty() {
            self.target_parameters = learner.algorithm.networks()[ENCODER].parameters().to_vec();
            self.target.set(&self.target_parameters);
        }
        let (rows, steps) = (self.settings.sequences, self.settings.steps);
        learner
            .recent
            .sample_sequences(rows, steps, &mut self.rng, learner.decoder, &mut self.sequences);
        if self.sequences.rows() == 0 {
            return;
        }
        losses.add("self_prediction", self.add_gradient(learner.algorithm));
        let layer = self.target.shape().hidden.len() - 1;
        let spread = spread(self.target_pass.hidden(layer));
        let has_collapsed = spread < self.settings.collapse_spread;
        losses.measure("latent_spread", spread);
        losses.measure("representation_collapsed", f32::from(u8::from(has_collapsed)));
        self.heads_are_due = true;
    }

    /// Moves the heads together with the networks, so that a failed update changes nothing.
    fn adjust_weights(&mut self, _batch: &Batch, _learner: &mut LearnerView<'_>) {
        if std::mem::take(&mut self.heads_are_due) {
            self.prediction.step();
        }
    }

    fn weights_reset(&mut self, reset: &WeightsReset) {
        if reset.network == ENCODER && !self.target_parameters.is_empty() {
            self.resets.push(reset.clone());
        }
    }

    /// Updates the average; units that were reset are reset in it too.
    fn settle_weights(&mut self, learner: &mut LearnerView<'_>) {
        if self.target_parameters.is_empty() {
            return;
        }
        let parameters = learner.algorithm.networks()[ENCODER].parameters();
        for place in self.resets.drain(..).flat_map(|reset| reset.parameters) {
            self.target_parameters[place] = parameters[place];
        }
        let share = 1.0 - self.settings.target_decay;
        follow(&mut self.target_parameters, parameters, share);
        self.target.set(&self.target_parameters);
    }

    fn multiply_adds(&self) -> u64 {
        self.target.multiply_adds() + self.prediction.multiply_adds()
    }

    fn state_bytes(&self) -> u64 {
        if self.settings.weight == 0.0 {
            return 0;
        }
        (size_of_val(&*self.target_parameters) + self.prediction.state_bytes()) as u64
    }

    fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        state.set(format!("{prefix}.rng"), &self.rng)?;
        state.put(format!("{prefix}.target.parameters"), &self.target_parameters);
        self.prediction.save(state, prefix)
    }

    fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        self.rng = state.get(&format!("{prefix}.rng"))?;
        self.target_parameters = state.array(&format!("{prefix}.target.parameters"))?;
        if !self.target_parameters.is_empty() {
            let len = self.target.shape().parameters();
            self.target_parameters = state.array_of_len(&format!("{prefix}.target.parameters"), len)?;
            self.target.set(&self.target_parameters);
        }
        self.prediction.load(state, prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learner::testing::{Bench, assert_is_gradient};

    fn settings(hidden: Vec<usize>) -> LearnerSettings {
        let mut settings = LearnerSettings {
            hidden,
            ..Default::default()
        };
        settings.self_supervised.sequences = 6;
        settings.self_supervised.transition_units = 16;
        settings.adam.learning_rate = 2e-3;
        settings
    }

    #[test]
    fn the_gradient_in_the_encoder_agrees_with_finite_differences_and_is_added() {
        let settings = settings(vec![5, 4]);
        let mut bench = Bench::new(&settings);
        let mut method = SelfSupervised::new(&settings, &Bench::spec());
        // Draws sequences and fixes the average.
        bench.update(&mut method);
        let parameters = bench.dqn.networks()[0].parameters().to_vec();
        assert_is_gradient(&parameters, |parameters, gradient| {
            bench.dqn.networks_mut()[0].parameters_mut().copy_from_slice(parameters);
            bench.dqn.networks_mut()[0].gradient.fill(0.25);
            let loss = method.add_gradient(&mut bench.dqn);
            let network = &bench.dqn.networks()[0];
            gradient
                .iter_mut()
                .zip(&network.gradient)
                .for_each(|(gradient, own)| *gradient = own - 0.25);
            loss
        });
    }

    #[test]
    fn the_representation_learns_to_predict_and_does_not_collapse() {
        let settings = settings(vec![24, 16]);
        let mut bench = Bench::new(&settings);
        bench.see_varied_views();
        let mut method = SelfSupervised::new(&settings, &Bench::spec());
        let tell = |bench: &mut Bench, method: &mut SelfSupervised| {
            bench.with_view(|view| {
                let mut losses = Losses::default();
                method.adjust_gradients(&Batch::default(), view, &mut losses);
                let measures: Vec<f32> = losses.measures().map(|(_, value)| value).collect();
                (losses.total(), measures[0], measures[1])
            })
        };
        let (before, ..) = tell(&mut bench, &mut method);
        for _ in 0..400 {
            bench.update(&mut method);
        }
        let (after, spread, alarm) = tell(&mut bench, &mut method);
        assert!(after < 0.3 * before, "{before} {after}");
        assert!(spread > 0.03 && alarm == 0.0, "{spread}");

        // An encoder with constant outputs is detected.
        bench.dqn.networks_mut()[0].parameters_mut().fill(0.0);
        method.target_parameters.clear();
        let (.., spread, alarm) = tell(&mut bench, &mut method);
        assert_eq!((spread, alarm), (0.0, 1.0));
    }

    #[test]
    fn extra_passes_and_state_are_counted() {
        let settings = LearnerSettings {
            layer_norm: false,
            ..settings(vec![5, 4])
        };
        let mut bench = Bench::new(&settings);
        let mut method = SelfSupervised::new(&settings, &Bench::spec());
        let own = bench.dqn.multiply_adds();
        bench.train(1);
        let without = bench.dqn.multiply_adds() - own;
        bench.update(&mut method);
        let encoder = bench.dqn.multiply_adds() - own - 2 * without;
        let (first, second, outputs) = ((3 + 1) * 5, (5 + 1) * 4, (4 + 1) * 5);
        // A forward pass, and one backward pass through both layers of the encoder.
        assert_eq!(encoder, 6 * ((first + second + outputs) + (first + second + 5 * 4)));
        let transition = (4 + 5 + 1) * 16 + (16 + 1) * 4;
        let predictor = (4 + 1) * 4;
        let heads = 2 * (transition + predictor) + 16 * 4 + (4 + 5) * 16 + 4 * 4;
        assert_eq!(method.multiply_adds(), 6 * 3 * (first + second + outputs + heads));
        let (average, heads) = (first + second + outputs, transition + predictor);
        assert_eq!(method.state_bytes(), 4 * (average + 3 * heads));
    }
}
