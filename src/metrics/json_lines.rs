//! JSON lines files: one record per line, in the order of events.

use std::path::Path;

use serde::Serialize;

use super::MetricsError;
use super::growing_file::{FilePosition, GrowingFile};

/// Buffered writer that appends records to a file, one JSON object per line.
#[derive(Debug)]
pub struct JsonLines {
    file: GrowingFile,
    line: Vec<u8>,
}

impl JsonLines {
    /// Creates an empty file; an existing one is truncated.
    ///
    /// # Errors
    /// Returns an error if the file cannot be created.
    pub fn create(path: &Path) -> Result<Self, MetricsError> {
        Ok(Self {
            file: GrowingFile::create(path)?,
            line: Vec::new(),
        })
    }

    /// Goes on with a file where a checkpoint was made, and returns the bytes up to there; what follows them is cut off.
    ///
    /// # Errors
    /// When the file does not hold these bytes any more, or cannot be read or written.
    pub fn resume(path: &Path, position: FilePosition) -> Result<(Self, Vec<u8>), MetricsError> {
        let (file, written) = GrowingFile::resume(path, position)?;
        let line = Vec::new();
        Ok((Self { file, line }, written))
    }

    /// Appends one record. It may stay in the buffer until [`flush`](Self::flush) or [`sync`](Self::sync).
    ///
    /// # Errors
    /// Returns an error if the record cannot be encoded or the file cannot be written.
    pub fn append(&mut self, record: &impl Serialize) -> Result<(), MetricsError> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, record).map_err(|source| MetricsError::Encode {
            path: self.file.path().to_owned(),
            source,
        })?;
        self.line.push(b'\n');
        self.file.append(&self.line)
    }

    /// Passes all buffered data to the operating system, so that other programs can read it.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written.
    pub fn flush(&mut self) -> Result<(), MetricsError> {
        self.file.flush()
    }

    /// Brings everything to the disk; to be called before a checkpoint keeps the [`position`](Self::position).
    ///
    /// # Errors
    /// Returns an error if the file cannot be written.
    pub fn sync(&mut self) -> Result<(), MetricsError> {
        self.file.sync()
    }

    /// Length and hash of the file, what is still in the buffer included.
    pub fn position(&self) -> FilePosition {
        self.file.position()
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
        let at_checkpoint = lines.position();
        append(&mut lines, 900..950);
        drop(lines); // killed after a part of what followed reached the disk
        let (mut lines, _) = JsonLines::resume(&cut, at_checkpoint).unwrap();
        append(&mut lines, 120..200);
        lines.flush().unwrap();
        assert_eq!(std::fs::read(&cut).unwrap(), std::fs::read(&whole).unwrap());
        assert_eq!(lines.position().bytes, std::fs::metadata(&whole).unwrap().len());
    }

    #[test]
    fn a_file_shorter_than_the_checkpoint_says_is_not_padded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        std::fs::write(&path, "{}\n").unwrap();
        let position = FilePosition { bytes: 4, hash: None };
        let error = JsonLines::resume(&path, position).unwrap_err();
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
