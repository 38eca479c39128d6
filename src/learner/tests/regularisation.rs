//! Step-by-step tests of methods that hold weights or change updates.

use crate::learner::algorithms::{ALGORITHMS, Algorithm, Dqn, NoOutputLoss};
use crate::learner::losses::Losses;
use crate::learner::memory::{Batch, ReplayBuffer, Transition};
use crate::learner::methods::gradient_projection::GradientProjection;
use crate::learner::methods::importance::{HeldByImportance, Importance};
use crate::learner::methods::si::Si;
use crate::learner::methods::{LearnerView, Method};
use crate::learner::settings::{GradientProjectionSettings, ImportanceSettings, SiSettings};
use crate::learner::testing::{Walk, decoder, observation_spec};
use crate::learner::{Learner, LearnerSettings, LearnerSpec, METHODS};
use crate::mdp::ObservationDecoder;
use crate::random::stream;

fn spec() -> LearnerSpec {
    LearnerSpec {
        observation: observation_spec(Walk::WIDTH),
        actions: 5,
        gardens: 4,
        decisions_per_task: 1_000,
        seed: 5,
    }
}

fn settings() -> LearnerSettings {
    let mut settings = LearnerSettings {
        batch_size: 16,
        hidden: vec![12, 9],
        ..Default::default()
    };
    settings.fresh_memory.minimum_transitions = 20;
    settings
}

/// Environment for calling hooks.
struct World {
    dqn: Dqn,
    recent: ReplayBuffer,
    decoder: ObservationDecoder,
    task: u16,
}

impl World {
    fn new(settings: &LearnerSettings) -> Self {
        let mut walk = Walk::new(1, 4);
        let mut recent = ReplayBuffer::new(4, Walk::WIDTH, None);
        (0..60).for_each(|_| recent.observe(walk.step(), 0));
        Self {
            dqn: Dqn::new(settings, &spec()),
            recent,
            decoder: decoder(Walk::WIDTH),
            task: 0,
        }
    }

    fn view(&mut self) -> LearnerView<'_> {
        LearnerView {
            algorithm: &mut self.dqn,
            recent: &self.recent,
            decoder: &self.decoder,
            task: self.task,
            decisions: 0,
            updates: 0,
            task_has_own_outputs: false,
        }
    }

    /// Performs one update with the gradient of this batch, as the learner does; returns the loss before it.
    fn update(&mut self, method: &mut dyn Method, batch: &Batch) -> f32 {
        let mut losses = Losses::default();
        self.dqn.compute_gradients(batch, &mut NoOutputLoss, &mut losses);
        let loss = losses.total();
        method.adjust_gradients(batch, &mut self.view(), &mut losses);
        self.dqn.step();
        method.adjust_weights(batch, &mut self.view());
        loss
    }

    fn parameters(&self) -> Vec<f32> {
        self.dqn.networks()[0].parameters().to_vec()
    }
}

/// Creates transitions whose targets are their rewards.
fn batch(offset: u8) -> Batch {
    let mut batch = Batch::new(Walk::WIDTH);
    for row in 0..12u8 {
        let observation = [row * 20, 255 - row * 9, offset.wrapping_mul(row)];
        let transition = Transition {
            observation: &observation,
            action: row % 5,
            reward: f32::from(row % 4) - 1.5,
            terminated: true,
            next_observation: &observation,
        };
        batch.push(&decoder(Walk::WIDTH), transition);
    }
    batch.recent_rows = 12;
    batch
}

