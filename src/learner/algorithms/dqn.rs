//! Double deep Q-learning: the policy network estimates the value of each action.
//!
//! Mnih et al. 2015, "Human-level control through deep reinforcement learning"; van Hasselt, Guez and Silver 2016, "Deep
//! reinforcement learning with double Q-learning", eq. 4:
//! `y = r + gamma (1 - terminated) Q_target(s', argmax_a Q(s', a))`, and the mean Huber loss between `Q(s, a)` and `y`.
//!
//! Deviations: a truncated episode is bootstrapped from its last observation, because the value of the next state still counts.
//! The target network follows by averaging in each update (Lillicrap et al. 2016, "Continuous control with deep reinforcement
//! learning") rather than by occasional copies.

use crate::learner::algorithms::{Algorithm, AlgorithmSpec, OutputLoss, TrainedNetwork};
use crate::learner::error::StateError;
use crate::learner::inputs::Inputs;
use crate::learner::losses::{Losses, argmax, huber};
use crate::learner::memory::Batch;
use crate::learner::network::{Network, NetworkShape, Pass};
use crate::learner::policy::ExplorationPolicy;
use crate::learner::settings::{DqnSettings, LearnerSettings};
use crate::learner::spec::LearnerSpec;
use crate::learner::state::StateDict;
use crate::learner::trained::{Outputs, Role};
use crate::learner::vectorised::follow;
use crate::random::{Stream, stream};

pub(crate) const SPEC: AlgorithmSpec = AlgorithmSpec {
    name: "dqn",
    summary: "learns the value of each action and takes the best one",
    paper: "van Hasselt, Guez and Silver 2016, Deep reinforcement learning with double Q-learning",
    equation: "y = r + gamma (1 - terminated) Q_target(s', argmax_a Q(s', a)); Huber(Q(s, a) - y)",
    networks: 1,
    targets: 1,
    build: |settings, spec| Box::new(Dqn::new(settings, spec)),
};

/// Double deep Q-learning: a Q-network that acts, and its target network.
pub struct Dqn {
    settings: DqnSettings,
    discount: f32,
    /// Number of decisions over which exploration decreases.
    exploration_decisions: f64,
    shape: NetworkShape,
    rng: Stream,
    networks: [TrainedNetwork; 1],
    target_parameters: Vec<f32>,
    target: Network,
    target_pass: Pass,
    chosen: Vec<usize>,
    targets: Vec<f32>,
    output_gradient: Vec<f32>,
}

impl Dqn {
    /// Creates networks with new parameters.
    pub fn new(settings: &LearnerSettings, spec: &LearnerSpec) -> Self {
        let shape = settings.network_shape(spec);
        let mut rng = stream(spec.seed, "learner.initialisation", 0);
        let parameters = shape.initial_parameters(&mut rng);
        Self {
            settings: settings.dqn.clone(),
            discount: settings.discount,
            exploration_decisions: f64::from(settings.dqn.exploration_fraction) * spec.decisions_per_task as f64,
            rng,
            target: Network::new(&shape, &parameters),
            target_parameters: parameters.clone(),
            networks: [TrainedNetwork::new(
                "policy",
                Role::Policy,
                Outputs::ActionValues,
                &shape,
                parameters,
                &settings.adam,
            )],
            shape,
            target_pass: Pass::default(),
            chosen: Vec::new(),
            targets: Vec::new(),
            output_gradient: Vec::new(),
        }
    }

    /// Parameters of the target network.
    #[cfg(test)]
    pub(crate) fn target_parameters(&self) -> &[f32] {
        &self.target_parameters
    }

    /// Computes the target value of each transition's action.
    fn compute_targets(&mut self, batch: &Batch) {
        let actions = self.shape.outputs;
        self.target.evaluate(&batch.next_observations, &mut self.target_pass);
        self.chosen.clear();
        if self.settings.double {
            let values = self.networks[0].evaluate(&batch.next_observations);
            self.chosen.extend(values.chunks_exact(actions).map(argmax));
        } else {
            self.chosen
                .extend(self.target_pass.outputs().chunks_exact(actions).map(argmax));
        }
        self.targets.clear();
        let values = self
            .target_pass
            .outputs()
            .chunks_exact(actions)
            .zip(&self.chosen)
            .map(|(row, &chosen)| row[chosen]);
        let outcomes = batch.rewards.iter().zip(&batch.terminated);
        self.targets.extend(
            outcomes
                .zip(values)
                .map(|((reward, &terminated), value)| reward + if terminated { 0.0 } else { self.discount * value }),
        );
    }
}

