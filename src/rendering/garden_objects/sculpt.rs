//! Builder for meshes: turned bodies, tubes, balls, leaves. Colours are stored in the vertices, so that an object of many colours
//! is one draw call.

use bevy::asset::RenderAssetUsages;
use bevy::mesh::{Indices, PrimitiveTopology};
use bevy::prelude::*;

use super::chance::Chance;

/// Part of a plant to which a vertex belongs, for parts that appear and disappear separately.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Part {
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
    pub(super) part: Part,
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
            part: Part::Body,
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

/// A mesh under construction.
#[derive(Clone, Debug, Default)]
pub(super) struct MeshBuilder {
    /// Positions of the vertices, in metres.
    pub(super) positions: Vec<[f32; 3]>,
    /// Normals of the vertices.
    pub(super) normals: Vec<[f32; 3]>,
    /// Own colours of the vertices (linear), with the fraction of the thirst colour in alpha.
    pub(super) colours: Vec<[f32; 4]>,
    /// Sway in metres, part, shade and phase of the vertices.
    pub(super) traits: Vec<[f32; 4]>,
    indices: Vec<u32>,
}

impl MeshBuilder {
    /// Adds a vertex.
    pub(super) fn vertex(&mut self, position: Vec3, normal: Vec3, paint: &VertexPaint) -> u32 {
        let number = self.positions.len() as u32;
        let [red, green, blue] = paint.own;
        let linear = Color::srgb(red, green, blue).to_linear();
        self.positions.push(position.to_array());
        self.normals.push(normal.normalize_or(Vec3::Y).to_array());
        self.colours.push([linear.red, linear.green, linear.blue, paint.share]);
        self.traits
            .push([paint.sway_m, paint.part as u8 as f32, paint.shade, paint.phase]);
        number
    }

    /// Adds a triangle, anticlockwise as seen from outside.
    pub(super) fn triangle(&mut self, corners: [u32; 3]) {
        self.indices.extend(corners);
    }

    /// Adds a turned body: a profile of (radius, height) from bottom to top, around the y axis of `place`.
    pub(super) fn turned(&mut self, place: Transform, profile: &[Vec2], sides: u32, paint: &VertexPaint) {
        let mut below = None;
        for (row, &point) in profile.iter().enumerate() {
            let tangent = profile[(row + 1).min(profile.len() - 1)] - profile[row.saturating_sub(1)];
            let outward = Vec2::new(tangent.y, -tangent.x);
            let first = self.positions.len() as u32;
            for side in 0..=sides {
                let (sine, cosine) = (std::f32::consts::TAU * side as f32 / sides as f32).sin_cos();
                let around = |flat: Vec2| Vec3::new(flat.x * cosine, flat.y, -flat.x * sine);
                let normal = place.rotation * (around(outward) / place.scale);
                self.vertex(place * around(point), normal, paint);
            }
            if let Some(below) = below {
                self.bridge(below, first, sides);
            }
            below = Some(first);
        }
    }

    /// As [`MeshBuilder::turned`], with sharp edges between the segments of the profile.
    pub(super) fn turned_sharp(&mut self, place: Transform, profile: &[Vec2], sides: u32, paint: &VertexPaint) {
        for part in profile.windows(2) {
            self.turned(place, part, sides, paint);
        }
    }

    /// Connects two rows of vertices by triangles.
    fn bridge(&mut self, lower: u32, upper: u32, count: u32) {
        for step in 0..count {
            self.triangle([lower + step, lower + step + 1, upper + step + 1]);
            self.triangle([lower + step, upper + step + 1, upper + step]);
        }
    }

    /// Adds a ball or an egg.
    pub(super) fn ball(&mut self, centre: Vec3, radii: Vec3, sides: u32, rings: u32, paint: &VertexPaint) {
        self.ball_part(
            Transform::from_translation(centre).with_scale(radii),
            std::f32::consts::PI,
            sides,
            rings,
            paint,
        );
    }

