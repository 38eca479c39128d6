//! Overrides on a scenario, alone and within the settings of a whole run.

use garde::Validate;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::*;
use crate::scenario::{DEFAULT_SCENARIO, Scenario, SeasonTransition, Tank};

/// The settings of a run: tables side by side, of which the scenario is one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
struct Run {
    #[garde(skip)]
    method: String,
    #[garde(dive)]
    learner: Learner,
    #[garde(dive)]
    scenario: Scenario,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
struct Learner {
    #[garde(range(min = 1e-6, max = 1.0))]
    learning_rate: f64,
    #[garde(range(min = 1))]
    batch: u32,
}

fn run() -> Run {
    Run {
        method: "replay".into(),
        learner: Learner {
            learning_rate: 5e-4,
            batch: 128,
        },
        scenario: scenario(),
    }
}

fn scenario() -> Scenario {
    Scenario::load(DEFAULT_SCENARIO).unwrap().scenario
}

fn complete() -> Table {
    let mut complete = Table::new();
    complete.insert("scenario".into(), Value::Table(Scenario::schema().complete()));
    complete
}

fn changed(overrides: &[&str]) -> Result<Run, OverrideErrors> {
    let overrides: Vec<Override> = overrides.iter().map(|text| text.parse().unwrap()).collect();
    apply(&run(), &complete(), &overrides)
}

/// Returns the message and the help of each error.
fn said(overrides: &[&str]) -> Vec<(String, String)> {
    let list = changed(overrides).unwrap_err().list;
    list.into_iter()
        .map(|error| (error.to_string(), error.help.unwrap_or_default()))
        .collect()
}

fn one(overrides: &[&str]) -> (String, String) {
    let mut list = said(overrides);
    assert_eq!(list.len(), 1, "{list:?}");
    list.remove(0)
}

#[test]
fn a_value_is_set_by_number_by_name_and_without_its_leading_table() {
    for path in [
        "scenario.seasons.3.dynamics.traction",
        "scenario.seasons.winter.dynamics.traction",
        "seasons.winter.dynamics.traction",
    ] {
        let run = changed(&[&format!("{path}=0.1")]).unwrap();
        assert_eq!(run.scenario.seasons[3].dynamics.traction, 0.1, "{path}");
    }
    assert_eq!(changed(&["learning_rate=0.001"]).unwrap().learner.learning_rate, 0.001);
    assert_eq!(
        changed(&["plants.species.tulip.share=0"]).unwrap().scenario.plants.species[1].share,
        0.0
    );
}

#[test]
fn bare_words_are_text() {
    let run = changed(&[
        "method=finetune",
        "schedule.transition=gradual",
        "scenario.name=2026",
        "seasons.winter.look.sky=#ff0000",
    ])
    .unwrap();
    assert_eq!((run.method.as_str(), run.scenario.name.as_str()), ("finetune", "2026"));
    assert_eq!(run.scenario.schedule.transition, SeasonTransition::Gradual);
    assert_eq!(run.scenario.seasons[3].look.sky.to_array(), [1.0, 0.0, 0.0]);
}

#[test]
fn what_is_absent_unless_given_can_be_given_and_taken_away() {
    let run = changed(&["robot.tank.capacity_sprays=7", "episode.terminates_when_dead_fraction=0.5"]).unwrap();
    assert_eq!(
        run.scenario.robot.tank,
        Some(Tank {
            capacity_sprays: 7,
            ..Tank::default()
        })
    );
    assert_eq!(run.scenario.episode.terminates_when_dead_fraction, Some(0.5));
    assert_eq!(
        changed(&["robot.tank={}"]).unwrap().scenario.robot.tank,
        Some(Tank::default())
    );
    assert_eq!(changed(&["robot.tank={}", "robot.tank=none"]).unwrap(), changed(&[]).unwrap());
    assert_eq!(
        one(&["plants.count=none"]).0,
        "`plants.count=none`: it cannot be without a value: it takes a number"
    );
}

#[test]
fn an_unknown_path_names_the_nearest() {
    for (written, message, help) in [
        (
            "plants.cuont=3",
            "there is no `cuont` in `plants`",
            "did you mean `plants.count`?",
        ),
        (
            "seasons.wintr.dynamics.traction=1",
            "there is no `wintr` in `seasons`",
            "did you mean `seasons.winter.dynamics.traction`?",
        ),
        (
            "seasons.9.name=x",
            "there is no `9` in `seasons`",
            "did you mean `scenario.name`?",
        ),
        (
            "traction=0.3",
            "there is no `traction`",
            "did you mean `scenario.seasons.spring.dynamics.traction`?",
        ),
        (
            "robot.tnak.capacity_sprays=3",
            "there is no `tnak` in `robot`",
            "did you mean `robot.tank.capacity_sprays`?",
        ),
        (
            "method.name=x",
            "`method` has no keys of its own",
            "did you mean `scenario.name`?",
        ),
    ] {
        assert_eq!(one(&[written]), (format!("`{written}`: {message}"), help.to_owned()));
    }
}

#[test]
fn a_value_of_another_kind_is_refused() {
    for (written, message) in [
        ("plants.count=many", "it takes a number, not text"),
        ("plants.count=1.5", "it takes a whole number"),
        ("plants.spacing_m=nan", "it takes a finite number"),
        ("plants=3", "it takes a table, not a number"),
        ("plants.species=[1", "its value is not TOML"),
        ("schedule.look_varies=yes", "it takes true or false, not text"),
    ] {
        let (said, _) = one(&[written]);
        assert!(said.contains(message), "{said}");
    }
    let (message, help) = one(&["schedule.transition=gradul"]);
    assert!(message.contains("unknown variant `gradul`"), "{message}");
    assert_eq!(help, "did you mean `gradual`?");
}

#[test]
fn what_is_out_of_range_names_the_override_that_caused_it() {
    assert_eq!(
        one(&["plants.count=12", "seasons.winter.dynamics.traction=9"]).0,
        "`seasons.winter.dynamics.traction=9`: traction is greater than 1.5"
    );
    // The rule is attached to `plants`, but the plot broke it.
    let (message, _) = one(&["plot.side_m=4", "method=joint"]);
    assert!(message.starts_with("`plot.side_m=4`: plants must fit"), "{message}");
    // Intermediate states may be invalid if the result is valid.
    assert!(changed(&["plants.initial_moisture_low=0.95", "plants.initial_moisture_high=0.99"]).is_ok());
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    assert_eq!(said(&["plants.cuont=3", "plants.count=many"]).len(), 2);
    assert!("plants.count".parse::<Override>().is_err() && "=3".parse::<Override>().is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn hostile_overrides_never_panic(path in "[a-z.0-9\u{e9}]{0,12}|(seasons|plants|robot)(\\.[a-z0-9]{0,8}){0,3}", value in "\\PC{0,12}") {
        if let Ok(change) = format!("{path}={value}").parse::<Override>() {
            let _ = apply(&scenario(), &Scenario::schema().complete(), &[change]);
        }
    }
}
