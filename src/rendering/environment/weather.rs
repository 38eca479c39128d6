//! Precipitation: petals, leaves, snowflakes and rain, and the puddles and ice that they leave on the ground.
//!
//! All of it is always present in the meshes. The shader shows the amount that the season and the sky require, and moves it as a
//! function of time.

use crate::rendering::chance::Chance;
use bevy::prelude::*;

use super::amounts::Amounts;
use super::clay::Clay;
use super::grass::build_flake;
use super::land::Land;
use super::palette::Paint;
use crate::rendering::mesh_builder::{MeshBuilder, Surface};

/// Distance from the plot up to which objects fall, in metres.
const BEYOND_M: f32 = 7.0;

/// Kinds of falling objects, as the shader numbers them.
const PETAL: f32 = 0.0;
const LEAF: f32 = 1.0;
const FLAKE: f32 = 2.0;
const DROP: f32 = 3.0;

/// Returns the surface of a falling object, with a random position and phase. The height of its anchor is a fraction of the way.
fn falling(land: &Land, paint: Paint, kind: f32, chance: &mut Chance) -> Clay {
    let reach = land.half_m + BEYOND_M;
    Clay {
        fourth: kind,
        phase: chance.unit(),
        size: chance.unit(),
        anchor: Vec3::new(chance.between(-reach, reach), chance.unit(), chance.between(-reach, reach)),
        ..Clay::of(paint).shaded(chance.between(0.92, 1.06))
    }
}

/// Builds petals, leaves and snowflakes.
pub(super) fn build_falling(land: &Land, amounts: &Amounts, into: &mut MeshBuilder<Clay>) {
    let mut chance = Chance::of_scenery(61);
    for _ in 0..amounts.falling {
        let clay = falling(land, Paint::Petal, PETAL, &mut chance);
        build_flake(Vec3::ZERO, chance.between(0.034, 0.052), 0.62, 0.0, 0.0, clay, into);
        let paint = if chance.unit() < 0.55 {
            Paint::FallenLeaf
        } else {
            Paint::FallenYellow
        };
        let clay = falling(land, paint, LEAF, &mut chance);
        build_flake(Vec3::ZERO, chance.between(0.05, 0.085), 0.55, 0.0, 0.0, clay, into);
    }
    for _ in 0..amounts.falling * 3 {
        let clay = falling(land, Paint::Flake, FLAKE, &mut chance);
        let radius = chance.between(0.013, 0.026);
        let corners: Vec<Vec3> = (0..6)
            .map(|corner| {
                let angle = std::f32::consts::TAU * corner as f32 / 6.0;
                Vec3::new(angle.cos(), 0.0, angle.sin()) * radius
            })
            .collect();
        into.face_with_normal(&corners, Vec3::Y, clay);
    }
}

/// Builds streaks of rain. Their opacity is stored in the normals, as they are not lit.
pub(super) fn build_rain(land: &Land, amounts: &Amounts, into: &mut MeshBuilder<Clay>) {
    let mut chance = Chance::of_scenery(62);
    for _ in 0..amounts.drops {
        let clay = falling(land, Paint::Rain, DROP, &mut chance);
        let (half, long) = (0.0055, chance.between(0.22, 0.42));
        let corners = [
            Vec3::new(-half, -long, 0.0),
            Vec3::new(half, -long, 0.0),
            Vec3::new(half, long, 0.0),
            Vec3::new(-half, long, 0.0),
        ];
        into.face_with_normal(&corners, Vec3::new(chance.between(0.3, 0.5), 0.0, 0.0), clay);
    }
}

/// Builds rings where drops hit the lawn.
pub(super) fn build_splashes(land: &Land, amounts: &Amounts, into: &mut MeshBuilder<Clay>) {
    let mut chance = Chance::of_scenery(63);
    let reach = land.half_m - 0.6;
    for _ in 0..amounts.splashes {
        let clay = Clay {
            phase: chance.unit(),
            size: chance.unit(),
            anchor: Vec3::new(chance.between(-reach, reach), 0.0, chance.between(-reach, reach)),
            ..Clay::of(Paint::Rain)
        };
        let radius = chance.between(0.05, 0.1);
        let sides = 7;
        let at = |corner: usize, radius: f32| {
            let angle = std::f32::consts::TAU * corner as f32 / sides as f32;
            Vec3::new(angle.cos(), 0.0, angle.sin()) * radius
        };
        for side in 0..sides {
            let corners = [
                at(side, 0.8 * radius),
                at(side + 1, 0.8 * radius),
                at(side + 1, radius),
                at(side, radius),
            ];
            into.face_with_normal(&corners, Vec3::Y, clay);
        }
    }
}

/// Builds puddles and sheets of ice on the lawn, thin as paint.
pub(super) fn build_sheen(land: &Land, into: &mut MeshBuilder<Clay>) {
    let mut chance = Chance::of_scenery(64);
    let reach = land.half_m - 0.9;
    let count = (10.0 * land.half_m * land.half_m / 16.0).clamp(5.0, 60.0) as usize;
    for number in 0..count * 2 {
        let ice = number % 2 == 1;
        let middle = Vec3::new(
            chance.between(-reach, reach),
            0.007 + 0.0006 * (number % 5) as f32,
            chance.between(-reach, reach),
        );
        let clay = Clay {
            phase: chance.unit() * 0.8,
            anchor: middle,
            // The number of the paint distinguishes ice from water; the colour is the shade itself.
            paint: if ice { Paint::Snow } else { Paint::Lawn },
            shade: if ice { 0.78 } else { 0.30 },
            warm: if ice { -0.16 } else { -0.1 },
            fourth: if ice { 0.55 } else { 0.75 },
            ..Clay::of(Paint::Lawn)
        };
        let (long, wide) = (chance.between(0.35, 0.85), chance.between(0.25, 0.6));
        let turn = Quat::from_rotation_y(chance.between(0.0, 6.3));
        let sides = 14;
        let wave = chance.between(0.0, 6.3);
        let rim: Vec<Vec3> = (0..sides)
            .map(|corner| {
                let angle = std::f32::consts::TAU * corner as f32 / sides as f32;
                let radius = 1.0 + 0.16 * (3.0 * angle + wave).sin() + chance.between(-0.06, 0.06);
                middle + turn * Vec3::new(angle.cos() * long, 0.0, angle.sin() * wide) * radius
            })
            .collect();
        let edge = Clay { fourth: 0.0, ..clay };
        for corner in 0..sides {
            let (here, next) = (rim[corner], rim[(corner + 1) % sides]);
            let inner = |place: Vec3| middle.lerp(place, 0.82);
            into.face_of(&[middle, inner(next), inner(here)], Vec3::Y, &[clay; 3]);
            into.face_of(&[inner(here), inner(next), next, here], Vec3::Y, &[clay, clay, edge, edge]);
        }
    }
}
