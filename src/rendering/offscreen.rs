//! Pictures without a window or display.

use std::path::Path;

use bevy::asset::RenderAssetUsages;
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, PollType, TextureDimension, TextureFormat, TextureUsages};
use bevy::render::renderer::RenderDevice;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use bevy::window::ExitCondition;
use bevy::winit::WinitPlugin;

use super::adapter::GraphicsAdapter;
use super::camera::{CameraKind, DrawnInto, Orbit};
use super::error::RenderingError;
use super::frame_view::{FrameView, GardenReplaced};
use super::picture_format::PictureFormat;
use super::quality::Quality;
use super::readiness::{self, LONGEST_WAIT_S, WholeFrames};
use super::window::{Failure, LastWords, quiet_log};
use super::{GardenDrawingPlugins, capture};

/// Frames that are drawn at least before the picture: meshes are made, grass bends, drops fly.
const FRAMES_BEFORE: u32 = 24;

/// Settings of a picture.
pub struct PictureSettings {
    /// Width and height, in pixels.
    pub size: (u32, u32),
    /// Quality; chosen by the adapter if `None`.
    pub quality: Option<Quality>,
    /// Viewpoint of the camera.
    pub camera: CameraKind,
    /// Reports an error at a point from which the function cannot return.
    pub last_words: LastWords,
}

/// Draws a picture of a garden, without panels, into a file of the format that its name says.
///
/// # Errors
/// Returns an error if there is no graphics adapter, if drawing stops, or if the file cannot be written.
pub fn picture(shown: FrameView, settings: &PictureSettings, path: &Path) -> Result<(), RenderingError> {
    let adapter = GraphicsAdapter::find()?;
    let written = Failure::default().catching(settings.last_words, || {
        let drawn = draw(vec![shown], settings, &adapter)?;
        drawn.iter().try_for_each(|image| capture::save(image, path))
    })?;
    written.map_err(|reason| RenderingError::Picture {
        path: path.to_owned(),
        reason,
    })
}

/// Draws pictures of several gardens one after the other, without panels, and returns them as PNG.
///
/// # Errors
/// Returns an error if there is no graphics adapter, or if drawing stops.
pub fn pictures(shown: Vec<FrameView>, settings: &PictureSettings) -> Result<Vec<Vec<u8>>, RenderingError> {
    let adapter = GraphicsAdapter::find()?;
    let encoded: Result<Vec<Vec<u8>>, String> = Failure::default().catching(settings.last_words, || {
        let drawn = draw(shown, settings, &adapter)?;
        drawn.iter().map(|image| capture::encode(image, PictureFormat::Png)).collect()
    })?;
    encoded.map_err(|reason| RenderingError::Stopped { reason })
}

/// The picture, once it has come back from the graphics adapter.
#[derive(Resource, Default)]
struct Captured(Option<Image>);

fn draw(shown: Vec<FrameView>, settings: &PictureSettings, adapter: &GraphicsAdapter) -> Result<Vec<Image>, String> {
    let quality = settings.quality.unwrap_or(adapter.quality);
    let mut shown = shown.into_iter();
    let Some(first) = shown.next() else {
        return Ok(Vec::new());
    };
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
    app.insert_resource(first)
        .insert_resource(DrawnInto(target.clone()))
        .insert_resource(quality)
        .init_resource::<Captured>()
        .add_plugins((GardenDrawingPlugins { plays: false }, readiness::plugin))
        .insert_resource(settings.camera)
        .insert_resource(Orbit {
            drift_rad_per_s: 0.0,
            ..default()
        });
    app.finish();
    app.cleanup();
    let mut drawn = vec![whole_frame(&mut app, &target)?];
    for next in shown {
        app.insert_resource(next);
        app.world_mut().trigger(GardenReplaced);
        drawn.push(whole_frame(&mut app, &target)?);
    }
    Ok(drawn)
}

/// Draws frames until they show everything, and returns the last of them.
fn whole_frame(app: &mut App, target: &Handle<Image>) -> Result<Image, String> {
    let whole = app.world().resource::<WholeFrames>().clone();
    let clock = |app: &App| app.world().resource::<Time<Real>>().elapsed_secs();
    let began_s = clock(app);
    let (mut frames, mut asked, mut waited_s) = (0, false, 0.0);
    while waited_s < 2.0 * LONGEST_WAIT_S {
        // However slow the machine is, the picture shows everything; if something never comes, what there is.
        if !asked && frames >= FRAMES_BEFORE && (whole.are_enough() || waited_s > LONGEST_WAIT_S) {
            asked = true;
            app.world_mut()
                .spawn(Screenshot::image(target.clone()))
                .observe(|captured: On<ScreenshotCaptured>, mut kept: ResMut<Captured>| kept.0 = Some(captured.image.clone()));
        }
        app.update();
        frames += 1;
        waited_s = clock(app) - began_s;
        let device = app.world().resource::<RenderDevice>();
        // If waiting fails, the image is also missing in the next frame, and that is reported below.
        let _ = device.wgpu_device().poll(PollType::Wait {
            submission_index: None,
            timeout: None,
        });
        if let Some(image) = app.world_mut().resource_mut::<Captured>().0.take() {
            return Ok(image);
        }
    }
    Err("the picture never came back from the graphics adapter".to_owned())
}

/// Returns an image to draw into.
pub(super) fn target((width, height): (u32, u32)) -> Image {
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
