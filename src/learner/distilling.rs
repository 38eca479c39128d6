//! Distillation of given outputs into a policy, without any environment: the loss is the mean squared difference of the policy's outputs from the given
//! ones, where an offset that all outputs of a view share counts a tenth (Hinton, Vinyals and Dean 2015, "Distilling the knowledge in a neural network", with outputs in place of probabilities; Rusu et al. 2016, "Policy
//! distillation").
//!
//! Always holds: the same arguments give the same weights, bit for bit on one machine; with no steps the policy is unchanged.

use crate::learner::inputs::Inputs;
use crate::learner::memory::below;
use crate::learner::network::{Network, Pass};
use crate::learner::optimiser::Adam;
use crate::learner::policy::PolicySnapshot;
use crate::learner::settings::AdamSettings;
use crate::mdp::{ObservationDecoder, ObservationSpec};
use crate::random::stream;

/// Part of a common offset of a view's outputs that costs nothing: which action is best does not depend on it.
const OFFSET_IGNORED: f32 = 0.9;

/// Views with the outputs that a policy is to have for them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ViewTargets {
    /// `[views, observation_len]` bytes.
    pub views: Vec<u8>,
    /// `[views, actions]`.
    pub targets: Vec<f32>,
    /// Rows of each batch that are drawn from these views.
    pub rows: usize,
}

/// Settings of a distillation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Distilling {
    /// Updates.
    pub steps: u64,
    /// Adam's step size at first; it decreases linearly to a hundredth.
    pub learning_rate: f32,
    /// Seed of the batches.
    pub seed: u64,
}

/// Returns the outputs of a policy's network for views: `[views, actions]`.
pub fn outputs(policy: &PolicySnapshot, observation: &ObservationSpec, views: &[u8]) -> Vec<f32> {
    let decoder = observation.decoder();
    let mut network = Network::new(&policy.shape, &policy.parameters);
    let (mut inputs, mut pass) = (Inputs::new(observation.len()), Pass::default());
    let mut outputs = Vec::new();
    // In parts, so that the pass of many views fits into the caches.
    for part in views.chunks(256 * observation.len()) {
        fill(&mut inputs, &decoder, part);
        network.evaluate(&inputs, &mut pass);
        outputs.extend_from_slice(pass.outputs());
    }
    outputs
}

/// Returns the policy that learned to have these outputs, and the multiply-adds that it took.
pub fn distil(
    policy: &PolicySnapshot,
    observation: &ObservationSpec,
    lessons: &[ViewTargets],
    distilling: Distilling,
) -> (PolicySnapshot, u64) {
    let (width, actions) = (observation.len(), policy.shape.outputs);
    let decoder = observation.decoder();
    let mut learned = policy.clone();
    let mut network = Network::new(&policy.shape, &policy.parameters);
    let mut adam = Adam::new(&AdamSettings::default(), policy.parameters.len());
    let mut gradient = vec![0.0; policy.parameters.len()];
    let (mut inputs, mut pass) = (Inputs::new(width), Pass::default());
    let (mut wanted, mut output_gradient) = (Vec::new(), Vec::new());
    let mut rng = stream(distilling.seed, "distilling", 0);
    for step in 0..distilling.steps {
        inputs.clear();
        wanted.clear();
        for lesson in lessons.iter().filter(|lesson| !lesson.views.is_empty()) {
            for _ in 0..lesson.rows {
                let view = below(&mut rng, lesson.views.len() / width);
                inputs.push(&decoder, &lesson.views[view * width..(view + 1) * width]);
                wanted.extend_from_slice(&lesson.targets[view * actions..(view + 1) * actions]);
            }
        }
        if wanted.is_empty() {
            break;
        }
        network.forward(&inputs, &mut pass);
        let share = 2.0 / wanted.len() as f32;
        output_gradient.clear();
        output_gradient.extend(
            pass.outputs()
                .iter()
                .zip(&wanted)
                .map(|(output, wanted)| share * (output - wanted)),
        );
        for row in output_gradient.chunks_exact_mut(actions) {
            let offset = OFFSET_IGNORED * row.iter().sum::<f32>() / actions as f32;
            row.iter_mut().for_each(|number| *number -= offset);
        }
        network.backward(&mut pass, &output_gradient, &mut gradient);
        adam.set_learning_rate(distilling.learning_rate * (1.0 - 0.99 * step as f32 / distilling.steps as f32));
        adam.step(&mut learned.parameters, &gradient);
        network.set(&learned.parameters);
    }
    (learned, network.multiply_adds())
}

