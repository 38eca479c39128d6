//! Replay that is never told of a boundary: it finds out by itself what is past.
//!
//! Cloning stored outputs is the best that is known where boundaries are declared, and breaks where seasons change gradually: at a
//! declared boundary the garden looks unlike most of its season, and without boundaries nobody says when a network is ripe to be
//! remembered. Here the answer is a question of its own for each memory: **does it resemble what is seen lately?** What does is of the
//! present: the network learns from such observations now, so what it says of them is the best that is known, and what is remembered
//! of them follows it. What does not is of the past: nothing new is learned of it, so what was remembered last is held. A season that
//! fades away is held bit by bit, and one that returns is let go of.
//!
//! Each memory is judged when it is drawn, by the ratio of its density lately to that in memory, which a logistic regression over all
//! channels learns online from the very batches that the network learns from (see [`presence`](super::presence)):
//! `L(theta) + weight * mean over drawn memories of the past of (Q_theta(s, a) - Q_remembered(s, a))^2`,
//! and `Q_remembered <- Q_remembered + refresh_rate (Q_theta - Q_remembered)` for those of the present; for a policy of probabilities
//! the divergence stands in the place of the squared difference, as in [`replay`](super::replay).
//!
//! What was tried, in the default garden with four seasons of 60,000 decisions, double Q-learning: mean score over all seasons after
//! the last one, of each seed.
//!
//! | memories of the past are | reservoir, lately | gradual year | four seasons |
//! |---|---|---|---|
//! | never held: transitions alone, as `replay` does unless told | 240,000, 50,000 | 0.95 0.91 | - |
//! | all, towards a slow average of outputs (leak 0.03) | 100,000, 50,000 | 0.75 | 0.66 |
//! | farther than 2 from what is seen lately | 100,000, 50,000 | 0.70 | 0.65 |
//! | below a density ratio of 0.3, lately being one moment | 100,000, 50,000 | 0.73 0.62 0.51 | - |
//! | below a density ratio of 0.3 | 100,000, 50,000 | 1.05 1.02 0.79 | 1.03 0.98 |
//! | the same | 20,000, 15,000 | 0.96 0.99 0.86 | 1.06 1.13 1.03 |
//! | the same | 50,000, 15,000 | 1.09 1.12 0.88 | 0.96 - 0.95 |
//! | the same, held three times as firmly, refreshed at 0.1 | 50,000, 15,000 | - - 0.47 | - |
//! | the same, held half as firmly | 50,000, 15,000 | 0.98 - 0.89 | - |
//! | **below a density ratio of 0.15** (the default) | 50,000, 15,000 | 1.10 1.08 1.10 1.06 1.12 | 1.18 1.18 1.01 1.05 1.08 |
//! | the same | 3,200, 3,500: 0.9 MB | 0.51 | 0.82 |
//!
//! A gate that takes too much for past keeps the first season and learns no other; one that takes too little lets what is remembered
//! of a season drift away while it fades.
//!
//! Boundaries that are declared change nothing at all: the fresh memory is not cleared either.
//!
//! Costs no further pass: outputs are those of the batch. Holds always: with `batch_share = 0` all weights are those of fine-tuning
//! where no boundary is declared, bit for bit.

