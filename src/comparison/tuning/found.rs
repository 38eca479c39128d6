//! Result of tuning: `tuning.toml`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{FINALISTS, FIRST_TUNING_SEED, TrialSet, grid_of};
use crate::comparison::error::ComparisonError;
use crate::comparison::plan::{ComparisonPlan, Omission};
use crate::comparison::run_end::RunEnd;
use crate::learner::find_method;
use crate::learner::methods::all_methods;
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
    /// Seeds of the finalists; the others have the first ones. None of them is ever used for results.
    pub seeds: Vec<u64>,
    /// Decisions per season in a trial, as many as in a result.
    pub decisions_per_season: u64,
    /// Number of trials per method.
    pub trials_per_method: usize,
    /// The methods, each with its chosen values.
    pub methods: Vec<TunedMethod>,
    /// Runs that the preset asks for but that cannot be made.
    pub omitted: Vec<Omission>,
}

/// The values chosen for a method.
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

/// Result of one combination of values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// Overrides that were tried.
    pub set: Vec<String>,
    /// Average performance of each seed, as mean over the scenarios; empty if one of the runs has none. Only finalists have all seeds.
    pub scores: Vec<f64>,
    /// Mean of the scores.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average_performance: Option<f64>,
}

/// Amount by which a value must be better than the first one to be chosen. Means of five runs that differ only in the seed differ by about as
/// much.
pub const MARGIN: f64 = 0.05;

/// Returns the result of each trial of a method, in the order of the plan.
fn trials_of(plan: &ComparisonPlan, ends: &[RunEnd], method: &str) -> Vec<Trial> {
    let own = || plan.runs.iter().zip(ends).filter(|(run, _)| run.config.method == method);
    let mut trials: Vec<Trial> = Vec::new();
    for (run, _) in own() {
        if trials.iter().any(|trial| trial.set == run.set) {
            continue;
        }
        let mut by_seed: BTreeMap<u64, Vec<Option<f64>>> = BTreeMap::new();
        for (other, end) in own().filter(|(other, _)| other.set == run.set) {
            let score = end.summary().and_then(|summary| summary.average_performance);
            by_seed.entry(other.config.seed).or_default().push(score);
        }
        let mean = |scores: &[f64]| scores.iter().sum::<f64>() / scores.len().max(1) as f64;
        let scores: Option<Vec<f64>> = by_seed
            .into_values()
            .map(|scores| Some(mean(&scores.into_iter().collect::<Option<Vec<f64>>>()?)))
            .collect();
        trials.push(Trial {
            set: run.set.clone(),
            average_performance: scores.as_deref().map(mean),
            scores: scores.unwrap_or_default(),
        });
    }
    trials
}

/// Returns the trials of each method that go on after the first round, at most [`FINALISTS`] of each: the first values, since what is chosen is
/// compared with them, and the best of the others. Among equals the earlier ones are taken.
pub fn finalists(plan: &ComparisonPlan, ends: &[RunEnd]) -> Vec<TrialSet> {
    let mut sets = Vec::new();
    for method in plan.methods() {
        let mut ranked: Vec<(f64, TrialSet)> = trials_of(plan, ends, &method)
            .into_iter()
            .filter_map(|trial| Some((trial.average_performance?, trial.set)))
            .collect();
        let first = grid_of(&method).map(|tuning| tuning.first());
        let is_first = |set: &TrialSet| Some(set) == first.as_ref();
        ranked.sort_by(|a, b| is_first(&b.1).cmp(&is_first(&a.1)).then(b.0.total_cmp(&a.0)));
        sets.extend(ranked.into_iter().take(FINALISTS).map(|(_, set)| set));
    }
    sets
}

