//! Hidden units: their activations, and resetting them. Shared by the methods that preserve plasticity.
//!
//! A reset unit has incoming weights and a bias drawn as those of a new network, and outgoing weights of zero, so that it has no
//! effect until it has learned something. The optimiser's state of all these weights is reset, and every method is notified
//! ([`Method::weights_reset`](crate::learner::methods::Method::weights_reset)), so that no importance holds a weight that no
//! longer exists.
//!
//! The *target network's* unit is reset with it, to the same weights. The target network follows by averaging, and for a hundred
//! updates it would otherwise combine the incoming weights of one unit with the outgoing ones of another, which is neither of
//! them. Its outputs change only by the old unit's contribution, as those of the network itself do.

use rand::Rng;
use std::ops::Range;

use crate::learner::methods::{LearnerView, WeightsReset};
use crate::learner::network::{LayerShape, NetworkShape, Pass};
use crate::random::Stream;

/// Returns the indices of a unit's incoming weights in the flat slice of its network, with the bias last.
pub(crate) fn incoming(layer: &LayerShape, unit: usize) -> impl Iterator<Item = usize> {
    layer.range.clone().skip(unit).step_by(layer.outputs)
}

/// Returns the indices of a unit's outgoing weights; `next` is the layer after its own.
pub(crate) fn outgoing(next: &LayerShape, unit: usize) -> Range<usize> {
    let start = next.range.start + unit * next.outputs;
    start..start + next.outputs
}

/// Returns the mean activation of each unit of a hidden layer over the rows of a pass; ReLU makes all of them non-negative.
pub(crate) fn mean_activations(pass: &Pass, shape: &NetworkShape, layer: usize) -> Vec<f32> {
    let units = shape.hidden[layer];
    let mut means = vec![0.0; units];
    for row in pass.hidden(layer).iter() {
        for (mean, activation) in means.iter_mut().zip(row) {
            *mean += activation;
        }
    }
    let share = 1.0 / pass.rows().max(1) as f32;
    means.iter_mut().for_each(|mean| *mean *= share);
    means
}

/// Resets these units of a hidden layer.
pub(crate) fn reset_units(
    learner: &mut LearnerView<'_>,
    network: usize,
    layer: usize,
    units: &[usize],
    rng: &mut Stream,
) -> WeightsReset {
    let layers = learner.algorithm.networks()[network].shape().layers();
    let (own, next) = (&layers[layer], &layers[layer + 1]);
    let bound = 1.0 / (own.inputs as f32).sqrt();
    let mut parameters = Vec::new();
    let mut values = Vec::new();
    for &unit in units {
        for place in incoming(own, unit) {
            // The upper 24 bits, as for initial weights.
            let unit = (rng.next_u64() >> 40) as f32 / (1u64 << 24) as f32;
            parameters.push(place);
            values.push((2.0 * unit - 1.0) * bound);
        }
        parameters.extend(outgoing(next, unit));
        values.resize(parameters.len(), 0.0);
    }
    learner.algorithm.change_weights(network, &mut |weights| {
        for (&place, &value) in parameters.iter().zip(&values) {
            weights[place] = value;
        }
    });
    let optimiser = &mut learner.algorithm.networks_mut()[network].optimiser;
    for &place in &parameters {
        optimiser.mean[place] = 0.0;
        optimiser.mean_square[place] = 0.0;
    }
    WeightsReset { network, parameters }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learner::algorithms::Algorithm;
    use crate::learner::testing::{Bench, decoder};
    use crate::learner::{Inputs, LearnerSettings};
    use crate::random::stream;

    #[test]
    fn the_places_of_a_unit_are_its_column_and_its_row() {
        let shape = NetworkShape {
            inputs: 2,
            hidden: vec![3],
            outputs: 4,
            layer_norm: false,
        };
        let layers = shape.layers();
        // Weights [2, 3] and 3 biases at 0..9, then [3, 4] and 4 biases at 9..25.
        assert_eq!(incoming(&layers[0], 1).collect::<Vec<_>>(), [1, 4, 7]);
        assert_eq!(outgoing(&layers[1], 1), 13..17);
    }

    #[test]
    fn a_reset_unit_says_nothing_and_takes_nothing_away_but_what_it_said() {
        let mut bench = Bench::new(&LearnerSettings {
            hidden: vec![7, 5],
            layer_norm: false,
            ..Default::default()
        });
        let mut inputs = Inputs::new(3);
        (0..9).for_each(|row| inputs.push(&decoder(3), &[row * 28, 255 - row * 20, 90]));
        bench.train(20);

        // Outputs of the network without the outgoing weights of these units.
        let layers = bench.dqn.networks()[0].shape().layers();
        bench.with_view(|view| {
            let mut silent = view.algorithm.networks()[0].parameters().to_vec();
            for unit in [0, 3] {
                silent[outgoing(&layers[2], unit)].fill(0.0);
            }
            let mut network = crate::learner::network::Network::new(view.algorithm.networks()[0].shape(), &silent);
            let mut pass = Pass::default();
            network.forward(&inputs, &mut pass);
            let expected = pass.outputs().to_vec();

            let before = view.algorithm.networks()[0].parameters().to_vec();
            let reset = reset_units(view, 0, 1, &[0, 3], &mut stream(1, "test", 0));
            assert_eq!(view.algorithm.networks_mut()[0].forward(&inputs), expected);
            let network = &view.algorithm.networks()[0];
            for (place, (old, new)) in before.iter().zip(network.parameters()).enumerate() {
                let was_reset = reset.parameters.contains(&place);
                assert_eq!(was_reset, old != new, "{place}");
                if was_reset {
                    assert_eq!(
                        (network.optimiser.mean[place], network.optimiser.mean_square[place]),
                        (0.0, 0.0)
                    );
                }
            }
        });
        // The target network's units are reset to the same weights.
        let (layers, target) = (bench.dqn.networks()[0].shape().layers(), bench.dqn.target_parameters());
        for place in incoming(&layers[1], 3).chain(outgoing(&layers[2], 3)) {
            assert_eq!(target[place], bench.dqn.networks()[0].parameters()[place]);
        }
    }
}
