//! Why there is no report.

use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

use super::Omission;
use crate::escape;
use crate::files::reason;

/// Why there is no report.
#[derive(Debug, Error, Diagnostic)]
pub enum ReportError {
    /// A folder that was asked for cannot be read.
    #[error("cannot read the folder {}: {}", escape::path(path), reason(error))]
    #[diagnostic(help("name folders of runs, or folders that hold some, for instance `runs`"))]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// Not one finished run was found.
    #[error("there is nothing to report: no finished run was found{}", listed(omissions))]
    #[diagnostic(help(
        "a run is finished when its folder holds summary.json; `perennial train --resume --run-id NAME` finishes one"
    ))]
    Nothing {
        /// What was found instead.
        omissions: Vec<Omission>,
    },
    /// The method to compare with was not run.
    #[error("no finished run of the baseline `{baseline}` is there: the methods are {}", methods.join(", "))]
    #[diagnostic(help("name one of them with --baseline"))]
    NoBaseline {
        /// The method that was asked for.
        baseline: String,
        /// The methods that there are.
        methods: Vec<String>,
    },
    /// A figure could not be drawn.
    #[error("could not draw a figure: {0}")]
    Drawing(String),
}

fn listed(omissions: &[Omission]) -> String {
    omissions
        .iter()
        .map(|omission| format!("\n  {}: {}", escape::path(&omission.path), escape::terminal(&omission.reason)))
        .collect()
}
