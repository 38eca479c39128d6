//! Looking: what it measures, and that it changes nothing.

use super::*;
use crate::learner::memory::Transition;
use crate::learner::testing::{Bench, Walk, decoder, observation_spec};
use crate::learner::{ALGORITHMS, LearnerSettings, METHODS, StateDict};

fn settings() -> LearnerSettings {
    let mut settings = LearnerSettings {
        hidden: vec![6, 5],
        batch_size: 8,
        ..LearnerSettings::default()
    };
    settings.fresh_memory.minimum_transitions = 10;
    settings.fresh_memory.capacity = 200;
    settings
}

/// Transitions of two tasks: actions are good in one and bad in the other.
fn probes(rewards: [f32; 2]) -> ProbeBatches {
    let width = Walk::WIDTH;
    let mut views = Inputs::new(width);
    (0..8).for_each(|row: u8| views.push(&decoder(width), &[row * 30, 255 - row * 20, 90]));
    let half = |reward: f32, offset: u8| {
        let mut batch = Batch::new(width);
        for row in 0..16_u8 {
            let observation = [row * 9 + offset, 40, 200 - row * 3];
            batch.push(
                &decoder(width),
                Transition {
                    observation: &observation,
                    action: row % 5,
                    reward,
                    terminated: true,
                    next_observation: &observation,
                },
            );
        }
        batch.recent_rows = batch.transitions();
        batch
    };
    ProbeBatches {
        views,
        tasks: rewards.map(|reward| [half(reward, 0), half(reward, 3)]).to_vec(),
    }
}

/// A learner with two tasks behind it, and a walk that goes on.
fn learner(algorithm: &str, method: &str, change: impl FnOnce(&mut LearnerSettings)) -> (Learner, Walk) {
    let mut settings = settings();
    change(&mut settings);
    let mut learner = Learner::new(algorithm, method, &settings, Bench::spec()).unwrap();
    let mut walk = Walk::new(1, 2);
    learner.task_started();
    for decision in 0..60 {
        if decision % 25 == 24 {
            learner.task_ended();
            learner.task_started();
        }
        learner.observe(walk.step());
        learner.learn().unwrap();
    }
    (learner, walk)
}

fn state(learner: &Learner) -> Vec<u8> {
    let mut state = StateDict::new();
    learner.save(&mut state).unwrap();
    state.to_bytes().unwrap()
}

#[test]
fn looking_changes_nothing_whatever_the_method_and_the_algorithm() {
    let probes = probes([1.0, -1.0]);
    for algorithm in ALGORITHMS {
        for spec in METHODS {
            let with_looks = |looks: bool| {
                let (mut learner, mut walk) = learner(algorithm.name, spec.name, spec.act_soon);
                for decision in 0..60 {
                    if looks {
                        learner.look_inside(&probes, Some(1), &[0]);
                        learner.look_inside(&probes, None, &[0, 1]);
                    }
                    if decision == 30 {
                        learner.task_ended();
                        learner.task_started();
                    }
                    learner.observe(walk.step());
                    learner.learn().unwrap();
                }
                (state(&learner), learner.ledger())
            };
            assert!(with_looks(true) == with_looks(false), "{} {}", algorithm.name, spec.name);
        }
    }
}

#[test]
fn tasks_with_opposite_rewards_disagree_and_a_task_agrees_with_itself() {
    let (mut learner, _) = learner("dqn", "finetune", |_| ());
    // Rewards far beyond any value: the errors have the signs of the rewards.
    let look = learner.look_inside(&probes([500.0, -500.0]), Some(1), &[0]);
    let cosine: f64 = look.agreement[0].1.iter().sum();
    assert_eq!(look.agreement[0].0, 0);
    assert!(cosine < -0.9, "{cosine}");
    assert!(
        look.steadiness.iter().all(|(_, cosine)| *cosine > 0.5),
        "{:?}",
        look.steadiness
    );
    let same = learner.look_inside(&probes([500.0, 500.0]), Some(1), &[0]);
    assert!((same.agreement[0].1.iter().sum::<f64>() - 1.0).abs() < 1e-9);
}

/// The gradient that is measured is that of the algorithm's loss: moving against it lowers the loss of the task, as finite differences say.
#[test]
fn the_measured_gradient_is_the_slope_of_the_loss() {
    let (mut learner, _) = learner("dqn", "finetune", |_| ());
    let batch = probes([2.0, 0.0]).tasks.swap_remove(0)[0].clone();
    let gradient = learner.gradient_aside(&batch);
    let mut loss_at = |place: usize, step: f32| {
        let algorithm = learner.algorithm_mut();
        algorithm.networks_mut()[0].parameters_mut()[place] += step;
        let mut losses = crate::learner::losses::Losses::default();
        algorithm.compute_gradients(&batch, &mut crate::learner::algorithms::NoOutputLoss, &mut losses);
        algorithm.networks_mut()[0].parameters_mut()[place] -= step;
        losses.total()
    };
    let steepest = (0..gradient.len())
        .max_by(|one, other| gradient[*one].abs().total_cmp(&gradient[*other].abs()))
        .unwrap();
    let slope = (loss_at(steepest, 1e-2) - loss_at(steepest, -1e-2)) / 2e-2;
    assert!(
        (slope - gradient[steepest]).abs() < 0.05 * gradient[steepest].abs(),
        "{slope} {}",
        gradient[steepest]
    );
}

#[test]
fn layers_are_measured_from_the_first_to_the_output() {
    let (mut learner, _) = learner("sac", "ewc", |settings| settings.ewc.strength = 1.0);
    let look = learner.look_inside(&probes([1.0, 0.0]), Some(0), &[]);
    assert_eq!(look.layers.len(), 3);
    assert!(look.layers[..2].iter().all(|layer| layer.dormant_fraction.is_some()));
    assert_eq!((look.layers[2].dormant_fraction, look.layers[2].stable_rank), (None, None));
    assert!(
        look.layers
            .iter()
            .all(|layer| layer.weight_norm > 0.0 && layer.relative_step.is_some_and(|step| step > 0.0))
    );
    let importance = look.importance.unwrap();
    assert!((importance.share_by_layer.iter().sum::<f64>() - 1.0).abs() < 1e-6);
    assert!((0.0..=1.0).contains(&importance.concentration));
    assert!(look.agreement.is_empty(), "there is no past task");
}

#[test]
fn a_policy_answers_as_it_acts() {
    let (learner, _) = learner("dqn", "finetune", |_| ());
    let policy = learner.evaluated_policy(None);
    let spec = observation_spec(Walk::WIDTH);
    let views: Vec<u8> = (0..5).flat_map(|row: u8| [row * 50, 200 - row * 40, 90]).collect();
    let look = look_at_policy(&spec, &policy, &views).unwrap();
    let mut actions = [0; 5];
    Policy::new(&spec, &policy).unwrap().greedy(&views, &mut actions);
    assert_eq!(look.actions, actions);
    assert_eq!((look.outputs.len(), look.grams.len(), look.grams[0].len()), (25, 2, 25));
    assert!(look_at_policy(&observation_spec(4), &policy, &views).is_err());
}
