//! Consolidation of values: the network is held to its target network on states that need not have been seen.
//!
//! Lan et al. 2022, "Memory-efficient reinforcement learning with value-based knowledge consolidation" (MeDQN), algorithm 1:
//! `L(theta) + lambda E_s mean over actions of (Q_theta(s, a) - Q_target(s, a))^2`. In MeDQN(U) the states are drawn uniformly
//! between the least and the greatest value that each number of an observation has had so far, so that nothing of the past is
//! stored but these bounds; in MeDQN(R) they are real ones from the replay buffer. `lambda` rises linearly from a small value, because
//! an untrained target network is not worth holding.
//!
//! Deviations. `lambda` rises over the first tasks' decisions rather than over the whole run, whose end a continual learner does not
//! know. The paper copies the target network every so often and makes several updates on a buffer of one batch, to need less
//! memory; here the target network follows by averaging, and buffer and number of updates are those of every method. Targets
//! are evaluated before the update. With SAC only the critics have target networks, and only they are held: the policy has no
//! counterpart in the paper.
//!
//! Cost: a forward pass of each target network, and a forward and a backward pass of each network, for `rows` more rows in each
//! update; two bytes for each number of an observation. Always holds: with `strength = 0` all weights are those of fine-tuning,
//! bit for bit.

use crate::learner::error::StateError;
use crate::learner::inputs::Inputs;
use crate::learner::losses::{Losses, squared_difference};
use crate::learner::memory::{Batch, below};
use crate::learner::methods::{Axis, Curriculum, Keeps, LearnerView, LossSpec, Method, MethodFamily, MethodSpec, Needs, Tuning};
use crate::learner::settings::is_a_number;
use crate::learner::spec::LearnerSpec;
use crate::learner::state::StateDict;
use crate::learner::trained::{Outputs, Role};
use crate::mdp::Experience;
use crate::random::{Stream, stream};
use garde::Validate;
use serde::{Deserialize, Serialize};

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "medqn",
    summary: "holds values to those of the target network on states drawn at random",
    family: MethodFamily::Regularisation,
    paper: "Lan et al. 2022, Memory-efficient reinforcement learning with value-based knowledge consolidation",
    equation: "L(theta) + lambda E_s mean_a (Q_theta(s, a) - Q_target(s, a))^2, s uniform within the range of observations",
    cost: "64 more rows in each update, and a pass of the target networks for them; two bytes for each number of an observation",
    needs: Needs::NOTHING,
    curriculum: Curriculum::Any,
    losses: &[LossSpec {
        name: "consolidation",
        title: "Consolidation",
        text: "How far the values differ from those of the target network on states drawn at random.",
    }],
    tuning: Some(Tuning(&[Axis {
        path: "learner.medqn.strength",
        first: "1.0",
        values: &["0.0", "0.03", "0.1", "0.3", "1.0", "2.0", "4.0", "8.0", "16.0", "64.0"],
    }])),
    remove_strength: |settings| settings.medqn.strength = 0.0,
    act_soon: |_| {},
    memory: |_, scale| scale.observation.saturating_mul(2),
    keeps: Keeps::Weights,
    heads: false,
    build: |settings, spec| Box::new(Medqn::new(settings.medqn.clone(), spec)),
};

/// States on which values are consolidated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsolidatedStates {
    /// Drawn uniformly within the range that each number of an observation has had so far: MeDQN(U).
    Uniform,
    /// Drawn from the replay buffer of recent transitions: MeDQN(R).
    Recent,
}

/// Settings of value consolidation (Lan et al. 2022).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct MedqnSettings {
    /// Final weight of the mean squared difference from the target network (Lan et al.: `lambda_end`, 1 to 4); 0 equals `finetune`.
    #[garde(range(min = 0.0, max = 1.0e6), custom(is_a_number))]
    pub strength: f32,
    /// Fraction of that weight at the beginning (Lan et al. begin with a weight of 0.01).
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub strength_start: f32,
    /// Tasks' lengths of decisions over which the weight rises from one to the other.
    #[garde(range(min = 0.0, max = 1.0e6), custom(is_a_number))]
    pub rise_tasks: f32,
    /// States in each batch.
    #[garde(range(min = 1, max = 65_536))]
    pub rows: usize,
    /// Source of the states.
    #[garde(skip)]
    pub states: ConsolidatedStates,
}

