//! Mesh builder for the surroundings: many flat faces per mesh, each with its paint.

use bevy::asset::RenderAssetUsages;
use bevy::mesh::{Indices, PrimitiveTopology};
use bevy::prelude::*;

use super::material::{ATTRIBUTE_ANCHOR, ATTRIBUTE_TRAITS};
use super::palette::Paint;
use crate::rendering::split_mix::SplitMix;

/// Pseudo-random numbers for decoration. They are always the same, and independent of the simulation.
#[derive(Clone, Debug)]
pub(super) struct Dice(SplitMix);

impl Dice {
    /// Creates a generator with this seed.
    pub(super) fn new(seed: u64) -> Self {
        Self(SplitMix::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    /// Returns a number in 0..1.
    pub(super) fn unit(&mut self) -> f32 {
        self.0.unit()
    }

    /// Returns a number between `low` and `high`.
    pub(super) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// Returns a number that differs from `middle` by at most this fraction of it.
    pub(super) fn about(&mut self, middle: f32, part: f32) -> f32 {
        middle * (1.0 + self.between(-part, part))
    }
}

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

    /// Returns a lighter or darker surface.
    pub(super) fn shaded(mut self, by: f32) -> Self {
        self.shade *= by;
        self
    }

    /// Returns a surface with small random changes.
    pub(super) fn varied(mut self, dice: &mut Dice, part: f32) -> Self {
        self.shade = dice.about(self.shade, part);
        self.warm += dice.between(-0.35, 0.35) * part;
        self.phase = dice.unit();
        self
    }

    fn colour(&self) -> [f32; 4] {
        [
            self.shade * (1.0 + self.warm),
            self.shade,
            self.shade * (1.0 - self.warm),
            self.fourth,
        ]
    }
}

/// A mesh under construction.
#[derive(Clone, Debug, Default)]
pub(super) struct SceneryMeshBuilder {
    positions: Vec<[f32; 3]>,
    normals: Vec<[f32; 3]>,
    colours: Vec<[f32; 4]>,
    traits: Vec<[f32; 4]>,
    anchors: Vec<[f32; 3]>,
    indices: Vec<u32>,
}

impl SceneryMeshBuilder {
    /// Adds a corner and returns its index.
    pub(super) fn corner(&mut self, place: Vec3, normal: Vec3, clay: Clay) -> u32 {
        self.positions.push(place.to_array());
        self.normals.push(normal.to_array());
        self.colours.push(clay.colour());
        self.traits
            .push([f32::from(clay.paint as u8), clay.sway, clay.phase, clay.size]);
        self.anchors.push(clay.anchor.to_array());
        (self.positions.len() - 1) as u32
    }

    /// Adds a flat face with its corners in order, anticlockwise as seen from outside.
    pub(super) fn face(&mut self, corners: &[Vec3], clay: Clay) {
        let &[first, second, third, ..] = corners else { return };
        let normal = (second - first).cross(corners.last().copied().unwrap_or(third) - first);
        self.face_with_normal(corners, normal.try_normalize().unwrap_or(Vec3::Y), clay);
    }

    /// Adds a face with a given normal for lighting.
    pub(super) fn face_with_normal(&mut self, corners: &[Vec3], normal: Vec3, clay: Clay) {
        let shaded: Vec<Clay> = vec![clay; corners.len()];
        self.face_of(corners, normal, &shaded);
    }

    /// Adds a face with a separate surface for each corner.
    pub(super) fn face_of(&mut self, corners: &[Vec3], normal: Vec3, clays: &[Clay]) {
        let first = self.positions.len() as u32;
        for (&corner, &clay) in corners.iter().zip(clays) {
            self.corner(corner, normal, clay);
        }
        for next in 1..(corners.len() as u32).saturating_sub(1) {
            self.indices.extend([first, first + next, first + next + 1]);
        }
    }

    /// Adds a face, oriented away from a point.
    fn face_away(&mut self, corners: &[Vec3], from: Vec3, clay: Clay) {
        let middle = corners.iter().copied().sum::<Vec3>() / corners.len().max(1) as f32;
        let mut corners = corners.to_vec();
        if let &[a, b, c, ..] = corners.as_slice()
            && (b - a).cross(c - a).dot(middle - from) < 0.0
        {
            corners.reverse();
        }
        self.face(&corners, clay);
    }

