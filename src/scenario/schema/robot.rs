//! The watering robot: body, tank and eye.

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scenario::Colour;

/// The watering robot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct RobotSettings {
    /// Radius of the body.
    #[garde(range(min = 0.1, max = 0.6))]
    pub radius_m: f32,
    /// Height of the body.
    #[garde(range(min = 0.1, max = 1.0))]
    pub height_m: f32,
    /// Mass.
    #[garde(range(min = 1.0, max = 100.0))]
    pub mass_kg: f32,
    /// Distance between the two driven wheels.
    #[garde(range(min = 0.1, max = 1.2))]
    pub wheel_track_m: f32,
    /// Fraction of the difference to the commanded speed that a wheel makes up in one physics step, limited by traction.
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
    /// Reach of the jet, from the robot's centre to the plant's.
    #[garde(range(min = 0.3, max = 5.0))]
    pub jet_reach_m: f32,
    /// Half the opening angle of the jet, to each side of the heading.
    #[garde(range(min = 0.01, max = 3.15))]
    pub jet_half_angle_rad: f32,
    /// `true` if the robot senses what watering has just brought: fading averages of the rewards, for plants that look thirsty and for plants
    /// that look fine by the colours of the first season.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[garde(skip)]
    pub senses_rewards: bool,
    /// Water tank; without one the robot draws on a hose that never runs dry.
    #[garde(dive)]
    pub tank: Option<Tank>,
}

impl Default for RobotSettings {
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
            senses_rewards: false,
            tank: None,
        }
    }
}

/// A water tank, and the butt at a wall where it is filled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Tank {
    /// Capacity, in sprays.
    #[garde(range(min = 1, max = 10_000))]
    pub capacity_sprays: u32,
    /// Sprays refilled in one decision beside the butt.
    #[garde(range(min = 1, max = 10_000))]
    pub refill_sprays_per_decision: u32,
    /// Maximum distance for refilling, from the robot's centre to the butt's.
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
            butt_colour: Colour::from_bytes(0x29, 0x52, 0x99),
        }
    }
}

/// The robot's camera.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Eye {
    /// Columns of the picture.
    #[garde(range(min = 3, max = 256))]
    pub columns: usize,
    /// Rows of the picture; a single row is level.
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
        Self {
            columns: 24,
            rows: 1,
            field_of_view_degrees: 120.0,
            vertical_field_of_view_degrees: 50.0,
            height_m: 0.2,
        }
    }
}
