//! Result of tuning: `tuning.toml`.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{FIRST_TUNING_SEED, grid_of};
use crate::comparison::error::ComparisonError;
use crate::comparison::plan::{ComparisonPlan, Omission};
use crate::comparison::run_end::RunEnd;
use crate::learner::find_method;
use crate::training::run_folder::write_atomically;

/// Name of the file in the results folder of a comparison.
pub const TUNED_FILE_NAME: &str = "tuning.toml";

/// Result of tuning, and how it was found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tuned {
    /// Version of the program.
    pub version: String,
    /// The algorithm of all trials.
    pub algorithm: String,
    /// Names of the scenarios.
    pub scenarios: Vec<String>,
    /// Seeds of all trials. None of them is ever used for results.
    pub seeds: Vec<u64>,
    /// Decisions per season in a trial: a quarter of those of a result.
    pub decisions_per_season: u64,
    /// Number of trials per method.
    pub trials_per_method: usize,
    /// The methods, each with its chosen value.
    pub methods: Vec<TunedMethod>,
    /// Runs that the preset asks for but that cannot be made.
    pub omitted: Vec<Omission>,
}

/// The value chosen for a method.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TunedMethod {
    /// Name of the method.
    pub name: String,
    /// Chosen overrides (`path=value`); empty if no trial could be completed, so that none was better.
    pub set: Vec<String>,
    /// All trials of the method.
    pub trials: Vec<Trial>,
}

/// Result of one value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// Overrides that were tried.
    pub set: Vec<String>,
    /// Mean average performance over scenarios and seeds; `None` if one of the runs has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average_performance: Option<f64>,
}

/// Amount by which a value must be better than the first one to be chosen. Runs that differ only in the seed differ by more.
pub const MARGIN: f64 = 0.1;

/// Chooses a value for each method: the one with the highest mean, if it beats the first value by more than [`MARGIN`]. Among
/// equals the first is chosen.
pub fn choose(plan: &ComparisonPlan, ends: &[RunEnd]) -> Tuned {
    let (mut methods, mut seeds): (Vec<TunedMethod>, Vec<u64>) = (Vec::new(), Vec::new());
    for run in &plan.runs {
        if !seeds.contains(&run.config.seed) {
            seeds.push(run.config.seed);
        }
    }
    for name in plan.methods() {
        let own = || plan.runs.iter().zip(ends).filter(|(run, _)| run.config.method == name);
        let mut trials: Vec<Trial> = Vec::new();
        for (run, _) in own() {
            if trials.iter().any(|trial| trial.set == run.set) {
                continue;
            }
            let scores = own()
                .filter(|(other, _)| other.set == run.set)
                .map(|(_, end)| end.summary().and_then(|summary| summary.average_performance));
            let scores: Option<Vec<f64>> = scores.collect();
            trials.push(Trial {
                set: run.set.clone(),
                average_performance: scores.map(|scores| scores.iter().sum::<f64>() / scores.len().max(1) as f64),
            });
        }
        let mut best: Option<(&Trial, f64)> = None;
        for trial in &trials {
            if let Some(score) = trial.average_performance
                && best.is_none_or(|(_, highest)| score > highest)
            {
                best = Some((trial, score));
            }
        }
        let first = grid_of(&name).map(|tuning| vec![tuning.set(tuning.first)]);
        let first = trials.iter().find(|trial| Some(&trial.set) == first.as_ref());
        let first = first.and_then(|trial| Some((trial, trial.average_performance?)));
        let chosen = match (first, best) {
            (Some(first), Some(best)) if best.1 - first.1 <= MARGIN => Some(first),
            _ => best,
        };
        let set = chosen.map(|(trial, _)| trial.set.clone()).unwrap_or_default();
        methods.push(TunedMethod { name, set, trials });
    }
    let first = plan.runs.first().map(|run| &run.config);
    Tuned {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        algorithm: first.map(|config| config.algorithm.clone()).unwrap_or_default(),
        scenarios: plan.scenarios(),
        decisions_per_season: first.map_or(0, |config| config.decisions_per_season),
        trials_per_method: super::TRIALS,
        omitted: plan.omitted.clone(),
        seeds,
        methods,
    }
}

impl Tuned {
    /// Reads the file.
    ///
    /// # Errors
    /// Returns an error if the file does not exist or has other contents.
    pub fn read(path: &Path) -> Result<Self, ComparisonError> {
        let failed = |reason: String| ComparisonError::TunedFile {
            path: path.to_owned(),
            reason,
        };
        let text = crate::files::read_text(path).map_err(|error| failed(error.reason()))?;
        let tuned: Self = toml::from_str(&text).map_err(|error| failed(error.message().to_owned()))?;
        if tuned.seeds.iter().any(|&seed| seed < FIRST_TUNING_SEED) {
            return Err(failed(format!(
                "it was tuned with seeds below {FIRST_TUNING_SEED}, which are those of results"
            )));
        }
        Ok(tuned)
    }

