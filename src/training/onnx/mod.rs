//! Policies as ONNX models, for runtimes in other languages and on other devices.
//!
//! The graph (opset 17) has one input, `observation`, and one output, `values`, one number for each action: values of actions, or logits of
//! their probabilities, as `perennial.outputs` says. Hidden layers are normalised as the network does it. A policy of several contexts is one
//! graph, which also chooses the context by the view.
//!
//! An observation is a row of [numbers](OnnxInput::Numbers) in their units or of [bytes](OnnxInput::Bytes). Bytes are decoded in the
//! graph, with the same coefficients as here. The metadata hold the name and range of each channel, the names of the actions, and where the
//! policy comes from; all keys begin with `perennial.`.

mod graph;
mod messages;

use prost::Message;
use thiserror::Error;

use super::policy_fit::PolicyMisfit;
use super::run_policy::RunPolicy;
use crate::learner::{ExplorationPolicy, PolicySnapshot};
use crate::mdp::{Action, ObservationSpec};
use crate::scenario::Scenario;
use crate::sensors::observation_spec;
use messages::{Model, OperatorSet, Property};

/// Version of the operators: the first with normalised layers.
const OPSET: i64 = 17;
/// Version of the file format that came with these operators.
const IR_VERSION: i64 = 8;

/// Form of the observations that a model takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnnxInput {
    /// Float: numbers in their units, as Gymnasium's environments return them by default.
    #[default]
    Numbers,
    /// Unsigned bytes, as the sensors write them: the graph decodes them.
    Bytes,
}

/// A policy cannot be written as an ONNX model.
#[derive(Debug, Error, miette::Diagnostic)]
pub enum OnnxError {
    /// There is a policy for each season, and a model holds one.
    #[error("it has a policy for each of {} seasons, and a model holds one", .seasons.len())]
    #[diagnostic(help("choose one of {}", .seasons.join(", ")))]
    BySeason {
        /// Names of the seasons, as far as they are known.
        seasons: Vec<String>,
    },
    /// It is not a policy of this scenario.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Misfit(#[from] PolicyMisfit),
}

impl RunPolicy {
    /// The policy as an ONNX model: the same as `perennial export --format onnx` writes. `season`, by its number in `scenario`, is needed where there is a policy for each.
    ///
    /// # Errors
    /// The policy does not fit the scenario, or there are several and no season chooses.
    pub fn to_onnx(&self, scenario: &Scenario, season: Option<usize>, input: OnnxInput) -> Result<Vec<u8>, OnnxError> {
        if season.is_none() && self.is_by_season() {
            return Err(OnnxError::BySeason {
                seasons: scenario.seasons.iter().map(|season| season.name.clone()).collect(),
            });
        }
        let fitting = self.for_scenario(scenario)?;
        let network = fitting.for_season(season.unwrap_or_default());
        let observation = observation_spec(scenario);
        let model = Model {
            ir_version: IR_VERSION,
            producer_name: "perennial".to_owned(),
            producer_version: env!("CARGO_PKG_VERSION").to_owned(),
            doc_string: "Policy of a watering robot".to_owned(),
            graph: Some(graph::graph(network, &observation, input)),
            opset_import: vec![OperatorSet {
                domain: String::new(),
                version: OPSET,
            }],
            metadata_props: self.properties(network, &observation),
        };
        Ok(model.encode_to_vec())
    }

    /// Origin of the policy, and what its inputs and outputs mean.
    fn properties(&self, network: &PolicySnapshot, observation: &ObservationSpec) -> Vec<Property> {
        let origin = &self.origin;
        let outputs = match network.exploration {
            ExplorationPolicy::EpsilonGreedy { .. } => "values",
            ExplorationPolicy::Categorical => "logits",
        };
        let only_season = self.trained_on.as_ref().and_then(|trained_on| trained_on.only_season.clone());
        let mut properties = vec![
            ("scenario", origin.scenario.clone()),
            ("method", origin.method.clone()),
            ("algorithm", origin.algorithm.clone()),
            ("seed", origin.seed.to_string()),
            ("decisions", origin.decisions.to_string()),
            ("program_version", origin.program_version.clone()),
            ("policy_hash", network.hash()),
            ("outputs", outputs.to_owned()),
            ("actions", serde_json::json!(Action::ALL.map(Action::name)).to_string()),
            ("channels", serde_json::json!(observation.channels).to_string()),
            ("decoding", "low + byte * (high - low) / 255".to_owned()),
        ];
        properties.extend(only_season.map(|season| ("season", season)));
        let property = |(key, value): (&str, String)| Property {
            key: format!("perennial.{key}"),
            value,
        };
        properties.into_iter().map(property).collect()
    }
}

#[cfg(test)]
mod tests;
