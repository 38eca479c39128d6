//! Builder for all meshes that are made by code. Colours are stored in the vertices, so that an object of many colours is one draw
//! call.
//!
//! There is one builder for every material. The type of the [`Surface`] says which numbers a vertex has besides its position and
//! normal, so surfaces for different shaders cannot be mixed in one mesh.
//!
//! | part | shapes |
//! |---|---|
//! | `round` | turned bodies, balls, tubes, leaves: lit as if they were curved |
//! | `flat` | faces, blocks, columns: each face has a normal of its own |

#![allow(
    clippy::disallowed_methods,
    reason = "what is only drawn may differ in its last bits between platforms"
)]

mod flat;
mod round;
#[cfg(test)]
mod tests;

use std::marker::PhantomData;

use bevy::asset::RenderAssetUsages;
use bevy::mesh::{Indices, MeshVertexAttribute, PrimitiveTopology};
use bevy::prelude::*;

pub(super) use flat::triangles_of_a_ball;

/// Numbers of a vertex besides its position and normal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct VertexNumbers {
    /// Colour. The surface says what its fourth component is.
    pub(super) colour: [f32; 4],
    /// Numbers that the surface defines, for its shader.
    pub(super) traits: [f32; 4],
    /// Centre or root of the object to which the vertex belongs, for surfaces that have one.
    pub(super) anchor: Option<[f32; 3]>,
}

/// Appearance and movement of a part of a mesh.
pub(super) trait Surface: Copy {
    /// Returns the numbers of a vertex with this surface.
    fn numbers(&self) -> VertexNumbers;

    /// Returns a lighter or darker surface.
    fn shaded(self, by: f32) -> Self;
}

/// Attributes of a finished mesh besides positions, normals and colours.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ExtraAttributes {
    /// Attribute that receives the traits; `None` if the shader does not read them.
    pub(super) traits: Option<MeshVertexAttribute>,
    /// Attribute that receives the anchors; `None` if the shader does not read them.
    pub(super) anchors: Option<MeshVertexAttribute>,
}

/// A mesh under construction.
#[derive(Clone, Debug)]
pub(super) struct MeshBuilder<S> {
    /// Positions of the vertices, in metres.
    pub(super) positions: Vec<[f32; 3]>,
    /// Normals of the vertices.
    pub(super) normals: Vec<[f32; 3]>,
    /// Colours of the vertices.
    pub(super) colours: Vec<[f32; 4]>,
    /// Traits of the vertices.
    pub(super) traits: Vec<[f32; 4]>,
    /// Anchors of the vertices; empty if the surface has none.
    anchors: Vec<[f32; 3]>,
    /// Indices of the triangles' corners.
    pub(super) indices: Vec<u32>,
    surface: PhantomData<S>,
}

// Not derived, since an empty mesh needs no default surface.
impl<S> Default for MeshBuilder<S> {
    fn default() -> Self {
        Self {
            positions: Vec::new(),
            normals: Vec::new(),
            colours: Vec::new(),
            traits: Vec::new(),
            anchors: Vec::new(),
            indices: Vec::new(),
            surface: PhantomData,
        }
    }
}

impl<S> MeshBuilder<S> {
    /// Adds a vertex with exactly this normal and these numbers, and returns its index.
    pub(super) fn push(&mut self, position: Vec3, normal: Vec3, numbers: VertexNumbers) -> u32 {
        let index = self.positions.len() as u32;
        self.positions.push(position.to_array());
        self.normals.push(normal.to_array());
        self.colours.push(numbers.colour);
        self.traits.push(numbers.traits);
        self.anchors.extend(numbers.anchor);
        index
    }

    /// Adds a triangle, anticlockwise as seen from outside.
    pub(super) fn triangle(&mut self, corners: [u32; 3]) {
        self.indices.extend(corners);
    }

    /// Returns `true` if the mesh has no triangles.
    pub(super) fn is_empty(&self) -> bool {
        self.indices.is_empty()
    }

    /// Returns the finished mesh with positions, normals, colours and these attributes.
    pub(super) fn build(self, extra: ExtraAttributes) -> Mesh {
        let mut mesh = Mesh::new(PrimitiveTopology::TriangleList, RenderAssetUsages::RENDER_WORLD)
            .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, self.positions)
            .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, self.normals)
            .with_inserted_attribute(Mesh::ATTRIBUTE_COLOR, self.colours)
            .with_inserted_indices(Indices::U32(self.indices));
        if let Some(traits) = extra.traits {
            mesh.insert_attribute(traits, self.traits);
        }
        if let Some(anchors) = extra.anchors {
            mesh.insert_attribute(anchors, self.anchors);
        }
        mesh
    }
}

impl<S: Surface> MeshBuilder<S> {
    /// Adds a vertex and returns its index. Its normal points along `normal`, which can have any length.
    pub(super) fn vertex(&mut self, position: Vec3, normal: Vec3, surface: &S) -> u32 {
        self.push(position, normal.normalize_or(Vec3::Y), surface.numbers())
    }
}
