//! Marks of the robot on the ground: faint tyre tracks, dark skid marks, and wet spots that dry.
//!
//! All marks are one mesh, rebuilt a few times per second while something changes.

use std::collections::VecDeque;

use bevy::light::NotShadowCaster;
use bevy::prelude::*;

use super::ground::{MARKS_M, soft_disc, transparent_material, transparent_mesh, transparent_numbers};
use super::robot::Built;
use super::vertex_paint::VertexPaint;
use crate::live::WateringView;
use crate::rendering::FrameSystems;
use crate::rendering::frame_view::{FrameView, GardenReplaced};
use crate::rendering::mesh_builder::MeshBuilder;

/// Maximum number of marks.
const MOST_MARKS: usize = 420;
/// Length of a piece of track, in metres.
const PIECE_M: f32 = 0.06;
/// Distance between two frames, in metres, above which the robot was moved rather than driven.
const LEAP_M: f32 = 0.35;
/// Duration of a track, a skid mark and a wet spot, in simulated seconds.
const LASTS_S: [f64; 3] = [14.0, 30.0, 22.0];
/// Interval between two rebuilds of the mesh, in real seconds.
const REBUILD_S: f32 = 0.12;

/// A mark on the ground.
#[derive(Clone, Copy, Debug)]
struct Mark {
    made_s: f64,
    kind: MarkKind,
}

#[derive(Clone, Copy, Debug)]
enum MarkKind {
    /// A piece of track between two points, with its width and amount of skidding (0..1).
    Track {
        from: Vec2,
        to: Vec2,
        half_width_m: f32,
        skid: f32,
    },
    /// A wet spot.
    Wet { place: Vec2, radius_m: f32 },
}

impl Mark {
    /// Returns the fraction that is left, in 0..1.
    fn left(&self, now_s: f64) -> f32 {
        let lasts_s = match self.kind {
            MarkKind::Track { skid, .. } => LASTS_S[0] + (LASTS_S[1] - LASTS_S[0]) * f64::from(skid),
            MarkKind::Wet { .. } => LASTS_S[2],
        };
        (1.0 - (now_s - self.made_s) / lasts_s).clamp(0.0, 1.0) as f32
    }
}

/// All marks.
#[derive(Resource, Default)]
struct Marks {
    marks: VecDeque<Mark>,
    wheels_m: [Option<Vec2>; 2],
    wet_at_tick: u64,
    since_built_s: f32,
    built_for_s: f64,
    shows_any: bool,
}

/// Marker of the mesh of all marks.
#[derive(Component)]
struct DrawnMarks;

/// Adds the systems that draw the marks.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Marks>()
        .add_observer(forget)
        .add_systems(Startup, spawn)
        .add_systems(Update, (leave, rebuild).chain().in_set(FrameSystems::Draw));
}

fn spawn(mut commands: Commands, mut meshes: ResMut<Assets<Mesh>>, mut materials: ResMut<Assets<StandardMaterial>>) {
    // The renderer ignores a mesh without vertices, so it starts with one hidden piece.
    let mut first = MeshBuilder::default();
    ribbon(&mut first, Vec2::ZERO, Vec2::X, 0.01, [0.0; 3], 0.0);
    commands.spawn((
        Name::new("marks on the ground"),
        DrawnMarks,
        Mesh3d(meshes.add(transparent_mesh(first))),
        MeshMaterial3d(materials.add(transparent_material(2.0))),
        Transform::from_xyz(0.0, MARKS_M, 0.0),
        Visibility::Hidden,
        NotShadowCaster,
        // The mesh grows over the whole plot, and its bounds with it.
        bevy::camera::visibility::NoFrustumCulling,
    ));
}

/// Removes the marks of a garden that is shown no longer.
fn forget(_: On<GardenReplaced>, shown: Res<FrameView>, mut marks: ResMut<Marks>) {
    *marks = Marks {
        shows_any: marks.shows_any,
        wet_at_tick: shown.after.tick,
        since_built_s: REBUILD_S,
        ..default()
    };
}

/// Adds the marks made since the last frame.
fn leave(shown: Res<FrameView>, mut marks: ResMut<Marks>) {
    let now_s = shown.simulated_s();
    let robot = shown.robot();
    let built = Built::new(&shown.scenario.robot);
    for (wheel, side) in [1.0, -1.0].into_iter().enumerate() {
        let place = robot.translation_m + robot.rotation * Vec3::new(0.0, 0.0, -side * built.half_track_m);
        let here = Vec2::new(place.x, place.z);
        let Some(last) = marks.wheels_m[wheel] else {
            marks.wheels_m[wheel] = Some(here);
            continue;
        };
        let moved_m = here.distance(last);
        if moved_m < PIECE_M {
            continue;
        }
        marks.wheels_m[wheel] = Some(here);
        if moved_m < LEAP_M {
            marks.marks.push_back(Mark {
                made_s: now_s,
                kind: MarkKind::Track {
                    from: last,
                    to: here,
                    half_width_m: 0.2 * built.wheel_radius_m,
                    skid: robot.skid.clamp(0.0, 1.0),
                },
            });
        }
    }
    if shown.after.tick > marks.wet_at_tick {
        marks.wet_at_tick = shown.after.tick;
        let spot = match shown.after.watering {
            WateringView::Ground => {
                let end = super::water::jet_end_m(&shown);
                Some((Vec2::new(end.x, end.z), 0.16))
            }
            WateringView::Plant { number, .. } => shown.after.plants.get(number).map(|plant| (plant.position_m, 0.42)),
            WateringView::Off | WateringView::Dry => None,
        };
        if let Some((place, radius_m)) = spot {
            // One spot per place: a wet place only stays wet.
            let near = |mark: &Mark| matches!(mark.kind, MarkKind::Wet { place: other, .. } if other.distance(place) < 0.1);
            marks.marks.retain(|mark| !near(mark));
            marks.marks.push_back(Mark {
                made_s: now_s,
                kind: MarkKind::Wet { place, radius_m },
            });
        }
    }
    while marks.marks.len() > MOST_MARKS || marks.marks.front().is_some_and(|mark| mark.left(now_s) <= 0.0) {
        marks.marks.pop_front();
    }
}

