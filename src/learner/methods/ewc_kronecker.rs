//! Elastic weight consolidation with a Kronecker-factored Fisher information: it knows how the weights of a layer matter together.
//!
//! Ritter, Botev and Barber 2018, "Online structured Laplace approximations for overcoming catastrophic forgetting", section 3:
//! `L(theta) + strength / 2 * sum_l vec(W_l - W*_l)^T (A_l kron G_l) vec(W_l - W*_l)` over the layers `l`, with the factors of Martens and Grosse
//! 2015: `A = mean_s x x^T` of a layer's inputs, biases included, and `G = mean_s sum_a d d^T` of the gradients at its outputs. The diagonal of
//! [`ewc`](super::ewc) penalises each weight on its own; here two changes that cancel each other in the outputs cost nothing. Its gradient is
//! `strength * A (W - W*) G`. The information is that of the outputs' own distribution, exactly as for `ewc`: categorical for a policy, normal with
//! unit variance for values.
//!
//! Deviations. The paper adds the curvature of every task to a precision, in which the first one is that of the prior; here there is no prior, and
//! what was there decays (Schwarz et al. 2018) when a task is added, because in cyclic years a sum would grow without bound. A sum of two products
//! is no product: it is replaced by the nearest one (van Loan and Pitsianis 1993, "Approximation with Kronecker products"), which is found exactly,
//! because the rearranged sum has rank two. So the size does not grow with the tasks. The curvature of a task is divided by the mean of its
//! diagonal, as for `ewc`, so that one strength serves networks of any size; it has no ceiling, which would have no meaning for a product. A weight
//! that another method resets is not held before the end of the next task.
//!
//! Costs, at the end of each task, one forward pass over `samples` observations, one backward pass for each action, and the products; in each
//! update two products of matrices for each layer. Two square matrices for each layer, and an anchor for each weight. Always holds: with
//! `strength = 0` all weights are those of fine-tuning, bit for bit.

#[cfg(test)]
#[path = "ewc_kronecker_tests.rs"]
mod tests;

use crate::learner::algorithms::TrainedNetwork;
use crate::learner::error::StateError;
use crate::learner::losses::Losses;
use crate::learner::memory::Batch;
use crate::learner::methods::importance::for_each_fisher_gradient;
use crate::learner::methods::{
    Axis, Curriculum, Keeps, LearnerView, LossSpec, Method, MethodFamily, MethodSpec, Needs, Tuning, WeightsReset,
};
use crate::learner::need::{LearnerScale, product};
use crate::learner::network::{Factor, LayerShape, Matrix};
use crate::learner::settings::is_a_number;
use crate::learner::state::StateDict;
use crate::learner::trained::Role;
use crate::random::{Stream, stream};
use garde::Validate;
use serde::{Deserialize, Serialize};

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "ewc_kronecker",
    summary: "penalises changes of weights by a Kronecker-factored Fisher information",
    family: MethodFamily::Regularisation,
    paper: "Ritter, Botev and Barber 2018, Online structured Laplace approximations for overcoming catastrophic forgetting",
    equation: "L(theta) + strength / 2 sum_l vec(W - anchor)^T (A kron G) vec(W - anchor), A = mean_s x x^T, G = mean_s sum_a d d^T",
    cost: "one forward and one backward pass per action over 2,048 observations at each task's end, two products per layer in each update; stores two square matrices per layer and an anchor for each weight",
    needs: Needs::TASK_BOUNDARIES,
    curriculum: Curriculum::Sequential,
    losses: &[LossSpec {
        name: "ewc_kronecker",
        title: "Penalty",
        text: "How far the weights have moved since the last task, weighted by how they matter together.",
    }],
    tuning: Some(Tuning(&[
        Axis {
            path: "learner.ewc_kronecker.strength",
            first: "0.01",
            values: &["0.0", "0.001", "0.01", "0.1", "1.0"],
        },
        Axis {
            path: "learner.ewc_kronecker.reset_optimiser",
            first: "false",
            values: &["false", "true"],
        },
    ])),
    remove_strength: |settings| {
        settings.ewc_kronecker.strength = 0.0;
        settings.ewc_kronecker.reset_optimiser = false;
    },
    act_soon: |_| {},
    memory: |_, scale| scale.weights(3).saturating_add(factor_bytes(scale)),
    keeps: Keeps::Weights,
    heads: true,
    build: |settings, spec| {
        let rng = stream(spec.seed, "learner.ewc_kronecker.samples", 0);
        Box::new(EwcKronecker::new(&settings.ewc_kronecker, rng))
    },
};

