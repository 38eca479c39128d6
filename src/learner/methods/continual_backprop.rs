//! Continual backpropagation: continually resets a few of the least useful units.
//!
//! Dohare et al. 2024, "Loss of plasticity in deep continual learning", Nature 632, algorithm 1. For unit `i` of a hidden layer
//! `u_i <- eta u_i + (1 - eta) |h_i| sum_k |w_ik|`, with `w_ik` its outgoing weights: its contribution utility. In every update
//! the number of units to reset in each layer grows by `replacement_rate` times the number of its mature units; whenever it
//! reaches a whole unit, the mature unit with the lowest utility is reset, with new incoming weights, outgoing weights of zero,
//! utility 0 and age 0. A unit is mature once it is older than `maturity_updates`.
//!
//! Deviations. `|h_i|` is its mean over the update's batch, where the paper sees one example at a time. The optimiser's state of
//! the unit's weights is reset, as in the paper, but its count of steps is shared by all weights, so a reset weight's first steps
//! are up to three times larger than usual. The target network's unit is reset with it: see [`units`](super::units). All networks
//! of an algorithm are treated, including critics.
//!
//! Cost: no further pass; two numbers per unit.
//!
//! Always holds: with `replacement_rate = 0` all weights are those of fine-tuning, bit for bit.

use crate::learner::settings::is_a_number;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::learner::algorithms::TrainedNetwork;
use crate::learner::error::StateError;
use crate::learner::losses::Losses;
use crate::learner::memory::Batch;
use crate::learner::methods::units::{mean_activations, outgoing, reset_units};
use crate::learner::methods::{
    Axis, Curriculum, Keeps, LearnerView, Method, MethodFamily, MethodSpec, Needs, Tuning, WeightsReset,
};
use crate::learner::state::StateDict;
use crate::random::{Stream, stream};

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "continual_backprop",
    summary: "continually resets a few of the least useful units",
    family: MethodFamily::Plasticity,
    paper: "Dohare et al. 2024, Loss of plasticity in deep continual learning",
    equation: "u_i <- eta u_i + (1 - eta) |h_i| sum_k |w_ik|; of the mature units, the lowest are reinitialised at a rate",
    cost: "no further pass; utility and age of each unit",
    needs: Needs::NOTHING,
    curriculum: Curriculum::Any,
    losses: &[],
    tuning: Some(Tuning(&[Axis {
        path: "learner.continual_backprop.replacement_rate",
        first: "1e-5",
        values: &["0.0", "1e-7", "1e-6", "3e-6", "1e-5", "3e-5", "1e-4", "3e-4", "1e-3", "3e-3"],
    }])),
    remove_strength: |settings| settings.continual_backprop.replacement_rate = 0.0,
    act_soon: |settings| {
        settings.continual_backprop.replacement_rate = 0.1;
        settings.continual_backprop.maturity_updates = 3;
    },
    memory: |_, scale| scale.weights(1),
    keeps: Keeps::Weights,
    heads: false,
    build: |settings, spec| {
        let rng = stream(spec.seed, "learner.continual_backprop", 0);
        Box::new(ContinualBackprop::new(settings.continual_backprop.clone(), rng))
    },
};

/// Settings of continual backpropagation (Dohare et al. 2024).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct ContinualBackpropSettings {
    /// Fraction of each layer's mature units that are reset in each update (Dohare et al.: `rho`, 1e-4 in their reinforcement
    /// learning); 0 equals `finetune`.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub replacement_rate: f32,
    /// Minimum age, in updates, at which a unit may be reset (Dohare et al.: `m`, 100 to 10,000).
    #[garde(range(min = 0, max = 1_000_000_000))]
    pub maturity_updates: u64,
    /// Decay of the mean utility of a unit, per update (Dohare et al.: `eta`, 0.99).
    #[garde(range(min = 0.0, max = 0.999_999), custom(is_a_number))]
    pub utility_decay: f32,
}

impl Default for ContinualBackpropSettings {
    fn default() -> Self {
        Self {
            // Found by tuning: docs/tuning.toml.
            replacement_rate: 1e-5,
            maturity_updates: 1_000,
            utility_decay: 0.99,
        }
    }
}

