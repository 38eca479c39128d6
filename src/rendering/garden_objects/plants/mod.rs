//! Plants, and the display of their thirst and wellbeing.
//!
//! Each shape has meshes for a few individuals, in three postures (see [`shape`]). The colour that shows thirst is exactly the
//! one in the robot's eye ([`FrameView::plant_colour`]). Even in scenarios where the robot can detect thirst only by colour, the
//! drawn plants droop.

mod bush;
mod hydrangea;
mod material;
mod shape;
mod sunflower;
#[cfg(test)]
mod tests;
mod tree;
mod tulip;

use bevy::light::NotShadowCaster;
use bevy::mesh::MeshTag;
use bevy::platform::collections::HashMap;
use bevy::prelude::*;

use material::{MOST_PLANTS, PlantMaterial, PlantRows, Rows};
use shape::PlantShape;

use super::damped_spring::{Spring, decorative_s};
use super::vertex_paint::VertexPaint;
use crate::rendering::FrameSystems;
use crate::rendering::chance::Chance;
use crate::rendering::frame_view::{FrameView, GardenReplaced};
use crate::rendering::mesh_builder::MeshBuilder;
use crate::rendering::quality::Quality;
use crate::rendering::scenery::Scenery;

/// Number of individuals per species that look different.
const VARIANTS: usize = 3;
/// Minimum wilting at full thirst, for scenarios in which the robot can detect thirst only by colour.
const LEAST_DROOP: f32 = 0.8;
/// Wellbeing below which leaves begin to fall.
const SPARSE_BELOW: f32 = 0.7;

/// A plant that is drawn.
#[derive(Component, Debug)]
struct DrawnPlant {
    /// Number of the plant in the garden.
    number: usize,
    /// Size relative to others of its kind.
    size: f32,
    /// Wilting, which follows thirst.
    wilt: Spring,
    /// Fraction of the plant that is gone, which follows wellbeing.
    gone: f32,
    /// Thirst in the last frame.
    thirst: f32,
    /// Hop of a plant that was watered.
    hop: Spring,
}

/// Resources shared between plants, and the state last drawn.
#[derive(Resource, Default)]
struct PlantCache {
    material: Handle<PlantMaterial>,
    rows: Rows,
    /// Meshes by shape, radius and height (as bits), and individual.
    meshes: HashMap<(u8, u32, u32, u64), Handle<Mesh>>,
    /// Quality of the meshes.
    quality: Option<Quality>,
    /// `true` if the plants of this garden are spawned.
    planted: bool,
}

/// Adds the systems that draw the plants.
pub(super) fn plugin(app: &mut App) {
    app.add_plugins(material::plugin)
        .init_resource::<PlantCache>()
        .add_observer(|_: On<GardenReplaced>, mut cache: ResMut<PlantCache>| cache.planted = false)
        .add_systems(Startup, prepare)
        .add_systems(Update, (plant, follow).chain().in_set(FrameSystems::Draw));
}

fn prepare(mut cache: ResMut<PlantCache>, mut materials: ResMut<Assets<PlantMaterial>>) {
    cache.material = materials.add(PlantMaterial {
        base: StandardMaterial {
            base_color: Color::WHITE,
            perceptual_roughness: 0.85,
            reflectance: 0.25,
            ..default()
        },
        extension: PlantRows::default(),
    });
}

/// Spawns the plants of a garden that is shown for the first time.
fn plant(
    mut commands: Commands,
    shown: Res<FrameView>,
    quality: Res<Quality>,
    mut cache: ResMut<PlantCache>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut standard: ResMut<Assets<StandardMaterial>>,
    old: Query<Entity, Or<(With<DrawnPlant>, With<Shade>)>>,
) {
    if cache.planted && cache.quality == Some(*quality) {
        return;
    }
    // Meshes of another quality are no longer needed.
    if cache.quality.replace(*quality) != Some(*quality) {
        cache.meshes.clear();
    }
    cache.planted = true;
    for entity in &old {
        commands.entity(entity).despawn();
    }
    let mut shade = MeshBuilder::default();
    for (number, view) in shown.after.plants.iter().enumerate().take(MOST_PLANTS) {
        let Some(species) = shown.scenario.plants.species.get(view.species) else {
            continue;
        };
        let mut chance = Chance::at(number, view.position_m);
        let plan = PlantShape {
            shape: species.shape,
            radius_m: species.crown_radius_m,
            height_m: species.height_m,
            variant: chance.below(VARIANTS) as u64,
            quality: *quality,
        };
        let key = (
            plan.shape as u8,
            plan.radius_m.to_bits(),
            plan.height_m.to_bits(),
            plan.variant,
        );
        let mesh = cache.meshes.entry(key).or_insert_with(|| meshes.add(plan.mesh())).clone();
        let size = chance.between(0.92, 1.0);
        let thirst = shown.plant(number).map_or(0.0, |plant| plant.thirst);
        shade_below(&mut shade, view.position_m, plan.radius_m * 1.25);
        commands.spawn((
            Name::new(format!("plant {number} ({})", species.name)),
            DrawnPlant {
                number,
                size,
                wilt: Spring::at(wilt(thirst, shown.scenario.plants.droop)),
                gone: gone(view.wellbeing),
                thirst,
                hop: Spring::at(0.0),
            },
            Mesh3d(mesh),
            MeshMaterial3d(cache.material.clone()),
            MeshTag(number as u32),
            Transform::from_xyz(view.position_m.x, 0.0, view.position_m.y)
                .with_rotation(Quat::from_rotation_y(chance.unit() * std::f32::consts::TAU))
                .with_scale(Vec3::splat(size)),
        ));
    }
    if shade.is_empty() {
        return;
    }
    commands.spawn((
        Name::new("shade under the plants"),
        Shade,
        Mesh3d(meshes.add(super::ground::transparent_mesh(shade))),
        MeshMaterial3d(standard.add(super::ground::transparent_material(1.0))),
        Transform::from_xyz(0.0, super::ground::SHADE_M, 0.0),
        NotShadowCaster,
    ));
}

