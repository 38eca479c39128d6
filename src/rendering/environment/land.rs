//! The terrain: the flat plot, the meadow around it, hills, and the path to the gate.

use crate::rendering::chance::Chance;
use bevy::prelude::*;

use super::clay::Clay;
use super::palette::Paint;
use crate::rendering::mesh_builder::{MeshBuilder, Surface};

/// Distance from the centre to the edge of the terrain, in metres; fog hides the edge.
const EDGE_M: f32 = 130.0;
/// Number of sectors of the terrain around the plot.
const SECTORS: usize = 72;
/// Width of a patch of the lawn, in metres.
const PATCH_M: f32 = 0.5;
/// Half the width of the path, in metres.
pub(super) const PATH_HALF_M: f32 = 0.62;
/// Thickness of the walls, in metres.
pub(super) const WALL_THICKNESS_M: f32 = 0.3;

/// Terrain around a plot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Land {
    /// Half the side of the plot, in metres.
    pub(super) half_m: f32,
    /// Height of the walls, in metres.
    pub(super) wall_m: f32,
}

impl Land {
    /// Returns the distance of a position from the plot, in metres; 0 inside.
    pub(super) fn outside_m(&self, x: f32, z: f32) -> f32 {
        let (dx, dz) = ((x.abs() - self.half_m).max(0.0), (z.abs() - self.half_m).max(0.0));
        dx.hypot(dz)
    }

    /// Returns the height of the ground, in metres.
    pub(super) fn height_m(&self, x: f32, z: f32) -> f32 {
        let far = self.outside_m(x, z);
        let rolling = (0.21 * x + 1.3).sin() * (0.17 * z + 0.4).cos() + 0.5 * (0.37 * x - 0.29 * z).sin();
        let near = smooth(1.2, 11.0, far) * (0.28 * rolling + 0.15);
        let bearing = z.atan2(x);
        let ridge = 0.62 + 0.22 * (3.0 * bearing + 0.6).sin() + 0.16 * (5.0 * bearing + 2.1).sin();
        let hills = smooth(14.0, 62.0, far) * 11.0 * ridge + smooth(50.0, 120.0, far) * 9.0 * ridge;
        // The path runs through a shallow valley.
        let valley = 1.0 - 0.55 * (-(self.path_distance_m(x, z) / 7.0).powi(2)).exp() * smooth(10.0, 30.0, far);
        near - 0.012 + hills * valley
    }

    /// Returns the position of the gate: the middle of the wall at the far left of the first view.
    pub(super) fn gate_m(&self) -> Vec2 {
        Vec2::new(-self.half_m, 0.18 * self.half_m)
    }

    /// Returns the point on the path at a distance from the gate, in metres.
    pub(super) fn path_m(&self, along_m: f32) -> Vec2 {
        let bend = 1.9 * (along_m * 0.17).sin() * smooth(1.0, 9.0, along_m) - 0.10 * along_m;
        self.gate_m() + Vec2::new(-along_m, bend)
    }

    /// Returns the distance of a position from the middle of the path, in metres.
    pub(super) fn path_distance_m(&self, x: f32, z: f32) -> f32 {
        let along = self.gate_m().x - x;
        if along < 0.0 {
            return (Vec2::new(x, z) - self.gate_m()).length();
        }
        let slope = (self.path_m(along + 0.5).y - self.path_m(along - 0.5).y).atan().cos();
        (z - self.path_m(along).y).abs() * slope
    }

    /// Builds the ground: lawn, meadow and hills.
    pub(super) fn build(&self, into: &mut MeshBuilder<Clay>) {
        self.build_lawn(into);
        self.build_meadow(into);
        self.build_path(into);
    }

    /// Builds the lawn. It is flat, as it is for the wheels; only its shading varies.
    fn build_lawn(&self, into: &mut MeshBuilder<Clay>) {
        let mut chance = Chance::of_scenery(11);
        let count = (2.0 * self.half_m / PATCH_M).round().max(4.0) as usize;
        let step = 2.0 * self.half_m / count as f32;
        let mut corner = vec![Vec3::ZERO; (count + 1) * (count + 1)];
        for row in 0..=count {
            for column in 0..=count {
                let inner = |number: usize| number > 0 && number < count;
                let mut at = Vec2::new(column as f32, row as f32) * step - Vec2::splat(self.half_m);
                if inner(row) && inner(column) {
                    at += Vec2::new(chance.between(-0.3, 0.3), chance.between(-0.3, 0.3)) * step;
                }
                corner[row * (count + 1) + column] = Vec3::new(at.x, 0.0, at.y);
            }
        }
        for row in 0..count {
            for column in 0..count {
                let at = |down: usize, right: usize| corner[(row + down) * (count + 1) + column + right];
                let mut halves = [[at(0, 0), at(1, 0), at(1, 1)], [at(0, 0), at(1, 1), at(0, 1)]];
                if chance.unit() < 0.5 {
                    halves = [[at(0, 0), at(1, 0), at(0, 1)], [at(1, 0), at(1, 1), at(0, 1)]];
                }
                for half in halves {
                    let middle = (half[0] + half[1] + half[2]) / 3.0;
                    let broad = (middle.x * 0.9 + 0.7).sin() * (middle.z * 0.8 - 0.3).cos()
                        + 0.5 * (middle.x * 2.3 - middle.z * 1.9).sin();
                    let normal = Vec3::new(chance.between(-0.07, 0.07), 1.0, chance.between(-0.07, 0.07)).normalize();
                    // The ground is always slightly darker near the wall.
                    let near_wall = |corner: Vec3| {
                        let inside = self.half_m - corner.x.abs().max(corner.z.abs());
                        1.0 - 0.26 * (-(inside / 0.3).powi(2)).exp()
                    };
                    let clay = Clay {
                        fourth: 0.0,
                        ..Clay::of(Paint::Lawn).shaded(1.0 + 0.04 * broad).varied(&mut chance, 0.03)
                    };
                    into.face_of(&half, normal, &half.map(|corner| clay.shaded(near_wall(corner))));
                }
            }
        }
    }