/// Rebuilds the mesh if it is out of date.
fn rebuild(
    time: Res<Time>,
    shown: Res<FrameView>,
    mut marks: ResMut<Marks>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut drawn: Query<(&Mesh3d, &mut Visibility), With<DrawnMarks>>,
) {
    marks.since_built_s += time.delta_secs();
    let now_s = shown.simulated_s();
    let stale = marks.since_built_s >= REBUILD_S && (now_s != marks.built_for_s || marks.marks.is_empty() == marks.shows_any);
    let Ok((mesh, mut visibility)) = drawn.single_mut() else {
        return;
    };
    if !stale {
        return;
    }
    marks.since_built_s = 0.0;
    marks.built_for_s = now_s;
    marks.shows_any = !marks.marks.is_empty();
    visibility.set_if_neq(if marks.shows_any {
        Visibility::Inherited
    } else {
        Visibility::Hidden
    });
    if marks.shows_any
        && let Some(mut mesh) = meshes.get_mut(&mesh.0)
    {
        let ground = shown.look().ground.to_array();
        *mesh = transparent_mesh(build_marks(&marks.marks, ground, now_s));
    }
}

fn build_marks(marks: &VecDeque<Mark>, ground: [f32; 3], now_s: f64) -> MeshBuilder<VertexPaint> {
    let darker = |by: [f32; 3]| [ground[0] * by[0], ground[1] * by[1], ground[2] * by[2]];
    let (tyre, skidded, wet) = (
        darker([0.66, 0.64, 0.66]),
        darker([0.40, 0.41, 0.47]),
        darker([0.42, 0.40, 0.42]),
    );
    let mut builder = MeshBuilder::default();
    for mark in marks {
        let left = mark.left(now_s);
        match mark.kind {
            MarkKind::Track {
                from,
                to,
                half_width_m,
                skid,
            } => {
                let colour = std::array::from_fn(|part: usize| tyre[part] + (skidded[part] - tyre[part]) * skid);
                ribbon(
                    &mut builder,
                    from,
                    to,
                    half_width_m * (1.0 + 0.5 * skid),
                    colour,
                    left * (0.30 + 0.55 * skid),
                );
            }
            MarkKind::Wet { place, radius_m } => {
                soft_disc(
                    &mut builder,
                    Vec3::new(place.x, 0.0, place.y),
                    radius_m,
                    wet,
                    0.7 * left.sqrt(),
                );
            }
        }
    }
    builder
}

/// Adds a piece of track with soft edges.
fn ribbon(builder: &mut MeshBuilder<VertexPaint>, from: Vec2, to: Vec2, half_width_m: f32, colour: [f32; 3], opacity: f32) {
    let along = (to - from).normalize_or(Vec2::X);
    let side = Vec2::new(-along.y, along.x) * half_width_m;
    let numbers = transparent_numbers(colour);
    let first = builder.positions.len() as u32;
    for end in [from, to] {
        for (across, share) in [(-1.3, 0.0), (-0.8, 1.0), (0.8, 1.0), (1.3, 0.0)] {
            let place = end + side * across;
            builder.push(Vec3::new(place.x, 0.0, place.y), Vec3::Y, numbers(opacity * share));
        }
    }
    for strip in 0..3 {
        let corner = first + strip;
        builder.triangle([corner, corner + 1, corner + 5]);
        builder.triangle([corner, corner + 5, corner + 4]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(skid: f32) -> Mark {
        Mark {
            made_s: 10.0,
            kind: MarkKind::Track {
                from: Vec2::ZERO,
                to: Vec2::X * 0.1,
                half_width_m: 0.02,
                skid,
            },
        }
    }

    #[test]
    fn marks_fade_and_skid_marks_stay_longer() {
        assert_eq!(track(0.0).left(10.0), 1.0);
        assert!(track(1.0).left(20.0) > track(0.0).left(20.0));
        assert_eq!(track(1.0).left(100.0), 0.0);
    }

    #[test]
    fn marks_lie_flat_and_finite() {
        let marks = VecDeque::from([
            track(0.5),
            Mark {
                made_s: 9.0,
                kind: MarkKind::Wet {
                    place: Vec2::ONE,
                    radius_m: 0.2,
                },
            },
        ]);
        let builder = build_marks(&marks, [0.9, 0.9, 0.95], 11.0);
        assert!(
            builder
                .positions
                .iter()
                .all(|position| position[1] == 0.0 && position[0].is_finite())
        );
        assert!(builder.colours.iter().all(|colour| (0.0..=1.0).contains(&colour[3])));
    }
}
