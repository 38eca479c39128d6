//! Ambient light sensor: the mean colours of ground and sky, which change with the season.

use super::{Scene, Sense, colour_bytes, colour_channels};

pub(super) const SENSE: Sense = Sense {
    name: "ambient",
    channels: |_| colour_channels("ground").chain(colour_channels("sky")).collect(),
    write: write_ambient,
};

fn write_ambient(scene: &Scene, bytes: &mut [u8]) {
    bytes[..3].copy_from_slice(&colour_bytes(scene.look.ground.to_array(), scene.light));
    bytes[3..].copy_from_slice(&colour_bytes(scene.look.sky.to_array(), scene.light));
}
