//! Spawns and despawns the surroundings: one mesh for each kind of object.
//!
//! They depend only on the plot and on the quality, and are rebuilt if one of these changes.

use bevy::camera::visibility::NoFrustumCulling;
use bevy::light::NotShadowCaster;
use bevy::prelude::*;

use super::ambience::Ambience;
use super::land::Land;
use super::material::{Air, GardenMaterial, Kind};
use super::sculpt::SceneryMeshBuilder;
use super::{grass, house, sky, walls, weather, woods};
use crate::rendering::frame_view::FrameView;
use crate::rendering::quality::Quality;

/// Number of objects of each kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Amounts {
    /// Tufts on a lawn of 8 m by 8 m.
    pub(super) lawn_tufts: usize,
    /// Tufts around the lawn.
    pub(super) meadow_tufts: usize,
    /// Blades per tuft.
    pub(super) blades_per_tuft: usize,
    /// Maximum number of petals and leaves on a lawn of 8 m by 8 m.
    pub(super) litter: usize,
    /// Flowers of the meadow.
    pub(super) flowers: usize,
    /// Petals in the air. There are as many leaves, and three times as many snowflakes.
    pub(super) falling: usize,
    /// Raindrops in the air.
    pub(super) drops: usize,
    /// Rings of raindrops on the ground.
    pub(super) splashes: usize,
    /// Trees.
    pub(super) trees: usize,
    /// Bushes and boulders.
    pub(super) bushes: usize,
    /// Level of detail of lumps.
    pub(super) lump_detail: u32,
    /// Distance from the plot, in metres, up to which lumps have this detail.
    pub(super) fine_until_m: f32,
    /// Maximum number of clouds.
    pub(super) clouds: usize,
    /// `true` if the shade of trees is painted, because there are no shadow maps.
    pub(super) painted_shade: bool,
}

impl Amounts {
    fn of(quality: Quality) -> Self {
        match quality {
            Quality::Low => Self {
                lawn_tufts: 1_800,
                meadow_tufts: 1_900,
                blades_per_tuft: 3,
                litter: 560,
                flowers: 220,
                falling: 190,
                drops: 420,
                splashes: 40,
                trees: 36,
                bushes: 26,
                lump_detail: 1,
                fine_until_m: 15.0,
                clouds: 9,
                painted_shade: true,
            },
            Quality::Medium => Self {
                lawn_tufts: 3_600,
                meadow_tufts: 5_500,
                blades_per_tuft: 5,
                litter: 1_300,
                flowers: 420,
                falling: 260,
                drops: 1_100,
                splashes: 130,
                trees: 90,
                bushes: 60,
                lump_detail: 1,
                fine_until_m: 60.0,
                clouds: 14,
                painted_shade: false,
            },
            Quality::High => Self {
                lawn_tufts: 9_000,
                meadow_tufts: 15_000,
                blades_per_tuft: 6,
                litter: 2_200,
                flowers: 800,
                falling: 420,
                drops: 2_200,
                splashes: 260,
                trees: 130,
                bushes: 90,
                lump_detail: 2,
                fine_until_m: 30.0,
                clouds: 14,
                painted_shade: false,
            },
        }
    }
}

/// An entity of the surroundings, with its kind.
#[derive(Component, Clone, Copy, Debug)]
pub(super) struct Surrounding(pub(super) Kind);

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
    for kind in Kind::ALL {
        let mut sculpture = SceneryMeshBuilder::default();
        let name = sculpt(kind, &land, &amounts, &mut sculpture);
        if sculpture.is_empty() {
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
            Mesh3d(meshes.add(sculpture.mesh())),
            MeshMaterial3d(materials.add(material)),
            Transform::default(),
            NoFrustumCulling,
        ));
        if kind != Kind::Solid {
            entity.insert(NotShadowCaster);
        }
    }
}

/// Builds one kind of object, and returns its name.
fn sculpt(kind: Kind, land: &Land, amounts: &Amounts, into: &mut SceneryMeshBuilder) -> &'static str {
    match kind {
        Kind::Solid => {
            land.sculpt(into);
            walls::sculpt(land, into);
            woods::sculpt(land, amounts, into);
            house::sculpt(land, into);
            "ground, walls, trees and house"
        }
        Kind::Blades => {
            grass::sculpt_blades(land, amounts, into);
            "grass"
        }
        Kind::Litter => {
            grass::sculpt_litter(land, amounts, into);
            grass::sculpt_drifts(land, into);
            "flowers, fallen leaves and petals"
        }
        Kind::Falling => {
            weather::sculpt_falling(land, amounts, into);
            "falling petals, leaves and snow"
        }
        Kind::Rain => {
            weather::sculpt_rain(land, amounts, into);
            "rain"
        }
        Kind::Splash => {
            weather::sculpt_splashes(land, amounts, into);
            "splashes of rain"
        }
        Kind::Sheen => {
            weather::sculpt_sheen(land, into);
            "puddles and ice"
        }
        Kind::Cloud => {
            sky::sculpt_clouds(amounts, into);
            "clouds"
        }
        Kind::Sky => {
            sky::sculpt_dome(into);
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
fn is_there(kind: Kind, air: &Air) -> bool {
    const SOME: f32 = 0.01;
    let (season, weather) = (air.season, air.weather);
    match kind {
        Kind::Rain | Kind::Splash => weather.x > SOME,
        Kind::Sheen => weather.y.max(weather.z) > 0.05,
        Kind::Falling => season.x.max(season.y).max(season.z) > SOME,
        Kind::Litter => season.x.max(season.y).max(season.z).max(air.plot.w) > SOME,
        Kind::Solid | Kind::Blades | Kind::Cloud | Kind::Sky => true,
    }
}
