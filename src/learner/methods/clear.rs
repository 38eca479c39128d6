//! CLEAR: half of each batch is past experience, and policy and values are cloned as they were when it was gathered.
//!
//! Rolnick et al. 2019, "Experience replay for continual learning", section 3. A reservoir keeps a uniform sample of all experience;
//! every batch is half new and half replayed, and on the replayed half two losses are added:
//! - policy cloning: `sum_a mu(a|s) log(mu(a|s) / pi_theta(a|s))`, with `mu` the policy that acted;
//! - value cloning: `(V_theta(s) - V_stored(s))^2`, with the value estimated at that time.
//!
//! Unlike [`replay`](super::replay), which descends from it, nothing is stored at boundaries: outputs are stored when the decision is
//! taken, and replay begins at once.
//!
//! Deviations. The paper's learner is an on-policy actor-critic, whose V-trace corrects for the age of replayed actions. The algorithms
//! here are off-policy: their one-step targets use the present policy's value of the next state, in an expectation (SAC) or a
//! maximum (DQN), which holds for an action of whatever age, so there is nothing to correct. With SAC the policy's logits and both
//! critics are cloned; critics have a value for each action in place of `V`, and the mean over actions is taken. With DQN one
//! network is values and policy at once, and is cloned as values. SAC's own policy loss uses recent states only, as always here.
//! The paper's weights of 0.01 and 0.005 stand beside a policy loss of weight 1 and a value loss of weight 1/4; relative to these
//! and to the losses here (1 and 1/2) they are both 0.01, hence one weight. Transitions come in short segments.
//!
//! Cost: a forward pass of all networks for each decision; transitions and the outputs of all networks are stored. Always holds: with
//! `batch_share = 0` all weights are those of fine-tuning, bit for bit.

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
    name: "clear",
    summary: "rehearses half of each batch and clones policy and values stored when acting",
    family: MethodFamily::Replay,
    paper: "Rolnick et al. 2019, Experience replay for continual learning",
    equation: "L(theta) on recent and past transitions + weight [KL(pi_stored || pi_theta) + mean (Q_theta(s, a) - Q_stored(s, a))^2] on past ones",
    cost: "a forward pass of all networks for each decision; stores transitions and the outputs of all networks",
    needs: Needs::NOTHING,
    curriculum: Curriculum::Any,
    losses: &[
        LossSpec {
            name: "policy_cloning",
            title: "Policy cloning",
            text: "How far the policy has moved from the one that took each past decision.",
        },
        LossSpec {
            name: "value_cloning",
            title: "Value cloning",
            text: "How far the values have moved from those estimated at each past decision.",
        },
    ],
    tuning: Some(Tuning(&[Axis {
        path: "learner.clear.cloning_weight",
        first: "0.01",
        values: &["0.0", "0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1.0", "3.0", "10.0"],
    }])),
    remove_strength: |settings| settings.clear.batch_share = 0.0,
    act_soon: |settings| settings.reservoir.capacity = 60,
    memory: |settings, scale| RecordedReplay::most_bytes(Recorded::All, settings, scale),
    keeps: Keeps::PastData,
    heads: false,
    build: |settings, spec| Box::new(Clear::new(settings, spec)),
};

/// Settings of CLEAR (Rolnick et al. 2019).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct ClearSettings {
    /// Fraction of each batch that comes from the reservoir (Rolnick et al.: 0.5, and hardly less good from 0.25 to 0.75); 0 equals
    /// `finetune`.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub batch_share: f32,
    /// Weight of both cloning losses (Rolnick et al.: 0.01 of the losses that they stand beside); 0 replays transitions only.
    #[garde(range(min = 0.0, max = 1.0e6), custom(is_a_number))]
    pub cloning_weight: f32,
}

impl Default for ClearSettings {
    fn default() -> Self {
        Self {
            batch_share: 0.5,
            cloning_weight: 0.01,
        }
    }
}

struct Clear {
    settings: ClearSettings,
    replay: RecordedReplay,
}

impl Clear {
    fn new(settings: &LearnerSettings, spec: &LearnerSpec) -> Self {
        Self {
            settings: settings.clear.clone(),
            replay: RecordedReplay::new("clear", Recorded::All, settings, spec),
        }
    }
}

impl Method for Clear {
    fn observe(&mut self, experience: &Experience, learner: &mut LearnerView<'_>) {
        if self.settings.batch_share > 0.0 {
            self.replay.observe(experience, learner);
        }
    }

    fn wanted_rows(&self, batch_size: usize, _recent: &ReplayBuffer) -> usize {
        if self.replay.stored() == 0 {
            return 0;
        }
        (self.settings.batch_share * batch_size as f32).round() as usize
    }

