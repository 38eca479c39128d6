//! Fair tuning of method strengths: a declared grid with a strength of 0 in it, the same number of runs for each method, and seeds that never
//! count as results.
//!
//! A trial is a whole run, as long as those of results: in a quarter of the decisions less is forgotten, and what was chosen there was wrong
//! for a year. It is marked as a trial in its configuration, so that no report counts it, and its seeds begin at [`FIRST_TUNING_SEED`];
//! comparisons never have such a seed, so nothing is chosen on what it is then judged by.
//!
//! The search has two rounds, a race of two heats (after Birattari et al. 2002, "A racing algorithm for configuring metaheuristics"): every
//! combination of the grid runs with the first [`FIRST_ROUND_SEEDS`] seeds, and [`FINALISTS`] of each method, the first values and the best of the
//! others, run with all seeds. Of
//! the finalists the one with the highest mean average performance is chosen; the first value stays unless it is beaten by more than
//! [`MARGIN`].
//!
//! Limitations: the seeds are few, and the choice of the probe gardens is the same as for results: the policy is never trained there, but
//! values are chosen by scores from them. This holds for every method alike.

mod found;
mod grid;

pub use found::{MARGIN, TUNED_FILE_NAME, Trial, Tuned, TunedMethod, choose, finalists};
pub use grid::{TRIALS, Tuning, grid as grid_of, tunable};

use super::error::ComparisonError;
use super::plan::{ComparisonPlan, MethodChoice, Question, Resolve};
pub use crate::training::FIRST_TUNING_SEED;

/// Folder of the trials, relative to the results folder.
pub const TRIALS_FOLDER: &str = "tuning";

/// Number of seeds in the first round, in which all trials are run.
pub const FIRST_ROUND_SEEDS: u64 = 2;

/// Number of trials of a method that are run with all seeds.
pub const FINALISTS: usize = 3;

/// Overrides of one trial.
pub type TrialSet = Vec<String>;

/// Plans the first round: all trials, with the first seeds. The question names the methods and the number of seeds; of a composition the last
/// part is searched. If a preset named the methods, those without a strength are skipped.
///
/// # Errors
/// Returns an error for a method without a strength, and for anything that a plan refuses.
pub fn plan_of_trials<E: From<ComparisonError>>(question: &Question, resolve: &mut Resolve<'_, E>) -> Result<ComparisonPlan, E> {
    plan_of(question, FIRST_ROUND_SEEDS, &|_| true, resolve)
}

/// Plans both rounds, once the first has ended: its runs, and those of its `finalists` with all seeds.
///
/// # Errors
/// As [`plan_of_trials`].
pub fn plan_of_finals<E: From<ComparisonError>>(
    question: &Question,
    finalists: &[TrialSet],
    resolve: &mut Resolve<'_, E>,
) -> Result<ComparisonPlan, E> {
    let mut plan = plan_of_trials(question, resolve)?;
    let all = plan_of(question, u64::MAX, &|set| finalists.contains(set), resolve)?;
    let new = all
        .runs
        .into_iter()
        .filter(|run| !plan.runs.iter().any(|known| known.folder == run.folder));
    plan.runs.extend(new.collect::<Vec<_>>());
    Ok(plan)
}

fn plan_of<E: From<ComparisonError>>(
    question: &Question,
    most_seeds: u64,
    takes: &dyn Fn(&TrialSet) -> bool,
    resolve: &mut Resolve<'_, E>,
) -> Result<ComparisonPlan, E> {
    let mut methods = Vec::new();
    for choice in &question.methods {
        let method = choice.name.clone();
        let tuning = match grid_of(&method) {
            Some(tuning) => tuning,
            None if question.leaves_out => continue,
            None => return Err(ComparisonError::NoGrid { method }.into()),
        };
        let trials = tuning.trials().into_iter().enumerate().filter(|(_, set)| takes(set));
        methods.extend(trials.map(|(number, set)| MethodChoice {
            name: method.clone(),
            set,
            label: Some(format!("trial{number}")),
        }));
    }
    let seeds = question.seeds.end.saturating_sub(question.seeds.start).min(most_seeds);
    let question = Question {
        methods,
        seeds: FIRST_TUNING_SEED..FIRST_TUNING_SEED.saturating_add(seeds),
        ..question.clone()
    };
    let mut plan = ComparisonPlan::of(&question, resolve)?;
    for run in &mut plan.runs {
        run.config.tuning = true;
        run.folder = std::path::Path::new(TRIALS_FOLDER).join(&run.folder);
    }
    Ok(plan)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::testing::{in_scenario, question};
    use crate::learner::METHODS;

    fn trials(question: &Question) -> Result<ComparisonPlan, ComparisonError> {
        plan_of_trials::<ComparisonError>(question, &mut |scenario, choice, seed| {
            Ok(in_scenario(scenario, &choice.name, seed))
        })
    }

    #[test]
    fn every_method_has_the_same_budget_and_seeds_that_never_count() {
        let names: Vec<&str> = METHODS.iter().map(|spec| spec.name).collect();
        let mut asked = question(&names, 0..5);
        assert!(matches!(trials(&asked), Err(ComparisonError::NoGrid { .. })));
        asked.leaves_out = true;
        let plan = trials(&asked).unwrap();
        let finalists: Vec<TrialSet> = tunable()
            .iter()
            .flat_map(|spec| grid_of(spec.name).unwrap().trials()[..FINALISTS].to_vec())
            .collect();
        let finals = plan_of_finals::<ComparisonError>(&asked, &finalists, &mut |scenario, choice, seed| {
            Ok(in_scenario(scenario, &choice.name, seed))
        })
        .unwrap();
        for name in names {
            let runs = |plan: &ComparisonPlan| plan.runs.iter().filter(|run| run.config.method == name).count();
            let budget = match grid_of(name) {
                Some(_) => (TRIALS * 2, TRIALS * 2 + FINALISTS * 3),
                None => (0, 0),
            };
            assert_eq!((runs(&plan), runs(&finals)), budget, "{name}");
        }
        assert!(
            finals
                .runs
                .iter()
                .all(|run| run.config.tuning && run.config.seed >= FIRST_TUNING_SEED && !run.set.is_empty())
        );
        assert!(finals.runs.iter().all(|run| run.folder.starts_with(TRIALS_FOLDER)));
        assert_eq!(plan.runs[1].name(), "tuning/four_seasons/replay-dqn-trial1-seed10000");
        assert_eq!(finals.runs[..plan.runs.len()], plan.runs, "what ran is not run again");
    }

    #[test]
    fn a_trial_is_a_whole_run() {
        let plan = trials(&question(&["ewc"], 0..1)).unwrap();
        let mut trial = plan.runs[0].config.clone();
        let whole = in_scenario("four_seasons", "ewc", FIRST_TUNING_SEED);
        assert!(trial.tuning && !whole.tuning);
        trial.tuning = false;
        assert_eq!(trial, whole);
    }

    #[test]
    fn of_a_composition_the_last_part_is_searched() {
        let plan = trials(&question(&["replay+l2"], 0..1)).unwrap();
        let alone = trials(&question(&["l2"], 0..1)).unwrap();
        assert!(plan.runs.iter().all(|run| run.config.method == "replay+l2"));
        let sets = |plan: &ComparisonPlan| plan.runs.iter().map(|run| run.set.clone()).collect::<Vec<_>>();
        assert_eq!(sets(&plan), sets(&alone));
        assert!(matches!(
            trials(&question(&["ewc+finetune"], 0..1)),
            Err(ComparisonError::NoGrid { .. })
        ));
    }
}
