//! Personalising: another gardener's taste, learned by few parameters on top of a policy of the usual taste. Both are kept.
//!
//! A taste is a scenario that differs in its rewards. A policy of the usual taste learns spring; then a [low-rank adapter](crate::learner::methods::low_rank) learns
//! the taste from a small part of the decisions, on top of it; and for comparison a policy is trained for the taste from random weights with all the
//! decisions, and the usual policy is evaluated as it is. The usual policy with the adapter laid aside is what it was, bit for bit, so the general score loses
//! nothing.

use std::sync::Arc;

use super::asked::{Asked, Identity, plan_of};
use super::{Application, ApplicationError};
use crate::comparison::{ComparisonPlan, PlannedRun};
use crate::evaluation::application::{ApplicationBar, ApplicationMeasure, ApplicationPoint, ApplicationResult, Bound};
use crate::learner::PolicySnapshot;
use crate::learner::methods::low_rank::LowRankSettings;
use crate::rollout::ProbeSettings;
use crate::scenario::{Rewards, Scenario};
use crate::training::{Adapter, RunConfig};

use super::scoring::mean_score;

/// The application.
pub const APPLICATION: Application = Application {
    name: "personalising",
    question: "how much of a policy trained for another gardener's taste does an adapter reach, from which part of the decisions",
    stages: &[whole, adapters],
    measure,
};

/// Scenario with the taste.
const SCENARIO: &str = "thrifty_gardener";
/// Parts of the decisions from which adapters learn, in thousandths.
const THOUSANDTHS: [u64; 3] = [10, 50, 100];
/// Rank of an adapter by default.
pub const DEFAULT_RANK: usize = 4;
/// Learning rate of an adapter.
const LEARNING_RATE: f32 = 1e-4;
/// Episodes of the evaluation.
const EPISODES: usize = 128;

/// Reasons why a taste cannot be learned.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum TasteError {
    /// The rewards are the same.
    #[error(
        "scenario `{taste}` has the same rewards as `{own}`, in which the policy was learned: there is no other taste to learn"
    )]
    Same {
        /// Name of the scenario with the taste.
        taste: String,
        /// Name of the policy's own scenario.
        own: String,
    },
    /// The rank is 0.
    #[error("an adapter needs a rank of at least 1")]
    NoRank,
}

/// Checks that a scenario has another taste than the one in which a policy was learned.
///
/// # Errors
/// All rewards are the same.
pub fn check_taste(own: &Scenario, taste: &Scenario) -> Result<(), TasteError> {
    let rewards = |scenario: &Scenario| {
        let changes = scenario.seasons.iter().map(|season| season.rewards.clone());
        (scenario.rewards.clone(), changes.collect::<Vec<_>>())
    };
    if rewards(own) == rewards(taste) {
        return Err(TasteError::Same {
            taste: taste.name.clone(),
            own: own.name.clone(),
        });
    }
    Ok(())
}

/// Changes a configuration to one that learns an adapter: an update for each decision, since decisions are few, in smaller steps, since most of what the
/// policy knows is to stay, and hardly any exploration, since it knows its garden. Steps and updates were chosen with seeds from 10000 on.
///
/// # Errors
/// The rank is 0.
pub fn adapt(config: &mut RunConfig, rank: usize) -> Result<(), TasteError> {
    if rank == 0 {
        return Err(TasteError::NoRank);
    }
    "low_rank".clone_into(&mut config.method);
    LowRankSettings { rank }.set(&mut config.learner);
    let learner = &mut config.learner;
    learner.decisions_per_update = 1;
    learner.adam.learning_rate = LEARNING_RATE;
    learner.evaluation_averaging = 0.01;
    learner.fresh_memory.minimum_transitions = 200;
    learner.dqn.epsilon_start = learner.dqn.epsilon_end;
    Ok(())
}

fn taste() -> Result<Scenario, ApplicationError> {
    let loaded = Scenario::load(SCENARIO).map_err(|error| ApplicationError::Settings(Box::new(error)))?;
    Ok(loaded.scenario)
}

/// Returns the same garden with the usual rewards.
fn usual() -> Result<Scenario, ApplicationError> {
    Ok(Scenario {
        name: "usual gardener".to_owned(),
        description: "Spring, with the usual rewards.".to_owned(),
        rewards: Rewards::default(),
        ..taste()?
    })
}

fn general_run(asked: &Asked<'_>, seed: u64) -> Result<PlannedRun, ApplicationError> {
    asked.planned("general", asked.config(usual()?, "finetune", seed)?, None)
}

fn expert_run(asked: &Asked<'_>, seed: u64) -> Result<PlannedRun, ApplicationError> {
    asked.planned("trained-for-it", asked.config(taste()?, "finetune", seed)?, None)
}

fn whole(asked: &Asked<'_>) -> Result<ComparisonPlan, ApplicationError> {
    let mut runs = Vec::new();
    for seed in asked.seeds.clone() {
        runs.extend([general_run(asked, seed)?, expert_run(asked, seed)?]);
    }
    Ok(plan_of(runs))
}

