//! Needs of a configuration on a device, at most.

use super::choice::smallest;
use super::{Budget, OverBudget};
use crate::learner::{History, LearnerError, LearnerScale, MethodSpec, plan_with};
use crate::training::RunConfig;

/// Bytes of a weight.
const WEIGHT: u64 = size_of::<f32>() as u64;

/// Methods that keep past data and nothing else of size: `learner.history` limits what they keep.
const KEEP_PAST: [&str; 6] = [
    "replay",
    "replay_boundary_free",
    "der_plus_plus",
    "clear",
    "qreg_nwlu",
    "agem",
];
/// Methods that keep nothing of size.
const KEEP_NOTHING: [&str; 4] = ["finetune", "scratch", "frozen", "c_chain"];

/// Needs of a configuration on a device, at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceNeed {
    /// Bytes of past data; the greatest number if there is no limit.
    pub past_bytes: u64,
    /// Bytes of the networks that decide, and of what else the method keeps in weights.
    pub weights_bytes: u64,
    /// Multiply-adds of a decision.
    pub multiply_adds: u64,
}

impl DeviceNeed {
    /// The need of a run of this configuration. Where a method's weights are not known exactly, the upper bound is taken that the estimate of memory is
    /// made of.
    ///
    /// # Errors
    /// There is no such method.
    pub fn of(config: &RunConfig) -> Result<Self, LearnerError> {
        let (settings, spec) = (&config.learner, config.learner_spec());
        let plan = plan_with(&config.method, settings)?;
        let shape = settings.network_shape(&spec);
        let parameters = shape.parameters() as u64;
        let scale = LearnerScale {
            observation: shape.inputs as u64,
            actions: shape.outputs as u64,
            gardens: spec.gardens as u64,
            decisions: config.decisions(),
            layer_inputs: shape.layers().iter().map(|layer| layer.inputs as u64 + 1).collect(),
            parameters,
            networks: 1,
        };
        let mut need = Self {
            past_bytes: 0,
            weights_bytes: parameters * WEIGHT,
            multiply_adds: shape.forward_multiply_adds(),
        };
        for method in &plan.methods {
            need.add(method, config, &scale);
        }
        Ok(need)
    }

    fn add(&mut self, method: &MethodSpec, config: &RunConfig, scale: &LearnerScale) {
        let settings = &config.learner;
        let (mut past, mut weights) = (0, 0);
        match method.name {
            name if KEEP_PAST.contains(&name) => {
                past = match settings.history {
                    History::Bytes(bytes) => bytes,
                    History::Nothing => 0,
                    History::Own | History::Transitions(_) => (method.memory)(settings, scale),
                };
                // The regression that tells past from present, where there is one: four numbers for each of an observation are more than it has.
                weights = 4 * WEIGHT * (scale.observation + 1);
            }
            "joint" => past = u64::MAX,
            "reset_distil" => {
                past = match settings.history {
                    History::Bytes(bytes) => bytes,
                    _ => u64::MAX,
                };
                weights = scale.weights(3);
            }
            // An autoencoder with two moments, an old decoder and an old policy.
            "generative_replay" => {
                let (units, codes) = (
                    settings.generative_replay.units as u64,
                    settings.generative_replay.codes as u64,
                );
                let decoder = (codes + 1) * units + (units + 1) * scale.observation;
                let encoder = (scale.observation + 1) * units + (units + 1) * 2 * codes;
                weights = WEIGHT * (3 * (encoder + decoder) + decoder + scale.parameters);
            }
            "l2_init" => weights = scale.weights(1),
            // Every context has networks, targets, moments and an average, and a comparison of each view with its distribution.
            "inferred_context" => {
                let contexts = settings.inferred_context.maximum_contexts as u64;
                weights = scale.weights(contexts * 6) + contexts * 5 * WEIGHT * scale.observation;
                self.multiply_adds += contexts * 2 * scale.observation;
            }
            name if KEEP_NOTHING.contains(&name) => {}
            _ => weights = (method.memory)(settings, scale),
        }
        self.past_bytes = self.past_bytes.saturating_add(past);
        self.weights_bytes = self.weights_bytes.saturating_add(weights);
    }
}

impl Budget {
    /// Checks that a configuration keeps the budget.
    ///
    /// # Errors
    /// It needs more: with the smallest budget that could be, if nothing fits; and there is no such method.
    pub fn check(&self, config: &RunConfig) -> Result<(), crate::training::ConfigError> {
        let need = DeviceNeed::of(config)?;
        let exceeded = self.exceeded(&need);
        if exceeded.is_empty() {
            return Ok(());
        }
        let least = smallest(config)?;
        if !self.holds(&least) {
            return Err(OverBudget::Impossible {
                budget: Box::new(*self),
                smallest: Box::new(least.as_budget()),
            }
            .into());
        }
        Err(OverBudget::Configured {
            method: config.method.clone(),
            hidden: config.learner.hidden.clone(),
            needs: exceeded.join(" and "),
            budget: Box::new(*self),
            help: "without --method, the best method under the budget is chosen; `learner.hidden` takes smaller layers, `learner.history` less past data"
                .to_owned(),
        }
        .into())
    }
}

impl DeviceNeed {
    /// The budget that is just enough.
    pub fn as_budget(&self) -> Budget {
        Budget {
            past_bytes: Some(self.past_bytes),
            weights_bytes: Some(self.weights_bytes),
            multiply_adds: Some(self.multiply_adds),
        }
    }
}
