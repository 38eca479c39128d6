//! A small tree: a forked trunk, a crown of several lobes, apples below it.

use bevy::prelude::*;

use super::shape::{BARK, Foliage, Lobe, PlantShape, Posture, foliage};
use crate::rendering::chance::Chance;
use crate::rendering::garden_objects::vertex_paint::{PlantPart, VertexPaint};
use crate::rendering::mesh_builder::MeshBuilder;

pub(super) fn build(plan: &PlantShape, posture: Posture, chance: &mut Chance, builder: &mut MeshBuilder<VertexPaint>) {
    let (radius_m, height_m) = (plan.radius_m, plan.height_m);
    let lean = Vec3::new(chance.signed(), 0.0, chance.signed()) * radius_m * 0.12;
    let fork = Vec3::new(0.0, height_m * 0.46, 0.0) + lean;
    let mut lobes = vec![Lobe {
        centre: Vec3::new(0.0, height_m * 0.82, 0.0) + lean * 0.5,
        wilted: Vec3::new(0.0, height_m * 0.74, 0.0) + lean * 0.8,
        radii: Vec3::new(radius_m * 0.68, height_m * 0.18, radius_m * 0.68),
    }];
    let count = 5;
    let turn = chance.unit() * 6.0;
    for lobe in 0..count {
        let (sine, cosine) = (turn + std::f32::consts::TAU * lobe as f32 / count as f32 + 0.3 * chance.signed()).sin_cos();
        let (out_m, up_m, size) = (
            radius_m * chance.between(0.46, 0.54),
            height_m * chance.between(0.60, 0.72),
            chance.between(0.40, 0.46),
        );
        lobes.push(Lobe {
            centre: Vec3::new(cosine * out_m, up_m, sine * out_m),
            wilted: Vec3::new(cosine * out_m * 1.1, up_m * 0.86, sine * out_m * 1.1),
            radii: Vec3::new(radius_m * size, radius_m * size * 0.9, radius_m * size),
        });
    }
    let bark = VertexPaint::plain(BARK);
    let girth_m = (radius_m * 0.13).max(0.02);
    builder.tube(
        &[Vec3::NEG_Y * 0.01, Vec3::Y * 0.05, fork * Vec3::new(0.3, 0.5, 0.3), fork],
        &[girth_m * 1.7, girth_m * 1.1, girth_m * 0.9, girth_m * 0.72],
        plan.sides(8),
        |along| bark.shade(0.8 + 0.25 * along),
    );
    for lobe in &lobes {
        let end = lobe.centre.lerp(lobe.wilted, posture.wilt);
        let middle = fork.lerp(end, 0.5) + Vec3::Y * height_m * posture.mix(-0.03, 0.02);
        builder.tube(
            &[fork, middle, end],
            &[girth_m * 0.62, girth_m * 0.42, girth_m * 0.12],
            5,
            |_| bark,
        );
    }
    let paint = VertexPaint {
        own: [0.25, 0.5, 0.2],
        share: 1.0,
        shade: 1.0,
        sway_m: 0.018,
        part: PlantPart::Body,
        phase: 0.0,
    };
    let with = Foliage {
        paint,
        leaf_m: radius_m * 0.25,
        leaves: 480,
        blossoms: 40,
        snow: true,
    };
    foliage(plan, posture, &lobes, &with, chance, builder);
    for lobe in &lobes[1..] {
        let centre = lobe.centre.lerp(lobe.wilted, posture.wilt);
        let (turn, phase) = (chance.signed() * 0.5, chance.unit());
        let out = Quat::from_rotation_y(turn) * Vec3::new(lobe.centre.x, 0.0, lobe.centre.z).normalize_or(Vec3::X);
        let hang = Vec3::NEG_Y * lobe.radii.y * posture.mix(0.62, 0.85);
        let apple = VertexPaint {
            part: PlantPart::Fruit,
            sway_m: 0.02,
            phase,
            ..VertexPaint::plain([0.80, 0.16, 0.12])
        };
        let size_m = radius_m * 0.085 * posture.alive();
        builder.ball(
            centre + out * lobe.radii.x * 0.7 + hang,
            Vec3::new(1.0, 0.92, 1.0) * size_m,
            7,
            5,
            &apple,
        );
    }
}
