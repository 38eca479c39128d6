//! A multilayer perceptron with sizes chosen at run time, whose products use the widest instructions of the processor.
//!
//! ## Storage of the weights
//! The parameters are stored in one flat slice: for each layer, row by row, the weights `[inputs, outputs]`, followed by one more
//! row with the biases. Optimiser, target averaging, clipping, checkpoints and methods work on that slice, in loops that
//! vectorise; [`Network`] is a copy of it in aligned [matrices](Matrix), used to compute products.
//!
//! ## Biases as a row of the weights
//! Every layer's input has one more column that is always 1, and the biases are the corresponding row of the weights, so they are part
//! of the products. The product of the transposed input with the gradient of the output is then the gradient of weights and biases at
//! once, with exactly the layout of the flat slice.
//!
//! ## Explicit backward pass
//! Every loss of this crate is a function of the network's outputs whose gradient there is known in closed form. What remains is
//! one product for each layer's weights and one for its input. Writing the backward pass explicitly omits a result that a tape
//! computes but nothing uses: the gradient with respect to the observations, a tenth of all work. It also provides what methods
//! need: the outputs of each hidden unit, and gradients that start at any layer. [`Perceptron`] is the same network as a module of
//! dfdx, with these passes as one operation on its tape; tests compare both with dfdx's own operations.

//!
//! ## Layer normalisation
//! With [`NetworkShape::layer_norm`], the pre-activations `z = x W` of every hidden layer are normalised over the units of a row before the
//! ReLU (Ba, Kiros and Hinton 2016, "Layer normalization", eqs. 3-4): `n = (z - mean(z)) / sqrt(var(z) + 1e-5)`. Lyle et al. 2024,
//! "Disentangling the causes of plasticity loss in neural networks", put it in the same place of every hidden layer; Continual World (Wolczyk
//! et al. 2021) only in the first. The gradient is `dL/dz = (g - mean(g) - n mean(g n)) / sqrt(var(z) + 1e-5)` for `g = dL/dn`.
//!
//! There is no learned gain and offset. The weights of the next layer can absorb a gain, every unit still has its bias before the
//! normalisation, and without them the parameters have the same layout with and without normalisation: masks, anchors, bases, resets and
//! measures of single rows apply to both as they are.

mod factors;
mod matrix;
mod module;
mod pass;
mod per_row;
mod product;
mod shape;

pub use matrix::Matrix;
pub use module::Perceptron;
pub use pass::Pass;
pub use per_row::RowMeasure;
pub use product::{AVX512_VARIABLE, Factor, ProductKernel, UnknownKernel, multiply};
pub use shape::{LayerShape, NetworkShape};

use crate::learner::inputs::Inputs;
use crate::learner::vectorised::{mask, normalise_and_rectify, normalise_gradient, rectify};

struct Layer {
    shape: LayerShape,
    /// `[inputs + 1, outputs]`, biases last.
    augmented: Matrix,
}

/// Copy of a network's parameters, laid out for products, which computes forward and backward passes.
pub struct Network {
    shape: NetworkShape,
    layers: Vec<Layer>,
    kernel: ProductKernel,
    multiply_adds: u64,
}

