//! Visual feedback on watering: hearts and a green ring where thirst was relieved, a grey ring and a cross where water was
//! wasted.

use bevy::light::NotShadowCaster;
use bevy::prelude::*;

use super::damped_spring::decorative_s;
use super::ground::MARKS_M;
use super::vertex_paint::VertexPaint;
use crate::live::WateringView;
use crate::rendering::FrameSystems;
use crate::rendering::camera::GardenCamera;
use crate::rendering::frame_view::{FrameView, GardenReplaced};
use crate::rendering::mesh_builder::MeshBuilder;

/// Maximum number of signs at the same time.
const SIGNS: usize = 3;
/// Number of hearts in a sign.
const HEARTS: usize = 3;
/// Duration of a sign, in seconds.
const LASTS_S: f32 = 1.5;
/// Minimum interval between two signs, in seconds.
const PAUSE_S: f32 = 0.35;
/// Minimum thirst at which watering counts as useful.
const WORTH_IT: f32 = 0.05;

/// Meaning of a sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Verdict {
    /// A thirsty plant was watered.
    #[default]
    Relieved,
    /// A plant without thirst, or the ground, was watered.
    Wasted,
}

/// A sign, visible or expired.
#[derive(Clone, Copy, Debug)]
struct Sign {
    verdict: Verdict,
    place_m: Vec3,
    radius_m: f32,
    height_m: f32,
    age_s: f32,
}

/// All signs.
#[derive(Resource, Default)]
struct Signs {
    signs: [Option<Sign>; SIGNS],
    next: usize,
    since_s: f32,
    seen_tick: u64,
}

/// An entity of the sign in this slot.
#[derive(Component)]
struct Piece {
    slot: usize,
    verdict: Verdict,
    /// Index of the heart or cross; `None` for the ring.
    number: Option<usize>,
}

/// Adds the systems that draw the signs.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Signs>()
        .add_observer(forget)
        .add_systems(Startup, prepare)
        .add_systems(Update, (judge, show).chain().in_set(FrameSystems::Draw));
}

fn prepare(mut commands: Commands, mut meshes: ResMut<Assets<Mesh>>, mut materials: ResMut<Assets<StandardMaterial>>) {
    let mut ring = MeshBuilder::default();
    ring.ring(Transform::IDENTITY, 0.9, 1.0, 40, &VertexPaint::plain([1.0; 3]));
    let (ring, heart, cross) = (
        meshes.add(ring.into_mesh()),
        meshes.add(heart().into_mesh()),
        meshes.add(cross().into_mesh()),
    );
    let mut unlit = |colour: Color| {
        materials.add(StandardMaterial {
            base_color: colour,
            unlit: true,
            cull_mode: None,
            ..default()
        })
    };
    let green = unlit(Color::srgb(0.42, 0.93, 0.45));
    let rose = unlit(Color::srgb(1.0, 0.36, 0.45));
    let grey = unlit(Color::srgb(0.62, 0.63, 0.66));
    for slot in 0..SIGNS {
        for verdict in [Verdict::Relieved, Verdict::Wasted] {
            let (ring_material, mesh, material, count) = match verdict {
                Verdict::Relieved => (&green, &heart, &rose, HEARTS),
                Verdict::Wasted => (&grey, &cross, &grey, 1),
            };
            let mut spawn = |number: Option<usize>, mesh: &Handle<Mesh>, material: &Handle<StandardMaterial>| {
                commands.spawn((
                    Name::new("sign"),
                    Piece { slot, verdict, number },
                    Mesh3d(mesh.clone()),
                    MeshMaterial3d(material.clone()),
                    Transform::default(),
                    Visibility::Hidden,
                    NotShadowCaster,
                ));
            };
            spawn(None, &ring, ring_material);
            for number in 0..count {
                spawn(Some(number), mesh, material);
            }
        }
    }
}

/// Builds a heart of width 2, facing +z.
fn heart() -> MeshBuilder<VertexPaint> {
    let mut builder = MeshBuilder::default();
    let paint = VertexPaint::plain([1.0; 3]);
    let middle = builder.vertex(Vec3::new(0.0, 0.1, 0.0), Vec3::Z, &paint);
    let steps = 28;
    let rim: Vec<u32> = (0..steps)
        .map(|step| {
            let angle = std::f32::consts::TAU * step as f32 / steps as f32;
            let x = angle.sin().powi(3);
            let y = (13.0 * angle.cos() - 5.0 * (2.0 * angle).cos() - 2.0 * (3.0 * angle).cos() - (4.0 * angle).cos()) / 16.0;
            builder.vertex(Vec3::new(x, y, 0.0), Vec3::Z, &paint)
        })
        .collect();
    for step in 0..rim.len() {
        builder.triangle([middle, rim[(step + 1) % rim.len()], rim[step]]);
    }
    builder
}

/// Builds a cross of width 2, facing +z.
fn cross() -> MeshBuilder<VertexPaint> {
    let mut builder = MeshBuilder::default();
    for turn in [0.785, -0.785] {
        let place = Transform::from_rotation(Quat::from_rotation_z(turn));
        builder.cuboid(place, Vec3::new(1.0, 0.2, 0.02), &VertexPaint::plain([1.0; 3]));
    }
    builder
}

