//! Writes records to both files of a run folder, and tracks the file positions for checkpoints.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::growing_file::FilePosition;
use super::{JsonLines, MetricsError, Record, TensorBoard};

/// Writer of all records to `metrics.jsonl`, and of their curves to TensorBoard events.
#[derive(Debug)]
pub struct Recorder {
    lines: JsonLines,
    board: TensorBoard,
}

/// Length and hash of both files at the time of a checkpoint, which keeps them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecorderPosition {
    /// Length of `metrics.jsonl`, in bytes.
    pub metrics_bytes: u64,
    /// xxh3 of `metrics.jsonl` up to there; none in checkpoints of versions that did not keep it.
    #[serde(default)]
    pub metrics_hash: Option<u64>,
    /// Length of the TensorBoard events.
    pub events_bytes: u64,
    /// xxh3 of the TensorBoard events up to there; none in checkpoints of versions that did not keep it.
    #[serde(default)]
    pub events_hash: Option<u64>,
}

impl RecorderPosition {
    fn metrics(self) -> FilePosition {
        FilePosition {
            bytes: self.metrics_bytes,
            hash: self.metrics_hash,
        }
    }

    fn events(self) -> FilePosition {
        FilePosition {
            bytes: self.events_bytes,
            hash: self.events_hash,
        }
    }
}

impl Recorder {
    /// Name of the records file in a run folder.
    pub const METRICS_FILE_NAME: &str = "metrics.jsonl";

    /// Creates both files in a run folder. `wall_time_s` is in seconds since 1970.
    ///
    /// # Errors
    /// Returns an error if a file cannot be created or written.
    pub fn create(folder: &Path, wall_time_s: f64) -> Result<Self, MetricsError> {
        let lines = JsonLines::create(&folder.join(Self::METRICS_FILE_NAME))?;
        Ok(Self {
            lines,
            board: TensorBoard::create(&folder.join(TensorBoard::FILE_NAME), wall_time_s)?,
        })
    }

    /// Continues from a checkpoint: later records are cut off and will be written again.
    ///
    /// Events that are missing or damaged are made again from `metrics.jsonl`, with `wall_time_s` as the time of all of them: nothing
    /// but curves depends on them.
    ///
    /// # Errors
    /// When `metrics.jsonl` does not hold what was written any more (then both files are left as they are), or a file cannot be read
    /// or written.
    pub fn resume(folder: &Path, position: RecorderPosition, wall_time_s: f64) -> Result<Self, MetricsError> {
        let (lines, written) = JsonLines::resume(&folder.join(Self::METRICS_FILE_NAME), position.metrics())?;
        let events = folder.join(TensorBoard::FILE_NAME);
        let board = match TensorBoard::resume(&events, position.events()) {
            Err(error) if error.is_about_content() => board_of(&events, &written, wall_time_s)?,
            board => board?,
        };
        Ok(Self { lines, board })
    }

    /// Writes one record. `wall_time_s` is used for the TensorBoard events only.
    ///
    /// # Errors
    /// Returns an error if a file cannot be written.
    pub fn record(&mut self, record: &Record, wall_time_s: f64) -> Result<(), MetricsError> {
        self.lines.append(record)?;
        draw(&mut self.board, record, wall_time_s)
    }

    /// Passes all buffered data to the operating system, so that other programs can read it.
    ///
    /// # Errors
    /// Returns an error if a file cannot be written.
    pub fn flush(&mut self) -> Result<(), MetricsError> {
        self.lines.flush()?;
        self.board.flush()
    }

    /// Brings both files to the disk and returns length and hash of them: what a checkpoint keeps. To be called before the checkpoint is
    /// written, so that no checkpoint knows of bytes that a power cut can still take.
    ///
    /// # Errors
    /// Returns an error if a file cannot be written.
    pub fn sync(&mut self) -> Result<RecorderPosition, MetricsError> {
        self.lines.sync()?;
        self.board.sync()?;
        let (metrics, events) = (self.lines.position(), self.board.position());
        Ok(RecorderPosition {
            metrics_bytes: metrics.bytes,
            metrics_hash: metrics.hash,
            events_bytes: events.bytes,
            events_hash: events.hash,
        })
    }
}

