//! Props of the simulation: stones, windfall apples, fallen pots.

use bevy::platform::collections::HashMap;
use bevy::prelude::*;

use super::vertex_paint::VertexPaint;
use crate::rendering::FrameSystems;
use crate::rendering::frame_view::{FrameView, GardenReplaced};
use crate::rendering::mesh_builder::MeshBuilder;
use crate::rendering::quality::Quality;
use crate::scenario::PropKind;

/// Number of different stones.
const STONES: usize = 4;

/// A drawn prop, with its number.
#[derive(Component)]
struct DrawnProp(usize);

/// Shared meshes of the props.
#[derive(Resource, Default)]
struct Things {
    /// Quality in which the props of this garden are drawn; `None` if they are not.
    drawn: Option<Quality>,
    /// Meshes by kind, colour (as bits) and variant.
    meshes: HashMap<(u8, [u32; 3], usize), Handle<Mesh>>,
    material: Handle<StandardMaterial>,
}

/// Adds the systems that draw the props.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Things>()
        .add_observer(|_: On<GardenReplaced>, mut things: ResMut<Things>| things.drawn = None)
        .add_systems(Startup, prepare)
        .add_systems(Update, (lay_out, move_along).chain().in_set(FrameSystems::Draw));
}

fn prepare(mut things: ResMut<Things>, mut materials: ResMut<Assets<StandardMaterial>>) {
    things.material = materials.add(StandardMaterial {
        perceptual_roughness: 0.75,
        reflectance: 0.3,
        ..default()
    });
}

fn lay_out(
    mut commands: Commands,
    shown: Res<FrameView>,
    quality: Res<Quality>,
    mut things: ResMut<Things>,
    mut meshes: ResMut<Assets<Mesh>>,
    old: Query<Entity, With<DrawnProp>>,
) {
    if things.drawn == Some(*quality) {
        return;
    }
    things.drawn = Some(*quality);
    for entity in &old {
        commands.entity(entity).despawn();
    }
    for (number, prop) in shown.after.props.iter().enumerate() {
        let variant = if prop.kind == PropKind::Stone { number % STONES } else { 0 };
        let key = (prop.kind as u8, prop.colour.map(f32::to_bits), variant);
        let mesh = things
            .meshes
            .entry(key)
            .or_insert_with(|| meshes.add(mesh(prop.kind, prop.colour, variant as u64)))
            .clone();
        commands.spawn((
            Name::new(match prop.kind {
                PropKind::Stone => "stone",
                PropKind::Apple => "apple",
                PropKind::Pot => "pot",
            }),
            DrawnProp(number),
            Mesh3d(mesh),
            MeshMaterial3d(things.material.clone()),
            Transform::from_translation(prop.translation_m).with_scale(Vec3::splat(prop.radius_m)),
        ));
    }
}

fn move_along(shown: Res<FrameView>, mut props: Query<(&DrawnProp, &mut Transform)>) {
    for (prop, mut transform) in &mut props {
        let Some((before, after)) = shown.before.props.get(prop.0).zip(shown.after.props.get(prop.0)) else {
            continue;
        };
        let wanted = Transform {
            translation: before.translation_m.lerp(after.translation_m, shown.fraction),
            rotation: before.rotation.slerp(after.rotation, shown.fraction),
            scale: Vec3::splat(after.radius_m),
        };
        if *transform != wanted {
            *transform = wanted;
        }
    }
}

/// Builds a prop of radius 1 around its centre.
fn mesh(kind: PropKind, colour: [f32; 3], variant: u64) -> Mesh {
    match kind {
        PropKind::Stone => stone(colour, variant).into_faceted_mesh(),
        PropKind::Apple => apple(colour).into_mesh(),
        PropKind::Pot => pot(colour).into_mesh(),
    }
}

