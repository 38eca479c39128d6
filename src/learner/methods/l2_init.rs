//! L2 towards the initial weights: weights that are not needed return to values from which learning is easy.
//!
//! Kumar, Marklund and Van Roy 2023, "Maintaining plasticity in continual learning via regenerative regularization", eq. 2:
//! `L(theta) + strength |theta - theta_0|^2`.
//!
//! As in the paper, the penalty is part of the loss, so its gradient goes through Adam, and it applies to all weights and biases.
//! It applies to all networks of an algorithm, because critics lose their plasticity too. Where another method resets a unit, the
//! unit's new weights are its target from then on. Networks that are replaced at a boundary keep the first initial weights as
//! their target: one random draw is as good as another.
//!
//! Cost: no pass; a copy of all weights.
//!
//! Always holds: with `strength = 0` all weights are those of fine-tuning, bit for bit.

use crate::learner::error::StateError;
use crate::learner::losses::{Losses, squared_difference};
use crate::learner::memory::Batch;
use crate::learner::methods::{
    Axis, Curriculum, Keeps, Kept, LearnerView, LossSpec, Method, MethodFamily, MethodSpec, Needs, Tuning, WeightsReset,
};
use crate::learner::settings::is_a_number;
use crate::learner::state::StateDict;
use crate::mdp::Experience;
use garde::Validate;
use serde::{Deserialize, Serialize};

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "l2_init",
    summary: "penalises the distance of all weights from their initial values",
    family: MethodFamily::Plasticity,
    paper: "Kumar et al. 2023, Maintaining plasticity in continual learning via regenerative regularization",
    equation: "L(theta) + strength |theta - theta_0|^2",
    cost: "no further pass; a copy of all weights",
    needs: Needs::NOTHING,
    curriculum: Curriculum::Any,
    losses: &[LossSpec {
        name: "l2_init",
        title: "Penalty",
        text: "How far the weights have moved from their initial values.",
    }],
    tuning: Some(Tuning(&[Axis {
        path: "learner.l2_init.strength",
        first: "1e-5",
        values: &["0.0", "1e-7", "1e-6", "3e-6", "1e-5", "3e-5", "1e-4", "3e-4", "1e-3", "1e-2"],
    }])),
    remove_strength: |settings| settings.l2_init.strength = 0.0,
    act_soon: |settings| settings.l2_init.strength = 1e-3,
    memory: |_, scale| scale.weights(2),
    keeps: Keeps::Other(|_, scale| Kept {
        weights_bytes: scale.weights(1),
        ..Kept::default()
    }),
    heads: false,
    build: |settings, _| Box::new(L2Init::new(settings.l2_init.clone())),
};

/// Settings of regenerative regularisation (Kumar et al. 2023).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct L2InitSettings {
    /// Weight of the squared distance to the initial weights (Kumar et al.: `lambda`, 1e-2 to 1e-5); 0 equals `finetune`.
    #[garde(range(min = 0.0, max = 1.0e3), custom(is_a_number))]
    pub strength: f32,
}

impl Default for L2InitSettings {
    fn default() -> Self {
        Self { strength: 1e-5 }
    }
}

struct L2Init {
    settings: L2InitSettings,
    /// Initial weights of each network; empty before the first observation.
    initial: Vec<Vec<f32>>,
    /// Resets whose new weights have not been read yet.
    resets: Vec<WeightsReset>,
}

impl L2Init {
    fn new(settings: L2InitSettings) -> Self {
        Self {
            settings,
            initial: Vec::new(),
            resets: Vec::new(),
        }
    }
}

impl Method for L2Init {
    fn observe(&mut self, _experience: &Experience, learner: &mut LearnerView<'_>) {
        if self.initial.is_empty() && self.settings.strength > 0.0 {
            let networks = learner.algorithm.networks();
            self.initial = networks.iter().map(|network| network.parameters().to_vec()).collect();
        }
    }

    fn adjust_gradients(&mut self, _batch: &Batch, learner: &mut LearnerView<'_>, losses: &mut Losses) {
        let strength = self.settings.strength;
        if strength == 0.0 {
            return;
        }
        for (network, initial) in learner.algorithm.networks_mut().iter_mut().zip(&self.initial) {
            let (parameters, gradient, _) = network.parts_mut();
            losses.add("l2_init", squared_difference(parameters, initial, strength, gradient));
        }
    }

