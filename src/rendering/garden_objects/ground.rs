//! Helpers for flat marks on the ground: soft shade, wet spots, tracks, rings.

use bevy::asset::RenderAssetUsages;
use bevy::mesh::PrimitiveTopology;
use bevy::prelude::*;

use super::sculpt::MeshBuilder;

/// Height of soft shade above the ground, in metres.
pub(super) const SHADE_M: f32 = 0.010;
/// Height of tracks and wet spots above the ground, in metres.
pub(super) const MARKS_M: f32 = 0.014;

/// Adds a disc that fades towards its rim; `colour` is in sRGB.
pub(super) fn soft_disc(sculpt: &mut MeshBuilder, centre: Vec3, radius_m: f32, colour: [f32; 3], opacity: f32) {
    const SIDES: u32 = 16;
    let linear = Color::srgb(colour[0], colour[1], colour[2]).to_linear();
    let mut add = |position: Vec3, opacity: f32| {
        let number = sculpt.positions.len() as u32;
        sculpt.positions.push(position.to_array());
        sculpt.normals.push([0.0, 1.0, 0.0]);
        sculpt.colours.push([linear.red, linear.green, linear.blue, opacity]);
        sculpt.traits.push([0.0, 0.0, 1.0, 0.0]);
        number
    };
    let middle = add(centre, opacity);
    let mut rows = Vec::with_capacity(2);
    for (share, strength) in [(0.55, 0.66), (1.0, 0.0)] {
        let first = sculpt_row(&mut add, centre, radius_m * share, opacity * strength, SIDES);
        rows.push(first);
    }
    for side in 0..SIDES {
        let next = (side + 1) % SIDES;
        sculpt.triangle([middle, rows[0] + next, rows[0] + side]);
        sculpt.triangle([rows[0] + side, rows[0] + next, rows[1] + next]);
        sculpt.triangle([rows[0] + side, rows[1] + next, rows[1] + side]);
    }
}

fn sculpt_row(add: &mut impl FnMut(Vec3, f32) -> u32, centre: Vec3, radius_m: f32, opacity: f32, sides: u32) -> u32 {
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

/// Builds a mesh whose vertex colours can be transparent.
pub(super) fn transparent_mesh(sculpt: &MeshBuilder) -> Mesh {
    Mesh::new(PrimitiveTopology::TriangleList, RenderAssetUsages::default())
        .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, sculpt.positions.clone())
        .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, sculpt.normals.clone())
        .with_inserted_attribute(Mesh::ATTRIBUTE_COLOR, sculpt.colours.clone())
        .with_inserted_indices(sculpt.indices())
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