/// State of the units of one hidden layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Units {
    network: usize,
    layer: usize,
    /// Number of units due for a reset, with a fractional part.
    owed: f64,
    #[serde(skip)]
    utilities: Vec<f32>,
    /// Updates since each unit was reset.
    #[serde(skip)]
    ages: Vec<u64>,
}

impl Units {
    fn new(network: usize, layer: usize, units: usize) -> Self {
        Self {
            network,
            layer,
            owed: 0.0,
            utilities: vec![0.0; units],
            ages: vec![0; units],
        }
    }

    /// Updates each unit's utility, and increases all ages.
    fn watch(&mut self, network: &TrainedNetwork, decay: f32) {
        if network.pass().rows() == 0 {
            return;
        }
        let next = &network.shape().layers()[self.layer + 1];
        let activations = mean_activations(network.pass(), network.shape(), self.layer);
        for (unit, (utility, activation)) in self.utilities.iter_mut().zip(activations).enumerate() {
            let weights: f32 = network.parameters()[outgoing(next, unit)]
                .iter()
                .map(|weight| weight.abs())
                .sum();
            *utility = decay * *utility + (1.0 - decay) * activation * weights;
        }
        self.ages.iter_mut().for_each(|age| *age += 1);
    }

    /// Chooses the units to reset in this update, and sets their age and utility to zero.
    fn choose(&mut self, rate: f32, maturity: u64) -> Vec<usize> {
        let mut mature: Vec<usize> = (0..self.ages.len()).filter(|&unit| self.ages[unit] > maturity).collect();
        self.owed += f64::from(rate) * mature.len() as f64;
        let count = (self.owed as usize).min(mature.len());
        self.owed -= count as f64;
        mature.sort_by(|&a, &b| self.utilities[a].total_cmp(&self.utilities[b]));
        mature.truncate(count);
        for &unit in &mature {
            self.utilities[unit] = 0.0;
            self.ages[unit] = 0;
        }
        mature
    }
}

struct ContinualBackprop {
    settings: ContinualBackpropSettings,
    rng: Stream,
    /// Each hidden layer of each network; empty before the first update.
    layers: Vec<Units>,
    resets: Vec<WeightsReset>,
}

impl ContinualBackprop {
    fn new(settings: ContinualBackpropSettings, rng: Stream) -> Self {
        Self {
            settings,
            rng,
            layers: Vec::new(),
            resets: Vec::new(),
        }
    }
}

impl Method for ContinualBackprop {
    fn adjust_gradients(&mut self, _batch: &Batch, learner: &mut LearnerView<'_>, _losses: &mut Losses) {
        if self.settings.replacement_rate == 0.0 {
            return;
        }
        let networks = learner.algorithm.networks();
        if self.layers.is_empty() {
            for (number, network) in networks.iter().enumerate() {
                let units = network.shape().hidden.iter().enumerate();
                self.layers
                    .extend(units.map(|(layer, &units)| Units::new(number, layer, units)));
            }
        }
        // Here and not after the step, because the passes belong to the weights before it.
        for units in &mut self.layers {
            units.watch(&networks[units.network], self.settings.utility_decay);
        }
    }

    fn adjust_weights(&mut self, _batch: &Batch, learner: &mut LearnerView<'_>) {
        for layer in &mut self.layers {
            let units = layer.choose(self.settings.replacement_rate, self.settings.maturity_updates);
            if !units.is_empty() {
                self.resets
                    .push(reset_units(learner, layer.network, layer.layer, &units, &mut self.rng));
            }
        }
    }

    fn take_resets(&mut self, resets: &mut Vec<WeightsReset>) {
        resets.append(&mut self.resets);
    }

    fn state_bytes(&self) -> u64 {
        let of_a_layer = |units: &Units| size_of_val(&*units.utilities) + size_of_val(&*units.ages);
        self.layers.iter().map(|units| of_a_layer(units) as u64).sum()
    }

    fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        state.set(format!("{prefix}.rng"), &self.rng)?;
        state.set(format!("{prefix}.layers"), &self.layers)?;
        for (index, units) in self.layers.iter().enumerate() {
            state.put(format!("{prefix}.{index}.utilities"), &units.utilities);
            state.put(format!("{prefix}.{index}.ages"), &units.ages);
        }
        Ok(())
    }

    fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        self.rng = state.get(&format!("{prefix}.rng"))?;
        self.layers = state.get(&format!("{prefix}.layers"))?;
        for (index, units) in self.layers.iter_mut().enumerate() {
            units.utilities = state.array(&format!("{prefix}.{index}.utilities"))?;
            units.ages = state.array_of_len(&format!("{prefix}.{index}.ages"), units.utilities.len())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learner::LearnerSettings;
    use crate::learner::algorithms::Algorithm;
    use crate::learner::testing::Bench;

    #[test]
    fn utility_is_as_worked_by_hand() {
        let mut bench = Bench::new(&LearnerSettings {
            hidden: vec![2],
            layer_norm: false,
            ..Default::default()
        });
        let layers = bench.dqn.networks()[0].shape().layers();
        let parameters = bench.dqn.networks_mut()[0].parameters_mut();
        parameters.fill(0.0);
        // For any input, the output of unit 0 is 3 and that of unit 1 is 0.
        parameters[layers[0].range.end - 2] = 3.0;
        parameters[layers[0].range.end - 1] = -1.0;
        parameters[outgoing(&layers[1], 0)].copy_from_slice(&[1.0, -2.0, 0.0, 0.5, -0.5]);
        parameters[outgoing(&layers[1], 1)].fill(7.0);
        let mut inputs = crate::learner::Inputs::new(3);
        (0..4).for_each(|row| inputs.push(&crate::learner::testing::decoder(3), &[row, 9, 200]));
        bench.dqn.networks_mut()[0].forward(&inputs);
        let mut units = Units::new(0, 0, 2);
        units.watch(&bench.dqn.networks()[0], 0.9);
        assert!((units.utilities[0] - 0.1 * 3.0 * 4.0).abs() < 1e-6);
        assert_eq!((units.utilities[1], &*units.ages), (0.0, &[1, 1][..]));
        units.watch(&bench.dqn.networks()[0], 0.9);
        assert!((units.utilities[0] - 0.19 * 12.0).abs() < 1e-5);
    }

    #[test]
    fn the_least_useful_mature_unit_is_chosen_at_the_rate() {
        let mut units = Units::new(0, 0, 4);
        units.utilities = vec![3.0, 0.5, 2.0, 0.0];
        units.ages = vec![11, 11, 11, 10];
        // Three of four are older than 10, so each update adds 0.3; unit 3 is the least useful, but too young.
        let chosen: Vec<Vec<usize>> = (0..4).map(|_| units.choose(0.1, 10)).collect();
        assert_eq!(chosen, [vec![], vec![], vec![], vec![1]]);
        assert!((units.owed - 0.2).abs() < 1e-6);
        assert_eq!((units.utilities[1], units.ages[1]), (0.0, 0));
        units.owed = 0.0;
        assert_eq!(units.choose(1.0, 10), [2, 0], "all that are mature, and no more");
    }

    #[test]
    fn nothing_is_replaced_before_it_is_mature() {
        let mut bench = Bench::new(&LearnerSettings {
            hidden: vec![6, 5],
            ..Default::default()
        });
        let settings = ContinualBackpropSettings {
            replacement_rate: 1.0,
            maturity_updates: 5,
            ..Default::default()
        };
        let mut method = ContinualBackprop::new(settings, stream(1, "test", 0));
        for update in 1..=12 {
            bench.update(&mut method);
            let mut resets = Vec::new();
            method.take_resets(&mut resets);
            // At the 6th update all are older than 5 and are reset, and again at the 12th.
            assert_eq!(resets.len(), if update % 6 == 0 { 2 } else { 0 }, "{update}");
        }
        // 11 units with a utility and an age each.
        assert_eq!(method.state_bytes(), 11 * (4 + 8));
    }
}
