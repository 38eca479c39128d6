//! A network in training, with its parameters, gradient and optimiser.

use crate::learner::error::StateError;
use crate::learner::inputs::Inputs;
use crate::learner::network::{Matrix, Network, NetworkShape, Pass, RowMeasure};
use crate::learner::optimiser::Adam;
use crate::learner::settings::AdamSettings;
use crate::learner::state::StateDict;

/// Role of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Chooses actions; protected by methods by default.
    Policy,
    /// Estimates values, only during training.
    Critic,
}

/// Meaning of a network's outputs, which determines how they are compared with earlier outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outputs {
    /// The value of each action, in units of reward: compared by mean squared difference.
    ActionValues,
    /// Unnormalised log-probabilities of the actions: compared by Kullback-Leibler divergence.
    Logits,
}

/// A network in training: its parameters, its gradient and its optimiser.
pub struct TrainedNetwork {
    name: &'static str,
    role: Role,
    outputs: Outputs,
    parameters: Vec<f32>,
    /// Gradient of the last loss, with the layout of the parameters.
    pub gradient: Vec<f32>,
    /// Optimiser, with the layout of the parameters.
    pub optimiser: Adam,
    network: Network,
    pass: Pass,
    /// `true` if the parameters have changed since they were copied to `network`.
    stale: bool,
    /// Multiply-adds besides those of its passes.
    other_multiply_adds: u64,
}

impl TrainedNetwork {
    /// Creates a network with these parameters; it is saved under `name`.
    pub fn new(
        name: &'static str,
        role: Role,
        outputs: Outputs,
        shape: &NetworkShape,
        parameters: Vec<f32>,
        adam: &AdamSettings,
    ) -> Self {
        Self {
            name,
            role,
            outputs,
            gradient: vec![0.0; parameters.len()],
            optimiser: Adam::new(adam, parameters.len()),
            network: Network::new(shape, &parameters),
            pass: Pass::default(),
            stale: false,
            other_multiply_adds: 0,
            parameters,
        }
    }

    /// Name among the networks of its algorithm.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Role of the network.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Meaning of the outputs.
    pub fn outputs_mean(&self) -> Outputs {
        self.outputs
    }

    /// Sizes of the network.
    pub fn shape(&self) -> &NetworkShape {
        self.network.shape()
    }

    /// Flat parameters: see [`network`](crate::learner::network).
    pub fn parameters(&self) -> &[f32] {
        &self.parameters
    }

    /// Flat parameters, mutably.
    pub fn parameters_mut(&mut self) -> &mut [f32] {
        self.stale = true;
        &mut self.parameters
    }

    /// Parameters, and the mutable gradient.
    pub fn parameters_and_gradient_mut(&mut self) -> (&[f32], &mut [f32]) {
        (&self.parameters, &mut self.gradient)
    }

    /// Parameters, gradient and optimiser, mutably.
    pub fn parts_mut(&mut self) -> (&mut [f32], &mut [f32], &mut Adam) {
        self.stale = true;
        (&mut self.parameters, &mut self.gradient, &mut self.optimiser)
    }

    /// Returns the outputs `[rows, outputs]` for rows of observations.
    pub fn forward(&mut self, inputs: &Inputs) -> &[f32] {
        self.refresh();
        self.network.forward(inputs, &mut self.pass);
        self.pass.outputs()
    }

    /// Like [`forward`](Self::forward), where no backward pass follows.
    pub fn evaluate(&mut self, inputs: &Inputs) -> &[f32] {
        self.refresh();
        self.network.evaluate(inputs, &mut self.pass);
        self.pass.outputs()
    }

    /// Copies the parameters to the network if they have changed.
    fn refresh(&mut self) {
        if std::mem::take(&mut self.stale) {
            self.network.set(&self.parameters);
        }
    }

    /// Stored values of the last forward pass.
    pub fn pass(&self) -> &Pass {
        &self.pass
    }

    /// Sets [`gradient`](Self::gradient) to that of a loss, given the loss's gradient at the outputs of the last forward pass.
    pub fn backward(&mut self, output_gradient: &[f32]) {
        self.network.backward(&mut self.pass, output_gradient, &mut self.gradient);
    }

    /// Like [`backward`](Self::backward), for a gradient that starts at a layer: see [`Network::backward_from`].
    pub fn backward_from(&mut self, layer: usize, gradient: &[f32]) {
        self.network
            .backward_from(layer, &mut self.pass, gradient, &mut self.gradient);
    }

    /// Adds a measure of each row's gradient to `sums`: see [`Network::accumulate_per_row`].
    pub fn accumulate_per_row(&mut self, measure: RowMeasure, output_gradient: &[f32], sums: &mut [f32]) {
        self.network
            .accumulate_per_row(measure, &mut self.pass, output_gradient, sums);
    }

    /// Writes the gradient at the inputs, `[rows, inputs]`, after a backward pass.
    pub fn input_gradient(&mut self, gradient: &mut [f32]) {
        self.network.input_gradient(&self.pass, gradient);
    }

    /// Adds products of the inputs of the last forward pass to `sums`: see [`Network::accumulate_input_products`].
    pub fn accumulate_input_products(&mut self, sums: &mut [Matrix]) {
        self.network.accumulate_input_products(&self.pass, sums);
    }

    /// Adds products of gradients to `sums`: see [`Network::accumulate_gradient_products`].
    pub fn accumulate_gradient_products(&mut self, output_gradient: &[f32], sums: &mut [Matrix]) {
        self.network
            .accumulate_gradient_products(&mut self.pass, output_gradient, sums);
    }

    /// Moves the parameters one optimiser step against the gradient.
    pub fn step(&mut self) {
        self.optimiser.step(&mut self.parameters, &self.gradient);
        self.stale = true;
    }

    /// Multiply-adds of all its passes so far, and of other work on it.
    pub fn multiply_adds(&self) -> u64 {
        self.network.multiply_adds() + self.other_multiply_adds
    }

    /// Counts multiply-adds that a method spent on it besides its passes.
    pub fn count_multiply_adds(&mut self, multiply_adds: u64) {
        self.other_multiply_adds += multiply_adds;
    }

    /// Saves parameters and optimiser under `prefix` and its name.
    pub fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        state.put(format!("{prefix}.{}.parameters", self.name), &self.parameters);
        self.optimiser.save(state, &format!("{prefix}.{}.adam", self.name))
    }

    /// Loads parameters and optimiser from there.
    pub fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        let name = self.name;
        state.copy_to(&format!("{prefix}.{name}.parameters"), self.parameters_mut())?;
        self.optimiser.load(state, &format!("{prefix}.{name}.adam"))
    }
}
