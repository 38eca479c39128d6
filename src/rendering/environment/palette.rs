//! Paints of the surroundings, mixed from the season's five colours and its scenery.
//!
//! Meshes name a [`Paint`] for each face instead of a colour, so that a change of season only updates this short list.

use bevy::prelude::*;

use crate::rendering::scenery::Scenery;
use crate::scenario::{Colour, Look};

/// Size of the list of paints in the shader.
pub(super) const PAINTS: usize = 32;

/// Paint of a face.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Paint {
    /// The ground of the plot, in exactly the colour seen by the robot's eye.
    Lawn,
    /// Lying snow.
    Snow,
    /// The ground around the plot.
    Meadow,
    /// Far hills.
    Hill,
    /// Bare earth.
    Soil,
    /// Gravel of paths.
    Gravel,
    /// Stones of the walls, in exactly the colour seen by the robot's eye.
    Wall,
    /// Slabs on walls and posts.
    Cap,
    /// Weathered wood.
    Wood,
    /// Painted wood.
    PaintedWood,
    /// Bark.
    Bark,
    /// Leaves that change colour in autumn.
    Leaves,
    /// Leaves that change to another colour.
    OtherLeaves,
    /// Leaves of trees with blossom.
    Orchard,
    /// Needles.
    Needles,
    /// Hedges.
    Hedge,
    /// Petals in the air and on the grass.
    Petal,
    /// Leaves in the air and on the grass.
    FallenLeaf,
    /// Yellow leaves in the air and on the grass.
    FallenYellow,
    /// White flowers of the meadow.
    Daisy,
    /// Yellow flowers of the meadow.
    Buttercup,
    /// Violet flowers of the meadow.
    Bellflower,
    /// Red flowers of the meadow.
    Poppy,
    /// Plaster of the house.
    Plaster,
    /// Roof of the house.
    Roof,
    /// Windows of the house.
    Window,
    /// Clouds.
    Cloud,
    /// Rain.
    Rain,
    /// Falling snow.
    Flake,
    /// Grass around the plot.
    TallGrass,
}

/// A colour in sRGB, in which paints are mixed.
type Tone = Vec3;

/// Converts a colour of the scenario to a tone.
pub(super) fn tone(colour: Colour) -> Tone {
    Vec3::from_array(colour.to_array())
}

/// Converts a tone to linear RGB, as used by the shader.
pub(super) fn linear(tone: Tone) -> Vec3 {
    let colour = Color::srgb(tone.x, tone.y, tone.z).to_linear();
    Vec3::new(colour.red, colour.green, colour.blue)
}

/// Changes the saturation of a tone.
pub(super) fn saturated(tone: Tone, by: f32) -> Tone {
    let grey = Vec3::splat(tone.dot(Vec3::new(0.3, 0.59, 0.11)));
    (grey + (tone - grey) * by).clamp(Vec3::ZERO, Vec3::ONE)
}

/// Returns the green of a season: the greenest of its colours, or a dull green if none is green.
fn green_of(look: &Look) -> Tone {
    let mut sum = Vec3::new(0.36, 0.46, 0.26) * 0.006;
    let mut weights = 0.006;
    for colour in [look.ground, look.fine, look.thirsty] {
        let greenness = (colour.green - 0.5 * (colour.red + colour.blue)).max(0.0);
        // Yellow is a mixture of green and red, so it has a lower weight.
        let weight = greenness * greenness * (1.0 - (colour.red - colour.green + 0.3).clamp(0.0, 0.9));
        sum += tone(colour) * weight;
        weights += weight;
    }
    sum / weights
}

