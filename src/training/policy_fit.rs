//! Reasons why a policy does not fit a garden or a run, by the names of the settings that differ.

use serde::Serialize;

use super::run_policy::TrainedOn;
use super::{RunConfig, RunPolicy};
use crate::scenario::Scenario;

/// Policy and what it was to be used for do not fit each other.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("the policy {subject}:\n{}", lines(.reasons))]
pub struct PolicyMisfit {
    /// Origin of the policy, and what it does not fit.
    subject: String,
    /// Every reason, in a line each.
    pub reasons: Vec<String>,
    #[help]
    help: Option<String>,
}

fn lines(reasons: &[String]) -> String {
    reasons.join("\n")
}

impl PolicyMisfit {
    pub(super) fn new(policy: &RunPolicy, purpose: &str, reasons: Vec<String>, help: Option<String>) -> Self {
        let origin = &policy.origin;
        Self {
            subject: format!(
                "learned in `{}` by {} ({}), seed {}, does not fit {purpose}",
                origin.scenario, origin.method, origin.algorithm, origin.seed
            ),
            reasons,
            help,
        }
    }
}

/// Reasons why a policy cannot act in a scenario.
pub(super) fn garden_misfits(policy: &RunPolicy, scenario: &Scenario) -> Vec<String> {
    let here = TrainedOn::scenario(scenario);
    let inputs: usize = here.senses.iter().map(|sense| sense.numbers).sum();
    let Some(there) = &policy.trained_on else {
        // A file of an older version: all that is known of its observations is their length.
        let found = policy.networks().iter().map(|network| network.shape.inputs);
        return found
            .filter(|&found| found != inputs)
            .take(1)
            .map(|found| {
                format!(
                    "an observation has {inputs} numbers here (eye.columns is {}, eye.rows is {}) and {found} in the run",
                    here.eye.columns, here.eye.rows
                )
            })
            .collect();
    };
    let mut reasons = Vec::new();
    // Only what changes the layout of an observation is a misfit: to look further around with the same number of columns is a
    // question that may well be asked of a policy.
    differ("eye.columns", &here.eye.columns, &there.eye.columns, &mut reasons);
    differ("eye.rows", &here.eye.rows, &there.eye.rows, &mut reasons);
    if reasons.is_empty() && here.senses != there.senses {
        let told = |on: &TrainedOn| {
            let senses = on.senses.iter().map(|sense| format!("{} ({})", sense.name, sense.numbers));
            senses.collect::<Vec<_>>().join(", ")
        };
        reasons.push(format!("the senses are {} here and {} in the run", told(&here), told(there)));
    }
    reasons
}

/// Reasons why a run of this configuration cannot begin with a policy.
pub(super) fn begin_misfits(policy: &RunPolicy, config: &RunConfig) -> Vec<String> {
    let mut reasons = Vec::new();
    differ("algorithm", &config.algorithm, &policy.origin.algorithm, &mut reasons);
    if let Some(network) = policy.networks().first() {
        let (learner, shape) = (&config.learner, &network.shape);
        differ("learner.hidden", &learner.hidden, &shape.hidden, &mut reasons);
        differ("learner.layer_norm", &learner.layer_norm, &shape.layer_norm, &mut reasons);
    }
    reasons.extend(garden_misfits(policy, &config.scenario));
    reasons
}

fn differ<T: PartialEq + Serialize>(key: &str, here: &T, there: &T, reasons: &mut Vec<String>) {
    if here != there {
        let text = |value: &T| match serde_json::to_value(value) {
            Ok(serde_json::Value::String(text)) => text,
            Ok(value) => value.to_string(),
            Err(error) => error.to_string(),
        };
        reasons.push(format!("{key} is {} here and {} in the run", text(here), text(there)));
    }
}
