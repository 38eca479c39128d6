//! State of the trainer in a checkpoint, besides that of the learner and the gardens.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::RunConfig;
use crate::evaluation::measures::WateringCount;
use crate::evaluation::{Ledger, ScoreBaseline, ScoreMatrix, Timing, Undefined};
use crate::learner::{LearnReport, PolicySnapshot};
use crate::metrics::{LearningRecord, RecorderPosition};

/// Number of ticks after which the result of an evaluation is recorded. Large enough for the thread to be done by then, so that the run
/// need not wait, and fixed, so that the result is always at the same position in the records.
pub(super) const EVALUATION_LAG_TICKS: u64 = 600;

/// An evaluation whose result has not been recorded. It is repeated when a run resumes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct PendingEvaluation {
    /// Row of the score matrix that it fills, which is that of the season's end.
    pub(super) row: usize,
    /// `true` if the season has not ended but begins to turn into the next one.
    #[serde(default)]
    pub(super) turning: bool,
    /// Tick at whose end the result is recorded.
    pub(super) due_tick: u64,
    /// Number of decisions at its start.
    pub(super) decisions: u64,
    /// Cost of learning at its start.
    pub(super) ledger: Ledger,
    /// Number of policies that a checkpoint contains: one for all evaluated seasons, or one for each. `None` in checkpoints of earlier
    /// builds, which contain one for each season.
    #[serde(default)]
    pub(super) kept_policies: Option<usize>,
    /// Policies to be evaluated: one for all evaluated seasons, or one for each. They are stored as arrays, not as JSON.
    #[serde(skip)]
    pub(super) policies: Vec<PolicySnapshot>,
}

/// Sums over the updates since the last learning record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct LearningSums {
    performed: u64,
    updates: u64,
    losses: BTreeMap<String, f64>,
    gradient_norm: f64,
    mean_value: f64,
}

impl LearningSums {
    pub(super) fn add(&mut self, report: &LearnReport) {
        let performed = report.performed as f64;
        self.performed += report.performed;
        self.updates = report.updates;
        for (name, loss) in report.losses.iter().chain(report.losses.measures()) {
            *self.losses.entry(name.to_owned()).or_default() += performed * f64::from(loss);
        }
        self.gradient_norm += performed * f64::from(report.gradient_norm);
        self.mean_value += performed * f64::from(report.mean_value);
    }

    /// Returns the means as a record and resets the sums; `None` if there were no updates.
    pub(super) fn take(&mut self, decisions: u64, exploration: f64, memory_experiences: u64) -> Option<LearningRecord> {
        let sums = std::mem::take(self);
        (sums.performed > 0).then(|| {
            let mean = |sum: f64| sum / sums.performed as f64;
            LearningRecord {
                decisions,
                updates: sums.updates,
                losses: sums.losses.into_iter().map(|(name, sum)| (name, mean(sum))).collect(),
                gradient_norm: mean(sums.gradient_norm),
                mean_value: mean(sums.mean_value),
                exploration,
                memory_experiences,
            }
        })
    }
}

/// State of the trainer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct RunProgress {
    /// Number of ticks done.
    pub(super) tick: u64,
    /// Position in the records.
    pub(super) records: RecorderPosition,
    /// Mean returns in each season, one row for each recorded evaluation; `None` in seasons that were not evaluated.
    pub(super) returns: Vec<Vec<Option<f64>>>,
    /// The same where a learned season began to turn, by the number of that season. Empty where seasons do not turn.
    #[serde(default)]
    pub(super) turning_returns: BTreeMap<usize, Vec<Option<f64>>>,
    /// Use of water by the policy that was evaluated last, in each season.
    pub(super) watering: Vec<WateringCount>,
    /// Score baselines, once they are measured.
    #[serde(rename = "yardsticks")]
    pub(super) baselines: Option<Vec<ScoreBaseline>>,
    /// Evaluation in progress.
    #[serde(rename = "exam")]
    pub(super) evaluation: Option<PendingEvaluation>,
    /// Sums for the next learning record.
    pub(super) learning: LearningSums,
    /// Most recent returns of training episodes in the current season, for the score that is shown.
    pub(super) recent_returns: Vec<f64>,
    /// Maximum size of the stored past data at any record so far, in bytes.
    pub(super) most_memory_bytes: u64,
    /// Number of decisions taken in evaluations.
    pub(super) evaluation_decisions: u64,
    /// Timing over all sessions.
    pub(super) timing: Timing,
}

impl RunProgress {
    /// Returns the score matrix as far as it is known.
    pub(super) fn matrix(&self, config: &RunConfig) -> Result<Option<ScoreMatrix>, Undefined> {
        let Some(baselines) = &self.baselines else { return Ok(None) };
        let seasons = config.scenario.seasons.iter().map(|season| season.name.clone()).collect();
        let mut matrix = ScoreMatrix::new(seasons, config.years, baselines.clone())?;
        for row in &self.returns {
            matrix.push_returns(row.clone())?;
        }
        Ok(Some(if config.turns() {
            matrix.with_turning(self.turning_returns.clone())?
        } else {
            matrix
        }))
    }
}
