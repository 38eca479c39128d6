//! A hydrangea: a low bush of big leaves under heavy, round flower heads.

use bevy::prelude::*;

use super::shape::{Foliage, LEAF, Lobe, PlantShape, Posture, STEM, cap, foliage};
use crate::rendering::chance::Chance;
use crate::rendering::garden_objects::vertex_paint::{PlantPart, VertexPaint};
use crate::rendering::mesh_builder::MeshBuilder;

pub(super) fn build(plan: &PlantShape, posture: Posture, chance: &mut Chance, builder: &mut MeshBuilder<VertexPaint>) {
    let (radius_m, height_m) = (plan.radius_m, plan.height_m);
    let below = Lobe {
        centre: Vec3::Y * height_m * 0.36,
        wilted: Vec3::Y * height_m * 0.27,
        radii: Vec3::new(radius_m * 0.72, height_m * 0.30, radius_m * 0.72),
    };
    let green = VertexPaint {
        own: LEAF,
        share: 0.28,
        shade: 0.92,
        sway_m: 0.006,
        part: PlantPart::Body,
        phase: 0.0,
    };
    let leaves = Foliage {
        paint: green,
        leaf_m: radius_m * 0.46,
        leaves: 90,
        blossoms: 0,
        snow: false,
    };
    foliage(plan, posture, &[below], &leaves, chance, builder);

    let head_m = radius_m * 0.39;
    let mut heads = vec![(Vec3::new(0.0, height_m - head_m, 0.0), 1.0)];
    let count = 6;
    let turn = chance.unit() * 6.0;
    for head in 0..count {
        let (sine, cosine) = (turn + std::f32::consts::TAU * head as f32 / count as f32 + 0.2 * chance.signed()).sin_cos();
        let out_m = radius_m - head_m;
        let up_m = height_m
            * if head % 2 == 0 {
                chance.between(0.60, 0.68)
            } else {
                chance.between(0.42, 0.52)
            };
        heads.push((Vec3::new(cosine * out_m, up_m, sine * out_m), chance.between(0.82, 1.0)));
    }
    for (centre, size) in heads {
        let out = Vec3::new(centre.x, 0.0, centre.z);
        let nod = out.normalize_or(Vec3::new(chance.signed(), 0.0, chance.signed()).normalize_or(Vec3::X));
        let lobe = Lobe {
            centre,
            wilted: Vec3::new(centre.x, centre.y * 0.62 - 0.02, centre.z)
                + nod * head_m * if out.length() > 0.01 { 0.1 } else { 0.8 },
            radii: Vec3::new(1.0, 0.85, 1.0) * head_m * size,
        };
        let end = lobe.centre.lerp(lobe.wilted, posture.wilt);
        let neck = Vec3::new(end.x * 0.6, end.y * posture.mix(0.75, 1.12), end.z * 0.6);
        builder.tube(&[Vec3::ZERO, neck, end], &[0.012, 0.009, 0.006], 4, |_| {
            VertexPaint::plain(STEM)
        });
        let bloom = VertexPaint {
            own: LEAF,
            share: 1.0,
            shade: 1.0,
            sway_m: 0.014,
            part: PlantPart::Body,
            phase: 0.1,
        };
        head(plan, posture, &lobe, &bloom, chance, builder);
        cap(plan, posture, &lobe, chance.unit(), bloom.sway_m, builder);
    }
}

/// Builds a ball of florets with four petals each.
fn head(
    plan: &PlantShape,
    posture: Posture,
    lobe: &Lobe,
    bloom: &VertexPaint,
    chance: &mut Chance,
    builder: &mut MeshBuilder<VertexPaint>,
) {
    let centre = lobe.centre.lerp(lobe.wilted, posture.wilt);
    let radii = lobe.radii * posture.mix(1.0, 0.82) * posture.mix(1.0, 0.95);
    builder.ball(
        centre,
        radii * 0.8 * posture.alive().max(0.25),
        plan.sides(9),
        plan.sides(6),
        &bloom.shade(0.66),
    );
    let count = plan.count(40);
    for floret in 0..count {
        let up = 1.0 - 1.85 * (floret as f32 + 0.5) / count as f32;
        let angle = 2.399_963 * floret as f32;
        let flat = (1.0 - up * up).max(0.0).sqrt();
        let outward = (Vec3::new(flat * angle.cos(), up, flat * angle.sin()) + chance.vector() * 0.1).normalize_or(Vec3::Y);
        let paint = bloom
            .shade(chance.between(0.86, 1.1) * (0.86 + 0.16 * up))
            .phase(0.2 + 0.8 * chance.unit());
        let across = outward.any_orthonormal_vector();
        let other = outward.cross(across);
        let size_m = lobe.radii.x * 0.36 * plan.leaf_scale() * posture.mix(1.0, 0.75) * posture.alive();
        let at = centre + outward * radii * 0.88;
        // Two crossed pairs of petals, slightly concave.
        for (one, two) in [(across, other), (other, across)] {
            let rim = outward * size_m * posture.mix(0.12, 0.5);
            let ends = [
                builder.vertex(at + one * size_m + rim, outward + one * 0.3, &paint.shade(paint.shade * 1.05)),
                builder.vertex(at + two * size_m * 0.34, outward, &paint.shade(paint.shade * 0.86)),
                builder.vertex(at - one * size_m + rim, outward - one * 0.3, &paint.shade(paint.shade * 1.05)),
                builder.vertex(at - two * size_m * 0.34, outward, &paint.shade(paint.shade * 0.86)),
            ];
            builder.triangle([ends[0], ends[1], ends[2]]);
            builder.triangle([ends[0], ends[2], ends[3]]);
        }
    }
}
