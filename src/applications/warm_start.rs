//! Warm start: decisions that the policy of last year saves, over how far the look moved.
//!
//! Last year's policy was learned in the first season of the family [`phase`]. In the next year the pair of plant
//! colours is turned by an angle: by 30 degrees it is a slightly other spring, by 180 fine and thirsty are swapped. Two runs learn it with the same
//! seed and hence in the same gardens: one from random weights, one from last year's policy (`train --initialize-from`), which explores as little from its
//! first decision as training from scratch does at last.
//!
//! Both are evaluated again and again, greedily, and the decisions are counted until a run first reaches 90 % of what scratch reaches: the mean of its
//! scores in the last quarter of its decisions. A season is cut into short ones without a boundary between them, since evaluations are made where a season
//! ends; neither run is told. Saved decisions are `scratch / warm`. A warm start that reaches the level before its first evaluation counts as if it had
//! taken until then, so what is saved is never overstated by the grid of evaluations.

use std::sync::Arc;

use super::asked::{Asked, Identity, plan_of};
use super::{Application, ApplicationError};
use crate::authoring::family::phase;
use crate::comparison::{ComparisonPlan, PlannedRun};
use crate::evaluation::application::{ApplicationBar, ApplicationMeasure, ApplicationPoint, ApplicationResult, Bound};
use crate::evaluation::{CurvePoint, LearningCurve, Undefined};
use crate::scenario::Scenario;
use crate::training::{RunConfig, Summary};

/// The application.
pub const APPLICATION: Application = Application {
    name: "warm-start",
    question: "how many decisions does last year's policy save, over how far the look moved",
    stages: &[from_scratch, warm],
    measure,
};

/// Angles in degrees by which the pair of plant colours is turned.
pub const ANGLES_DEGREES: [u16; 6] = [15, 30, 45, 60, 90, 180];
/// Angle of the slightly other spring that the bar is asked of.
const BAR_DEGREES: u16 = 30;
/// Angle up to which a warm start is fast, and evaluated at short intervals over a quarter of the decisions.
const NEAR_DEGREES: u16 = 45;
/// Evaluations of a run from scratch, and of a warm start after a large change.
const EVALUATIONS: u64 = 30;
/// Evaluations of a warm start after a small change, over a quarter of the decisions.
const NEAR_EVALUATIONS: u64 = 60;
/// Part of what scratch reaches that both are to reach.
const LEVEL: f64 = 0.9;
/// Step size of a warm start: a fifth of the usual one. With the usual one, the first updates from a nearly empty memory destroy what is there (angle 15:
/// from 1.18 to 0.4 within 4,000 decisions), at twice the updates more so.
const WARM_LEARNING_RATE: f32 = 2.0e-4;
/// Averaging of its evaluated weights: over 200 updates instead of 1,000, which are half of what it needs in all.
const WARM_AVERAGING: f32 = 0.005;
/// Method: nothing is to be remembered.
const METHOD: &str = "finetune";

/// Returns the scenario of last year, or of the next one with colours turned by this angle.
pub fn scenario(degrees: u16) -> Option<Scenario> {
    phase::one_season(&format!("spring turned by {degrees} degrees"), f64::from(degrees))
}

fn base(asked: &Asked<'_>, seed: u64) -> Result<PlannedRun, ApplicationError> {
    let config = asked.config(turned(0)?, METHOD, seed)?;
    asked.planned("last-year", config, None)
}

fn scratch(asked: &Asked<'_>, degrees: u16, seed: u64) -> Result<PlannedRun, ApplicationError> {
    let mut config = asked.config(turned(degrees)?, METHOD, seed)?;
    cut(&mut config, asked.decisions_per_season, EVALUATIONS, 1)?;
    // As many as a short season has, which is soon: scratch learns faster so than with the usual fifth of a whole season.
    config.learner.dqn.exploration_fraction = 1.0;
    asked.planned("scratch", config, None)
}

fn from_scratch(asked: &Asked<'_>) -> Result<ComparisonPlan, ApplicationError> {
    let mut runs = Vec::new();
    for seed in asked.seeds.clone() {
        runs.push(base(asked, seed)?);
        for degrees in ANGLES_DEGREES {
            runs.push(scratch(asked, degrees, seed)?);
        }
    }
    Ok(plan_of(runs))
}

