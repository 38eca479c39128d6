//! Policies for acting: a snapshot that can be sent between threads, and a policy that acts from it.

use rand::Rng;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use crate::learner::contexts::Contexts;
use crate::learner::error::StateError;
use crate::learner::inputs::Inputs;
use crate::learner::losses::{argmax, log_sum_exp};
use crate::learner::memory::below;
use crate::learner::network::{Matrix, Network, NetworkShape, Pass};
use crate::learner::state::StateDict;
use crate::mdp::{ObservationDecoder, ObservationSpec};
use crate::random::Stream;

/// Exploration of a policy in training; in evaluation it always takes the best action.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExplorationPolicy {
    /// The best action, or with probability `epsilon` a random one.
    EpsilonGreedy {
        /// Probability of a random action.
        epsilon: f32,
    },
    /// An action drawn from the softmax of the outputs, which are logits.
    Categorical,
}

/// Everything needed for acting: sizes, weights and exploration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PolicySnapshot {
    /// Sizes of the network.
    pub shape: NetworkShape,
    /// Flat parameters of the network: see [`network`](crate::learner::network).
    pub parameters: Vec<f32>,
    /// Exploration in training.
    #[serde(rename = "acting")]
    pub exploration: ExplorationPolicy,
    /// Networks of the same shape that decide instead of the one above, chosen by the view; none if one decides everything.
    #[serde(default, skip_serializing_if = "Contexts::is_empty")]
    pub contexts: Contexts,
}

impl PolicySnapshot {
    /// Hash of the network, its sizes and weights, as 16 hexadecimal digits. How the policy acts is not part of it: a learner that begins
    /// with this policy explores by its own settings.
    pub fn hash(&self) -> String {
        let mut hash = Xxh3::new();
        let sizes = [self.shape.inputs].into_iter().chain(self.shape.hidden.iter().copied());
        for size in sizes.chain([self.shape.outputs]) {
            hash.update(&(size as u64).to_le_bytes());
        }
        if self.shape.layer_norm {
            hash.update(b"layer_norm");
        }
        for parameter in &self.parameters {
            hash.update(&parameter.to_bits().to_le_bytes());
        }
        for context in &self.contexts.0 {
            for parameter in &context.parameters {
                hash.update(&parameter.to_bits().to_le_bytes());
            }
        }
        format!("{:016x}", hash.digest())
    }

    /// Writes it under `prefix`.
    pub fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        state.set(format!("{prefix}.shape"), &self.shape)?;
        state.set(format!("{prefix}.acting"), &self.exploration)?;
        state.put(format!("{prefix}.parameters"), &self.parameters);
        self.contexts.save(state, prefix)
    }

    /// Loads a snapshot from under `prefix`.
    pub fn load(state: &StateDict, prefix: &str) -> Result<Self, StateError> {
        let entry = format!("{prefix}.shape");
        let shape: NetworkShape = state.get(&entry)?;
        if !shape.is_possible() {
            return Err(StateError::Mismatch {
                entry,
                expected: "layers of at least one unit".to_owned(),
                found: format!("{shape:?}"),
            });
        }
        let parameters = state.array_of_len(&format!("{prefix}.parameters"), shape.parameters())?;
        Ok(Self {
            contexts: Contexts::load(state, prefix, shape.inputs, shape.parameters())?,
            shape,
            parameters,
            exploration: state.get(&format!("{prefix}.acting"))?,
        })
    }
}

/// A policy that acts for any number of robots at once; buffers are reused from call to call.
pub struct Policy {
    decoder: ObservationDecoder,
    network: Network,
    pass: Pass,
    inputs: Inputs,
    exploration: ExplorationPolicy,
    contexts: Contexts,
    /// Networks of the contexts.
    networks: Vec<Network>,
    /// Outputs of the last call, and reused buffers of one context's rows.
    outputs: Vec<f32>,
    members: Vec<usize>,
    gathered: Inputs,
}

impl Policy {
    /// Creates the policy of `snapshot`, for observations with this spec.
    ///
    /// # Errors
    /// Returns [`StateError::Mismatch`] if the snapshot was made for observations of another length, or its number of parameters
    /// does not match its shape.
    pub fn new(observation: &ObservationSpec, snapshot: &PolicySnapshot) -> Result<Self, StateError> {
        let misfit = |entry: &str, expected: usize, found: usize| {
            let (expected, found) = (expected.to_string(), found.to_string());
            Err(StateError::Mismatch {
                entry: entry.into(),
                expected,
                found,
            })
        };
        let (shape, parameters) = (&snapshot.shape, &snapshot.parameters);
        if shape.inputs != observation.len() {
            return misfit("policy.shape.inputs", observation.len(), shape.inputs);
        }
        if shape.parameters() != parameters.len() {
            return misfit("policy.parameters", shape.parameters(), parameters.len());
        }
        Ok(Self {
            decoder: observation.decoder(),
            network: Network::new(shape, parameters),
            pass: Pass::default(),
            inputs: Inputs::new(observation.len()),
            exploration: snapshot.exploration,
            networks: networks_of(snapshot),
            contexts: snapshot.contexts.clone(),
            outputs: Vec::new(),
            members: Vec::new(),
            gathered: Inputs::new(observation.len()),
        })
    }

