//! Losses as functions of a network's outputs, each with its gradient with respect to the outputs.
//!
//! All *add* to a gradient with the layout of the outputs, so that several losses can share one backward pass.

/// Returns the Huber loss of `error` and its derivative (Huber 1964): `error^2 / 2` up to `threshold`, linear with that slope
/// beyond.
pub fn huber(error: f32, threshold: f32) -> (f32, f32) {
    if error.abs() <= threshold {
        (0.5 * error * error, error)
    } else {
        (threshold * (error.abs() - 0.5 * threshold), threshold * error.signum())
    }
}

/// Returns `scale` times the squared difference of one row of outputs from `targets`, summed over the row, and adds its gradient.
pub fn squared_difference(outputs: &[f32], targets: &[f32], scale: f32, gradient: &mut [f32]) -> f32 {
    let mut total = 0.0;
    for ((&output, &target), gradient) in outputs.iter().zip(targets).zip(gradient) {
        let error = output - target;
        total += error * error;
        *gradient += 2.0 * scale * error;
    }
    scale * total
}

/// Returns `scale` times the Kullback-Leibler divergence `KL(softmax(targets) || softmax(logits))` of one row, and adds its
/// gradient.
pub fn divergence(logits: &[f32], targets: &[f32], scale: f32, gradient: &mut [f32]) -> f32 {
    let (log_total, target_log_total) = (log_sum_exp(logits), log_sum_exp(targets));
    let mut total = 0.0;
    for ((&logit, &target), gradient) in logits.iter().zip(targets).zip(gradient) {
        let (log_probability, target_log_probability) = (logit - log_total, target - target_log_total);
        let target_probability = libm::expf(target_log_probability);
        total += target_probability * (target_log_probability - log_probability);
        *gradient += scale * (libm::expf(log_probability) - target_probability);
    }
    scale * total
}

/// Returns `ln sum exp(logits)`, without overflow.
pub fn log_sum_exp(logits: &[f32]) -> f32 {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    highest + libm::logf(logits.iter().map(|logit| libm::expf(logit - highest)).sum())
}

/// Normalises one row of logits to log-probabilities.
pub fn log_softmax(logits: &[f32], log_probabilities: &mut [f32]) {
    let log_total = log_sum_exp(logits);
    for (log_probability, logit) in log_probabilities.iter_mut().zip(logits) {
        *log_probability = logit - log_total;
    }
}

/// Returns the probabilities of logits.
pub fn softmax(logits: &[f32]) -> Vec<f32> {
    let log_total = log_sum_exp(logits);
    logits.iter().map(|logit| libm::expf(logit - log_total)).collect()
}

/// Returns the index of the largest number, the first of equals; 0 for an empty row.
pub fn argmax(row: &[f32]) -> usize {
    let mut best = 0;
    for (index, &value) in row.iter().enumerate() {
        if value > row[best] {
            best = index;
        }
    }
    best
}

/// Losses and further statistics by name, summed over one or several updates.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Losses {
    losses: Vec<(&'static str, f32)>,
    measures: Vec<(&'static str, f32)>,
}

impl Losses {
    /// Adds to the loss called `name`.
    pub fn add(&mut self, name: &'static str, loss: f32) {
        add_to(&mut self.losses, name, loss);
    }

    /// Adds to the statistic called `name`, which is reported but not minimised.
    pub fn measure(&mut self, name: &'static str, value: f32) {
        add_to(&mut self.measures, name, value);
    }

    /// Sum of all losses, without the statistics.
    pub fn total(&self) -> f32 {
        self.losses.iter().map(|(_, loss)| loss).sum()
    }

    /// Returns name and value of each loss, in the order of their first use.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, f32)> {
        self.losses.iter().copied()
    }

    /// Returns name and value of each statistic, in the order of their first use.
    pub fn measures(&self) -> impl Iterator<Item = (&'static str, f32)> {
        self.measures.iter().copied()
    }

    /// Adds all losses and statistics of `other`.
    pub fn absorb(&mut self, other: &Self) {
        other.iter().for_each(|(name, loss)| self.add(name, loss));
        other.measures().for_each(|(name, value)| self.measure(name, value));
    }

    /// Multiplies all values by `factor`.
    pub fn scale(&mut self, factor: f32) {
        let all = self.losses.iter_mut().chain(&mut self.measures);
        all.for_each(|(_, value)| *value *= factor);
    }

    /// Removes all values.
    pub fn clear(&mut self) {
        self.losses.clear();
        self.measures.clear();
    }
}

fn add_to(named: &mut Vec<(&'static str, f32)>, name: &'static str, value: f32) {
    match named.iter_mut().find(|(known, _)| *known == name) {
        Some((_, total)) => *total += value,
        None => named.push((name, value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learner::testing::assert_is_gradient;

    #[test]
    fn the_huber_loss_is_smooth_where_it_turns_into_a_line() {
        assert_eq!(huber(0.5, 1.0), (0.125, 0.5));
        assert_eq!(huber(1.0, 1.0), (0.5, 1.0));
        assert_eq!(huber(-3.0, 1.0), (2.5, -1.0));
        assert_eq!(huber(3.0, 2.0), (4.0, 2.0));
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let targets = [0.3, -1.2, 2.0, 0.1];
        let at = [1.0, -0.4, 0.2, 3.0];
        assert_is_gradient(&at, |x, gradient| squared_difference(x, &targets, 0.7, gradient));
        assert_is_gradient(&at, |x, gradient| divergence(x, &targets, 0.7, gradient));
        for error in [-2.0f32, -0.3, 0.8, 5.0] {
            assert_is_gradient(&[error], |x, gradient| {
                let (loss, slope) = huber(x[0], 1.0);
                gradient[0] += slope;
                loss
            });
        }
    }

    #[test]
    fn a_divergence_is_zero_only_between_equals_and_ignores_a_common_offset() {
        let mut gradient = [0.0; 2];
        assert!(divergence(&[1.0, 3.0], &[101.0, 103.0], 1.0, &mut gradient).abs() < 1e-4);
        assert!(divergence(&[1.0, 3.0], &[1.0, 2.0], 1.0, &mut gradient) > 0.01);
    }
}
