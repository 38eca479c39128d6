//! Replay with cloning: learns from past transitions again, and holds the network's past outputs for them.
//!
//! A reservoir keeps a uniform sample of all transitions so far; a fraction of each batch comes from it (Rolnick et al. 2019,
//! "Experience replay for continual learning"; Isele and Cosgun 2018, "Selective experience replay"). At the end of a task, the
//! current outputs of the network are stored for all views of that task, and are held from then on (Rolnick et al., eq. 1-2;
//! Wolczyk et al. 2022, "Disentangling transfer in continual reinforcement learning", ClonEx):
//! `L(theta) + weight * mean over stored rows and actions of (Q_theta(s, a) - Q_stored(s, a))^2`;
//! for a stochastic policy, `weight * mean over stored rows of KL(pi_stored || pi_theta)`.
//!
//! Deviations. Transitions come in short segments (see [`Reservoir`](crate::learner::memory::Reservoir)). Outputs are stored at
//! the *end* of a task: when a transition is inserted they are those of an immature network, and holding them prevents learning
//! new tasks. The cloned rows are those of the batch that have stored outputs, so cloning costs no further pass.
//!
//! The reservoir is used as soon as the replay buffer has dropped a transition: before that, both hold the same experience and
//! there is no past. This needs no boundary; only storing outputs does. Without declared boundaries, transitions alone are
//! replayed.
//!
//! Always holds: with `batch_share = 0` all weights are those of fine-tuning, bit for bit.

use crate::learner::error::StateError;
use crate::learner::inputs::Inputs;
use crate::learner::losses::Losses;
use crate::learner::memory::{Batch, ReplayBuffer, Reservoir, SegmentPosition, UnpackedSegment};
use crate::learner::methods::reservoir_replay::ReservoirReplay;
use crate::learner::methods::{Axis, Curriculum, Keeps, LearnerView, LossSpec, Method, MethodFamily, MethodSpec, Needs, Tuning};
use crate::learner::settings::is_a_number;
use crate::learner::state::StateDict;
use crate::learner::trained::{Outputs, Role};
use crate::mdp::{Experience, ObservationDecoder};
use garde::Validate;
use serde::{Deserialize, Serialize};

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "replay",
    summary: "rehearses stored transitions and distils the outputs stored at each task's end",
    family: MethodFamily::Replay,
    paper: "Rolnick et al. 2019, Experience replay for continual learning",
    equation: "L(theta) on recent and past transitions + weight mean (Q_theta(s, a) - Q_stored(s, a))^2 on past ones",
    cost: "no further pass, but one over the stored views at each task's end; stores transitions and outputs",
    needs: Needs::HELPED_BY_BOUNDARIES,
    curriculum: Curriculum::Sequential,
    losses: &[LossSpec {
        name: "cloning",
        title: "Cloning loss",
        text: "How far the network's outputs for past seasons have moved from the stored ones. While it is small, little is forgotten.",
    }],
    tuning: Some(Tuning(&[
        Axis {
            path: "learner.replay.cloning_weight",
            first: "1.0",
            values: &["0.0", "0.1", "0.3", "1.0", "3.0"],
        },
        Axis {
            path: "learner.replay.batch_share",
            first: "0.35",
            values: &["0.35", "0.5"],
        },
    ])),
    remove_strength: |settings| settings.replay.batch_share = 0.0,
    act_soon: |settings| settings.reservoir.capacity = 60,
    memory: |settings, scale| Reservoir::most_bytes(&settings.reservoir, settings.history, scale, scale.actions),
    keeps: Keeps::PastData,
    heads: false,
    build: |settings, spec| {
        Box::new(Replay {
            settings: settings.replay.clone(),
            reservoir_replay: ReservoirReplay::of_method("replay", &settings.reservoir, settings.history, spec),
        })
    },
};

/// Settings of replay with cloning of stored outputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct ReplaySettings {
    /// Fraction of each batch that comes from the reservoir once there is a past; 0 equals `finetune`.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub batch_share: f32,
    /// Weight of the mean squared difference between outputs and stored outputs; 0 replays transitions only.
    #[garde(range(min = 0.0, max = 1.0e6), custom(is_a_number))]
    pub cloning_weight: f32,
}

impl Default for ReplaySettings {
    fn default() -> Self {
        Self {
            batch_share: 0.35,
            cloning_weight: 1.0,
        }
    }
}

