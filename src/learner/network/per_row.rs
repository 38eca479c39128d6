//! Sums over the gradients of single rows, without a separate pass per row.
//!
//! In a layer `z = x W`, the gradient of one row is the outer product `x_i d_j` of its input and of the gradient at its output.
//! Its square is therefore `x_i^2 d_j^2`, and the sum over all rows is one matrix product, `(X^2)^T D^2`; likewise for absolute
//! values. Goodfellow 2015, "Efficient per-example gradient computations", uses the same for norms. The result is exact, at the
//! cost of one backward pass. Normalisation has no parameters, so it only changes `d_j`, row by row.

use crate::learner::network::{Factor, Matrix, Network, Pass, multiply};

/// Function of each row's gradient that is summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowMeasure {
    /// Square of each component: Fisher information.
    Square,
    /// Absolute value of each component: sensitivity.
    Absolute,
}

impl RowMeasure {
    fn of(self, matrix: &Matrix) -> Matrix {
        let mut measured = matrix.clone();
        for number in measured.numbers_mut() {
            *number = match self {
                Self::Square => *number * *number,
                Self::Absolute => number.abs(),
            };
        }
        measured
    }
}

impl Network {
    /// Adds the measure of each row's gradient to `sums`, parameter by parameter, given the loss's gradient `[rows, outputs]` at
    /// the outputs of the last pass.
    pub fn accumulate_per_row(&mut self, measure: RowMeasure, pass: &mut Pass, output_gradient: &[f32], sums: &mut [f32]) {
        let rows = pass.rows;
        if rows == 0 {
            return;
        }
        let last = self.layers.len() - 1;
        pass.gradients[last].copy_from(output_gradient);
        for index in (0..=last).rev() {
            let shape = &self.layers[index].shape;
            let inputs = measure.of(&pass.inputs[index]);
            let gradients = measure.of(&pass.gradients[index]);
            let mut products = Matrix::zeros(shape.inputs + 1, shape.outputs);
            let stride = products.stride();
            let (left, right) = (Factor::from(&inputs).transposed(), Factor::filled_rows_of(&gradients));
            multiply(self.kernel, left, right, products.numbers_mut(), stride);
            let sums = sums[shape.range.clone()].chunks_exact_mut(shape.outputs);
            for (sums, products) in sums.zip(products.iter()) {
                for (sum, product) in sums.iter_mut().zip(products) {
                    *sum += product;
                }
            }
            self.multiply_adds += (rows * (shape.inputs + 1) * shape.outputs) as u64;
            self.pass_below(index, pass);
        }
    }
}
