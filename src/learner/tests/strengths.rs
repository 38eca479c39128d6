//! Tests of properties of all methods: without its strength, each is fine-tuning, and its size in bytes is reported correctly.

use crate::learner::methods::MethodFamily;
use crate::learner::testing::{Walk, observation_spec};
use crate::learner::{ALGORITHMS, History, Learner, LearnerSettings, LearnerSpec, METHODS};

const GARDENS: usize = 4;

/// Families whose methods have no cost at strength 0.
const FREE_WITHOUT_STRENGTH: [MethodFamily; 3] = [
    MethodFamily::Architecture,
    MethodFamily::Representation,
    MethodFamily::Plasticity,
];

fn settings() -> LearnerSettings {
    let mut settings = LearnerSettings {
        batch_size: 16,
        hidden: vec![12],
        ..Default::default()
    };
    settings.fresh_memory.capacity = 200;
    settings.fresh_memory.minimum_transitions = 20;
    for method in METHODS {
        (method.act_soon)(&mut settings);
    }
    settings
}

fn trained(algorithm: &str, method: &str, settings: &LearnerSettings, boundaries: bool) -> Learner {
    let mut walk = Walk::new(5, GARDENS);
    let observation = observation_spec(Walk::WIDTH);
    let spec = LearnerSpec {
        observation,
        actions: 5,
        gardens: GARDENS,
        decisions_per_task: 1_000,
        seed: 5,
    };
    let mut learner = Learner::new(algorithm, method, settings, spec).unwrap();
    for decision in 0..150 {
        if boundaries && decision % 70 == 0 {
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
fn every_method_without_its_strength_is_fine_tuning_bit_for_bit() {
    for algorithm in ALGORITHMS {
        for boundaries in [true, false] {
            let finetune = trained(algorithm.name, "finetune", &settings(), boundaries);
            for method in METHODS {
                let mut without_strength = settings();
                (method.remove_strength)(&mut without_strength);
                // These methods ignore boundaries, so they keep the data that fine-tuning drops there.
                if ["replay_boundary_free", "inferred_context"].contains(&method.name) && boundaries {
                    continue;
                }
                let (name, at) = (method.name, algorithm.name);
                let learner = trained(at, name, &without_strength, boundaries);
                assert_eq!(
                    learner.policy(),
                    finetune.policy(),
                    "{name} with {at}, boundaries: {boundaries}"
                );
                assert_eq!(
                    learner.evaluated_policy(Some(0)),
                    finetune.evaluated_policy(Some(0)),
                    "{name} with {at}"
                );
                if at == "dqn" && FREE_WITHOUT_STRENGTH.contains(&method.family) {
                    let costs = [&learner, &finetune].map(|learner| learner.ledger().multiply_adds);
                    assert_eq!(costs[0], costs[1], "{name} costs something");
                }
                // In this environment no gradient conflicts with the past, so A-GEM has nothing to change.
                if boundaries && !["finetune", "joint", "agem"].contains(&name) {
                    assert_ne!(
                        trained(at, name, &settings(), true).policy(),
                        finetune.policy(),
                        "{name} with {at} does something"
                    );
                }
            }
        }
    }
}

#[test]
fn a_method_that_is_told_nothing_does_the_same_whatever_is_declared() {
    for algorithm in ALGORITHMS {
        let [told, untold] = [true, false].map(|boundaries| {
            let learner = trained(algorithm.name, "replay_boundary_free", &settings(), boundaries);
            learner.policy()
        });
        assert_eq!(told, untold);
    }
}

/// Everything that a method saves, except generators and counts, is counted as memory or as state.
#[test]
fn bytes_are_counted_as_they_are_saved() {
    for algorithm in ALGORITHMS {
        for method in METHODS {
            let learner = trained(algorithm.name, method.name, &settings(), true);
            let mut state = crate::learner::StateDict::new();
            learner.save(&mut state).unwrap();
            let ledger = learner.ledger();
            let counted = ledger.method_state_bytes + ledger.memory_bytes - ledger.recent_bytes;
            assert_eq!(
                counted,
                state.bytes_under("learner.method."),
                "{} with {}",
                method.name,
                algorithm.name
            );
        }
    }
}

/// Returns the bytes of past data after two tasks and a part of a third.
fn past_bytes(method: &str, history: History) -> u64 {
    let settings = LearnerSettings { history, ..settings() };
    let ledger = trained("dqn", method, &settings, true).ledger();
    ledger.memory_bytes - ledger.recent_bytes
}

#[test]
fn a_history_of_bytes_is_kept_to_and_used() {
    for method in METHODS {
        for bytes in [0, 700, 2_000] {
            let kept = past_bytes(method.name, History::Bytes(bytes));
            // Each garden has an unfinished segment before the first one is stored.
            let growing = past_bytes(method.name, History::Nothing);
            assert!(kept <= bytes.max(growing), "{}: {kept} of {bytes} bytes", method.name);
            let keeps_data = past_bytes(method.name, History::Own) > 2_000;
            if keeps_data && bytes == 2_000 {
                assert!(kept > bytes / 2, "{}: only {kept} of {bytes} bytes", method.name);
            }
        }
    }
}

#[test]
fn replay_without_a_history_is_fine_tuning_bit_for_bit() {
    let nothing = LearnerSettings {
        history: History::Nothing,
        ..settings()
    };
    let finetune = trained("dqn", "finetune", &settings(), true).policy();
    for method in ["replay", "agem", "der_plus_plus", "clear", "qreg_nwlu"] {
        assert_eq!(trained("dqn", method, &nothing, true).policy(), finetune, "{method}");
    }
    // Its student learns each season and forgets the previous one: no error and no stored data.
    assert_eq!(past_bytes("reset_distil", History::Nothing) % 2, 0);
}