impl Algorithm for Dqn {
    fn networks(&self) -> &[TrainedNetwork] {
        &self.networks
    }

    fn networks_mut(&mut self) -> &mut [TrainedNetwork] {
        &mut self.networks
    }

    fn change_weights(&mut self, network: usize, change: &mut dyn FnMut(&mut [f32])) {
        change(self.networks[network].parameters_mut());
        change(&mut self.target_parameters);
        self.target.set(&self.target_parameters);
    }

    fn compute_gradients(&mut self, batch: &Batch, extra: &mut dyn OutputLoss, losses: &mut Losses) -> f32 {
        self.compute_targets(batch);
        let network = &mut self.networks[0];
        let values = network.forward(&batch.observations);
        self.output_gradient.clear();
        self.output_gradient.resize(values.len(), 0.0);

        let scale = 1.0 / batch.transitions().max(1) as f32;
        let (mut loss, mut value) = (0.0, 0.0);
        let actions = self.shape.outputs;
        for (row, (&action, target)) in batch.actions.iter().zip(&self.targets).enumerate() {
            let entry = row * actions + usize::from(action);
            let (error_loss, slope) = huber(values[entry] - target, self.settings.huber_threshold);
            loss += error_loss;
            value += values[entry];
            self.output_gradient[entry] += scale * slope;
        }
        losses.add("temporal_difference", scale * loss);
        extra.output_loss(
            Role::Policy,
            Outputs::ActionValues,
            batch,
            values,
            &mut self.output_gradient,
            losses,
        );
        network.backward(&self.output_gradient);
        scale * value
    }

    fn reference_gradients(&mut self, batch: &Batch, gradients: &mut Vec<Vec<f32>>) {
        super::compute_aside(self, batch, gradients);
    }

    fn target_outputs(&mut self, network: usize, inputs: &Inputs) -> Option<&[f32]> {
        if network != 0 {
            return None;
        }
        self.target.evaluate(inputs, &mut self.target_pass);
        Some(self.target_pass.outputs())
    }

    fn update_targets(&mut self) {
        let share = self.settings.target_averaging;
        follow(&mut self.target_parameters, self.networks[0].parameters(), share);
        self.target.set(&self.target_parameters);
    }

    fn reinitialise(&mut self) {
        let parameters = self.shape.initial_parameters(&mut self.rng);
        self.networks[0].optimiser.reset();
        self.set_policy(&parameters);
    }

    fn exploration(&self, decisions: u64) -> ExplorationPolicy {
        let DqnSettings {
            epsilon_start,
            epsilon_end,
            ..
        } = self.settings;
        let left = 1.0 - decisions as f64 / self.exploration_decisions;
        // Also if there is no exploration at all and the division gave a NaN.
        if left.is_nan() || left <= 0.0 {
            return ExplorationPolicy::EpsilonGreedy { epsilon: epsilon_end };
        }
        ExplorationPolicy::EpsilonGreedy {
            epsilon: epsilon_end + left as f32 * (epsilon_start - epsilon_end),
        }
    }

    fn set_policy(&mut self, parameters: &[f32]) {
        self.networks[0].parameters_mut().copy_from_slice(parameters);
        self.target_parameters.copy_from_slice(parameters);
        self.target.set(parameters);
    }

    fn multiply_adds(&self) -> u64 {
        self.networks[0].multiply_adds() + self.target.multiply_adds()
    }

    fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        self.networks[0].save(state, prefix)?;
        state.put(format!("{prefix}.target.parameters"), &self.target_parameters);
        state.set(format!("{prefix}.rng"), &self.rng)
    }

    fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        self.networks[0].load(state, prefix)?;
        state.copy_to(&format!("{prefix}.target.parameters"), &mut self.target_parameters)?;
        self.target.set(&self.target_parameters);
        self.rng = state.get(&format!("{prefix}.rng"))?;
        Ok(())
    }
}