/// Plans the run of an adapter; also returns the policy that it begins with.
fn adapter_run(asked: &Asked<'_>, thousandths: u64, seed: u64) -> Result<(PlannedRun, Arc<PolicySnapshot>), ApplicationError> {
    let mut config = asked.config(taste()?, "low_rank", seed)?;
    config.decisions_per_season = asked.decisions_per_season * thousandths / 1_000;
    if config.decisions_per_season < config.gardens as u64 {
        return Err(ApplicationError::TooFewDecisions {
            decisions: asked.decisions_per_season,
            parts: 1_000 / thousandths,
        });
    }
    adapt(&mut config, DEFAULT_RANK)?;
    let general = asked.policy(&general_run(asked, seed)?)?;
    let base = Arc::new(general.to_begin_with(&config, None)?);
    let run = asked.planned(&format!("adapter-{thousandths}-thousandths"), config, Some(base.clone()))?;
    Ok((run, base))
}

fn adapters(asked: &Asked<'_>) -> Result<ComparisonPlan, ApplicationError> {
    let mut runs = Vec::new();
    for seed in asked.seeds.clone() {
        for thousandths in THOUSANDTHS {
            runs.push(adapter_run(asked, thousandths, seed)?.0);
        }
    }
    Ok(plan_of(runs))
}

fn measure(asked: &Asked<'_>) -> Result<ApplicationResult, ApplicationError> {
    let (usual, taste) = (Arc::new(usual()?), Arc::new(taste()?));
    let mut points = Vec::new();
    for thousandths in THOUSANDTHS {
        for seed in asked.seeds.clone() {
            let (run, base) = adapter_run(asked, thousandths, seed)?;
            asked.summary(&run)?;
            let probes = ProbeSettings {
                episodes: EPISODES.max(run.config.evaluation.episodes),
                ..run.config.probes()
            };
            let expert = asked.policy(&expert_run(asked, seed)?)?.networks()[0].clone();
            let adapter = Adapter::of_run(&asked.results_dir.join(&run.folder), &base)?;
            let personal = adapter.apply(&base).map_err(crate::training::TrainingError::from)?;
            let of_taste = |policy: &PolicySnapshot| mean_score(&taste, policy, probes);
            let (adapted, trained) = (of_taste(&personal)?, of_taste(&expert)?);
            let (general, with_adapter) = (mean_score(&usual, &base, probes)?, mean_score(&usual, &personal, probes)?);
            // The adapter laid aside: its base is the file that it began with.
            let aside = mean_score(&usual, &asked.policy(&general_run(asked, seed)?)?.networks()[0], probes)?;
            points.push(ApplicationPoint::new(
                &condition(thousandths),
                Some(thousandths as f64 / 10.0),
                seed,
                &[
                    (
                        "part reached",
                        adapted.zip(trained).map(|(adapted, trained)| adapted / trained),
                    ),
                    ("adapter", adapted),
                    ("trained for it", trained),
                    ("general policy", of_taste(&base)?),
                    ("general score lost", general.zip(aside).map(|(before, after)| before - after)),
                    ("with adapter", with_adapter),
                    ("parameters", Some(adapter.parameters() as f64)),
                ],
            ));
        }
    }
    let bar = |thousandths, measure: &str, bound| ApplicationBar {
        condition: condition(thousandths),
        measure: measure.to_owned(),
        bound,
        aim: None,
    };
    Ok(asked.result(
        Identity {
            application: APPLICATION.name,
            question: APPLICATION.question,
            across: "percent of the decisions that a policy for the taste is trained with",
            shown: "part reached",
            measures: vec![
                ApplicationMeasure::number("part reached", "adapter / trained for it"),
                ApplicationMeasure::number("adapter", "score by the taste's rewards, with the adapter"),
                ApplicationMeasure::number(
                    "trained for it",
                    "the same of a policy trained for the taste from random weights",
                ),
                ApplicationMeasure::number("general policy", "the same of the general policy as it is"),
                ApplicationMeasure::number(
                    "general score lost",
                    "score by the usual rewards, before and with the adapter laid aside",
                ),
                ApplicationMeasure::number("with adapter", "score by the usual rewards with the adapter"),
                ApplicationMeasure::count("parameters", "parameters of the adapter"),
            ],
            bars: vec![
                bar(50, "part reached", Bound::AtLeast(0.9)),
                bar(50, "general score lost", Bound::AtMost(0.02)),
                bar(10, "part reached", Bound::AtLeast(0.9)),
            ],
        },
        points,
    ))
}

fn condition(thousandths: u64) -> String {
    format!("{} % of the decisions", thousandths / 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taste_is_other_rewards_in_the_same_garden() {
        let (usual, taste) = (usual().unwrap(), taste().unwrap());
        check_taste(&usual, &taste).unwrap();
        assert!(
            check_taste(&taste, &taste)
                .unwrap_err()
                .to_string()
                .contains("no other taste")
        );
        assert_eq!(
            (usual.seasons, usual.plants, usual.eye),
            (taste.seasons, taste.plants, taste.eye)
        );
        let mut seasonal = super::usual().unwrap();
        seasonal.seasons[0].rewards.time = Some(-0.5);
        check_taste(&super::usual().unwrap(), &seasonal).unwrap();
    }

    #[test]
    fn an_adapter_has_a_rank() {
        let mut config = RunConfig::new(usual().unwrap());
        assert!(adapt(&mut config, 0).is_err());
        adapt(&mut config, 3).unwrap();
        config.check().unwrap();
        assert_eq!(LowRankSettings::of(&config.learner).rank, 3);
        let text = config.to_toml().unwrap();
        assert_eq!(toml::from_str::<RunConfig>(&text).unwrap(), config, "it survives its file");
    }
}
