use super::*;
use crate::learner::testing::{Bench, Walk, assert_is_gradient};

/// A method that has seen a task end, and the bench on which it did.
fn after_a_task(cloning_weight: f32) -> (GenerativeReplay, Bench) {
    let mut settings = LearnerSettings {
        hidden: vec![6],
        ..Default::default()
    };
    settings.generative_replay = GenerativeReplaySettings {
        cloning_weight,
        generator_rows: 16,
        units: 8,
        codes: 2,
        ..Default::default()
    };
    let mut bench = Bench::new(&settings);
    bench.see_varied_views();
    let mut method = GenerativeReplay::new(&settings, &Bench::spec());
    (0..50).for_each(|_| bench.update(&mut method));
    bench.with_view(|view| method.task_ended(view));
    (method, bench)
}

fn batch(method: &mut GenerativeReplay, bench: &mut Bench) -> Batch {
    let mut batch = Batch::new(Walk::WIDTH);
    let mut rng = stream(9, "test", 0);
    bench.with_view(|view| {
        view.recent.sample(8, &mut rng, view.decoder, &mut batch);
        method.add_views(view, &mut batch);
    });
    batch
}

#[test]
fn what_is_cloned_are_the_old_outputs_for_generated_views() {
    let (mut method, mut bench) = after_a_task(0.7);
    let batch = batch(&mut method, &mut bench);
    assert_eq!((batch.transitions(), batch.rows(), method.first_row), (8, 12, 8));
    let outputs = bench.with_view(|view| view.algorithm.networks_mut()[0].forward(&batch.observations).to_vec());
    for (output, target) in outputs[8 * 5..].iter().zip(&method.targets) {
        assert!((output - target).abs() < 1e-6, "the policy has not changed yet");
    }
    let rows: Vec<&[f32]> = (8..12).map(|row| batch.observations.row(row)).collect();
    assert!(rows.windows(2).all(|rows| rows[0] != rows[1]), "views differ");
    assert!(
        rows.iter()
            .flat_map(|row| row.iter())
            .all(|number| (-1.0..=1.0).contains(number))
    );
    let (mut gradient, mut losses) = (vec![0.0; outputs.len()], Losses::default());
    method.output_loss(
        Role::Policy,
        Outputs::ActionValues,
        &batch,
        &outputs,
        &mut gradient,
        &mut losses,
    );
    assert!(losses.total() < 1e-9);
    bench.train(20);
    let outputs = bench.with_view(|view| view.algorithm.networks_mut()[0].forward(&batch.observations).to_vec());
    method.output_loss(
        Role::Policy,
        Outputs::ActionValues,
        &batch,
        &outputs,
        &mut gradient,
        &mut losses,
    );
    assert!(losses.total() > 1e-5);
    assert!(
        gradient[..8 * 5].iter().all(|&slope| slope == 0.0),
        "transitions are not cloned"
    );
}

#[test]
fn the_gradient_of_cloning_agrees_with_finite_differences() {
    let (mut method, mut bench) = after_a_task(0.7);
    let batch = batch(&mut method, &mut bench);
    let outputs: Vec<f32> = (0..batch.rows() * 5).map(|index| (index % 13) as f32 * 0.1 - 0.5).collect();
    for meaning in [Outputs::ActionValues, Outputs::Logits] {
        assert_is_gradient(&outputs, |outputs, gradient| {
            let mut losses = Losses::default();
            method.output_loss(Role::Policy, meaning, &batch, outputs, gradient, &mut losses);
            losses.total()
        });
    }
    let (mut gradient, mut losses) = (vec![0.0; outputs.len()], Losses::default());
    method.output_loss(
        Role::Critic,
        Outputs::ActionValues,
        &batch,
        &outputs,
        &mut gradient,
        &mut losses,
    );
    assert_eq!(losses.total(), 0.0, "critics are not cloned");
}

#[test]
fn no_past_data_are_kept_and_nothing_is_added_before_a_task_has_ended() {
    let (mut method, mut bench) = after_a_task(1.0);
    assert_eq!(method.memory_bytes(), 0);
    let before = method.state_bytes();
    (0..50).for_each(|_| bench.update(&mut method));
    bench.with_view(|view| method.task_ended(view));
    assert_eq!(method.state_bytes(), before, "its size does not grow with the tasks");

    let settings = LearnerSettings {
        hidden: vec![6],
        ..Default::default()
    };
    let mut method = GenerativeReplay::new(&settings, &Bench::spec());
    assert_eq!(batch(&mut method, &mut bench).rows(), 8);
}
