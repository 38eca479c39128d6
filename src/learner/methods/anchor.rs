//! Weights held near an anchor in proportion to their importance: shared by `l2`, `ewc`, `si` and `mas`.
//!
//! The penalty is `strength / 2 * sum_i importance_i (theta_i - anchor_i)^2`. Importances of a task are divided by their mean, so
//! that one strength serves networks of any size and losses of any scale, and clipped at a ceiling, so that a few weights cannot
//! dominate. They decay when those of another task are added (Schwarz et al. 2018, "Progress and compress", section 3.3), because
//! in cyclic years a sum would grow without bound and freeze the network. There is one anchor, that of the last task. Where each task has an
//! output layer of its own, the layers below are held: nothing else can overwrite that layer.

use crate::learner::algorithms::TrainedNetwork;
use crate::learner::error::StateError;
use crate::learner::losses::Losses;
use crate::learner::methods::{LearnerView, WeightsReset};
use crate::learner::state::StateDict;
use crate::learner::trained::Role;

/// Anchor of one network.
#[derive(Clone, Debug, Default, PartialEq)]
struct Anchor {
    weights: Vec<f32>,
    /// Importance of each weight.
    importance: Vec<f32>,
}

/// Rule that combines the importances of several tasks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Blending {
    /// Fraction of the old importances that remains.
    pub(crate) decay: f32,
    /// Maximum importance that one task may give a weight, as a multiple of the mean.
    pub(crate) ceiling: f32,
}

/// Anchors of all networks that are held.
pub(crate) struct Anchors {
    strength: f32,
    critics: bool,
    /// One anchor per network of the algorithm, empty before the end of the first task and for networks that are not held.
    anchors: Vec<Anchor>,
}

impl Anchors {
    pub(crate) fn new(strength: f32, critics: bool) -> Self {
        Self {
            strength,
            critics,
            anchors: Vec::new(),
        }
    }

    /// `true` if the network is held.
    pub(crate) fn hold(&self, network: &TrainedNetwork) -> bool {
        network.role() == Role::Policy || self.critics
    }

    /// Importance of each weight of network `index`; `None` before the end of the first task, or if all count equally.
    pub(crate) fn importance_of(&self, index: usize) -> Option<&[f32]> {
        let importance = &self.anchors.get(index)?.importance;
        (!importance.is_empty()).then_some(importance.as_slice())
    }

    /// Importance of each weight of network `index`.
    #[cfg(test)]
    pub(crate) fn importance(&self, index: usize) -> &[f32] {
        &self.anchors[index].importance
    }

    /// Anchor weights of network `index`.
    #[cfg(test)]
    pub(crate) fn weights(&self, index: usize) -> &[f32] {
        &self.anchors[index].weights
    }

    /// Resets the importance of weights that were reset.
    pub(crate) fn forget(&mut self, reset: &WeightsReset) {
        let Some(anchor) = self.anchors.get_mut(reset.network) else {
            return;
        };
        for &place in &reset.parameters {
            // Empty for networks that are not held.
            if let Some(importance) = anchor.importance.get_mut(place) {
                *importance = 0.0;
            }
        }
    }

    /// Anchors the first `shared` weights of network `index` where they are, and adds the importances measured for the task that ends.
    pub(crate) fn set(
        &mut self,
        index: usize,
        network: &TrainedNetwork,
        shared: usize,
        mut measured: Vec<f32>,
        blending: Blending,
    ) {
        measured.truncate(shared);
        normalise(&mut measured, blending.ceiling);
        let anchor = self.anchor_mut(index);
        if anchor.importance.is_empty() {
            anchor.importance = measured;
        } else {
            for (importance, measured) in anchor.importance.iter_mut().zip(measured) {
                *importance = blending.decay * *importance + measured;
            }
        }
        anchor.weights.clear();
        anchor.weights.extend_from_slice(&network.parameters()[..shared]);
    }

