//! A variational autoencoder of views.
//!
//! Kingma and Welling 2014, "Auto-encoding variational Bayes", section 3: an encoder gives mean and variance of a code `z` for a view `x`, a decoder
//! the mean of a view for a code. With `z = mu + exp(s / 2) e`, `e` standard normal, the loss of a view is
//! `|x - decoder(z)|^2 / (2 deviation^2) + 1/2 sum_k (mu_k^2 + exp(s_k) - s_k - 1)`. A new view is `decoder(z)` of a standard normal `z`.
//!
//! Channels are scaled to [-1, 1] by their ranges, so that they count alike, and what is decoded is kept within them. `s` is kept within
//! [-10, 10], where its exponential cannot overflow.

use crate::learner::error::StateError;
use crate::learner::inputs::Inputs;
use crate::learner::network::NetworkShape;
use crate::learner::settings::AdamSettings;
use crate::learner::state::StateDict;
use crate::learner::trained::{Outputs, Role, TrainedNetwork};
use crate::mdp::ObservationSpec;
use crate::random::Stream;
use rand::Rng;

/// Bound of the logarithm of a variance.
const MOST_LOG_VARIANCE: f32 = 10.0;

/// Range of a channel, for its scale.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Scale {
    middle: f32,
    half: f32,
}

/// Encoder and decoder of views, with what is needed to train them.
pub(super) struct Autoencoder {
    encoder: TrainedNetwork,
    decoder: TrainedNetwork,
    codes: usize,
    scales: Vec<Scale>,
    /// Standard deviation of a channel around what is decoded.
    deviation: f32,
    /// Reused buffers: scaled views, codes, and gradients.
    views: Inputs,
    coded: Inputs,
    noise: Vec<f32>,
    output_gradient: Vec<f32>,
    code_gradient: Vec<f32>,
    moments_gradient: Vec<f32>,
}

impl Autoencoder {
    pub(super) fn new(
        observation: &ObservationSpec,
        units: usize,
        codes: usize,
        deviation: f32,
        adam: &AdamSettings,
        rng: &mut Stream,
    ) -> Self {
        let width = observation.len();
        let mut network = |name, inputs, outputs| {
            let shape = NetworkShape {
                inputs,
                hidden: vec![units],
                outputs,
                layer_norm: false,
            };
            let parameters = shape.initial_parameters(rng);
            TrainedNetwork::new(name, Role::Critic, Outputs::ActionValues, &shape, parameters, adam)
        };
        let scales = observation.channels.iter().map(|channel| Scale {
            middle: 0.5 * (channel.low + channel.high),
            half: (0.5 * (channel.high - channel.low)).max(f32::MIN_POSITIVE),
        });
        Self {
            encoder: network("encoder", width, 2 * codes),
            decoder: network("decoder", codes, width),
            codes,
            scales: scales.collect(),
            deviation,
            views: Inputs::new(width),
            coded: Inputs::new(codes),
            noise: Vec::new(),
            output_gradient: Vec::new(),
            code_gradient: Vec::new(),
            moments_gradient: Vec::new(),
        }
    }

    /// Parameters of the decoder: all that generating needs.
    pub(super) fn decoder_parameters(&self) -> &[f32] {
        self.decoder.parameters()
    }

    /// Shape of the decoder.
    pub(super) fn decoder_shape(&self) -> &NetworkShape {
        self.decoder.shape()
    }

    /// Number of numbers of a code.
    pub(super) fn codes(&self) -> usize {
        self.codes
    }

    /// Converts decoded numbers of one view to an observation.
    pub(super) fn to_observation(&self, decoded: &[f32], observation: &mut Vec<f32>) {
        observation.clear();
        observation.extend(
            decoded
                .iter()
                .zip(&self.scales)
                .map(|(number, scale)| scale.middle + scale.half * number.clamp(-1.0, 1.0)),
        );
    }

    /// Sets the gradients of encoder and decoder to those of the weighted sum of the views' losses, and returns that sum. `weights` has one
    /// weight for each of the first rows of `views`; further rows are left out.
    pub(super) fn loss(&mut self, views: &Inputs, weights: &[f32], rng: &mut Stream) -> f32 {
        self.noise.clear();
        self.noise
            .extend((0..weights.len() * self.codes).map(|_| standard_normal(rng)));
        self.loss_with_noise(views, weights)
    }

