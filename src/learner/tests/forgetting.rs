//! Tests of forgetting in a toy environment: fine-tuning forgets its first season, replay does not.
//!
//! A robot sees a number and must answer in which of four ranges it lies. Each season has a look (two more numbers) and its own
//! mapping to actions, shifted from that of the other season. Episodes last a few decisions, and the reward is 1 for the right
//! action.

use rand::Rng;

use crate::learner::testing::observation_spec;
use crate::learner::{Learner, LearnerSettings, LearnerSpec, Policy};
use crate::mdp::{Experience, ObservationSpec};
use crate::random::{Stream, stream};

const GARDENS: usize = 8;
const WIDTH: usize = 6;
const ACTIONS: usize = 4;

fn observe(season: usize, range: usize, rng: &mut Stream) -> [u8; WIDTH] {
    let noise = |rng: &mut Stream| (rng.next_u64() % 32) as u8;
    let mut observation = [0; WIDTH];
    observation[range] = 200 + noise(rng);
    observation[4] = if season == 0 { 200 } else { 20 } + noise(rng);
    observation[5] = if season == 0 { 20 } else { 200 } + noise(rng);
    observation
}

fn right(season: usize, range: usize) -> usize {
    (range + 2 * season) % ACTIONS
}

fn fill(season: usize, ranges: &mut [usize], observations: &mut [u8], rng: &mut Stream) {
    for (range, observation) in ranges.iter_mut().zip(observations.chunks_exact_mut(WIDTH)) {
        *range = (rng.next_u64() % 4) as usize;
        observation.copy_from_slice(&observe(season, *range, rng));
    }
}

/// Fraction of right answers in a season.
fn score(policy: &mut Policy, season: usize) -> f32 {
    let mut rng = stream(9, "probe", season as u64);
    let (mut ranges, mut observations, mut actions) = ([0; 64], [0; 64 * WIDTH], [0; 64]);
    fill(season, &mut ranges, &mut observations, &mut rng);
    policy.greedy(&observations, &mut actions);
    let hits = ranges
        .iter()
        .zip(actions)
        .filter(|&(&range, action)| right(season, range) == usize::from(action));
    hits.count() as f32 / 64.0
}

/// Returns the score in the first season at its end, and the scores in both seasons at the end.
fn year(method: &str) -> [f32; 3] {
    year_with("dqn", method, true, &|_| {})
}

/// Like [`year`], with some settings changed, and with or without declared boundaries.
fn year_with(algorithm: &str, method: &str, declared: bool, change: &dyn Fn(&mut LearnerSettings)) -> [f32; 3] {
    let mut settings = LearnerSettings {
        batch_size: 32,
        hidden: vec![32],
        layer_norm: false,
        discount: 0.5,
        decisions_per_update: 8,
        // A few hundred updates are too few for averaging.
        evaluation_averaging: 0.0,
        ..Default::default()
    };
    settings.replay.batch_share = 0.5;
    settings.adam.learning_rate = 2e-3;
    settings.dqn.target_averaging = 0.05;
    settings.fresh_memory.minimum_transitions = 64;
    settings.reservoir.capacity = 500;
    settings.replay_boundary_free.capacity = 500;
    // With 450 updates per season, a slow average of weights would still be that of the previous season.
    settings.evaluation_averaging = 0.0;
    change(&mut settings);
    let observation = observation_spec(WIDTH);
    let decisions = 450;
    let decisions_per_task = (decisions * GARDENS) as u64;
    let spec = LearnerSpec {
        observation: observation.clone(),
        actions: ACTIONS,
        gardens: GARDENS,
        decisions_per_task,
        seed: 1,
    };
    let mut learner = Learner::new(algorithm, method, &settings, spec).unwrap();
    let mut snapshot = learner.policy();
    let mut policy = Policy::new(&observation, &snapshot).unwrap();
    let mut rng = stream(1, "world", 0);
    let mut experience = Experience::new(GARDENS, WIDTH);
    let mut ranges = [0; GARDENS];
    let mut scores = [0.0; 3];
    for season in 0..2 {
        if declared {
            learner.task_started();
        }
        fill(season, &mut ranges, &mut experience.step.observations, &mut rng);
        for decision in 0..decisions {
            experience.observations.clone_from(&experience.step.observations);
            policy.act(&experience.observations, &mut rng, &mut experience.actions);
            for (garden, &range) in ranges.iter().enumerate() {
                experience.step.rewards[garden] = f32::from(right(season, range) == usize::from(experience.actions[garden]));
            }
            fill(season, &mut ranges, &mut experience.step.observations, &mut rng);
            experience.step.final_observations.clone_from(&experience.step.observations);
            experience.step.truncated.fill(decision % 10 == 9);
            learner.observe(&experience);
            learner.learn().unwrap();
            learner.copy_policy_into(&mut snapshot);
            policy.set(&snapshot);
        }
        if declared {
            learner.task_ended();
        }
        if season == 0 {
            scores[0] = score(&mut evaluated(&learner, &observation, 0), 0);
        }
    }
    scores[1] = score(&mut evaluated(&learner, &observation, 0), 0);
    scores[2] = score(&mut evaluated(&learner, &observation, 1), 1);
    scores
}

