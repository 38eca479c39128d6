//! A season: its look, dynamics, weather, rewards, faults and props, and how they change while it lasts and from year to year.

use std::collections::BTreeMap;

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::changes::changeable;
use super::{RewardChanges, canonical_name, rules};
use crate::scenario::Colour;

/// A season.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Season {
    /// Name of the season.
    #[serde(deserialize_with = "canonical_name")]
    #[garde(length(min = 1))]
    pub name: String,
    /// Length of the season, in lengths of a usual one.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    #[garde(range(min = 0.05, max = 20.0))]
    pub relative_length: f32,
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
    /// Rewards that differ from those of the scenario in this season.
    #[serde(default, skip_serializing_if = "RewardChanges::is_empty")]
    #[garde(dive)]
    pub rewards: RewardChanges,
    /// Faults of the robot's eye.
    #[serde(default, skip_serializing_if = "Faults::are_none")]
    #[garde(dive)]
    pub faults: Faults,
    /// Props: objects that lie in the garden.
    #[serde(default)]
    #[garde(length(max = 16), dive)]
    pub props: Vec<Props>,
    /// Events: what happens within the season, every year.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 32), dive, custom(rules::events_are_possible(&self.weather)))]
    pub events: Vec<Event>,
    /// Slow change of the season from year to year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(dive, custom(rules::drift_is_possible(&self.weather)))]
    pub drift: Option<Drift>,
}

fn one() -> f32 {
    1.0
}

fn is_one(number: &f32) -> bool {
    *number == 1.0
}

changeable! {
    /// Look of a season. It is the only information about the season in the observation.
    #[serde(deny_unknown_fields)]
    Look,
    /// Changes of the look.
    LookChanges,
    plus
    /// Species that look otherwise than the others, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[garde(dive)]
    species: BTreeMap<String, SpeciesLook>,
    {
        /// The ground.
        #[garde(skip)]
        ground: Colour,
        /// The sky.
        #[garde(skip)]
        sky: Colour,
        /// The walls.
        #[garde(skip)]
        wall: Colour,
        /// Colour of a plant without thirst.
        #[garde(skip)]
        [serde(alias = "plant_fine")]
        fine: Colour,
        /// Colour of a plant at full thirst.
        #[garde(skip)]
        [serde(alias = "plant_thirsty")]
        thirsty: Colour,
    }
}

/// Look of one species in a season, where it differs from that of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct SpeciesLook {
    /// Colour of such a plant without thirst.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub fine: Option<Colour>,
    /// Colour of such a plant at full thirst.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub thirsty: Option<Colour>,
}

changeable! {
    /// Dynamics of a season.
    #[serde(deny_unknown_fields)]
    Dynamics,
    /// Changes of the dynamics.
    DynamicsChanges,
    {
        /// Soil moisture that a plant loses in a decision on an average day.
        #[garde(range(min = 0.0, max = 0.2))]
        evaporation_per_decision: f32,
        /// Friction coefficient of the wheels on this ground: dry soil 0.9, wet leaves 0.5, ice 0.25.
        #[garde(range(min = 0.02, max = 1.5))]
        traction: f32,
    }
}

changeable! {
    /// Weather of a season; drawn anew for each episode.
    #[serde(default, deny_unknown_fields)]
    Weather,
    /// Changes of the weather.
    WeatherChanges,
    {
        /// Showers in an hour of simulated time: a Poisson process.
        #[garde(range(min = 0.0, max = 3600.0))]
        showers_per_hour: f32,
        /// Mean length of a shower, exponentially distributed.
        #[garde(range(min = 0.2, max = 3600.0))]
        shower_duration_s: f32,
        /// Moisture that rain adds in a decision.
        #[garde(range(min = 0.0, max = 1.0))]
        rain_moisture_per_decision: f32,
        /// Temperature of an average day.
        #[garde(range(min = -40.0, max = 50.0))]
        temperature_mean_celsius: f32,
        /// Standard deviation of the temperature between episodes.
        #[garde(range(min = 0.0, max = 20.0))]
        temperature_deviation_celsius: f32,
        /// Fraction by which evaporation rises with each degree above the average day.
        #[garde(range(min = 0.0, max = 0.2))]
        evaporation_per_degree: f32,
        /// Standard deviation of the logarithm of the evaporation factor between episodes.
        #[garde(range(min = 0.0, max = 1.0))]
        evaporation_log_deviation: f32,
        /// Lower bound of the light of an episode, which is drawn uniformly.
        #[garde(range(min = 0.1, max = 2.0))]
        light_low: f32,
        /// Upper bound of the light.
        #[garde(range(min = 0.1, max = 2.0))]
        [garde(custom(rules::not_below("light_low", *light_low)))]
        light_high: f32,
        /// Drift of the light during an episode: standard deviation of its change in a minute.
        #[garde(range(min = 0.0, max = 1.0))]
        light_drift_per_minute: f32,
    }
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

changeable! {
    /// Faults of the robot's eye in a season. They belong to the lens and the sensor: the same columns are dirty or dead in every
    /// garden and episode.
    #[serde(default, deny_unknown_fields)]
    Faults,
    /// Changes of the eye's faults.
    FaultChanges,
    {
        /// Standard deviation of the noise of each colour of each pixel, in sRGB; drawn anew for each decision.
        #[garde(range(min = 0.0, max = 1.0))]
        noise_deviation: f32,
        /// Blur: standard deviation of the spread of light to the sides, in columns.
        #[garde(range(min = 0.0, max = 16.0))]
        blur_columns: f32,
        /// Fraction of the columns that have dirt on them.
        #[garde(range(min = 0.0, max = 1.0))]
        dirt_fraction: f32,
        /// Opacity of the dirt (0: clear; 1: nothing shines through).
        #[garde(range(min = 0.0, max = 1.0))]
        dirt_opacity: f32,
        /// Colour of the dirt.
        #[garde(skip)]
        dirt_colour: Colour,
        /// Fraction of the columns that are dead: black, and without a distance.
        #[garde(range(min = 0.0, max = 1.0))]
        dead_fraction: f32,
        /// Exposure: a factor on all colours (1: right; above it they burn out; below it they drown in the dark).
        #[garde(range(min = 0.05, max = 8.0))]
        exposure: f32,
    }
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            noise_deviation: 0.0,
            blur_columns: 0.0,
            dirt_fraction: 0.0,
            dirt_opacity: 0.7,
            dirt_colour: Colour::from_bytes(0x4d, 0x42, 0x36),
            dead_fraction: 0.0,
            exposure: 1.0,
        }
    }
}

