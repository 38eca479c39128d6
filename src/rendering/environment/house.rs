//! The gardener's house at the path: plaster, timber, a steep roof with a chimney, and a bench beside the door.

use crate::rendering::chance::Chance;
use bevy::prelude::*;

use super::clay::Clay;
use super::land::Land;
use super::palette::Paint;
use super::woods::house_m;
use crate::rendering::mesh_builder::{MeshBuilder, Surface};

/// Dimensions of the house, in metres: half its length and depth, then the heights of walls and ridge.
const HALF: Vec2 = Vec2::new(1.9, 1.45);
const WALL_M: f32 = 1.75;
const RIDGE_M: f32 = 3.3;

/// Builds the house. Its front faces the path.
pub(super) fn build(land: &Land, into: &mut MeshBuilder<Clay>) {
    let mut chance = Chance::of_scenery(51);
    let at = house_m(land);
    let foot = Vec3::new(at.x, land.height_m(at.x, at.y) + 0.05, at.y);
    let yaw = 0.32;
    let turn = Quat::from_rotation_y(yaw);
    let place = |x: f32, y: f32, z: f32| foot + turn * Vec3::new(x, y, z);
    let bare = |paint: Paint, hold: f32| Clay {
        fourth: hold,
        ..Clay::of(paint)
    };
    let block = |into: &mut MeshBuilder<Clay>, middle: Vec3, half: Vec3, wear: f32, clay: Clay| {
        into.block(place(middle.x, middle.y, middle.z), half, yaw, 1.0, wear, clay);
    };

    block(
        into,
        Vec3::new(0.0, -0.1, 0.0),
        Vec3::new(HALF.x + 0.08, 0.35, HALF.y + 0.08),
        0.05,
        bare(Paint::Wall, 0.3),
    );
    block(
        into,
        Vec3::new(0.0, 0.5 * WALL_M, 0.0),
        Vec3::new(HALF.x, 0.5 * WALL_M, HALF.y),
        0.0,
        bare(Paint::Plaster, 0.0),
    );
    for side in [-1.0, 1.0] {
        let gable = [
            place(side * HALF.x, WALL_M, side * HALF.y),
            place(side * HALF.x, WALL_M, -side * HALF.y),
            place(side * HALF.x, RIDGE_M - 0.1, 0.0),
        ];
        into.face(&gable, bare(Paint::Plaster, 0.0).shaded(0.97));
        // Timber at the corners.
        for end in [-1.0, 1.0] {
            let post = Vec3::new(end * (HALF.x - 0.03), 0.5 * WALL_M + 0.1, side * (HALF.y - 0.03));
            block(
                into,
                post,
                Vec3::new(0.09, 0.5 * WALL_M - 0.1, 0.09),
                0.02,
                bare(Paint::Bark, 0.0),
            );
        }
        build_roof_side(side, &place, &mut chance, into);
    }
    block(
        into,
        Vec3::new(0.0, RIDGE_M + 0.07, 0.0),
        Vec3::new(HALF.x + 0.34, 0.06, 0.09),
        0.03,
        bare(Paint::Roof, 1.0).shaded(0.85),
    );
    block(
        into,
        Vec3::new(-0.95, 2.95, -0.5),
        Vec3::new(0.24, 0.75, 0.24),
        0.03,
        bare(Paint::Wall, 0.3),
    );
    block(
        into,
        Vec3::new(-0.95, 3.72, -0.5),
        Vec3::new(0.3, 0.06, 0.3),
        0.02,
        bare(Paint::Cap, 1.0),
    );

    // The door and two windows face the path; one window faces the garden.
    let front = HALF.y + 0.015;
    block(
        into,
        Vec3::new(0.25, 0.72, front),
        Vec3::new(0.36, 0.62, 0.04),
        0.02,
        bare(Paint::PaintedWood, 0.0),
    );
    block(
        into,
        Vec3::new(0.25, 1.39, front),
        Vec3::new(0.44, 0.05, 0.06),
        0.01,
        bare(Paint::Bark, 0.6),
    );
    block(
        into,
        Vec3::new(0.25, 0.16, front + 0.25),
        Vec3::new(0.5, 0.09, 0.26),
        0.03,
        bare(Paint::Cap, 1.0),
    );
    for x in [-1.05, 1.2] {
        build_window(Vec3::new(x, 1.08, front), Vec3::X, &block, into);
    }
    build_window(Vec3::new(HALF.x + 0.015, 1.08, 0.1), Vec3::Z, &block, into);
    // A bench, and a stack of wood under the eaves.
    let wood = bare(Paint::Wood, 1.0);
    block(
        into,
        Vec3::new(-1.05, 0.46, front + 0.3),
        Vec3::new(0.55, 0.03, 0.18),
        0.01,
        wood,
    );
    for x in [-1.5, -0.6] {
        block(
            into,
            Vec3::new(x, 0.3, front + 0.3),
            Vec3::new(0.04, 0.15, 0.15),
            0.01,
            wood.shaded(0.85),
        );
    }
    for row in 0..3 {
        for log in 0..6 {
            let across = -0.85 + 0.24 * log as f32 + 0.12 * (row % 2) as f32;
            let from = place(HALF.x + 0.1, 0.28 + 0.2 * row as f32, across - 0.2);
            let to = place(HALF.x + 0.55, 0.28 + 0.2 * row as f32, across - 0.2);
            if row < 2 || log < 4 {
                let clay = bare(Paint::Wood, 0.8).varied(&mut chance, 0.12);
                into.column(from, to, 0.11, 0.11, 6, clay);
            }
        }
    }
}

