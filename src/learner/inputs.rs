//! Rows of numbers as input of a network.

use crate::learner::network::Matrix;
use crate::learner::vectorised::decode;
use crate::mdp::ObservationDecoder;

/// Decoded observations, one per row, each followed by a constant 1 for the biases (see [`network`](crate::learner::network)).
/// The buffer is reused.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// `[rows, width + 1]`.
    numbers: Matrix,
}

impl Inputs {
    /// Creates an empty buffer for observations of `width` numbers.
    pub fn new(width: usize) -> Self {
        Self {
            numbers: Matrix::zeros(0, width + 1),
        }
    }

    /// Number of values of one observation, without the constant 1.
    pub fn width(&self) -> usize {
        self.numbers.columns().saturating_sub(1)
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.numbers.rows()
    }

    /// Removes all rows and keeps the buffer.
    pub fn clear(&mut self) {
        self.numbers.resize(0, self.numbers.columns());
    }

    /// Adds an observation of `width` bytes.
    pub fn push(&mut self, decoder: &ObservationDecoder, observation: &[u8]) {
        let (step, low) = decoder.coefficients();
        decode(observation, step, low, self.make_row());
    }

    /// Adds a row that consists of these parts in order, with `width` numbers in total.
    pub fn push_numbers(&mut self, parts: &[&[f32]]) {
        let mut rest = self.make_row();
        for part in parts {
            let (place, after) = rest.split_at_mut(part.len());
            place.copy_from_slice(part);
            rest = after;
        }
        debug_assert!(rest.is_empty(), "a row has another width");
    }

    /// Adds a row of zeros with its 1, and returns its `width` numbers.
    fn make_row(&mut self) -> &mut [f32] {
        let width = self.width();
        let (numbers, one) = self.numbers.push_row().split_at_mut(width);
        one.fill(1.0);
        numbers
    }

    /// Returns one row of `width` numbers.
    pub fn row(&self, row: usize) -> &[f32] {
        &self.numbers.row(row)[..self.width()]
    }

    /// Returns all rows, each with its constant 1: `[rows, width + 1]`.
    pub fn augmented(&self) -> &Matrix {
        &self.numbers
    }
}
