//! A multilayer perceptron on dfdx tensors, with sizes chosen at run time.
//!
//! ## Storage of the weights
//! The parameters are stored in one flat slice: for each layer, row by row, the weights `[inputs, outputs]`, followed by one more
//! row with the biases. Optimiser, target averaging, clipping, checkpoints and methods work on that slice, in loops that
//! vectorise; [`Network`] is a copy of it in dfdx tensors, used to compute products.
//!
//! ## Biases as a row of the weights
//! dfdx adds a broadcast bias element by element through an index iterator, forward and backward. Here the biases are part of the
//! products: every layer's input has one more column that is always 1, and the biases are the corresponding row of the weights.
//! The product of the transposed input with the gradient of the output is then the gradient of weights and biases at once, with
//! exactly the layout of the flat slice.
//!
//! ## Explicit backward pass
//! Every loss of this crate is a function of the network's outputs whose gradient there is known in closed form. What remains is
//! one product for each layer's weights and one for its input. Writing the backward pass explicitly omits a result that a tape
//! computes but nothing uses: the gradient with respect to the observations, a tenth of all work. It also provides what methods
//! need: the outputs of each hidden unit, and gradients that start at any layer. A test compares it with dfdx's automatic
//! differentiation.
//!
//! Measured for 107-128-128-5 and 128 rows on one core, forward and backward: with dfdx's tape and broadcast biases 371 us, with
//! the tape and biases as a row 329 us, in this version 246 us, of which the products alone take about 230.

mod device;
mod per_row;

pub use per_row::RowMeasure;

use dfdx::shapes::Axes2;
use dfdx::tensor::{Cpu, Tensor, ZerosTensor};
use dfdx::tensor_ops::{PermuteTo, TryMatMul};
use rand::Rng;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;

use crate::learner::inputs::Inputs;
use crate::learner::network::device::CachingDevice;
use crate::random::Stream;

type Matrix = Tensor<(usize, usize), f32, Cpu>;

/// Row counts for which matrices are kept to be used again, before all are given back.
const MOST_CACHED_ROW_COUNTS: usize = 8;

/// Sizes of a network: inputs, hidden layers (ReLU) and outputs (linear).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkShape {
    /// Number of values of one observation.
    pub inputs: usize,
    /// Number of units of each hidden layer.
    pub hidden: Vec<usize>,
    /// Number of outputs.
    pub outputs: usize,
}

/// Sizes of one layer, and the position of its parameters in the flat slice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerShape {
    /// Number of inputs, without the constant 1.
    pub inputs: usize,
    /// Number of outputs.
    pub outputs: usize,
    /// `(inputs + 1) * outputs` parameters: weights `[inputs, outputs]`, then biases.
    pub range: Range<usize>,
}

impl NetworkShape {
    /// Returns the layers, from the observation to the outputs.
    pub fn layers(&self) -> Vec<LayerShape> {
        let mut start = 0;
        let mut inputs = self.inputs;
        let mut layers = Vec::with_capacity(self.hidden.len() + 1);
        for &outputs in self.hidden.iter().chain([&self.outputs]) {
            let end = start + (inputs + 1) * outputs;
            layers.push(LayerShape {
                inputs,
                outputs,
                range: start..end,
            });
            (start, inputs) = (end, outputs);
        }
        layers
    }

    /// Number of parameters in the flat slice.
    pub fn parameters(&self) -> usize {
        self.layers().last().map_or(0, |layer| layer.range.end)
    }

    /// Checks that it is the shape of a network: numbers go in and come out, no layer is empty, and the parameters can be counted.
    pub fn is_possible(&self) -> bool {
        let widths = || self.hidden.iter().chain([&self.outputs]).copied();
        let parameters = widths().try_fold((0_usize, self.inputs), |(sum, inputs), outputs| {
            let layer = inputs.checked_add(1)?.checked_mul(outputs)?;
            Some((sum.checked_add(layer)?, outputs))
        });
        self.inputs > 0 && widths().all(|width| width > 0) && parameters.is_some()
    }

    /// Multiply-adds of a forward pass of one row; biases count as one each.
    pub fn forward_multiply_adds(&self) -> u64 {
        self.parameters() as u64
    }

    /// Draws initial parameters: each weight and bias uniform in `+-1 / sqrt(inputs of its layer)`.
    ///
    /// This is LeCun's bound as PyTorch and dfdx use it for linear layers (He et al.'s Kaiming-uniform with `a = sqrt(5)`).
    pub fn initial_parameters(&self, rng: &mut Stream) -> Vec<f32> {
        let mut parameters = Vec::with_capacity(self.parameters());
        for layer in self.layers() {
            let bound = 1.0 / (layer.inputs as f32).sqrt();
            parameters.extend(layer.range.map(|_| {
                // The upper 24 bits: every such number is exact in single precision.
                let unit = (rng.next_u64() >> 40) as f32 / (1u64 << 24) as f32;
                (2.0 * unit - 1.0) * bound
            }));
        }
        parameters
    }
}

