//! Utility-based perturbed gradient descent: useful weights move little, useless ones are perturbed.
//!
//! Elsayed and Mahmood 2024, "Addressing loss of plasticity and catastrophic forgetting in continual learning", algorithm 1 with the
//! first-order utility and the global scale, in its variant with Adam (AdaptiveUPGD, from the authors' experiments with PPO):
//! - utility of weight `i`: `u_i <- beta u_i + (1 - beta) (-g_i theta_i)`, by how much the loss would rise without the weight;
//! - its gate: `s_i = sigmoid(protection u_i / max_j u_j)`;
//! - the step: `theta_i <- (1 - a decay) theta_i - 2 a (1 - s_i) (m_i / (sqrt(v_i) + eps) + xi_i)`, `xi_i ~ N(0, sigma^2)`, with `a`
//!   the learning rate and Adam's corrected moments `m` and `v`.
//!
//! The factor 2 is that of the published code: a weight without utility, whose gate is 1/2, moves as with Adam. It needs neither data
//! nor boundaries.
//!
//! Deviations. `protection` is 1 in the paper; larger values make the gate sharper, and 0 leaves the noise alone. The maximum is taken
//! over each network, because each has its own optimiser and loss here. The published code corrects the utilities of the first
//! steps for their beginning at zero, but not their maximum; here neither is, because it cancels out of their ratio. The
//! utilities are those of the clipped gradient. Changes of weights by methods that are listed earlier count as part of the step.
//!
//! Cost: no pass; a normal number and an exponential for each weight in each update, and one number for each weight.
//!
//! Always holds: with `protection`, `sigma` and `weight_decay` 0 all weights are those of fine-tuning, bit for bit.

use crate::learner::error::StateError;
use crate::learner::losses::Losses;
use crate::learner::memory::Batch;
use crate::learner::methods::{
    Axis, Curriculum, Keeps, LearnerView, Method, MethodFamily, MethodSpec, Needs, Tuning, WeightsReset,
};
use crate::learner::settings::is_a_number;
use crate::learner::state::StateDict;
use crate::random::{Distribution, Stream, stream};
use garde::Validate;
use rand_distr::StandardNormal;
use serde::{Deserialize, Serialize};

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "upgd",
    summary: "moves useful weights less and perturbs useless ones",
    family: MethodFamily::Plasticity,
    paper: "Elsayed and Mahmood 2024, Addressing loss of plasticity and catastrophic forgetting in continual learning",
    equation: "theta_i <- theta_i - 2 a (1 - s_i) (Adam_i + xi_i), s_i = sigmoid(protection u_i / max_j u_j), u_i = mean(-g_i theta_i)",
    cost: "no further pass; a normal number and an exponential for each weight; a utility for each weight",
    needs: Needs::NOTHING,
    curriculum: Curriculum::Any,
    losses: &[],
    tuning: Some(Tuning(&[Axis {
        path: "learner.upgd.protection",
        first: "1.0",
        values: &["0.0", "0.1", "0.3", "1.0", "3.0", "10.0", "30.0", "100.0", "300.0", "1000.0"],
    }])),
    remove_strength: |settings| {
        settings.upgd.protection = 0.0;
        settings.upgd.sigma = 0.0;
        settings.upgd.weight_decay = 0.0;
    },
    act_soon: |_| {},
    memory: |_, scale| scale.weights(2),
    keeps: Keeps::Weights,
    heads: false,
    build: |settings, spec| {
        let rate = settings.adam.learning_rate;
        Box::new(Upgd::new(settings.upgd.clone(), rate, stream(spec.seed, "learner.upgd", 0)))
    },
};

/// Settings of utility-based perturbed gradient descent (Elsayed and Mahmood 2024). With `protection`, `sigma` and `weight_decay` 0
/// it equals `finetune`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct UpgdSettings {
    /// Sharpness of the gate: 1 as in the paper, 0 protects nothing. The step of the most useful weight is 0.54 times that of Adam
    /// with 1, and 0.0001 times with 10.
    #[garde(range(min = 0.0, max = 1.0e6), custom(is_a_number))]
    pub protection: f32,
    /// Standard deviation of the noise, as a multiple of a usual step of Adam (Elsayed and Mahmood: `sigma`, 0.001).
    #[garde(range(min = 0.0, max = 1.0e3), custom(is_a_number))]
    pub sigma: f32,
    /// Decay `beta` of the utilities per update (Elsayed and Mahmood: `beta_u`, 0.999).
    #[garde(range(min = 0.0, max = 0.999_999), custom(is_a_number))]
    pub utility_decay: f32,
    /// Fraction of every weight that is removed in each update, as a multiple of the learning rate (Elsayed and Mahmood: 0.001).
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub weight_decay: f32,
}

