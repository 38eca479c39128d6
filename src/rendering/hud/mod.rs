//! The panels over the garden; the only place that knows egui.

use bevy::prelude::*;

/// Draws the panels.
pub struct HudPlugin;

impl Plugin for HudPlugin {
    fn build(&self, _app: &mut App) {}
}
