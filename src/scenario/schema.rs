//! The types that scenario files mirror, key for key; every default is the garden of `scenarios/four_seasons.toml`.
//!
//! All lengths in metres, masses in kilograms, angles in the unit that the key names. One decision is 0.2 s.

use garde::Validate;
use serde::{Deserialize, Serialize};

use super::Colour;

/// Simulated time that one decision takes.
pub const DECISION_S: f32 = 0.2;
/// Physics steps in one decision.
pub const SUBSTEPS: usize = 6;

/// A garden and its year.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
pub struct Scenario {
    /// What the scenario is called in reports.
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
    #[garde(dive)]
    pub plants: Plants,
    /// Who waters it.
    #[serde(default)]
    #[garde(dive)]
    pub robot: Robot,
    /// How the robot sees.
    #[serde(default)]
    #[garde(dive)]
    pub eye: Eye,
    /// How long an episode is and what ends it.
    #[serde(default)]
    #[garde(dive)]
    pub episode: Episode,
    /// What the robot is rewarded for.
    #[serde(default)]
    #[garde(dive)]
    pub rewards: Rewards,
    /// The seasons of the year, in order.
    #[garde(length(min = 1, max = 64), dive)]
    pub seasons: Vec<Season>,
}

/// How the seasons of a year follow each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(default)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transition {
    /// From one decision to the next; the boundary is declared to methods that ask for it.
    #[default]
    Abrupt,
    /// Over the last part of a season; there is no boundary to declare.
    Gradual,
}

/// The piece of land: a square inside low walls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(default)]
pub struct Plot {
    /// Length of a side.
    #[garde(range(min = 4.0, max = 20.0))]
    pub side_m: f32,
    /// Height of the walls.
    #[garde(range(min = 0.1, max = 3.0))]
    pub wall_height_m: f32,
}

impl Default for Plot {
    fn default() -> Self {
        Self { side_m: 8.0, wall_height_m: 0.6 }
    }
}

/// What grows in the garden, and how it thirsts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(default)]
pub struct Plants {
    /// How many plants stand in the garden.
    #[garde(range(min = 1, max = 64))]
    pub count: usize,
    /// Least distance between two plants, centre to centre.
    #[garde(range(min = 0.6, max = 5.0))]
    pub spacing_m: f32,
    /// Least distance of a plant from a wall.
    #[garde(range(min = 0.3, max = 3.0))]
    pub wall_distance_m: f32,
    /// Soil moisture at the start of an episode is drawn evenly from here...
    #[garde(range(min = 0.0, max = 1.0))]
    pub initial_moisture_low: f32,
    /// ...to here.
    #[garde(range(min = 0.0, max = 1.0))]
    pub initial_moisture_high: f32,
    /// A plant is thirsty below this moisture...
    #[garde(range(min = 0.0, max = 1.0))]
    pub thirsty_below_moisture: f32,
    /// ...and its thirst is complete this much further down.
    #[garde(range(min = 0.01, max = 1.0))]
    pub thirst_span_moisture: f32,
    /// Above this moisture its roots drown.
    #[garde(range(min = 0.0, max = 1.0))]
    pub drowned_above_moisture: f32,
    /// Moisture that one spray adds.
    #[garde(range(min = 0.0, max = 1.0))]
    pub moisture_per_spray: f32,
    /// Wellbeing lost in a decision at full thirst, or drowned.
    #[garde(range(min = 0.0, max = 1.0))]
    pub wellbeing_loss_per_decision: f32,
    /// Wellbeing won back in a decision without thirst.
    #[garde(range(min = 0.0, max = 1.0))]
    pub wellbeing_gain_per_decision: f32,
    /// Standard deviation of each plant's own tint, in sRGB.
    #[garde(range(min = 0.0, max = 0.5))]
    pub tint_deviation: f32,
    /// How much thirst shows in a plant's shape (0: colour alone tells; 1: at full thirst it hangs at half its height).
    #[garde(range(min = 0.0, max = 1.0))]
    pub droop: f32,
    /// The species; each plant is of one of them, by share.
    #[garde(length(min = 1, max = 32), dive)]
    pub species: Vec<Species>,
}

