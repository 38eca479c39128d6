//! Mesh of the robot: an enamelled watering can on two wheels, with one big eye and a sprout on its head.

use bevy::prelude::*;

use crate::rendering::garden_objects::vertex_paint::VertexPaint;
use crate::rendering::mesh_builder::MeshBuilder;
use crate::scenario::RobotSettings;

const ENAMEL: [f32; 3] = [0.10, 0.53, 0.55];
const ENAMEL_DARK: [f32; 3] = [0.06, 0.34, 0.38];
const CREAM: [f32; 3] = [0.97, 0.93, 0.82];
const BRASS: [f32; 3] = [0.88, 0.64, 0.27];
const RUBBER: [f32; 3] = [0.15, 0.15, 0.17];
const LENS: [f32; 3] = [0.03, 0.05, 0.09];
const SPROUT: [f32; 3] = [0.48, 0.76, 0.25];
const HOSE: [f32; 3] = [0.93, 0.45, 0.22];

/// Dimensions of the robot.
#[derive(Clone, Copy, Debug)]
pub(in crate::rendering::garden_objects) struct Built {
    /// Horizontal scale. The model is designed for a radius of 0.25 m and a height of 0.35 m, and then scaled.
    wide: f32,
    high: f32,
    /// Radius of the wheels, in metres.
    pub(in crate::rendering::garden_objects) wheel_radius_m: f32,
    /// Half the distance between the wheels, in metres.
    pub(in crate::rendering::garden_objects) half_track_m: f32,
    /// `true` if it has a tank; otherwise it draws water through a hose.
    pub(super) has_tank: bool,
}

impl Built {
    /// Computes the dimensions of this robot.
    pub(in crate::rendering::garden_objects) fn new(robot: &RobotSettings) -> Self {
        let (wide, high) = (robot.radius_m / 0.25, robot.height_m / 0.35);
        Self {
            wide,
            high,
            wheel_radius_m: 0.115 * wide.min(high),
            half_track_m: 0.5 * robot.wheel_track_m,
            has_tank: robot.tank.is_some(),
        }
    }

    fn at(&self, x: f32, y: f32, z: f32) -> Vec3 {
        Vec3::new(x * self.wide, y * self.high, z * self.wide)
    }

    fn size(&self) -> Vec3 {
        Vec3::new(self.wide, self.high, self.wide)
    }

    /// Returns the pivot of the head.
    pub(super) fn neck(&self) -> Vec3 {
        self.at(0.075, 0.255, 0.0)
    }

    /// Returns the position of the tank.
    pub(super) fn tank(&self) -> Vec3 {
        self.at(-0.085, 0.215, 0.0)
    }

    /// Returns the position of the nozzle, in the robot's frame.
    pub(in crate::rendering::garden_objects) fn nozzle(&self) -> Vec3 {
        self.at(0.27, 0.185, 0.0)
    }
}

/// Converts (radius, height) pairs to a profile.
fn profile(points: &[(f32, f32)]) -> Vec<Vec2> {
    points.iter().map(|&(radius, height)| Vec2::new(radius, height)).collect()
}

