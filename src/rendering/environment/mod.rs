//! What surrounds the plants and the robot: sky and sun, ground and grass, walls, what falls from the sky.
//!
//! Everything is made here, of flat faces, when the window opens: one mesh for each kind of thing, so the whole of it costs about
//! ten draw calls. A face has a paint and no colour. Each frame the ambience mixes the paints from the season's five colours and
//! its [`Scenery`], and says where the sun stands and how the air is; one shader paints with it, bends grass, lets leaves and snow
//! fall as functions of time, and makes room for flowers or puddles. So a season never builds anything.
//!
//! | part | what it makes |
//! |---|---|
//! | `ambience`, `palette` | the air of a frame: light, fog, paints |
//! | `material`, `assets/shaders/environment.wgsl` | the shader, and what it is told |
//! | `sculpt` | flat faces, lumps, blocks, columns |
//! | `land`, `walls`, `woods`, `house`, `grass`, `weather`, `sky` | the things themselves |
//! | `spawn` | puts them into the world, and takes them out |
//! | `sun` | lights, fog and shadows for everything that is drawn with Bevy's own materials |

#![allow(
    clippy::disallowed_methods,
    reason = "nothing drawn reaches back into the simulation, so sines may differ between platforms"
)]

mod ambience;
mod grass;
mod house;
mod land;
mod material;
mod palette;
mod sculpt;
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

/// Draws what surrounds the plants and the robot.
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

/// Lets the air follow what is shown.
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
