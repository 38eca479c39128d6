//! Shrink and perturb: shrinks all weights a little and adds a little noise, which keeps them easy to change.
//!
//! Ash and Adams 2020, "On warm-starting neural network training", section 4:
//! `theta <- (1 - shrink) theta + perturb theta_fresh`, with `theta_fresh` drawn like initial weights. They apply it when new
//! data arrive: here `boundary_shrink` and `boundary_perturb`, off by default. Dohare et al. 2024, "Loss of plasticity in deep
//! continual learning", apply it in every update with small values: `shrink` and `perturb`, every `every_updates`. That needs no
//! boundary.
//!
//! Deviations. Ash and Adams draw noise of one size for all weights; here it has the scale of a new network in each layer, as in
//! their published code. The optimiser's moments stay, because a shrunk unit is still the same unit. In the continuous variant
//! target networks follow by averaging, as in any update. At a boundary they are shrunk and perturbed too, with the same noise,
//! because they would otherwise pull the network back to its old weights.
//!
//! Cost: no pass; a draw of all weights every `every_updates`; nothing is stored.
//!
//! Always holds: with all strengths 0 all weights are those of fine-tuning, bit for bit.

use crate::learner::error::StateError;
use crate::learner::memory::Batch;
use crate::learner::methods::{Axis, Curriculum, Keeps, LearnerView, Method, MethodFamily, MethodSpec, Needs, Tuning};
use crate::learner::settings::is_a_number;
use crate::learner::state::StateDict;
use crate::random::{Stream, stream};
use garde::Validate;
use serde::{Deserialize, Serialize};

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "shrink_perturb",
    summary: "repeatedly shrinks all weights a little and adds a little noise",
    family: MethodFamily::Plasticity,
    paper: "Ash and Adams 2020, On warm-starting neural network training; continuous as in Dohare et al. 2024",
    equation: "theta <- (1 - shrink) theta + perturb theta_fresh",
    cost: "no further pass; a draw of all weights now and then",
    needs: Needs::HELPED_BY_BOUNDARIES,
    curriculum: Curriculum::Any,
    losses: &[],
    tuning: Some(Tuning(&[Axis {
        path: "learner.shrink_perturb.shrink",
        first: "1e-4",
        values: &["0.0", "1e-7", "1e-6", "1e-5", "3e-5", "1e-4", "3e-4", "1e-3", "3e-3", "1e-2"],
    }])),
    remove_strength: |settings| {
        settings.shrink_perturb.shrink = 0.0;
        settings.shrink_perturb.perturb = 0.0;
    },
    act_soon: |settings| settings.shrink_perturb.every_updates = 1,
    memory: |_, scale| scale.weights(1),
    keeps: Keeps::Weights,
    heads: false,
    build: |settings, spec| {
        Box::new(ShrinkPerturb {
            settings: settings.shrink_perturb.clone(),
            rng: stream(spec.seed, "learner.shrink_perturb", 0),
        })
    },
};

/// Settings of shrink and perturb (Ash and Adams 2020). With both strengths 0 it equals `finetune`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct ShrinkPerturbSettings {
    /// Updates from one application to the next: 1 is the continuous variant of Dohare et al. 2024; larger values cost less.
    #[garde(range(min = 1, max = 1_000_000_000))]
    pub every_updates: u64,
    /// Fraction of every weight that is removed each time (Ash and Adams: `1 - lambda`).
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub shrink: f32,
    /// Factor on the newly drawn network that is added each time (Ash and Adams: the noise's size, 0.01 of the weights').
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub perturb: f32,
    /// Additional `shrink` at the declared start of a task: the variant of Ash and Adams, who use 0.6.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub boundary_shrink: f32,
    /// Additional `perturb` at the declared start of a task.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub boundary_perturb: f32,
}

impl Default for ShrinkPerturbSettings {
    fn default() -> Self {
        Self {
            every_updates: 10,
            shrink: 1e-4,
            perturb: 1e-3,
            boundary_shrink: 0.0,
            boundary_perturb: 0.0,
        }
    }
}

struct ShrinkPerturb {
    settings: ShrinkPerturbSettings,
    rng: Stream,
}