/// Bytes of the factors of all networks, and of those of the task that ends.
fn factor_bytes(scale: &LearnerScale) -> u64 {
    let widths = scale.layer_inputs.iter().chain([&scale.actions]);
    let squares = widths.map(|&width| width.saturating_mul(width));
    product(&[
        4,
        scale.networks,
        squares.fold(0, u64::saturating_add),
        size_of::<f32>() as u64,
    ])
}

/// Settings of elastic weight consolidation with Kronecker factors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct EwcKroneckerSettings {
    /// Weight of the penalty for a curvature whose diagonal has mean 1; 0 equals `finetune`.
    #[garde(range(min = 0.0, max = 1.0e9), custom(is_a_number))]
    pub strength: f32,
    /// `true` to hold critics too, `false` for the policy only.
    #[garde(skip)]
    pub critics: bool,
    /// `true` to reset the optimiser's state at the end of a task, before the penalty begins: its moments are those of gradients without it.
    #[garde(skip)]
    pub reset_optimiser: bool,
    /// Fraction of the curvature that remains when that of another task is added (Schwarz et al. 2018: `gamma`).
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub decay: f32,
    /// Number of observations of a task over which the factors are averaged.
    #[garde(range(min = 1, max = 1_000_000))]
    pub samples: usize,
}

impl Default for EwcKroneckerSettings {
    fn default() -> Self {
        Self {
            // In the middle of the grid: not tuned yet.
            strength: 0.01,
            critics: false,
            reset_optimiser: false,
            decay: 0.9,
            samples: 2_048,
        }
    }
}

/// Rows per pass.
const ROWS_OF_A_PASS: usize = 256;

/// Kronecker factors of the curvature of one layer.
#[derive(Clone, Debug)]
struct Curvature {
    /// `A`, `[inputs + 1, inputs + 1]`.
    inputs: Matrix,
    /// `G`, `[outputs, outputs]`.
    gradients: Matrix,
}

impl Curvature {
    /// Becomes the product nearest to the sum of `decay` times this one and `other`.
    ///
    /// With each matrix as a vector, the sum is `R = c a1 g1^T + a2 g2^T`, of rank two. Its first singular vector is `u = x1 a1 + x2 a2`, where `x`
    /// is the first eigenvector of `C M_g C M_a`, with the scalar products `M` and `C = diag(c, 1)`; and `R^T u = y1 g1 + y2 g2` with
    /// `y = C M_a x`. Scalar products of positive semidefinite matrices are not negative, so neither are `x` and `y`, and both factors stay
    /// positive semidefinite.
    fn blend(&mut self, decay: f32, other: &Self) {
        let gram = |first: &Matrix, second: &Matrix| [dot(first, first), dot(first, second), dot(second, second)];
        let [a11, a12, a22] = gram(&self.inputs, &other.inputs);
        let [g11, g12, g22] = gram(&self.gradients, &other.gradients);
        let c = f64::from(decay);
        let (h11, h12, h22) = (c * c * g11, c * g12, g22);
        let (k11, k12) = (h11 * a11 + h12 * a12, h11 * a12 + h12 * a22);
        let (k21, k22) = (h12 * a11 + h22 * a12, h12 * a12 + h22 * a22);
        let (trace, difference) = (k11 + k22, k11 - k22);
        let largest = 0.5 * (trace + (difference * difference + 4.0 * k12 * k21).sqrt());
        // Two forms of the same eigenvector, of which one may vanish.
        let candidates = [(k12, largest - k11), (largest - k22, k21)];
        let size = |x: &(f64, f64)| x.0 * x.0 * a11 + 2.0 * x.0 * x.1 * a12 + x.1 * x.1 * a22;
        let [first, second] = candidates;
        let x = if size(&first) >= size(&second) { first } else { second };
        let length = size(&x).sqrt();
        // Without any curvature, or with none that is new, there is nothing to combine.
        if length.is_nan() || length <= 0.0 {
            if k11 == 0.0 {
                self.clone_from(other);
            }
            return;
        }
        let x = (x.0 / length, x.1 / length);
        let y = (c * (a11 * x.0 + a12 * x.1), a12 * x.0 + a22 * x.1);
        combine(&mut self.inputs, x, &other.inputs);
        combine(&mut self.gradients, y, &other.gradients);
    }

