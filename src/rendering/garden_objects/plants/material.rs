//! Material shared by all plants. Each plant has a row with its colour and posture.
//!
//! Plants with the same mesh are therefore one draw call, and a change in thirst only updates a few numbers in a buffer.

use bevy::asset::{load_internal_asset, uuid_handle};
use bevy::mesh::{MeshVertexAttribute, MeshVertexBufferLayoutRef, VertexFormat};
use bevy::pbr::{ExtendedMaterial, MaterialExtension, MaterialExtensionKey, MaterialExtensionPipeline};
use bevy::prelude::*;
use bevy::render::render_resource::{AsBindGroup, RenderPipelineDescriptor, ShaderType, SpecializedMeshPipelineError};
use bevy::shader::ShaderRef;

/// Sway in metres, part, shade, phase.
pub(super) const TRAITS: MeshVertexAttribute = MeshVertexAttribute::new("PlantTraits", 0x7065_7201, VertexFormat::Float32x4);
/// Position of a vertex when its plant is wilted.
pub(super) const WILTED: MeshVertexAttribute = MeshVertexAttribute::new("PlantWilted", 0x7065_7202, VertexFormat::Float32x3);
/// Normal of a vertex when its plant is wilted.
pub(super) const WILTED_NORMAL: MeshVertexAttribute =
    MeshVertexAttribute::new("PlantWiltedNormal", 0x7065_7203, VertexFormat::Float32x3);
/// Position of a vertex when its part is gone.
pub(super) const GONE: MeshVertexAttribute = MeshVertexAttribute::new("PlantGone", 0x7065_7204, VertexFormat::Float32x3);

/// Maximum number of plants in a garden.
pub(super) const MOST_PLANTS: usize = 64;

const SHADER: Handle<Shader> = uuid_handle!("8f1c7f3e-55d2-4a8b-9c0d-2f6e0a7b3c51");

/// The material of all plants.
pub(super) type PlantMaterial = ExtendedMaterial<StandardMaterial, PlantRows>;

/// The rows of all plants, as the shader reads them.
#[derive(ShaderType, Clone, Debug, PartialEq)]
pub(super) struct Rows {
    /// Snow, blossom, wind, unused.
    pub(super) air: Vec4,
    /// Colour that shows thirst (linear), and soil moisture.
    pub(super) colour: [Vec4; MOST_PLANTS],
    /// Wilted, gone, wellbeing, unused.
    pub(super) body: [Vec4; MOST_PLANTS],
}

impl Default for Rows {
    fn default() -> Self {
        Self {
            air: Vec4::new(0.0, 0.0, 1.0, 0.0),
            colour: [Vec4::ONE; MOST_PLANTS],
            body: [Vec4::new(0.0, 0.0, 1.0, 0.0); MOST_PLANTS],
        }
    }
}

impl Rows {
    /// Returns `true` if the difference to `other` is visible.
    pub(super) fn differs_visibly(&self, other: &Self) -> bool {
        let differ = |one: &Vec4, two: &Vec4| (*one - *two).abs().max_element() > 1.0 / 300.0;
        differ(&self.air, &other.air)
            || self.colour.iter().zip(&other.colour).any(|(one, two)| differ(one, two))
            || self.body.iter().zip(&other.body).any(|(one, two)| differ(one, two))
    }
}

/// Extension of the standard material.
#[derive(Asset, AsBindGroup, TypePath, Clone, Debug, Default)]
pub(super) struct PlantRows {
    /// One row per plant.
    #[uniform(100)]
    pub(super) rows: Rows,
}

impl MaterialExtension for PlantRows {
    fn vertex_shader() -> ShaderRef {
        SHADER.into()
    }

    fn prepass_vertex_shader() -> ShaderRef {
        SHADER.into()
    }

    fn deferred_vertex_shader() -> ShaderRef {
        SHADER.into()
    }

    fn specialize(
        _: &MaterialExtensionPipeline,
        descriptor: &mut RenderPipelineDescriptor,
        layout: &MeshVertexBufferLayoutRef,
        _: MaterialExtensionKey<Self>,
    ) -> Result<(), SpecializedMeshPipelineError> {
        // Same layout for the picture and for shadow maps.
        descriptor.vertex.buffers = vec![layout.0.get_layout(&[
            Mesh::ATTRIBUTE_POSITION.at_shader_location(0),
            Mesh::ATTRIBUTE_NORMAL.at_shader_location(1),
            Mesh::ATTRIBUTE_COLOR.at_shader_location(2),
            TRAITS.at_shader_location(3),
            WILTED.at_shader_location(4),
            WILTED_NORMAL.at_shader_location(5),
            GONE.at_shader_location(6),
        ])?];
        // Leaves are visible from both sides.
        descriptor.primitive.cull_mode = None;
        Ok(())
    }
}

/// Registers the material, with its shader embedded in the program.
pub(super) fn plugin(app: &mut App) {
    app.add_plugins(MaterialPlugin::<PlantMaterial>::default());
    load_internal_asset!(
        app,
        SHADER,
        "../../../../assets/shaders/garden_objects_plant.wgsl",
        Shader::from_wgsl
    );
}
