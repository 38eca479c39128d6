//! Saving and restoring of a batch: its seeds, where each garden's episode started, and the actions since.
//!
//! A garden's state is a function of these, so a saved state is small and restores the same bits, at the cost of simulating the episodes
//! under way once more. The hash of the whole state is saved as well and compared; and a hash of all bytes before it, so that damage is found.

use perennial::garden::EpisodeStart;
use perennial::mdp::Action;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::batch::{Actions, Autoreset, Batch, Recipe, Schedule};
use crate::failure::{Interrupted, Signals};
use crate::motors::NUMBERS;
use crate::scene::Scene;

/// Beginning of a saved state, with the number of the format. The hash of what follows it comes next, and then the rest as JSON.
const BEGINNING: &[u8] = b"perennial state 2\n";
/// Length of the hash: hexadecimal digits.
const HASH_DIGITS: usize = 16;

/// Error: a state cannot be restored.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StateError {
    /// The bytes are no saved state.
    #[error("this is not a saved state")]
    NoState,
    /// The bytes have changed since they were saved.
    #[error("this saved state is damaged: bytes of it were changed or are missing")]
    Damaged,
    /// A state without fault that cannot be read.
    #[error("this saved state cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// The state belongs to another class.
    #[error("this is the state of a {saved}, and it was given to a {here}")]
    OtherOwner {
        /// Class that saved it.
        saved: String,
        /// Class that is to be restored.
        here: String,
    },
    /// The state belongs to an environment with other settings.
    #[error("the state was saved with another {what}: an environment takes only states of its own kind")]
    Other {
        /// Name of what differs.
        what: &'static str,
    },
    /// The same actions led to another state.
    #[error(
        "the gardens do not reach the saved state again: it was saved by version {saved} (this is {}), or on another kind of machine",
        env!("CARGO_PKG_VERSION")
    )]
    Different {
        /// Version that saved it.
        saved: String,
    },
    /// A signal arrived.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// A saved state.
#[derive(Serialize, Deserialize)]
struct Saved {
    version: String,
    /// Class that owns the batch, and what it keeps beside it.
    owner: String,
    notes: Vec<u8>,
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
    last_scenes: Vec<Option<Scene>>,
    observations: Vec<u8>,
    state_hash: u64,
}

fn scenario_hash(recipe: &Recipe) -> u64 {
    xxh3_64(recipe.scenario.to_toml().unwrap_or_default().as_bytes())
}

impl Batch {
    /// Saves the state as bytes, with notes of its owner.
    ///
    /// # Errors
    /// None that a batch could cause.
    pub(crate) fn save(&self, owner: &str, notes: &[u8]) -> Result<Vec<u8>, StateError> {
        let recipe = &self.recipe;
        let text = serde_json::to_vec(&Saved {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            owner: owner.to_owned(),
            notes: notes.to_vec(),
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
            last_scenes: self.last_scenes.clone(),
            observations: self.observations.clone(),
            state_hash: self.gardens.state_hash(),
        })?;
        let hash = format!("{:0HASH_DIGITS$x}", xxh3_64(&text));
        Ok([BEGINNING, hash.as_bytes(), &text].concat())
    }

    /// Returns a batch in the state that was saved from one of the same settings, and the notes of its owner.
    ///
    /// # Errors
    /// Returns an error if the bytes are damaged, belong to another owner or to other settings, or lead to another state, and if a signal arrives.
    pub(crate) fn restored(&self, bytes: &[u8], owner: &str, signals: &mut Signals) -> Result<(Self, Vec<u8>), StateError> {
        let rest = bytes.strip_prefix(BEGINNING).ok_or(StateError::NoState)?;
        let (hash, text) = rest.split_at_checked(HASH_DIGITS).ok_or(StateError::Damaged)?;
        if hash != format!("{:0HASH_DIGITS$x}", xxh3_64(text)).as_bytes() {
            return Err(StateError::Damaged);
        }
        let saved: Saved = serde_json::from_slice(text)?;
        if saved.owner != owner {
            return Err(StateError::OtherOwner {
                saved: saved.owner,
                here: owner.to_owned(),
            });
        }
        let different = || StateError::Different {
            saved: saved.version.clone(),
        };
        let recipe = self.recipe.clone();
        let others = [
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
            saved.last_scenes.len(),
        ];
        let rows = |garden: usize| saved.actions[garden].len() + saved.commands[garden].len();
        let is_whole = lengths.iter().all(|&length| length == self.len())
            && saved.observations.len() == self.observations.len()
            && (0..self.len()).all(|garden| saved.starts[garden].tick.checked_add(rows(garden) as u64) == Some(saved.tick));
        if !is_whole {
            return Err(different());
        }
        let mut batch = Self::new(recipe, saved.seeds.clone());
        batch.simulate_again(saved.tick, &saved.starts, &saved.actions, &saved.commands, signals)?;
        if batch.gardens.state_hash() != saved.state_hash {
            return Err(different());
        }
        batch.actions = saved.actions;
        batch.commands = saved.commands;
        batch.waiting = saved.waiting;
        if batch.recipe.pictures {
            batch.last_scenes = saved.last_scenes;
        }
        batch.observations = saved.observations;
        batch.sums = batch.sums_now();
        Ok((batch, saved.notes))
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