/// Builds the can, its mudguards, caster and nozzle, and the tank or hose on its back.
pub(super) fn body(built: &Built) -> MeshBuilder<VertexPaint> {
    let mut builder = MeshBuilder::default();
    // Longer than wide, to fit between the wheels.
    let can = Transform::from_scale(built.size() * Vec3::new(1.28, 1.0, 0.98));
    let turned = |builder: &mut MeshBuilder<VertexPaint>, own: [f32; 3], points: &[(f32, f32)]| {
        builder.turned(can, &profile(points), 22, &VertexPaint::plain(own));
    };
    turned(
        &mut builder,
        ENAMEL_DARK,
        &[(0.02, 0.048), (0.10, 0.052), (0.135, 0.075), (0.153, 0.115), (0.155, 0.135)],
    );
    turned(
        &mut builder,
        CREAM,
        &[(0.155, 0.130), (0.164, 0.136), (0.164, 0.160), (0.155, 0.166)],
    );
    turned(
        &mut builder,
        ENAMEL,
        &[
            (0.156, 0.160),
            (0.154, 0.18),
            (0.142, 0.208),
            (0.112, 0.234),
            (0.06, 0.246),
            (0.0, 0.248),
        ],
    );
    for angle in [-0.55_f32, 0.55, 2.6, 3.68] {
        let (sine, cosine) = angle.sin_cos();
        let rivet = built.at(0.164 * 1.28 * cosine, 0.148, 0.164 * 0.98 * sine);
        builder.ball(rivet, Vec3::splat(0.0085 * built.wide), 6, 4, &VertexPaint::plain(BRASS));
    }
    mudguards(built, &mut builder);
    nozzle(built, &mut builder);
    // The rear caster.
    builder.tube(
        &[built.at(-0.15, 0.09, 0.0), built.at(-0.185, 0.05, 0.0)],
        &[0.016 * built.wide],
        6,
        |_| VertexPaint::plain(ENAMEL_DARK),
    );
    let caster_m = 0.034 * built.wide;
    let caster = Vec3::new(-0.19 * built.wide, caster_m, 0.0);
    builder.ball(
        caster,
        Vec3::new(caster_m, caster_m, caster_m * 0.8),
        10,
        7,
        &VertexPaint::plain(RUBBER),
    );
    if built.has_tank {
        // A brass collar under the tank, and a cap on it.
        let tank = Transform::from_translation(built.tank()).with_scale(built.size());
        let collar = profile(&[(0.086, -0.02), (0.094, 0.0), (0.092, 0.016), (0.083, 0.022)]);
        builder.turned(tank, &collar, 18, &VertexPaint::plain(BRASS));
        let cap = profile(&[(0.036, 0.146), (0.038, 0.166), (0.03, 0.174), (0.0, 0.176)]);
        builder.turned(tank, &cap, 12, &VertexPaint::plain(BRASS));
    } else {
        coil(built, &mut builder);
    }
    builder
}

fn mudguards(built: &Built, builder: &mut MeshBuilder<VertexPaint>) {
    for side in [1.0, -1.0] {
        let half_m = 0.031 * built.wide;
        let middle_m = side * built.half_track_m;
        let path: Vec<Vec3> = (0..=7)
            .map(|step| {
                let angle = std::f32::consts::PI * (0.3 + 0.44 * step as f32 / 7.0);
                let out_m = built.wheel_radius_m + 0.017 * built.wide;
                Vec3::new(out_m * angle.cos(), built.wheel_radius_m + out_m * angle.sin(), middle_m)
            })
            .collect();
        for pair in path.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let along = to - from;
            let place =
                Transform::from_translation(from.midpoint(to)).with_rotation(Quat::from_rotation_z(along.y.atan2(along.x)));
            let half = Vec3::new(along.length() * 0.53, 0.006 * built.wide, half_m * 0.95);
            builder.cuboid(place, half, &VertexPaint::plain(CREAM));
        }
    }
}

fn nozzle(built: &Built, builder: &mut MeshBuilder<VertexPaint>) {
    let brass = VertexPaint::plain(BRASS);
    let path = [
        built.at(0.15, 0.095, 0.0),
        built.at(0.205, 0.105, 0.0),
        built.at(0.235, 0.135, 0.0),
        built.at(0.255, 0.168, 0.0),
    ];
    builder.tube(&path, &[0.020, 0.016, 0.014].map(|radius| radius * built.wide), 8, |_| brass);
    // A rose, as on a watering can.
    let towards = (path[3] - path[2]).normalize_or(Vec3::X);
    let place = Transform::from_translation(path[3])
        .with_rotation(Quat::from_rotation_arc(
            Vec3::Y,
            (towards + Vec3::X * 0.7).normalize_or(Vec3::X),
        ))
        .with_scale(Vec3::splat(built.wide));
    let rose = profile(&[(0.012, -0.006), (0.034, 0.022), (0.034, 0.029), (0.0, 0.034)]);
    builder.turned_sharp(place, &rose, 12, &brass);
    for hole in 0..6 {
        let (sine, cosine) = (std::f32::consts::TAU * hole as f32 / 6.0).sin_cos();
        let centre = place * Vec3::new(0.019 * cosine, 0.0315, 0.019 * sine);
        builder.ball(
            centre,
            Vec3::splat(0.0042 * built.wide),
            5,
            3,
            &VertexPaint::plain(ENAMEL_DARK),
        );
    }
}

