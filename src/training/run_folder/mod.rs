//! A run's folder: what a run leaves behind, and what it resumes from.
//!
//! ```text
//! RESULTS_DIR/RUN_ID/
//!   config.toml                    everything resolved; a folder with it is a run, one without has not begun
//!   metrics.jsonl                  records, one a line
//!   events.out.tfevents.perennial  the same as curves, for TensorBoard
//!   album.jsonl                    views that the policy is asked about, one a line
//!   checkpoints/decision_000060000.ckpt
//!   summary.json                   written last, so a folder with it is a finished run
//!   lock                           held while a process writes here
//! ```
//!
//! Always holds: a file that is replaced is either the old one or the new one, whatever happens in between (a temporary name in the
//! same folder, fsync, rename, fsync of the folder); a process that writes holds the lock; nothing is deleted that a run did not
//! write. Killing a process releases its lock, as the system holds it and not the file's being there.

mod atomic;
mod begin;
mod checkpoint;
mod error;
mod lock;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

pub use atomic::write_atomically;
use begin::Traces;
pub use begin::is_half_begun;
pub use checkpoint::{Checkpoint, Checkpoints, DamagedCheckpoint};
pub use error::{CheckpointError, RunFolderError};
use lock::Lock;

use crate::metrics::{Recorder, TensorBoard};
use crate::suggestion::nearest;
use crate::training::inside::ALBUM_FILE_NAME;
use crate::training::summary::Summary;

/// Default folder for results.
pub const DEFAULT_RESULTS_DIR: &str = "runs";

const CONFIG: &str = "config.toml";
const SUMMARY: &str = "summary.json";
const CHECKPOINTS: &str = "checkpoints";
const LOCK: &str = "lock";
/// Entries that `--force` removes: those that a run writes, and nothing else. The configuration goes first: without it there is no run.
const WRITTEN_BY_A_RUN: [&str; 6] = [
    CONFIG,
    SUMMARY,
    CHECKPOINTS,
    Recorder::METRICS_FILE_NAME,
    TensorBoard::FILE_NAME,
    ALBUM_FILE_NAME,
];

/// Action to take if a run of this name exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Leave it alone and say so.
    Refuse,
    /// Take it away and begin anew (`--force`).
    Replace,
}

/// A run's folder, held for writing.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    /// Held until this is dropped.
    _lock: Lock,
    /// Entries that were created to take the folder; `None` if an existing run is resumed.
    traces: Option<Traces>,
}

impl RunFolder {
    /// Opens a run to go on with it, without the files that a killed process was still writing.
    ///
    /// # Errors
    /// When there is no such run, another process writes it, or the folder cannot be written.
    pub fn resume(results_dir: &Path, id: &str) -> Result<Self, RunFolderError> {
        let path = find_run(results_dir, id)?;
        let lock = Lock::take(&path, &path.join(LOCK))?;
        let checkpoints = path.join(CHECKPOINTS);
        fs::create_dir_all(&checkpoints).map_err(|source| RunFolderError::write(&checkpoints, source))?;
        begin::remove_temporary_files(&path)?;
        begin::remove_temporary_files(&checkpoints)?;
        Ok(Self {
            path,
            _lock: lock,
            traces: None,
        })
    }

    /// Returns the path of the folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its name.
    pub fn id(&self) -> String {
        id_of(&self.path)
    }

    /// Its checkpoints.
    pub fn checkpoints(&self) -> Checkpoints {
        checkpoints_of(&self.path)
    }

    /// The configuration that it was begun with.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn config_toml(&self) -> Result<String, RunFolderError> {
        read_config(&self.path)
    }

    /// The summary, if the run has come to its end.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn summary(&self) -> Result<Option<Summary>, RunFolderError> {
        read_summary(&self.path)
    }

    /// Writes the album of views that the run is looked into with, unless it is there already with these contents.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_album(&self, text: &str) -> Result<(), RunFolderError> {
        let path = self.path.join(ALBUM_FILE_NAME);
        if fs::read(&path).is_ok_and(|found| found == text.as_bytes()) {
            return Ok(());
        }
        write_atomically(&path, |file| file.write_all(text.as_bytes()))
    }

    /// Writes the summary: the run is finished.
    ///
    /// # Errors
    /// When it cannot be written; an older one then stays as it was.
    pub fn write_summary(&self, summary: &Summary) -> Result<(), RunFolderError> {
        write_atomically(&self.path.join(SUMMARY), |file| {
            serde_json::to_writer_pretty(&mut *file, summary)?;
            file.write_all(b"\n")
        })
    }
}

/// A name for a run that says what it is: `four_seasons-replay-seed0`; the algorithm is named unless it is the default one.
pub fn default_run_id(scenario: &str, method: &str, algorithm: Option<&str>, seed: u64) -> String {
    let algorithm = algorithm
        .map(|algorithm| format!("-{}", plain_name(algorithm)))
        .unwrap_or_default();
    format!("{}-{}{algorithm}-seed{seed}", plain_name(scenario), plain_name(method))
}

/// A name as part of a folder's name: letters, digits, `_` and `+` stay, everything else becomes `_`.
pub fn plain_name(text: &str) -> String {
    let keep = |letter: char| {
        if letter.is_alphanumeric() || matches!(letter, '_' | '+') {
            letter
        } else {
            '_'
        }
    };
    text.chars().map(keep).collect()
}

/// Returns the folder of a run: `run` is a name in `results_dir`, or the path of a run's folder.
///
/// # Errors
/// When there is none, or it cannot be looked at; the error names the run in `results_dir` whose name is nearest.
pub fn find_run(results_dir: &Path, run: &str) -> Result<PathBuf, RunFolderError> {
    let mut refused = None;
    for path in [results_dir.join(run), PathBuf::from(run)] {
        match fs::metadata(path.join(CONFIG)) {
            Ok(metadata) if metadata.is_file() => return Ok(path),
            // A run that may be there and cannot be looked at is not one that does not exist.
            Err(source) if !matches!(source.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                refused = refused.or(Some(RunFolderError::Read { path, source }));
            }
            _ => {}
        }
    }
    if let Some(refused) = refused {
        return Err(refused);
    }
    let known = runs_in(results_dir);
    Err(RunFolderError::NoSuchRun {
        run: run.to_owned(),
        results_dir: results_dir.to_owned(),
        nearest: nearest(run, known.iter().map(String::as_str)).map(str::to_owned),
        known,
    })
}

/// Names of the runs in a folder, sorted.
pub fn runs_in(results_dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(results_dir).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().join(CONFIG).is_file())
        .map(|entry| id_of(&entry.path()))
        .collect();
    names.sort();
    names
}

/// The configuration of a run, read without holding the run.
///
/// # Errors
/// When it cannot be read.
pub fn read_config(run: &Path) -> Result<String, RunFolderError> {
    let path = run.join(CONFIG);
    fs::read_to_string(&path).map_err(|source| RunFolderError::Read { path, source })
}

/// The summary of a run, if it has come to its end, read without holding the run.
///
/// # Errors
/// When it is there and cannot be read.
pub fn read_summary(run: &Path) -> Result<Option<Summary>, RunFolderError> {
    let path = run.join(SUMMARY);
    match fs::read_to_string(&path) {
        Ok(text) => serde_json::from_str(&text)
            .map(Some)
            .map_err(|source| RunFolderError::Summary { path, source }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(RunFolderError::Read { path, source }),
    }
}

/// The checkpoints of a run, read without holding the run.
pub fn checkpoints_of(run: &Path) -> Checkpoints {
    Checkpoints::in_folder(&run.join(CHECKPOINTS))
}

fn id_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests;
