//! The water butt: a wooden barrel with iron hoops, a tap and visible water.

use bevy::prelude::*;

use super::damped_spring::decorative_s;
use super::vertex_paint::VertexPaint;
use crate::rendering::FrameSystems;
use crate::rendering::frame_view::{FrameView, GardenReplaced};
use crate::rendering::mesh_builder::MeshBuilder;
use crate::scenario::Tank;

const IRON: [f32; 3] = [0.23, 0.25, 0.29];
const BRASS: [f32; 3] = [0.88, 0.64, 0.27];
const STONE: [f32; 3] = [0.58, 0.56, 0.54];

/// Marker of the barrel.
#[derive(Component)]
struct DrawnButt;

/// Marker of the water in the barrel.
#[derive(Component)]
struct ButtWater;

/// The tank for which the barrel was built, in this garden.
#[derive(Resource, Default)]
struct ButtCache(Option<Option<Tank>>);

/// Adds the systems that draw the butt.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<ButtCache>()
        .add_observer(|_: On<GardenReplaced>, mut cache: ResMut<ButtCache>| cache.0 = None)
        .add_systems(Update, (build, ripple).chain().in_set(FrameSystems::Draw));
}

fn build(
    mut commands: Commands,
    shown: Res<FrameView>,
    mut cache: ResMut<ButtCache>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<StandardMaterial>>,
    old: Query<Entity, With<DrawnButt>>,
) {
    let wanted = &shown.scenario.robot.tank;
    if cache.0.as_ref() == Some(wanted) {
        return;
    }
    for entity in &old {
        commands.entity(entity).despawn();
    }
    if let Some((tank, place_m)) = wanted.as_ref().zip(shown.after.butt_m) {
        // The tap faces the middle of the garden.
        let turn = Quat::from_rotation_arc(Vec3::X, (-Vec3::new(place_m.x, 0.0, place_m.y)).normalize_or(Vec3::X));
        let mut water = MeshBuilder::default();
        let wet = VertexPaint::plain([0.20, 0.50, 0.72]);
        water.turned(
            Transform::IDENTITY,
            &[Vec2::new(tank.butt_radius_m * 0.86, 0.0), Vec2::new(0.0, 0.0)],
            20,
            &wet,
        );
        commands
            .spawn((
                Name::new("water butt"),
                DrawnButt,
                Mesh3d(meshes.add(barrel(tank).into_mesh())),
                MeshMaterial3d(materials.add(StandardMaterial {
                    perceptual_roughness: 0.65,
                    reflectance: 0.35,
                    ..default()
                })),
                Transform::from_xyz(place_m.x, 0.0, place_m.y).with_rotation(turn),
            ))
            .with_child((
                Name::new("water in the butt"),
                ButtWater,
                Mesh3d(meshes.add(water.into_mesh())),
                MeshMaterial3d(materials.add(StandardMaterial {
                    perceptual_roughness: 0.06,
                    reflectance: 0.8,
                    ..default()
                })),
                Transform::from_xyz(0.0, tank.butt_height_m * 0.9, 0.0),
            ));
    }
    cache.0 = Some(wanted.clone());
}

