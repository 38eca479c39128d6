//! Actions of drivers and of recordings, for Python to take again in gardens of its own.

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::sync::Arc;

use numpy::{PyArray1, PyArray2, PyArrayMethods};
use perennial::app::Gardens;
use perennial::mdp::Action;
use perennial::rollout::{MAXIMUM_GARDENS, Recording as Recorded};
use perennial::scenario::Year;
use pyo3::prelude::*;

use crate::evaluation::{Who, check_season, who_drives};
use crate::failure::{in_range, interruptible, plain, plain_file, unlocked};
use crate::scenario::Scenario;

/// Ticks that are played at once: those of 3,000 usual episodes.
const MOST_TICKS: u64 = 1_000_000;

/// Actions of a driver in gardens of one season: `[ticks, gardens]` (uint8). "random", "gardener", "planner", "idle" or a `Policy`; the
/// gardens are numbered under one seed.
#[pyfunction]
#[pyo3(signature = (scenario, season, driver, *, gardens, ticks, seed))]
pub(crate) fn driven<'py>(
    py: Python<'py>,
    scenario: &Scenario,
    season: usize,
    driver: Who<'_>,
    gardens: usize,
    ticks: usize,
    seed: u64,
) -> PyResult<Bound<'py, PyArray2<u8>>> {
    let scenario = scenario.0.clone();
    check_season(&scenario, season)?;
    in_range("gardens", gardens as u64, 1, MAXIMUM_GARDENS as u64)?;
    in_range("ticks", ticks as u64, 1, MOST_TICKS)?;
    let driver = who_drives(&driver, &scenario, seed)?;
    let mut playing = unlocked(py, || Gardens::shared(scenario, gardens, seed, Year::Pure(season)))?;
    playing.drive(driver);
    let actions = interruptible(py, |signals| {
        let mut actions = Vec::with_capacity(ticks * gardens);
        while actions.len() < ticks * gardens && signals.look().is_ok() {
            actions.extend_from_slice(&playing.tick().actions);
        }
        actions
    })?;
    PyArray1::from_vec(py, actions).reshape([ticks, gardens])
}

/// A recording that `perennial rollout` wrote: how its gardens began, what was done in them, and hashes of the states that followed.
///
/// `Recording(path)`. A file that was cut or changed raises a `ValueError`.
#[pyclass(frozen, module = "perennial_rl._native")]
pub(crate) struct Recording(Recorded);

#[pymethods]
impl Recording {
    #[new]
    fn new(path: PathBuf) -> PyResult<Self> {
        plain_file(&path)?;
        let unusable = |reason: String| plain(format!("{} cannot be played as a recording: {reason}", path.display()));
        let file = File::open(&path).map_err(|error| unusable(error.to_string()))?;
        let recorded = Recorded::read(BufReader::new(file)).map_err(|error| unusable(error.to_string()))?;
        Ok(Self(recorded))
    }

    /// The garden that was recorded.
    #[getter]
    fn scenario(&self) -> Scenario {
        Scenario(Arc::new(self.0.header.scenario.clone()))
    }

    /// Season that it stays in, by its number; `None` if it goes through the year.
    #[getter]
    fn season(&self) -> Option<usize> {
        self.0.header.season
    }

    /// Name of the driver.
    #[getter]
    fn driver(&self) -> &str {
        &self.0.header.driver
    }

    /// Seed of the gardens.
    #[getter]
    fn seed(&self) -> u64 {
        self.0.header.seed
    }

    /// Episodes of each garden, in each season.
    #[getter]
    fn episodes(&self) -> u64 {
        self.0.header.episodes
    }

    /// Actions: `[ticks, gardens]` (uint8).
    #[getter]
    fn actions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<u8>>> {
        let actions = self.0.actions.iter().map(|action| Action::index(*action) as u8);
        PyArray1::from_iter(py, actions).reshape([self.0.ticks(), self.0.header.gardens])
    }

    /// Hash of the state after each tick: that of `GardenBatch.state_hash` after the same actions.
    #[getter]
    fn state_hashes(&self) -> Vec<u64> {
        self.0.hashes.clone()
    }

    fn __repr__(&self) -> String {
        format!(
            "Recording({} of {}, {} ticks)",
            self.0.header.driver,
            self.0.header.scenario.name,
            self.0.ticks()
        )
    }
}
