//! Choices of the gardener.

use super::*;
use crate::agent::drivers::testing::{add_tank, at, carry_out, decide, garden, thirsty_garden};

#[test]
fn a_thirsty_plant_in_reach_is_watered_before_a_thirstier_one_elsewhere() {
    let garden = garden(&[(at(-2.0, 0.0), 1.0), (at(1.0, 0.2), 0.1)]);
    assert_eq!(decide(&mut Gardener, &garden), Action::Water);
}

#[test]
fn a_plant_without_thirst_is_not_watered() {
    let garden = garden(&[(at(0.8, 0.0), 0.0), (at(0.0, 2.0), 0.5)]);
    assert_eq!(decide(&mut Gardener, &garden), Action::TurnLeft);
}

#[test]
fn a_thirsty_plant_that_the_jet_does_not_reach_is_not_watered() {
    // Behind a plant without thirst, which would get the water.
    let hidden = garden(&[(at(0.6, 0.1), 0.0), (at(1.05, -0.1), 1.0)]);
    assert_ne!(decide(&mut Gardener, &hidden), Action::Water);
    // Near enough, but beside the cone.
    assert_eq!(decide(&mut Gardener, &garden(&[(at(0.0, 0.8), 1.0)])), Action::TurnLeft);
    assert_eq!(decide(&mut Gardener, &garden(&[(at(0.0, -0.8), 1.0)])), Action::TurnRight);
    // Ahead, but too far away.
    assert_eq!(decide(&mut Gardener, &garden(&[(at(1.2, 0.0), 1.0)])), Action::Forward);
}

#[test]
fn the_nearest_of_the_thirsty_plants_is_driven_to_not_the_thirstiest() {
    let near_left = (at(0.0, 2.0), 0.4);
    let far_right = (at(0.0, -2.5), 1.0);
    for plants in [[near_left, far_right], [far_right, near_left]] {
        assert_eq!(decide(&mut Gardener, &garden(&plants)), Action::TurnLeft);
    }
    // A little thirst is not worth a drive.
    let little = (at(0.0, 2.0), 0.25);
    assert_eq!(decide(&mut Gardener, &garden(&[little, far_right])), Action::TurnRight);
}

#[test]
fn a_gardener_without_work_turns_in_place() {
    for plants in [&[][..], &[(at(1.0, 0.0), 0.0)], &[(at(2.0, 0.0), 0.25)]] {
        assert_eq!(decide(&mut Gardener, &garden(plants)), Action::TurnLeft, "{plants:?}");
    }
}

#[test]
fn an_empty_tank_is_filled_before_anything_is_watered() {
    let mut garden = garden(&[(at(1.0, 0.0), 1.0)]);
    add_tank(&mut garden, 20, 0, at(0.0, -3.0));
    assert_eq!(decide(&mut Gardener, &garden), Action::TurnRight);
    garden.sprays_left = Some(1);
    assert_eq!(decide(&mut Gardener, &garden), Action::Water);
}

#[test]
fn every_thirsty_plant_is_watered_once() {
    let mut garden = thirsty_garden();
    let mut watered = Vec::new();
    for _ in 0..200 {
        let action = decide(&mut Gardener, &garden);
        let plant = carry_out(&mut garden, action);
        assert_eq!(action == Action::Water, plant.is_some(), "no spray is wasted");
        watered.extend(plant);
    }
    assert_eq!(watered[0], 0, "the nearest one comes first");
    watered.sort_unstable();
    assert_eq!(watered, [0, 1, 2, 3, 4, 5]);
    assert_eq!(
        decide(&mut Gardener, &garden),
        Action::TurnLeft,
        "there is nothing left to do"
    );
}

#[test]
fn a_tank_that_holds_less_than_is_needed_is_filled_on_the_way() {
    let mut garden = thirsty_garden();
    add_tank(&mut garden, 2, 2, at(0.0, -3.6));
    let (mut watered, mut refills) = (Vec::new(), 0);
    for _ in 0..300 {
        let action = decide(&mut Gardener, &garden);
        assert!(
            action != Action::Water || garden.sprays_left != Some(0),
            "an empty tank sprays nothing"
        );
        let before = garden.sprays_left;
        watered.extend(carry_out(&mut garden, action));
        refills += usize::from(garden.sprays_left > before);
    }
    watered.sort_unstable();
    assert_eq!(watered, [0, 1, 2, 3, 4, 5]);
    assert!(refills >= 2, "six sprays are three tanks");
}

#[test]
fn gardens_are_decided_one_by_one() {
    let gardens = [
        garden(&[(at(1.0, 0.0), 1.0)]),
        garden(&[(at(0.0, -2.0), 1.0)]),
        garden(&[(at(3.0, 0.0), 1.0)]),
    ];
    let mut actions = [Action::Back; 3];
    let input = DriverInput {
        observations: &[],
        seasons: &[0; 3],
        gardens: &gardens,
    };
    Gardener.decide(&input, &mut actions);
    assert_eq!(actions, [Action::Water, Action::TurnRight, Action::Forward]);
}