#[test]
fn the_path_integral_is_minus_the_sum_of_gradient_times_step() {
    let settings = SiSettings {
        ceiling: 1e9,
        damping: 0.5,
        ..Default::default()
    };
    let mut world = World::new(&self::settings());
    let mut si = Si::new(&settings);
    si.task_started(&mut world.view());
    let start = world.parameters();
    let mut expected = vec![0.0f32; start.len()];
    for step in 0..3 {
        let before = world.parameters();
        for (index, gradient) in world.dqn.networks_mut()[0].gradient.iter_mut().enumerate() {
            *gradient = (index % 7) as f32 - 2.0 + step as f32;
        }
        let gradient = world.dqn.networks()[0].gradient.clone();
        si.adjust_gradients(&batch(0), &mut world.view(), &mut Losses::default());
        for (index, parameter) in world.dqn.networks_mut()[0].parameters_mut().iter_mut().enumerate() {
            *parameter -= 0.01 * (index % 5) as f32;
        }
        si.adjust_weights(&batch(0), &mut world.view());
        for (index, (after, before)) in world.parameters().iter().zip(&before).enumerate() {
            expected[index] -= gradient[index] * (after - before);
        }
    }
    assert_eq!(si.integral(0), expected);

    si.task_ended(&mut world.view());
    let end = world.parameters();
    let raw: Vec<f64> = (0..end.len())
        .map(|index| f64::from(expected[index].max(0.0)) / (f64::from(end[index] - start[index]).powi(2) + 0.5))
        .collect();
    let mean = raw.iter().sum::<f64>() / raw.len() as f64;
    for (importance, raw) in si.anchors().importance(0).iter().zip(&raw) {
        assert!(
            (f64::from(*importance) - raw / mean).abs() < 1e-4,
            "{importance} {}",
            raw / mean
        );
    }
    assert_eq!(si.anchors().weights(0), end);
    assert!(
        si.integral(0).iter().all(|&integral| integral == 0.0),
        "a new task begins at zero"
    );
}

/// Summed over all weights, the integral of the gradient along a path of small steps is the decrease of the loss.
#[test]
fn the_path_integral_over_all_weights_is_how_far_the_loss_fell() {
    let mut settings = settings();
    settings.adam.learning_rate = 1e-4;
    let mut world = World::new(&settings);
    let mut si = Si::new(&SiSettings::default());
    si.task_started(&mut world.view());
    let batch = batch(7);
    let first = world.update(&mut si, &batch);
    (0..400).for_each(|_| {
        world.update(&mut si, &batch);
    });
    let mut losses = Losses::default();
    world.dqn.compute_gradients(&batch, &mut NoOutputLoss, &mut losses);
    let (fell, integral) = (first - losses.total(), si.integral(0).iter().sum::<f32>());
    assert!(fell > 0.05, "{fell}");
    assert!((integral - fell).abs() < 0.02 * fell, "{integral} and {fell}");
}

#[test]
fn a_penalty_pulls_towards_the_anchor_by_importance() {
    let mut world = World::new(&settings());
    let held = ImportanceSettings {
        strength: 0.3,
        ..Default::default()
    };
    let mut ewc = HeldByImportance::new("ewc", Importance::Fisher, &held, stream(1, "test", 0));
    ewc.task_ended(&mut world.view());
    let anchor = world.parameters();
    assert_eq!(ewc.anchors().weights(0), anchor);
    let importance = ewc.anchors().importance(0).to_vec();
    assert!(importance.iter().all(|&importance| (0.0..=100.0).contains(&importance)));
    for (index, parameter) in world.dqn.networks_mut()[0].parameters_mut().iter_mut().enumerate() {
        *parameter += 0.1 * (index % 3) as f32;
    }
    world.dqn.networks_mut()[0].gradient.fill(0.25);
    let mut losses = Losses::default();
    ewc.adjust_gradients(&batch(0), &mut world.view(), &mut losses);
    let (parameters, mut penalty) = (world.parameters(), 0.0);
    for (index, gradient) in world.dqn.networks()[0].gradient.iter().enumerate() {
        let distance = parameters[index] - anchor[index];
        penalty += 0.15 * importance[index] * distance * distance;
        assert!((gradient - 0.25 - 0.3 * importance[index] * distance).abs() < 1e-5);
    }
    assert!(
        (losses.total() - penalty).abs() < 1e-3 * penalty,
        "{} {penalty}",
        losses.total()
    );
    // The importances of a second task are added to the decayed ones of the first.
    ewc.task_ended(&mut world.view());
    assert!(
        ewc.anchors()
            .importance(0)
            .iter()
            .zip(&importance)
            .all(|(now, before)| *now >= 0.9 * before)
    );
    assert_eq!(ewc.anchors().weights(0), parameters);
}

