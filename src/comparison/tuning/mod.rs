//! Strengths, searched fairly: a declared grid, the same number of trials for each method, and seeds that never count.
//!
//! A trial is the whole year with a tenth of the decisions ([`tenth`]): each season is met, each boundary passed, and it costs a tenth.
//! Its seeds begin at [`FIRST_TUNING_SEED`]; results never have such a seed, so nothing is chosen on what it is then judged by.
//! What is chosen is the value with the highest mean average performance over all scenarios and seeds of a trial.
//!
//! A shorter year is not the long one: a strength that suits 6,000 decisions a season may be off for 60,000. That holds for every
//! method alike, as do the probe gardens, which are the same ones as in results: the policy is never trained there, but values are
//! chosen by scores from them.

mod found;
mod grid;

pub use found::{TUNED_FILE_NAME, Trial, Tuned, TunedMethod, choose};
pub use grid::{TRIALS, TUNING, Tuning};

use super::error::ComparisonError;
use super::plan::{MethodChoice, Plan, Question, Resolve};

/// Where tuning seeds begin. Results have seeds below it only.
pub const FIRST_TUNING_SEED: u64 = 10_000;
/// The folder of trials, seen from the results' folder.
pub const TRIALS_FOLDER: &str = "tuning";

/// Decisions of a season in a trial: a tenth, at least one.
pub fn tenth(decisions_per_season: u64) -> u64 {
    (decisions_per_season / 10).max(1)
}

/// The plan of all trials. The question names plain methods and how many seeds there are; `resolve` makes trials of their own length.
///
/// # Errors
/// A composition, a method without a grid, and whatever a plan refuses.
pub fn plan_of_trials<E: From<ComparisonError>>(question: &Question, resolve: &mut Resolve<'_, E>) -> Result<Plan, E> {
    let mut methods = Vec::new();
    for choice in &question.methods {
        let method = choice.name.clone();
        if method.contains('+') {
            return Err(ComparisonError::TunedComposition { method }.into());
        }
        let tuning = Tuning::find(&method).ok_or(ComparisonError::NoGrid { method })?;
        methods.extend((0..TRIALS).map(|trial| MethodChoice {
            name: tuning.method.to_owned(),
            set: vec![tuning.trial(trial)],
            label: Some(format!("trial{trial}")),
        }));
    }
    let seeds = question.seeds.end.saturating_sub(question.seeds.start);
    let question = Question {
        methods,
        seeds: FIRST_TUNING_SEED..FIRST_TUNING_SEED.saturating_add(seeds),
        ..question.clone()
    };
    let mut plan = Plan::of(&question, resolve)?;
    for run in &mut plan.runs {
        run.folder = std::path::Path::new(TRIALS_FOLDER).join(&run.folder);
    }
    Ok(plan)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::testing::{in_scenario, question};
    use crate::learner::METHODS;

    fn trials(question: &Question) -> Result<Plan, ComparisonError> {
        plan_of_trials::<ComparisonError>(question, &mut |scenario, choice, seed| {
            Ok(in_scenario(scenario, &choice.name, seed))
        })
    }

    #[test]
    fn every_method_has_the_same_budget_and_seeds_that_never_count() {
        let names: Vec<&str> = METHODS.iter().map(|spec| spec.name).collect();
        let plan = trials(&question(&names, 0..2)).unwrap();
        for name in names {
            let own = plan.runs.iter().filter(|run| run.config.method == name);
            assert_eq!(own.count(), TRIALS * 2, "{name}");
        }
        assert!(
            plan.runs
                .iter()
                .all(|run| run.config.seed >= FIRST_TUNING_SEED && run.set.len() == 1)
        );
        assert!(plan.runs.iter().all(|run| run.folder.starts_with(TRIALS_FOLDER)));
        assert_eq!(plan.runs[1].name(), "tuning/four_seasons/finetune-dqn-trial1-seed10000");
    }

    #[test]
    fn a_trial_is_the_whole_year_with_a_tenth_of_the_decisions() {
        assert_eq!((tenth(60_000), tenth(7)), (6_000, 1));
    }

    #[test]
    fn a_composition_is_tuned_by_its_parts() {
        assert!(matches!(
            trials(&question(&["replay+ewc"], 0..1)),
            Err(ComparisonError::TunedComposition { .. })
        ));
    }
}
