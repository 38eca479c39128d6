//! Dark experience replay: rehearses past transitions, and holds the outputs that the network had when they were observed.
//!
//! Buzzega et al. 2020, "Dark experience for general continual learning: a strong, simple baseline", eq. 6 (DER++):
//! `L(theta) on the stream + alpha E |h_stored(s) - h_theta(s)|^2 + beta E L(theta) on stored transitions`, where both expectations
//! are over independent draws from a reservoir, and `h` are the outputs before a softmax. `h_stored` is stored when the
//! transition is observed, so that no boundary is needed: the network's whole trajectory is held, not its best point. The mean over
//! outputs is that of the published code.
//!
//! Deviations. The batch keeps its size, for equal compute: a weight of `beta` is reached by `beta` stored transitions for each
//! recent one, and the sum of both is divided by `1 + beta`, as is `alpha` then. The algorithm's loss takes the place of the
//! classification loss; the outputs are action values (DQN) or the policy's logits (SAC), whose critics replay but are not held,
//! as they have no counterpart in the paper. Transitions come in short segments (see
//! [`Reservoir`](crate::learner::memory::Reservoir)).
//!
//! Cost: a forward pass for each decision, and a forward and a backward pass of `cloned_rows` more rows in each update; transitions
//! and outputs are stored. Always holds: with `alpha = 0` and `beta = 0` all weights are those of fine-tuning, bit for bit.

use crate::learner::error::StateError;
use crate::learner::losses::Losses;
use crate::learner::memory::{Batch, ReplayBuffer};
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
    name: "der_plus_plus",
    summary: "rehearses transitions and distils outputs stored when they were observed",
    family: MethodFamily::Replay,
    paper: "Buzzega et al. 2020, Dark experience for general continual learning: a strong, simple baseline",
    equation: "L(theta) on recent transitions + alpha mean (h_stored(s) - h_theta(s))^2 + beta L(theta) on past transitions",
    cost: "a forward pass for each decision, and 64 more rows in each update; stores transitions and outputs",
    needs: Needs::NOTHING,
    curriculum: Curriculum::Any,
    losses: &[LossSpec {
        name: "dark_experience",
        title: "Dark experience",
        text: "How far the outputs have moved from those stored when each view was seen, good or not.",
    }],
    tuning: Some(Tuning(&[Axis {
        path: "learner.der_plus_plus.alpha",
        first: "0.5",
        values: &["0.0", "0.03", "0.1", "0.2", "0.5", "1.0", "2.0", "3.0", "10.0", "30.0"],
    }])),
    remove_strength: |settings| {
        settings.der_plus_plus.alpha = 0.0;
        settings.der_plus_plus.beta = 0.0;
    },
    act_soon: |settings| settings.reservoir.capacity = 60,
    memory: |settings, scale| RecordedReplay::most_bytes(Recorded::Policy, settings, scale),
    keeps: Keeps::PastData,
    heads: false,
    build: |settings, spec| Box::new(DerPlusPlus::new(settings, spec)),
};

/// Settings of dark experience replay (Buzzega et al. 2020). With `alpha` and `beta` 0 it equals `finetune`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct DerPlusPlusSettings {
    /// Weight of the mean squared difference from stored outputs (Buzzega et al.: 0.1 to 1); 0 replays transitions only.
    #[garde(range(min = 0.0, max = 1.0e6), custom(is_a_number))]
    pub alpha: f32,
    /// Weight of the loss on stored transitions: their number for each recent one (Buzzega et al.: 0.5 to 1); 0 is DER without `++`.
    #[garde(range(min = 0.0, max = 1.0e3), custom(is_a_number))]
    pub beta: f32,
    /// Views in each batch whose stored outputs are held.
    #[garde(range(min = 0, max = 65_536))]
    pub cloned_rows: usize,
}

impl Default for DerPlusPlusSettings {
    fn default() -> Self {
        Self {
            alpha: 0.5,
            beta: 0.5,
            cloned_rows: 64,
        }
    }
}

struct DerPlusPlus {
    settings: DerPlusPlusSettings,
    replay: RecordedReplay,
}

impl DerPlusPlus {
    fn new(settings: &LearnerSettings, spec: &LearnerSpec) -> Self {
        Self {
            settings: settings.der_plus_plus.clone(),
            replay: RecordedReplay::new("der_plus_plus", Recorded::Policy, settings, spec),
        }
    }
}

impl Method for DerPlusPlus {
    fn observe(&mut self, experience: &Experience, learner: &mut LearnerView<'_>) {
        if self.settings.alpha > 0.0 || self.settings.beta > 0.0 {
            self.replay.observe(experience, learner);
        }
    }