impl Faults {
    /// Returns `true` if nothing is wrong with the eye.
    pub fn are_none(&self) -> bool {
        *self == Self::default()
    }
}

/// Event within a season: a heat wave, a night, an early snow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Name of the event.
    #[serde(deserialize_with = "canonical_name")]
    #[garde(length(min = 1))]
    pub name: String,
    /// Beginning of the event, as a fraction of the season.
    #[garde(range(min = 0.0, max = 1.0))]
    pub from_fraction: f32,
    /// End of the event, as a fraction of the season.
    #[garde(range(min = 0.0, max = 1.0), custom(rules::above("from_fraction", self.from_fraction)))]
    pub until_fraction: f32,
    /// Time that it takes to come, and to go, as a fraction of its own length (0: at once; 0.5: it comes and goes all the time).
    #[serde(default = "fifth")]
    #[garde(range(min = 0.0, max = 0.5))]
    pub fade_fraction: f32,
    /// Another look.
    #[serde(default, skip_serializing_if = "LookChanges::is_empty")]
    #[garde(dive)]
    pub look: LookChanges,
    /// Other dynamics.
    #[serde(default, skip_serializing_if = "DynamicsChanges::is_empty")]
    #[garde(dive)]
    pub dynamics: DynamicsChanges,
    /// Other weather.
    #[serde(default, skip_serializing_if = "WeatherChanges::is_empty")]
    #[garde(dive)]
    pub weather: WeatherChanges,
    /// Other rewards.
    #[serde(default, skip_serializing_if = "RewardChanges::is_empty")]
    #[garde(dive)]
    pub rewards: RewardChanges,
    /// Other faults of the eye.
    #[serde(default, skip_serializing_if = "FaultChanges::is_empty")]
    #[garde(dive)]
    pub faults: FaultChanges,
}

fn fifth() -> f32 {
    0.2
}

impl Event {
    /// Returns how much of the event there is at a place in the season (0..1): 0 before and after it, 1 at its height.
    pub fn strength(&self, place: f32) -> f32 {
        if place < self.from_fraction || place >= self.until_fraction {
            return 0.0;
        }
        let length = self.until_fraction - self.from_fraction;
        let fade = self.fade_fraction * length;
        if fade <= 0.0 {
            return 1.0;
        }
        ((place - self.from_fraction) / fade)
            .min((self.until_fraction - place) / fade)
            .clamp(0.0, 1.0)
    }
}

/// Slow change of a season from year to year, for instance of a climate that warms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Drift {
    /// Number of years after which the change is complete; it stays so from then on.
    #[garde(range(min = 1, max = 100_000))]
    pub years: u32,
    /// The look in the end.
    #[serde(default, skip_serializing_if = "LookChanges::is_empty")]
    #[garde(dive)]
    pub look: LookChanges,
    /// The dynamics in the end.
    #[serde(default, skip_serializing_if = "DynamicsChanges::is_empty")]
    #[garde(dive)]
    pub dynamics: DynamicsChanges,
    /// The weather in the end.
    #[serde(default, skip_serializing_if = "WeatherChanges::is_empty")]
    #[garde(dive)]
    pub weather: WeatherChanges,
    /// The rewards in the end.
    #[serde(default, skip_serializing_if = "RewardChanges::is_empty")]
    #[garde(dive)]
    pub rewards: RewardChanges,
    /// The eye's faults in the end: a lens that gets dirty, a sensor that ages.
    #[serde(default, skip_serializing_if = "FaultChanges::is_empty")]
    #[garde(dive)]
    pub faults: FaultChanges,
}

impl Drift {
    /// Returns how much of the change there is in a year, counted from 0.
    pub fn strength(&self, year: usize) -> f32 {
        (year as f32 / self.years as f32).min(1.0)
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
