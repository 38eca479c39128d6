//! PackNet: each task keeps a part of the weights, which no later task changes.
//!
//! Mallya and Lazebnik 2018, "PackNet: adding multiple tasks to a single network by iterative pruning". A task learns with the
//! frozen weights of all earlier tasks and all free weights. When it ends, it keeps the largest of the free weights, a fraction
//! `share_of_a_task` of each layer. The others are set to zero, and the kept ones are trained for `retraining_updates` further
//! updates to work without them. A past task is evaluated with its own weights and those of earlier tasks, so its outputs never
//! change, bit for bit. The method therefore needs to know the task in evaluation.
//!
//! As in Continual World (Wolczyk et al. 2021), only the policy network is packed, critics are fine-tuned, biases belong to the
//! first task and are frozen with it, and tasks get equal parts. The *update* is masked, not only the gradient: Adam's means
//! would move a frozen weight long after its gradient became zero. A copy of the frozen weights is kept and written back after
//! any method's changes.
//!
//! Two deviations. Retraining targets the outputs of the network before pruning (`retrain_on_outputs`) instead of rewards: after
//! the removal of three quarters of the weights the values are wrong everywhere, and bootstrapping from them, without new
//! experience, does not correct them within a tenth of a season. And in neither paper does a task return. Here, a returning task
//! that is identified as such ([`Learner::task_identified`](crate::learner::Learner::task_identified)) acts with the network that
//! it had, and nothing is learned until it ends, because later tasks build on these weights. A task that finds no free weight
//! learns nothing either. The target network is pruned with its network, so that removed weights do not affect the targets.
//!
//! Cost: `retraining_updates` updates for each task; an owner for each weight and the frozen weights. Views for retraining come
//! from the replay buffer.
//!
//! With `learner.heads = "per_season"` the output layer, its weights and its biases, belongs to the task alone, as in the paper: it is neither
//! pruned nor frozen nor masked, and is trained further with the kept weights. A task that finds no free weight then learns its output layer.
//!
//! Always holds: with `share_of_a_task = 0` all weights are those of fine-tuning, bit for bit; and each weight has at most one
//! owner.

#[cfg(test)]
#[path = "packnet_tests.rs"]
mod tests;

use crate::learner::algorithms::NoOutputLoss;
use crate::learner::error::StateError;
use crate::learner::losses::{Losses, divergence, squared_difference};
use crate::learner::memory::Batch;
use crate::learner::methods::{
    Axis, Boundaries, Curriculum, Keeps, LearnerView, Method, MethodFamily, MethodSpec, Needs, Tuning,
};
use crate::learner::network::{Network, NetworkShape, Pass};
use crate::learner::settings::is_a_number;
use crate::learner::state::StateDict;
use crate::learner::trained::{Outputs, TrainedNetwork};
use crate::random::{Stream, stream};
use garde::Validate;
use serde::{Deserialize, Serialize};

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "packnet",
    summary: "prunes the network after each task and freezes the weights that it keeps",
    family: MethodFamily::Architecture,
    paper: "Mallya and Lazebnik 2018, PackNet: adding multiple tasks to a single network by iterative pruning",
    equation: "theta_task = theta * (owner <= task); the largest free weights of each layer are kept, the others are pruned",
    cost: "further updates at each task's end; an owner for each weight and a copy of those that are frozen",
    needs: Needs {
        boundaries: Boundaries::Required,
        task_at_test_time: true,
    },
    curriculum: Curriculum::Sequential,
    losses: &[],
    tuning: Some(Tuning(&[
        Axis {
            path: "learner.packnet.share_of_a_task",
            first: "0.2",
            values: &["0.0", "0.1", "0.15", "0.2", "0.25"],
        },
        Axis {
            path: "learner.packnet.retraining_updates",
            first: "2000",
            values: &["2000", "8000"],
        },
    ])),
    remove_strength: |settings| settings.packnet.share_of_a_task = 0.0,
    act_soon: |settings| settings.packnet.retraining_updates = 5,
    memory: |_, scale| scale.weights(8),
    keeps: Keeps::Weights,
    heads: true,
    build: |settings, spec| {
        Box::new(Packnet::new(
            settings.packnet.clone(),
            settings.batch_size,
            settings.maximum_gradient_norm,
            stream(spec.seed, "learner.packnet.retraining", 0),
        ))
    },
};

