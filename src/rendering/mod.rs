//! The window: the garden in 3D, its panels, and screenshots of both.
//!
//! It draws the state of the [`live`](crate::live) simulation and sends it commands. Nothing is simulated here, and no frame
//! changes a garden. Each frame begins with [`FrameView`], which all drawing code reads.
//!
//! | part | responsibility |
//! |---|---|
//! | [`simulation_handle`](self) | takes views from the simulation, lets time pass, fills [`FrameView`] |
//! | [`environment`] | sky, sun, fog, ground, grass, walls, what falls from the sky |
//! | [`garden_objects`] | plants, the robot and its water, the butt, what lies around |
//! | `mesh_builder`, `chance` | builder for the meshes of both, and their small random changes |
//! | [`hud`] | the panels; the only place that knows egui |
//! | [`camera`], [`keys`], [`ui_command`] | the point of view; keys; requests to the window |
//! | [`split`] | the twin of the garden, in the right half of the window |
//! | [`editing`] | changes of the scenario file by the panel |
//! | [`tour`] | moments that it goes through by itself |
//! | [`open`], [`picture`] | a window, or a picture without one |

mod adapter;
mod apply_commands;
pub mod camera;
pub mod capture;
mod chance;
pub mod editing;
pub mod environment;
mod error;
pub mod facts;
pub mod frame_view;
pub mod garden_objects;
pub mod hud;
pub mod keys;
mod lost_display;
mod mesh_builder;
mod offscreen;
mod picture_format;
pub mod quality;
mod readiness;
mod reload;
pub mod scenery;
pub mod simulation_handle;
pub mod split;
mod stderr_filter;
pub mod tour;
pub mod ui_command;
mod viewpoint;
mod window;

use bevy::prelude::*;

pub use editing::Editing;
pub use error::RenderingError;
pub use frame_view::FrameView;
pub use offscreen::{PictureSettings, picture, pictures};
pub use picture_format::PictureFormat;
pub use window::{LastWords, Opening, open};

/// Order of the systems in a frame: the state is settled before anything is drawn from it.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FrameSystems {
    /// Keys, tours and buttons ask for things.
    Command,
    /// Commands are applied, views are taken from the simulation, and [`FrameView`] and [`scenery::Scenery`] are filled.
    Simulate,
    /// Meshes, materials, lights and cameras follow what is shown.
    Draw,
}

/// All plugins that draw a garden, in a window or without one.
pub struct GardenDrawingPlugins {
    /// `true` if time passes; otherwise the same garden is drawn in every frame.
    pub plays: bool,
}

impl Plugin for GardenDrawingPlugins {
    fn build(&self, app: &mut App) {
        app.configure_sets(
            Update,
            (FrameSystems::Command, FrameSystems::Simulate, FrameSystems::Draw).chain(),
        )
        .init_resource::<scenery::Scenery>()
        .init_resource::<quality::Quality>()
        .init_resource::<ui_command::Passing>()
        .init_resource::<ui_command::Selected>()
        .init_resource::<ui_command::Panels>()
        .init_resource::<ui_command::Words>()
        .init_resource::<camera::CameraKind>()
        .add_message::<ui_command::UiCommand>()
        .add_systems(PostStartup, |mut commands: Commands| {
            commands.trigger(frame_view::GardenReplaced)
        })
        .add_systems(Update, scenery::derive_scenery.in_set(FrameSystems::Simulate))
        .add_plugins((
            camera::plugin,
            environment::EnvironmentPlugin,
            garden_objects::GardenObjectsPlugin,
        ));
        if self.plays {
            app.add_systems(
                Update,
                simulation_handle::advance
                    .in_set(FrameSystems::Simulate)
                    .before(scenery::derive_scenery),
            );
        }
    }
}
