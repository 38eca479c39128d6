//! Driver that follows a learned policy.

use std::sync::Mutex;

use super::{Driver, DriverInput};
use crate::learner::{Policy, PolicySnapshot, StateError};
use crate::mdp::{Action, ObservationSpec};

/// Driver that always takes the best action in the eyes of a policy: no exploration.
pub struct PolicyDriver {
    // A policy's tensors may move between threads but not be shared; only `&mut self` ever opens this.
    policies: Mutex<Vec<Policy>>,
    /// Number of the policy that decides in each season; empty where one policy decides in all of them.
    of_season: Vec<usize>,
    observation_len: usize,
    numbers: Vec<u8>,
    /// Gardens of one season, and what their robots sense, where gardens are in different seasons.
    members: Vec<usize>,
    gathered: Vec<u8>,
}

impl PolicyDriver {
    /// Decides as the policy of this snapshot does, in every season.
    ///
    /// # Errors
    /// Returns an error if the snapshot was made for observations of another length.
    pub fn new(observation: &ObservationSpec, snapshot: &PolicySnapshot) -> Result<Self, StateError> {
        Self::by_season(observation, std::slice::from_ref(snapshot), Vec::new())
    }

    /// Decides in each garden by the season under way there: `of_season` names the snapshot for each season, by its place in
    /// `snapshots`. A season that is not listed is decided by the first snapshot.
    ///
    /// # Errors
    /// A snapshot was made for observations of another length.
    pub fn by_season(
        observation: &ObservationSpec,
        snapshots: &[PolicySnapshot],
        of_season: Vec<usize>,
    ) -> Result<Self, StateError> {
        let policies = snapshots.iter().map(|snapshot| Policy::new(observation, snapshot));
        Ok(Self {
            policies: Mutex::new(policies.collect::<Result<_, _>>()?),
            of_season,
            observation_len: observation.len(),
            numbers: Vec::new(),
            members: Vec::new(),
            gathered: Vec::new(),
        })
    }
}

impl Driver for PolicyDriver {
    fn decide(&mut self, input: &DriverInput, actions: &mut [Action]) {
        let Ok(policies) = self.policies.get_mut() else { return };
        let chosen = |garden: usize| {
            let season = input.seasons.get(garden).copied().unwrap_or_default();
            self.of_season.get(season).copied().unwrap_or_default()
        };
        for (number, policy) in policies.iter_mut().enumerate() {
            self.members.clear();
            self.members
                .extend((0..actions.len()).filter(|&garden| chosen(garden) == number));
            if self.members.is_empty() {
                continue;
            }
            self.numbers.resize(self.members.len(), 0);
            if self.members.len() == actions.len() {
                policy.greedy(input.observations, &mut self.numbers);
            } else {
                self.gathered.clear();
                for &garden in &self.members {
                    let place = garden * self.observation_len..(garden + 1) * self.observation_len;
                    self.gathered.extend_from_slice(&input.observations[place]);
                }
                policy.greedy(&self.gathered, &mut self.numbers);
            }
            for (&garden, &number) in self.members.iter().zip(&self.numbers) {
                actions[garden] = Action::from_index(number.into()).unwrap_or_default();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learner::ExplorationPolicy;
    use crate::learner::network::NetworkShape;
    use crate::scenario::{DEFAULT_SCENARIO, Scenario};
    use crate::sensors::observation_spec;

    /// A policy that always takes this action.
    fn always(action: Action, inputs: usize) -> PolicySnapshot {
        let shape = NetworkShape {
            inputs,
            hidden: vec![1],
            outputs: Action::ALL.len(),
            layer_norm: false,
        };
        let mut parameters = vec![0.0; shape.parameters()];
        let biases = parameters.len() - Action::ALL.len();
        parameters[biases + action.index()] = 1.0;
        PolicySnapshot {
            shape,
            parameters,
            exploration: ExplorationPolicy::Categorical,
            contexts: Default::default(),
        }
    }

    #[test]
    fn each_garden_is_decided_by_the_policy_of_its_season() {
        let observation = observation_spec(&Scenario::load(DEFAULT_SCENARIO).unwrap().scenario);
        let policies = [Action::Back, Action::TurnLeft].map(|action| always(action, observation.len()));
        let mut driver = PolicyDriver::by_season(&observation, &policies, vec![0, 1, 0, 1]).unwrap();
        let observations = vec![0; 5 * observation.len()];
        let mut decide = |seasons: &[usize]| {
            let mut actions = vec![Action::Water; seasons.len()];
            let input = DriverInput {
                observations: &observations[..seasons.len() * observation.len()],
                seasons,
                gardens: &[],
            };
            driver.decide(&input, &mut actions);
            actions
        };
        use Action::{Back, TurnLeft};
        assert_eq!(decide(&[0, 1, 2, 3, 1]), [Back, TurnLeft, Back, TurnLeft, TurnLeft]);
        assert_eq!(decide(&[3, 3]), [TurnLeft, TurnLeft]);
        assert_eq!(decide(&[2]), [Back]);
    }
}
