//! Bases of the subspaces spanned by a layer's past inputs.

use crate::learner::error::StateError;
use crate::learner::methods::eigen::symmetric_eigen;
use crate::learner::network::{Factor, Matrix};
use crate::learner::state::StateDict;

/// Orthonormal directions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bases {
    width: usize,
    /// `[directions, width]`.
    vectors: Vec<f32>,
}

impl Bases {
    /// Number of directions.
    pub(crate) fn directions(&self) -> usize {
        self.vectors.len() / self.width.max(1)
    }

    /// Adds directions until all of them contain a fraction `threshold` of the squared `inputs`.
    pub(crate) fn extend(&mut self, inputs: &Matrix, threshold: f64) {
        let width = inputs.columns();
        self.width = width;
        let moments = Factor::from(inputs).transposed().product(Factor::from(inputs));
        let mut moments: Vec<f64> = moments.iter().flatten().map(|&moment| f64::from(moment)).collect();
        let total: f64 = (0..width).map(|place| moments[place * width + place]).sum();
        // The part outside of the bases: (1 - M M^T) C (1 - M M^T), one direction after the other.
        for direction in self.vectors.chunks_exact(width) {
            remove_direction(width, direction, &mut moments);
        }
        let outside: f64 = (0..width).map(|place| moments[place * width + place]).sum();
        let mut held = total - outside;
        for (value, vector) in symmetric_eigen(width, moments) {
            if held >= threshold * total || value <= 0.0 || self.directions() == width {
                break;
            }
            held += value;
            self.add(vector);
        }
    }

    /// Adds a direction, orthogonalised against the existing ones.
    fn add(&mut self, mut vector: Vec<f64>) {
        for direction in self.vectors.chunks_exact(self.width) {
            let along: f64 = direction
                .iter()
                .zip(&vector)
                .map(|(&left, right)| f64::from(left) * right)
                .sum();
            for (number, &direction) in vector.iter_mut().zip(direction) {
                *number -= along * f64::from(direction);
            }
        }
        let length = vector.iter().map(|number| number * number).sum::<f64>().sqrt();
        if length > 1e-3 {
            self.vectors.extend(vector.into_iter().map(|number| (number / length) as f32));
        }
    }

    /// Removes the fraction `strength` of the part along the bases from a matrix `[width, columns]`; returns the number of
    /// multiply-adds.
    pub(crate) fn remove_from(&self, strength: f32, columns: usize, numbers: &mut [f32]) -> u64 {
        let directions = self.directions();
        if directions == 0 {
            return 0;
        }
        let bases = Matrix::from_rows(self.width, &self.vectors);
        let along = Factor::from(&bases).product(Factor::from(&Matrix::from_rows(columns, numbers)));
        let parts = Factor::from(&bases).transposed().product(Factor::from(&along));
        for (number, part) in numbers.iter_mut().zip(parts.iter().flatten()) {
            *number -= strength * part;
        }
        2 * (directions * self.width * columns) as u64
    }

    pub(crate) fn bytes(&self) -> u64 {
        (size_of::<f32>() * self.vectors.len()) as u64
    }

    pub(crate) fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        state.set(format!("{prefix}.width"), &self.width)?;
        state.put(format!("{prefix}.vectors"), &self.vectors);
        Ok(())
    }

    pub(crate) fn load(state: &StateDict, prefix: &str) -> Result<Self, StateError> {
        let width: usize = state.get(&format!("{prefix}.width"))?;
        let vectors: Vec<f32> = state.array(&format!("{prefix}.vectors"))?;
        if vectors.len().checked_rem(width).unwrap_or(vectors.len()) != 0 {
            return Err(StateError::Mismatch {
                entry: format!("{prefix}.vectors"),
                expected: format!("directions of {width} numbers"),
                found: format!("{} numbers", vectors.len()),
            });
        }
        Ok(Self { width, vectors })
    }
}

/// Computes `(1 - b b^T) C (1 - b b^T)` for a symmetric `C` and a `b` of length 1.
fn remove_direction(width: usize, direction: &[f32], matrix: &mut [f64]) {
    let direction: Vec<f64> = direction.iter().map(|&number| f64::from(number)).collect();
    let image: Vec<f64> = matrix
        .chunks_exact(width)
        .map(|row| row.iter().zip(&direction).map(|(left, right)| left * right).sum())
        .collect();
    let along: f64 = image.iter().zip(&direction).map(|(left, right)| left * right).sum();
    for (row, numbers) in matrix.chunks_exact_mut(width).enumerate() {
        for (column, number) in numbers.iter_mut().enumerate() {
            *number += direction[row] * (along * direction[column] - image[column]) - image[row] * direction[column];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Inputs in the plane of the first two of three axes, mostly along the first.
    const INPUTS: [f32; 9] = [3.0, 0.0, 0.0, -3.0, 1.0, 0.0, 3.0, 1.0, 0.0];

    #[test]
    fn bases_span_as_much_of_the_inputs_as_they_must() {
        let mut bases = Bases::default();
        bases.extend(&Matrix::from_rows(3, &INPUTS), 0.9);
        assert_eq!(bases.directions(), 1, "27 of 29 lie along the first axis");
        bases.extend(&Matrix::from_rows(3, &INPUTS), 0.999);
        assert_eq!(bases.directions(), 2, "the second completes the plane");
        bases.extend(&Matrix::from_rows(3, &INPUTS), 1.0);
        assert_eq!(bases.directions(), 2, "nothing lies outside of it");
        assert_eq!(bases.bytes(), 24);
    }

    #[test]
    fn what_lies_along_them_is_taken_away_and_nothing_else() {
        let mut bases = Bases::default();
        bases.extend(&Matrix::from_rows(3, &INPUTS), 0.999);
        let mut numbers = [1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0];
        let multiply_adds = bases.remove_from(1.0, 2, &mut numbers);
        for (number, expected) in numbers.iter().zip([0.0, 0.0, 0.0, 0.0, 5.0, 6.0]) {
            assert!((number - expected).abs() < 1e-5, "{numbers:?}");
        }
        assert_eq!(multiply_adds, 2 * 2 * 3 * 2);
    }
}
