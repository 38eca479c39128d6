//! The piece of land, and what grows on it.

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{canonical_name, rules};

/// The piece of land: a square inside low walls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
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
        Self {
            side_m: 8.0,
            wall_height_m: 0.6,
        }
    }
}

/// What grows in the garden, and how it thirsts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
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
    #[garde(range(min = 0.0, max = 1.0), custom(rules::not_below("initial_moisture_low", self.initial_moisture_low)))]
    pub initial_moisture_high: f32,
    /// A plant is thirsty below this moisture...
    #[garde(range(min = 0.0, max = 1.0))]
    pub thirsty_below_moisture: f32,
    /// ...and its thirst is complete this much further down.
    #[garde(range(min = 0.01, max = 1.0))]
    pub thirst_span_moisture: f32,
    /// Above this moisture its roots drown.
    #[garde(range(min = 0.0, max = 1.0), custom(rules::above("thirsty_below_moisture", self.thirsty_below_moisture)))]
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
    #[garde(length(min = 1, max = 32), dive, custom(rules::some_species_grows))]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Species {
    /// What people call it.
    #[serde(deserialize_with = "canonical_name")]
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
        Self {
            name: name.to_owned(),
            shape,
            crown_radius_m,
            height_m,
            stem_radius_m,
            share: 1.0,
        }
    }
}

fn one() -> f32 {
    1.0
}

/// How a plant is built; what it is drawn as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
