//! Reasons why a run cannot be explained.

use std::path::PathBuf;

use thiserror::Error;

use crate::escape::path as shown;
use crate::training::TrainingError;
use crate::training::run_folder::RunFolderError;

/// Reason why a run cannot be explained.
#[derive(Debug, Error, miette::Diagnostic)]
pub enum ExplainError {
    /// The run cannot be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Run(#[from] TrainingError),
    /// A file of the run cannot be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Folder(#[from] RunFolderError),
    /// The run did not record what an explanation needs.
    #[error("{} cannot be explained: it has {present}, but {missing}", shown(path))]
    #[diagnostic(help("{help}"))]
    NotWatched {
        /// Folder of the run.
        path: PathBuf,
        /// Records that there are, in words.
        present: String,
        /// Records that are missing, in words.
        missing: String,
        /// Advice on what can be done.
        help: String,
    },
    /// A line of a file is not what the program writes.
    #[error("{} cannot be understood in line {line}: {reason}", shown(path))]
    #[diagnostic(help(
        "the run was written by {writer}, and this is version {}: explain it with the program that wrote it, or restore the file",
        env!("CARGO_PKG_VERSION")
    ))]
    Damaged {
        /// Path of the file.
        path: PathBuf,
        /// Number of the line, from 1.
        line: usize,
        /// Reason.
        reason: String,
        /// Program that wrote the run.
        writer: String,
    },
    /// The records answer another number of views than the album has.
    #[error(
        "{} shows {views} views, but a look after {decisions} decisions answers {answers}",
        shown(path)
    )]
    #[diagnostic(help(
        "the album belongs to another run, or was changed: `train --resume` of an unfinished run writes it again"
    ))]
    OtherAlbum {
        /// Path of the album.
        path: PathBuf,
        /// Number of its views.
        views: usize,
        /// Time of the look, in decisions.
        decisions: u64,
        /// Number of answers.
        answers: usize,
    },
}