/// Marker of the soft dark patch under the plants, which connects them visually to the ground.
#[derive(Component)]
struct Shade;

fn shade_below(builder: &mut MeshBuilder<VertexPaint>, place_m: Vec2, radius_m: f32) {
    super::ground::soft_disc(
        builder,
        Vec3::new(place_m.x, 0.0, place_m.y),
        radius_m,
        [0.06, 0.07, 0.05],
        0.42,
    );
}

/// Returns the wilting of a plant with this thirst.
fn wilt(thirst: f32, droop: f32) -> f32 {
    thirst * (LEAST_DROOP + (1.0 - LEAST_DROOP) * droop)
}

/// Returns the fraction of a plant that is gone: up to half while it lives, all when it is dead.
fn gone(wellbeing: f32) -> f32 {
    if wellbeing <= 0.0 {
        1.0
    } else {
        0.5 * ((SPARSE_BELOW - wellbeing) / SPARSE_BELOW).clamp(0.0, 1.0)
    }
}

/// Updates colours and postures.
fn follow(
    time: Res<Time>,
    shown: Res<FrameView>,
    scenery: Res<Scenery>,
    mut cache: ResMut<PlantCache>,
    mut materials: ResMut<Assets<PlantMaterial>>,
    mut plants: Query<(&mut DrawnPlant, &mut Transform)>,
) {
    let frame_s = decorative_s(&time, &shown);
    let mut rows = Rows {
        air: Vec4::new(
            scenery.snow,
            scenery.blossom,
            if shown.before.sky.rains { 1.5 } else { 1.0 },
            0.0,
        ),
        ..default()
    };
    for (mut drawn, mut transform) in &mut plants {
        let number = drawn.number;
        let Some((plant, colour)) = shown.plant(number).zip(shown.plant_colour(number)) else {
            continue;
        };
        let drawn = &mut *drawn;
        // The plant was watered: it hops.
        if plant.thirst < drawn.thirst - 0.02 && shown.speed <= 8.0 {
            drawn.hop.push((drawn.thirst - plant.thirst) * 9.0);
        }
        drawn.thirst = plant.thirst;
        drawn
            .wilt
            .follow(wilt(plant.thirst, shown.scenario.plants.droop), 60.0, 0.55, frame_s);
        drawn.hop.follow(0.0, 180.0, 0.22, frame_s);
        let towards = gone(plant.wellbeing);
        drawn.gone += (towards - drawn.gone) * (1.0 - (-3.0 * frame_s).exp());
        let hop = drawn.hop.value.clamp(-0.3, 0.3);
        let scale = drawn.size * Vec3::new(1.0 - 0.4 * hop, 1.0 + hop, 1.0 - 0.4 * hop);
        if (scale - transform.scale).length() > 1e-4 {
            transform.scale = scale;
        }
        let [red, green, blue] = colour;
        let linear = Color::srgb(red, green, blue).to_linear();
        rows.colour[number] = Vec4::new(linear.red, linear.green, linear.blue, plant.moisture);
        rows.body[number] = Vec4::new(
            drawn.wilt.value.clamp(0.0, 1.1),
            drawn.gone,
            plant.wellbeing.clamp(0.0, 1.0),
            0.0,
        );
    }
    // A changed material is prepared again, so it is only changed if the difference is visible.
    if rows.differs_visibly(&cache.rows)
        && let Some(mut material) = materials.get_mut(&cache.material)
    {
        material.extension.rows = rows.clone();
        cache.rows = rows;
    }
}