/// Builds a stone with facets. Its centre is half its radius above the ground, so a part of it is hidden.
fn stone(colour: [f32; 3], variant: u64) -> MeshBuilder<VertexPaint> {
    let mut builder = MeshBuilder::default();
    let paint = VertexPaint::plain(colour);
    builder.ball(Vec3::ZERO, Vec3::new(0.95, 0.72, 0.9), 9, 6, &paint);
    builder.roughen(0, 0.13, variant + 11);
    // A small stone leans on it.
    let first = builder.positions.len();
    let turn = Quat::from_rotation_y(variant as f32 * 2.1);
    builder.ball(
        turn * Vec3::new(0.72, -0.28, 0.2),
        Vec3::new(0.36, 0.28, 0.32),
        7,
        5,
        &paint.shade(0.86),
    );
    builder.roughen(first, 0.06, variant + 23);
    builder
}

/// Builds an apple with a dent at its stalk and one leaf.
fn apple(colour: [f32; 3]) -> MeshBuilder<VertexPaint> {
    let mut builder = MeshBuilder::default();
    let paint = VertexPaint::plain(colour);
    let profile: Vec<Vec2> = [
        (0.0, -0.78),
        (0.22, -0.90),
        (0.58, -0.80),
        (0.86, -0.42),
        (0.99, 0.08),
        (0.93, 0.5),
        (0.68, 0.82),
        (0.34, 0.90),
        (0.12, 0.76),
        (0.0, 0.62),
    ]
    .map(|(radius, height)| Vec2::new(radius, height))
    .to_vec();
    builder.turned(Transform::IDENTITY, &profile, 14, &paint);
    let stalk = [Vec3::Y * 0.62, Vec3::new(0.04, 0.95, 0.0), Vec3::new(0.14, 1.15, 0.0)];
    builder.tube(&stalk, &[0.05, 0.045, 0.05], 5, |_| VertexPaint::plain([0.36, 0.24, 0.14]));
    let leaf = [(0.06, 0.92), (0.3, 1.08), (0.55, 1.06), (0.75, 0.9)].map(|(out, up)| Vec3::new(-out, up, 0.1));
    for across in [Vec3::Z, Vec3::NEG_Z] {
        builder.leaf(&leaf, &[0.03, 0.16, 0.15, 0.01], across, 0.2, |_| {
            VertexPaint::plain([0.35, 0.58, 0.22])
        });
    }
    builder
}

/// Builds a fallen pot; its axis is y, and its length is 2.4 times its radius.
fn pot(colour: [f32; 3]) -> MeshBuilder<VertexPaint> {
    let mut builder = MeshBuilder::default();
    let paint = VertexPaint::plain(colour);
    let points =
        |points: &[(f32, f32)]| -> Vec<Vec2> { points.iter().map(|&(radius, height)| Vec2::new(radius, height)).collect() };
    let outside = points(&[(0.0, -1.2), (0.62, -1.2), (0.66, -1.14), (0.86, 0.66), (0.88, 0.68)]);
    builder.turned_sharp(Transform::IDENTITY, &outside, 16, &paint);
    let rim = points(&[(0.86, 0.66), (1.0, 0.68), (1.0, 1.16), (0.97, 1.2), (0.84, 1.2), (0.82, 1.1)]);
    builder.turned_sharp(Transform::IDENTITY, &rim, 16, &paint.shade(1.08));
    builder.turned_sharp(
        Transform::IDENTITY,
        &points(&[(0.82, 1.1), (0.74, 0.45)]),
        16,
        &paint.shade(0.55),
    );
    // Some soil is left inside.
    let soil = VertexPaint::plain([0.27, 0.19, 0.13]);
    builder.turned(
        Transform::IDENTITY,
        &points(&[(0.76, 0.45), (0.4, 0.55), (0.0, 0.5)]),
        12,
        &soil,
    );
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_about_as_big_as_what_one_bumps_into() {
        for builder in [stone([0.5; 3], 1), apple([0.8, 0.2, 0.1])] {
            let widest = builder.positions.iter().map(|[x, _, z]| x.hypot(*z)).fold(0.0, f32::max);
            assert!((0.85..1.25).contains(&widest), "{widest}");
        }
        let longest = pot([0.7, 0.4, 0.3])
            .positions
            .iter()
            .map(|position| position[1].abs())
            .fold(0.0, f32::max);
        assert!((longest - 1.2).abs() < 1e-6, "its collider is 2.4 radii long");
    }
}
