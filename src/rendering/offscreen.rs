//! Pictures without a window or display.

use std::path::Path;

use bevy::asset::RenderAssetUsages;
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, PollType, TextureDimension, TextureFormat, TextureUsages};
use bevy::render::renderer::RenderDevice;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use bevy::window::ExitCondition;
use bevy::winit::WinitPlugin;

use super::adapter::Adapter;
use super::camera::{CameraKind, DrawnInto, Orbit};
use super::error::RenderingError;
use super::frame_view::FrameView;
use super::quality::Quality;
use super::readiness::{self, LONGEST_WAIT_S, WholeFrames};
use super::window::{Failure, LastWords, quiet_log};
use super::{GardenDrawingPlugins, capture};

/// Frames that are drawn at least before the picture: meshes are made, grass bends, drops fly.
const FRAMES_BEFORE: u32 = 24;

/// Settings of a picture.
pub struct PictureSettings {
    /// State of the garden.
    pub shown: FrameView,
    /// Width and height, in pixels.
    pub size: (u32, u32),
    /// Quality; chosen by the adapter if `None`.
    pub quality: Option<Quality>,
    /// Viewpoint of the camera.
    pub camera: CameraKind,
    /// Reports an error at a point from which the function cannot return.
    pub last_words: LastWords,
}

/// Draws a picture of the garden, without panels, into a file of the format that its name says.
///
/// # Errors
/// Returns an error if there is no graphics adapter, if drawing stops, or if the file cannot be written.
pub fn picture(settings: PictureSettings, path: &Path) -> Result<(), RenderingError> {
    let adapter = Adapter::find()?;
    let result = Failure::default().catching(settings.last_words, || draw(&settings, &adapter, path))?;
    result.map_err(|reason| RenderingError::Picture {
        path: path.to_owned(),
        reason,
    })
}

/// Result of writing the picture, once it has come back from the graphics adapter.
#[derive(Resource, Default)]
struct Written(Option<Result<(), String>>);

fn draw(settings: &PictureSettings, adapter: &Adapter, path: &Path) -> Result<(), String> {
    let quality = settings.quality.unwrap_or(adapter.quality);
    let mut app = App::new();
    app.add_plugins(
        DefaultPlugins
            .set(WindowPlugin {
                primary_window: None,
                exit_condition: ExitCondition::DontExit,
                ..default()
            })
            .set(adapter.plugin(true))
            .set(quiet_log())
            .disable::<WinitPlugin>(),
    );
    let target = app.world_mut().resource_mut::<Assets<Image>>().add(target(settings.size));
    app.insert_resource(settings.shown.clone())
        .insert_resource(DrawnInto(target.clone()))
        .insert_resource(quality)
        .init_resource::<Written>()
        .add_plugins((GardenDrawingPlugins { plays: false }, readiness::plugin))
        .insert_resource(settings.camera)
        .insert_resource(Orbit {
            drift_rad_per_s: 0.0,
            ..default()
        });
    app.finish();
    app.cleanup();

    let whole = app.world().resource::<WholeFrames>().clone();
    let (mut frames, mut asked, mut waited_s) = (0, false, 0.0);
    while waited_s < 2.0 * LONGEST_WAIT_S {
        // However slow the machine is, the picture shows everything; if something never comes, what there is.
        if !asked && frames >= FRAMES_BEFORE && (whole.are_enough() || waited_s > LONGEST_WAIT_S) {
            asked = true;
            let path = path.to_owned();
            app.world_mut().spawn(Screenshot::image(target.clone())).observe(
                move |captured: On<ScreenshotCaptured>, mut written: ResMut<Written>| {
                    written.0 = Some(capture::save(&captured.image, &path));
                },
            );
        }
        app.update();
        frames += 1;
        waited_s = app.world().resource::<Time<Real>>().elapsed_secs();
        let device = app.world().resource::<RenderDevice>();
        // If waiting fails, the image is also missing in the next frame, and that is reported below.
        let _ = device.wgpu_device().poll(PollType::Wait {
            submission_index: None,
            timeout: None,
        });
        if let Some(written) = app.world_mut().resource_mut::<Written>().0.take() {
            return written;
        }
    }
    Err("the picture never came back from the graphics adapter".to_owned())
}

fn target((width, height): (u32, u32)) -> Image {
    let mut target = Image::new_uninit(
        Extent3d {
            width,
            height,
            depth_or_array_layers: 1,
        },
        TextureDimension::D2,
        TextureFormat::Rgba8UnormSrgb,
        RenderAssetUsages::RENDER_WORLD,
    );
    target.texture_descriptor.usage |= TextureUsages::RENDER_ATTACHMENT | TextureUsages::COPY_SRC;
    target
}
