//! True state of the gardens, for scripted drivers. Policies never see it.

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;

use crate::garden::{ActiveScenario, Butt, GardenEntities, Plant, Position, Pump, SeasonState, Sky, Soil};
use crate::physics::{Motion, Pose};

/// The true state of a plant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlantTruth {
    /// Position (x, z), in metres.
    pub position_m: Vec2,
    /// Collision radius, in metres.
    pub stem_radius_m: f32,
    /// Soil moisture, in 0..1.
    pub moisture: f32,
    /// Thirst, in 0..1.
    pub thirst: f32,
}

/// The true state of a garden.
#[derive(Clone, Debug, PartialEq)]
pub struct GardenTruth {
    /// Scenario of the garden.
    pub scenario: std::sync::Arc<crate::scenario::Scenario>,
    /// Position and heading of the robot.
    pub pose: Pose,
    /// Velocity of the robot.
    pub motion: Motion,
    /// Sprays left in the tank; `None` with a hose.
    pub sprays_left: Option<u32>,
    /// Position of the butt (x, z), in metres, if there is one.
    pub butt_m: Option<Vec2>,
    /// The plants.
    pub plants: Vec<PlantTruth>,
    /// Moisture that each plant loses per decision in the current weather.
    pub evaporation_per_decision: f32,
}

/// Queries needed to gather the true state.
#[derive(SystemParam)]
pub struct TruthInputs<'w, 's> {
    scenario: Res<'w, ActiveScenario>,
    gardens: Query<'w, 's, (&'static GardenEntities, &'static SeasonState, &'static Sky)>,
    robots: Query<'w, 's, (&'static Pose, &'static Motion, &'static Pump)>,
    plants: Query<'w, 's, (&'static Plant, &'static Position, &'static Soil)>,
    butts: Query<'w, 's, &'static Position, With<Butt>>,
}

impl TruthInputs<'_, '_> {
    /// Fills `truths` with the state of every garden in `list`, in the same order.
    pub fn gather(&self, list: &[Entity], truths: &mut Vec<GardenTruth>) {
        let scenario = &self.scenario.0;
        truths.clear();
        for (entities, season, sky) in self.gardens.iter_many(list) {
            let Ok((&pose, &motion, pump)) = self.robots.get(entities.robot) else {
                continue;
            };
            let plants = self
                .plants
                .iter_many(&entities.plants)
                .map(|(plant, place, soil)| PlantTruth {
                    position_m: place.0,
                    stem_radius_m: scenario.plants.species[plant.species].stem_radius_m,
                    moisture: soil.moisture,
                    thirst: scenario.plants.thirst(soil.moisture),
                })
                .collect();
            truths.push(GardenTruth {
                scenario: scenario.clone(),
                pose,
                motion,
                sprays_left: pump.sprays_left,
                butt_m: entities.butt.and_then(|butt| self.butts.get(butt).ok()).map(|place| place.0),
                plants,
                evaporation_per_decision: season.climate.dynamics.evaporation_per_decision * sky.evaporation_factor,
            });
        }
    }
}