/// Rows per pass when outputs are stored.
const ROWS_OF_A_PASS: usize = 256;

pub(crate) struct Replay {
    settings: ReplaySettings,
    reservoir_replay: ReservoirReplay,
}

impl Replay {
    /// Stores the outputs of the policy network for every view of the current task.
    fn store_outputs(&mut self, learner: &mut LearnerView<'_>) {
        let reservoir = &mut self.reservoir_replay.reservoir;
        let actions = learner.algorithm.networks()[0].shape().outputs;
        let places: Vec<SegmentPosition> = (0..reservoir.segments())
            .filter(|&segment| reservoir.task(segment) == learner.task)
            .flat_map(|segment| (0..reservoir.segment_len(segment)).map(move |position| SegmentPosition { segment, position }))
            .collect();
        let mut inputs = Inputs::new(learner.decoder.len());
        let mut unpacked = UnpackedSegment::default();
        for places in places.chunks(ROWS_OF_A_PASS) {
            inputs.clear();
            places
                .iter()
                .for_each(|&place| inputs.push(learner.decoder, reservoir.observation(place, &mut unpacked)));
            let outputs = learner.algorithm.networks_mut()[0].forward(&inputs);
            for (&place, outputs) in places.iter().zip(outputs.chunks_exact(actions)) {
                reservoir.keep_outputs(place, outputs);
            }
        }
    }
}

impl Method for Replay {
    fn task_ended(&mut self, learner: &mut LearnerView<'_>) {
        self.reservoir_replay.reservoir.finish_all(learner.task);
        // Without cloning the outputs are never read, and would only increase the memory.
        if self.settings.cloning_weight > 0.0 {
            self.store_outputs(learner);
        }
    }

    fn observe(&mut self, experience: &Experience, learner: &mut LearnerView<'_>) {
        self.reservoir_replay.reservoir.observe(experience, learner.task);
    }

    fn wanted_rows(&self, batch_size: usize, recent: &ReplayBuffer) -> usize {
        if recent.forgotten() == 0 || self.reservoir_replay.reservoir.transitions() == 0 {
            return 0;
        }
        (self.settings.batch_share * batch_size as f32).round() as usize
    }

    fn add_transitions(&mut self, rows: usize, decoder: &ObservationDecoder, batch: &mut Batch) {
        self.reservoir_replay.add_transitions(rows, decoder, batch);
    }

    fn output_loss(
        &mut self,
        role: Role,
        meaning: Outputs,
        _batch: &Batch,
        outputs: &[f32],
        gradient: &mut [f32],
        losses: &mut Losses,
    ) {
        let weight = self.settings.cloning_weight;
        if role != Role::Policy || weight == 0.0 {
            return;
        }
        let reservoir_replay = &self.reservoir_replay;
        let is_stored = |place: &&SegmentPosition| reservoir_replay.reservoir.kept_outputs(**place).is_some();
        let rows = reservoir_replay.drawn().iter().filter(is_stored).count();
        if rows == 0 {
            return;
        }
        losses.add(
            "cloning",
            reservoir_replay.clone_outputs(meaning, (weight, rows), |_| true, outputs, gradient),
        );
    }

    fn memory_bytes(&self) -> u64 {
        self.reservoir_replay.reservoir.bytes()
    }

    fn count_tasks(&self, counts: &mut Vec<usize>) {
        self.reservoir_replay.reservoir.count_tasks(counts);
    }

    fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        self.reservoir_replay.save(state, prefix)
    }

    fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        self.reservoir_replay.load(state, prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learner::algorithms::{Algorithm, Dqn};
    use crate::learner::memory::Reservoir;
    use crate::learner::settings::LearnerSettings;
    use crate::learner::spec::LearnerSpec;
    use crate::learner::testing::{Walk, assert_is_gradient, decoder, observation_spec};
    use crate::random::stream;

    /// Returns a replay that has seen two tasks, of which the first has ended, and the algorithm whose outputs it stored.
    fn after_a_task(settings: &ReplaySettings) -> (Replay, Dqn) {
        let learner = LearnerSettings {
            hidden: vec![6],
            ..Default::default()
        };
        let observation = observation_spec(Walk::WIDTH);
        let spec = LearnerSpec {
            observation,
            actions: 5,
            gardens: 2,
            decisions_per_task: 100,
            seed: 1,
        };
        let mut dqn = Dqn::new(&learner, &spec);
        let reservoir = Reservoir::new(&learner.reservoir, 2, Walk::WIDTH, 5, stream(1, "test", 0));
        let mut replay = Replay {
            settings: settings.clone(),
            reservoir_replay: ReservoirReplay::new(reservoir, 5, stream(1, "test", 1)),
        };
        let mut walk = Walk::new(1, 2);
        let recent = ReplayBuffer::new(2, Walk::WIDTH, None);
        let decoder = decoder(Walk::WIDTH);
        for task in 0..2 {
            let view = &mut LearnerView {
                algorithm: &mut dqn,
                recent: &recent,
                decoder: &decoder,
                task,
                decisions: 0,
                updates: 0,
                task_has_own_outputs: false,
            };
            (0..33).for_each(|_| replay.observe(walk.step(), view));
            if task == 0 {
                replay.task_ended(view);
            }
        }
        (replay, dqn)
    }

    fn batch(replay: &mut Replay) -> Batch {
        let decoder = decoder(Walk::WIDTH);
        let mut batch = Batch::new(Walk::WIDTH);
        // A row that does not come from the method.
        let observation = &[0, 0, 0];
        let mut unpacked = UnpackedSegment::default();
        let transition = replay
            .reservoir_replay
            .reservoir
            .transition(SegmentPosition { segment: 0, position: 0 }, &mut unpacked);
        batch.push(
            &decoder,
            crate::learner::memory::Transition {
                observation,
                ..transition
            },
        );
        replay.add_transitions(40, &decoder, &mut batch);
        batch
    }

    #[test]
    fn what_is_stored_is_what_the_network_said_at_the_end_of_the_task() {
        let (mut replay, mut dqn) = after_a_task(&ReplaySettings::default());
        let batch = batch(&mut replay);
        let outputs = dqn.networks_mut()[0].forward(&batch.observations).to_vec();
        let mut cloned = 0;
        for (row, &place) in replay.reservoir_replay.drawn().iter().enumerate() {
            let stored = replay.reservoir_replay.reservoir.kept_outputs(place);
            assert_eq!(
                stored.is_some(),
                replay.reservoir_replay.reservoir.task(place.segment) == 0,
                "only the task that ended has outputs"
            );
            for (stored, output) in stored.into_iter().flatten().zip(&outputs[(row + 1) * 5..]) {
                assert!((stored - output).abs() < 1e-6);
                cloned += 1;
            }
        }
        assert!(cloned > 0);
    }

    #[test]
    fn the_gradient_of_cloning_agrees_with_finite_differences() {
        let (mut replay, _) = after_a_task(&ReplaySettings {
            cloning_weight: 0.7,
            ..Default::default()
        });
        let batch = batch(&mut replay);
        let outputs: Vec<f32> = (0..batch.rows() * 5).map(|index| (index % 13) as f32 * 0.1 - 0.5).collect();
        for meaning in [Outputs::ActionValues, Outputs::Logits] {
            assert_is_gradient(&outputs, |outputs, gradient| {
                let mut losses = Losses::default();
                replay.output_loss(Role::Policy, meaning, &batch, outputs, gradient, &mut losses);
                losses.total()
            });
        }
    }

    #[test]
    fn critics_are_not_cloned_and_weight_zero_costs_nothing() {
        let (mut replay, _) = after_a_task(&ReplaySettings {
            cloning_weight: 0.0,
            ..Default::default()
        });
        let batch = batch(&mut replay);
        assert!(
            replay
                .reservoir_replay
                .drawn()
                .iter()
                .all(|&place| replay.reservoir_replay.reservoir.kept_outputs(place).is_none())
        );
        let (mut replay, _) = after_a_task(&ReplaySettings::default());
        let batch_rows = batch.rows();
        let (mut gradient, mut losses) = (vec![0.0; batch_rows * 5], Losses::default());
        let outputs = vec![9.0; batch_rows * 5];
        replay.output_loss(
            Role::Critic,
            Outputs::ActionValues,
            &batch,
            &outputs,
            &mut gradient,
            &mut losses,
        );
        assert_eq!((losses.total(), gradient.iter().sum::<f32>()), (0.0, 0.0));
    }
}