/// Returns all paints of a season, in linear RGB.
pub(super) fn paints(look: &Look, scenery: &Scenery) -> [Vec4; PAINTS] {
    let Scenery {
        snow, leaves, blossom, ..
    } = *scenery;
    let (ground, wall, sky, fine) = (tone(look.ground), tone(look.wall), tone(look.sky), tone(look.fine));
    let green = green_of(look);
    let snowy = |tone: Tone, share: f32| tone.lerp(Vec3::new(0.90, 0.92, 0.96), snow * share);

    let meadow = ground.lerp(green, 0.25 * (1.0 - snow) * (1.0 - leaves));
    let amber = fine.lerp(Vec3::new(0.90, 0.66, 0.20), 0.6);
    let turned = green.lerp(fine, leaves * 0.95);
    let turned_otherwise = green.lerp(Vec3::new(0.66, 0.76, 0.28), 0.35).lerp(amber, leaves * 0.95);
    let pink = Vec3::new(0.99, 0.76, 0.84);
    let frosted = |tone: Tone| tone.lerp(Vec3::new(0.66, 0.72, 0.75), snow * 0.7);
    let hill = meadow.lerp(green, 0.35 * (1.0 - snow)).lerp(sky, 0.12);

    let mut all = [Vec4::ONE; PAINTS];
    let mut set = |paint: Paint, tone: Tone| all[paint as usize] = linear(tone).extend(1.0);
    set(Paint::Lawn, ground);
    set(Paint::Snow, Vec3::new(0.93, 0.945, 0.975));
    set(Paint::Meadow, meadow);
    set(Paint::Hill, hill);
    set(Paint::Soil, snowy(Vec3::new(0.36, 0.26, 0.18).lerp(ground, 0.15), 0.75));
    set(Paint::Gravel, snowy(Vec3::new(0.76, 0.69, 0.57).lerp(ground, 0.18), 0.55));
    set(Paint::Wall, wall);
    set(Paint::Cap, (wall * 1.22 + Vec3::splat(0.03)).min(Vec3::ONE));
    set(Paint::Wood, Vec3::new(0.52, 0.41, 0.31).lerp(wall, 0.25));
    set(Paint::PaintedWood, Vec3::new(0.36, 0.53, 0.56));
    set(Paint::Bark, Vec3::new(0.40, 0.31, 0.25).lerp(wall, 0.2));
    set(Paint::Leaves, frosted(saturated(turned * 0.92, 1.05)));
    set(Paint::OtherLeaves, frosted(turned_otherwise));
    set(Paint::Orchard, frosted(turned_otherwise.lerp(pink, blossom * 0.92)));
    set(Paint::Needles, frosted(Vec3::new(0.20, 0.38, 0.29).lerp(green, 0.25)));
    set(
        Paint::Hedge,
        frosted((green * 0.8).lerp(Vec3::new(0.42, 0.42, 0.22), leaves * 0.8)),
    );
    set(Paint::Petal, Vec3::new(0.99, 0.84, 0.90));
    set(Paint::FallenLeaf, saturated(fine, 1.05));
    set(Paint::FallenYellow, amber);
    set(Paint::Daisy, Vec3::new(0.98, 0.97, 0.93));
    set(Paint::Buttercup, Vec3::new(0.97, 0.82, 0.28));
    set(Paint::Bellflower, Vec3::new(0.62, 0.54, 0.88));
    set(Paint::Poppy, Vec3::new(0.88, 0.33, 0.24));
    set(Paint::Plaster, Vec3::new(0.93, 0.88, 0.78));
    set(Paint::Roof, Vec3::new(0.66, 0.36, 0.27));
    set(Paint::Window, Vec3::new(1.0, 0.86, 0.55));
    set(Paint::Cloud, Vec3::splat(0.97).lerp(sky, 0.15 + 0.35 * scenery.fog));
    set(Paint::Rain, Vec3::new(0.80, 0.88, 0.97));
    set(Paint::Flake, Vec3::new(0.99, 0.99, 1.0));
    set(
        Paint::TallGrass,
        snowy(
            meadow
                .lerp(green, 0.2 * (1.0 - leaves))
                .lerp(Vec3::new(0.72, 0.62, 0.40), 0.6 * snow),
            0.0,
        ),
    );
    all
}
