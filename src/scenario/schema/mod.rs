//! Types that mirror scenario files, key for key. The defaults are those of `scenarios/four_seasons.toml`.
//!
//! Lengths are in metres, masses in kilograms, angles in the unit that the key names. One decision takes 0.2 s.

mod changes;
mod plants;
mod robot;
mod rules;
mod season;

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

pub use plants::{Plants, Plot, Shape, Species};
pub use robot::{Eye, RobotSettings, Tank};
pub use season::{
    Drift, Dynamics, DynamicsChanges, Event, FaultChanges, Faults, Look, LookChanges, PropKind, Props, Season, SpeciesLook,
    Weather, WeatherChanges,
};

pub(crate) use changes::Mix;
use changes::changeable;

/// Simulated duration of one decision, in seconds.
pub const DECISION_S: f32 = 0.2;
/// Number of physics steps per decision.
pub const SUBSTEPS: usize = 6;
/// Most seasons of a scenario.
pub const MOST_SEASONS: usize = 256;
/// Volume of one spray, in litres: a can of ten litres holds the twenty sprays of the scenario `water_tank`.
pub const SPRAY_L: f64 = 0.5;

/// A garden and its year.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Name of the scenario, as shown in reports.
    #[serde(deserialize_with = "canonical_name")]
    #[garde(length(min = 1))]
    pub name: String,
    /// Subject of the scenario, in a sentence.
    #[serde(default)]
    #[garde(skip)]
    pub description: String,
    /// Order and transition of the seasons.
    #[serde(default)]
    #[garde(dive)]
    pub schedule: Schedule,
    /// The piece of land.
    #[serde(default)]
    #[garde(dive)]
    pub plot: Plot,
    /// Plants that grow on the plot.
    #[serde(default)]
    #[garde(dive, custom(rules::plants_fit(&self.plot)))]
    pub plants: Plants,
    /// The watering robot.
    #[serde(default)]
    #[garde(dive, custom(rules::robot_can_water(&self.plants)))]
    pub robot: RobotSettings,
    /// The robot's camera.
    #[serde(default)]
    #[garde(dive)]
    pub eye: Eye,
    /// Length and end of an episode.
    #[serde(default)]
    #[garde(dive)]
    pub episode: EpisodeSettings,
    /// Rewards of the robot.
    #[serde(default)]
    #[garde(dive)]
    pub rewards: Rewards,
    /// The seasons of the year, in order.
    #[garde(
        length(min = 1, max = MOST_SEASONS),
        dive,
        custom(rules::seasons_have_names_of_their_own),
        custom(rules::looks_are_of_species(&self.plants))
    )]
    pub seasons: Vec<Season>,
}

/// Reads a name in canonical form: no spaces around it, single ones in it, so that names that read alike are alike.
fn canonical_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    Ok(name.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Transitions between the seasons, and the properties that vary with them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Schedule {
    /// Transition between seasons: at once, or gradually.
    #[garde(skip)]
    pub transition: SeasonTransition,
    /// The last part of a season in which it turns into the next one, where the transition is gradual.
    #[garde(range(min = 0.01, max = 1.0))]
    pub turning_fraction: f32,
    /// `true` if the look changes with the season; otherwise it stays that of the first.
    #[garde(skip)]
    pub look_varies: bool,
    /// `true` if evaporation, traction and props change with the season; otherwise they stay those of the first.
    #[garde(skip)]
    pub dynamics_varies: bool,
    /// `true` if the weather changes with the season; otherwise it stays that of the first.
    #[garde(skip)]
    pub weather_varies: bool,
    /// `true` if the rewards change with the season; otherwise they stay those of the first.
    #[garde(skip)]
    pub rewards_vary: bool,
    /// `true` if the faults of the eye change with the season; otherwise they stay those of the first.
    #[garde(skip)]
    pub faults_vary: bool,
    /// Standard deviation of the beginning of each season between the years, as a fraction of a usual season's length. The first
    /// season begins on time in every year.
    #[garde(range(min = 0.0, max = 0.5))]
    pub onset_deviation_fraction: f32,
    /// `true` if methods are told where a season ends, however it ends. Absent: they are told where the transition is abrupt.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub declares_boundaries: Option<bool>,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            transition: SeasonTransition::Abrupt,
            turning_fraction: 0.5,
            look_varies: true,
            dynamics_varies: true,
            weather_varies: true,
            rewards_vary: true,
            faults_vary: true,
            onset_deviation_fraction: 0.0,
            declares_boundaries: None,
        }
    }
}

impl Schedule {
    /// Returns `true` if methods are told where a season ends. Where the transition is gradual, that is where it has turned into the next one.
    pub fn boundaries_are_declared(&self) -> bool {
        self.declares_boundaries
            .unwrap_or(self.transition == SeasonTransition::Abrupt)
    }
}

/// Transition from one season to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SeasonTransition {
    /// Between two decisions. The boundary is declared to methods that ask for it, unless the schedule says otherwise.
    #[default]
    Abrupt,
    /// Gradual, over the last part of a season. No boundary is declared, unless the schedule says otherwise.
    Gradual,
}

/// Length and end of an episode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct EpisodeSettings {
    /// Number of decisions after which the episode is truncated.
    #[garde(range(min = 1, max = 100_000))]
    pub decisions: u32,
    /// Fraction of dead plants at which the episode is terminated, if given.
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

changeable! {
    /// Rewards of a decision.
    #[serde(default, deny_unknown_fields)]
    Rewards,
    /// Rewards that differ.
    RewardChanges,
    {
        /// Reward for watering a thirsty plant, times its thirst before.
        #[garde(range(min = -100.0, max = 100.0))]
        thirst_relieved: f32,
        /// Reward for watering a plant that is not thirsty.
        #[garde(range(min = -100.0, max = 100.0))]
        watered_needlessly: f32,
        /// Reward for watering bare ground, or with an empty tank.
        #[garde(range(min = -100.0, max = 100.0))]
        watered_ground: f32,
        /// Reward for a collision.
        #[garde(range(min = -100.0, max = 100.0))]
        bump: f32,
        /// Reward for each decision.
        #[garde(range(min = -100.0, max = 100.0))]
        time: f32,
    }
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
