//! Rows of numbers that go into a network.

use crate::mdp::ObservationDecoder;

/// Decoded observations, one a row, each followed by a constant 1 through which the biases ride (see
/// [`network`](crate::learner::network)). The buffer is reused.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    width: usize,
    rows: usize,
    numbers: Vec<f32>,
}

impl Inputs {
    /// No rows yet, for observations of `width` numbers.
    pub fn new(width: usize) -> Self {
        Self {
            width,
            rows: 0,
            numbers: Vec::new(),
        }
    }

    /// Numbers of one observation, the constant 1 not counted.
    pub fn width(&self) -> usize {
        self.width
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Forgets all rows and keeps the buffer.
    pub fn clear(&mut self) {
        self.rows = 0;
    }

    /// Adds the observation of `width` bytes.
    pub fn push(&mut self, decoder: &ObservationDecoder, observation: &[u8]) {
        let start = self.rows * (self.width + 1);
        let end = start + self.width;
        if self.numbers.len() <= end {
            // The 1 is written once: whatever is decoded over a row later leaves it alone.
            self.numbers.resize(end + 1, 1.0);
        }
        decoder.decode(observation, &mut self.numbers[start..end]);
        self.rows += 1;
    }

    /// One row of `width` numbers.
    pub fn row(&self, row: usize) -> &[f32] {
        let start = row * (self.width + 1);
        &self.numbers[start..start + self.width]
    }

    /// `[rows, width + 1]`: all rows, each with its constant 1.
    pub fn augmented(&self) -> &[f32] {
        &self.numbers[..self.rows * (self.width + 1)]
    }
}
