//! Past transitions in a batch, and holding what was known of them: what both kinds of replay share.

use crate::learner::error::StateError;
use crate::learner::losses::{divergence, squared_difference};
use crate::learner::memory::{Batch, Reservoir, SegmentPosition};
use crate::learner::settings::{History, ReservoirSettings};
use crate::learner::spec::LearnerSpec;
use crate::learner::state::StateDict;
use crate::learner::trained::Outputs;
use crate::mdp::ObservationDecoder;
use crate::random::{Stream, stream};

/// A reservoir of the past, and which of its memories are in the current batch.
pub(crate) struct ReservoirReplay {
    pub(crate) reservoir: Reservoir,
    actions: usize,
    rng: Stream,
    /// The first row of the batch that comes from the reservoir.
    first_row: usize,
    /// Where each of those rows lies.
    drawn: Vec<SegmentPosition>,
}

impl ReservoirReplay {
    /// An empty one for the method `name`, after which its streams of chance are called; no larger than `history` allows.
    pub(crate) fn of_method(name: &str, settings: &ReservoirSettings, history: History, spec: &LearnerSpec) -> Self {
        let (width, actions) = (spec.observation.len(), spec.actions);
        let allowed = Reservoir::allowed(settings, history, spec.gardens, width, actions);
        let rng = stream(spec.seed, &format!("learner.{name}.reservoir"), 0);
        let reservoir = Reservoir::new(&allowed, spec.gardens, width, actions, rng);
        Self::new(reservoir, actions, stream(spec.seed, &format!("learner.{name}.draw"), 0))
    }

    /// One that draws from this reservoir. `actions` is the number of outputs of a memory.
    pub(crate) fn new(reservoir: Reservoir, actions: usize, rng: Stream) -> Self {
        Self {
            reservoir,
            actions,
            rng,
            first_row: 0,
            drawn: Vec::new(),
        }
    }

    /// Draws `rows` memories, uniformly, and adds them to the batch.
    pub(crate) fn add_transitions(&mut self, rows: usize, decoder: &ObservationDecoder, batch: &mut Batch) {
        self.first_row = batch.transitions();
        self.drawn.clear();
        for _ in 0..rows {
            if let Some(place) = self.reservoir.draw(&mut self.rng) {
                self.reservoir.push_to(place, decoder, batch);
                self.drawn.push(place);
            }
        }
    }

    /// Where the memories of the batch lie.
    pub(crate) fn drawn(&self) -> &[SegmentPosition] {
        &self.drawn
    }

    /// The first row of the batch that is a memory.
    pub(crate) fn first_row(&self) -> usize {
        self.first_row
    }

    /// Where the outputs of a drawn memory stand among those of the batch.
    pub(crate) fn outputs_of(&self, index: usize) -> std::ops::Range<usize> {
        (self.first_row + index) * self.actions..(self.first_row + index + 1) * self.actions
    }

    /// Cloning: pulls what the network puts out for drawn memories towards what was stored with them, those that `held` names by their
    /// index and that have outputs. Adds the gradient of `weight / rows` times the sum over them of the mean squared difference over
    /// actions, or of the divergence of distributions, and tells that loss.
    pub(crate) fn clone_outputs(
        &self,
        meaning: Outputs,
        (weight, rows): (f32, usize),
        held: impl Fn(usize) -> bool,
        outputs: &[f32],
        gradient: &mut [f32],
    ) -> f32 {
        let mut loss = 0.0;
        for (index, &place) in self.drawn.iter().enumerate().filter(|&(index, _)| held(index)) {
            let Some(stored) = self.reservoir.kept_outputs(place) else {
                continue;
            };
            let row = self.outputs_of(index);
            let (outputs, gradient) = (&outputs[row.clone()], &mut gradient[row]);
            loss += match meaning {
                Outputs::ActionValues => squared_difference(outputs, stored, weight / (rows * self.actions) as f32, gradient),
                Outputs::Logits => divergence(outputs, stored, weight / rows as f32, gradient),
            };
        }
        loss
    }

    pub(crate) fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        self.reservoir.save(state, &format!("{prefix}.reservoir"))?;
        state.set(format!("{prefix}.rng"), &self.rng)
    }

    pub(crate) fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        self.reservoir.load(state, &format!("{prefix}.reservoir"))?;
        self.rng = state.get(&format!("{prefix}.rng"))?;
        Ok(())
    }
}
