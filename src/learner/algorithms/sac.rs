//! Discrete soft actor-critic: a stochastic policy, trained with two critics.
//!
//! Haarnoja et al. 2018, "Soft actor-critic algorithms and applications"; Christodoulou 2019, "Soft actor-critic for discrete
//! action settings", eqs. 10-12. With few actions, every expectation over actions is a sum, so nothing is sampled here:
//! - `V(s') = sum_a pi(a|s') [min Q_target(s', a) - alpha log pi(a|s')]`, `y = r + gamma (1 - terminated) V(s')`;
//! - each critic: mean of `1/2 (Q(s, a) - y)^2`;
//! - the policy: mean of `sum_a pi(a|s) [alpha log pi(a|s) - min Q(s, a)]`;
//! - the temperature: `log alpha (H - H_target)`, so that it rises while the entropy `H` is below its target
//!   `H_target = share * ln(actions)`.
//!
//! Deviations, all of which matter when seasons change. The policy's own loss, and the entropy that the temperature follows, use
//! only *recent* states. On replayed states, an entropy that cloning keeps low would let the temperature rise without limit, and
//! a critic that is uncertain about the past would pull the policy away from what it had learned. The temperature has a lower
//! bound: without it, the temperature collapses at a change of season and the new season is never learned. A truncated episode is
//! bootstrapped from its last observation.

use crate::learner::algorithms::{Algorithm, AlgorithmSpec, OutputLoss, TrainedNetwork};
use crate::learner::error::StateError;
use crate::learner::inputs::Inputs;
use crate::learner::losses::{Losses, log_softmax};
use crate::learner::memory::Batch;
use crate::learner::network::{Network, NetworkShape, Pass};
use crate::learner::optimiser::Adam;
use crate::learner::policy::ExplorationPolicy;
use crate::learner::settings::{AdamSettings, LearnerSettings, SacSettings};
use crate::learner::spec::LearnerSpec;
use crate::learner::state::StateDict;
use crate::learner::trained::{Outputs, Role};
use crate::learner::vectorised::follow;
use crate::random::{Stream, stream};

pub(crate) const SPEC: AlgorithmSpec = AlgorithmSpec {
    name: "sac",
    summary: "learns a stochastic policy with two critics and an entropy bonus",
    paper: "Christodoulou 2019, Soft actor-critic for discrete action settings",
    equation: "V(s') = sum_a pi(a|s') [min Q_target(s', a) - alpha log pi(a|s')]; E_s sum_a pi(a|s) [alpha log pi(a|s) - min Q(s, a)]",
    networks: 3,
    targets: 2,
    build: |settings, spec| Box::new(Sac::new(settings, spec)),
};

/// Index of the policy among the networks; the two critics follow.
const POLICY: usize = 0;

/// A target network, which follows a critic slowly.
struct Target {
    parameters: Vec<f32>,
    network: Network,
    pass: Pass,
}

/// Discrete soft actor-critic: a policy, two critics and an adaptive temperature.
pub struct Sac {
    settings: SacSettings,
    discount: f32,
    shape: NetworkShape,
    rng: Stream,
    /// The policy and the two critics.
    networks: [TrainedNetwork; 3],
    targets: [Target; 2],
    log_temperature: f32,
    temperature_adam: Adam,
    /// Gradient of the temperature's loss with respect to its logarithm, from the last batch; `None` if it had no recent state.
    temperature_gradient: Option<f32>,
    /// Reused buffer.
    log_probabilities: Vec<f32>,
    target_values: Vec<f32>,
    least_values: Vec<f32>,
    output_gradient: Vec<f32>,
}

impl Sac {
    /// Creates networks with new parameters.
    pub fn new(settings: &LearnerSettings, spec: &LearnerSpec) -> Self {
        let shape = settings.network_shape(spec);
        let mut rng = stream(spec.seed, "learner.initialisation", 0);
        let mut network = |name, role, outputs| {
            let parameters = shape.initial_parameters(&mut rng);
            TrainedNetwork::new(name, role, outputs, &shape, parameters, &settings.adam)
        };
        let networks = [
            network("policy", Role::Policy, Outputs::Logits),
            network("critic_1", Role::Critic, Outputs::ActionValues),
            network("critic_2", Role::Critic, Outputs::ActionValues),
        ];
        let targets = [1, 2].map(|critic: usize| Target {
            parameters: networks[critic].parameters().to_vec(),
            network: Network::new(&shape, networks[critic].parameters()),
            pass: Pass::default(),
        });
        let adam = AdamSettings {
            learning_rate: settings.sac.temperature_learning_rate,
            ..settings.adam.clone()
        };
        let mut sac = Self {
            settings: settings.sac.clone(),
            discount: settings.discount,
            shape,
            rng,
            networks,
            targets,
            log_temperature: 0.0,
            temperature_adam: Adam::new(&adam, 1),
            temperature_gradient: None,
            log_probabilities: Vec::new(),
            target_values: Vec::new(),
            least_values: Vec::new(),
            output_gradient: Vec::new(),
        };
        sac.start_temperature();
        sac
    }