/// Returns the policy evaluated in a season; only some methods depend on the season.
fn evaluated(learner: &Learner, observation: &ObservationSpec, season: u16) -> Policy {
    Policy::new(observation, &learner.evaluated_policy(Some(season))).unwrap()
}

#[test]
fn fine_tuning_forgets_and_replay_does_not() {
    let (finetune, replay) = (year("finetune"), year("replay"));
    assert!(
        finetune[0] > 0.95 && finetune[2] > 0.95,
        "fine-tuning learns each season: {finetune:?}"
    );
    assert!(finetune[1] < 0.6, "fine-tuning forgets the first: {finetune:?}");
    assert!(
        replay.iter().all(|&score| score > 0.95),
        "replay learns both and keeps both: {replay:?}"
    );
}

/// Each method has a strength that suits this environment. Some of them keep the first season at the cost of the second.
#[test]
fn every_method_that_holds_weights_or_turns_gradients_forgets_less_than_fine_tuning() {
    type Change = fn(&mut LearnerSettings);
    let methods: [(&str, Change); 6] = [
        ("l2", |settings| settings.l2.strength = 0.3),
        ("ewc", |settings| settings.ewc.strength = 0.3),
        ("si", |settings| settings.si.strength = 0.3),
        ("mas", |settings| settings.mas.strength = 0.3),
        ("agem", |settings| {
            settings.agem.strength = 1.0;
            settings.agem.reference_rows = 32;
        }),
        ("gradient_projection", |settings| settings.gradient_projection.threshold = 0.9),
    ];
    for algorithm in ["dqn", "sac"] {
        let finetune = year_with(algorithm, "finetune", true, &|_| {});
        for (method, change) in methods {
            let scores = year_with(algorithm, method, true, &change);
            // Published results agree: turning gradients one batch at a time preserves little of a policy (Continual World: .07).
            let turns_in_vain = (algorithm, method) == ("sac", "agem");
            assert!(scores[0] > 0.95, "{algorithm} {method} learns the first season: {scores:?}");
            assert!(
                turns_in_vain || scores[1] > finetune[1] + 0.1,
                "{algorithm} {method} {scores:?} and fine-tuning {finetune:?}"
            );
        }
    }
}

#[test]
fn replay_without_boundaries_keeps_both_seasons_and_needs_no_boundary() {
    for algorithm in ["dqn", "sac"] {
        let scores = year_with(algorithm, "replay_boundary_free", false, &|settings| {
            settings.replay_boundary_free.lately = 500;
            settings.replay_boundary_free.ratio_learning_rate = 0.1;
        });
        assert!(scores.iter().all(|&score| score > 0.9), "{algorithm}: {scores:?}");
    }
}

#[test]
fn what_rehearses_stored_outputs_without_boundaries_keeps_both_seasons() {
    for algorithm in ["dqn", "sac"] {
        for method in ["der_plus_plus", "clear"] {
            let scores = year_with(algorithm, method, false, &|settings| {
                // Without boundaries the replay buffer would otherwise hold both seasons.
                settings.fresh_memory.capacity = 500;
                // Early outputs are those of an immature network, and in a short year most are early.
                settings.der_plus_plus.alpha = 0.1;
                settings.der_plus_plus.beta = 1.0;
            });
            assert!(scores.iter().all(|&score| score > 0.9), "{algorithm} {method}: {scores:?}");
        }
    }
}

#[test]
fn a_frozen_policy_keeps_the_first_season_and_learns_no_other() {
    let scores = year("frozen");
    assert!(scores[0] > 0.95 && scores[1] == scores[0] && scores[2] < 0.6, "{scores:?}");
}

#[test]
fn new_networks_learn_the_second_season_and_know_nothing_of_the_first() {
    let scores = year("scratch");
    assert!(scores[0] > 0.95 && scores[1] < 0.6 && scores[2] > 0.95, "{scores:?}");
}

#[test]
fn weights_of_their_own_or_a_student_keep_both_seasons() {
    for method in ["packnet", "reset_distil"] {
        let scores = year(method);
        assert!(scores.iter().all(|&score| score > 0.9), "{method}: {scores:?}");
    }
}

#[test]
fn what_keeps_plasticity_does_not_keep_from_learning() {
    for method in [
        "upgd",
        "continual_backprop",
        "redo",
        "shrink_perturb",
        "l2_init",
        "parseval",
        "c_chain",
        "self_supervised",
    ] {
        let scores = year(method);
        assert!(scores[0] > 0.9 && scores[2] > 0.9, "{method}: {scores:?}");
    }
}
