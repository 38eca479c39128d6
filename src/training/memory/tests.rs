//! Memory estimates, and the messages if they exceed a limit.

use super::*;
use crate::scenario::DEFAULT_SCENARIO;

fn default_run() -> RunConfig {
    RunConfig::new(Scenario::load(DEFAULT_SCENARIO).unwrap().scenario)
}

fn mebibytes(config: &RunConfig) -> u64 {
    MemoryNeed::of_run(config).unwrap().total_bytes() >> 20
}

#[test]
fn a_default_run_fits_on_a_small_machine() {
    assert!(
        (60..250).contains(&mebibytes(&default_run())),
        "{}",
        mebibytes(&default_run())
    );
}

#[test]
fn the_need_grows_with_everything_that_is_large() {
    let base = mebibytes(&default_run());
    let mut eye = default_run();
    (eye.scenario.eye.columns, eye.scenario.eye.rows) = (256, 64);
    assert!(mebibytes(&eye) > 100 * base, "{}", mebibytes(&eye));
    let change: [(&str, fn(&mut RunConfig)); 7] = [
        ("gardens", |config| config.gardens = 4096),
        ("evaluation", |config| {
            (config.evaluation.gardens, config.evaluation.episodes) = (4096, 4096)
        }),
        ("recent experience", |config| {
            config.learner.fresh_memory.capacity = 1_000_000_000
        }),
        ("reservoir", |config| config.learner.reservoir.capacity = 1_000_000_000),
        ("hidden units", |config| config.learner.hidden = vec![4096; 4]),
        ("batch", |config| config.learner.batch_size = 65_536),
        ("episode", |config| {
            config.scenario.episode.decisions = 100_000;
            config.gardens = 4096;
        }),
    ];
    for (what, change) in change {
        let mut config = default_run();
        config.years = 1000;
        change(&mut config);
        assert!(mebibytes(&config) > 3 * base, "{what}: {} of {base}", mebibytes(&config));
    }
}

#[test]
fn memories_that_a_run_cannot_fill_are_not_counted() {
    let mut config = default_run();
    config.decisions_per_season = 1000;
    let short = mebibytes(&config);
    config.learner.fresh_memory.capacity = 1_000_000_000;
    assert!(mebibytes(&config) <= short + 1);
}

#[test]
fn every_method_and_algorithm_estimates_its_need() {
    let mut config = default_run();
    config.algorithm = "dqn".to_owned();
    for method in crate::learner::METHODS {
        config.method = method.name.to_owned();
        assert!(
            (50..600).contains(&mebibytes(&config)),
            "{}: {}",
            method.name,
            mebibytes(&config)
        );
    }
    let dqn = mebibytes(&config);
    config.algorithm = "sac".to_owned();
    assert!(mebibytes(&config) >= dqn);
}

#[test]
fn the_lowest_limit_is_told_with_what_needs_most() {
    let need = MemoryNeed {
        parts: vec![("little", 1 << 20), ("much", 8 << 30), ("nothing", 0)],
        threads: 0,
    };
    let limit = |bytes, source| MemoryLimit { bytes, source };
    let machine = limit(16 << 30, LimitSource::Machine);
    assert_eq!(need.check_against(&[machine]), Ok(()));
    assert_eq!(need.check_against(&[]), Ok(()));
    let told = need
        .check_against(&[machine, limit(4 << 30, LimitSource::AddressSpace)])
        .unwrap_err()
        .to_string();
    for part in ["8.2 GiB", "4.0 GiB", "`ulimit -v`", "much 8.0 GiB, little 1 MiB"] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn the_largest_jobs_are_added_up() {
    let need = |bytes| MemoryNeed {
        parts: vec![("gardens", bytes)],
        threads: 1,
    };
    let sum = MemoryNeed::side_by_side([need(1), need(30), need(20)], 2);
    assert_eq!(sum.parts, need(50).parts);
    assert_eq!(MemoryNeed::side_by_side([need(u64::MAX), need(1)], 2).total_bytes(), u64::MAX);
}