    /// Current temperature: the reward that one nat of entropy is worth.
    pub fn temperature(&self) -> f32 {
        libm::expf(self.log_temperature)
    }

    /// Target entropy of the policy, in nats.
    pub fn target_entropy(&self) -> f32 {
        self.settings.entropy_target * libm::logf(self.shape.outputs as f32)
    }

    /// Gradient of the temperature's loss with respect to its logarithm for the last batch: positive if the entropy is above its
    /// target.
    pub fn temperature_gradient(&self) -> Option<f32> {
        self.temperature_gradient
    }

    /// Target value of each transition's action, for the last batch of gradients.
    pub fn target_values(&self) -> &[f32] {
        &self.target_values
    }

    fn start_temperature(&mut self) {
        self.log_temperature = libm::logf(self.settings.temperature_start.max(self.settings.temperature_floor));
        self.temperature_adam.reset();
    }

    fn compute_targets(&mut self, batch: &Batch) {
        let (actions, temperature) = (self.shape.outputs, self.temperature());
        for target in &mut self.targets {
            target.network.evaluate(&batch.next_observations, &mut target.pass);
        }
        let logits = self.networks[POLICY].evaluate(&batch.next_observations);
        let [first, second] = &self.targets;
        let values = first
            .pass
            .outputs()
            .chunks_exact(actions)
            .zip(second.pass.outputs().chunks_exact(actions));
        let outcomes = batch.rewards.iter().zip(&batch.terminated);
        self.target_values.clear();
        self.log_probabilities.resize(actions, 0.0);
        for ((logits, (first, second)), (reward, &terminated)) in logits.chunks_exact(actions).zip(values).zip(outcomes) {
            log_softmax(logits, &mut self.log_probabilities);
            let mut value = 0.0;
            for ((log_probability, first), second) in self.log_probabilities.iter().zip(first).zip(second) {
                value += libm::expf(*log_probability) * (first.min(*second) - temperature * log_probability);
            }
            self.target_values
                .push(reward + if terminated { 0.0 } else { self.discount * value });
        }
    }

    /// Sets the gradients of both critics, and keeps the smaller of their values for each row and action.
    fn critic_gradients(&mut self, batch: &Batch, extra: &mut dyn OutputLoss, losses: &mut Losses) -> f32 {
        let actions = self.shape.outputs;
        let scale = 1.0 / batch.transitions().max(1) as f32;
        let (mut loss, mut value) = (0.0, 0.0);
        self.least_values.clear();
        for critic in &mut self.networks[POLICY + 1..] {
            let values = critic.forward(&batch.observations);
            self.output_gradient.clear();
            self.output_gradient.resize(values.len(), 0.0);
            for (row, (&action, target)) in batch.actions.iter().zip(&self.target_values).enumerate() {
                let entry = row * actions + usize::from(action);
                let error = values[entry] - target;
                loss += 0.5 * error * error;
                value += 0.5 * values[entry];
                self.output_gradient[entry] = scale * error;
            }
            if self.least_values.is_empty() {
                self.least_values.extend_from_slice(values);
            } else {
                for (least, &value) in self.least_values.iter_mut().zip(values) {
                    *least = least.min(value);
                }
            }
            extra.output_loss(
                Role::Critic,
                Outputs::ActionValues,
                batch,
                values,
                &mut self.output_gradient,
                losses,
            );
            critic.backward(&self.output_gradient);
        }
        losses.add("temporal_difference", scale * loss);
        scale * value
    }

    /// Sets the gradients of the policy and of the temperature.
    fn actor_gradients(&mut self, batch: &Batch, extra: &mut dyn OutputLoss, losses: &mut Losses) {
        let (actions, temperature) = (self.shape.outputs, self.temperature());
        let scale = 1.0 / batch.recent_rows.max(1) as f32;
        let policy = &mut self.networks[POLICY];
        let logits = policy.forward(&batch.observations);
        self.output_gradient.clear();
        self.output_gradient.resize(logits.len(), 0.0);
        let (mut loss, mut entropy) = (0.0, 0.0);
        let rows = logits.chunks_exact(actions).zip(self.least_values.chunks_exact(actions));
        let gradients = self.output_gradient.chunks_exact_mut(actions);
        for ((logits, values), gradient) in rows.zip(gradients).take(batch.recent_rows) {
            log_softmax(logits, &mut self.log_probabilities);
            let (mut row_loss, mut row_entropy) = (0.0, 0.0);
            for (log_probability, value) in self.log_probabilities.iter().zip(values) {
                let probability = libm::expf(*log_probability);
                row_loss += probability * (temperature * log_probability - value);
                row_entropy -= probability * log_probability;
            }
            // The derivative of `alpha log pi` within the expectation vanishes, because probabilities sum to one.
            for ((gradient, log_probability), value) in gradient.iter_mut().zip(&self.log_probabilities).zip(values) {
                *gradient = scale * libm::expf(*log_probability) * (temperature * log_probability - value - row_loss);
            }
            loss += row_loss;
            entropy += row_entropy;
        }
        losses.add("policy", scale * loss);
        extra.output_loss(
            Role::Policy,
            Outputs::Logits,
            batch,
            logits,
            &mut self.output_gradient,
            losses,
        );
        policy.backward(&self.output_gradient);

        self.temperature_gradient = (batch.recent_rows > 0).then(|| scale * entropy - self.target_entropy());
        losses.add("temperature", self.temperature_gradient.unwrap_or(0.0) * self.log_temperature);
    }
}

