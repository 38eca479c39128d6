//! Networks for each context, which the method infers from the views: it is told neither boundaries nor seasons, and keeps no past data.
//!
//! Contexts are found as in a mixture that grows (Nagabandi, Finn and Levine 2019, "Deep online learning via meta-learning: continual adaptation for
//! model-based RL", section 5, who ask which of several models explains the recent data, and begin a new one if none does), but of views instead of
//! dynamics. The views of a context are normal, channel by channel. Every `window_views` views, the context in which they are most likely is the
//! one under way; but if their mean squared distance from it, `mean_c (x_c - m_c)^2 / v_c`, is above `threshold`, a new context begins with copies
//! of the networks. Such a distance is about 1 within a context. Each context has networks, targets and moments of its own, so what is learned in
//! one changes nothing in another. A transition whose own view belongs to another context than that under way teaches nothing.
//!
//! When the policy is evaluated, each view is decided by the network of the context in which it is most likely
//! ([`Contexts`]): nothing is told there, either. While it learns, the network of the context under way decides.
//!
//! Means and variances follow the views over `horizon_views`, so a season that turns slowly into the next can carry its context along. A variance is
//! at least the square of `least_deviation` of half the channel's range: a channel that never changes would otherwise betray every cloud.
//!
//! Costs one comparison of each view with each context; networks, targets and moments of each context. Always holds: with `maximum_contexts = 1` all
//! weights are those of fine-tuning that is told no boundaries, bit for bit.

#[cfg(test)]
#[path = "inferred_context_tests.rs"]
mod tests;

use crate::learner::contexts::{Context, Contexts, ViewDistribution, most_likely};
use crate::learner::error::StateError;
use crate::learner::losses::Losses;
use crate::learner::memory::Batch;
use crate::learner::methods::{Axis, Curriculum, Keeps, Kept, LearnerView, Method, MethodFamily, MethodSpec, Needs, Tuning};
use crate::learner::parts::Parts;
use crate::learner::settings::{LearnerSettings, is_a_number};
use crate::learner::spec::LearnerSpec;
use crate::learner::state::StateDict;
use crate::learner::trained::{Outputs, Role};
use crate::learner::vectorised::follow;
use crate::mdp::Experience;
use garde::Validate;
use serde::{Deserialize, Serialize};

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "inferred_context",
    summary: "keeps networks for each kind of view, and finds the kinds by itself",
    family: MethodFamily::Architecture,
    paper: "Nagabandi, Finn and Levine 2019, Deep online learning via meta-learning (its growing mixture, over views)",
    equation: "context = argmin_k mean_c (x_c - m_kc)^2 / v_kc + ln v_kc; a new one if the mean distance of recent views is above the threshold",
    cost: "a comparison of each view with each context; networks, targets and moments of each context",
    needs: Needs::NOTHING,
    curriculum: Curriculum::Sequential,
    losses: &[],
    tuning: Some(Tuning(&[Axis {
        path: "learner.inferred_context.threshold",
        first: "3.0",
        values: &["1.0", "1.5", "2.0", "2.5", "3.0", "4.0", "5.0", "7.0", "10.0", "1e6"],
    }])),
    remove_strength: |settings| settings.inferred_context.maximum_contexts = 1,
    act_soon: |settings| {
        settings.inferred_context.threshold = 0.5;
        settings.inferred_context.window_views = 16;
    },
    memory: |settings, scale| {
        // Parameters, targets and two moments, and the running average.
        let contexts = settings.inferred_context.maximum_contexts as u64;
        scale.weights(contexts.saturating_mul(5))
    },
    keeps: Keeps::Other(|settings, scale| {
        // Every context has networks, targets, moments and an average, and a comparison of each view with its distribution.
        let contexts = settings.inferred_context.maximum_contexts as u64;
        Kept {
            past_bytes: 0,
            weights_bytes: scale.weights(contexts * 6) + contexts * 5 * scale.numbers(scale.observation),
            multiply_adds: contexts * 2 * scale.observation,
        }
    }),
    heads: false,
    build: |settings, spec| Box::new(InferredContext::new(settings, spec)),
};