impl Default for MedqnSettings {
    fn default() -> Self {
        Self {
            strength: 1.0,
            strength_start: 0.01,
            rise_tasks: 1.0,
            rows: 64,
            states: ConsolidatedStates::Uniform,
        }
    }
}

struct Medqn {
    settings: MedqnSettings,
    /// Decisions over which the weight rises.
    rise: f64,
    rng: Stream,
    /// Least and greatest byte of each number of an observation so far.
    least: Vec<u8>,
    greatest: Vec<u8>,
    /// Of the current batch: weight, first row, states, and the target networks' outputs for them, network by network.
    weight: f32,
    first_row: usize,
    states: Inputs,
    targets: Vec<Vec<f32>>,
    /// Critics whose loss on the current batch has been computed.
    critics: usize,
    /// Reused buffer.
    state: Vec<u8>,
}

impl Medqn {
    fn new(settings: MedqnSettings, spec: &LearnerSpec) -> Self {
        let width = spec.observation.len();
        Self {
            rise: f64::from(settings.rise_tasks) * spec.decisions_per_task as f64,
            settings,
            rng: stream(spec.seed, "learner.medqn", 0),
            least: vec![u8::MAX; width],
            greatest: vec![u8::MIN; width],
            weight: 0.0,
            first_row: 0,
            states: Inputs::new(width),
            targets: Vec::new(),
            critics: 0,
            state: Vec::new(),
        }
    }

    /// Returns the weight after this number of decisions.
    fn weight_at(&self, decisions: u64) -> f32 {
        let (start, end) = (self.settings.strength_start, self.settings.strength);
        let part = decisions as f64 / self.rise;
        // Also if it does not rise at all and the division gave a NaN.
        let part = if part < 1.0 { part as f32 } else { 1.0 };
        end * (start + (1.0 - start) * part)
    }

    /// Draws a state uniformly within the bounds.
    fn draw_uniformly(&mut self) {
        self.state.clear();
        for (&least, &greatest) in self.least.iter().zip(&self.greatest) {
            let values = usize::from(greatest.saturating_sub(least)) + 1;
            self.state.push(least.saturating_add(below(&mut self.rng, values) as u8));
        }
    }
}

impl Method for Medqn {
    fn observe(&mut self, experience: &Experience, _learner: &mut LearnerView<'_>) {
        for observation in experience.observations.chunks_exact(self.least.len()) {
            for ((least, greatest), &byte) in self.least.iter_mut().zip(&mut self.greatest).zip(observation) {
                *least = byte.min(*least);
                *greatest = byte.max(*greatest);
            }
        }
    }

    fn add_views(&mut self, learner: &mut LearnerView<'_>, batch: &mut Batch) {
        self.critics = 0;
        self.targets.clear();
        if self.settings.strength == 0.0 {
            return;
        }
        self.weight = self.weight_at(learner.decisions);
        self.first_row = batch.rows();
        self.states.clear();
        for _ in 0..self.settings.rows {
            match self.settings.states {
                ConsolidatedStates::Uniform => self.draw_uniformly(),
                ConsolidatedStates::Recent => {
                    self.state.clear();
                    self.state
                        .extend_from_slice(learner.recent.draw_view(&mut self.rng).unwrap_or_default());
                }
            }
            if self.state.len() == learner.decoder.len() {
                batch.push_view(learner.decoder, &self.state);
                self.states.push(learner.decoder, &self.state);
            }
        }
        for network in 0..learner.algorithm.networks().len() {
            let targets = learner.algorithm.target_outputs(network, &self.states);
            self.targets.push(targets.unwrap_or_default().to_vec());
        }
    }

    fn output_loss(
        &mut self,
        role: Role,
        _meaning: Outputs,
        _batch: &Batch,
        outputs: &[f32],
        gradient: &mut [f32],
        losses: &mut Losses,
    ) {
        // Critics come after the policy among the networks, and in their order here.
        self.critics += usize::from(role == Role::Critic);
        let network = if role == Role::Critic { self.critics } else { 0 };
        let Some(targets) = self.targets.get(network).filter(|targets| !targets.is_empty()) else {
            return;
        };
        let rows = self.first_row * targets.len() / self.states.rows()..;
        let (outputs, gradient) = (&outputs[rows.clone()][..targets.len()], &mut gradient[rows][..targets.len()]);
        let scale = self.weight / targets.len() as f32;
        losses.add("consolidation", squared_difference(outputs, targets, scale, gradient));
    }

