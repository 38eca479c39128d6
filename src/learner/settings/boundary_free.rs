//! Settings of replay that is never told of a boundary.

use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::learner::settings::is_a_number;

/// How memories that resemble the present are told from those that do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// By how much likelier an observation is lately than in memory, as a logistic regression learns it online (Sugiyama, Suzuki and
    /// Kanamori 2012, "Density ratio estimation in machine learning").
    DensityRatio,
    /// By its mean squared distance from what was seen lately, in standard deviations of each channel.
    Distance,
    /// Not at all: every memory is one of the past.
    Nothing,
}

/// Replay without boundaries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct ReplayBoundaryFreeSettings {
    /// The share of each batch that comes from the reservoir; 0 equals `finetune`.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub batch_share: f32,
    /// The weight of the mean squared difference between outputs and remembered outputs on memories of the past; 0 replays
    /// transitions only.
    #[garde(range(min = 0.0, max = 1.0e6), custom(is_a_number))]
    pub cloning_weight: f32,
    /// Transitions that the reservoir holds at most.
    #[garde(range(min = 1, max = 1_000_000_000))]
    pub capacity: usize,
    /// Transitions that count as experienced lately: `fresh_memory.capacity`, if that is not smaller still.
    #[garde(range(min = 2, max = 1_000_000_000))]
    pub lately: usize,
    /// How memories that resemble the present are told from others.
    #[garde(skip)]
    pub gate: Gate,
    /// With the gate `density_ratio`: a memory is of the past if it is less than so many times as likely lately as it is in memory.
    #[garde(range(min = 0.0, max = 1.0e6), custom(is_a_number))]
    pub past_below_ratio: f32,
    /// The step size of that regression, for each update.
    #[garde(range(min = 0.0, max = 1.0e3), custom(is_a_number))]
    pub ratio_learning_rate: f32,
    /// With the gate `distance`: a memory is of the past if its mean squared distance is greater; 1 is usual for the present.
    #[garde(range(min = 0.0, max = 1.0e6), custom(is_a_number))]
    pub past_above_distance: f32,
    /// With the gate `distance`: decisions, counted over all gardens, over which what was seen lately is averaged.
    #[garde(range(min = 1.0, max = 1.0e9), custom(is_a_number))]
    pub distance_decisions: f32,
    /// How far the remembered outputs of a memory that resembles the present move to what the network says, each time it is drawn.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub refresh_rate: f32,
    /// The same for a memory of the past: 0 holds it for ever.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub leak_rate: f32,
}

impl Default for ReplayBoundaryFreeSettings {
    fn default() -> Self {
        Self {
            batch_share: 0.5,
            cloning_weight: 1.0,
            capacity: 50_000,
            lately: 15_000,
            gate: Gate::DensityRatio,
            past_below_ratio: 0.15,
            ratio_learning_rate: 0.02,
            past_above_distance: 2.0,
            distance_decisions: 5_000.0,
            refresh_rate: 0.3,
            leak_rate: 0.0,
        }
    }
}
