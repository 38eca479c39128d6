//! Regularisation towards stored Q-values that are collected and refreshed all the time, from the first update on.
//!
//! Poole et al. 2026, "Don't forget the critic: value-based data rehearsal for multi-cyclic continual reinforcement learning"
//! (arXiv 2605.22454): Qreg with no-wait regularisation and live updates (NWLU), for deep Q-networks:
//! `L(theta) + weight mean over stored views and actions of (Q_theta(s, a) - Q_stored(s, a))^2`.
//!
//! **From the paper's abstract**, which is all that was available: Q-values are stored with experience and regularise the
//! network (Qreg); they are collected and updated dynamically throughout training (live updates); and the regularisation begins at
//! once rather than after the first task (no wait).
//!
//! **Not known, and chosen here**: which views are kept (a uniform reservoir of all experience, without boundaries), which of their
//! values are updated and when (those of the views in each batch, each time they are drawn, by `refresh_rate`), that the values of
//! all actions are stored rather than that of the action taken, and the weight. With `refresh_rate = 1` a stored value is what the
//! network said when the view was drawn last, which limits how fast values move but not how far; with smaller rates it is a slow
//! average; with 0 it is the value at the time of acting, for ever. Results with this method say nothing certain about the paper's.
//!
//! Deviations: with SAC, which the paper does not use, the policy's logits are held like the critics' values, by their divergence:
//! values alone would leave the policy free to forget. No transitions are replayed.
//!
//! Cost: a forward pass of all networks for each decision, and a forward and a backward pass of `rows` more rows in each update; views
//! and the outputs of all networks are stored. Always holds: with `weight = 0` all weights are those of fine-tuning, bit for bit.

use crate::learner::error::StateError;
use crate::learner::losses::Losses;
use crate::learner::memory::Batch;
use crate::learner::methods::recorded_replay::{OutputDifference, Recorded, RecordedReplay};
use crate::learner::methods::{Axis, Curriculum, Keeps, LearnerView, LossSpec, Method, MethodFamily, MethodSpec, Needs, Tuning};
use crate::learner::settings::{LearnerSettings, is_a_number};
use crate::learner::spec::LearnerSpec;
use crate::learner::state::StateDict;
use crate::learner::trained::{Outputs, Role};
use crate::mdp::{Experience, ObservationDecoder};
use garde::Validate;
use serde::{Deserialize, Serialize};

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "qreg_nwlu",
    summary: "holds stored values, which are collected and refreshed all the time",
    family: MethodFamily::Replay,
    paper: "after the abstract of Poole et al. 2026, Don't forget the critic",
    equation: "L(theta) + weight mean (Q_theta(s, a) - Q_stored(s, a))^2; Q_stored <- Q_stored + refresh_rate (Q_theta - Q_stored) when drawn",
    cost: "a forward pass of all networks for each decision, and 64 more rows in each update; stores views and the outputs of all networks",
    needs: Needs::NOTHING,
    curriculum: Curriculum::Any,
    losses: &[LossSpec {
        name: "stored_values",
        title: "Stored values",
        text: "How far the network's values have moved since each stored view was drawn last.",
    }],
    tuning: Some(Tuning(&[Axis {
        path: "learner.qreg_nwlu.weight",
        first: "1.0",
        values: &["0.0", "0.03", "0.1", "0.3", "1.0", "2.0", "3.0", "5.0", "10.0", "30.0"],
    }])),
    remove_strength: |settings| settings.qreg_nwlu.weight = 0.0,
    act_soon: |settings| settings.reservoir.capacity = 60,
    memory: |settings, scale| RecordedReplay::most_bytes(Recorded::All, settings, scale),
    keeps: Keeps::PastData,
    heads: false,
    build: |settings, spec| Box::new(QregNwlu::new(settings, spec)),
};

/// Settings of regularisation towards stored values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct QregNwluSettings {
    /// Weight of the mean squared difference from stored values; 0 equals `finetune`.
    #[garde(range(min = 0.0, max = 1.0e6), custom(is_a_number))]
    pub weight: f32,
    /// Views in each batch whose stored values are held and refreshed.
    #[garde(range(min = 1, max = 65_536))]
    pub rows: usize,
    /// Fraction by which stored values move to the network's values each time they are drawn: 1 replaces them.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub refresh_rate: f32,
}

impl Default for QregNwluSettings {
    fn default() -> Self {
        Self {
            weight: 1.0,
            rows: 64,
            refresh_rate: 1.0,
        }
    }
}

struct QregNwlu {
    settings: QregNwluSettings,
    replay: RecordedReplay,
}