/// Settings of networks for each inferred context.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct InferredContextSettings {
    /// Mean squared distance of recent views from the nearest context, in its variances, above which a new one begins.
    #[garde(range(min = 1.0e-3, max = 1.0e9), custom(is_a_number))]
    pub threshold: f32,
    /// Views, over all gardens, by which the context under way is inferred.
    #[garde(range(min = 1, max = 10_000_000))]
    pub window_views: u64,
    /// Views over which means and variances of a context are averaged.
    #[garde(range(min = 1, max = 1_000_000_000))]
    pub horizon_views: u64,
    /// Least standard deviation of a channel, as a fraction of half its range.
    #[garde(range(min = 1.0e-6, max = 1.0), custom(is_a_number))]
    pub least_deviation: f32,
    /// Maximum number of contexts; 1 equals `finetune` without boundaries.
    #[garde(range(min = 1, max = 1_000))]
    pub maximum_contexts: usize,
}

impl Default for InferredContextSettings {
    fn default() -> Self {
        Self {
            // By reasoning, not by tuning: a window of half an episode in 16 gardens, a horizon of a season.
            threshold: 3.0,
            window_views: 2_400,
            horizon_views: 60_000,
            least_deviation: 0.05,
            maximum_contexts: 8,
        }
    }
}

/// Means and variances of views, channel by channel.
#[derive(Clone, Debug, Default, PartialEq)]
struct Statistics {
    /// Views so far.
    views: u64,
    means: Vec<f32>,
    variances: Vec<f32>,
}

impl Statistics {
    fn new(width: usize) -> Self {
        Self {
            views: 0,
            means: vec![0.0; width],
            variances: vec![0.0; width],
        }
    }

    /// Adds a view.
    fn add(&mut self, view: &[f32]) {
        self.views += 1;
        let share = 1.0 / self.views as f32;
        for ((number, mean), variance) in view.iter().zip(&mut self.means).zip(&mut self.variances) {
            let difference = number - *mean;
            *mean += share * difference;
            *variance = (1.0 - share) * (*variance + share * difference * difference);
        }
    }

    /// Adds other views, in proportion to their number; older ones count for at most `horizon` views.
    fn merge(&mut self, other: &Self, horizon: u64) {
        let old = self.views.min(horizon) as f32;
        let share = other.views as f32 / (old + other.views as f32);
        let moments = self.means.iter_mut().zip(&mut self.variances);
        for ((mean, variance), (other_mean, other_variance)) in moments.zip(other.means.iter().zip(&other.variances)) {
            let difference = other_mean - *mean;
            *mean += share * difference;
            *variance += share * (other_variance - *variance) + share * (1.0 - share) * difference * difference;
        }
        self.views += other.views;
    }
}

/// One context.
struct Known {
    statistics: Statistics,
    distribution: ViewDistribution,
    /// Running average of its policy.
    average: Vec<f32>,
    /// Its networks, unless they are those of the learner.
    networks: Option<Parts>,
}

struct InferredContext {
    settings: InferredContextSettings,
    /// Least variance of each channel.
    floors: Vec<f32>,
    averaging: f32,
    contexts: Vec<Known>,
    /// Number of the context under way.
    current: usize,
    /// Views since the last inference.
    window: Statistics,
    /// Sums of their distance and of their surprise, for each context.
    distances: Vec<f64>,
    surprises: Vec<f64>,
    /// Transitions of this batch that belong to another context.
    foreign: Vec<usize>,
    view: Vec<f32>,
}

impl InferredContext {
    fn new(settings: &LearnerSettings, spec: &LearnerSpec) -> Self {
        let own = settings.inferred_context.clone();
        let floors = spec.observation.channels.iter().map(|channel| {
            let deviation = own.least_deviation * 0.5 * (channel.high - channel.low);
            (deviation * deviation).max(f32::MIN_POSITIVE)
        });
        Self {
            floors: floors.collect(),
            averaging: settings.evaluation_averaging,
            contexts: Vec::new(),
            current: 0,
            window: Statistics::new(spec.observation.len()),
            distances: Vec::new(),
            surprises: Vec::new(),
            foreign: Vec::new(),
            view: vec![0.0; spec.observation.len()],
            settings: own,
        }
    }

