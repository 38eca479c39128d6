//! The policy at the end of a season, as far as later ones are compared with it.

use crate::learner::inside::PolicyLook;
use crate::learner::{StateDict, StateError};

/// Answers and representation of the policy at the end of a season, on the views of that season.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SeasonEnd {
    /// Decisions by then.
    pub(super) decisions: u64,
    /// Outputs and products of activations. The actions follow from the outputs and are not kept.
    pub(super) outputs: Vec<f32>,
    pub(super) grams: Vec<Vec<f64>>,
}

impl SeasonEnd {
    pub(super) fn of(decisions: u64, look: &PolicyLook) -> Self {
        Self {
            decisions,
            outputs: look.outputs.clone(),
            grams: look.grams.clone(),
        }
    }

    pub(super) fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        state.set(format!("{prefix}.decisions"), &self.decisions)?;
        state.set(format!("{prefix}.layers"), &self.grams.len())?;
        state.put(format!("{prefix}.outputs"), &self.outputs);
        for (layer, gram) in self.grams.iter().enumerate() {
            state.put(format!("{prefix}.gram.{layer}"), gram);
        }
        Ok(())
    }

    pub(super) fn load(state: &StateDict, prefix: &str, views: usize, actions: usize) -> Result<Self, StateError> {
        let layers: usize = state.get(&format!("{prefix}.layers"))?;
        let gram = |layer: usize| state.array_of_len(&format!("{prefix}.gram.{layer}"), views * views);
        Ok(Self {
            decisions: state.get(&format!("{prefix}.decisions"))?,
            outputs: state.array_of_len(&format!("{prefix}.outputs"), views * actions)?,
            grams: (0..layers).map(gram).collect::<Result<_, _>>()?,
        })
    }
}
