//! Replay of transitions together with the outputs that the networks had when the decision was taken: shared by the methods that
//! know no other moment at which to store them, because no boundary is declared.
//!
//! Outputs are those of the learner's networks when a decision is observed. The acting policy is one tick older: see
//! ARCHITECTURE.md. Costs a forward pass of each recorded network for each decision.

use crate::learner::error::StateError;
use crate::learner::inputs::Inputs;
use crate::learner::losses::{divergence, squared_difference};
use crate::learner::memory::{Batch, Reservoir, SegmentPosition};
use crate::learner::methods::LearnerView;
use crate::learner::need::LearnerScale;
use crate::learner::settings::LearnerSettings;
use crate::learner::spec::LearnerSpec;
use crate::learner::state::StateDict;
use crate::learner::trained::{Outputs, Role};
use crate::mdp::{Experience, ObservationDecoder};
use crate::random::{Stream, stream};
use std::ops::Range;

/// Networks whose outputs are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recorded {
    /// The policy network only, which is all there is in deep Q-learning.
    Policy,
    /// All networks: the policy and the critics.
    All,
}

/// Difference between outputs and recorded ones that is minimised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OutputDifference {
    /// Mean squared difference over actions, for values and logits alike.
    Squared,
    /// Mean squared difference of values, divergence of the distributions that logits stand for.
    ByMeaning,
}

/// Rows of the current batch that come from the reservoir.
#[derive(Clone, Debug, Default)]
pub(crate) struct Drawn {
    first_row: usize,
    places: Vec<SegmentPosition>,
}

impl Drawn {
    /// `true` if nothing was drawn.
    pub(crate) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
}

/// A reservoir of transitions with recorded outputs, and what was drawn from it for the current batch.
pub(crate) struct RecordedReplay {
    name: &'static str,
    recorded: Recorded,
    settings: LearnerSettings,
    spec: LearnerSpec,
    /// None before the first decision, because the number of networks is not known.
    reservoir: Option<Reservoir>,
    rng: Stream,
    /// Transitions of the batch, from which values are learned.
    pub(crate) transitions: Drawn,
    /// Views of the batch.
    pub(crate) views: Drawn,
    /// Critics whose loss on the current batch has been computed.
    critics: usize,
    /// Reused buffers.
    inputs: Inputs,
    outputs: Vec<f32>,
}

impl RecordedReplay {
    /// Creates an empty one for the method `name`, which also names its random streams.
    pub(crate) fn new(name: &'static str, recorded: Recorded, settings: &LearnerSettings, spec: &LearnerSpec) -> Self {
        Self {
            name,
            recorded,
            settings: settings.clone(),
            spec: spec.clone(),
            reservoir: None,
            rng: stream(spec.seed, &format!("learner.{name}.draw"), 0),
            transitions: Drawn::default(),
            views: Drawn::default(),
            critics: 0,
            inputs: Inputs::new(spec.observation.len()),
            outputs: Vec::new(),
        }
    }

    /// Bytes that one holds at most.
    pub(crate) fn most_bytes(recorded: Recorded, settings: &LearnerSettings, scale: &LearnerScale) -> u64 {
        let networks = if recorded == Recorded::All { scale.networks } else { 1 };
        let outputs = scale.actions.saturating_mul(networks);
        Reservoir::most_bytes_recording(&settings.reservoir, settings.history, scale, outputs)
    }

    fn empty_reservoir(&self, networks: usize) -> Reservoir {
        let rng = stream(self.spec.seed, &format!("learner.{}.reservoir", self.name), 0);
        let outputs = networks * self.spec.actions;
        Reservoir::of_learner_recording(&self.settings.reservoir, self.settings.history, &self.spec, outputs, rng)
    }

