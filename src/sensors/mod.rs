//! The robot's senses: what it gets to know of the garden, as bytes.
//!
//! Each sense is one file and one line of [`SENSES`]. Senses read the world, never a renderer: a run without a window sees exactly
//! what a run with one sees. No sense tells the season; the policy can only look.

mod ambient;
mod eye;
mod gauges;
mod sensing;

pub use eye::EyeGeometry;
pub use sensing::{Scene, SenseInputs, Senses, Thing};

use crate::mdp::{Channel, ObservationSpec};
use crate::scenario::Scenario;

/// One sense of the robot.
pub struct Sense {
    /// What it is called.
    pub name: &'static str,
    /// What its numbers mean, in order, in a given scenario.
    pub channels: fn(&Scenario) -> Vec<Channel>,
    /// Writes its numbers for a scene, one byte for each of its channels.
    pub write: fn(&Scene, &mut [u8]),
}

/// Every sense, in the order in which observations hold them.
pub static SENSES: &[Sense] = &[eye::SENSE, ambient::SENSE, gauges::SENSE];

/// What the robot of a scenario observes.
pub fn observation_spec(scenario: &Scenario) -> ObservationSpec {
    ObservationSpec {
        channels: SENSES.iter().flat_map(|sense| (sense.channels)(scenario)).collect(),
    }
}

/// A channel of a colour component: byte 0 is -1, byte 255 is 1.
fn colour_channels(name: &str) -> impl Iterator<Item = Channel> {
    ["red", "green", "blue"].into_iter().map(move |part| Channel {
        name: format!("{name}.{part}"),
        low: -1.0,
        high: 1.0,
    })
}

/// A colour in 0..1 under a light, as a camera's three bytes.
fn colour_bytes(colour: [f32; 3], light: f32) -> [u8; 3] {
    // The casts saturate as an overexposed pixel does.
    colour.map(|component| (component * light * 255.0 + 0.5) as u8)
}

/// A number in `low..high` as a byte.
fn fraction_byte(value: f32, low: f32, high: f32) -> u8 {
    ((value - low) / (high - low) * 255.0 + 0.5) as u8
}