/// Builds a hose, coiled on a drum on the back, with a brass valve on top.
fn coil(built: &Built, builder: &mut MeshBuilder<VertexPaint>) {
    let hose = VertexPaint::plain(HOSE);
    let steps = 66;
    let path: Vec<Vec3> = (0..=steps)
        .map(|step| {
            let share = step as f32 / steps as f32;
            let (sine, cosine) = (share * 3.25 * std::f32::consts::TAU).sin_cos();
            let radius = 0.076 - 0.012 * (share * 2.0 - 1.0).powi(2);
            built.at(-0.085 + radius * cosine, 0.238 + 0.078 * share, radius * sine)
        })
        .collect();
    builder.tube(&path, &[0.0135 * built.wide], 7, |along| {
        hose.shade(0.94 + 0.06 * (along * 26.0).sin())
    });
    let place = Transform::from_translation(built.at(-0.085, 0.222, 0.0)).with_scale(built.size());
    let drum = profile(&[(0.058, 0.0), (0.056, 0.1), (0.05, 0.106), (0.0, 0.108)]);
    builder.turned(place, &drum, 14, &VertexPaint::plain(CREAM));
    let valve = profile(&[(0.018, 0.106), (0.018, 0.126), (0.026, 0.13), (0.026, 0.138), (0.0, 0.142)]);
    builder.turned(place, &valve, 8, &VertexPaint::plain(BRASS));
}

/// Builds the glass of the tank; its base is at the tank's position.
pub(super) fn tank_glass(built: &Built) -> MeshBuilder<VertexPaint> {
    let mut builder = MeshBuilder::default();
    let glass = [
        (0.082, 0.01),
        (0.085, 0.05),
        (0.085, 0.105),
        (0.076, 0.132),
        (0.05, 0.147),
        (0.03, 0.15),
    ];
    builder.turned(
        Transform::from_scale(built.size()),
        &profile(&glass),
        18,
        &VertexPaint::plain([1.0; 3]),
    );
    builder
}

/// Builds the water of a full tank; the level is set by scaling.
pub(super) fn tank_water(built: &Built) -> MeshBuilder<VertexPaint> {
    let mut builder = MeshBuilder::default();
    let place = Transform::from_scale(built.size());
    builder.turned(
        place,
        &profile(&[(0.077, 0.012), (0.079, 0.12)]),
        16,
        &VertexPaint::plain([1.0; 3]),
    );
    builder.turned(
        place,
        &profile(&[(0.079, 0.12), (0.0, 0.124)]),
        16,
        &VertexPaint::plain([1.0; 3]).shade(1.3),
    );
    builder
}

/// Returns the rotation that turns parts built along y to face forward.
fn ahead() -> Quat {
    Quat::from_rotation_z(-std::f32::consts::FRAC_PI_2)
}

fn head_centre(built: &Built) -> Vec3 {
    Vec3::new(0.012 * built.wide, 0.062 * built.high, 0.0)
}

