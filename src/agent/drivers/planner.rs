//! The planning gardener: an estimate of how far the simple gardener's score can be exceeded.
//!
//! Before each drive it estimates for every plant the travel time, the dryness on arrival, the number of useful sprays and the
//! resulting reward per decision. It drives to the plant with the best rate, keeps that goal, waits beside it until a spray is
//! worth its time, and plans again after each spray.

use super::navigation::{drive_to, wrap};
use super::{Driver, DriverInput};
use crate::agent::{GardenTruth, PlantTruth};
use crate::mdp::Action;
use crate::scenario::DECISION_S;

/// Maximum number of sprays planned at one plant.
const MOST_SPRAYS: usize = 3;
/// Maximum number of decisions of waiting that are planned.
const LONGEST_WAIT: usize = 24;
/// Number of decisions after which a goal that was not reached is reconsidered.
const PATIENCE: u32 = 40;

/// The planning gardener.
#[derive(Clone, Debug, Default)]
pub struct PlanningGardener {
    goals: Vec<Option<Goal>>,
}

#[derive(Clone, Copy, Debug)]
struct Goal {
    plant: usize,
    age: u32,
}

impl Driver for PlanningGardener {
    fn decide(&mut self, input: &DriverInput, actions: &mut [Action]) {
        self.goals.resize(input.gardens.len(), None);
        for ((garden, goal), action) in input.gardens.iter().zip(&mut self.goals).zip(actions) {
            *action = choose(garden, goal);
        }
    }

    fn needs_truth(&self) -> bool {
        true
    }
}

fn choose(garden: &GardenTruth, goal: &mut Option<Goal>) -> Action {
    if let (Some(0), Some(butt_m)) = (garden.sprays_left, garden.butt_m) {
        *goal = None;
        return drive_to(garden, butt_m, None);
    }
    let robot = &garden.scenario.robot;
    let met = (0..garden.plants.len())
        .filter_map(|number| {
            robot
                .jet_reaches(&garden.pose, garden.plants[number].position_m)
                .map(|distance_m| (distance_m, number))
        })
        .min_by(|(one_m, _), (other_m, _)| one_m.total_cmp(other_m))
        .map(|(_, number)| number);
    let best = (0..garden.plants.len())
        .map(|number| {
            (
                prospect(
                    garden,
                    &garden.plants[number],
                    decisions_to_reach(garden, &garden.plants[number]),
                ),
                number,
            )
        })
        .max_by(|(one, _), (other, _)| one.total_cmp(other));
    // Spray if no drive promises a higher rate than this spray.
    if let Some(number) = met {
        let worth = garden.plants[number].thirst;
        let elsewhere = best.map_or(0.0, |(rate, _)| rate);
        if worth > 0.0 && worth >= 0.9 * elsewhere.max(0.35) && (worth >= 0.95 || worth >= elsewhere) {
            *goal = None;
            return Action::Water;
        }
    }
    // An edited scenario can have fewer plants than the one in which the goal was chosen.
    let kept = goal
        .filter(|goal| goal.plant < garden.plants.len() && goal.age < PATIENCE && Some(goal.plant) != met)
        .map(|goal| goal.plant);
    let Some(plant) = kept.or(best.map(|(_, number)| number)) else {
        return Action::TurnLeft;
    };
    *goal = Some(Goal {
        plant,
        age: if kept.is_some() {
            goal.map_or(0, |goal| goal.age + 1)
        } else {
            0
        },
    });
    if Some(plant) == met {
        // In reach but not dry enough yet. Alternately turning left and right, or driving back and forth, would move the aim.
        // Turning towards the plant keeps it in the jet.
        let seen_m = garden.pose.robot_from_plane(garden.plants[plant].position_m);
        return if seen_m.y >= 0.0 {
            Action::TurnLeft
        } else {
            Action::TurnRight
        };
    }
    drive_to(garden, garden.plants[plant].position_m, Some(plant))
}

/// Returns the number of decisions until the jet reaches a plant, if nothing stands in the way.
fn decisions_to_reach(garden: &GardenTruth, plant: &PlantTruth) -> f32 {
    let robot = &garden.scenario.robot;
    let seen_m = garden.pose.robot_from_plane(plant.position_m);
    let turn_rad = (wrap(libm::atan2f(seen_m.y, seen_m.x)).abs() - robot.jet_half_angle_rad).max(0.0);
    let drive_m = (seen_m.length() - robot.jet_reach_m).max(0.0);
    // Accelerating and braking cost about one decision each.
    let under_way = if drive_m > 0.0 { 2.0 } else { 0.0 };
    turn_rad / (robot.turn_rad_per_s * DECISION_S) + drive_m / (robot.forward_m_per_s * DECISION_S) + under_way
}

/// Returns the reward per decision of the best visit to a plant: travel, wait, spray.
fn prospect(garden: &GardenTruth, plant: &PlantTruth, travel: f32) -> f32 {
    let settings = &garden.scenario.plants;
    let mut best = f32::NEG_INFINITY;
    for wait in (0..=LONGEST_WAIT).step_by(4) {
        let mut moisture = (plant.moisture - garden.evaporation_per_decision * (travel + wait as f32)).max(0.0);
        let mut relieved = 0.0;
        for sprays in 1..=MOST_SPRAYS {
            relieved += settings.thirst(moisture);
            moisture += settings.moisture_per_spray;
            best = best.max(relieved / (travel + (wait + sprays) as f32));
        }
    }
    best
}

#[cfg(test)]
#[path = "planner_tests.rs"]
mod tests;
