//! Rows of numbers as input of a network.

use crate::mdp::ObservationDecoder;

/// Decoded observations, one per row, each followed by a constant 1 for the biases (see [`network`](crate::learner::network)).
/// The buffer is reused.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    width: usize,
    rows: usize,
    numbers: Vec<f32>,
}

impl Inputs {
    /// Creates an empty buffer for observations of `width` numbers.
    pub fn new(width: usize) -> Self {
        Self {
            width,
            rows: 0,
            numbers: Vec::new(),
        }
    }

    /// Number of values of one observation, without the constant 1.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Removes all rows and keeps the buffer.
    pub fn clear(&mut self) {
        self.rows = 0;
    }

    /// Adds an observation of `width` bytes.
    pub fn push(&mut self, decoder: &ObservationDecoder, observation: &[u8]) {
        let start = self.make_row();
        decoder.decode(observation, &mut self.numbers[start..start + self.width]);
        self.rows += 1;
    }

    /// Adds a row that consists of these parts in order, with `width` numbers in total.
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

    /// Allocates the next row and returns its offset.
    fn make_row(&mut self) -> usize {
        let start = self.rows * (self.width + 1);
        let end = start + self.width;
        if self.numbers.len() <= end {
            // The 1 is written once: later writes to the row leave it unchanged.
            self.numbers.resize(end + 1, 1.0);
        }
        start
    }

    /// Returns one row of `width` numbers.
    pub fn row(&self, row: usize) -> &[f32] {
        let start = row * (self.width + 1);
        &self.numbers[start..start + self.width]
    }

    /// Returns all rows, each with its constant 1: `[rows, width + 1]`.
    pub fn augmented(&self) -> &[f32] {
        &self.numbers[..self.rows * (self.width + 1)]
    }
}
