//! Turned bodies, balls, tubes and leaves. Neighbouring triangles share vertices, so that they are lit as one curved surface.

use bevy::prelude::*;

use super::{MeshBuilder, Surface};

impl<S: Surface> MeshBuilder<S> {
    /// Adds a turned body: a profile of (radius, height) from bottom to top, around the y axis of `place`.
    pub(in crate::rendering) fn turned(&mut self, place: Transform, profile: &[Vec2], sides: u32, surface: &S) {
        let mut below = None;
        for (row, &point) in profile.iter().enumerate() {
            let tangent = profile[(row + 1).min(profile.len() - 1)] - profile[row.saturating_sub(1)];
            let outward = Vec2::new(tangent.y, -tangent.x);
            let first = self.positions.len() as u32;
            for side in 0..=sides {
                let (sine, cosine) = (std::f32::consts::TAU * side as f32 / sides as f32).sin_cos();
                let around = |flat: Vec2| Vec3::new(flat.x * cosine, flat.y, -flat.x * sine);
                let normal = place.rotation * (around(outward) / place.scale);
                self.vertex(place * around(point), normal, surface);
            }
            if let Some(below) = below {
                self.bridge(below, first, sides);
            }
            below = Some(first);
        }
    }

    /// As [`MeshBuilder::turned`], with sharp edges between the segments of the profile.
    pub(in crate::rendering) fn turned_sharp(&mut self, place: Transform, profile: &[Vec2], sides: u32, surface: &S) {
        for part in profile.windows(2) {
            self.turned(place, part, sides, surface);
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
    pub(in crate::rendering) fn ball(&mut self, centre: Vec3, radii: Vec3, sides: u32, rings: u32, surface: &S) {
        self.ball_part(
            Transform::from_translation(centre).with_scale(radii),
            std::f32::consts::PI,
            sides,
            rings,
            surface,
        );
    }

    /// Adds the cap of a unit ball, from the pole on the y axis of `place` down to `angle_rad`.
    pub(in crate::rendering) fn ball_part(&mut self, place: Transform, angle_rad: f32, sides: u32, rings: u32, surface: &S) {
        let profile: Vec<Vec2> = (0..=rings)
            .map(|ring| {
                let (sine, cosine) = (angle_rad * (1.0 - ring as f32 / rings as f32)).sin_cos();
                Vec2::new(sine, cosine)
            })
            .collect();
        self.turned(place, &profile, sides, surface);
    }

    /// Adds a tube along a path.
    pub(in crate::rendering) fn tube(&mut self, path: &[Vec3], radii_m: &[f32], sides: u32, surface: impl Fn(f32) -> S) {
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
            let surface = surface(row as f32 / (path.len() - 1).max(1) as f32);
            for side in 0..=sides {
                let (sine, cosine) = (std::f32::consts::TAU * side as f32 / sides as f32).sin_cos();
                let outward = across * cosine - other * sine;
                self.vertex(point + outward * radius_m, outward, &surface);
            }
            if let Some(below) = below {
                self.bridge(below, first, sides);
            }
            below = Some(first);
        }
    }

    /// Adds a small leaf: a diamond from its base along `along`, `half_width` to each side, lit as if it faced `normal`.
    pub(in crate::rendering) fn card(&mut self, base: Vec3, along: Vec3, half_width: Vec3, normal: Vec3, surface: &S) {
        let tip = surface.shaded(1.08);
        let corners = [
            self.vertex(base, normal, &surface.shaded(0.86)),
            self.vertex(
                base + along * 0.45 + half_width,
                normal + half_width.normalize_or_zero() * 0.25,
                surface,
            ),
            self.vertex(base + along, normal, &tip),
            self.vertex(
                base + along * 0.45 - half_width,
                normal - half_width.normalize_or_zero() * 0.25,
                surface,
            ),
        ];
        self.triangle([corners[0], corners[1], corners[2]]);
        self.triangle([corners[0], corners[2], corners[3]]);
    }

    /// Adds a big leaf or petal along a path; its edges are raised by `cup` times its half-width.
    pub(in crate::rendering) fn leaf(
        &mut self,
        path: &[Vec3],
        half_widths_m: &[f32],
        across: Vec3,
        cup: f32,
        surface: impl Fn(f32) -> S,
    ) {
        let mut below = None;
        for (row, &point) in path.iter().enumerate() {
            let tangent = (path[(row + 1).min(path.len() - 1)] - path[row.saturating_sub(1)]).normalize_or(Vec3::Y);
            let across = across
                .reject_from_normalized(tangent)
                .normalize_or(tangent.any_orthonormal_vector());
            let normal = across.cross(tangent).normalize_or(Vec3::Y);
            let half_m = half_widths_m[row.min(half_widths_m.len() - 1)];
            let surface = surface(row as f32 / (path.len() - 1).max(1) as f32);
            let edge = surface.shaded(1.05);
            let first = self.positions.len() as u32;
            self.vertex(point - across * half_m + normal * cup * half_m, normal + across * cup, &edge);
            self.vertex(point, normal, &surface.shaded(0.93));
            self.vertex(point + across * half_m + normal * cup * half_m, normal - across * cup, &edge);
            if let Some(below) = below {
                self.bridge(below, first, 2);
            }
            below = Some(first);
        }
    }

    /// Adds a flat ring on the ground plane of `place`, facing up.
    pub(in crate::rendering) fn ring(&mut self, place: Transform, inner_m: f32, outer_m: f32, sides: u32, surface: &S) {
        self.turned(place, &[Vec2::new(outer_m, 0.0), Vec2::new(inner_m, 0.0)], sides, surface);
    }
}
