//! Grass that moves in the wind, flowers, and litter of the season.

use crate::rendering::chance::Chance;
use bevy::prelude::*;

use super::amounts::Amounts;
use super::clay::Clay;
use super::land::{Land, PATH_HALF_M, WALL_THICKNESS_M};
use super::palette::Paint;
use crate::rendering::mesh_builder::{MeshBuilder, Surface};

/// Kinds of litter, in the fourth component of the colour, as the shader numbers them.
const OF_AUTUMN: f32 = 0.0;
const OF_BLOSSOM: f32 = 1.0;
const OF_FLOWERS: f32 = 2.0;
const OF_SNOW: f32 = 3.0;

/// Builds the blades of grass.
pub(super) fn build_blades(land: &Land, amounts: &Amounts, into: &mut MeshBuilder<Clay>) {
    let mut chance = Chance::of_scenery(31);
    let half = land.half_m - 0.05;
    let area = (2.0 * half).powi(2) / 64.0;
    // The lawn: short, in tufts.
    for _ in 0..(amounts.lawn_tufts as f32 * area) as usize {
        let at = Vec2::new(chance.between(-half, half), chance.between(-half, half));
        let height = chance.between(0.035, 0.085);
        build_tuft(
            at.extend(0.0).xzy(),
            height,
            0.05,
            Paint::Lawn,
            1.0,
            amounts.blades_per_tuft,
            &mut chance,
            into,
        );
    }
    // The meadow: denser near the plot, and long at the foot of the walls.
    let mut set = 0;
    let wanted = amounts.meadow_tufts;
    for _ in 0..wanted * 4 {
        if set >= wanted {
            break;
        }
        let angle = chance.between(0.0, std::f32::consts::TAU);
        let far = 0.36 + 17.0 * chance.unit().powf(1.7);
        let at = around(land, angle, far);
        let outside = land.outside_m(at.x, at.y);
        if outside < WALL_THICKNESS_M + 0.03 || land.path_distance_m(at.x, at.y) < PATH_HALF_M + 0.05 {
            continue;
        }
        set += 1;
        let place = Vec3::new(at.x, land.height_m(at.x, at.y) - 0.01, at.y);
        let at_foot = (-((outside - WALL_THICKNESS_M) / 0.3).powi(2)).exp();
        let height = chance.between(0.13, 0.25) * (1.0 + 0.5 * at_foot + 0.03 * far);
        build_tuft(
            place,
            height,
            0.09,
            Paint::TallGrass,
            0.72,
            amounts.blades_per_tuft,
            &mut chance,
            into,
        );
    }
}

/// Returns a position outside of the plot, at this angle and distance.
fn around(land: &Land, angle: f32, far_m: f32) -> Vec2 {
    let direction = Vec2::from_angle(angle);
    let square = land.half_m / direction.abs().max_element();
    direction * (square + far_m)
}

fn build_tuft(
    place: Vec3,
    height_m: f32,
    spread_m: f32,
    paint: Paint,
    hidden_by_snow: f32,
    blades: usize,
    chance: &mut Chance,
    into: &mut MeshBuilder<Clay>,
) {
    let clay = Clay {
        size: hidden_by_snow,
        fourth: 0.0,
        ..Clay::of(paint).varied(chance, 0.14)
    };
    for _ in 0..blades {
        let angle = chance.between(0.0, std::f32::consts::TAU);
        let out = Vec3::new(angle.cos(), 0.0, angle.sin());
        let root = place + out * spread_m * chance.unit();
        let height = height_m * chance.between(0.65, 1.1);
        let lean = out * height * chance.between(0.1, 0.45);
        let half = Vec3::new(-out.z, 0.0, out.x) * height * chance.between(0.08, 0.125);
        let shade = clay.shaded(chance.between(0.93, 1.05));
        let rooted = Clay { anchor: root, ..shade };
        let tip = Clay {
            sway: 0.35 * height,
            ..rooted.shaded(1.30)
        };
        let corners = [root - half, root + half, root + lean + Vec3::Y * height];
        into.face_of(&corners, Vec3::Y, &[rooted.shaded(0.80), rooted.shaded(0.80), tip]);
    }
}

