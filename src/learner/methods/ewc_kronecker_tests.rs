use super::*;
use crate::learner::network::NetworkShape;
use crate::learner::settings::AdamSettings;
use crate::learner::testing::{assert_is_gradient, decoder};
use crate::learner::trained::Outputs;
use rand::Rng;

fn shape(outputs: usize, layer_norm: bool) -> NetworkShape {
    NetworkShape {
        inputs: 4,
        hidden: vec![7, 5],
        outputs,
        layer_norm,
    }
}

fn network(shape: &NetworkShape, outputs: Outputs) -> TrainedNetwork {
    let parameters = shape.initial_parameters(&mut stream(1, "test", 0));
    TrainedNetwork::new("policy", Role::Policy, outputs, shape, parameters, &AdamSettings::default())
}

/// Different views, of which the first one has this number.
fn views(rows: usize, first: u64) -> Batch {
    let mut views = Batch::new(4);
    for row in 0..rows as u64 {
        let bytes = stream(3, "inputs", first + row).next_u64().to_le_bytes();
        views.push_view(&decoder(4), &bytes[..4]);
    }
    views
}

fn curvature(network: &mut TrainedNetwork, views: &Batch) -> Vec<Curvature> {
    let layers = network.shape().layers();
    let square = |width: usize| Matrix::zeros(width, width);
    let mut inputs: Vec<Matrix> = layers.iter().map(|layer| square(layer.inputs + 1)).collect();
    let mut gradients: Vec<Matrix> = layers.iter().map(|layer| square(layer.outputs)).collect();
    add_curvature(network, views, &mut inputs, &mut gradients);
    let layers = inputs.into_iter().zip(gradients);
    layers.map(|(inputs, gradients)| Curvature { inputs, gradients }).collect()
}

fn held(network: &mut TrainedNetwork, views: &Batch) -> Held {
    Held {
        layers: network.shape().layers(),
        curvature: curvature(network, views),
        anchor: network.parameters().to_vec(),
        reset: Vec::new(),
    }
}

/// Numbers of a usual size, different for each `number`.
fn numbers(count: usize, number: u64) -> Vec<f32> {
    let mut rng = stream(number, "test", 1);
    (0..count)
        .map(|_| (rng.next_u64() >> 40) as f32 / (1u64 << 24) as f32 - 0.5)
        .collect()
}

/// With one row and one output the Fisher information of a layer is `g g^T`, which is a Kronecker product: a change `D` costs `(g . D)^2`.
#[test]
fn factors_of_one_row_are_its_squared_slope_in_every_direction() {
    for layer_norm in [false, true] {
        let shape = shape(1, layer_norm);
        let mut network = network(&shape, Outputs::ActionValues);
        let views = views(1, 0);
        let curvature = curvature(&mut network, &views);
        network.forward(&views.observations);
        network.backward(&[1.0]);
        for (layer, curvature) in shape.layers().iter().zip(&curvature) {
            let change = Matrix::from_rows(layer.outputs, &numbers(layer.range.len(), 5));
            let (slope, multiply_adds) = curvature.times(&change);
            let along: f32 = network.gradient[layer.range.clone()]
                .iter()
                .zip(change.iter().flatten())
                .map(|(slope, change)| slope * change)
                .sum();
            let cost = dot(&slope, &change) as f32;
            assert!(
                along.abs() > 1e-3 && (cost - along * along).abs() < 1e-4,
                "{cost} and {along}"
            );
            let (rows, columns) = (layer.inputs + 1, layer.outputs);
            assert_eq!(multiply_adds, (rows * rows * columns + rows * columns * columns) as u64);
        }
    }
}

#[test]
fn factors_of_several_rows_and_actions_are_sums() {
    for meaning in [Outputs::ActionValues, Outputs::Logits] {
        let mut network = network(&shape(3, true), meaning);
        let together = curvature(&mut network, &views(5, 0));
        let single: Vec<Vec<Curvature>> = (0..5).map(|row| curvature(&mut network, &views(1, row))).collect();
        for (layer, together) in together.iter().enumerate() {
            for place in [0, 3] {
                let sum: f32 = single.iter().map(|row| row[layer].inputs.row(1)[place]).sum();
                assert!((together.inputs.row(1)[place] - sum).abs() < 1e-4);
                let place = place.min(2);
                let sum: f32 = single.iter().map(|row| row[layer].gradients.row(1)[place]).sum();
                assert!((together.gradients.row(1)[place] - sum).abs() < 1e-4);
            }
        }
    }
}

