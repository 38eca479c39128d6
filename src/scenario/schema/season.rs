//! One season: its look, its dynamics, its weather and what lies around in it.

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{canonical_name, rules};
use crate::scenario::Colour;

/// One season: how the garden looks, behaves and what the sky brings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Season {
    /// What it is called.
    #[serde(deserialize_with = "canonical_name")]
    #[garde(length(min = 1))]
    pub name: String,
    /// How the garden looks.
    #[garde(dive)]
    pub look: Look,
    /// How the garden behaves.
    #[garde(dive)]
    pub dynamics: Dynamics,
    /// What the sky brings.
    #[serde(default)]
    #[garde(dive)]
    pub weather: Weather,
    /// What lies around in it.
    #[serde(default)]
    #[garde(length(max = 16), dive)]
    pub props: Vec<Props>,
}

/// How a season looks. The policy is told nothing else of the season.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// The ground.
    #[garde(skip)]
    pub ground: Colour,
    /// The sky.
    #[garde(skip)]
    pub sky: Colour,
    /// The walls.
    #[garde(skip)]
    pub wall: Colour,
    /// A plant that has all it needs.
    #[garde(skip)]
    pub plant_fine: Colour,
    /// A plant at full thirst.
    #[garde(skip)]
    pub plant_thirsty: Colour,
}

/// How a season behaves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Dynamics {
    /// Soil moisture that a plant loses in a decision on an average day.
    #[garde(range(min = 0.0, max = 0.2))]
    pub evaporation_per_decision: f32,
    /// Friction coefficient of the wheels on this ground: dry soil 0.9, wet leaves 0.5, ice 0.25.
    #[garde(range(min = 0.02, max = 1.5))]
    pub traction: f32,
}

/// What the sky of a season brings; drawn anew for each episode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Weather {
    /// Showers in an hour of simulated time: a Poisson process.
    #[garde(range(min = 0.0, max = 3600.0))]
    pub showers_per_hour: f32,
    /// Mean length of a shower: exponentially distributed.
    #[garde(range(min = 0.2, max = 3600.0))]
    pub shower_duration_s: f32,
    /// Moisture that rain adds in a decision.
    #[garde(range(min = 0.0, max = 1.0))]
    pub rain_moisture_per_decision: f32,
    /// Temperature of an average day.
    #[garde(range(min = -40.0, max = 50.0))]
    pub temperature_mean_celsius: f32,
    /// Standard deviation of the temperature between episodes.
    #[garde(range(min = 0.0, max = 20.0))]
    pub temperature_deviation_celsius: f32,
    /// Part by which evaporation rises with each degree above the average day.
    #[garde(range(min = 0.0, max = 0.2))]
    pub evaporation_per_degree: f32,
    /// Standard deviation of the logarithm of the evaporation factor between episodes.
    #[garde(range(min = 0.0, max = 1.0))]
    pub evaporation_log_deviation: f32,
    /// The light of an episode is drawn evenly from here...
    #[garde(range(min = 0.1, max = 2.0))]
    pub light_low: f32,
    /// ...to here.
    #[garde(range(min = 0.1, max = 2.0), custom(rules::not_below("light_low", self.light_low)))]
    pub light_high: f32,
    /// How much the light drifts in the course of an episode: standard deviation of its change in a minute.
    #[garde(range(min = 0.0, max = 1.0))]
    pub light_drift_per_minute: f32,
}

impl Default for Weather {
    fn default() -> Self {
        Self {
            showers_per_hour: 0.0,
            shower_duration_s: 6.0,
            rain_moisture_per_decision: 0.004,
            temperature_mean_celsius: 15.0,
            temperature_deviation_celsius: 3.0,
            evaporation_per_degree: 0.02,
            evaporation_log_deviation: 0.1,
            light_low: 0.8,
            light_high: 1.1,
            light_drift_per_minute: 0.03,
        }
    }
}

/// Things of one kind that lie around in a season.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Props {
    /// What they are.
    #[garde(skip)]
    pub kind: PropKind,
    /// How many there are.
    #[garde(range(min = 0, max = 32))]
    pub count: usize,
    /// Their colour.
    #[garde(skip)]
    pub colour: Colour,
}

/// What can lie around in a garden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PropKind {
    /// A stone: it stays where it is.
    Stone,
    /// A windfall apple: it rolls when pushed.
    Apple,
    /// A fallen pot: it slides when pushed.
    Pot,
}
