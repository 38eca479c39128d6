//! What a run tells while it goes on.

use std::path::PathBuf;

/// Something that happened in a run.
#[derive(Clone, Debug, PartialEq)]
pub enum TrainingEvent<'a> {
    /// The run begins, or goes on.
    Started {
        /// Its name.
        run_id: &'a str,
        /// Names of the seasons.
        seasons: &'a [String],
        /// Decisions of the whole run.
        total_decisions: u64,
        /// Decisions that were done before.
        decisions: u64,
    },
    /// Checkpoints were passed over because they were damaged.
    SkippedDamaged {
        /// The damaged file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
        /// The file that was used instead.
        used: PathBuf,
    },
    /// A tick is done.
    Tick {
        /// Decisions so far.
        decisions: u64,
        /// The season that it is; all of them where they are learned side by side.
        season: &'a str,
        /// Score of the last training episodes, exploration included; none while it is not known.
        score: Option<f64>,
    },
    /// A season has been learned and its policy was evaluated in all seasons.
    RowEvaluated {
        /// The row of the score matrix; 0 is before any learning.
        row: usize,
        /// Name of the season that was learned last.
        season: &'a str,
        /// Scores in all seasons; none where the score baseline does not give one.
        scores: Vec<Option<f64>>,
    },
    /// A checkpoint was written.
    CheckpointWritten {
        /// Where.
        path: PathBuf,
    },
}

/// Looks on while a run goes on.
pub trait Observer: Send {
    /// Something happened.
    fn event(&mut self, event: &TrainingEvent);
}

/// Looks away.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoObserver;

impl Observer for NoObserver {
    fn event(&mut self, _: &TrainingEvent) {}
}
