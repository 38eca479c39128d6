//! Strengths, searched fairly: a declared grid, the same number of trials for each method, and seeds that never count.
//!
//! A trial is the whole year in a quarter of the decisions ([`quarter`]): each season is met and each boundary passed. A tenth would be
//! cheaper and says nothing: after 6,000 decisions no season is learned (0.32 and less), so that there is nothing to forget. Whatever
//! counts decisions or updates is shortened alike, so that a trial is a small picture of a run.
//! It is marked as a trial in its configuration, so that no report counts it, and its seeds begin at [`FIRST_TUNING_SEED`]; comparisons
//! never have such a seed, so nothing is chosen on what it is then judged by.
//! What is chosen is the value with the highest mean average performance over all scenarios and seeds of a trial; the first value stays
//! unless it is beaten by more than [`MARGIN`].
//!
//! A shorter year is not the long one, and a few seeds are few: a strength that suits 15,000 decisions a season may be off for 60,000.
//! That holds for every method alike, as do the probe gardens, which are the same ones as in results: the policy is never trained
//! there, but values are chosen by scores from them.

mod found;
mod grid;

pub use found::{MARGIN, TUNED_FILE_NAME, Trial, Tuned, TunedMethod, choose};
pub use grid::{TRIALS, TUNING, Tuning, WITHOUT_STRENGTH};

use super::error::ComparisonError;
use super::plan::{ComparisonPlan, MethodChoice, Question, Resolve};
pub use crate::training::FIRST_TUNING_SEED;
use crate::training::RunConfig;

/// The folder of trials, seen from the results' folder.
pub const TRIALS_FOLDER: &str = "tuning";

/// A trial has so many times fewer decisions than a run.
const SHORTER: u64 = 4;
/// Episodes of an evaluation in a trial, at most.
const EPISODES: usize = 16;

/// Makes a trial of a run: a quarter of the decisions, and whatever counts decisions or updates shortened alike.
pub fn quarter(config: &RunConfig) -> RunConfig {
    let mut trial = config.clone();
    let shorter = |count: &mut u64| *count = (*count / SHORTER).max(u64::from(*count > 0));
    let fewer = |count: &mut usize| *count = (*count / SHORTER as usize).max(usize::from(*count > 0));
    let faster = |rate: &mut f32| *rate = (*rate * SHORTER as f32).min(1.0);
    trial.tuning = true;
    shorter(&mut trial.decisions_per_season);
    trial.evaluation.episodes = trial.evaluation.episodes.min(EPISODES);
    let learner = &mut trial.learner;
    faster(&mut learner.evaluation_averaging);
    fewer(&mut learner.fresh_memory.capacity);
    learner.fresh_memory.capacity = learner.fresh_memory.capacity.max(2);
    fewer(&mut learner.fresh_memory.minimum_transitions);
    fewer(&mut learner.reservoir.capacity);
    fewer(&mut learner.replay_boundary_free.capacity);
    fewer(&mut learner.replay_boundary_free.lately);
    learner.replay_boundary_free.lately = learner.replay_boundary_free.lately.max(2);
    learner.replay_boundary_free.distance_decisions = (learner.replay_boundary_free.distance_decisions / SHORTER as f32).max(1.0);
    shorter(&mut learner.packnet.retraining_updates);
    shorter(&mut learner.reset_distil.distillation_updates);
    fewer(&mut learner.reset_distil.views);
    shorter(&mut learner.continual_backprop.maturity_updates);
    faster(&mut learner.continual_backprop.replacement_rate);
    shorter(&mut learner.redo.every_updates);
    shorter(&mut learner.shrink_perturb.every_updates);
    trial
}

/// The plan of all trials. The question names plain methods and how many seeds there are; `resolve` makes whole runs, of which this
/// makes trials. Where a preset named the methods, those without a strength are passed over.
///
/// # Errors
/// A composition, a method without a strength, and whatever a plan refuses.
pub fn plan_of_trials<E: From<ComparisonError>>(question: &Question, resolve: &mut Resolve<'_, E>) -> Result<ComparisonPlan, E> {
    let mut methods = Vec::new();
    for choice in &question.methods {
        let method = choice.name.clone();
        if method.contains('+') {
            return Err(ComparisonError::TunedComposition { method }.into());
        }
        if question.leaves_out && WITHOUT_STRENGTH.contains(&method.as_str()) {
            continue;
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
            let has_strength = !WITHOUT_STRENGTH.contains(&name);
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
