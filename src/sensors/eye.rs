//! The robot's camera, drawn on the CPU.
//!
//! Silhouettes are projected to columns with a depth buffer; walls, ground and sky fill the rest. This is about thirty times
//! cheaper than casting rays through the physics engine, and gives the same result with and without a window.

use bevy::math::Vec2;
use bevy::prelude::Resource;

use super::{Scene, Sense, colour_bytes, colour_channels, faults, fraction_byte};
use crate::mdp::Channel;
use crate::scenario::{Eye, Scenario};

pub(super) const SENSE: Sense = Sense {
    name: "eye",
    channels,
    write: draw_eye,
};

/// Offset of the distance in the nearness `1 / (NEAREST_M + distance_m)`.
const NEAREST_M: f32 = 0.3;
/// Bytes per pixel: red, green, blue, nearness.
pub(super) const PIXEL: usize = 4;

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

/// Viewing directions of the pixels of an eye, in the robot's frame.
#[derive(Resource, Clone, Debug, PartialEq)]
pub struct EyeGeometry {
    /// Unit vector (ahead, left) of each column, left to right.
    columns: Vec<Vec2>,
    /// Tangent of the elevation of each row, top to bottom.
    rows: Vec<f32>,
    half_field_rad: f32,
}

impl EyeGeometry {
    /// Computes the geometry of an eye with columns and rows at even angles.
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

    /// Returns the columns covered by an object at `angle_rad` to the left that extends `half_width_rad` to each side.
    fn covered(&self, angle_rad: f32, half_width_rad: f32) -> std::ops::Range<usize> {
        let columns_per_rad = 0.5 * self.columns.len() as f32 / self.half_field_rad;
        let column_at = |angle_rad: f32| (self.half_field_rad - angle_rad) * columns_per_rad;
        // Column c covers c..c+1; its centre must lie within the object. The casts saturate at 0.
        let first = (column_at(angle_rad + half_width_rad) + 0.5) as usize;
        let end = (column_at(angle_rad - half_width_rad) + 0.5) as usize;
        first.min(self.columns.len())..end.min(self.columns.len())
    }
}

