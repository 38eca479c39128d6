use super::*;
use crate::learner::methods::{METHODS, plan_with};
use crate::learner::testing::{Walk, observation_spec};
use crate::learner::{ALGORITHMS, Learner, LearnerSettings, LearnerSpec};

const GARDENS: usize = 3;
const TASK: usize = 30;

fn settings(heads: Heads) -> LearnerSettings {
    let mut settings = LearnerSettings {
        batch_size: 16,
        hidden: vec![12],
        decisions_per_update: GARDENS as u64,
        maximum_gradient_norm: 0.0,
        evaluation_averaging: 0.1,
        heads,
        ..Default::default()
    };
    settings.fresh_memory.minimum_transitions = 1;
    settings.packnet.retraining_updates = 20;
    settings.packnet.share_of_a_task = 0.3;
    settings.ewc.samples = 64;
    settings.mas.samples = 64;
    settings.gradient_projection.samples = 64;
    settings
}

fn learner(algorithm: &str, method: &str, settings: &LearnerSettings) -> Learner {
    let spec = LearnerSpec {
        observation: observation_spec(Walk::WIDTH),
        actions: 5,
        gardens: GARDENS,
        decisions_per_task: 100,
        seed: 3,
    };
    Learner::new(algorithm, method, settings, spec).unwrap()
}

fn start(learner: &mut Learner, identity: u16) {
    learner.task_identified(identity);
    learner.task_started();
}

fn advance(learner: &mut Learner, walk: &mut Walk, decisions: usize) {
    for _ in 0..decisions {
        learner.observe(walk.step());
        learner.learn().unwrap();
    }
}

/// Output layers and their moments, network by network.
fn output_layers(learner: &Learner) -> Vec<[Vec<f32>; 3]> {
    let networks = learner.networks().iter();
    let layers = networks.map(|network| {
        let range = network.shape().layers().pop().unwrap().range;
        let of = |numbers: &[f32]| numbers[range.clone()].to_vec();
        [
            of(network.parameters()),
            of(&network.optimiser.mean),
            of(&network.optimiser.mean_square),
        ]
    });
    layers.collect()
}

fn hidden_and_output<'a>(learner: &Learner, parameters: &'a [f32]) -> (&'a [f32], &'a [f32]) {
    parameters.split_at(learner.networks()[0].shape().layers().pop().unwrap().range.start)
}

#[test]
fn a_task_that_returns_finds_its_output_layers() {
    for algorithm in ALGORITHMS {
        let (mut learner, mut walk) = (
            learner(algorithm.name, "finetune", &settings(Heads::PerSeason)),
            Walk::new(8, GARDENS),
        );
        start(&mut learner, 4);
        advance(&mut learner, &mut walk, TASK);
        learner.task_ended();
        let (first, evaluated) = (output_layers(&learner), learner.evaluated_policy(Some(4)).parameters);
        start(&mut learner, 1);
        for ([new, mean, _], [old, ..]) in output_layers(&learner).iter().zip(&first) {
            assert!(new.iter().zip(old).all(|(new, old)| new != old), "a new layer is drawn");
            assert!(mean.iter().all(|&mean| mean == 0.0));
        }
        advance(&mut learner, &mut walk, TASK);
        let later = learner.evaluated_policy(Some(4)).parameters;
        let (hidden_before, output_before) = hidden_and_output(&learner, &evaluated);
        let (hidden_after, output_after) = hidden_and_output(&learner, &later);
        assert_eq!(output_before, output_after, "the running average is that of its end");
        assert_ne!(hidden_before, hidden_after, "hidden layers are shared");
        let never_met = learner.evaluated_policy(Some(9)).parameters;
        assert_eq!(never_met, learner.evaluated_policy(Some(1)).parameters);
        assert_ne!(never_met, later);
        learner.task_ended();
        let second = output_layers(&learner);
        start(&mut learner, 4);
        assert_eq!(output_layers(&learner), first, "{}", algorithm.name);
        learner.task_ended();
        start(&mut learner, 1);
        assert_eq!(output_layers(&learner), second);
    }
}

