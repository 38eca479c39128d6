//! Files that only grow, and what a checkpoint knows of them: length and hash.
//!
//! The hash tells whether the bytes up to a checkpoint are still those that were written. So nothing is ever appended behind a line that
//! something else cut, converted or overwrote.

use std::borrow::Cow;
use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::MetricsError;
use crate::files::TEMPORARY_PREFIX;

const BUFFER_BYTES: usize = 64 * 1024;

/// Length of a file and the hash of its bytes, at the time of a checkpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FilePosition {
    /// Length in bytes.
    pub bytes: u64,
    /// xxh3 of these bytes; none in checkpoints of versions that kept the length only.
    pub hash: Option<u64>,
}

/// A file that is appended to through a buffer.
pub(super) struct GrowingFile {
    path: PathBuf,
    file: BufWriter<File>,
    bytes: u64,
    hash: Xxh3,
}

impl std::fmt::Debug for GrowingFile {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { path, bytes, .. } = self;
        formatter
            .debug_struct("GrowingFile")
            .field("path", path)
            .field("bytes", bytes)
            .finish_non_exhaustive()
    }
}

impl GrowingFile {
    /// Begins an empty file; an existing one is emptied.
    pub(super) fn create(path: &Path) -> Result<Self, MetricsError> {
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(path);
        Ok(Self {
            path: path.to_owned(),
            file: BufWriter::with_capacity(BUFFER_BYTES, file.map_err(|source| MetricsError::write(path, source))?),
            bytes: 0,
            hash: Xxh3::new(),
        })
    }

    /// Goes on behind the bytes that a checkpoint knows, and returns these bytes too. Whatever follows them is cut off; line ends that
    /// were converted are converted back.
    ///
    /// # Errors
    /// The bytes are not there any more (then the file is left as it is), or the file cannot be read or written.
    pub(super) fn resume(path: &Path, position: FilePosition) -> Result<(Self, Vec<u8>), MetricsError> {
        let found = match fs::read(path) {
            Ok(found) => found,
            Err(error) if error.kind() == ErrorKind::NotFound && position.bytes == 0 => {
                return Ok((Self::create(path)?, Vec::new()));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(MetricsError::Missing {
                    path: path.to_owned(),
                    expected_bytes: position.bytes,
                });
            }
            Err(source) => {
                return Err(MetricsError::Read {
                    path: path.to_owned(),
                    source,
                });
            }
        };
        let written = match written(&found, position) {
            Some(written) => written,
            None if (found.len() as u64) < position.bytes => {
                return Err(MetricsError::TooShort {
                    path: path.to_owned(),
                    expected_bytes: position.bytes,
                    found_bytes: found.len() as u64,
                });
            }
            None => return Err(MetricsError::Changed { path: path.to_owned() }),
        };
        let failed = |source| MetricsError::write(path, source);
        if let Cow::Owned(bytes) = &written {
            replace(path, bytes).map_err(failed)?;
        }
        let mut file = OpenOptions::new().write(true).open(path).map_err(failed)?;
        file.set_len(position.bytes).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        let mut hash = Xxh3::new();
        hash.update(&written);
        let resumed = Self {
            path: path.to_owned(),
            file: BufWriter::with_capacity(BUFFER_BYTES, file),
            bytes: position.bytes,
            hash,
        };
        Ok((resumed, written.into_owned()))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Appends bytes. They may stay in the buffer until [`flush`](Self::flush) or [`sync`](Self::sync).
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(), MetricsError> {
        self.file
            .write_all(bytes)
            .map_err(|source| MetricsError::write(&self.path, source))?;
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Hands everything to the system, so that others can read it.
    pub(super) fn flush(&mut self) -> Result<(), MetricsError> {
        self.file.flush().map_err(|source| MetricsError::write(&self.path, source))
    }

    /// Brings everything to the disk.
    pub(super) fn sync(&mut self) -> Result<(), MetricsError> {
        self.flush()?;
        self.file
            .get_ref()
            .sync_data()
            .map_err(|source| MetricsError::write(&self.path, source))
    }

    /// Length and hash, what is still in the buffer included.
    pub(super) fn position(&self) -> FilePosition {
        FilePosition {
            bytes: self.bytes,
            hash: Some(self.hash.digest()),
        }
    }
}

/// The bytes that a checkpoint knows, as far as the file still holds them: at its beginning, or with converted line ends.
fn written(found: &[u8], position: FilePosition) -> Option<Cow<'_, [u8]>> {
    let length = usize::try_from(position.bytes).ok()?;
    let beginning = found.get(..length);
    let Some(hash) = position.hash else {
        // Without a hash a broken last line can still be told apart.
        return beginning
            .filter(|bytes| bytes.last().is_none_or(|&last| last == b'\n'))
            .map(Cow::Borrowed);
    };
    if let Some(bytes) = beginning.filter(|bytes| xxh3_64(bytes) == hash) {
        return Some(Cow::Borrowed(bytes));
    }
    let mut converted = without_carriage_returns(found);
    if converted.len() < length {
        return None;
    }
    converted.truncate(length);
    (xxh3_64(&converted) == hash).then_some(Cow::Owned(converted))
}

/// The bytes with every CR LF as LF.
fn without_carriage_returns(bytes: &[u8]) -> Vec<u8> {
    let is_kept = |(number, &byte): (usize, &u8)| (byte != b'\r' || bytes.get(number + 1) != Some(&b'\n')).then_some(byte);
    bytes.iter().enumerate().filter_map(is_kept).collect()
}

/// Replaces a file whole or not at all.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!("{TEMPORARY_PREFIX}{name}"));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &[u8] = b"{\"a\":1}\n{\"b\":2}\n";