    /// Adds a block with worn edges. Its top is `taper` times as wide as its bottom.
    pub(super) fn block(&mut self, middle: Vec3, half: Vec3, yaw_rad: f32, taper: f32, wear: f32, clay: Clay) {
        let turn = Quat::from_rotation_y(yaw_rad);
        let wear = wear.min(0.45 * half.min_element());
        let at = |x: f32, y: f32, z: f32| {
            let narrow = if y > 0.0 { taper } else { 1.0 };
            middle + turn * Vec3::new(x * narrow, y, z * narrow)
        };
        let inner = half - Vec3::splat(wear);
        let signs = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)];
        for sign in [-1.0, 1.0] {
            let flat = signs.map(|(u, v)| at(u * inner.x, sign * half.y, v * inner.z));
            let shade = if sign > 0.0 { clay.shaded(1.06) } else { clay };
            self.face_away(&flat, middle, shade);
            let flat = signs.map(|(u, v)| at(sign * half.x, u * inner.y, v * inner.z));
            self.face_away(&flat, middle, clay);
            let flat = signs.map(|(u, v)| at(u * inner.x, v * inner.y, sign * half.z));
            self.face_away(&flat, middle, clay);
        }
        if wear <= 0.0 {
            return;
        }
        let lit = clay.shaded(1.1);
        for (u, v) in signs {
            let edge = [
                at(u * half.x, v * inner.y, -inner.z),
                at(u * half.x, v * inner.y, inner.z),
                at(u * inner.x, v * half.y, inner.z),
                at(u * inner.x, v * half.y, -inner.z),
            ];
            self.face_away(&edge, middle, lit);
            let edge = [
                at(-inner.x, u * half.y, v * inner.z),
                at(inner.x, u * half.y, v * inner.z),
                at(inner.x, u * inner.y, v * half.z),
                at(-inner.x, u * inner.y, v * half.z),
            ];
            self.face_away(&edge, middle, lit);
            let edge = [
                at(u * half.x, -inner.y, v * inner.z),
                at(u * half.x, inner.y, v * inner.z),
                at(u * inner.x, inner.y, v * half.z),
                at(u * inner.x, -inner.y, v * half.z),
            ];
            self.face_away(&edge, middle, lit);
        }
    }

    /// Adds a trunk, post or cone with `sides` sides from `foot` to `top`.
    pub(super) fn column(&mut self, foot: Vec3, top: Vec3, foot_radius_m: f32, top_radius_m: f32, sides: u32, clay: Clay) {
        let axis = (top - foot).try_normalize().unwrap_or(Vec3::Y);
        let (u, v) = axis.any_orthonormal_pair();
        let middle = 0.5 * (foot + top);
        let at = |centre: Vec3, radius_m: f32, side: u32| {
            let angle = std::f32::consts::TAU * side as f32 / sides as f32;
            centre + (u * angle.cos() + v * angle.sin()) * radius_m
        };
        for side in 0..sides {
            let corners = [
                at(foot, foot_radius_m, side),
                at(foot, foot_radius_m, side + 1),
                at(top, top_radius_m, side + 1),
                at(top, top_radius_m, side),
            ];
            if top_radius_m > 1e-3 {
                self.face_away(&corners, middle, clay);
            } else {
                self.face_away(&corners[..3], middle, clay);
            }
        }
        if top_radius_m > 1e-3 {
            let lid: Vec<Vec3> = (0..sides).map(|side| at(top, top_radius_m, side)).collect();
            self.face_away(&lid, middle, clay.shaded(1.05));
        }
    }

    /// Adds a lump: a randomly dented ball of triangles. Its lower part is darker.
    pub(super) fn lump(&mut self, middle: Vec3, radii: Vec3, detail: u32, dents: f32, dice: &mut Dice, clay: Clay) {
        let waves: [Vec3; 3] =
            std::array::from_fn(|_| Vec3::new(dice.between(-3.0, 3.0), dice.between(-3.0, 3.0), dice.between(-3.0, 3.0)));
        let shift = dice.between(0.0, 6.0);
        let spin = Quat::from_rotation_y(dice.between(0.0, 6.3)) * Quat::from_rotation_x(dice.between(0.0, 6.3));
        let at = |direction: Vec3| {
            let direction = spin * direction;
            let dent: f32 = waves.iter().map(|wave| (direction.dot(*wave) * 1.7 + shift).sin()).sum();
            middle + direction * radii * (1.0 + dents * dent / 3.0)
        };
        for [a, b, c] in ball(detail) {
            let corners = [at(a), at(b), at(c)];
            let height = ((corners[0] + corners[1] + corners[2]) / 3.0 - middle).y / radii.y;
            let face = clay.shaded(0.9 + 0.14 * height).varied(dice, 0.045);
            let phase = if clay.keeps_phase { clay.phase } else { face.phase };
            self.face_away(&corners, middle, Clay { phase, ..face });
        }
    }

    /// Returns `true` if the mesh is empty.
    pub(super) fn is_empty(&self) -> bool {
        self.indices.is_empty()
    }

    /// Returns the finished mesh.
    pub(super) fn mesh(self) -> Mesh {
        Mesh::new(PrimitiveTopology::TriangleList, RenderAssetUsages::RENDER_WORLD)
            .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, self.positions)
            .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, self.normals)
            .with_inserted_attribute(Mesh::ATTRIBUTE_COLOR, self.colours)
            .with_inserted_attribute(ATTRIBUTE_TRAITS, self.traits)
            .with_inserted_attribute(ATTRIBUTE_ANCHOR, self.anchors)
            .with_inserted_indices(Indices::U32(self.indices))
    }
}

/// Returns the triangles of a unit ball: an icosahedron whose faces are divided into four `detail` times.
fn ball(detail: u32) -> Vec<[Vec3; 3]> {
    let long = 0.5 * (1.0 + 5_f32.sqrt());
    let mut corners = Vec::new();
    for (one, golden) in [(-1.0, -long), (-1.0, long), (1.0, -long), (1.0, long)] {
        corners.extend([
            Vec3::new(0.0, one, golden),
            Vec3::new(one, golden, 0.0),
            Vec3::new(golden, 0.0, one),
        ]);
    }
    let mut faces = Vec::new();
    for a in 0..corners.len() {
        for b in a + 1..corners.len() {
            for c in b + 1..corners.len() {
                let near = |p: usize, q: usize| corners[p].distance(corners[q]) < 2.1;
                if near(a, b) && near(b, c) && near(a, c) {
                    faces.push([corners[a], corners[b], corners[c]].map(Vec3::normalize));
                }
            }
        }
    }
    for _ in 0..detail {
        faces = faces
            .into_iter()
            .flat_map(|[a, b, c]| {
                let [ab, bc, ca] = [(a + b).normalize(), (b + c).normalize(), (c + a).normalize()];
                [[a, ab, ca], [ab, b, bc], [ca, bc, c], [ab, bc, ca]]
            })
            .collect();
    }
    faces
}
