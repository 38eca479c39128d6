//! Trees, hedges and a fence around the plot: low near it, so that nothing blocks the view, and high where the land rises.

use crate::rendering::chance::Chance;
use bevy::prelude::*;

use super::amounts::Amounts;
use super::clay::Clay;
use super::land::{Land, PATH_HALF_M};
use super::palette::Paint;
use crate::rendering::mesh_builder::{MeshBuilder, Surface};

/// Minimum distance of trees from the plot, in metres. Within it, nothing tall blocks the view.
const TREES_BEGIN_M: f32 = 8.6;

/// Builds trees, bushes, hedges and the fence.
pub(super) fn build(land: &Land, amounts: &Amounts, into: &mut MeshBuilder<Clay>) {
    let mut chance = Chance::of_scenery(41);
    build_hedges(land, amounts, &mut chance, into);
    build_fence(land, &mut chance, into);
    let mut planted: Vec<Vec2> = Vec::new();
    let mut tries = 0;
    while planted.len() < amounts.trees && tries < amounts.trees * 12 {
        tries += 1;
        let angle = chance.between(0.0, std::f32::consts::TAU);
        let far = TREES_BEGIN_M + 52.0 * chance.unit().powf(1.5);
        let at = Vec2::from_angle(angle) * (land.half_m + far);
        // Groves, with glades between them.
        let grove = (3.0 * angle + 1.0).sin() + (7.0 * angle + 0.12 * far).sin();
        let apart = 2.6 + 0.04 * far;
        if grove < -0.5
            || land.path_distance_m(at.x, at.y) < 3.4
            || near_house(land, at, 5.2)
            || planted.iter().any(|other| other.distance(at) < apart)
        {
            continue;
        }
        planted.push(at);
        // Distant crowns are small in the picture and need fewer faces.
        let detail = if far < amounts.fine_until_m {
            amounts.lump_detail
        } else {
            amounts.lump_detail.saturating_sub(1)
        };
        let place = Vec3::new(at.x, land.height_m(at.x, at.y) - 0.1, at.y);
        if amounts.painted_shade {
            let paint = if far > 24.0 { Paint::Hill } else { Paint::Meadow };
            build_shade(land, at, chance.between(1.2, 1.7), paint, &mut chance, into);
        }
        let conifers = 0.5 + 0.5 * (2.0 * angle + 0.7).sin();
        if chance.unit() < 0.12 + 0.5 * conifers * conifers {
            build_conifer(place, chance.between(3.4, 6.8), &mut chance, into);
        } else {
            build_tree(place, chance.between(2.9, 5.2), detail, &mut chance, into);
        }
    }
    // Bushes and boulders, where there would only be grass.
    for _ in 0..amounts.bushes {
        let angle = chance.between(0.0, std::f32::consts::TAU);
        let far = 2.6 + 20.0 * chance.unit();
        let at = Vec2::from_angle(angle) * (1.2 * land.half_m + far);
        if land.path_distance_m(at.x, at.y) < 1.5 || near_house(land, at, 3.2) || land.outside_m(at.x, at.y) < 1.6 {
            continue;
        }
        let place = Vec3::new(at.x, land.height_m(at.x, at.y), at.y);
        if chance.unit() < 0.3 {
            let size = chance.between(0.16, 0.45);
            let clay = Clay::of(Paint::Wall).varied(&mut chance, 0.08);
            let radii = Vec3::new(size, 0.65 * size, 0.8 * size);
            into.lump(place + Vec3::Y * 0.15 * size, radii, 1, 0.16, &mut chance, clay);
        } else {
            build_bush(
                place,
                chance.between(0.25, 0.55),
                amounts.lump_detail.min(1),
                &mut chance,
                into,
            );
        }
    }
}

/// Returns the position of the house.
pub(super) fn house_m(land: &Land) -> Vec2 {
    let along = 10.5;
    land.path_m(along) + Vec2::new(-1.0, -4.3)
}

fn near_house(land: &Land, at: Vec2, distance_m: f32) -> bool {
    at.distance(house_m(land)) < distance_m
}

/// Builds the shade on the ground under a tree, for use without shadow maps.
fn build_shade(land: &Land, at: Vec2, radius_m: f32, paint: Paint, chance: &mut Chance, into: &mut MeshBuilder<Clay>) {
    let on_ground = |at: Vec2| Vec3::new(at.x, land.height_m(at.x, at.y) + 0.07, at.y);
    // The sun moves from the left of the first view to its front, so the shade falls in between.
    let middle = at + Vec2::new(0.5, -0.6) * radius_m;
    let rim: Vec<Vec3> = (0..9)
        .map(|corner| {
            let angle = -std::f32::consts::TAU * corner as f32 / 9.0;
            on_ground(middle + Vec2::from_angle(angle) * chance.about(radius_m, 0.12))
        })
        .collect();
    let clay = Clay {
        fourth: 0.0,
        ..Clay::of(paint).shaded(0.68)
    };
    for corner in 0..9 {
        let corners = [on_ground(middle), rim[corner], rim[(corner + 1) % 9]];
        into.face_with_normal(&corners, Vec3::Y, clay);
    }
}