/// Builds staves, hoops, tap and the stones below.
fn barrel(tank: &Tank) -> MeshBuilder<VertexPaint> {
    let mut builder = MeshBuilder::default();
    let (radius_m, height_m) = (tank.butt_radius_m, tank.butt_height_m);
    let paint = VertexPaint::plain(tank.butt_colour.to_array());
    let girth = |share: f32| radius_m * (0.86 + 0.14 * (std::f32::consts::PI * share).sin());
    let staves = 16;
    for stave in 0..staves {
        // Each stave has its own shade, with a gap to the next.
        let light = 0.88 + 0.05 * ((stave * 7) % 5) as f32;
        let middle = std::f32::consts::TAU * stave as f32 / staves as f32;
        let half = std::f32::consts::PI / staves as f32 * 0.94;
        let rows = 6;
        let mut below = None;
        for row in 0..=rows {
            let share = row as f32 / rows as f32;
            let at =
                |angle: f32, out_m: f32| Vec3::new(angle.cos() * out_m, 0.05 + share * (height_m - 0.05), -angle.sin() * out_m);
            let outward = Vec3::new(middle.cos(), 0.0, -middle.sin());
            let paint = paint.shade(light * (0.8 + 0.25 * share));
            let first = [
                (-half, girth(share) * 0.985),
                (0.0, girth(share)),
                (half, girth(share) * 0.985),
            ]
            .map(|(offset, out_m)| builder.vertex(at(middle + offset, out_m), outward, &paint))[0];
            if let Some(below) = below {
                for strip in 0..2 {
                    let (lower, upper) = (below + strip, first + strip);
                    builder.triangle([lower, lower + 1, upper + 1]);
                    builder.triangle([lower, upper + 1, upper]);
                }
            }
            below = Some(first);
        }
    }
    let point = |share: f32, out: f32| Vec2::new(girth(share) * out, 0.05 + share * (height_m - 0.05));
    // The dark inside and the rim.
    builder.turned(
        Transform::IDENTITY,
        &[point(0.0, 0.97), point(0.5, 0.97), point(1.0, 0.97)],
        20,
        &paint.shade(0.35),
    );
    builder.turned(
        Transform::IDENTITY,
        &[point(1.0, 1.0), point(1.0, 0.86)],
        20,
        &paint.shade(1.2),
    );
    builder.turned(
        Transform::IDENTITY,
        &[point(1.0, 0.86), point(0.8, 0.86)],
        20,
        &paint.shade(0.4),
    );
    for share in [0.1, 0.36, 0.64, 0.9] {
        let hoop = [
            point(share - 0.028, 1.0),
            point(share - 0.024, 1.03),
            point(share + 0.024, 1.03),
            point(share + 0.028, 1.0),
        ];
        builder.turned(Transform::IDENTITY, &hoop, 20, &VertexPaint::plain(IRON));
    }
    // The tap.
    let from = Vec3::new(girth(0.22), height_m * 0.24, 0.0);
    let size_m = radius_m / 0.35;
    let spout = [
        from - Vec3::X * 0.02,
        from + Vec3::X * 0.05 * size_m,
        from + Vec3::new(0.085, -0.012, 0.0) * size_m,
        from + Vec3::new(0.09, -0.05, 0.0) * size_m,
    ];
    builder.tube(&spout, &[0.018 * size_m, 0.016 * size_m], 8, |_| VertexPaint::plain(BRASS));
    let handle = Transform::from_translation(from + Vec3::new(0.055, 0.035, 0.0) * size_m);
    builder.cuboid(handle, Vec3::new(0.008, 0.02, 0.008) * size_m, &VertexPaint::plain(BRASS));
    builder.cuboid(
        Transform::from_translation(handle.translation + Vec3::Y * 0.022 * size_m),
        Vec3::new(0.008, 0.007, 0.036) * size_m,
        &VertexPaint::plain(BRASS),
    );
    let base = [(0.0, 0.001), (1.06, 0.001), (1.04, 0.055), (0.0, 0.06)].map(|(out, up)| Vec2::new(out * radius_m * 0.9, up));
    builder.turned_sharp(Transform::IDENTITY, &base, 10, &VertexPaint::plain(STONE));
    builder
}

/// Animates small waves on the water.
fn ripple(time: Res<Time>, shown: Res<FrameView>, mut lived_s: Local<f32>, mut waters: Query<&mut Transform, With<ButtWater>>) {
    *lived_s = (*lived_s + decorative_s(&time, &shown)) % 600.0;
    let Some(tank) = &shown.scenario.robot.tank else { return };
    for mut water in &mut waters {
        water.translation.y = tank.butt_height_m * 0.9 + 0.006 * (*lived_s * 1.7).sin();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_barrel_is_as_big_as_stated() {
        let tank = Tank::default();
        let builder = barrel(&tank);
        let highest_m = builder.positions.iter().map(|position| position[1]).fold(0.0, f32::max);
        assert!((highest_m - tank.butt_height_m).abs() < 0.01);
        assert!(builder.positions.iter().flatten().all(|number| number.is_finite()));
    }
}