#[test]
fn the_target_network_has_the_same_output_layer_exchanged() {
    let mut settings = settings(Heads::PerSeason);
    settings.dqn.target_averaging = 0.0;
    let (mut learner, mut walk) = (learner("dqn", "finetune", &settings), Walk::new(8, GARDENS));
    let target = |learner: &Learner| {
        let mut state = StateDict::new();
        learner.save(&mut state).unwrap();
        let target: Vec<f32> = state.array("learner.algorithm.target.parameters").unwrap();
        hidden_and_output(learner, &target).1.to_vec()
    };
    start(&mut learner, 0);
    let first = target(&learner);
    advance(&mut learner, &mut walk, TASK);
    learner.task_ended();
    start(&mut learner, 1);
    assert_eq!(
        target(&learner),
        output_layers(&learner)[0][0],
        "a new layer is its own target"
    );
    assert_ne!(target(&learner), first);
    learner.task_ended();
    start(&mut learner, 0);
    assert_eq!(target(&learner), first);
}

#[test]
fn the_first_task_is_learned_as_without_heads() {
    for method in ["finetune", "ewc", "packnet"] {
        let run = |heads: Heads, decisions: usize| {
            let (mut learner, mut walk) = (learner("dqn", method, &settings(heads)), Walk::new(8, GARDENS));
            start(&mut learner, 0);
            advance(&mut learner, &mut walk, decisions.min(TASK));
            if decisions > TASK {
                learner.task_ended();
                start(&mut learner, 1);
                advance(&mut learner, &mut walk, decisions - TASK);
            }
            learner.policy().parameters
        };
        assert_eq!(run(Heads::Shared, TASK), run(Heads::PerSeason, TASK), "{method}");
        assert_ne!(run(Heads::Shared, TASK + 1), run(Heads::PerSeason, TASK + 1), "{method}");
    }
}

/// One update after a boundary, a penalty has pulled the hidden layers, and only shared output layers.
#[test]
fn penalties_do_not_hold_the_output_layer_of_another_task() {
    for method in ["l2", "ewc", "si", "mas"] {
        let run = |heads: Heads, strength: f32| {
            let mut settings = settings(heads);
            settings.l2.strength = strength;
            settings.ewc.strength = strength;
            settings.si.strength = strength;
            settings.mas.strength = strength;
            let (mut learner, mut walk) = (learner("dqn", method, &settings), Walk::new(8, GARDENS));
            start(&mut learner, 0);
            advance(&mut learner, &mut walk, TASK);
            learner.task_ended();
            start(&mut learner, 1);
            advance(&mut learner, &mut walk, 1);
            let policy = learner.policy().parameters;
            let (hidden, output) = hidden_and_output(&learner, &policy);
            (hidden.to_vec(), output.to_vec())
        };
        let (free, held) = (run(Heads::PerSeason, 0.0), run(Heads::PerSeason, 100.0));
        assert_ne!(free.0, held.0, "{method} holds hidden layers");
        assert_eq!(free.1, held.1, "{method} leaves the output layer alone");
        assert_ne!(run(Heads::Shared, 0.0).1, run(Heads::Shared, 100.0).1, "{method}");
    }
}

