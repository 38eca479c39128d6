//! Continual churn reduction: outputs on other states may not move with each update.
//!
//! Tang et al. 2025, "Mitigating plasticity loss in continual reinforcement learning by reducing churn" (C-CHAIN); Tang and Berseth
//! 2024, "Improving deep reinforcement learning by reducing the chain effect of value and policy churn". Churn is the change of
//! outputs on states outside of the batch that an update brings about. The change that the *previous* update brought about on a
//! second batch `B_ref` of recent states is a further loss, which the present update takes back:
//! `L(theta) + lambda E_{s in B_ref} mean over actions of (Q_theta(s, a) - Q_before(s, a))^2`, with the weights before the previous
//! update; for a stochastic policy, `lambda E KL(pi_before || pi_theta)`. `lambda` is adjusted so that the churn's loss is a given
//! fraction of the algorithm's: `lambda = relative_strength mean |L| / mean churn`.
//!
//! Deviations. Every network is treated and has a `lambda` of its own: with DQN that is the paper's, with SAC the policy and both
//! critics, where the paper treats the policy of PPO. The means decay over `mean_updates`, where the published code takes the last
//! 50,000 losses and begins with a constant `lambda`; here it is adjusted from the second update on.
//!
//! Cost: two forward passes and a backward pass of `reference_rows` more rows in each update; a copy of all weights. Always holds:
//! with `relative_strength = 0` all weights are those of fine-tuning, bit for bit.

use crate::learner::error::StateError;
use crate::learner::inputs::Inputs;
use crate::learner::losses::{Losses, divergence, squared_difference};
use crate::learner::memory::Batch;
use crate::learner::methods::{Axis, Curriculum, Keeps, LearnerView, LossSpec, Method, MethodFamily, MethodSpec, Needs, Tuning};
use crate::learner::network::{Network, Pass};
use crate::learner::settings::is_a_number;
use crate::learner::state::StateDict;
use crate::learner::trained::{Outputs, Role};
use crate::random::{Stream, stream};
use garde::Validate;
use serde::{Deserialize, Serialize};

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "c_chain",
    summary: "takes back how each update changed outputs on other states",
    family: MethodFamily::Plasticity,
    paper: "Tang et al. 2025, Mitigating plasticity loss in continual reinforcement learning by reducing churn",
    equation: "L(theta) + lambda E_{s in B_ref} mean_a (Q_theta(s, a) - Q_before(s, a))^2, lambda = relative_strength mean |L| / mean churn",
    cost: "64 more rows in each update, and a forward pass of the previous networks for them; a copy of all weights",
    needs: Needs::NOTHING,
    curriculum: Curriculum::Any,
    losses: &[LossSpec {
        name: "churn",
        title: "Churn",
        text: "How far the last update moved outputs on states that were not in its batch.",
    }],
    tuning: Some(Tuning(&[Axis {
        path: "learner.c_chain.relative_strength",
        first: "0.01",
        values: &[
            "0.0", "0.0001", "0.0003", "0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1.0",
        ],
    }])),
    remove_strength: |settings| settings.c_chain.relative_strength = 0.0,
    act_soon: |_| {},
    memory: |_, scale| scale.weights(5),
    keeps: Keeps::Nothing,
    heads: false,
    build: |settings, spec| Box::new(CChain::new(settings.c_chain.clone(), stream(spec.seed, "learner.c_chain", 0))),
};

/// Settings of continual churn reduction (Tang et al. 2025).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct CChainSettings {
    /// Size of the churn's loss as a fraction of the algorithm's (Tang et al.: the target of the relative loss, 0.01 in MinAtar); 0
    /// equals `finetune`. Churn is small, so that a fraction of 0.1 can already keep a network from learning at all.
    #[garde(range(min = 0.0, max = 1.0e3), custom(is_a_number))]
    pub relative_strength: f32,
    /// States in each batch on which churn is measured (Tang et al.: as many as in a batch).
    #[garde(range(min = 1, max = 65_536))]
    pub reference_rows: usize,
    /// Updates over which both losses are averaged.
    #[garde(range(min = 1, max = 1_000_000_000))]
    pub mean_updates: u64,
}

impl Default for CChainSettings {
    fn default() -> Self {
        Self {
            relative_strength: 0.01,
            reference_rows: 64,
            mean_updates: 5_000,
        }
    }
}

/// Least churn that a loss is divided by.
const LEAST_CHURN: f32 = 1e-8;

/// State of one network before the last update, and running means of its losses.
#[derive(Default)]
struct Previous {
    /// Weights before the last update; empty before the first one.
    parameters: Vec<f32>,
    /// Decayed means of the algorithm's loss and of the churn, with the same fraction of them still zero.
    mean_loss: f32,
    mean_churn: f32,
    /// A copy of the network, for passes.
    network: Option<Network>,
    pass: Pass,
    /// Of the current batch: outputs of the previous weights for the reference rows, and the churn of the present ones.
    outputs: Vec<f32>,
    churn: Option<f32>,
}