    /// Adds the cap of a unit ball, from the pole on the y axis of `place` down to `angle_rad`.
    pub(super) fn ball_part(&mut self, place: Transform, angle_rad: f32, sides: u32, rings: u32, paint: &VertexPaint) {
        let profile: Vec<Vec2> = (0..=rings)
            .map(|ring| {
                let (sine, cosine) = (angle_rad * (1.0 - ring as f32 / rings as f32)).sin_cos();
                Vec2::new(sine, cosine)
            })
            .collect();
        self.turned(place, &profile, sides, paint);
    }

    /// Adds a tube along a path.
    pub(super) fn tube(&mut self, path: &[Vec3], radii_m: &[f32], sides: u32, paint: impl Fn(f32) -> VertexPaint) {
        let mut below = None;
        let mut across = Vec3::X;
        for (row, &point) in path.iter().enumerate() {
            let tangent = (path[(row + 1).min(path.len() - 1)] - path[row.saturating_sub(1)]).normalize_or(Vec3::Y);
            // Transported along the path, so that the tube does not twist.
            across = across
                .reject_from_normalized(tangent)
                .normalize_or(tangent.any_orthonormal_vector());
            let other = across.cross(tangent);
            let radius_m = radii_m[row.min(radii_m.len() - 1)];
            let first = self.positions.len() as u32;
            let paint = paint(row as f32 / (path.len() - 1).max(1) as f32);
            for side in 0..=sides {
                let (sine, cosine) = (std::f32::consts::TAU * side as f32 / sides as f32).sin_cos();
                let outward = across * cosine - other * sine;
                self.vertex(point + outward * radius_m, outward, &paint);
            }
            if let Some(below) = below {
                self.bridge(below, first, sides);
            }
            below = Some(first);
        }
    }

    /// Adds a small leaf: a diamond from its base along `along`, `half_width` to each side, lit as if it faced `normal`.
    pub(super) fn card(&mut self, base: Vec3, along: Vec3, half_width: Vec3, normal: Vec3, paint: &VertexPaint) {
        let tip = paint.shade(paint.shade * 1.08);
        let corners = [
            self.vertex(base, normal, &paint.shade(paint.shade * 0.86)),
            self.vertex(
                base + along * 0.45 + half_width,
                normal + half_width.normalize_or_zero() * 0.25,
                paint,
            ),
            self.vertex(base + along, normal, &tip),
            self.vertex(
                base + along * 0.45 - half_width,
                normal - half_width.normalize_or_zero() * 0.25,
                paint,
            ),
        ];
        self.triangle([corners[0], corners[1], corners[2]]);
        self.triangle([corners[0], corners[2], corners[3]]);
    }

    /// Adds a big leaf or petal along a path; its edges are raised by `cup` times its half-width.
    pub(super) fn leaf(
        &mut self,
        path: &[Vec3],
        half_widths_m: &[f32],
        across: Vec3,
        cup: f32,
        paint: impl Fn(f32) -> VertexPaint,
    ) {
        let mut below = None;
        for (row, &point) in path.iter().enumerate() {
            let tangent = (path[(row + 1).min(path.len() - 1)] - path[row.saturating_sub(1)]).normalize_or(Vec3::Y);
            let across = across
                .reject_from_normalized(tangent)
                .normalize_or(tangent.any_orthonormal_vector());
            let normal = across.cross(tangent).normalize_or(Vec3::Y);
            let half_m = half_widths_m[row.min(half_widths_m.len() - 1)];
            let paint = paint(row as f32 / (path.len() - 1).max(1) as f32);
            let edge = paint.shade(paint.shade * 1.05);
            let first = self.positions.len() as u32;
            self.vertex(point - across * half_m + normal * cup * half_m, normal + across * cup, &edge);
            self.vertex(point, normal, &paint.shade(paint.shade * 0.93));
            self.vertex(point + across * half_m + normal * cup * half_m, normal - across * cup, &edge);
            if let Some(below) = below {
                self.bridge(below, first, 2);
            }
            below = Some(first);
        }
    }

