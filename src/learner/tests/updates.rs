//! Tests of single updates against results worked out by hand or other runs.

use crate::learner::algorithms::{Algorithm, Dqn, NoOutputLoss};
use crate::learner::losses::Losses;
use crate::learner::memory::{Batch, Transition};
use crate::learner::testing::{Walk, assert_is_gradient, decoder, observation_spec};
use crate::learner::{ExplorationPolicy, Learner, LearnerError, LearnerSettings, LearnerSpec, METHODS, Policy};

fn spec(width: usize, gardens: usize, seed: u64) -> LearnerSpec {
    LearnerSpec {
        observation: observation_spec(width),
        actions: 5,
        gardens,
        decisions_per_task: 1_000,
        seed,
    }
}

fn small() -> LearnerSettings {
    let mut settings = LearnerSettings {
        batch_size: 16,
        hidden: vec![12],
        ..Default::default()
    };
    settings.fresh_memory.capacity = 200;
    settings.fresh_memory.minimum_transitions = 20;
    settings.reservoir.capacity = 60;
    settings.packnet.retraining_updates = 5;
    settings.reset_distil.distillation_updates = 5;
    settings
}

/// A linear network of one input and two actions: `Q(s, 0) = 2 x + 1`, `Q(s, 1) = -x`; the target network has `x + 10`, `3 x`.
///
/// In `s' = 1` the policy prefers action 0 (3 against -1); the target network gives it 11 and the other 3. So with `gamma = 0.5`
/// the target is `r + 5.5`, and `r` alone where the episode terminated. Without "double" it is the same here; in `s' = -1` the
/// policy prefers action 1 (1 against -1), whose target value is -3, while the target network prefers 9.
#[test]
fn double_q_targets_are_as_worked_by_hand() {
    let mut settings = LearnerSettings {
        hidden: vec![2],
        discount: 0.5,
        ..Default::default()
    };
    settings.dqn.huber_threshold = 1e6;
    let spec = LearnerSpec {
        actions: 2,
        ..spec(1, 1, 0)
    };
    // A hidden layer of relu(x) and relu(-x), and outputs that recombine them to x.
    let network = |slope: [f32; 2], offset: [f32; 2]| {
        vec![
            1.0, -1.0, 0.0, 0.0, slope[0], slope[1], -slope[0], -slope[1], offset[0], offset[1],
        ]
    };
    for (double, expected) in [(true, [5.5f32, 0.0, -1.5]), (false, [5.5, 0.0, 4.5])] {
        settings.dqn.double = double;
        let mut dqn = Dqn::new(&settings, &spec);
        dqn.set_policy(&network([1.0, 3.0], [10.0, 0.0]));
        dqn.networks_mut()[0]
            .parameters_mut()
            .copy_from_slice(&network([2.0, -1.0], [1.0, 0.0]));
        // Observations of 255 are 1, of 0 are -1. Each transition starts in x = 1 with action 1, whose value is -1.
        for (next, terminated, expected) in [(255, false, expected[0]), (255, true, expected[1]), (0, false, expected[2])] {
            let mut batch = Batch::new(1);
            let next_observation = &[next][..];
            batch.push(
                &decoder(1),
                Transition {
                    observation: &[255],
                    action: 1,
                    reward: 0.25,
                    terminated,
                    next_observation,
                },
            );
            let mut losses = Losses::default();
            let value = dqn.compute_gradients(&batch, &mut NoOutputLoss, &mut losses);
            assert!((value + 1.0).abs() < 1e-5);
            let error = -1.0 - (0.25 + expected);
            assert!(
                (losses.total() - 0.5 * error * error).abs() < 1e-3,
                "{} {error}",
                losses.total()
            );
        }
    }
}

