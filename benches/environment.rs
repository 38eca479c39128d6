//! Speed of the gardens on one core: `cargo bench --bench environment`. Elements are decisions.

#![expect(clippy::expect_used, reason = "a benchmark that cannot run may say so and stop")]

use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use perennial::agent::drivers::RandomDriver;
use perennial::app::Gardens;
use perennial::physics::Pose;
use perennial::scenario::{Scenario, Year};
use perennial::sensors::{EyeGeometry, SENSES, Scene, Thing};
use std::hint::black_box;

fn decisions(criterion: &mut Criterion) {
    let scenario = Arc::new(Scenario::load("four_seasons").expect("a shipped scenario").scenario);
    let mut group = criterion.benchmark_group("decision");
    for count in [1, 16, 64] {
        let mut gardens = Gardens::shared(scenario.clone(), count, 0, Year::Pure(0));
        gardens.drive(Box::new(RandomDriver::new(1)));
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(BenchmarkId::from_parameter(count), |bencher| {
            bencher.iter(|| black_box(gardens.tick().step.rewards[0]));
        });
    }
    group.finish();
}

fn views(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("eye");
    for rows in [1, 16] {
        let mut scenario = Scenario::load("four_seasons").expect("a shipped scenario").scenario;
        scenario.eye.rows = rows;
        let geometry = EyeGeometry::new(&scenario.eye);
        let things: Vec<Thing> = (0..10_u8)
            .map(|number| Thing {
                position_m: bevy::math::Vec2::new(f32::from(number % 4) * 1.6 - 2.4, f32::from(number / 4) * 2.0 - 2.4),
                radius_m: 0.3,
                height_m: 0.6,
                colour: [0.2, 0.6, 0.2],
            })
            .collect();
        let eye = SENSES.iter().find(|sense| sense.name == "eye").expect("the eye is a sense");
        let mut bytes = vec![0; (eye.channels)(&scenario).len()];
        let mut yaw_rad = 0.0;
        group.bench_function(BenchmarkId::new("rows", rows), |bencher| {
            bencher.iter(|| {
                yaw_rad = (yaw_rad + 0.37) % 6.0;
                let scene = Scene {
                    scenario: &scenario,
                    geometry: &geometry,
                    look: &scenario.seasons[0].look,
                    faults: &scenario.seasons[0].faults,
                    view: 0,
                    light: 1.0,
                    pose: Pose::new(bevy::math::Vec2::ZERO, yaw_rad),
                    motion: perennial::physics::Motion::default(),
                    bumped: false,
                    pump_on: false,
                    tank_fraction: 1.0,
                    recent_rewards: Default::default(),
                    things: &things,
                };
                (eye.write)(&scene, black_box(&mut bytes));
            });
        });
    }
    group.finish();
}

criterion_group!(benches, decisions, views);
criterion_main!(benches);