struct Layer {
    shape: LayerShape,
    /// `[inputs + 1, outputs]`, biases last.
    augmented: Matrix,
    /// `[inputs, outputs]`, for passing gradients back. `None` in the first layer, because its input's gradient is not needed.
    weights: Option<Matrix>,
}

/// Stored values of a forward pass, for the backward pass and for methods; buffers are reused from pass to pass.
#[derive(Default)]
pub struct Pass {
    rows: usize,
    /// The input of each layer, `[rows, inputs + 1]`.
    inputs: Vec<Matrix>,
    /// The gradient at the output of each layer, before its ReLU, `[rows, outputs]`.
    gradients: Vec<Matrix>,
    /// Outputs of each hidden layer, `[rows, outputs + 1]`; the last column is 1.
    hidden: Vec<Vec<f32>>,
    /// `[rows, outputs]`.
    outputs: Vec<f32>,
    products: Vec<f32>,
    /// Keeps the device of the matrices above. Dropped last: matrices go back to its cache, and only then is the cache emptied.
    device: Option<Arc<CachingDevice>>,
}

impl Pass {
    /// Number of rows of the pass.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Outputs, `[rows, outputs]`.
    pub fn outputs(&self) -> &[f32] {
        &self.outputs
    }

    /// Outputs of hidden layer `layer`, `[rows, units + 1]`; the last column is the constant 1.
    pub fn hidden(&self, layer: usize) -> &[f32] {
        &self.hidden[layer]
    }
}

/// Copy of a network's parameters in dfdx tensors, which computes forward and backward passes.
pub struct Network {
    shape: NetworkShape,
    layers: Vec<Layer>,
    /// Weights of the first layer `[inputs, outputs]`, if gradients with respect to the inputs are needed.
    entrance: Option<Matrix>,
    multiply_adds: u64,
    /// Dropped after the matrices, like that of a [`Pass`].
    device: Arc<CachingDevice>,
    /// Row counts for which the cache of the device may hold matrices.
    cached_row_counts: Vec<usize>,
}

impl Network {
    /// Creates a copy of `parameters`, whose number must be that of `shape`.
    pub fn new(shape: &NetworkShape, parameters: &[f32]) -> Self {
        let device = Arc::new(CachingDevice::new());
        let layers = shape.layers().into_iter().enumerate().map(|(index, layer)| Layer {
            augmented: device.cpu().zeros_like(&(layer.inputs + 1, layer.outputs)),
            weights: (index > 0).then(|| device.cpu().zeros_like(&(layer.inputs, layer.outputs))),
            shape: layer,
        });
        let mut network = Self {
            shape: shape.clone(),
            layers: layers.collect(),
            entrance: None,
            multiply_adds: 0,
            device,
            cached_row_counts: Vec::new(),
        };
        network.set(parameters);
        network
    }

    /// Like [`new`](Self::new), for a network that takes the outputs of another: enables
    /// [`input_gradient`](Self::input_gradient).
    pub fn with_input_gradient(shape: &NetworkShape, parameters: &[f32]) -> Self {
        let mut network = Self::new(shape, parameters);
        let first = &network.layers[0].shape;
        network.entrance = Some(network.device.cpu().zeros_like(&(first.inputs, first.outputs)));
        network.set(parameters);
        network
    }

    /// Sizes of the network.
    pub fn shape(&self) -> &NetworkShape {
        &self.shape
    }

    /// Copies changed parameters.
    pub fn set(&mut self, parameters: &[f32]) {
        for layer in &mut self.layers {
            let flat = &parameters[layer.shape.range.clone()];
            layer.augmented.copy_from(flat);
            if let Some(weights) = &mut layer.weights {
                weights.copy_from(&flat[..layer.shape.inputs * layer.shape.outputs]);
            }
        }
        let first = &self.layers[0].shape;
        if let Some(entrance) = &mut self.entrance {
            entrance.copy_from(&parameters[..first.inputs * first.outputs]);
        }
    }

    /// Number of multiply-adds of all passes so far, computed from their shapes.
    pub fn multiply_adds(&self) -> u64 {
        self.multiply_adds
    }

    /// Computes `pass.outputs()` from rows of `shape.inputs` numbers.
    pub fn forward(&mut self, inputs: &Inputs, pass: &mut Pass) {
        debug_assert_eq!(inputs.width(), self.shape.inputs);
        let rows = inputs.rows();
        self.make_room(rows, pass);
        if rows == 0 {
            return;
        }
        pass.inputs[0].copy_from(inputs.augmented());
        let last = self.layers.len() - 1;
        for (index, layer) in self.layers.iter().enumerate() {
            let product = pass.inputs[index].clone().matmul(layer.augmented.clone());
            if index == last {
                product.copy_into(&mut pass.outputs);
            } else {
                let units = layer.shape.outputs;
                let products = &mut pass.products[..rows * units];
                product.copy_into(products);
                let hidden = &mut pass.hidden[index];
                for (row, product) in hidden.chunks_exact_mut(units + 1).zip(products.chunks_exact(units)) {
                    for (unit, &sum) in row.iter_mut().zip(product) {
                        *unit = if sum > 0.0 { sum } else { 0.0 };
                    }
                }
                pass.inputs[index + 1].copy_from(hidden);
            }
        }
        self.multiply_adds += rows as u64 * self.shape.forward_multiply_adds();
    }

