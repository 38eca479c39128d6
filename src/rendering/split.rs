//! Split view: the twin of the shown garden in the right half of the window.
//!
//! Everything that draws a garden knows of one garden. The twin is therefore drawn by a second app with the same plugins, into an image
//! that the panels put over the right half. The second app exists only while there is a twin. It draws the same frame, from the same
//! viewpoint; nothing in it is simulated.

use bevy::asset::RenderAssetUsages;
use bevy::log::LogPlugin;
use bevy::prelude::*;
use bevy::render::gpu_readback::{Readback, ReadbackComplete};
use bevy::render::pipelined_rendering::PipelinedRenderingPlugin;
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat};
use bevy::window::{ExitCondition, PrimaryWindow};
use bevy::winit::WinitPlugin;

use super::adapter::GraphicsAdapter;
use super::camera::{DrawnInto, Framing, Orbit, Strip};
use super::frame_view::GardenReplaced;
use super::quality::Quality;
use super::readiness::{self, WholeFrames};
use super::ui_command::{Panels, Passing};
use super::viewpoint::CameraKind;
use super::{FrameSystems, FrameView, GardenDrawingPlugins, offscreen};

/// Widths of images are multiples of this, so that rows that come back from the adapter have no gaps.
const WIDTH_STEP: u32 = 64;
/// Minimum width and height of a half, in pixels: nothing is drawn into less.
const LEAST: u32 = 16;

/// Contents of the right half of the window.
#[derive(Resource, Debug, Default)]
pub struct SplitView {
    /// The picture of the twin, for the panels; `None` without a twin, and until it is drawn.
    pub picture: Option<Handle<Image>>,
    /// Fraction of the picture's width that is shown, in 0..1.
    pub used: f32,
    /// Left and right edge of what the columns of panels leave free, as fractions of the window's width.
    pub free: [f32; 2],
    /// `true` if the picture shows everything that it should.
    pub is_whole: bool,
    is_replaced: bool,
}

impl SplitView {
    /// Returns `true` if nothing is missing: the twin is drawn, or there is none.
    pub(super) fn has_settled(&self, shown: &FrameView) -> bool {
        shown.beside.is_none() || self.is_whole
    }
}

/// The app that draws the twin.
struct TwinApp {
    app: App,
    size: UVec2,
}

/// The newest picture that came back from the adapter, as bytes.
#[derive(Resource, Default)]
struct Newest(Option<Vec<u8>>);

/// Adds the split view to the window.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<SplitView>()
        .add_observer(|_: On<GardenReplaced>, mut split: ResMut<SplitView>| split.is_replaced = true)
        .add_systems(Update, draw_twin.after(FrameSystems::Draw))
        .add_systems(Update, divide.after(FrameSystems::Simulate).before(FrameSystems::Draw));
}

/// Gives the shown garden the left half of what is free, if there is a twin.
fn divide(
    shown: Res<FrameView>,
    split: Res<SplitView>,
    windows: Query<&Window, With<PrimaryWindow>>,
    mut framing: ResMut<Framing>,
) {
    let Ok(window) = windows.single() else { return };
    let picture = window.physical_size();
    let width = picture.x as f32;
    let left = split.free[0] * width;
    framing.set_if_neq(Framing(shown.beside.is_some().then_some(Strip {
        left,
        width: (0.5 * width - left).max(1.0),
        picture,
    })));
}

/// Draws the twin, if there is one.
fn draw_twin(world: &mut World) {
    let twin = world.get_resource::<FrameView>().and_then(FrameView::of_twin);
    let half = half_of_window(world);
    let (Some(twin), Some((used_px, size))) = (twin, half) else {
        world.remove_non_send::<TwinApp>();
        let mut split = world.resource_mut::<SplitView>();
        split.picture = None;
        split.is_whole = false;
        return;
    };
    let mut own = world
        .remove_non_send::<TwinApp>()
        .filter(|own| own.size == size)
        .or_else(|| TwinApp::open(world, twin.clone(), size));
    let Some(drawing) = &mut own else { return };
    let bytes = drawing.draw(world, twin, used_px);
    let is_whole = drawing.app.world().resource::<WholeFrames>().are_enough();
    if let Some(own) = own {
        world.insert_non_send(own);
    }
    let picture = world.resource::<SplitView>().picture.clone();
    let has_come = bytes.is_some();
    let picture = match (bytes, picture) {
        (Some(bytes), Some(handle)) if fits(world, &handle, size) => {
            if let Some(mut image) = world.resource_mut::<Assets<Image>>().get_mut(&handle) {
                image.data = Some(bytes);
            }
            Some(handle)
        }
        (Some(bytes), _) => Some(world.resource_mut::<Assets<Image>>().add(picture_of(bytes, size))),
        (None, picture) => picture,
    };
    let mut split = world.resource_mut::<SplitView>();
    split.picture = picture;
    split.used = used_px as f32 / size.x as f32;
    split.is_whole = is_whole && has_come;
}

