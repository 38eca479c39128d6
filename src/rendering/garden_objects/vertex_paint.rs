//! Surface of the objects of the garden: their own colour, the colour that shows thirst, and movement.

use bevy::asset::RenderAssetUsages;
use bevy::prelude::*;

use crate::rendering::chance::Chance;
use crate::rendering::mesh_builder::{ExtraAttributes, MeshBuilder, Surface, VertexNumbers};

/// Part of a plant to which a vertex belongs, for parts that appear and disappear separately.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum PlantPart {
    /// Always visible.
    #[default]
    Body,
    /// Blossom, visible in seasons with blossom.
    Blossom,
    /// The soil around the plant, which darkens when moist.
    Soil,
    /// Snow on the plant.
    Snow,
    /// Fruit, visible where there is neither blossom nor snow.
    Fruit,
}

/// Appearance and movement of the vertices that follow.
#[derive(Clone, Copy, Debug)]
pub(super) struct VertexPaint {
    /// Own colour, in sRGB.
    pub(super) own: [f32; 3],
    /// Fraction of the colour that shows thirst, in 0..1.
    pub(super) share: f32,
    /// Brightness: parts deep in a crown are darker.
    pub(super) shade: f32,
    /// Amplitude of the sway in the wind, in metres.
    pub(super) sway_m: f32,
    /// Part to which the vertices belong.
    pub(super) part: PlantPart,
    /// Position in the order in which parts fall off (0 last, 1 first), and phase of the sway.
    pub(super) phase: f32,
}

impl VertexPaint {
    /// Creates a paint with a fixed colour.
    pub(super) fn plain(own: [f32; 3]) -> Self {
        Self {
            own,
            share: 0.0,
            shade: 1.0,
            sway_m: 0.0,
            part: PlantPart::Body,
            phase: 0.0,
        }
    }

    /// Returns a lighter or darker paint.
    pub(super) fn shade(self, shade: f32) -> Self {
        Self { shade, ..self }
    }

    /// Returns a paint with this sway, in metres.
    pub(super) fn sway_m(self, sway_m: f32) -> Self {
        Self { sway_m, ..self }
    }

    /// Returns a paint with this phase.
    pub(super) fn phase(self, phase: f32) -> Self {
        Self { phase, ..self }
    }
}

impl Surface for VertexPaint {
    /// The colour is linear, with the fraction that shows thirst in alpha. The traits are sway in metres, part, shade and phase.
    fn numbers(&self) -> VertexNumbers {
        let [red, green, blue] = self.own;
        let linear = Color::srgb(red, green, blue).to_linear();
        VertexNumbers {
            colour: [linear.red, linear.green, linear.blue, self.share],
            traits: [self.sway_m, self.part as u8 as f32, self.shade, self.phase],
            anchor: None,
        }
    }

    fn shaded(self, by: f32) -> Self {
        self.shade(self.shade * by)
    }
}

impl MeshBuilder<VertexPaint> {
    /// Displaces every vertex from index `first` on by a noise field, so that turned bodies look grown.
    pub(super) fn roughen(&mut self, first: usize, amount_m: f32, seed: u64) {
        for position in &mut self.positions[first..] {
            let point = Vec3::from_array(*position);
            // Vertices at the same position (at a seam) must stay together, so the noise is a function of the rounded position.
            let cell = (point * 500.0).round();
            let mix = (cell.x as i64 as u64)
                .wrapping_mul(0x8da6_b343)
                .wrapping_add((cell.y as i64 as u64).wrapping_mul(0xd816_3841))
                .wrapping_add((cell.z as i64 as u64).wrapping_mul(0xcb1a_b31f));
            *position = (point + Chance::of_object(mix ^ seed).vector() * amount_m).to_array();
        }
    }

    /// Returns the finished mesh with opaque vertex colours, for a standard material.
    pub(super) fn into_mesh(mut self) -> Mesh {
        for (colour, traits) in self.colours.iter_mut().zip(&self.traits) {
            let shade = traits[2];
            *colour = [colour[0] * shade, colour[1] * shade, colour[2] * shade, 1.0];
        }
        self.build(ExtraAttributes::default())
    }

    /// Returns the finished mesh with flat facets, as for a stone.
    pub(super) fn into_faceted_mesh(self) -> Mesh {
        let mut mesh = self.into_mesh();
        mesh.asset_usage = RenderAssetUsages::default();
        mesh.duplicate_vertices();
        mesh.compute_flat_normals();
        mesh
    }
}
