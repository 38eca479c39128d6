//! Policies in files of their own, to be carried about; two of them come with the program.
//!
//! A file is a state file: safetensors with a checksum. Beside the weights it says where the policy comes from and what it was
//! trained on; files of older versions say only the first.

use std::path::Path;

use super::run_folder::write_atomically;
use super::run_policy::TrainedOn;
use super::{PolicyOrigin, RunPolicy, TrainingError};
use crate::learner::network::NetworkShape;
use crate::learner::{PolicySnapshot, StateDict, StateError};
use crate::mdp::Action;

/// Parameters that a network of a policy file may have: some hundred times those of the usual one.
const MOST_PARAMETERS: usize = 16 << 20;

/// A policy that comes with the program.
#[derive(Clone, Copy, Debug)]
pub struct ShippedPolicy {
    /// Name that it is asked for by.
    pub name: &'static str,
    /// Abilities, in a line.
    pub summary: &'static str,
    bytes: &'static [u8],
}

/// The policies that come with the program. `assets/policies/make.sh` makes them.
pub static SHIPPED_POLICIES: &[ShippedPolicy] = &[
    ShippedPolicy {
        name: "spring",
        summary: "trained in spring only: works there, and in no other season",
        bytes: include_bytes!("../../assets/policies/spring.policy"),
    },
    ShippedPolicy {
        name: "year",
        summary: "trained for the whole year with replay_boundary_free+l2_init",
        bytes: include_bytes!("../../assets/policies/year.policy"),
    },
];

impl ShippedPolicy {
    /// Reads it.
    ///
    /// # Errors
    /// None but in a program that was put together wrongly; a test reads each.
    pub fn read(&self) -> Result<RunPolicy, StateError> {
        RunPolicy::from_bytes(self.bytes)
    }
}

impl RunPolicy {
    /// The policy as a file.
    ///
    /// # Errors
    /// None that a policy of a run could cause.
    pub fn to_bytes(&self) -> Result<Vec<u8>, StateError> {
        let mut state = StateDict::new();
        state.set("origin", &self.origin)?;
        if let Some(trained_on) = &self.trained_on {
            state.set("trained_on", trained_on)?;
        }
        let by_season = if self.is_by_season() { self.networks() } else { &[] };
        state.set("seasons", &by_season.len())?;
        // Other programs find a policy under this name, whether or not they know of seasons.
        self.networks()[0].save(&mut state, "policy")?;
        for (season, policy) in by_season.iter().enumerate() {
            policy.save(&mut state, &format!("policy.{season}"))?;
        }
        state.to_bytes()
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    /// The bytes are damaged, or something else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StateError> {
        let state = StateDict::from_bytes(bytes)?;
        let origin: PolicyOrigin = state.get("origin")?;
        let trained_on: Option<TrainedOn> = match state.get("trained_on") {
            Ok(trained_on) => Some(trained_on),
            Err(StateError::Missing { .. }) => None,
            Err(error) => return Err(error),
        };
        let seasons: usize = state.get("seasons")?;
        let policies = if seasons == 0 {
            vec![load(&state, "policy")?]
        } else {
            let load = |season| load(&state, &format!("policy.{season}"));
            (0..seasons).map(load).collect::<Result<_, _>>()?
        };
        Self::new(policies, origin, trained_on)
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), TrainingError> {
        let bytes = self.to_bytes()?;
        write_atomically(path, |file| std::io::Write::write_all(file, &bytes))?;
        Ok(())
    }
}

/// A policy under `prefix`, of a shape that a network can have.
fn load(state: &StateDict, prefix: &str) -> Result<PolicySnapshot, StateError> {
    let entry = format!("{prefix}.shape");
    let shape: NetworkShape = state.get(&entry)?;
    let mut parameters = Some(0_usize);
    let mut inputs = shape.inputs;
    for &outputs in shape.hidden.iter().chain([&shape.outputs]) {
        let layer = inputs.checked_add(1).and_then(|rows| rows.checked_mul(outputs));
        parameters = parameters.zip(layer).and_then(|(sum, layer)| sum.checked_add(layer));
        inputs = outputs;
    }
    let is_empty = shape.inputs == 0 || shape.hidden.contains(&0);
    if is_empty || shape.outputs != Action::ALL.len() || parameters.is_none_or(|count| count > MOST_PARAMETERS) {
        return Err(StateError::Mismatch {
            entry,
            expected: format!("{} outputs and at most {MOST_PARAMETERS} parameters", Action::ALL.len()),
            found: format!("{shape:?}"),
        });
    }
    let policy = PolicySnapshot::load(state, prefix)?;
    let of_contexts = policy.contexts.0.iter().flat_map(|context| &context.parameters);
    if policy
        .parameters
        .iter()
        .chain(of_contexts)
        .any(|parameter| !parameter.is_finite())
    {
        return Err(StateError::Damaged {
            reason: format!("`{prefix}.parameters` are not all finite"),
        });
    }
    Ok(policy)
}

#[cfg(test)]
#[path = "policy_file_tests.rs"]
mod tests;
