//! The walls of the plot: courses of stones under slabs, a post at each corner, and a closed gate.

use crate::rendering::chance::Chance;
use bevy::prelude::*;

use super::clay::Clay;
use super::land::{Land, WALL_THICKNESS_M};
use super::palette::Paint;
use crate::rendering::mesh_builder::{MeshBuilder, Surface};

/// Approximate height of a course of stones, in metres.
const COURSE_M: f32 = 0.17;
/// Half the width of the gate, in metres.
const GATE_HALF_M: f32 = 0.62;
/// Half the width of a corner post, in metres.
const POST_HALF_M: f32 = 0.24;

/// Builds the walls. Their inner faces are at the edge of the plot.
pub(super) fn build(land: &Land, into: &mut MeshBuilder<Clay>) {
    let mut chance = Chance::of_scenery(21);
    let out = land.half_m + 0.5 * WALL_THICKNESS_M;
    // Middle of each side, and its direction.
    let sides = [
        (Vec3::new(0.0, 0.0, out), Vec3::X),
        (Vec3::new(0.0, 0.0, -out), Vec3::X),
        (Vec3::new(out, 0.0, 0.0), Vec3::Z),
        (Vec3::new(-out, 0.0, 0.0), Vec3::Z),
    ];
    for (number, (middle, along)) in sides.into_iter().enumerate() {
        let ends = land.half_m + 0.02;
        if number == 3 {
            let gate = land.gate_m().y;
            build_stretch(land, middle, along, -ends, gate - GATE_HALF_M - 0.16, &mut chance, into);
            build_stretch(land, middle, along, gate + GATE_HALF_M + 0.16, ends, &mut chance, into);
        } else {
            build_stretch(land, middle, along, -ends, ends, &mut chance, into);
        }
    }
    for (x, z) in [(-out, -out), (out, -out), (out, out), (-out, out)] {
        build_post(Vec3::new(x, 0.0, z), POST_HALF_M, land.wall_m + 0.22, &mut chance, into);
    }
    build_gate(land, &mut chance, into);
}

/// Builds a stretch of wall between two positions along its side.
fn build_stretch(land: &Land, middle: Vec3, along: Vec3, from: f32, to: f32, chance: &mut Chance, into: &mut MeshBuilder<Clay>) {
    let cap_m = (0.18 * land.wall_m).clamp(0.04, 0.1);
    let stones_m = land.wall_m - cap_m;
    let courses = (stones_m / COURSE_M).round().clamp(1.0, 6.0) as usize;
    let course_m = stones_m / courses as f32;
    let yaw = if along == Vec3::X { 0.0 } else { -std::f32::consts::FRAC_PI_2 };
    let thick = 0.5 * WALL_THICKNESS_M;

    // Mortar, visible between the stones.
    let mortar = Clay {
        fourth: 0.0,
        ..Clay::of(Paint::Wall).shaded(0.62)
    };
    let core = Vec3::new(0.5 * (to - from), 0.5 * stones_m + 0.05, thick - 0.035);
    into.block(
        middle + along * 0.5 * (from + to) + Vec3::Y * (0.5 * stones_m - 0.05),
        core,
        yaw,
        1.0,
        0.0,
        mortar,
    );

    for course in 0..courses {
        let foot = course as f32 * course_m;
        let mut at = from;
        let mut first = true;
        while at < to - 1e-3 {
            let mut length = chance.between(0.26, 0.52);
            if first && course % 2 == 1 {
                length *= 0.55;
            }
            first = false;
            if to - at - length < 0.2 {
                length = to - at;
            }
            let clay = Clay {
                fourth: 0.25,
                ..Clay::of(Paint::Wall).shaded(chance.between(0.9, 1.12)).varied(chance, 0.06)
            };
            let clay = clay.shaded(0.86 + 0.14 * (course as f32 + 0.5) / courses as f32 + if course > 0 { 0.02 } else { 0.0 });
            let bulge = chance.between(-0.008, 0.014);
            let half = Vec3::new(0.5 * length - 0.009, 0.5 * course_m - 0.008, thick + bulge);
            build_stone(
                middle + along * (at + 0.5 * length) + Vec3::Y * (foot + 0.5 * course_m),
                along,
                half,
                clay,
                into,
            );
            at += length;
        }
    }

    let mut at = from;
    while at < to - 1e-3 {
        let mut length = chance.between(0.55, 0.85);
        if to - at - length < 0.35 {
            length = to - at;
        }
        let clay = Clay::of(Paint::Cap).varied(chance, 0.06);
        let half = Vec3::new(0.5 * length - 0.006, 0.5 * cap_m, thick + 0.035);
        let lift = chance.between(-0.006, 0.006);
        into.block(
            middle + along * (at + 0.5 * length) + Vec3::Y * (land.wall_m - 0.5 * cap_m + lift),
            half,
            yaw + chance.between(-0.012, 0.012),
            1.0,
            0.018,
            clay,
        );
        at += length;
    }
}

