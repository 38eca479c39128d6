//! Heads that predict latents from latents and actions, with forward and backward passes.

use crate::learner::error::StateError;
use crate::learner::inputs::Inputs;
use crate::learner::network::{Matrix, Network, NetworkShape, Pass};
use crate::learner::optimiser::Adam;
use crate::learner::settings::AdamSettings;
use crate::learner::state::StateDict;
use crate::random::Stream;

/// A small network with several forward passes before their backward passes.
pub(super) struct Head {
    pub(super) parameters: Vec<f32>,
    pub(super) gradient: Vec<f32>,
    optimiser: Adam,
    network: Network,
}

impl Head {
    fn new(shape: &NetworkShape, adam: &AdamSettings, rng: &mut Stream) -> Self {
        let parameters = shape.initial_parameters(rng);
        Self {
            gradient: vec![0.0; parameters.len()],
            optimiser: Adam::new(adam, parameters.len()),
            network: Network::new(shape, &parameters),
            parameters,
        }
    }

    pub(super) fn mirror(&mut self) {
        self.network.set(&self.parameters);
    }

    fn step(&mut self) {
        self.optimiser.step(&mut self.parameters, &self.gradient);
        self.mirror();
    }

    fn state_bytes(&self) -> usize {
        size_of_val(&*self.parameters) + size_of_val(&*self.optimiser.mean) + size_of_val(&*self.optimiser.mean_square)
    }

    fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        state.put(format!("{prefix}.parameters"), &self.parameters);
        self.optimiser.save(state, &format!("{prefix}.adam"))
    }

    fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        state.copy_to(&format!("{prefix}.parameters"), &mut self.parameters)?;
        self.mirror();
        self.optimiser.load(state, &format!("{prefix}.adam"))
    }
}

/// Computes `z_k = transition(z_(k-1), a_k)` from the encoder's `z_0` on, and `y_k = predictor(z_k)`, which is compared with a
/// target.
pub(super) struct Prediction {
    latent: usize,
    actions: usize,
    pub(super) transition: Head,
    pub(super) predictor: Head,
    entering: Inputs,
    predicted: Inputs,
    passes: Vec<Pass>,
    predictor_pass: Pass,
    /// Gradient at each `y_k`; the buffer is then reused.
    output_gradient: Vec<f32>,
    /// Part of the gradient at each `z_k` that comes from its `y_k`.
    latent_gradient: Vec<f32>,
    scratch: Vec<f32>,
    entering_gradient: Vec<f32>,
}

impl Prediction {
    pub(super) fn new(latent: usize, actions: usize, units: usize, adam: &AdamSettings, rng: &mut Stream) -> Self {
        let transition = NetworkShape {
            inputs: latent + actions,
            hidden: vec![units],
            outputs: latent,
            layer_norm: false,
        };
        let predictor = NetworkShape {
            inputs: latent,
            hidden: Vec::new(),
            outputs: latent,
            layer_norm: false,
        };
        Self {
            latent,
            actions,
            transition: Head::new(&transition, adam, rng),
            predictor: Head::new(&predictor, adam, rng),
            entering: Inputs::new(latent + actions),
            predicted: Inputs::new(latent),
            passes: Vec::new(),
            predictor_pass: Pass::default(),
            output_gradient: Vec::new(),
            latent_gradient: Vec::new(),
            scratch: Vec::new(),
            entering_gradient: Vec::new(),
        }
    }

    /// Returns the mean over steps and rows of `1 - cos(y_k, target_k)`, times `weight`.
    ///
    /// `latents` is `[rows, latent + 1]` and `targets` `[steps * rows, latent + 1]`, each with an unused last column. Sets the
    /// heads' gradients, and `gradient` `[rows, latent]` to that of the loss at `latents`.
    pub(super) fn loss(&mut self, latents: &Matrix, actions: &[u8], targets: &Matrix, weight: f32, gradient: &mut [f32]) -> f32 {
        let latent = self.latent;
        let rows = latents.rows();
        let steps = actions.len() / rows.max(1);
        self.roll_out(latents, actions, rows, steps);
        self.predictor.network.forward(&self.predicted, &mut self.predictor_pass);

        self.output_gradient.clear();
        self.output_gradient.resize(steps * rows * latent, 0.0);
        let scale = weight / (steps * rows).max(1) as f32;
        let predictions = self.predictor_pass.outputs().chunks_exact(latent);
        let mut loss = 0.0;
        for ((prediction, target), gradient) in predictions
            .zip(targets.iter())
            .zip(self.output_gradient.chunks_exact_mut(latent))
        {
            loss += cosine_distance(prediction, &target[..latent], scale, gradient);
        }
        self.roll_back(rows, steps, gradient);
        loss
    }

