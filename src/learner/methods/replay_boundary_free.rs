//! Replay without task boundaries: detects by itself which stored transitions belong to the past.
//!
//! Cloning stored outputs is the best known method with declared boundaries, but fails when seasons change gradually: at a
//! declared boundary the garden looks unlike most of its season, and without boundaries it is unknown when a network is good
//! enough to be cloned. Here the question is asked for each stored transition: **does it resemble recent ones?** If it does, it
//! belongs to the present: the network currently learns from such observations, so its outputs are the best known, and the stored
//! outputs follow them. If it does not, it belongs to the past: nothing new is learned about it, so its last stored outputs are
//! held. A season that ends gradually is held step by step, and one that returns is released.
//!
//! Each stored transition is classified when it is drawn, by the ratio of its recent density to that in memory, which a logistic
//! regression over all channels learns online from the same batches as the network (see [`presence`](super::presence)):
//! `L(theta) + weight * mean over drawn past transitions of (Q_theta(s, a) - Q_stored(s, a))^2`,
//! and `Q_stored <- Q_stored + refresh_rate (Q_theta - Q_stored)` for those of the present. For a stochastic policy the
//! divergence replaces the squared difference, as in [`replay`](super::replay).
//!
//! Variants that were tried in the default garden with four seasons of 60,000 decisions, double Q-learning: mean score over all
//! seasons after the last one, for each seed.
//!
//! | transitions classified as past | reservoir, recent | gradual year | four seasons |
//! |---|---|---|---|
//! | none, replay only, as `replay` does without boundaries | 240,000, 50,000 | 0.95 0.91 | - |
//! | all, towards a slow average of outputs (leak 0.03) | 100,000, 50,000 | 0.75 | 0.66 |
//! | farther than 2 from recent observations | 100,000, 50,000 | 0.70 | 0.65 |
//! | below a density ratio of 0.3, with a single moment as recent | 100,000, 50,000 | 0.73 0.62 0.51 | - |
//! | below a density ratio of 0.3 | 100,000, 50,000 | 1.05 1.02 0.79 | 1.03 0.98 |
//! | the same | 20,000, 15,000 | 0.96 0.99 0.86 | 1.06 1.13 1.03 |
//! | the same | 50,000, 15,000 | 1.09 1.12 0.88 | 0.96 - 0.95 |
//! | the same, with three times the cloning weight, refreshed at 0.1 | 50,000, 15,000 | - - 0.47 | - |
//! | the same, with half the cloning weight | 50,000, 15,000 | 0.98 - 0.89 | - |
//! | **below a density ratio of 0.15** (the default) | 50,000, 15,000 | 1.10 1.08 1.10 1.06 1.12 | 1.18 1.18 1.01 1.05 1.08 |
//! | the same | 3,200, 3,500: 0.9 MB | 0.51 | 0.82 |
//!
//! A gate that classifies too much as past keeps the first season and learns no other; one that classifies too little lets the
//! stored outputs of a season drift while the season ends.
//!
//! Declared boundaries have no effect: the replay buffer is not cleared either.
//!
//! Costs no further pass: outputs are those of the batch. Always holds: with `batch_share = 0` all weights are those of
//! fine-tuning without declared boundaries, bit for bit.

