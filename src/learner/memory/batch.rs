//! The batch of one update.

use crate::learner::inputs::Inputs;
use crate::learner::memory::UnpackedSegment;
use crate::mdp::ObservationDecoder;

/// One stored transition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transition<'a> {
    /// Observation on which the decision was based.
    pub observation: &'a [u8],
    /// Index of the action.
    pub action: u8,
    /// Reward of the action.
    pub reward: f32,
    /// `true` if nothing follows. A truncated episode is *not* terminated: the value of the next state still counts.
    pub terminated: bool,
    /// Next observation.
    pub next_observation: &'a [u8],
}

/// Decoded transitions, row by row, followed by rows without a transition; buffers are reused.
///
/// The first [`recent_rows`](Self::recent_rows) transitions come from the replay buffer, the others from methods. Rows from
/// [`transitions`](Self::transitions) on are views: observations for which a method needs outputs and may add a loss, but from
/// which no value is learned.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// `transitions + views` rows.
    pub observations: Inputs,
    /// One row per transition.
    pub next_observations: Inputs,
    /// Index of each transition's action.
    pub actions: Vec<u8>,
    /// Reward of each transition.
    pub rewards: Vec<f32>,
    /// `true` where a transition's episode terminated with it.
    pub terminated: Vec<bool>,
    /// Number of leading transitions that come from the replay buffer of recent transitions.
    pub recent_rows: usize,
    /// Reused buffer, for transitions that are stored packed.
    pub(crate) unpacked: UnpackedSegment,
}

impl Batch {
    /// Creates an empty batch for observations of `width` bytes.
    pub fn new(width: usize) -> Self {
        Self {
            observations: Inputs::new(width),
            next_observations: Inputs::new(width),
            ..Self::default()
        }
    }

    /// Removes all rows and keeps the buffers.
    pub fn clear(&mut self) {
        self.observations.clear();
        self.next_observations.clear();
        self.actions.clear();
        self.rewards.clear();
        self.terminated.clear();
        self.recent_rows = 0;
    }

    /// Number of transitions.
    pub fn transitions(&self) -> usize {
        self.actions.len()
    }

    /// Number of rows, including views.
    pub fn rows(&self) -> usize {
        self.observations.rows()
    }

    /// Adds a transition; must not be called after a view was added.
    pub fn push(&mut self, decoder: &ObservationDecoder, transition: Transition<'_>) {
        debug_assert_eq!(self.rows(), self.transitions(), "views come after all transitions");
        self.observations.push(decoder, transition.observation);
        self.next_observations.push(decoder, transition.next_observation);
        self.actions.push(transition.action);
        self.rewards.push(transition.reward);
        self.terminated.push(transition.terminated);
    }

    /// Adds an observation as a view.
    pub fn push_view(&mut self, decoder: &ObservationDecoder, observation: &[u8]) {
        self.observations.push(decoder, observation);
    }
}
