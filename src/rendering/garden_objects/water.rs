//! The jet: drops that fly from the nozzle to the target and splash there.
//!
//! Drops are decoration. Their flight is a function of their number and the time, so no entities are spawned or despawned: a
//! fixed set of drops flies while the pump runs, and is hidden otherwise.

use bevy::light::NotShadowCaster;
use bevy::prelude::*;

use super::damped_spring::decorative_s;
use super::robot::Built;
use super::vertex_paint::VertexPaint;
use crate::live::WateringView;
use crate::rendering::FrameSystems;
use crate::rendering::chance::Chance;
use crate::rendering::frame_view::{FrameView, GardenReplaced};
use crate::rendering::mesh_builder::MeshBuilder;
use crate::rendering::quality::Quality;

/// Duration of a drop's flight, in seconds.
const FLIGHT_S: f32 = 0.42;
/// Duration of a splash, in seconds.
const SPLASH_S: f32 = 0.34;
/// Fraction of the drops that splash.
const SPLASHING: f32 = 0.35;

/// A drop, with its number.
#[derive(Component)]
struct Drop(usize);

/// State of the jet in the last frame.
#[derive(Resource, Default)]
struct Jet {
    drawn_for: Option<Quality>,
    drops: usize,
    /// Strength, in 0..1.
    flow: f32,
    /// Decorative time so far, in seconds.
    flown_s: f32,
    /// Target, in metres.
    target_m: Vec3,
}

/// Adds the systems that draw the jet.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Jet>()
        .add_observer(|_: On<GardenReplaced>, mut jet: ResMut<Jet>| jet.flow = 0.0)
        .add_systems(Update, (fill, fly).chain().in_set(FrameSystems::Draw));
}

/// Spawns the number of drops for the quality.
fn fill(
    mut commands: Commands,
    quality: Res<Quality>,
    mut jet: ResMut<Jet>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<StandardMaterial>>,
    old: Query<Entity, With<Drop>>,
) {
    if jet.drawn_for == Some(*quality) {
        return;
    }
    jet.drawn_for = Some(*quality);
    for entity in &old {
        commands.entity(entity).despawn();
    }
    jet.drops = match *quality {
        Quality::Low => 30,
        Quality::Medium => 70,
        Quality::High => 120,
    };
    let mut builder = MeshBuilder::default();
    builder.ball(Vec3::ZERO, Vec3::ONE, 6, 4, &VertexPaint::plain([1.0; 3]));
    let mesh = meshes.add(builder.into_mesh());
    let material = materials.add(StandardMaterial {
        base_color: Color::srgb(0.50, 0.78, 0.98),
        emissive: LinearRgba::rgb(0.04, 0.12, 0.22),
        perceptual_roughness: 0.12,
        reflectance: 0.6,
        ..default()
    });
    for number in 0..jet.drops {
        commands.spawn((
            Name::new("drop"),
            Drop(number),
            Mesh3d(mesh.clone()),
            MeshMaterial3d(material.clone()),
            Transform::default(),
            Visibility::Hidden,
            NotShadowCaster,
        ));
    }
}

/// Returns the end of a jet that hits no plant.
pub(super) fn jet_end_m(shown: &FrameView) -> Vec3 {
    let robot = shown.robot();
    robot.translation_m + robot.rotation * Vec3::X * shown.scenario.robot.jet_reach_m * 0.92
}

fn fly(time: Res<Time>, shown: Res<FrameView>, mut jet: ResMut<Jet>, mut drops: Query<(&Drop, &mut Transform, &mut Visibility)>) {
    let frame_s = decorative_s(&time, &shown);
    jet.flown_s = (jet.flown_s + frame_s) % 600.0;
    let robot = shown.robot();
    let built = Built::new(&shown.scenario.robot);
    let from_m = robot.translation_m + robot.rotation * built.nozzle();
    let (wanted, target_m) = match shown.after.watering {
        _ if !shown.after.robot.pump_on => (0.0, None),
        WateringView::Off => (0.0, None),
        WateringView::Dry => (0.16, Some(from_m + robot.rotation * Vec3::X * 0.14 - Vec3::Y * from_m.y)),
        WateringView::Ground => (1.0, Some(jet_end_m(&shown))),
        WateringView::Plant { number, .. } => (1.0, plant_target_m(&shown, number, from_m)),
    };
    if let Some(target_m) = target_m {
        jet.target_m = target_m;
    }
    // A paused picture shows the current state at once, without a transition.
    jet.flow = if shown.speed == 0.0 {
        wanted
    } else {
        jet.flow + (wanted - jet.flow) * (1.0 - (-frame_s * 14.0).exp())
    };
    let flying = ((1.0 - SPLASHING) * jet.drops as f32) as usize;
    for (drop, mut transform, mut visibility) in &mut drops {
        let mut chance = Chance::of_object(drop.0 as u64);
        if jet.flow < 0.04 || chance.unit() > jet.flow {
            visibility.set_if_neq(Visibility::Hidden);
            continue;
        }
        visibility.set_if_neq(Visibility::Inherited);
        *transform = if drop.0 < flying {
            flight(&jet, drop.0 as f32 / flying as f32, from_m, &mut chance)
        } else {
            splash(&jet, &mut chance)
        };
    }
}

/// Returns the point at which the water meets a plant: its soil, on the near side.
fn plant_target_m(shown: &FrameView, number: usize, from_m: Vec3) -> Option<Vec3> {
    let view = shown.after.plants.get(number)?;
    let species = shown.scenario.plants.species.get(view.species)?;
    let middle = Vec3::new(view.position_m.x, 0.0, view.position_m.y);
    let near = (from_m - middle).with_y(0.0).normalize_or(Vec3::X);
    Some(middle + near * species.crown_radius_m * 0.45 + Vec3::Y * 0.05)
}

/// Returns the transform of a drop in flight.
fn flight(jet: &Jet, share: f32, from_m: Vec3, chance: &mut Chance) -> Transform {
    let along = (jet.flown_s / FLIGHT_S + share).fract();
    let spread = chance.vector() * Vec3::new(0.07, 0.03, 0.07);
    let distance_m = from_m.distance(jet.target_m);
    let at = |along: f32| {
        let rise_m = 4.0 * along * (1.0 - along) * (0.10 + 0.16 * distance_m);
        from_m.lerp(jet.target_m, along) + Vec3::Y * rise_m + spread * along
    };
    let here = at(along);
    let towards = (at(along + 0.02) - here).normalize_or(Vec3::X);
    let size_m = chance.between(0.008, 0.014) * (1.0 + 0.3 * along);
    Transform::from_translation(here)
        .with_rotation(Quat::from_rotation_arc(Vec3::X, towards))
        .with_scale(Vec3::new(1.9, 1.0, 1.0) * size_m)
}

/// Returns the transform of a splashing drop.
fn splash(jet: &Jet, chance: &mut Chance) -> Transform {
    let along = (jet.flown_s / SPLASH_S + chance.unit()).fract();
    let (sine, cosine) = (chance.unit() * std::f32::consts::TAU).sin_cos();
    let speed = chance.between(0.10, 0.42);
    let rise_m = chance.between(0.4, 1.0) * 0.30 * along * (1.0 - along) * 2.0;
    let out = Vec3::new(cosine, 0.0, sine) * speed * along * SPLASH_S * 1.6;
    let size_m = chance.between(0.006, 0.011) * (1.0 - 0.6 * along);
    Transform::from_translation(jet.target_m + out + Vec3::Y * rise_m).with_scale(Vec3::splat(size_m))
}