fn warm_run(asked: &Asked<'_>, degrees: u16, seed: u64) -> Result<PlannedRun, ApplicationError> {
    let policy = asked.policy(&base(asked, seed)?)?;
    let mut config = asked.config(turned(degrees)?, METHOD, seed)?;
    if degrees <= NEAR_DEGREES {
        cut(&mut config, asked.decisions_per_season, NEAR_EVALUATIONS, 4)?;
    } else {
        cut(&mut config, asked.decisions_per_season, EVALUATIONS, 1)?;
    }
    config.learner.dqn.epsilon_start = config.learner.dqn.epsilon_end;
    config.learner.adam.learning_rate = WARM_LEARNING_RATE;
    config.learner.evaluation_averaging = WARM_AVERAGING;
    let initial = policy.to_begin_with(&config, None)?;
    asked.planned("warm", config, Some(Arc::new(initial)))
}

fn warm(asked: &Asked<'_>) -> Result<ComparisonPlan, ApplicationError> {
    let mut runs = Vec::new();
    for seed in asked.seeds.clone() {
        for degrees in ANGLES_DEGREES {
            runs.push(warm_run(asked, degrees, seed)?);
        }
    }
    Ok(plan_of(runs))
}

/// Cuts `1 / part` of a season's decisions into so many short seasons. Updates begin sooner than usual, in both kinds of runs.
fn cut(config: &mut RunConfig, decisions: u64, evaluations: u64, part: u64) -> Result<(), ApplicationError> {
    let each = decisions / (evaluations * part);
    if each < config.gardens as u64 {
        return Err(ApplicationError::TooFewDecisions {
            decisions,
            parts: evaluations * part,
        });
    }
    config.decisions_per_season = each;
    config.years = evaluations as usize;
    config.evaluation.episodes = 16;
    config.learner.fresh_memory.minimum_transitions = 250;
    Ok(())
}

fn turned(degrees: u16) -> Result<Scenario, ApplicationError> {
    scenario(degrees).ok_or(ApplicationError::Colour { degrees })
}

/// Returns the scores of a run over its decisions, from before its first one on.
fn curve(summary: &Summary) -> Result<LearningCurve, Undefined> {
    let rows = summary.untrained_scores.iter().take(1).copied();
    let rows = rows.chain(summary.score_matrix.iter().map(|row| row.first().copied().flatten()));
    let each = summary.decisions / summary.score_matrix.len().max(1) as u64;
    let points = rows.enumerate().map(|(number, score)| {
        let score = score.ok_or(Undefined::NoValues { what: "score" })?;
        let decisions = number as u64 * each;
        Ok(CurvePoint { decisions, score })
    });
    LearningCurve::new(points.collect::<Result<_, Undefined>>()?)
}

/// Returns the mean of the last quarter of a curve's points.
fn reached(curve: &LearningCurve) -> f64 {
    let points = curve.points();
    let last = &points[points.len() - (points.len() / 4).max(1)..];
    last.iter().map(|point| point.score).sum::<f64>() / last.len() as f64
}

/// Decisions of both runs to the level, and what is saved.
fn savings(scratch: &Summary, warm: &Summary) -> Result<[Option<f64>; 6], Undefined> {
    let (scratch_curve, warm_curve) = (curve(scratch)?, curve(warm)?);
    let level = LEVEL * reached(&scratch_curve);
    let grid = warm_curve.points()[1].decisions as f64;
    let from_scratch = scratch_curve.decisions_to(level).ok();
    let from_warm = warm_curve.decisions_to(level).ok().map(|decisions| decisions.max(grid));
    let saved = from_scratch.zip(from_warm).map(|(scratch, warm)| scratch / warm);
    let scores = warm_curve.points().iter().map(|point| point.score);
    let lowest = scores.clone().skip(1).fold(f64::INFINITY, f64::min);
    let at_once = scores.take(1).next();
    Ok([
        from_scratch,
        from_warm,
        saved,
        at_once,
        Some(lowest),
        Some(reached(&scratch_curve)),
    ])
}

