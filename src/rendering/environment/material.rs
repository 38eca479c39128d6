//! The one material of the surroundings, and what its shader is told of the air: light, fog, season, weather and paints.
//!
//! Each kind of thing (solid, blade, petal, drop, ...) is the same shader cut to measure; all of them are told the same [`Air`]. So a
//! season changes by a few numbers, and never by a new mesh.

use bevy::asset::uuid_handle;
use bevy::mesh::{MeshVertexAttribute, MeshVertexBufferLayoutRef, VertexFormat};
use bevy::pbr::{MaterialPipeline, MaterialPipelineKey, MaterialPlugin};
use bevy::prelude::*;
use bevy::render::render_resource::{AsBindGroup, RenderPipelineDescriptor, ShaderType, SpecializedMeshPipelineError};
use bevy::shader::{ShaderDefVal, ShaderRef};

use super::palette::PAINTS;

/// Which paint, how far it sways, its phase, its size: see the shader.
pub(super) const ATTRIBUTE_TRAITS: MeshVertexAttribute =
    MeshVertexAttribute::new("Traits", 0x7065_7265_6e31, VertexFormat::Float32x4);
/// The middle or the root of what a vertex belongs to.
pub(super) const ATTRIBUTE_ANCHOR: MeshVertexAttribute =
    MeshVertexAttribute::new("Anchor", 0x7065_7265_6e32, VertexFormat::Float32x3);

/// What kind of thing a mesh is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// Ground, walls, trees: what stands.
    Solid,
    /// Grass.
    Blades,
    /// What lies on the ground or grows there in a part of the year: petals, leaves, flowers.
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
    /// The dome.
    Sky,
}

impl Kind {
    /// Every kind.
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

    /// What the shader calls it.
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

    /// Whether what is behind it is seen.
    pub(super) fn is_clear(self) -> bool {
        matches!(self, Self::Rain | Self::Splash | Self::Sheen)
    }

    /// Whether shadows fall on it.
    fn is_shaded(self) -> bool {
        matches!(self, Self::Solid | Self::Blades | Self::Litter)
    }
}

/// What the shader is told. Its fields are explained there.
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
    /// The largest difference between two airs in any number.
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

/// The material of one kind of thing.
#[derive(Asset, TypePath, AsBindGroup, Clone, Debug)]
#[bind_group_data(GardenMaterialKey)]
pub(super) struct GardenMaterial {
    #[uniform(0)]
    pub(super) air: Air,
    pub(super) kind: Kind,
    /// Whether shadows fall on it.
    pub(super) shadows: bool,
}

/// What tells the pipelines of the materials apart.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct GardenMaterialKey {
    kind: Kind,
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

/// The shader, which is part of the program.
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
        // Things that look the same from both sides are thin; those with a volume are closed.
        if !matches!(key.bind_group_data.kind, Kind::Solid | Kind::Cloud) {
            descriptor.primitive.cull_mode = None;
        }
        let defs = &mut descriptor.vertex.shader_defs;
        if defs.contains(&"PREPASS_PIPELINE".into()) {
            // Shadows are cast by Bevy's own shader, which needs places only.
            return Ok(());
        }
        let mut more: Vec<ShaderDefVal> = vec![key.bind_group_data.kind.shader_def().into()];
        if key.bind_group_data.shadows {
            more.push("SHADOWS".into());
        }
        match key.bind_group_data.kind {
            _ if key.bind_group_data.shadows => more.push("NEEDS_PLACE".into()),
            Kind::Sky | Kind::Sheen => more.push("NEEDS_PLACE".into()),
            // Without shadow maps the walls' shadow is reckoned: it is what makes them stand on the ground.
            Kind::Solid => more.extend(["NEEDS_PLACE", "WALL_SHADE"].map(Into::into)),
            Kind::Blades | Kind::Litter => more.push("WALL_SHADE_AT_CORNERS".into()),
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

/// Makes the material known, and puts its shader into the program.
pub(super) fn plugin(app: &mut App) {
    app.add_plugins(MaterialPlugin::<GardenMaterial>::default());
    let shader = Shader::from_wgsl(
        include_str!("../../../assets/shaders/environment.wgsl"),
        "shaders/environment.wgsl",
    );
    if let Some(mut shaders) = app.world_mut().get_resource_mut::<Assets<Shader>>()
        && let Err(error) = shaders.insert(SHADER.id(), shader)
    {
        warn!("the surroundings cannot be drawn: {error}");
    }
}
