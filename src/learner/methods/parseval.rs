//! Parseval regularisation: keeps the weights of each hidden layer close to orthogonal, so that signals and gradients keep their size.
//!
//! Chung et al. 2024, "Parseval regularization for continual reinforcement learning":
//! `L(theta) + strength sum over layers of |W W^T - scale I|_F^2`, with `W` the weights of a layer, one row for each unit. The output
//! layer is free, and so are biases.
//!
//! Deviations. The rows of a layer with more units than inputs cannot be orthogonal: its columns are held there (`W^T W`), so that
//! the penalty can vanish. The paper begins with orthogonal weights; here they begin as always, with rows of a squared norm of about
//! a third, so that they grow at first. It adds further parameters that scale the outputs of each layer, which are left out here, as
//! every method has the same network. `scale` is 1 by default, nearer to the weights at the beginning than 2, the square of the gain
//! at which ReLU units keep the size of signals, with which the toy environment of `learner/tests/plasticity.rs` was lost.
//!
//! Cost: no pass, but two products for each hidden layer, about those of a pass of as many rows as the layer has units; nothing is
//! stored. Always holds: with `strength = 0` all weights are those of fine-tuning, bit for bit.

use crate::learner::losses::Losses;
use crate::learner::memory::Batch;
use crate::learner::methods::{Axis, Curriculum, Keeps, LearnerView, LossSpec, Method, MethodFamily, MethodSpec, Needs, Tuning};
use crate::learner::network::{Factor, LayerShape, Matrix};
use crate::learner::settings::is_a_number;
use garde::Validate;
use serde::{Deserialize, Serialize};

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "parseval",
    summary: "penalises hidden layers whose weights are not orthogonal",
    family: MethodFamily::Plasticity,
    paper: "Chung et al. 2024, Parseval regularization for continual reinforcement learning",
    equation: "L(theta) + strength sum over hidden layers of |W W^T - scale I|_F^2",
    cost: "two products for each hidden layer; nothing is stored",
    needs: Needs::NOTHING,
    curriculum: Curriculum::Any,
    losses: &[LossSpec {
        name: "parseval",
        title: "Penalty",
        text: "How far the weights of the hidden layers are from orthogonal.",
    }],
    tuning: Some(Tuning(&[Axis {
        path: "learner.parseval.strength",
        first: "1e-3",
        values: &["0.0", "1e-5", "1e-4", "3e-4", "1e-3", "3e-3", "1e-2", "3e-2", "1e-1", "1.0"],
    }])),
    remove_strength: |settings| settings.parseval.strength = 0.0,
    act_soon: |_| {},
    memory: |_, scale| scale.weights(3),
    keeps: Keeps::Weights,
    heads: false,
    build: |settings, _| Box::new(Parseval(settings.parseval.clone())),
};

/// Settings of Parseval regularisation (Chung et al. 2024).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct ParsevalSettings {
    /// Weight of the squared distance from orthogonality (Chung et al.: `lambda`, about 1e-3); 0 equals `finetune`.
    #[garde(range(min = 0.0, max = 1.0e3), custom(is_a_number))]
    pub strength: f32,
    /// Squared norm that each row of weights is held to (Chung et al.: `s`).
    #[garde(range(min = 0.0, max = 1.0e3), custom(is_a_number))]
    pub scale: f32,
}

impl Default for ParsevalSettings {
    fn default() -> Self {
        Self {
            strength: 1e-3,
            scale: 1.0,
        }
    }
}

struct Parseval(ParsevalSettings);

/// Adds the gradient of `strength |W W^T - scale I|_F^2` for the weights of a layer, `[inputs, outputs]` without biases; returns the
/// penalty.
fn penalty(layer: &LayerShape, weights: &[f32], gradient: &mut [f32], settings: &ParsevalSettings) -> f32 {
    let weights = Matrix::from_rows(layer.outputs, weights);
    let (as_is, transposed) = (Factor::from(&weights), Factor::from(&weights).transposed());
    let by_unit = layer.outputs <= layer.inputs;
    let mut gram = if by_unit {
        transposed.product(as_is)
    } else {
        as_is.product(transposed)
    };
    let mut sum = 0.0;
    for (index, row) in gram.iter_mut().enumerate() {
        row[index] -= settings.scale;
        sum += row.iter().map(|number| number * number).sum::<f32>();
    }
    let slope = if by_unit {
        as_is.product(Factor::from(&gram))
    } else {
        Factor::from(&gram).product(as_is)
    };
    for (gradient, slope) in gradient.chunks_exact_mut(layer.outputs).zip(slope.iter()) {
        for (gradient, slope) in gradient.iter_mut().zip(slope) {
            *gradient += 4.0 * settings.strength * slope;
        }
    }
    settings.strength * sum
}

