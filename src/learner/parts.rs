//! A range of the parameters of every network, put aside: with its target, and its optimiser's moments.

use std::ops::Range;

use crate::learner::algorithms::Algorithm;
use crate::learner::error::StateError;
use crate::learner::state::StateDict;

/// Part of one network.
#[derive(Clone, Debug, Default, PartialEq)]
struct Part {
    parameters: Vec<f32>,
    /// That of its target network; not used if it has none.
    target: Vec<f32>,
    mean: Vec<f32>,
    mean_square: Vec<f32>,
}

impl Part {
    fn arrays(&self) -> [(&'static str, &Vec<f32>); 4] {
        [
            ("parameters", &self.parameters),
            ("target", &self.target),
            ("mean", &self.mean),
            ("mean_square", &self.mean_square),
        ]
    }
}

/// The same range of the parameters of all networks of an algorithm.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Parts(Vec<Part>);

impl Parts {
    /// Creates parts with these parameters, network by network; targets are the same, and there are no moments yet.
    pub(crate) fn new(parameters: impl Iterator<Item = Vec<f32>>) -> Self {
        let part = |parameters: Vec<f32>| Part {
            target: parameters.clone(),
            mean: vec![0.0; parameters.len()],
            mean_square: vec![0.0; parameters.len()],
            parameters,
        };
        Self(parameters.map(part).collect())
    }

    /// Creates copies of what the networks have.
    pub(crate) fn copies(algorithm: &mut dyn Algorithm, range: &Range<usize>) -> Self {
        let networks = algorithm.networks().iter();
        let mut copies = Self::new(networks.map(|network| network.parameters()[range.clone()].to_vec()));
        for (index, part) in copies.0.iter_mut().enumerate() {
            // Called for the network, then for its target if there is one.
            algorithm.change_weights(index, &mut |weights| part.target.copy_from_slice(&weights[range.clone()]));
            let optimiser = &algorithm.networks()[index].optimiser;
            part.mean.copy_from_slice(&optimiser.mean[range.clone()]);
            part.mean_square.copy_from_slice(&optimiser.mean_square[range.clone()]);
        }
        copies
    }

    /// Exchanges them with what the networks have.
    pub(crate) fn exchange(&mut self, algorithm: &mut dyn Algorithm, range: &Range<usize>) {
        for (index, part) in self.0.iter_mut().enumerate() {
            // Called for the network, then for its target if there is one.
            let mut is_target = false;
            algorithm.change_weights(index, &mut |weights| {
                let other = if is_target { &mut part.target } else { &mut part.parameters };
                weights[range.clone()].swap_with_slice(other);
                is_target = true;
            });
            let optimiser = &mut algorithm.networks_mut()[index].optimiser;
            optimiser.mean[range.clone()].swap_with_slice(&mut part.mean);
            optimiser.mean_square[range.clone()].swap_with_slice(&mut part.mean_square);
        }
    }

    /// Number of networks.
    pub(crate) fn networks(&self) -> usize {
        self.0.len()
    }

    /// Parameters of the policy, the first network.
    pub(crate) fn policy(&self) -> &[f32] {
        self.0.first().map_or(&[], |part| &part.parameters)
    }

    pub(crate) fn bytes(&self) -> u64 {
        let arrays = self.0.iter().flat_map(Part::arrays);
        arrays.map(|(_, array)| size_of_val(&**array) as u64).sum()
    }

    pub(crate) fn save(&self, state: &mut StateDict, prefix: &str) {
        for (index, part) in self.0.iter().enumerate() {
            for (name, array) in part.arrays() {
                state.put(format!("{prefix}.{index}.{name}"), array);
            }
        }
    }

    /// Loads parts of `networks` networks with `numbers` parameters each.
    pub(crate) fn load(state: &StateDict, prefix: &str, networks: usize, numbers: usize) -> Result<Self, StateError> {
        let part = |index: usize| {
            let array = |name: &str| state.array_of_len(&format!("{prefix}.{index}.{name}"), numbers);
            Ok(Part {
                parameters: array("parameters")?,
                target: array("target")?,
                mean: array("mean")?,
                mean_square: array("mean_square")?,
            })
        };
        Ok(Self((0..networks).map(part).collect::<Result<_, StateError>>()?))
    }
}
