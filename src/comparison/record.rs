//! What is written down of a comparison: `comparison.json`.

use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::execute::RunEnd;
use super::plan::{ComparisonPlan, Omission, distinct};
use crate::training::RunFolderError;
use crate::training::run_folder::write_atomically;

/// How the file is called in a comparison's results folder.
pub const RECORD_FILE_NAME: &str = "comparison.json";

/// What was asked for, and how each run stands: everything that this folder was ever asked for, not the last command alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Version of the program.
    pub version: String,
    /// The commands that were given for this folder, the last one last; one that was given again stands once.
    pub commands: Vec<CommandRecord>,
    /// Names of the scenarios.
    pub scenarios: Vec<String>,
    /// Names of the methods.
    pub methods: Vec<String>,
    /// The algorithms.
    pub algorithms: Vec<String>,
    /// The seeds.
    pub seeds: Vec<u64>,
    /// What the presets ask for and cannot be run, with the reason.
    pub omitted: Vec<Omission>,
    /// Every run: first those of the last command, in the order in which they begin.
    pub runs: Vec<RunRecord>,
}

/// A command that was given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CommandRecord {
    /// Its arguments, in order; of an absolute path only its last part.
    pub arguments: Vec<String>,
    /// The preset, if one was asked for.
    pub preset: Option<String>,
    /// The file whose tuned strengths were applied, by its name.
    pub tuned: Option<String>,
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
    /// Its algorithm.
    pub algorithm: String,
    /// Its seed: methods that are compared have the same ones, so that runs are paired.
    pub seed: u64,
    /// `true` for a trial of a tuning, which is never reported.
    #[serde(default)]
    pub tuning: bool,
    /// How many decisions a season has.
    pub decisions_per_season: u64,
    /// How many years are learned.
    pub years: usize,
    /// How many gardens live side by side.
    pub gardens: usize,
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
    /// The record of a plan, all of whose runs are pending.
    pub fn of_plan(command: CommandRecord, plan: &ComparisonPlan) -> Self {
        let runs = plan.runs.iter().map(|run| RunRecord {
            folder: run.name(),
            scenario: run.config.scenario.name.clone(),
            method: run.config.method.clone(),
            algorithm: run.config.algorithm.clone(),
            seed: run.config.seed,
            tuning: run.config.tuning,
            decisions_per_season: run.config.decisions_per_season,
            years: run.config.years,
            gardens: run.config.gardens,
            set: run.set.clone(),
            state: RunState::Pending,
            seconds: None,
            error: None,
        });
        let mut record = Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            commands: vec![command],
            omitted: plan.omitted.clone(),
            runs: runs.collect(),
            ..Self::default()
        };
        record.sum_up();
        record
    }

    /// Takes in what an earlier record of this folder says: its commands, and those of its runs that are still there. One that cannot
    /// be read says nothing.
    #[must_use]
    pub fn after_earlier(mut self, folder: &Path) -> Self {
        let text = std::fs::read_to_string(folder.join(RECORD_FILE_NAME)).unwrap_or_default();
        let Ok(earlier) = serde_json::from_str::<Self>(&text) else {
            return self;
        };
        let mut commands: Vec<CommandRecord> = earlier.commands;
        commands.retain(|command| !self.commands.contains(command));
        commands.append(&mut self.commands);
        self.commands = commands;
        for omission in earlier.omitted {
            if !self.omitted.contains(&omission) {
                self.omitted.push(omission);
            }
        }
        for run in earlier.runs {
            let is_there = folder.join(&run.folder).join("config.toml").exists();
            if is_there && self.runs.iter().all(|other| other.folder != run.folder) {
                self.runs.push(run);
            }
        }
        self.sum_up();
        self
    }

    /// Names what its runs have.
    fn sum_up(&mut self) {
        self.scenarios = distinct(self.runs.iter().map(|run| run.scenario.clone()));
        self.methods = distinct(self.runs.iter().map(|run| run.method.clone()));
        self.algorithms = distinct(self.runs.iter().map(|run| run.algorithm.clone()));
        self.seeds = distinct(self.runs.iter().map(|run| run.seed));
        self.seeds.sort_unstable();
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
