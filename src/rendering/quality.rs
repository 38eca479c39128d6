//! Quality presets, chosen by the kind of adapter or by hand.

use bevy::prelude::*;

/// A quality preset.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quality {
    /// For software renderers: no shadow maps, little grass, no anti-aliasing.
    Low,
    /// For graphics processors that share memory with the CPU.
    #[default]
    Medium,
    /// Full detail, for dedicated graphics processors.
    High,
}

impl Quality {
    /// All presets, from the lowest.
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// Returns the name of the preset.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// Returns the preset in a few words.
    pub fn summary(self) -> &'static str {
        match self {
            Self::Low => "for software renderers",
            Self::Medium => "for graphics processors that share memory with the CPU",
            Self::High => "full detail",
        }
    }
}
