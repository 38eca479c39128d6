//! Reading: plain files, pipes, and the standard input.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::ReadError;

/// The most that is taken from something that is no plain file, which may never end.
const LARGEST_STREAM_BYTES: u64 = 64 << 20;

/// `true` if a path stands for the standard input: `-`, or the name that the system has for it.
pub fn is_standard_input(path: &Path) -> bool {
    ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"]
        .iter()
        .any(|name| path == Path::new(name))
}

/// Opens a file, a pipe, or the standard input.
///
/// # Errors
/// It cannot be opened, or is a folder.
pub fn open(path: &Path) -> Result<Box<dyn BufRead>, ReadError> {
    if is_standard_input(path) {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = open_file(path).map_err(|error| ReadError::new(path, error))?;
    Ok(Box::new(BufReader::new(file)))
}

fn open_file(path: &Path) -> io::Result<File> {
    match fs::metadata(path) {
        // A folder can be opened, and fails only when it is read.
        Ok(metadata) if metadata.is_dir() => Err(ErrorKind::IsADirectory.into()),
        Ok(_) => File::open(path),
        Err(error) if error.kind() == ErrorKind::NotFound => match fs::read_link(path) {
            Ok(target) => Err(io::Error::new(
                ErrorKind::NotFound,
                format!("it is a link to {}, which does not exist", crate::escape::path(&target)),
            )),
            Err(_) => Err(error),
        },
        Err(error) => Err(error),
    }
}

/// Reads a file, a pipe, or the standard input to the end.
///
/// # Errors
/// It cannot be read.
pub fn read(path: &Path) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    let read = open(path)?.read_to_end(&mut bytes);
    read.map(|_| bytes).map_err(|error| ReadError::new(path, error))
}

/// Reads a text.
///
/// # Errors
/// It cannot be read, or is not in UTF-8.
pub fn read_text(path: &Path) -> Result<String, ReadError> {
    String::from_utf8(read(path)?).map_err(|_| {
        let error = io::Error::new(ErrorKind::InvalidData, "it is not UTF-8 text");
        ReadError::new(path, error)
    })
}

/// Reads like [`read`], and keeps what a pipe or the standard input gave: it can be read once only, and each later call for the same
/// path gets the same.
///
/// # Errors
/// It cannot be read, or does not come to an end.
pub fn read_kept(path: &Path) -> Result<Vec<u8>, ReadError> {
    static KEPT: Mutex<BTreeMap<PathBuf, Vec<u8>>> = Mutex::new(BTreeMap::new());
    if !is_standard_input(path) && !fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        return read(path);
    }
    let key = if is_standard_input(path) { Path::new("-") } else { path };
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(bytes) = kept.get(key) {
        return Ok(bytes.clone());
    }
    let failed = |error| ReadError::new(path, error);
    let mut bytes = Vec::new();
    let mut limited = open(path)?.take(LARGEST_STREAM_BYTES + 1);
    limited.read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > LARGEST_STREAM_BYTES {
        let reason = format!("it holds more than {} MiB", LARGEST_STREAM_BYTES >> 20);
        return Err(failed(io::Error::new(ErrorKind::FileTooLarge, reason)));
    }
    kept.insert(key.to_owned(), bytes.clone());
    Ok(bytes)
}

/// Reads like [`read_kept`] what holds at most `most_bytes`.
///
/// # Errors
/// It cannot be read, or holds more.
pub fn read_small(path: &Path, most_bytes: u64) -> Result<Vec<u8>, ReadError> {
    let too_large = || {
        let reason = format!("it holds more than {} KiB", most_bytes >> 10);
        ReadError::new(path, io::Error::new(ErrorKind::FileTooLarge, reason))
    };
    if fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.len() > most_bytes) {
        return Err(too_large());
    }
    let bytes = read_kept(path)?;
    if bytes.len() as u64 > most_bytes {
        return Err(too_large());
    }
    Ok(bytes)
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