    fn weights_reset(&mut self, reset: &WeightsReset) {
        if !self.initial.is_empty() {
            self.resets.push(reset.clone());
        }
    }

    fn settle_weights(&mut self, learner: &mut LearnerView<'_>) {
        for reset in self.resets.drain(..) {
            let fresh = learner.algorithm.networks()[reset.network].parameters();
            for place in reset.parameters {
                self.initial[reset.network][place] = fresh[place];
            }
        }
    }

    fn state_bytes(&self) -> u64 {
        self.initial
            .iter()
            .map(|initial| size_of_val(initial.as_slice()) as u64)
            .sum()
    }

    fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        state.set(format!("{prefix}.networks"), &self.initial.len())?;
        for (network, initial) in self.initial.iter().enumerate() {
            state.put(format!("{prefix}.{network}.initial"), initial);
        }
        Ok(())
    }

    fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        let networks: usize = state.get(&format!("{prefix}.networks"))?;
        self.initial = (0..networks)
            .map(|network| state.array(&format!("{prefix}.{network}.initial")))
            .collect::<Result<_, _>>()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learner::LearnerSettings;
    use crate::learner::algorithms::Algorithm;
    use crate::learner::testing::{Bench, Walk, assert_is_gradient};

    fn begun(bench: &mut Bench, strength: f32) -> L2Init {
        let mut method = L2Init::new(L2InitSettings { strength });
        bench.with_view(|view| method.observe(Walk::new(0, 2).step(), view));
        method
    }

    #[test]
    fn weights_without_another_gradient_go_back_to_where_they_began() {
        let mut bench = Bench::new(&LearnerSettings::default());
        let mut method = begun(&mut bench, 0.1);
        let initial = bench.dqn.networks()[0].parameters().to_vec();
        for (index, weight) in bench.dqn.networks_mut()[0].parameters_mut().iter_mut().enumerate() {
            *weight += 0.02 * (1.0 + (index % 5) as f32);
        }
        let distance = |bench: &Bench| {
            let weights = bench.dqn.networks()[0].parameters().iter();
            weights
                .zip(&initial)
                .map(|(weight, initial)| (weight - initial).abs())
                .fold(0.0, f32::max)
        };
        assert!(distance(&bench) > 0.09);
        let mut losses = Losses::default();
        for _ in 0..400 {
            bench.dqn.networks_mut()[0].gradient.fill(0.0);
            bench.with_view(|view| method.adjust_gradients(&Batch::default(), view, &mut losses));
            bench.dqn.step();
        }
        assert!(distance(&bench) < 0.01, "{}", distance(&bench));
    }

    #[test]
    fn the_gradient_of_the_penalty_agrees_with_finite_differences() {
        let mut bench = Bench::new(&LearnerSettings {
            hidden: vec![3],
            ..Default::default()
        });
        let mut method = begun(&mut bench, 0.3);
        let at: Vec<f32> = (0..bench.dqn.networks()[0].parameters().len())
            .map(|index| (index % 11) as f32 * 0.1 - 0.5)
            .collect();
        assert_is_gradient(&at, |parameters, gradient| {
            let mut losses = Losses::default();
            bench.dqn.networks_mut()[0].parameters_mut().copy_from_slice(parameters);
            bench.dqn.networks_mut()[0].gradient.fill(0.0);
            bench.with_view(|view| method.adjust_gradients(&Batch::default(), view, &mut losses));
            gradient.copy_from_slice(&bench.dqn.networks()[0].gradient);
            losses.total()
        });
    }

    #[test]
    fn a_weight_that_was_set_anew_is_drawn_to_its_new_value() {
        let mut bench = Bench::new(&LearnerSettings::default());
        let mut method = begun(&mut bench, 0.1);
        bench.dqn.networks_mut()[0].parameters_mut()[7] = 9.0;
        method.weights_reset(&WeightsReset {
            network: 0,
            parameters: vec![7],
        });
        bench.with_view(|view| method.settle_weights(view));
        assert_eq!(method.initial[0][7], 9.0);
        assert_eq!(method.state_bytes(), 4 * bench.dqn.networks()[0].parameters().len() as u64);
    }
}
