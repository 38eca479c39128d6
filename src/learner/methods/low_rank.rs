//! Low-rank adapters: a policy is adapted by few parameters, and its own weights stay.
//!
//! Hu et al. 2021, "LoRA: low-rank adaptation of large language models", eq. 3: `W = W_0 + A B` with `A` `[inputs + 1, rank]` and `B` `[rank, outputs]` for each
//! layer. `A` is drawn at random and `B` begins as zero, so that the adapted policy begins as the policy itself. `W_0` is what the weights are when the first
//! decision is observed.
//!
//! Deviations. Biases are a row of the weights here, so they are adapted as well. There is no factor `alpha / rank`: Adam's steps do not depend on it. Only the
//! policy network is adapted: critics learn as usual.
//!
//! It is no method against forgetting, and not among [`METHODS`](super::METHODS): what it protects is the policy that it begins with, whose weights are kept
//! apart. The table `[learner.custom.low_rank]` holds its `rank`. Evaluated are the factors' running averages.
//!
//! Always holds: with `rank = 0` all weights are those of fine-tuning, bit for bit; what is evaluated is [`adapted`] of the saved factors, bit for bit.

use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::learner::error::StateError;
use crate::learner::losses::Losses;
use crate::learner::memory::Batch;
use crate::learner::methods::{Curriculum, Keeps, LearnerView, Method, MethodFamily, MethodSpec, Needs};
use crate::learner::network::{Factor, LayerShape, Matrix, NetworkShape};
use crate::learner::optimiser::Adam;
use crate::learner::settings::{AdamSettings, LearnerSettings};
use crate::learner::spec::LearnerSpec;
use crate::learner::state::StateDict;
use crate::learner::trained::Role;
use crate::learner::vectorised::follow;
use crate::mdp::Experience;
use crate::random::stream;

pub(super) static SPEC: MethodSpec = MethodSpec {
    name: "low_rank",
    summary: "adapts a policy by few parameters, and keeps its own weights",
    family: MethodFamily::Architecture,
    paper: "Hu et al. 2021, LoRA: low-rank adaptation of large language models",
    equation: "W = W_0 + A B",
    cost: "two thin products for each layer in each update; a copy of all weights, and the factors with their moments",
    needs: Needs::NOTHING,
    curriculum: Curriculum::Any,
    remove_strength: |settings| {
        settings.custom.remove("low_rank");
    },
    act_soon: |_| {},
    memory: |_, scale| scale.weights(6),
    build: |settings, spec| Box::new(LowRank::new(settings, spec)),
    keeps: Keeps::Weights,
    ..MethodSpec::FINETUNE
};

/// Settings, in the table `[learner.custom.low_rank]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct LowRankSettings {
    /// Rank of the change of each layer's weights; 0 equals `finetune`.
    #[garde(range(max = 64))]
    pub rank: usize,
}

impl LowRankSettings {
    /// Returns the settings of a learner's; the default ones where there are none, or none that can be read.
    pub fn of(settings: &LearnerSettings) -> Self {
        let own = settings.custom.get("low_rank").cloned();
        own.and_then(|own| own.try_into().ok()).unwrap_or_default()
    }

    /// Writes them into a learner's settings.
    pub fn set(&self, settings: &mut LearnerSettings) {
        let rank = toml::Value::Integer(self.rank as i64);
        let own = toml::Table::from_iter([("rank".to_owned(), rank)]);
        settings.custom.insert("low_rank".to_owned(), own.into());
    }
}

/// Factors of a layer's change.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LayerFactors {
    /// `[inputs + 1, rank]`.
    pub a: Vec<f32>,
    /// `[rank, outputs]`.
    pub b: Vec<f32>,
}

/// Writes `W_0 + A B` of every layer into `parameters`.
pub fn adapted(shape: &NetworkShape, base: &[f32], factors: &[LayerFactors], rank: usize, parameters: &mut [f32]) {
    parameters.copy_from_slice(base);
    for (layer, factors) in shape.layers().iter().zip(factors) {
        let change = product(rank, &factors.a, layer.outputs, &factors.b);
        for (weight, change) in parameters[layer.range.clone()].iter_mut().zip(change) {
            *weight += change;
        }
    }
}

/// Returns the product of `[rows, inner]` and `[inner, columns]`.
fn product(inner: usize, left: &[f32], columns: usize, right: &[f32]) -> Vec<f32> {
    let (left, right) = (Matrix::from_rows(inner, left), Matrix::from_rows(columns, right));
    Factor::from(&left)
        .product(Factor::from(&right))
        .iter()
        .flatten()
        .copied()
        .collect()
}

/// A layer in training.
struct Trained {
    shape: LayerShape,
    now: LayerFactors,
    average: LayerFactors,
    optimisers: [Adam; 2],
}

struct LowRank {
    rank: usize,
    seed: u64,
    averaging: f32,
    adam: AdamSettings,
    shape: NetworkShape,
    /// Weights of the policy itself; empty before the first observation.
    base: Vec<f32>,
    layers: Vec<Trained>,
}

impl LowRank {
    fn new(settings: &LearnerSettings, spec: &LearnerSpec) -> Self {
        Self {
            rank: LowRankSettings::of(settings).rank,
            seed: spec.seed,
            averaging: settings.evaluation_averaging,
            adam: settings.adam.clone(),
            shape: settings.network_shape(spec),
            base: Vec::new(),
            layers: Vec::new(),
        }
    }

