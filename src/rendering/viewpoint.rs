//! Viewpoints of the camera.

use bevy::prelude::*;

/// Viewpoint of the camera.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CameraKind {
    /// Around the garden, controlled by the mouse.
    #[default]
    Orbit,
    /// Behind the robot.
    Follow,
    /// Straight down.
    Above,
    /// From the robot's eye.
    Eye,
}

impl CameraKind {
    /// All viewpoints, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Orbit, Self::Follow, Self::Above, Self::Eye];

    /// Returns the name of the viewpoint, in flags, tours and the menu.
    pub fn name(self) -> &'static str {
        match self {
            Self::Orbit => "orbit",
            Self::Follow => "follow",
            Self::Above => "above",
            Self::Eye => "eye",
        }
    }

    /// Returns the viewpoint in a few words.
    pub fn summary(self) -> &'static str {
        match self {
            Self::Orbit => "around the garden, turned with the mouse",
            Self::Follow => "behind the robot",
            Self::Above => "straight down",
            Self::Eye => "from the robot's camera",
        }
    }

    /// Returns the viewpoint of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Returns the next viewpoint.
    pub fn next(self) -> Self {
        let place = Self::ALL.iter().position(|&kind| kind == self).unwrap_or_default();
        Self::ALL[(place + 1) % Self::ALL.len()]
    }
}
