//! A sunflower: one tall stem with a big flat flower, which faces the sun and hangs down with thirst.

use bevy::prelude::*;

use super::shape::{LEAF, PlantShape, Posture, STEM};
use crate::rendering::chance::Chance;
use crate::rendering::garden_objects::vertex_paint::{PlantPart, VertexPaint};
use crate::rendering::mesh_builder::MeshBuilder;

pub(super) fn build(plan: &PlantShape, posture: Posture, chance: &mut Chance, builder: &mut MeshBuilder<VertexPaint>) {
    let (radius_m, height_m) = (plan.radius_m, plan.height_m);
    let head_m = radius_m * 0.97;
    // When fresh, the flower looks up and outwards; when wilted, to the ground.
    let pitch = posture.mix(0.75, -1.05) - 0.6 * posture.gone;
    let face = Vec3::new(pitch.cos(), pitch.sin(), 0.0);
    let top_m = height_m - head_m * 0.62;
    let straight = |share: f32| Vec3::new(-0.22 * radius_m * (1.0 - (1.0 - share).powi(2)), top_m * share, 0.0);
    let hanging = |share: f32| {
        let bend = ((share - 0.45) / 0.55).max(0.0);
        Vec3::new(
            -0.1 * radius_m + radius_m * 0.62 * bend * bend,
            top_m * (0.84 * share - 0.20 * bend.powi(3)),
            0.0,
        )
    };
    let fallen = |share: f32| {
        Vec3::new(
            radius_m * 1.3 * share,
            0.06 + height_m * 0.42 * (share * 3.0).sin().max(0.0) * 0.5,
            0.0,
        )
    };
    let at = |share: f32| {
        let standing = straight(share).lerp(hanging(share), posture.wilt);
        standing.lerp(fallen(share), posture.gone)
    };
    let path: Vec<Vec3> = (0..=8).map(|step| at(step as f32 / 8.0)).collect();
    let thick_m = (height_m * 0.021).max(0.014);
    builder.tube(
        &path,
        &[thick_m, thick_m * 0.9, thick_m * 0.85, thick_m * 0.8, thick_m * 0.7],
        plan.sides(7),
        |along| VertexPaint {
            share: 0.12,
            shade: 0.8 + 0.25 * along,
            sway_m: 0.035 * along * along,
            ..VertexPaint::plain(STEM)
        },
    );

    let leaves = 6;
    let turn = chance.unit() * 6.0;
    for leaf in 0..leaves {
        let share = 0.14 + 0.62 * leaf as f32 / leaves as f32;
        let (sine, cosine) = (turn + 2.4 * leaf as f32 + 0.3 * chance.signed()).sin_cos();
        let out = Vec3::new(cosine, 0.0, sine);
        let length_m = radius_m * chance.between(0.92, 1.1) * (1.05 - 0.35 * share);
        let light = chance.between(0.9, 1.06);
        let from = at(share);
        let droop = posture.mix(0.15, 1.45);
        let mut middle = vec![from];
        let mut pitch = posture.mix(0.75, 0.35);
        for _ in 0..4 {
            let last = middle[middle.len() - 1];
            middle.push(last + (out * pitch.cos() + Vec3::Y * pitch.sin()) * length_m * 0.25 * (0.1 + 0.9 * posture.alive()));
            pitch -= (droop * 0.75).min(1.2);
        }
        let half_m = length_m * 0.40 * posture.mix(1.0, 0.6) * (0.2 + 0.8 * posture.alive());
        let widths = [0.15 * half_m, half_m * 0.95, half_m, half_m * 0.6, 0.002];
        let across = Vec3::new(-out.z, 0.0, out.x);
        builder.leaf(&middle, &widths, across, posture.mix(0.18, 0.7), |along| VertexPaint {
            own: LEAF,
            share: 0.38,
            shade: light * (0.82 + 0.22 * along),
            sway_m: 0.03 * share + 0.012 * along,
            part: PlantPart::Body,
            phase: 0.6 + 0.4 * share,
        });
    }
    head(plan, posture, at(1.0), face, head_m, chance, builder);
}