    fn distribution(&self, statistics: &Statistics) -> ViewDistribution {
        let variances = statistics.variances.iter().zip(&self.floors);
        let variances: Vec<f32> = variances.map(|(variance, floor)| variance.max(*floor)).collect();
        ViewDistribution::new(&statistics.means, &variances)
    }

    /// Infers the context of the views since the last inference, and changes to it.
    fn infer(&mut self, learner: &mut LearnerView<'_>) {
        let window = std::mem::replace(&mut self.window, Statistics::new(self.view.len()));
        let most = most_likely(self.surprises.iter().map(|&sum| sum as f32));
        let distance = self.distances[most] / window.views as f64;
        // The first views are those of the first context.
        let is_known = self.contexts[most].statistics.views == 0 || distance <= f64::from(self.settings.threshold);
        if is_known || self.contexts.len() >= self.settings.maximum_contexts {
            let mut statistics = std::mem::take(&mut self.contexts[most].statistics);
            statistics.merge(&window, self.settings.horizon_views);
            self.contexts[most].distribution = self.distribution(&statistics);
            self.contexts[most].statistics = statistics;
            self.change_to(most, learner);
        } else {
            let range = 0..learner.algorithm.networks()[0].parameters().len();
            let average = self.contexts[self.current].average.clone();
            self.contexts[self.current].networks = Some(Parts::copies(learner.algorithm, &range));
            self.current = self.contexts.len();
            self.contexts.push(Known {
                distribution: self.distribution(&window),
                statistics: window,
                average,
                networks: None,
            });
        }
        self.distances = vec![0.0; self.contexts.len()];
        self.surprises = vec![0.0; self.contexts.len()];
    }

    fn change_to(&mut self, context: usize, learner: &mut LearnerView<'_>) {
        let range = 0..learner.algorithm.networks()[0].parameters().len();
        // The context under way has no networks put aside.
        if let Some(mut networks) = self.contexts[context].networks.take() {
            networks.exchange(learner.algorithm, &range);
            self.contexts[self.current].networks = Some(networks);
            self.current = context;
        }
    }

    /// `true` if there is more than one context.
    fn is_divided(&self) -> bool {
        self.contexts.len() > 1
    }
}

impl Method for InferredContext {
    fn ignores_boundaries(&self) -> bool {
        true
    }

    fn observe(&mut self, experience: &Experience, learner: &mut LearnerView<'_>) {
        if self.settings.maximum_contexts == 1 {
            return;
        }
        if self.contexts.is_empty() {
            let statistics = Statistics::new(self.view.len());
            self.contexts.push(Known {
                distribution: self.distribution(&statistics),
                statistics,
                average: learner.algorithm.networks()[0].parameters().to_vec(),
                networks: None,
            });
            (self.distances, self.surprises) = (vec![0.0], vec![0.0]);
        }
        for observation in experience.observations.chunks_exact(self.view.len()) {
            learner.decoder.decode(observation, &mut self.view);
            self.window.add(&self.view);
            let sums = self.distances.iter_mut().zip(&mut self.surprises);
            for ((distance, surprise), context) in sums.zip(&self.contexts) {
                *distance += f64::from(context.distribution.distance(&self.view));
                *surprise += f64::from(context.distribution.surprise(&self.view));
            }
        }
        if self.window.views >= self.settings.window_views {
            self.infer(learner);
        }
    }

    fn add_views(&mut self, _learner: &mut LearnerView<'_>, batch: &mut Batch) {
        self.foreign.clear();
        if !self.is_divided() {
            return;
        }
        for row in 0..batch.transitions() {
            let view = batch.observations.row(row);
            let surprises = self.contexts.iter().map(|context| context.distribution.surprise(view));
            if most_likely(surprises) != self.current {
                self.foreign.push(row);
            }
        }
    }

    fn output_loss(
        &mut self,
        role: Role,
        _meaning: Outputs,
        batch: &Batch,
        _outputs: &[f32],
        gradient: &mut [f32],
        losses: &mut Losses,
    ) {
        let actions = gradient.len() / batch.rows().max(1);
        for &row in &self.foreign {
            gradient[row * actions..(row + 1) * actions].fill(0.0);
        }
        if role == Role::Policy && !self.contexts.is_empty() {
            losses.measure("contexts", self.contexts.len() as f32);
        }
    }