    fn wanted_rows(&self, batch_size: usize, _recent: &ReplayBuffer) -> usize {
        if self.replay.stored() == 0 {
            return 0;
        }
        let beta = self.settings.beta;
        (batch_size as f32 * beta / (1.0 + beta)).round() as usize
    }

    fn add_transitions(&mut self, rows: usize, decoder: &ObservationDecoder, batch: &mut Batch) {
        self.replay.add_transitions(rows, decoder, batch);
    }

    fn add_views(&mut self, learner: &mut LearnerView<'_>, batch: &mut Batch) {
        if self.settings.alpha > 0.0 {
            self.replay.add_views(self.settings.cloned_rows, learner.decoder, batch);
        }
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
        let weight = self.settings.alpha / (1.0 + self.settings.beta);
        let Some(network) = self.replay.network(role).filter(|_| !self.replay.views.is_empty()) else {
            return;
        };
        let how = (OutputDifference::Squared, meaning, weight);
        let loss = self.replay.pull(&self.replay.views, network, how, outputs, gradient);
        losses.add("dark_experience", loss);
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

    fn method(alpha: f32, beta: f32) -> DerPlusPlus {
        let mut settings = LearnerSettings {
            hidden: vec![6],
            ..Default::default()
        };
        settings.der_plus_plus = DerPlusPlusSettings {
            alpha,
            beta,
            cloned_rows: 8,
        };
        let mut bench = Bench::new(&settings);
        let (mut method, mut walk) = (DerPlusPlus::new(&settings, &Bench::spec()), Walk::new(1, 2));
        (0..40).for_each(|_| bench.with_view(|view| method.observe(walk.step(), view)));
        method
    }

    fn batch(method: &mut DerPlusPlus, rows: usize) -> Batch {
        let mut batch = Batch::new(Walk::WIDTH);
        method.add_transitions(rows, &decoder(Walk::WIDTH), &mut batch);
        let mut bench = Bench::new(&LearnerSettings::default());
        bench.with_view(|view| method.add_views(view, &mut batch));
        batch
    }

    #[test]
    fn beta_is_the_number_of_stored_transitions_for_each_recent_one() {
        let recent = ReplayBuffer::new(2, Walk::WIDTH, None);
        for (beta, rows) in [(0.0, 0), (0.5, 40), (1.0, 60), (2.0, 80)] {
            assert_eq!(method(0.5, beta).wanted_rows(120, &recent), rows, "{beta}");
        }
        let empty = DerPlusPlus::new(&LearnerSettings::default(), &Bench::spec());
        assert_eq!(empty.wanted_rows(120, &recent), 0, "nothing is stored yet");
    }

    #[test]
    fn the_gradient_agrees_with_finite_differences_for_values_and_for_logits() {
        let mut method = method(0.7, 0.5);
        let batch = batch(&mut method, 4);
        let outputs: Vec<f32> = (0..batch.rows() * 5).map(|index| (index % 13) as f32 * 0.1 - 0.5).collect();
        for meaning in [Outputs::ActionValues, Outputs::Logits] {
            assert_is_gradient(&outputs, |outputs, gradient| {
                let mut losses = Losses::default();
                method.output_loss(Role::Policy, meaning, &batch, outputs, gradient, &mut losses);
                losses.total()
            });
        }
    }

    #[test]
    fn views_are_held_and_transitions_and_critics_are_not() {
        let mut method = method(1.5, 0.5);
        let batch = batch(&mut method, 4);
        let mut gradient = vec![0.0; batch.rows() * 5];
        let outputs = vec![9.0; batch.rows() * 5];
        let mut losses = Losses::default();
        method.output_loss(
            Role::Critic,
            Outputs::ActionValues,
            &batch,
            &outputs,
            &mut gradient,
            &mut losses,
        );
        assert_eq!((losses.total(), gradient.iter().sum::<f32>()), (0.0, 0.0));
        method.output_loss(
            Role::Policy,
            Outputs::ActionValues,
            &batch,
            &outputs,
            &mut gradient,
            &mut losses,
        );
        let stored = (0..8).flat_map(|view| method.replay.recorded_for_view(view).to_vec());
        let mean = stored.map(|stored| (9.0 - stored).powi(2)).sum::<f32>() / 40.0;
        // alpha / (1 + beta) = 1.
        assert!((losses.total() - mean).abs() < 1e-3 * mean, "{} {mean}", losses.total());
        assert!(gradient[..20].iter().all(|&slope| slope == 0.0));
        assert!(gradient[20..].iter().all(|&slope| slope > 0.0));
    }
}