impl Algorithm for Sac {
    fn networks(&self) -> &[TrainedNetwork] {
        &self.networks
    }

    fn networks_mut(&mut self) -> &mut [TrainedNetwork] {
        &mut self.networks
    }

    fn change_weights(&mut self, network: usize, change: &mut dyn FnMut(&mut [f32])) {
        change(self.networks[network].parameters_mut());
        // The targets belong to the critics, which come after the policy.
        if let Some(target) = network.checked_sub(POLICY + 1).map(|critic| &mut self.targets[critic]) {
            change(&mut target.parameters);
            target.network.set(&target.parameters);
        }
    }

    fn compute_gradients(&mut self, batch: &Batch, extra: &mut dyn OutputLoss, losses: &mut Losses) -> f32 {
        self.compute_targets(batch);
        let value = self.critic_gradients(batch, extra, losses);
        self.actor_gradients(batch, extra, losses);
        value
    }

    fn reference_gradients(&mut self, batch: &Batch, gradients: &mut Vec<Vec<f32>>) {
        // The temperature follows recent transitions only, not the batch of a comparison.
        let temperature_gradient = self.temperature_gradient;
        super::compute_aside(self, batch, gradients);
        self.temperature_gradient = temperature_gradient;
    }

    fn step(&mut self) {
        self.networks.iter_mut().for_each(TrainedNetwork::step);
        if let Some(gradient) = self.temperature_gradient.take() {
            let mut log_temperature = [self.log_temperature];
            self.temperature_adam.step(&mut log_temperature, &[gradient]);
            self.log_temperature = log_temperature[0].max(libm::logf(self.settings.temperature_floor));
        }
    }

    fn target_outputs(&mut self, network: usize, inputs: &Inputs) -> Option<&[f32]> {
        let target = self.targets.get_mut(network.checked_sub(POLICY + 1)?)?;
        target.network.evaluate(inputs, &mut target.pass);
        Some(target.pass.outputs())
    }

    fn update_targets(&mut self) {
        let share = self.settings.target_averaging;
        for (target, critic) in self.targets.iter_mut().zip(&self.networks[POLICY + 1..]) {
            follow(&mut target.parameters, critic.parameters(), share);
            target.network.set(&target.parameters);
        }
    }

    fn reinitialise(&mut self) {
        for network in &mut self.networks {
            let parameters = self.shape.initial_parameters(&mut self.rng);
            network.parameters_mut().copy_from_slice(&parameters);
            network.optimiser.reset();
        }
        for (target, critic) in self.targets.iter_mut().zip(&self.networks[POLICY + 1..]) {
            target.parameters.copy_from_slice(critic.parameters());
            target.network.set(critic.parameters());
        }
        self.start_temperature();
    }

    fn exploration(&self, _decisions: u64) -> ExplorationPolicy {
        ExplorationPolicy::Categorical
    }

    fn set_policy(&mut self, parameters: &[f32]) {
        self.networks[POLICY].parameters_mut().copy_from_slice(parameters);
    }

    fn multiply_adds(&self) -> u64 {
        let trained: u64 = self.networks.iter().map(TrainedNetwork::multiply_adds).sum();
        let targets: u64 = self.targets.iter().map(|target| target.network.multiply_adds()).sum();
        trained + targets
    }

    fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        for network in &self.networks {
            network.save(state, prefix)?;
        }
        for (index, target) in self.targets.iter().enumerate() {
            state.put(format!("{prefix}.target_{}.parameters", index + 1), &target.parameters);
        }
        state.put(format!("{prefix}.temperature.logarithm"), &[self.log_temperature]);
        self.temperature_adam.save(state, &format!("{prefix}.temperature.adam"))?;
        state.set(format!("{prefix}.rng"), &self.rng)
    }

    fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        for network in &mut self.networks {
            network.load(state, prefix)?;
        }
        for (index, target) in self.targets.iter_mut().enumerate() {
            state.copy_to(&format!("{prefix}.target_{}.parameters", index + 1), &mut target.parameters)?;
            target.network.set(&target.parameters);
        }
        let mut log_temperature = [0.0];
        state.copy_to(&format!("{prefix}.temperature.logarithm"), &mut log_temperature)?;
        [self.log_temperature] = log_temperature;
        self.temperature_adam.load(state, &format!("{prefix}.temperature.adam"))?;
        self.temperature_gradient = None;
        self.rng = state.get(&format!("{prefix}.rng"))?;
        Ok(())
    }
}