/// Removes the signs of a garden that is shown no longer.
fn forget(_: On<GardenReplaced>, shown: Res<FrameView>, mut signs: ResMut<Signs>) {
    *signs = Signs {
        // A single picture shows the outcome of its own tick.
        seen_tick: shown.before.tick,
        since_s: PAUSE_S,
        ..default()
    };
}

/// Starts a sign for the outcome of the last tick's watering.
fn judge(time: Res<Time>, shown: Res<FrameView>, mut signs: ResMut<Signs>) {
    signs.since_s += time.delta_secs();
    if shown.after.tick <= signs.seen_tick {
        return;
    }
    signs.seen_tick = shown.after.tick;
    let sign = match shown.after.watering {
        WateringView::Off | WateringView::Dry => None,
        WateringView::Ground => Some((Verdict::Wasted, super::water::jet_end_m(&shown), 0.2, 0.12)),
        WateringView::Plant { number, thirst_before } => shown.after.plants.get(number).and_then(|plant| {
            let species = shown.scenario.plants.species.get(plant.species)?;
            let verdict = if thirst_before > WORTH_IT {
                Verdict::Relieved
            } else {
                Verdict::Wasted
            };
            let place_m = Vec3::new(plant.position_m.x, 0.0, plant.position_m.y);
            Some((verdict, place_m, species.crown_radius_m * 1.25, species.height_m))
        }),
    };
    let Some((verdict, place_m, radius_m, height_m)) = sign else {
        return;
    };
    let still_there = |sign: &Option<Sign>| {
        sign.is_some_and(|sign| sign.verdict == verdict && sign.place_m.distance(place_m) < 0.05 && sign.age_s < 0.6 * LASTS_S)
    };
    if signs.since_s < PAUSE_S || signs.signs.iter().any(still_there) {
        return;
    }
    signs.since_s = 0.0;
    let next = signs.next;
    signs.next = (next + 1) % SIGNS;
    signs.signs[next] = Some(Sign {
        verdict,
        place_m,
        radius_m,
        height_m,
        age_s: 0.0,
    });
}

/// Returns the size of a sign at this fraction of its duration: it grows, then shrinks.
fn size(share: f32) -> f32 {
    let appear = (share / 0.16).min(1.0);
    let spring = 1.0 + 0.25 * (appear * std::f32::consts::PI).sin();
    appear * spring * (1.0 - ((share - 0.72) / 0.28).clamp(0.0, 1.0).powi(2))
}

fn show(
    time: Res<Time>,
    shown: Res<FrameView>,
    mut signs: ResMut<Signs>,
    cameras: Query<&GlobalTransform, With<GardenCamera>>,
    mut pieces: Query<(&Piece, &mut Transform, &mut Visibility)>,
) {
    let frame_s = decorative_s(&time, &shown);
    // A paused picture shows its sign half way.
    let least_s = if shown.speed == 0.0 { 0.35 * LASTS_S } else { 0.0 };
    for slot in &mut signs.signs {
        if let Some(sign) = slot {
            sign.age_s = (sign.age_s + frame_s).max(least_s);
            if sign.age_s > LASTS_S {
                *slot = None;
            }
        }
    }
    let towards_camera = cameras.iter().next().map_or(Quat::IDENTITY, GlobalTransform::rotation);
    for (piece, mut transform, mut visibility) in &mut pieces {
        let sign = signs.signs[piece.slot].filter(|sign| sign.verdict == piece.verdict);
        let Some(sign) = sign else {
            visibility.set_if_neq(Visibility::Hidden);
            continue;
        };
        visibility.set_if_neq(Visibility::Inherited);
        let share = sign.age_s / LASTS_S;
        *transform = match piece.number {
            None => {
                let grown = sign.radius_m * (0.55 + 0.55 * (1.0 - (1.0 - share).powi(3)));
                Transform::from_translation(sign.place_m + Vec3::Y * (MARKS_M + 0.03))
                    .with_scale(Vec3::new(grown, 1.0, grown) * size(share).clamp(0.001, 1.0))
            }
            Some(number) => {
                let lag = 0.12 * number as f32;
                let own = ((share - lag) / (1.0 - lag)).clamp(0.0, 1.0);
                let sideways = (number as f32 - 1.0) * if sign.verdict == Verdict::Relieved { 0.11 } else { 0.0 };
                let wander = 0.02 * (own * 9.0 + number as f32 * 2.0).sin();
                let big_m = if piece.verdict == Verdict::Relieved {
                    [0.045, 0.062, 0.040][number % HEARTS]
                } else {
                    0.052
                };
                let sideways = if piece.verdict == Verdict::Relieved { sideways } else { 0.0 };
                let rise_m = sign.height_m + 0.08 + 0.26 * own;
                Transform::from_translation(sign.place_m + towards_camera * Vec3::X * (sideways + wander) + Vec3::Y * rise_m)
                    .with_rotation(towards_camera)
                    .with_scale(Vec3::splat((big_m * size(own)).max(1e-4)))
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_comes_and_goes() {
        assert_eq!(size(0.0), 0.0);
        assert!(size(0.4) > 0.9);
        assert!(size(1.0).abs() < 1e-6);
    }
}
