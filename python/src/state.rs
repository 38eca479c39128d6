//! Saving and restoring of a batch: its seeds, where each garden's episode started, and the actions since.
//!
//! A garden's state is a function of these, so a saved state is small and restores the same bits, at the cost of simulating the episodes
//! under way once more. The hash of the whole state is saved as well and compared.

use perennial::garden::EpisodeStart;
use perennial::mdp::Action;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::batch::{Actions, Autoreset, Batch, Recipe, Schedule};
use crate::failure::{Interrupted, Signals};
use crate::motors::NUMBERS;

/// Format of saved states.
const FORMAT: u32 = 1;

/// Error: a state cannot be restored.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StateError {
    /// The bytes are no saved state, or a damaged one.
    #[error("this is no saved state, or a damaged one: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// The state belongs to an environment with other settings.
    #[error("the state was saved with another {what}: an environment takes only states of its own kind")]
    Other {
        /// Name of what differs.
        what: &'static str,
    },
    /// The same actions led to another state.
    #[error("the gardens do not reach the saved state again: it was saved by another version or on another kind of machine")]
    Different,
    /// A signal arrived.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// A saved state.
#[derive(Serialize, Deserialize)]
struct Saved {
    format: u32,
    version: String,
    /// Hash of the scenario's text.
    scenario: u64,
    schedule: Schedule,
    autoreset: Autoreset,
    continuous: bool,
    own_seeds: bool,
    seeds: Vec<u64>,
    tick: u64,
    starts: Vec<EpisodeStart>,
    actions: Vec<Vec<u8>>,
    commands: Vec<Vec<[f32; NUMBERS]>>,
    waiting: Vec<bool>,
    observations: Vec<u8>,
    state_hash: u64,
}

fn scenario_hash(recipe: &Recipe) -> u64 {
    xxh3_64(recipe.scenario.to_toml().unwrap_or_default().as_bytes())
}

impl Batch {
    /// Saves the state as bytes.
    ///
    /// # Errors
    /// None that a batch could cause.
    pub(crate) fn save(&self) -> Result<Vec<u8>, StateError> {
        let recipe = &self.recipe;
        Ok(serde_json::to_vec(&Saved {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            scenario: scenario_hash(recipe),
            schedule: recipe.schedule,
            autoreset: recipe.autoreset,
            continuous: recipe.continuous,
            own_seeds: recipe.own_seeds,
            seeds: self.seeds.clone(),
            tick: self.gardens.clock(),
            starts: self.gardens.episode_starts(),
            actions: self.actions.clone(),
            commands: self.commands.clone(),
            waiting: self.waiting.clone(),
            observations: self.observations.clone(),
            state_hash: self.gardens.state_hash(),
        })?)
    }

    /// Returns a batch in the state that was saved from one of the same settings.
    ///
    /// # Errors
    /// Returns an error if the bytes are damaged, belong to other settings, or lead to another state, and if a signal arrives.
    pub(crate) fn restored(&self, bytes: &[u8], signals: &mut Signals) -> Result<Self, StateError> {
        let saved: Saved = serde_json::from_slice(bytes)?;
        let recipe = self.recipe.clone();
        let others = [
            (saved.format != FORMAT, "format"),
            (saved.scenario != scenario_hash(&recipe), "scenario"),
            (saved.schedule != recipe.schedule, "schedule"),
            (saved.autoreset != recipe.autoreset, "kind of autoreset"),
            (saved.continuous != recipe.continuous, "kind of actions"),
            (saved.own_seeds != recipe.own_seeds, "kind of seeds"),
            (saved.seeds.len() != self.len(), "number of gardens"),
        ];
        if let Some(&(_, what)) = others.iter().find(|(differs, _)| *differs) {
            return Err(StateError::Other { what });
        }
        let lengths = [
            saved.starts.len(),
            saved.actions.len(),
            saved.commands.len(),
            saved.waiting.len(),
        ];
        let rows = |garden: usize| saved.actions[garden].len() + saved.commands[garden].len();
        let is_whole = lengths.iter().all(|&length| length == self.len())
            && saved.observations.len() == self.observations.len()
            && (0..self.len()).all(|garden| saved.starts[garden].tick.checked_add(rows(garden) as u64) == Some(saved.tick));
        if !is_whole {
            return Err(StateError::Different);
        }
        let mut batch = Self::new(recipe, saved.seeds);
        batch.simulate_again(saved.tick, &saved.starts, &saved.actions, &saved.commands, signals)?;
        if batch.gardens.state_hash() != saved.state_hash {
            return Err(StateError::Different);
        }
        batch.actions = saved.actions;
        batch.commands = saved.commands;
        batch.waiting = saved.waiting;
        batch.observations = saved.observations;
        batch.sums = batch.sums_now();
        Ok(batch)
    }

    /// Starts each garden's episode where it started, and takes the same actions since. What a garden did before its episode does not matter.
    fn simulate_again(
        &mut self,
        tick: u64,
        starts: &[EpisodeStart],
        actions: &[Vec<u8>],
        commands: &[Vec<[f32; NUMBERS]>],
        signals: &mut Signals,
    ) -> Result<(), Interrupted> {
        let first = starts.iter().map(|start| start.tick).min().unwrap_or(tick);
        self.gardens.begin(first, starts);
        for now in first..tick {
            signals.look()?;
            self.begin_those_of(now, first, starts);
            let place = |garden: usize| now.checked_sub(starts[garden].tick).map(|place| place as usize);
            let row = 0..self.len();
            if self.recipe.continuous {
                let row = row.map(|garden| place(garden).and_then(|place| commands[garden].get(place).copied()));
                let row: Vec<_> = row.map(Option::unwrap_or_default).collect();
                self.tick(Actions::Continuous(&row));
            } else {
                let row = row.map(|garden| place(garden).and_then(|place| actions[garden].get(place)));
                let row = row.map(|action| action.and_then(|&action| Action::from_index(action.into())));
                let row: Vec<_> = row.map(Option::unwrap_or_default).collect();
                self.tick(Actions::Discrete(&row));
            }
        }
        self.begin_those_of(tick, first, starts);
        Ok(())
    }

    fn begin_those_of(&mut self, now: u64, first: u64, starts: &[EpisodeStart]) {
        let all = starts.iter().copied().enumerate();
        let of_now: Vec<_> = all.filter(|(_, start)| start.tick == now && now > first).collect();
        if !of_now.is_empty() {
            // There is a garden for each start.
            let _ = self.gardens.begin_some(&of_now);
        }
    }
}
