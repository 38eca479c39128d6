//! Reading a run without locking it.

use std::path::Path;

use garde::Validate;

use super::run_folder::{Checkpoints, checkpoints_of, read_config};
use super::{Checkpoint, ConfigError, RunConfig, RunPolicy, TrainingError};
use crate::learner::{PolicySnapshot, StateDict};

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
/// There is none, or the run's configuration cannot be read.
pub fn policy_of_run(run: &Path) -> Result<RunPolicy, TrainingError> {
    policy_of_run_at(run, None)
}

/// The policy of a run as it was after so many decisions; as it is now if none is given.
///
/// # Errors
/// The run cannot be read, or has no checkpoint of that time.
pub fn policy_of_run_at(run: &Path, decisions: Option<u64>) -> Result<RunPolicy, TrainingError> {
    let config = read_run_config(run)?;
    let checkpoint = match decisions {
        None => checkpoints_of(run).newest()?.0,
        Some(decisions) => checkpoints_of(run).at(decisions)?,
    };
    policy_at(&checkpoint, &config)
}

/// The policies in all checkpoints of a run that are whole, oldest first; those that are damaged are left out.
///
/// # Errors
/// The run's configuration cannot be read.
pub fn policies_of_run(run: &Path) -> Result<Vec<RunPolicy>, TrainingError> {
    let config = read_run_config(run)?;
    let files = checkpoints_of(run).files();
    let whole = files.iter().filter_map(|(_, file)| Checkpoints::read(file).ok());
    Ok(whole.filter_map(|checkpoint| policy_at(&checkpoint, &config).ok()).collect())
}

/// The policy in a checkpoint, as it is to be evaluated.
fn policy_at(checkpoint: &Checkpoint, config: &RunConfig) -> Result<RunPolicy, TrainingError> {
    let state = StateDict::from_bytes(&checkpoint.body)?;
    let count: usize = state.get("training.evaluated_policies")?;
    // A checkpoint without any policy lacks its first one.
    let policies = (0..count.max(1))
        .map(|number| PolicySnapshot::load(&state, &format!("training.evaluated.{number}")))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(RunPolicy::of_config(policies, config, checkpoint.decisions)?)
}
