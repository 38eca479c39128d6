//! Fair tuning of method strengths: a declared grid, the same number of trials for each method, and seeds that never count as
//! results.
//!
//! A trial is the whole year in a quarter of the decisions ([`quarter`]): each season is met and each boundary passed. A tenth would be
//! cheaper and says nothing: after 6,000 decisions no season is learned (0.32 and less), so that there is nothing to forget. Whatever
//! counts decisions or updates is shortened alike, so that a trial is a small picture of a run.
//! It is marked as a trial in its configuration, so that no report counts it, and its seeds begin at [`FIRST_TUNING_SEED`]; comparisons
//! never have such a seed, so nothing is chosen on what it is then judged by.
//! The value with the highest mean average performance over all scenarios and seeds of a trial is chosen; the first value stays
//! unless it is beaten by more than [`MARGIN`].
//!
//! Limitations: a shorter year is not the full one, and the seeds are few. A strength that suits 15,000 decisions per season may
//! be wrong for 60,000. This holds for every method alike. So does the choice of the probe gardens, which are the same as for
//! results: the policy is never trained there, but values are chosen by scores from them.

mod found;
mod grid;

pub use found::{MARGIN, TUNED_FILE_NAME, Trial, Tuned, TunedMethod, choose};
pub use grid::{TRIALS, Tuning, grid as grid_of, tunable};

use super::error::ComparisonError;
use super::plan::{ComparisonPlan, MethodChoice, Question, Resolve};
use crate::learner::methods::{Shortening, all_methods};
pub use crate::training::FIRST_TUNING_SEED;
use crate::training::RunConfig;

/// Folder of the trials, relative to the results folder.
pub const TRIALS_FOLDER: &str = "tuning";

/// Factor by which a trial has fewer decisions than a run.
const SHORTER: u64 = 4;
/// Maximum number of episodes of an evaluation in a trial.
const EPISODES: usize = 16;

/// Turns a run into a trial: a quarter of the decisions, with all settings that count decisions or updates shortened alike.
pub fn quarter(config: &RunConfig) -> RunConfig {
    let mut trial = config.clone();
    let shortening = Shortening { times: SHORTER };
    trial.tuning = true;
    shortening.shorten(&mut trial.decisions_per_season);
    trial.evaluation.episodes = trial.evaluation.episodes.min(EPISODES);
    let learner = &mut trial.learner;
    shortening.quicken(&mut learner.evaluation_averaging);
    shortening.shrink(&mut learner.fresh_memory.capacity);
    learner.fresh_memory.capacity = learner.fresh_memory.capacity.max(2);
    shortening.shrink(&mut learner.fresh_memory.minimum_transitions);
    shortening.shrink(&mut learner.reservoir.capacity);
    for method in all_methods() {
        (method.shorten)(learner, shortening);
    }
    trial
}

/// Plans all trials. The question names plain methods and the number of seeds; `resolve` makes full runs, which are turned into
/// trials here. If a preset named the methods, those without a strength are skipped.
///
/// # Errors
/// Returns an error for a composition, for a method without a strength, and for anything that a plan refuses.
pub fn plan_of_trials<E: From<ComparisonError>>(question: &Question, resolve: &mut Resolve<'_, E>) -> Result<ComparisonPlan, E> {
    let mut methods = Vec::new();
    for choice in &question.methods {
        let method = choice.name.clone();
        if method.contains('+') {
            return Err(ComparisonError::TunedComposition { method }.into());
        }
        let tuning = match grid_of(&method) {
            Some(tuning) => tuning,
            None if question.leaves_out => continue,
            None => return Err(ComparisonError::NoGrid { method }.into()),
        };
        methods.extend((0..TRIALS).map(|trial| MethodChoice {
            name: method.clone(),
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
    let mut plan = ComparisonPlan::of(&question, resolve)?;
    for run in &mut plan.runs {
        run.config = quarter(&run.config);
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
        let mut asked = question(&names, 0..2);
        assert!(matches!(trials(&asked), Err(ComparisonError::NoGrid { .. })));
        asked.leaves_out = true;
        let plan = trials(&asked).unwrap();
        for name in names {
            let own = plan.runs.iter().filter(|run| run.config.method == name);
            let has_strength = grid_of(name).is_some();
            assert_eq!(own.count(), if has_strength { TRIALS * 2 } else { 0 }, "{name}");
        }
        assert!(
            plan.runs
                .iter()
                .all(|run| run.config.tuning && run.config.seed >= FIRST_TUNING_SEED && run.set.len() == 1)
        );
        assert!(plan.runs.iter().all(|run| run.folder.starts_with(TRIALS_FOLDER)));
        assert_eq!(plan.runs[1].name(), "tuning/four_seasons/replay-dqn-trial1-seed10000");
    }

    #[test]
    fn a_trial_is_the_whole_year_in_a_quarter_of_the_decisions_and_updates() {
        let whole = RunConfig::new(crate::scenario::Scenario::load("four_seasons").unwrap().scenario);
        let trial = quarter(&whole);
        assert_eq!((trial.decisions_per_season, trial.years), (15_000, 1));
        let (long, short) = (&whole.learner, &trial.learner);
        assert_eq!(short.reservoir.capacity * 4, long.reservoir.capacity);
        assert_eq!(
            short.reset_distil.distillation_updates * 4,
            long.reset_distil.distillation_updates
        );
        assert_eq!(short.ewc, long.ewc, "a strength is no number of updates");
        assert!(crate::learner::LearnerSettings::default() == *long && garde::Validate::validate(&trial).is_ok());
        let mut nothing = whole.clone();
        nothing.learner.redo.every_updates = 0;
        assert_eq!(quarter(&nothing).learner.redo.every_updates, 0, "off stays off");
    }

    #[test]
    fn a_composition_is_tuned_by_its_parts() {
        assert!(matches!(
            trials(&question(&["replay+ewc"], 0..1)),
            Err(ComparisonError::TunedComposition { .. })
        ));
    }
}