/// Settings of PackNet (Mallya and Lazebnik 2018).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct PacknetSettings {
    /// Fraction of each layer's weights that a task keeps; 0 equals `finetune`. 0.25 gives four tasks equal parts, as in
    /// Continual World (Wolczyk et al. 2021); later tasks only use the existing weights.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub share_of_a_task: f32,
    /// Updates at the end of a task in which its kept weights learn to work without the removed ones.
    #[garde(range(min = 0, max = 10_000_000))]
    pub retraining_updates: u64,
    /// `true` if retraining targets the outputs of the network before pruning; otherwise it uses rewards, as in Continual World.
    #[garde(skip)]
    pub retrain_on_outputs: bool,
}

impl Default for PacknetSettings {
    fn default() -> Self {
        Self {
            // Found by tuning: docs/tuning.toml.
            share_of_a_task: 0.2,
            retraining_updates: 2_000,
            retrain_on_outputs: true,
        }
    }
}

/// Index of the packed network: the policy.
const PACKED: usize = 0;
/// Owner of a weight without owner.
const FREE: u16 = 0;

struct Packnet {
    settings: PacknetSettings,
    batch_size: usize,
    maximum_gradient_norm: f32,
    rng: Stream,
    /// Task that owns each weight, counted from 1, or [`FREE`]; empty before the end of the first task.
    owners: Vec<u16>,
    /// Frozen weights where they are owned, zero elsewhere; empty before the end of the first task.
    kept: Vec<f32>,
    /// Identity of each task number, starting with number 1.
    identities: Vec<u16>,
    /// Announced identity of the next task.
    announced: Option<u16>,
    /// Identity of the current task.
    current: Option<u16>,
    /// `true` if the current task has something to learn.
    learns: bool,
    /// Multiply-adds of the teachers' passes since it was built.
    multiply_adds: u64,
}

impl Packnet {
    fn new(settings: PacknetSettings, batch_size: usize, maximum_gradient_norm: f32, rng: Stream) -> Self {
        Self {
            settings,
            batch_size,
            maximum_gradient_norm,
            rng,
            owners: Vec::new(),
            kept: Vec::new(),
            identities: Vec::new(),
            announced: None,
            current: None,
            learns: true,
            multiply_adds: 0,
        }
    }

    /// Returns the number of a past task.
    fn number_of(&self, identity: u16) -> Option<u16> {
        let index = self.identities.iter().position(|&known| known == identity)?;
        Some(index as u16 + 1)
    }

    /// Returns the weights at the end of the task with this number.
    fn weights_of(&self, number: u16) -> impl Iterator<Item = f32> {
        let weights = self.kept.iter().zip(&self.owners);
        weights.map(move |(&kept, &owner)| if owner <= number { kept } else { 0.0 })
    }

    /// Sets the policy network, and its target, to that of the tasks up to `number`; free weights become zero.
    fn switch_to(&self, number: u16, learner: &mut LearnerView<'_>) {
        learner.algorithm.change_weights(PACKED, &mut |weights| {
            weights
                .iter_mut()
                .zip(self.weights_of(number))
                .for_each(|(weight, kept)| *weight = kept);
        });
    }

    /// Assigns the largest free weights of each layer to task `number`, and the biases if it is the first. The first `shared` weights are packed.
    fn claim(&mut self, number: u16, shape: &NetworkShape, weights: &[f32], shared: usize) {
        self.owners.resize(shared, FREE);
        for layer in shape.layers().into_iter().filter(|layer| layer.range.end <= shared) {
            let biases = layer.range.end - layer.outputs;
            let mut free: Vec<usize> = (layer.range.start..biases)
                .filter(|&place| self.owners[place] == FREE)
                .collect();
            let share = self.settings.share_of_a_task * (biases - layer.range.start) as f32;
            // Equal weights keep their order, so that the result is deterministic.
            free.sort_by(|&a, &b| weights[b].abs().total_cmp(&weights[a].abs()));
            for &place in free.iter().take(share.round() as usize) {
                self.owners[place] = number;
            }
            if number == 1 {
                self.owners[biases..layer.range.end].fill(number);
            }
        }
    }

    /// Sets all weights without owner to zero, in the target network too, and resets the optimiser's state for them.
    fn prune(&self, learner: &mut LearnerView<'_>) {
        learner.algorithm.change_weights(PACKED, &mut |weights| {
            let free = weights.iter_mut().zip(&self.owners).filter(|&(_, &owner)| owner == FREE);
            free.for_each(|(weight, _)| *weight = 0.0);
        });
        let optimiser = &mut learner.algorithm.networks_mut()[PACKED].optimiser;
        let moments = optimiser.mean.iter_mut().zip(&mut optimiser.mean_square).zip(&self.owners);
        for ((mean, mean_square), _) in moments.filter(|&(_, &owner)| owner == FREE) {
            (*mean, *mean_square) = (0.0, 0.0);
        }
    }

