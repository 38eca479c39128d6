//! Runs of agents from Python, written as the program writes its own: `perennial report` takes them like those.
//!
//! The agent's name stands for the method, and its settings are those of a method from outside of the program (`learner.custom`). The
//! program's learner had no part in such a run: its other settings are the default ones, and mean nothing.

use std::path::PathBuf;

use garde::Validate;
use numpy::PyReadonlyArray2;
use perennial::evaluation::measures::WateringCount;
use perennial::evaluation::{Ledger, ScoreBaseline, ScoreMatrix, Timing};
use perennial::learner::METHODS;
use perennial::metrics::{EpisodeRecord, Record, Recorder};
use perennial::report::Run;
use perennial::training::run_folder::write_atomically;
use perennial::training::summary::RunName;
use perennial::training::{EvaluationSettings, Existing, RunConfig, RunFolder, Summary};
use pyo3::prelude::*;
use serde::Deserialize;

use crate::failure::{plain, unlocked};
use crate::scenario::Scenario;

/// Everything about a run but its scenario and its returns.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    results_dir: PathBuf,
    run_id: String,
    replace: bool,
    method: String,
    algorithm: String,
    seed: u64,
    gardens: usize,
    decisions_per_season: u64,
    years: usize,
    agent_settings: toml::Table,
    probe_episodes: usize,
    probe_gardens: usize,
    probe_seed: u64,
    updates: u64,
    evaluation_decisions: u64,
    learning_seconds: f64,
    evaluation_seconds: f64,
    watering: Vec<WateringCount>,
    episodes: Vec<EpisodeRecord>,
}

/// Writes the folder of a finished run and returns its path. `told` is JSON, which `perennial_rl.RunLog` makes; `returns` are mean returns, a row
/// before learning and one after each season; `baselines` are the returns of the random driver, the gardener, the planner and the idle driver, a
/// row each.
#[pyfunction]
pub(crate) fn write_run(
    py: Python<'_>,
    scenario: &Scenario,
    told: &str,
    returns: PyReadonlyArray2<'_, f64>,
    baselines: PyReadonlyArray2<'_, f64>,
) -> PyResult<PathBuf> {
    let told: Told = serde_json::from_str(told).map_err(|error| plain(format!("the run cannot be written: {error}")))?;
    let mut parts = told.method.split('+').map(str::trim);
    if parts.all(|part| METHODS.iter().any(|method| method.name == part)) {
        return Err(plain(format!(
            "`{}` is a method of the program, which reports would average this run with: choose another name",
            told.method
        )));
    }
    let baselines = baselines.as_array();
    let names: Vec<String> = scenario.0.seasons.iter().map(|season| season.name.clone()).collect();
    if baselines.dim() != (4, names.len()) {
        return Err(plain(format!(
            "baselines must have the shape (4, {}), not {:?}",
            names.len(),
            baselines.dim()
        )));
    }
    let baseline = |season: usize| ScoreBaseline {
        random_return: baselines[[0, season]],
        gardener_return: baselines[[1, season]],
        planner_return: Some(baselines[[2, season]]),
        idle_return: Some(baselines[[3, season]]),
    };
    let baselines = (0..names.len()).map(baseline).collect();
    let mut matrix = ScoreMatrix::new(names, told.years, baselines).map_err(plain)?;
    for row in returns.as_array().rows() {
        matrix.push_returns(row.to_vec()).map_err(plain)?;
    }

    let mut config = RunConfig::new(scenario.0.as_ref().clone());
    config.method.clone_from(&told.method);
    config.algorithm.clone_from(&told.algorithm);
    config.seed = told.seed;
    config.gardens = told.gardens;
    config.decisions_per_season = told.decisions_per_season;
    config.years = told.years;
    config.evaluation = EvaluationSettings {
        episodes: told.probe_episodes,
        gardens: told.probe_gardens,
        seed: told.probe_seed,
    };
    if !told.agent_settings.is_empty() {
        config.learner.custom = toml::Table::from_iter([(told.method.clone(), toml::Value::Table(told.agent_settings))]);
    }
    config.validate().map_err(plain)?;
    let name = RunName::of(told.run_id.clone(), &config);
    let ledger = Ledger {
        decisions: config.decisions(),
        updates: told.updates,
        evaluation_decisions: told.evaluation_decisions,
        ..Ledger::default()
    };
    let timing = Timing {
        learning_s: told.learning_seconds,
        evaluation_s: told.evaluation_seconds,
        total_s: told.learning_seconds + told.evaluation_seconds,
        ..Timing::default()
    };
    let summary = Summary::new(name, &matrix, told.watering, ledger, timing).map_err(plain)?;
    let config_toml = config.to_toml().map_err(plain)?;
    let mut records = String::new();
    for episode in told.episodes {
        records += &serde_json::to_string(&Record::Episode(episode)).map_err(plain)?;
        records.push('\n');
    }
    let existing = if told.replace { Existing::Replace } else { Existing::Refuse };
    unlocked(py, move || -> PyResult<PathBuf> {
        let folder = RunFolder::create(&told.results_dir, &told.run_id, existing, &config_toml).map_err(plain)?;
        let path = folder.path().to_owned();
        write_atomically(&path.join(Recorder::METRICS_FILE_NAME), |file| {
            file.write_all(records.as_bytes())
        })
        .map_err(plain)?;
        folder.write_summary(&summary).map_err(plain)?;
        Run::read(&path).map_err(plain)?;
        Ok(path)
    })?
}
