//! What is written down of a comparison: `comparison.json`.

use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::execute::RunEnd;
use super::plan::{Omission, Plan};
use crate::training::RunFolderError;
use crate::training::run_folder::write_atomically;

/// How the file is called in a comparison's results folder.
pub const RECORD_FILE_NAME: &str = "comparison.json";

/// What was asked for, and how each run stands. It speaks of the last command that was given for this folder; runs of earlier ones
/// keep their folders.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Version of the program.
    pub version: String,
    /// The arguments of the command, in order; of an absolute path only its last part.
    pub arguments: Vec<String>,
    /// The preset, if one was asked for.
    pub preset: Option<String>,
    /// Names of the scenarios.
    pub scenarios: Vec<String>,
    /// Names of the methods.
    pub methods: Vec<String>,
    /// The algorithm.
    pub algorithm: String,
    /// The seeds: the same for each method, so that runs are paired.
    pub seeds: Vec<u64>,
    /// How many decisions a season has.
    pub decisions_per_season: u64,
    /// How many years are learned.
    pub years: u64,
    /// How many gardens live side by side.
    pub gardens: u64,
    /// The file whose tuned strengths were applied, by its name.
    pub tuned: Option<String>,
    /// What the preset asks for and cannot be run, with the reason.
    pub omitted: Vec<Omission>,
    /// Every run.
    pub runs: Vec<RunRecord>,
}

/// How a run stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Its folder, seen from the file.
    pub folder: String,
    /// Name of its scenario.
    pub scenario: String,
    /// Its method.
    pub method: String,
    /// Its seed.
    pub seed: u64,
    /// Overrides that only runs of this method have.
    pub set: Vec<String>,
    /// How it stands.
    pub state: RunState,
    /// Seconds of all its sittings, once it is finished.
    pub seconds: Option<f64>,
    /// Why it failed.
    pub error: Option<String>,
}

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// It came to its end.
    Finished,
    /// It could not be run.
    Failed,
    /// It has not come to its end yet.
    Pending,
}

impl Record {
    /// Fills in what a plan says: its runs, all of them pending.
    #[must_use]
    pub fn of_plan(self, plan: &Plan) -> Self {
        let runs = plan.runs.iter().map(|run| RunRecord {
            folder: run.name(),
            scenario: run.config.scenario.name.clone(),
            method: run.config.method.clone(),
            seed: run.config.seed,
            set: run.set.clone(),
            state: RunState::Pending,
            seconds: None,
            error: None,
        });
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            scenarios: plan.scenarios(),
            methods: plan.methods(),
            omitted: plan.omitted.clone(),
            runs: runs.collect(),
            ..self
        }
    }

    /// Notes how a run ended.
    pub fn note(&mut self, number: usize, end: &RunEnd) {
        let Some(run) = self.runs.get_mut(number) else { return };
        (run.state, run.seconds, run.error) = match end {
            RunEnd::Finished(summary) | RunEnd::Kept(summary) => (RunState::Finished, Some(summary.timing.total_s), None),
            RunEnd::Failed(error) => (RunState::Failed, None, Some(error.clone())),
            RunEnd::Stopped | RunEnd::NotBegun => (RunState::Pending, None, None),
        };
    }

    /// Writes it, whole or not at all.
    ///
    /// # Errors
    /// When it cannot be written; an older one then stays as it was.
    pub fn write(&self, folder: &Path) -> Result<(), RunFolderError> {
        write_atomically(&folder.join(RECORD_FILE_NAME), |file| {
            serde_json::to_writer_pretty(&mut *file, self)?;
            file.write_all(b"\n")
        })
    }
}
