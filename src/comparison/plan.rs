//! Plans: the runs that a question asks for.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::error::ComparisonError;
use super::run_status::RunStatus;
use crate::learner::{PolicySnapshot, canonical_method};
use crate::training::memory::MemoryNeed;
use crate::training::run_folder::plain_name;
use crate::training::{ConfigError, FIRST_TUNING_SEED, RunConfig};

/// The subject of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Scenarios: names or paths of files.
    pub scenarios: Vec<String>,
    /// Methods, or compositions of methods, each with overrides for its own runs.
    pub methods: Vec<MethodChoice>,
    /// `true` if a preset named the methods. A method that cannot be run in a scenario is then left out there; if the user named
    /// it, it is an error.
    pub leaves_out: bool,
    /// Algorithm of all runs.
    pub algorithm: String,
    /// Seeds, the same for each method.
    pub seeds: Range<u64>,
}

/// A method with overrides for its own runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodChoice {
    /// Name of the method, or a composition.
    pub name: String,
    /// Overrides (`path=value`): tuned strengths, or those of a trial.
    pub set: Vec<String>,
    /// Label that distinguishes its folders from others of the same method, such as the trial of a tuning.
    pub label: Option<String>,
}

impl MethodChoice {
    /// Creates a choice without overrides.
    pub fn plain(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            set: Vec::new(),
            label: None,
        }
    }
}

/// Makes the configuration for a scenario, a method and a seed, as `train` would, without checking yet that it can be run.
///
/// It is a parameter because the command line reads the settings and reports the errors.
pub type Resolve<'a, E> = dyn FnMut(&str, &MethodChoice, u64) -> Result<RunConfig, E> + 'a;

/// A planned run.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedRun {
    /// Folder of the run, relative to the results folder.
    pub folder: PathBuf,
    /// Overrides that apply only to runs of this method.
    pub set: Vec<String>,
    /// Label of the trial, if strengths are tuned.
    pub label: Option<String>,
    /// Complete configuration of the run.
    pub config: RunConfig,
    /// Policy that the run begins with, whose hash the configuration names; none where it begins with random weights.
    pub initial_policy: Option<Arc<PolicySnapshot>>,
}

impl PlannedRun {
    /// Plans a run of its own, outside of the questions of `compare`: in the folder of its scenario, by its method, label and seed. With an initial
    /// policy, the configuration names its hash.
    pub fn new(label: &str, config: RunConfig, initial_policy: Option<Arc<PolicySnapshot>>) -> Self {
        let choice = MethodChoice {
            label: Some(label.to_owned()),
            ..MethodChoice::plain(&config.method)
        };
        let mut run = planned(&choice, &config, config.seed);
        run.config.initial_policy = initial_policy.as_ref().map(|policy| policy.hash());
        run.initial_policy = initial_policy;
        run
    }

    /// Returns the name of the run in messages.
    pub fn name(&self) -> String {
        self.folder.to_string_lossy().replace('\\', "/")
    }

    /// Returns the setting in which the run is compared. Runs of different settings are never put into one table.
    pub fn setting(&self) -> String {
        let config = &self.config;
        let years = if config.years > 1 {
            format!(", {} years", config.years)
        } else {
            String::new()
        };
        format!("{}, {}{years}", config.scenario.name, config.algorithm)
    }

    /// Returns the method, with the label that distinguishes it from others of the same method.
    pub fn contender(&self) -> String {
        match &self.label {
            Some(label) => format!("{} ({label})", self.config.method),
            None => self.config.method.clone(),
        }
    }
}

/// A run that a preset asks for but that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Omission {
    /// Name of the scenario.
    pub scenario: String,
    /// Name of the method.
    pub method: String,
    /// Reason, phrased to follow the method's name.
    pub reason: String,
}

/// All runs of a comparison, in the order in which they begin.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ComparisonPlan {
    /// The planned runs.
    pub runs: Vec<PlannedRun>,
    /// The runs left out.
    pub omitted: Vec<Omission>,
}

impl ComparisonPlan {
    /// Plans runs whose results count. Writes nothing.
    ///
    /// # Errors
    /// Returns an error if seeds are those of tuning, if a configuration cannot be run, or if something is named twice.
    pub fn of_results<E: From<ComparisonError>>(question: &Question, resolve: &mut Resolve<'_, E>) -> Result<Self, E> {
        if question.seeds.end > FIRST_TUNING_SEED {
            let seeds = question.seeds.end - question.seeds.start;
            return Err(ComparisonError::TuningSeeds { seeds }.into());
        }
        Self::of(question, resolve)
    }

    /// Checks that the machine has the memory for `jobs` runs at once, of those that are not finished in `results_dir`.
    ///
    /// # Errors
    /// Returns an error if the largest of them together need more.
    pub fn check_memory(&self, results_dir: &Path, jobs: usize) -> Result<(), ConfigError> {
        let is_finished = |run: &PlannedRun| {
            matches!(
                RunStatus::of(&results_dir.join(&run.folder), &run.config),
                RunStatus::Finished(_)
            )
        };
        let unfinished = self.runs.iter().filter(|run| !is_finished(run));
        let needs: Vec<MemoryNeed> = unfinished
            .map(|run| MemoryNeed::of_run(&run.config))
            .collect::<Result<_, _>>()?;
        Ok(MemoryNeed::side_by_side(needs, jobs).check()?)
    }

