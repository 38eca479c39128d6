//! On-device learning: what the best method under a budget of bytes and multiply-adds reaches, and what it costs.
//!
//! Each condition is a [`Budget`] as `train --budget` takes it, which chooses the method, and is enforced. Beside them stand two runs without a budget:
//! the same replay with all that it wants, and plain fine-tuning, which keeps nothing. All learn the four seasons with paired seeds.

use super::asked::{Asked, Identity, plan_of};
use super::{Application, ApplicationError};
use crate::comparison::{ComparisonError, ComparisonPlan, PlannedRun};
use crate::evaluation::application::{ApplicationBar, ApplicationMeasure, ApplicationPoint, ApplicationResult, Bound};
use crate::scenario::{DEFAULT_SCENARIO, Scenario};
use crate::training::budget::{Budget, DeviceNeed};
use crate::training::summary::Summary;

/// The application.
pub const APPLICATION: Application = Application {
    name: "on-device",
    question: "what does the best method under a budget of memory and multiply-adds reach, and what does each budget cost",
    stages: &[runs],
    measure,
};

/// A condition: its name, label of its folders, budget or method, and place.
struct Condition {
    name: &'static str,
    label: &'static str,
    budget: Option<&'static str>,
    method: Option<&'static str>,
}

/// Condition of the bar.
const SMALL: &str = "64 KB of past, 200 KB of weights";
/// Condition of the aim.
const SMALLER: &str = "16 KB of past, 800 KB of weights";

const CONDITIONS: [Condition; 6] = [
    Condition {
        name: "no budget",
        label: "unlimited",
        budget: None,
        method: Some("replay"),
    },
    Condition {
        name: SMALL,
        label: "past64",
        budget: Some("past=64KB,weights=200KB,multiply-adds=50000"),
        method: None,
    },
    Condition {
        name: "64 KB of past, 200 KB of weights, 20,000 multiply-adds",
        label: "past64-narrow",
        budget: Some("past=64KB,weights=200KB,multiply-adds=20000"),
        method: None,
    },
    Condition {
        name: SMALLER,
        label: "past16",
        budget: Some("past=16KB,weights=800KB,multiply-adds=50000"),
        method: None,
    },
    Condition {
        name: "16 KB of past, 200 KB of weights",
        label: "past16-light",
        budget: Some("past=16KB,weights=200KB,multiply-adds=50000"),
        method: None,
    },
    Condition {
        name: "nothing kept",
        label: "nothing",
        budget: None,
        method: Some("finetune"),
    },
];

impl Condition {
    fn run(&self, asked: &Asked<'_>, seed: u64) -> Result<PlannedRun, ApplicationError> {
        let scenario = Scenario::load(DEFAULT_SCENARIO).map_err(|error| ApplicationError::Settings(Box::new(error)))?;
        let mut config = asked.config(scenario.scenario, self.method.unwrap_or("finetune"), seed)?;
        if let Some(text) = self.budget {
            let budget: Budget = text.parse().map_err(|error| ApplicationError::Settings(Box::new(error)))?;
            budget.choose(&mut config, false).map_err(ComparisonError::from)?;
        }
        asked.planned(self.label, config, None)
    }
}

fn runs(asked: &Asked<'_>) -> Result<ComparisonPlan, ApplicationError> {
    let mut runs = Vec::new();
    for seed in asked.seeds.clone() {
        for condition in &CONDITIONS {
            runs.push(condition.run(asked, seed)?);
        }
    }
    Ok(plan_of(runs))
}

/// Values of a finished run. Learning is all multiply-adds of a run but those of its decisions, for each decision.
fn values(run: &PlannedRun, summary: &Summary) -> Result<Vec<(&'static str, Option<f64>)>, ApplicationError> {
    let ledger = &summary.ledger;
    let need = DeviceNeed::of(&run.config)?;
    let decisions = ledger.decisions.max(1) as f64;
    let network = run.config.network_bytes();
    Ok(vec![
        ("performance", summary.average_performance),
        ("past data", Some(ledger.past_bytes as f64)),
        ("recent", Some(ledger.memory_bytes.saturating_sub(ledger.past_bytes) as f64)),
        ("weights", Some((network + ledger.method_state_bytes) as f64)),
        ("deciding", Some(need.multiply_adds as f64)),
        (
            "learning",
            Some(ledger.multiply_adds as f64 / decisions - need.multiply_adds as f64),
        ),
    ])
}

fn measure(asked: &Asked<'_>) -> Result<ApplicationResult, ApplicationError> {
    let mut points = Vec::new();
    for condition in &CONDITIONS {
        for seed in asked.seeds.clone() {
            let run = condition.run(asked, seed)?;
            let values = values(&run, &asked.summary(&run)?)?;
            let place = values
                .iter()
                .find(|(name, _)| *name == "past data")
                .and_then(|(_, value)| *value);
            let name = format!("{}: {}", condition.name, run.config.method);
            points.push(ApplicationPoint::new(&name, place, seed, &values));
        }
    }
    let bar = |condition: &str| {
        let named = points.iter().map(|point| point.condition.clone());
        let condition = named
            .filter(|name| name.starts_with(condition))
            .min_by_key(String::len)
            .unwrap_or_default();
        ApplicationBar {
            condition,
            measure: "performance".to_owned(),
            bound: Bound::AtLeast(0.8),
            aim: None,
        }
    };
    let bars = vec![bar(SMALL), bar(SMALLER)];
    Ok(asked.result(
        Identity {
            application: APPLICATION.name,
            question: APPLICATION.question,
            across: "bytes of past data at the end",
            shown: "performance",
            measures: vec![
                ApplicationMeasure::number(
                    "performance",
                    "average performance: the mean score over the four seasons at the end",
                ),
                ApplicationMeasure::count("past data", "bytes of past data that the method keeps at the end"),
                ApplicationMeasure::count("recent", "most bytes of recent experience, which does not count as past data"),
                ApplicationMeasure::count(
                    "weights",
                    "bytes of the network that decides, and of what else the method keeps in weights",
                ),
                ApplicationMeasure::count("deciding", "multiply-adds of a decision"),
                ApplicationMeasure::count(
                    "learning",
                    "multiply-adds of learning, for each decision: a measure of energy",
                ),
            ],
            bars,
        },
        points,
    ))
}
