//! JSON lines: one record a line, in the order in which things happened.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::MetricsError;
use super::tensorboard::reopen;

/// Appends records to a file, one JSON object a line, through a buffer.
#[derive(Debug)]
pub struct JsonLines {
    path: PathBuf,
    file: BufWriter<File>,
    length_bytes: u64,
    line: Vec<u8>,
}

impl JsonLines {
    /// Begins an empty file; one that is there is emptied.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn create(path: &Path) -> Result<Self, MetricsError> {
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(path);
        Ok(Self::over(path, file.map_err(|source| MetricsError::write(path, source))?, 0))
    }

    /// Goes on with a file after its first `length_bytes` bytes; what follows them is cut off.
    ///
    /// # Errors
    /// When the file is shorter than that, or cannot be opened or cut.
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
    /// When the record cannot be encoded or the file not be written.
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

    /// Hands everything to the system, so that others can read it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn flush(&mut self) -> Result<(), MetricsError> {
        self.file.flush().map_err(|source| MetricsError::write(&self.path, source))
    }

    /// Brings everything to the disk; to be called before a checkpoint keeps the [`length_bytes`](Self::length_bytes).
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn sync(&mut self) -> Result<(), MetricsError> {
        self.flush()?;
        self.file
            .get_ref()
            .sync_data()
            .map_err(|source| MetricsError::write(&self.path, source))
    }

    /// How long the file is, what is still in the buffer included.
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
        drop(lines); // killed after a part of what followed reached the disk
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
