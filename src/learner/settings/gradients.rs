//! Settings of the methods that turn gradients: `agem` and `gradient_projection`.

use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::learner::settings::is_a_number;

/// Averaged gradient episodic memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct AgemSettings {
    /// The share of the harmful part of a gradient that is taken away: 1 as in the paper, 0 equals `finetune`.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub strength: f32,
    /// Transitions of past tasks of which the reference gradient of one update is taken (Wolczyk et al. 2021 use 128).
    #[garde(range(min = 1, max = 65_536))]
    pub reference_rows: usize,
}

impl Default for AgemSettings {
    fn default() -> Self {
        Self {
            // Found by tuning: docs/tuning.toml.
            strength: 0.2,
            reference_rows: 128,
        }
    }
}

/// Gradient projection memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct GradientProjectionSettings {
    /// The share of an update within the span of past activations that is taken away: 1 as in the paper, 0 equals `finetune`.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub strength: f32,
    /// The share of the squared activations of a task that its bases must hold (Saha et al. 2021: `epsilon_th`, from 0.95 to 0.99).
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub threshold: f32,
    /// By how much that share grows with each task, up to 1 (Saha et al. 2021, appendix: 0.001 to 0.003).
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub threshold_growth: f32,
    /// Observations of a task whose activations are looked at.
    #[garde(range(min = 1, max = 1_000_000))]
    pub samples: usize,
    /// Whether critics are held too, and not the policy alone.
    #[garde(skip)]
    pub critics: bool,
}

impl Default for GradientProjectionSettings {
    fn default() -> Self {
        Self {
            strength: 1.0,
            // Found by tuning: docs/tuning.toml.
            threshold: 0.5,
            threshold_growth: 0.003,
            samples: 2_048,
            critics: false,
        }
    }
}
