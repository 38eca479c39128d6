//! Policies in files of their own, to be carried about; two of them come with the program.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::finished::policy_at;
use super::run_folder::{checkpoints_of, write_atomically};
use super::{RunPolicy, TrainingError, read_run_config};
use crate::learner::{PolicySnapshot, StateDict, StateError};

/// What a policy is, and where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyOrigin {
    /// Name of the scenario in which it was learned.
    pub scenario: String,
    /// The method.
    pub method: String,
    /// The algorithm.
    pub algorithm: String,
    /// The seed of its run.
    pub seed: u64,
    /// Decisions that it had learned from.
    pub decisions: u64,
    /// Version of the program that learned it.
    pub program_version: String,
}

/// A policy in a file of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyFile {
    /// Where it comes from.
    pub origin: PolicyOrigin,
    /// The policy.
    pub policy: RunPolicy,
}

/// A policy that comes with the program.
#[derive(Clone, Copy, Debug)]
pub struct ShippedPolicy {
    /// What it is asked for by.
    pub name: &'static str,
    /// What it can.
    pub summary: &'static str,
    bytes: &'static [u8],
}

/// The policies that come with the program. `assets/policies/make.sh` makes them.
pub static SHIPPED_POLICIES: &[ShippedPolicy] = &[
    ShippedPolicy {
        name: "spring",
        summary: "learned only spring: it knows its job there, and nowhere else",
        bytes: include_bytes!("../../assets/policies/spring.policy"),
    },
    ShippedPolicy {
        name: "year",
        summary: "learned the whole year, remembering by replay",
        bytes: include_bytes!("../../assets/policies/year.policy"),
    },
];

impl ShippedPolicy {
    /// Reads it.
    ///
    /// # Errors
    /// None but in a program that was put together wrongly; a test reads each.
    pub fn read(&self) -> Result<PolicyFile, StateError> {
        PolicyFile::from_bytes(self.bytes)
    }
}

impl PolicyFile {
    /// The policy of a run, as it was after so many decisions (as it is now if none is said): to be evaluated, or to begin with.
    ///
    /// # Errors
    /// The run cannot be read, or has no checkpoint of that time.
    pub fn of_run(run: &Path, decisions: Option<u64>) -> Result<Self, TrainingError> {
        let config = read_run_config(run)?;
        let checkpoint = match decisions {
            None => checkpoints_of(run).newest()?.0,
            Some(decisions) => checkpoints_of(run).at(decisions)?,
        };
        let policy = policy_at(&checkpoint)?;
        Ok(Self {
            origin: PolicyOrigin {
                scenario: config.scenario.name,
                method: config.method,
                algorithm: config.algorithm,
                seed: config.seed,
                decisions: policy.decisions,
                program_version: config.program.map_or_else(|| "unknown".to_owned(), |program| program.version),
            },
            policy,
        })
    }

    /// As bytes: a state file, safetensors with a checksum.
    ///
    /// # Errors
    /// None that a policy of a run could cause.
    pub fn to_bytes(&self) -> Result<Vec<u8>, StateError> {
        let mut state = StateDict::new();
        state.set("origin", &self.origin)?;
        state.set("seasons", &self.policy.by_season.len())?;
        self.policy.policy.save(&mut state, "policy")?;
        for (season, policy) in self.policy.by_season.iter().enumerate() {
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
        let seasons: usize = state.get("seasons")?;
        Ok(Self {
            policy: RunPolicy {
                policy: PolicySnapshot::load(&state, "policy")?,
                by_season: (0..seasons)
                    .map(|season| PolicySnapshot::load(&state, &format!("policy.{season}")))
                    .collect::<Result<_, _>>()?,
                decisions: origin.decisions,
            },
            origin,
        })
    }

    /// Writes it, whole or not at all.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), TrainingError> {
        let bytes = self.to_bytes()?;
        write_atomically(path, |file| std::io::Write::write_all(file, &bytes))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{DEFAULT_SCENARIO, Scenario};
    use crate::sensors::observation_spec;

    #[test]
    fn the_policies_that_come_along_fit_the_default_garden() {
        let scenario = Scenario::load(DEFAULT_SCENARIO).unwrap().scenario;
        for shipped in SHIPPED_POLICIES {
            let file = shipped.read().unwrap();
            assert_eq!(
                file.policy.policy.shape.inputs,
                observation_spec(&scenario).len(),
                "{}",
                shipped.name
            );
            assert_eq!(PolicyFile::from_bytes(&file.to_bytes().unwrap()).unwrap(), file);
        }
    }

    #[test]
    fn damaged_bytes_are_told() {
        let bytes = SHIPPED_POLICIES[0].bytes;
        assert!(PolicyFile::from_bytes(&bytes[..bytes.len() / 2]).is_err());
        assert!(PolicyFile::from_bytes(b"no policy").is_err());
    }
}
