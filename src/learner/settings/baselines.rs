//! Settings of the controls: `scratch` and `frozen`.

use garde::Validate;
use serde::{Deserialize, Serialize};

/// New networks for each task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct ScratchSettings {
    /// Whether networks and optimiser really begin anew; off, it equals `finetune`.
    #[garde(skip)]
    pub reinitialise: bool,
    /// Whether the new policy explores as the first one did. Without that it would be held back by what it is not: experienced.
    #[garde(skip)]
    pub restart_exploration: bool,
}

impl Default for ScratchSettings {
    fn default() -> Self {
        Self {
            reinitialise: true,
            restart_exploration: true,
        }
    }
}

/// No learning after the first task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct FrozenSettings {
    /// Whether learning really stops; off, it equals `finetune`.
    #[garde(skip)]
    pub freeze: bool,
}

impl Default for FrozenSettings {
    fn default() -> Self {
        Self { freeze: true }
    }
}