/// Builds petals and leaves on the ground, and standing flowers.
pub(super) fn build_litter(land: &Land, amounts: &Amounts, into: &mut MeshBuilder<Clay>) {
    let mut chance = Chance::of_scenery(32);
    let half = land.half_m - 0.08;
    let area = (2.0 * half).powi(2) / 64.0;
    let inside = |chance: &mut Chance| {
        // More of it lies along the walls, where the wind has swept it.
        let mut at = Vec2::new(chance.between(-half, half), chance.between(-half, half));
        if chance.unit() < 0.35 {
            let swept = half - 0.5 * chance.unit().powi(2);
            if chance.unit() < 0.5 {
                at.x = swept.copysign(at.x);
            } else {
                at.y = swept.copysign(at.y);
            }
        }
        at
    };
    for number in 0..(amounts.litter as f32 * (area + 1.0)) as usize {
        let (at, ground) = if number % 2 == 0 {
            let at = inside(&mut chance);
            (at, 0.012)
        } else {
            let (angle, far) = (
                chance.between(0.0, std::f32::consts::TAU),
                0.4 + 11.0 * chance.unit().powf(1.4),
            );
            let at = around(land, angle, far);
            (at, land.height_m(at.x, at.y) + 0.03)
        };
        let place = Vec3::new(at.x, ground + chance.between(0.0, 0.02), at.y);
        let leaf = number % 3 != 0;
        let paint = match (leaf, chance.unit()) {
            (true, share) if share < 0.55 => Paint::FallenLeaf,
            (true, _) => Paint::FallenYellow,
            (false, _) => Paint::Petal,
        };
        let length = if leaf {
            chance.between(0.045, 0.08)
        } else {
            chance.between(0.022, 0.036)
        };
        let clay = Clay {
            fourth: if leaf { OF_AUTUMN } else { OF_BLOSSOM },
            phase: chance.unit(),
            size: 0.5,
            anchor: place,
            ..Clay::of(paint).varied(&mut chance, 0.12)
        };
        build_flake(
            place,
            length,
            0.55,
            chance.between(0.0, 6.3),
            chance.between(-0.25, 0.25),
            clay,
            into,
        );
    }

    let mut set = 0;
    for _ in 0..amounts.flowers * 3 {
        if set >= amounts.flowers {
            break;
        }
        // Flowers grow in groups.
        let middle = around(
            land,
            chance.between(0.0, std::f32::consts::TAU),
            0.5 + 9.0 * chance.unit().powf(1.5),
        );
        let paints = [Paint::Daisy, Paint::Daisy, Paint::Buttercup, Paint::Bellflower, Paint::Poppy];
        let paint = paints[(chance.unit() * 4.99) as usize];
        let phase = chance.unit();
        for _ in 0..(3 + (chance.unit() * 6.0) as usize) {
            let at = middle + Vec2::new(chance.between(-0.5, 0.5), chance.between(-0.5, 0.5));
            if land.outside_m(at.x, at.y) < WALL_THICKNESS_M + 0.08 || land.path_distance_m(at.x, at.y) < PATH_HALF_M + 0.1 {
                continue;
            }
            set += 1;
            let root = Vec3::new(at.x, land.height_m(at.x, at.y), at.y);
            build_flower(root, paint, (phase + 0.1 * chance.unit()).min(0.99), &mut chance, into);
        }
    }
    // Some daisies in the lawn, low enough to drive over.
    for _ in 0..(amounts.flowers / 5) {
        let at = inside(&mut chance);
        let clay = Clay {
            fourth: OF_FLOWERS,
            phase: 0.3 + 0.7 * chance.unit(),
            size: 0.8,
            anchor: Vec3::new(at.x, 0.0, at.y),
            ..Clay::of(Paint::Daisy)
        };
        let place = Vec3::new(at.x, 0.055, at.y);
        build_head(place, 0.024, clay, &mut chance, into);
    }
}

