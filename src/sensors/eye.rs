//! The robot's eye: a small camera, drawn on the CPU.
//!
//! Silhouettes are projected to columns and kept by a depth buffer; walls, ground and sky fill the rest. That is about thirty times
//! cheaper than casting rays through the physics engine, and the same in the window and without one.

use bevy::math::Vec2;
use bevy::prelude::Resource;

use super::{Scene, Sense, colour_bytes, colour_channels, fraction_byte};
use crate::mdp::Channel;
use crate::scenario::{Eye, Scenario};

pub(super) const SENSE: Sense = Sense {
    name: "eye",
    channels,
    write: draw_eye,
};

/// Nearness is `1 / (NEAREST_M + distance_m)`.
const NEAREST_M: f32 = 0.3;
/// Bytes of a pixel: red, green, blue, nearness.
const PIXEL: usize = 4;

fn channels(scenario: &Scenario) -> Vec<Channel> {
    let eye = &scenario.eye;
    let pixel = |row: usize, column: usize| {
        let name = if eye.rows == 1 {
            format!("eye.{column:02}")
        } else {
            format!("eye.{row:02}.{column:02}")
        };
        let nearness = Channel {
            name: format!("{name}.nearness"),
            low: 0.0,
            high: 1.0 / NEAREST_M,
        };
        colour_channels(&name).chain([nearness]).collect::<Vec<_>>()
    };
    (0..eye.rows)
        .flat_map(|row| (0..eye.columns).flat_map(move |column| pixel(row, column)))
        .collect()
}

/// Where the pixels of an eye look, in the robot's own frame.
#[derive(Resource, Clone, Debug, PartialEq)]
pub struct EyeGeometry {
    /// Unit vector (ahead, left) of each column, left to right.
    columns: Vec<Vec2>,
    /// Tangent of the elevation of each row, top to bottom.
    rows: Vec<f32>,
    half_field_rad: f32,
}

impl EyeGeometry {
    /// The geometry of an eye: columns and rows at even angles.
    pub fn new(eye: &Eye) -> Self {
        let half_field_rad = 0.5 * eye.field_of_view_degrees.to_radians();
        let columns = (0..eye.columns)
            .map(|column| {
                let angle_rad = half_field_rad * (1.0 - (2 * column + 1) as f32 / eye.columns as f32);
                Vec2::new(libm::cosf(angle_rad), libm::sinf(angle_rad))
            })
            .collect();
        let half_vertical_rad = 0.5 * eye.vertical_field_of_view_degrees.to_radians();
        let rows = (0..eye.rows)
            .map(|row| libm::tanf(half_vertical_rad * (1.0 - (2 * row + 1) as f32 / eye.rows as f32)))
            .collect();
        Self {
            columns,
            rows,
            half_field_rad,
        }
    }

    /// The columns that a thing covers which lies at `angle_rad` to the left and reaches `half_width_rad` to each side.
    fn covered(&self, angle_rad: f32, half_width_rad: f32) -> std::ops::Range<usize> {
        let columns_per_rad = 0.5 * self.columns.len() as f32 / self.half_field_rad;
        let column_at = |angle_rad: f32| (self.half_field_rad - angle_rad) * columns_per_rad;
        // Column c covers c..c+1; its centre must lie within the thing. The casts saturate at 0.
        let first = (column_at(angle_rad + half_width_rad) + 0.5) as usize;
        let end = (column_at(angle_rad - half_width_rad) + 0.5) as usize;
        first.min(self.columns.len())..end.min(self.columns.len())
    }
}

/// What the robot's camera sees: rows of colours and nearness over the field of view.
///
/// Writes `rows * columns * 4` bytes, top to bottom and left to right: red, green, blue (decoded to [-1, 1]) and nearness
/// `1 / (0.3 + distance_m)` (decoded to [0, 3.34]; the sky has 0).
fn draw_eye(scene: &Scene, bytes: &mut [u8]) {
    let Scene {
        scenario,
        geometry,
        pose,
        ..
    } = scene;
    let eye_m = scenario.eye.height_m;
    let columns = geometry.columns.len();
    let half_m = 0.5 * scenario.plot.side_m;
    let [wall, ground, sky] =
        [scene.look.wall, scene.look.ground, scene.look.sky].map(|colour| colour_bytes(colour.to_array(), scene.light));

    let mut depth_m = [f32::INFINITY; 256];
    let mut depths_m = Vec::new();
    // One buffer on the stack serves every eye but the largest.
    let depth_m: &mut [f32] = if geometry.rows.len() * columns <= depth_m.len() {
        &mut depth_m[..geometry.rows.len() * columns]
    } else {
        depths_m.resize(geometry.rows.len() * columns, f32::INFINITY);
        &mut depths_m
    };

    let left = pose.left();
    for (column, seen) in geometry.columns.iter().enumerate() {
        let direction = pose.forward * seen.x + left * seen.y;
        let to_wall = |position: f32, direction: f32| {
            if direction.abs() < 1e-6 {
                f32::INFINITY
            } else {
                (half_m.copysign(direction) - position) / direction
            }
        };
        let wall_m = to_wall(pose.position_m.x, direction.x)
            .min(to_wall(pose.position_m.y, direction.y))
            .max(0.0);
        for (row, &slope) in geometry.rows.iter().enumerate() {
            let ground_m = if slope < 0.0 { -eye_m / slope } else { f32::INFINITY };
            let (colour, at_m) = if ground_m < wall_m {
                (ground, ground_m)
            } else if eye_m + wall_m * slope <= scenario.plot.wall_height_m {
                (wall, wall_m)
            } else {
                (sky, f32::INFINITY)
            };
            let pixel = row * columns + column;
            depth_m[pixel] = at_m;
            bytes[pixel * PIXEL..pixel * PIXEL + 3].copy_from_slice(&colour);
        }
    }

    for thing in scene.things {
        let at_m = pose.robot_from_plane(thing.position_m);
        let distance_squared = at_m.length_squared();
        let radius_squared = thing.radius_m * thing.radius_m;
        // A thing behind can still show at the edge of a wide field of view, but not one that the eye is inside of.
        if distance_squared <= radius_squared {
            continue;
        }
        let half_width_rad = libm::asinf(thing.radius_m / distance_squared.sqrt());
        let covered = geometry.covered(libm::atan2f(at_m.y, at_m.x), half_width_rad);
        if covered.is_empty() {
            continue;
        }
        let colour = colour_bytes(thing.colour, scene.light);
        for column in covered {
            // Where the column's ray enters the thing's circle.
            let along_m = at_m.dot(geometry.columns[column]);
            let beside_squared = distance_squared - along_m * along_m;
            let hit_m = along_m - (radius_squared - beside_squared).max(0.0).sqrt();
            for (row, &slope) in geometry.rows.iter().enumerate() {
                let pixel = row * columns + column;
                let height_m = eye_m + hit_m * slope;
                if hit_m < depth_m[pixel] && (0.0..=thing.height_m).contains(&height_m) {
                    depth_m[pixel] = hit_m;
                    bytes[pixel * PIXEL..pixel * PIXEL + 3].copy_from_slice(&colour);
                }
            }
        }
    }
    for (pixel, &at_m) in bytes.chunks_exact_mut(PIXEL).zip(depth_m.iter()) {
        pixel[3] = fraction_byte(1.0 / (NEAREST_M + at_m.max(0.0)), 0.0, 1.0 / NEAREST_M);
    }
}
