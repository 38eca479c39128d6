//! Results of a comparison, by method.
//!
//! Average performance and forgetting are interquartile means over seeds (Agarwal et al. 2021), the former with its bootstrap 95
//! % interval or, with fewer than ten seeds, for which such an interval is too narrow, from the lowest to the highest. Every method uses the same resamples, as the seeds are the same. Costs are means over seeds; bytes are maxima.

use super::plan::{ComparisonPlan, PlannedRun, distinct};
use super::run_end::RunEnd;
use crate::evaluation::Undefined;
use crate::evaluation::statistics::{Estimate, LEAST_SEEDS, RESAMPLES, bootstrap, bootstrap_stream, interquartile_mean};
use crate::learner::{Curriculum, LearnerSettings, Needs, plan_with};
use crate::training::Summary;

/// Results of a scenario, the best method first. Runs of different scenarios are never averaged together.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioResult {
    /// Name of the scenario, the algorithm, and the number of years if it is not one.
    pub setting: String,
    /// Methods by average performance; those without one are last.
    pub methods: Vec<MethodResult>,
}

/// Results of a method in a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct MethodResult {
    /// Name of the method, with the label that distinguishes it from others of the same method.
    pub method: String,
    /// Information that the method must be given.
    pub needs: Needs,
    /// Number of finished runs.
    pub finished: usize,
    /// Number of requested runs.
    pub asked: usize,
    /// Interquartile mean of the average performance, with its interval, or from the lowest to the highest run with fewer than
    /// [`LEAST_SEEDS`]; `None` unless every finished run has one.
    pub average_performance: Option<Estimate>,
    /// Interquartile mean of forgetting; `None` unless every finished run has one. It is also `None` where all seasons are
    /// learned at once, since no season then has an end of its own.
    pub forgetting: Option<f64>,
    /// Mean number of gradient updates.
    pub updates: f64,
    /// Mean number of multiply-adds.
    pub multiply_adds: f64,
    /// Maximum size of the stored experience, in bytes.
    pub memory_bytes: u64,
    /// Maximum size of the other state of the method, in bytes.
    pub method_state_bytes: u64,
    /// Mean work of a run, in seconds on one core.
    pub work_s: f64,
}

/// Returns the results, by scenario.
pub fn results(plan: &ComparisonPlan, ends: &[RunEnd]) -> Vec<ScenarioResult> {
    let scenarios = distinct(plan.runs.iter().map(PlannedRun::setting))
        .into_iter()
        .map(|setting| {
            let here = || plan.runs.iter().zip(ends).filter(|(run, _)| run.setting() == setting);
            let contenders = distinct(here().map(|(run, _)| (run.contender(), &run.config.method)));
            let mut methods: Vec<MethodResult> = contenders
                .into_iter()
                .map(|(contender, method)| {
                    let own = here().filter(|(run, _)| run.contender() == contender);
                    let settings = own.clone().next().map(|(run, _)| &run.config.learner);
                    let own: Vec<&RunEnd> = own.map(|(_, end)| end).collect();
                    method_result(contender, method, settings, &own)
                })
                .collect();
            let value = |result: &MethodResult| {
                result
                    .average_performance
                    .map_or(f64::NEG_INFINITY, |estimate| estimate.value)
            };
            methods.sort_by(|left, right| value(right).total_cmp(&value(left)));
            ScenarioResult { setting, methods }
        });
    scenarios.collect()
}

/// Returns the interquartile mean, with its interval or, with few seeds, from the lowest to the highest of them.
fn performance(values: Vec<f64>) -> Result<Estimate, Undefined> {
    let strata = [values];
    let estimate = bootstrap(&strata, interquartile_mean, RESAMPLES, &mut bootstrap_stream(0))?;
    let [values] = strata;
    Ok(if values.len() < LEAST_SEEDS {
        Estimate {
            low: values.iter().copied().fold(f64::INFINITY, f64::min),
            high: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            ..estimate
        }
    } else {
        estimate
    })
}

fn method_result(contender: String, method: &str, settings: Option<&LearnerSettings>, ends: &[&RunEnd]) -> MethodResult {
    let summaries: Vec<&Summary> = ends.iter().filter_map(|end| end.summary()).collect();
    // All or none: an average over only some runs would mean something else.
    let all = |value: fn(&Summary) -> Option<f64>| summaries.iter().map(|summary| value(summary)).collect::<Option<Vec<f64>>>();
    let mean = |value: fn(&Summary) -> f64| {
        let sum: f64 = summaries.iter().map(|summary| value(summary)).sum();
        sum / summaries.len().max(1) as f64
    };
    let most = |value: fn(&Summary) -> u64| summaries.iter().map(|summary| value(summary)).max().unwrap_or(0);
    let read = settings.and_then(|settings| plan_with(method, settings).ok());
    let at_once = read
        .as_ref()
        .is_some_and(|plan| plan.curriculum == Curriculum::AllTasksAtOnce);
    let average_performance = all(|summary| summary.average_performance).and_then(|values| performance(values).ok());
    MethodResult {
        needs: read.map_or(Needs::NOTHING, |plan| plan.needs),
        finished: summaries.len(),
        asked: ends.len(),
        average_performance,
        forgetting: all(|summary| summary.forgetting)
            .filter(|_| !at_once)
            .and_then(|values| interquartile_mean(&values).ok()),
        updates: mean(|summary| summary.updates as f64),
        multiply_adds: mean(|summary| summary.ledger.multiply_adds as f64),
        memory_bytes: most(|summary| summary.ledger.memory_bytes),
        method_state_bytes: most(|summary| summary.ledger.method_state_bytes),
        work_s: mean(|summary| summary.timing.work_s()),
        method: contender,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::testing::{plan_of, summary};

    fn finished(method: &str, seed: u64, score: Option<f64>) -> RunEnd {
        RunEnd::Finished(Box::new(summary(method, seed, score)))
    }

    #[test]
    fn the_best_method_stands_first_and_scenarios_are_apart() {
        let plan = plan_of(&["finetune", "replay"], 0..2);
        let ends = [
            ("finetune", 0, -0.5),
            ("replay", 0, 0.9),
            ("finetune", 1, 0.0),
            ("replay", 1, 0.7),
        ]
        .map(|(method, seed, score)| finished(method, seed, Some(score)));
        let results = results(&plan, &ends);
        assert_eq!(results.len(), 1);
        let names: Vec<&str> = results[0].methods.iter().map(|result| result.method.as_str()).collect();
        assert_eq!(names, ["replay", "finetune"]);
        let best = results[0].methods[0].average_performance.unwrap();
        assert!((best.value - 0.8).abs() < 1e-12 && best.low >= 0.7 && best.high <= 0.9);
        assert_eq!((results[0].methods[0].finished, results[0].methods[0].asked), (2, 2));
    }

    #[test]
    fn what_is_missing_is_not_padded() {
        let plan = plan_of(&["finetune", "replay"], 0..2);
        let ends = [
            finished("finetune", 0, Some(-3.0)),
            RunEnd::Failed("no".to_owned()),
            finished("finetune", 1, None),
            RunEnd::NotBegun,
        ];
        let results = results(&plan, &ends);
        for result in &results[0].methods {
            assert_eq!(result.average_performance, None, "{}", result.method);
        }
        let finished: Vec<usize> = results[0].methods.iter().map(|result| result.finished).collect();
        assert_eq!(finished, [2, 0]);
    }
}
