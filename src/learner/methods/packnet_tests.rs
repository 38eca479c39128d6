//! Tests that frozen weights stay unchanged, and that free weights are shared out.

use super::*;
use crate::learner::algorithms::Algorithm;
use crate::learner::testing::Bench;
use crate::learner::{Inputs, LearnerSettings};

fn begun(share: f32) -> (Bench, Packnet) {
    let settings = LearnerSettings {
        hidden: vec![9, 8],
        ..Default::default()
    };
    let packnet = PacknetSettings {
        share_of_a_task: share,
        retraining_updates: 7,
        retrain_on_outputs: true,
    };
    (Bench::new(&settings), Packnet::new(packnet, 16, 10.0, stream(1, "test", 0)))
}

/// Learns a task from start to end.
fn learn(bench: &mut Bench, packnet: &mut Packnet, identity: u16) {
    packnet.task_identified(identity);
    bench.with_view(|view| packnet.task_started(view));
    for _ in 0..10 {
        bench.update(packnet);
    }
    bench.with_view(|view| packnet.task_ended(view));
    bench.task += 1;
}

/// Outputs for some views of the policy evaluated in this task, and of the acting one.
fn outputs(bench: &mut Bench, packnet: &Packnet, task: u16) -> [Vec<f32>; 2] {
    let mut inputs = Inputs::new(3);
    (0..9).for_each(|row| inputs.push(&crate::learner::testing::decoder(3), &[row * 28, 255 - row * 20, 90]));
    let network = &bench.dqn.networks()[0];
    let mut parameters = network.parameters().to_vec();
    packnet.evaluated_policy(Some(task), &mut parameters);
    let mut evaluated = crate::learner::network::Network::new(network.shape(), &parameters);
    let mut pass = crate::learner::network::Pass::default();
    evaluated.forward(&inputs, &mut pass);
    let acting = bench.dqn.networks_mut()[0].forward(&inputs).to_vec();
    [pass.outputs().to_vec(), acting]
}

#[test]
fn a_task_that_is_over_says_the_same_for_ever() {
    let (mut bench, mut packnet) = begun(0.3);
    let mut said: Vec<Vec<f32>> = Vec::new();
    for task in 0..5 {
        learn(&mut bench, &mut packnet, task);
        // The last two tasks have few free weights or none.
        let [evaluated, _] = outputs(&mut bench, &packnet, task);
        assert!(
            said.iter().all(|earlier| *earlier != evaluated) || task > 2,
            "task {task} has learned something"
        );
        said.push(evaluated);
        for (earlier, said) in said.iter().enumerate() {
            assert_eq!(
                outputs(&mut bench, &packnet, earlier as u16)[0],
                *said,
                "task {earlier} after {task}"
            );
        }
    }
}

#[test]
fn masks_partition_the_weights_by_size() {
    let (mut bench, mut packnet) = begun(0.3);
    let shape = bench.dqn.networks()[0].shape().clone();
    for task in 0..4 {
        learn(&mut bench, &mut packnet, task);
        for layer in shape.layers() {
            let (weights, biases) = packnet.owners[layer.range.clone()].split_at(layer.inputs * layer.outputs);
            assert!(biases.iter().all(|&owner| owner == 1));
            let share = (0.3 * weights.len() as f32).round() as usize;
            for number in 1..=task + 1 {
                let owned = weights.iter().filter(|&&owner| owner == number).count();
                let left = weights.len() - share * (usize::from(number) - 1);
                assert_eq!(owned, share.min(left), "{number} after {task}");
            }
        }
        // Weights without owner are zero, and so are their moments.
        let network = &bench.dqn.networks()[0];
        for (place, &owner) in packnet.owners.iter().enumerate() {
            if owner == FREE {
                let moments = (network.optimiser.mean[place], network.optimiser.mean_square[place]);
                assert_eq!((network.parameters()[place], moments), (0.0, (0.0, 0.0)));
            }
        }
    }
    let weights = bench.dqn.networks()[0].parameters().len() as u64;
    assert_eq!(packnet.state_bytes(), 6 * weights + 4 * 2);
}

#[test]
fn the_largest_free_weights_are_claimed() {
    let shape = NetworkShape {
        inputs: 4,
        hidden: vec![],
        outputs: 1,
        layer_norm: false,
    };
    let (_, mut packnet) = begun(0.5);
    packnet.claim(1, &shape, &[0.1, -3.0, 2.0, 0.2, 9.0], 5);
    assert_eq!(packnet.owners, [0, 1, 1, 0, 1]);
    packnet.claim(2, &shape, &[0.1, -3.0, 2.0, 0.2, 9.0], 5);
    assert_eq!(packnet.owners, [2, 1, 1, 2, 1]);
}

#[test]
fn frozen_weights_withstand_means_of_gradients_and_other_methods() {
    let (mut bench, mut packnet) = begun(0.3);
    learn(&mut bench, &mut packnet, 0);
    packnet.task_identified(1);
    bench.with_view(|view| packnet.task_started(view));
    // Updates that the optimiser would continue although the gradient is zero, and changes by another method.
    bench.dqn.networks_mut()[0].optimiser.mean.fill(1.0);
    let kept = packnet.kept.clone();
    for _ in 0..3 {
        bench.dqn.networks_mut()[0]
            .parameters_mut()
            .iter_mut()
            .for_each(|weight| *weight += 0.5);
        bench.update(&mut packnet);
    }
    let weights = bench.dqn.networks()[0].parameters();
    for (place, &owner) in packnet.owners.iter().enumerate() {
        assert_eq!(owner == 1, weights[place] == kept[place], "{place}");
    }
}

#[test]
fn a_task_that_comes_back_acts_with_what_it_had_and_learns_nothing() {
    let (mut bench, mut packnet) = begun(0.3);
    (0..2).for_each(|task| learn(&mut bench, &mut packnet, task));
    let [first, _] = outputs(&mut bench, &packnet, 0);
    let [_, both] = outputs(&mut bench, &packnet, 1);
    assert_ne!(first, both);
    packnet.task_identified(0);
    bench.with_view(|view| packnet.task_started(view));
    assert!(!packnet.learns(2));
    assert_eq!(outputs(&mut bench, &packnet, 0), [first.clone(), first]);
    bench.with_view(|view| packnet.task_ended(view));
    assert_eq!(outputs(&mut bench, &packnet, 1)[1], both);
    assert_eq!(packnet.identities, [0, 1]);
    packnet.task_identified(7);
    bench.with_view(|view| packnet.task_started(view));
    assert!(packnet.learns(3));
}
