//! A network that is being trained: its parameters, its gradient, its optimiser.

use crate::learner::error::StateError;
use crate::learner::inputs::Inputs;
use crate::learner::network::{Network, NetworkShape, Pass, RowMeasure};
use crate::learner::optimiser::Adam;
use crate::learner::settings::AdamSettings;
use crate::learner::state::StateDict;

/// What a network is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It decides what is done: what methods protect by default.
    Policy,
    /// It only judges, during training.
    Critic,
}

/// What a network's outputs mean, and so how they are compared with outputs of another time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outputs {
    /// The value of each action, in units of reward: compared by mean squared difference.
    ActionValues,
    /// Unnormalised log-probabilities of the actions: compared by Kullback-Leibler divergence.
    Logits,
}

/// See the module's documentation.
pub struct TrainedNetwork {
    name: &'static str,
    role: Role,
    outputs: Outputs,
    parameters: Vec<f32>,
    /// The gradient of the last loss, laid out as the parameters are.
    pub gradient: Vec<f32>,
    /// The optimiser's memory, laid out as the parameters are.
    pub optimiser: Adam,
    network: Network,
    pass: Pass,
    /// Whether the parameters have changed since they were mirrored.
    stale: bool,
    /// Multiply-adds beyond its passes.
    other_multiply_adds: u64,
}

impl TrainedNetwork {
    /// A network with these parameters, under whose `name` it is saved.
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

    /// Its name among the networks of its algorithm.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What it is there for.
    pub fn role(&self) -> Role {
        self.role
    }

    /// What its outputs mean.
    pub fn outputs_mean(&self) -> Outputs {
        self.outputs
    }

    /// Its sizes.
    pub fn shape(&self) -> &NetworkShape {
        self.network.shape()
    }

    /// Its parameters, flat: see [`network`](crate::learner::network).
    pub fn parameters(&self) -> &[f32] {
        &self.parameters
    }

    /// Its parameters, to be changed.
    pub fn parameters_mut(&mut self) -> &mut [f32] {
        self.stale = true;
        &mut self.parameters
    }

    /// Its parameters, and its gradient to be changed.
    pub fn parameters_and_gradient_mut(&mut self) -> (&[f32], &mut [f32]) {
        (&self.parameters, &mut self.gradient)
    }

    /// Its parameters to be changed, with its gradient and its optimiser.
    pub fn parts_mut(&mut self) -> (&mut [f32], &mut [f32], &mut Adam) {
        self.stale = true;
        (&mut self.parameters, &mut self.gradient, &mut self.optimiser)
    }

    /// Its outputs `[rows, outputs]` for rows of observations.
    pub fn forward(&mut self, inputs: &Inputs) -> &[f32] {
        if self.stale {
            self.network.set(&self.parameters);
            self.stale = false;
        }
        self.network.forward(inputs, &mut self.pass);
        self.pass.outputs()
    }

    /// What the last forward pass left behind.
    pub fn pass(&self) -> &Pass {
        &self.pass
    }

    /// Sets [`gradient`](Self::gradient) to that of a loss whose gradient at the outputs of the last forward pass is given.
    pub fn backward(&mut self, output_gradient: &[f32]) {
        self.network.backward(&mut self.pass, output_gradient, &mut self.gradient);
    }

    /// The same for a gradient that enters below the outputs: see [`Network::backward_from`].
    pub fn backward_from(&mut self, layer: usize, gradient: &[f32]) {
        self.network
            .backward_from(layer, &mut self.pass, gradient, &mut self.gradient);
    }

    /// Adds a measure of each row's own gradient to `sums`: see [`Network::accumulate_per_row`].
    pub fn accumulate_per_row(&mut self, measure: RowMeasure, output_gradient: &[f32], sums: &mut [f32]) {
        self.network
            .accumulate_per_row(measure, &mut self.pass, output_gradient, sums);
    }

    /// Moves the parameters one step of the optimiser against the gradient.
    pub fn step(&mut self) {
        self.optimiser.step(&mut self.parameters, &self.gradient);
        self.stale = true;
    }

    /// Multiply-adds of all its passes so far, and of what else was done with it.
    pub fn multiply_adds(&self) -> u64 {
        self.network.multiply_adds() + self.other_multiply_adds
    }

    /// Counts multiply-adds that a method spent on it beyond its passes.
    pub fn count_multiply_adds(&mut self, multiply_adds: u64) {
        self.other_multiply_adds += multiply_adds;
    }

    /// Writes parameters and optimiser under `prefix` and its name.
    pub fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        state.put(format!("{prefix}.{}.parameters", self.name), &self.parameters);
        self.optimiser.save(state, &format!("{prefix}.{}.adam", self.name))
    }

    /// Takes parameters and optimiser from there.
    pub fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        let name = self.name;
        state.copy_to(&format!("{prefix}.{name}.parameters"), self.parameters_mut())?;
        self.optimiser.load(state, &format!("{prefix}.{name}.adam"))
    }
}
