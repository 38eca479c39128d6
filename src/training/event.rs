//! Events of a run in progress, and their observers.

use std::path::PathBuf;

/// An event of a run.
#[derive(Clone, Debug, PartialEq)]
pub enum TrainingEvent<'a> {
    /// The run begins or is resumed.
    Started {
        /// Name of the run.
        run_id: &'a str,
        /// Names of the seasons.
        seasons: &'a [String],
        /// Number of decisions of the whole run.
        total_decisions: u64,
        /// Number of decisions taken in earlier sessions.
        decisions: u64,
    },
    /// Damaged checkpoints were skipped.
    SkippedDamaged {
        /// Path of the damaged file.
        path: PathBuf,
        /// Reason why it cannot be used.
        reason: String,
        /// Path of the file used instead.
        used: PathBuf,
    },
    /// A tick has ended.
    Tick {
        /// Number of decisions so far.
        decisions: u64,
        /// Name of the current season; "all seasons" if they are learned side by side.
        season: &'a str,
        /// Score of the most recent training episodes, exploration included; `None` until it is known.
        score: Option<f64>,
    },
    /// A season has ended, and its policy has been evaluated in all seasons.
    RowEvaluated {
        /// Row of the score matrix; row 0 is before any learning.
        row: usize,
        /// Name of the season that has ended.
        season: &'a str,
        /// Scores in all seasons; `None` where the score baseline does not define one.
        scores: Vec<Option<f64>>,
    },
    /// A checkpoint has been written.
    CheckpointWritten {
        /// Path of the checkpoint.
        path: PathBuf,
    },
}

/// Receives the events of a run in progress.
pub trait Observer: Send {
    /// Called for every event.
    fn event(&mut self, event: &TrainingEvent);
}

/// An observer that ignores all events.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoObserver;

impl Observer for NoObserver {
    fn event(&mut self, _: &TrainingEvent) {}
}