    fn file_of(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        fs::write(&path, bytes).unwrap();
        (folder, path)
    }

    fn position_of(bytes: &[u8]) -> FilePosition {
        FilePosition {
            bytes: bytes.len() as u64,
            hash: Some(xxh3_64(bytes)),
        }
    }

    #[test]
    fn what_came_after_the_checkpoint_is_cut_and_converted_line_ends_are_converted_back() {
        let converted = String::from_utf8(LINES.to_vec()).unwrap().replace('\n', "\r\n");
        for found in [
            &[LINES, b"{\"c\":"].concat(),
            converted.as_bytes(),
            &[converted.as_bytes(), b"{\"c"].concat(),
        ] {
            let (_folder, path) = file_of(found);
            let (mut file, written) = GrowingFile::resume(&path, position_of(LINES)).unwrap();
            assert_eq!(written, LINES);
            file.append(b"{\"c\":3}\n").unwrap();
            file.sync().unwrap();
            let whole = [LINES, b"{\"c\":3}\n"].concat();
            assert_eq!(fs::read(&path).unwrap(), whole);
            assert_eq!(file.position(), position_of(&whole));
        }
    }

    #[test]
    fn a_changed_file_is_refused_and_left_as_it_is() {
        let changed = [&LINES[..4], b"7", &LINES[5..]].concat();
        for found in [changed.as_slice(), &LINES[..9], b""] {
            let (_folder, path) = file_of(found);
            let error = GrowingFile::resume(&path, position_of(LINES)).unwrap_err();
            assert!(error.is_about_content(), "{error}");
            assert_eq!(fs::read(&path).unwrap(), found);
        }
        let (folder, path) = file_of(LINES);
        fs::remove_file(&path).unwrap();
        let error = GrowingFile::resume(&path, position_of(LINES)).unwrap_err();
        assert!(error.to_string().contains("is missing"), "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn without_a_hash_nothing_is_written_behind_a_broken_line() {
        let (_folder, path) = file_of(LINES);
        let length_only = |bytes| FilePosition { bytes, hash: None };
        assert!(matches!(
            GrowingFile::resume(&path, length_only(5)),
            Err(MetricsError::Changed { .. })
        ));
        assert_eq!(fs::read(&path).unwrap(), LINES);
        GrowingFile::resume(&path, length_only(8)).unwrap();
        assert_eq!(fs::read(&path).unwrap(), &LINES[..8]);
    }
}
