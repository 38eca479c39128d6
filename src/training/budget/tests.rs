//! Budgets: their text, what fits, and that nothing over budget can be made.

use super::*;
use crate::learner::History;
use crate::scenario::Scenario;
use crate::training::{ConfigError, RunConfig};

fn config() -> RunConfig {
    RunConfig::new(Scenario::load("four_seasons").unwrap().scenario)
}

fn budget(text: &str) -> Budget {
    text.parse().unwrap()
}

#[test]
fn a_budget_is_read_in_any_order_and_survives_its_text() {
    let expected = Budget {
        past_bytes: Some(64_000),
        weights_bytes: Some(204_800),
        multiply_adds: Some(50_000),
    };
    for text in [
        "past=64KB,weights=200KiB,multiply-adds=50000",
        " multiply-adds = 50_000 , past=64000B,weights=204800B",
    ] {
        assert_eq!(budget(text), expected, "{text}");
    }
    assert_eq!(budget(&expected.to_string()), expected);
    assert_eq!(budget("past=1MB").weights_bytes, None);
}

#[test]
fn a_mistaken_budget_says_what_was_meant() {
    let error = |text: &str| text.parse::<Budget>().unwrap_err().to_string();
    assert!(error("past=64").contains("KiB") && error("past=-1KB").contains("not a valid size"));
    assert!(error("wieghts=1KB").contains("`weights`"), "{}", error("wieghts=1KB"));
    assert!(error("past=1KB,past=2KB").contains("twice"));
    assert!(error("multiply-adds=50KB").contains("whole number"));
    assert!(error("").contains("past=64KB") && error("past").contains("past=64KB"));
    assert!(error("past=99999999999999999999MB").contains("not a valid size"));
}

#[test]
fn the_best_method_under_a_budget_is_chosen_and_keeps_it() {
    for (text, method) in [
        ("past=64KB,weights=200KB,multiply-adds=50000", "replay"),
        ("past=16KB,weights=800KB,multiply-adds=50000", "generative_replay"),
        ("past=0B,weights=100KB", "finetune"),
    ] {
        let mut config = config();
        budget(text).choose(&mut config, false).unwrap();
        assert_eq!(
            (config.method.as_str(), config.budget),
            (method, Some(budget(text))),
            "{text}"
        );
        config.check().unwrap();
        let need = DeviceNeed::of(&config).unwrap();
        assert!(budget(text).holds(&need), "{need:?}");
    }
    let mut gradual = RunConfig::new(Scenario::load("gradual_year").unwrap().scenario);
    budget("past=64KB,weights=400KB").choose(&mut gradual, false).unwrap();
    assert_eq!(
        gradual.method, "replay_boundary_free+l2_init",
        "no boundary is declared there"
    );
    assert_eq!(gradual.learner.history, History::Bytes(64_000));
}

#[test]
fn layers_become_narrower_where_multiply_adds_are_few() {
    let mut config = config();
    budget("past=64KB,multiply-adds=20000").choose(&mut config, false).unwrap();
    assert_eq!(
        (config.method.as_str(), &config.learner.hidden[..]),
        ("replay", &[64, 64][..])
    );
    config.method = "ewc".to_owned();
    budget("multiply-adds=20000").choose(&mut config, true).unwrap();
    assert_eq!(config.method, "ewc", "a method that was named stays");
}

#[test]
fn a_configuration_over_budget_is_refused_by_what_it_needs() {
    let mut config = config();
    config.budget = Some(budget("past=64KB"));
    config.method = "joint".to_owned();
    let ConfigError::Budget(OverBudget::Configured { needs, .. }) = config.check().unwrap_err() else {
        panic!("it was not refused")
    };
    assert_eq!(needs, "past data without a limit");
    config.method = "replay".to_owned();
    let refused = config.check().unwrap_err().to_string();
    assert!(
        refused.contains("B of past data") && refused.contains("past=64000B"),
        "{refused}"
    );
    config.learner.history = History::Bytes(64_000);
    config.check().unwrap();
    config.budget = Some(budget("multiply-adds=30000"));
    let refused = config.check().unwrap_err().to_string();
    assert!(refused.contains("multiply-adds a decision"), "{refused}");
}

#[test]
fn a_budget_that_nothing_can_meet_is_refused_with_the_smallest_that_could_be() {
    for text in ["multiply-adds=100", "weights=1KB"] {
        let mut asked = config();
        let error = budget(text).choose(&mut asked, false).unwrap_err();
        let ConfigError::Budget(OverBudget::Impossible { smallest, .. }) = error else {
            panic!("{text} was not refused")
        };
        smallest.choose(&mut asked, false).unwrap();
        asked.check().unwrap();
        assert_eq!(asked.learner.hidden, [8, 8]);
    }
}

#[test]
fn a_run_that_keeps_more_than_its_budget_ends() {
    let limits = budget("past=100B,weights=1000B");
    let ledger = |past_bytes, method_state_bytes| Ledger {
        past_bytes,
        method_state_bytes,
        ..Ledger::default()
    };
    assert_eq!(limits.check_ledger(&ledger(100, 400), 600), Ok(()));
    assert!(limits.check_ledger(&ledger(101, 0), 0).is_err());
    assert!(limits.check_ledger(&ledger(0, 401), 600).is_err());
    assert_eq!(Budget::default().check_ledger(&ledger(u64::MAX, 0), u64::MAX), Ok(()));
}