    /// Anchors the first `shared` weights of network `index` where they are, with equal importances.
    pub(crate) fn set_evenly(&mut self, index: usize, network: &TrainedNetwork, shared: usize) {
        let anchor = self.anchor_mut(index);
        anchor.weights.clear();
        anchor.weights.extend_from_slice(&network.parameters()[..shared]);
    }

    fn anchor_mut(&mut self, index: usize) -> &mut Anchor {
        if self.anchors.len() <= index {
            self.anchors.resize_with(index + 1, Anchor::default);
        }
        &mut self.anchors[index]
    }

    /// Adds the gradient of the penalty to the networks, and the penalty to the losses under `name`.
    pub(crate) fn pull(&self, name: &'static str, learner: &mut LearnerView<'_>, losses: &mut Losses) {
        if self.strength == 0.0 {
            return;
        }
        for (network, anchor) in learner.algorithm.networks_mut().iter_mut().zip(&self.anchors) {
            if anchor.weights.is_empty() {
                continue;
            }
            // Sixteen partial sums, so that it vectorises.
            let mut sums = [0.0f32; 16];
            let (parameters, gradient) = network.parameters_and_gradient_mut();
            let mut pull = |place: usize, parameter: f32, anchor: f32, importance: f32, gradient: &mut f32| {
                let distance = parameter - anchor;
                *gradient += self.strength * importance * distance;
                sums[place % 16] += importance * distance * distance;
            };
            let places = parameters.iter().zip(&anchor.weights).zip(gradient).enumerate();
            if anchor.importance.is_empty() {
                places.for_each(|(place, ((&parameter, &anchor), gradient))| pull(place, parameter, anchor, 1.0, gradient));
            } else {
                places
                    .zip(&anchor.importance)
                    .for_each(|((place, ((&parameter, &anchor), gradient)), &importance)| {
                        pull(place, parameter, anchor, importance, gradient);
                    });
            }
            losses.add(name, 0.5 * self.strength * sums.iter().sum::<f32>());
        }
    }

    pub(crate) fn bytes(&self) -> u64 {
        let numbers = self
            .anchors
            .iter()
            .map(|anchor| anchor.weights.len() + anchor.importance.len());
        (size_of::<f32>() * numbers.sum::<usize>()) as u64
    }

    pub(crate) fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        state.set(format!("{prefix}.networks"), &self.anchors.len())?;
        for (index, anchor) in self.anchors.iter().enumerate() {
            state.put(format!("{prefix}.{index}.anchor"), &anchor.weights);
            state.put(format!("{prefix}.{index}.importance"), &anchor.importance);
        }
        Ok(())
    }

    pub(crate) fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        let networks: usize = state.get(&format!("{prefix}.networks"))?;
        let anchor = |index: usize| {
            Ok(Anchor {
                weights: state.array(&format!("{prefix}.{index}.anchor"))?,
                importance: state.array(&format!("{prefix}.{index}.importance"))?,
            })
        };
        self.anchors = (0..networks).map(anchor).collect::<Result<_, StateError>>()?;
        Ok(())
    }
}

/// Divides by the mean, and clips at `ceiling`; numbers that are all zero stay so.
fn normalise(numbers: &mut [f32], ceiling: f32) {
    let total: f64 = numbers.iter().copied().map(f64::from).sum();
    let mean = total / numbers.len().max(1) as f64;
    if mean > 0.0 {
        let scale = (1.0 / mean) as f32;
        numbers.iter_mut().for_each(|number| *number = (*number * scale).min(ceiling));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn importances_have_mean_one_and_a_ceiling() {
        let mut numbers = vec![0.0, 1.0, 2.0, 5.0];
        normalise(&mut numbers, 2.0);
        assert_eq!(numbers, [0.0, 0.5, 1.0, 2.0]);
        let mut nothing = vec![0.0; 3];
        normalise(&mut nothing, 2.0);
        assert_eq!(nothing, [0.0; 3]);
    }
}
