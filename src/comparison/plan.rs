//! Which runs a question asks for.

use std::collections::HashSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::ComparisonError;
use super::run_status::RunStatus;
use super::tuning::FIRST_TUNING_SEED;
use crate::learner::canonical_method;
use crate::training::run_folder::plain_name;
use crate::training::{ConfigError, RunConfig};

/// What is to be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Scenarios, as they are asked for: names or files.
    pub scenarios: Vec<String>,
    /// Methods, or compositions of them, each with the overrides that only its runs have.
    pub methods: Vec<MethodChoice>,
    /// Whether a preset named the methods. Then one that cannot be run in a scenario is left out there; named by a person, it is an
    /// error.
    pub leaves_out: bool,
    /// The algorithm of all of them.
    pub algorithm: String,
    /// The seeds, the same for each method.
    pub seeds: Range<u64>,
}

/// A method with what is set for its runs alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodChoice {
    /// Its name, or a composition.
    pub name: String,
    /// Overrides, `path=value`: tuned strengths, or those of a trial.
    pub set: Vec<String>,
    /// What tells its folders apart from others of the same method: the trial of a tuning.
    pub label: Option<String>,
}

impl MethodChoice {
    /// A method as it is.
    pub fn plain(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            set: Vec::new(),
            label: None,
        }
    }
}

/// Makes a configuration of a scenario, a method and a seed, as `train` would, without checking yet whether it can be run.
///
/// Handed in, because settings of the command line are read there, and errors shown.
pub type Resolve<'a, E> = dyn FnMut(&str, &MethodChoice, u64) -> Result<RunConfig, E> + 'a;

/// A run that is to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedRun {
    /// Its folder, seen from the results' folder.
    pub folder: PathBuf,
    /// What is set for runs of this method alone.
    pub set: Vec<String>,
    /// Which trial it is, where strengths are tuned.
    pub label: Option<String>,
    /// Everything that it is determined by.
    pub config: RunConfig,
}

impl PlannedRun {
    /// What it is called in messages.
    pub fn name(&self) -> String {
        self.folder.to_string_lossy().replace('\\', "/")
    }

    /// What it may be compared in: runs of different settings are never put in one table.
    pub fn setting(&self) -> String {
        let config = &self.config;
        let years = if config.years > 1 {
            format!(", {} years", config.years)
        } else {
            String::new()
        };
        format!("{}, {}{years}", config.scenario.name, config.algorithm)
    }

    /// Its method, with what tells it apart from others of the same method.
    pub fn contender(&self) -> String {
        match &self.label {
            Some(label) => format!("{} ({label})", self.config.method),
            None => self.config.method.clone(),
        }
    }
}

/// A run that a preset asks for and that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Omission {
    /// The scenario.
    pub scenario: String,
    /// The method.
    pub method: String,
    /// Why it cannot be: what is to be said after the method's name.
    pub reason: String,
}

/// All runs of a comparison, in the order in which they begin.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ComparisonPlan {
    /// The runs.
    pub runs: Vec<PlannedRun>,
    /// What is left out.
    pub omitted: Vec<Omission>,
}

impl ComparisonPlan {
    /// The plan of runs whose results count. Writes nothing.
    ///
    /// # Errors
    /// Seeds that trials of a tuning have, a configuration that cannot be run, something that is named twice.
    pub fn of_results<E: From<ComparisonError>>(question: &Question, resolve: &mut Resolve<'_, E>) -> Result<Self, E> {
        if question.seeds.end > FIRST_TUNING_SEED {
            let seeds = question.seeds.end - question.seeds.start;
            return Err(ComparisonError::TuningSeeds { seeds }.into());
        }
        Self::of(question, resolve)
    }

    /// The plan of any runs. All seeds of all methods of a scenario follow each other, a seed at a time: what is stopped early has
    /// whole sets of paired runs.
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
        let (mut scenarios, mut methods) = (HashSet::new(), HashSet::new());
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
                            reason: "must be told where a season ends, and seasons turn into each other there".to_owned(),
                        };
                        // The trials of one method are left out together, and that is said once.
                        if !plan.omitted.contains(&omission) {
                            plan.omitted.push(omission);
                        }
                    }
                    Err(error) => return Err(ComparisonError::from(error).into()),
                }
            }
            let names: HashSet<String> = configs.iter().map(|(_, config)| plain_name(&config.scenario.name)).collect();
            for name in names {
                if !scenarios.insert(name.clone()) {
                    let what = "scenario";
                    return Err(ComparisonError::Twice { what, name }.into());
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

    /// Several plans as one, in this order. A run that several of them ask for is made once.
    ///
    /// # Errors
    /// When different runs would lie in one folder.
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

    /// Refuses to mix runs of another configuration in: none of them may lie where a planned run is to be.
    ///
    /// # Errors
    /// [`ComparisonError::Different`], with what differs.
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

    /// Decisions of all its runs.
    pub fn decisions(&self) -> u64 {
        self.runs
            .iter()
            .fold(0, |sum: u64, run| sum.saturating_add(run.config.decisions()))
    }

    /// The names of its scenarios, in order.
    pub fn scenarios(&self) -> Vec<String> {
        distinct(self.runs.iter().map(|run| run.config.scenario.name.clone()))
    }

    /// The names of its methods, in order.
    pub fn methods(&self) -> Vec<String> {
        distinct(self.runs.iter().map(|run| run.config.method.clone()))
    }
}

/// What the comparison decides for each run may not be set for all of them.
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
    }
}

/// Each once, where it stands first.
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
