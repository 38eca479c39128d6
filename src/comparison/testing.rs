//! Helpers shared by the tests of this module.

use std::ops::Range;

use super::{ComparisonError, ComparisonPlan, MethodChoice, Question};
use crate::evaluation::{Ledger, Timing};
use crate::scenario::Scenario;
use crate::training::{RunConfig, Summary};

/// Returns a configuration that trains within a second.
pub(super) fn config(method: &str, seed: u64) -> RunConfig {
    in_scenario("four_seasons", method, seed)
}

/// Returns the same as [`config`], for another scenario.
pub(super) fn in_scenario(scenario: &str, method: &str, seed: u64) -> RunConfig {
    let mut config = RunConfig::new(Scenario::load(scenario).unwrap().scenario);
    config.method = method.to_owned();
    config.seed = seed;
    config.gardens = 4;
    config.decisions_per_season = 200;
    config.evaluation.episodes = 1;
    config.evaluation.gardens = 1;
    config.learner.hidden = vec![8];
    config.learner.batch_size = 8;
    config.learner.fresh_memory.minimum_transitions = 100;
    config
}

/// Returns a question about these methods in the scenario `four_seasons`.
pub(super) fn question(methods: &[&str], seeds: Range<u64>) -> Question {
    Question {
        scenarios: vec!["four_seasons".to_owned()],
        methods: methods.iter().map(|method| MethodChoice::plain(method)).collect(),
        leaves_out: false,
        algorithm: "dqn".to_owned(),
        seeds,
    }
}

/// Returns the plan of a question.
pub(super) fn plan(question: &Question) -> Result<ComparisonPlan, ComparisonError> {
    ComparisonPlan::of_results::<ComparisonError>(question, &mut |scenario, choice, seed| {
        Ok(in_scenario(scenario, &choice.name, seed))
    })
}

/// Returns the plan of these methods in the scenario `four_seasons`.
pub(super) fn plan_of(methods: &[&str], seeds: Range<u64>) -> ComparisonPlan {
    plan(&question(methods, seeds)).unwrap()
}

/// Returns the summary of a finished run with this average performance.
pub(super) fn summary(method: &str, seed: u64, average_performance: Option<f64>) -> Summary {
    let numbers = Ledger {
        updates: 10,
        ..Ledger::default()
    };
    Summary {
        method: method.to_owned(),
        seed,
        average_performance,
        forgetting: average_performance,
        timing: Timing {
            total_s: 2.0,
            ..Timing::default()
        },
        ledger: numbers,
        ..crate::training::summary::tests::example()
    }
}
