//! Model editing: a policy is taught a new species whose thirst looks odd, from a few labelled views and without a decision in a garden.
//!
//! A policy learns the four seasons of the scenario `odd_species`, in which the new species does not grow yet. Then it is [edited](edit) with more and
//! more labelled views, and evaluated, before and after, in the gardens that it knows and in gardens in which nothing but the new species grows.

mod colours;
mod edit;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use colours::{ThirstColours, recolour};
pub use edit::{EditError, Edited, Teaching, divided, edit};

use super::asked::{Asked, Identity, plan_of};
use super::scoring::mean_score;
use super::{Application, ApplicationError};
use crate::comparison::{ComparisonPlan, PlannedRun};
use crate::evaluation::application::{ApplicationBar, ApplicationMeasure, ApplicationPoint, ApplicationResult, Bound};
use crate::rollout::ProbeSettings;
use crate::scenario::Scenario;

/// The application.
pub const APPLICATION: Application = Application {
    name: "editing",
    question: "how well is a new species watered after an edit from a few labelled views, and what does the edit harm",
    stages: &[base],
    measure,
};

/// Scenario with the new species, and its name.
const SCENARIO: &str = "odd_species";
const SPECIES: &str = "moonflower";
/// Numbers of labelled views.
const VIEWS: [usize; 4] = [24, 48, 100, 300];
/// Views of the bar, and of the aim.
const BAR_VIEWS: usize = 300;
const AIM_VIEWS: usize = 100;
/// Method by which the policy learns the seasons.
const METHOD: &str = "replay";
/// Episodes in each season: so many that a harm of two hundredths can be seen.
const EPISODES: usize = 128;

fn scenario() -> Result<Scenario, ApplicationError> {
    let loaded = Scenario::load(SCENARIO).map_err(|error| ApplicationError::Settings(Box::new(error)))?;
    Ok(loaded.scenario)
}

fn base_run(asked: &Asked<'_>, seed: u64) -> Result<PlannedRun, ApplicationError> {
    let (without, _) = divided(&scenario()?, SPECIES)?;
    asked.planned("before", asked.config(without.as_ref().clone(), METHOD, seed)?, None)
}

fn base(asked: &Asked<'_>) -> Result<ComparisonPlan, ApplicationError> {
    let runs = asked.seeds.clone().map(|seed| base_run(asked, seed));
    Ok(plan_of(runs.collect::<Result<_, _>>()?))
}

fn measure(asked: &Asked<'_>) -> Result<ApplicationResult, ApplicationError> {
    let scenario = scenario()?;
    let (without, only) = divided(&scenario, SPECIES)?;
    let mut points = Vec::new();
    let kinds = [(Teaching::LabelsAlone, BAR_VIEWS)]
        .into_iter()
        .chain(VIEWS.map(|views| (Teaching::Recoloured, views)));
    for (teaching, views) in kinds {
        for seed in asked.seeds.clone() {
            let run = base_run(asked, seed)?;
            let before = asked.policy(&run)?.networks()[0].clone();
            let probes = ProbeSettings {
                episodes: EPISODES.max(run.config.evaluation.episodes),
                ..run.config.probes()
            };
            let edited = edit(&before, &scenario, SPECIES, views, teaching, seed)?;
            let score = |garden: &Arc<Scenario>, policy| mean_score(garden, policy, probes);
            let (old_before, old_after) = (score(&without, &before)?, score(&without, &edited.policy)?);
            points.push(ApplicationPoint::new(
                &condition(teaching, views),
                Some(edited.views as f64),
                seed,
                &[
                    ("new species", score(&only, &edited.policy)?),
                    ("before", score(&only, &before)?),
                    ("others", old_after),
                    ("others before", old_before),
                    ("harm", old_before.zip(old_after).map(|(before, after)| before - after)),
                    ("views", Some(edited.views as f64)),
                    ("multiply-adds", Some(edited.multiply_adds as f64)),
                ],
            ));
        }
    }
    let bar = |views, measure: &str, bound| ApplicationBar {
        condition: condition(Teaching::Recoloured, views),
        measure: measure.to_owned(),
        bound,
        aim: None,
    };
    Ok(asked.result(
        Identity {
            application: APPLICATION.name,
            question: APPLICATION.question,
            across: "labelled views of the new species",
            shown: "new species",
            measures: vec![
                ApplicationMeasure::number(
                    "new species",
                    "score in gardens of the new species alone, after the edit: mean over the seasons",
                ),
                ApplicationMeasure::number("before", "the same before the edit"),
                ApplicationMeasure::number("others", "score in the gardens that the policy knew, after the edit"),
                ApplicationMeasure::number("others before", "the same before the edit"),
                ApplicationMeasure::number("harm", "others before - others"),
                ApplicationMeasure::count("views", "labelled views that the robot met"),
                ApplicationMeasure::count("multiply-adds", "multiply-adds of the edit"),
            ],
            bars: vec![
                bar(BAR_VIEWS, "new species", Bound::AtLeast(0.9)),
                bar(BAR_VIEWS, "harm", Bound::AtMost(0.02)),
                bar(AIM_VIEWS, "new species", Bound::AtLeast(0.9)),
                bar(AIM_VIEWS, "harm", Bound::AtMost(0.02)),
            ],
        },
        points,
    ))
}

fn condition(teaching: Teaching, views: usize) -> String {
    match teaching {
        Teaching::Recoloured => format!("{views} views"),
        Teaching::LabelsAlone => format!("{views} views, labels alone"),
    }
}