    fn build_meadow(&self, into: &mut MeshBuilder<Clay>) {
        let mut chance = Chance::of_scenery(12);
        let mut rings = vec![0.0_f32, 0.34];
        let mut width = 0.9;
        while rings.last().copied().unwrap_or(EDGE_M) < EDGE_M {
            rings.push(rings.last().copied().unwrap_or(0.0) + width);
            width *= 1.17;
        }
        let mut grid = Vec::with_capacity(rings.len());
        for (number, &out) in rings.iter().enumerate() {
            let row: Vec<Vec3> = (0..SECTORS)
                .map(|sector| {
                    let wobble = if number > 2 { chance.between(-0.3, 0.3) } else { 0.0 };
                    let angle = std::f32::consts::TAU * (sector as f32 + wobble) / SECTORS as f32;
                    let (s, c) = angle.sin_cos();
                    let square = self.half_m / c.abs().max(s.abs());
                    let round = self.half_m * 1.2 + out;
                    let radius = (square + out).max(square) * (1.0 - smooth(0.5, 14.0, out)) + round * smooth(0.5, 14.0, out);
                    let radius = radius
                        + if number > 2 {
                            chance.between(-0.25, 0.25) * out * 0.15
                        } else {
                            0.0
                        };
                    let (x, z) = (c * radius, s * radius);
                    Vec3::new(x, self.height_m(x, z), z)
                })
                .collect();
            grid.push(row);
        }
        for (ring, pair) in grid.windows(2).enumerate() {
            for sector in 0..SECTORS {
                let next = (sector + 1) % SECTORS;
                let (a, b, c, d) = (pair[0][sector], pair[1][sector], pair[1][next], pair[0][next]);
                let halves = if (sector + ring) % 2 == 0 {
                    [[a, c, b], [a, d, c]]
                } else {
                    [[a, d, b], [d, c, b]]
                };
                for half in halves {
                    let middle = (half[0] + half[1] + half[2]) / 3.0;
                    let far = self.outside_m(middle.x, middle.z);
                    let broad = (middle.x * 0.23).sin() * (middle.z * 0.19 + 1.0).cos();
                    let paint = if far > 24.0 { Paint::Hill } else { Paint::Meadow };
                    let clay = Clay {
                        fourth: 0.0,
                        ..Clay::of(paint).shaded(0.98 + 0.06 * broad).varied(&mut chance, 0.04)
                    };
                    into.face(&half, clay);
                }
            }
        }
    }

    /// Builds a ribbon of gravel with stepping stones, from the gate into the hills.
    fn build_path(&self, into: &mut MeshBuilder<Clay>) {
        let mut chance = Chance::of_scenery(13);
        let on_ground = |at: Vec2, above_m: f32| Vec3::new(at.x, self.height_m(at.x, at.y) + above_m, at.y);
        let mut last: Option<[Vec3; 3]> = None;
        for step in 0..90 {
            let along = 0.1 + step as f32 * 0.5;
            let (middle, ahead) = (self.path_m(along), self.path_m(along + 0.2));
            let side = (ahead - middle).perp().normalize_or_zero();
            let (left, right) = (chance.about(PATH_HALF_M, 0.18), chance.about(PATH_HALF_M, 0.18));
            let lift = 0.035 + 0.0016 * along;
            let row = [
                on_ground(middle + side * left, lift - 0.015),
                on_ground(middle, lift),
                on_ground(middle - side * right, lift - 0.015),
            ];
            if let Some(last) = last {
                for strip in 0..2 {
                    let clay = Clay {
                        fourth: 0.85,
                        ..Clay::of(Paint::Gravel).varied(&mut chance, 0.05)
                    };
                    let corners = [last[strip], row[strip], row[strip + 1], last[strip + 1]];
                    into.face_with_normal(&corners, Vec3::Y, clay);
                }
            }
            last = Some(row);
            if step % 2 == 0 && step < 50 {
                let shift = chance.between(-0.2, 0.2);
                let centre = on_ground(middle + side * shift, 0.03);
                let (radius, turn) = (chance.between(0.24, 0.34), chance.between(0.0, 6.0));
                let top: Vec<Vec3> = (0..7)
                    .map(|corner| {
                        let angle = turn - std::f32::consts::TAU * corner as f32 / 7.0;
                        let radius = radius * chance.between(0.85, 1.1);
                        centre + Vec3::new(angle.cos() * radius, 0.05, angle.sin() * radius * 0.85)
                    })
                    .collect();
                let clay = Clay::of(Paint::Cap).varied(&mut chance, 0.07);
                for corner in 0..7 {
                    let (here, next) = (top[corner], top[(corner + 1) % 7]);
                    into.face(&[here, here - 0.07 * Vec3::Y, next - 0.07 * Vec3::Y, next], clay.shaded(0.85));
                }
                into.face(&top, clay);
            }
        }
    }
}

/// Smooth step: 0 below `from`, 1 above `to`.
pub(super) fn smooth(from: f32, to: f32, number: f32) -> f32 {
    let t = ((number - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}
