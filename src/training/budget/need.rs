//! Needs of a configuration on a device, at most.

use super::choice::smallest;
use super::{Budget, OverBudget};
use crate::learner::methods::{Keeps, Kept};
use crate::learner::{History, LearnerError, LearnerScale, MethodSpec, plan_with};
use crate::training::RunConfig;

/// Bytes of a weight.
const WEIGHT: u64 = size_of::<f32>() as u64;

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
        let kept = match method.keeps {
            Keeps::Nothing => Kept::default(),
            Keeps::PastData => Kept {
                past_bytes: match settings.history {
                    History::Bytes(bytes) => bytes,
                    History::Nothing => 0,
                    History::Own | History::Transitions(_) => (method.memory)(settings, scale),
                },
                // The regression that tells past from present, where there is one: four numbers for each of an observation are more than it has.
                weights_bytes: 4 * WEIGHT * (scale.observation + 1),
                multiply_adds: 0,
            },
            Keeps::Weights => Kept {
                weights_bytes: (method.memory)(settings, scale),
                ..Kept::default()
            },
            Keeps::Other(kept) => kept(settings, scale),
        };
        self.past_bytes = self.past_bytes.saturating_add(kept.past_bytes);
        self.weights_bytes = self.weights_bytes.saturating_add(kept.weights_bytes);
        self.multiply_adds += kept.multiply_adds;
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
