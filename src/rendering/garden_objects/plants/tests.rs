use bevy::prelude::*;

use super::shape::{PlantShape, Posture};
use crate::rendering::garden_objects::vertex_paint::{PlantPart, VertexPaint};
use crate::rendering::mesh_builder::MeshBuilder;
use crate::rendering::quality::Quality;
use crate::scenario::Shape;

const SHAPES: [Shape; 5] = [Shape::Bush, Shape::Tulip, Shape::Sunflower, Shape::Hydrangea, Shape::Tree];

fn plans() -> impl Iterator<Item = PlantShape> {
    SHAPES.into_iter().flat_map(|shape| {
        Quality::ALL.into_iter().flat_map(move |quality| {
            (0..3).map(move |variant| PlantShape {
                shape,
                radius_m: 0.3,
                height_m: if matches!(shape, Shape::Tree | Shape::Sunflower) {
                    1.4
                } else {
                    0.6
                },
                variant,
                quality,
            })
        })
    })
}

/// Returns the mean height of the vertices that show thirst.
fn crown_height_m(builder: &MeshBuilder<VertexPaint>) -> f32 {
    let heights: Vec<f32> = builder
        .positions
        .iter()
        .zip(&builder.colours)
        .filter(|(_, colour)| colour[3] > 0.9)
        .map(|(position, _)| position[1])
        .collect();
    heights.iter().sum::<f32>() / heights.len() as f32
}

/// Returns the area of the triangles whose first corner is accepted.
fn area(builder: &MeshBuilder<VertexPaint>, is_wanted: impl Fn(&MeshBuilder<VertexPaint>, usize) -> bool) -> f32 {
    let at = |index: u32| Vec3::from_array(builder.positions[index as usize]);
    builder
        .indices
        .chunks_exact(3)
        .filter(|corners| is_wanted(builder, corners[0] as usize))
        .map(|corners| {
            let [a, b, c] = [at(corners[0]), at(corners[1]), at(corners[2])];
            0.5 * (b - a).cross(c - a).length()
        })
        .sum()
}

#[test]
fn a_fresh_plant_fills_its_stated_size_and_no_more() {
    for plan in plans() {
        let builder = plan.build(Posture::ALL[0]);
        let (mut highest_m, mut widest_m) = (0.0_f32, 0.0_f32);
        for (position, traits) in builder.positions.iter().zip(&builder.traits) {
            assert!(position.iter().all(|component| component.is_finite()), "{plan:?}");
            if traits[1] as u8 == PlantPart::Body as u8 {
                highest_m = highest_m.max(position[1]);
                widest_m = widest_m.max(position[0].hypot(position[2]));
            }
        }
        assert!(
            (0.8..1.15).contains(&(highest_m / plan.height_m)),
            "{plan:?} is {highest_m} m high"
        );
        assert!(
            (0.75..1.3).contains(&(widest_m / plan.radius_m)),
            "{plan:?} is {widest_m} m wide"
        );
    }
}

#[test]
fn thirst_lowers_the_crown_and_death_takes_it() {
    for plan in plans() {
        let [fresh, wilted, gone] = Posture::ALL.map(|posture| plan.build(posture));
        let (fresh_m, wilted_m) = (crown_height_m(&fresh), crown_height_m(&wilted));
        assert!(wilted_m < 0.93 * fresh_m, "{plan:?}: {fresh_m} m to {wilted_m} m");
        let size = |builder: &MeshBuilder<VertexPaint>| area(builder, |builder, corner| builder.colours[corner][3] > 0.9);
        assert!(
            size(&gone) < 0.25 * size(&fresh),
            "{plan:?}: {} of {}",
            size(&gone),
            size(&fresh)
        );
    }
}

#[test]
fn nothing_is_left_of_snow_and_blossom_that_are_gone() {
    for plan in plans() {
        let [fresh, _, gone] = Posture::ALL.map(|posture| plan.build(posture));
        for part in [PlantPart::Snow, PlantPart::Blossom] {
            let of = |builder: &MeshBuilder<VertexPaint>| {
                area(builder, |builder, corner| builder.traits[corner][1] as u8 == part as u8)
            };
            assert!(
                of(&gone) <= 0.01 * of(&fresh),
                "{plan:?}, {part:?}: {} of {}",
                of(&gone),
                of(&fresh)
            );
        }
    }
}

#[test]
fn postures_have_the_same_vertices() {
    for plan in plans() {
        let [fresh, wilted, gone] = Posture::ALL.map(|posture| plan.build(posture));
        assert_eq!(fresh.positions.len(), wilted.positions.len(), "{plan:?}");
        assert_eq!(fresh.traits, wilted.traits, "{plan:?}");
        assert_eq!(fresh.traits, gone.traits, "{plan:?}");
        assert!(
            wilted
                .positions
                .iter()
                .chain(&gone.positions)
                .flatten()
                .all(|x| x.is_finite())
        );
    }
}

#[test]
fn low_quality_is_cheaper() {
    for shape in SHAPES {
        let plan = |quality| PlantShape {
            shape,
            radius_m: 0.3,
            height_m: 0.8,
            variant: 0,
            quality,
        };
        let [low, high] = [Quality::Low, Quality::High].map(|quality| plan(quality).build(Posture::ALL[0]).indices.len() / 3);
        assert!(4 * low < 3 * high, "{shape:?}: {low} of {high}");
        assert!(high < 4_000, "{shape:?} has {high} triangles");
    }
}
