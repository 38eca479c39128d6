//! Evaluations: what a policy is worth in every season, on a thread of its own.
//!
//! An evaluation is a function of the policies and the probe gardens, so it does not matter when it is done: a run that is resumed
//! in the middle of one does it again, and its result is written down at a fixed tick.

use std::sync::Arc;
use std::thread::JoinHandle;

use super::clock::WorkStopwatch;
use super::learner_link::start_thread;
use crate::agent::drivers::{Driver, Gardener, PlanningGardener, PolicyDriver, RandomDriver};
use crate::evaluation::ScoreBaseline;
use crate::evaluation::measures::WateringCount;
use crate::garden::Tally;
use crate::learner::{LearnerError, PolicySnapshot, single_threaded};
use crate::rollout::{ProbeResult, ProbeSettings, probe};
use crate::scenario::Scenario;
use crate::sensors::observation_spec;

/// What came of an evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct EvaluationResult<T> {
    /// One for each season.
    pub seasons: Vec<T>,
    /// Decisions that it took.
    pub decisions: u64,
    /// Seconds that it took.
    pub seconds: f64,
}

/// What a policy did in the probe gardens of one season.
#[derive(Clone, Debug, PartialEq)]
pub struct SeasonResult {
    /// Mean return of the episodes.
    pub mean_return: f64,
    /// How it used water.
    pub watering: WateringCount,
}

/// An evaluation that is under way, or done.
#[derive(Debug)]
pub struct Evaluation<T>(State<T>);

#[derive(Debug)]
enum State<T> {
    Beside(JoinHandle<Result<EvaluationResult<T>, LearnerError>>),
    Done(Result<EvaluationResult<T>, LearnerError>),
}

/// The thread of an evaluation is gone: it panicked.
#[derive(Debug, thiserror::Error)]
#[error("the thread of an evaluation ended unexpectedly")]
pub struct EvaluatorGone;

impl<T: Send + 'static> Evaluation<T> {
    fn start(beside: bool, work: impl FnOnce() -> Result<EvaluationResult<T>, LearnerError> + Send + 'static) -> Self {
        Self(if beside {
            match start_thread("an evaluation", work) {
                Ok(thread) => State::Beside(thread),
                Err(error) => State::Done(Err(error)),
            }
        } else {
            State::Done(work())
        })
    }

    /// Whether the result is there.
    pub fn is_done(&self) -> bool {
        match &self.0 {
            State::Beside(thread) => thread.is_finished(),
            State::Done(_) => true,
        }
    }

    /// Waits for the result.
    ///
    /// # Errors
    /// A policy that does not fit the gardens; or the thread is gone.
    pub fn result(self) -> Result<Result<EvaluationResult<T>, LearnerError>, EvaluatorGone> {
        match self.0 {
            State::Beside(thread) => thread.join().map_err(|_| EvaluatorGone),
            State::Done(result) => Ok(result),
        }
    }
}

/// Evaluates policies, one for each season; `beside` does it on a thread of its own.
pub fn evaluate_policies(
    scenario: Arc<Scenario>,
    policies: Vec<PolicySnapshot>,
    probes: ProbeSettings,
    beside: bool,
) -> Evaluation<SeasonResult> {
    Evaluation::start(beside, move || {
        single_threaded(|| {
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
        })?
    })
}

/// Measures the score baselines of every season in the same probe gardens.
pub fn measure_score_baselines(scenario: Arc<Scenario>, probes: ProbeSettings, beside: bool) -> Evaluation<ScoreBaseline> {
    Evaluation::start(beside, move || {
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
