//! Common parts of all plant shapes: three postures of one mesh, foliage, soil.
//!
//! A shape is built three times from the same random sequence: fresh, wilted and gone. The three meshes have the same vertices in
//! the same order, and the shader moves each vertex between them. A posture may therefore only change positions, never the number
//! of vertices.

use bevy::prelude::*;

use super::material::{GONE, TRAITS, WILTED, WILTED_NORMAL};
use crate::rendering::chance::Chance;
use crate::rendering::garden_objects::vertex_paint::{PlantPart, VertexPaint};
use crate::rendering::mesh_builder::{ExtraAttributes, MeshBuilder};
use crate::rendering::quality::Quality;
use crate::scenario::Shape;

/// Green of stems.
pub(super) const STEM: [f32; 3] = [0.36, 0.52, 0.22];
/// Green of leaves outside of the crown.
pub(super) const LEAF: [f32; 3] = [0.27, 0.50, 0.22];
/// Colour of bark.
pub(super) const BARK: [f32; 3] = [0.44, 0.32, 0.23];
/// Colour of snow.
const SNOW: [f32; 3] = [0.95, 0.97, 1.0];
/// Colour of dry soil.
const SOIL: [f32; 3] = [0.60, 0.45, 0.31];

/// Posture of a plant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Posture {
    /// Wilting: 0 fresh, 1 wilted.
    pub(super) wilt: f32,
    /// Fraction gone: 0 present, 1 gone.
    pub(super) gone: f32,
}

impl Posture {
    /// The three postures of a mesh.
    pub(super) const ALL: [Self; 3] = [
        Self { wilt: 0.0, gone: 0.0 },
        Self { wilt: 1.0, gone: 0.0 },
        Self { wilt: 1.0, gone: 1.0 },
    ];

    /// Interpolates between the fresh and the wilted value.
    pub(super) fn mix(self, fresh: f32, wilted: f32) -> f32 {
        fresh + (wilted - fresh) * self.wilt
    }

    /// Returns the size factor, which shrinks to zero when gone.
    pub(super) fn alive(self) -> f32 {
        1.0 - self.gone
    }
}

/// Parameters of a plant's mesh.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PlantShape {
    /// Shape of the plant.
    pub(super) shape: Shape,
    /// Radius of the crown, in metres.
    pub(super) radius_m: f32,
    /// Height, in metres.
    pub(super) height_m: f32,
    /// Number of the individual.
    pub(super) variant: u64,
    /// Quality preset.
    pub(super) quality: Quality,
}

impl PlantShape {
    /// Scales a count by the quality.
    pub(super) fn count(&self, high: usize) -> usize {
        match self.quality {
            Quality::Low => (high * 2 / 5).max(1),
            Quality::Medium => (high * 3 / 4).max(1),
            Quality::High => high,
        }
    }

    /// Returns the number of sides of a round part.
    pub(super) fn sides(&self, high: u32) -> u32 {
        match self.quality {
            Quality::Low => (high * 2 / 3).max(4),
            Quality::Medium | Quality::High => high,
        }
    }

    /// Returns the scale of leaves, which are larger where there are fewer.
    pub(super) fn leaf_scale(&self) -> f32 {
        match self.quality {
            Quality::Low => 1.45,
            Quality::Medium => 1.12,
            Quality::High => 1.0,
        }
    }

    /// Builds the mesh with its three postures.
    pub(super) fn mesh(&self) -> Mesh {
        let [fresh, wilted, gone] = Posture::ALL.map(|posture| self.build(posture));
        let extra = ExtraAttributes {
            traits: Some(TRAITS),
            ..default()
        };
        fresh
            .build(extra)
            .with_inserted_attribute(WILTED, wilted.positions)
            .with_inserted_attribute(WILTED_NORMAL, wilted.normals)
            .with_inserted_attribute(GONE, gone.positions)
    }

    /// Builds one posture.
    pub(super) fn build(&self, posture: Posture) -> MeshBuilder<VertexPaint> {
        let mut builder = MeshBuilder::default();
        let mut chance = Chance::of_object(self.variant * 31 + self.shape as u64);
        match self.shape {
            Shape::Bush => super::bush::build(self, posture, &mut chance, &mut builder),
            Shape::Tulip => super::tulip::build(self, posture, &mut chance, &mut builder),
            Shape::Sunflower => super::sunflower::build(self, posture, &mut chance, &mut builder),
            Shape::Hydrangea => super::hydrangea::build(self, posture, &mut chance, &mut builder),
            Shape::Tree => super::tree::build(self, posture, &mut chance, &mut builder),
        }
        soil(self, &mut chance, &mut builder);
        builder
    }
}

