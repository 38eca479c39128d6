//! Errors of a run's folder.

use std::io;
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

use super::checkpoint::DamagedCheckpoint;
use crate::escape::{path as shown, terminal};
use crate::files::{WriteError, write_help};

/// Reasons why a run's folder cannot be used.
#[derive(Debug, Error, Diagnostic)]
pub enum RunFolderError {
    /// There is a run of this name.
    #[error("there is already a run `{}` in {}", terminal(id), shown(path))]
    #[diagnostic(help("use --resume to continue it, --force to replace it, or choose another --run-id"))]
    Exists {
        /// Name of the run.
        id: String,
        /// Path of the run.
        path: PathBuf,
    },
    /// There is a folder of this name that holds no run.
    #[error("{} is not a run's folder, and not empty", shown(path))]
    #[diagnostic(help("choose another --run-id or --results-dir; the existing files are not touched, even with --force"))]
    NotARun {
        /// Path of the folder.
        path: PathBuf,
    },
    /// There is no run of this name.
    #[error("there is no run `{}` in {}", terminal(run), shown(results_dir))]
    #[diagnostic(help("{}", nearest_text(.nearest.as_deref(), .known)))]
    NoSuchRun {
        /// Name or path that was given.
        run: String,
        /// Folder that was searched.
        results_dir: PathBuf,
        /// The run whose name is nearest, if one is near.
        nearest: Option<String>,
        /// The runs that there are.
        known: Vec<String>,
    },
    /// The name cannot be that of a folder.
    #[error("`{}` cannot be the name of a run", terminal(id))]
    #[diagnostic(help(
        "a name has 1 to 200 characters, does not begin with a dot, and has no slashes and control characters in it"
    ))]
    BadId {
        /// Name that was given.
        id: String,
    },
    /// Another process writes this run.
    #[error("another process is writing the run in {}{}", shown(path), holder_text(holder.as_deref()))]
    #[diagnostic(help(
        "wait until it has finished, or stop it: Ctrl-C or `kill` let it write a checkpoint. Then continue the run with --resume"
    ))]
    Locked {
        /// Path of the run.
        path: PathBuf,
        /// The number of that process, where it is known.
        holder: Option<String>,
    },
    /// The file system cannot lock files.
    #[error(
        "the file system of {} cannot lock files, so that two processes could write one run",
        shown(path)
    )]
    #[diagnostic(help("put the results on a file system with locks, such as a local disk, and copy them afterwards"))]
    NoLocks {
        /// Path of the run.
        path: PathBuf,
        /// Error of the operating system.
        source: io::Error,
    },
    /// Something could not be read.
    #[error("could not read {}", shown(path))]
    Read {
        /// Path of the file or folder.
        path: PathBuf,
        /// Error of the operating system.
        source: io::Error,
    },
    /// Something could not be written.
    #[error("could not write {}", shown(path))]
    #[diagnostic(help("{}; what was there before is untouched", write_help(source).unwrap_or("see what is wrong there, or name another place")))]
    Write {
        /// Path of the file or folder.
        path: PathBuf,
        /// Error of the operating system.
        source: io::Error,
    },
    /// A file could not be written.
    #[error(transparent)]
    #[diagnostic(transparent)]
    File(#[from] WriteError),
    /// A summary is not one.
    #[error("could not understand {}", shown(path))]
    Summary {
        /// Path of the summary.
        path: PathBuf,
        /// Error of the JSON parser.
        source: serde_json::Error,
    },
    /// A run has no checkpoint to resume from.
    #[error("{} holds no checkpoint that can be used{}", shown(path), damaged_text(damaged))]
    #[diagnostic(help("--force restarts the run from the beginning"))]
    NoCheckpoint {
        /// The folder.
        path: PathBuf,
        /// Those that are damaged.
        damaged: Vec<DamagedCheckpoint>,
    },
    /// A run has no checkpoint of that time.
    #[error("{} holds no checkpoint after {decisions} decisions", shown(path))]
    #[diagnostic(help("it has them after {} decisions", listed(known)))]
    NoCheckpointAt {
        /// The folder.
        path: PathBuf,
        /// The time that was asked for.
        decisions: u64,
        /// Those that there are.
        known: Vec<u64>,
    },
}

fn listed(numbers: &[u64]) -> String {
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")
}

impl RunFolderError {
    pub(super) fn write(path: &Path, source: io::Error) -> Self {
        Self::Write {
            path: path.to_owned(),
            source,
        }
    }
}

fn holder_text(holder: Option<&str>) -> String {
    holder.map(|holder| format!(" (process {holder})")).unwrap_or_default()
}

/// The most runs that a message lists.
const LISTED_RUNS: usize = 10;

fn nearest_text(nearest: Option<&str>, known: &[String]) -> String {
    let elsewhere = "`perennial train` makes runs, --results-dir names another folder";
    if let Some(nearest) = nearest {
        return format!("did you mean `{}`?", terminal(nearest));
    }
    if known.is_empty() {
        return format!("there is none at all; {elsewhere}");
    }
    let names: Vec<String> = known.iter().take(LISTED_RUNS).map(|name| terminal(name)).collect();
    let more = known.len().saturating_sub(LISTED_RUNS);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("there are {}{more}; {elsewhere}", names.join(", "))
}

fn damaged_text(damaged: &[DamagedCheckpoint]) -> String {
    damaged
        .iter()
        .map(|damaged| format!("\n  {}: {}", shown(&damaged.path), damaged.error))
        .collect()
}

/// Reasons why a checkpoint file cannot be used.
#[derive(Debug, Error)]
pub enum CheckpointError {
    /// It does not begin as a checkpoint does.
    #[error("it is not a checkpoint")]
    NotACheckpoint,
    /// It was written by a version whose checkpoints look different.
    #[error("its format is version {found}, and this program reads version {expected}")]
    Version {
        /// The version of the file.
        found: u32,
        /// The version that is read here.
        expected: u32,
    },
    /// It ends too early.
    #[error("it is truncated: {found_bytes} of {expected_bytes} bytes are there")]
    Truncated {
        /// Length that it should have, in bytes.
        expected_bytes: u64,
        /// Length that it has, in bytes.
        found_bytes: u64,
    },
    /// Its bytes are not those that were written.
    #[error("its checksum does not match: it is damaged")]
    Checksum,
    /// It cannot be read at all.
    #[error("it cannot be read: {0}")]
    Read(#[from] io::Error),
}
