//! Every method at strength 0 is fine-tuning, bit for bit; and at another it is not.

use crate::learner::testing::{Walk, observation_spec};
use crate::learner::{Learner, LearnerSettings, LearnerSpec, PolicySnapshot};

/// How each method is made to do something within a short run, and how it is made to do nothing.
type Strength = (&'static str, fn(&mut LearnerSettings), fn(&mut LearnerSettings));

const STRENGTHS: &[Strength] = &[
    (
        "continual_backprop",
        |settings| {
            settings.continual_backprop.replacement_rate = 0.1;
            settings.continual_backprop.maturity_updates = 3;
        },
        |settings| settings.continual_backprop.replacement_rate = 0.0,
    ),
    (
        "redo",
        |settings| {
            settings.redo.every_updates = 5;
            settings.redo.threshold = 0.3;
        },
        |settings| settings.redo.every_updates = 0,
    ),
    (
        "shrink_perturb",
        |settings| settings.shrink_perturb.every_updates = 1,
        |settings| {
            settings.shrink_perturb.shrink = 0.0;
            settings.shrink_perturb.perturb = 0.0;
        },
    ),
    (
        "l2_init",
        |settings| settings.l2_init.strength = 1e-3,
        |settings| settings.l2_init.strength = 0.0,
    ),
    (
        "packnet",
        |settings| settings.packnet.retraining_updates = 3,
        |settings| settings.packnet.share_of_a_task = 0.0,
    ),
    (
        "self_supervised",
        |settings| settings.self_supervised.weight = 1.0,
        |settings| settings.self_supervised.weight = 0.0,
    ),
    (
        "reset_distil",
        |settings| settings.reset_distil.distillation_updates = 3,
        |settings| settings.reset_distil.distillation_updates = 0,
    ),
];

/// What acts and what is evaluated after two tasks and a part of a third.
fn after_tasks(method: &str, settings: &LearnerSettings) -> (PolicySnapshot, PolicySnapshot, u64) {
    let spec = LearnerSpec {
        observation: observation_spec(Walk::WIDTH),
        actions: 5,
        gardens: 4,
        decisions_per_task: 280,
        seed: 5,
    };
    let mut learner = Learner::new("dqn", method, settings, spec).unwrap();
    let mut walk = Walk::new(5, 4);
    for decision in 0..150 {
        if decision % 70 == 0 {
            if decision > 0 {
                learner.task_ended();
            }
            learner.task_started();
        }
        learner.observe(walk.step());
        learner.learn().unwrap();
    }
    let multiply_adds = learner.ledger().multiply_adds;
    (learner.policy(), learner.evaluated_policy(Some(0)), multiply_adds)
}

#[test]
fn strength_zero_is_fine_tuning_bit_for_bit_and_any_other_is_not() {
    let mut settings = LearnerSettings {
        batch_size: 16,
        hidden: vec![12, 10],
        ..Default::default()
    };
    settings.fresh_memory.minimum_transitions = 20;
    let finetune = after_tasks("finetune", &settings);
    for (method, strong, none) in STRENGTHS {
        strong(&mut settings);
        assert_ne!(after_tasks(method, &settings).0, finetune.0, "{method}");
        none(&mut settings);
        assert!(after_tasks(method, &settings) == finetune, "{method}, or it costs something");
    }
}