impl Network {
    /// Creates a copy of `parameters`, whose number must be that of `shape`.
    pub fn new(shape: &NetworkShape, parameters: &[f32]) -> Self {
        let layers = shape.layers().into_iter().map(|layer| Layer {
            augmented: Matrix::zeros(layer.inputs + 1, layer.outputs),
            shape: layer,
        });
        let mut network = Self {
            shape: shape.clone(),
            layers: layers.collect(),
            kernel: ProductKernel::current(),
            multiply_adds: 0,
        };
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
            layer.augmented.copy_from(&parameters[layer.shape.range.clone()]);
        }
    }

    /// Number of multiply-adds of all passes so far, computed from their shapes.
    pub fn multiply_adds(&self) -> u64 {
        self.multiply_adds
    }

    /// Computes `pass.outputs()` from rows of `shape.inputs` numbers, for a backward pass to follow.
    pub fn forward(&mut self, inputs: &Inputs, pass: &mut Pass) {
        self.pass_forward(inputs, pass, true);
        pass.inputs[0].copy_matrix(inputs.augmented());
    }

    /// Like [`forward`](Self::forward), where no backward pass follows: the pass keeps neither the inputs of the first layer nor normalised
    /// numbers, and a backward pass down to the first layer panics.
    pub fn evaluate(&mut self, inputs: &Inputs, pass: &mut Pass) {
        self.pass_forward(inputs, pass, false);
    }

    fn pass_forward(&mut self, inputs: &Inputs, pass: &mut Pass, keeps_normalised: bool) {
        debug_assert_eq!(inputs.width(), self.shape.inputs);
        let rows = inputs.rows();
        pass.make_room(rows, &self.shape);
        pass.inputs[0].resize(0, self.shape.inputs + 1);
        for (index, layer) in self.layers.iter().enumerate() {
            let (before, after) = pass.inputs.split_at_mut(index + 1);
            let before = if index == 0 { inputs.augmented() } else { &before[index] };
            let (left, right) = (Factor::from(before), Factor::filled_rows_of(&layer.augmented));
            let Some(hidden) = after.first_mut() else {
                let stride = pass.last.stride();
                multiply(self.kernel, left, right, pass.last.numbers_mut(), stride);
                continue;
            };
            let (stride, units) = (hidden.stride(), layer.shape.outputs);
            multiply(self.kernel, left, right, hidden.numbers_mut(), stride);
            let Some(normalised) = pass.normalised.get_mut(index) else {
                rectify(hidden.numbers_mut(), stride, units);
                continue;
            };
            let kept = keeps_normalised.then(|| {
                normalised.units.resize(rows, units);
                let stride = normalised.units.stride();
                (normalised.units.numbers_mut(), stride)
            });
            normalise_and_rectify(hidden.numbers_mut(), stride, units, &mut normalised.scales, kept);
        }
        pass.last.copy_into(&mut pass.outputs);
        self.multiply_adds += rows as u64 * self.shape.forward_multiply_adds();
    }

    /// Computes the gradient of a loss with respect to all parameters from its gradient `[rows, outputs]` at the outputs of the
    /// last pass.
    ///
    /// Overwrites `flat_gradient`, which has the layout of the parameters.
    pub fn backward(&mut self, pass: &mut Pass, output_gradient: &[f32], flat_gradient: &mut [f32]) {
        self.backward_from(self.layers.len() - 1, pass, output_gradient, flat_gradient);
    }

    /// Like [`backward`](Self::backward), for a gradient at the output of layer `layer`: if it is hidden, before its ReLU and after its
    /// normalisation.
    ///
    /// Overwrites the part of `flat_gradient` that belongs to layers `0..=layer`, and leaves the rest unchanged.
    pub fn backward_from(&mut self, layer: usize, pass: &mut Pass, gradient: &[f32], flat_gradient: &mut [f32]) {
        if pass.rows == 0 {
            flat_gradient[..self.layers[layer].shape.range.end].fill(0.0);
            return;
        }
        pass.gradients[layer].copy_from(gradient);
        self.pass_normalisation(layer, pass);
        for index in (0..=layer).rev() {
            let shape = &self.layers[index].shape;
            let flat = &mut flat_gradient[shape.range.clone()];
            let inputs = Factor::from(&pass.inputs[index]).transposed();
            let gradients = &pass.gradients[index];
            if shape.outputs == gradients.stride() {
                multiply(self.kernel, inputs, Factor::from(gradients), flat, shape.outputs);
            } else {
                let filled = &mut pass.filled_gradient;
                filled.resize(shape.inputs + 1, shape.outputs);
                let stride = filled.stride();
                multiply(
                    self.kernel,
                    inputs,
                    Factor::filled_rows_of(gradients),
                    filled.numbers_mut(),
                    stride,
                );
                filled.copy_into(flat);
            }
            self.multiply_adds += (pass.rows * (shape.inputs + 1) * shape.outputs) as u64;
            self.pass_below(index, pass);
        }
    }

    /// Converts the gradient at the output of layer `index` to that at the output of the previous layer, before its normalisation and its
    /// ReLU.
    fn pass_below(&mut self, index: usize, pass: &mut Pass) {
        let Some(previous) = index.checked_sub(1) else { return };
        let layer = &self.layers[index];
        let (below, gradients) = pass.gradients.split_at_mut(index);
        let below = &mut below[previous];
        let stride = below.stride();
        let weights = Factor::rows_of(&layer.augmented, layer.shape.inputs).transposed();
        multiply(self.kernel, Factor::from(&gradients[0]), weights, below.numbers_mut(), stride);
        self.multiply_adds += (pass.rows * layer.shape.inputs * layer.shape.outputs) as u64;
        let units = &pass.inputs[index];
        mask(below.numbers_mut(), stride, units.numbers(), units.stride());
        self.pass_normalisation(previous, pass);
    }

    /// Converts the gradient after the normalisation of layer `index` to that before it, if it is normalised.
    fn pass_normalisation(&mut self, index: usize, pass: &mut Pass) {
        let Some(normalised) = pass.normalised.get(index) else {
            return;
        };
        let gradients = &mut pass.gradients[index];
        let (stride, units) = (gradients.stride(), gradients.columns());
        let (numbers, units_stride) = (normalised.units.numbers(), normalised.units.stride());
        normalise_gradient(
            gradients.numbers_mut(),
            stride,
            units,
            numbers,
            units_stride,
            &normalised.scales,
        );
        // Two means, and two terms of each number.
        self.multiply_adds += (4 * pass.rows * units) as u64;
    }

    /// Computes the gradient with respect to the inputs, `[rows, inputs]`, after a backward pass.
    pub fn input_gradient(&mut self, pass: &Pass, gradient: &mut [f32]) {
        if pass.rows == 0 {
            return;
        }
        let first = &self.layers[0];
        let weights = Factor::rows_of(&first.augmented, first.shape.inputs).transposed();
        multiply(
            self.kernel,
            Factor::from(&pass.gradients[0]),
            weights,
            gradient,
            first.shape.inputs,
        );
        self.multiply_adds += (pass.rows * first.shape.inputs * first.shape.outputs) as u64;
    }
}
