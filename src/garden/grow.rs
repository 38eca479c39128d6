//! Soil moisture and plant health: evaporation, rain, thirst and recovery.

use bevy::prelude::*;

use super::{ActiveScenario, GardenEntities, SeasonState, Sky, Soil, Wellbeing};
use crate::scenario::Plants;

impl Plants {
    /// Returns the thirst of a plant at a soil moisture: 0 is none, 1 is the maximum.
    pub fn thirst(&self, moisture: f32) -> f32 {
        ((self.thirsty_below_moisture - moisture) / self.thirst_span_moisture).clamp(0.0, 1.0)
    }
}

/// Applies one decision of growth: evaporation and rain change soil moisture; thirst and drowning cost wellbeing.
pub fn grow(
    scenario: Res<ActiveScenario>,
    gardens: Query<(&GardenEntities, &SeasonState, &Sky)>,
    mut plants: Query<(&mut Soil, &mut Wellbeing)>,
) {
    let settings = &scenario.0.plants;
    for (entities, season, sky) in &gardens {
        let mut change = -season.climate.dynamics.evaporation_per_decision * sky.evaporation_factor;
        if sky.rains() {
            change += season.climate.weather.rain_moisture_per_decision;
        }
        let mut garden = plants.iter_many_mut(&entities.plants);
        while let Some((mut soil, mut wellbeing)) = garden.fetch_next() {
            soil.moisture = (soil.moisture + change).clamp(0.0, 1.0);
            let thirst = settings.thirst(soil.moisture);
            let drowned = soil.moisture > settings.drowned_above_moisture;
            let stress = if drowned { 1.0 } else { thirst };
            let change = if stress > 0.0 {
                -stress * settings.wellbeing_loss_per_decision
            } else {
                settings.wellbeing_gain_per_decision
            };
            // A dead plant does not recover within the episode.
            if wellbeing.0 > 0.0 {
                wellbeing.0 = (wellbeing.0 + change).clamp(0.0, 1.0);
            }
        }
    }
}