    /// Trains the weights of task `number` further; all others stay unchanged, the free ones at zero. `whole` is the network
    /// before pruning.
    fn retrain(&mut self, number: u16, whole: Option<Network>, learner: &mut LearnerView<'_>) {
        let others: Vec<(usize, f32)> = learner.algorithm.networks()[PACKED]
            .parameters()
            .iter()
            .copied()
            .enumerate()
            // An output layer of its own has no owners, and is trained.
            .filter(|&(place, _)| self.owners.get(place).is_some_and(|&owner| owner != number))
            .collect();
        let mut teacher = whole.map(Teacher::new);
        let mut batch = Batch::new(learner.decoder.len());
        for _ in 0..self.settings.retraining_updates {
            batch.clear();
            let (rows, decoder) = (self.batch_size, learner.decoder);
            learner.recent.sample(rows, &mut self.rng, decoder, &mut batch);
            batch.recent_rows = batch.transitions();
            if batch.transitions() == 0 {
                break;
            }
            match &mut teacher {
                Some(teacher) => teacher.teach(&mut learner.algorithm.networks_mut()[PACKED], &batch),
                None => {
                    let losses = &mut Losses::default();
                    learner.algorithm.compute_gradients(&batch, &mut NoOutputLoss, losses);
                }
            }
            let networks = learner.algorithm.networks_mut();
            others.iter().for_each(|&(place, _)| networks[PACKED].gradient[place] = 0.0);
            // A teacher has no targets for critics, whose gradients are those of another batch.
            let taught = if teacher.is_some() { PACKED + 1 } else { networks.len() };
            if !clip(&mut networks[..taught], self.maximum_gradient_norm) {
                // The next regular update reports the error to the caller.
                break;
            }
            match teacher {
                Some(_) => networks[PACKED].step(),
                None => learner.algorithm.step(),
            }
            let weights = learner.algorithm.networks_mut()[PACKED].parameters_mut();
            others.iter().for_each(|&(place, weight)| weights[place] = weight);
            learner.algorithm.update_targets();
        }
        self.multiply_adds += teacher.map_or(0, |teacher| teacher.network.multiply_adds());
    }

    /// Stores the current weights of task `number` as frozen.
    fn freeze(&mut self, number: u16, weights: &[f32]) {
        self.kept.resize(self.owners.len(), 0.0);
        let places = self.kept.iter_mut().zip(weights).zip(&self.owners);
        for ((kept, &weight), _) in places.filter(|&(_, &owner)| owner == number) {
            *kept = weight;
        }
    }
}

/// Scales the gradients of all networks down to this norm, if it is not 0; returns `true` if they are finite.
fn clip(networks: &mut [TrainedNetwork], limit: f32) -> bool {
    let gradients = networks.iter().flat_map(|network| &network.gradient);
    let norm = gradients.map(|gradient| gradient * gradient).sum::<f32>().sqrt();
    if limit > 0.0 && norm > limit {
        let gradients = networks.iter_mut().flat_map(|network| &mut network.gradient);
        gradients.for_each(|gradient| *gradient *= limit / norm);
    }
    norm.is_finite()
}

/// The network before pruning.
struct Teacher {
    network: Network,
    pass: Pass,
    output_gradient: Vec<f32>,
}

impl Teacher {
    fn new(network: Network) -> Self {
        Self {
            network,
            pass: Pass::default(),
            output_gradient: Vec::new(),
        }
    }

    /// Sets the gradient of `student` to that of its mean distance from the teacher on a batch.
    fn teach(&mut self, student: &mut TrainedNetwork, batch: &Batch) {
        let (meaning, actions) = (student.outputs_mean(), student.shape().outputs);
        self.network.forward(&batch.observations, &mut self.pass);
        let outputs = student.forward(&batch.observations);
        self.output_gradient.clear();
        self.output_gradient.resize(outputs.len(), 0.0);
        let rows = outputs.chunks_exact(actions).zip(self.pass.outputs().chunks_exact(actions));
        for ((output, target), gradient) in rows.zip(self.output_gradient.chunks_exact_mut(actions)) {
            let scale = 1.0 / batch.rows() as f32;
            match meaning {
                Outputs::ActionValues => squared_difference(output, target, scale / actions as f32, gradient),
                Outputs::Logits => divergence(output, target, scale, gradient),
            };
        }
        student.backward(&self.output_gradient);
    }
}