    /// Returns `A D G`, and the multiply-adds that it took.
    fn times(&self, distance: &Matrix) -> (Matrix, u64) {
        let left = Factor::from(&self.inputs).product(Factor::from(distance));
        let (rows, columns) = (distance.rows() as u64, distance.columns() as u64);
        let result = Factor::from(&left).product(Factor::from(&self.gradients));
        (result, rows * rows * columns + rows * columns * columns)
    }
}

/// Scalar product of two matrices, as vectors.
fn dot(left: &Matrix, right: &Matrix) -> f64 {
    let numbers = left.numbers().iter().zip(right.numbers());
    numbers.map(|(&left, &right)| f64::from(left) * f64::from(right)).sum()
}

fn trace(matrix: &Matrix) -> f64 {
    (0..matrix.rows()).map(|place| f64::from(matrix.row(place)[place])).sum()
}

/// Becomes `factors.0` times itself plus `factors.1` times `other`.
fn combine(matrix: &mut Matrix, factors: (f64, f64), other: &Matrix) {
    for (row, other) in matrix.iter_mut().zip(other.iter()) {
        for (number, &other) in row.iter_mut().zip(other) {
            *number = (factors.0 * f64::from(*number) + factors.1 * f64::from(other)) as f32;
        }
    }
}

/// Measures the sums of the factors over the rows of `views`, for the first layers of a network.
fn add_curvature(network: &mut TrainedNetwork, views: &Batch, inputs: &mut [Matrix], gradients: &mut [Matrix]) {
    let (meaning, actions) = (network.outputs_mean(), network.shape().outputs);
    let outputs = network.forward(&views.observations).to_vec();
    network.accumulate_input_products(inputs);
    for_each_fisher_gradient(meaning, actions, &outputs, |gradient| {
        network.accumulate_gradient_products(gradient, gradients);
    });
}

/// Anchor and curvature of one network.
#[derive(Clone, Debug, Default)]
struct Held {
    /// Layers that are held, the first ones of the network; none before the end of the first task.
    layers: Vec<LayerShape>,
    curvature: Vec<Curvature>,
    /// Weights of the held layers at the end of the last task.
    anchor: Vec<f32>,
    /// 1 for weights that were reset since, which are not held; empty if there are none.
    reset: Vec<u8>,
}

struct EwcKronecker {
    settings: EwcKroneckerSettings,
    rng: Stream,
    /// One for each network of the algorithm.
    held: Vec<Held>,
}

impl EwcKronecker {
    fn new(settings: &EwcKroneckerSettings, rng: Stream) -> Self {
        Self {
            settings: settings.clone(),
            rng,
            held: Vec::new(),
        }
    }

