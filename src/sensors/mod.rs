//! The robot's senses, which make up its observation as bytes.
//!
//! Each sense is one file and one entry of [`SENSES`]. Senses read the world and never a renderer: a run without a window has
//! exactly the observations of a run with one. The season is not part of the observation; the policy has to infer it.

mod ambient;
mod eye;
mod faults;
mod gauges;
mod rewarded;
mod sensing;
mod shown;

pub use eye::EyeGeometry;
pub use sensing::{Scene, SenseInputs, Senses, Thing};
pub use shown::{Shown, shown};

use crate::mdp::{Channel, ObservationSpec};
use crate::scenario::Scenario;

/// One sense of the robot.
pub struct Sense {
    /// Name of the sense.
    pub name: &'static str,
    /// Returns the channels of its values, in order, in a given scenario.
    pub channels: fn(&Scenario) -> Vec<Channel>,
    /// Writes its values for a scene, one byte per channel.
    pub write: fn(&Scene, &mut [u8]),
}

/// All senses, in the order in which observations contain them.
pub static SENSES: &[Sense] = &[eye::SENSE, ambient::SENSE, gauges::SENSE, rewarded::SENSE];

/// Returns the observation spec of a scenario's robot.
pub fn observation_spec(scenario: &Scenario) -> ObservationSpec {
    ObservationSpec {
        channels: SENSES.iter().flat_map(|sense| (sense.channels)(scenario)).collect(),
    }
}

/// Returns the channels of a colour: byte 0 is -1, byte 255 is 1.
fn colour_channels(name: &str) -> impl Iterator<Item = Channel> {
    ["red", "green", "blue"].into_iter().map(move |part| Channel {
        name: format!("{name}.{part}"),
        low: -1.0,
        high: 1.0,
    })
}

/// Encodes a colour in 0..1 under a light as three bytes.
fn colour_bytes(colour: [f32; 3], light: f32) -> [u8; 3] {
    // The casts saturate, as in an overexposed pixel.
    colour.map(|component| (component * light * 255.0 + 0.5) as u8)
}

/// Encodes a number in `low..high` as a byte.
fn fraction_byte(value: f32, low: f32, high: f32) -> u8 {
    ((value - low) / (high - low) * 255.0 + 0.5) as u8
}
