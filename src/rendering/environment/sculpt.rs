//! Shapes for the surroundings: flat faces, many to a mesh, each with its paint.

use bevy::asset::RenderAssetUsages;
use bevy::mesh::{Indices, PrimitiveTopology};
use bevy::prelude::*;

use super::material::{ATTRIBUTE_ANCHOR, ATTRIBUTE_TRAITS};
use super::palette::Paint;

/// Chance for decoration: always the same, and no part of the simulation's.
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    /// Dice that fall as this number says.
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// A number in 0..1 (Steele et al. 2014, SplitMix64).
    pub(super) fn unit(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 40) as f32 / (1_u64 << 24) as f32
    }

    /// A number between the two.
    pub(super) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// A number about `middle`, off by at most this part of it.
    pub(super) fn about(&mut self, middle: f32, part: f32) -> f32 {
        middle * (1.0 + self.between(-part, part))
    }
}

/// What a face is made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clay {
    /// Its paint.
    pub(super) paint: Paint,
    /// What the paint is multiplied with.
    pub(super) shade: f32,
    /// How warm (above 0) or cool it is beside its paint.
    pub(super) warm: f32,
    /// The last number of its colour: how much snow it holds, or what the shader reads there for its kind.
    pub(super) fourth: f32,
    /// How far it sways, in metres.
    pub(super) sway: f32,
    /// Its phase, in 0..1.
    pub(super) phase: f32,
    /// How softly light falls on it, or what the shader reads there for its kind.
    pub(super) size: f32,
    /// The middle or root of what it belongs to.
    pub(super) anchor: Vec3,
    /// Whether all faces of a lump have its phase, and not each its own.
    pub(super) keeps_phase: bool,
}

impl Clay {
    /// Plain paint that snow lies on.
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

    /// The same, lighter or darker.
    pub(super) fn shaded(mut self, by: f32) -> Self {
        self.shade *= by;
        self
    }

    /// The same, a little off in every way.
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

/// A mesh in the making.
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
    /// One corner.
    pub(super) fn corner(&mut self, place: Vec3, normal: Vec3, clay: Clay) -> u32 {
        self.positions.push(place.to_array());
        self.normals.push(normal.to_array());
        self.colours.push(clay.colour());
        self.traits
            .push([f32::from(clay.paint as u8), clay.sway, clay.phase, clay.size]);
        self.anchors.push(clay.anchor.to_array());
        (self.positions.len() - 1) as u32
    }

    /// A flat face of corners in order, anticlockwise as seen from outside.
    pub(super) fn face(&mut self, corners: &[Vec3], clay: Clay) {
        let &[first, second, third, ..] = corners else { return };
        let normal = (second - first).cross(corners.last().copied().unwrap_or(third) - first);
        self.face_with_normal(corners, normal.try_normalize().unwrap_or(Vec3::Y), clay);
    }

    /// A face that is lit as if it looked along this normal.
    pub(super) fn face_with_normal(&mut self, corners: &[Vec3], normal: Vec3, clay: Clay) {
        let shaded: Vec<Clay> = vec![clay; corners.len()];
        self.face_of(corners, normal, &shaded);
    }

    /// A face with its own clay at each corner.
    pub(super) fn face_of(&mut self, corners: &[Vec3], normal: Vec3, clays: &[Clay]) {
        let first = self.positions.len() as u32;
        for (&corner, &clay) in corners.iter().zip(clays) {
            self.corner(corner, normal, clay);
        }
        for next in 1..(corners.len() as u32).saturating_sub(1) {
            self.indices.extend([first, first + next, first + next + 1]);
        }
    }

    /// A face, turned so that it looks away from this point.
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

    /// A block with worn edges. Its upper side is `taper` times as wide as its lower one.
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

    /// A trunk, a post or a cone: `sides` sides from `foot` to `top`.
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

    /// A lump: a ball of triangles, dented at random. Its lower part is darker.
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

    /// Whether nothing has been made.
    pub(super) fn is_empty(&self) -> bool {
        self.indices.is_empty()
    }

    /// The mesh.
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

/// The triangles of a unit ball: an icosahedron, each face cut into four as often as `detail` says.
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