impl Method for Packnet {
    fn learns(&self, _task: u16) -> bool {
        self.learns
    }

    fn task_identified(&mut self, identity: u16) {
        self.announced = Some(identity);
    }

    fn task_started(&mut self, learner: &mut LearnerView<'_>) {
        let identity = self.announced.take().unwrap_or(learner.task);
        self.current = Some(identity);
        // Undoes any change of the networks at the boundary.
        self.settle_weights(learner);
        let known = self.number_of(identity);
        if let Some(number) = known {
            self.switch_to(number, learner);
        }
        let has_free = self.owners.is_empty() || self.owners.contains(&FREE);
        self.learns = known.is_none() && (has_free || learner.task_has_own_outputs);
    }

    fn task_ended(&mut self, learner: &mut LearnerView<'_>) {
        let Some(identity) = self.current.take() else { return };
        if self.settings.share_of_a_task == 0.0 {
            return;
        }
        if self.number_of(identity).is_none() {
            self.identities.push(identity);
            let number = self.identities.len() as u16;
            let network = &learner.algorithm.networks()[PACKED];
            let shape = network.shape().clone();
            let shared = learner.shared_parameters(network);
            self.claim(number, &shape, network.parameters(), shared);
            let whole = Network::new(&shape, network.parameters());
            self.prune(learner);
            if self.learns {
                let whole = self.settings.retrain_on_outputs.then_some(whole);
                self.retrain(number, whole, learner);
            }
            self.freeze(number, learner.algorithm.networks()[PACKED].parameters());
        }
        // All owned weights are used together again; free weights start at zero.
        self.switch_to(u16::MAX, learner);
        self.learns = true;
    }

    fn adjust_gradients(&mut self, _batch: &Batch, learner: &mut LearnerView<'_>, _losses: &mut Losses) {
        let gradient = &mut learner.algorithm.networks_mut()[PACKED].gradient;
        for (gradient, _) in gradient.iter_mut().zip(&self.owners).filter(|&(_, &owner)| owner != FREE) {
            *gradient = 0.0;
        }
    }

    fn settle_weights(&mut self, learner: &mut LearnerView<'_>) {
        if self.owners.is_empty() {
            return;
        }
        let weights = learner.algorithm.networks_mut()[PACKED].parameters_mut();
        let owned = weights.iter_mut().zip(self.kept.iter().zip(&self.owners));
        for (weight, (&kept, _)) in owned.filter(|(_, (_, owner))| **owner != FREE) {
            *weight = kept;
        }
    }

    fn evaluated_policy(&self, task: Option<u16>, parameters: &mut [f32]) {
        // A task that is not over, or was never met, has no weights of its own: the acting policy is the best available.
        if let Some(number) = task.and_then(|identity| self.number_of(identity)) {
            parameters
                .iter_mut()
                .zip(self.weights_of(number))
                .for_each(|(weight, kept)| *weight = kept);
        }
    }

    fn multiply_adds(&self) -> u64 {
        self.multiply_adds
    }

    fn state_bytes(&self) -> u64 {
        (size_of_val(&*self.owners) + size_of_val(&*self.kept) + size_of_val(&*self.identities)) as u64
    }

    fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        state.put(format!("{prefix}.owners"), &self.owners);
        state.put(format!("{prefix}.kept"), &self.kept);
        state.put(format!("{prefix}.identities"), &self.identities);
        state.set(format!("{prefix}.announced"), &self.announced)?;
        state.set(format!("{prefix}.current"), &self.current)?;
        state.set(format!("{prefix}.learns"), &self.learns)?;
        state.set(format!("{prefix}.rng"), &self.rng)
    }

    fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        self.owners = state.array(&format!("{prefix}.owners"))?;
        self.kept = state.array_of_len(&format!("{prefix}.kept"), self.owners.len())?;
        self.identities = state.array(&format!("{prefix}.identities"))?;
        self.announced = state.get(&format!("{prefix}.announced"))?;
        self.current = state.get(&format!("{prefix}.current"))?;
        self.learns = state.get(&format!("{prefix}.learns"))?;
        self.rng = state.get(&format!("{prefix}.rng"))?;
        Ok(())
    }
}
