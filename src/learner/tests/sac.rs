//! Tests of the soft actor-critic against results worked out by hand and finite differences.

use crate::learner::algorithms::{Algorithm, NoOutputLoss, Sac};
use crate::learner::losses::{Losses, log_softmax};
use crate::learner::memory::{Batch, Transition};
use crate::learner::testing::{assert_is_gradient, decoder, observation_spec};
use crate::learner::{LearnerSettings, LearnerSpec};

fn sac(settings: &LearnerSettings) -> Sac {
    sac_of_seed(settings, 2)
}

fn sac_of_seed(settings: &LearnerSettings, seed: u64) -> Sac {
    let spec = LearnerSpec {
        observation: observation_spec(3),
        actions: 4,
        gardens: 1,
        decisions_per_task: 1_000,
        seed,
    };
    Sac::new(settings, &spec)
}

fn settings() -> LearnerSettings {
    LearnerSettings {
        hidden: vec![6, 5],
        ..Default::default()
    }
}

/// Creates `rows` transitions, of which the first `recent` are recent.
fn batch(rows: u8, recent: usize, terminated: bool) -> Batch {
    let mut batch = Batch::new(3);
    for row in 0..rows {
        let (observation, next_observation) = ([row * 30, 255 - row * 20, 90], [row * 20, row, 200]);
        let transition = Transition {
            observation: &observation,
            action: row % 4,
            reward: f32::from(row) - 3.0,
            terminated,
            next_observation: &next_observation,
        };
        batch.push(&decoder(3), transition);
    }
    batch.recent_rows = recent;
    batch
}

fn loss(losses: &Losses, name: &str) -> f32 {
    losses.iter().find(|(known, _)| *known == name).unwrap().1
}

/// Sets a network to constant outputs.
fn set_constant(sac: &mut Sac, network: usize, outputs: [f32; 4]) {
    let parameters = sac.networks_mut()[network].parameters_mut();
    parameters.fill(0.0);
    let biases = parameters.len() - 4;
    parameters[biases..].copy_from_slice(&outputs);
}

/// With `pi = (1/2, 1/4, 1/8, 1/8)`, critics `(1, 2, 3, 4)` and `(2, 1, 4, 3)`, hence minimum values `(1, 1, 3, 3)`, and
/// `alpha = 0.2`: `V = 1/2 + 1/4 + 3/8 + 3/8 + 0.2 H`, `H = (1/2 + 2/4 + 3/8 + 3/8) ln 2 = 1.75 ln 2`.
#[test]
fn the_value_of_what_follows_is_as_worked_by_hand() {
    let mut settings = settings();
    settings.discount = 0.5;
    settings.sac.target_averaging = 1.0;
    let mut sac = sac(&settings);
    let ln_2 = std::f32::consts::LN_2;
    set_constant(&mut sac, 0, [-ln_2, -2.0 * ln_2, -3.0 * ln_2, -3.0 * ln_2]);
    set_constant(&mut sac, 1, [1.0, 2.0, 3.0, 4.0]);
    set_constant(&mut sac, 2, [2.0, 1.0, 4.0, 3.0]);
    sac.update_targets();
    let value = 1.5 + 0.2 * 1.75 * ln_2;
    for terminated in [false, true] {
        let mut losses = Losses::default();
        let batch = batch(4, 4, terminated);
        sac.compute_gradients(&batch, &mut NoOutputLoss, &mut losses);
        let mut critics = 0.0;
        for (row, target) in sac.target_values().iter().enumerate() {
            let expected = batch.rewards[row] + if terminated { 0.0 } else { 0.5 * value };
            assert!((target - expected).abs() < 1e-5, "{target} {expected}");
            for taken in [[1.0, 2.0, 3.0, 4.0][row], [2.0, 1.0, 4.0, 3.0f32][row]] {
                critics += 0.5 * (taken - expected).powi(2) / 4.0;
            }
        }
        assert!((loss(&losses, "temporal_difference") - critics).abs() < 1e-4);
        let policy = 0.2 * -1.75 * ln_2 - 1.5;
        assert!((loss(&losses, "policy") - policy).abs() < 1e-5, "{losses:?} {policy}");
    }
}

#[test]
fn gradients_of_all_three_networks_agree_with_finite_differences() {
    for layer_norm in [false, true] {
        let settings = LearnerSettings {
            layer_norm,
            ..settings()
        };
        let mut sac = sac_of_seed(&settings, 4);
        // Terminated, so that targets do not depend on the differentiated weights; half of the rows are recent.
        let batch = batch(8, 4, true);
        for (network, name) in [(0, "policy"), (1, "temporal_difference"), (2, "temporal_difference")] {
            let parameters = sac.networks()[network].parameters().to_vec();
            assert_is_gradient(&parameters, |parameters, gradient| {
                sac.networks_mut()[network].parameters_mut().copy_from_slice(parameters);
                let mut losses = Losses::default();
                sac.compute_gradients(&batch, &mut NoOutputLoss, &mut losses);
                gradient.copy_from_slice(&sac.networks()[network].gradient);
                loss(&losses, name)
            });
            sac.networks_mut()[network].parameters_mut().copy_from_slice(&parameters);
        }
    }
}

