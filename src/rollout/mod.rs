//! Whole episodes: probing what a driver is worth, recording what it did, replaying that and proving it the same.

mod probe;
mod recording;

pub use probe::{ProbeResult, ProbeSettings, probe};
pub use recording::{
    Compared, Difference, HeaderMistakes, MOST_DECISIONS, MOST_GARDENS, Recording, RecordingError, RecordingHeader, record,
    verify_recording,
};
