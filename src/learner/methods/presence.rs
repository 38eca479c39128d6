//! Whether a memory resembles what is seen lately, learned online and told by nobody.
//!
//! Two ways, of which the first is the default. Both look at all channels of an observation and know nothing of what they mean.
//!
//! **Density ratio.** A logistic regression learns to tell the fresh rows of each batch from the remembered ones. Where both are as
//! many, its odds `p / (1 - p)` estimate `density lately / density in memory` (Sugiyama, Suzuki and Kanamori 2012, "Density ratio
//! estimation in machine learning", section 4.1). In a world that does not change the ratio is 1 everywhere; of a season that is gone
//! it is near 0, and of one that returns it rises again.
//!
//! **Distance.** Decayed means and variances of each channel of what was seen lately; a memory's distance is the mean over channels
//! of the squared deviation in variances, each at most [`FARTHEST`] so that one channel cannot decide alone.

use crate::learner::error::StateError;
use crate::learner::memory::Batch;
use crate::learner::settings::{Gate, ReplayBoundaryFreeSettings};
use crate::learner::state::StateDict;
use crate::mdp::{Experience, ObservationDecoder};

/// The greatest squared deviation of one channel that counts.
const FARTHEST: f32 = 25.0;
/// Added to variances: a channel that never moved is not infinitely telling.
const LEAST_VARIANCE: f32 = 1e-4;
/// How far the regression is pulled back to knowing nothing in each update, in units of its step size.
const DECAY: f32 = 1e-3;

/// See the module's documentation.
pub(crate) struct Presence {
    gate: Gate,
    past_below: f32,
    learning_rate: f32,
    past_above: f32,
    lately_decisions: f32,
    /// One for each channel and one for the constant 1.
    weights: Vec<f32>,
    mean: Vec<f32>,
    mean_square: Vec<f32>,
    /// How much of the averages is experience, and not their beginning at zero.
    seen: f32,
    /// Buffers.
    numbers: Vec<f32>,
    step: Vec<f32>,
}

impl Presence {
    pub(crate) fn new(settings: &ReplayBoundaryFreeSettings, width: usize) -> Self {
        let (ratio, distance) = match settings.gate {
            Gate::DensityRatio => (width + 1, 0),
            Gate::Distance => (0, width),
            Gate::Nothing => (0, 0),
        };
        Self {
            gate: settings.gate,
            past_below: settings.past_below_ratio,
            learning_rate: settings.ratio_learning_rate,
            past_above: settings.past_above_distance,
            lately_decisions: settings.lately_decisions,
            weights: vec![0.0; ratio],
            mean: vec![0.0; distance],
            mean_square: vec![0.0; distance],
            seen: 0.0,
            numbers: vec![0.0; width],
            step: vec![0.0; ratio],
        }
    }

    /// Takes in what all gardens saw.
    pub(crate) fn observe(&mut self, experience: &Experience, decoder: &ObservationDecoder) {
        if self.gate != Gate::Distance {
            return;
        }
        let share = 1.0 / self.lately_decisions;
        for observation in experience.observations.chunks_exact(decoder.len()) {
            decoder.decode(observation, &mut self.numbers);
            let averages = self.mean.iter_mut().zip(&mut self.mean_square);
            for ((mean, mean_square), number) in averages.zip(&self.numbers) {
                *mean += share * (number - *mean);
                *mean_square += share * (number * number - *mean_square);
            }
            self.seen += share * (1.0 - self.seen);
        }
    }

    /// Judges the rows `first..first + count` of a batch, which are memories, and learns from them and from the fresh rows. Tells the
    /// multiply-adds that it took.
    pub(crate) fn judge(&mut self, batch: &Batch, first: usize, count: usize, is_past: &mut Vec<bool>) -> u64 {
        is_past.clear();
        let width = self.numbers.len();
        match self.gate {
            Gate::Nothing => {
                is_past.resize(count, true);
                0
            }
            Gate::Distance => {
                is_past.extend((first..first + count).map(|row| self.distance(batch.observations.row(row)) > self.past_above));
                (count * width) as u64
            }
            Gate::DensityRatio => {
                let least = libm::logf(self.past_below);
                self.step.fill(0.0);
                let (fresh_share, past_share) = (1.0 / batch.fresh_rows.max(1) as f32, 1.0 / count.max(1) as f32);
                for row in 0..batch.fresh_rows {
                    let log_odds = self.log_odds(batch.observations.row(row));
                    self.learn_from(batch.observations.row(row), fresh_share * (1.0 - logistic(log_odds)));
                }
                for row in first..first + count {
                    let log_odds = self.log_odds(batch.observations.row(row));
                    is_past.push(log_odds < least);
                    self.learn_from(batch.observations.row(row), -past_share * logistic(log_odds));
                }
                for (weight, step) in self.weights.iter_mut().zip(&self.step) {
                    *weight += self.learning_rate * (step - DECAY * *weight);
                }
                (2 * (batch.fresh_rows + count) * (width + 1)) as u64
            }
        }
    }

    fn log_odds(&self, row: &[f32]) -> f32 {
        let products = row.iter().zip(&self.weights).map(|(number, weight)| number * weight);
        products.sum::<f32>() + self.weights[row.len()]
    }

    fn learn_from(&mut self, row: &[f32], slope: f32) {
        for (step, number) in self.step.iter_mut().zip(row) {
            *step += slope * number;
        }
        self.step[row.len()] += slope;
    }

    fn distance(&self, row: &[f32]) -> f32 {
        let averages = self.mean.iter().zip(&self.mean_square);
        let deviations = row.iter().zip(averages).map(|(number, (mean, mean_square))| {
            let (mean, mean_square) = (mean / self.seen, mean_square / self.seen);
            let variance = (mean_square - mean * mean).max(0.0) + LEAST_VARIANCE;
            ((number - mean).powi(2) / variance).min(FARTHEST)
        });
        deviations.sum::<f32>() / row.len() as f32
    }

    pub(crate) fn bytes(&self) -> u64 {
        (size_of::<f32>() * (self.weights.len() + self.mean.len() + self.mean_square.len() + 1)) as u64
    }

    pub(crate) fn save(&self, state: &mut StateDict, prefix: &str) {
        state.put(format!("{prefix}.weights"), &self.weights);
        state.put(format!("{prefix}.mean"), &self.mean);
        state.put(format!("{prefix}.mean_square"), &self.mean_square);
        state.put(format!("{prefix}.seen"), &[self.seen]);
    }

    pub(crate) fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        state.copy_to(&format!("{prefix}.weights"), &mut self.weights)?;
        state.copy_to(&format!("{prefix}.mean"), &mut self.mean)?;
        state.copy_to(&format!("{prefix}.mean_square"), &mut self.mean_square)?;
        let mut seen = [0.0];
        state.copy_to(&format!("{prefix}.seen"), &mut seen)?;
        [self.seen] = seen;
        Ok(())
    }
}

fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + libm::expf(-x))
}
