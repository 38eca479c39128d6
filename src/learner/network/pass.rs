//! Stored values of a forward pass.

use crate::learner::network::{Matrix, NetworkShape};

/// Stored values of the normalisation of one hidden layer.
#[derive(Default)]
pub(super) struct Normalised {
    /// Normalised pre-activations, `[rows, units]`, of the last pass that a backward pass could follow.
    pub(super) units: Matrix,
    /// Factor by which each row was scaled: the inverse of its standard deviation.
    pub(super) scales: Vec<f32>,
}

/// Stored values of a forward pass, for the backward pass and for methods; buffers are reused from pass to pass.
#[derive(Default)]
pub struct Pass {
    pub(super) rows: usize,
    /// The input of each layer, `[rows, inputs + 1]`; the last column is 1.
    pub(super) inputs: Vec<Matrix>,
    /// The gradient at the output of each layer, before its normalisation and its ReLU, `[rows, outputs]`.
    pub(super) gradients: Vec<Matrix>,
    /// `[rows, outputs]`, as the product leaves them.
    pub(super) last: Matrix,
    /// The same numbers without what fills up the rows.
    pub(super) outputs: Vec<f32>,
    /// Normalisation of each hidden layer; empty where there is none.
    pub(super) normalised: Vec<Normalised>,
    /// Reused buffer: the gradient of a layer whose width does not fill cache lines.
    pub(super) filled_gradient: Matrix,
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
    pub fn hidden(&self, layer: usize) -> &Matrix {
        &self.inputs[layer + 1]
    }

    /// Allocates what a pass of `rows` rows through a network of this shape needs, unless it is there.
    pub(super) fn make_room(&mut self, rows: usize, shape: &NetworkShape) {
        self.rows = rows;
        let layers = shape.hidden.len() + 1;
        self.inputs.resize_with(layers, Matrix::default);
        self.gradients.resize_with(layers, Matrix::default);
        let widths = [shape.inputs].into_iter().chain(shape.hidden.iter().copied());
        // Those of the first layer are copied, where they are kept.
        for (inputs, width) in self.inputs.iter_mut().zip(widths).skip(1) {
            inputs.resize(rows, width + 1);
        }
        let widths = shape.hidden.iter().copied().chain([shape.outputs]);
        for (gradients, width) in self.gradients.iter_mut().zip(widths) {
            gradients.resize(rows, width);
        }
        let normalised = if shape.layer_norm { shape.hidden.as_slice() } else { &[] };
        self.normalised.resize_with(normalised.len(), Normalised::default);
        for layer in &mut self.normalised {
            layer.scales.resize(rows, 0.0);
        }
        self.last.resize(rows, shape.outputs);
        self.outputs.resize(rows * shape.outputs, 0.0);
    }
}