#[test]
fn the_gradient_of_the_whole_loss_agrees_with_finite_differences() {
    let settings = LearnerSettings {
        hidden: vec![6, 5],
        ..Default::default()
    };
    let mut dqn = Dqn::new(&settings, &spec(3, 1, 4));
    let mut batch = Batch::new(3);
    for row in 0..8u8 {
        let (observation, next_observation) = ([row * 30, 255 - row * 20, 90], [row * 20, row, 200]);
        let transition = Transition {
            observation: &observation,
            action: row % 5,
            reward: f32::from(row) - 4.0,
            // With terminated transitions only, targets do not depend on the differentiated weights.
            terminated: true,
            next_observation: &next_observation,
        };
        batch.push(&decoder(3), transition);
    }
    let parameters = dqn.networks()[0].parameters().to_vec();
    assert_is_gradient(&parameters, |parameters, gradient| {
        dqn.networks_mut()[0].parameters_mut().copy_from_slice(parameters);
        let mut losses = Losses::default();
        dqn.compute_gradients(&batch, &mut NoOutputLoss, &mut losses);
        gradient.copy_from_slice(&dqn.networks()[0].gradient);
        losses.total()
    });
}

fn trained(method: &str, settings: &LearnerSettings, decisions: usize) -> Learner {
    let mut walk = Walk::new(5, 4);
    let mut learner = Learner::new("dqn", method, settings, spec(Walk::WIDTH, 4, 5)).unwrap();
    for decision in 0..decisions {
        if decision % 70 == 0 {
            if decision > 0 {
                learner.task_ended();
            }
            learner.task_started();
        }
        learner.observe(walk.step());
        learner.learn().unwrap();
    }
    learner
}

#[test]
fn strength_zero_is_fine_tuning_bit_for_bit() {
    let mut settings = small();
    let finetune = trained("finetune", &settings, 150).policy();
    assert_ne!(trained("replay", &settings, 150).policy(), finetune);
    settings.replay.batch_share = 0.0;
    assert_eq!(trained("replay", &settings, 150).policy(), finetune);
}

#[test]
fn a_composition_with_fine_tuning_changes_nothing() {
    assert_eq!(
        trained("replay+finetune", &small(), 150).policy(),
        trained("replay", &small(), 150).policy()
    );
}

#[test]
fn the_same_seed_makes_the_same_weights_wherever_it_runs() {
    let here = trained("replay", &small(), 150).policy();
    let there = std::thread::spawn(|| trained("replay", &small(), 150).policy())
        .join()
        .unwrap();
    assert_eq!(here, there);
}

#[test]
fn updates_come_at_the_rate_that_was_set() {
    let mut settings = small();
    settings.decisions_per_update = 3;
    settings.fresh_memory.minimum_transitions = 1;
    assert_eq!(trained("finetune", &settings, 60).ledger().updates, 60 * 4 / 3);
    settings.fresh_memory.minimum_transitions = 12;
    // The updates of the first two steps are not made up for.
    assert_eq!(trained("finetune", &settings, 60).ledger().updates, 60 * 4 / 3 - 2);
}

#[test]
fn exploration_comes_down_in_the_first_task_and_stays_down() {
    let epsilon = |decisions| match trained("finetune", &small(), decisions).policy().exploration {
        ExplorationPolicy::EpsilonGreedy { epsilon } => epsilon,
        ExplorationPolicy::Categorical => f32::NAN,
    };
    assert_eq!(epsilon(0), 1.0);
    assert!((epsilon(25) - 0.525).abs() < 1e-6, "100 of 200 decisions");
    assert!((epsilon(50) - 0.05).abs() < 1e-6);
    assert_eq!(epsilon(51), 0.05);
    assert_eq!(epsilon(75), 0.05, "in the second task");
}

#[test]
fn a_loss_that_is_not_finite_stops_learning_before_the_weights_change() {
    let mut walk = Walk::endless(5, 4);
    let mut learner = Learner::new("dqn", "replay", &small(), spec(Walk::WIDTH, 4, 5)).unwrap();
    let mut good = learner.policy();
    for decision in 0.. {
        let mut experience = walk.step().clone();
        if decision == 30 {
            experience.step.rewards.fill(f32::INFINITY);
        }
        learner.observe(&experience);
        match learner.learn() {
            Ok(_) => learner.copy_policy_into(&mut good),
            Err(LearnerError::NonFiniteLoss { update, .. }) => {
                assert_eq!(update, learner.ledger().updates + 1);
                assert_eq!(learner.policy().parameters, good.parameters);
                return;
            }
            Err(other) => panic!("{other}"),
        }
        assert!(decision < 100, "an infinite reward went unnoticed");
    }
}

