//! Who lives in the garden: plants, the robot and its water, the butt, what lies around.

use bevy::prelude::*;

/// Draws who lives in the garden.
pub struct InhabitantsPlugin;

impl Plugin for InhabitantsPlugin {
    fn build(&self, _app: &mut App) {}
}
