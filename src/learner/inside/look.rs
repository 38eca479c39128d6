//! A look at a learner and at the policy that it provides.

use crate::learner::core::Learner;
use crate::learner::error::StateError;
use crate::learner::inputs::Inputs;
use crate::learner::inside::measures::{agreement, concentration, dormant_fraction, gram, norm, relative_norms, stable_rank};
use crate::learner::memory::Batch;
use crate::learner::network::LayerShape;
use crate::learner::policy::{Policy, PolicySnapshot};
use crate::mdp::ObservationSpec;

/// Data that a learner is looked at with. It is the measurement's own: nothing is learned from it.
#[derive(Clone, Debug)]
pub struct ProbeBatches {
    /// Views on which activations are measured.
    pub views: Inputs,
    /// Transitions of each task in two halves, on which its gradient is computed.
    pub tasks: Vec<[Batch; 2]>,
}

/// Measures of the policy network in training.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InsideLook {
    /// Cosine of the gradient of each past task with that of the task under way, by task and layer: the parts of the layers add up to the cosine.
    /// Tasks whose gradient is zero are left out.
    pub agreement: Vec<(usize, Vec<f64>)>,
    /// Cosine of the gradients of the two halves of a task's transitions: what two samples of the same task agree by.
    pub steadiness: Vec<(usize, f64)>,
    /// Measures of each layer, the output layer last.
    pub layers: Vec<LayerLook>,
    /// Importance of the weights, if the method has one.
    pub importance: Option<WeightImportance>,
}

/// Measures of a layer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LayerLook {
    /// Fraction of its units that are dormant; `None` for the output layer.
    pub dormant_fraction: Option<f64>,
    /// Stable rank of its activations; `None` for the output layer, or if they do not vary.
    pub stable_rank: Option<f64>,
    /// Norm of its weights and biases.
    pub weight_norm: f64,
    /// Norm of the optimiser's present step relative to that of the weights; `None` if they are all zero.
    pub relative_step: Option<f64>,
}

/// Distribution of the importance over the weights.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightImportance {
    /// Share of each layer in the sum.
    pub share_by_layer: Vec<f64>,
    /// Fraction of the weights that carry it.
    pub concentration: f64,
}

impl Learner {
    /// Looks at the policy network in training. `current` is the task under way and `past` are others, by their place in `probes.tasks`; without a
    /// task under way, each of them is compared with all others together.
    ///
    /// Nothing that is learned changes, bit for bit.
    pub fn look_inside(&mut self, probes: &ProbeBatches, current: Option<usize>, past: &[usize]) -> InsideLook {
        let counted = self.counted_multiply_adds();
        let layers = self.networks()[0].shape().layers();
        let shared = &layers[..layers.len() - usize::from(self.has_own_outputs())];
        let asked = || current.iter().chain(past).copied();
        let gradients: Vec<(usize, [Vec<f32>; 2])> = asked()
            .filter(|task| *task < probes.tasks.len())
            .map(|task| (task, [0, 1].map(|half| self.gradient_aside(&probes.tasks[task][half]))))
            .collect();
        let steadiness = gradients
            .iter()
            .filter_map(|(task, [one, other])| Some((*task, agreement(one, other, shared)?.iter().sum())));
        let look = InsideLook {
            agreement: agreements(&gradients, current, shared),
            steadiness: steadiness.collect(),
            layers: self.look_at_layers(&probes.views, &layers),
            importance: self.importance_of_weights(&layers),
        };
        self.uncount_multiply_adds(counted);
        look
    }

    /// Returns the gradient of the policy network for a batch, by the algorithm alone.
    pub(super) fn gradient_aside(&mut self, batch: &Batch) -> Vec<f32> {
        let mut gradients = Vec::new();
        self.algorithm_mut().reference_gradients(batch, &mut gradients);
        gradients.swap_remove(0)
    }

