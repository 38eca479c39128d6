//! Evaluations: scores of policies in every season, measured on a separate thread.
//!
//! The result depends only on the policies and the probe gardens, not on when the evaluation runs. A run that is resumed during an
//! evaluation repeats it, and the result is recorded at a fixed tick.

use std::sync::Arc;
use std::thread::JoinHandle;

use super::clock::WorkStopwatch;
use super::learner_link::start_thread;
use crate::agent::drivers::{Driver, Gardener, PlanningGardener, PolicyDriver, RandomDriver};
use crate::evaluation::ScoreBaseline;
use crate::evaluation::measures::WateringCount;
use crate::garden::Tally;
use crate::learner::{LearnerError, PolicySnapshot};
use crate::rollout::{ProbeResult, ProbeSettings, probe};
use crate::scenario::Scenario;
use crate::sensors::observation_spec;

/// Result of an evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct EvaluationResult<T> {
    /// Results, one for each season.
    pub seasons: Vec<T>,
    /// Number of decisions taken.
    pub decisions: u64,
    /// Duration in seconds.
    pub seconds: f64,
}

/// Result of a policy in the probe gardens of one season.
#[derive(Clone, Debug, PartialEq)]
pub struct SeasonResult {
    /// Mean return of the episodes.
    pub mean_return: f64,
    /// Use of water.
    pub watering: WateringCount,
}

/// An evaluation that is running or done.
#[derive(Debug)]
pub struct Evaluation<T>(State<T>);

#[derive(Debug)]
enum State<T> {
    Beside(JoinHandle<Result<EvaluationResult<T>, LearnerError>>),
    Done(Result<EvaluationResult<T>, LearnerError>),
}

/// Error: the thread of an evaluation panicked.
#[derive(Debug, thiserror::Error)]
#[error("the thread of an evaluation ended unexpectedly")]
pub struct EvaluatorGone;

impl<T: Send + 'static> Evaluation<T> {
    fn start(on_own_thread: bool, work: impl FnOnce() -> Result<EvaluationResult<T>, LearnerError> + Send + 'static) -> Self {
        Self(if on_own_thread {
            match start_thread("an evaluation", work) {
                Ok(thread) => State::Beside(thread),
                Err(error) => State::Done(Err(error)),
            }
        } else {
            State::Done(work())
        })
    }

    /// Returns `true` if the result is available.
    pub fn is_done(&self) -> bool {
        match &self.0 {
            State::Beside(thread) => thread.is_finished(),
            State::Done(_) => true,
        }
    }

    /// Waits for the result.
    ///
    /// # Errors
    /// The policy does not fit the gardens, or the thread panicked.
    pub fn result(self) -> Result<Result<EvaluationResult<T>, LearnerError>, EvaluatorGone> {
        match self.0 {
            State::Beside(thread) => thread.join().map_err(|_| EvaluatorGone),
            State::Done(result) => Ok(result),
        }
    }
}

/// Evaluates policies, one for each season; `on_own_thread` does it on a separate thread.
pub fn evaluate_policies(
    scenario: Arc<Scenario>,
    policies: Vec<PolicySnapshot>,
    probes: ProbeSettings,
    on_own_thread: bool,
) -> Evaluation<SeasonResult> {
    Evaluation::start(on_own_thread, move || {
        let stopwatch = WorkStopwatch::start();
        let observation = observation_spec(&scenario);
        let mut result = EvaluationResult {
            seasons: Vec::new(),
            decisions: 0,
            seconds: 0.0,
        };
        for (season, policy) in policies.iter().enumerate() {
            let driver = PolicyDriver::new(&observation, policy)?;
            let probed = probe(&scenario, season, Box::new(driver), probes);
            result.decisions += probed.decisions;
            result.seasons.push(SeasonResult {
                mean_return: probed.mean_return(),
                watering: watering(&probed),
            });
        }
        result.seconds = stopwatch.seconds();
        Ok(result)
    })
}

/// Measures the score baselines of every season in the same probe gardens.
pub fn measure_score_baselines(scenario: Arc<Scenario>, probes: ProbeSettings, on_own_thread: bool) -> Evaluation<ScoreBaseline> {
    Evaluation::start(on_own_thread, move || {
        let stopwatch = WorkStopwatch::start();
        let mut result = EvaluationResult {
            seasons: Vec::new(),
            decisions: 0,
            seconds: 0.0,
        };
        for season in 0..scenario.seasons.len() {
            let mut measure = |driver: Box<dyn Driver>| {
                let probed = probe(&scenario, season, driver, probes);
                result.decisions += probed.decisions;
                probed.mean_return()
            };
            let baseline = ScoreBaseline {
                random_return: measure(Box::new(RandomDriver::new(probes.seed))),
                gardener_return: measure(Box::new(Gardener)),
                planner_return: Some(measure(Box::<PlanningGardener>::default())),
            };
            result.seasons.push(baseline);
        }
        result.seconds = stopwatch.seconds();
        Ok(result)
    })
}

fn watering(probed: &ProbeResult) -> WateringCount {
    let mut count = WateringCount::default();
    for tally in &probed.tallies {
        let Tally {
            thirst_relieved,
            sprays_thirsty,
            sprays_needless,
            sprays_ground,
            ..
        } = *tally;
        count.thirst_relieved += f64::from(thirst_relieved);
        count.sprays_thirsty += u64::from(sprays_thirsty);
        count.sprays_needless += u64::from(sprays_needless);
        count.sprays_ground += u64::from(sprays_ground);
    }
    count
}