impl Previous {
    fn lambda(&self, relative_strength: f32) -> f32 {
        relative_strength * self.mean_loss / (self.mean_churn + LEAST_CHURN)
    }
}

struct CChain {
    settings: CChainSettings,
    rng: Stream,
    networks: Vec<Previous>,
    first_row: usize,
    states: Inputs,
    /// Critics whose loss on the current batch has been computed.
    critics: usize,
    multiply_adds: u64,
}

impl CChain {
    fn new(settings: CChainSettings, rng: Stream) -> Self {
        Self {
            settings,
            rng,
            networks: Vec::new(),
            first_row: 0,
            states: Inputs::default(),
            critics: 0,
            multiply_adds: 0,
        }
    }
}

impl Method for CChain {
    fn add_views(&mut self, learner: &mut LearnerView<'_>, batch: &mut Batch) {
        self.critics = 0;
        if self.settings.relative_strength == 0.0 || self.networks.is_empty() {
            return;
        }
        self.first_row = batch.rows();
        self.states = Inputs::new(learner.decoder.len());
        for _ in 0..self.settings.reference_rows {
            if let Some(state) = learner.recent.draw_view(&mut self.rng) {
                batch.push_view(learner.decoder, state);
                self.states.push(learner.decoder, state);
            }
        }
        for (trained, previous) in learner.algorithm.networks().iter().zip(&mut self.networks) {
            let parameters = &previous.parameters;
            previous.outputs.clear();
            if parameters.len() != trained.parameters().len() {
                continue;
            }
            let network = previous
                .network
                .get_or_insert_with(|| Network::new(trained.shape(), parameters));
            network.set(parameters);
            let before = network.multiply_adds();
            network.evaluate(&self.states, &mut previous.pass);
            self.multiply_adds += network.multiply_adds() - before;
            previous.outputs.extend_from_slice(previous.pass.outputs());
        }
    }

    fn output_loss(
        &mut self,
        role: Role,
        meaning: Outputs,
        _batch: &Batch,
        outputs: &[f32],
        gradient: &mut [f32],
        losses: &mut Losses,
    ) {
        // Critics come after the policy among the networks, and in their order here.
        self.critics += usize::from(role == Role::Critic);
        let network = if role == Role::Critic { self.critics } else { 0 };
        let rows = self.states.rows();
        let Some(previous) = self.networks.get_mut(network).filter(|previous| !previous.outputs.is_empty()) else {
            return;
        };
        let actions = previous.outputs.len() / rows;
        let lambda = previous.lambda(self.settings.relative_strength);
        let reference = self.first_row * actions..(self.first_row + rows) * actions;
        let now = outputs[reference.clone()].chunks_exact(actions);
        let gradients = gradient[reference].chunks_exact_mut(actions);
        let (mut churn, mut ignored) = (0.0, vec![0.0; actions]);
        for ((now, before), gradient) in now.zip(previous.outputs.chunks_exact(actions)).zip(gradients) {
            ignored.fill(0.0);
            let (share, difference): (f32, fn(&[f32], &[f32], f32, &mut [f32]) -> f32) = match meaning {
                Outputs::ActionValues => (1.0 / (rows * actions) as f32, squared_difference),
                Outputs::Logits => (1.0 / rows as f32, divergence),
            };
            churn += difference(now, before, share, &mut ignored);
            for (gradient, slope) in gradient.iter_mut().zip(&ignored) {
                *gradient += lambda * slope;
            }
        }
        losses.add("churn", lambda * churn);
        previous.churn = Some(churn);
        previous.outputs.clear();
    }

    fn adjust_gradients(&mut self, _batch: &Batch, learner: &mut LearnerView<'_>, losses: &mut Losses) {
        if self.settings.relative_strength == 0.0 {
            return;
        }
        let share = 1.0 / self.settings.mean_updates as f32;
        let named = |name| losses.iter().find(|&(known, _)| known == name).map(|(_, loss)| loss);
        let networks = learner.algorithm.networks();
        self.networks.resize_with(networks.len(), Previous::default);
        for (network, previous) in networks.iter().zip(&mut self.networks) {
            if let Some(churn) = previous.churn.take() {
                let own = match network.outputs_mean() {
                    Outputs::Logits => named("policy"),
                    Outputs::ActionValues => named("temporal_difference"),
                };
                previous.mean_loss += share * (own.unwrap_or(0.0).abs() - previous.mean_loss);
                previous.mean_churn += share * (churn - previous.mean_churn);
            }
            previous.parameters.clear();
            previous.parameters.extend_from_slice(network.parameters());
        }
    }

    fn multiply_adds(&self) -> u64 {
        self.multiply_adds
    }

    fn state_bytes(&self) -> u64 {
        let numbers = self.networks.iter().map(|previous| previous.parameters.len() + 2);
        (size_of::<f32>() * numbers.sum::<usize>()) as u64
    }

    fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        state.set(format!("{prefix}.rng"), &self.rng)?;
        state.set(format!("{prefix}.networks"), &self.networks.len())?;
        for (index, previous) in self.networks.iter().enumerate() {
            state.put(format!("{prefix}.{index}.parameters"), &previous.parameters);
            state.put(format!("{prefix}.{index}.means"), &[previous.mean_loss, previous.mean_churn]);
        }
        Ok(())
    }

    fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        self.rng = state.get(&format!("{prefix}.rng"))?;
        let networks: usize = state.get(&format!("{prefix}.networks"))?;
        let previous = |index: usize| {
            let mut means = [0.0; 2];
            state.copy_to(&format!("{prefix}.{index}.means"), &mut means)?;
            Ok(Previous {
                parameters: state.array(&format!("{prefix}.{index}.parameters"))?,
                mean_loss: means[0],
                mean_churn: means[1],
                ..Previous::default()
            })
        };
        self.networks = (0..networks).map(previous).collect::<Result<_, StateError>>()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learner::LearnerSettings;
    use crate::learner::algorithms::Algorithm;
    use crate::learner::testing::{Bench, Walk, assert_is_gradient};

    fn settings() -> LearnerSettings {
        LearnerSettings {
            hidden: vec![6],
            ..Default::default()
        }
    }

    fn method(relative_strength: f32) -> CChain {
        let settings = CChainSettings {
            relative_strength,
            reference_rows: 8,
            mean_updates: 10,
        };
        CChain::new(settings, stream(1, "test", 0))
    }

    /// Returns the method after an update, and a batch with its reference rows.
    fn begun(bench: &mut Bench, relative_strength: f32) -> (CChain, Batch) {
        let mut method = method(relative_strength);
        bench.update(&mut method);
        let mut batch = Batch::new(Walk::WIDTH);
        bench.with_view(|view| method.add_views(view, &mut batch));
        (method, batch)
    }

    #[test]
    fn churn_is_measured_against_the_weights_before_the_last_update() {
        let mut bench = Bench::new(&settings());
        let before = bench.dqn.networks()[0].parameters().to_vec();
        let (mut method, batch) = begun(&mut bench, 0.1);
        assert_eq!(method.networks[0].parameters, before);
        assert_eq!((batch.transitions(), batch.rows()), (0, 8));
        let after = bench.dqn.networks_mut()[0].evaluate(&batch.observations).to_vec();
        bench.dqn.networks_mut()[0].parameters_mut().copy_from_slice(&before);
        let then = bench.dqn.networks_mut()[0].evaluate(&batch.observations).to_vec();
        let expected = after
            .iter()
            .zip(&then)
            .map(|(after, then)| (after - then).powi(2))
            .sum::<f32>()
            / 40.0;
        let mut losses = Losses::default();
        method.output_loss(
            Role::Policy,
            Outputs::ActionValues,
            &batch,
            &after,
            &mut [0.0; 40],
            &mut losses,
        );
        let churn = method.networks[0].churn.unwrap();
        assert!(
            churn > 0.0 && (churn - expected).abs() < 1e-3 * expected,
            "{churn} {expected}"
        );
    }

    #[test]
    fn the_gradient_agrees_with_finite_differences() {
        let mut bench = Bench::new(&settings());
        let (mut method, batch) = begun(&mut bench, 0.7);
        (method.networks[0].mean_loss, method.networks[0].mean_churn) = (2.0, 1.0);
        let kept = method.networks[0].outputs.clone();
        let outputs: Vec<f32> = (0..40).map(|index| (index % 13) as f32 * 0.1 - 0.5).collect();
        for meaning in [Outputs::ActionValues, Outputs::Logits] {
            assert_is_gradient(&outputs, |outputs, gradient| {
                let mut losses = Losses::default();
                method.networks[0].outputs.clone_from(&kept);
                method.output_loss(Role::Policy, meaning, &batch, outputs, gradient, &mut losses);
                losses.total()
            });
        }
    }

    /// After many updates with an algorithm's loss of 3 and a churn of 0.02, the weighted churn is the given fraction of 3.
    #[test]
    fn the_loss_of_churn_is_a_given_fraction_of_the_algorithms() {
        let (mut bench, mut method) = (Bench::new(&settings()), method(0.05));
        for _ in 0..400 {
            let mut losses = Losses::default();
            losses.add("temporal_difference", -3.0);
            method.networks.resize_with(1, Previous::default);
            method.networks[0].churn = Some(0.02);
            bench.with_view(|view| method.adjust_gradients(&Batch::default(), view, &mut losses));
        }
        let weighted = 0.02 * method.networks[0].lambda(0.05);
        assert!((weighted - 0.05 * 3.0).abs() < 1e-3, "{weighted}");
        assert_eq!(
            method.state_bytes(),
            4 * (bench.dqn.networks()[0].parameters().len() as u64 + 2)
        );
    }
}
