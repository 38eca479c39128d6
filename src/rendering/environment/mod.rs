//! What surrounds the plants and the robot: sky and sun, ground and grass, walls, what falls from the sky.

use bevy::prelude::*;

/// Draws what surrounds the plants and the robot.
pub struct EnvironmentPlugin;

impl Plugin for EnvironmentPlugin {
    fn build(&self, _app: &mut App) {}
}
