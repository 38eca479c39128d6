//! Decides as a learned policy does.

use std::sync::Mutex;

use super::{Driver, DriverInput};
use crate::learner::{Policy, PolicySnapshot, StateError};
use crate::mdp::{Action, ObservationSpec};

/// Takes the best action in the eyes of a policy, always: no exploration.
pub struct PolicyDriver {
    // A policy's tensors may move between threads but not be shared; only `&mut self` ever opens this.
    policy: Mutex<Policy>,
    numbers: Vec<u8>,
}

impl PolicyDriver {
    /// Decides as the policy of this snapshot does.
    ///
    /// # Errors
    /// The snapshot was made for observations of another length.
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
