//! Access to the learner for what works inside an update.

use crate::learner::algorithms::Algorithm;
use crate::learner::memory::ReplayBuffer;
use crate::learner::trained::TrainedNetwork;
use crate::mdp::ObservationDecoder;

/// Access of a method's hooks to the learner.
pub struct LearnerView<'a> {
    /// All networks, with gradients and optimisers; forward and backward passes can be run on them.
    pub algorithm: &'a mut dyn Algorithm,
    /// Replay buffer of recent transitions.
    pub recent: &'a ReplayBuffer,
    /// Decoder of observations.
    pub decoder: &'a ObservationDecoder,
    /// Number of the current task, counted from 0: the number of tasks that have ended.
    pub task: u16,
    /// Decisions so far, counted over all gardens.
    pub decisions: u64,
    /// Updates so far.
    pub updates: u64,
    /// `true` if the output layer belongs to the task under way alone, and the layers below to all tasks.
    pub task_has_own_outputs: bool,
}

impl LearnerView<'_> {
    /// Number of the parameters of a network, counted from the first, that all tasks share.
    pub fn shared_parameters(&self, network: &TrainedNetwork) -> usize {
        let last = network.shape().layers().pop().filter(|_| self.task_has_own_outputs);
        last.map_or(network.parameters().len(), |layer| layer.range.start)
    }
}