    /// Measures the curvature of the first layers of each network that is held, with a diagonal of mean 1; none for the others.
    fn measure(&mut self, learner: &mut LearnerView<'_>) -> Vec<(Vec<LayerShape>, Vec<Curvature>)> {
        let hold = |network: &TrainedNetwork| network.role() == Role::Policy || self.settings.critics;
        let layers_of = |network: &TrainedNetwork| {
            let shared = learner.shared_parameters(network);
            let layers = network.shape().layers().into_iter();
            layers
                .filter(|layer| hold(network) && layer.range.end <= shared)
                .collect::<Vec<LayerShape>>()
        };
        let layers: Vec<Vec<LayerShape>> = learner.algorithm.networks().iter().map(layers_of).collect();
        let square = |width: usize| Matrix::zeros(width, width);
        let mut sums: Vec<(Vec<Matrix>, Vec<Matrix>)> = layers
            .iter()
            .map(|layers| {
                let inputs = layers.iter().map(|layer| square(layer.inputs + 1));
                (inputs.collect(), layers.iter().map(|layer| square(layer.outputs)).collect())
            })
            .collect();
        let mut views = Batch::new(learner.decoder.len());
        let mut left = self.settings.samples;
        while left > 0 {
            let rows = left.min(ROWS_OF_A_PASS);
            left -= rows;
            views.clear();
            learner.recent.sample_views(rows, &mut self.rng, learner.decoder, &mut views);
            for (network, (inputs, gradients)) in learner.algorithm.networks_mut().iter_mut().zip(&mut sums) {
                if !inputs.is_empty() {
                    add_curvature(network, &views, inputs, gradients);
                }
            }
        }
        let share = 1.0 / self.settings.samples as f64;
        let networks = layers.into_iter().zip(sums).map(|(layers, (inputs, gradients))| {
            let mut curvature: Vec<Curvature> = inputs
                .into_iter()
                .zip(gradients)
                .map(|(inputs, gradients)| Curvature { inputs, gradients })
                .collect();
            let total: f64 = curvature
                .iter()
                .map(|layer| trace(&layer.inputs) * trace(&layer.gradients))
                .sum();
            let weights = layers.last().map_or(0, |layer| layer.range.end);
            let scale = if total > 0.0 {
                weights as f64 / (share * share * total)
            } else {
                0.0
            };
            for layer in &mut curvature {
                layer.inputs.iter_mut().flatten().for_each(|number| *number *= share as f32);
                let scale = (share * scale) as f32;
                layer.gradients.iter_mut().flatten().for_each(|number| *number *= scale);
            }
            (layers, curvature)
        });
        networks.collect()
    }
}

impl Held {
    /// Adds the gradient of the penalty to that of the network, and returns the penalty.
    fn pull(&self, strength: f32, network: &mut TrainedNetwork) -> f32 {
        let (mut penalty, mut multiply_adds) = (0.0, 0);
        let (parameters, gradient) = network.parameters_and_gradient_mut();
        let is_held = |place: usize| self.reset.get(place).is_none_or(|&reset| reset == 0);
        for (layer, curvature) in self.layers.iter().zip(&self.curvature) {
            let moved = layer.range.clone().map(|place| {
                if is_held(place) {
                    parameters[place] - self.anchor[place]
                } else {
                    0.0
                }
            });
            let distance = Matrix::from_rows(layer.outputs, &moved.collect::<Vec<f32>>());
            let (slope, cost) = curvature.times(&distance);
            multiply_adds += cost;
            let slopes = slope.iter().flatten().zip(distance.iter().flatten());
            for (place, (&slope, &distance)) in layer.range.clone().zip(slopes) {
                penalty += slope * distance;
                if is_held(place) {
                    gradient[place] += strength * slope;
                }
            }
        }
        network.count_multiply_adds(multiply_adds);
        0.5 * strength * penalty
    }
}

impl Method for EwcKronecker {
    fn resets_optimiser(&self) -> bool {
        self.settings.reset_optimiser
    }

    fn task_ended(&mut self, learner: &mut LearnerView<'_>) {
        if learner.recent.transitions() == 0 {
            return;
        }
        let measured = self.measure(learner);
        self.held.resize_with(measured.len(), Held::default);
        for ((held, network), (layers, curvature)) in self.held.iter_mut().zip(learner.algorithm.networks()).zip(measured) {
            if held.curvature.is_empty() {
                held.curvature = curvature;
            } else {
                for (held, measured) in held.curvature.iter_mut().zip(&curvature) {
                    held.blend(self.settings.decay, measured);
                }
            }
            let weights = layers.last().map_or(0, |layer| layer.range.end);
            held.anchor.clear();
            held.anchor.extend_from_slice(&network.parameters()[..weights]);
            held.reset.clear();
            held.layers = layers;
        }
    }