#[test]
fn a_packed_task_keeps_its_outputs_and_owns_its_output_layer() {
    for averaging in [0.0, 0.1] {
        let settings = LearnerSettings {
            evaluation_averaging: averaging,
            ..settings(Heads::PerSeason)
        };
        let (mut learner, mut walk) = (learner("dqn", "packnet", &settings), Walk::new(8, GARDENS));
        let mut ended = Vec::new();
        // Three tasks of 30 % of the weights; the fourth has no free weight for its part, and the fifth none at all.
        for identity in 0..5 {
            start(&mut learner, identity);
            let fresh = output_layers(&learner)[0][0].clone();
            advance(&mut learner, &mut walk, TASK);
            learner.task_ended();
            let own = learner.evaluated_policy(Some(identity)).parameters;
            // The biases are learned, whichever hidden units are silent.
            let biases = hidden_and_output(&learner, &own).1.iter().zip(&fresh).rev().take(5);
            assert_eq!(
                biases.filter(|(now, before)| now != before).count(),
                5,
                "its output layer is its own: task {identity}"
            );
            ended.push(own);
            for (identity, own) in ended.iter().enumerate() {
                assert_eq!(*own, learner.evaluated_policy(Some(identity as u16)).parameters);
            }
        }
        start(&mut learner, 2);
        assert_eq!(learner.evaluated_policy(Some(2)).parameters, ended[2]);
        if averaging == 0.0 {
            assert_eq!(learner.policy().parameters, ended[2], "it acts with the network that it had");
        }
    }
}

#[test]
fn runs_with_heads_resume_bit_for_bit() {
    let settings = settings(Heads::PerSeason);
    let state = |learner: &Learner| {
        let mut state = StateDict::new();
        learner.save(&mut state).unwrap();
        state
    };
    let step = |learner: &mut Learner, walk: &mut Walk, decision: usize| {
        if decision.is_multiple_of(TASK) {
            if decision > 0 {
                learner.task_ended();
            }
            start(learner, (decision / TASK % 2) as u16);
        }
        advance(learner, walk, 1);
    };
    for algorithm in ALGORITHMS {
        for method in METHODS.iter().filter(|spec| spec.heads).map(|spec| spec.name) {
            let (mut whole, mut walk) = (learner(algorithm.name, method, &settings), Walk::new(8, GARDENS));
            (0..100).for_each(|decision| step(&mut whole, &mut walk, decision));
            for stopped_after in [0, 29, 30, 31, 61] {
                let (mut first, mut walk) = (learner(algorithm.name, method, &settings), Walk::new(8, GARDENS));
                (0..stopped_after).for_each(|decision| step(&mut first, &mut walk, decision));
                let file = state(&first).to_bytes().unwrap();
                let mut second = learner(algorithm.name, method, &settings);
                (0..40).for_each(|decision| step(&mut second, &mut Walk::new(1, GARDENS), decision));
                second.load(&StateDict::from_bytes(&file).unwrap()).unwrap();
                (stopped_after..100).for_each(|decision| step(&mut second, &mut walk, decision));
                assert_eq!(
                    state(&second).checksum(),
                    state(&whole).checksum(),
                    "{method} after {stopped_after}"
                );
                assert_eq!(second.ledger(), whole.ledger());
            }
            assert!(whole.ledger().method_state_bytes > 0, "heads of other tasks are counted");
        }
    }
    let shared = learner("dqn", "finetune", &self::settings(Heads::Shared));
    let refusal = learner("dqn", "finetune", &settings).load(&state(&shared)).unwrap_err();
    assert!(refusal.to_string().contains("learner.heads"), "{refusal}");
}

#[test]
fn heads_have_to_be_told_the_season_and_suit_some_methods_only() {
    let (shared, own) = (settings(Heads::Shared), settings(Heads::PerSeason));
    assert_eq!(plan_with("finetune", &shared).unwrap().needs.to_string(), "nothing");
    assert_eq!(plan_with("finetune", &own).unwrap().needs.to_string(), "boundaries, season");
    assert_eq!(plan_with("si+ewc", &own).unwrap().needs.to_string(), "boundaries, season");
    for method in ["replay", "joint", "ewc+replay"] {
        assert!(plan_with(method, &shared).is_ok());
        let refusal = plan_with(method, &own).err().unwrap().to_string();
        assert!(refusal.contains("learner.heads"), "{refusal}");
    }
}
