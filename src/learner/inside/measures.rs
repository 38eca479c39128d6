//! The measures by themselves: functions of gradients, activations, outputs and weights.

use crate::learner::losses::log_softmax;
use crate::learner::network::{LayerShape, Matrix};
use crate::learner::trained::Outputs;

/// Fraction of the mean activation of a layer below which a unit counts as dormant (Sokar et al. 2023: `tau`).
const DORMANT: f64 = 0.025;
/// Largest number of iterations for the largest eigenvalue.
const ITERATIONS: usize = 500;
/// Relative change of the largest eigenvalue at which it has converged.
const CONVERGED: f64 = 1e-10;

/// Returns the Euclidean norm.
pub fn norm(numbers: &[f32]) -> f64 {
    dot(numbers, numbers).sqrt()
}

fn dot(one: &[f32], other: &[f32]) -> f64 {
    one.iter()
        .zip(other)
        .map(|(one, other)| f64::from(*one) * f64::from(*other))
        .sum()
}

/// Returns the cosine of two gradients over these layers, as one part for each layer: the parts add up to the cosine. `None` if a gradient is
/// zero.
pub fn agreement(one: &[f32], other: &[f32], layers: &[LayerShape]) -> Option<Vec<f64>> {
    let end = layers.last().map_or(0, |layer| layer.range.end);
    let scale = norm(&one[..end]) * norm(&other[..end]);
    (scale > 0.0 && scale.is_finite()).then(|| {
        let part = |layer: &LayerShape| dot(&one[layer.range.clone()], &other[layer.range.clone()]) / scale;
        layers.iter().map(part).collect()
    })
}

/// Returns the fraction of dormant units among the first `units` columns of activations `[rows, units + 1]`; all are dormant if none is ever
/// active.
pub fn dormant_fraction(hidden: &Matrix, units: usize) -> f64 {
    let mut sums = vec![0.0; units];
    for row in hidden.iter() {
        for (sum, activation) in sums.iter_mut().zip(row) {
            *sum += f64::from(activation.abs());
        }
    }
    let limit = DORMANT * sums.iter().sum::<f64>() / units.max(1) as f64;
    sums.iter().filter(|sum| **sum <= limit).count() as f64 / units.max(1) as f64
}

/// Returns the products of the rows of activations `[rows, units + 1]` with each other, over the first `units` columns: `[rows, rows]`.
pub fn gram(hidden: &Matrix, units: usize) -> Vec<f64> {
    let rows = hidden.rows();
    let mut products = vec![0.0; rows * rows];
    for row in 0..rows {
        for column in 0..=row {
            let product = dot(&hidden.row(row)[..units], &hidden.row(column)[..units]);
            products[row * rows + column] = product;
            products[column * rows + row] = product;
        }
    }
    products
}

/// Returns the stable rank of the centred activations whose [`gram`] matrix is given; `None` if they do not vary.
///
/// They are centred because the mean activation is a direction of its own that would hide the others.
pub fn stable_rank(gram: &[f64], rows: usize) -> Option<f64> {
    let centred = centred(gram, rows);
    let total: f64 = (0..rows).map(|row| centred[row * rows + row]).sum();
    let largest = largest_eigenvalue(&centred, rows)?;
    (total > 0.0 && largest > 0.0).then(|| (total / largest).max(1.0))
}

fn centred(gram: &[f64], rows: usize) -> Vec<f64> {
    let mean = |row: usize| gram[row * rows..(row + 1) * rows].iter().sum::<f64>() / rows as f64;
    let means: Vec<f64> = (0..rows).map(mean).collect();
    let whole = means.iter().sum::<f64>() / rows.max(1) as f64;
    let mut centred = gram.to_vec();
    for (place, number) in centred.iter_mut().enumerate() {
        *number += whole - means[place / rows] - means[place % rows];
    }
    centred
}

/// Returns the largest eigenvalue of a positive semidefinite matrix by power iteration, which begins at its longest row.
fn largest_eigenvalue(matrix: &[f64], rows: usize) -> Option<f64> {
    let diagonal = |row: &usize| matrix[row * rows + row];
    let longest = (0..rows).max_by(|one, other| diagonal(one).total_cmp(&diagonal(other)))?;
    let mut vector = matrix[longest * rows..(longest + 1) * rows].to_vec();
    let mut value = 0.0;
    for _ in 0..ITERATIONS {
        let length = vector.iter().map(|number| number * number).sum::<f64>().sqrt();
        if length <= 0.0 || !length.is_finite() {
            return None;
        }
        vector.iter_mut().for_each(|number| *number /= length);
        let next: Vec<f64> = matrix
            .chunks_exact(rows)
            .map(|row| row.iter().zip(&vector).map(|(left, right)| left * right).sum())
            .collect();
        let before = value;
        value = next.iter().zip(&vector).map(|(left, right)| left * right).sum();
        vector = next;
        if (value - before).abs() <= CONVERGED * value {
            break;
        }
    }
    Some(value)
}

