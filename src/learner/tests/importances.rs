//! Tests of importances against sums over single rows and against finite differences.

use rand::Rng;

use crate::learner::Inputs;
use crate::learner::algorithms::TrainedNetwork;
use crate::learner::losses::log_softmax;
use crate::learner::memory::Batch;
use crate::learner::methods::importance::{Importance, add_importance};
use crate::learner::network::NetworkShape;
use crate::learner::settings::AdamSettings;
use crate::learner::testing::decoder;
use crate::learner::{Outputs, Role};
use crate::random::stream;

const ROWS: usize = 5;
const ACTIONS: usize = 3;

fn network(outputs: Outputs, layer_norm: bool) -> TrainedNetwork {
    let shape = NetworkShape {
        inputs: 4,
        hidden: vec![7, 5],
        outputs: ACTIONS,
        layer_norm,
    };
    let parameters = shape.initial_parameters(&mut stream(1, "test", 0));
    TrainedNetwork::new("policy", Role::Policy, outputs, &shape, parameters, &AdamSettings::default())
}

fn views() -> Batch {
    let mut rng = stream(3, "inputs", 0);
    let mut views = Batch::new(4);
    for _ in 0..ROWS {
        views.push_view(&decoder(4), &rng.next_u64().to_le_bytes()[..4]);
    }
    views
}

/// Returns the gradient of one function of the outputs on a single row.
fn gradient_of_row(network: &mut TrainedNetwork, row: usize, slopes: &[f32]) -> Vec<f32> {
    let mut rng = stream(3, "inputs", 0);
    let mut inputs = Inputs::new(4);
    for number in 0..ROWS {
        let bytes = rng.next_u64().to_le_bytes();
        if number == row {
            inputs.push(&decoder(4), &bytes[..4]);
        }
    }
    network.forward(&inputs);
    network.backward(slopes);
    network.gradient.clone()
}

fn measured(importance: Importance, network: &mut TrainedNetwork) -> Vec<f32> {
    let mut sums = vec![0.0; network.parameters().len()];
    add_importance(importance, network, &views(), &mut sums);
    sums
}

fn assert_close(ours: &[f32], theirs: &[f32]) {
    assert!(theirs.iter().any(|&number| number > 1e-3));
    for (index, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        assert!(
            (ours - theirs).abs() < 1e-4 * (1.0 + theirs.abs()),
            "{index}: {ours} and {theirs}"
        );
    }
}

#[test]
fn the_fisher_information_of_a_policy_is_that_of_row_by_row_and_action_by_action() {
    for layer_norm in [false, true] {
        let mut network = network(Outputs::Logits, layer_norm);
        let outputs = network.forward(&views().observations).to_vec();
        let mut expected = vec![0.0; network.parameters().len()];
        for row in 0..ROWS {
            let mut log_probabilities = [0.0; ACTIONS];
            log_softmax(&outputs[row * ACTIONS..(row + 1) * ACTIONS], &mut log_probabilities);
            for action in 0..ACTIONS {
                let mut slopes = log_probabilities.map(|log_probability: f32| -libm::expf(log_probability));
                slopes[action] += 1.0;
                let gradient = gradient_of_row(&mut network, row, &slopes);
                for (sum, slope) in expected.iter_mut().zip(gradient) {
                    *sum += libm::expf(log_probabilities[action]) * slope * slope;
                }
            }
        }
        assert_close(&measured(Importance::Fisher, &mut network), &expected);
    }
}

/// The Fisher information is the curvature of the Kullback-Leibler divergence from the current distribution:
/// `KL(pi_theta || pi_(theta + h e_i)) = h^2 / 2 F_ii + O(h^3)`; the average of both directions has no third-order term.
#[test]
fn the_fisher_information_of_a_policy_is_the_curvature_of_its_divergence() {
    for layer_norm in [false, true] {
        let mut network = network(Outputs::Logits, layer_norm);
        let fisher = measured(Importance::Fisher, &mut network);
        let views = views();
        let at = network.parameters().to_vec();
        let probabilities = |network: &mut TrainedNetwork| {
            let outputs = network.forward(&views.observations).to_vec();
            let mut rows = vec![0.0; outputs.len()];
            for (logits, row) in outputs.chunks_exact(ACTIONS).zip(rows.chunks_exact_mut(ACTIONS)) {
                log_softmax(logits, row);
            }
            rows.into_iter().map(f64::from).collect::<Vec<f64>>()
        };
        let here = probabilities(&mut network);
        let step = 0.02f32;
        let mut compared = 0;
        for index in (0..at.len()).step_by(3) {
            let mut curvature = 0.0;
            for direction in [step, -step] {
                network.parameters_mut().copy_from_slice(&at);
                network.parameters_mut()[index] += direction;
                let there = probabilities(&mut network);
                let divergence: f64 = here.iter().zip(&there).map(|(p, q)| libm::exp(*p) * (p - q)).sum();
                curvature += divergence / f64::from(step * step);
            }
            // A unit that switches on or off within the step has a different curvature; this affects few weights.
            let expected = f64::from(fisher[index]);
            compared += usize::from((curvature - expected).abs() < 2e-3 + 0.05 * expected);
        }
        assert!(compared >= at.len().div_ceil(3) - 3, "{compared} of {}", at.len().div_ceil(3));
    }
}

#[test]
fn the_fisher_information_of_values_is_the_sum_of_their_squared_slopes() {
    for layer_norm in [false, true] {
        let mut network = network(Outputs::ActionValues, layer_norm);
        let mut expected = vec![0.0; network.parameters().len()];
        for row in 0..ROWS {
            for action in 0..ACTIONS {
                let mut slopes = [0.0; ACTIONS];
                slopes[action] = 1.0;
                for (sum, slope) in expected.iter_mut().zip(gradient_of_row(&mut network, row, &slopes)) {
                    *sum += slope * slope;
                }
            }
        }
        assert_close(&measured(Importance::Fisher, &mut network), &expected);
    }
}

#[test]
fn sensitivities_are_absolute_before_they_are_summed() {
    for (meaning, layer_norm) in [
        (Outputs::ActionValues, false),
        (Outputs::Logits, false),
        (Outputs::ActionValues, true),
        (Outputs::Logits, true),
    ] {
        let mut network = network(meaning, layer_norm);
        let outputs = network.forward(&views().observations).to_vec();
        let mut expected = vec![0.0; network.parameters().len()];
        for (row, outputs) in outputs.chunks_exact(ACTIONS).enumerate() {
            let offset = match meaning {
                Outputs::ActionValues => 0.0,
                Outputs::Logits => outputs.iter().sum::<f32>() / ACTIONS as f32,
            };
            let slopes: Vec<f32> = outputs.iter().map(|output| 2.0 * (output - offset)).collect();
            for (sum, slope) in expected.iter_mut().zip(gradient_of_row(&mut network, row, &slopes)) {
                *sum += slope.abs();
            }
        }
        assert_close(&measured(Importance::Sensitivity, &mut network), &expected);
    }
}

#[test]
fn what_measuring_costs_is_counted() {
    for layer_norm in [false, true] {
        let mut network = network(Outputs::Logits, layer_norm);
        let before = network.multiply_adds();
        measured(Importance::Fisher, &mut network);
        let normalised = if layer_norm { 7 + 5 } else { 0 };
        let forward = 5 * 7 + 8 * 5 + 6 * 3;
        let back = 7 * 5 + 5 * 3;
        let backward = forward + back + 4 * normalised;
        assert_eq!(
            network.multiply_adds() - before,
            (ROWS * (forward + 3 * normalised + ACTIONS * backward)) as u64
        );
    }
}