    /// Copies another snapshot of the same shape.
    pub fn set(&mut self, snapshot: &PolicySnapshot) {
        debug_assert_eq!(self.network.shape(), &snapshot.shape);
        self.network.set(&snapshot.parameters);
        self.exploration = snapshot.exploration;
        if self.contexts != snapshot.contexts {
            self.networks = networks_of(snapshot);
            self.contexts.clone_from(&snapshot.contexts);
        }
    }

    /// Writes the best action for each row of `observations`.
    ///
    /// `observations` are `[rows, observation_len]` bytes, and `actions` has one element per row.
    pub fn greedy(&mut self, observations: &[u8], actions: &mut [u8]) {
        let outputs = self.network.shape().outputs;
        for (action, row) in actions.iter_mut().zip(self.outputs_for(observations).chunks_exact(outputs)) {
            *action = argmax(row) as u8;
        }
    }

    /// Writes an action for each row of `observations`, with the exploration in training; shapes as in [`greedy`](Self::greedy).
    pub fn act(&mut self, observations: &[u8], rng: &mut Stream, actions: &mut [u8]) {
        let (outputs, exploration) = (self.network.shape().outputs, self.exploration);
        for (action, row) in actions.iter_mut().zip(self.outputs_for(observations).chunks_exact(outputs)) {
            *action = match exploration {
                ExplorationPolicy::EpsilonGreedy { epsilon } if unit(rng) < epsilon => below(rng, outputs),
                ExplorationPolicy::EpsilonGreedy { .. } => argmax(row),
                ExplorationPolicy::Categorical => draw(row, unit(rng)),
            } as u8;
        }
    }

    /// Outputs of the network in the last call: `[rows, actions]`, values or logits.
    pub fn outputs(&self) -> &[f32] {
        &self.outputs
    }

    /// Outputs of hidden layer `layer` in the last call: `[rows, units + 1]`; the last column is 1. Where there are several contexts, those of
    /// the last context that decided.
    pub fn hidden(&self, layer: usize) -> &Matrix {
        self.pass.hidden(layer)
    }

    /// Sizes of the network.
    pub fn shape(&self) -> &NetworkShape {
        self.network.shape()
    }

    fn outputs_for(&mut self, observations: &[u8]) -> &[f32] {
        self.inputs.clear();
        for observation in observations.chunks_exact(self.decoder.len()) {
            self.inputs.push(&self.decoder, observation);
        }
        self.outputs.clear();
        if self.contexts.0.is_empty() {
            self.network.evaluate(&self.inputs, &mut self.pass);
            self.outputs.extend_from_slice(self.pass.outputs());
            return &self.outputs;
        }
        let (rows, actions) = (self.inputs.rows(), self.network.shape().outputs);
        self.outputs.resize(rows * actions, 0.0);
        for (number, network) in self.networks.iter_mut().enumerate() {
            let (inputs, contexts) = (&self.inputs, &self.contexts);
            self.members.clear();
            self.members
                .extend((0..rows).filter(|&row| contexts.of_view(inputs.row(row)) == number));
            if self.members.is_empty() {
                continue;
            }
            self.gathered.clear();
            for &row in &self.members {
                self.gathered.push_numbers(&[inputs.row(row)]);
            }
            network.evaluate(&self.gathered, &mut self.pass);
            for (&row, outputs) in self.members.iter().zip(self.pass.outputs().chunks_exact(actions)) {
                self.outputs[row * actions..(row + 1) * actions].copy_from_slice(outputs);
            }
        }
        &self.outputs
    }
}

/// Networks of a policy's contexts.
fn networks_of(snapshot: &PolicySnapshot) -> Vec<Network> {
    let contexts = snapshot.contexts.0.iter();
    contexts
        .map(|context| Network::new(&snapshot.shape, &context.parameters))
        .collect()
}

/// Draws a number in `[0, 1)`.
fn unit(rng: &mut Stream) -> f32 {
    (rng.next_u64() >> 40) as f32 / (1u64 << 24) as f32
}