use crate::learner::error::StateError;
use crate::learner::losses::Losses;
use crate::learner::memory::{Batch, ReplayBuffer, Reservoir};
use crate::learner::methods::presence::Presence;
use crate::learner::methods::reservoir_replay::ReservoirReplay;
use crate::learner::methods::{Curriculum, Family, LearnerView, LossSpec, Method, MethodSpec, Needs, Tuning};
use crate::learner::settings::ReservoirSettings;
use crate::learner::settings::is_a_number;
use crate::learner::state::StateDict;
use crate::learner::trained::{Outputs, Role};
use crate::mdp::{Experience, ObservationDecoder};
use garde::Validate;
use serde::{Deserialize, Serialize};

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "replay_boundary_free",
    summary: "replays past transitions, and holds what was known of those that look unlike the present",
    family: Family::Replay,
    paper: "after Rolnick et al. 2019, Experience replay for continual learning; Sugiyama et al. 2012, Density ratio estimation",
    equation: "L(theta) on fresh and past transitions + weight mean (Q_theta(s, a) - Q_remembered(s, a))^2 where p_lately(s) < ratio p_memory(s)",
    cost: "no further pass; a logistic regression of one weight for each number of an observation; stores transitions and outputs",
    needs: Needs::NOTHING,
    curriculum: Curriculum::Sequential,
    losses: &[LossSpec {
        name: "cloning",
        title: "Cloning loss",
        text: "How far the network has moved from its own answers in past seasons. Keeping it small is keeping the past.",
    }],
    tuning: Some(Tuning {
        path: "learner.replay_boundary_free.cloning_weight",
        first: "1.0",
        values: ["0.1", "0.3", "1.0", "3.0", "10.0"],
    }),
    shorten: |settings, trial| {
        let own = &mut settings.replay_boundary_free;
        trial.shrink(&mut own.capacity);
        trial.shrink(&mut own.lately);
        own.lately = own.lately.max(2);
        own.distance_decisions = (own.distance_decisions / trial.times as f32).max(1.0);
    },
    remove_strength: |settings| settings.replay_boundary_free.batch_share = 0.0,
    act_soon: |settings| settings.replay_boundary_free.capacity = 60,
    memory: |settings, scale| {
        let capacity = settings.replay_boundary_free.capacity;
        let reservoir = ReservoirSettings {
            capacity,
            ..settings.reservoir.clone()
        };
        Reservoir::most_bytes(&reservoir, settings.history, scale, scale.actions)
    },
    build: |settings, spec| {
        let own = &settings.replay_boundary_free;
        let reservoir = ReservoirSettings {
            capacity: own.capacity,
            ..settings.reservoir.clone()
        };
        Box::new(ReplayBoundaryFree {
            settings: own.clone(),
            reservoir_replay: ReservoirReplay::of_method("replay_boundary_free", &reservoir, settings.history, spec),
            presence: Presence::new(own, spec.observation.len()),
            is_past: Vec::new(),
            mixed: vec![0.0; spec.actions],
        })
    },
};

/// How memories that resemble the present are told from those that do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// By how much likelier an observation is lately than in memory, as a logistic regression learns it online (Sugiyama, Suzuki and
    /// Kanamori 2012, "Density ratio estimation in machine learning").
    DensityRatio,
    /// By its mean squared distance from what was seen lately, in standard deviations of each channel.
    Distance,
    /// Not at all: every memory is one of the past.
    Nothing,
}

/// Replay without boundaries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct ReplayBoundaryFreeSettings {
    /// The share of each batch that comes from the reservoir; 0 equals `finetune`.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub batch_share: f32,
    /// The weight of the mean squared difference between outputs and remembered outputs on memories of the past; 0 replays
    /// transitions only.
    #[garde(range(min = 0.0, max = 1.0e6), custom(is_a_number))]
    pub cloning_weight: f32,
    /// Transitions that the reservoir holds at most.
    #[garde(range(min = 1, max = 1_000_000_000))]
    pub capacity: usize,
    /// Transitions that count as experienced lately: `fresh_memory.capacity`, if that is not smaller still.
    #[garde(range(min = 2, max = 1_000_000_000))]
    pub lately: usize,
    /// How memories that resemble the present are told from others.
    #[garde(skip)]
    pub gate: Gate,
    /// With the gate `density_ratio`: a memory is of the past if it is less than so many times as likely lately as it is in memory.
    #[garde(range(min = 0.0, max = 1.0e6), custom(is_a_number))]
    pub past_below_ratio: f32,
    /// The step size of that regression, for each update.
    #[garde(range(min = 0.0, max = 1.0e3), custom(is_a_number))]
    pub ratio_learning_rate: f32,
    /// With the gate `distance`: a memory is of the past if its mean squared distance is greater; 1 is usual for the present.
    #[garde(range(min = 0.0, max = 1.0e6), custom(is_a_number))]
    pub past_above_distance: f32,
    /// With the gate `distance`: decisions, counted over all gardens, over which what was seen lately is averaged.
    #[garde(range(min = 1.0, max = 1.0e9), custom(is_a_number))]
    pub distance_decisions: f32,
    /// How far the remembered outputs of a memory that resembles the present move to what the network says, each time it is drawn.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub refresh_rate: f32,
    /// The same for a memory of the past: 0 holds it for ever.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub leak_rate: f32,
}

