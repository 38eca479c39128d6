//! How much is drawn: presets, chosen by the kind of adapter or by hand.

use bevy::prelude::*;

/// How much is drawn.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quality {
    /// For software renderers: no shadow maps, little grass, no anti-aliasing.
    Low,
    /// For graphics that share their memory with the processor.
    #[default]
    Medium,
    /// Everything.
    High,
}

impl Quality {
    /// All presets, from the least.
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}
