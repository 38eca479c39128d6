//! ReDo: resets dormant units.
//!
//! Sokar, Agarwal, Castro and Evci 2023, "The dormant neuron phenomenon in deep reinforcement learning", eq. 1 and algorithm 1.
//! Every `every_updates` the score of unit `i` of a hidden layer is computed over the batch,
//! `s_i = E|h_i| / mean over the layer's units k of E|h_k|`, and a unit with `s_i <= threshold` is dormant: it gets new incoming
//! weights, and outgoing weights of zero, so that no knowledge is lost.
//!
//! Deviations. The optimiser's state of these weights is reset, as in the authors' code, but its count of steps is shared by all
//! weights, so a reset weight's first steps are up to three times larger than usual. Biases are drawn as those of a new network,
//! not set to zero. The target network's unit is reset with it: see [`units`](super::units).
//!
//! Cost: no further pass, because the update's own batch is used; nothing is stored.
//!
//! Always holds: with `every_updates = 0` all weights are those of fine-tuning, bit for bit.

use crate::learner::error::StateError;
use crate::learner::losses::Losses;
use crate::learner::memory::Batch;
use crate::learner::methods::units::{mean_activations, reset_units};
use crate::learner::methods::{
    Axis, Curriculum, Keeps, LearnerView, Method, MethodFamily, MethodSpec, Needs, Tuning, WeightsReset,
};
use crate::learner::settings::is_a_number;
use crate::learner::state::StateDict;
use crate::random::{Stream, stream};
use garde::Validate;
use serde::{Deserialize, Serialize};

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "redo",
    summary: "resets dormant units at regular intervals",
    family: MethodFamily::Plasticity,
    paper: "Sokar et al. 2023, The dormant neuron phenomenon in deep reinforcement learning",
    equation: "s_i = E|h_i| / mean_k E|h_k|; a unit with s_i <= threshold is reinitialised",
    cost: "no further pass; nothing is stored",
    needs: Needs::NOTHING,
    curriculum: Curriculum::Any,
    losses: &[],
    tuning: Some(Tuning(&[Axis {
        path: "learner.redo.threshold",
        first: "0.025",
        values: &["0.0", "0.001", "0.003", "0.01", "0.025", "0.05", "0.1", "0.2", "0.3", "0.5"],
    }])),
    remove_strength: |settings| settings.redo.every_updates = 0,
    act_soon: |settings| {
        settings.redo.every_updates = 5;
        settings.redo.threshold = 0.3;
    },
    memory: |_, scale| scale.weights(1),
    keeps: Keeps::Weights,
    heads: false,
    build: |settings, spec| Box::new(Redo::new(settings.redo.clone(), stream(spec.seed, "learner.redo", 0))),
};

/// Settings of the recycling of dormant units (Sokar et al. 2023).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct RedoSettings {
    /// Updates between checks for dormant units (Sokar et al.: 1,000); 0 equals `finetune`.
    #[garde(range(min = 0, max = 1_000_000_000))]
    pub every_updates: u64,
    /// Maximum mean activation of a dormant unit, as a fraction of its layer's mean (Sokar et al.: `tau`, 0.025).
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub threshold: f32,
}

impl Default for RedoSettings {
    fn default() -> Self {
        Self {
            every_updates: 1_000,
            threshold: 0.025,
        }
    }
}

struct Redo {
    settings: RedoSettings,
    rng: Stream,
    /// Dormant units found in the current update: network, layer and units.
    dormant: Vec<(usize, usize, Vec<usize>)>,
    resets: Vec<WeightsReset>,
}

impl Redo {
    fn new(settings: RedoSettings, rng: Stream) -> Self {
        Self {
            settings,
            rng,
            dormant: Vec::new(),
            resets: Vec::new(),
        }
    }
}

/// Returns the units whose mean activation is at most `threshold` of their layer's mean; all units of a layer without any
/// activation.
fn dormant_units(activations: &[f32], threshold: f32) -> Vec<usize> {
    let mean = activations.iter().sum::<f32>() / activations.len() as f32;
    (0..activations.len())
        .filter(|&unit| activations[unit] <= threshold * mean)
        .collect()
}