impl Default for Plants {
    fn default() -> Self {
        Self {
            count: 10,
            spacing_m: 1.3,
            wall_distance_m: 0.6,
            initial_moisture_low: 0.2,
            initial_moisture_high: 0.9,
            thirsty_below_moisture: 0.5,
            thirst_span_moisture: 0.25,
            drowned_above_moisture: 0.95,
            moisture_per_spray: 0.3,
            wellbeing_loss_per_decision: 0.01,
            wellbeing_gain_per_decision: 0.004,
            tint_deviation: 0.04,
            droop: 0.0,
            species: vec![
                Species::new("boxwood", Shape::Bush, 0.32, 0.55, 0.22),
                Species::new("tulip", Shape::Tulip, 0.26, 0.50, 0.18),
                Species::new("sunflower", Shape::Sunflower, 0.28, 1.30, 0.16),
                Species::new("hydrangea", Shape::Hydrangea, 0.34, 0.70, 0.22),
                Species::new("apple tree", Shape::Tree, 0.38, 1.60, 0.16),
            ],
        }
    }
}

/// One kind of plant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
pub struct Species {
    /// What people call it.
    #[garde(length(min = 1))]
    pub name: String,
    /// How it is built.
    #[garde(skip)]
    pub shape: Shape,
    /// Radius of what one sees of it.
    #[garde(range(min = 0.05, max = 1.5))]
    pub crown_radius_m: f32,
    /// Height of what one sees of it.
    #[garde(range(min = 0.1, max = 4.0))]
    pub height_m: f32,
    /// Radius of what one bumps into.
    #[garde(range(min = 0.02, max = 1.0))]
    pub stem_radius_m: f32,
    /// How common it is, beside the shares of the others.
    #[serde(default = "one")]
    #[garde(range(min = 0.0, max = 1000.0))]
    pub share: f32,
}

impl Species {
    fn new(name: &str, shape: Shape, crown_radius_m: f32, height_m: f32, stem_radius_m: f32) -> Self {
        Self { name: name.to_owned(), shape, crown_radius_m, height_m, stem_radius_m, share: 1.0 }
    }
}

fn one() -> f32 {
    1.0
}

/// How a plant is built; what it is drawn as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// A round mass of leaves from the ground up.
    Bush,
    /// A few low stems, each with one cup-shaped flower.
    Tulip,
    /// One tall stem with a big flat flower.
    Sunflower,
    /// A low bush under heavy flower heads.
    Hydrangea,
    /// A trunk with a crown.
    Tree,
}

/// The watering robot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(default)]
pub struct Robot {
    /// Radius of its body.
    #[garde(range(min = 0.1, max = 0.6))]
    pub radius_m: f32,
    /// Height of its body.
    #[garde(range(min = 0.1, max = 1.0))]
    pub height_m: f32,
    /// Its mass.
    #[garde(range(min = 1.0, max = 100.0))]
    pub mass_kg: f32,
    /// Distance between the two driven wheels.
    #[garde(range(min = 0.1, max = 1.2))]
    pub wheel_track_m: f32,
    /// Part of the difference to the commanded speed that a wheel makes up in one physics step, as far as traction lets it.
    #[garde(range(min = 0.01, max = 1.0))]
    pub wheel_gain: f32,
    /// Commanded speed of `forward`.
    #[garde(range(min = 0.1, max = 5.0))]
    pub forward_m_per_s: f32,
    /// Commanded speed of `back`.
    #[garde(range(min = 0.1, max = 5.0))]
    pub back_m_per_s: f32,
    /// Commanded rate of both turns.
    #[garde(range(min = 0.1, max = 10.0))]
    pub turn_rad_per_s: f32,
    /// How far its jet reaches, from its centre to the plant's.
    #[garde(range(min = 0.3, max = 5.0))]
    pub jet_reach_m: f32,
    /// How far to each side of its heading the jet reaches.
    #[garde(range(min = 0.01, max = 3.15))]
    pub jet_half_angle_rad: f32,
    /// Its water tank; without one it draws on a hose that never ends.
    #[garde(dive)]
    pub tank: Option<Tank>,
}

