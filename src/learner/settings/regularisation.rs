//! Settings of the methods that hold weights where they are: `l2`, `ewc`, `si` and `mas`.

use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::learner::settings::is_a_number;

/// L2 towards the weights at the end of the last task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct L2Settings {
    /// The weight of half the squared distance from the anchor; 0 equals `finetune`.
    #[garde(range(min = 0.0, max = 1.0e9), custom(is_a_number))]
    pub strength: f32,
    /// Whether critics are held too, and not the policy alone (Wolczyk et al. 2021 found that it harms).
    #[garde(skip)]
    pub critics: bool,
}

impl Default for L2Settings {
    fn default() -> Self {
        Self {
            // Found by tuning: docs/tuning.toml.
            strength: 0.0003,
            critics: false,
        }
    }
}

/// Holding each weight by its importance: elastic weight consolidation, online, and memory aware synapses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct ImportanceSettings {
    /// The weight of the penalty for importances whose mean is 1 (`lambda` of Kirkpatrick et al. 2017, twice that of Aljundi et al.
    /// 2018); 0 equals `finetune`.
    #[garde(range(min = 0.0, max = 1.0e9), custom(is_a_number))]
    pub strength: f32,
    /// Whether critics are held too, and not the policy alone.
    #[garde(skip)]
    pub critics: bool,
    /// How much of the importances stays when those of another task come (Schwarz et al. 2018: `gamma`).
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub decay: f32,
    /// No importance of one task is greater than this many times their mean.
    #[garde(range(min = 1.0, max = 1.0e9), custom(is_a_number))]
    pub ceiling: f32,
    /// Observations of a task over which importances are averaged.
    #[garde(range(min = 1, max = 1_000_000))]
    pub samples: usize,
}

impl Default for ImportanceSettings {
    fn default() -> Self {
        Self {
            // Found by tuning, alike for both: docs/tuning.toml.
            strength: 0.0003,
            critics: false,
            decay: 0.9,
            ceiling: 100.0,
            samples: 2_048,
        }
    }
}

/// Synaptic intelligence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct SiSettings {
    /// The weight of the penalty (Zenke et al. 2017: twice their `c`), for importances whose mean is 1; 0 equals `finetune`.
    #[garde(range(min = 0.0, max = 1.0e9), custom(is_a_number))]
    pub strength: f32,
    /// Whether critics are held too, and not the policy alone.
    #[garde(skip)]
    pub critics: bool,
    /// How much of the importances stays when those of another task come.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub decay: f32,
    /// No importance of one task is greater than this many times their mean.
    #[garde(range(min = 1.0, max = 1.0e9), custom(is_a_number))]
    pub ceiling: f32,
    /// Added to the squared distance that a weight moved during a task (Zenke et al. 2017: `xi`), in squared units of weights.
    #[garde(range(min = 1.0e-9, max = 1.0e3), custom(is_a_number))]
    pub damping: f32,
}

impl Default for SiSettings {
    fn default() -> Self {
        Self {
            // Found by tuning: docs/tuning.toml.
            strength: 0.0003,
            critics: false,
            decay: 0.9,
            ceiling: 100.0,
            damping: 0.01,
        }
    }
}
