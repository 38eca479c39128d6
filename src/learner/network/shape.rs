//! Sizes of a network and of its layers, its normalisation, and initial parameters.

use rand::Rng;
use serde::{Deserialize, Serialize};
use std::ops::Range;

use crate::random::Stream;

/// Sizes of a network: inputs, hidden layers (ReLU) and outputs (linear); and whether its hidden layers are normalised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkShape {
    /// Number of values of one observation.
    pub inputs: usize,
    /// Number of units of each hidden layer.
    pub hidden: Vec<usize>,
    /// Number of outputs.
    pub outputs: usize,
    /// `true` if the pre-activations of every hidden layer are [normalised](crate::learner::network). Left out of files where it is `false`,
    /// as in those of older versions.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub layer_norm: bool,
}

/// Sizes of one layer, and the position of its parameters in the flat slice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerShape {
    /// Number of inputs, without the constant 1.
    pub inputs: usize,
    /// Number of outputs.
    pub outputs: usize,
    /// `(inputs + 1) * outputs` parameters: weights `[inputs, outputs]`, then biases.
    pub range: Range<usize>,
}

impl NetworkShape {
    /// Returns the layers, from the observation to the outputs.
    pub fn layers(&self) -> Vec<LayerShape> {
        let mut start = 0;
        let mut inputs = self.inputs;
        let mut layers = Vec::with_capacity(self.hidden.len() + 1);
        for &outputs in self.hidden.iter().chain([&self.outputs]) {
            let end = start + (inputs + 1) * outputs;
            layers.push(LayerShape {
                inputs,
                outputs,
                range: start..end,
            });
            (start, inputs) = (end, outputs);
        }
        layers
    }

    /// Number of parameters in the flat slice.
    pub fn parameters(&self) -> usize {
        self.layers().last().map_or(0, |layer| layer.range.end)
    }

    /// Checks that it is the shape of a network: numbers go in and come out, no layer is empty, and the parameters can be counted.
    pub fn is_possible(&self) -> bool {
        let widths = || self.hidden.iter().chain([&self.outputs]).copied();
        let parameters = widths().try_fold((0_usize, self.inputs), |(sum, inputs), outputs| {
            let layer = inputs.checked_add(1)?.checked_mul(outputs)?;
            Some((sum.checked_add(layer)?, outputs))
        });
        self.inputs > 0 && widths().all(|width| width > 0) && parameters.is_some()
    }

    /// Multiply-adds of a forward pass of one row; biases count as one each, and a normalised unit as three: mean, variance and scale.
    pub fn forward_multiply_adds(&self) -> u64 {
        let normalised: usize = if self.layer_norm { self.hidden.iter().sum() } else { 0 };
        (self.parameters() + 3 * normalised) as u64
    }

    /// Draws initial parameters: each weight and bias uniform in `+-1 / sqrt(inputs of its layer)`.
    ///
    /// This is LeCun's bound as PyTorch and dfdx use it for linear layers (He et al.'s Kaiming-uniform with `a = sqrt(5)`).
    pub fn initial_parameters(&self, rng: &mut Stream) -> Vec<f32> {
        let mut parameters = Vec::with_capacity(self.parameters());
        for layer in self.layers() {
            parameters.extend(layer.initial_parameters(rng));
        }
        parameters
    }
}

impl LayerShape {
    /// Draws initial parameters of this layer: see [`NetworkShape::initial_parameters`].
    pub fn initial_parameters(&self, rng: &mut Stream) -> impl Iterator<Item = f32> {
        let bound = 1.0 / (self.inputs as f32).sqrt();
        self.range.clone().map(move |_| {
            // The upper 24 bits: every such number is exact in single precision.
            let unit = (rng.next_u64() >> 40) as f32 / (1u64 << 24) as f32;
            (2.0 * unit - 1.0) * bound
        })
    }
}
