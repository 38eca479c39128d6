//! The window: the garden in 3D, its panels, and screenshots of both.
//!
//! It draws the state of the [`live`](crate::live) simulation and sends it commands. Nothing is simulated here, and no frame
//! changes a garden. Each frame begins with [`FrameView`], which all drawing code reads.
//!
//! | part | responsibility |
//! |---|---|
//! | [`simulation_handle`] | takes views from the simulation, advances time, fills [`FrameView`] |
//! | [`environment`] | sky, sun, fog, ground, grass, walls, precipitation |
//! | [`garden_objects`] | plants, the robot and its water, the butt, props |
//! | [`hud`] | the panels; the only module that uses egui |
//! | [`camera`], [`keys`], [`ui_command`] | viewpoints; keyboard; commands to the window |
//! | [`tour`] | scripted sequences of moments |
//! | [`open`], [`picture`] | a window, or a picture without one |

mod adapter;
mod apply_commands;
pub mod camera;
pub mod capture;
pub mod environment;
mod error;
pub mod facts;
pub mod frame_view;
pub mod garden_objects;
pub mod hud;
pub mod keys;
mod offscreen;
pub mod quality;
mod reload;
pub mod scenery;
pub mod simulation_handle;
pub mod tour;
pub mod ui_command;
mod window;

use bevy::prelude::*;

pub use error::RenderingError;
pub use frame_view::FrameView;
pub use offscreen::{PictureSettings, picture};
pub use window::{LastWords, Opening, open};

/// Order of the systems in a frame: the state is settled before anything is drawn from it.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FrameSystems {
    /// Keys, tours and buttons send commands.
    UiCommand,
    /// Commands are executed, views are taken from the simulation, and [`FrameView`] and [`scenery::Scenery`] are filled.
    Show,
    /// Meshes, materials, lights and cameras follow the state.
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
        .add_systems(Update, scenery::derive_scenery.in_set(FrameSystems::Simulate))
        .add_plugins((
            camera::plugin,
            environment::EnvironmentPlugin,
            garden_objects::InhabitantsPlugin,
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