    fn adjust_gradients(&mut self, _batch: &Batch, learner: &mut LearnerView<'_>, losses: &mut Losses) {
        if self.settings.strength == 0.0 {
            return;
        }
        for (network, held) in learner.algorithm.networks_mut().iter_mut().zip(&self.held) {
            if !held.layers.is_empty() {
                losses.add("ewc_kronecker", held.pull(self.settings.strength, network));
            }
        }
    }

    fn weights_reset(&mut self, reset: &WeightsReset) {
        let Some(held) = self.held.get_mut(reset.network) else {
            return;
        };
        held.reset.resize(held.anchor.len(), 0);
        for &place in &reset.parameters {
            // Layers that are not held are not counted.
            if let Some(reset) = held.reset.get_mut(place) {
                *reset = 1;
            }
        }
    }

    fn state_bytes(&self) -> u64 {
        let bytes = self.held.iter().map(|held| {
            let factors = held
                .layers
                .iter()
                .map(|layer| (layer.inputs + 1).pow(2) + layer.outputs.pow(2));
            size_of::<f32>() * (held.anchor.len() + factors.sum::<usize>()) + held.reset.len()
        });
        bytes.sum::<usize>() as u64
    }

    fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        state.set(format!("{prefix}.rng"), &self.rng)?;
        state.set(format!("{prefix}.networks"), &self.held.len())?;
        for (index, held) in self.held.iter().enumerate() {
            let prefix = format!("{prefix}.{index}");
            let sizes: Vec<(usize, usize)> = held.layers.iter().map(|layer| (layer.inputs, layer.outputs)).collect();
            state.set(format!("{prefix}.layers"), &sizes)?;
            state.put(format!("{prefix}.anchor"), &held.anchor);
            state.put(format!("{prefix}.reset"), &held.reset);
            for (layer, curvature) in held.curvature.iter().enumerate() {
                let flat = |matrix: &Matrix| matrix.iter().flatten().copied().collect::<Vec<f32>>();
                state.put(format!("{prefix}.{layer}.inputs"), &flat(&curvature.inputs));
                state.put(format!("{prefix}.{layer}.gradients"), &flat(&curvature.gradients));
            }
        }
        Ok(())
    }

    fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        self.rng = state.get(&format!("{prefix}.rng"))?;
        let networks: usize = state.get(&format!("{prefix}.networks"))?;
        let held = |index: usize| {
            let prefix = format!("{prefix}.{index}");
            let sizes: Vec<(usize, usize)> = state.get(&format!("{prefix}.layers"))?;
            let mut layers: Vec<LayerShape> = Vec::new();
            let mut curvature = Vec::new();
            for (number, (inputs, outputs)) in sizes.into_iter().enumerate() {
                let start = layers.last().map_or(0, |layer| layer.range.end);
                let square = |name: &str, width: usize| {
                    let numbers: Vec<f32> = state.array_of_len(&format!("{prefix}.{number}.{name}"), width * width)?;
                    Ok::<_, StateError>(Matrix::from_rows(width, &numbers))
                };
                curvature.push(Curvature {
                    inputs: square("inputs", inputs + 1)?,
                    gradients: square("gradients", outputs)?,
                });
                layers.push(LayerShape {
                    inputs,
                    outputs,
                    range: start..start + (inputs + 1) * outputs,
                });
            }
            let weights = layers.last().map_or(0, |layer| layer.range.end);
            Ok(Held {
                anchor: state.array_of_len(&format!("{prefix}.anchor"), weights)?,
                reset: state.array(&format!("{prefix}.reset"))?,
                layers,
                curvature,
            })
        };
        self.held = (0..networks).map(held).collect::<Result<_, StateError>>()?;
        Ok(())
    }
}
