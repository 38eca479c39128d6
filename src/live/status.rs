//! Status of a simulation beside the garden itself: driver, learning, memories and evaluations.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::simulation_command::DriverKind;
use crate::evaluation::ScoreBaseline;
use crate::learner::{LearnerLedger, MemoryComposition};
use crate::mdp::Action;
use crate::metrics::InsideRecord;
use crate::rollout::Album;
use crate::scenario::Scenario;

/// Status of a simulation beside the garden itself.
#[derive(Clone, Debug)]
pub struct Status {
    /// The scenario that is played.
    pub scenario: Arc<Scenario>,
    /// Source of the shown gardens.
    pub programme: Programme,
    /// Number of finished ticks.
    pub tick: u64,
    /// Number of decisions taken, over all gardens.
    pub decisions: u64,
    /// Number of gardens simulated side by side; one of them is shown.
    pub gardens: usize,
    /// Position in the year.
    pub year: YearStatus,
    /// Driver of the shown robot.
    pub driver: DriverKind,
    /// State of learning.
    pub learning: LearningStatus,
    /// Recent training scores, oldest first.
    pub curve: Vec<SeasonCurvePoint>,
    /// Score matrix as far as it is known: one row per evaluation, oldest first.
    pub evaluations: Vec<EvaluationRow>,
    /// `true` while an evaluation runs in the background.
    pub evaluating: bool,
    /// Score baselines: returns of the random driver and of the gardener in each season. `None` until measured.
    pub baselines: Option<Vec<ScoreBaseline>>,
    /// Looks inside the learner; `None` until the first.
    pub inside: Option<Arc<InsideStatus>>,
    /// Earlier networks, and the garden beside the shown one.
    pub earlier: EarlierStatus,
    /// Warnings and errors for display; the newest last.
    pub notes: Vec<String>,
}

/// Source of the shown gardens.
#[derive(Clone, Debug, PartialEq)]
pub enum Programme {
    /// Gardens that are simulated now.
    Live,
    /// A trained run, by name.
    Run(String),
    /// A recording.
    Recording {
        /// Name of the file.
        name: String,
        /// Length, in ticks.
        ticks: u64,
    },
}

/// Position in the year.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct YearStatus {
    /// `true` if seasons follow each other by themselves.
    pub turns: bool,
    /// Elapsed fraction of the current season, in 0..1.
    pub season_fraction: f32,
    /// Number of the year, from 0.
    pub year: usize,
    /// Length of the current season, in ticks.
    pub season_ticks: u64,
}

/// State of learning.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LearningStatus {
    /// `true` if there is a learner.
    pub possible: bool,
    /// `true` if the learner is learning now.
    pub on: bool,
    /// Name of the method against forgetting.
    pub method: String,
    /// Name of the algorithm.
    pub algorithm: String,
    /// Cost of learning so far.
    pub ledger: LearnerLedger,
    /// Contents of the learner's memories: number of transitions by task.
    pub memory: MemoryComposition,
    /// Capacities of the replay buffer of recent transitions and of the memory of the past, in transitions.
    pub capacity: (usize, usize),
    /// Season number of each task that [`memory`](Self::memory) counts.
    pub task_seasons: Vec<usize>,
    /// Running mean of each part of the loss, by name.
    pub losses: BTreeMap<String, f64>,
    /// Running mean of the gradient norm.
    pub gradient_norm: f64,
    /// Running mean of the values of the actions taken, as the network estimates them.
    pub mean_value: f64,
    /// Current probability of a random action; `None` for a policy that samples its actions.
    pub exploration: Option<f32>,
    /// Running mean of the entropy of the policy's action probabilities in the shown garden, in nats.
    pub entropy_nats: f32,
}

/// A point of the learning curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeasonCurvePoint {
    /// Number of decisions so far.
    pub decisions: u64,
    /// Season in which the episodes ended.
    pub season: usize,
    /// Mean score of the last training episodes: 0 is the random driver, 1 the gardener.
    pub score: f64,
}

/// An evaluation of the policy in every season.
#[derive(Clone, Debug, PartialEq)]
pub struct EvaluationRow {
    /// Season that had been learned last; `None` before any learning.
    pub after: Option<usize>,
    /// Number of decisions at that time.
    pub decisions: u64,
    /// Score in each season; `None` where the score baselines do not define one.
    pub scores: Vec<Option<f64>>,
}

/// Earlier networks, and the garden beside the shown one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EarlierStatus {
    /// The networks, oldest first.
    pub marks: Arc<Vec<EarlierMark>>,
    /// Driver of the twin of the shown garden; `None` if there is no twin.
    pub beside: Option<DriverKind>,
}

impl EarlierStatus {
    /// Returns the network of this number.
    pub fn find(&self, id: u32) -> Option<&EarlierMark> {
        self.marks.iter().find(|mark| mark.id == id)
    }
}

/// Time of an earlier network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarlierMark {
    /// Number by which the network is asked for.
    pub id: u32,
    /// Number of the season that was under way.
    pub season: usize,
    /// Number of decisions that it had learned from, in its run or in this session.
    pub decisions: u64,
    /// `true` if the season ended then.
    pub ends_season: bool,
    /// `true` if it comes from the run that is watched.
    pub of_run: bool,
}

/// Looks inside the learner.
#[derive(Clone, Debug)]
pub struct InsideStatus {
    /// Views that the policy is asked about, with their true answers.
    pub album: Arc<Album>,
    /// The looks, in the order of time; at least one.
    pub looks: Vec<Arc<InsideRecord>>,
}

impl InsideStatus {
    /// `true` if a look answers a view rightly: water for a thirsty plant, anything else for a fine one.
    pub fn is_right(&self, look: usize, view: usize) -> bool {
        let answer = self.looks[look].answers.as_bytes().get(view).copied();
        (answer == Some(WATER)) == self.album.views[view].is_thirsty()
    }

    /// Number of the views of a season that a look answers rightly.
    pub fn right(&self, look: usize, season: usize) -> usize {
        self.album.of_season(season).filter(|view| self.is_right(look, *view)).count()
    }
}

/// Answer that waters.
const WATER: u8 = b'0' + Action::Water as u8;