/// Builds the head, relative to its pivot: a round shell with a big eye in front and a sprout on top.
pub(super) fn head(built: &Built) -> MeshBuilder<VertexPaint> {
    let mut builder = MeshBuilder::default();
    let unit = built.wide.min(built.high);
    let neck = profile(&[(0.038, -0.02), (0.032, 0.0), (0.036, 0.016)]);
    builder.turned(
        Transform::from_scale(built.size()),
        &neck,
        10,
        &VertexPaint::plain(ENAMEL_DARK),
    );
    let shell = Vec3::new(0.078, 0.068, 0.086) * unit;
    let centre = head_centre(built);
    builder.ball(centre, shell, 18, 12, &VertexPaint::plain(CREAM));
    let front = centre + Vec3::X * shell.x * 0.62;
    let eye = Transform::from_translation(front)
        .with_rotation(ahead())
        .with_scale(Vec3::splat(unit));
    let rim = profile(&[
        (0.060, -0.012),
        (0.060, 0.020),
        (0.055, 0.027),
        (0.049, 0.027),
        (0.046, 0.014),
    ]);
    builder.turned(eye, &rim, 18, &VertexPaint::plain(ENAMEL));
    let lens = front + Vec3::X * 0.008 * unit;
    builder.ball(lens, Vec3::new(0.026, 0.044, 0.044) * unit, 16, 10, &VertexPaint::plain(LENS));
    // Two glints make the eye look alive.
    for (up, left, size) in [(0.018_f32, 0.014_f32, 0.0105), (-0.014, -0.012, 0.0055)] {
        let across = (1.0 - (up * up + left * left) / (0.044 * 0.044)).max(0.0).sqrt();
        let glint = front + Vec3::new(0.007 + 0.026 * across, up, -left) * unit;
        builder.ball(
            glint,
            Vec3::new(0.004, size, size) * unit,
            8,
            5,
            &VertexPaint::plain([1.0; 3]).shade(1.6),
        );
    }
    for side in [1.0, -1.0] {
        let ear = centre + Vec3::Z * side * shell.z * 0.97;
        builder.ball(ear, Vec3::new(0.020, 0.020, 0.011) * unit, 10, 6, &VertexPaint::plain(BRASS));
    }
    sprout(centre + Vec3::Y * shell.y * 0.95 - Vec3::X * 0.012 * unit, unit, &mut builder);
    builder
}

fn sprout(root: Vec3, unit: f32, builder: &mut MeshBuilder<VertexPaint>) {
    let tip = root + Vec3::new(-0.004, 0.040, 0.0) * unit;
    let stem = [root, root.midpoint(tip) + Vec3::X * 0.004 * unit, tip];
    builder.tube(&stem, &[0.0055 * unit, 0.0045 * unit], 5, |_| VertexPaint::plain(SPROUT));
    for side in [1.0_f32, -1.0] {
        let out = Vec3::new(-0.25, 0.0, side).normalize_or(Vec3::Z);
        let path = [(0.0, 0.0), (0.024, 0.018), (0.048, 0.021), (0.066, 0.008)]
            .map(|(along, up)| tip + (out * along + Vec3::Y * up) * unit);
        let across = Vec3::Y.cross(out);
        // Both sides, because the material of the shell draws only one.
        for across in [across, -across] {
            builder.leaf(
                &path,
                &[0.004 * unit, 0.019 * unit, 0.017 * unit, 0.001],
                across,
                0.25,
                |along| VertexPaint::plain(SPROUT).shade(0.85 + 0.3 * along),
            );
        }
    }
}

/// Builds the status ring around the eye, and a lamp at the back of the head.
pub(super) fn lamp(built: &Built) -> MeshBuilder<VertexPaint> {
    let mut builder = MeshBuilder::default();
    let unit = built.wide.min(built.high);
    let front = head_centre(built) + Vec3::X * 0.078 * unit * 0.62;
    let place = Transform::from_translation(front + Vec3::X * 0.0275 * unit)
        .with_rotation(ahead())
        .with_scale(Vec3::splat(unit));
    let ring = profile(&[(0.0565, -0.002), (0.0545, 0.003), (0.0505, 0.003), (0.0485, -0.002)]);
    builder.turned(place, &ring, 20, &VertexPaint::plain([1.0; 3]));
    let back = head_centre(built) - Vec3::X * 0.071 * unit + Vec3::Y * 0.022 * unit;
    builder.ball(
        back,
        Vec3::new(0.012, 0.014, 0.014) * unit,
        10,
        6,
        &VertexPaint::plain([1.0; 3]),
    );
    builder
}

