//! Surroundings of the plants and the robot: sky and sun, ground and grass, walls, and precipitation.
//!
//! All meshes are built from flat faces when the window opens. There is one mesh per kind of object, so the surroundings take
//! about ten draw calls. A face has a paint instead of a colour. In each frame the ambience mixes the paints from the five
//! colours of the season and its [`Scenery`], and computes the position of the sun and the state of the air. One shader applies
//! the paints, bends grass, animates falling leaves and snow as functions of time, and shows flowers or puddles. A change of
//! season therefore builds nothing.
//!
//! | part | responsibility |
//! |---|---|
//! | `ambience`, `palette` | light, fog and paints of a frame |
//! | `material`, `assets/shaders/environment.wgsl` | the shader and its parameters |
//! | `clay` | the surface of a face |
//! | `land`, `walls`, `woods`, `house`, `grass`, `weather`, `sky` | the objects |
//! | `amounts` | number of objects of each kind, by quality |
//! | `spawn` | spawns and despawns them |
//! | `sun` | lights, fog and shadows for objects with Bevy's own materials |

#![allow(
    clippy::disallowed_methods,
    reason = "nothing drawn reaches back into the simulation, so sines may differ between platforms"
)]

mod ambience;
mod amounts;
mod clay;
mod grass;
mod house;
mod land;
mod material;
mod palette;
mod sky;
mod spawn;
mod sun;
mod walls;
mod weather;
mod woods;

use bevy::prelude::*;

use self::ambience::Ambience;
use super::FrameSystems;
use super::frame_view::FrameView;
use super::scenery::Scenery;

/// Draws the surroundings of the plants and the robot.
pub struct EnvironmentPlugin;

impl Plugin for EnvironmentPlugin {
    fn build(&self, app: &mut App) {
        app.add_plugins(material::plugin)
            .add_systems(Startup, sun::spawn_sun)
            .add_systems(
                Update,
                (
                    follow,
                    (spawn::build, spawn::tell_materials, sun::dress_camera, sun::shine, sun::fade)
                        .chain()
                        .run_if(resource_exists::<Ambience>),
                )
                    .chain()
                    .in_set(FrameSystems::Draw)
                    .run_if(resource_exists::<FrameView>),
            );
    }
}

/// Updates the ambience.
fn follow(
    mut commands: Commands,
    time: Res<Time>,
    shown: Res<FrameView>,
    scenery: Res<Scenery>,
    ambience: Option<ResMut<Ambience>>,
) {
    match ambience {
        Some(mut ambience) => ambience.follow(&shown, &scenery, time.delta_secs()),
        None => commands.insert_resource(Ambience::of(&shown, &scenery)),
    }
}
