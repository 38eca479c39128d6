//! A bush: a round mass of leaves from the ground up, made of several lobes.

use bevy::prelude::*;

use super::shape::{BARK, Foliage, Lobe, PlantShape, Posture, foliage};
use crate::rendering::chance::Chance;
use crate::rendering::garden_objects::vertex_paint::{PlantPart, VertexPaint};
use crate::rendering::mesh_builder::MeshBuilder;

pub(super) fn build(plan: &PlantShape, posture: Posture, chance: &mut Chance, builder: &mut MeshBuilder<VertexPaint>) {
    let (radius_m, height_m) = (plan.radius_m, plan.height_m);
    let mut lobes = vec![Lobe {
        centre: Vec3::new(0.0, height_m * 0.58, 0.0),
        wilted: Vec3::new(
            radius_m * 0.1 * chance.signed(),
            height_m * 0.4,
            radius_m * 0.1 * chance.signed(),
        ),
        radii: Vec3::new(radius_m * 0.62, height_m * 0.36, radius_m * 0.62),
    }];
    let count = 5;
    let turn = chance.unit() * 6.0;
    for lobe in 0..count {
        let (sine, cosine) = (turn + std::f32::consts::TAU * lobe as f32 / count as f32 + 0.25 * chance.signed()).sin_cos();
        let (out_m, up_m, size) = (
            radius_m * chance.between(0.40, 0.48),
            height_m * chance.between(0.30, 0.46),
            chance.between(0.42, 0.5),
        );
        lobes.push(Lobe {
            centre: Vec3::new(cosine * out_m, up_m, sine * out_m),
            wilted: Vec3::new(cosine * out_m * 1.12, up_m * 0.66, sine * out_m * 1.12),
            radii: Vec3::new(radius_m * size, height_m * size * 0.62, radius_m * size),
        });
    }
    for lobe in &lobes {
        let top = lobe.centre.lerp(lobe.wilted, posture.wilt);
        builder.tube(
            &[Vec3::ZERO, top * Vec3::new(0.7, 0.5, 0.7), top],
            &[0.016, 0.012, 0.004],
            4,
            |_| VertexPaint::plain(BARK),
        );
    }
    let paint = VertexPaint {
        own: [0.25, 0.5, 0.2],
        share: 1.0,
        shade: 1.0,
        sway_m: 0.008,
        part: PlantPart::Body,
        phase: 0.0,
    };
    let with = Foliage {
        paint,
        leaf_m: radius_m * 0.24,
        leaves: 430,
        blossoms: 14,
        snow: true,
    };
    foliage(plan, posture, &lobes, &with, chance, builder);
}
