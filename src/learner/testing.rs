//! Helpers for tests of the learner: artificial environments and small statistics.

use crate::learner::algorithms::{Algorithm, Dqn, NoOutputLoss};
use crate::learner::losses::Losses;
use crate::learner::memory::{Batch, ReplayBuffer, Transition};
use crate::learner::methods::{LearnerView, Method};
use crate::learner::{LearnerSettings, LearnerSpec};
use crate::mdp::{Channel, Experience, ObservationDecoder, ObservationSpec};
use crate::random::{Stream, stream};
use rand::Rng;

/// Creates channels in `[-1, 1]`.
pub(crate) fn observation_spec(width: usize) -> ObservationSpec {
    ObservationSpec {
        channels: (0..width)
            .map(|number| Channel {
                name: number.to_string(),
                low: -1.0,
                high: 1.0,
            })
            .collect(),
    }
}

/// Creates the decoder of these channels.
pub(crate) fn decoder(width: usize) -> ObservationDecoder {
    observation_spec(width).decoder()
}

/// Gardens in which each observation encodes garden, episode and step, and nothing else happens. Any transition can therefore be
/// checked from its contents.
pub(crate) struct Walk {
    rng: Stream,
    endless: bool,
    /// Episode and step of each garden.
    at: Vec<(u8, u8)>,
    experience: Experience,
    unfinished: Vec<(u8, u8)>,
}

impl Walk {
    pub(crate) const WIDTH: usize = 3;

    pub(crate) fn new(seed: u64, gardens: usize) -> Self {
        let at = vec![(0, 0); gardens];
        let rng = stream(seed, "walk", 0);
        Self {
            rng,
            endless: false,
            at,
            experience: Experience::new(gardens, Self::WIDTH),
            unfinished: Vec::new(),
        }
    }

    /// Creates a walk whose episodes never end.
    pub(crate) fn endless(seed: u64, gardens: usize) -> Self {
        Self {
            endless: true,
            ..Self::new(seed, gardens)
        }
    }

    /// Starts a new episode in all gardens without reporting it.
    pub(crate) fn restart(&mut self) {
        for at in &mut self.at {
            self.unfinished.push(*at);
            *at = (at.0 + 1, 0);
        }
    }

    pub(crate) fn step(&mut self) -> &Experience {
        let observation = |garden: usize, at: (u8, u8)| [garden as u8, at.0, at.1];
        for garden in 0..self.at.len() {
            let row = garden * Self::WIDTH..(garden + 1) * Self::WIDTH;
            let at = self.at[garden];
            let next = (at.0, at.1 + 1);
            let chance = if self.endless { 15 } else { self.rng.next_u64() % 16 };
            let step = &mut self.experience.step;
            self.experience.observations[row.clone()].copy_from_slice(&observation(garden, at));
            self.experience.actions[garden] = at.1 % 5;
            step.rewards[garden] = f32::from(at.1);
            step.terminated[garden] = chance == 0;
            step.truncated[garden] = chance == 1;
            self.at[garden] = if chance < 2 { (at.0 + 1, 0) } else { next };
            step.observations[row.clone()].copy_from_slice(&observation(garden, self.at[garden]));
            step.final_observations[row].copy_from_slice(&observation(garden, next));
        }
        &self.experience
    }

    /// `true` if this transition happened.
    pub(crate) fn is_true(&self, transition: Transition<'_>) -> bool {
        let [garden, episode, step] = *transition.observation else {
            return false;
        };
        transition.next_observation == [garden, episode, step + 1]
            && transition.action == step % 5
            && transition.reward == f32::from(step)
    }

    /// Returns the index of a transition's decision in its garden's first episode.
    pub(crate) fn decision_of(&self, transition: Transition<'_>) -> usize {
        usize::from(transition.observation[2])
    }
}

/// `true` if the counts are plausible for equal probabilities: Pearson's statistic is within 4.5 standard deviations of its mean.
pub(crate) fn chi_squared_is_plausible(counts: &[u32]) -> bool {
    let expected = f64::from(counts.iter().sum::<u32>()) / counts.len() as f64;
    let statistic: f64 = counts
        .iter()
        .map(|&count| (f64::from(count) - expected).powi(2) / expected)
        .sum();
    let freedom = (counts.len() - 1) as f64;
    (statistic - freedom).abs() < 4.5 * (2.0 * freedom).sqrt()
}