#[test]
fn the_gradient_of_the_penalty_agrees_with_finite_differences() {
    for with_resets in [false, true] {
        let mut network = network(&shape(3, false), Outputs::Logits);
        let mut held = held(&mut network, &views(5, 0));
        let mut moved = held.anchor.clone();
        for (weight, change) in moved.iter_mut().zip(numbers(held.anchor.len(), 6)) {
            *weight += change;
        }
        if with_resets {
            held.reset = (0..moved.len()).map(|place| u8::from(place % 3 == 0)).collect();
        }
        assert_is_gradient(&moved, |parameters, gradient| {
            network.parameters_mut().copy_from_slice(parameters);
            network.gradient.fill(0.0);
            let penalty = held.pull(0.1, &mut network);
            gradient.copy_from_slice(&network.gradient);
            penalty
        });
        network.gradient.fill(0.0);
        network.parameters_mut().copy_from_slice(&moved);
        assert!(held.pull(0.1, &mut network) > 0.0);
        assert_eq!(network.gradient[3] == 0.0, with_resets, "a weight that was reset is not held");
    }
}

/// The reason for factors: two weights may change together if the change cancels in all past inputs, however important each is.
#[test]
fn changes_that_cancel_cost_nothing() {
    let mut network = network(&shape(3, false), Outputs::ActionValues);
    let views = views(1, 0);
    let held = held(&mut network, &views);
    let first = shape(3, false).layers()[0].clone();
    let input = views.observations.augmented().row(0).to_vec();
    let cost = |network: &mut TrainedNetwork, changes: [f32; 2]| {
        network.parameters_mut().copy_from_slice(&held.anchor);
        for unit in 0..first.outputs {
            network.parameters_mut()[unit] += changes[0];
            network.parameters_mut()[first.outputs + unit] += changes[1];
        }
        held.pull(1.0, network)
    };
    let alone = cost(&mut network, [input[1], 0.0]) + cost(&mut network, [0.0, -input[0]]);
    let together = cost(&mut network, [input[1], -input[0]]);
    assert!(alone > 1e-5 && together.abs() < 1e-6 * alone, "{alone} {together}");
}

#[test]
fn the_sum_of_two_tasks_becomes_the_nearest_product() {
    let mut network = network(&shape(3, false), Outputs::ActionValues);
    let (first, second) = (curvature(&mut network, &views(5, 0)), curvature(&mut network, &views(5, 40)));
    for (first, second) in first.iter().zip(&second) {
        let product =
            |left: &Curvature, right: &Curvature| dot(&left.inputs, &right.inputs) * dot(&left.gradients, &right.gradients);
        // The squared distance of `0.9 first + second` from a product.
        let distance = |from: &Curvature| {
            0.81 * product(first, first) + product(second, second) + product(from, from) + 1.8 * product(first, second)
                - 1.8 * product(first, from)
                - 2.0 * product(second, from)
        };
        let mut nearest = first.clone();
        nearest.blend(0.9, second);
        let least = distance(&nearest);
        let (mut plain_sum, mut weighted) = (first.clone(), first.clone());
        combine(&mut plain_sum.inputs, (0.9, 1.0), &second.inputs);
        combine(&mut plain_sum.gradients, (1.0, 1.0), &second.gradients);
        combine(&mut weighted.inputs, (0.5, 0.5), &second.inputs);
        combine(&mut weighted.gradients, (0.9, 1.0), &second.gradients);
        assert!(least <= distance(&plain_sum) && least <= distance(&weighted));
        for (inputs, gradients) in [(1.01, 1.0), (1.0, 0.99), (0.98, 1.0)] {
            let mut near = nearest.clone();
            combine(&mut near.inputs, (inputs, 0.001), &second.inputs);
            combine(&mut near.gradients, (gradients, -0.001), &first.gradients);
            assert!(least < distance(&near), "{least} {}", distance(&near));
        }
        // The diagonals of positive semidefinite matrices are not negative.
        for matrix in [&nearest.inputs, &nearest.gradients] {
            assert!((0..matrix.rows()).all(|place| matrix.row(place)[place] >= 0.0));
        }

        let mut same = first.clone();
        same.blend(0.5, first);
        let expected = 1.5 * 1.5 * product(first, first);
        assert!(
            (product(&same, &same) - expected).abs() < 1e-4 * expected,
            "of equals it is exact"
        );
    }
}
