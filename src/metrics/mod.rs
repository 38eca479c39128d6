//! Metrics: records written during a run.
//!
//! | item | description |
//! |---|---|
//! | [`Record`] | one event: the end of an episode, learning statistics, an evaluation, the end of a season, a look inside the learner |
//! | [`Recorder`] | writes records to both files of a run folder |
//! | [`JsonLines`] | `metrics.jsonl`: one record per line |
//! | [`TensorBoard`] | an event file of scalars |
//! | [`DecisionRate`] | decisions per second, and the remaining time |
//!
//! Records hold nothing that depends on the clock, so that a resumed run writes the same `metrics.jsonl`, byte for byte, as one never
//! interrupted. For that, both writers report length and hash of their file; a checkpoint keeps them, and resuming cuts the files
//! back to what the checkpoint knows. Wall-clock times, where a format asks for them, are handed in by the caller.

pub mod collecting;
mod decision_rate;
mod growing_file;
mod inside_record;
mod json_lines;
mod record;
mod recorder;
mod tensorboard;

use std::io;
use std::path::{Path, PathBuf};

pub use decision_rate::DecisionRate;
pub use growing_file::FilePosition;
pub use inside_record::{AgreementRecord, ChangeRecord, ImportanceRecord, InsideRecord, LayerRecord, MemoryRecord, six_digits};
pub use json_lines::JsonLines;
pub use record::{EpisodeRecord, EvaluationRecord, LearningRecord, Record, SeasonRecord};
pub use recorder::{Recorder, RecorderPosition};
pub use tensorboard::TensorBoard;
use thiserror::Error;

use crate::escape::path as shown;
use crate::files::write_help;

/// Reason why something could not be written down.
#[derive(Debug, Error, miette::Diagnostic)]
pub enum MetricsError {
    /// The file could not be opened, written or cut.
    #[error("could not write {}", shown(path))]
    #[diagnostic(help("{}; the last good checkpoint is untouched: resume from it", write_help(source).unwrap_or("see what is wrong there")))]
    Write {
        /// The file.
        path: PathBuf,
        /// Error of the operating system.
        source: io::Error,
    },
    /// The file could not be read.
    #[error("could not read {}", shown(path))]
    Read {
        /// The file.
        path: PathBuf,
        /// Error of the operating system.
        source: io::Error,
    },
    /// The file is not there any more.
    #[error("{} is missing: the run had written {expected_bytes} bytes of records to it", shown(path))]
    #[diagnostic(help("put the file back from a copy and resume again, or restart the run with --force"))]
    Missing {
        /// The file.
        path: PathBuf,
        /// Bytes that it should have at least.
        expected_bytes: u64,
    },
    /// The file holds other bytes than those that were written.
    #[error("{} was changed after the run wrote it, so nothing can be appended to it", shown(path))]
    #[diagnostic(help("put the file back from a copy and resume again, or restart the run with --force"))]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The file is shorter than a checkpoint says it was.
    #[error(
        "{} was cut: it has {found_bytes} bytes, but the checkpoint was made when it had {expected_bytes}",
        shown(path)
    )]
    #[diagnostic(help("put the file back from a copy and resume again, or restart the run with --force"))]
    TooShort {
        /// The file.
        path: PathBuf,
        /// Length in bytes when the checkpoint was made.
        expected_bytes: u64,
        /// Length in bytes now.
        found_bytes: u64,
    },
    /// A record could not be put into words.
    #[error("could not encode a record for {}", shown(path))]
    Encode {
        /// The file.
        path: PathBuf,
        /// Error of the encoder.
        source: serde_json::Error,
    },
}

impl MetricsError {
    /// `true` if the file is not what a run wrote, as opposed to a file that the system refuses to read or write.
    pub fn is_about_content(&self) -> bool {
        matches!(self, Self::Missing { .. } | Self::TooShort { .. } | Self::Changed { .. })
    }

    fn write(path: &Path, source: io::Error) -> Self {
        Self::Write {
            path: path.to_owned(),
            source,
        }
    }
}
