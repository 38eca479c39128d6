//! A lock on a run's folder, so that two processes do not write one run.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use super::RunFolderError;

/// Held until dropped. The system holds it for the process: it goes when the process goes, however that ends, and a file that is left
/// behind locks nothing.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing is not enough: a child process that is just being started holds a copy of every open file until its program begins.
        let _ = self.file.unlock();
    }
}

impl Lock {
    /// Takes the lock of `run`, whose file is `path`.
    pub(super) fn take(run: &Path, path: &Path) -> Result<Self, RunFolderError> {
        let failed = |source| RunFolderError::write(path, source);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(held(run, &mut file)),
            Err(TryLockError::Error(source)) if has_no_locks(&source) => {
                let path = run.to_owned();
                return Err(RunFolderError::NoLocks { path, source });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        file.set_len(0).and_then(|()| file.rewind()).map_err(failed)?;
        writeln!(file, "{}", std::process::id()).map_err(failed)?;
        Ok(Self { file })
    }

    /// Returns the error that taking the lock would end in while another process holds it. Writes nothing.
    pub(super) fn refusal(run: &Path, path: &Path) -> Option<RunFolderError> {
        let mut file = File::open(path).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Some(held(run, &mut file)),
            _ => {
                let _ = file.unlock();
                None
            }
        }
    }
}

/// `true` if the file system cannot lock files at all, as some network file systems cannot.
fn has_no_locks(error: &io::Error) -> bool {
    /// `ENOLCK` of Linux, which has no [`ErrorKind`](io::ErrorKind).
    const NO_LOCKS_AVAILABLE: i32 = 37;
    error.kind() == io::ErrorKind::Unsupported || (cfg!(target_os = "linux") && error.raw_os_error() == Some(NO_LOCKS_AVAILABLE))
}

fn held(run: &Path, file: &mut File) -> RunFolderError {
    let mut holder = String::new();
    // Only for the message; where it cannot be read, the message does without.
    let read = file.read_to_string(&mut holder).is_ok() && !holder.trim().is_empty();
    RunFolderError::Locked {
        path: run.to_owned(),
        holder: read.then(|| holder.trim().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_system_without_locks_is_told_from_other_failures() {
        assert!(has_no_locks(&io::ErrorKind::Unsupported.into()));
        assert!(!has_no_locks(&io::ErrorKind::PermissionDenied.into()));
        assert_eq!(has_no_locks(&io::Error::from_raw_os_error(37)), cfg!(target_os = "linux"));
    }

    /// Another file system than that of temporary files, where there is one.
    #[test]
    fn a_lock_holds_on_a_second_mount() {
        let Ok(folder) = tempfile::tempdir_in("/dev/shm") else {
            return;
        };
        let path = folder.path().join("lock");
        let lock = Lock::take(folder.path(), &path).unwrap();
        assert!(matches!(Lock::take(folder.path(), &path), Err(RunFolderError::Locked { .. })));
        drop(lock);
        assert!(Lock::take(folder.path(), &path).is_ok());
    }

    #[test]
    fn a_lock_ends_when_it_is_dropped_even_if_a_child_process_still_has_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let lock = Lock::take(folder.path(), &path).unwrap();
        assert!(Lock::take(folder.path(), &path).is_err() && Lock::refusal(folder.path(), &path).is_some());
        // What a child process has between its beginning and that of its program.
        let inherited = lock.file.try_clone().unwrap();
        drop(lock);
        assert!(Lock::refusal(folder.path(), &path).is_none());
        assert!(Lock::take(folder.path(), &path).is_ok());
        drop(inherited);
    }
}
