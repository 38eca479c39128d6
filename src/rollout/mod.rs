//! Whole episodes: probing what a driver is worth, recording what it did, replaying that and proving it the same.

mod probe;
mod recording;

pub use probe::{ProbeResult, ProbeSettings, probe};
pub use recording::{Difference, Recording, RecordingError, RecordingHeader, record};