/// Chooses values for each method: of the trials with the most seeds the one with the highest mean, if it beats the first values by more than
/// [`MARGIN`]; the first values otherwise, if they could be completed. Among equals the earlier one is chosen.
pub fn choose(plan: &ComparisonPlan, ends: &[RunEnd]) -> Tuned {
    let (mut methods, mut seeds): (Vec<TunedMethod>, Vec<u64>) = (Vec::new(), Vec::new());
    for run in &plan.runs {
        if !seeds.contains(&run.config.seed) {
            seeds.push(run.config.seed);
        }
    }
    seeds.sort_unstable();
    for name in plan.methods() {
        let trials = trials_of(plan, ends, &name);
        let most = trials.iter().map(|trial| trial.scores.len()).max().unwrap_or(0);
        let finalists = || {
            let complete = trials.iter().filter(move |trial| trial.scores.len() == most);
            complete.filter_map(|trial| Some((trial, trial.average_performance?)))
        };
        let mut best: Option<(&Trial, f64)> = None;
        for (trial, score) in finalists() {
            if best.is_none_or(|(_, highest)| score > highest) {
                best = Some((trial, score));
            }
        }
        let first = grid_of(&name).map(|tuning| tuning.first());
        let first = finalists().find(|(trial, _)| Some(&trial.set) == first.as_ref());
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

    /// Takes over what an `earlier` search found for methods that this one did not search, if it was made in the same way. Methods are
    /// in the order of the registry then.
    pub fn keep_others(&mut self, earlier: Self) {
        let way = |tuned: &Self| {
            (
                tuned.version.clone(),
                tuned.algorithm.clone(),
                tuned.scenarios.clone(),
                tuned.seeds.clone(),
                (tuned.decisions_per_season, tuned.trials_per_method),
            )
        };
        if way(self) != way(&earlier) {
            return;
        }
        let is_new = |method: &TunedMethod| self.methods.iter().all(|own| own.name != method.name);
        let others: Vec<TunedMethod> = earlier.methods.into_iter().filter(is_new).collect();
        self.methods.extend(others);
        let order = all_methods();
        let place = |method: &TunedMethod| order.iter().position(|spec| spec.name == method.name);
        // Compositions come last.
        self.methods
            .sort_by_cached_key(|method| (place(method).unwrap_or(usize::MAX), method.name.clone()));
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

    /// Returns the overrides for a method, or for each part of a composition and then those that were found for it as a whole.
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
        let found = |name: &str| self.methods.iter().find(|tuned| tuned.name == name && !tuned.set.is_empty());
        let mut set = Vec::new();
        for method in composition.split('+').map(str::trim) {
            if find_method(method).is_some_and(|spec| spec.tuning.is_none()) {
                continue;
            }
            let found = found(method).ok_or_else(|| ComparisonError::NotTuned {
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
        if composition.contains('+')
            && let Some(whole) = found(composition)
        {
            set.extend(whole.set.iter().cloned());
        }
        Ok(set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::testing::{in_scenario, question, summary};
    use crate::comparison::tuning::{TRIALS, plan_of_finals, plan_of_trials};

    /// Result of a search of `l2` and `ewc` in which these are the scores, by the strength and the seed.
    fn found(score: impl Fn(&str, u64) -> Option<f64>) -> Tuned {
        let asked = question(&["l2", "ewc"], 0..3);
        let resolve =
            &mut |scenario: &str, choice: &crate::comparison::MethodChoice, seed| Ok(in_scenario(scenario, &choice.name, seed));
        let ends = |plan: &ComparisonPlan| -> Vec<RunEnd> {
            let runs = plan.runs.iter();
            runs.map(|run| match score(&run.set.join(" "), run.config.seed) {
                Some(score) => RunEnd::Finished(Box::new(summary(&run.config.method, run.config.seed, Some(score)))),
                None => RunEnd::Failed("diverged".to_owned()),
            })
            .collect()
        };
        let first = plan_of_trials::<ComparisonError>(&asked, resolve).unwrap();
        let best = finalists(&first, &ends(&first));
        let both = plan_of_finals::<ComparisonError>(&asked, &best, resolve).unwrap();
        choose(&both, &ends(&both))
    }

    #[test]
    fn the_highest_mean_of_the_finalists_is_chosen_and_a_value_that_failed_is_not() {
        let tuned = found(|set, seed| match set {
            "learner.l2.strength=0.03 learner.l2.reset_optimiser=false" => Some(0.6),
            // Better in the first round, and worse with the seed that only finalists have.
            "learner.l2.strength=0.3 learner.l2.reset_optimiser=true" => Some(if seed == 10_002 { 0.1 } else { 0.7 }),
            // The best mean, except that one seed failed.
            "learner.l2.strength=0.3 learner.l2.reset_optimiser=false" => (seed == 10_000).then_some(0.9),
            "learner.ewc.strength=0.3 learner.ewc.reset_optimiser=false" => Some(-0.1),
            _ => Some(-0.5),
        });
        let l2 = ["learner.l2.strength=0.03", "learner.l2.reset_optimiser=false"];
        let ewc = ["learner.ewc.strength=0.3", "learner.ewc.reset_optimiser=false"];
        assert_eq!(tuned.settings_of("l2", "dqn").unwrap(), l2);
        assert_eq!(tuned.settings_of("ewc+l2", "dqn").unwrap(), [ewc, l2].concat());
        assert_eq!(
            (tuned.seeds.as_slice(), tuned.methods[0].trials.len()),
            (&[10_000, 10_001, 10_002][..], TRIALS)
        );
        let seeds_of = |count: usize| {
            tuned.methods[0]
                .trials
                .iter()
                .filter(|trial| trial.scores.len() == count)
                .count()
        };
        assert_eq!([0, 2, 3].map(seeds_of), [1, 6, 3]);
    }

    #[test]
    fn the_first_values_stay_unless_another_is_clearly_better() {
        let with_lead = |lead: f64| {
            let tuned = found(|set, _| {
                Some(match set {
                    "learner.ewc.strength=0.3 learner.ewc.reset_optimiser=false" => 0.5,
                    "learner.ewc.strength=0.03 learner.ewc.reset_optimiser=true" => 0.5 + lead,
                    _ => 0.0,
                })
            });
            tuned.settings_of("ewc", "dqn").unwrap().join(" ")
        };
        assert_eq!(
            with_lead(MARGIN / 2.0),
            "learner.ewc.strength=0.3 learner.ewc.reset_optimiser=false"
        );
        assert_eq!(
            with_lead(MARGIN * 2.0),
            "learner.ewc.strength=0.03 learner.ewc.reset_optimiser=true"
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
    fn methods_can_be_searched_in_several_steps() {
        let both = found(|_, _| Some(0.5));
        let only = |name: &str| Tuned {
            methods: both.methods.iter().filter(|method| method.name == name).cloned().collect(),
            ..both.clone()
        };
        let mut later = only("ewc");
        later.keep_others(only("l2"));
        let names: Vec<&str> = later.methods.iter().map(|method| method.name.as_str()).collect();
        assert_eq!(names, ["l2", "ewc"], "in the order of the registry");
        // What was searched again replaces what was found before, and a search made in another way keeps nothing.
        let mut again = only("ewc");
        again.methods[0].set.clear();
        later.keep_others(again);
        assert!(!later.methods[1].set.is_empty());
        // Compositions come last, and what was found for them holds after what was found for their parts.
        let mut pair = only("l2");
        pair.methods[0].name = "ewc+l2".to_owned();
        pair.methods[0].set = vec!["learner.l2.strength=7.0".to_owned()];
        pair.keep_others(both.clone());
        assert_eq!(pair.methods.last().unwrap().name, "ewc+l2");
        let [of_ewc, of_l2] = ["ewc", "l2"].map(|name| both.settings_of(name, "dqn").unwrap());
        let whole = vec!["learner.l2.strength=7.0".to_owned()];
        assert_eq!(pair.settings_of("ewc+l2", "dqn").unwrap(), [of_ewc, of_l2, whole].concat());
        let mut other = only("ewc");
        other.seeds.pop();
        other.keep_others(only("l2"));
        assert_eq!(other.methods.len(), 1);
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