#[test]
fn a_policy_acts_as_the_learner_that_made_it() {
    let learner = trained("replay", &small(), 100);
    let mut policy = Policy::new(&observation_spec(Walk::WIDTH), &learner.policy()).unwrap();
    let mut actions = [9; 2];
    policy.greedy(&[1, 2, 3, 200, 100, 0], &mut actions);
    let mut inputs = crate::learner::Inputs::new(3);
    inputs.push(&decoder(3), &[1, 2, 3]);
    inputs.push(&decoder(3), &[200, 100, 0]);
    let mut network = crate::learner::network::Network::new(&learner.policy().shape, &learner.policy().parameters);
    let mut pass = crate::learner::network::Pass::default();
    network.forward(&inputs, &mut pass);
    assert_eq!(policy.outputs(), pass.outputs());
    for (row, &action) in policy.outputs().chunks_exact(5).zip(&actions) {
        assert!(row.iter().all(|&value| value <= row[usize::from(action)]));
    }
}

#[test]
fn settings_and_worlds_that_make_no_sense_are_refused() {
    let build = |algorithm, method, settings: &LearnerSettings, spec| {
        Learner::new(algorithm, method, settings, spec).err().unwrap().to_string()
    };
    let mut wrong = small();
    wrong.replay.batch_share = 2.0;
    assert!(build("dqn", "replay", &wrong, spec(3, 1, 0)).contains("replay.batch_share"));
    assert!(build("qdn", "replay", &small(), spec(3, 1, 0)).contains("`dqn`"));
    assert!(build("dqn", "reply", &small(), spec(3, 1, 0)).contains("`replay`"));
    assert!(build("dqn", "replay", &small(), spec(0, 1, 0)).contains("observations"));
    assert!(build("dqn", "replay", &small(), spec(3, 0, 0)).contains("gardens"));
    assert!(
        build(
            "dqn",
            "replay",
            &small(),
            LearnerSpec {
                actions: 0,
                ..spec(3, 1, 0)
            }
        )
        .contains("actions")
    );
}

#[test]
fn the_ledger_counts_what_there_is() {
    let plain = LearnerSettings {
        layer_norm: false,
        ..small()
    };
    let learner = trained("replay", &plain, 100);
    let ledger = learner.ledger();
    let composition = learner.memory_composition();
    assert_eq!((ledger.decisions, composition.recent.iter().sum::<usize>()), (400, 120));
    assert_eq!(composition.past.len(), 2);
    assert!(composition.past.iter().sum::<usize>() <= 60);
    let forward = learner.policy().shape.forward_multiply_adds();
    assert_eq!(ledger.acting_multiply_adds, 400 * forward);
    assert!(ledger.recent_bytes > 0 && ledger.memory_bytes > ledger.recent_bytes);
    // Three forward passes, and a backward pass that costs one forward pass plus the way back through the last layer.
    let update = 16 * (4 * forward + 12 * 5);
    let stored = ledger.multiply_adds - ledger.updates * update;
    assert!(
        stored > 0 && stored <= 60 * forward && stored.is_multiple_of(forward),
        "{stored}"
    );
    assert_eq!(
        trained("finetune", &plain, 100).ledger().multiply_adds,
        ledger.updates * update
    );
}

#[test]
fn joint_learning_keeps_everything() {
    let learner = trained("joint", &small(), 150);
    assert_eq!(learner.memory_composition().recent.iter().sum::<usize>(), 600);
    for spec in METHODS.iter().filter(|spec| spec.name != "joint") {
        assert!(
            trained(spec.name, &small(), 150)
                .memory_composition()
                .recent
                .iter()
                .sum::<usize>()
                <= 200,
            "{}",
            spec.name
        );
    }
}
