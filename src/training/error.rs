//! What can stop a run.

use super::config::ConfigError;
use super::evaluator::EvaluatorGone;
use super::learner_link::LearnerGone;
use super::policy_fit::PolicyMisfit;
use super::run_folder::{CheckpointError, RunFolderError};
use crate::evaluation::Undefined;
use crate::learner::{LearnerError, StateError};
use crate::metrics::MetricsError;

/// Why a run could not begin, go on, or be read.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum TrainingError {
    /// The configuration cannot be run.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Config(#[from] ConfigError),
    /// The configuration in the run's folder cannot be read.
    #[error("the configuration of this run cannot be read")]
    ConfigText(#[from] toml::de::Error),
    /// The configuration cannot be written as text.
    #[error("the configuration cannot be written")]
    ConfigWrite(#[from] toml::ser::Error),
    /// The run's folder cannot be used.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Folder(#[from] RunFolderError),
    /// A checkpoint cannot be used.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The records cannot be written.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Metrics(#[from] MetricsError),
    /// The learner stopped.
    #[error(transparent)]
    Learner(#[from] LearnerError),
    /// A saved state cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// A policy does not fit what it is to be used for.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Misfit(#[from] PolicyMisfit),
    /// The scores are not defined.
    #[error(transparent)]
    Undefined(#[from] Undefined),
    /// The learner's thread is gone.
    #[error(transparent)]
    LearnerGone(#[from] LearnerGone),
    /// The thread of an evaluation is gone.
    #[error(transparent)]
    EvaluatorGone(#[from] EvaluatorGone),
}