fn leafy(paint: Paint, sway: f32, middle: Vec3) -> Clay {
    Clay {
        sway,
        size: 0.45,
        anchor: middle,
        ..Clay::of(paint)
    }
}

/// Builds a tree with a round crown of several lumps.
fn build_tree(place: Vec3, height_m: f32, detail: u32, chance: &mut Chance, into: &mut MeshBuilder<Clay>) {
    let bark = Clay {
        fourth: 0.4,
        ..Clay::of(Paint::Bark).varied(chance, 0.1)
    };
    let lean = Vec3::new(chance.between(-0.25, 0.25), 0.0, chance.between(-0.25, 0.25));
    let fork = place + Vec3::Y * 0.42 * height_m + lean;
    into.column(place - Vec3::Y * 0.2, fork, 0.055 * height_m, 0.035 * height_m, 6, bark);
    let paint = match chance.unit() {
        share if share < 0.33 => Paint::Leaves,
        share if share < 0.56 => Paint::OtherLeaves,
        _ => Paint::Orchard,
    };
    let lumps = 3 + (chance.unit() * 2.99) as usize;
    let clay = leafy(paint, 0.05, fork).shaded(chance.between(0.92, 1.08));
    let crown = fork + Vec3::Y * 0.27 * height_m;
    into.lump(crown, Vec3::new(0.29, 0.27, 0.29) * height_m, detail, 0.16, chance, clay);
    for lump in 0..lumps {
        let angle = std::f32::consts::TAU * (lump as f32 + chance.between(-0.25, 0.25)) / lumps as f32;
        let out = Vec3::new(angle.cos(), 0.0, angle.sin()) * 0.2 * height_m;
        let up = Vec3::Y * chance.between(-0.13, 0.14) * height_m;
        let radius = chance.between(0.15, 0.21) * height_m;
        let middle = crown + out + up;
        into.column(fork - Vec3::Y * 0.1, middle, 0.02 * height_m, 0.01 * height_m, 4, bark);
        let clay = clay.shaded(chance.between(0.94, 1.06));
        into.lump(middle, Vec3::new(1.0, 0.88, 1.0) * radius, detail, 0.18, chance, clay);
    }
}

/// Builds a fir: layers of branches, one above the other.
fn build_conifer(place: Vec3, height_m: f32, chance: &mut Chance, into: &mut MeshBuilder<Clay>) {
    let bark = Clay {
        fourth: 0.0,
        ..Clay::of(Paint::Bark)
    };
    into.column(
        place - Vec3::Y * 0.2,
        place + Vec3::Y * 0.25 * height_m,
        0.04 * height_m,
        0.03 * height_m,
        5,
        bark,
    );
    let skirts = 4;
    let sides = 10;
    let hue = chance.between(0.88, 1.12);
    for skirt in 0..skirts {
        let low = height_m * (0.14 + 0.2 * skirt as f32);
        let high = height_m * (0.50 + 0.17 * skirt as f32).min(1.0);
        let radius = height_m * (0.25 - 0.05 * skirt as f32);
        let turn = chance.between(0.0, 6.0);
        let tip = place + Vec3::Y * high;
        let clay = leafy(Paint::Needles, 0.03, place).shaded(hue * (0.86 + 0.07 * skirt as f32));
        let corner = |side: usize, chance: &mut Chance| {
            let angle = turn + std::f32::consts::TAU * side as f32 / sides as f32;
            let jag = if side.is_multiple_of(2) { 1.0 } else { 0.78 } * chance.between(0.94, 1.06);
            let droop = if side.is_multiple_of(2) { -0.03 } else { 0.03 } * height_m;
            place + Vec3::new(angle.cos() * radius * jag, low + droop, angle.sin() * radius * jag)
        };
        let rim: Vec<Vec3> = (0..sides).map(|side| corner(side, chance)).collect();
        let under = place + Vec3::Y * (low + 0.05 * height_m);
        for side in 0..sides {
            let (here, next) = (rim[side], rim[(side + 1) % sides]);
            let clay = clay.varied(chance, 0.05);
            into.face(&[here, tip, next], clay);
            into.face(&[here, next, under], clay.shaded(0.6));
        }
    }
}

