//! Evaluations: scores of policies in every season, measured on a separate thread.
//!
//! The result depends only on the policies and the probe gardens, not on when the evaluation runs. A run that is resumed during an
//! evaluation repeats it, and the result is recorded at a fixed tick.
//!
//! Reference drivers are measured once for each scenario and set of probe gardens in a process, however many runs it makes. Each run is
//! charged for the measurement all the same, in decisions and in seconds, so that costs do not depend on which run was the first.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;

use super::clock::WorkStopwatch;
use super::learner_link::start_thread;
use crate::agent::drivers::{Driver, Gardener, IdleDriver, PlanningGardener, PolicyDriver, RandomDriver};
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
    let seasons = (0..policies.len()).collect();
    evaluate_in_seasons(scenario, seasons, policies, probes, on_own_thread)
}

/// Evaluates policies in some seasons, one policy for each of them or one for all; results are in the order of `seasons`.
pub fn evaluate_in_seasons(
    scenario: Arc<Scenario>,
    seasons: Vec<usize>,
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
        // A single policy stands for all seasons.
        for (&season, policy) in seasons.iter().zip(policies.iter().cycle()) {
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

/// Most measurements that are kept: enough for any comparison, and no more where a scenario is edited again and again.
const MOST_KEPT: usize = 64;

/// A measurement that is made or under way.
struct Kept {
    scenario: Arc<Scenario>,
    probes: ProbeSettings,
    measured: OnceLock<EvaluationResult<ScoreBaseline>>,
}

static KEPT: Mutex<Vec<Arc<Kept>>> = Mutex::new(Vec::new());

/// Returns the measurement of a scenario in these probe gardens, the oldest of all being dropped where there are too many.
fn kept(scenario: &Arc<Scenario>, probes: ProbeSettings) -> Arc<Kept> {
    let mut all = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = all.iter().find(|known| known.probes == probes && known.scenario == *scenario) {
        return known.clone();
    }
    if all.len() == MOST_KEPT {
        all.remove(0);
    }
    let new = Arc::new(Kept {
        scenario: scenario.clone(),
        probes,
        measured: OnceLock::new(),
    });
    all.push(new.clone());
    new
}

/// Measures the score baselines of every season in the same probe gardens.
pub fn measure_score_baselines(scenario: Arc<Scenario>, probes: ProbeSettings, on_own_thread: bool) -> Evaluation<ScoreBaseline> {
    Evaluation::start(on_own_thread, move || {
        let kept = kept(&scenario, probes);
        Ok(kept.measured.get_or_init(|| measured(&scenario, probes)).clone())
    })
}

fn measured(scenario: &Arc<Scenario>, probes: ProbeSettings) -> EvaluationResult<ScoreBaseline> {
    let stopwatch = WorkStopwatch::start();
    let mut decisions = 0;
    let seasons = (0..scenario.seasons.len()).map(|season| {
        let mut measure = |driver: Box<dyn Driver>| {
            let probed = probe(scenario, season, driver, probes);
            decisions += probed.decisions;
            probed.mean_return()
        };
        ScoreBaseline {
            random_return: measure(Box::new(RandomDriver::new(probes.seed))),
            gardener_return: measure(Box::new(Gardener)),
            planner_return: Some(measure(Box::<PlanningGardener>::default())),
            // No score needs it, and what is counted stays comparable with earlier runs: its decisions are not.
            idle_return: Some(probe(scenario, season, Box::new(IdleDriver), probes).mean_return()),
        }
    });
    EvaluationResult {
        seasons: seasons.collect(),
        decisions,
        seconds: stopwatch.seconds(),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reference_drivers_are_measured_once_for_each_scenario_and_set_of_gardens() {
        let scenario = Arc::new(Scenario::load("four_seasons").unwrap().scenario);
        let probes = ProbeSettings {
            gardens: 2,
            episodes: 2,
            seed: 4_321,
        };
        let measure = |scenario: &Arc<Scenario>, probes| {
            let measuring = measure_score_baselines(scenario.clone(), probes, false);
            measuring.result().unwrap().unwrap()
        };
        let first = measure(&scenario, probes);
        // The seconds are the same too, and no clock gives the same twice.
        assert_eq!(measure(&Arc::new(scenario.as_ref().clone()), probes), first);
        assert_eq!(
            measured(&scenario, probes).seasons,
            first.seasons,
            "as if it were measured anew"
        );
        assert_eq!(first.decisions, 3 * 4 * 2 * u64::from(scenario.episode.decisions));
        let elsewhere = measure(&scenario, ProbeSettings { seed: 4_322, ..probes });
        assert_ne!(elsewhere.seasons, first.seasons);
        let mut other = scenario.as_ref().clone();
        other.rewards.time -= 1.0;
        assert_ne!(measure(&Arc::new(other), probes).seasons, first.seasons);
        for baseline in &first.seasons {
            let idle = baseline.idle_return.unwrap();
            assert!(
                idle < baseline.gardener_return,
                "doing nothing is worse than gardening: {baseline:?}"
            );
        }
    }
}