impl Default for Robot {
    fn default() -> Self {
        Self {
            radius_m: 0.25,
            height_m: 0.35,
            mass_kg: 12.0,
            wheel_track_m: 0.4,
            wheel_gain: 0.5,
            forward_m_per_s: 1.2,
            back_m_per_s: 0.6,
            turn_rad_per_s: 2.0,
            jet_reach_m: 1.1,
            jet_half_angle_rad: 0.45,
            tank: None,
        }
    }
}

/// A tank, and the butt at a wall where it is filled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(default)]
pub struct Tank {
    /// How many sprays it holds.
    #[garde(range(min = 1, max = 10_000))]
    pub capacity_sprays: u32,
    /// Sprays that one decision beside the butt fills in.
    #[garde(range(min = 1, max = 10_000))]
    pub refill_sprays_per_decision: u32,
    /// How near the butt the robot must be, from its centre to the butt's.
    #[garde(range(min = 0.3, max = 5.0))]
    pub refill_distance_m: f32,
    /// Radius of the butt.
    #[garde(range(min = 0.1, max = 1.0))]
    pub butt_radius_m: f32,
    /// Height of the butt.
    #[garde(range(min = 0.1, max = 3.0))]
    pub butt_height_m: f32,
    /// Colour of the butt, in every season.
    #[garde(skip)]
    pub butt_colour: Colour,
}

impl Default for Tank {
    fn default() -> Self {
        Self {
            capacity_sprays: 20,
            refill_sprays_per_decision: 4,
            refill_distance_m: 0.9,
            butt_radius_m: 0.35,
            butt_height_m: 0.9,
            butt_colour: Colour::new(0.16, 0.32, 0.60),
        }
    }
}

/// The robot's camera.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(default)]
pub struct Eye {
    /// Columns of its picture.
    #[garde(range(min = 3, max = 256))]
    pub columns: usize,
    /// Rows of its picture; one row looks level.
    #[garde(range(min = 1, max = 64))]
    pub rows: usize,
    /// Horizontal field of view.
    #[garde(range(min = 10.0, max = 170.0))]
    pub field_of_view_degrees: f32,
    /// Vertical field of view, where it has more than one row.
    #[garde(range(min = 5.0, max = 120.0))]
    pub vertical_field_of_view_degrees: f32,
    /// Height above the ground.
    #[garde(range(min = 0.05, max = 3.0))]
    pub height_m: f32,
}

impl Default for Eye {
    fn default() -> Self {
        Self { columns: 24, rows: 1, field_of_view_degrees: 120.0, vertical_field_of_view_degrees: 50.0, height_m: 0.3 }
    }
}

/// How long an episode is and what ends it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(default)]
pub struct Episode {
    /// Decisions after which it is cut off (`truncated`).
    #[garde(range(min = 1, max = 100_000))]
    pub decisions: u32,
    /// The episode ends for real (`terminated`) once this part of the plants has died, if given.
    #[garde(inner(range(min = 0.01, max = 1.0)))]
    pub terminates_when_dead_fraction: Option<f32>,
}

impl Default for Episode {
    fn default() -> Self {
        Self { decisions: 300, terminates_when_dead_fraction: None }
    }
}

/// What a decision is rewarded with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(default)]
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
        Self { thirst_relieved: 1.0, watered_needlessly: -0.5, watered_ground: -0.1, bump: -0.05, time: -0.01 }
    }
}

/// One season: how the garden looks, behaves and what the sky brings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
pub struct Season {
    /// What it is called.
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
pub struct Dynamics {
    /// Soil moisture that a plant loses in a decision on an average day.
    #[garde(range(min = 0.0, max = 0.2))]
    pub evaporation_per_decision: f32,
    /// Friction coefficient of the wheels on this ground: dry soil 0.9, wet leaves 0.5, ice 0.25.
    #[garde(range(min = 0.02, max = 1.5))]
    pub traction: f32,
}

/// What the sky of a season brings; drawn anew for each episode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(default)]
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
    #[garde(range(min = 0.1, max = 2.0))]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PropKind {
    /// A stone: it stays where it is.
    Stone,
    /// A windfall apple: it rolls when pushed.
    Apple,
    /// A fallen pot: it slides when pushed.
    Pot,
}