/// Computes `(1 - shrink) weights + perturb fresh`, in place.
fn apply(weights: &mut [f32], fresh: &[f32], shrink: f32, perturb: f32) {
    for (weight, fresh) in weights.iter_mut().zip(fresh) {
        *weight = (1.0 - shrink) * *weight + perturb * fresh;
    }
}

impl Method for ShrinkPerturb {
    fn task_started(&mut self, learner: &mut LearnerView<'_>) {
        let (shrink, perturb) = (self.settings.boundary_shrink, self.settings.boundary_perturb);
        // Before the first task, nothing can have become hard to change.
        if learner.task == 0 || (shrink == 0.0 && perturb == 0.0) {
            return;
        }
        for network in 0..learner.algorithm.networks().len() {
            let fresh = learner.algorithm.networks()[network]
                .shape()
                .initial_parameters(&mut self.rng);
            learner
                .algorithm
                .change_weights(network, &mut |weights| apply(weights, &fresh, shrink, perturb));
        }
    }

    fn adjust_weights(&mut self, _batch: &Batch, learner: &mut LearnerView<'_>) {
        let (shrink, perturb) = (self.settings.shrink, self.settings.perturb);
        let is_due = (learner.updates + 1).is_multiple_of(self.settings.every_updates);
        if !is_due || (shrink == 0.0 && perturb == 0.0) {
            return;
        }
        for network in learner.algorithm.networks_mut() {
            let fresh = network.shape().initial_parameters(&mut self.rng);
            apply(network.parameters_mut(), &fresh, shrink, perturb);
        }
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
    use crate::learner::testing::Bench;

    fn method(settings: ShrinkPerturbSettings) -> ShrinkPerturb {
        ShrinkPerturb {
            settings,
            rng: stream(1, "test", 0),
        }
    }

    #[test]
    fn weights_shrink_when_they_are_due_and_only_then() {
        let mut bench = Bench::new(&LearnerSettings::default());
        let mut method = method(ShrinkPerturbSettings {
            every_updates: 3,
            shrink: 0.5,
            perturb: 0.0,
            ..Default::default()
        });
        let before = bench.dqn.networks()[0].parameters().to_vec();
        for (updates, halved) in [(0, false), (1, false), (2, true), (3, false)] {
            bench.updates = updates;
            bench.dqn.networks_mut()[0].parameters_mut().copy_from_slice(&before);
            bench.with_view(|view| method.adjust_weights(&Batch::default(), view));
            let factor = if halved { 0.5 } else { 1.0 };
            let after = bench.dqn.networks()[0].parameters();
            assert!(
                before.iter().zip(after).all(|(before, after)| factor * before == *after),
                "{updates}"
            );
        }
    }

    #[test]
    fn noise_has_the_size_of_a_fresh_network_in_each_layer() {
        let mut bench = Bench::new(&LearnerSettings::default());
        let mut method = method(ShrinkPerturbSettings {
            every_updates: 1,
            shrink: 1.0,
            perturb: 0.1,
            ..Default::default()
        });
        bench.with_view(|view| method.adjust_weights(&Batch::default(), view));
        for layer in bench.dqn.networks()[0].shape().layers() {
            let bound = 0.1 / (layer.inputs as f32).sqrt();
            let weights = &bench.dqn.networks()[0].parameters()[layer.range];
            let largest = weights.iter().fold(0.0f32, |largest, weight| largest.max(weight.abs()));
            assert!(largest <= bound && largest > 0.95 * bound, "{largest} {bound}");
        }
    }

    #[test]
    fn at_a_boundary_the_target_network_is_treated_as_its_network() {
        let mut bench = Bench::new(&LearnerSettings::default());
        let mut method = method(ShrinkPerturbSettings {
            boundary_shrink: 0.6,
            boundary_perturb: 0.01,
            ..Default::default()
        });
        let before = bench.dqn.networks()[0].parameters().to_vec();
        bench.with_view(|view| method.task_started(view));
        assert_eq!(bench.dqn.networks()[0].parameters(), before, "the first task");
        bench.task = 1;
        bench.with_view(|view| method.task_started(view));
        assert_ne!(bench.dqn.networks()[0].parameters(), before);
        assert_eq!(bench.dqn.networks()[0].parameters(), bench.dqn.target_parameters());
    }
}
