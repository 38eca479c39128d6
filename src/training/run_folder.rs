//! A run's folder: what a run leaves behind, and what it resumes from.
//!
//! ```text
//! RESULTS_DIR/RUN_ID/
//!   config.toml                    everything resolved; written first, so a folder with it is a run
//!   metrics.jsonl                  records, one a line
//!   events.out.tfevents.perennial  the same as curves, for TensorBoard
//!   checkpoints/decision_000060000.ckpt
//!   summary.json                   written last, so a folder with it is a finished run
//!   lock                           held while a process writes here
//! ```
//!
//! Always holds: a file that is replaced is either the old one or the new one, whatever happens in between (a temporary name in the
//! same folder, fsync, rename, fsync of the folder); a process that writes holds the lock; nothing is deleted that a run did not
//! write. Killing a process releases its lock, as the system holds it and not the file's being there.

mod atomic;
mod checkpoint;
mod error;
mod lock;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

pub use atomic::write_atomically;
pub use checkpoint::{Checkpoint, Checkpoints, DamagedCheckpoint};
pub use error::{CheckpointError, RunFolderError};
use lock::Lock;

use crate::files::TEMPORARY_PREFIX;
use crate::metrics::{Recorder, TensorBoard};
use crate::suggestion::nearest;
use crate::training::summary::Summary;

/// Where runs lie, unless said otherwise.
pub const DEFAULT_RESULTS_DIR: &str = "runs";

const CONFIG: &str = "config.toml";
const SUMMARY: &str = "summary.json";
const CHECKPOINTS: &str = "checkpoints";
const LOCK: &str = "lock";
/// What `--force` takes away: what a run writes, and nothing else. The configuration goes first: without it there is no run.
const WRITTEN_BY_A_RUN: [&str; 5] = [
    CONFIG,
    SUMMARY,
    CHECKPOINTS,
    Recorder::METRICS_FILE_NAME,
    TensorBoard::FILE_NAME,
];

/// What to do where there is a run of this name already.
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
}

impl RunFolder {
    /// Begins the run `id` in `results_dir` with its configuration. To be called when everything has been validated: nothing was
    /// written before, and if this fails, nothing is left behind that was not there.
    ///
    /// # Errors
    /// When the name is not one, there is such a run and it is not to be replaced, another process writes it, something that is no
    /// run lies there, or the folder cannot be written.
    pub fn create(results_dir: &Path, id: &str, existing: Existing, config_toml: &str) -> Result<Self, RunFolderError> {
        check_id(id)?;
        let path = results_dir.join(id);
        let has_results_dir = results_dir.exists();
        fs::create_dir_all(results_dir).map_err(|source| RunFolderError::write(results_dir, source))?;
        let is_new = match fs::create_dir(&path) {
            Ok(()) => true,
            Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => false,
            Err(source) => return Err(RunFolderError::write(&path, source)),
        };
        let begun = Self::begin(&path, id, existing, config_toml);
        let taken = matches!(begun, Err(RunFolderError::Locked { .. } | RunFolderError::Exists { .. }));
        if is_new && begun.is_err() && !taken {
            // As nothing was there before, nothing is to stay. Where even this fails, the first error says more.
            let _ = fs::remove_dir(path.join(CHECKPOINTS));
            let _ = fs::remove_file(path.join(LOCK));
            let _ = fs::remove_dir(&path);
            if !has_results_dir {
                let _ = fs::remove_dir(results_dir);
            }
        }
        begun
    }

    fn begin(path: &Path, id: &str, existing: Existing, config_toml: &str) -> Result<Self, RunFolderError> {
        let is_run = path.join(CONFIG).exists();
        if is_run && existing == Existing::Refuse {
            return Err(RunFolderError::Exists {
                id: id.to_owned(),
                path: path.to_owned(),
            });
        }
        if !is_run && holds_something_else(path)? {
            return Err(RunFolderError::NotARun { path: path.to_owned() });
        }
        let lock = Lock::take(path, &path.join(LOCK))?;
        // Another process may have begun it between the look and the lock.
        if !is_run && path.join(CONFIG).exists() && existing == Existing::Refuse {
            return Err(RunFolderError::Exists {
                id: id.to_owned(),
                path: path.to_owned(),
            });
        }
        for name in WRITTEN_BY_A_RUN {
            remove(&path.join(name))?;
        }
        let checkpoints = path.join(CHECKPOINTS);
        fs::create_dir(&checkpoints).map_err(|source| RunFolderError::write(&checkpoints, source))?;
        write_atomically(&path.join(CONFIG), |file| file.write_all(config_toml.as_bytes()))?;
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// Begins a run under the first free name: `base`, or else `base-2`, `base-3`...
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn create_unique(results_dir: &Path, base: &str, config_toml: &str) -> Result<Self, RunFolderError> {
        let mut number = 1_u64;
        loop {
            let id = if number == 1 {
                base.to_owned()
            } else {
                format!("{base}-{number}")
            };
            number += 1;
            match Self::create(results_dir, &id, Existing::Refuse, config_toml) {
                // Taken, perhaps in this very moment by another process.
                Err(RunFolderError::Exists { .. } | RunFolderError::NotARun { .. } | RunFolderError::Locked { .. }) => {}
                other => return other,
            }
        }
    }

    /// Opens a run to go on with it.
    ///
    /// # Errors
    /// When there is no such run, another process writes it, or the folder cannot be written.
    pub fn resume(results_dir: &Path, id: &str) -> Result<Self, RunFolderError> {
        let path = find_run(results_dir, id)?;
        let lock = Lock::take(&path, &path.join(LOCK))?;
        Ok(Self { path, _lock: lock })
    }

    /// Where it is.
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

/// Where a run is: `run` is a name in `results_dir`, or the path of a run's folder.
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

/// A name is one part of a path, and none that hides or climbs.
fn check_id(id: &str) -> Result<(), RunFolderError> {
    let fits = (1..=200).contains(&id.chars().count())
        && !id.starts_with('.')
        && !id.chars().any(|letter| matches!(letter, '/' | '\\') || letter.is_control());
    if fits {
        Ok(())
    } else {
        Err(RunFolderError::BadId { id: id.to_owned() })
    }
}

/// Whether a folder without a configuration holds anything but what a run that was killed while beginning can have left.
fn holds_something_else(path: &Path) -> Result<bool, RunFolderError> {
    let failed = |source| RunFolderError::Read {
        path: path.to_owned(),
        source,
    };
    for entry in fs::read_dir(path).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let name = name.to_string_lossy();
        let left_behind = name == LOCK || WRITTEN_BY_A_RUN.contains(&name.as_ref()) || name.starts_with(TEMPORARY_PREFIX);
        if !left_behind {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Removes what a run wrote, if it is there.
fn remove(path: &Path) -> Result<(), RunFolderError> {
    let removed = if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    match removed {
        Err(source) if source.kind() != ErrorKind::NotFound => Err(RunFolderError::write(path, source)),
        _ => Ok(()),
    }
}

#[cfg(test)]
#[path = "run_folder/tests.rs"]
mod tests;