    /// Writes the file atomically.
    ///
    /// # Errors
    /// Returns an error if it cannot be written; an older file is then left unchanged.
    pub fn write(&self, path: &Path) -> Result<(), ComparisonError> {
        let text = toml::to_string_pretty(self)?;
        Ok(write_atomically(path, |file| {
            writeln!(
                file,
                "# Strengths found by `compare --tune` with seeds that results never have; `compare --tuned FILE` applies them."
            )?;
            file.write_all(text.as_bytes())
        })?)
    }

    /// Returns the overrides for a method, or for each part of a composition.
    ///
    /// # Errors
    /// Returns an error if one of the methods was not tuned, or was tuned with another algorithm.
    pub fn settings_of(&self, composition: &str, algorithm: &str) -> Result<Vec<String>, ComparisonError> {
        if self.algorithm != algorithm {
            return Err(ComparisonError::TunedForOther {
                tuned: self.algorithm.clone(),
                asked: algorithm.to_owned(),
            });
        }
        let mut set = Vec::new();
        for method in composition.split('+').map(str::trim) {
            if find_method(method).is_some_and(|spec| spec.tuning.is_none()) {
                continue;
            }
            let found = self
                .methods
                .iter()
                .find(|tuned| tuned.name == method && !tuned.set.is_empty());
            let found = found.ok_or_else(|| ComparisonError::NotTuned {
                method: method.to_owned(),
                tuned: self
                    .methods
                    .iter()
                    .map(|tuned| tuned.name.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            })?;
            set.extend(found.set.iter().cloned());
        }
        Ok(set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::testing::{in_scenario, question, summary};
    use crate::comparison::tuning::{TRIALS, plan_of_trials};

    fn found(score: impl Fn(&str, u64) -> Option<f64>) -> Tuned {
        let plan = plan_of_trials::<ComparisonError>(&question(&["l2", "ewc"], 0..2), &mut |scenario, choice, seed| {
            Ok(in_scenario(scenario, &choice.name, seed))
        })
        .unwrap();
        let ends: Vec<RunEnd> = plan
            .runs
            .iter()
            .map(|run| match score(&run.set[0], run.config.seed) {
                Some(score) => RunEnd::Finished(Box::new(summary(&run.config.method, run.config.seed, Some(score)))),
                None => RunEnd::Failed("diverged".to_owned()),
            })
            .collect();
        choose(&plan, &ends)
    }

    #[test]
    fn the_highest_mean_is_chosen_and_a_value_that_failed_once_is_not() {
        let tuned = found(|set, seed| match set {
            "learner.l2.strength=0.03" => Some(0.6),
            // The better mean, except that one seed failed.
            "learner.l2.strength=3.0" => (seed == 10_000).then_some(0.9),
            "learner.ewc.strength=0.3" => Some(-0.1),
            _ => Some(-0.5),
        });
        assert_eq!(tuned.settings_of("l2", "dqn").unwrap(), ["learner.l2.strength=0.03"]);
        assert_eq!(
            tuned.settings_of("ewc+l2", "dqn").unwrap(),
            ["learner.ewc.strength=0.3", "learner.l2.strength=0.03"]
        );
        assert_eq!(
            (tuned.seeds.as_slice(), tuned.methods[0].trials.len()),
            (&[10_000, 10_001][..], TRIALS)
        );
    }

    #[test]
    fn what_was_not_tuned_is_told() {
        let tuned = found(|set, _| set.contains("ewc").then_some(0.0));
        assert!(matches!(
            tuned.settings_of("l2", "dqn"),
            Err(ComparisonError::NotTuned { .. })
        ));
        assert!(matches!(
            tuned.settings_of("mas", "dqn"),
            Err(ComparisonError::NotTuned { .. })
        ));
        assert!(matches!(
            tuned.settings_of("ewc", "sac"),
            Err(ComparisonError::TunedForOther { .. })
        ));
    }

    #[test]
    fn it_comes_back_from_its_file_and_only_with_tuning_seeds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(TUNED_FILE_NAME);
        assert!(matches!(Tuned::read(&path), Err(ComparisonError::TunedFile { .. })));
        let mut tuned = found(|set, _| set.contains("ewc").then_some(0.25));
        tuned.write(&path).unwrap();
        assert_eq!(Tuned::read(&path).unwrap(), tuned);
        tuned.seeds = vec![0];
        tuned.write(&path).unwrap();
        assert!(Tuned::read(&path).unwrap_err().to_string().contains("seeds below 10000"));
    }
}
