//! Algorithms: rules by which a policy network is improved from a batch.
//!
//! An update has five steps, so that methods can act between any two of them: gradients are computed (methods may add to the
//! loss), gradients are adjusted, the optimiser steps, weights are adjusted, and target networks are updated.

mod dqn;
mod sac;

pub use dqn::Dqn;
pub use sac::Sac;

use crate::learner::error::{LearnerError, StateError};
use crate::learner::inputs::Inputs;
use crate::learner::losses::Losses;
use crate::learner::memory::Batch;
use crate::learner::policy::ExplorationPolicy;
use crate::learner::settings::LearnerSettings;
use crate::learner::spec::LearnerSpec;
use crate::learner::state::StateDict;
use crate::learner::trained::{Outputs, Role};
use crate::suggestion::hint;

pub use crate::learner::trained::TrainedNetwork;

/// A loss on the outputs of a network, added to an algorithm's own loss.
pub trait OutputLoss {
    /// Adds the gradient of the loss to `gradient` and the loss to `losses`.
    ///
    /// `outputs` and `gradient` are `[batch.rows(), actions]`.
    fn output_loss(
        &mut self,
        role: Role,
        meaning: Outputs,
        batch: &Batch,
        outputs: &[f32],
        gradient: &mut [f32],
        losses: &mut Losses,
    );
}

/// No additional loss, to compute an algorithm's own gradients.
pub struct NoOutputLoss;

impl OutputLoss for NoOutputLoss {
    fn output_loss(&mut self, _: Role, _: Outputs, _: &Batch, _: &[f32], _: &mut [f32], _: &mut Losses) {}
}

/// Interface of all algorithms.
pub trait Algorithm: Send {
    /// Networks that are trained; the first one is the policy.
    fn networks(&self) -> &[TrainedNetwork];

    /// Networks that are trained, mutably.
    fn networks_mut(&mut self) -> &mut [TrainedNetwork];

    /// Changes the weights of network `network`, and likewise those of its target network, if there is one.
    ///
    /// For changes other than learning, such as the reset of a unit: a target network is an average of its network's recent
    /// weights, and an average of two unrelated units is neither of them. `change` may be called twice.
    fn change_weights(&mut self, network: usize, change: &mut dyn FnMut(&mut [f32])) {
        change(self.networks_mut()[network].parameters_mut());
    }

    /// Sets the gradient of each network for this batch, adds to `losses`, and returns the mean value of the states.
    fn compute_gradients(&mut self, batch: &Batch, extra: &mut dyn OutputLoss, losses: &mut Losses) -> f32;

    /// Computes the gradient of each network for another batch, for comparison. The gradients for the next step are kept; the
    /// stored forward passes are those of the other batch.
    fn reference_gradients(&mut self, batch: &Batch, gradients: &mut Vec<Vec<f32>>);

    /// Moves each network one optimiser step against its gradient.
    fn step(&mut self) {
        self.networks_mut().iter_mut().for_each(TrainedNetwork::step);
    }

    /// Returns the outputs of the target network of network `_network` for rows of observations; `None` if it has none.
    fn target_outputs(&mut self, _network: usize, _inputs: &Inputs) -> Option<&[f32]> {
        None
    }

    /// Updates target networks after the weights have their final values.
    fn update_targets(&mut self);

    /// Replaces networks and optimisers by new ones, drawn from the current position of the initialisation stream.
    fn reinitialise(&mut self);

    /// Returns the exploration of the policy in training, `decisions` after exploration started.
    fn exploration(&self, decisions: u64) -> ExplorationPolicy;

    /// Sets the parameters of the policy and of its target network, for instance from another run.
    fn set_policy(&mut self, parameters: &[f32]);

    /// Multiply-adds of all passes through all networks so far.
    fn multiply_adds(&self) -> u64;

    /// Saves the complete state under `prefix`.
    fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError>;

    /// Loads the complete state from under `prefix`.
    fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError>;
}

/// Computes an algorithm's gradients for a batch into `gradients`, and keeps the algorithm's previous gradients.
fn compute_aside(algorithm: &mut dyn Algorithm, batch: &Batch, gradients: &mut Vec<Vec<f32>>) {
    gradients.resize_with(algorithm.networks().len(), Vec::new);
    for (network, gradient) in algorithm.networks_mut().iter_mut().zip(gradients.iter_mut()) {
        gradient.resize(network.gradient.len(), 0.0);
        std::mem::swap(&mut network.gradient, gradient);
    }
    algorithm.compute_gradients(batch, &mut NoOutputLoss, &mut Losses::default());
    for (network, gradient) in algorithm.networks_mut().iter_mut().zip(gradients) {
        std::mem::swap(&mut network.gradient, gradient);
    }
}

/// Description of an algorithm, for the command line and reports.
pub struct AlgorithmSpec {
    /// Name, as on the command line.
    pub name: &'static str,
    /// One-line description.
    pub summary: &'static str,
    /// Paper that introduced the algorithm.
    pub paper: &'static str,
    /// Equation of the learning target.
    pub equation: &'static str,
    /// Number of networks that it trains.
    pub networks: u64,
    /// Number of target networks.
    pub targets: u64,
    /// Makes one.
    pub build: fn(&LearnerSettings, &LearnerSpec) -> Box<dyn Algorithm>,
}

/// All algorithms.
pub static ALGORITHMS: &[AlgorithmSpec] = &[dqn::SPEC, sac::SPEC];

/// Returns the algorithm with this name.
pub fn find(name: &str) -> Result<&'static AlgorithmSpec, LearnerError> {
    ALGORITHMS
        .iter()
        .find(|spec| spec.name == name)
        .ok_or_else(|| LearnerError::UnknownAlgorithm {
            name: name.to_owned(),
            hint: hint(name, "algorithms", ALGORITHMS.iter().map(|spec| spec.name)),
        })
}
