//! Errors of applications.

use std::path::PathBuf;

use crate::comparison::ComparisonError;
use crate::escape;
use crate::files::WriteError;
use crate::learner::{LearnerError, StateError};
use crate::training::{EvaluatorGone, PolicyMisfit, RunFolderError, TrainingError};

/// Reasons why an application cannot be measured.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ApplicationError {
    /// The settings cannot be changed as asked.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Settings(Box<dyn miette::Diagnostic + Send + Sync + 'static>),
    /// The runs cannot be planned.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Plan(#[from] ComparisonError),
    /// A run cannot be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Run(#[from] TrainingError),
    /// The folder of a run cannot be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Folder(#[from] RunFolderError),
    /// A run of an earlier stage is not finished.
    #[error("the run {} is not finished, and the application measures finished runs", escape::path(.run))]
    Unfinished {
        /// Folder of the run, relative to the results folder.
        run: PathBuf,
    },
    /// A policy does not fit.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Misfit(#[from] PolicyMisfit),
    /// A policy cannot be used.
    #[error(transparent)]
    Learner(#[from] LearnerError),
    /// A file of a policy cannot be made or read.
    #[error(transparent)]
    State(#[from] StateError),
    /// An evaluation failed.
    #[error(transparent)]
    Evaluation(#[from] EvaluatorGone),
    /// A policy cannot be edited.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Edit(#[from] super::editing::EditError),
    /// A taste cannot be learned.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Taste(#[from] super::personalising::TasteError),
    /// The result cannot be written.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Write(#[from] WriteError),
    /// sRGB has no such colours.
    #[error("sRGB has no pair of plant colours turned by {degrees} degrees")]
    Colour {
        /// The angle.
        degrees: u16,
    },
    /// A number of decisions is too small for the application.
    #[error(
        "{decisions} decisions a season are too few: this application divides a season into {parts} parts of at least one decision in each garden"
    )]
    #[diagnostic(help("`--decisions-per-season` takes more"))]
    TooFewDecisions {
        /// Decisions of a season.
        decisions: u64,
        /// Parts.
        parts: u64,
    },
}
