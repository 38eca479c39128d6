//! Cameras, and selection by clicking.

use bevy::camera::{RenderTarget, SubCameraView};
use bevy::input::mouse::{AccumulatedMouseMotion, AccumulatedMouseScroll};
use bevy::prelude::*;

use super::FrameSystems;
use super::frame_view::{FrameView, GardenReplaced};
use super::quality::Quality;
use super::ui_command::{Selection, UiCommand};
pub use super::viewpoint::CameraKind;

/// Rate at which the camera approaches its target, per second (exponential smoothing).
const FOLLOWING_PER_S: f32 = 4.0;
/// Rotation of the camera per pixel of dragging, in radians.
const DRAG_RAD: f32 = 0.006;
/// Maximum movement of a press that still counts as a click, in pixels.
const CLICK_PIXELS: f32 = 5.0;

/// Marker of the camera that draws the garden.
#[derive(Component, Clone, Copy, Debug)]
pub struct GardenCamera;

/// Image to draw into, if not a window.
#[derive(Resource, Clone, Debug)]
pub struct DrawnInto(pub Handle<Image>);

/// `true` while the mouse is over a panel, so that it does not move the camera.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PointerOnPanel(pub bool);

/// Orbit of the camera around the garden.
#[derive(Resource, Clone, Copy, Debug, PartialEq)]
pub struct Orbit {
    /// Direction from which the garden is seen, about the vertical.
    pub yaw_rad: f32,
    /// Angle above the horizon: 0 is level, a right angle is straight down.
    pub pitch_rad: f32,
    /// Distance of the camera, in multiples of the garden's side.
    pub distance: f32,
    /// Speed of the automatic rotation, in radians per second; any drag ends it.
    pub drift_rad_per_s: f32,
}

impl Default for Orbit {
    fn default() -> Self {
        Self {
            yaw_rad: 0.72,
            pitch_rad: 0.46,
            distance: 1.75,
            drift_rad_per_s: 0.02,
        }
    }
}

/// Part of the picture in which the garden stands: all of it, or a strip from top to bottom where a second garden stands beside it.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq)]
pub struct Framing(pub Option<Strip>);

/// A strip of a picture, from top to bottom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strip {
    /// Left edge of the strip, in pixels.
    pub left: f32,
    /// Width of the strip, in pixels.
    pub width: f32,
    /// Size of the picture, in pixels.
    pub picture: UVec2,
}

impl Strip {
    /// Returns how much farther away the camera stands, so that the garden fits into a strip that is narrower than high.
    fn farther(self) -> f32 {
        let proportion = self.width / self.picture.y.max(1) as f32;
        (1.05 / proportion.max(0.1)).clamp(1.0, 3.0)
    }

    fn sub_view(self) -> SubCameraView {
        SubCameraView {
            full_size: UVec2::new(self.width.max(1.0) as u32, self.picture.y.max(1)),
            offset: Vec2::new(-self.left, 0.0),
            size: self.picture.max(UVec2::ONE),
        }
    }
}

/// Lets the camera draw the garden into its strip.
fn frame_garden(framing: Res<Framing>, mut cameras: Query<&mut Camera, With<GardenCamera>>) {
    for mut camera in &mut cameras {
        let wanted = framing.0.map(Strip::sub_view);
        if camera.sub_camera_view != wanted {
            camera.sub_camera_view = wanted;
        }
    }
}

/// Adds the camera.
pub fn plugin(app: &mut App) {
    app.init_resource::<Orbit>()
        .init_resource::<CameraCut>()
        .add_observer(cut)
        .init_resource::<PointerOnPanel>()
        .init_resource::<AccumulatedMouseMotion>()
        .init_resource::<AccumulatedMouseScroll>()
        .init_resource::<ButtonInput<MouseButton>>()
        .add_systems(Startup, spawn_camera)
        .add_systems(Update, (turn_orbit, click).in_set(FrameSystems::Command))
        .init_resource::<Framing>()
        .add_systems(Update, (place_camera, frame_garden).in_set(FrameSystems::Draw));
}

/// `true` if the camera is to be at its new place at once in the next frame.
#[derive(Resource, Default)]
struct CameraCut(bool);

fn cut(_: On<GardenReplaced>, mut cut: ResMut<CameraCut>) {
    cut.0 = true;
}

