//! Replay from a reservoir and cloning of stored outputs: shared by both replay methods.

use crate::learner::error::StateError;
use crate::learner::losses::{divergence, squared_difference};
use crate::learner::memory::{Batch, Reservoir, SegmentPosition};
use crate::learner::settings::{History, ReservoirSettings};
use crate::learner::spec::LearnerSpec;
use crate::learner::state::StateDict;
use crate::learner::trained::Outputs;
use crate::mdp::ObservationDecoder;
use crate::random::{Stream, stream};

/// A reservoir of past transitions, and the positions of those in the current batch.
pub(crate) struct ReservoirReplay {
    pub(crate) reservoir: Reservoir,
    actions: usize,
    rng: Stream,
    /// First row of the batch that comes from the reservoir.
    first_row: usize,
    /// Position of each of those rows in the reservoir.
    drawn: Vec<SegmentPosition>,
}

impl ReservoirReplay {
    /// Creates an empty reservoir for the method `name`, which also names its random streams; no larger than `history` allows.
    pub(crate) fn of_method(name: &str, settings: &ReservoirSettings, history: History, spec: &LearnerSpec) -> Self {
        let actions = spec.actions;
        let rng = stream(spec.seed, &format!("learner.{name}.reservoir"), 0);
        let reservoir = Reservoir::of_learner(settings, history, spec, actions, rng);
        Self::new(reservoir, actions, stream(spec.seed, &format!("learner.{name}.draw"), 0))
    }

    /// Creates a replay that draws from this reservoir. `actions` is the number of outputs per transition.
    pub(crate) fn new(reservoir: Reservoir, actions: usize, rng: Stream) -> Self {
        Self {
            reservoir,
            actions,
            rng,
            first_row: 0,
            drawn: Vec::new(),
        }
    }

    /// Draws `rows` transitions uniformly and adds them to the batch.
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

    /// Positions of the batch's replayed transitions in the reservoir.
    pub(crate) fn drawn(&self) -> &[SegmentPosition] {
        &self.drawn
    }

    /// First replayed row of the batch.
    pub(crate) fn first_row(&self) -> usize {
        self.first_row
    }

    /// Range of a drawn transition's outputs among those of the batch.
    pub(crate) fn outputs_of(&self, index: usize) -> std::ops::Range<usize> {
        (self.first_row + index) * self.actions..(self.first_row + index + 1) * self.actions
    }

    /// Cloning: pulls the network's outputs for drawn transitions towards the stored ones, for those that `held` selects by index
    /// and that have outputs. Adds the gradient of `weight / rows` times the sum over them of the mean squared difference over
    /// actions, or of the divergence of distributions, and returns that loss.
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
                Outputs::ActionValues => squared_difference(outputs, &stored, weight / (rows * self.actions) as f32, gradient),
                Outputs::Logits => divergence(outputs, &stored, weight / rows as f32, gradient),
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
