//! Spawns and despawns the surroundings: one mesh for each kind of object.
//!
//! They depend only on the plot and on the quality, and are rebuilt if one of these changes.

use bevy::camera::visibility::NoFrustumCulling;
use bevy::light::NotShadowCaster;
use bevy::prelude::*;

use super::ambience::Ambience;
use super::amounts::Amounts;
use super::clay::Clay;
use super::land::Land;
use super::material::{Air, GardenMaterial, SurroundingKind};
use super::{grass, house, sky, walls, weather, woods};
use crate::rendering::frame_view::FrameView;
use crate::rendering::mesh_builder::MeshBuilder;
use crate::rendering::quality::Quality;

/// An entity of the surroundings, with its kind.
#[derive(Component, Clone, Copy, Debug)]
pub(super) struct Surrounding(pub(super) SurroundingKind);

/// The plot and quality for which the surroundings were built.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct BuiltFor {
    land: Land,
    quality: Quality,
}

/// Builds the surroundings, unless they exist for this plot and quality.
pub(super) fn build(
    mut commands: Commands,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<GardenMaterial>>,
    shown: Res<FrameView>,
    quality: Res<Quality>,
    ambience: Res<Ambience>,
    standing: Query<Entity, With<Surrounding>>,
    mut built_for: Local<Option<BuiltFor>>,
) {
    let plot = &shown.scenario.plot;
    let land = Land {
        half_m: 0.5 * plot.side_m,
        wall_m: plot.wall_height_m,
    };
    let wanted = BuiltFor { land, quality: *quality };
    if *built_for == Some(wanted) {
        return;
    }
    *built_for = Some(wanted);
    for entity in &standing {
        commands.entity(entity).despawn();
    }

    let amounts = Amounts::of(*quality);
    for kind in SurroundingKind::ALL {
        let mut builder = MeshBuilder::default();
        let name = build_mesh(kind, &land, &amounts, &mut builder);
        if builder.is_empty() {
            continue;
        }
        let material = GardenMaterial {
            air: ambience.air,
            kind,
            shadows: *quality > Quality::Low,
        };
        let mut entity = commands.spawn((
            Name::new(name),
            Surrounding(kind),
            Mesh3d(meshes.add(builder.into_mesh())),
            MeshMaterial3d(materials.add(material)),
            Transform::default(),
            NoFrustumCulling,
        ));
        if kind != SurroundingKind::Solid {
            entity.insert(NotShadowCaster);
        }
    }
}

/// Builds one kind of object, and returns its name.
fn build_mesh(kind: SurroundingKind, land: &Land, amounts: &Amounts, into: &mut MeshBuilder<Clay>) -> &'static str {
    match kind {
        SurroundingKind::Solid => {
            land.build(into);
            walls::build(land, into);
            woods::build(land, amounts, into);
            house::build(land, into);
            "ground, walls, trees and house"
        }
        SurroundingKind::Blades => {
            grass::build_blades(land, amounts, into);
            "grass"
        }
        SurroundingKind::Litter => {
            grass::build_litter(land, amounts, into);
            grass::build_drifts(land, into);
            "flowers, fallen leaves and petals"
        }
        SurroundingKind::Falling => {
            weather::build_falling(land, amounts, into);
            "falling petals, leaves and snow"
        }
        SurroundingKind::Rain => {
            weather::build_rain(land, amounts, into);
            "rain"
        }
        SurroundingKind::Splash => {
            weather::build_splashes(land, amounts, into);
            "splashes of rain"
        }
        SurroundingKind::Sheen => {
            weather::build_sheen(land, into);
            "puddles and ice"
        }
        SurroundingKind::Cloud => {
            sky::build_clouds(amounts, into);
            "clouds"
        }
        SurroundingKind::Sky => {
            sky::build_dome(into);
            "sky"
        }
    }
}

/// Updates the materials after a visible change of the air, and hides kinds that are not present.
pub(super) fn tell_materials(
    ambience: Res<Ambience>,
    mut materials: ResMut<Assets<GardenMaterial>>,
    mut surroundings: Query<(&Surrounding, &MeshMaterial3d<GardenMaterial>, &mut Visibility)>,
) {
    /// Less than half of the smallest step of an 8-bit colour.
    const SEEN: f32 = 1.2e-3;
    let air = &ambience.air;
    for (surrounding, material, mut visibility) in &mut surroundings {
        let seen = if is_there(surrounding.0, air) {
            Visibility::Inherited
        } else {
            Visibility::Hidden
        };
        visibility.set_if_neq(seen);
        let stale = materials
            .get(&material.0)
            .is_some_and(|material| material.air.difference(air) > SEEN);
        if stale && let Some(mut material) = materials.get_mut(&material.0) {
            material.air = *air;
        }
    }
}

/// Returns `true` if objects of a kind are visible at present.
fn is_there(kind: SurroundingKind, air: &Air) -> bool {
    const SOME: f32 = 0.01;
    let (season, weather) = (air.season, air.weather);
    match kind {
        SurroundingKind::Rain | SurroundingKind::Splash => weather.x > SOME,
        SurroundingKind::Sheen => weather.y.max(weather.z) > 0.05,
        SurroundingKind::Falling => season.x.max(season.y).max(season.z) > SOME,
        SurroundingKind::Litter => season.x.max(season.y).max(season.z).max(air.plot.w) > SOME,
        SurroundingKind::Solid | SurroundingKind::Blades | SurroundingKind::Cloud | SurroundingKind::Sky => true,
    }
}
