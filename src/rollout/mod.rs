//! Whole episodes: probing what a driver is worth, recording what it did, replaying that and proving it the same.

mod probe;
mod recording;

pub use probe::{ProbeResult, ProbeSettings, probe};
pub use recording::{Difference, Recording, RecordingError, RecordingHeader, record};

/// Most gardens side by side.
pub const MAXIMUM_GARDENS: usize = 4_096;
/// Most episodes that are played in a season.
pub const MAXIMUM_EPISODES: usize = 100_000;
