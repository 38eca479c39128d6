//! Sums of outer products over the rows of a pass: the Kronecker factors of a layer's curvature.
//!
//! The gradient of one row in a layer `z = x W` is the outer product `x d^T` of its input and of the gradient at its output. Its second moments
//! are products `x_i x_k d_j d_l`; Martens and Grosse 2015, "Optimizing neural networks with Kronecker-factored approximate curvature", take the
//! means of `x x^T` and of `d d^T` separately, which needs one matrix each instead of one for all pairs of weights.

use crate::learner::network::{Factor, Matrix, Network, Pass, multiply};

impl Network {
    /// Adds the sum of `x x^T` over the rows of the last [forward](Self::forward) pass to `sums`, for the first layers of the network:
    /// `[inputs + 1, inputs + 1]` each.
    pub fn accumulate_input_products(&mut self, pass: &Pass, sums: &mut [Matrix]) {
        for (inputs, sum) in pass.inputs.iter().zip(sums) {
            self.add_products(inputs, sum);
        }
    }

    /// Adds the sum of `d d^T` over the rows of the last pass to `sums`, for the first layers of the network: `[outputs, outputs]` each, given
    /// the loss's gradient `[rows, outputs]` at the network's outputs.
    pub fn accumulate_gradient_products(&mut self, pass: &mut Pass, output_gradient: &[f32], sums: &mut [Matrix]) {
        if pass.rows == 0 {
            return;
        }
        let last = self.layers.len() - 1;
        pass.gradients[last].copy_from(output_gradient);
        for index in (0..=last).rev() {
            if let Some(sum) = sums.get_mut(index) {
                self.add_products(&pass.gradients[index], sum);
            }
            self.pass_below(index, pass);
        }
    }

    fn add_products(&mut self, rows: &Matrix, sum: &mut Matrix) {
        let mut products = Matrix::zeros(sum.rows(), sum.columns());
        let stride = products.stride();
        let (left, right) = (Factor::from(rows).transposed(), Factor::from(rows));
        multiply(self.kernel, left, right, products.numbers_mut(), stride);
        for (sum, product) in sum.numbers_mut().iter_mut().zip(products.numbers()) {
            *sum += product;
        }
        self.multiply_adds += (rows.rows() * rows.columns() * rows.columns()) as u64;
    }
}
