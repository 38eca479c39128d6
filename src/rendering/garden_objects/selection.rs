//! A ring around the selected object.

use bevy::light::NotShadowCaster;
use bevy::prelude::*;

use super::ground::MARKS_M;
use super::vertex_paint::VertexPaint;
use crate::rendering::FrameSystems;
use crate::rendering::frame_view::FrameView;
use crate::rendering::mesh_builder::MeshBuilder;
use crate::rendering::ui_command::{Selected, Selection};

/// Marker of the ring.
#[derive(Component)]
struct Ring;

/// Adds the systems that draw the ring.
pub(super) fn plugin(app: &mut App) {
    app.add_systems(Startup, prepare)
        .add_systems(Update, follow.in_set(FrameSystems::Draw));
}

fn prepare(mut commands: Commands, mut meshes: ResMut<Assets<Mesh>>, mut materials: ResMut<Assets<StandardMaterial>>) {
    let mut builder = MeshBuilder::default();
    let paint = VertexPaint::plain([1.0; 3]);
    builder.ring(Transform::IDENTITY, 0.985, 1.0, 48, &paint);
    // Eight arcs around a fine line.
    for arc in 0..8 {
        let steps = 5;
        let corners: Vec<[u32; 2]> = (0..=steps)
            .map(|step| {
                let angle = std::f32::consts::TAU * (arc as f32 + 0.55 * step as f32 / steps as f32) / 8.0;
                let out = Vec3::new(angle.cos(), 0.0, -angle.sin());
                [1.03, 1.10].map(|radius| builder.vertex(out * radius, Vec3::Y, &paint))
            })
            .collect();
        for pair in corners.windows(2) {
            let ([inner, outer], [next_inner, next_outer]) = (pair[0], pair[1]);
            builder.triangle([inner, outer, next_outer]);
            builder.triangle([inner, next_outer, next_inner]);
        }
    }
    commands.spawn((
        Name::new("ring around what is selected"),
        Ring,
        Mesh3d(meshes.add(builder.into_mesh())),
        MeshMaterial3d(materials.add(StandardMaterial {
            base_color: Color::srgb(1.0, 0.95, 0.72),
            unlit: true,
            cull_mode: None,
            ..default()
        })),
        Transform::default(),
        Visibility::Hidden,
        NotShadowCaster,
    ));
}

fn follow(
    time: Res<Time>,
    shown: Res<FrameView>,
    selected: Res<Selected>,
    mut rings: Query<(&mut Transform, &mut Visibility), With<Ring>>,
) {
    let around = match selected.0 {
        None => None,
        Some(Selection::Robot) => Some((shown.robot().translation_m, shown.scenario.robot.radius_m * 1.35)),
        Some(Selection::Plant(number)) => shown.after.plants.get(number).and_then(|plant| {
            let species = shown.scenario.plants.species.get(plant.species)?;
            let place_m = Vec3::new(plant.position_m.x, 0.0, plant.position_m.y);
            Some((place_m, species.crown_radius_m * 1.3 + 0.05))
        }),
    };
    for (mut transform, mut visibility) in &mut rings {
        let Some((place_m, radius_m)) = around else {
            visibility.set_if_neq(Visibility::Hidden);
            continue;
        };
        visibility.set_if_neq(Visibility::Inherited);
        let breath = 1.0 + 0.03 * (time.elapsed_secs() * 3.0).sin();
        *transform = Transform::from_translation(place_m + Vec3::Y * (MARKS_M + 0.03))
            .with_rotation(Quat::from_rotation_y(time.elapsed_secs() * 0.4))
            .with_scale(Vec3::new(radius_m * breath, 1.0, radius_m * breath));
    }
}