    fn loss_with_noise(&mut self, views: &Inputs, weights: &[f32]) -> f32 {
        let (codes, width) = (self.codes, self.scales.len());
        self.views.clear();
        let mut scaled = Vec::with_capacity(width);
        for row in 0..weights.len() {
            scaled.clear();
            let numbers = views.row(row).iter().zip(&self.scales);
            scaled.extend(numbers.map(|(number, scale)| (number - scale.middle) / scale.half));
            self.views.push_numbers(&[&scaled]);
        }
        let moments = self.encoder.forward(&self.views);
        self.coded.clear();
        let mut code = vec![0.0; codes];
        for (moments, noise) in moments.chunks_exact(2 * codes).zip(self.noise.chunks_exact(codes)) {
            let (means, logarithms) = moments.split_at(codes);
            for (((code, mean), logarithm), noise) in code.iter_mut().zip(means).zip(logarithms).zip(noise) {
                *code = mean + libm::expf(0.5 * bounded(*logarithm)) * noise;
            }
            self.coded.push_numbers(&[&code]);
        }
        let decoded = self.decoder.forward(&self.coded);
        let precision = 1.0 / (self.deviation * self.deviation);
        self.output_gradient.clear();
        let mut loss = 0.0;
        for ((row, decoded), weight) in decoded.chunks_exact(width).enumerate().zip(weights) {
            for (decoded, view) in decoded.iter().zip(self.views.row(row)) {
                let error = decoded - view;
                loss += 0.5 * weight * precision * error * error;
                self.output_gradient.push(weight * precision * error);
            }
        }
        self.decoder.backward(&self.output_gradient);
        self.code_gradient.resize(weights.len() * codes, 0.0);
        self.decoder.input_gradient(&mut self.code_gradient);

        self.moments_gradient.clear();
        let moments = self.encoder.pass().outputs().chunks_exact(2 * codes);
        let rows = self.code_gradient.chunks_exact(codes).zip(self.noise.chunks_exact(codes));
        for ((moments, (slopes, noise)), weight) in moments.zip(rows).zip(weights) {
            let (means, logarithms) = moments.split_at(codes);
            for (mean, slope) in means.iter().zip(slopes) {
                loss += 0.5 * weight * mean * mean;
                self.moments_gradient.push(slope + weight * mean);
            }
            for ((&logarithm, slope), noise) in logarithms.iter().zip(slopes).zip(noise) {
                let inside = bounded(logarithm);
                let variance = libm::expf(inside);
                loss += 0.5 * weight * (variance - inside - 1.0);
                let gradient = 0.5 * (slope * noise * libm::expf(0.5 * inside) + weight * (variance - 1.0));
                self.moments_gradient.push(if inside == logarithm { gradient } else { 0.0 });
            }
        }
        self.encoder.backward(&self.moments_gradient);
        loss
    }

    /// Moves both networks one step against their gradients, unless those are not finite.
    pub(super) fn step(&mut self) {
        let mut gradients = self.encoder.gradient.iter().chain(&self.decoder.gradient);
        if gradients.all(|slope| slope.is_finite()) {
            self.encoder.step();
            self.decoder.step();
        }
    }

    pub(super) fn multiply_adds(&self) -> u64 {
        self.encoder.multiply_adds() + self.decoder.multiply_adds()
    }

    pub(super) fn state_bytes(&self) -> u64 {
        // Parameters and two moments.
        let numbers = self.encoder.parameters().len() + self.decoder.parameters().len();
        (3 * size_of::<f32>() * numbers) as u64
    }

    pub(super) fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        self.encoder.save(state, prefix)?;
        self.decoder.save(state, prefix)
    }

    pub(super) fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        self.encoder.load(state, prefix)?;
        self.decoder.load(state, prefix)
    }
}

fn bounded(logarithm: f32) -> f32 {
    logarithm.clamp(-MOST_LOG_VARIANCE, MOST_LOG_VARIANCE)
}

