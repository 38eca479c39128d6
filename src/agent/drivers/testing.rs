//! Small gardens for the tests of scripted drivers. The robot goes exactly where it is told, and nothing stops it.

use std::sync::Arc;

use bevy::math::Vec2;

use super::{Driver, DriverInput};
use crate::agent::{GardenTruth, PlantTruth};
use crate::mdp::Action;
use crate::physics::{Motion, Pose};
use crate::scenario::{DECISION_S, DEFAULT_SCENARIO, Scenario, Tank};

/// Radius of the plants' stems, in metres.
pub(super) const STEM_RADIUS_M: f32 = 0.22;

/// Returns the point that is so far ahead and to the left of a robot in its first pose.
pub(super) fn at(ahead_m: f32, left_m: f32) -> Vec2 {
    Vec2::new(ahead_m, -left_m)
}

/// Returns a garden in which nothing dries out, with plants at these positions and of this thirst. The robot is at the origin and
/// faces `+x`.
pub(super) fn garden(plants: &[(Vec2, f32)]) -> GardenTruth {
    let scenario = Scenario::load(DEFAULT_SCENARIO).unwrap().scenario;
    let mut garden = GardenTruth {
        scenario: Arc::new(scenario),
        pose: Pose::new(Vec2::ZERO, 0.0),
        motion: Motion::default(),
        sprays_left: None,
        butt_m: None,
        plants: Vec::new(),
        evaporation_per_decision: 0.0,
    };
    for (number, &(position_m, thirst)) in plants.iter().enumerate() {
        garden.plants.push(PlantTruth {
            position_m,
            stem_radius_m: STEM_RADIUS_M,
            moisture: 0.0,
            thirst: 0.0,
        });
        set_thirst(&mut garden, number, thirst);
    }
    garden
}

/// Gives a plant this thirst, and the moisture that belongs to it.
pub(super) fn set_thirst(garden: &mut GardenTruth, number: usize, thirst: f32) {
    let settings = &garden.scenario.plants;
    let plant = &mut garden.plants[number];
    plant.moisture = settings.thirsty_below_moisture - thirst * settings.thirst_span_moisture;
    plant.thirst = settings.thirst(plant.moisture);
}

/// Gives the robot a tank with so many sprays in it, and the garden a butt.
pub(super) fn add_tank(garden: &mut GardenTruth, capacity_sprays: u32, sprays_left: u32, butt_m: Vec2) {
    let scenario = Arc::make_mut(&mut garden.scenario);
    scenario.robot.tank = Some(Tank {
        capacity_sprays,
        ..Tank::default()
    });
    garden.sprays_left = Some(sprays_left);
    garden.butt_m = Some(butt_m);
}

/// Lets a driver decide in one garden.
pub(super) fn decide(driver: &mut impl Driver, garden: &GardenTruth) -> Action {
    let mut actions = [Action::Back];
    let input = DriverInput {
        observations: &[],
        seasons: &[0],
        gardens: std::slice::from_ref(garden),
    };
    driver.decide(&input, &mut actions);
    actions[0]
}

/// Carries out an action, and returns the index of the plant that was watered.
pub(super) fn carry_out(garden: &mut GardenTruth, action: Action) -> Option<usize> {
    let scenario = garden.scenario.clone();
    let (wheels, sprays) = scenario.robot.command(action);
    let Pose { position_m, forward } = garden.pose;
    garden.pose = Pose::new(
        position_m + forward * wheels.forward_m_per_s * DECISION_S,
        garden.pose.yaw_rad() + wheels.yaw_rate_rad_per_s * DECISION_S,
    );
    let mut watered = None;
    if sprays && garden.sprays_left != Some(0) {
        garden.sprays_left = garden.sprays_left.map(|sprays| sprays - 1);
        let in_jet = garden.plants.iter().enumerate().filter_map(|(number, plant)| {
            let distance_m = scenario.robot.jet_reaches(&garden.pose, plant.position_m)?;
            Some((number, distance_m))
        });
        watered = in_jet
            .min_by(|(_, one_m), (_, other_m)| one_m.total_cmp(other_m))
            .map(|(number, _)| number);
    }
    if let Some(number) = watered {
        garden.plants[number].moisture += scenario.plants.moisture_per_spray;
    }
    for plant in &mut garden.plants {
        plant.moisture -= garden.evaporation_per_decision;
        plant.thirst = scenario.plants.thirst(plant.moisture);
    }
    if let (Some(tank), Some(butt_m), Some(sprays_left)) = (&scenario.robot.tank, garden.butt_m, &mut garden.sprays_left)
        && butt_m.distance(garden.pose.position_m) <= tank.refill_distance_m
    {
        *sprays_left = (*sprays_left + tank.refill_sprays_per_decision).min(tank.capacity_sprays);
    }
    watered
}

/// Returns a garden with six plants all around the robot, all completely thirsty.
pub(super) fn thirsty_garden() -> GardenTruth {
    garden(&[
        (at(2.0, 0.3), 1.0),
        (at(3.2, -1.4), 1.0),
        (at(0.4, 2.6), 1.0),
        (at(-2.4, 1.9), 1.0),
        (at(-3.0, -0.6), 1.0),
        (at(-0.5, -2.7), 1.0),
    ])
}
