//! Turning a folder into that of a run, and restoring it if no run begins.
//!
//! `config.toml` makes a folder a run. A process that is killed before it is written leaves a half-begun folder, which the next run of
//! that name takes over.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{CHECKPOINTS, CONFIG, Existing, LOCK, Lock, RunFolder, RunFolderError, WRITTEN_BY_A_RUN, id_of, write_atomically};
use crate::files::TEMPORARY_PREFIX;

/// Folders that were made for a run, the outermost first.
#[derive(Debug)]
pub(super) struct Traces {
    folders: Vec<PathBuf>,
}

impl Traces {
    /// Makes a folder with all that are missing above it.
    fn make(path: &Path) -> Result<Self, RunFolderError> {
        let missing = path
            .ancestors()
            .take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists());
        let mut folders: Vec<PathBuf> = missing.map(Path::to_owned).collect();
        folders.reverse();
        match fs::create_dir_all(path) {
            Ok(()) => Ok(Self { folders }),
            Err(source) => {
                Self { folders }.remove();
                Err(RunFolderError::write(path, source))
            }
        }
    }

    /// Removes the folders again, as far as they are empty: what somebody else put there in the meantime stays.
    fn remove(&self) {
        for folder in self.folders.iter().rev() {
            // Where even this fails, the error that led here says more.
            let _ = fs::remove_dir(folder);
        }
    }
}

impl RunFolder {
    /// Begins the run `id` in `results_dir` with its configuration. To be called when everything has been validated: nothing was
    /// written before, and if this fails, nothing is left behind that was not there.
    ///
    /// # Errors
    /// When the name is not one, there is such a run and it is not to be replaced, another process writes it, something that is no
    /// run lies there, or the folder cannot be written.
    pub fn create(results_dir: &Path, id: &str, existing: Existing, config_toml: &str) -> Result<Self, RunFolderError> {
        let folder = Self::reserve(results_dir, id, existing)?;
        match folder.write_config(config_toml) {
            Ok(()) => Ok(folder),
            Err(error) => {
                folder.discard();
                Err(error)
            }
        }
    }

    /// Takes a folder for the run `id`. It becomes a run with [`write_config`](Self::write_config); until then, another process that is
    /// killed leaves nothing that is in anybody's way.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn reserve(results_dir: &Path, id: &str, existing: Existing) -> Result<Self, RunFolderError> {
        check_id(id)?;
        let path = results_dir.join(id);
        let traces = Traces::make(&path)?;
        match take(&path, id, existing) {
            Ok(lock) => {
                let folder = Self {
                    path,
                    _lock: lock,
                    traces: Some(traces),
                };
                match folder.clear() {
                    Ok(()) => Ok(folder),
                    Err(error) => {
                        folder.discard();
                        Err(error)
                    }
                }
            }
            Err(error) => {
                traces.remove();
                Err(error)
            }
        }
    }

    /// Takes a folder under the first free name: `base`, or else `base-2`, `base-3`...
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn reserve_unique(results_dir: &Path, base: &str) -> Result<Self, RunFolderError> {
        let mut number = 1_u64;
        loop {
            let id = if number == 1 {
                base.to_owned()
            } else {
                format!("{base}-{number}")
            };
            number += 1;
            match Self::reserve(results_dir, &id, Existing::Refuse) {
                // Taken, perhaps in this very moment by another process.
                Err(RunFolderError::Exists { .. } | RunFolderError::NotARun { .. } | RunFolderError::Locked { .. }) => {}
                other => return other,
            }
        }
    }

    /// Writes the configuration: the folder is a run from now on.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_config(&self, config_toml: &str) -> Result<(), RunFolderError> {
        write_atomically(&self.path.join(CONFIG), |file| file.write_all(config_toml.as_bytes()))
    }

    /// Returns `true` if the folder is a run.
    pub fn is_begun(&self) -> bool {
        self.path.join(CONFIG).exists()
    }

    /// Removes everything that was written since the folder was taken, and the folder if it was made for this run. A run that was there
    /// before and is resumed stays.
    pub fn discard(self) {
        let Some(traces) = &self.traces else { return };
        for name in WRITTEN_BY_A_RUN.into_iter().chain([LOCK]) {
            // Where even this fails, the error that led here says more.
            let _ = remove(&self.path.join(name));
        }
        traces.remove();
    }

    /// Removes what an earlier run left, and makes the folder of checkpoints.
    fn clear(&self) -> Result<(), RunFolderError> {
        for name in WRITTEN_BY_A_RUN {
            remove(&self.path.join(name))?;
        }
        for leftover in temporary_files(&self.path) {
            remove(&leftover)?;
        }
        let checkpoints = self.path.join(CHECKPOINTS);
        fs::create_dir(&checkpoints).map_err(|source| RunFolderError::write(&checkpoints, source))
    }
}

/// Returns `true` if a run of this name was stopped before it had begun: its folder is there, with nothing in it but what a run leaves,
/// and without a configuration.
pub fn is_half_begun(results_dir: &Path, id: &str) -> bool {
    let path = results_dir.join(id);
    check_id(id).is_ok() && path.is_dir() && !path.join(CONFIG).exists() && matches!(holds_something_else(&path), Ok(false))
}

/// Locks the folder of the run `id`, unless the folder holds files that must be kept.
fn take(path: &Path, id: &str, existing: Existing) -> Result<Lock, RunFolderError> {
    let is_run = path.join(CONFIG).exists();
    let refuse = || -> RunFolderError {
        // Whoever is told of `--resume` must be able to resume.
        Lock::refusal(path, &path.join(LOCK)).unwrap_or_else(|| RunFolderError::Exists {
            id: id.to_owned(),
            path: path.to_owned(),
        })
    };
    if is_run && existing == Existing::Refuse {
        return Err(refuse());
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
    Ok(lock)
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

/// Returns `true` if a folder without a configuration holds anything but what a run that was killed while beginning can have left.
fn holds_something_else(path: &Path) -> Result<bool, RunFolderError> {
    let failed = |source| RunFolderError::Read {
        path: path.to_owned(),
        source,
    };
    for entry in fs::read_dir(path).map_err(failed)? {
        let name = id_of(&entry.map_err(failed)?.path());
        let left_behind = name == LOCK || WRITTEN_BY_A_RUN.contains(&name.as_str()) || name.starts_with(TEMPORARY_PREFIX);
        if !left_behind {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Files that a killed process was writing.
fn temporary_files(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|path| id_of(path).starts_with(TEMPORARY_PREFIX)).collect()
}

/// Removes the files that a killed process was writing.
pub(super) fn remove_temporary_files(path: &Path) -> Result<(), RunFolderError> {
    temporary_files(path).iter().try_for_each(|path| remove(path))
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
