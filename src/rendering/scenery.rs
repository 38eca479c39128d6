//! What the season looks like beyond its five colours: what falls, what lies, how the air is.
//!
//! Nothing here knows the name of a season. All of it follows from the colours and the weather that the scenario gives, so a season
//! that somebody writes gets its scenery by itself, and one that turns into another does so smoothly.

use bevy::prelude::*;

use super::shown::Shown;

/// What the season looks like beyond its five colours. All shares are in 0..1.
#[derive(Resource, Clone, Debug, Default, PartialEq)]
pub struct Scenery {
    /// How much snow lies, and falls.
    pub snow: f32,
    /// How many leaves fall and lie.
    pub leaves: f32,
    /// How much blossom falls and how many flowers stand in the grass.
    pub blossom: f32,
    /// How much fog there is.
    pub fog: f32,
    /// How high the sun stands at noon: 0 low, 1 high.
    pub sun: f32,
}

/// Derives the scenery of this frame.
pub fn derive_scenery(shown: Res<Shown>, mut scenery: ResMut<Scenery>) {
    let _ = (&shown, &mut scenery);
}