fn build_bush(place: Vec3, size_m: f32, detail: u32, chance: &mut Chance, into: &mut MeshBuilder<Clay>) {
    let paint = if chance.unit() < 0.5 {
        Paint::Hedge
    } else {
        Paint::OtherLeaves
    };
    for _ in 0..3 {
        let out = Vec3::new(chance.between(-1.0, 1.0), 0.35, chance.between(-1.0, 1.0)) * size_m * 0.8;
        let radius = size_m * chance.between(0.6, 1.0);
        let clay = leafy(paint, 0.015, place).varied(chance, 0.06);
        into.lump(place + out, Vec3::new(1.0, 0.85, 1.0) * radius, detail, 0.15, chance, clay);
    }
}

/// Builds clipped hedges around three corners of the plot, at a distance.
fn build_hedges(land: &Land, amounts: &Amounts, chance: &mut Chance, into: &mut MeshBuilder<Clay>) {
    let out = land.half_m + 2.9;
    for (corner_x, corner_z) in [(-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0)] {
        for leg in 0..2 {
            let pieces = 5;
            for piece in 0..pieces {
                let back = piece as f32 * 0.82;
                let at = if leg == 0 {
                    Vec2::new(corner_x * (out - back), corner_z * out)
                } else {
                    Vec2::new(corner_x * out, corner_z * (out - back - 0.82))
                };
                if land.path_distance_m(at.x, at.y) < PATH_HALF_M + 0.9 {
                    continue;
                }
                let foot = land.height_m(at.x, at.y);
                let height = chance.between(0.56, 0.62) * if piece + 1 == pieces { 1.25 } else { 1.0 };
                let clay = leafy(Paint::Hedge, 0.006, Vec3::new(at.x, foot, at.y)).varied(chance, 0.05);
                let half = Vec3::new(0.44, 0.5 * height + 0.1, 0.44);
                let half = if piece + 1 == pieces {
                    half
                } else if leg == 0 {
                    half * Vec3::new(1.0, 1.0, 0.8)
                } else {
                    half * Vec3::new(0.8, 1.0, 1.0)
                };
                let middle = Vec3::new(at.x, foot + 0.5 * height - 0.1, at.y);
                into.block(middle, half, chance.between(-0.03, 0.03), 0.93, 0.1, clay);
                if amounts.lump_detail > 0 {
                    for _ in 0..3 {
                        let lump = middle + half * Vec3::new(chance.between(-0.7, 0.7), 0.86, chance.between(-0.7, 0.7));
                        let clay = clay.varied(chance, 0.05);
                        into.lump(lump, Vec3::new(0.2, 0.11, 0.2), 0, 0.1, chance, clay);
                    }
                }
            }
        }
    }
}

/// Builds a fence of posts and two rails in a wide arc, open where the path runs.
fn build_fence(land: &Land, chance: &mut Chance, into: &mut MeshBuilder<Clay>) {
    let radius = 1.2 * land.half_m + 5.6;
    let posts = (std::f32::consts::TAU * radius / 1.75) as usize;
    let post_at = |number: usize| {
        let angle = std::f32::consts::TAU * number as f32 / posts as f32;
        // Not quite a circle, to look hand-made.
        let radius = radius * (1.0 + 0.035 * (3.0 * angle).sin() + 0.02 * (7.0 * angle).cos());
        let at = Vec2::from_angle(angle) * radius;
        Vec3::new(at.x, land.height_m(at.x, at.y), at.y)
    };
    let is_open = |place: Vec3| land.path_distance_m(place.x, place.z) < PATH_HALF_M + 0.55;
    for number in 0..posts {
        let (here, next) = (post_at(number), post_at((number + 1) % posts));
        let wood = Clay::of(Paint::Wood).varied(chance, 0.09);
        let lean = Vec3::new(chance.between(-0.04, 0.04), 0.0, chance.between(-0.04, 0.04));
        if !is_open(here) {
            into.column(
                here - Vec3::Y * 0.1,
                here + lean + Vec3::Y * chance.between(0.74, 0.84),
                0.06,
                0.05,
                6,
                wood,
            );
        }
        if is_open(here) || is_open(next) {
            continue;
        }
        for rail in [0.3, 0.58] {
            let up = |chance: &mut Chance| Vec3::Y * (rail + chance.between(-0.035, 0.035));
            let (from, to) = (here + up(chance), next + up(chance));
            into.column(from, to, 0.032, 0.028, 4, wood.shaded(chance.between(0.93, 1.05)));
        }
    }
}