impl QregNwlu {
    fn new(settings: &LearnerSettings, spec: &LearnerSpec) -> Self {
        Self {
            settings: settings.qreg_nwlu.clone(),
            replay: RecordedReplay::new("qreg_nwlu", Recorded::All, settings, spec),
        }
    }
}

impl Method for QregNwlu {
    fn observe(&mut self, experience: &Experience, learner: &mut LearnerView<'_>) {
        if self.settings.weight > 0.0 {
            self.replay.observe(experience, learner);
        }
    }

    fn add_transitions(&mut self, _rows: usize, decoder: &ObservationDecoder, batch: &mut Batch) {
        // None, but a batch begins here.
        self.replay.add_transitions(0, decoder, batch);
    }

    fn add_views(&mut self, learner: &mut LearnerView<'_>, batch: &mut Batch) {
        self.replay.add_views(self.settings.rows, learner.decoder, batch);
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
        let Some(network) = self.replay.network(role).filter(|_| !self.replay.views.is_empty()) else {
            return;
        };
        let how = (OutputDifference::ByMeaning, meaning, self.settings.weight);
        let loss = self.replay.pull(&self.replay.views, network, how, outputs, gradient);
        losses.add("stored_values", loss);
        self.replay.refresh_views(network, self.settings.refresh_rate, outputs);
    }

    fn memory_bytes(&self) -> u64 {
        self.replay.bytes()
    }

    fn count_tasks(&self, counts: &mut Vec<usize>) {
        self.replay.count_tasks(counts);
    }

    fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        self.replay.save(state, prefix)
    }

    fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        self.replay.load(state, prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learner::testing::{Bench, Walk, assert_is_gradient, decoder};

    /// Returns the method after 40 decisions, and a batch of its views.
    fn begun(refresh_rate: f32) -> (QregNwlu, Batch) {
        let mut settings = LearnerSettings {
            hidden: vec![6],
            ..Default::default()
        };
        settings.qreg_nwlu = QregNwluSettings {
            weight: 0.7,
            rows: 8,
            refresh_rate,
        };
        let mut bench = Bench::new(&settings);
        let (mut method, mut walk) = (QregNwlu::new(&settings, &Bench::spec()), Walk::new(1, 2));
        (0..40).for_each(|_| bench.with_view(|view| method.observe(walk.step(), view)));
        let mut batch = Batch::new(Walk::WIDTH);
        method.add_transitions(0, &decoder(Walk::WIDTH), &mut batch);
        bench.with_view(|view| method.add_views(view, &mut batch));
        (method, batch)
    }

    fn loss(method: &mut QregNwlu, batch: &Batch, outputs: &[f32], gradient: &mut [f32]) -> f32 {
        let mut losses = Losses::default();
        method.output_loss(Role::Policy, Outputs::ActionValues, batch, outputs, gradient, &mut losses);
        losses.total()
    }

    #[test]
    fn the_gradient_agrees_with_finite_differences() {
        // Stored values must not follow the numbers that are tried.
        let (mut method, batch) = begun(0.0);
        let outputs: Vec<f32> = (0..batch.rows() * 5).map(|index| (index % 13) as f32 * 0.1 - 0.5).collect();
        assert_is_gradient(&outputs, |outputs, gradient| loss(&mut method, &batch, outputs, gradient));
    }

    #[test]
    fn stored_values_are_the_latest_after_they_were_drawn() {
        let (mut method, batch) = begun(1.0);
        let outputs = vec![4.0; batch.rows() * 5];
        let mut gradient = vec![0.0; outputs.len()];
        let before: Vec<Vec<f32>> = (0..8).map(|view| method.replay.recorded_for_view(view).to_vec()).collect();
        let mean = before.iter().flatten().map(|stored| (4.0 - stored).powi(2)).sum::<f32>() / 40.0;
        let first = loss(&mut method, &batch, &outputs, &mut gradient);
        assert!((first - 0.7 * mean).abs() < 1e-3 * mean, "{first} {mean}");
        assert!((0..8).all(|view| method.replay.recorded_for_view(view) == [4.0; 5]));
        assert_eq!(
            loss(&mut method, &batch, &outputs, &mut gradient),
            0.0,
            "nothing has moved since"
        );
    }

    #[test]
    fn it_does_not_wait_for_a_past() {
        let (method, batch) = begun(1.0);
        assert_eq!((batch.transitions(), batch.rows()), (0, 8));
        assert!(method.replay.reservoir().is_some_and(|reservoir| reservoir.transitions() > 0));
    }
}