    fn look_at_layers(&mut self, views: &Inputs, layers: &[LayerShape]) -> Vec<LayerLook> {
        let network = &mut self.algorithm_mut().networks_mut()[0];
        network.evaluate(views);
        let step = network.optimiser.present_step();
        let relative = relative_norms(&step, network.parameters(), layers);
        let look = |(number, (layer, relative_step)): (usize, (&LayerShape, Option<f64>))| {
            let hidden = (number + 1 < layers.len()).then(|| network.pass().hidden(number));
            LayerLook {
                dormant_fraction: hidden.map(|hidden| dormant_fraction(hidden, layer.outputs)),
                stable_rank: hidden.and_then(|hidden| stable_rank(&gram(hidden, layer.outputs), hidden.rows())),
                weight_norm: norm(&network.parameters()[layer.range.clone()]),
                relative_step,
            }
        };
        layers.iter().zip(relative).enumerate().map(look).collect()
    }

    fn importance_of_weights(&self, layers: &[LayerShape]) -> Option<WeightImportance> {
        let importance = self.methods().importance(0)?;
        let total: f64 = importance.iter().copied().map(f64::from).sum();
        let concentration = concentration(importance)?;
        let share = |layer: &LayerShape| {
            // Where each task has an output layer of its own, that layer has no importance.
            let of_layer = importance.get(layer.range.clone()).unwrap_or_default();
            of_layer.iter().copied().map(f64::from).sum::<f64>() / total
        };
        Some(WeightImportance {
            share_by_layer: layers.iter().map(share).collect(),
            concentration,
        })
    }
}

/// Returns the agreement of each task's gradient with that of the current one, or of all other tasks together.
fn agreements(gradients: &[(usize, [Vec<f32>; 2])], current: Option<usize>, layers: &[LayerShape]) -> Vec<(usize, Vec<f64>)> {
    let whole: Vec<(usize, Vec<f32>)> = gradients.iter().map(|(task, halves)| (*task, sum(halves))).collect();
    let others = |task: usize| match current {
        Some(current) => whole.iter().find(|(other, _)| *other == current).map(|(_, own)| own.clone()),
        None => {
            let others: Vec<&Vec<f32>> = whole.iter().filter(|(other, _)| *other != task).map(|(_, of)| of).collect();
            (!others.is_empty()).then(|| sum(&others))
        }
    };
    let compared = whole.iter().filter(|(task, _)| Some(*task) != current);
    compared
        .filter_map(|(task, gradient)| Some((*task, agreement(&others(*task)?, gradient, layers)?)))
        .collect()
}

fn sum(gradients: &[impl AsRef<[f32]>]) -> Vec<f32> {
    let mut total = vec![0.0; gradients.first().map_or(0, |first| first.as_ref().len())];
    for gradient in gradients {
        for (total, number) in total.iter_mut().zip(gradient.as_ref()) {
            *total += number;
        }
    }
    total
}

/// Answers of a policy to views, and how it represents them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyLook {
    /// Best action for each view.
    pub actions: Vec<u8>,
    /// Outputs, `[views, actions]`.
    pub outputs: Vec<f32>,
    /// Products of the views' activations in each hidden layer, `[views, views]`; none if several networks decide.
    pub grams: Vec<Vec<f64>>,
}

/// Asks a policy about views: `[views, observation_len]` bytes.
///
/// # Errors
/// The policy was made for observations of another length.
pub fn look_at_policy(observation: &ObservationSpec, policy: &PolicySnapshot, views: &[u8]) -> Result<PolicyLook, StateError> {
    let mut asked = Policy::new(observation, policy)?;
    let mut actions = vec![0; views.len() / observation.len().max(1)];
    asked.greedy(views, &mut actions);
    let hidden = &policy.shape.hidden;
    let is_one_network = policy.contexts.is_empty() && !actions.is_empty();
    let grams = hidden.iter().enumerate().filter(|_| is_one_network);
    Ok(PolicyLook {
        grams: grams.map(|(layer, units)| gram(asked.hidden(layer), *units)).collect(),
        outputs: asked.outputs().to_vec(),
        actions,
    })
}

#[cfg(test)]
#[path = "look_tests.rs"]
mod tests;