    /// Adds a box centred at `place`.
    pub(super) fn cuboid(&mut self, place: Transform, half: Vec3, paint: &VertexPaint) {
        for (axis, other) in [(Vec3::X, Vec3::Y), (Vec3::Y, Vec3::Z), (Vec3::Z, Vec3::X)] {
            for sign in [-1.0, 1.0] {
                let third = axis.cross(other) * sign;
                let corner = |u: f32, v: f32| place * ((axis * sign + other * u + third * v) * half);
                let normal = place.rotation * axis * sign;
                let corners =
                    [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)].map(|(u, v)| self.vertex(corner(u, v), normal, paint));
                self.triangle([corners[0], corners[1], corners[2]]);
                self.triangle([corners[0], corners[2], corners[3]]);
            }
        }
    }

    /// Adds a flat ring on the ground plane of `place`, facing up.
    pub(super) fn ring(&mut self, place: Transform, inner_m: f32, outer_m: f32, sides: u32, paint: &VertexPaint) {
        self.turned(place, &[Vec2::new(outer_m, 0.0), Vec2::new(inner_m, 0.0)], sides, paint);
    }

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
            *position = (point + Chance::new(mix ^ seed).vector() * amount_m).to_array();
        }
    }

    /// Returns the number of triangles.
    #[cfg(test)]
    pub(super) fn triangles(&self) -> usize {
        self.indices.len() / 3
    }

    /// Returns the indices of the triangles' corners.
    pub(super) fn indices(&self) -> Indices {
        Indices::U32(self.indices.clone())
    }

    /// Returns the finished mesh with vertex colours, for a standard material.
    pub(super) fn into_mesh(self) -> Mesh {
        let colours: Vec<[f32; 4]> = self
            .colours
            .iter()
            .zip(&self.traits)
            .map(|(colour, traits)| [colour[0] * traits[2], colour[1] * traits[2], colour[2] * traits[2], 1.0])
            .collect();
        Mesh::new(PrimitiveTopology::TriangleList, RenderAssetUsages::RENDER_WORLD)
            .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, self.positions)
            .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, self.normals)
            .with_inserted_attribute(Mesh::ATTRIBUTE_COLOR, colours)
            .with_inserted_indices(Indices::U32(self.indices))
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts the triangles of a closed body that face away from `centre`, and all of its triangles.
    fn facing_out(sculpt: &MeshBuilder, centre: Vec3) -> (usize, usize) {
        let at = |index: u32| Vec3::from_array(sculpt.positions[index as usize]);
        let corners: Vec<[Vec3; 3]> = sculpt
            .indices
            .chunks_exact(3)
            .map(|t| [at(t[0]), at(t[1]), at(t[2])])
            .collect();
        let normal = |[a, b, c]: &[Vec3; 3]| (*b - *a).cross(*c - *a);
        let real: Vec<_> = corners.iter().filter(|corners| normal(corners).length() > 1e-6).collect();
        let out = real
            .iter()
            .filter(|corners| normal(corners).dot(corners[0] - centre) > 0.0)
            .count();
        (out, real.len())
    }

    #[test]
    fn bodies_face_outwards() {
        let paint = VertexPaint::plain([1.0; 3]);
        let mut ball = MeshBuilder::default();
        ball.ball(Vec3::ONE, Vec3::new(0.5, 0.7, 0.5), 8, 6, &paint);
        let (out, all) = facing_out(&ball, Vec3::ONE);
        assert_eq!(out, all);
        let mut cuboid = MeshBuilder::default();
        cuboid.cuboid(Transform::from_xyz(1.0, 1.0, 1.0), Vec3::splat(0.2), &paint);
        assert_eq!(facing_out(&cuboid, Vec3::ONE), (12, 12));
        let mut tube = MeshBuilder::default();
        tube.tube(&[Vec3::ZERO, Vec3::Y], &[0.1], 6, |_| paint);
        let (out, all) = facing_out(&tube, Vec3::Y * 0.5);
        assert_eq!(out, all);
    }

    #[test]
    fn normals_of_a_ball_point_away_from_its_centre() {
        let mut ball = MeshBuilder::default();
        ball.ball(Vec3::ONE, Vec3::splat(0.5), 12, 8, &VertexPaint::plain([1.0; 3]));
        for (position, normal) in ball.positions.iter().zip(&ball.normals) {
            let outward = (Vec3::from_array(*position) - Vec3::ONE).normalize();
            assert!(outward.dot(Vec3::from_array(*normal)) > 0.9);
        }
    }
}
