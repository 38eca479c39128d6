//! Eigenvectors of small symmetric matrices.
//!
//! Jacobi's method in cyclic order (Golub and Van Loan 2013, "Matrix computations", section 8.5): each rotation makes one pair of
//! entries zero, and sweeps over all pairs converge quadratically. For the activations of a layer, about a hundred numbers, it
//! takes some tens of milliseconds per task, and the result is the same, bit for bit, on every machine.

/// Maximum number of sweeps, far more than convergence takes.
const SWEEPS: usize = 60;
/// Off-diagonal fraction of the squared matrix that counts as converged.
const CONVERGED: f64 = 1e-24;

/// Returns the eigenvalues of a symmetric matrix `[size, size]` in descending order, with their eigenvectors of length 1.
pub(crate) fn symmetric_eigen(size: usize, mut matrix: Vec<f64>) -> Vec<(f64, Vec<f64>)> {
    // Row `k` becomes the k-th eigenvector.
    let mut vectors = vec![0.0; size * size];
    (0..size).for_each(|place| vectors[place * size + place] = 1.0);
    let total: f64 = matrix.iter().map(|number| number * number).sum();
    for _ in 0..SWEEPS {
        let off_diagonal: f64 = (0..size)
            .flat_map(|row| (0..row).map(move |column| (row, column)))
            .map(|(row, column)| matrix[row * size + column].powi(2))
            .sum();
        if off_diagonal <= CONVERGED * total {
            break;
        }
        for p in 0..size {
            for q in p + 1..size {
                rotate(size, p, q, &mut matrix, &mut vectors);
            }
        }
    }
    let mut pairs: Vec<(f64, Vec<f64>)> = (0..size)
        .map(|place| {
            (
                matrix[place * size + place],
                vectors[place * size..(place + 1) * size].to_vec(),
            )
        })
        .collect();
    pairs.sort_by(|left, right| right.0.total_cmp(&left.0));
    pairs
}

/// Applies one rotation that makes the entries `(p, q)` and `(q, p)` zero.
fn rotate(size: usize, p: usize, q: usize, matrix: &mut [f64], vectors: &mut [f64]) {
    let entry = matrix[p * size + q];
    if entry == 0.0 {
        return;
    }
    // The smaller of the two angles, by its tangent (Golub and Van Loan, eq. 8.5.2).
    let tau = (matrix[q * size + q] - matrix[p * size + p]) / (2.0 * entry);
    let tangent = tau.signum() / (tau.abs() + (1.0 + tau * tau).sqrt());
    let cosine = 1.0 / (1.0 + tangent * tangent).sqrt();
    let sine = tangent * cosine;
    let turn = |left: &mut f64, right: &mut f64| {
        (*left, *right) = (cosine * *left - sine * *right, sine * *left + cosine * *right);
    };
    for row in matrix.chunks_exact_mut(size) {
        let (below, above) = row.split_at_mut(q);
        turn(&mut below[p], &mut above[0]);
    }
    for numbers in [matrix, vectors] {
        let (below, above) = numbers.split_at_mut(q * size);
        let rows = below[p * size..(p + 1) * size].iter_mut().zip(&mut above[..size]);
        rows.for_each(|(left, right)| turn(left, right));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;
    use rand::Rng;

    /// `[[2, 1], [1, 2]]` has eigenvalue 3 along `(1, 1)` and 1 along `(1, -1)`.
    #[test]
    fn a_matrix_of_two_is_as_worked_by_hand() {
        let pairs = symmetric_eigen(2, vec![2.0, 1.0, 1.0, 2.0]);
        assert!((pairs[0].0 - 3.0).abs() < 1e-12 && (pairs[1].0 - 1.0).abs() < 1e-12);
        assert!((pairs[0].1[0] - pairs[0].1[1]).abs() < 1e-12 && (pairs[0].1[0].abs() - 0.5f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn eigenvectors_are_stretched_by_their_eigenvalue_and_stand_upright_on_each_other() {
        let size = 40;
        let mut rng = stream(1, "test", 0);
        let factor: Vec<f64> = (0..size * size).map(|_| (rng.next_u64() >> 40) as f64 / 1e7 - 0.8).collect();
        let mut matrix = vec![0.0; size * size];
        for row in 0..size {
            for column in 0..size {
                // Of half the rank, so that many eigenvalues are zero.
                matrix[row * size + column] = (0..size / 2)
                    .map(|k| factor[k * size + row] * factor[k * size + column])
                    .sum();
            }
        }
        let pairs = symmetric_eigen(size, matrix.clone());
        for (index, (value, vector)) in pairs.iter().enumerate() {
            for (row, number) in matrix.chunks_exact(size).zip(vector) {
                let stretched: f64 = row.iter().zip(vector).map(|(left, right)| left * right).sum();
                assert!((stretched - value * number).abs() < 1e-9 * pairs[0].0);
            }
            for (other, (_, other_vector)) in pairs.iter().enumerate() {
                let product: f64 = vector.iter().zip(other_vector).map(|(left, right)| left * right).sum();
                assert!((product - f64::from(u8::from(index == other))).abs() < 1e-10);
            }
        }
        assert!(pairs[size / 2].0.abs() < 1e-9 * pairs[0].0);
    }
}
