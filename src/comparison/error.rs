//! Why a comparison cannot be made as it was asked for.

use std::path::PathBuf;

use super::tuning::FIRST_TUNING_SEED;
use crate::learner::LearnerError;
use crate::training::{ConfigError, RunFolderError};

/// Why a comparison cannot be made as it was asked for. All of these are found before the first run begins.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ComparisonError {
    /// A configuration that cannot be run: among others, a method that needs boundaries where there are none.
    #[error(transparent)]
    #[diagnostic(help("nothing was written; a preset leaves such a run out and says so"))]
    Config(#[from] ConfigError),
    /// A method that does not exist, or not in this composition.
    #[error(transparent)]
    Method(#[from] LearnerError),
    /// Seeds that trials of a tuning have were asked for in a comparison.
    #[error("seeds from {FIRST_TUNING_SEED} on are those of tuning and are never used for results: {seeds} seeds are too many")]
    TuningSeeds {
        /// How many seeds were asked for.
        seeds: u64,
    },
    /// There is nothing to compare.
    #[error("there is nothing to compare: no {what} is left")]
    Nothing {
        /// What is missing.
        what: &'static str,
    },
    /// Something is named twice.
    #[error("{what} `{name}` is named twice")]
    Twice {
        /// Method or scenario.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// An override changes what the comparison itself decides.
    #[error("`--set` may not change `{setting}`: the comparison decides it for each run")]
    Decided {
        /// The setting.
        setting: &'static str,
    },
    /// Folders of planned runs hold runs of other configurations.
    #[error("{} of the planned runs lie there already with another configuration:\n{}", .folders.len(), different(.folders))]
    #[diagnostic(help("choose another --results-dir, or replace those runs with --force"))]
    Different {
        /// Each folder with what differs.
        folders: Vec<(PathBuf, Vec<String>)>,
    },
    /// Tuning of a composition.
    #[error("`{method}` is a composition: tune its parts, one by one; `--tuned` applies what was found for each")]
    TunedComposition {
        /// The composition.
        method: String,
    },
    /// A method has no line in the registry of tuning.
    #[error("`{method}` has no strength that could be searched")]
    NoGrid {
        /// The method.
        method: String,
    },
    /// A file of tuned strengths cannot be read.
    #[error("{} holds no tuned strengths that can be read: {reason}", path.display())]
    TunedFile {
        /// Where it is.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file of tuned strengths lacks a method.
    #[error("`{method}` was not tuned in this file; tuned were {tuned}")]
    #[diagnostic(help(
        "tune it too (compare --tune), or leave --tuned out for all: tuned and untuned methods are no fair comparison"
    ))]
    NotTuned {
        /// The method.
        method: String,
        /// What is there.
        tuned: String,
    },
    /// A file of tuned strengths is for another algorithm.
    #[error("these strengths were tuned with `{tuned}`, and `{asked}` is asked for")]
    TunedForOther {
        /// The algorithm of the file.
        tuned: String,
        /// The algorithm of the comparison.
        asked: String,
    },
    /// What is to be written down cannot be.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Folder(#[from] RunFolderError),
    /// What is to be written down has no form as text.
    #[error("the strengths that were found cannot be written as text")]
    Text(#[from] toml::ser::Error),
}

/// How many folders and differences a message lists.
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
        lines.push(format!("  {}: {shown}{more}", folder.display()));
    }
    if folders.len() > LISTED {
        lines.push(format!("  and {} more", folders.len() - LISTED));
    }
    lines.join("\n")
}