/// Builds a disc of seeds with two rows of petals, and a green cup behind it.
fn head(
    plan: &PlantShape,
    posture: Posture,
    neck: Vec3,
    face: Vec3,
    head_m: f32,
    chance: &mut Chance,
    builder: &mut MeshBuilder<VertexPaint>,
) {
    let place = Transform::from_translation(neck).with_rotation(Quat::from_rotation_arc(Vec3::Y, face));
    let disc_m = head_m * 0.42;
    let sway_m = 0.036;
    let sides = plan.sides(14);
    let seeds = |own: [f32; 3]| VertexPaint {
        sway_m,
        ..VertexPaint::plain(own)
    };
    let point = |radius: f32, height: f32| Vec2::new(radius * disc_m, height * disc_m);
    // Outside of the cup, then rim, ring and centre of the disc.
    builder.turned(
        place,
        &[point(0.12, -0.42), point(0.7, -0.3), point(1.02, 0.0), point(1.0, 0.16)],
        sides,
        &VertexPaint {
            share: 0.25,
            ..seeds([0.34, 0.46, 0.2])
        },
    );
    builder.turned(
        place,
        &[point(1.0, 0.16), point(0.86, 0.3)],
        sides,
        &seeds([0.36, 0.21, 0.10]),
    );
    builder.turned(
        place,
        &[point(0.86, 0.3), point(0.55, 0.34)],
        sides,
        &seeds([0.25, 0.14, 0.08]),
    );
    builder.turned(
        place,
        &[point(0.55, 0.34), point(0.3, 0.26), point(0.0, 0.22)],
        sides,
        &seeds([0.42, 0.29, 0.13]),
    );
    let petals = plan.count(17).max(11);
    for (row, lift, shade) in [(0, 0.10, 0.88), (1, 0.32, 1.04)] {
        for petal in 0..petals {
            let angle = std::f32::consts::TAU * (petal as f32 + 0.5 * row as f32) / petals as f32 + 0.06 * chance.signed();
            let (sine, cosine) = angle.sin_cos();
            let out = Vec3::new(cosine, 0.0, sine);
            let length_m = (head_m - disc_m * 0.9) * chance.between(0.9, 1.06) * (0.1 + 0.9 * posture.alive());
            let light = chance.between(0.94, 1.06) * shade;
            // Wilted petals fold forward over the disc.
            let bend = posture.mix(lift, 1.15 + 0.2 * chance.signed());
            let start = out * disc_m * 0.92;
            let tip_direction = out * bend.cos() + Vec3::Y * bend.sin();
            let path = [
                start,
                start + (out * 0.5 + tip_direction * 0.5).normalize_or(out) * length_m * 0.5,
                start + (out * 0.35 + tip_direction * 0.65).normalize_or(out) * length_m,
            ]
            .map(|point| place * point);
            let half_m = head_m * 0.165 * plan.leaf_scale().sqrt() * posture.mix(1.0, 0.7);
            let across = place.rotation * Vec3::new(-sine, 0.0, cosine);
            builder.leaf(&path, &[half_m * 0.55, half_m, 0.003], across, 0.12, |along| VertexPaint {
                own: LEAF,
                share: 1.0,
                shade: light * (0.86 + 0.18 * along),
                sway_m,
                part: PlantPart::Body,
                phase: 0.3 + 0.04 * petal as f32,
            });
        }
    }
    // Snow on the upper rim.
    let lobe = super::shape::Lobe {
        centre: neck + face * disc_m * 0.1,
        wilted: neck,
        radii: Vec3::new(disc_m * 0.8, disc_m * 0.5, disc_m * 0.8),
    };
    super::shape::cap(plan, posture, &lobe, 0.5, sway_m, builder);
}