    /// Predicts step by step, each from the previous prediction.
    fn roll_out(&mut self, latents: &Matrix, actions: &[u8], rows: usize, steps: usize) {
        let latent = self.latent;
        if self.passes.len() != steps {
            self.passes.resize_with(steps, Pass::default);
        }
        self.predicted.clear();
        let mut choice = vec![0.0; self.actions];
        for step in 0..steps {
            self.entering.clear();
            for row in 0..rows {
                let action = usize::from(actions[step * rows + row]);
                choice[action] = 1.0;
                let from = match step {
                    0 => &latents.row(row)[..latent],
                    _ => &self.passes[step - 1].outputs()[row * latent..][..latent],
                };
                self.entering.push_numbers(&[from, &choice]);
                choice[action] = 0.0;
            }
            self.transition.network.forward(&self.entering, &mut self.passes[step]);
            for prediction in self.passes[step].outputs().chunks_exact(latent) {
                self.predicted.push_numbers(&[prediction]);
            }
        }
    }

    /// Propagates the gradient back through all steps to the encoder's latents.
    fn roll_back(&mut self, rows: usize, steps: usize, gradient: &mut [f32]) {
        let (latent, width) = (self.latent, self.latent + self.actions);
        let Head {
            network, gradient: own, ..
        } = &mut self.predictor;
        network.backward(&mut self.predictor_pass, &self.output_gradient, own);
        self.latent_gradient.resize(steps * rows * latent, 0.0);
        network.input_gradient(&self.predictor_pass, &mut self.latent_gradient);

        let Head {
            network, gradient: own, ..
        } = &mut self.transition;
        own.fill(0.0);
        self.scratch.resize(own.len(), 0.0);
        self.entering_gradient.resize(rows * width, 0.0);
        gradient.fill(0.0);
        for step in (0..steps).rev() {
            // `gradient` holds the gradient of the later steps at this prediction.
            let here = &mut self.latent_gradient[step * rows * latent..][..rows * latent];
            here.iter_mut().zip(&*gradient).for_each(|(here, later)| *here += later);
            network.backward(&mut self.passes[step], here, &mut self.scratch);
            own.iter_mut().zip(&self.scratch).for_each(|(own, step)| *own += step);
            network.input_gradient(&self.passes[step], &mut self.entering_gradient);
            let entering = self.entering_gradient.chunks_exact(width);
            for (gradient, entering) in gradient.chunks_exact_mut(latent).zip(entering) {
                gradient.copy_from_slice(&entering[..latent]);
            }
        }
    }

    /// Moves both heads one optimiser step against their gradients.
    pub(super) fn step(&mut self) {
        self.transition.step();
        self.predictor.step();
    }

    pub(super) fn multiply_adds(&self) -> u64 {
        self.transition.network.multiply_adds() + self.predictor.network.multiply_adds()
    }

    pub(super) fn state_bytes(&self) -> usize {
        self.transition.state_bytes() + self.predictor.state_bytes()
    }

    pub(super) fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        self.transition.save(state, &format!("{prefix}.transition"))?;
        self.predictor.save(state, &format!("{prefix}.predictor"))
    }

    pub(super) fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        self.transition.load(state, &format!("{prefix}.transition"))?;
        self.predictor.load(state, &format!("{prefix}.predictor"))
    }
}