    fn state_bytes(&self) -> u64 {
        (self.least.len() + self.greatest.len()) as u64
    }

    fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        state.set(format!("{prefix}.rng"), &self.rng)?;
        state.put(format!("{prefix}.least"), &self.least);
        state.put(format!("{prefix}.greatest"), &self.greatest);
        Ok(())
    }

    fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        self.rng = state.get(&format!("{prefix}.rng"))?;
        state.copy_to(&format!("{prefix}.least"), &mut self.least)?;
        state.copy_to(&format!("{prefix}.greatest"), &mut self.greatest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learner::LearnerSettings;
    use crate::learner::algorithms::Algorithm;
    use crate::learner::testing::{Bench, Walk, assert_is_gradient};

    fn settings() -> LearnerSettings {
        LearnerSettings {
            hidden: vec![6],
            ..Default::default()
        }
    }

    /// Returns the method after 40 decisions.
    fn begun(bench: &mut Bench, own: MedqnSettings) -> Medqn {
        let (mut method, mut walk) = (Medqn::new(own, &Bench::spec()), Walk::new(1, 2));
        (0..40).for_each(|_| bench.with_view(|view| method.observe(walk.step(), view)));
        method
    }

    #[test]
    fn states_fill_the_range_of_what_was_seen_and_no_more() {
        let mut bench = Bench::new(&settings());
        let mut method = begun(&mut bench, MedqnSettings::default());
        // The first number of a walk's observation is the garden, 0 or 1.
        assert_eq!((method.least[0], method.greatest[0]), (0, 1));
        let (least, greatest) = (method.least.clone(), method.greatest.clone());
        let mut counts = vec![0u32; usize::from(greatest[2]) + 1];
        for _ in 0..2_000 {
            method.draw_uniformly();
            for (number, &byte) in method.state.iter().enumerate() {
                assert!((least[number]..=greatest[number]).contains(&byte));
            }
            counts[usize::from(method.state[2])] += 1;
        }
        let counts = &counts[usize::from(least[2])..];
        assert!(
            counts.len() > 3 && crate::learner::testing::chi_squared_is_plausible(counts),
            "{counts:?}"
        );
    }

    #[test]
    fn the_gradient_agrees_with_finite_differences_and_the_target_network_has_no_loss() {
        for states in [ConsolidatedStates::Uniform, ConsolidatedStates::Recent] {
            let mut bench = Bench::new(&settings());
            let own = MedqnSettings {
                strength: 0.7,
                rise_tasks: 0.0,
                rows: 8,
                states,
                ..Default::default()
            };
            let mut method = begun(&mut bench, own);
            bench.train(30);
            let mut batch = Batch::new(Walk::WIDTH);
            bench.with_view(|view| method.add_views(view, &mut batch));
            assert_eq!((batch.transitions(), batch.rows()), (0, 8));
            let mut loss = |outputs: &[f32], gradient: &mut [f32]| {
                let mut losses = Losses::default();
                method.output_loss(Role::Policy, Outputs::ActionValues, &batch, outputs, gradient, &mut losses);
                losses.total()
            };
            let outputs: Vec<f32> = (0..40).map(|index| (index % 13) as f32 * 0.1 - 0.5).collect();
            assert_is_gradient(&outputs, &mut loss);
            let target = bench.dqn.target_parameters().to_vec();
            assert_ne!(bench.dqn.networks()[0].parameters(), target);
            let now = bench.dqn.networks_mut()[0].evaluate(&batch.observations).to_vec();
            assert!(loss(&now, &mut [0.0; 40]) > 0.0);
            bench.dqn.networks_mut()[0].parameters_mut().copy_from_slice(&target);
            let then = bench.dqn.networks_mut()[0].evaluate(&batch.observations).to_vec();
            assert!(loss(&then, &mut [0.0; 40]) < 1e-9);
        }
    }

    #[test]
    fn the_weight_rises_over_the_first_task() {
        let rising = Medqn::new(MedqnSettings::default(), &Bench::spec());
        for (decisions, expected) in [(0, 0.01), (50, 0.505), (100, 1.0), (1_000, 1.0)] {
            assert!((rising.weight_at(decisions) - expected).abs() < 1e-6, "{decisions}");
        }
        let at_once = MedqnSettings {
            rise_tasks: 0.0,
            ..Default::default()
        };
        assert_eq!(Medqn::new(at_once, &Bench::spec()).weight_at(0), 1.0);
    }
}
