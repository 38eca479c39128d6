//! Material of the surroundings, and the parameters of its shader: light, fog, season, weather and paints.
//!
//! All kinds of objects (solid, blade, petal, drop, ...) use variants of the same shader with the same parameters, [`Air`]. A
//! change of season therefore updates a few numbers and never rebuilds a mesh.

use bevy::asset::{load_internal_asset, uuid_handle};
use bevy::mesh::{MeshVertexAttribute, MeshVertexBufferLayoutRef, VertexFormat};
use bevy::pbr::{MaterialPipeline, MaterialPipelineKey, MaterialPlugin};
use bevy::prelude::*;
use bevy::render::render_resource::{AsBindGroup, RenderPipelineDescriptor, ShaderType, SpecializedMeshPipelineError};
use bevy::shader::{ShaderDefVal, ShaderRef};

use super::palette::PAINTS;

/// Paint, amplitude of the sway, phase and size of a vertex: see the shader.
pub(super) const ATTRIBUTE_TRAITS: MeshVertexAttribute =
    MeshVertexAttribute::new("Traits", 0x7065_7265_6e31, VertexFormat::Float32x4);
/// Centre or root of the object to which a vertex belongs.
pub(super) const ATTRIBUTE_ANCHOR: MeshVertexAttribute =
    MeshVertexAttribute::new("Anchor", 0x7065_7265_6e32, VertexFormat::Float32x3);

/// Kind of object, which selects the variant of the shader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum SurroundingKind {
    /// Solid objects: ground, walls, trees.
    Solid,
    /// Grass.
    Blades,
    /// Seasonal objects on the ground: petals, leaves, flowers.
    Litter,
    /// Petals, leaves and flakes in the air.
    Falling,
    /// Rain in the air.
    Rain,
    /// Rain on the ground.
    Splash,
    /// Puddles and ice.
    Sheen,
    /// Clouds.
    Cloud,
    /// The sky dome.
    Sky,
}

impl SurroundingKind {
    /// All kinds.
    pub(super) const ALL: [Self; 9] = [
        Self::Solid,
        Self::Blades,
        Self::Litter,
        Self::Falling,
        Self::Rain,
        Self::Splash,
        Self::Sheen,
        Self::Cloud,
        Self::Sky,
    ];

    /// Returns the shader definition of the kind.
    fn shader_def(self) -> &'static str {
        match self {
            Self::Solid => "SOLID",
            Self::Blades => "BLADES",
            Self::Litter => "LITTER",
            Self::Falling | Self::Rain => "FALLING",
            Self::Splash => "SPLASH",
            Self::Sheen => "SHEEN",
            Self::Cloud => "CLOUD",
            Self::Sky => "SKY",
        }
    }

    /// Returns `true` if the kind is transparent.
    pub(super) fn is_clear(self) -> bool {
        matches!(self, Self::Rain | Self::Splash | Self::Sheen)
    }

    /// Returns `true` if the kind receives shadows.
    fn is_shaded(self) -> bool {
        matches!(self, Self::Solid | Self::Blades | Self::Litter)
    }
}

/// Parameters of the shader. The fields are documented there.
#[derive(Clone, Copy, Debug, PartialEq, ShaderType)]
pub(super) struct Air {
    pub(super) sun_direction: Vec4,
    pub(super) sun_colour: Vec4,
    pub(super) sky_light: Vec4,
    pub(super) ground_light: Vec4,
    pub(super) fog: Vec4,
    pub(super) horizon: Vec4,
    pub(super) zenith: Vec4,
    pub(super) season: Vec4,
    pub(super) weather: Vec4,
    pub(super) plot: Vec4,
    pub(super) paints: [Vec4; PAINTS],
}

impl Air {
    /// Returns the largest difference in any number.
    pub(super) fn difference(&self, other: &Self) -> f32 {
        let pairs = |air: &Self| {
            let mut all = [Vec4::ZERO; 10 + PAINTS];
            all[..10].copy_from_slice(&[
                air.sun_direction,
                air.sun_colour,
                air.sky_light,
                air.ground_light,
                air.fog,
                air.horizon,
                air.zenith,
                air.season,
                air.weather,
                air.plot,
            ]);
            all[10..].copy_from_slice(&air.paints);
            all
        };
        let (these, those) = (pairs(self), pairs(other));
        these
            .iter()
            .zip(&those)
            .map(|(this, that)| (*this - *that).abs().max_element())
            .fold(0.0, f32::max)
    }
}