fn fill(inputs: &mut Inputs, decoder: &ObservationDecoder, views: &[u8]) {
    inputs.clear();
    for view in views.chunks_exact(decoder.len()) {
        inputs.push(decoder, view);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learner::ExplorationPolicy;
    use crate::learner::network::NetworkShape;
    use crate::learner::testing::observation_spec;

    fn policy() -> PolicySnapshot {
        let shape = NetworkShape {
            inputs: 4,
            hidden: vec![32],
            outputs: 2,
            layer_norm: true,
        };
        PolicySnapshot {
            parameters: shape.initial_parameters(&mut stream(3, "test", 0)),
            shape,
            exploration: ExplorationPolicy::EpsilonGreedy { epsilon: 0.0 },
            contexts: Default::default(),
        }
    }

    #[test]
    fn new_views_are_answered_as_taught_and_old_ones_as_before() {
        let (policy, observation) = (policy(), observation_spec(4));
        let (old, new) = ([[10, 200, 10, 20], [200, 10, 10, 20]].concat(), vec![10, 10, 250, 250]);
        let kept = ViewTargets {
            targets: outputs(&policy, &observation, &old),
            views: old.clone(),
            rows: 8,
        };
        let taught = ViewTargets {
            views: new.clone(),
            targets: vec![3.0, -3.0],
            rows: 8,
        };
        let distilling = Distilling {
            steps: 400,
            learning_rate: 0.01,
            seed: 1,
        };
        let (learned, multiply_adds) = distil(&policy, &observation, &[kept.clone(), taught], distilling);
        let far = |one: &[f32], other: &[f32]| {
            one.iter()
                .zip(other)
                .map(|(one, other)| (one - other).abs())
                .fold(0.0, f32::max)
        };
        assert!(far(&outputs(&learned, &observation, &new), &[3.0, -3.0]) < 0.1);
        assert!(far(&outputs(&learned, &observation, &old), &kept.targets) < 0.1);
        assert!(
            far(&outputs(&policy, &observation, &new), &[3.0, -3.0]) > 1.0,
            "it did not know before"
        );
        assert_eq!(
            multiply_adds,
            400 * 16 * (policy.shape.forward_multiply_adds() + 5 * 32 + 33 * 2 + 32 * 2 + 4 * 32)
        );
    }

    #[test]
    fn no_steps_change_nothing_and_the_same_seed_gives_the_same_weights() {
        let (policy, observation) = (policy(), observation_spec(4));
        let lesson = ViewTargets {
            views: vec![1, 2, 3, 4],
            targets: vec![1.0, 0.0],
            rows: 4,
        };
        let of = |steps, seed| {
            let distilling = Distilling {
                steps,
                learning_rate: 0.01,
                seed,
            };
            distil(&policy, &observation, std::slice::from_ref(&lesson), distilling).0
        };
        assert_eq!(of(0, 1), policy);
        assert_eq!(of(20, 1), of(20, 1));
        assert_ne!(of(20, 1), policy);
        let nothing = distil(
            &policy,
            &observation,
            &[],
            Distilling {
                steps: 5,
                learning_rate: 0.1,
                seed: 0,
            },
        );
        assert_eq!(nothing.0, policy);
    }
}
