//! Whole episodes: probing what a driver is worth, an album of views to look at policies with, recording what it did, replaying that and proving it the same.

mod album;
mod probe;
mod recording;

pub use album::{
    Album, AlbumError, AlbumLine, AlbumView, PROBE_TRANSITIONS, ProbeTransition, lines as album_lines, parse as parse_album,
};
pub use probe::{ProbeResult, ProbeSettings, probe};
pub use recording::{
    Compared, HeaderMistakes, MOST_DECISIONS, MOST_GARDENS, Recording, RecordingError, RecordingHeader, ReplayDifference, record,
    verify_recording,
};

/// Most gardens side by side.
pub const MAXIMUM_GARDENS: usize = 4_096;
/// Most episodes that are played in a season.
pub const MAXIMUM_EPISODES: usize = 100_000;