/// Builds a low mound with a few clods.
fn soil(plan: &PlantShape, chance: &mut Chance, builder: &mut MeshBuilder<VertexPaint>) {
    let radius_m = (plan.radius_m * 0.98).min(0.4);
    let paint = VertexPaint {
        part: PlantPart::Soil,
        ..VertexPaint::plain(SOIL)
    };
    let first = builder.positions.len();
    let profile = [(1.0, -0.01), (0.82, 0.028), (0.5, 0.045), (0.02, 0.052)].map(|(x, y)| Vec2::new(x * radius_m, y));
    builder.turned(Transform::IDENTITY, &profile, plan.sides(14), &paint);
    builder.roughen(first, 0.012, plan.variant);
    for _ in 0..plan.count(9) {
        let (sine, cosine) = (chance.unit() * std::f32::consts::TAU).sin_cos();
        let out_m = radius_m * chance.between(0.55, 1.0);
        let size_m = chance.between(0.012, 0.03);
        let place = Transform::from_xyz(cosine * out_m, 0.03 * (1.0 - out_m / radius_m) + 0.3 * size_m, sine * out_m)
            .with_rotation(Quat::from_rotation_y(chance.unit() * 6.0))
            .with_scale(Vec3::new(1.0, 0.7, 0.8) * size_m);
        let clod = paint.shade(chance.between(0.75, 1.1)).phase(chance.unit());
        builder.ball_part(place, std::f32::consts::PI, 5, 3, &clod);
    }
}

/// A round part of a crown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lobe {
    /// Centre when fresh.
    pub(super) centre: Vec3,
    /// Centre when wilted.
    pub(super) wilted: Vec3,
    /// Radii (horizontal and vertical).
    pub(super) radii: Vec3,
}

impl Lobe {
    fn place(&self, posture: Posture) -> (Vec3, Vec3) {
        let centre = self.centre.lerp(self.wilted, posture.wilt);
        let radii = self.radii * Vec3::new(1.0, posture.mix(1.0, 0.8), 1.0) * posture.mix(1.0, 0.9);
        (centre, radii)
    }

    fn holds(&self, point: Vec3, share: f32) -> bool {
        ((point - self.centre) / self.radii).length() < share
    }
}

/// Parameters of foliage.
#[derive(Clone, Copy, Debug)]
pub(super) struct Foliage {
    /// Paint of leaves that are neither deep nor outermost.
    pub(super) paint: VertexPaint,
    /// Length of a leaf, in metres.
    pub(super) leaf_m: f32,
    /// Number of leaves on all lobes, at high quality.
    pub(super) leaves: usize,
    /// Number of small flowers in seasons with blossom.
    pub(super) blossoms: usize,
    /// `true` if snow settles on it.
    pub(super) snow: bool,
}