impl Method for Redo {
    fn adjust_gradients(&mut self, _batch: &Batch, learner: &mut LearnerView<'_>, losses: &mut Losses) {
        let every = self.settings.every_updates;
        self.dormant.clear();
        if every == 0 || !(learner.updates + 1).is_multiple_of(every) {
            return;
        }
        for (number, network) in learner.algorithm.networks().iter().enumerate() {
            if network.pass().rows() == 0 {
                continue;
            }
            for layer in 0..network.shape().hidden.len() {
                let activations = mean_activations(network.pass(), network.shape(), layer);
                let units = dormant_units(&activations, self.settings.threshold);
                losses.measure("units_reset", units.len() as f32);
                if !units.is_empty() {
                    self.dormant.push((number, layer, units));
                }
            }
        }
    }

    fn adjust_weights(&mut self, _batch: &Batch, learner: &mut LearnerView<'_>) {
        for (network, layer, units) in self.dormant.drain(..) {
            self.resets.push(reset_units(learner, network, layer, &units, &mut self.rng));
        }
    }

    fn take_resets(&mut self, resets: &mut Vec<WeightsReset>) {
        resets.append(&mut self.resets);
    }

    fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        state.set(format!("{prefix}.rng"), &self.rng)
    }

    fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        self.rng = state.get(&format!("{prefix}.rng"))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learner::LearnerSettings;
    use crate::learner::algorithms::Algorithm;
    use crate::learner::methods::units::{incoming, outgoing};
    use crate::learner::testing::Bench;

    /// The mean is 2.05; a fraction of 0.025 is 0.05125.
    #[test]
    fn dormant_units_are_those_worked_by_hand() {
        assert_eq!(dormant_units(&[4.0, 0.051, 0.0, 4.149], 0.025), [1, 2]);
        assert_eq!(dormant_units(&[4.0, 0.053, 0.0, 4.147], 0.025), [2]);
        assert_eq!(dormant_units(&[4.0, 0.053, 0.0, 4.147], 0.0), [2]);
        assert_eq!(dormant_units(&[1.0, 2.0], 0.025), [0; 0]);
        assert_eq!(dormant_units(&[0.0, 0.0], 0.025), [0, 1], "a layer that is silent altogether");
    }

    #[test]
    fn a_dead_unit_is_found_begins_anew_and_changes_no_output() {
        let mut bench = Bench::new(&LearnerSettings {
            hidden: vec![7],
            layer_norm: false,
            ..Default::default()
        });
        let layers = bench.dqn.networks()[0].shape().layers();
        let places: Vec<usize> = incoming(&layers[0], 4).collect();
        // Weights and bias so negative that no observation activates the unit.
        bench.dqn.networks_mut()[0].parameters_mut()[places[3]] = -100.0;
        let mut redo = Redo::new(
            RedoSettings {
                every_updates: 2,
                threshold: 0.0,
            },
            stream(1, "test", 0),
        );
        bench.update(&mut redo);
        assert_eq!(bench.dqn.networks()[0].parameters()[places[3]], -100.0, "not due yet");

        let mut inputs = crate::learner::Inputs::new(3);
        (0..9).for_each(|row| inputs.push(&crate::learner::testing::decoder(3), &[row * 28, 255 - row * 20, 90]));
        let before = bench.dqn.networks_mut()[0].forward(&inputs).to_vec();
        let mut losses = Losses::default();
        bench.with_view(|view| {
            redo.adjust_gradients(&Batch::default(), view, &mut losses);
            redo.adjust_weights(&Batch::default(), view);
        });
        assert_eq!(bench.dqn.networks_mut()[0].forward(&inputs), before);
        let weights = bench.dqn.networks()[0].parameters();
        assert!(places.iter().all(|&place| weights[place].abs() <= 1.0 / 3f32.sqrt()));
        assert!(weights[outgoing(&layers[1], 4)].iter().all(|&weight| weight == 0.0));
        let mut resets = Vec::new();
        redo.take_resets(&mut resets);
        assert!(
            resets
                .iter()
                .any(|reset| places.iter().all(|place| reset.parameters.contains(place)))
        );
        assert!(losses.measures().any(|(name, count)| name == "units_reset" && count >= 1.0));
        assert_eq!(losses.total(), 0.0);
    }
}
