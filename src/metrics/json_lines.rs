//! JSON lines files: one record per line, in the order of events.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::MetricsError;
use super::tensorboard::reopen;

/// Buffered writer that appends records to a file, one JSON object per line.
#[derive(Debug)]
pub struct JsonLines {
    path: PathBuf,
    file: BufWriter<File>,
    length_bytes: u64,
    line: Vec<u8>,
}

impl JsonLines {
    /// Creates an empty file; an existing one is truncated.
    ///
    /// # Errors
    /// Returns an error if the file cannot be created.
    pub fn create(path: &Path) -> Result<Self, MetricsError> {
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(path);
        Ok(Self::over(path, file.map_err(|source| MetricsError::write(path, source))?, 0))
    }

    /// Continues a file after its first `length_bytes` bytes; the rest is cut off.
    ///
    /// # Errors
    /// Returns an error if the file is shorter, or cannot be opened or truncated.
    pub fn resume(path: &Path, length_bytes: u64) -> Result<Self, MetricsError> {
        Ok(Self::over(path, reopen(path, length_bytes)?, length_bytes))
    }

    fn over(path: &Path, file: File, length_bytes: u64) -> Self {
        Self {
            path: path.to_owned(),
            file: BufWriter::with_capacity(64 * 1024, file),
            length_bytes,
            line: Vec::new(),
        }
    }

    /// Appends one record. It may stay in the buffer until [`flush`](Self::flush) or [`sync`](Self::sync).
    ///
    /// # Errors
    /// Returns an error if the record cannot be encoded or the file cannot be written.
    pub fn append(&mut self, record: &impl Serialize) -> Result<(), MetricsError> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, record).map_err(|source| MetricsError::Encode {
            path: self.path.clone(),
            source,
        })?;
        self.line.push(b'\n');
        self.file
            .write_all(&self.line)
            .map_err(|source| MetricsError::write(&self.path, source))?;
        self.length_bytes += self.line.len() as u64;
        Ok(())
    }

    /// Passes all buffered data to the operating system, so that other programs can read it.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written.
    pub fn flush(&mut self) -> Result<(), MetricsError> {
        self.file.flush().map_err(|source| MetricsError::write(&self.path, source))
    }

    /// Writes everything to disk. Call it before a checkpoint stores [`length_bytes`](Self::length_bytes).
    ///
    /// # Errors
    /// Returns an error if the file cannot be written.
    pub fn sync(&mut self) -> Result<(), MetricsError> {
        self.flush()?;
        self.file
            .get_ref()
            .sync_data()
            .map_err(|source| MetricsError::write(&self.path, source))
    }

    /// Length of the file in bytes, including buffered data.
    pub fn length_bytes(&self) -> u64 {
        self.length_bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Line {
        number: u32,
    }

    fn append(lines: &mut JsonLines, numbers: std::ops::Range<u32>) {
        for number in numbers {
            lines.append(&Line { number }).unwrap();
        }
    }

    #[test]
    fn a_file_cut_back_and_gone_on_with_equals_one_never_interrupted() {
        let folder = tempfile::tempdir().unwrap();
        let (whole, cut) = (folder.path().join("whole.jsonl"), folder.path().join("cut.jsonl"));
        let mut lines = JsonLines::create(&whole).unwrap();
        append(&mut lines, 0..200);
        lines.sync().unwrap();

        let mut lines = JsonLines::create(&cut).unwrap();
        append(&mut lines, 0..120);
        lines.sync().unwrap();
        let at_checkpoint = lines.length_bytes();
        append(&mut lines, 900..950);
        drop(lines); // killed after part of the later lines reached the disk
        let mut lines = JsonLines::resume(&cut, at_checkpoint).unwrap();
        append(&mut lines, 120..200);
        lines.flush().unwrap();
        assert_eq!(std::fs::read(&cut).unwrap(), std::fs::read(&whole).unwrap());
        assert_eq!(lines.length_bytes(), std::fs::metadata(&whole).unwrap().len());
    }

    #[test]
    fn a_file_shorter_than_the_checkpoint_says_is_not_padded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        std::fs::write(&path, "{}\n").unwrap();
        let error = JsonLines::resume(&path, 4).unwrap_err();
        assert!(matches!(
            error,
            MetricsError::TooShort {
                expected_bytes: 4,
                found_bytes: 3,
                ..
            }
        ));
        assert_eq!(std::fs::read(&path).unwrap(), b"{}\n");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_is_reported_at_the_latest_when_flushed() {
        let mut lines = JsonLines::create(Path::new("/dev/full")).unwrap();
        append(&mut lines, 0..1);
        assert!(
            matches!(lines.flush(), Err(MetricsError::Write { source, .. }) if source.kind() == std::io::ErrorKind::StorageFull)
        );
    }
}