/// Builds a stone of the wall with two convex faces; its other sides are never visible.
fn build_stone(middle: Vec3, along: Vec3, half: Vec3, clay: Clay, into: &mut MeshBuilder<Clay>) {
    let across = along.cross(Vec3::Y);
    let worn = 0.026_f32.min(0.3 * half.y);
    for side in [-1.0, 1.0] {
        let at = |u: f32, v: f32, depth: f32| middle + along * u + Vec3::Y * v + across * (side * depth);
        let signs = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)];
        let outer = signs.map(|(u, v)| at(u * half.x, v * half.y, half.z - worn));
        let inner = signs.map(|(u, v)| at(u * (half.x - worn), v * (half.y - worn), half.z));
        let mut faces = vec![inner.to_vec()];
        for corner in 0..4 {
            let next = (corner + 1) % 4;
            faces.push(vec![outer[corner], outer[next], inner[next], inner[corner]]);
        }
        for (number, mut face) in faces.into_iter().enumerate() {
            // On the other side of the wall, the orientation is reversed.
            if (along.cross(Vec3::Y) * side).dot((face[1] - face[0]).cross(face[2] - face[0])) < 0.0 {
                face.reverse();
            }
            let shade = match number {
                0 => 1.0,
                1 => 0.82,
                3 => 1.12,
                _ => 0.96,
            };
            into.face(&face, clay.shaded(shade));
        }
    }
}

/// Builds a post: a plinth, a shaft, a slab and a ball on it.
fn build_post(foot: Vec3, half_m: f32, height_m: f32, chance: &mut Chance, into: &mut MeshBuilder<Clay>) {
    let wall = |chance: &mut Chance| Clay {
        fourth: 0.25,
        ..Clay::of(Paint::Wall).varied(chance, 0.05)
    };
    let part = |into: &mut MeshBuilder<Clay>, from: f32, to: f32, half: f32, wear: f32, clay: Clay| {
        let middle = foot + Vec3::Y * 0.5 * (from + to);
        into.block(middle, Vec3::new(half, 0.5 * (to - from), half), 0.0, 1.0, wear, clay);
    };
    part(into, -0.1, 0.12, half_m + 0.03, 0.02, wall(chance).shaded(0.9));
    let blocks = ((height_m - 0.2) / 0.22).round().max(1.0) as usize;
    let block_m = (height_m - 0.2) / blocks as f32;
    for block in 0..blocks {
        let from = 0.12 + block as f32 * block_m;
        let clay = wall(chance).shaded(chance.between(0.93, 1.08));
        part(into, from, from + block_m - 0.008, half_m - 0.01, 0.02, clay);
    }
    let cap = Clay::of(Paint::Cap).varied(chance, 0.04);
    part(into, height_m - 0.08, height_m, half_m + 0.055, 0.02, cap);
    let ball = foot + Vec3::Y * (height_m + 0.6 * half_m);
    into.column(
        foot + Vec3::Y * height_m,
        foot + Vec3::Y * (height_m + 0.12),
        0.5 * half_m,
        0.32 * half_m,
        8,
        cap.shaded(0.92),
    );
    into.lump(ball, Vec3::splat(0.62 * half_m), 1, 0.0, chance, cap);
}

/// Builds two leaves of upright boards between two posts.
fn build_gate(land: &Land, chance: &mut Chance, into: &mut MeshBuilder<Clay>) {
    let gate = land.gate_m();
    let middle = Vec3::new(gate.x - 0.5 * WALL_THICKNESS_M, 0.0, gate.y);
    for side in [-1.0, 1.0] {
        let foot = middle + Vec3::Z * side * (GATE_HALF_M + 0.13);
        build_post(foot, 0.16, land.wall_m + 0.28, chance, into);
    }
    let boards = 8;
    let width = 2.0 * GATE_HALF_M / boards as f32;
    let wood = |chance: &mut Chance| Clay {
        fourth: 0.8,
        ..Clay::of(Paint::PaintedWood).varied(chance, 0.07)
    };
    for board in 0..boards {
        let across = -GATE_HALF_M + (board as f32 + 0.5) * width;
        // The tops of the boards form an arc.
        let head = land.wall_m * (0.86 + 0.2 * (1.0 - (across / GATE_HALF_M).powi(2)));
        into.block(
            middle + Vec3::new(0.0, 0.5 * (head + 0.04), across),
            Vec3::new(0.02, 0.5 * (head - 0.04), 0.5 * width - 0.008),
            0.0,
            1.0,
            0.008,
            wood(chance),
        );
    }
    for height in [0.24, 0.72] {
        for side in [-1.0, 1.0] {
            into.block(
                middle + Vec3::new(0.032, height * land.wall_m, side * 0.5 * GATE_HALF_M),
                Vec3::new(0.018, 0.035, 0.5 * GATE_HALF_M - 0.015),
                0.0,
                1.0,
                0.006,
                wood(chance).shaded(0.85),
            );
        }
    }
}