    /// Stores one decision of each garden with the networks' outputs for it.
    pub(crate) fn observe(&mut self, experience: &Experience, learner: &mut LearnerView<'_>) {
        let networks = match self.recorded {
            Recorded::Policy => 1,
            Recorded::All => learner.algorithm.networks().len(),
        };
        let (actions, width) = (self.spec.actions, self.spec.observation.len());
        self.inputs.clear();
        for observation in experience.observations.chunks_exact(width) {
            self.inputs.push(learner.decoder, observation);
        }
        self.outputs.resize(self.inputs.rows() * networks * actions, 0.0);
        for (index, network) in learner.algorithm.networks_mut().iter_mut().take(networks).enumerate() {
            let outputs = network.evaluate(&self.inputs).chunks_exact(actions);
            for (all, outputs) in self.outputs.chunks_exact_mut(networks * actions).zip(outputs) {
                all[index * actions..(index + 1) * actions].copy_from_slice(outputs);
            }
        }
        let fits = |reservoir: &Reservoir| reservoir.outputs() == networks * actions;
        if !self.reservoir.as_ref().is_some_and(fits) {
            self.reservoir = Some(self.empty_reservoir(networks));
        }
        if let Some(reservoir) = &mut self.reservoir {
            reservoir.observe_with_outputs(experience, &self.outputs, learner.task);
        }
    }

    /// Number of transitions that can be drawn.
    pub(crate) fn stored(&self) -> usize {
        self.reservoir.as_ref().map_or(0, Reservoir::transitions)
    }

    /// Starts the losses of a batch: the next critic is the first one.
    pub(crate) fn begin_losses(&mut self) {
        self.critics = 0;
    }

    /// Draws `rows` transitions uniformly and adds them to the batch, of which these are the first rows from here.
    pub(crate) fn add_transitions(&mut self, rows: usize, decoder: &ObservationDecoder, batch: &mut Batch) {
        self.begin_losses();
        self.views.places.clear();
        self.transitions.first_row = batch.transitions();
        self.transitions.places.clear();
        let Some(reservoir) = &self.reservoir else { return };
        for _ in 0..rows {
            if let Some(place) = reservoir.draw(&mut self.rng) {
                reservoir.push_to(place, decoder, batch);
                self.transitions.places.push(place);
            }
        }
    }

    /// Draws `rows` observations uniformly and adds them to the batch as views.
    pub(crate) fn add_views(&mut self, rows: usize, decoder: &ObservationDecoder, batch: &mut Batch) {
        self.views.first_row = batch.rows();
        let Some(reservoir) = &self.reservoir else { return };
        for _ in 0..rows {
            if let Some(place) = reservoir.draw(&mut self.rng) {
                let mut unpacked = std::mem::take(&mut batch.unpacked);
                batch.push_view(decoder, reservoir.observation(place, &mut unpacked));
                batch.unpacked = unpacked;
                self.views.places.push(place);
            }
        }
    }

    /// Returns the index of the network whose loss is computed, if its outputs are recorded. To be called once for each loss:
    /// critics come in their order.
    pub(crate) fn network(&mut self, role: Role) -> Option<usize> {
        if role == Role::Policy {
            return Some(0);
        }
        self.critics += 1;
        (self.recorded == Recorded::All).then_some(self.critics)
    }

    /// Pulls a network's outputs for drawn rows to the recorded ones: adds the gradient of `weight` times the mean difference over
    /// these rows, and returns that loss.
    pub(crate) fn pull(
        &self,
        drawn: &Drawn,
        network: usize,
        (difference, meaning, weight): (OutputDifference, Outputs, f32),
        outputs: &[f32],
        gradient: &mut [f32],
    ) -> f32 {
        let Some(reservoir) = &self.reservoir else { return 0.0 };
        let (rows, actions) = (drawn.places.len() as f32, self.spec.actions);
        let mut loss = 0.0;
        for (index, &place) in drawn.places.iter().enumerate() {
            let recorded = reservoir.kept_outputs(place);
            let Some(recorded) = recorded
                .as_ref()
                .and_then(|all| all.get(network * actions..(network + 1) * actions))
            else {
                continue;
            };
            let row = self.outputs_of(drawn, index);
            let (outputs, gradient) = (&outputs[row.clone()], &mut gradient[row]);
            loss += if meaning == Outputs::Logits && difference == OutputDifference::ByMeaning {
                divergence(outputs, recorded, weight / rows, gradient)
            } else {
                squared_difference(outputs, recorded, weight / (rows * actions as f32), gradient)
            };
        }
        loss
    }