/// Appends the curves of a record to the events.
fn draw(board: &mut TensorBoard, record: &Record, wall_time_s: f64) -> Result<(), MetricsError> {
    let scalars = record.scalars();
    board.scalars(
        record.decisions(),
        wall_time_s,
        scalars.iter().map(|(name, value)| (name.as_str(), *value)),
    )
}

/// Events made anew from the lines of `metrics.jsonl`.
fn board_of(path: &Path, lines: &[u8], wall_time_s: f64) -> Result<TensorBoard, MetricsError> {
    let mut board = TensorBoard::create(path, wall_time_s)?;
    // A number that JSON does not know was written as null: such a record has no curve to draw.
    let records = lines
        .split(|&byte| byte == b'\n')
        .filter_map(|line| serde_json::from_slice(line).ok());
    for record in records {
        draw(&mut board, &record, wall_time_s)?;
    }
    Ok(board)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::EvaluationRecord;

    fn evaluation(decisions: u64) -> Record {
        let season = "spring".to_owned();
        let score = Some(decisions as f64 / 3.0);
        Record::Evaluation(EvaluationRecord {
            decisions,
            season,
            score,
            ..EvaluationRecord::default()
        })
    }

    #[test]
    fn records_do_not_depend_on_the_clock_or_on_interruptions() {
        let (whole, cut) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut recorder = Recorder::create(whole.path(), 5.0).unwrap();
        (0..50).for_each(|decisions| recorder.record(&evaluation(decisions), 1.0).unwrap());
        recorder.sync().unwrap();

        let mut recorder = Recorder::create(cut.path(), 7.0).unwrap();
        (0..20).for_each(|decisions| recorder.record(&evaluation(decisions), 8.0).unwrap());
        let position = recorder.sync().unwrap();
        (20..33).for_each(|decisions| recorder.record(&evaluation(decisions), 9.0).unwrap());
        drop(recorder);
        let mut recorder = Recorder::resume(cut.path(), position, 99.0).unwrap();
        (20..50).for_each(|decisions| recorder.record(&evaluation(decisions), 99.0).unwrap());
        recorder.sync().unwrap();

        let metrics = |folder: &Path| std::fs::read(folder.join(Recorder::METRICS_FILE_NAME)).unwrap();
        assert_eq!(metrics(cut.path()), metrics(whole.path()));
        let events = |folder: &Path| std::fs::read(folder.join(TensorBoard::FILE_NAME)).unwrap();
        assert_eq!(events(cut.path()).len(), events(whole.path()).len());
    }

    #[test]
    fn lost_or_damaged_events_are_made_again_from_the_records() {
        let folder = tempfile::tempdir().unwrap();
        let events = folder.path().join(TensorBoard::FILE_NAME);
        let mut recorder = Recorder::create(folder.path(), 5.0).unwrap();
        (0..20).for_each(|decisions| recorder.record(&evaluation(decisions), 5.0).unwrap());
        let position = recorder.sync().unwrap();
        let whole = std::fs::read(&events).unwrap();
        drop(recorder);
        let converted: Vec<u8> = whole
            .iter()
            .flat_map(|&byte| if byte == b'\n' { vec![b'\r', byte] } else { vec![byte] })
            .collect();
        for damage in [
            None,
            Some(&whole[..30]),
            Some(&converted[..]),
            Some(&vec![b'x'; whole.len()][..]),
        ] {
            match damage {
                None => std::fs::remove_file(&events).unwrap(),
                Some(bytes) => std::fs::write(&events, bytes).unwrap(),
            }
            let mut recorder = Recorder::resume(folder.path(), position, 5.0).unwrap();
            assert_eq!(recorder.sync().unwrap(), position);
            assert!(std::fs::read(&events).unwrap() == whole);
        }
    }
}
