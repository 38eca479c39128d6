//! Adam on flat slices, so that its state can be saved, masked and reset, and its loops vectorise.
//!
//! Kingma and Ba 2015, "Adam: a method for stochastic optimization", algorithm 1:
//! `m <- b1 m + (1 - b1) g`, `v <- b2 v + (1 - b2) g^2`, `theta <- theta - a (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)`.

use crate::learner::error::StateError;
use crate::learner::settings::AdamSettings;
use crate::learner::state::StateDict;
use crate::learner::vectorised::AdamStep;

/// Adam's state for one flat slice of parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Adam {
    settings: AdamSettings,
    /// Decayed mean of gradients, one per parameter.
    pub mean: Vec<f32>,
    /// Decayed mean of squared gradients, one per parameter.
    pub mean_square: Vec<f32>,
    steps: u64,
}

impl Adam {
    /// Creates an optimiser without past gradients.
    pub fn new(settings: &AdamSettings, parameters: usize) -> Self {
        Self {
            settings: settings.clone(),
            mean: vec![0.0; parameters],
            mean_square: vec![0.0; parameters],
            steps: 0,
        }
    }

    /// Changes the step size from the next step on.
    pub fn set_learning_rate(&mut self, learning_rate: f32) {
        self.settings.learning_rate = learning_rate;
    }

    /// Moves `parameters` one step against `gradient`.
    pub fn step(&mut self, parameters: &mut [f32], gradient: &[f32]) {
        self.steps += 1;
        let AdamSettings {
            learning_rate,
            beta_1,
            beta_2,
            epsilon,
        } = self.settings;
        // In double precision, because `1 - beta_2^t` loses precision otherwise.
        let correction = |beta: f32| (1.0 - libm::pow(f64::from(beta), self.steps as f64)) as f32;
        let rate = learning_rate / correction(beta_1);
        let root = 1.0 / correction(beta_2).sqrt();
        let step = AdamStep {
            rate,
            root,
            beta_1,
            beta_2,
            epsilon,
        };
        step.take(parameters, gradient, &mut self.mean, &mut self.mean_square);
    }

    /// Returns the step that the present moments ask for, one number per parameter; zero before the first step.
    pub fn present_step(&self) -> Vec<f32> {
        if self.steps == 0 {
            return vec![0.0; self.mean.len()];
        }
        let correction = |beta: f32| (1.0 - libm::pow(f64::from(beta), self.steps as f64)) as f32;
        let rate = self.settings.learning_rate / correction(self.settings.beta_1);
        let root = 1.0 / correction(self.settings.beta_2).sqrt();
        let step = |(mean, square): (&f32, &f32)| rate * mean / (root * square.sqrt() + self.settings.epsilon);
        self.mean.iter().zip(&self.mean_square).map(step).collect()
    }

    /// Resets the state.
    pub fn reset(&mut self) {
        self.mean.fill(0.0);
        self.mean_square.fill(0.0);
        self.steps = 0;
    }

    /// Saves the complete state under `prefix`.
    pub fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        state.put(format!("{prefix}.mean"), &self.mean);
        state.put(format!("{prefix}.mean_square"), &self.mean_square);
        state.set(format!("{prefix}.steps"), &self.steps)
    }

    /// Loads the complete state from under `prefix`.
    pub fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        state.copy_to(&format!("{prefix}.mean"), &mut self.mean)?;
        state.copy_to(&format!("{prefix}.mean_square"), &mut self.mean_square)?;
        self.steps = state.get(&format!("{prefix}.steps"))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worked out by hand for `a = 0.1, b1 = 0.9, b2 = 0.99, eps = 0`: the first step is `a` against the sign of the gradient.
    /// The second has `m = 0.9 * 0.2 - 0.1 * 1 = 0.08`, `v = 0.99 * 0.04 + 0.01 = 0.0496`, corrected by 0.19 and 0.0199.
    #[test]
    fn two_steps_are_as_worked_by_hand() {
        let settings = AdamSettings {
            learning_rate: 0.1,
            beta_1: 0.9,
            beta_2: 0.99,
            epsilon: 1e-12,
        };
        let mut adam = Adam::new(&settings, 1);
        let mut parameters = [1.0];
        adam.step(&mut parameters, &[2.0]);
        assert!((parameters[0] - 0.9).abs() < 1e-6);
        adam.step(&mut parameters, &[-1.0]);
        let expected = 0.9 - 0.1 * (0.08 / 0.19) / (0.0496f64 / 0.0199).sqrt();
        assert!(
            (f64::from(parameters[0]) - expected).abs() < 1e-6,
            "{} {expected}",
            parameters[0]
        );
    }

    #[test]
    fn the_present_step_is_the_one_that_was_just_taken() {
        let mut adam = Adam::new(&AdamSettings::default(), 3);
        let mut parameters = [1.0_f32, -2.0, 0.5];
        assert_eq!(adam.present_step(), [0.0; 3]);
        for gradient in [[0.5, -1.0, 2.0], [0.25, 3.0, 0.0]] {
            let before = parameters;
            adam.step(&mut parameters, &gradient);
            for ((before, after), step) in before.iter().zip(parameters).zip(adam.present_step()) {
                assert!((before - after - step).abs() < 1e-6, "{before} {after} {step}");
            }
        }
    }

    #[test]
    fn epsilon_is_added_after_the_correction() {
        let settings = AdamSettings {
            learning_rate: 0.1,
            beta_1: 0.9,
            beta_2: 0.99,
            epsilon: 1.0,
        };
        let mut parameters = [0.0];
        Adam::new(&settings, 1).step(&mut parameters, &[3.0]);
        assert!((parameters[0] + 0.1 * 3.0 / (3.0 + 1.0)).abs() < 1e-6);
    }
}