    /// Moves the recorded outputs of the batch's views by `share` towards those that the network has now.
    pub(crate) fn refresh_views(&mut self, network: usize, share: f32, outputs: &[f32]) {
        let actions = self.spec.actions;
        for index in 0..self.views.places.len() {
            let (place, row) = (self.views.places[index], self.outputs_of(&self.views, index));
            let Some(reservoir) = &mut self.reservoir else { return };
            let Some(mut recorded) = reservoir.kept_outputs(place) else {
                continue;
            };
            let own = &mut recorded[network * actions..(network + 1) * actions];
            for (recorded, &output) in own.iter_mut().zip(&outputs[row]) {
                // Exactly the output for a share of 1.
                *recorded = (1.0 - share) * *recorded + share * output;
            }
            reservoir.keep_outputs(place, &recorded);
        }
    }

    /// Range of a drawn row's outputs among those of the batch.
    fn outputs_of(&self, drawn: &Drawn, index: usize) -> Range<usize> {
        let row = drawn.first_row + index;
        row * self.spec.actions..(row + 1) * self.spec.actions
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.reservoir.as_ref().map_or(0, Reservoir::bytes)
    }

    pub(crate) fn count_tasks(&self, counts: &mut Vec<usize>) {
        if let Some(reservoir) = &self.reservoir {
            reservoir.count_tasks(counts);
        }
    }

    pub(crate) fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        state.set(format!("{prefix}.rng"), &self.rng)?;
        let networks = self
            .reservoir
            .as_ref()
            .map(|reservoir| reservoir.outputs() / self.spec.actions);
        state.set(format!("{prefix}.networks"), &networks)?;
        match &self.reservoir {
            Some(reservoir) => reservoir.save(state, &format!("{prefix}.reservoir")),
            None => Ok(()),
        }
    }

    pub(crate) fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        self.rng = state.get(&format!("{prefix}.rng"))?;
        let networks: Option<usize> = state.get(&format!("{prefix}.networks"))?;
        self.reservoir = match networks {
            // An algorithm has few networks: anything else is damaged, and nothing is allocated for it.
            Some(networks @ 1..=MOST_NETWORKS) => {
                let mut reservoir = self.empty_reservoir(networks);
                reservoir.load(state, &format!("{prefix}.reservoir"))?;
                Some(reservoir)
            }
            Some(networks) => {
                return Err(StateError::Mismatch {
                    entry: format!("{prefix}.networks"),
                    expected: format!("1 to {MOST_NETWORKS}"),
                    found: networks.to_string(),
                });
            }
            None => None,
        };
        Ok(())
    }

    #[cfg(test)]
    pub(crate) fn reservoir(&self) -> Option<&Reservoir> {
        self.reservoir.as_ref()
    }

    #[cfg(test)]
    pub(crate) fn recorded_for_view(&self, index: usize) -> Vec<f32> {
        let recorded = self
            .reservoir
            .as_ref()
            .and_then(|reservoir| reservoir.kept_outputs(self.views.places[index]));
        recorded.unwrap()
    }
}