/// Returns the linear CKA of two representations of the same rows, given by their [`gram`] matrices, with the unbiased estimator of HSIC.
///
/// 1 if they are the same up to rotation and scale, about 0 if they are unrelated; the estimator can be slightly below 0. `None` with fewer than
/// four rows, or if one of them does not vary.
pub fn similarity(one: &[f64], other: &[f64], rows: usize) -> Option<f64> {
    if rows < 4 {
        return None;
    }
    let scale = dependence(one, one, rows) * dependence(other, other, rows);
    (scale > 0.0 && scale.is_finite()).then(|| dependence(one, other, rows) / scale.sqrt())
}

/// The unbiased estimator of HSIC (Song et al. 2012, eq. 5), but for its constant factor `1 / (n (n - 3))`.
fn dependence(one: &[f64], other: &[f64], rows: usize) -> f64 {
    let count = rows as f64;
    let (mut product, mut of_one, mut of_other, mut both) = (0.0, 0.0, 0.0, 0.0);
    for row in 0..rows {
        let (mut row_of_one, mut row_of_other) = (0.0, 0.0);
        for column in (0..rows).filter(|column| *column != row) {
            let (left, right) = (one[row * rows + column], other[row * rows + column]);
            product += left * right;
            row_of_one += left;
            row_of_other += right;
        }
        of_one += row_of_one;
        of_other += row_of_other;
        both += row_of_one * row_of_other;
    }
    product + of_one * of_other / ((count - 1.0) * (count - 2.0)) - 2.0 * both / (count - 2.0)
}

/// Returns how far outputs `[rows, actions]` are from what they were: the mean of `KL(then || now)` for logits, in nats; for values the root mean
/// squared change of the advantages `Q(s, a) - mean_b Q(s, b)`, in units of reward. 0 without rows.
pub fn divergence(meaning: Outputs, then: &[f32], now: &[f32], actions: usize) -> f64 {
    let rows = (now.len() / actions.max(1)).max(1) as f64;
    let pairs = then.chunks_exact(actions).zip(now.chunks_exact(actions));
    match meaning {
        Outputs::Logits => {
            let (mut before, mut after) = (vec![0.0; actions], vec![0.0; actions]);
            let of_row = |(then, now): (&[f32], &[f32])| -> f64 {
                log_softmax(then, &mut before);
                log_softmax(now, &mut after);
                let terms = before.iter().zip(&after);
                terms
                    .map(|(before, after)| f64::from(libm::expf(*before)) * (f64::from(*before) - f64::from(*after)))
                    .sum()
            };
            pairs.map(of_row).sum::<f64>() / rows
        }
        Outputs::ActionValues => {
            let of_row = |(then, now): (&[f32], &[f32])| -> f64 {
                let change = |action: usize| f64::from(now[action]) - f64::from(then[action]);
                let offset = (0..actions).map(change).sum::<f64>() / actions as f64;
                (0..actions).map(|action| (change(action) - offset).powi(2)).sum()
            };
            (pairs.map(of_row).sum::<f64>() / (rows * actions as f64)).sqrt()
        }
    }
}

/// Returns the fraction of the weights that carry the importance: 1 if all are equally important, `1 / n` if one has all of it. `None` if nothing
/// is important.
pub fn concentration(importance: &[f32]) -> Option<f64> {
    let (mut sum, mut squares) = (0.0, 0.0);
    for number in importance {
        sum += f64::from(*number);
        squares += f64::from(*number).powi(2);
    }
    (squares > 0.0).then(|| sum * sum / (importance.len() as f64 * squares))
}

/// Returns the norm of each layer of `step` relative to that of the layer's weights; `None` for weights that are all zero.
pub fn relative_norms(step: &[f32], weights: &[f32], layers: &[LayerShape]) -> Vec<Option<f64>> {
    let of_layer = |layer: &LayerShape| {
        let size = norm(&weights[layer.range.clone()]);
        (size > 0.0).then(|| norm(&step[layer.range.clone()]) / size)
    };
    layers.iter().map(of_layer).collect()
}

#[cfg(test)]
#[path = "measures_tests.rs"]
mod tests;
