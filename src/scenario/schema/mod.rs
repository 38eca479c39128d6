//! The types that scenario files mirror, key for key; every default is the garden of `scenarios/four_seasons.toml`.
//!
//! All lengths in metres, masses in kilograms, angles in the unit that the key names. One decision is 0.2 s.

mod plants;
mod robot;
mod rules;
mod season;

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

pub use plants::{Plants, Plot, Shape, Species};
pub use robot::{Eye, RobotSettings, Tank};
pub use season::{Dynamics, Look, PropKind, Props, Season, Weather};

/// Simulated time that one decision takes.
pub const DECISION_S: f32 = 0.2;
/// Physics steps in one decision.
pub const SUBSTEPS: usize = 6;
/// Water in one spray, in litres: a can of ten litres holds the twenty sprays of the scenario `water_tank`.
pub const SPRAY_L: f64 = 0.5;

/// A garden and its year.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What the scenario is called in reports.
    #[serde(deserialize_with = "canonical_name")]
    #[garde(length(min = 1))]
    pub name: String,
    /// What it is about, in a sentence.
    #[serde(default)]
    #[garde(skip)]
    pub description: String,
    /// How the seasons follow each other.
    #[serde(default)]
    #[garde(dive)]
    pub schedule: Schedule,
    /// The piece of land.
    #[serde(default)]
    #[garde(dive)]
    pub plot: Plot,
    /// What grows on it.
    #[serde(default)]
    #[garde(dive, custom(rules::plants_fit(&self.plot)))]
    pub plants: Plants,
    /// Who waters it.
    #[serde(default)]
    #[garde(dive, custom(rules::robot_can_water(&self.plants)))]
    pub robot: RobotSettings,
    /// How the robot sees.
    #[serde(default)]
    #[garde(dive)]
    pub eye: Eye,
    /// How long an episode is and what ends it.
    #[serde(default)]
    #[garde(dive)]
    pub episode: EpisodeSettings,
    /// What the robot is rewarded for.
    #[serde(default)]
    #[garde(dive)]
    pub rewards: Rewards,
    /// The seasons of the year, in order.
    #[garde(length(min = 1, max = 64), dive, custom(rules::seasons_have_names_of_their_own))]
    pub seasons: Vec<Season>,
}

/// Reads a name in canonical form: no spaces around it, single ones in it, so that names that read alike are alike.
fn canonical_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    Ok(name.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// How the seasons of a year follow each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Schedule {
    /// Whether one season ends where the next begins, or turns into it.
    #[garde(skip)]
    pub transition: Transition,
    /// The last part of a season in which it turns into the next one, where the transition is gradual.
    #[garde(range(min = 0.01, max = 1.0))]
    pub turning_fraction: f32,
    /// Whether the look changes with the season, or stays that of the first.
    #[garde(skip)]
    pub look_varies: bool,
    /// Whether evaporation, traction and props change with the season, or stay those of the first.
    #[garde(skip)]
    pub dynamics_varies: bool,
    /// Whether the weather changes with the season, or stays that of the first.
    #[garde(skip)]
    pub weather_varies: bool,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            transition: Transition::Abrupt,
            turning_fraction: 0.5,
            look_varies: true,
            dynamics_varies: true,
            weather_varies: true,
        }
    }
}

/// How one season becomes the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Transition {
    /// From one decision to the next; the boundary is declared to methods that ask for it.
    #[default]
    Abrupt,
    /// Over the last part of a season; there is no boundary to declare.
    Gradual,
}

/// How long an episode is and what ends it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct EpisodeSettings {
    /// Decisions after which it is cut off (`truncated`).
    #[garde(range(min = 1, max = 100_000))]
    pub decisions: u32,
    /// The episode ends for real (`terminated`) once this part of the plants has died, if given.
    #[garde(range(min = 0.01, max = 1.0))]
    pub terminates_when_dead_fraction: Option<f32>,
}

impl Default for EpisodeSettings {
    fn default() -> Self {
        Self {
            decisions: 300,
            terminates_when_dead_fraction: None,
        }
    }
}

/// What a decision is rewarded with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Rewards {
    /// Watering a thirsty plant, times its thirst before.
    #[garde(range(min = -100.0, max = 100.0))]
    pub thirst_relieved: f32,
    /// Watering a plant that is not thirsty.
    #[garde(range(min = -100.0, max = 100.0))]
    pub watered_needlessly: f32,
    /// Watering bare ground, or with an empty tank.
    #[garde(range(min = -100.0, max = 100.0))]
    pub watered_ground: f32,
    /// Bumping into something.
    #[garde(range(min = -100.0, max = 100.0))]
    pub bump: f32,
    /// Each decision.
    #[garde(range(min = -100.0, max = 100.0))]
    pub time: f32,
}

impl Default for Rewards {
    fn default() -> Self {
        Self {
            thirst_relieved: 1.0,
            watered_needlessly: -0.5,
            watered_ground: -0.1,
            bump: -0.05,
            time: -0.01,
        }
    }
}
