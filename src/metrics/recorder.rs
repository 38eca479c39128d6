//! Writes records to both files of a run folder, and tracks the file positions for checkpoints.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{JsonLines, MetricsError, Record, TensorBoard};

/// Writer of all records to `metrics.jsonl`, and of their curves to TensorBoard events.
#[derive(Debug)]
pub struct Recorder {
    lines: JsonLines,
    board: TensorBoard,
}

/// Lengths of both files at a checkpoint, stored in the checkpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecorderPosition {
    /// Length of `metrics.jsonl`, in bytes.
    pub metrics_bytes: u64,
    /// Length of the TensorBoard events, in bytes.
    pub events_bytes: u64,
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
    /// # Errors
    /// Returns an error if a file is shorter than at the checkpoint, or cannot be opened or truncated.
    pub fn resume(folder: &Path, position: RecorderPosition) -> Result<Self, MetricsError> {
        Ok(Self {
            lines: JsonLines::resume(&folder.join(Self::METRICS_FILE_NAME), position.metrics_bytes)?,
            board: TensorBoard::resume(&folder.join(TensorBoard::FILE_NAME), position.events_bytes)?,
        })
    }

    /// Writes one record. `wall_time_s` is used for the TensorBoard events only.
    ///
    /// # Errors
    /// Returns an error if a file cannot be written.
    pub fn record(&mut self, record: &Record, wall_time_s: f64) -> Result<(), MetricsError> {
        self.lines.append(record)?;
        let scalars = record.scalars();
        self.board.scalars(
            record.decisions(),
            wall_time_s,
            scalars.iter().map(|(name, value)| (name.as_str(), *value)),
        )
    }

    /// Passes all buffered data to the operating system, so that other programs can read it.
    ///
    /// # Errors
    /// Returns an error if a file cannot be written.
    pub fn flush(&mut self) -> Result<(), MetricsError> {
        self.lines.flush()?;
        self.board.flush()
    }

    /// Writes both files to disk and returns their lengths, to be stored in a checkpoint. Call it before the checkpoint is
    /// written, so that no checkpoint refers to bytes that a power failure can still lose.
    ///
    /// # Errors
    /// Returns an error if a file cannot be written.
    pub fn sync(&mut self) -> Result<RecorderPosition, MetricsError> {
        self.lines.sync()?;
        self.board.sync()?;
        Ok(RecorderPosition {
            metrics_bytes: self.lines.length_bytes(),
            events_bytes: self.board.length_bytes(),
        })
    }
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
        let mut recorder = Recorder::resume(cut.path(), position).unwrap();
        (20..50).for_each(|decisions| recorder.record(&evaluation(decisions), 99.0).unwrap());
        recorder.sync().unwrap();

        let metrics = |folder: &Path| std::fs::read(folder.join(Recorder::METRICS_FILE_NAME)).unwrap();
        assert_eq!(metrics(cut.path()), metrics(whole.path()));
        let events = |folder: &Path| std::fs::read(folder.join(TensorBoard::FILE_NAME)).unwrap();
        assert_eq!(events(cut.path()).len(), events(whole.path()).len());
    }
}