impl Default for UpgdSettings {
    fn default() -> Self {
        Self {
            protection: 1.0,
            sigma: 0.001,
            utility_decay: 0.999,
            weight_decay: 0.001,
        }
    }
}

struct Upgd {
    settings: UpgdSettings,
    learning_rate: f32,
    rng: Stream,
    /// Utility of each weight of each network; empty before the first update.
    utilities: Vec<Vec<f32>>,
    /// Weights of each network before the step.
    before: Vec<Vec<f32>>,
}

impl Upgd {
    fn new(settings: UpgdSettings, learning_rate: f32, rng: Stream) -> Self {
        Self {
            settings,
            learning_rate,
            rng,
            utilities: Vec::new(),
            before: Vec::new(),
        }
    }

    fn is_off(&self) -> bool {
        self.settings.protection == 0.0 && self.settings.sigma == 0.0 && self.settings.weight_decay == 0.0
    }
}

/// Returns the gate `s` of a weight, given its utility as a fraction of the largest: 1/2 without utility, up to 1 for useful weights.
fn gate(fraction: f32, protection: f32) -> f32 {
    1.0 / (1.0 + libm::expf(-protection * fraction))
}

impl Method for Upgd {
    fn adjust_gradients(&mut self, _batch: &Batch, learner: &mut LearnerView<'_>, _losses: &mut Losses) {
        if self.is_off() {
            return;
        }
        let networks = learner.algorithm.networks();
        self.before.resize_with(networks.len(), Vec::new);
        for (network, before) in networks.iter().zip(&mut self.before) {
            before.clear();
            before.extend_from_slice(network.parameters());
        }
    }

    fn adjust_weights(&mut self, _batch: &Batch, learner: &mut LearnerView<'_>) {
        if self.is_off() {
            return;
        }
        let UpgdSettings {
            protection,
            sigma,
            utility_decay,
            weight_decay,
        } = self.settings;
        let (kept, noise) = (1.0 - self.learning_rate * weight_decay, self.learning_rate * sigma);
        let networks = learner.algorithm.networks_mut();
        self.utilities.resize_with(networks.len(), Vec::new);
        for ((network, before), utilities) in networks.iter_mut().zip(&self.before).zip(&mut self.utilities) {
            let (parameters, gradient, _) = network.parts_mut();
            utilities.resize(parameters.len(), 0.0);
            let mut largest = 0.0f32;
            for ((utility, &gradient), &before) in utilities.iter_mut().zip(&*gradient).zip(before) {
                *utility = utility_decay * *utility - (1.0 - utility_decay) * gradient * before;
                largest = largest.max(*utility);
            }
            // Without a useful weight there is nothing to protect.
            let scale = if largest > 0.0 { 1.0 / largest } else { 0.0 };
            for ((parameter, &before), &utility) in parameters.iter_mut().zip(before).zip(&*utilities) {
                let share = 2.0 * (1.0 - gate(utility * scale, protection));
                let step = *parameter - before;
                let random: f32 = if noise > 0.0 {
                    StandardNormal.sample(&mut self.rng)
                } else {
                    0.0
                };
                *parameter = kept * before + share * (step - noise * random);
            }
        }
    }

    fn weights_reset(&mut self, reset: &WeightsReset) {
        if let Some(utilities) = self.utilities.get_mut(reset.network) {
            for &place in &reset.parameters {
                if let Some(utility) = utilities.get_mut(place) {
                    *utility = 0.0;
                }
            }
        }
    }

    fn state_bytes(&self) -> u64 {
        let bytes = self
            .utilities
            .iter()
            .map(|utilities| size_of_val(utilities.as_slice()) as u64);
        bytes.sum()
    }

    fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        state.set(format!("{prefix}.rng"), &self.rng)?;
        state.set(format!("{prefix}.networks"), &self.utilities.len())?;
        for (network, utilities) in self.utilities.iter().enumerate() {
            state.put(format!("{prefix}.{network}.utilities"), utilities);
        }
        Ok(())
    }

    fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        self.rng = state.get(&format!("{prefix}.rng"))?;
        let networks: usize = state.get(&format!("{prefix}.networks"))?;
        self.utilities = (0..networks)
            .map(|network| state.array(&format!("{prefix}.{network}.utilities")))
            .collect::<Result<_, _>>()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learner::LearnerSettings;
    use crate::learner::algorithms::Algorithm;
    use crate::learner::testing::Bench;

    fn method(settings: UpgdSettings) -> Upgd {
        Upgd::new(settings, 1e-3, stream(1, "test", 0))
    }

    /// Makes one update with this gradient; returns the change of each weight, and that of Adam alone.
    fn step(method: &mut Upgd, gradient: impl Fn(usize) -> f32) -> (Vec<f32>, Vec<f32>) {
        let mut bench = Bench::new(&LearnerSettings::default());
        let weights = bench.dqn.networks()[0].parameters().to_vec();
        for (place, own) in bench.dqn.networks_mut()[0].gradient.iter_mut().enumerate() {
            *own = gradient(place);
        }
        let change = |bench: &Bench| {
            let now = bench.dqn.networks()[0].parameters().iter();
            now.zip(&weights).map(|(now, before)| now - before).collect::<Vec<f32>>()
        };
        bench.with_view(|view| method.adjust_gradients(&Batch::default(), view, &mut Losses::default()));
        bench.dqn.step();
        let adam = change(&bench);
        bench.with_view(|view| method.adjust_weights(&Batch::default(), view));
        (change(&bench), adam)
    }

    /// Worked out by hand for weights whose utilities are `u = -g theta`: with the gradient `-sign(theta)` it is `|theta|`, so that
    /// the largest weight has the largest utility; its gate is `sigmoid(1)`, and its step `2 (1 - 0.7311) = 0.5379` that of Adam.
    #[test]
    fn useful_weights_move_less_and_harmful_ones_more() {
        let weights = Bench::new(&LearnerSettings::default()).dqn.networks()[0]
            .parameters()
            .to_vec();
        let largest = weights.iter().fold(0.0f32, |largest, weight| largest.max(weight.abs()));
        let quiet = |protection| {
            method(UpgdSettings {
                protection,
                sigma: 0.0,
                weight_decay: 0.0,
                ..Default::default()
            })
        };
        for (direction, expected) in [(-1.0f32, 0.5379f32), (1.0, 1.0)] {
            // With the other sign no weight is useful, and all move as with Adam.
            let (change, adam) = step(&mut quiet(1.0), |place| direction * weights[place].signum());
            let place = weights.iter().position(|weight| weight.abs() == largest).unwrap();
            let share = change[place] / adam[place];
            assert!((share - expected).abs() < 1e-3, "{share} {expected}");
        }
        let (change, adam) = step(&mut quiet(1.0), |place| -weights[place].signum());
        for ((change, adam), weight) in change.iter().zip(&adam).zip(&weights) {
            let expected = 2.0 / (1.0 + libm::expf(weight.abs() / largest));
            assert!((change / adam - expected).abs() < 2e-3, "{} {expected}", change / adam);
        }
        let (firm, _) = step(&mut quiet(10.0), |place| -weights[place].signum());
        let place = weights.iter().position(|weight| weight.abs() == largest).unwrap();
        assert!((firm[place] / adam[place]).abs() < 1e-3);
    }

    #[test]
    fn noise_has_its_size_where_no_gradient_is() {
        let mut method = method(UpgdSettings {
            sigma: 2.0,
            weight_decay: 0.0,
            ..Default::default()
        });
        let (change, adam) = step(&mut method, |_| 0.0);
        assert!(adam.iter().all(|&step| step == 0.0));
        let count = change.len() as f32;
        let mean = change.iter().sum::<f32>() / count;
        let deviation = (change.iter().map(|change| change * change).sum::<f32>() / count).sqrt();
        // The learning rate times sigma.
        assert!(mean.abs() < 1e-4 && (deviation - 2e-3).abs() < 1e-4, "{mean} {deviation}");
    }

    #[test]
    fn a_weight_that_was_reset_has_no_utility_and_decay_shrinks_all() {
        let mut method = method(UpgdSettings {
            sigma: 0.0,
            weight_decay: 0.5,
            ..Default::default()
        });
        let weights = Bench::new(&LearnerSettings::default()).dqn.networks()[0]
            .parameters()
            .to_vec();
        let (change, _) = step(&mut method, |_| 0.0);
        for (change, weight) in change.iter().zip(&weights) {
            assert!((change + 1e-3 * 0.5 * weight).abs() < 1e-7);
        }
        step(&mut method, |place| -weights[place].signum());
        assert!(method.utilities[0][3] > 0.0);
        method.weights_reset(&WeightsReset {
            network: 0,
            parameters: vec![3],
        });
        assert_eq!(method.utilities[0][3], 0.0);
        assert_eq!(method.state_bytes(), 4 * weights.len() as u64);
    }
}
