//! Families as files: valid, the same whenever they are made, and what they say they are.

use std::collections::BTreeSet;

use super::phase::{ANGLES_DEGREES, PhaseCell, TURNING_FRACTIONS};
use super::*;
use crate::authoring::contrast::{HARD_BELOW, contrast};
use crate::authoring::format::format;
use crate::scenario::{Look, Moment};

#[test]
fn every_file_is_its_scenario_and_in_the_usual_layout() {
    for family in FAMILIES {
        let (scenarios, files) = (family.scenarios(0), family.files(0));
        assert_eq!(scenarios.len(), files.len());
        let names: BTreeSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names.len(), files.len(), "{}", family.name);
        for (scenario, file) in scenarios.iter().zip(&files) {
            let read = Scenario::parse(&file.name, &file.text).map_err(|mistakes| mistakes.render(100, false));
            assert_eq!(read.as_ref(), Ok(scenario), "{}", file.name);
            assert_eq!(format(&file.text).unwrap(), file.text, "{}", file.name);
        }
        assert!(ScenarioFamily::find(family.name).is_some() && !family.purpose.is_empty());
    }
    assert!(ScenarioFamily::find("phases").is_none());
}

#[test]
fn the_phase_family_has_a_scenario_at_every_place_and_thirst_is_seen_in_each() {
    for (name, cells) in [("phase", 40), ("phase_untold", 40), ("phase_rewarded", 4)] {
        let scenarios = ScenarioFamily::find(name).unwrap().scenarios(0);
        let places: Vec<PhaseCell> = scenarios.iter().map(|scenario| PhaseCell::of(scenario).unwrap()).collect();
        assert_eq!(places.len(), cells);
        for (number, place) in places.iter().enumerate() {
            assert!(!places[..number].contains(place), "{place:?} occurs twice");
            assert!(ANGLES_DEGREES.contains(&place.angle_degrees) && TURNING_FRACTIONS.contains(&place.turning_fraction));
        }
        for scenario in &scenarios {
            assert_eq!(scenario.schedule.boundaries_are_declared(), name != "phase_untold");
            assert_eq!(scenario.robot.senses_rewards, name == "phase_rewarded");
            for season in 0..2 {
                let climate = scenario.climate(Moment::pure(season));
                let found = contrast(
                    climate.plants[0],
                    scenario.plants.tint_deviation,
                    &climate.weather,
                    &climate.faults,
                );
                assert!(found.told_apart >= HARD_BELOW, "{}: {found:?}", scenario.name);
            }
        }
    }
    let four_seasons = Scenario::load("four_seasons").unwrap().scenario;
    assert_eq!(PhaseCell::of(&four_seasons), None);
    assert_eq!(
        PhaseCell::of(&Scenario {
            seasons: four_seasons.seasons[..2].to_vec(),
            ..four_seasons
        }),
        None,
        "seasons that differ in weather too"
    );
}

#[test]
fn a_century_repeats_no_look_but_the_one_that_returns() {
    let looks = |name: &str| -> Vec<Look> {
        let scenarios = ScenarioFamily::find(name).unwrap().scenarios(3);
        scenarios[0].seasons.iter().map(|season| season.look.clone()).collect()
    };
    let (new, returning) = (looks("century"), looks("century_returning"));
    assert_eq!((new.len(), returning.len()), (100, 100));
    for (number, look) in new.iter().enumerate() {
        assert!(!new[..number].contains(look), "season {}", number + 1);
        let comes_back = (number + 1) % 10 == 0 && number + 1 > 10;
        assert_eq!(
            returning[number] == new[9],
            comes_back || number == 9,
            "season {}",
            number + 1
        );
        assert_eq!(returning[number] == *look, !comes_back, "season {}", number + 1);
    }
    assert_eq!(looks("century"), new, "a seed gives one century");
}