impl Default for ReplayBoundaryFreeSettings {
    fn default() -> Self {
        Self {
            batch_share: 0.5,
            cloning_weight: 1.0,
            capacity: 50_000,
            lately: 15_000,
            gate: Gate::DensityRatio,
            past_below_ratio: 0.15,
            ratio_learning_rate: 0.02,
            past_above_distance: 2.0,
            distance_decisions: 5_000.0,
            refresh_rate: 0.3,
            leak_rate: 0.0,
        }
    }
}

pub(crate) struct ReplayBoundaryFree {
    settings: ReplayBoundaryFreeSettings,
    reservoir_replay: ReservoirReplay,
    presence: Presence,
    /// Whether each memory of the batch is unlike the present.
    is_past: Vec<bool>,
    mixed: Vec<f32>,
}

impl ReplayBoundaryFree {
    /// Lets what is remembered of each drawn memory follow the network, as far as it may.
    fn refresh(&mut self, outputs: &[f32]) {
        for (index, &is_past) in self.is_past.iter().enumerate() {
            let place = self.reservoir_replay.drawn()[index];
            let outputs = &outputs[self.reservoir_replay.outputs_of(index)];
            let rate = if is_past {
                self.settings.leak_rate
            } else {
                self.settings.refresh_rate
            };
            let reservoir = &mut self.reservoir_replay.reservoir;
            match reservoir.kept_outputs(place) {
                None => reservoir.keep_outputs(place, outputs),
                Some(_) if rate == 0.0 => {}
                Some(kept) => {
                    for ((mixed, kept), output) in self.mixed.iter_mut().zip(kept).zip(outputs) {
                        *mixed = kept + rate * (output - kept);
                    }
                    reservoir.keep_outputs(place, &self.mixed);
                }
            }
        }
    }
}

impl Method for ReplayBoundaryFree {
    fn ignores_boundaries(&self) -> bool {
        true
    }

    /// Less than others need: what "lately" means must pass away with the season, and the reservoir holds the rest.
    fn recent_capacity(&self, capacity: usize) -> usize {
        if self.settings.batch_share == 0.0 {
            return capacity;
        }
        self.settings.lately.min(capacity)
    }

    fn observe(&mut self, experience: &Experience, learner: &mut LearnerView<'_>) {
        self.reservoir_replay.reservoir.observe(experience, learner.task);
        self.presence.observe(experience, learner.decoder);
    }

    fn wanted_rows(&self, batch_size: usize, _recent: &ReplayBuffer) -> usize {
        if self.reservoir_replay.reservoir.transitions() < batch_size {
            return 0;
        }
        (self.settings.batch_share * batch_size as f32).round() as usize
    }

    fn add_transitions(&mut self, rows: usize, decoder: &ObservationDecoder, batch: &mut Batch) {
        self.reservoir_replay.add_transitions(rows, decoder, batch);
    }

    fn add_views(&mut self, learner: &mut LearnerView<'_>, batch: &mut Batch) {
        let (first, count) = (self.reservoir_replay.first_row(), self.reservoir_replay.drawn().len());
        let multiply_adds = self.presence.judge(batch, first, count, &mut self.is_past);
        learner.algorithm.networks_mut()[0].count_multiply_adds(multiply_adds);
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
        let (weight, rows) = (self.settings.cloning_weight, self.reservoir_replay.drawn().len());
        if role != Role::Policy || weight == 0.0 || rows == 0 {
            return;
        }
        let is_past = |index: usize| self.is_past[index];
        losses.add(
            "cloning",
            self.reservoir_replay
                .clone_outputs(meaning, (weight, rows), is_past, outputs, gradient),
        );
        self.refresh(outputs);
    }

    fn memory_bytes(&self) -> u64 {
        self.reservoir_replay.reservoir.bytes()
    }

    fn state_bytes(&self) -> u64 {
        self.presence.bytes()
    }

    fn count_tasks(&self, counts: &mut Vec<usize>) {
        self.reservoir_replay.reservoir.count_tasks(counts);
    }

    fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        self.presence.save(state, &format!("{prefix}.presence"));
        self.reservoir_replay.save(state, prefix)
    }

    fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        self.presence.load(state, &format!("{prefix}.presence"))?;
        self.reservoir_replay.load(state, prefix)
    }
}