fn spawn_camera(mut commands: Commands, into: Option<Res<DrawnInto>>, quality: Res<Quality>) {
    let camera = commands
        .spawn((
            Name::new("camera"),
            GardenCamera,
            Camera3d::default(),
            Projection::Perspective(PerspectiveProjection {
                fov: 0.7,
                near: 0.05,
                far: 300.0,
                ..default()
            }),
            if *quality == Quality::Low { Msaa::Off } else { Msaa::Sample4 },
            Transform::from_xyz(6.5, 5.5, 7.5).looking_at(Vec3::new(0.0, 0.3, 0.0), Vec3::Y),
        ))
        .id();
    if let Some(into) = into {
        commands.entity(camera).insert(RenderTarget::Image(into.0.clone().into()));
    }
}

fn turn_orbit(
    buttons: Res<ButtonInput<MouseButton>>,
    motion: Res<AccumulatedMouseMotion>,
    scroll: Res<AccumulatedMouseScroll>,
    on_panel: Res<PointerOnPanel>,
    time: Res<Time<Real>>,
    mut orbit: ResMut<Orbit>,
) {
    let drift = orbit.drift_rad_per_s * time.delta_secs().min(0.1);
    orbit.bypass_change_detection().yaw_rad += drift;
    if on_panel.0 {
        return;
    }
    if buttons.any_pressed([MouseButton::Left, MouseButton::Right]) && motion.delta != Vec2::ZERO {
        orbit.drift_rad_per_s = 0.0;
        orbit.yaw_rad -= motion.delta.x * DRAG_RAD;
        orbit.pitch_rad = (orbit.pitch_rad + motion.delta.y * DRAG_RAD).clamp(0.08, 1.5);
    }
    if scroll.delta.y != 0.0 {
        let steps = scroll.delta.y.clamp(-3.0, 3.0);
        orbit.distance = (orbit.distance * libm::expf(-0.1 * steps)).clamp(0.25, 4.0);
    }
}

/// Selects the plant or the robot that was clicked, or nothing.
fn click(
    buttons: Res<ButtonInput<MouseButton>>,
    on_panel: Res<PointerOnPanel>,
    windows: Query<&Window>,
    cameras: Query<(&Camera, &GlobalTransform), With<GardenCamera>>,
    (shown, framing): (Res<FrameView>, Res<Framing>),
    mut pressed_at: Local<Option<Vec2>>,
    mut ui_commands: MessageWriter<UiCommand>,
) {
    let Some(pointer) = windows.iter().find_map(Window::cursor_position) else {
        return;
    };
    if buttons.just_pressed(MouseButton::Left) {
        *pressed_at = (!on_panel.0).then_some(pointer);
    }
    if !buttons.just_released(MouseButton::Left) {
        return;
    }
    let was_click = pressed_at.take().is_some_and(|at| at.distance(pointer) < CLICK_PIXELS);
    let Ok((camera, place)) = cameras.single() else { return };
    // Right of its strip another garden is shown.
    let scale = windows.iter().next().map_or(1.0, Window::scale_factor);
    if framing.0.is_some_and(|strip| pointer.x * scale > strip.left + strip.width) {
        return;
    }
    if was_click && let Ok(ray) = camera.viewport_to_world(place, pointer) {
        ui_commands.write(UiCommand::Select(shown.hit_by(ray.origin, *ray.direction)));
    }
}

impl FrameView {
    /// Returns the first object hit by a ray: the robot, a plant, or nothing.
    pub fn hit_by(&self, origin_m: Vec3, direction: Vec3) -> Option<Selection> {
        let robot = &self.scenario.robot;
        let robot_centre_m = self.robot().translation_m + Vec3::Y * 0.5 * robot.height_m;
        let mut hits = vec![(Selection::Robot, robot_centre_m, robot.radius_m * 1.2)];
        hits.extend(self.after.plants.iter().enumerate().filter_map(|(number, plant)| {
            let species = self.scenario.plants.species.get(plant.species)?;
            let centre_m = Vec3::new(plant.position_m.x, 0.6 * species.height_m, plant.position_m.y);
            Some((
                Selection::Plant(number),
                centre_m,
                species.crown_radius_m.max(0.4 * species.height_m),
            ))
        }));
        hits.into_iter()
            .filter_map(|(selection, centre_m, radius_m)| {
                let along_m = (centre_m - origin_m).dot(direction);
                let beside_m = (centre_m - origin_m - direction * along_m).length();
                (along_m > 0.0 && beside_m <= radius_m).then_some((along_m, selection))
            })
            .min_by(|one, other| one.0.total_cmp(&other.0))
            .map(|(_, selection)| selection)
    }
}

