//! Record of a comparison: `comparison.json`.

use std::fs::{File, OpenOptions};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::plan::{ComparisonPlan, Omission, distinct};
use super::run_end::RunEnd;
use crate::training::RunFolderError;
use crate::training::run_folder::write_atomically;

/// Name of the file in the results folder of a comparison.
pub const RECORD_FILE_NAME: &str = "comparison.json";
/// Name of the file that is locked while the record is read and written, because two processes may do so at the same time.
const LOCK_FILE_NAME: &str = "comparison.lock";

/// Commands and state of all runs of a results folder. It covers every command ever given for the folder, not only the last one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ComparisonRecord {
    /// Version of the program.
    pub version: String,
    /// Commands given for this folder, the last one last. A repeated command is listed once.
    pub commands: Vec<CommandRecord>,
    /// Names of the scenarios.
    pub scenarios: Vec<String>,
    /// Names of the methods.
    pub methods: Vec<String>,
    /// The algorithms.
    pub algorithms: Vec<String>,
    /// The seeds.
    pub seeds: Vec<u64>,
    /// Runs that the presets ask for but that cannot be made, with the reason.
    pub omitted: Vec<Omission>,
    /// All runs. Those of the last command come first, in the order in which they begin.
    pub runs: Vec<RunRecord>,
}

/// A command given for the folder.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CommandRecord {
    /// Arguments, in order. Absolute paths are shortened to their last component.
    pub arguments: Vec<String>,
    /// Name of the preset, if one was given.
    pub preset: Option<String>,
    /// Name of the file whose tuned strengths were applied.
    pub tuned: Option<String>,
}

/// State of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Folder of the run, relative to the record.
    pub folder: String,
    /// Name of its scenario.
    pub scenario: String,
    /// Name of its method.
    pub method: String,
    /// Name of its algorithm.
    pub algorithm: String,
    /// Seed. Compared methods have the same seeds, so that runs are paired.
    pub seed: u64,
    /// `true` for a trial of a tuning, which is never reported.
    #[serde(default)]
    pub tuning: bool,
    /// Decisions per season.
    pub decisions_per_season: u64,
    /// Number of years.
    pub years: usize,
    /// Number of gardens simulated side by side.
    pub gardens: usize,
    /// Overrides that apply only to runs of this method.
    pub set: Vec<String>,
    /// State of the run.
    pub state: RunState,
    /// Duration in seconds over all sessions of the run, once it is finished.
    pub seconds: Option<f64>,
    /// Reason for the failure.
    pub error: Option<String>,
}

/// State of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// The run is finished.
    Finished,
    /// The run failed.
    Failed,
    /// The run is not finished yet.
    Pending,
}

impl ComparisonRecord {
    /// Creates the record of a plan, with all runs pending.
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

    /// Merges an earlier record of this folder: its commands, and those of its runs that still exist. An unreadable record is
    /// ignored.
    #[must_use]
    pub fn after_earlier(mut self, folder: &Path) -> Self {
        self.take_in(folder);
        self
    }

    /// Adds what the file contains and this record lacks: commands, omissions, runs, and the outcomes of runs that another process
    /// executed.
    fn take_in(&mut self, folder: &Path) {
        let text = std::fs::read_to_string(folder.join(RECORD_FILE_NAME)).unwrap_or_default();
        let Ok(earlier) = serde_json::from_str::<Self>(&text) else {
            return;
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
            let path = folder.join(&run.folder);
            match self.runs.iter_mut().find(|other| other.folder == run.folder) {
                None if path.join("config.toml").exists() => self.runs.push(run),
                // A run that failed here may have been finished elsewhere since. A run that is being replaced has no summary.
                Some(own) if run.state == RunState::Finished && path.join("summary.json").exists() => {
                    (own.state, own.seconds, own.error) = match own.state {
                        RunState::Finished => continue,
                        RunState::Pending | RunState::Failed => (run.state, run.seconds, None),
                    };
                }
                _ => {}
            }
        }
        self.sum_up();
    }

    /// Updates the lists of scenarios, methods, algorithms and seeds from the runs.
    fn sum_up(&mut self) {
        self.scenarios = distinct(self.runs.iter().map(|run| run.scenario.clone()));
        self.methods = distinct(self.runs.iter().map(|run| run.method.clone()));
        self.algorithms = distinct(self.runs.iter().map(|run| run.algorithm.clone()));
        self.seeds = distinct(self.runs.iter().map(|run| run.seed));
        self.seeds.sort_unstable();
    }

    /// Records the outcome of a run.
    pub fn note(&mut self, number: usize, end: &RunEnd) {
        let Some(run) = self.runs.get_mut(number) else { return };
        (run.state, run.seconds, run.error) = match end {
            RunEnd::Finished(summary) | RunEnd::Kept(summary) => (RunState::Finished, Some(summary.timing.total_s), None),
            RunEnd::Failed(error) => (RunState::Failed, None, Some(error.clone())),
            RunEnd::Stopped | RunEnd::NotBegun => (RunState::Pending, None, None),
        };
    }

    /// Writes the record, completely or not at all, with what other processes have written since.
    ///
    /// # Errors
    /// Returns an error if the record cannot be written. An older record is then unchanged.
    pub fn write(&mut self, folder: &Path) -> Result<(), RunFolderError> {
        // Held until the end of this function. On a file system without locks, the last writer still adds what it finds.
        let lock = OpenOptions::new()
            .create(true)
            .append(true)
            .open(folder.join(LOCK_FILE_NAME))
            .ok();
        let _held = lock.as_ref().map(File::lock);
        self.take_in(folder);
        write_atomically(&folder.join(RECORD_FILE_NAME), |file| {
            serde_json::to_writer_pretty(&mut *file, self)?;
            file.write_all(b"\n")
        })
    }
}