/// Returns `scale (1 - cos(prediction, target))`, and adds its gradient at `prediction` to `gradient`.
fn cosine_distance(prediction: &[f32], target: &[f32], scale: f32, gradient: &mut [f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    // Latents can be all zero and have no direction then.
    let squared = dot(prediction, prediction) + 1e-8;
    let inverse = 1.0 / (squared * (dot(target, target) + 1e-8)).sqrt();
    let cosine = dot(prediction, target) * inverse;
    for ((gradient, &prediction), &target) in gradient.iter_mut().zip(prediction).zip(target) {
        *gradient -= scale * (target * inverse - cosine * prediction / squared);
    }
    scale * (1.0 - cosine)
}

/// Returns the spread of the directions of latents: 1 minus the squared length of their mean. `latents` is `[rows, latent + 1]`.
///
/// 0 if all directions are equal, and close to 1 if they are spread evenly.
pub(super) fn spread(latents: &Matrix) -> f32 {
    let latent = latents.columns().saturating_sub(1);
    let mut mean = vec![0.0; latent];
    let rows = latents.rows();
    for row in latents.iter() {
        let length = row[..latent].iter().map(|number| number * number).sum::<f32>().sqrt();
        if length > 0.0 {
            mean.iter_mut().zip(row).for_each(|(mean, number)| *mean += number / length);
        } else {
            // Rows without a direction also indicate a collapse: all such rows are equal.
            mean[0] += 1.0;
        }
    }
    let squares: f32 = mean.iter().map(|sum| (sum / rows.max(1) as f32).powi(2)).sum();
    (1.0 - squares).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learner::testing::assert_is_gradient;
    use crate::random::stream;

    #[test]
    fn cosine_distance_is_as_worked_by_hand_and_its_gradient_agrees() {
        let distance = |prediction: &[f32]| cosine_distance(prediction, &[3.0, 4.0], 2.0, &mut [0.0; 2]);
        assert!(distance(&[6.0, 8.0]).abs() < 1e-5);
        assert!((distance(&[-4.0, 3.0]) - 2.0).abs() < 1e-5);
        assert!((distance(&[1.0, 0.0]) - 2.0 * (1.0 - 0.6)).abs() < 1e-5);
        assert_is_gradient(&[0.3, -1.2], |x, gradient| cosine_distance(x, &[3.0, 4.0], 0.7, gradient));
    }

    #[test]
    fn spread_is_nothing_for_equals_and_much_for_opposites() {
        assert!(spread(&Matrix::from_rows(3, &[1.0, 2.0, 1.0, 2.0, 4.0, 1.0])) < 1e-6);
        assert!((spread(&Matrix::from_rows(3, &[1.0, 0.0, 1.0, 0.0, 4.0, 1.0])) - 0.5).abs() < 1e-6);
        assert!(spread(&Matrix::from_rows(3, &[0.0, 0.0, 1.0, 0.0, 0.0, 1.0])) < 1e-6);
    }

    #[test]
    fn gradients_of_latents_and_heads_agree_with_finite_differences() {
        let adam = AdamSettings::default();
        let mut prediction = Prediction::new(4, 2, 5, &adam, &mut stream(1, "test", 0));
        let latents: Vec<f32> = (0..15).map(|index| 0.2 + 0.3 * ((index * 7) % 5) as f32).collect();
        let targets: Vec<f32> = (0..45).map(|index| 0.1 + 0.2 * ((index * 11) % 7) as f32).collect();
        let targets = Matrix::from_rows(5, &targets);
        let actions = [0, 1, 1, 0, 0, 1, 1, 0, 1];

        assert_is_gradient(&latents, |latents, gradient| {
            let mut dense = vec![0.0; 12];
            let loss = prediction.loss(&Matrix::from_rows(5, latents), &actions, &targets, 1.3, &mut dense);
            for (gradient, dense) in gradient.chunks_exact_mut(5).zip(dense.chunks_exact(4)) {
                gradient[..4].copy_from_slice(dense);
            }
            loss
        });
        let (transition, predictor) = (
            prediction.transition.parameters.clone(),
            prediction.predictor.parameters.clone(),
        );
        let both = [transition.clone(), predictor].concat();
        assert_is_gradient(&both, |both, gradient| {
            let (first, second) = both.split_at(transition.len());
            prediction.transition.parameters.copy_from_slice(first);
            prediction.predictor.parameters.copy_from_slice(second);
            prediction.transition.mirror();
            prediction.predictor.mirror();
            let loss = prediction.loss(&Matrix::from_rows(5, &latents), &actions, &targets, 1.3, &mut [0.0; 12]);
            gradient.copy_from_slice(&[&*prediction.transition.gradient, &*prediction.predictor.gradient].concat());
            loss
        });
    }
}
