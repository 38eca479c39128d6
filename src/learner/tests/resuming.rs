//! Tests that a saved and loaded learner continues as without the interruption.

use crate::learner::testing::{Walk, observation_spec};
use crate::learner::{ALGORITHMS, Learner, LearnerSettings, LearnerSpec, METHODS, StateDict};

const GARDENS: usize = 3;
const TASK: usize = 60;

fn learner(algorithm: &str, method: &str, hidden: usize) -> Learner {
    let mut settings = LearnerSettings {
        batch_size: 16,
        hidden: vec![hidden],
        decisions_per_update: 7,
        ..Default::default()
    };
    settings.fresh_memory.capacity = 120;
    settings.fresh_memory.minimum_transitions = 20;
    settings.reservoir.capacity = 60;
    settings.packnet.retraining_updates = 5;
    settings.reset_distil.distillation_updates = 5;
    settings.reset_distil.views = 50;
    settings.redo.every_updates = 3;
    settings.continual_backprop.replacement_rate = 0.01;
    settings.continual_backprop.maturity_updates = 2;
    settings.replay_boundary_free.capacity = 60;
    settings.c_chain.mean_updates = 5;
    settings.ewc.samples = 64;
    settings.mas.samples = 64;
    settings.gradient_projection.samples = 64;
    let observation = observation_spec(Walk::WIDTH);
    let spec = LearnerSpec {
        observation,
        actions: 5,
        gardens: GARDENS,
        decisions_per_task: 100,
        seed: 3,
    };
    Learner::new(algorithm, method, &settings, spec).unwrap()
}

/// Observes one decision of a run of several tasks, and learns.
fn advance(learner: &mut Learner, walk: &mut Walk, decision: usize) {
    if decision.is_multiple_of(TASK) {
        if decision > 0 {
            learner.task_ended();
        }
        // The third task is the first one again.
        learner.task_identified((decision / TASK % 2) as u16);
        learner.task_started();
    }
    learner.observe(walk.step());
    learner.learn().unwrap();
}

fn state(learner: &Learner) -> StateDict {
    let mut state = StateDict::new();
    learner.save(&mut state).unwrap();
    state
}

#[test]
fn every_method_resumes_bit_for_bit() {
    let decisions = 150;
    let compositions = [
        "replay+redo+l2_init",
        "ewc+redo+si",
        "joint+redo+l2_init",
        "replay+der_plus_plus+clear+qreg_nwlu+medqn",
        "joint+upgd+redo+c_chain",
        "continual_backprop+packnet+self_supervised",
    ];
    let names: Vec<&str> = METHODS.iter().map(|spec| spec.name).chain(compositions).collect();
    for (algorithm, method) in ALGORITHMS
        .iter()
        .flat_map(|algorithm| names.iter().map(move |&method| (algorithm, method)))
    {
        let (mut whole, mut walk) = (learner(algorithm.name, method, 12), Walk::new(8, GARDENS));
        (0..decisions).for_each(|decision| advance(&mut whole, &mut walk, decision));
        // At the start, with half-filled segments, before the first update, around boundaries, with full buffers.
        for stopped_after in [0, 1, 5, 8, 59, 60, 61, 64, 120, 149] {
            let (mut first, mut walk) = (learner(algorithm.name, method, 12), Walk::new(8, GARDENS));
            (0..stopped_after).for_each(|decision| advance(&mut first, &mut walk, decision));
            let file = state(&first).to_bytes().unwrap();

            let mut second = learner(algorithm.name, method, 12);
            // The loaded learner's previous decisions must not matter.
            (0..30).for_each(|decision| advance(&mut second, &mut Walk::new(1, GARDENS), decision));
            second.load(&StateDict::from_bytes(&file).unwrap()).unwrap();
            assert_eq!(state(&second), state(&first), "{method}: saved again after {stopped_after}");
            (stopped_after..decisions).for_each(|decision| advance(&mut second, &mut walk, decision));
            assert_eq!(
                state(&second).checksum(),
                state(&whole).checksum(),
                "{method}: stopped after {stopped_after}"
            );
            assert_eq!(second.ledger(), whole.ledger());
        }
    }
}

#[test]
fn a_state_of_another_learner_is_refused_by_name() {
    let saved = state(&learner("dqn", "replay", 12));
    let refusal = |mut learner: Learner, state: &StateDict| learner.load(state).unwrap_err().to_string();
    assert!(refusal(learner("dqn", "finetune", 12), &saved).contains("learner.method_name"));
    assert!(refusal(learner("dqn", "replay", 13), &saved).contains("learner.shape"));
    assert!(refusal(learner("dqn", "replay", 12), &StateDict::new()).contains("no entry"));
}