fn place_camera(
    time: Res<Time<Real>>,
    kind: Res<CameraKind>,
    orbit: Res<Orbit>,
    (shown, framing): (Res<FrameView>, Res<Framing>),
    mut last_kind: Local<Option<CameraKind>>,
    mut cut: ResMut<CameraCut>,
    mut cameras: Query<&mut Transform, With<GardenCamera>>,
) {
    let side_m = shown.scenario.plot.side_m;
    let far_m = side_m * framing.0.map_or(1.0, Strip::farther);
    let robot = shown.robot();
    let ahead = robot.rotation * Vec3::X;
    let wanted = match *kind {
        CameraKind::Orbit => {
            let (flat, up) = (libm::cosf(orbit.pitch_rad), libm::sinf(orbit.pitch_rad));
            let from = Vec3::new(flat * libm::sinf(orbit.yaw_rad), up, flat * libm::cosf(orbit.yaw_rad));
            Transform::from_translation(from * orbit.distance * far_m).looking_at(Vec3::new(0.0, 0.05 * side_m, 0.0), Vec3::Y)
        }
        CameraKind::Follow => Transform::from_translation(robot.translation_m - ahead * 2.2 + Vec3::Y * 1.35)
            .looking_at(robot.translation_m + ahead * 1.2 + Vec3::Y * 0.25, Vec3::Y),
        CameraKind::Above => Transform::from_xyz(0.0, 1.62 * far_m, 0.0).looking_at(Vec3::ZERO, Vec3::NEG_Z),
        CameraKind::Eye => {
            let eye_m = shown.scenario.eye.height_m.max(0.1);
            let place = robot.translation_m + ahead * (0.9 * shown.scenario.robot.radius_m) + Vec3::Y * eye_m;
            Transform::from_translation(place).looking_to(ahead, Vec3::Y)
        }
    };
    // Cuts where a smooth move would fly through the garden: another viewpoint, another garden, or very fast time.
    let cut = std::mem::take(&mut cut.0) || *last_kind != Some(*kind) || shown.speed > 8.0;
    *last_kind = Some(*kind);
    let share = match *kind {
        CameraKind::Follow if !cut => 1.0 - libm::expf(-FOLLOWING_PER_S * time.delta_secs()),
        _ => 1.0,
    };
    for mut camera in &mut cameras {
        let next = Transform {
            translation: camera.translation.lerp(wanted.translation, share),
            rotation: camera.rotation.slerp(wanted.rotation, share),
            scale: Vec3::ONE,
        };
        camera.set_if_neq(next);
    }
}

#[cfg(test)]
mod tests {
    use bevy::camera::{CameraProjection, PerspectiveProjection};

    use super::*;

    /// Returns where a point straight ahead appears, in pixels from the left.
    fn centre_of(strip: Strip) -> f32 {
        let projection = PerspectiveProjection::default();
        let clip = projection.get_clip_from_view_for_sub(&strip.sub_view()) * Vec4::new(0.0, 0.0, -5.0, 1.0);
        0.5 * (clip.x / clip.w + 1.0) * strip.picture.x as f32
    }

    #[test]
    fn the_garden_stands_in_the_middle_of_its_strip() {
        let strip = |left, width| Strip {
            left,
            width,
            picture: UVec2::new(1280, 720),
        };
        for (left, width, centre) in [
            (0.0, 1280.0, 640.0),
            (0.0, 640.0, 320.0),
            (258.0, 382.0, 449.0),
            (640.0, 640.0, 960.0),
        ] {
            let drawn = centre_of(strip(left, width));
            assert!((drawn - centre).abs() < 1.0, "{left} {width}: {drawn}");
        }
        assert_eq!(strip(0.0, 1280.0).farther(), 1.0);
        assert!(strip(0.0, 380.0).farther() > 1.5);
    }
}
