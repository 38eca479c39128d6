//! What a run must remember beside its learner and its gardens: what a checkpoint holds of the trainer itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::RunConfig;
use crate::evaluation::measures::WateringCount;
use crate::evaluation::{Ledger, ScoreBaseline, ScoreMatrix, Timing, Undefined};
use crate::learner::{LearnReport, PolicySnapshot};
use crate::metrics::{LearningRecord, RecorderPosition};

/// Ticks after which the result of an evaluation is written down: enough for the thread to be done with it, so that nobody waits,
/// and fixed, so that it always stands at the same place among the records.
pub(super) const EVALUATION_LAG_TICKS: u64 = 600;

/// An evaluation whose result is not written down yet. It is done again when a run resumes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct PendingEvaluation {
    /// The row of the score matrix that it makes.
    pub(super) row: usize,
    /// The tick at whose end its result is written down.
    pub(super) due_tick: u64,
    /// Decisions when it was begun.
    pub(super) decisions: u64,
    /// What learning had cost then.
    pub(super) ledger: Ledger,
    /// The policies that are evaluated, one for each season. They travel as arrays, not as JSON.
    #[serde(skip)]
    pub(super) policies: Vec<PolicySnapshot>,
}

/// Sums of what the updates were like since the last learning record.
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

    /// The means as a record, and the sums begin anew; none if there were no updates.
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

/// The trainer's own memory.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Progress {
    /// Ticks that are done.
    pub(super) tick: u64,
    /// What was written so far.
    pub(super) records: RecorderPosition,
    /// Means of returns in each season, a row for each evaluation that is written down.
    pub(super) returns: Vec<Vec<f64>>,
    /// How the last policy that was evaluated used water, in each season.
    pub(super) watering: Vec<WateringCount>,
    /// The score baselines, once they are measured.
    #[serde(rename = "yardsticks")]
    pub(super) baselines: Option<Vec<ScoreBaseline>>,
    /// The evaluation under way.
    #[serde(rename = "exam")]
    pub(super) evaluation: Option<PendingEvaluation>,
    /// Sums for the next learning record.
    pub(super) learning: LearningSums,
    /// The last returns of training episodes in the season under way, for the score that is shown.
    pub(super) recent_returns: Vec<f64>,
    /// The most bytes of past data that were held at any record so far.
    pub(super) most_memory_bytes: u64,
    /// Decisions taken in evaluations.
    pub(super) evaluation_decisions: u64,
    /// Seconds of all sittings.
    pub(super) timing: Timing,
}

impl Progress {
    /// The score matrix as far as it is known.
    pub(super) fn matrix(&self, config: &RunConfig) -> Result<Option<ScoreMatrix>, Undefined> {
        let Some(baselines) = &self.baselines else { return Ok(None) };
        let seasons = config.scenario.seasons.iter().map(|season| season.name.clone()).collect();
        let mut matrix = ScoreMatrix::new(seasons, config.years, baselines.clone())?;
        for row in &self.returns {
            matrix.push_returns(row.clone())?;
        }
        Ok(Some(matrix))
    }
}
