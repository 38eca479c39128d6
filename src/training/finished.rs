//! What can be read of a run without holding it.

use std::path::Path;

use garde::Validate;

use super::run_folder::{checkpoints_of, read_config};
use super::{Checkpoint, ConfigError, RunConfig, TrainingError};
use crate::learner::{PolicySnapshot, StateDict};

/// The policy of a run, as it is to be evaluated.
#[derive(Clone, Debug, PartialEq)]
pub struct RunPolicy {
    /// The policy.
    pub policy: PolicySnapshot,
    /// One for each season, where the method is told the season; else empty.
    pub by_season: Vec<PolicySnapshot>,
    /// Decisions that it had learned from.
    pub decisions: u64,
}

impl RunPolicy {
    /// The policy for a season.
    pub fn for_season(&self, season: usize) -> &PolicySnapshot {
        self.by_season.get(season).unwrap_or(&self.policy)
    }
}

/// The configuration of a run.
///
/// # Errors
/// It cannot be read, is of another version, or holds a number that is out of range.
pub fn read_run_config(run: &Path) -> Result<RunConfig, TrainingError> {
    let config: RunConfig = toml::from_str(&read_config(run)?)?;
    config.validate().map_err(ConfigError::from)?;
    Ok(config)
}

/// The policy in the newest checkpoint of a run that is whole.
///
/// # Errors
/// There is none.
pub fn policy_of_run(run: &Path) -> Result<RunPolicy, TrainingError> {
    policy_at(&checkpoints_of(run).newest()?.0)
}

/// The policy in a checkpoint, as it is to be evaluated.
pub(super) fn policy_at(checkpoint: &Checkpoint) -> Result<RunPolicy, TrainingError> {
    let state = StateDict::from_bytes(&checkpoint.body)?;
    let count: usize = state.get("training.evaluated_policies")?;
    let mut policies = (0..count)
        .map(|number| PolicySnapshot::load(&state, &format!("training.evaluated.{number}")))
        .collect::<Result<Vec<_>, _>>()?;
    let by_season = if count > 1 { policies.clone() } else { Vec::new() };
    let policy = policies.swap_remove(0);
    Ok(RunPolicy {
        policy,
        by_season,
        decisions: checkpoint.decisions,
    })
}
