//! One update, and the order of its steps.

use crate::learner::core::{LearnReport, Learner};
use crate::learner::error::LearnerError;
use crate::learner::vectorised::{self, follow, squared_norm};

impl Learner {
    /// Performs `updates` updates, due or not, for benchmarks.
    pub(crate) fn force_updates(&mut self, updates: u64) -> Result<(), LearnerError> {
        self.make_updates(updates).map(|_| ())
    }

    pub(super) fn make_updates(&mut self, due: u64) -> Result<LearnReport, LearnerError> {
        let mut report = LearnReport::default();
        for _ in 0..due {
            let (gradient_norm, mean_value) = self.update()?;
            report.losses.absorb(&self.losses);
            report.gradient_norm += gradient_norm;
            report.mean_value += mean_value;
        }
        let share = 1.0 / due as f32;
        report.losses.scale(share);
        report.gradient_norm *= share;
        report.mean_value *= share;
        Ok(LearnReport {
            updates: self.updates,
            performed: due,
            ..report
        })
    }

    /// Performs one update; returns the norm of the gradient and the mean value.
    fn update(&mut self) -> Result<(f32, f32), LearnerError> {
        self.fill_batch();
        let mut batch = std::mem::take(&mut self.batch);
        self.with_view(|methods, view| methods.add_views(view, &mut batch));

        let mut losses = std::mem::take(&mut self.losses);
        losses.clear();
        let mean_value = self.algorithm.compute_gradients(&batch, &mut self.methods, &mut losses);
        self.with_view(|methods, view| methods.adjust_gradients(&batch, view, &mut losses));

        let networks = self.algorithm.networks();
        let gradient_norm = networks
            .iter()
            .map(|network| squared_norm(&network.gradient))
            .sum::<f32>()
            .sqrt();
        let loss = losses.total();
        if !(loss.is_finite() && gradient_norm.is_finite()) {
            return Err(LearnerError::NonFiniteLoss {
                update: self.updates + 1,
                loss,
                gradient_norm,
            });
        }
        let limit = self.settings.maximum_gradient_norm;
        if limit > 0.0 && gradient_norm > limit {
            let scale = limit / gradient_norm;
            for network in self.algorithm.networks_mut() {
                vectorised::scale(&mut network.gradient, scale);
            }
        }

        self.algorithm.step();
        self.with_view(|methods, view| methods.adjust_weights(&batch, view));
        self.algorithm.update_targets();
        let share = self.settings.evaluation_averaging;
        follow(&mut self.average, self.algorithm.networks()[0].parameters(), share);
        self.updates += 1;
        (self.batch, self.losses) = (batch, losses);
        Ok((gradient_norm, mean_value))
    }

    /// Draws the transitions of the next update: recent ones first, then those of each method.
    fn fill_batch(&mut self) {
        let size = self.settings.batch_size;
        self.methods.rows(size, &self.recent, &mut self.rows);
        let recent_rows = size - self.rows.iter().sum::<usize>();
        self.batch.clear();
        let (rng, decoder, batch) = (&mut self.recent_rng, &self.decoder, &mut self.batch);
        match &self.left_out {
            None => self.recent.sample(recent_rows, rng, decoder, batch),
            Some(left_out) => self.recent.sample_without(recent_rows, left_out, rng, decoder, batch),
        }
        self.batch.recent_rows = self.batch.transitions();
        self.methods.add_transitions(&self.rows, &self.decoder, &mut self.batch);
    }
}
