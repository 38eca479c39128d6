//! Contents of a configuration, and the differences that its hash detects.

use super::*;
use crate::learner::History;

fn usual() -> RunConfig {
    RunConfig::new(Scenario::load("four_seasons").unwrap().scenario)
}

fn read(text: &str) -> RunConfig {
    toml::from_str(text).unwrap()
}

#[test]
fn everything_that_changes_a_result_changes_the_hash_and_the_seed_does_not() {
    let hash = usual().settings_hash();
    let changed = |change: fn(&mut RunConfig)| {
        let mut config = usual();
        change(&mut config);
        assert_eq!(read(&config.to_toml().unwrap()), config);
        config.settings_hash()
    };
    assert_eq!(changed(|config| config.seed = 3), hash);
    for change in [
        (|config| config.initial_policy = Some("0123456789abcdef".to_owned())) as fn(&mut RunConfig),
        |config| config.tuning = true,
        |config| config.program = None,
        |config| config.program.as_mut().unwrap().version = "0.0.1".to_owned(),
        |config| config.program.as_mut().unwrap().matrix_products = "abacus".to_owned(),
        |config| config.program.as_mut().unwrap().target_features.push("x87".to_owned()),
        |config| config.learner.adam.learning_rate = 0.5,
    ] {
        assert_ne!(changed(change), hash);
    }
}

#[test]
fn one_method_has_one_name_and_one_hash_however_it_is_written() {
    let named = |method: &str| RunConfig {
        method: method.to_owned(),
        ..usual()
    };
    let canonical = named("replay+ewc");
    for method in ["replay + ewc", "ewc+replay", "finetune+ewc+replay"] {
        assert_eq!(named(method).settings_hash(), canonical.settings_hash(), "{method}");
        let text = canonical.to_toml().unwrap().replace("replay+ewc", method);
        assert!(text.contains(method));
        assert_eq!(read(&text), canonical, "{method}");
    }
}

#[test]
fn equal_settings_are_equal_however_they_are_written() {
    let mut config = usual();
    config.learner.discount = 0.5;
    config.learner.history = History::Transitions(1_000);
    let text = config.to_toml().unwrap();
    let other = text
        .replace("discount = 0.5", "discount = 0.50")
        .replace("\"1000 transitions\"", "\"1_000  transitions\"");
    assert_ne!(other, text);
    assert_eq!(read(&other).settings_hash(), config.settings_hash());
    assert_eq!(read(&other).differences(&config).unwrap(), []);
}

#[test]
fn the_longest_run_that_is_in_range_can_be_counted_and_nothing_overflows_beyond() {
    let mut config = usual();
    config.decisions_per_season = MAXIMUM_DECISIONS_PER_SEASON;
    config.years = MAXIMUM_YEARS;
    config.gardens = MAXIMUM_GARDENS;
    assert!(config.validate().is_ok());
    assert!(config.decisions() >= 4_000 * MAXIMUM_DECISIONS_PER_SEASON && config.decisions() < u64::MAX);
    config.decisions_per_season = u64::MAX;
    config.gardens = 0;
    assert_eq!(config.ticks(), u64::MAX);
    let message = config.validate().unwrap_err().to_string();
    assert!(
        message.contains("decisions_per_season") && message.contains("gardens"),
        "{message}"
    );
}

#[test]
fn who_explores_anew_is_told_by_method_and_settings() {
    let changed = |method: &str, change: fn(&mut RunConfig)| {
        let mut config = usual();
        config.method = method.to_owned();
        change(&mut config);
        config.explores_anew()
    };
    assert!(changed("scratch", |_| ()) && changed("reset_distil", |_| ()));
    assert!(!changed("finetune", |_| ()) && !changed("replay", |_| ()) && !changed("joint", |_| ()));
    assert!(!changed("scratch", |config| config.learner.scratch.restart_exploration = false));
    assert!(changed("finetune", |config| config.learner.boundary.restart_exploration = true));
    assert!(
        !changed("scratch", |config| config.scenario.schedule.transition =
            SeasonTransition::Gradual),
        "nobody is told where a season ends"
    );
}