/// Draws the camera image: rows of colours and nearness over the field of view.
///
/// Writes `rows * columns * 4` bytes, top to bottom and left to right: red, green, blue (decoded to [-1, 1]) and nearness
/// `1 / (0.3 + distance_m)` (decoded to [0, 3.33]; the sky has 0).
fn draw_eye(scene: &Scene, bytes: &mut [u8]) {
    let Scene {
        scenario,
        geometry,
        pose,
        ..
    } = scene;
    let eye_m = scenario.eye.height_m;
    let light = scene.light * scene.faults.exposure;
    let columns = geometry.columns.len();
    let half_m = 0.5 * scenario.plot.side_m;
    let [wall, ground, sky] =
        [scene.look.wall, scene.look.ground, scene.look.sky].map(|colour| colour_bytes(colour.to_array(), light));

    let mut depth_m = [f32::INFINITY; 256];
    let mut depths_m = Vec::new();
    // One buffer on the stack is enough for every eye but the largest.
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
        // An object behind can still show at the edge of a wide field of view, but not one that contains the eye.
        if distance_squared <= radius_squared {
            continue;
        }
        let half_width_rad = libm::asinf(thing.radius_m / distance_squared.sqrt());
        let covered = geometry.covered(libm::atan2f(at_m.y, at_m.x), half_width_rad);
        if covered.is_empty() {
            continue;
        }
        let colour = colour_bytes(thing.colour, light);
        for column in covered {
            // Point where the column's ray enters the object's circle.
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
    faults::apply(scene.faults, scene.view, columns, bytes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::physics::{Motion, Pose};
    use crate::sensors::Thing;

    const RED: [f32; 3] = [1.0, 0.0, 0.0];
    const BLUE: [f32; 3] = [0.0, 0.0, 1.0];

    /// Returns the image seen by a robot at the origin that faces `+x`.
    fn look(rows: usize, things: &[Thing]) -> (Scenario, Vec<[u8; 4]>) {
        let mut scenario = Scenario::load("four_seasons").unwrap().scenario;
        scenario.eye.rows = rows;
        let geometry = EyeGeometry::new(&scenario.eye);
        let mut bytes = vec![0; rows * scenario.eye.columns * PIXEL];
        let scene = Scene {
            scenario: &scenario,
            geometry: &geometry,
            look: &scenario.seasons[0].look,
            faults: &scenario.seasons[0].faults,
            view: 0,
            light: 1.0,
            pose: Pose::new(Vec2::ZERO, 0.0),
            motion: Motion::default(),
            bumped: false,
            pump_on: false,
            tank_fraction: 1.0,
            recent_rewards: Default::default(),
            things,
        };
        draw_eye(&scene, &mut bytes);
        let pixels = bytes
            .chunks_exact(PIXEL)
            .map(|pixel| [pixel[0], pixel[1], pixel[2], pixel[3]])
            .collect();
        (scenario, pixels)
    }

    fn thing(x: f32, z: f32, colour: [f32; 3]) -> Thing {
        Thing {
            position_m: Vec2::new(x, z),
            radius_m: 0.3,
            height_m: 0.6,
            colour,
        }
    }

    fn columns_of(pixels: &[[u8; 4]], colour: [u8; 3]) -> Vec<usize> {
        (0..pixels.len()).filter(|&column| pixels[column][..3] == colour).collect()
    }

    #[test]
    fn what_is_ahead_is_in_the_middle_and_what_is_left_is_left() {
        // -z is to the left of a robot that faces +x.
        let (_, pixels) = look(1, &[thing(2.0, 0.0, RED), thing(2.0, -2.0, BLUE)]);
        // Half-width asin(0.3 / 2) is 8.6 degrees; columns are 5 degrees wide: two on each side have their centres in it.
        assert_eq!(columns_of(&pixels, [255, 0, 0]), [10, 11, 12, 13]);
        let left = columns_of(&pixels, [0, 0, 255]);
        // 45 degrees to the left in a half field of 60 degrees: around column (60 - 45) / 5.
        assert_eq!(left, [2, 3]);
    }

    #[test]
    fn nearness_is_that_of_the_near_side() {
        let (_, pixels) = look(1, &[thing(2.0, 0.0, RED)]);
        // 2.5 degrees off the axis, the near side of the circle is at 1.69 to 1.71 m.
        let nearness = f32::from(pixels[11][3]) / 255.0 / NEAREST_M;
        assert!(
            (1.0 / nearness - NEAREST_M - 1.7).abs() < 0.05,
            "{}",
            1.0 / nearness - NEAREST_M
        );
    }

    #[test]
    fn the_nearer_one_hides_the_farther_one_in_either_order() {
        let (near, far) = (thing(1.0, 0.0, RED), thing(3.0, 0.0, BLUE));
        for things in [[near, far], [far, near]] {
            let (_, pixels) = look(1, &things);
            assert!(columns_of(&pixels, [0, 0, 255]).is_empty());
            assert!(columns_of(&pixels, [255, 0, 0]).len() >= 6);
        }
    }

    #[test]
    fn what_is_behind_is_not_seen() {
        let (_, pixels) = look(1, &[thing(-1.0, 0.0, RED), thing(-0.5, 2.0, RED)]);
        assert!(columns_of(&pixels, [255, 0, 0]).is_empty());
    }

    #[test]
    fn a_wall_is_as_far_as_it_is() {
        let (scenario, pixels) = look(1, &[]);
        let wall = colour_bytes(scenario.seasons[0].look.wall.to_array(), 1.0);
        assert!(pixels.iter().all(|pixel| pixel[..3] == wall));
        let distance_m = |pixel: [u8; 4]| NEAREST_M * 255.0 / f32::from(pixel[3]) - NEAREST_M;
        // Ahead 4 m; at 57.5 degrees the side wall is nearer than the one ahead: 4 / sin(57.5 degrees) = 4.74 m.
        assert!((distance_m(pixels[12]) - 4.0).abs() < 0.2);
        assert!((distance_m(pixels[0]) - 4.74).abs() < 0.3, "{}", distance_m(pixels[0]));
    }

    #[test]
    fn rows_show_sky_above_the_wall_and_ground_below_it() {
        let (scenario, pixels) = look(
            8,
            &[Thing {
                height_m: 0.4,
                ..thing(1.0, 0.0, RED)
            }],
        );
        let columns = scenario.eye.columns;
        let look = &scenario.seasons[0].look;
        let row = |row: usize| &pixels[row * columns..(row + 1) * columns];
        assert_eq!(row(0)[0], {
            let sky = colour_bytes(look.sky.to_array(), 1.0);
            [sky[0], sky[1], sky[2], 0]
        });
        assert_eq!(row(7)[0][..3], colour_bytes(look.ground.to_array(), 1.0));
        // 0.4 m high, 0.7 m away, seen from 0.2 m: it covers the rows around the horizon and not the uppermost.
        assert_eq!(row(3)[12][..3], [255, 0, 0]);
        assert_eq!(row(4)[12][..3], [255, 0, 0]);
        assert_ne!(row(0)[12][..3], [255, 0, 0], "22 degrees up is above it");
    }
}
