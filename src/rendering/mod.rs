//! The window: the garden in three dimensions, its panels, and pictures of both.
//!
//! It draws what the [`live`](crate::live) room shows and asks for what the watcher wants; nothing here is simulated, and no frame
//! reaches back into a garden. Each frame begins with [`Shown`], which everything else reads.
//!
//! | part | what it draws or does |
//! |---|---|
//! | [`stage`](self) | takes views from the simulation, lets time pass, fills [`Shown`] |
//! | [`environment`] | sky, sun, fog, ground, grass, walls, what falls from the sky |
//! | [`inhabitants`] | plants, the robot and its water, the butt, what lies around |
//! | [`hud`] | the panels; the only place that knows egui |
//! | [`camera`], [`keys`], [`ask`] | where it is looked at from; keys; what can be asked of the window |
//! | [`tour`] | moments that it goes through by itself |
//! | [`open`], [`picture`] | a window, or a picture without one |

mod adapter;
pub mod ask;
pub mod camera;
pub mod capture;
mod carry_out;
pub mod environment;
mod error;
pub mod facts;
pub mod hud;
pub mod inhabitants;
pub mod keys;
mod offscreen;
pub mod quality;
mod reload;
pub mod scenery;
pub mod shown;
pub mod stage;
pub mod tour;
mod window;

use bevy::prelude::*;

pub use error::RenderingError;
pub use offscreen::{PictureSettings, picture};
pub use shown::Shown;
pub use window::{LastWords, Opening, open};

/// The order of a frame: what is shown is settled before anything is drawn from it.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FrameSystems {
    /// Keys, tours and buttons ask for things.
    Ask,
    /// What was asked is carried out; views are taken from the simulation; [`Shown`] and [`scenery::Scenery`] are filled.
    Show,
    /// Meshes, materials, lights and cameras follow what is shown.
    Draw,
}

/// Everything that draws a garden, in a window or without one.
pub struct GardenDrawingPlugins {
    /// Whether time passes: without it, one and the same garden is drawn.
    pub plays: bool,
}

impl Plugin for GardenDrawingPlugins {
    fn build(&self, app: &mut App) {
        app.configure_sets(Update, (FrameSystems::Ask, FrameSystems::Show, FrameSystems::Draw).chain())
            .init_resource::<scenery::Scenery>()
            .init_resource::<quality::Quality>()
            .init_resource::<ask::Passing>()
            .init_resource::<ask::Selected>()
            .init_resource::<ask::Panels>()
            .init_resource::<ask::Words>()
            .init_resource::<camera::CameraKind>()
            .add_message::<ask::Ask>()
            .add_systems(Update, scenery::derive_scenery.in_set(FrameSystems::Show))
            .add_plugins((camera::plugin, environment::EnvironmentPlugin, inhabitants::InhabitantsPlugin));
        if self.plays {
            app.add_systems(Update, stage::show.in_set(FrameSystems::Show).before(scenery::derive_scenery));
        }
    }
}
