//! The sky dome, and clouds that drift over the hills.

use crate::rendering::chance::Chance;
use bevy::prelude::*;

use super::amounts::Amounts;
use super::clay::Clay;
use super::palette::Paint;
use crate::rendering::mesh_builder::MeshBuilder;

/// Radius of the dome, in metres. The dome follows the camera.
const DOME_M: f32 = 400.0;

/// Builds the dome. Its colours depend only on the direction, so it needs few faces.
pub(super) fn build_dome(into: &mut MeshBuilder<Clay>) {
    let (rings, sectors) = (8, 16);
    let at = |ring: usize, sector: usize| {
        let height = -0.5 + 2.0 * ring as f32 / rings as f32;
        let height_rad = (height * std::f32::consts::FRAC_PI_2).min(std::f32::consts::FRAC_PI_2);
        let angle = std::f32::consts::TAU * sector as f32 / sectors as f32;
        let (up, along) = height_rad.sin_cos();
        Vec3::new(along * angle.cos(), up, along * angle.sin()) * DOME_M
    };
    for ring in 0..rings {
        for sector in 0..sectors {
            let corners = [
                at(ring, sector),
                at(ring, sector + 1),
                at(ring + 1, sector + 1),
                at(ring + 1, sector),
            ];
            into.face_with_normal(&corners, Vec3::Y, Clay::of(Paint::Cloud));
        }
    }
}

/// Builds the clouds: groups of lumps with a flat base.
pub(super) fn build_clouds(amounts: &Amounts, into: &mut MeshBuilder<Clay>) {
    let mut chance = Chance::of_scenery(71);
    for number in 0..amounts.clouds {
        let angle = std::f32::consts::TAU * (number as f32 + chance.between(-0.3, 0.3)) / amounts.clouds as f32;
        let far = chance.between(85.0, 160.0);
        let middle = Vec3::new(angle.cos() * far, chance.between(26.0, 52.0), angle.sin() * far);
        let size = chance.between(5.0, 9.0);
        let across = Vec3::new(-angle.sin(), 0.0, angle.cos());
        let clay = Clay {
            anchor: middle,
            phase: (number as f32 * 0.618).fract(),
            sway: chance.between(0.3, 0.8),
            // The whole cloud appears and disappears at once.
            keeps_phase: true,
            ..Clay::of(Paint::Cloud)
        };
        for (along, up, part) in [
            (0.0, 0.25, 1.0),
            (-1.15, 0.0, 0.72),
            (1.1, 0.02, 0.78),
            (-1.95, -0.12, 0.42),
            (2.0, -0.1, 0.48),
        ] {
            let place = middle + across * along * size * chance.between(0.85, 1.1) + Vec3::Y * up * size;
            let radius = size * part * chance.between(0.9, 1.1);
            let radii = Vec3::new(1.0, 0.62, 0.9) * radius;
            into.lump(place, radii, amounts.lump_detail.max(1), 0.1, &mut chance, clay);
        }
    }
}
