//! Metrics: records written during a run.
//!
//! | item | description |
//! |---|---|
//! | [`Record`] | one event: the end of an episode, learning statistics, an evaluation, the end of a season |
//! | [`Recorder`] | writes records to both files of a run folder |
//! | [`JsonLines`] | `metrics.jsonl`: one record per line |
//! | [`TensorBoard`] | an event file of scalars |
//! | [`DecisionRate`] | decisions per second, and the remaining time |
//!
//! Records do not depend on the clock, so a resumed run writes the same `metrics.jsonl`, byte for byte, as an uninterrupted one.
//! For this, both writers report the length of their file; a checkpoint stores the lengths, and resuming truncates the files to
//! them. Wall-clock times, where a format needs them, are passed in by the caller.

pub mod collecting;
mod decision_rate;
mod json_lines;
mod record;
mod recorder;
mod tensorboard;

use std::io;
use std::path::{Path, PathBuf};

pub use decision_rate::DecisionRate;
pub use json_lines::JsonLines;
pub use record::{EpisodeRecord, EvaluationRecord, LearningRecord, Record, SeasonRecord};
pub use recorder::{Recorder, RecorderPosition};
pub use tensorboard::TensorBoard;
use thiserror::Error;

/// Error while writing metrics.
#[derive(Debug, Error, miette::Diagnostic)]
pub enum MetricsError {
    /// The file could not be opened, written or truncated.
    #[error("could not write {}", path.display())]
    #[diagnostic(help("is the disk full, or the folder write-protected? The last good checkpoint is untouched: resume from it"))]
    Write {
        /// The file.
        path: PathBuf,
        /// Error of the operating system.
        source: io::Error,
    },
    /// The file is shorter than it was when the checkpoint was made.
    #[error("{} has {found_bytes} bytes, but the checkpoint was made when it had {expected_bytes}", path.display())]
    #[diagnostic(help("it was truncated after the checkpoint was written; start the run again with --force"))]
    TooShort {
        /// The file.
        path: PathBuf,
        /// Length in bytes when the checkpoint was made.
        expected_bytes: u64,
        /// Length in bytes now.
        found_bytes: u64,
    },
    /// A record could not be encoded as JSON.
    #[error("could not encode a record for {}", path.display())]
    Encode {
        /// The file.
        path: PathBuf,
        /// Error of the encoder.
        source: serde_json::Error,
    },
}

impl MetricsError {
    fn write(path: &Path, source: io::Error) -> Self {
        Self::Write {
            path: path.to_owned(),
            source,
        }
    }
}
