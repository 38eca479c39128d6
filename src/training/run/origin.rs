//! Origin of a run: its first configuration, kept in each checkpoint and compared with the folder's configuration on resuming.

use toml::{Table, Value};

use crate::learner::{PolicySnapshot, StateDict};
use crate::training::difference::{SettingDifference, differences};
use crate::training::program::Program;
use crate::training::{RunConfig, TrainingError};

const ENTRY: &str = "training.config";

/// Stores the configuration in a checkpoint.
pub(super) fn save(state: &mut StateDict, config: &RunConfig) -> Result<(), TrainingError> {
    Ok(state.set(ENTRY, &config.to_toml()?)?)
}

/// Fails unless the run was begun by this version and build of the program, on a processor with the same arithmetic.
///
/// Reads the text rather than the settings, because those of another version may have other keys.
pub(super) fn check_program(config_toml: &str) -> Result<(), TrainingError> {
    let config: Table = toml::from_str(config_toml)?;
    let Some(Value::Table(began)) = config.get("program") else {
        return Err(TrainingError::UnknownProgram);
    };
    let mut differences = differences(began, &Table::try_from(Program::current())?);
    if differences.is_empty() {
        return Ok(());
    }
    for difference in &mut differences {
        difference.path = format!("program.{}", difference.path);
    }
    Err(TrainingError::OtherProgram {
        differences: listed(&differences, "when it began", "now"),
    })
}

/// Fails if the configuration in the folder is not the one that the run began with.
pub(super) fn check_unedited(state: &StateDict, config: &RunConfig) -> Result<(), TrainingError> {
    let text: String = state.get(ENTRY)?;
    let began: RunConfig = toml::from_str(&text)?;
    let differences = began.differences(config)?;
    if differences.is_empty() {
        return Ok(());
    }
    Err(TrainingError::Edited {
        differences: listed(&differences, "when it began", "in config.toml now"),
    })
}

/// Fails unless the policy to begin with is the one named in the configuration.
pub(super) fn check_initial_policy(config: &RunConfig, policy: Option<&PolicySnapshot>) -> Result<(), TrainingError> {
    let given = policy.map(PolicySnapshot::hash);
    if given == config.initial_policy {
        return Ok(());
    }
    let said = |hash: &Option<String>| {
        hash.as_ref()
            .map_or("random weights".to_owned(), |hash| format!("the policy {hash}"))
    };
    Err(TrainingError::InitialPolicy {
        configured: said(&config.initial_policy),
        given: said(&given),
    })
}

fn listed(differences: &[SettingDifference], first: &str, second: &str) -> String {
    let lines: Vec<String> = differences
        .iter()
        .map(|difference| format!("  {}", difference.says(first, second)))
        .collect();
    lines.join("\n")
}