    /// Computes the gradient of a loss with respect to all parameters from its gradient `[rows, outputs]` at the outputs of the
    /// last pass.
    ///
    /// Overwrites `flat_gradient`, which has the layout of the parameters.
    pub fn backward(&mut self, pass: &mut Pass, output_gradient: &[f32], flat_gradient: &mut [f32]) {
        self.backward_from(self.layers.len() - 1, pass, output_gradient, flat_gradient);
    }

    /// Like [`backward`](Self::backward), for a gradient at the output of layer `layer`, before its ReLU if it is hidden.
    ///
    /// Overwrites the part of `flat_gradient` that belongs to layers `0..=layer`, and leaves the rest unchanged.
    pub fn backward_from(&mut self, layer: usize, pass: &mut Pass, gradient: &[f32], flat_gradient: &mut [f32]) {
        let rows = pass.rows;
        if rows == 0 {
            flat_gradient[..self.layers[layer].shape.range.end].fill(0.0);
            return;
        }
        pass.gradients[layer].copy_from(gradient);
        for index in (0..=layer).rev() {
            let layer = &self.layers[index];
            let (inputs, outputs) = (layer.shape.inputs, layer.shape.outputs);
            let transposed = pass.inputs[index].clone().permute::<(usize, usize), Axes2<1, 0>>();
            transposed
                .matmul(pass.gradients[index].clone())
                .copy_into(&mut flat_gradient[layer.shape.range.clone()]);
            self.multiply_adds += (rows * (inputs + 1) * outputs) as u64;
            self.pass_below(index, pass);
        }
    }

    /// Converts the gradient at the output of layer `index` to that at the output of the previous layer, before its ReLU.
    fn pass_below(&mut self, index: usize, pass: &mut Pass) {
        let layer = &self.layers[index];
        let Some(weights) = &layer.weights else { return };
        let (rows, inputs, outputs) = (pass.rows, layer.shape.inputs, layer.shape.outputs);
        let transposed = weights.clone().permute::<(usize, usize), Axes2<1, 0>>();
        let below = &mut pass.products[..rows * inputs];
        pass.gradients[index].clone().matmul(transposed).copy_into(below);
        self.multiply_adds += (rows * inputs * outputs) as u64;
        let hidden = &pass.hidden[index - 1];
        for (gradients, units) in below.chunks_exact_mut(inputs).zip(hidden.chunks_exact(inputs + 1)) {
            for (gradient, &unit) in gradients.iter_mut().zip(units) {
                *gradient = if unit > 0.0 { *gradient } else { 0.0 };
            }
        }
        pass.gradients[index - 1].copy_from(below);
    }

    /// Computes the gradient with respect to the inputs, `[rows, inputs]`, after a backward pass. Writes nothing if the network
    /// was not created [for it](Self::with_input_gradient).
    pub fn input_gradient(&mut self, pass: &Pass, gradient: &mut [f32]) {
        let Some(entrance) = self.entrance.as_ref().filter(|_| pass.rows > 0) else {
            return;
        };
        let transposed = entrance.clone().permute::<(usize, usize), Axes2<1, 0>>();
        pass.gradients[0].clone().matmul(transposed).copy_into(gradient);
        let first = &self.layers[0].shape;
        self.multiply_adds += (pass.rows * first.inputs * first.outputs) as u64;
    }

    fn make_room(&mut self, rows: usize, pass: &mut Pass) {
        if pass.rows == rows && pass.inputs.len() == self.layers.len() {
            return;
        }
        if !self.cached_row_counts.contains(&rows) {
            // The cache holds matrices of every size that ever was. Most networks see two or three row counts; where rows are drawn
            // until they fit, as in sequences, there are hundreds.
            if self.cached_row_counts.len() == MOST_CACHED_ROW_COUNTS {
                self.device.empty_cache();
                self.cached_row_counts.clear();
            }
            self.cached_row_counts.push(rows);
        }
        let shapes = || self.layers.iter().map(|layer| &layer.shape);
        pass.rows = rows;
        pass.inputs = shapes()
            .map(|shape| self.device.cpu().zeros_like(&(rows, shape.inputs + 1)))
            .collect();
        pass.gradients = shapes()
            .map(|shape| self.device.cpu().zeros_like(&(rows, shape.outputs)))
            .collect();
        // Only now: the matrices that were here before have gone back to the device that was theirs.
        pass.device = Some(self.device.clone());
        pass.hidden = self.shape.hidden.iter().map(|units| vec![1.0; rows * (units + 1)]).collect();
        pass.outputs = vec![0.0; rows * self.shape.outputs];
        let widest = self.shape.hidden.iter().max().copied().unwrap_or(0);
        pass.products = vec![0.0; rows * widest];
    }
}