/// Draws a standard normal number (Box and Muller 1958).
pub(super) fn standard_normal(rng: &mut Stream) -> f32 {
    // The upper 24 bits, and never 0, whose logarithm is infinite.
    let mut unit = || ((rng.next_u64() >> 40) as f32 + 0.5) / (1u64 << 24) as f32;
    let (radius, turn) = (unit(), unit());
    (-2.0 * libm::logf(radius)).sqrt() * libm::cosf(std::f32::consts::TAU * turn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learner::testing::observation_spec;
    use crate::random::stream;

    fn autoencoder() -> Autoencoder {
        let adam = AdamSettings {
            learning_rate: 0.01,
            ..AdamSettings::default()
        };
        Autoencoder::new(&observation_spec(3), 8, 2, 0.3, &adam, &mut stream(1, "test", 0))
    }

    fn views(rows: usize) -> Inputs {
        let mut views = Inputs::new(3);
        for row in 0..rows {
            let number = (row % 7) as f32 / 7.0 - 0.4;
            views.push_numbers(&[&[number, -number, 0.5]]);
        }
        views
    }

    #[test]
    fn the_gradients_agree_with_finite_differences() {
        let (views, weights) = (views(4), [0.3, 0.1, 0.2, 0.4]);
        let mut rng = stream(2, "test", 0);
        let noise: Vec<f32> = (0..8).map(|_| standard_normal(&mut rng)).collect();
        for of_encoder in [true, false] {
            let mut model = autoencoder();
            model.noise.clone_from(&noise);
            let at = if of_encoder { &model.encoder } else { &model.decoder }.parameters().to_vec();
            let mut run = |parameters: &[f32]| {
                let network = if of_encoder { &mut model.encoder } else { &mut model.decoder };
                network.parameters_mut().copy_from_slice(parameters);
                let loss = model.loss_with_noise(&views, &weights);
                let network = if of_encoder { &model.encoder } else { &model.decoder };
                (loss, network.gradient.clone())
            };
            let (_, gradient) = run(&at);
            let mut differs = |index: usize| {
                let mut loss_at = |step: f32| {
                    let mut moved = at.clone();
                    moved[index] += step;
                    run(&moved).0
                };
                let difference = (loss_at(1e-3) - loss_at(-1e-3)) / 2e-3;
                (difference - gradient[index]).abs() > 5e-3 * (1.0 + gradient[index].abs())
            };
            // A unit that switches on or off within the step has no slope to compare with; this affects few weights.
            let different = (0..at.len()).filter(|&index| differs(index)).count();
            assert!(different <= 3, "{different} of {}", at.len());
        }
    }

    /// Views lie on a line; generated ones lie near it, and spread along it as they do.
    #[test]
    fn generated_views_are_like_those_that_it_was_trained_on() {
        let (mut model, views, weights) = (autoencoder(), views(28), [1.0 / 28.0; 28]);
        let mut rng = stream(2, "test", 0);
        for _ in 0..1_500 {
            model.loss(&views, &weights, &mut rng);
            model.step();
        }
        let mut codes = Inputs::new(2);
        for _ in 0..400 {
            codes.push_numbers(&[&[standard_normal(&mut rng), standard_normal(&mut rng)]]);
        }
        let decoded = model.decoder.evaluate(&codes).to_vec();
        let (mut off_line, mut spread, mut mean) = (0.0, 0.0, 0.0);
        let mut observation = Vec::new();
        for decoded in decoded.chunks_exact(3) {
            model.to_observation(decoded, &mut observation);
            off_line += (observation[0] + observation[1]).abs() + (observation[2] - 0.5).abs();
            mean += observation[0] / 400.0;
            spread += observation[0] * observation[0] / 400.0;
        }
        assert!(off_line / 400.0 < 0.2, "{}", off_line / 400.0);
        let (expected_mean, expected_square) = (
            3.0 / 7.0 - 0.4,
            (0..7).map(|row| (row as f32 / 7.0 - 0.4).powi(2)).sum::<f32>() / 7.0,
        );
        assert!((mean - expected_mean).abs() < 0.1, "{mean} and {expected_mean}");
        assert!((spread - expected_square).abs() < 0.05, "{spread} and {expected_square}");
    }

    #[test]
    fn normal_numbers_have_mean_zero_and_variance_one() {
        let mut rng = stream(5, "test", 0);
        let numbers: Vec<f32> = (0..20_000).map(|_| standard_normal(&mut rng)).collect();
        let mean = numbers.iter().sum::<f32>() / 20_000.0;
        let variance = numbers.iter().map(|number| number * number).sum::<f32>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
    }
}
