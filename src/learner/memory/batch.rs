//! What one update learns from.

use crate::learner::inputs::Inputs;
use crate::mdp::ObservationDecoder;

/// One transition as a memory holds it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transition<'a> {
    /// What was seen when the decision was taken.
    pub observation: &'a [u8],
    /// The number of the action that was taken.
    pub action: u8,
    /// The reward that came of it.
    pub reward: f32,
    /// Whether nothing follows. A truncated episode is *not* terminated: what would have followed still counts.
    pub terminated: bool,
    /// What was seen next.
    pub next_observation: &'a [u8],
}

/// Decoded transitions, row by row, and after them rows that are only looked at; buffers are reused.
///
/// The first [`recent_rows`](Self::recent_rows) transitions come from the memory of what was experienced lately, the others from
/// methods. Rows from [`transitions`](Self::transitions) on are views: observations for which a method wants outputs and may add a
/// loss, but from which no value is learned.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// `transitions + views` rows.
    pub observations: Inputs,
    /// One row for each transition.
    pub next_observations: Inputs,
    /// The number of each transition's action.
    pub actions: Vec<u8>,
    /// The reward of each transition.
    pub rewards: Vec<f32>,
    /// Whether each transition's episode ended with it for good.
    pub terminated: Vec<bool>,
    /// How many transitions, the first ones, were experienced lately.
    pub recent_rows: usize,
}

impl Batch {
    /// An empty batch for observations of `width` bytes.
    pub fn new(width: usize) -> Self {
        Self {
            observations: Inputs::new(width),
            next_observations: Inputs::new(width),
            ..Self::default()
        }
    }

    /// Forgets all rows and keeps the buffers.
    pub fn clear(&mut self) {
        self.observations.clear();
        self.next_observations.clear();
        self.actions.clear();
        self.rewards.clear();
        self.terminated.clear();
        self.recent_rows = 0;
    }

    /// How many transitions there are.
    pub fn transitions(&self) -> usize {
        self.actions.len()
    }

    /// How many rows there are, views included.
    pub fn rows(&self) -> usize {
        self.observations.rows()
    }

    /// Adds a transition; no view may have been added before.
    pub fn push(&mut self, decoder: &ObservationDecoder, transition: Transition<'_>) {
        debug_assert_eq!(self.rows(), self.transitions(), "views come after all transitions");
        self.observations.push(decoder, transition.observation);
        self.next_observations.push(decoder, transition.next_observation);
        self.actions.push(transition.action);
        self.rewards.push(transition.reward);
        self.terminated.push(transition.terminated);
    }

    /// Adds an observation to look at.
    pub fn push_view(&mut self, decoder: &ObservationDecoder, observation: &[u8]) {
        self.observations.push(decoder, observation);
    }
}