/// Builds one side of the roof from courses of shingles, each a step above the one below.
fn build_roof_side(side: f32, place: &dyn Fn(f32, f32, f32) -> Vec3, chance: &mut Chance, into: &mut MeshBuilder<Clay>) {
    let (courses, columns) = (6, 10);
    let (long, eave_z, eave_y) = (HALF.x + 0.3, HALF.y + 0.38, WALL_M - 0.28);
    let slope = Vec2::new(-eave_z, RIDGE_M + 0.05 - eave_y);
    for course in 0..courses {
        let (low, high) = (course as f32 / courses as f32, (course as f32 + 1.12) / courses as f32);
        for column in 0..columns {
            let clay = Clay {
                fourth: 1.0,
                ..Clay::of(Paint::Roof).varied(chance, 0.09)
            };
            let x = |part: f32| -long + 2.0 * long * part / columns as f32;
            let (left, right) = (x(column as f32), x(column as f32 + 1.0));
            let at = |x: f32, part: f32, above: f32| place(x, eave_y + slope.y * part + above, side * (eave_z + slope.x * part));
            let lip = 0.075 + chance.between(-0.012, 0.012);
            let top = [
                at(left, low, lip),
                at(right, low, lip),
                at(right, high, 0.02),
                at(left, high, 0.02),
            ];
            let front = [
                at(left, low, -0.03),
                at(right, low, -0.03),
                at(right, low, lip),
                at(left, low, lip),
            ];
            for (mut face, clay) in [(top, clay), (front, clay.shaded(0.78))] {
                if side < 0.0 {
                    face.reverse();
                }
                into.face(&face, clay);
            }
        }
    }
    // The underside, and the boards at both gables.
    let under = Clay {
        fourth: 0.0,
        ..Clay::of(Paint::Bark)
    };
    let at = |x: f32, part: f32| place(x, eave_y + slope.y * part - 0.03, side * (eave_z + slope.x * part));
    let mut face = [at(-long, 0.0), at(-long, 1.0), at(long, 1.0), at(long, 0.0)];
    if side < 0.0 {
        face.reverse();
    }
    into.face(&face, under);
    for end in [-1.0, 1.0] {
        let above = |part: f32| place(end * long, eave_y + slope.y * part + 0.07, side * (eave_z + slope.x * part));
        let mut face = [at(end * long, 0.0), above(0.0), above(1.0), at(end * long, 1.0)];
        if side * end > 0.0 {
            face.reverse();
        }
        into.face(&face, under.shaded(1.25));
    }
}

/// Builds a window with frame, crossbars and shutters, in a wall that runs along `along`.
fn build_window(
    middle: Vec3,
    along: Vec3,
    block: &dyn Fn(&mut MeshBuilder<Clay>, Vec3, Vec3, f32, Clay),
    into: &mut MeshBuilder<Clay>,
) {
    let bare = |paint: Paint| Clay {
        fourth: 0.0,
        ..Clay::of(paint)
    };
    let out = along.cross(Vec3::Y).abs();
    let size = |u: f32, v: f32, deep: f32| along * u + Vec3::Y * v + out * deep;
    block(into, middle, size(0.3, 0.3, 0.02), 0.0, bare(Paint::Window));
    block(into, middle, size(0.025, 0.3, 0.035), 0.0, bare(Paint::Bark));
    block(into, middle, size(0.3, 0.025, 0.035), 0.0, bare(Paint::Bark));
    block(
        into,
        middle + Vec3::Y * 0.32,
        size(0.36, 0.035, 0.05),
        0.01,
        bare(Paint::Bark),
    );
    let sill = Clay::of(Paint::Cap);
    block(into, middle - Vec3::Y * 0.33, size(0.38, 0.035, 0.08), 0.01, sill);
    for side in [-1.0, 1.0] {
        block(
            into,
            middle + along * side * 0.5,
            size(0.16, 0.31, 0.03),
            0.015,
            bare(Paint::PaintedWood),
        );
    }
}