impl Method for Parseval {
    fn adjust_gradients(&mut self, _batch: &Batch, learner: &mut LearnerView<'_>, losses: &mut Losses) {
        if self.0.strength == 0.0 {
            return;
        }
        for network in learner.algorithm.networks_mut() {
            let (layers, hidden) = (network.shape().layers(), network.shape().hidden.len());
            for layer in layers.iter().take(hidden) {
                let places = layer.range.start..layer.range.start + layer.inputs * layer.outputs;
                let (parameters, gradient) = network.parameters_and_gradient_mut();
                let loss = penalty(layer, &parameters[places.clone()], &mut gradient[places], &self.0);
                losses.add("parseval", loss);
                network.count_multiply_adds((2 * layer.inputs * layer.outputs * layer.inputs.min(layer.outputs)) as u64);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learner::LearnerSettings;
    use crate::learner::algorithms::Algorithm;
    use crate::learner::testing::{Bench, assert_is_gradient};

    const LAYER: fn(usize, usize) -> LayerShape = |inputs, outputs| LayerShape {
        inputs,
        outputs,
        range: 0..(inputs + 1) * outputs,
    };

    /// Worked out by hand: for `W = [[1, 2], [0, 1]]` (rows are units), `W W^T = [[5, 2], [2, 1]]`, less 2 on its diagonal
    /// `[[3, 2], [2, -1]]`, whose squares sum to 18.
    #[test]
    fn the_penalty_is_as_worked_by_hand_and_vanishes_for_orthogonal_weights() {
        let settings = ParsevalSettings {
            strength: 0.5,
            scale: 2.0,
        };
        // The layout is that of inputs in rows.
        let found = penalty(&LAYER(2, 2), &[1.0, 0.0, 2.0, 1.0], &mut [0.0; 4], &settings);
        assert!((found - 9.0).abs() < 1e-5, "{found}");
        let root = 2.0f32.sqrt();
        let mut gradient = [0.0; 6];
        // Two inputs and three units: the columns are orthogonal.
        let found = penalty(&LAYER(2, 3), &[root, 0.0, 0.0, 0.0, 0.0, root], &mut gradient, &settings);
        assert!(
            found < 1e-9 && gradient.iter().all(|slope| slope.abs() < 1e-5),
            "{found} {gradient:?}"
        );
    }

    #[test]
    fn the_gradient_agrees_with_finite_differences() {
        let settings = ParsevalSettings {
            strength: 0.1,
            scale: 1.5,
        };
        for (inputs, outputs) in [(4, 3), (3, 4), (3, 3)] {
            let at: Vec<f32> = (0..inputs * outputs)
                .map(|index| (index * 7 % 11) as f32 * 0.1 - 0.5)
                .collect();
            assert_is_gradient(&at, |weights, gradient| {
                penalty(&LAYER(inputs, outputs), weights, gradient, &settings)
            });
        }
    }

    #[test]
    fn biases_and_the_output_layer_are_free() {
        let mut bench = Bench::new(&LearnerSettings {
            hidden: vec![7, 5],
            ..Default::default()
        });
        bench.dqn.networks_mut()[0].gradient.fill(0.0);
        let mut losses = Losses::default();
        let mut method = Parseval(ParsevalSettings::default());
        bench.with_view(|view| method.adjust_gradients(&Batch::default(), view, &mut losses));
        let network = &bench.dqn.networks()[0];
        for (index, layer) in network.shape().layers().iter().enumerate() {
            let (weights, biases) = network.gradient[layer.range.clone()].split_at(layer.inputs * layer.outputs);
            assert!(biases.iter().all(|&slope| slope == 0.0));
            assert_eq!(weights.iter().any(|&slope| slope != 0.0), index < 2, "layer {index}");
        }
        assert!(losses.total() > 0.0);
    }
}