use crate::learner::error::StateError;
use crate::learner::losses::Losses;
use crate::learner::memory::{Batch, ReplayBuffer, Reservoir};
use crate::learner::methods::presence::Presence;
use crate::learner::methods::reservoir_replay::ReservoirReplay;
use crate::learner::methods::{Axis, Curriculum, Keeps, LearnerView, LossSpec, Method, MethodFamily, MethodSpec, Needs, Tuning};
use crate::learner::settings::ReservoirSettings;
use crate::learner::settings::is_a_number;
use crate::learner::state::StateDict;
use crate::learner::trained::{Outputs, Role};
use crate::mdp::{Experience, ObservationDecoder};
use garde::Validate;
use serde::{Deserialize, Serialize};

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "replay_boundary_free",
    summary: "rehearses and distils like replay, but detects the past by itself",
    family: MethodFamily::Replay,
    paper: "after Rolnick et al. 2019, Experience replay for continual learning; Sugiyama et al. 2012, Density ratio estimation",
    equation: "L(theta) on recent and past transitions + weight mean (Q_theta(s, a) - Q_stored(s, a))^2 where p_recent(s) < ratio p_memory(s)",
    cost: "no further pass; a logistic regression of one weight for each number of an observation; stores transitions and outputs",
    needs: Needs::NOTHING,
    curriculum: Curriculum::Sequential,
    losses: &[LossSpec {
        name: "cloning",
        title: "Cloning loss",
        text: "How far the network's outputs for past seasons have moved from the stored ones. While it is small, little is forgotten.",
    }],
    tuning: Some(Tuning(&[
        Axis {
            path: "learner.replay_boundary_free.cloning_weight",
            first: "1.0",
            values: &["0.0", "0.1", "0.3", "1.0", "3.0"],
        },
        Axis {
            path: "learner.replay_boundary_free.batch_share",
            first: "0.5",
            values: &["0.35", "0.5"],
        },
    ])),
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
    keeps: Keeps::PastData,
    heads: false,
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

/// Criterion that separates stored transitions of the past from those that resemble the present.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// Ratio of an observation's recent density to its density in memory, as a logistic regression learns it online (Sugiyama,
    /// Suzuki and Kanamori 2012, "Density ratio estimation in machine learning").
    DensityRatio,
    /// Mean squared distance from recent observations, in standard deviations of each channel.
    Distance,
    /// No criterion: every stored transition belongs to the past.
    Nothing,
}

/// Settings of replay without boundaries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct ReplayBoundaryFreeSettings {
    /// Fraction of each batch that comes from the reservoir; 0 equals `finetune`.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub batch_share: f32,
    /// Weight of the mean squared difference between outputs and stored outputs on past transitions; 0 replays transitions only.
    #[garde(range(min = 0.0, max = 1.0e6), custom(is_a_number))]
    pub cloning_weight: f32,
    /// Maximum number of transitions in the reservoir.
    #[garde(range(min = 1, max = 1_000_000_000))]
    pub capacity: usize,
    /// Number of transitions that count as recent: `fresh_memory.capacity`, if that is smaller.
    #[garde(range(min = 2, max = 1_000_000_000))]
    pub lately: usize,
    /// Criterion for past transitions.
    #[garde(skip)]
    pub gate: Gate,
    /// With the gate `density_ratio`: ratio of recent density to density in memory below which a transition belongs to the past.
    #[garde(range(min = 0.0, max = 1.0e6), custom(is_a_number))]
    pub past_below_ratio: f32,
    /// Step size of that regression, per update.
    #[garde(range(min = 0.0, max = 1.0e3), custom(is_a_number))]
    pub ratio_learning_rate: f32,
    /// With the gate `distance`: mean squared distance above which a transition belongs to the past; 1 is usual for the present.
    #[garde(range(min = 0.0, max = 1.0e6), custom(is_a_number))]
    pub past_above_distance: f32,
    /// With the gate `distance`: decisions, counted over all gardens, over which recent observations are averaged.
    #[garde(range(min = 1.0, max = 1.0e9), custom(is_a_number))]
    pub distance_decisions: f32,
    /// Fraction by which the stored outputs of a transition of the present move to the network's outputs each time it is drawn.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub refresh_rate: f32,
    /// Same fraction for a past transition: 0 holds its outputs for ever.
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
    /// `true` for each replayed row of the batch that belongs to the past.
    is_past: Vec<bool>,
    mixed: Vec<f32>,
}

impl ReplayBoundaryFree {
    /// Moves the stored outputs of each drawn transition towards the network's outputs, at the rate for its class.
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
                    for ((mixed, kept), output) in self.mixed.iter_mut().zip(&kept).zip(outputs) {
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

    /// Smaller than for other methods: recent transitions must be replaced as the season changes, and the reservoir holds the
    /// rest.
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
