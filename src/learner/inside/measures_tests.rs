//! Each measure against a case worked out by hand.

use super::*;
use crate::learner::network::NetworkShape;

fn is_near(found: f64, expected: f64) -> bool {
    (found - expected).abs() < 1e-6
}

fn shape() -> NetworkShape {
    NetworkShape {
        inputs: 1,
        hidden: vec![1],
        outputs: 1,
        layer_norm: false,
    }
}

/// Two layers of two parameters each.
#[test]
fn the_parts_of_an_agreement_add_up_to_the_cosine() {
    let layers = shape().layers();
    // g = (3, 0, 0, 4), h = (-1, 0, 0, 1): g . h = -3 + 4, norms 5 and sqrt(2).
    let parts = agreement(&[3.0, 0.0, 0.0, 4.0], &[-1.0, 0.0, 0.0, 1.0], &layers).unwrap();
    let scale = 5.0 * 2.0_f64.sqrt();
    assert!(is_near(parts[0], -3.0 / scale) && is_near(parts[1], 4.0 / scale), "{parts:?}");
    assert!(is_near(
        agreement(&[1.0, 2.0, 3.0, 4.0], &[-2.0, -4.0, -6.0, -8.0], &layers)
            .unwrap()
            .iter()
            .sum(),
        -1.0
    ));
    assert_eq!(agreement(&[0.0; 4], &[1.0; 4], &layers), None);
    // Only shared layers count: without the last one, the gradients are opposite.
    let shared = agreement(&[3.0, 0.0, 0.0, 4.0], &[-1.0, 0.0, 0.0, 1.0], &layers[..1]).unwrap();
    assert!(shared.len() == 1 && is_near(shared[0], -1.0));
}

#[test]
fn a_unit_far_below_the_mean_is_dormant() {
    // Mean activations 0, 1, 0.02 and 3 with mean 1.005: the limit is 0.0251. The last column is the constant.
    let hidden = Matrix::from_rows(5, &[0.0, 2.0, 0.04, 3.0, 1.0, 0.0, 0.0, 0.0, 3.0, 1.0]);
    assert_eq!(dormant_fraction(&hidden, 4), 0.5);
    assert_eq!(
        dormant_fraction(&Matrix::from_rows(3, &[0.0, 0.0, 1.0]), 2),
        1.0,
        "nothing is active"
    );
}

/// Centred, the rows are +-(1, 0) and +-(0, 2): singular values sqrt(2) and sqrt(8).
#[test]
fn the_stable_rank_is_the_sum_of_squared_singular_values_over_the_largest() {
    let hidden = Matrix::from_rows(3, &[6.0, 5.0, 1.0, 4.0, 5.0, 1.0, 5.0, 7.0, 1.0, 5.0, 3.0, 1.0]);
    let rank = stable_rank(&gram(&hidden, 2), 4).unwrap();
    assert!(is_near(rank, (2.0 + 8.0) / 8.0), "{rank}");
    assert_eq!(
        stable_rank(&gram(&Matrix::from_rows(2, &[3.0; 8]), 1), 4),
        None,
        "nothing varies"
    );
}

#[test]
fn a_representation_is_similar_to_itself_however_it_is_turned_scaled_and_shifted() {
    let rows: Vec<[f32; 2]> = (0..9).map(|row| [(row * row % 7) as f32, (row * 5 % 9) as f32]).collect();
    let matrix = |change: &dyn Fn([f32; 2]) -> [f32; 2]| {
        let numbers: Vec<f32> = rows.iter().flat_map(|row| [change(*row)[0], change(*row)[1], 1.0]).collect();
        gram(&Matrix::from_rows(3, &numbers), 2)
    };
    let plain = matrix(&|row| row);
    let turned = matrix(&|[x, y]| [3.0 * y + 40.0, -3.0 * x]);
    assert!(is_near(similarity(&plain, &turned, 9).unwrap(), 1.0));
    let other = matrix(&|[x, y]| [x * y, (x - y).abs()]);
    assert!(similarity(&plain, &other, 9).unwrap() < 0.9);
    assert_eq!(similarity(&plain[..9], &plain[..9], 3), None, "too few rows");
    assert_eq!(similarity(&plain, &[0.0; 81], 9), None, "nothing varies");
}

/// One column with the values 0, 1, 2, 5, worked out from the definition with explicit sums over all distinct indices: HSIC is the mean of
/// `K_ij L_ij - 2 K_ij L_iq + K_ij L_qr`.
#[test]
fn dependence_is_the_mean_over_all_distinct_rows() {
    let values = [0.0_f32, 1.0, 2.0, 5.0];
    let other = [1.0_f32, -1.0, 0.5, 2.0];
    let product = |values: &[f32; 4], one: usize, two: usize| f64::from(values[one] * values[two]);
    let (mut sum, mut count) = (0.0, 0.0);
    for i in 0..4 {
        for j in (0..4).filter(|j| *j != i) {
            for q in (0..4).filter(|q| ![i, j].contains(q)) {
                for r in (0..4).filter(|r| ![i, j, q].contains(r)) {
                    let k = product(&values, i, j);
                    sum += k * product(&other, i, j) - 2.0 * k * product(&other, i, q) + k * product(&other, q, r);
                    count += 1.0;
                }
            }
        }
    }
    let grams = [values, other].map(|values| gram(&Matrix::from_rows(1, &values), 1));
    // The constant factor of four rows.
    let found = dependence(&grams[0], &grams[1], 4) / (4.0 * (4.0 - 3.0));
    assert!(is_near(found, sum / count), "{found} {}", sum / count);
}

#[test]
fn policies_diverge_by_their_probabilities_and_values_by_their_advantages() {
    let logits = |probability: f32| [libm::logf(probability), libm::logf(1.0 - probability)];
    // KL((1/2, 1/2) || (1/4, 3/4)) = ln 2 - ln 3 / 2 ... = 0.5 ln(2) + 0.5 ln(2/3).
    let expected = 0.5 * 2.0_f64.ln() + 0.5 * (2.0_f64 / 3.0).ln();
    assert!((divergence(Outputs::Logits, &logits(0.5), &logits(0.25), 2) - expected).abs() < 1e-6);
    // A common offset is no change.
    assert!(is_near(divergence(Outputs::ActionValues, &[1.0, 2.0], &[4.0, 5.0], 2), 0.0));
    // Advantages change by +-1 in one of two rows: sqrt((1 + 1) / 4).
    let changed = divergence(Outputs::ActionValues, &[0.0, 0.0, 7.0, 7.0], &[1.0, 3.0, 7.0, 7.0], 2);
    assert!(is_near(changed, 0.5_f64.sqrt()), "{changed}");
}

#[test]
fn importance_is_spread_or_concentrated() {
    assert!(is_near(concentration(&[2.0; 8]).unwrap(), 1.0));
    assert!(is_near(concentration(&[0.0, 3.0, 0.0, 0.0]).unwrap(), 0.25));
    assert_eq!(concentration(&[0.0; 3]), None);
}

#[test]
fn a_step_is_measured_by_the_weights_that_it_moves() {
    let layers = shape().layers();
    let norms = relative_norms(&[3.0, 4.0, 1.0, 0.0], &[0.0, 10.0, 0.0, 0.0], &layers);
    assert_eq!(norms, [Some(0.5), None]);
}