    fn settle_weights(&mut self, learner: &mut LearnerView<'_>) {
        if let Some(context) = self.contexts.get_mut(self.current) {
            follow(
                &mut context.average,
                learner.algorithm.networks()[0].parameters(),
                self.averaging,
            );
        }
    }

    fn evaluated_policy(&self, _task: Option<u16>, parameters: &mut [f32]) {
        if self.is_divided() && self.averaging > 0.0 {
            parameters.copy_from_slice(&self.contexts[self.current].average);
        }
    }

    fn contexts(&self, current: &[f32]) -> Contexts {
        if !self.is_divided() {
            return Contexts::default();
        }
        let policy = |context: &Known| Context {
            views: context.distribution.clone(),
            parameters: match &context.networks {
                None => current.to_vec(),
                Some(_) if self.averaging > 0.0 => context.average.clone(),
                Some(networks) => networks.policy().to_vec(),
            },
        };
        Contexts(self.contexts.iter().map(policy).collect())
    }

    fn state_bytes(&self) -> u64 {
        let statistics = |statistics: &Statistics| size_of_val(&*statistics.means) + size_of_val(&*statistics.variances);
        let contexts = self.contexts.iter().map(|context| {
            let own = statistics(&context.statistics) + size_of_val(&*context.average);
            own as u64 + context.networks.as_ref().map_or(0, Parts::bytes)
        });
        let window = statistics(&self.window) + size_of_val(&*self.distances) + size_of_val(&*self.surprises);
        contexts.sum::<u64>() + window as u64
    }

    fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        let put = |state: &mut StateDict, prefix: &str, statistics: &Statistics| {
            state.put(format!("{prefix}.means"), &statistics.means);
            state.put(format!("{prefix}.variances"), &statistics.variances);
            state.set(format!("{prefix}.views"), &statistics.views)
        };
        put(state, &format!("{prefix}.window"), &self.window)?;
        state.set(format!("{prefix}.contexts"), &self.contexts.len())?;
        state.set(format!("{prefix}.current"), &self.current)?;
        state.put(format!("{prefix}.distances"), &self.distances);
        state.put(format!("{prefix}.surprises"), &self.surprises);
        for (number, context) in self.contexts.iter().enumerate() {
            let prefix = format!("{prefix}.context.{number}");
            put(state, &prefix, &context.statistics)?;
            state.put(format!("{prefix}.average"), &context.average);
            if let Some(networks) = &context.networks {
                networks.save(state, &format!("{prefix}.networks"));
            }
        }
        let sizes = self.contexts.iter().find_map(|context| context.networks.as_ref());
        state.set(format!("{prefix}.networks"), &sizes.map_or(0, Parts::networks))
    }

    fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        let width = self.view.len();
        let statistics = |prefix: &str| {
            Ok::<_, StateError>(Statistics {
                views: state.get(&format!("{prefix}.views"))?,
                means: state.array_of_len(&format!("{prefix}.means"), width)?,
                variances: state.array_of_len(&format!("{prefix}.variances"), width)?,
            })
        };
        self.window = statistics(&format!("{prefix}.window"))?;
        let count: usize = state.get(&format!("{prefix}.contexts"))?;
        let current: usize = state.get(&format!("{prefix}.current"))?;
        let networks: usize = state.get(&format!("{prefix}.networks"))?;
        self.distances = state.array_of_len(&format!("{prefix}.distances"), count)?;
        self.surprises = state.array_of_len(&format!("{prefix}.surprises"), count)?;
        let mut contexts = Vec::new();
        for number in 0..count {
            let prefix = format!("{prefix}.context.{number}");
            let statistics = statistics(&prefix)?;
            let average: Vec<f32> = state.array(&format!("{prefix}.average"))?;
            let parts = || Parts::load(state, &format!("{prefix}.networks"), networks, average.len());
            contexts.push(Known {
                distribution: self.distribution(&statistics),
                networks: if number == current { None } else { Some(parts()?) },
                statistics,
                average,
            });
        }
        self.contexts = contexts;
        self.current = if count == 0 { 0 } else { current.min(count - 1) };
        self.foreign.clear();
        Ok(())
    }
}