/// Builds a wheel with treads, around the z axis.
pub(super) fn wheel(built: &Built) -> MeshBuilder<VertexPaint> {
    let mut builder = MeshBuilder::default();
    let radius_m = built.wheel_radius_m;
    let half_m = 0.029 * built.wide;
    let upright = Transform::from_rotation(Quat::from_rotation_x(std::f32::consts::FRAC_PI_2));
    let rubber = VertexPaint::plain(RUBBER);
    let inner_m = radius_m * 0.9;
    let tyre = profile(&[
        (radius_m * 0.62, -half_m),
        (inner_m * 0.97, -half_m),
        (inner_m, -half_m * 0.7),
        (inner_m, half_m * 0.7),
        (inner_m * 0.97, half_m),
        (radius_m * 0.62, half_m),
    ]);
    builder.turned_sharp(upright, &tyre, 20, &rubber);
    let treads = 14;
    for tread in 0..treads {
        let turn = Quat::from_rotation_z(std::f32::consts::TAU * tread as f32 / treads as f32);
        let place = Transform::from_translation(turn * (Vec3::Y * (radius_m * 0.93))).with_rotation(turn);
        let half = Vec3::new(radius_m * 0.085, radius_m * 0.07, half_m * 0.98);
        builder.cuboid(place, half, &rubber.shade(1.25));
    }
    for side in [1.0, -1.0] {
        // Rim, disc, spokes and a brass cap.
        let face = Transform::from_rotation(Quat::from_rotation_x(side * std::f32::consts::FRAC_PI_2));
        let rim = [
            (radius_m * 0.64, half_m * 0.95),
            (radius_m * 0.6, half_m * 1.04),
            (radius_m * 0.54, half_m * 0.8),
        ];
        builder.turned(face, &profile(&rim), 18, &VertexPaint::plain(CREAM));
        let disc = [
            (radius_m * 0.56, half_m * 0.72),
            (radius_m * 0.2, half_m * 0.86),
            (0.0, half_m * 0.86),
        ];
        builder.turned(face, &profile(&disc), 18, &VertexPaint::plain(ENAMEL));
        for spoke in 0..5 {
            let turn = Quat::from_rotation_z(std::f32::consts::TAU * spoke as f32 / 5.0);
            let place = Transform::from_translation(turn * (Vec3::Y * radius_m * 0.38) + Vec3::Z * side * half_m * 0.82)
                .with_rotation(turn);
            let half = Vec3::new(radius_m * 0.055, radius_m * 0.2, half_m * 0.12);
            builder.cuboid(place, half, &VertexPaint::plain(CREAM));
        }
        let cap = Vec3::new(radius_m * 0.17, radius_m * 0.17, half_m * 0.35);
        builder.ball(Vec3::Z * side * half_m * 0.86, cap, 10, 6, &VertexPaint::plain(BRASS));
    }
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_within_reach_of_the_robots_size() {
        for (radius_m, height_m) in [(0.25, 0.35), (0.5, 0.4), (0.12, 0.6)] {
            let robot = RobotSettings {
                radius_m,
                height_m,
                wheel_track_m: 1.6 * radius_m,
                ..RobotSettings::default()
            };
            let built = Built::new(&robot);
            for builder in [body(&built), wheel(&built), head(&built), lamp(&built), tank_glass(&built)] {
                for position in &builder.positions {
                    let position = Vec3::from_array(*position);
                    assert!(position.is_finite());
                    assert!(Vec2::new(position.x, position.z).length() < 1.3 * radius_m, "{position}");
                    assert!(position.y < 1.1 * height_m, "{position}");
                }
            }
        }
    }
}
