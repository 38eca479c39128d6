//! Faces, blocks and columns. Each face has vertices of its own, so that its edges are sharp.

use bevy::prelude::*;

use super::{MeshBuilder, Surface};

impl<S: Surface> MeshBuilder<S> {
    /// Adds a flat face with its corners in order, anticlockwise as seen from outside.
    pub(in crate::rendering) fn face(&mut self, corners: &[Vec3], surface: S) {
        let &[first, second, third, ..] = corners else { return };
        let normal = (second - first).cross(corners.last().copied().unwrap_or(third) - first);
        self.face_with_normal(corners, normal.try_normalize().unwrap_or(Vec3::Y), surface);
    }

    /// Adds a face with a given normal for lighting.
    pub(in crate::rendering) fn face_with_normal(&mut self, corners: &[Vec3], normal: Vec3, surface: S) {
        let shaded: Vec<S> = vec![surface; corners.len()];
        self.face_of(corners, normal, &shaded);
    }

    /// Adds a face with a separate surface for each corner.
    pub(in crate::rendering) fn face_of(&mut self, corners: &[Vec3], normal: Vec3, surfaces: &[S]) {
        let first = self.positions.len() as u32;
        for (&corner, surface) in corners.iter().zip(surfaces) {
            self.push(corner, normal, surface.numbers());
        }
        for next in 1..(corners.len() as u32).saturating_sub(1) {
            self.indices.extend([first, first + next, first + next + 1]);
        }
    }

    /// Adds a face, oriented away from a point.
    pub(in crate::rendering) fn face_away(&mut self, corners: &[Vec3], from: Vec3, surface: S) {
        let middle = corners.iter().copied().sum::<Vec3>() / corners.len().max(1) as f32;
        let mut corners = corners.to_vec();
        if let &[a, b, c, ..] = corners.as_slice()
            && (b - a).cross(c - a).dot(middle - from) < 0.0
        {
            corners.reverse();
        }
        self.face(&corners, surface);
    }

    /// Adds a block with worn edges. Its top is `taper` times as wide as its bottom.
    pub(in crate::rendering) fn block(&mut self, middle: Vec3, half: Vec3, yaw_rad: f32, taper: f32, wear: f32, surface: S) {
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
            let shade = if sign > 0.0 { surface.shaded(1.06) } else { surface };
            self.face_away(&flat, middle, shade);
            let flat = signs.map(|(u, v)| at(sign * half.x, u * inner.y, v * inner.z));
            self.face_away(&flat, middle, surface);
            let flat = signs.map(|(u, v)| at(u * inner.x, v * inner.y, sign * half.z));
            self.face_away(&flat, middle, surface);
        }
        if wear <= 0.0 {
            return;
        }
        let lit = surface.shaded(1.1);
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
    pub(in crate::rendering) fn column(
        &mut self,
        foot: Vec3,
        top: Vec3,
        foot_radius_m: f32,
        top_radius_m: f32,
        sides: u32,
        surface: S,
    ) {
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
                self.face_away(&corners, middle, surface);
            } else {
                self.face_away(&corners[..3], middle, surface);
            }
        }
        if top_radius_m > 1e-3 {
            let lid: Vec<Vec3> = (0..sides).map(|side| at(top, top_radius_m, side)).collect();
            self.face_away(&lid, middle, surface.shaded(1.05));
        }
    }

    /// Adds a box centred at `place`.
    pub(in crate::rendering) fn cuboid(&mut self, place: Transform, half: Vec3, surface: &S) {
        for (axis, other) in [(Vec3::X, Vec3::Y), (Vec3::Y, Vec3::Z), (Vec3::Z, Vec3::X)] {
            for sign in [-1.0, 1.0] {
                let third = axis.cross(other) * sign;
                let corner = |u: f32, v: f32| place * ((axis * sign + other * u + third * v) * half);
                let normal = place.rotation * axis * sign;
                let corners =
                    [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)].map(|(u, v)| self.vertex(corner(u, v), normal, surface));
                self.triangle([corners[0], corners[1], corners[2]]);
                self.triangle([corners[0], corners[2], corners[3]]);
            }
        }
    }
}

/// Returns the triangles of a unit ball: an icosahedron whose faces are divided into four `detail` times.
pub(in crate::rendering) fn triangles_of_a_ball(detail: u32) -> Vec<[Vec3; 3]> {
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