/// Most networks that an algorithm may have.
const MOST_NETWORKS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learner::algorithms::{Algorithm, Dqn, Sac};
    use crate::learner::memory::{ReplayBuffer, UnpackedSegment};
    use crate::learner::testing::{Bench, Walk, decoder};

    /// Observes 40 decisions with an algorithm whose weights change after each of them. Returns the outputs of all networks at each
    /// decision beside its observation.
    fn observed(algorithm: &mut dyn Algorithm, recorded: Recorded) -> (RecordedReplay, Vec<(Vec<u8>, Vec<f32>)>) {
        let settings = LearnerSettings::default();
        let mut replay = RecordedReplay::new("test", recorded, &settings, &Bench::spec());
        let (mut walk, mut said) = (Walk::new(1, 2), Vec::new());
        let (recent, decoder) = (ReplayBuffer::new(2, Walk::WIDTH, None), decoder(Walk::WIDTH));
        for decision in 0..40 {
            let experience = walk.step();
            let mut inputs = Inputs::new(Walk::WIDTH);
            for observation in experience.observations.chunks_exact(Walk::WIDTH) {
                inputs.clear();
                inputs.push(&decoder, observation);
                let outputs = algorithm
                    .networks_mut()
                    .iter_mut()
                    .flat_map(|network| network.evaluate(&inputs).to_vec());
                said.push((observation.to_vec(), outputs.collect()));
            }
            let learner = &mut LearnerView {
                algorithm: &mut *algorithm,
                task_has_own_outputs: false,
                recent: &recent,
                decoder: &decoder,
                task: 0,
                decisions: decision,
                updates: 0,
            };
            replay.observe(experience, learner);
            for network in algorithm.networks_mut() {
                network.parameters_mut().iter_mut().for_each(|weight| *weight *= 1.01);
            }
        }
        (replay, said)
    }

    #[test]
    fn what_is_stored_is_what_every_network_said_when_the_decision_was_taken() {
        let settings = LearnerSettings {
            hidden: vec![6],
            ..Default::default()
        };
        let (mut dqn, mut sac) = (Dqn::new(&settings, &Bench::spec()), Sac::new(&settings, &Bench::spec()));
        let cases: [(&mut dyn Algorithm, Recorded, usize); 3] = [
            (&mut dqn, Recorded::All, 5),
            (&mut sac, Recorded::All, 15),
            (&mut Sac::new(&settings, &Bench::spec()), Recorded::Policy, 5),
        ];
        for (algorithm, recorded, outputs) in cases {
            let (mut replay, said) = observed(algorithm, recorded);
            let mut batch = Batch::new(Walk::WIDTH);
            replay.add_transitions(30, &decoder(Walk::WIDTH), &mut batch);
            replay.add_views(30, &decoder(Walk::WIDTH), &mut batch);
            assert_eq!((batch.transitions(), batch.rows()), (30, 60));
            let reservoir = replay.reservoir.as_ref().unwrap();
            for &place in replay.transitions.places.iter().chain(&replay.views.places) {
                let stored = reservoir.kept_outputs(place).unwrap();
                let (_, said) = said
                    .iter()
                    .find(|(seen, _)| seen == reservoir.observation(place, &mut UnpackedSegment::default()))
                    .unwrap();
                assert_eq!(stored.len(), outputs);
                for (stored, said) in stored.iter().zip(said) {
                    assert!((stored - said).abs() < 1e-5, "{stored} {said}");
                }
            }
        }
    }

    #[test]
    fn each_network_is_pulled_to_its_own_outputs() {
        let mut sac = Sac::new(&LearnerSettings::default(), &Bench::spec());
        let (mut replay, _) = observed(&mut sac, Recorded::All);
        let mut batch = Batch::new(Walk::WIDTH);
        replay.add_transitions(0, &decoder(Walk::WIDTH), &mut batch);
        replay.add_views(8, &decoder(Walk::WIDTH), &mut batch);
        let order = [Role::Critic, Role::Critic, Role::Policy].map(|role| replay.network(role));
        assert_eq!(order, [Some(1), Some(2), Some(0)], "the order in which losses are computed");
        for network in 0..3 {
            let outputs: Vec<f32> = (0..8)
                .flat_map(|view| replay.recorded_for_view(view)[network * 5..(network + 1) * 5].to_vec())
                .collect();
            let how = (OutputDifference::Squared, Outputs::ActionValues, 1.0);
            let loss = |outputs: &[f32]| replay.pull(&replay.views, network, how, outputs, &mut [0.0; 40]);
            assert_eq!(loss(&outputs), 0.0, "network {network}");
            assert!(loss(&[9.0; 40]) > 1.0);
        }
    }

    #[test]
    fn refreshed_outputs_are_the_latest_by_their_share() {
        let mut dqn = Dqn::new(&LearnerSettings::default(), &Bench::spec());
        let (mut replay, _) = observed(&mut dqn, Recorded::All);
        let mut batch = Batch::new(Walk::WIDTH);
        replay.add_transitions(0, &decoder(Walk::WIDTH), &mut batch);
        replay.add_views(1, &decoder(Walk::WIDTH), &mut batch);
        let before = replay.recorded_for_view(0).to_vec();
        replay.refresh_views(0, 0.25, &[1.0; 5]);
        for (before, after) in before.iter().zip(replay.recorded_for_view(0)) {
            assert!((after - (0.75 * before + 0.25)).abs() < 1e-6);
        }
        replay.refresh_views(0, 1.0, &[3.0; 5]);
        assert_eq!(replay.recorded_for_view(0), [3.0; 5]);
    }
}