    /// Plans any runs. All methods of a scenario are planned for one seed after the other, so that a comparison that is stopped early has
    /// complete sets of paired runs.
    pub(super) fn of<E: From<ComparisonError>>(question: &Question, resolve: &mut Resolve<'_, E>) -> Result<Self, E> {
        for (what, is_empty) in [
            ("scenario", question.scenarios.is_empty()),
            ("method", question.methods.is_empty()),
            ("seed", question.seeds.is_empty()),
        ] {
            if is_empty {
                return Err(ComparisonError::Nothing { what }.into());
            }
        }
        let mut plan = Self::default();
        let (mut scenarios, mut methods) = (HashMap::new(), HashSet::new());
        for choice in &question.methods {
            if !methods.insert((plain_name(&canonical_method(&choice.name)), &choice.label)) {
                let (what, name) = ("method", choice.name.clone());
                return Err(ComparisonError::Twice { what, name }.into());
            }
        }
        for scenario in &question.scenarios {
            let mut configs = Vec::new();
            for choice in &question.methods {
                let config = resolve(scenario, choice, question.seeds.start)?;
                decided(&config, question, choice)?;
                match config.check() {
                    Ok(()) => configs.push((choice, config)),
                    Err(ConfigError::NoBoundaries { .. }) if question.leaves_out => {
                        let omission = Omission {
                            scenario: config.scenario.name.clone(),
                            method: choice.name.clone(),
                            reason: "must be told where a season ends, and no boundary is declared there".to_owned(),
                        };
                        // The trials of a method are left out together, so the omission is listed once.
                        if !plan.omitted.contains(&omission) {
                            plan.omitted.push(omission);
                        }
                    }
                    Err(error) => return Err(ComparisonError::from(error).into()),
                }
            }
            let names: HashSet<String> = configs.iter().map(|(_, config)| plain_name(&config.scenario.name)).collect();
            for name in names {
                let (what, second) = ("scenario", scenario.clone());
                match scenarios.insert(name.clone(), scenario) {
                    None => {}
                    Some(first) if *first == second => return Err(ComparisonError::Twice { what, name }.into()),
                    Some(first) => {
                        let first = first.clone();
                        return Err(ComparisonError::SameName { name, first, second }.into());
                    }
                }
            }
            for seed in question.seeds.clone() {
                plan.runs
                    .extend(configs.iter().map(|(choice, config)| planned(choice, config, seed)));
            }
        }
        if plan.runs.is_empty() {
            let what = "method that can be run in these scenarios";
            return Err(ComparisonError::Nothing { what }.into());
        }
        Ok(plan)
    }

    /// Joins several plans, in this order. A run that several of them contain is made once.
    ///
    /// # Errors
    /// Returns an error if different runs would have the same folder.
    pub fn join(plans: Vec<Self>) -> Result<Self, ComparisonError> {
        let mut joined = Self::default();
        for plan in plans {
            for run in plan.runs {
                match joined.runs.iter().find(|other| other.folder == run.folder) {
                    None => joined.runs.push(run),
                    Some(other) if other.config == run.config => {}
                    Some(_) => {
                        let (what, name) = ("run", run.name());
                        return Err(ComparisonError::Twice { what, name });
                    }
                }
            }
            for omission in plan.omitted {
                if !joined.omitted.contains(&omission) {
                    joined.omitted.push(omission);
                }
            }
        }
        Ok(joined)
    }

    /// Checks that no planned folder contains a run of another configuration.
    ///
    /// # Errors
    /// Returns [`ComparisonError::Different`] with the differences.
    pub fn refuse_different(&self, results_dir: &Path) -> Result<(), ComparisonError> {
        let folders: Vec<_> = self
            .runs
            .iter()
            .filter_map(|run| match RunStatus::of(&results_dir.join(&run.folder), &run.config) {
                RunStatus::Different(differences) => Some((run.folder.clone(), differences)),
                _ => None,
            })
            .collect();
        if folders.is_empty() {
            Ok(())
        } else {
            Err(ComparisonError::Different { folders })
        }
    }

    /// Returns the total number of decisions of all runs.
    pub fn decisions(&self) -> u64 {
        self.runs
            .iter()
            .fold(0, |sum: u64, run| sum.saturating_add(run.config.decisions()))
    }

    /// Returns the names of the scenarios, in order.
    pub fn scenarios(&self) -> Vec<String> {
        distinct(self.runs.iter().map(|run| run.config.scenario.name.clone()))
    }

    /// Returns the names of the methods, in order.
    pub fn methods(&self) -> Vec<String> {
        distinct(self.runs.iter().map(|run| run.config.method.clone()))
    }
}

/// Refuses overrides of settings that the comparison decides for each run.
fn decided(config: &RunConfig, question: &Question, choice: &MethodChoice) -> Result<(), ComparisonError> {
    let setting = if config.method != canonical_method(&choice.name) {
        "method"
    } else if config.algorithm != question.algorithm {
        "algorithm"
    } else if config.seed != question.seeds.start {
        "seed"
    } else {
        return Ok(());
    };
    Err(ComparisonError::Decided { setting })
}

fn planned(choice: &MethodChoice, config: &RunConfig, seed: u64) -> PlannedRun {
    let label = choice.label.as_ref().map(|label| format!("-{label}")).unwrap_or_default();
    let name = format!(
        "{}-{}{label}-seed{seed}",
        plain_name(&config.method),
        plain_name(&config.algorithm)
    );
    let years = if config.years > 1 {
        format!("-{}-years", config.years)
    } else {
        String::new()
    };
    PlannedRun {
        folder: Path::new(&format!("{}{years}", plain_name(&config.scenario.name))).join(name),
        set: choice.set.clone(),
        label: choice.label.clone(),
        config: RunConfig { seed, ..config.clone() },
        initial_policy: None,
    }
}

/// Removes duplicates, keeping the first of each.
pub(super) fn distinct<T: PartialEq>(names: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = Vec::new();
    for name in names {
        if !seen.contains(&name) {
            seen.push(name);
        }
    }
    seen
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