/// Returns the width of the right half and the size of the image for it, in pixels; `None` if there is hardly a window.
fn half_of_window(world: &mut World) -> Option<(u32, UVec2)> {
    let window = world.query_filtered::<&Window, With<PrimaryWindow>>().single(world).ok()?;
    let (width, height) = (window.physical_width() / 2, window.physical_height());
    (width >= LEAST && height >= LEAST).then(|| (width, UVec2::new(width.next_multiple_of(WIDTH_STEP), height)))
}

fn fits(world: &World, handle: &Handle<Image>, size: UVec2) -> bool {
    let image = world.resource::<Assets<Image>>().get(handle);
    image.is_some_and(|image| image.size() == size)
}

fn picture_of(bytes: Vec<u8>, size: UVec2) -> Image {
    let extent = Extent3d {
        width: size.x,
        height: size.y,
        depth_or_array_layers: 1,
    };
    Image::new(
        extent,
        TextureDimension::D2,
        bytes,
        TextureFormat::Rgba8UnormSrgb,
        RenderAssetUsages::all(),
    )
}

impl TwinApp {
    /// Opens the second app; `None` without an adapter, which the window has found before.
    fn open(world: &World, first: FrameView, size: UVec2) -> Option<Self> {
        let adapter = world.get_resource::<GraphicsAdapter>()?;
        let mut app = App::new();
        app.add_plugins(
            DefaultPlugins
                .set(WindowPlugin {
                    primary_window: None,
                    exit_condition: ExitCondition::DontExit,
                    ..default()
                })
                .set(adapter.plugin(false))
                .disable::<LogPlugin>()
                .disable::<PipelinedRenderingPlugin>()
                .disable::<WinitPlugin>(),
        );
        let target = app
            .world_mut()
            .resource_mut::<Assets<Image>>()
            .add(offscreen::target((size.x, size.y)));
        app.insert_resource(first)
            .insert_resource(DrawnInto(target.clone()))
            .insert_resource(*world.resource::<Quality>())
            .init_resource::<Newest>()
            .add_plugins((GardenDrawingPlugins { plays: false }, readiness::plugin));
        app.world_mut()
            .spawn(Readback::texture(target))
            .observe(|complete: On<ReadbackComplete>, mut newest: ResMut<Newest>| newest.0 = Some(complete.data.clone()));
        app.finish();
        app.cleanup();
        Some(Self { app, size })
    }

    /// Draws a frame as the window does, and returns the newest picture that has come back.
    fn draw(&mut self, world: &mut World, twin: FrameView, used_px: u32) -> Option<Vec<u8>> {
        let is_replaced = std::mem::take(&mut world.resource_mut::<SplitView>().is_replaced);
        let own = self.app.world_mut();
        own.insert_resource(twin);
        own.insert_resource(*world.resource::<CameraKind>());
        own.insert_resource(Orbit {
            drift_rad_per_s: 0.0,
            ..*world.resource::<Orbit>()
        });
        own.insert_resource(*world.resource::<Passing>());
        own.insert_resource(world.resource::<Panels>().clone());
        let right = world.resource::<SplitView>().free[1];
        let width = ((2.0 * right - 1.0) * used_px as f32).max(1.0);
        own.insert_resource(Framing(Some(Strip {
            left: 0.0,
            width,
            picture: self.size,
        })));
        if is_replaced {
            own.trigger(GardenReplaced);
        }
        self.app.update();
        self.app.world_mut().resource_mut::<Newest>().0.take()
    }
}
