//! Speed of the learner on one core: `cargo bench --bench learner`.

#![expect(clippy::expect_used, reason = "a benchmark that cannot run may say so and stop")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use perennial::learner::benchmark::{ProductBenchmark, UpdateBenchmark};
use perennial::learner::{LearnerSettings, LearnerSpec, Policy};
use perennial::mdp::{Channel, ObservationSpec};
use std::hint::black_box;

fn updates(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("update");
    let updates = [
        ("dqn", "finetune"),
        ("dqn", "replay"),
        ("dqn", "replay_boundary_free"),
        ("dqn", "ewc"),
        ("dqn", "agem"),
        ("dqn", "gradient_projection"),
        ("sac", "finetune"),
        ("sac", "replay"),
    ];
    for (algorithm, method) in updates {
        let mut benchmark = UpdateBenchmark::new(algorithm, method, &LearnerSettings::default()).expect("known names");
        let operations = benchmark.operations_per_update().expect("finite losses");
        group.throughput(Throughput::Elements(operations));
        group.bench_function(format!("{algorithm}/{method}"), |bencher| {
            bencher.iter(|| benchmark.update(1).expect("finite losses"));
        });
    }
    group.finish();
}

fn products(criterion: &mut Criterion) {
    let mut benchmark = ProductBenchmark::new(512);
    let mut group = criterion.benchmark_group("product");
    group.throughput(Throughput::Elements(benchmark.operations()));
    group.bench_function("512", |bencher| {
        bencher.iter(|| benchmark.multiply());
    });
    group.finish();
}

fn acting(criterion: &mut Criterion) {
    let channel = |number: usize| Channel {
        name: number.to_string(),
        low: -1.0,
        high: 1.0,
    };
    let observation = ObservationSpec {
        channels: (0..107).map(channel).collect(),
    };
    let spec = LearnerSpec {
        observation: observation.clone(),
        actions: 5,
        gardens: 16,
        decisions_per_task: 60_000,
        seed: 0,
    };
    let learner = perennial::learner::Learner::new("dqn", "finetune", &LearnerSettings::default(), spec).expect("known names");
    let mut snapshot = learner.policy();
    let mut policy = Policy::new(&observation, &snapshot).expect("the same observations");
    let (observations, mut actions) = (vec![100u8; 16 * 107], vec![0u8; 16]);
    criterion.bench_function("act/16 rows", |bencher| {
        bencher.iter(|| policy.greedy(black_box(&observations), &mut actions))
    });
    criterion.bench_function("act/take over a policy", |bencher| {
        bencher.iter(|| {
            learner.copy_policy_into(&mut snapshot);
            policy.set(&snapshot);
        });
    });
}

criterion_group!(benches, updates, products, acting);
criterion_main!(benches);
