//! Drivers in probe gardens, and the measures of continual learning: the same functions that a run of the program uses.

use std::collections::BTreeMap;

use perennial::agent::Driver;
use perennial::agent::drivers::{PolicyDriver, ReferenceDriver};
use perennial::app::Gardens;
use perennial::evaluation::{ScoreBaseline, ScoreMatrix, Undefined, measures as of_matrix};
use perennial::rollout::{MAXIMUM_EPISODES, MAXIMUM_GARDENS};
use perennial::scenario::{Scenario as Described, Year};
use perennial::sensors::observation_spec;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::failure::{interruptible, plain, unlocked};
use crate::policy::Policy;
use crate::scenario::Scenario;

/// Driver of probe gardens.
#[derive(FromPyObject)]
pub(crate) enum Who<'py> {
    /// A reference driver, by its name.
    Reference(String),
    /// A learned policy.
    Learned(PyRef<'py, Policy>),
}

/// Raises an error if the scenario has no season of this number.
pub(crate) fn check_season(scenario: &Described, season: usize) -> PyResult<()> {
    if season < scenario.seasons.len() {
        return Ok(());
    }
    Err(plain(format!(
        "there is no season {season}: there are {}",
        scenario.seasons.len()
    )))
}

/// The driver that is meant.
pub(crate) fn who_drives(who: &Who<'_>, scenario: &Described, seed: u64) -> PyResult<Box<dyn Driver>> {
    Ok(match who {
        Who::Reference(name) => {
            let known = ReferenceDriver::named(name).ok_or_else(|| {
                let names: Vec<_> = ReferenceDriver::ALL.iter().map(|driver| driver.name()).collect();
                plain(format!("there is no driver `{name}`: there are {}", names.join(", ")))
            })?;
            known.build(seed)
        }
        Who::Learned(policy) => Box::new(PolicyDriver::new(&observation_spec(scenario), &policy.snapshot).map_err(plain)?),
    })
}

/// Returns of a driver in probe gardens of one season, one for each episode: "random", "gardener", "planner", "idle" or a `Policy`.
#[pyfunction]
#[pyo3(signature = (scenario, season, driver, *, gardens = 16, episodes = 32, seed = 7_000_000))]
pub(crate) fn probe(
    py: Python<'_>,
    scenario: &Scenario,
    season: usize,
    driver: Who<'_>,
    gardens: usize,
    episodes: usize,
    seed: u64,
) -> PyResult<Vec<f32>> {
    let scenario = scenario.0.clone();
    check_season(&scenario, season)?;
    if !(1..=MAXIMUM_GARDENS).contains(&gardens) || !(1..=MAXIMUM_EPISODES).contains(&episodes) {
        return Err(plain(format!(
            "gardens must be between 1 and {MAXIMUM_GARDENS}, and episodes between 1 and {MAXIMUM_EPISODES}"
        )));
    }
    let driver = who_drives(&driver, &scenario, seed)?;
    // The loop of `rollout::probe`, with a look at Python's signals in between.
    let side_by_side = gardens.min(episodes);
    let mut gardens = unlocked(py, || Gardens::shared(scenario, side_by_side, seed, Year::Pure(season)))?;
    gardens.drive(driver);
    interruptible(py, |signals| {
        let mut returns = Vec::new();
        while returns.len() < episodes && signals.look().is_ok() {
            gardens.tick();
            let wanted = episodes - returns.len();
            let finished = gardens.finished_episodes().take(wanted);
            returns.extend(finished.map(|finished| finished.episode.tally.episode_return));
        }
        returns
    })
}

/// Measures of continual learning of a matrix of mean returns: row 0 before learning, row `i` after the `i`-th learned season, a column for
/// each season of the year. A measure that is not defined is the reason, as a string.
///
/// `turning` holds the returns where learned seasons began to turn, by their numbers, where they turn; `joint` the final scores of a run that
/// learned all seasons at once.
#[pyfunction]
#[pyo3(signature = (seasons, returns, random_returns, gardener_returns, *, years = 1, turning = None, joint = None))]
pub(crate) fn measures<'py>(
    py: Python<'py>,
    seasons: Vec<String>,
    returns: Vec<Vec<f64>>,
    random_returns: Vec<f64>,
    gardener_returns: Vec<f64>,
    years: usize,
    turning: Option<BTreeMap<usize, Vec<f64>>>,
    joint: Option<Vec<f64>>,
) -> PyResult<Bound<'py, PyDict>> {
    if random_returns.len() != gardener_returns.len() {
        return Err(plain("there must be as many returns of the random driver as of the gardener"));
    }
    let baselines = random_returns.iter().zip(&gardener_returns);
    let baselines = baselines.map(|(&random_return, &gardener_return)| ScoreBaseline {
        random_return,
        gardener_return,
        planner_return: None,
        idle_return: None,
    });
    let mut matrix = ScoreMatrix::new(seasons, years, baselines.collect()).map_err(plain)?;
    if let Some(turning) = turning {
        matrix = matrix.with_turning(turning).map_err(plain)?;
    }
    for row in returns {
        matrix.push_returns(row).map_err(plain)?;
    }
    let dict = PyDict::new(py);
    put(&dict, "average_performance", of_matrix::average_performance(&matrix))?;
    put(
        &dict,
        "performance_without_harm",
        of_matrix::performance_without_harm(&matrix),
    )?;
    put(&dict, "seasons_kept", of_matrix::seasons_kept(&matrix))?;
    put(&dict, "forgetting", of_matrix::forgetting(&matrix))?;
    put(&dict, "forgetting_from_best", of_matrix::forgetting_from_best(&matrix))?;
    put(&dict, "backward_transfer", of_matrix::backward_transfer(&matrix))?;
    put(&dict, "zero_shot", of_matrix::zero_shot(&matrix))?;
    put(&dict, "worst_retained", of_matrix::worst_retained(&matrix))?;
    if let Some(joint) = joint {
        put(&dict, "plasticity_gap", of_matrix::plasticity_gap(&matrix, &joint))?;
    }
    Ok(dict)
}

/// Sets a measure, or the reason why it is not defined.
fn put<'py>(dict: &Bound<'py, PyDict>, name: &str, value: Result<impl IntoPyObject<'py>, Undefined>) -> PyResult<()> {
    match value {
        Ok(value) => dict.set_item(name, value),
        Err(undefined) => dict.set_item(name, undefined.to_string()),
    }
}