#[test]
fn a_projected_update_leaves_what_was_put_out_for_past_inputs_as_it_was() {
    let projection = GradientProjectionSettings {
        threshold: 0.999_99,
        threshold_growth: 0.0,
        ..Default::default()
    };
    // More inputs than the past uses: otherwise no direction would be left for learning.
    let mut settings = settings();
    settings.hidden = vec![40, 40];
    let moved = |strength: f32| {
        let mut world = World::new(&settings);
        // A past of a few observations.
        world.recent = ReplayBuffer::new(1, Walk::WIDTH, None);
        let mut walk = Walk::new(1, 1);
        for _ in 0..3 {
            world.recent.observe(walk.step(), 0);
        }
        let settings = GradientProjectionSettings {
            strength,
            ..projection.clone()
        };
        let mut method = GradientProjection::new(&settings, stream(1, "test", 0));
        let mut views = Batch::new(Walk::WIDTH);
        world
            .recent
            .sample_views(64, &mut stream(2, "test", 0), &world.decoder, &mut views);
        let before = world.dqn.networks_mut()[0].forward(&views.observations).to_vec();
        method.task_ended(&mut world.view());
        world.task = 1;
        let weights = world.parameters();
        for round in 0..40 {
            world.update(&mut method, &batch(round));
        }
        let after = world.dqn.networks_mut()[0].forward(&views.observations);
        let outputs = before
            .iter()
            .zip(after)
            .map(|(before, after)| (before - after).abs())
            .fold(0.0, f32::max);
        let parameters = weights.iter().zip(world.dqn.networks()[0].parameters());
        let weights = parameters.map(|(before, after)| (before - after).abs()).fold(0.0, f32::max);
        (outputs, weights)
    };
    let (free, projected) = (moved(0.0), moved(1.0));
    assert!(free.0 > 0.1, "{free:?}");
    assert!(projected.1 > 0.005, "it still learns: {projected:?}");
    assert!(projected.0 < 0.02 * free.0, "{projected:?} and {free:?}");
}

fn learner(algorithm: &str, method: &str) -> (Learner, Walk) {
    let mut settings = settings();
    settings.fresh_memory.capacity = 200;
    (Learner::new(algorithm, method, &settings, spec()).unwrap(), Walk::new(5, 4))
}

fn live(learner: &mut Learner, walk: &mut Walk, decisions: usize) {
    for _ in 0..decisions {
        learner.observe(walk.step());
        learner.learn().unwrap();
    }
}

#[test]
fn frozen_changes_no_weight_after_the_first_task() {
    for algorithm in ALGORITHMS {
        let (mut learner, mut walk) = learner(algorithm.name, "frozen");
        learner.task_started();
        live(&mut learner, &mut walk, 40);
        learner.task_ended();
        let weights = |learner: &Learner| -> Vec<Vec<f32>> {
            let networks = learner.networks().iter();
            networks.map(|network| network.parameters().to_vec()).collect()
        };
        let (kept, updates) = (weights(&learner), learner.ledger().updates);
        assert!(updates > 0);
        for _ in 0..2 {
            learner.task_started();
            live(&mut learner, &mut walk, 40);
            learner.task_ended();
        }
        assert_eq!((weights(&learner), learner.ledger().updates), (kept, updates));
    }
}

#[test]
fn scratch_begins_anew_with_networks_and_optimiser_where_a_task_starts() {
    for algorithm in ALGORITHMS {
        let (mut learner, mut walk) = learner(algorithm.name, "scratch");
        learner.task_started();
        live(&mut learner, &mut walk, 40);
        let learned = learner.policy().parameters;
        learner.task_ended();
        assert_eq!(
            learner.policy().parameters,
            learned,
            "what was learned can still be evaluated"
        );
        learner.task_started();
        let recent = learner.policy().parameters;
        let same = recent.iter().zip(&learned).filter(|(recent, learned)| recent == learned);
        assert!(same.count() < learned.len() / 10);
        for network in learner.networks() {
            assert!(
                network
                    .optimiser
                    .mean
                    .iter()
                    .chain(&network.optimiser.mean_square)
                    .all(|&mean| mean == 0.0)
            );
        }
        if algorithm.name == "dqn" {
            let exploration = learner.policy().exploration;
            assert_eq!(
                exploration,
                crate::learner::ExplorationPolicy::EpsilonGreedy { epsilon: 1.0 },
                "it explores as a new one does"
            );
        }
    }
}

#[test]
fn only_methods_that_work_without_boundaries_say_so() {
    for (name, needs) in [
        ("replay_boundary_free", 0),
        ("der_plus_plus", 0),
        ("clear", 0),
        ("qreg_nwlu", 0),
        ("medqn", 0),
        ("upgd", 0),
        ("replay", 1),
        ("ewc", 2),
        ("agem", 2),
        ("gradient_projection", 2),
    ] {
        let spec = METHODS.iter().find(|spec| spec.name == name).unwrap();
        assert_eq!(spec.needs.boundaries as u8, needs, "{name}");
        assert!(!spec.needs.task_at_test_time);
    }
}
