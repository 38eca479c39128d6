//! Driver that follows a learned policy.

use std::sync::Mutex;

use super::{Driver, DriverInput};
use crate::learner::{Policy, PolicySnapshot, StateError};
use crate::mdp::{Action, ObservationSpec};

/// Always takes the action that a policy rates best, without exploration.
pub struct PolicyDriver {
    // A policy's tensors can be sent between threads but not shared; only `&mut self` accesses this.
    policy: Mutex<Policy>,
    numbers: Vec<u8>,
}

impl PolicyDriver {
    /// Creates a driver that follows the policy of this snapshot.
    ///
    /// # Errors
    /// Returns an error if the snapshot was made for observations of another length.
    pub fn new(observation: &ObservationSpec, snapshot: &PolicySnapshot) -> Result<Self, StateError> {
        Ok(Self {
            policy: Mutex::new(Policy::new(observation, snapshot)?),
            numbers: Vec::new(),
        })
    }
}

impl Driver for PolicyDriver {
    fn decide(&mut self, input: &DriverInput, actions: &mut [Action]) {
        let Ok(policy) = self.policy.get_mut() else { return };
        self.numbers.resize(actions.len(), 0);
        policy.greedy(input.observations, &mut self.numbers);
        for (action, &number) in actions.iter_mut().zip(&self.numbers) {
            *action = Action::from_index(number.into()).unwrap_or_default();
        }
    }
}