/// Builds round masses of leaves.
pub(super) fn foliage(
    plan: &PlantShape,
    posture: Posture,
    lobes: &[Lobe],
    with: &Foliage,
    chance: &mut Chance,
    builder: &mut MeshBuilder<VertexPaint>,
) {
    let (low_m, high_m) = lobes.iter().fold((f32::MAX, f32::MIN), |(low, high), lobe| {
        (low.min(lobe.centre.y - lobe.radii.y), high.max(lobe.centre.y + lobe.radii.y))
    });
    let area: f32 = lobes.iter().map(|lobe| lobe.radii.x * lobe.radii.y).sum();
    let leaf_m = with.leaf_m * plan.leaf_scale();
    for (number, lobe) in lobes.iter().enumerate() {
        let (centre, radii) = lobe.place(posture);
        // The dark core keeps the crown from looking transparent.
        let core = with.paint.shade(with.paint.shade * 0.72).phase(0.25);
        let shrunk = radii * 0.84 * posture.alive().max(0.02);
        builder.ball(centre, shrunk, plan.sides(9), plan.sides(6), &core);

        let count = (plan.count(with.leaves) as f32 * lobe.radii.x * lobe.radii.y / area) as usize;
        for leaf in 0..count {
            // Evenly over the ball (a Fibonacci lattice), with a small random offset.
            let up = 1.0 - 2.0 * (leaf as f32 + 0.5) / count as f32;
            let angle = 2.399_963 * leaf as f32;
            let flat = (1.0 - up * up).sqrt();
            let outward = (Vec3::new(flat * angle.cos(), up, flat * angle.sin()) + chance.vector() * 0.2).normalize_or(Vec3::Y);
            let (turn, lift, size, light, phase) = (
                chance.signed(),
                chance.between(0.25, 0.75),
                chance.between(0.75, 1.2),
                chance.between(0.9, 1.1),
                chance.unit(),
            );
            let fresh = lobe.centre + outward * lobe.radii * 0.9;
            let hidden = lobes
                .iter()
                .enumerate()
                .any(|(other, lobe)| other != number && lobe.holds(fresh, 0.84));
            if hidden {
                continue;
            }
            let at = centre + outward * radii * 0.86;
            let height = (fresh.y - low_m) / (high_m - low_m);
            let around = Vec3::Y.cross(outward).normalize_or(Vec3::X);
            let down_the_side = around.cross(outward);
            // Fresh leaves point outwards and up; thirsty ones hang.
            let standing = (outward * lift - down_the_side * 0.5 + around * turn * 0.7).normalize_or(Vec3::Y);
            let hanging = (Vec3::NEG_Y + outward * 0.35 + around * turn * 0.25).normalize_or(Vec3::Y);
            let along = standing.lerp(hanging, posture.wilt).normalize_or(Vec3::Y);
            let length_m = leaf_m * size * posture.mix(1.0, 1.05) * posture.alive();
            let side = along.cross(outward).normalize_or(around) * length_m * posture.mix(0.36, 0.22);
            let normal = (outward + Vec3::Y * 0.35).normalize_or(Vec3::Y);
            let paint = with
                .paint
                .shade(with.paint.shade * light * (0.8 + 0.28 * height))
                .phase(phase)
                .sway_m(with.paint.sway_m * (0.4 + 0.6 * height));
            builder.card(at - along * length_m * 0.3, along * length_m, side, normal, &paint);
        }
        if with.snow {
            cap(plan, posture, lobe, chance.unit(), with.paint.sway_m, builder);
        }
        let blossoms = (plan.count(with.blossoms) as f32 * lobe.radii.x * lobe.radii.y / area).round() as usize;
        for _ in 0..blossoms {
            let outward = (chance.vector() + Vec3::Y * 0.5).normalize_or(Vec3::Y);
            let (size_m, phase, light) = (chance.between(0.022, 0.034), chance.unit(), chance.between(0.9, 1.0));
            let paint = VertexPaint {
                part: PlantPart::Blossom,
                phase,
                shade: 1.0,
                sway_m: with.paint.sway_m,
                share: 0.0,
                own: [1.0, 0.80 * light, 0.86 * light],
            };
            flower(
                centre + outward * radii * 1.02,
                outward,
                size_m * posture.alive(),
                &paint,
                builder,
            );
        }
    }
}

/// Builds a flower of five petals that faces `outward`.
fn flower(centre: Vec3, outward: Vec3, size_m: f32, paint: &VertexPaint, builder: &mut MeshBuilder<VertexPaint>) {
    let across = outward.any_orthonormal_vector();
    let other = outward.cross(across);
    for petal in 0..5 {
        let (sine, cosine) = (1.257 * petal as f32).sin_cos();
        let along = across * cosine + other * sine + outward * 0.35;
        let side = outward.cross(along).normalize_or(other) * size_m * 0.42;
        builder.card(centre, along * size_m, side, outward, paint);
    }
}

/// Builds the snow on a lobe. The shader hides it where there is no snow or the lobe is gone.
pub(super) fn cap(
    plan: &PlantShape,
    posture: Posture,
    lobe: &Lobe,
    phase: f32,
    sway_m: f32,
    builder: &mut MeshBuilder<VertexPaint>,
) {
    let (centre, radii) = lobe.place(posture);
    let paint = VertexPaint {
        part: PlantPart::Snow,
        phase,
        sway_m,
        ..VertexPaint::plain(SNOW)
    };
    let first = builder.positions.len();
    let left = posture.alive().max(0.02);
    let place = Transform::from_translation(centre + Vec3::Y * radii.y * 0.03).with_scale(radii * 1.06 * left);
    builder.ball_part(place, 0.72, plan.sides(9), 3, &paint);
    builder.roughen(first, 0.07 * radii.x * left, plan.variant + 5);
}
