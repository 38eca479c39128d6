//! Where the garden is looked at from.

use bevy::prelude::*;

/// Where the garden is looked at from.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CameraKind {
    /// Around the garden, by mouse.
    #[default]
    Orbit,
    /// Behind the robot.
    Follow,
    /// Straight down.
    Above,
    /// Where the robot's eye is.
    Eye,
}

/// The camera that draws the garden.
#[derive(Component, Clone, Copy, Debug)]
pub struct GardenCamera;

/// Looks at the garden.
pub fn plugin(app: &mut App) {
    app.add_systems(Startup, spawn_camera);
}

fn spawn_camera(mut commands: Commands) {
    commands.spawn((
        Name::new("camera"),
        GardenCamera,
        Camera3d::default(),
        Transform::from_xyz(6.5, 5.5, 7.5).looking_at(Vec3::new(0.0, 0.3, 0.0), Vec3::Y),
    ));
}
