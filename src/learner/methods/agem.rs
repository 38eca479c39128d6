//! Averaged gradient episodic memory: projects gradients that conflict with the average gradient on past transitions.
//!
//! Chaudhry et al. 2019, "Efficient lifelong learning with A-GEM", eqs. 10-11: where `g . g_mem < 0`,
//! `g <- g - (g . g_mem / |g_mem|^2) g_mem`, with `g_mem` the gradient of the algorithm's own loss on transitions of past tasks. Each
//! network has a projection of its own, policy and critics alike.
//!
//! Deviations: past transitions come from one reservoir over all tasks rather than from one ring per task; transitions of the
//! current task are skipped when sampling. The reference gradient is that of the temporal-difference loss with current targets,
//! since there are no labels. The projection applies to the gradient; the step that Adam derives from it can still conflict with
//! the past.
//!
//! Costs a further batch of `reference_rows` in each update, forward and backward, and one reservoir. Always holds: with
//! `strength = 0` all weights are those of fine-tuning, bit for bit.

use crate::learner::error::StateError;
use crate::learner::losses::Losses;
use crate::learner::memory::{Batch, Reservoir};
use crate::learner::methods::{Axis, Curriculum, Keeps, LearnerView, Method, MethodFamily, MethodSpec, Needs, Tuning};
use crate::learner::settings::is_a_number;
use crate::learner::state::StateDict;
use crate::mdp::{Experience, ObservationDecoder};
use crate::random::{Stream, stream};
use garde::Validate;
use serde::{Deserialize, Serialize};

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "agem",
    summary: "projects gradients that conflict with the mean gradient on past transitions",
    family: MethodFamily::Optimisation,
    paper: "Chaudhry et al. 2019, Efficient lifelong learning with A-GEM",
    equation: "g - (g . g_mem / |g_mem|^2) g_mem where g . g_mem < 0",
    cost: "a further batch of 128 past transitions in each update, forward and backward; stores transitions",
    needs: Needs::TASK_BOUNDARIES,
    curriculum: Curriculum::Sequential,
    losses: &[],
    tuning: Some(Tuning(&[Axis {
        path: "learner.agem.strength",
        first: "0.2",
        values: &["0.0", "0.05", "0.1", "0.2", "0.4", "0.6", "0.7", "0.8", "0.9", "1.0"],
    }])),
    remove_strength: |settings| settings.agem.strength = 0.0,
    act_soon: |settings| settings.reservoir.capacity = 60,
    memory: |settings, scale| {
        // References are gradients, and while one is measured there is another.
        Reservoir::most_bytes(&settings.reservoir, settings.history, scale, 0).saturating_add(scale.weights(2))
    },
    keeps: Keeps::PastData,
    heads: false,
    build: |settings, spec| {
        let width = spec.observation.len();
        let rng = stream(spec.seed, "learner.agem.reservoir", 0);
        Box::new(Agem {
            settings: settings.agem.clone(),
            // No outputs are stored with the transitions.
            reservoir: Reservoir::of_learner(&settings.reservoir, settings.history, spec, 0, rng),
            rng: stream(spec.seed, "learner.agem.draw", 0),
            batch: Batch::new(width),
            references: Vec::new(),
        })
    },
};

/// Settings of averaged gradient episodic memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct AgemSettings {
    /// Fraction of the conflicting part of a gradient that is removed: 1 as in the paper, 0 equals `finetune`.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub strength: f32,
    /// Number of past transitions for the reference gradient of one update (Wolczyk et al. 2021 use 128).
    #[garde(range(min = 1, max = 65_536))]
    pub reference_rows: usize,
}

impl Default for AgemSettings {
    fn default() -> Self {
        Self {
            // Found by tuning: docs/tuning.toml.
            strength: 0.2,
            reference_rows: 128,
        }
    }
}

/// Number of tries to draw a transition of a past task before the batch gets fewer rows.
const TRIES_OF_A_ROW: usize = 64;

struct Agem {
    settings: AgemSettings,
    reservoir: Reservoir,
    rng: Stream,
    /// Reused buffer.
    batch: Batch,
    references: Vec<Vec<f32>>,
}

impl Agem {
    /// Draws transitions of tasks before `task`.
    fn draw(&mut self, task: u16, decoder: &ObservationDecoder) {
        self.batch.clear();
        for _ in 0..self.settings.reference_rows {
            for _ in 0..TRIES_OF_A_ROW {
                let Some(place) = self.reservoir.draw(&mut self.rng) else {
                    return;
                };
                if self.reservoir.task(place.segment) < task {
                    self.reservoir.push_to(place, decoder, &mut self.batch);
                    break;
                }
            }
        }
        // The whole batch counts as recent, so that the policy's own loss is computed on all of it.
        self.batch.recent_rows = self.batch.transitions();
    }
}

impl Method for Agem {
    fn task_ended(&mut self, learner: &mut LearnerView<'_>) {
        self.reservoir.finish_all(learner.task);
    }

    fn observe(&mut self, experience: &Experience, learner: &mut LearnerView<'_>) {
        self.reservoir.observe(experience, learner.task);
    }

