//! Helpers for flat marks on the ground: soft shade, wet spots, tracks, rings.

use bevy::asset::RenderAssetUsages;
use bevy::prelude::*;

use super::vertex_paint::VertexPaint;
use crate::rendering::mesh_builder::{ExtraAttributes, MeshBuilder, Surface, VertexNumbers};

/// Height of soft shade above the ground, in metres.
pub(super) const SHADE_M: f32 = 0.010;
/// Height of tracks and wet spots above the ground, in metres.
pub(super) const MARKS_M: f32 = 0.014;

/// Adds a disc that fades towards its rim; `colour` is in sRGB.
pub(super) fn soft_disc(builder: &mut MeshBuilder<VertexPaint>, centre: Vec3, radius_m: f32, colour: [f32; 3], opacity: f32) {
    const SIDES: u32 = 16;
    let numbers = transparent_numbers(colour);
    let mut add = |position: Vec3, opacity: f32| builder.push(position, Vec3::Y, numbers(opacity));
    let middle = add(centre, opacity);
    let mut rows = Vec::with_capacity(2);
    for (share, strength) in [(0.55, 0.66), (1.0, 0.0)] {
        let first = build_row(&mut add, centre, radius_m * share, opacity * strength, SIDES);
        rows.push(first);
    }
    for side in 0..SIDES {
        let next = (side + 1) % SIDES;
        builder.triangle([middle, rows[0] + next, rows[0] + side]);
        builder.triangle([rows[0] + side, rows[0] + next, rows[1] + next]);
        builder.triangle([rows[0] + side, rows[1] + next, rows[1] + side]);
    }
}

fn build_row(add: &mut impl FnMut(Vec3, f32) -> u32, centre: Vec3, radius_m: f32, opacity: f32, sides: u32) -> u32 {
    let mut first = 0;
    for side in 0..sides {
        let (sine, cosine) = (std::f32::consts::TAU * side as f32 / sides as f32).sin_cos();
        let number = add(centre + Vec3::new(cosine, 0.0, sine) * radius_m, opacity);
        if side == 0 {
            first = number;
        }
    }
    first
}

/// Returns the numbers of a vertex as a function of its opacity; `colour` is in sRGB.
pub(super) fn transparent_numbers(colour: [f32; 3]) -> impl Fn(f32) -> VertexNumbers {
    // The colour is converted once, since marks have many vertices and are rebuilt often.
    let opaque = VertexPaint::plain(colour).numbers();
    let [red, green, blue, _] = opaque.colour;
    move |opacity| VertexNumbers {
        colour: [red, green, blue, opacity],
        ..opaque
    }
}

/// Finishes a mesh whose vertex colours can be transparent.
pub(super) fn transparent_mesh(builder: MeshBuilder<VertexPaint>) -> Mesh {
    let mut mesh = builder.build(ExtraAttributes::default());
    mesh.asset_usage = RenderAssetUsages::default();
    mesh
}

/// Returns the material of such a mesh; a higher bias is drawn over a lower one.
pub(super) fn transparent_material(depth_bias: f32) -> StandardMaterial {
    StandardMaterial {
        base_color: Color::WHITE,
        alpha_mode: AlphaMode::Blend,
        perceptual_roughness: 0.95,
        reflectance: 0.1,
        depth_bias,
        cull_mode: None,
        ..default()
    }
}
