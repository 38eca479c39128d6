//! Errors of a comparison.

use std::path::PathBuf;

use crate::escape;
use crate::learner::LearnerError;
use crate::training::{ConfigError, FIRST_TUNING_SEED, RunFolderError};

/// Reasons why a comparison cannot be made as requested. All of them are found before the first run begins.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ComparisonError {
    /// A configuration cannot be run, for example because a method needs boundaries where there are none.
    #[error(transparent)]
    #[diagnostic(help("nothing was written; a preset leaves such a run out and says so"))]
    Config(#[from] ConfigError),
    /// A method does not exist, or cannot be part of this composition.
    #[error(transparent)]
    Method(#[from] LearnerError),
    /// The seeds include those reserved for trials of a tuning.
    #[error("seeds from {FIRST_TUNING_SEED} on are those of tuning and are never used for results: {seeds} seeds are too many")]
    TuningSeeds {
        /// Number of seeds requested.
        seeds: u64,
    },
    /// There is nothing to compare.
    #[error("there is nothing to compare: no {what} is left")]
    Nothing {
        /// Kind of thing that is missing: "scenario", "method" or "seed".
        what: &'static str,
    },
    /// A method or scenario is named twice.
    #[error("{what} `{name}` is named twice")]
    Twice {
        /// Either "method" or "scenario".
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// Two scenarios have the same name, by which runs and tables tell them apart.
    #[error(
        "two scenarios are called `{name}`: {} and {}",
        crate::escape::terminal(first),
        crate::escape::terminal(second)
    )]
    #[diagnostic(help("give one of them another `name`"))]
    SameName {
        /// The name.
        name: String,
        /// The first, as it was asked for.
        first: String,
        /// The other one.
        second: String,
    },
    /// An override changes a setting that the comparison decides itself.
    #[error("`--set` may not change `{setting}`: the comparison decides it for each run")]
    Decided {
        /// The setting.
        setting: &'static str,
    },
    /// Folders of planned runs contain runs of other configurations.
    #[error("{} of the planned runs already exist with another configuration:\n{}", .folders.len(), different(.folders))]
    #[diagnostic(help("choose another --results-dir, or replace those runs with --force"))]
    Different {
        /// Each folder with the differences.
        folders: Vec<(PathBuf, Vec<String>)>,
    },
    /// A method declares no search grid.
    #[error("`{method}` has no strength to tune")]
    NoGrid {
        /// The method.
        method: String,
    },
    /// A file of tuned strengths cannot be read.
    #[error("the tuned strengths in {} cannot be read: {reason}", escape::path(path))]
    TunedFile {
        /// Path of the file.
        path: PathBuf,
        /// Reason.
        reason: String,
    },
    /// A file of tuned strengths lacks a method.
    #[error("`{method}` was not tuned in this file; tuned were {tuned}")]
    #[diagnostic(help(
        "tune it too (compare --tune), or leave --tuned out for all: comparing tuned with untuned methods is not fair"
    ))]
    NotTuned {
        /// Name of the method.
        method: String,
        /// Names of the tuned methods.
        tuned: String,
    },
    /// A file of tuned strengths was made with another algorithm.
    #[error("these strengths were tuned with `{tuned}`, but the algorithm is `{asked}`")]
    TunedForOther {
        /// Algorithm of the file.
        tuned: String,
        /// Algorithm of the comparison.
        asked: String,
    },
    /// A file cannot be written.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Folder(#[from] RunFolderError),
    /// The tuned strengths cannot be serialised.
    #[error("the tuned strengths cannot be serialised")]
    Text(#[from] toml::ser::Error),
}

/// Maximum number of folders and of differences listed in a message.
const LISTED: usize = 5;

fn different(folders: &[(PathBuf, Vec<String>)]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for (folder, differences) in folders.iter().take(LISTED) {
        let more = differences.len().saturating_sub(LISTED);
        let shown = differences.iter().take(LISTED).cloned().collect::<Vec<_>>().join("; ");
        let more = if more > 0 {
            format!("; and {more} more")
        } else {
            String::new()
        };
        lines.push(format!("  {}: {shown}{more}", escape::path(folder)));
    }
    if folders.len() > LISTED {
        lines.push(format!("  and {} more", folders.len() - LISTED));
    }
    lines.join("\n")
}