/// Builds snow drifts along both sides of the walls.
pub(super) fn build_drifts(land: &Land, into: &mut MeshBuilder<Clay>) {
    let mut chance = Chance::of_scenery(33);
    let pieces = (land.half_m * 5.0) as usize;
    for (face_m, side) in [(land.half_m, -1.0), (land.half_m + WALL_THICKNESS_M, 1.0)] {
        for turn in 0..4 {
            let (along, out) = match turn {
                0 => (Vec3::X, Vec3::Z),
                1 => (Vec3::NEG_X, Vec3::NEG_Z),
                2 => (Vec3::NEG_Z, Vec3::X),
                _ => (Vec3::Z, Vec3::NEG_X),
            };
            let row = |chance: &mut Chance, piece: usize| {
                let t = piece as f32 / pieces as f32 * 2.0 - 1.0;
                let swell = 0.6 + 0.4 * (t * 5.0 + turn as f32 * 1.9).sin();
                let foot = along * t * face_m + out * face_m;
                let (high, wide) = (swell * chance.between(0.08, 0.17), chance.between(0.22, 0.5) * (0.5 + swell));
                let ground = if side > 0.0 { -0.02 } else { 0.0 };
                [
                    foot + Vec3::Y * (high + ground),
                    foot + out * side * 0.4 * wide + Vec3::Y * (0.5 * high + ground),
                    foot + out * side * wide + Vec3::Y * (ground - 0.004),
                    foot,
                ]
            };
            let mut last = row(&mut chance, 0);
            for piece in 1..=pieces {
                let next = row(&mut chance, piece);
                let clay = Clay {
                    fourth: OF_SNOW,
                    size: 0.35,
                    ..Clay::of(Paint::Snow).varied(&mut chance, 0.02)
                };
                for strip in 0..2 {
                    let mut face = [last[strip], next[strip], next[strip + 1], last[strip + 1]];
                    if side > 0.0 {
                        face.reverse();
                    }
                    if (face[1] - face[0]).cross(face[2] - face[0]).y < 0.0 {
                        face.reverse();
                    }
                    let normal = (face[1] - face[0]).cross(face[3] - face[0]).normalize_or(Vec3::Y);
                    let sunk = |place: Vec3| Clay {
                        anchor: Vec3::new(place.x, -0.03, place.z),
                        ..clay
                    };
                    into.face_of(&face, normal, &face.map(sunk));
                }
                last = next;
            }
        }
    }
}

fn build_flower(root: Vec3, paint: Paint, phase: f32, chance: &mut Chance, into: &mut MeshBuilder<Clay>) {
    let height = chance.between(0.17, 0.34);
    let clay = Clay {
        fourth: OF_FLOWERS,
        phase,
        size: 0.8,
        anchor: root,
        ..Clay::of(paint).shaded(chance.between(0.93, 1.04))
    };
    let stem = Clay {
        paint: Paint::TallGrass,
        ..clay.shaded(0.8)
    };
    let angle = chance.between(0.0, std::f32::consts::PI);
    let half = Vec3::new(angle.cos(), 0.0, angle.sin()) * 0.008;
    let tip = Clay { sway: 0.09, ..stem };
    let top = root + Vec3::Y * height;
    into.face_of(&[root - half, root + half, top], Vec3::Y, &[stem, stem, tip]);
    let head = Clay { sway: 0.09, ..clay };
    build_head(top, chance.between(0.035, 0.055), head, chance, into);
}

/// Builds the head of a flower: five petals, a small cup, and the centre.
fn build_head(top: Vec3, radius_m: f32, clay: Clay, chance: &mut Chance, into: &mut MeshBuilder<Clay>) {
    let turn = chance.between(0.0, 6.3);
    let tilt = Quat::from_rotation_x(chance.between(-0.4, 0.4)) * Quat::from_rotation_z(chance.between(-0.4, 0.4));
    let at = |corner: usize, radius: f32, up: f32| {
        let angle = turn + std::f32::consts::TAU * corner as f32 / 10.0;
        top + tilt * Vec3::new(angle.cos() * radius, up, angle.sin() * radius)
    };
    for petal in 0..5 {
        let corners = [
            top,
            at(2 * petal + 1, 0.62 * radius_m, 0.2 * radius_m),
            at(2 * petal + 2, 1.25 * radius_m, 0.35 * radius_m),
            at(2 * petal + 3, 0.62 * radius_m, 0.2 * radius_m),
        ];
        into.face_with_normal(&corners, Vec3::Y, clay.shaded(if petal % 2 == 0 { 1.0 } else { 0.93 }));
    }
    let middle = Clay {
        paint: Paint::Buttercup,
        ..clay.shaded(0.9)
    };
    let corners: Vec<Vec3> = (0..5).map(|corner| at(2 * corner, 0.4 * radius_m, 0.4 * radius_m)).collect();
    into.face_with_normal(&corners, Vec3::Y, middle);
}

/// Builds a leaf or petal: a slightly folded rhombus.
pub(super) fn build_flake(place: Vec3, length_m: f32, slim: f32, turn: f32, tilt: f32, clay: Clay, into: &mut MeshBuilder<Clay>) {
    let turn = Quat::from_rotation_y(turn) * Quat::from_rotation_x(tilt);
    let fold = 0.22 * length_m;
    let at = |x: f32, y: f32, z: f32| place + turn * Vec3::new(x, y, z);
    let (tip, stalk) = (at(length_m, 0.0, 0.0), at(-length_m, 0.0, 0.0));
    let wide = slim * length_m;
    let normal = turn * Vec3::Y;
    into.face_with_normal(&[stalk, at(0.1 * length_m, fold, wide), tip], normal, clay.shaded(1.06));
    into.face_with_normal(&[stalk, tip, at(0.1 * length_m, fold, -wide)], normal, clay.shaded(0.93));
}
