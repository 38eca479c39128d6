//! Settings of the methods that keep the ability to learn.

use garde::Validate;
use serde::{Deserialize, Serialize};

use super::is_a_number;

/// Continual backpropagation (Dohare et al. 2024).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct ContinualBackpropSettings {
    /// The share of each layer's mature units that begin anew in each update (Dohare et al.: `rho`, 1e-4 in their reinforcement
    /// learning); 0 equals `finetune`.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub replacement_rate: f32,
    /// Updates that a new unit has to become useful before it may be replaced (Dohare et al.: `m`, 100 to 10,000).
    #[garde(range(min = 0, max = 1_000_000_000))]
    pub maturity_updates: u64,
    /// The decay of the mean utility of a unit, for each update (Dohare et al.: `eta`, 0.99).
    #[garde(range(min = 0.0, max = 0.999_999), custom(is_a_number))]
    pub utility_decay: f32,
}

impl Default for ContinualBackpropSettings {
    fn default() -> Self {
        Self {
            // Found by tuning: docs/tuning.toml.
            replacement_rate: 1e-5,
            maturity_updates: 1_000,
            utility_decay: 0.99,
        }
    }
}

/// Recycling of dormant units (Sokar et al. 2023).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct RedoSettings {
    /// Updates from one look for dormant units to the next (Sokar et al.: 1,000); 0 equals `finetune`.
    #[garde(range(min = 0, max = 1_000_000_000))]
    pub every_updates: u64,
    /// A unit is dormant if its mean activation is at most this share of its layer's (Sokar et al.: `tau`, 0.025).
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub threshold: f32,
}

impl Default for RedoSettings {
    fn default() -> Self {
        Self {
            every_updates: 1_000,
            threshold: 0.025,
        }
    }
}

/// Shrink and perturb (Ash and Adams 2020). With both strengths 0 it equals `finetune`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct ShrinkPerturbSettings {
    /// Updates from one time to the next: 1 is the continuous variant of Dohare et al. 2024; more cost less.
    #[garde(range(min = 1, max = 1_000_000_000))]
    pub every_updates: u64,
    /// The share of every weight that is taken away each time (Ash and Adams: `1 - lambda`).
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub shrink: f32,
    /// How much of a freshly drawn network is added each time (Ash and Adams: the noise's size, 0.01 of the weights').
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub perturb: f32,
    /// `shrink`, once more where a task begins whose boundary is declared: the variant of Ash and Adams, who take 0.6.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub boundary_shrink: f32,
    /// `perturb`, there.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub boundary_perturb: f32,
}

impl Default for ShrinkPerturbSettings {
    fn default() -> Self {
        Self {
            every_updates: 10,
            shrink: 1e-4,
            perturb: 1e-3,
            boundary_shrink: 0.0,
            boundary_perturb: 0.0,
        }
    }
}

/// Regenerative regularisation (Kumar et al. 2023).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct L2InitSettings {
    /// The weight of the squared distance to the initial weights (Kumar et al.: `lambda`, 1e-2 to 1e-5); 0 equals `finetune`.
    #[garde(range(min = 0.0, max = 1.0e3), custom(is_a_number))]
    pub strength: f32,
}

impl Default for L2InitSettings {
    fn default() -> Self {
        Self { strength: 1e-5 }
    }
}
