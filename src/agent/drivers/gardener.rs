//! The gardener: a fixed, simple rule that knows the true thirst. It is the baseline of every score (score 1) and never changes.
//!
//! 1. Water the plant in reach if it is thirsty.
//! 2. Otherwise drive to the nearest plant with thirst above 0.3, steering around the others.
//! 3. Turn in place if there is none.
//!
//! A robot with an empty tank drives to the water butt first.

use super::navigation::drive_to;
use super::{Driver, DriverInput};
use crate::agent::GardenTruth;
use crate::mdp::Action;

/// Minimum thirst that justifies driving to a plant. A plant in reach is watered at any thirst.
const WORTH_WATERING: f32 = 0.3;

/// The scripted gardener.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gardener;

impl Driver for Gardener {
    fn decide(&mut self, input: &DriverInput, actions: &mut [Action]) {
        for (garden, action) in input.gardens.iter().zip(actions) {
            *action = choose(garden);
        }
    }

    fn needs_truth(&self) -> bool {
        true
    }
}

fn choose(garden: &GardenTruth) -> Action {
    if let (Some(0), Some(butt_m)) = (garden.sprays_left, garden.butt_m) {
        return drive_to(garden, butt_m, None);
    }
    let thirsty = || {
        garden
            .plants
            .iter()
            .enumerate()
            .filter(|(_, plant)| plant.thirst > WORTH_WATERING)
    };
    // The jet hits the nearest plant in its cone, thirsty or not.
    let jet = &garden.scenario.robot;
    let met = garden
        .plants
        .iter()
        .filter_map(|plant| {
            jet.jet_reaches(&garden.pose, plant.position_m)
                .map(|distance_m| (distance_m, plant))
        })
        .min_by(|(one_m, _), (other_m, _)| one_m.total_cmp(other_m));
    if met.is_some_and(|(_, plant)| plant.thirst > 0.0) {
        return Action::Water;
    }
    let distance_m = |position_m| garden.pose.position_m.distance_squared(position_m);
    thirsty()
        .min_by(|(_, one), (_, other)| distance_m(one.position_m).total_cmp(&distance_m(other.position_m)))
        .map_or(Action::TurnLeft, |(number, plant)| {
            drive_to(garden, plant.position_m, Some(number))
        })
}

#[cfg(test)]
#[path = "gardener_tests.rs"]
mod tests;
