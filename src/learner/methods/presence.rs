//! Online estimate of how much a stored transition resembles recent ones, without task boundaries.
//!
//! There are two variants, of which the first is the default. Both use all channels of an observation, regardless of their
//! meaning.
//!
//! **Density ratio.** A logistic regression learns to distinguish the recent rows of each batch from the replayed ones. With
//! equal numbers of both, its odds `p / (1 - p)` estimate `recent density / density in memory` (Sugiyama, Suzuki and Kanamori
//! 2012, "Density ratio estimation in machine learning", section 4.1). In an environment that does not change, the ratio is 1
//! everywhere; for a past season it is near 0, and it rises again when the season returns.
//!
//! **Distance.** Decayed means and variances of each channel of recent observations; the distance of a stored observation is the
//! mean over channels of the squared deviation in variances, each at most [`FARTHEST`] so that one channel cannot decide alone.

use crate::learner::error::StateError;
use crate::learner::memory::Batch;
use crate::learner::settings::{Gate, ReplayBoundaryFreeSettings};
use crate::learner::state::StateDict;
use crate::mdp::{Experience, ObservationDecoder};

/// Maximum squared deviation of one channel.
const FARTHEST: f32 = 25.0;
/// Minimum added to variances, so that a channel that never changed does not dominate.
const LEAST_VARIANCE: f32 = 1e-4;
/// Decay of the regression's weights towards zero in each update, in units of its step size.
const DECAY: f32 = 1e-3;

/// Online estimate of how much stored observations resemble recent ones.
pub(crate) struct Presence {
    gate: Gate,
    past_below: f32,
    learning_rate: f32,
    past_above: f32,
    recent_decisions: f32,
    /// One weight per channel, and one for the constant 1.
    weights: Vec<f32>,
    mean: Vec<f32>,
    mean_square: Vec<f32>,
    /// Fraction of the averages that comes from experience, not from their initial zeros.
    seen: f32,
    /// Reused buffer.
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
            recent_decisions: settings.distance_decisions,
            weights: vec![0.0; ratio],
            mean: vec![0.0; distance],
            mean_square: vec![0.0; distance],
            seen: 0.0,
            numbers: vec![0.0; width],
            step: vec![0.0; ratio],
        }
    }

    /// Updates the averages with the observations of all gardens.
    pub(crate) fn observe(&mut self, experience: &Experience, decoder: &ObservationDecoder) {
        if self.gate != Gate::Distance {
            return;
        }
        let share = 1.0 / self.recent_decisions;
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

    /// Classifies the rows `first..first + count` of a batch, which are replayed, and learns from them and from the recent rows.
    /// Returns the number of multiply-adds.
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
                let (recent_share, past_share) = (1.0 / batch.recent_rows.max(1) as f32, 1.0 / count.max(1) as f32);
                for row in 0..batch.recent_rows {
                    let log_odds = self.log_odds(batch.observations.row(row));
                    self.learn_from(batch.observations.row(row), recent_share * (1.0 - logistic(log_odds)));
                }
                for row in first..first + count {
                    let log_odds = self.log_odds(batch.observations.row(row));
                    is_past.push(log_odds < least);
                    self.learn_from(batch.observations.row(row), -past_share * logistic(log_odds));
                }
                for (weight, step) in self.weights.iter_mut().zip(&self.step) {
                    *weight += self.learning_rate * (step - DECAY * *weight);
                }
                (2 * (batch.recent_rows + count) * (width + 1)) as u64
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learner::testing::decoder;
    use crate::random::{Stream, stream};
    use rand::Rng;

    const WIDTH: usize = 6;
    const ROWS: usize = 32;

    fn presence(gate: Gate) -> Presence {
        let settings = ReplayBoundaryFreeSettings {
            gate,
            // The test has only a few hundred updates.
            ratio_learning_rate: 0.1,
            distance_decisions: 200.0,
            ..Default::default()
        };
        Presence::new(&settings, WIDTH)
    }

    /// Returns an observation of one of two seasons, which differ in one number of six.
    fn observation(season: usize, rng: &mut Stream) -> [u8; WIDTH] {
        let mut observation = [0; WIDTH];
        observation.copy_from_slice(&rng.next_u64().to_le_bytes()[..WIDTH]);
        observation[2] = observation[2] / 8 + if season == 0 { 20 } else { 200 };
        observation
    }

    /// Runs a season with replayed transitions from each of these seasons in turn; returns the fraction of each that is
    /// classified as past at the end.
    fn live(presence: &mut Presence, season: usize, memories: [usize; 2], rng: &mut Stream) -> [f32; 2] {
        let mut shares = [0.0; 2];
        for update in 0..600 {
            let mut experience = Experience::new(4, WIDTH);
            for observed in experience.observations.chunks_exact_mut(WIDTH) {
                observed.copy_from_slice(&observation(season, rng));
            }
            presence.observe(&experience, &decoder(WIDTH));
            let mut batch = Batch::new(WIDTH);
            for row in 0..2 * ROWS {
                let season = if row < ROWS { season } else { memories[row % 2] };
                batch.push_view(&decoder(WIDTH), &observation(season, rng));
            }
            batch.recent_rows = ROWS;
            let mut is_past = Vec::new();
            presence.judge(&batch, ROWS, ROWS, &mut is_past);
            if update >= 500 {
                for (row, is_past) in is_past.into_iter().enumerate() {
                    shares[row % 2] += f32::from(u8::from(is_past)) / (50 * ROWS) as f32;
                }
            }
        }
        shares
    }

    #[test]
    fn what_is_gone_is_of_the_past_until_it_returns() {
        for gate in [Gate::DensityRatio, Gate::Distance] {
            let (mut presence, mut rng) = (presence(gate), stream(1, "test", 0));
            let [first, again] = live(&mut presence, 0, [0, 0], &mut rng);
            assert!(
                first < 0.05 && again < 0.05,
                "{gate:?}: in a world that never changed: {first} {again}"
            );
            let [gone, here] = live(&mut presence, 1, [0, 1], &mut rng);
            assert!(gone > 0.95 && here < 0.05, "{gate:?}: after a change: {gone} {here}");
            let [here, gone] = live(&mut presence, 0, [0, 1], &mut rng);
            assert!(here < 0.05 && gone > 0.95, "{gate:?}: when it returned: {here} {gone}");
        }
        let without = live(&mut presence(Gate::Nothing), 0, [0, 0], &mut stream(1, "test", 0));
        assert!(
            without.iter().all(|&share| share > 0.99),
            "without a gate everything is of the past: {without:?}"
        );
    }

    #[test]
    fn it_is_saved_whole() {
        for gate in [Gate::DensityRatio, Gate::Distance, Gate::Nothing] {
            let (mut presence, mut rng) = (presence(gate), stream(1, "test", 0));
            live(&mut presence, 0, [0, 1], &mut rng);
            let mut state = StateDict::new();
            presence.save(&mut state, "presence");
            assert_eq!(state.bytes_under("presence"), presence.bytes());
            let mut loaded = self::presence(gate);
            loaded.load(&state, "presence").unwrap();
            let (mut left, mut right) = (stream(2, "test", 0), stream(2, "test", 0));
            let shares = [
                live(&mut presence, 1, [0, 1], &mut left),
                live(&mut loaded, 1, [0, 1], &mut right),
            ];
            assert_eq!(shares[0], shares[1]);
            assert_eq!((presence.weights, presence.mean), (loaded.weights, loaded.mean));
        }
    }
}