/// Checks a gradient against central differences. `loss` adds its gradient to a slice and returns its value.
pub(crate) fn assert_is_gradient(at: &[f32], mut loss: impl FnMut(&[f32], &mut [f32]) -> f32) {
    let mut gradient = vec![0.0; at.len()];
    loss(at, &mut gradient);
    let mut ignored = vec![0.0; at.len()];
    for (index, &derivative) in gradient.iter().enumerate() {
        // Small, because a ReLU that switches within the step has no derivative to compare with.
        let step = 1e-3;
        let mut moved = at.to_vec();
        moved[index] = at[index] + step;
        let above = loss(&moved, &mut ignored);
        moved[index] = at[index] - step;
        let below = loss(&moved, &mut ignored);
        let difference = (above - below) / (2.0 * step);
        assert!(
            (difference - derivative).abs() < 3e-3 * (1.0 + derivative.abs()),
            "{index}: {difference} and {derivative}"
        );
    }
}

/// The parts of a learner, for tests of single hooks: an algorithm, and a replay buffer filled by a [`Walk`] of two gardens.
pub(crate) struct Bench {
    pub(crate) dqn: Dqn,
    pub(crate) recent: ReplayBuffer,
    pub(crate) task: u16,
    pub(crate) updates: u64,
    decoder: ObservationDecoder,
    rng: Stream,
}

impl Bench {
    pub(crate) fn spec() -> LearnerSpec {
        LearnerSpec {
            observation: observation_spec(Walk::WIDTH),
            actions: 5,
            gardens: 2,
            decisions_per_task: 100,
            seed: 1,
        }
    }

    pub(crate) fn new(settings: &LearnerSettings) -> Self {
        let mut walk = Walk::new(1, 2);
        let mut recent = ReplayBuffer::new(2, Walk::WIDTH, None);
        (0..150).for_each(|_| recent.observe(walk.step(), 0));
        Self {
            dqn: Dqn::new(settings, &Self::spec()),
            recent,
            task: 0,
            updates: 0,
            decoder: decoder(Walk::WIDTH),
            rng: stream(2, "bench", 0),
        }
    }

    /// Fills the buffer with very different views of two gardens, from which the next observation can be predicted.
    pub(crate) fn see_varied_views(&mut self) {
        self.recent.clear();
        let mut walk = Walk::new(1, 2);
        for _ in 0..300 {
            let mut experience = walk.step().clone();
            let step = &mut experience.step;
            for rows in [
                &mut experience.observations,
                &mut step.observations,
                &mut step.final_observations,
            ] {
                for row in rows.chunks_exact_mut(Walk::WIDTH) {
                    let [garden, episode, step] = [row[0], row[1], row[2]];
                    row.copy_from_slice(&[garden * 200, episode.wrapping_mul(50), step.wrapping_mul(15)]);
                }
            }
            // Rewards of a usual size that differ from view to view.
            step.rewards.iter_mut().for_each(|reward| *reward = (*reward % 3.0) - 1.0);
            self.recent.observe(&experience, 0);
        }
    }

    pub(crate) fn with_view<T>(&mut self, hook: impl FnOnce(&mut LearnerView<'_>) -> T) -> T {
        hook(&mut LearnerView {
            algorithm: &mut self.dqn,
            recent: &self.recent,
            decoder: &self.decoder,
            task: self.task,
            decisions: 0,
            updates: self.updates,
            task_has_own_outputs: false,
        })
    }

    /// Performs updates without a method.
    pub(crate) fn train(&mut self, updates: usize) {
        (0..updates).for_each(|_| self.update(&mut NoMethod));
    }

    /// Performs one update with a method's hooks; gradients are not clipped.
    pub(crate) fn update(&mut self, method: &mut dyn Method) {
        let mut batch = Batch::new(Walk::WIDTH);
        self.recent.sample(16, &mut self.rng, &self.decoder, &mut batch);
        let mut losses = Losses::default();
        self.dqn.compute_gradients(&batch, &mut NoOutputLoss, &mut losses);
        self.with_view(|view| {
            method.adjust_gradients(&batch, view, &mut losses);
            view.algorithm.step();
            method.adjust_weights(&batch, view);
            method.settle_weights(view);
            view.algorithm.update_targets();
        });
        self.updates += 1;
    }
}

struct NoMethod;

impl Method for NoMethod {}