    fn add_transitions(&mut self, rows: usize, decoder: &ObservationDecoder, batch: &mut Batch) {
        self.replay.add_transitions(rows, decoder, batch);
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
        let weight = self.settings.cloning_weight;
        let is_cloned = weight > 0.0 && !self.replay.transitions.is_empty();
        let Some(network) = self.replay.network(role).filter(|_| is_cloned) else {
            return;
        };
        let how = (OutputDifference::ByMeaning, meaning, weight);
        let loss = self.replay.pull(&self.replay.transitions, network, how, outputs, gradient);
        let name = match meaning {
            Outputs::Logits => "policy_cloning",
            Outputs::ActionValues => "value_cloning",
        };
        losses.add(name, loss);
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
    use crate::learner::algorithms::{Algorithm, Dqn, Sac};
    use crate::learner::losses::divergence;
    use crate::learner::testing::{Bench, Walk, assert_is_gradient, decoder};

    fn settings(cloning_weight: f32) -> LearnerSettings {
        let mut settings = LearnerSettings {
            hidden: vec![6],
            ..Default::default()
        };
        settings.clear.cloning_weight = cloning_weight;
        settings
    }

    /// Returns the method after 40 decisions with this algorithm, and a batch whose first row is not from it.
    fn begun(algorithm: &mut dyn Algorithm, cloning_weight: f32) -> (Clear, Batch) {
        let (mut method, mut walk) = (Clear::new(&settings(cloning_weight), &Bench::spec()), Walk::new(1, 2));
        let (recent, decoder) = (ReplayBuffer::new(2, Walk::WIDTH, None), decoder(Walk::WIDTH));
        let learner = &mut LearnerView {
            algorithm,
            task_has_own_outputs: false,
            recent: &recent,
            decoder: &decoder,
            task: 0,
            decisions: 0,
            updates: 0,
        };
        (0..40).for_each(|_| method.observe(walk.step(), learner));
        let mut batch = Batch::new(Walk::WIDTH);
        method.add_transitions(1, &decoder, &mut batch);
        method.add_transitions(9, &decoder, &mut batch);
        (method, batch)
    }

    #[test]
    fn half_of_a_batch_is_replayed_as_soon_as_anything_is_stored() {
        let (method, _) = begun(&mut Dqn::new(&settings(0.0), &Bench::spec()), 0.0);
        let recent = ReplayBuffer::new(2, Walk::WIDTH, None);
        assert_eq!(method.wanted_rows(128, &recent), 64);
        assert_eq!(Clear::new(&settings(0.0), &Bench::spec()).wanted_rows(128, &recent), 0);
    }

    #[test]
    fn the_gradient_agrees_with_finite_differences_for_each_network() {
        let (mut method, batch) = begun(&mut Sac::new(&settings(0.7), &Bench::spec()), 0.7);
        let outputs: Vec<f32> = (0..batch.rows() * 5).map(|index| (index % 13) as f32 * 0.1 - 0.5).collect();
        for (role, meaning) in [(Role::Critic, Outputs::ActionValues), (Role::Policy, Outputs::Logits)] {
            assert_is_gradient(&outputs, |outputs, gradient| {
                // The same critic each time.
                method.replay.begin_losses();
                let mut losses = Losses::default();
                method.output_loss(role, meaning, &batch, outputs, gradient, &mut losses);
                losses.total()
            });
        }
    }

    #[test]
    fn policy_and_both_critics_are_cloned_each_to_what_it_said_itself() {
        let mut sac = Sac::new(&settings(1.0), &Bench::spec());
        let (mut method, batch) = begun(&mut sac, 1.0);
        let order = [
            (1, Role::Critic, Outputs::ActionValues),
            (2, Role::Critic, Outputs::ActionValues),
            (0, Role::Policy, Outputs::Logits),
        ];
        for moved in [0.0, 1.0] {
            method.replay.begin_losses();
            for (network, role, meaning) in order {
                let mut outputs = sac.networks_mut()[network].evaluate(&batch.observations).to_vec();
                let said = outputs.clone();
                outputs.chunks_exact_mut(5).for_each(|row| row[2] += moved);
                let (mut gradient, mut losses) = (vec![0.0; outputs.len()], Losses::default());
                method.output_loss(role, meaning, &batch, &outputs, &mut gradient, &mut losses);
                let rows = outputs.chunks_exact(5).zip(said.chunks_exact(5)).skip(1);
                let expected: f32 = match meaning {
                    Outputs::ActionValues => moved / 5.0,
                    Outputs::Logits => rows.map(|(now, then)| divergence(now, then, 1.0 / 9.0, &mut [0.0; 5])).sum(),
                };
                assert!(
                    (losses.total() - expected).abs() < 1e-4,
                    "network {network}: {} {expected}",
                    losses.total()
                );
                assert!(
                    gradient[..5].iter().all(|&slope| slope == 0.0),
                    "only replayed rows are cloned"
                );
            }
        }
    }
}
