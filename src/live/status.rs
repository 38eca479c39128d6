//! What is told of a show beside the garden itself: who drives, what is learned, what is remembered.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::simulation_command::DriverKind;
use crate::evaluation::ScoreBaseline;
use crate::learner::{LearnerLedger, MemoryComposition};
use crate::scenario::Scenario;

/// What is told of a show beside the garden itself.
#[derive(Clone, Debug)]
pub struct Status {
    /// The scenario that is played.
    pub scenario: Arc<Scenario>,
    /// What is watched.
    pub programme: Programme,
    /// Ticks that are done.
    pub tick: u64,
    /// Decisions that are done, over all gardens.
    pub decisions: u64,
    /// How many gardens live side by side; one of them is shown.
    pub gardens: usize,
    /// Where the year is.
    pub year: YearStatus,
    /// Who drives the robot that is shown.
    pub driver: DriverKind,
    /// Whether it learns, and what of that can be told.
    pub learning: LearningStatus,
    /// Recent training scores, oldest first.
    pub curve: Vec<CurvePoint>,
    /// The score matrix as far as it is known: a row for each evaluation, oldest first.
    pub evaluations: Vec<EvaluationRow>,
    /// Whether an evaluation is under way in the background.
    pub evaluating: bool,
    /// What chance and the gardener return in each season; none until measured.
    pub baselines: Option<Vec<ScoreBaseline>>,
    /// Things that went wrong and can be told; the newest last.
    pub notes: Vec<String>,
}

/// What is watched.
#[derive(Clone, Debug, PartialEq)]
pub enum Programme {
    /// Gardens that are simulated now.
    Live,
    /// A trained run: its name.
    Run(String),
    /// A recording, with its length in ticks.
    Recording {
        /// Name of the file.
        name: String,
        /// Its length.
        ticks: u64,
    },
}

/// Where the year is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct YearStatus {
    /// Whether seasons follow each other by themselves.
    pub turns: bool,
    /// How far the season under way has come, in 0..1.
    pub season_fraction: f32,
    /// The year, from 0.
    pub year: usize,
    /// Ticks of a season.
    pub ticks_per_season: u64,
}

/// What can be told of learning.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LearningStatus {
    /// Whether there is a learner at all.
    pub possible: bool,
    /// Whether it learns now.
    pub on: bool,
    /// The method against forgetting.
    pub method: String,
    /// The algorithm.
    pub algorithm: String,
    /// What it has cost so far.
    pub ledger: LearnerLedger,
    /// What its memories hold: transitions by task.
    pub memory: MemoryComposition,
    /// How many transitions the memory of what was experienced lately, and that of the past, hold at most.
    pub capacity: (usize, usize),
    /// Season of each task that [`memory`](Self::memory) counts, by number.
    pub task_seasons: Vec<usize>,
    /// Mean of each part of the loss lately, by name.
    pub losses: BTreeMap<String, f64>,
    /// Norm of the gradient lately.
    pub gradient_norm: f64,
    /// Mean value of the actions taken lately, as the network estimates it.
    pub mean_value: f64,
    /// Probability of a random action now; none for a policy that draws its actions.
    pub exploration: Option<f32>,
    /// Entropy of the policy's action probabilities in the garden that is shown, in nats, averaged lately.
    pub entropy_nats: f32,
}

/// A point of the learning curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint {
    /// Decisions so far.
    pub decisions: u64,
    /// The season in which the episodes ended.
    pub season: usize,
    /// Mean score of the last training episodes, between chance (0) and the gardener (1).
    pub score: f64,
}

/// An evaluation of the policy in every season.
#[derive(Clone, Debug, PartialEq)]
pub struct EvaluationRow {
    /// When: the season that had been learned until then; none before any learning.
    pub after: Option<usize>,
    /// Decisions at that time.
    pub decisions: u64,
    /// Score in each season; none where the yardstick does not give one.
    pub scores: Vec<Option<f64>>,
}
