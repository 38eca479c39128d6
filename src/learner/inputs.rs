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
        let start = self.make_row();
        decoder.decode(observation, &mut self.numbers[start..start + self.width]);
        self.rows += 1;
    }

    /// Adds a row that consists of these parts, one after the other: together `width` numbers.
    pub fn push_numbers(&mut self, parts: &[&[f32]]) {
        let start = self.make_row();
        let mut at = start;
        for part in parts {
            self.numbers[at..at + part.len()].copy_from_slice(part);
            at += part.len();
        }
        debug_assert_eq!(at, start + self.width, "a row has another width");
        self.rows += 1;
    }

    /// Where the next row begins, once there is room for it.
    fn make_row(&mut self) -> usize {
        let start = self.rows * (self.width + 1);
        let end = start + self.width;
        if self.numbers.len() <= end {
            // The 1 is written once: whatever is written over a row later leaves it alone.
            self.numbers.resize(end + 1, 1.0);
        }
        start
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
