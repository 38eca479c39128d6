//! Recordings: how gardens began, what was done in them, and hashes of what that led to.
//!
//! A recording is text, one JSON value a line: a header that holds the whole scenario, a line a tick, and a last line with the number
//! of ticks and a checksum over every byte before it. It holds no states: they follow from the beginning and the actions, and
//! [`Recording::verify`] proves that they do.
//!
//! Truncation and any changed byte are detected. The checksum guards against accidents, not against forgery: whoever changes a recording can
//! also write another checksum. `verify` then still detects changed actions, states, rewards and returns, because the simulation leads to
//! others.

mod header;
mod reading;
mod writing;

use std::fmt;
use std::io::BufRead;

use serde::{Deserialize, Serialize};

use crate::app::Gardens;
use crate::mdp::Action;

pub use header::{HeaderMistakes, MOST_DECISIONS, MOST_GARDENS, RecordingHeader};
pub use writing::record;

/// The version of the format that is written, and the only one that is read.
const FORMAT: u32 = 2;

/// Record of one tick.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TickLine {
    /// The number of each garden's action.
    actions: Vec<u8>,
    /// The hash of the state afterwards, in hexadecimal.
    hash: String,
    /// The hash of rewards, ends, observations and the last states of ended episodes, in hexadecimal.
    outcome: String,
    /// Returns of the episodes that ended, by the numbers of their gardens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    returns: Vec<f32>,
}

/// Last line of a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EndLine {
    end: End,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    /// Number of ticks.
    ticks: u64,
    /// xxh3 of all bytes before this line, in hexadecimal.
    checksum: String,
}

/// Beginning of the last line, by which it is told from a tick.
const END: &[u8] = b"{\"end\"";

/// A recording, read into memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// Initial state of the recording.
    pub header: RecordingHeader,
    /// The actions, `[ticks, gardens]`.
    pub actions: Vec<Action>,
    /// The hash of the state after each tick.
    pub hashes: Vec<u64>,
    /// The [outcome hash](Gardens::outcome_hash) of each tick.
    pub outcomes: Vec<u64>,
    /// Returns of the episodes in the order in which they ended, each with its tick.
    pub returns: Vec<(usize, f32)>,
}

/// Reason why a recording cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The file cannot be read or written.
    #[error("the recording cannot be read or written: {0}")]
    Io(#[from] std::io::Error),
    /// A line is not what it ought to be.
    #[error("line {line} of the recording is damaged: {reason}")]
    Damaged {
        /// The number of the line, from 1.
        line: usize,
        /// Reason why the line is not valid.
        reason: String,
    },
    /// It was written in another format.
    #[error(
        "the recording has format {found}, and this program reads format {FORMAT}: record it again with `perennial rollout`, or \
         play it with the program that wrote it{}",
        .program_version.as_ref().map_or_else(String::new, |version| format!(", perennial {version}"))
    )]
    Format {
        /// The format that was found.
        found: u32,
        /// The version of the program that wrote it.
        program_version: Option<String>,
    },
    /// The header is not one that gardens can be made from.
    #[error("{0}")]
    Header(#[from] HeaderMistakes),
    /// It stops before its last line.
    #[error("it was cut: it has {found} of its {expected} ticks{}", if found == expected { ", but no last line" } else { "" })]
    Cut {
        /// Ticks that are there.
        found: u64,
        /// Ticks that the header declares.
        expected: u64,
    },
    /// Its bytes are not those that were written.
    #[error("it was changed after it was written: its checksum is {found:016x}, and {recorded:016x} was written")]
    Checksum {
        /// The checksum that was written.
        recorded: u64,
        /// The checksum of what is there.
        found: u64,
    },
    /// It has no line at all.
    #[error("the recording is empty")]
    Empty,
}

/// Quantity that is compared after each tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Compared {
    /// The state of the gardens.
    State,
    /// Rewards, ends, observations, and the last states of ended episodes.
    Outcome,
    /// The return of an episode that ended.
    Return,
}

impl fmt::Display for Compared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::State => "the state",
            Self::Outcome => "the outcome (rewards, ends, observations)",
            Self::Return => "the return of the episode",
        })
    }
}

/// First difference between a recording and its simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplayDifference {
    /// The tick, from 0.
    pub tick: usize,
    /// Quantity that differs.
    pub compared: Compared,
    /// The hash that was recorded, or the bits of the return.
    pub recorded: u64,
    /// The hash that came out now, or the bits of the return.
    pub simulated: u64,
}

impl Recording {
    /// Number of ticks.
    pub fn ticks(&self) -> usize {
        self.hashes.len()
    }

    /// The actions of one tick, a garden each; none after the last tick.
    pub fn row(&self, tick: usize) -> Option<&[Action]> {
        let gardens = self.header.gardens;
        self.actions.get(tick.checked_mul(gardens)?..)?.get(..gardens)
    }

    /// Simulates it again and compares what came out after each tick; tells the first tick that differs, and stops there.
    /// `each_tick` is shown the gardens after every tick.
    pub fn verify(&self, mut each_tick: impl FnMut(&Gardens)) -> Option<ReplayDifference> {
        let mut gardens = self.header.gardens();
        (0..self.ticks()).find_map(|tick| {
            // A row has an action for each garden.
            gardens.step(self.row(tick)?).ok()?;
            each_tick(&gardens);
            self.difference(tick, &gardens)
        })
    }

    /// Returns the difference between what was recorded of a tick and the gardens after it, if there is one.
    pub fn difference(&self, tick: usize, gardens: &Gardens) -> Option<ReplayDifference> {
        let first = self.returns.partition_point(|&(ended, _)| ended < tick);
        let recorded: Vec<f32> = self.returns[first..]
            .iter()
            .take_while(|&&(ended, _)| ended == tick)
            .map(|&(_, value)| value)
            .collect();
        let simulated: Vec<f32> = episode_returns(gardens).collect();
        // Where an episode did not end, its return has no bits to tell.
        let bits = |list: &[f32], number: usize| list.get(number).map_or(u64::MAX, |value| u64::from(value.to_bits()));
        let returns = (0..simulated.len().max(recorded.len()))
            .map(|number| (Compared::Return, bits(&recorded, number), bits(&simulated, number)));
        let hash = |hashes: &[u64]| hashes.get(tick).copied().unwrap_or_default();
        [
            (Compared::State, hash(&self.hashes), gardens.state_hash()),
            (Compared::Outcome, hash(&self.outcomes), gardens.outcome_hash()),
        ]
        .into_iter()
        .chain(returns)
        .find(|(_, recorded, simulated)| recorded != simulated)
        .map(|(compared, recorded, simulated)| ReplayDifference {
            tick,
            compared,
            recorded,
            simulated,
        })
    }
}

/// Returns of the episodes that ended with the last tick.
fn episode_returns(gardens: &Gardens) -> impl Iterator<Item = f32> {
    let finished = gardens.finished_episodes();
    finished.map(|finished| finished.episode.tally.episode_return)
}

/// Reads a recording and simulates it again: `None` is the proof that everything is as it was recorded.
///
/// No bytes make it panic or take more than some hundred megabytes, and a recording of which any byte was changed is not accepted.
///
/// # Errors
/// As [`Recording::read`].
pub fn verify_recording(from: impl BufRead) -> Result<Option<ReplayDifference>, RecordingError> {
    Ok(Recording::read(from)?.verify(|_| ()))
}

#[cfg(test)]
mod tests;
