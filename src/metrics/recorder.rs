//! Writes records to both files of a run folder, and knows where in them a checkpoint stands.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{JsonLines, MetricsError, Record, TensorBoard};

/// Writes every record to `metrics.jsonl`, and its curves to the TensorBoard events.
#[derive(Debug)]
pub struct Recorder {
    lines: JsonLines,
    board: TensorBoard,
}

/// How long both files were when a checkpoint was made; the checkpoint keeps it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecorderPosition {
    /// Length of `metrics.jsonl`.
    pub metrics_bytes: u64,
    /// Length of the TensorBoard events.
    pub events_bytes: u64,
}

impl Recorder {
    /// The name of the file of records in a run folder.
    pub const METRICS_FILE_NAME: &str = "metrics.jsonl";

    /// Begins both files in a run folder. `wall_time_s` is seconds since 1970.
    ///
    /// # Errors
    /// When one cannot be created or written.
    pub fn create(folder: &Path, wall_time_s: f64) -> Result<Self, MetricsError> {
        let lines = JsonLines::create(&folder.join(Self::METRICS_FILE_NAME))?;
        Ok(Self {
            lines,
            board: TensorBoard::create(&folder.join(TensorBoard::FILE_NAME), wall_time_s)?,
        })
    }

    /// Goes on where a checkpoint was made: what was written after it is cut off and will be written again.
    ///
    /// # Errors
    /// When a file is shorter than that, or cannot be opened or cut.
    pub fn resume(folder: &Path, position: RecorderPosition) -> Result<Self, MetricsError> {
        Ok(Self {
            lines: JsonLines::resume(&folder.join(Self::METRICS_FILE_NAME), position.metrics_bytes)?,
            board: TensorBoard::resume(&folder.join(TensorBoard::FILE_NAME), position.events_bytes)?,
        })
    }

    /// Writes one record down. `wall_time_s` goes into the TensorBoard events only.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn record(&mut self, record: &Record, wall_time_s: f64) -> Result<(), MetricsError> {
        self.lines.append(record)?;
        let scalars = record.scalars();
        self.board.scalars(
            record.decisions(),
            wall_time_s,
            scalars.iter().map(|(name, value)| (name.as_str(), *value)),
        )
    }

    /// Hands both files to the system, so that others can read them.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn flush(&mut self) -> Result<(), MetricsError> {
        self.lines.flush()?;
        self.board.flush()
    }

    /// Brings both files to the disk and says how long they are: what a checkpoint keeps. To be called before the checkpoint is
    /// written, so that no checkpoint knows of bytes that a power cut can still take.
    ///
    /// # Errors
    /// When a file cannot be written.
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