/// Material of one kind of object.
#[derive(Asset, TypePath, AsBindGroup, Clone, Debug)]
#[bind_group_data(GardenMaterialKey)]
pub(super) struct GardenMaterial {
    #[uniform(0)]
    pub(super) air: Air,
    pub(super) kind: SurroundingKind,
    /// `true` if it receives shadows.
    pub(super) shadows: bool,
}

/// Key that distinguishes the pipelines of the materials.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct GardenMaterialKey {
    kind: SurroundingKind,
    shadows: bool,
}

impl From<&GardenMaterial> for GardenMaterialKey {
    fn from(material: &GardenMaterial) -> Self {
        Self {
            kind: material.kind,
            shadows: material.shadows && material.kind.is_shaded(),
        }
    }
}

/// The shader, embedded in the program.
const SHADER: Handle<Shader> = uuid_handle!("b3a5c7d1-6a0e-4d5e-9f52-41c86f0d7e19");

impl Material for GardenMaterial {
    fn vertex_shader() -> ShaderRef {
        SHADER.into()
    }

    fn fragment_shader() -> ShaderRef {
        SHADER.into()
    }

    fn alpha_mode(&self) -> AlphaMode {
        if self.kind.is_clear() {
            AlphaMode::Blend
        } else {
            AlphaMode::Opaque
        }
    }

    fn enable_prepass() -> bool {
        false
    }

    fn specialize(
        _pipeline: &MaterialPipeline,
        descriptor: &mut RenderPipelineDescriptor,
        layout: &MeshVertexBufferLayoutRef,
        key: MaterialPipelineKey<Self>,
    ) -> Result<(), SpecializedMeshPipelineError> {
        // Objects that look the same from both sides are thin; those with a volume are closed.
        if !matches!(key.bind_group_data.kind, SurroundingKind::Solid | SurroundingKind::Cloud) {
            descriptor.primitive.cull_mode = None;
        }
        let defs = &mut descriptor.vertex.shader_defs;
        if defs.contains(&"PREPASS_PIPELINE".into()) {
            // Shadows are cast by Bevy's own shader, which needs positions only.
            return Ok(());
        }
        let mut more: Vec<ShaderDefVal> = vec![key.bind_group_data.kind.shader_def().into()];
        if key.bind_group_data.shadows {
            more.push("SHADOWS".into());
        }
        match key.bind_group_data.kind {
            _ if key.bind_group_data.shadows => more.push("NEEDS_PLACE".into()),
            SurroundingKind::Sky | SurroundingKind::Sheen => more.push("NEEDS_PLACE".into()),
            // Without shadow maps the shadow of the walls is computed, since it makes them look attached to the ground.
            SurroundingKind::Solid => more.extend(["NEEDS_PLACE", "WALL_SHADE"].map(Into::into)),
            SurroundingKind::Blades | SurroundingKind::Litter => more.push("WALL_SHADE_AT_CORNERS".into()),
            _ => {}
        }
        defs.extend(more.iter().cloned());
        if let Some(fragment) = &mut descriptor.fragment {
            fragment.shader_defs.extend(more);
        }
        descriptor.vertex.buffers = vec![layout.0.get_layout(&[
            Mesh::ATTRIBUTE_POSITION.at_shader_location(0),
            Mesh::ATTRIBUTE_NORMAL.at_shader_location(1),
            Mesh::ATTRIBUTE_COLOR.at_shader_location(2),
            ATTRIBUTE_TRAITS.at_shader_location(3),
            ATTRIBUTE_ANCHOR.at_shader_location(4),
        ])?];
        Ok(())
    }
}

/// Registers the material, and embeds its shader in the program.
pub(super) fn plugin(app: &mut App) {
    app.add_plugins(MaterialPlugin::<GardenMaterial>::default());
    load_internal_asset!(app, SHADER, "../../../assets/shaders/environment.wgsl", Shader::from_wgsl);
}