#[test]
fn the_policy_and_the_temperature_learn_from_fresh_states_alone() {
    let mut sac = sac(&settings());
    let gradient = |sac: &mut Sac, batch: &Batch| {
        sac.compute_gradients(batch, &mut NoOutputLoss, &mut Losses::default());
        (sac.networks()[0].gradient.clone(), sac.temperature_gradient().unwrap())
    };
    let (alone, temperature_alone) = gradient(&mut sac, &batch(3, 3, false));
    let (with_past, temperature_with_past) = gradient(&mut sac, &batch(8, 3, false));
    assert!((temperature_alone - temperature_with_past).abs() < 1e-6);
    for (alone, with_past) in alone.iter().zip(with_past) {
        assert!((alone - with_past).abs() < 1e-6);
    }
    sac.compute_gradients(&batch(3, 0, false), &mut NoOutputLoss, &mut Losses::default());
    assert_eq!(sac.temperature_gradient(), None);
    assert!(sac.networks()[0].gradient.iter().all(|&gradient| gradient == 0.0));
}

#[test]
fn the_temperature_rises_below_the_target_entropy_falls_above_it_and_has_a_floor() {
    let mut settings = settings();
    settings.sac.temperature_learning_rate = 0.05;
    let mut sac = sac(&settings);
    assert!((sac.target_entropy() - 0.3 * libm::logf(4.0)).abs() < 1e-6);
    let batch = batch(4, 4, false);
    let step = |sac: &mut Sac, logits: [f32; 4]| {
        set_constant(sac, 0, logits);
        sac.compute_gradients(&batch, &mut NoOutputLoss, &mut Losses::default());
        sac.step();
        sac.temperature()
    };
    let start = sac.temperature();
    assert!((start - 0.2).abs() < 1e-6);
    let risen = step(&mut sac, [20.0, 0.0, 0.0, 0.0]);
    assert!(risen > start, "entropy is nearly 0, below its target: {risen}");
    for _ in 0..100 {
        step(&mut sac, [0.0; 4]);
    }
    assert!(
        (sac.temperature() - 0.1).abs() < 1e-6,
        "uniform, above its target: {}",
        sac.temperature()
    );
}

#[test]
fn a_comparison_leaves_what_waits_for_the_next_step_as_it_is() {
    let mut sac = sac(&settings());
    sac.compute_gradients(&batch(8, 4, false), &mut NoOutputLoss, &mut Losses::default());
    let waiting: Vec<Vec<f32>> = sac.networks().iter().map(|network| network.gradient.clone()).collect();
    let temperature = sac.temperature_gradient();
    let mut reference = Vec::new();
    sac.reference_gradients(&batch(5, 5, true), &mut reference);
    assert_eq!(sac.temperature_gradient(), temperature);
    for ((network, waiting), reference) in sac.networks().iter().zip(&waiting).zip(&reference) {
        assert_eq!(&network.gradient, waiting);
        assert_ne!(reference, waiting);
    }
    sac.compute_gradients(&batch(5, 5, true), &mut NoOutputLoss, &mut Losses::default());
    for (network, reference) in sac.networks().iter().zip(&reference) {
        assert_eq!(&network.gradient, reference);
    }
}

#[test]
fn new_networks_are_new_altogether() {
    let mut sac = sac(&settings());
    let before: Vec<Vec<f32>> = sac.networks().iter().map(|network| network.parameters().to_vec()).collect();
    sac.compute_gradients(&batch(8, 8, false), &mut NoOutputLoss, &mut Losses::default());
    sac.step();
    sac.reinitialise();
    assert!((sac.temperature() - 0.2).abs() < 1e-6);
    for (network, before) in sac.networks().iter().zip(&before) {
        let same = network.parameters().iter().zip(before).filter(|(now, before)| now == before);
        assert!(same.count() < before.len() / 10);
        assert!(network.optimiser.mean.iter().all(|&mean| mean == 0.0));
    }
}

#[test]
fn log_probabilities_are_those_of_the_softmax() {
    let mut row = [0.0; 3];
    log_softmax(&[1.0, 1.0, 1.0 + libm::logf(2.0)], &mut row);
    for (log_probability, expected) in row.iter().zip([0.25f32, 0.25, 0.5]) {
        assert!((log_probability - libm::logf(expected)).abs() < 1e-6);
    }
}
