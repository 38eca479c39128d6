//! Tests of plasticity in a toy environment: many unrelated tasks, each as easy as the first.
//!
//! A robot sees one of sixteen views, and each task has its own answer for each view. The learning rate is high enough for units
//! to die.

use rand::Rng;

use crate::learner::testing::observation_spec;
use crate::learner::{Learner, LearnerSettings, LearnerSpec, Policy};
use crate::mdp::Experience;
use crate::random::stream;

const GARDENS: usize = 8;
const WIDTH: usize = 6;
const ACTIONS: usize = 4;
const VIEWS: usize = 16;
const TASKS: usize = 60;
const DECISIONS: usize = 150;

/// Fraction of right answers at the end of each task.
fn life(method: &str, settings: &LearnerSettings) -> Vec<f32> {
    let observation = observation_spec(WIDTH);
    let spec = LearnerSpec {
        observation: observation.clone(),
        actions: ACTIONS,
        gardens: GARDENS,
        decisions_per_task: (DECISIONS * GARDENS) as u64,
        seed: 1,
    };
    let mut learner = Learner::new("dqn", method, settings, spec).unwrap();
    let mut rng = stream(1, "world", 0);
    let views: Vec<u8> = (0..VIEWS * WIDTH).map(|_| rng.next_u64() as u8).collect();
    let view = |number: usize| &views[number * WIDTH..(number + 1) * WIDTH];
    let mut experience = Experience::new(GARDENS, WIDTH);
    experience.step.terminated.fill(true);
    let mut scores = Vec::new();
    for _ in 0..TASKS {
        let answers: Vec<u8> = (0..VIEWS).map(|_| (rng.next_u64() % ACTIONS as u64) as u8).collect();
        learner.task_started();
        for _ in 0..DECISIONS {
            for garden in 0..GARDENS {
                let number = rng.next_u64() as usize % VIEWS;
                let action = (rng.next_u64() % ACTIONS as u64) as u8;
                experience.observations[garden * WIDTH..(garden + 1) * WIDTH].copy_from_slice(view(number));
                experience.actions[garden] = action;
                experience.step.rewards[garden] = f32::from(u8::from(action == answers[number]));
            }
            learner.observe(&experience);
            learner.learn().unwrap();
        }
        learner.task_ended();
        let mut policy = Policy::new(&observation, &learner.policy()).unwrap();
        let mut actions = [0; VIEWS];
        policy.greedy(&views, &mut actions);
        let hits = actions.iter().zip(&answers).filter(|(action, answer)| action == answer);
        scores.push(hits.count() as f32 / VIEWS as f32);
    }
    scores
}

#[test]
fn fine_tuning_loses_plasticity_and_methods_keep_it() {
    let mut settings = LearnerSettings {
        batch_size: 32,
        hidden: vec![24, 24],
        layer_norm: false,
        discount: 0.0,
        ..Default::default()
    };
    settings.adam.learning_rate = 3e-3;
    settings.fresh_memory.minimum_transitions = 64;
    // 9,000 updates are few, so everything is faster than by default.
    settings.redo.every_updates = 20;
    settings.redo.threshold = 0.1;
    settings.continual_backprop.replacement_rate = 2e-3;
    settings.continual_backprop.maturity_updates = 50;
    settings.shrink_perturb.shrink = 1e-2;
    settings.shrink_perturb.perturb = 1e-2;
    settings.l2_init.strength = 1e-3;
    settings.upgd.sigma = 0.3;
    settings.upgd.weight_decay = 0.3;
    settings.parseval.strength = 0.1;
    settings.c_chain.mean_updates = 1_000;
    let mean = |scores: &[f32]| scores.iter().sum::<f32>() / scores.len() as f32;
    let ends_with = |method: &str, settings: &LearnerSettings| {
        let scores = life(method, settings);
        let ends = (mean(&scores[..10]), mean(&scores[TASKS - 10..]));
        println!("{method}: the first ten tasks {}, the last ten {}", ends.0, ends.1);
        ends
    };
    let ends = |method: &str| ends_with(method, &settings);
    let (first, last) = ends("finetune");
    assert!(first > 0.8 && last < 0.6, "fine-tuning: {first} and {last}");
    let normalised = LearnerSettings {
        layer_norm: true,
        ..settings.clone()
    };
    let (first, last) = ends_with("finetune", &normalised);
    assert!(
        first > 0.8 && last > 0.8,
        "fine-tuning of normalised layers: {first} and {last}"
    );
    for method in [
        "upgd",
        "redo",
        "continual_backprop",
        "shrink_perturb",
        "l2_init",
        "parseval",
        "c_chain",
    ] {
        let (first, last) = ends(method);
        assert!(first > 0.8 && last > 0.8, "{method}: {first} and {last}");
    }
}
