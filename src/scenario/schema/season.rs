//! A season: its look, dynamics, weather and props.

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{canonical_name, rules};
use crate::scenario::Colour;

/// A season: its look, dynamics, weather and props.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Season {
    /// Name of the season.
    #[serde(deserialize_with = "canonical_name")]
    #[garde(length(min = 1))]
    pub name: String,
    /// Look of the garden.
    #[garde(dive)]
    pub look: Look,
    /// Dynamics of the garden.
    #[garde(dive)]
    pub dynamics: Dynamics,
    /// Weather.
    #[serde(default)]
    #[garde(dive)]
    pub weather: Weather,
    /// Props: objects that lie in the garden.
    #[serde(default)]
    #[garde(length(max = 16), dive)]
    pub props: Vec<Props>,
}

/// Look of a season. It is the only information about the season in the observation.
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
    /// Colour of a plant without thirst.
    #[garde(skip)]
    pub plant_fine: Colour,
    /// Colour of a plant at full thirst.
    #[garde(skip)]
    pub plant_thirsty: Colour,
}

/// Dynamics of a season.
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

/// Weather of a season; drawn anew for each episode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Weather {
    /// Showers in an hour of simulated time: a Poisson process.
    #[garde(range(min = 0.0, max = 3600.0))]
    pub showers_per_hour: f32,
    /// Mean length of a shower, exponentially distributed.
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
    /// Fraction by which evaporation rises with each degree above the average day.
    #[garde(range(min = 0.0, max = 0.2))]
    pub evaporation_per_degree: f32,
    /// Standard deviation of the logarithm of the evaporation factor between episodes.
    #[garde(range(min = 0.0, max = 1.0))]
    pub evaporation_log_deviation: f32,
    /// Lower bound of the light of an episode, which is drawn uniformly.
    #[garde(range(min = 0.1, max = 2.0))]
    pub light_low: f32,
    /// Upper bound of the light.
    #[garde(range(min = 0.1, max = 2.0), custom(rules::not_below("light_low", self.light_low)))]
    pub light_high: f32,
    /// Drift of the light during an episode: standard deviation of its change in a minute.
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

/// Props of one kind that lie in the garden during a season.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Props {
    /// Kind of the props.
    #[garde(skip)]
    pub kind: PropKind,
    /// Number of props.
    #[garde(range(min = 0, max = 32))]
    pub count: usize,
    /// Colour of the props.
    #[garde(skip)]
    pub colour: Colour,
}

/// Kind of prop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PropKind {
    /// A stone, which stays where it is.
    Stone,
    /// A windfall apple, which rolls when pushed.
    Apple,
    /// A fallen pot, which slides when pushed.
    Pot,
}