    fn begin(&mut self, base: &[f32]) {
        self.base = base.to_vec();
        let (rank, adam, seed) = (self.rank, &self.adam, self.seed);
        let layers = self.shape.layers().into_iter().enumerate().map(|(number, shape)| {
            let (rows, columns) = ((shape.inputs + 1) * rank, rank * shape.outputs);
            let drawn = LayerShape {
                range: 0..rows,
                ..shape.clone()
            };
            let now = LayerFactors {
                a: drawn
                    .initial_parameters(&mut stream(seed, "low_rank", number as u64))
                    .collect(),
                b: vec![0.0; columns],
            };
            Trained {
                average: now.clone(),
                now,
                optimisers: [Adam::new(adam, rows), Adam::new(adam, columns)],
                shape,
            }
        });
        self.layers = layers.collect();
    }

    fn evaluated(&self) -> Vec<LayerFactors> {
        let averaged = self.averaging > 0.0;
        let layers = self.layers.iter();
        layers
            .map(|layer| if averaged { layer.average.clone() } else { layer.now.clone() })
            .collect()
    }
}

impl Method for LowRank {
    fn observe(&mut self, _experience: &Experience, learner: &mut LearnerView<'_>) {
        if self.rank > 0 && self.base.is_empty() {
            self.begin(learner.algorithm.networks()[0].parameters());
        }
    }

    /// Moves the factors against their gradients, `dA = G B^T` and `dB = A^T G`, and leaves none to the optimiser of the weights.
    fn adjust_gradients(&mut self, _batch: &Batch, learner: &mut LearnerView<'_>, _losses: &mut Losses) {
        if self.base.is_empty() {
            return;
        }
        let Some(network) = learner
            .algorithm
            .networks_mut()
            .iter_mut()
            .find(|network| network.role() == Role::Policy)
        else {
            return;
        };
        let rank = self.rank;
        for layer in &mut self.layers {
            let gradient = Matrix::from_rows(layer.shape.outputs, &network.gradient[layer.shape.range.clone()]);
            let (a, b) = (
                Matrix::from_rows(rank, &layer.now.a),
                Matrix::from_rows(layer.shape.outputs, &layer.now.b),
            );
            let of_a = Factor::from(&gradient).product(Factor::from(&b).transposed());
            let of_b = Factor::from(&a).transposed().product(Factor::from(&gradient));
            let flat = |matrix: &Matrix| matrix.iter().flatten().copied().collect::<Vec<f32>>();
            layer.optimisers[0].step(&mut layer.now.a, &flat(&of_a));
            layer.optimisers[1].step(&mut layer.now.b, &flat(&of_b));
            follow(&mut layer.average.a, &layer.now.a, self.averaging);
            follow(&mut layer.average.b, &layer.now.b, self.averaging);
        }
        network.gradient.fill(0.0);
        network.count_multiply_adds(3 * rank as u64 * self.base.len() as u64);
    }

    fn settle_weights(&mut self, learner: &mut LearnerView<'_>) {
        if self.base.is_empty() {
            return;
        }
        let now: Vec<LayerFactors> = self.layers.iter().map(|layer| layer.now.clone()).collect();
        adapted(
            &self.shape,
            &self.base,
            &now,
            self.rank,
            learner.algorithm.networks_mut()[0].parameters_mut(),
        );
    }

    fn evaluated_policy(&self, _task: Option<u16>, parameters: &mut [f32]) {
        if !self.base.is_empty() {
            adapted(&self.shape, &self.base, &self.evaluated(), self.rank, parameters);
        }
    }

    fn state_bytes(&self) -> u64 {
        let numbers: usize = self
            .layers
            .iter()
            .map(|layer| 4 * (layer.now.a.len() + layer.now.b.len()))
            .sum();
        ((self.base.len() + numbers) * size_of::<f32>()) as u64
    }

    fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        state.put(format!("{prefix}.base"), &self.base);
        state.set(format!("{prefix}.layers"), &self.layers.len())?;
        for (number, layer) in self.layers.iter().enumerate() {
            let prefix = format!("{prefix}.{number}");
            for (name, factors) in [("now", &layer.now), ("average", &layer.average)] {
                state.put(format!("{prefix}.{name}.a"), &factors.a);
                state.put(format!("{prefix}.{name}.b"), &factors.b);
            }
            for (name, adam) in ["a", "b"].into_iter().zip(&layer.optimisers) {
                adam.save(state, &format!("{prefix}.adam.{name}"))?;
            }
        }
        Ok(())
    }

    fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        let base: Vec<f32> = state.array(&format!("{prefix}.base"))?;
        let layers: usize = state.get(&format!("{prefix}.layers"))?;
        (self.base, self.layers) = (Vec::new(), Vec::new());
        if layers == 0 {
            return Ok(());
        }
        if base.len() != self.shape.parameters() {
            return Err(StateError::Mismatch {
                entry: format!("{prefix}.base"),
                expected: self.shape.parameters().to_string(),
                found: base.len().to_string(),
            });
        }
        self.begin(&base);
        for (number, layer) in self.layers.iter_mut().enumerate() {
            let prefix = format!("{prefix}.{number}");
            for (name, factors) in [("now", &mut layer.now), ("average", &mut layer.average)] {
                factors.a = state.array_of_len(&format!("{prefix}.{name}.a"), factors.a.len())?;
                factors.b = state.array_of_len(&format!("{prefix}.{name}.b"), factors.b.len())?;
            }
            for (name, adam) in ["a", "b"].into_iter().zip(&mut layer.optimisers) {
                adam.load(state, &format!("{prefix}.adam.{name}"))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "low_rank_tests.rs"]
mod tests;
