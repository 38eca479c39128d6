//! Rings around the plants that the policy would treat wrongly.

use bevy::light::NotShadowCaster;
use bevy::prelude::*;

use super::ground::MARKS_M;
use super::vertex_paint::VertexPaint;
use crate::rendering::FrameSystems;
use crate::rendering::frame_view::FrameView;
use crate::rendering::hud::ALBUM_PANEL;
use crate::rendering::mesh_builder::MeshBuilder;
use crate::rendering::ui_command::Panels;

/// Marker of a ring, with the place of its plant in the list of misjudged ones.
#[derive(Component)]
struct Ring(usize);

/// Mesh and material that all rings share.
#[derive(Resource)]
struct RingLook(Handle<Mesh>, Handle<StandardMaterial>);

/// Adds the systems that draw the rings.
pub(super) fn plugin(app: &mut App) {
    app.add_systems(Startup, prepare)
        .add_systems(Update, (spawn_missing, follow).chain().in_set(FrameSystems::Draw));
}

fn prepare(mut commands: Commands, mut meshes: ResMut<Assets<Mesh>>, mut materials: ResMut<Assets<StandardMaterial>>) {
    let mut builder = MeshBuilder::default();
    builder.ring(Transform::IDENTITY, 0.86, 1.0, 40, &VertexPaint::plain([1.0; 3]));
    commands.insert_resource(RingLook(
        meshes.add(builder.into_mesh()),
        materials.add(StandardMaterial {
            base_color: Color::srgb(0.94, 0.30, 0.22),
            unlit: true,
            cull_mode: None,
            ..default()
        }),
    ));
}

/// Rings are shown with the panel that explains them.
fn are_shown(panels: &Panels) -> bool {
    panels.shows(ALBUM_PANEL.name)
}

fn spawn_missing(mut commands: Commands, shown: Res<FrameView>, look: Res<RingLook>, rings: Query<(), With<Ring>>) {
    for number in rings.iter().len()..shown.after.misjudged.len() {
        commands.spawn((
            Name::new("ring around a plant that would be treated wrongly"),
            Ring(number),
            Mesh3d(look.0.clone()),
            MeshMaterial3d(look.1.clone()),
            Transform::default(),
            Visibility::Hidden,
            NotShadowCaster,
        ));
    }
}

fn follow(shown: Res<FrameView>, panels: Res<Panels>, mut rings: Query<(&Ring, &mut Transform, &mut Visibility)>) {
    for (ring, mut transform, mut visibility) in &mut rings {
        let plant = shown
            .after
            .misjudged
            .get(ring.0)
            .and_then(|number| shown.after.plants.get(*number));
        let around = plant.filter(|_| are_shown(&panels)).and_then(|plant| {
            let species = shown.scenario.plants.species.get(plant.species)?;
            Some((plant.position_m, species.crown_radius_m * 1.15 + 0.08))
        });
        let Some((position_m, radius_m)) = around else {
            visibility.set_if_neq(Visibility::Hidden);
            continue;
        };
        visibility.set_if_neq(Visibility::Inherited);
        transform.set_if_neq(
            Transform::from_xyz(position_m.x, MARKS_M + 0.02, position_m.y).with_scale(Vec3::new(radius_m, 1.0, radius_m)),
        );
    }
}