/// Returns the action in whose part of `[0, 1)` the number `unit` lies.
fn draw(logits: &[f32], unit: f32) -> usize {
    let log_total = log_sum_exp(logits);
    let mut above = unit;
    for (action, logit) in logits.iter().enumerate() {
        above -= libm::expf(logit - log_total);
        if above < 0.0 {
            return action;
        }
    }
    // Rounding errors can leave a small remainder.
    argmax(logits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learner::testing::{chi_squared_is_plausible, observation_spec};
    use crate::random::stream;

    fn policy(exploration: ExplorationPolicy) -> Policy {
        let shape = NetworkShape {
            inputs: 3,
            hidden: vec![8],
            outputs: 4,
            layer_norm: false,
        };
        let parameters = shape.initial_parameters(&mut stream(2, "test", 0));
        Policy::new(
            &observation_spec(3),
            &PolicySnapshot {
                shape,
                parameters,
                exploration,
                contexts: Contexts::default(),
            },
        )
        .unwrap()
    }

    fn shares(policy: &mut Policy) -> Vec<u32> {
        let mut counts = vec![0; 4];
        let mut rng = stream(1, "test", 0);
        let mut actions = [0; 16];
        for _ in 0..500 {
            policy.act(&[100, 20, 250].repeat(16), &mut rng, &mut actions);
            actions.iter().for_each(|&action| counts[usize::from(action)] += 1);
        }
        counts
    }

    #[test]
    fn epsilon_is_the_probability_of_any_action() {
        assert!(chi_squared_is_plausible(&shares(&mut policy(
            ExplorationPolicy::EpsilonGreedy { epsilon: 1.0 }
        ))));
        let mut greedy = policy(ExplorationPolicy::EpsilonGreedy { epsilon: 0.0 });
        let counts = shares(&mut greedy);
        assert_eq!(counts[argmax(&greedy.outputs()[..4])], 8_000);
    }

    #[test]
    fn categorical_actions_follow_their_probabilities() {
        let mut policy = policy(ExplorationPolicy::Categorical);
        let counts = shares(&mut policy);
        let logits = &policy.outputs()[..4];
        for (logit, count) in logits.iter().zip(counts) {
            let probability = libm::expf(logit - log_sum_exp(logits));
            assert!((count as f32 / 8_000.0 - probability).abs() < 0.025);
        }
    }

    #[test]
    fn a_policy_for_another_robot_is_refused() {
        let snapshot = PolicySnapshot {
            shape: NetworkShape {
                inputs: 3,
                hidden: vec![8],
                outputs: 4,
                layer_norm: false,
            },
            parameters: vec![0.0; 7],
            exploration: ExplorationPolicy::Categorical,
            contexts: Contexts::default(),
        };
        assert!(
            Policy::new(&observation_spec(4), &snapshot)
                .err()
                .unwrap()
                .to_string()
                .contains("inputs")
        );
        assert!(
            Policy::new(&observation_spec(3), &snapshot)
                .err()
                .unwrap()
                .to_string()
                .contains("parameters")
        );
    }

    /// A file of an older version has a shape without the key, and its policy has the name that it had.
    #[test]
    fn shapes_without_normalisation_are_written_as_before() {
        let mut shape = NetworkShape {
            inputs: 3,
            hidden: vec![8],
            outputs: 4,
            layer_norm: false,
        };
        let text = serde_json::to_string(&shape).unwrap();
        assert_eq!(text, r#"{"inputs":3,"hidden":[8],"outputs":4}"#);
        assert_eq!(serde_json::from_str::<NetworkShape>(&text).unwrap(), shape);
        let parameters = shape.initial_parameters(&mut stream(2, "test", 0));
        let exploration = ExplorationPolicy::Categorical;
        let plain = PolicySnapshot {
            shape: shape.clone(),
            parameters: parameters.clone(),
            exploration,
            contexts: Contexts::default(),
        };
        let plain = plain.hash();
        shape.layer_norm = true;
        let text = serde_json::to_string(&shape).unwrap();
        assert_eq!(serde_json::from_str::<NetworkShape>(&text).unwrap(), shape);
        let normalised = PolicySnapshot {
            shape,
            parameters: parameters.clone(),
            exploration,
            contexts: Contexts::default(),
        };
        assert_ne!(normalised.hash(), plain);
        let mut state = StateDict::new();
        normalised.save(&mut state, "policy").unwrap();
        assert_eq!(PolicySnapshot::load(&state, "policy").unwrap(), normalised);
    }

    #[test]
    fn a_snapshot_survives_a_file() {
        let shape = NetworkShape {
            inputs: 3,
            hidden: vec![8],
            outputs: 4,
            layer_norm: false,
        };
        let parameters = shape.initial_parameters(&mut stream(2, "test", 0));
        let snapshot = PolicySnapshot {
            shape,
            parameters,
            exploration: ExplorationPolicy::EpsilonGreedy { epsilon: 0.1 },
            contexts: Contexts::default(),
        };
        let mut state = StateDict::new();
        snapshot.save(&mut state, "policy").unwrap();
        let state = StateDict::from_bytes(&state.to_bytes().unwrap()).unwrap();
        assert_eq!(PolicySnapshot::load(&state, "policy").unwrap(), snapshot);
    }
}
