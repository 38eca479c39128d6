//! Saving and loading of a learner, for an exact resume.

use crate::learner::core::Learner;
use crate::learner::error::{LearnerError, StateError};
use crate::learner::state::StateDict;

impl Learner {
    /// Saves everything needed for an exact resume, under names that begin with `learner`.
    pub fn save(&self, state: &mut StateDict) -> Result<(), LearnerError> {
        state.set("learner.algorithm_name", &self.names.0)?;
        state.set("learner.method_name", &self.names.1)?;
        state.set("learner.shape", &self.shape())?;
        state.set("learner.gardens", &self.spec.gardens)?;
        state.set("learner.task", &self.task)?;
        state.set("learner.decisions", &self.decisions)?;
        state.set("learner.owed_decisions", &self.owed_decisions)?;
        state.set("learner.updates", &self.updates)?;
        state.set("learner.exploration_began", &self.exploration_began)?;
        state.set("learner.multiply_adds", &self.ledger().multiply_adds)?;
        state.set("learner.fresh_rng", &self.recent_rng)?;
        state.put("learner.average", &self.average);
        self.recent.save(state, "learner.fresh")?;
        self.algorithm.save(state, "learner.algorithm")?;
        if let Some(heads) = &self.heads {
            heads.save(state, "learner.heads")?;
        }
        self.methods.save(state, "learner.method")?;
        Ok(())
    }

    /// Loads a saved state: learning then continues bit for bit as without the interruption.
    ///
    /// The learner must have been built with the same names, settings and spec.
    ///
    /// # Errors
    /// Returns an error that names the entry that is missing or does not fit. The learner is then partly loaded and must not be
    /// used.
    pub fn load(&mut self, state: &StateDict) -> Result<(), LearnerError> {
        state.expect("learner.algorithm_name", &self.names.0)?;
        state.expect("learner.method_name", &self.names.1)?;
        state.expect("learner.shape", &self.shape())?;
        state.expect("learner.gardens", &self.spec.gardens)?;
        self.task = state.get("learner.task")?;
        self.decisions = state.get("learner.decisions")?;
        self.owed_decisions = state.get("learner.owed_decisions")?;
        self.updates = state.get("learner.updates")?;
        self.exploration_began = state.get("learner.exploration_began")?;
        if self.exploration_began > self.decisions {
            return Err(StateError::Mismatch {
                entry: "learner.exploration_began".to_owned(),
                expected: format!("at most {}, the decisions so far", self.decisions),
                found: self.exploration_began.to_string(),
            }
            .into());
        }
        self.recent_rng = state.get("learner.fresh_rng")?;
        state.copy_to("learner.average", &mut self.average)?;
        self.recent.load(state, "learner.fresh")?;
        self.algorithm.load(state, "learner.algorithm")?;
        if let Some(heads) = &mut self.heads {
            heads.load(state, "learner.heads")?;
        }
        self.methods.load(state, "learner.method")?;
        let multiply_adds: u64 = state.get("learner.multiply_adds")?;
        self.multiply_adds = multiply_adds.wrapping_sub(self.counted_multiply_adds());
        Ok(())
    }
}
