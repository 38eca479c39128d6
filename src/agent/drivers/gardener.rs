//! The gardener: a fixed, simple rule that knows the true thirst. It is the yardstick of every score and never changes.
//!
//! 1. Water what is thirsty and in reach.
//! 2. Else drive to the nearest plant with thirst above 0.3, steering around the others.
//! 3. Turn on the spot if there is none.
//!
//! With a tank it drives to the butt first when the tank is empty.

use super::navigation::drive_to;
use super::{Driver, DriverInput};
use crate::agent::GardenTruth;
use crate::mdp::Action;

/// Thirst that is worth a drive and a spray.
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
    // The jet meets the nearest plant in it, thirsty or not.
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
