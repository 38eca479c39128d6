//! Surface of the surroundings: a paint, and what the shader needs to know besides.

use crate::rendering::chance::Chance;
use bevy::prelude::*;

use super::material::{ATTRIBUTE_ANCHOR, ATTRIBUTE_TRAITS};
use super::palette::Paint;
use crate::rendering::mesh_builder::{ExtraAttributes, MeshBuilder, Surface, VertexNumbers, triangles_of_a_ball};

/// Surface properties of a face.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clay {
    /// Paint.
    pub(super) paint: Paint,
    /// Factor on the paint.
    pub(super) shade: f32,
    /// Colour temperature relative to the paint: warmer above 0, cooler below.
    pub(super) warm: f32,
    /// Fourth component of the colour: the amount of snow it holds, or a value specific to the kind.
    pub(super) fourth: f32,
    /// Amplitude of the sway, in metres.
    pub(super) sway: f32,
    /// Phase, in 0..1.
    pub(super) phase: f32,
    /// Softness of the lighting, or a value specific to the kind.
    pub(super) size: f32,
    /// Centre or root of the object.
    pub(super) anchor: Vec3,
    /// `true` if all faces of a lump share its phase; otherwise each has its own.
    pub(super) keeps_phase: bool,
}

impl Clay {
    /// Creates a plain surface on which snow lies.
    pub(super) fn of(paint: Paint) -> Self {
        Self {
            paint,
            shade: 1.0,
            warm: 0.0,
            fourth: 1.0,
            sway: 0.0,
            phase: 0.5,
            size: 0.0,
            anchor: Vec3::ZERO,
            keeps_phase: false,
        }
    }

    /// Returns a surface with small random changes.
    pub(super) fn varied(mut self, chance: &mut Chance, part: f32) -> Self {
        self.shade = chance.about(self.shade, part);
        self.warm += chance.between(-0.35, 0.35) * part;
        self.phase = chance.unit();
        self
    }
}

impl Surface for Clay {
    fn numbers(&self) -> VertexNumbers {
        VertexNumbers {
            colour: [
                self.shade * (1.0 + self.warm),
                self.shade,
                self.shade * (1.0 - self.warm),
                self.fourth,
            ],
            traits: [f32::from(self.paint as u8), self.sway, self.phase, self.size],
            anchor: Some(self.anchor.to_array()),
        }
    }

    fn shaded(mut self, by: f32) -> Self {
        self.shade *= by;
        self
    }
}

impl MeshBuilder<Clay> {
    /// Adds a lump: a randomly dented ball of triangles. Its lower part is darker.
    pub(super) fn lump(&mut self, middle: Vec3, radii: Vec3, detail: u32, dents: f32, chance: &mut Chance, clay: Clay) {
        let waves: [Vec3; 3] = std::array::from_fn(|_| {
            Vec3::new(
                chance.between(-3.0, 3.0),
                chance.between(-3.0, 3.0),
                chance.between(-3.0, 3.0),
            )
        });
        let shift = chance.between(0.0, 6.0);
        let spin = Quat::from_rotation_y(chance.between(0.0, 6.3)) * Quat::from_rotation_x(chance.between(0.0, 6.3));
        let at = |direction: Vec3| {
            let direction = spin * direction;
            let dent: f32 = waves.iter().map(|wave| (direction.dot(*wave) * 1.7 + shift).sin()).sum();
            middle + direction * radii * (1.0 + dents * dent / 3.0)
        };
        for [a, b, c] in triangles_of_a_ball(detail) {
            let corners = [at(a), at(b), at(c)];
            let height = ((corners[0] + corners[1] + corners[2]) / 3.0 - middle).y / radii.y;
            let face = clay.shaded(0.9 + 0.14 * height).varied(chance, 0.045);
            let phase = if clay.keeps_phase { clay.phase } else { face.phase };
            self.face_away(&corners, middle, Clay { phase, ..face });
        }
    }

    /// Returns the finished mesh, for the material of the surroundings.
    pub(super) fn into_mesh(self) -> Mesh {
        self.build(ExtraAttributes {
            traits: Some(ATTRIBUTE_TRAITS),
            anchors: Some(ATTRIBUTE_ANCHOR),
        })
    }
}