fn measure(asked: &Asked<'_>) -> Result<ApplicationResult, ApplicationError> {
    let mut points = Vec::new();
    for degrees in ANGLES_DEGREES {
        for seed in asked.seeds.clone() {
            let scratch = asked.summary(&scratch(asked, degrees, seed)?)?;
            let warm = asked.summary(&warm_run(asked, degrees, seed)?)?;
            let [from_scratch, from_warm, saved, at_once, lowest, reached] = savings(&scratch, &warm).unwrap_or_default();
            points.push(ApplicationPoint::new(
                &condition(degrees),
                Some(f64::from(degrees)),
                seed,
                &[
                    ("scratch", from_scratch),
                    ("warm", from_warm),
                    ("saved", saved),
                    ("at once", at_once),
                    ("lowest", lowest),
                    ("reached", reached),
                ],
            ));
        }
    }
    Ok(asked.result(
        Identity {
            application: APPLICATION.name,
            question: APPLICATION.question,
            across: "angle by which the pair of plant colours is turned, in degrees",
            shown: "saved",
            measures: vec![
                ApplicationMeasure::count("scratch", "decisions from random weights to 90 % of what they reach"),
                ApplicationMeasure::count("warm", "decisions from last year's policy to the same score"),
                ApplicationMeasure::number("saved", "scratch / warm: how many times fewer decisions"),
                ApplicationMeasure::number("at once", "score of last year's policy before it learns"),
                ApplicationMeasure::number("lowest", "lowest score of the warm start while it learns"),
                ApplicationMeasure::number("reached", "score that scratch reaches: the mean of its last quarter"),
            ],
            bars: vec![ApplicationBar {
                condition: condition(BAR_DEGREES),
                measure: "saved".to_owned(),
                bound: Bound::AtLeast(3.0),
                aim: Some(Bound::AtLeast(10.0)),
            }],
        },
        points,
    ))
}

fn condition(degrees: u16) -> String {
    format!("{degrees} degrees")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::summary::tests::example;

    fn run(untrained: f64, each: u64, scores: &[f64]) -> Summary {
        Summary {
            untrained_scores: vec![Some(untrained)],
            score_matrix: scores.iter().map(|score| vec![Some(*score)]).collect(),
            decisions: each * scores.len() as u64,
            ..example()
        }
    }

    #[test]
    fn savings_are_decisions_to_nine_tenths_of_what_scratch_reaches() {
        let scratch = run(0.0, 1_000, &[0.0, 0.5, 0.9, 1.0]);
        let [from_scratch, from_warm, saved, at_once, lowest, reached] =
            savings(&scratch, &run(0.4, 100, &[0.65, 0.9, 1.0])).unwrap();
        assert_eq!((from_scratch, from_warm), (Some(3_000.0), Some(200.0)));
        assert_eq!((saved, at_once, reached), (Some(15.0), Some(0.4), Some(1.0)));
        assert_eq!(lowest, Some(0.65));
    }

    #[test]
    fn a_warm_start_that_is_there_at_once_counts_its_first_interval_and_one_that_never_is_counts_nothing() {
        let scratch = run(0.0, 1_000, &[0.0, 0.5, 0.9, 1.0]);
        let [_, from_warm, saved, ..] = savings(&scratch, &run(1.1, 100, &[1.0, 1.0])).unwrap();
        assert_eq!((from_warm, saved), (Some(100.0), Some(30.0)));
        let [_, from_warm, saved, ..] = savings(&scratch, &run(-2.0, 100, &[-1.0, 0.8])).unwrap();
        assert_eq!((from_warm, saved), (None, None));
    }

    #[test]
    fn every_year_that_is_asked_of_is_a_garden_with_visible_thirst() {
        for degrees in ANGLES_DEGREES {
            let scenario = scenario(degrees).unwrap();
            let look = &scenario.seasons[0].look;
            assert_eq!(scenario.seasons.len(), 1);
            assert!(!scenario.schedule.boundaries_are_declared());
            assert_eq!(look.ground, self::scenario(0).unwrap().seasons[0].look.ground);
            assert_ne!(look.thirsty, self::scenario(0).unwrap().seasons[0].look.thirsty, "{degrees}");
        }
    }
}
