//! Errors of a run.

use super::config::ConfigError;
use super::evaluator::EvaluatorGone;
use super::learner_link::LearnerGone;
use super::policy_fit::PolicyMisfit;
use super::run_folder::{CheckpointError, RunFolderError};
use crate::evaluation::Undefined;
use crate::learner::{LearnerError, StateError};
use crate::metrics::MetricsError;

/// Reasons why a run cannot begin, continue, or be read.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum TrainingError {
    /// The configuration cannot be run.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Config(#[from] ConfigError),
    /// The run keeps more than its budget allows.
    #[error(transparent)]
    #[diagnostic(transparent)]
    OverBudget(#[from] super::budget::OverBudget),
    /// The configuration in the run's folder cannot be read.
    #[error("the configuration of this run cannot be read")]
    ConfigText(#[from] toml::de::Error),
    /// The run was begun by another version or build, or on another kind of processor.
    #[error("this run was begun by another program, whose results differ:\n{differences}")]
    #[diagnostic(help(
        "go on with it by the program that began it, or begin a new run from what it has learned: `train --initialize-from RUN`"
    ))]
    OtherProgram {
        /// Differences, one per line.
        differences: String,
    },
    /// The run was begun by a version that did not record itself.
    #[error("this run does not say which program began it: its config.toml has no table `program`")]
    #[diagnostic(help(
        "it may be of another version, whose results differ; go on with it by the program that began it, or begin a new run from what it \
         has learned: `train --initialize-from RUN`"
    ))]
    UnknownProgram,
    /// The configuration of a run was changed after it began.
    #[error("the configuration of this run was changed after it began:\n{differences}")]
    #[diagnostic(help(
        "a run has one configuration from beginning to end: put back what it began with, or begin a new run with other settings from what \
         it has learned: `train --initialize-from RUN`"
    ))]
    Edited {
        /// Differences, one per line.
        differences: String,
    },
    /// The policy to begin with is not the one that the configuration names.
    #[error("the configuration says that the run begins with {configured}, and it was given {given}")]
    InitialPolicy {
        /// Policy named in the configuration.
        configured: String,
        /// Policy that was given.
        given: String,
    },
    /// The configuration cannot be written as text.
    #[error("the configuration cannot be written")]
    ConfigWrite(#[from] toml::ser::Error),
    /// The policy that the run is to begin with has other networks.
    #[error("the policy to begin with does not fit the networks of this run")]
    #[diagnostic(help(
        "give a policy that was learned with the same senses, actions, `learner.hidden` and `learner.layer_norm`"
    ))]
    InitialPolicyMisfit(#[source] LearnerError),
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
    /// An adapter belongs to another policy.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Adapter(#[from] super::adapter::AdapterMisfit),
    /// A policy does not fit what it is to be used for.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Misfit(#[from] PolicyMisfit),
    /// The scores are not defined.
    #[error(transparent)]
    Undefined(#[from] Undefined),
    /// A recorded action is missing, or there is one too many.
    #[error(transparent)]
    Actions(#[from] crate::app::WrongNumberOfActions),
    /// The learner's thread is gone.
    #[error(transparent)]
    LearnerGone(#[from] LearnerGone),
    /// The thread of an evaluation is gone.
    #[error(transparent)]
    EvaluatorGone(#[from] EvaluatorGone),
}
