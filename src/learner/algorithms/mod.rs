//! Algorithms: how a policy network is improved by a batch.
//!
//! An update goes through five steps, so that methods can stand between any two of them: gradients are computed (methods may add to
//! the loss), gradients are adjusted, the optimiser steps, weights are adjusted, and whatever follows the networks follows.

mod dqn;
mod sac;

pub use dqn::Dqn;
pub use sac::Sac;

use crate::learner::error::{LearnerError, StateError};
use crate::learner::losses::Losses;
use crate::learner::memory::Batch;
use crate::learner::policy::ExplorationPolicy;
use crate::learner::settings::LearnerSettings;
use crate::learner::spec::LearnerSpec;
use crate::learner::state::StateDict;
use crate::learner::trained::{Outputs, Role};
use crate::suggestion::hint;

pub use crate::learner::trained::TrainedNetwork;

/// A loss that somebody adds to an algorithm's own, at the outputs of a network.
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

/// No loss: for who wants an algorithm's own gradients alone.
pub struct NoOutputLoss;

impl OutputLoss for NoOutputLoss {
    fn output_loss(&mut self, _: Role, _: Outputs, _: &Batch, _: &[f32], _: &mut [f32], _: &mut Losses) {}
}

/// What every algorithm can do.
pub trait Algorithm: Send {
    /// The networks that are trained; the first one decides what is done.
    fn networks(&self) -> &[TrainedNetwork];

    /// The same, to be changed.
    fn networks_mut(&mut self) -> &mut [TrainedNetwork];

    /// Changes the weights of network `network`, and in the same way those of the target network that follows it, if there is one.
    ///
    /// For changes from outside of learning, such as a unit that begins anew: a target network is an average of what its network
    /// was lately, and an average of two unrelated units is neither of them. `change` may be called twice.
    fn change_weights(&mut self, network: usize, change: &mut dyn FnMut(&mut [f32])) {
        change(self.networks_mut()[network].parameters_mut());
    }

    /// Sets the gradient of each network for this batch, and tells the losses and the mean value of its states.
    fn compute_gradients(&mut self, batch: &Batch, extra: &mut dyn OutputLoss, losses: &mut Losses) -> f32;

    /// The gradient of each network for another batch, for who wants to compare: the gradients that wait for the next step stay as
    /// they are. The forward passes left behind are those of that batch.
    fn reference_gradients(&mut self, batch: &Batch, gradients: &mut Vec<Vec<f32>>);

    /// Moves each network against its gradient.
    fn step(&mut self) {
        self.networks_mut().iter_mut().for_each(TrainedNetwork::step);
    }

    /// Lets target networks and the like follow, after the weights have their final values.
    fn update_targets(&mut self);

    /// Begins with new networks and optimisers, drawn from where the stream of initialisations stands.
    fn reinitialise(&mut self);

    /// How the policy acts in training, `decisions` after exploration began.
    fn acting(&self, decisions: u64) -> ExplorationPolicy;

    /// Sets the policy and whatever follows it, as from another run.
    fn set_policy(&mut self, parameters: &[f32]);

    /// Multiply-adds of all passes through all networks so far.
    fn multiply_adds(&self) -> u64;

    /// Writes everything under `prefix`.
    fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError>;

    /// Takes everything from under `prefix`.
    fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError>;
}

/// Computes gradients as an algorithm does for a batch, puts them into `gradients`, and leaves those of before where they were.
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

/// An algorithm, as the command line and reports know it.
pub struct AlgorithmSpec {
    /// What it is called.
    pub name: &'static str,
    /// What it does, in one line.
    pub summary: &'static str,
    /// Where it comes from.
    pub paper: &'static str,
    /// What it learns.
    pub equation: &'static str,
    /// Number of networks that it trains.
    pub networks: u64,
    /// Number of target networks.
    pub targets: u64,
    /// Makes one.
    pub build: fn(&LearnerSettings, &LearnerSpec) -> Box<dyn Algorithm>,
}

/// Every algorithm.
pub static ALGORITHMS: &[AlgorithmSpec] = &[dqn::SPEC, sac::SPEC];

/// The algorithm of this name.
pub fn find(name: &str) -> Result<&'static AlgorithmSpec, LearnerError> {
    ALGORITHMS
        .iter()
        .find(|spec| spec.name == name)
        .ok_or_else(|| LearnerError::UnknownAlgorithm {
            name: name.to_owned(),
            hint: hint(name, "algorithms", ALGORITHMS.iter().map(|spec| spec.name)),
        })
}