    fn adjust_gradients(&mut self, _batch: &Batch, learner: &mut LearnerView<'_>, _losses: &mut Losses) {
        if learner.task == 0 || self.settings.strength == 0.0 {
            return;
        }
        self.draw(learner.task, learner.decoder);
        if self.batch.transitions() == 0 {
            return;
        }
        learner.algorithm.reference_gradients(&self.batch, &mut self.references);
        for (network, reference) in learner.algorithm.networks_mut().iter_mut().zip(&self.references) {
            network.count_multiply_adds(3 * reference.len() as u64);
            project(&mut network.gradient, reference, self.settings.strength);
        }
    }

    fn memory_bytes(&self) -> u64 {
        self.reservoir.bytes()
    }

    fn count_tasks(&self, counts: &mut Vec<usize>) {
        self.reservoir.count_tasks(counts);
    }

    fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        self.reservoir.save(state, &format!("{prefix}.reservoir"))?;
        state.set(format!("{prefix}.rng"), &self.rng)
    }

    fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        self.reservoir.load(state, &format!("{prefix}.reservoir"))?;
        self.rng = state.get(&format!("{prefix}.rng"))?;
        Ok(())
    }
}

/// Removes the fraction `strength` of the part of `gradient` that points against `reference`, if there is one.
fn project(gradient: &mut [f32], reference: &[f32], strength: f32) {
    let agreement = dot(gradient, reference);
    let norm = dot(reference, reference);
    if agreement >= 0.0 || norm == 0.0 {
        return;
    }
    let share = (f64::from(strength) * agreement / norm) as f32;
    for (gradient, reference) in gradient.iter_mut().zip(reference) {
        *gradient -= share * reference;
    }
}

/// Returns the dot product, in double precision with eight partial sums: the result of a projection is a small difference of
/// large numbers.
fn dot(left: &[f32], right: &[f32]) -> f64 {
    let mut sums = [0.0f64; 8];
    for (left, right) in left.chunks(8).zip(right.chunks(8)) {
        for ((sum, &left), &right) in sums.iter_mut().zip(left).zip(right) {
            *sum += f64::from(left) * f64::from(right);
        }
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `g = (3, -4)`, `g_mem = (0, 2)`: `g . g_mem = -8`, `|g_mem|^2 = 4`, so `g + 2 g_mem = (3, 0)`.
    #[test]
    fn a_harmful_gradient_is_turned_as_worked_by_hand() {
        let mut gradient = [3.0, -4.0];
        project(&mut gradient, &[0.0, 2.0], 1.0);
        assert_eq!(gradient, [3.0, 0.0]);
        let mut half = [3.0, -4.0];
        project(&mut half, &[0.0, 2.0], 0.5);
        assert_eq!(half, [3.0, -2.0]);
    }

    #[test]
    fn a_gradient_that_does_no_harm_is_left_alone() {
        let mut gradient = [3.0, 4.0];
        project(&mut gradient, &[0.0, 2.0], 1.0);
        assert_eq!(gradient, [3.0, 4.0]);
        project(&mut gradient, &[0.0, 0.0], 1.0);
        assert_eq!(gradient, [3.0, 4.0]);
    }

    #[test]
    fn after_the_hook_no_network_goes_against_the_past() {
        use crate::learner::algorithms::ALGORITHMS;
        use crate::learner::memory::ReplayBuffer;
        use crate::learner::testing::{Walk, decoder, observation_spec};
        use crate::learner::{LearnerSettings, LearnerSpec};

        let settings = LearnerSettings {
            hidden: vec![12],
            ..Default::default()
        };
        let spec = LearnerSpec {
            observation: observation_spec(Walk::WIDTH),
            actions: 5,
            gardens: 4,
            decisions_per_task: 1_000,
            seed: 5,
        };
        for algorithm in ALGORITHMS {
            let mut algorithm = (algorithm.build)(&settings, &spec);
            let mut agem = Agem {
                settings: AgemSettings {
                    strength: 1.0,
                    ..Default::default()
                },
                reservoir: Reservoir::new(&settings.reservoir, 4, Walk::WIDTH, 0, stream(1, "test", 0)),
                rng: stream(1, "test", 1),
                batch: Batch::new(Walk::WIDTH),
                references: Vec::new(),
            };
            let (mut walk, recent, decoder) = (Walk::new(1, 4), ReplayBuffer::new(4, Walk::WIDTH, None), decoder(Walk::WIDTH));
            for task in 0..2 {
                let view = &mut LearnerView {
                    algorithm: algorithm.as_mut(),
                    recent: &recent,
                    decoder: &decoder,
                    task,
                    decisions: 0,
                    updates: 0,
                    task_has_own_outputs: false,
                };
                (0..30).for_each(|_| agem.observe(walk.step(), view));
                if task == 0 {
                    agem.task_ended(view);
                    continue;
                }
                agem.draw(1, &decoder);
                let mut against = Vec::new();
                view.algorithm.reference_gradients(&agem.batch, &mut against);
                for (network, against) in view.algorithm.networks_mut().iter_mut().zip(&against) {
                    for (gradient, against) in network.gradient.iter_mut().zip(against) {
                        *gradient = 0.01 - against;
                    }
                }
                agem.adjust_gradients(&Batch::new(Walk::WIDTH), view, &mut Losses::default());
                for (network, reference) in view.algorithm.networks().iter().zip(&agem.references) {
                    let agreement = dot(&network.gradient, reference);
                    assert!(agreement > -1e-6 * dot(reference, reference), "{agreement}");
                    assert!(network.gradient.iter().any(|&gradient| gradient != 0.0));
                }
                assert_eq!(agem.batch.transitions(), 128);
            }
        }
    }
}
