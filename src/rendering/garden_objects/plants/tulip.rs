//! Tulips: a few low stems, each with one cup-shaped flower, in a tuft of long leaves.

use bevy::prelude::*;

use super::shape::{LEAF, PlantShape, Posture, STEM};
use crate::rendering::chance::Chance;
use crate::rendering::garden_objects::vertex_paint::{PlantPart, VertexPaint};
use crate::rendering::mesh_builder::MeshBuilder;

pub(super) fn build(plan: &PlantShape, posture: Posture, chance: &mut Chance, builder: &mut MeshBuilder<VertexPaint>) {
    let (radius_m, height_m) = (plan.radius_m, plan.height_m);
    let stems = 8;
    let turn = chance.unit() * 6.0;
    for stem in 0..stems {
        let middle = stem == 0;
        let angle = turn + std::f32::consts::TAU * stem as f32 / (stems - 1) as f32 + 0.3 * chance.signed();
        let (sine, cosine) = angle.sin_cos();
        let out = Vec3::new(cosine, 0.0, sine);
        let reach_m = if middle { 0.02 } else { radius_m * chance.between(0.52, 0.66) };
        let cup_m = radius_m * chance.between(0.28, 0.33);
        let top_m = (height_m - cup_m * 2.0) * if middle { 1.0 } else { chance.between(0.62, 0.95) };
        // Fresh stems rise and lean out slightly; wilted ones arch over, with hanging flowers.
        let straight = |share: f32| out * reach_m * (0.35 + 0.65 * share * share) + Vec3::Y * top_m * share;
        let arched = |share: f32| {
            out * (reach_m * 0.35 + (radius_m - reach_m * 0.35 - cup_m * 0.6) * share.powf(1.5))
                + Vec3::Y * top_m * (1.05 * share - 0.62 * share.powi(4)) * 0.92
        };
        let fallen = |share: f32| out * (reach_m * 0.35 + radius_m * 0.6 * share) + Vec3::Y * (0.05 + 0.02 * share);
        let path: Vec<Vec3> = (0..=6)
            .map(|step| {
                let share = step as f32 / 6.0;
                straight(share)
                    .lerp(arched(share), posture.wilt)
                    .lerp(fallen(share), posture.gone)
            })
            .collect();
        builder.tube(&path, &[0.010, 0.009, 0.008], 5, |along| VertexPaint {
            share: 0.1,
            shade: 0.75 + 0.3 * along,
            sway_m: 0.014 * along,
            ..VertexPaint::plain(STEM)
        });
        let end = path[path.len() - 1];
        let towards = (end - path[path.len() - 2]).normalize_or(Vec3::Y);
        cup(plan, posture, end, towards, cup_m, chance, builder);
    }
    let leaves = plan.count(13).max(7);
    for leaf in 0..leaves {
        let (sine, cosine) = (turn + 2.4 * leaf as f32 + 0.2 * chance.signed()).sin_cos();
        let out = Vec3::new(cosine, 0.0, sine);
        let length_m = height_m * chance.between(0.55, 0.78);
        let (start_m, steep, light) = (
            radius_m * chance.between(0.05, 0.3),
            chance.between(1.1, 1.35),
            chance.between(0.85, 1.05),
        );
        let mut pitch = posture.mix(steep, 0.8);
        let mut middle = vec![out * start_m + Vec3::Y * 0.03];
        for _ in 0..4 {
            let last = middle[middle.len() - 1];
            middle.push(last + (out * pitch.cos() + Vec3::Y * pitch.sin()) * length_m * 0.25 * (0.15 + 0.85 * posture.alive()));
            pitch -= posture.mix(0.16, 0.62);
        }
        for point in &mut middle {
            point.y = point.y.max(0.035);
        }
        let half_m = radius_m * 0.15 * posture.mix(1.0, 0.75);
        let across = Vec3::new(-out.z, 0.0, out.x);
        builder.leaf(
            &middle,
            &[half_m * 0.55, half_m, half_m * 0.95, half_m * 0.6, 0.002],
            across,
            posture.mix(0.55, 0.25),
            |along| VertexPaint {
                own: [LEAF[0] * 0.95, LEAF[1] * 1.02, LEAF[2] * 1.25],
                share: 0.28,
                shade: light * (0.7 + 0.36 * along),
                sway_m: 0.012 * along,
                part: PlantPart::Body,
                phase: 0.5 + 0.5 * leaf as f32 / leaves as f32,
            },
        );
    }
}

/// Builds six petals in two rows: closed like an egg when fresh, open when wilted.
fn cup(
    plan: &PlantShape,
    posture: Posture,
    base: Vec3,
    towards: Vec3,
    cup_m: f32,
    chance: &mut Chance,
    builder: &mut MeshBuilder<VertexPaint>,
) {
    let place = Transform::from_translation(base).with_rotation(Quat::from_rotation_arc(Vec3::Y, towards));
    let spin = chance.unit() * 2.0;
    let open = posture.mix(chance.between(0.0, 0.16), 0.9);
    let size_m = cup_m * (0.12 + 0.88 * posture.alive());
    let rows = if plan.quality == crate::rendering::quality::Quality::Low {
        4
    } else {
        6
    };
    for petal in 0..6 {
        let inner = petal % 2 == 0;
        let (sine, cosine) = (spin + std::f32::consts::TAU * petal as f32 / 6.0).sin_cos();
        let out = Vec3::new(cosine, 0.0, sine);
        let (light, sag) = (chance.between(0.95, 1.05), chance.between(0.8, 1.2));
        let girth = if inner { 0.84 } else { 0.94 };
        let path: Vec<Vec3> = (0..=rows)
            .map(|row| {
                let along = row as f32 / rows as f32;
                // The outline of an egg, and that of an open petal.
                let egg = Vec2::new(girth * (along * 2.75 + 0.12).sin().max(0.1) * 0.86, 2.0 * along);
                let fall = open * sag * along * along;
                let outline = Vec2::new(egg.x + 1.25 * fall, egg.y * (1.0 - 0.42 * fall));
                place * ((out * outline.x + Vec3::Y * outline.y) * size_m)
            })
            .collect();
        let half_m = size_m * girth * 0.72;
        let widths: Vec<f32> = (0..=rows)
            .map(|row| {
                let along = row as f32 / rows as f32;
                half_m * (0.3 + 1.05 * (along * 3.0).sin().max(0.0)).min(1.05) * if row == rows { 0.15 } else { 1.0 }
            })
            .collect();
        let across = place.rotation * Vec3::new(-sine, 0.0, cosine);
        builder.leaf(&path, &widths, -across, -0.45, |along| VertexPaint {
            own: LEAF,
            share: 1.0,
            shade: light * (if inner { 0.86 } else { 1.0 }) * (0.78 + 0.3 * along),
            sway_m: 0.016,
            part: PlantPart::Body,
            phase: 0.15 + 0.1 * petal as f32,
        });
    }
}
