use super::*;
use crate::learner::testing::observation_spec;
use crate::learner::{Learner, Policy};

const GARDENS: usize = 4;
const WIDTH: usize = 3;

fn spec() -> LearnerSpec {
    LearnerSpec {
        observation: observation_spec(WIDTH),
        actions: 5,
        gardens: GARDENS,
        decisions_per_task: 1_000,
        seed: 5,
    }
}

fn settings() -> LearnerSettings {
    let mut settings = LearnerSettings {
        batch_size: 16,
        hidden: vec![12],
        decisions_per_update: GARDENS as u64,
        evaluation_averaging: 0.1,
        ..Default::default()
    };
    settings.fresh_memory.minimum_transitions = 20;
    settings.fresh_memory.capacity = 400;
    settings.adam.learning_rate = 3e-3;
    settings.inferred_context.window_views = 40;
    settings
}

/// Views around a colour, in which the first action is rewarded, or the last one.
fn experience(decision: usize, colour: u8) -> Experience {
    let mut experience = Experience::new(GARDENS, WIDTH);
    for garden in 0..GARDENS {
        let noise = ((decision * 7 + garden * 13) % 11) as u8;
        let view = [colour + noise, 100 + noise, 200 - colour / 2];
        experience.observations[garden * WIDTH..(garden + 1) * WIDTH].copy_from_slice(&view);
        experience.step.observations[garden * WIDTH..(garden + 1) * WIDTH].copy_from_slice(&view);
        experience.step.final_observations[garden * WIDTH..(garden + 1) * WIDTH].copy_from_slice(&view);
        experience.actions[garden] = ((decision + garden) % 5) as u8;
        let rewarded = if colour < 100 { 0 } else { 4 };
        experience.step.rewards[garden] = f32::from(u8::from(experience.actions[garden] == rewarded));
    }
    experience
}

fn live(learner: &mut Learner, decisions: usize, colour: u8) {
    for decision in 0..decisions {
        learner.observe(&experience(decision, colour));
        learner.learn().unwrap();
    }
}

fn actions(learner: &Learner, colours: &[u8]) -> Vec<u8> {
    let snapshot = learner.evaluated_policy(None);
    let mut policy = Policy::new(&observation_spec(WIDTH), &snapshot).unwrap();
    let views: Vec<u8> = colours
        .iter()
        .flat_map(|&colour| [colour + 5, 105, 200 - colour / 2])
        .collect();
    let mut actions = vec![0; colours.len()];
    policy.greedy(&views, &mut actions);
    actions
}

#[test]
fn each_kind_of_view_has_networks_that_others_do_not_change() {
    let mut learner = Learner::new("dqn", "inferred_context", &settings(), spec()).unwrap();
    live(&mut learner, 300, 20);
    assert!(
        learner.evaluated_policy(None).contexts.is_empty(),
        "one kind of view is one context"
    );
    live(&mut learner, 300, 180);
    let contexts = learner.evaluated_policy(None).contexts;
    assert_eq!(contexts.0.len(), 2);
    assert_eq!(
        actions(&learner, &[20, 180, 20]),
        [0, 4, 0],
        "rows of one call have their own policies"
    );
    live(&mut learner, 300, 180);
    let later = learner.evaluated_policy(None).contexts;
    assert_eq!(later.0[0], contexts.0[0], "what was learned for the first is as it was");
    assert_ne!(later.0[1].parameters, contexts.0[1].parameters);
    live(&mut learner, 300, 20);
    let returned = learner.evaluated_policy(None).contexts;
    assert_eq!(returned.0.len(), 2, "a context that returns is recognised");
    assert_ne!(returned.0[0].parameters, later.0[0].parameters, "and goes on learning");
    assert_eq!(actions(&learner, &[20, 180]), [0, 4]);
}

#[test]
fn statistics_of_parts_are_those_of_the_whole() {
    let views: Vec<[f32; 2]> = (0..50)
        .map(|view| [(view % 7) as f32, (view * view % 11) as f32 - 3.0])
        .collect();
    let of = |views: &[[f32; 2]]| {
        let mut statistics = Statistics::new(2);
        views.iter().for_each(|view| statistics.add(view));
        statistics
    };
    let whole = of(&views);
    let mut parts = of(&views[..20]);
    parts.merge(&of(&views[20..]), 1_000);
    assert_eq!(parts.views, whole.views);
    for channel in 0..2 {
        let mean = views.iter().map(|view| view[channel]).sum::<f32>() / 50.0;
        let variance = views.iter().map(|view| (view[channel] - mean).powi(2)).sum::<f32>() / 50.0;
        for statistics in [&whole, &parts] {
            assert!((statistics.means[channel] - mean).abs() < 1e-4);
            assert!((statistics.variances[channel] - variance).abs() < 1e-3);
        }
    }
}

#[test]
fn views_of_a_context_are_at_a_distance_of_about_one() {
    let distribution = ViewDistribution::new(&[0.0, 1.0], &[4.0, 0.25]);
    assert_eq!(distribution.distance(&[2.0, 1.5]), 1.0);
    assert!(
        (distribution.surprise(&[2.0, 1.5]) - 1.0).abs() < 1e-6,
        "the variances multiply to 1"
    );
    let wide = ViewDistribution::new(&[0.0, 1.0], &[40.0, 40.0]);
    assert!(
        wide.distance(&[2.0, 1.5]) < 1.0 && wide.surprise(&[2.0, 1.5]) > 1.0,
        "what allows everything explains little"
    );
}

#[test]
fn contexts_survive_a_file() {
    let mut learner = Learner::new("dqn", "inferred_context", &settings(), spec()).unwrap();
    live(&mut learner, 100, 20);
    live(&mut learner, 100, 180);
    let snapshot = learner.evaluated_policy(None);
    assert_eq!(snapshot.contexts.0.len(), 2);
    let mut state = StateDict::new();
    snapshot.save(&mut state, "policy").unwrap();
    let state = StateDict::from_bytes(&state.to_bytes().unwrap()).unwrap();
    assert_eq!(crate::learner::PolicySnapshot::load(&state, "policy").unwrap(), snapshot);

    let save = |learner: &Learner| {
        let mut state = StateDict::new();
        learner.save(&mut state).unwrap();
        state
    };
    let mut other = Learner::new("dqn", "inferred_context", &settings(), spec()).unwrap();
    other.load(&save(&learner)).unwrap();
    live(&mut learner, 150, 20);
    live(&mut other, 150, 20);
    assert_eq!(save(&learner).checksum(), save(&other).checksum());
    assert_eq!(learner.evaluated_policy(None), other.evaluated_policy(None));
}
