//! Errors of the report.

use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

use super::OmittedFolder;
use crate::escape;
use crate::files::reason;

/// Reasons why a report cannot be made.
#[derive(Debug, Error, Diagnostic)]
pub enum ReportError {
    /// A folder that was asked for cannot be read.
    #[error("cannot read the folder {}: {}", escape::path(path), reason(error))]
    #[diagnostic(help("name folders of runs, or folders that hold some, for instance `runs`"))]
    Folder {
        /// Path of the folder.
        path: PathBuf,
        /// Error of the operating system.
        error: std::io::Error,
    },
    /// An archive cannot be read.
    #[error("cannot use the archive {}: {}", escape::path(path), escape::terminal(reason))]
    #[diagnostic(help("`report FOLDER --archive FILE.json.gz` writes archives; only those and folders can be reported"))]
    Archive {
        /// Path of the archive.
        path: PathBuf,
        /// Reason.
        reason: String,
    },
    /// An archive cannot be made.
    #[error("could not make the archive: {0}")]
    Archiving(String),
    /// No finished run was found.
    #[error("there is nothing to report: no finished run was found{}", listed(omissions))]
    #[diagnostic(help(
        "a run is finished when its folder holds summary.json; `perennial train --resume --run-id NAME` finishes one"
    ))]
    Nothing {
        /// Folders that were found and left out.
        omissions: Vec<OmittedFolder>,
    },
    /// There is no run of the baseline method.
    #[error("there is no finished run of the baseline `{baseline}`: the methods are {}", methods.join(", "))]
    #[diagnostic(help("name one of them with --baseline"))]
    NoBaseline {
        /// Name of the requested baseline.
        baseline: String,
        /// Names of the methods found.
        methods: Vec<String>,
    },
    /// A figure cannot be drawn.
    #[error("could not draw a figure: {0}")]
    Drawing(String),
}

fn listed(omissions: &[OmittedFolder]) -> String {
    omissions
        .iter()
        .map(|omission| format!("\n  {}: {}", escape::path(&omission.path), escape::terminal(&omission.reason)))
        .collect()
}
