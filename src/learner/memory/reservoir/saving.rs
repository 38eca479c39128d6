//! Saving and loading of a reservoir.

use crate::learner::error::StateError;
use crate::learner::memory::reservoir::outputs::StoredOutputs;
use crate::learner::memory::reservoir::{Growing, Reservoir};
use crate::learner::state::StateDict;

impl Reservoir {
    /// Saves the complete state under `prefix`.
    pub fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        self.store.save(state, prefix);
        if self.limit.is_some() {
            state.set(format!("{prefix}.slots"), &self.slots)?;
        }
        state.put(format!("{prefix}.lengths"), &self.lengths);
        state.put(format!("{prefix}.terminated"), &self.terminated);
        state.put(format!("{prefix}.tasks"), &self.tasks);
        self.kept.save(state, format!("{prefix}.kept"));
        state.set(format!("{prefix}.offered"), &self.offered)?;
        state.set(format!("{prefix}.rng"), &self.rng)?;
        for (garden, growing) in self.growing.iter().enumerate() {
            state.put(format!("{prefix}.growing.{garden}.observations"), &growing.observations);
            state.put(format!("{prefix}.growing.{garden}.actions"), &growing.actions);
            state.put(format!("{prefix}.growing.{garden}.rewards"), &growing.rewards);
            if self.recorded > 0 {
                state.put(format!("{prefix}.growing.{garden}.outputs"), &growing.outputs);
            }
        }
        Ok(())
    }

    /// Loads the complete state from under `prefix`.
    pub fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        let key = |name: &str| format!("{prefix}.{name}");
        let misfit = |name: &str, expected: String, found: String| StateError::Mismatch {
            entry: key(name),
            expected,
            found,
        };
        let lengths: Vec<u16> = state.array(&key("lengths"))?;
        let segments = lengths.len();
        if segments > self.slots || lengths.iter().any(|&length| usize::from(length) > self.length) {
            let expected = format!("at most {} segments of at most {} transitions", self.slots, self.length);
            return Err(misfit("lengths", expected, format!("{segments} segments")));
        }
        let mut kept = StoredOutputs::new(self.store.is_packed());
        kept.load(state, &key("kept"))?;
        let fits = if self.recorded > 0 {
            kept.len() == segments * self.length * self.recorded
        } else {
            kept.len() <= segments * self.length * self.outputs
        };
        if !fits {
            return Err(misfit(
                "kept",
                format!("{} outputs for each transition", self.outputs),
                format!("{} in all", kept.len()),
            ));
        }
        self.store.load(state, prefix, segments)?;
        if self.limit.is_some() {
            self.slots = state.get(&key("slots"))?;
        }
        self.terminated = state.array_of_len(&key("terminated"), segments)?;
        self.tasks = state.array_of_len(&key("tasks"), segments)?;
        self.offered = state.get(&key("offered"))?;
        self.rng = state.get(&key("rng"))?;
        self.transitions = lengths.iter().map(|&length| usize::from(length)).sum();
        (self.lengths, self.kept) = (lengths, kept);
        for garden in 0..self.growing.len() {
            let actions: Vec<u8> = state.array(&key(&format!("growing.{garden}.actions")))?;
            let rows = if actions.is_empty() { 0 } else { actions.len() + 1 };
            self.growing[garden] = Growing {
                observations: state.array_of_len(&key(&format!("growing.{garden}.observations")), rows * self.width)?,
                rewards: state.array_of_len(&key(&format!("growing.{garden}.rewards")), actions.len())?,
                outputs: if self.recorded > 0 {
                    state.array_of_len(&key(&format!("growing.{garden}.outputs")), actions.len() * self.recorded)?
                } else {
                    Vec::new()
                },
                actions,
            };
        }
        Ok(())
    }
}
