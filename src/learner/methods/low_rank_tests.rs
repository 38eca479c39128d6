//! Low-rank adapters: few parameters, exact, resumable.

use super::*;
use crate::learner::testing::{Walk, observation_spec};
use crate::learner::{Learner, PolicySnapshot};

fn settings(rank: usize) -> LearnerSettings {
    let mut settings = LearnerSettings {
        batch_size: 16,
        hidden: vec![12],
        ..Default::default()
    };
    settings.fresh_memory.minimum_transitions = 20;
    LowRankSettings { rank }.set(&mut settings);
    settings
}

fn learner(method: &str, settings: &LearnerSettings) -> Learner {
    let spec = LearnerSpec {
        observation: observation_spec(Walk::WIDTH),
        actions: 5,
        gardens: 4,
        decisions_per_task: 1_000,
        seed: 5,
    };
    Learner::new("dqn", method, settings, spec).unwrap()
}

fn learn(learner: &mut Learner, walk: &mut Walk, decisions: usize) {
    for _ in 0..decisions {
        learner.observe(walk.step());
        learner.learn().unwrap();
    }
}

/// Reads the factors that a learner saved.
fn saved(learner: &Learner) -> (Vec<f32>, Vec<LayerFactors>) {
    let mut state = StateDict::new();
    learner.save(&mut state).unwrap();
    let prefix = "learner.method.low_rank";
    let layers: usize = state.get(&format!("{prefix}.layers")).unwrap();
    let factors = (0..layers).map(|layer| LayerFactors {
        a: state.array(&format!("{prefix}.{layer}.average.a")).unwrap(),
        b: state.array(&format!("{prefix}.{layer}.average.b")).unwrap(),
    });
    (state.array(&format!("{prefix}.base")).unwrap(), factors.collect())
}

#[test]
fn the_policy_itself_stays_and_with_the_factors_it_is_what_is_evaluated_bit_for_bit() {
    let mut learner = learner("low_rank", &settings(2));
    let before = learner.policy().parameters;
    learn(&mut learner, &mut Walk::new(5, 4), 100);
    let (base, factors) = saved(&learner);
    assert_eq!(base, before);
    let shape = learner.policy().shape;
    let mut evaluated = vec![0.0; base.len()];
    adapted(&shape, &base, &factors, 2, &mut evaluated);
    assert_eq!(evaluated, learner.evaluated_policy(None).parameters);
    assert_ne!(evaluated, base, "it learned something");
    let numbers: usize = factors.iter().map(|layer| layer.a.len() + layer.b.len()).sum();
    assert_eq!(numbers, 2 * (Walk::WIDTH + 1 + 12) + 2 * (13 + 5));
}

#[test]
fn without_a_rank_it_is_fine_tuning_bit_for_bit() {
    let trained = |method: &str| {
        let mut learner = learner(method, &settings(0));
        learn(&mut learner, &mut Walk::new(5, 4), 100);
        learner.policy()
    };
    assert_eq!(trained("low_rank"), trained("finetune"));
}

#[test]
fn a_saved_learner_goes_on_as_without_the_interruption() {
    let settings = settings(3);
    let (mut whole, mut walk) = (learner("low_rank", &settings), Walk::new(5, 4));
    learn(&mut whole, &mut walk, 60);
    let mut state = StateDict::new();
    whole.save(&mut state).unwrap();
    let mut resumed = learner("low_rank", &settings);
    resumed.load(&state).unwrap();
    for _ in 0..40 {
        let experience = walk.step().clone();
        for learner in [&mut whole, &mut resumed] {
            learner.observe(&experience);
            learner.learn().unwrap();
        }
    }
    let policy = |learner: &Learner| -> PolicySnapshot { learner.evaluated_policy(None) };
    assert_eq!(policy(&whole), policy(&resumed));
}

#[test]
fn adapters_are_found_by_name_and_are_no_methods_against_forgetting() {
    assert!(crate::learner::find_method("low_rank").is_some());
    assert!(crate::learner::METHODS.iter().all(|method| method.name != "low_rank"));
}
