//! Edits of a policy: what they refuse, and that the same edit gives the same policy.

use super::*;
use crate::learner::network::NetworkShape;
use crate::learner::{ExplorationPolicy, PolicySnapshot};
use crate::random::stream;
use crate::sensors::observation_spec;

fn policy(scenario: &Scenario) -> PolicySnapshot {
    let shape = NetworkShape {
        inputs: observation_spec(scenario).len(),
        hidden: vec![8],
        outputs: 5,
        layer_norm: true,
    };
    PolicySnapshot {
        parameters: shape.initial_parameters(&mut stream(1, "test", 0)),
        shape,
        exploration: ExplorationPolicy::EpsilonGreedy { epsilon: 0.0 },
        contexts: Default::default(),
    }
}

#[test]
fn the_gardens_are_divided_into_known_ones_and_those_of_the_new_species() {
    let scenario = scenario().unwrap();
    let (without, only) = divided(&scenario, SPECIES).unwrap();
    for (known, alone) in without.plants.species.iter().zip(&only.plants.species) {
        let is_new = known.name == SPECIES;
        assert_eq!((known.share > 0.0, alone.share > 0.0), (!is_new, is_new), "{}", known.name);
    }
    for season in &scenario.seasons {
        let look = season.look.species.get(SPECIES).unwrap();
        assert_ne!((look.fine, look.thirsty), (Some(season.look.fine), Some(season.look.thirsty)));
    }
}

#[test]
fn what_cannot_be_taught_is_refused_by_what_is_missing() {
    let scenario = scenario().unwrap();
    let policy = policy(&scenario);
    let refuse = |scenario: &Scenario, species: &str, views| {
        edit(&policy, scenario, species, views, Teaching::Recoloured, 0)
            .unwrap_err()
            .to_string()
    };
    let unknown = refuse(&scenario, "monflower", 100);
    assert!(unknown.contains("did you mean `moonflower`?"), "{unknown}");
    assert!(refuse(&scenario, SPECIES, 7).contains("at least 8"));
    let mut alone = scenario.clone();
    alone.plants.species.retain(|species| species.name == SPECIES);
    assert!(refuse(&alone, SPECIES, 100).contains("the only species"));
}

#[test]
fn an_edit_is_a_function_of_its_arguments_and_changes_answers_to_the_new_species_more_than_others() {
    let mut scenario = scenario().unwrap();
    scenario.seasons.truncate(1);
    let before = policy(&scenario);
    let one = edit(&before, &scenario, SPECIES, 24, Teaching::Recoloured, 5).unwrap();
    assert_eq!(one, edit(&before, &scenario, SPECIES, 24, Teaching::Recoloured, 5).unwrap());
    assert!(one.views <= 24 && one.views >= 8 && one.multiply_adds > 0);
    let observation = observation_spec(&scenario);
    let (without, only) = divided(&scenario, SPECIES).unwrap();
    let changed = |garden: &Arc<Scenario>| {
        let album = crate::rollout::Album::of(garden, 40);
        let views: Vec<u8> = album.views.iter().flat_map(|view| view.observation.iter().copied()).collect();
        let outputs = |policy: &PolicySnapshot| crate::learner::distilling::outputs(policy, &observation, &views);
        let differences = outputs(&before)
            .into_iter()
            .zip(outputs(&one.policy))
            .map(|(before, after)| (before - after).powi(2));
        (differences.sum::<f32>() / album.views.len() as f32).sqrt()
    };
    let (known, new) = (changed(&without), changed(&only));
    assert!(new > 2.0 * known, "known {known}, new {new}");
}
