//! Contents of a reservoir's segments: as they are, or packed.

use super::Growing;
use crate::learner::error::StateError;
use crate::learner::memory::make_room;
use crate::learner::memory::packing::{SegmentPacker, UnpackedSegment};
use crate::learner::state::StateDict;

/// Most bytes of packed segments: their starts are numbers of 32 bits.
pub(super) const MOST_PACKED_BYTES: u64 = u32::MAX as u64;

/// One decision of a segment.
pub(super) struct StoredDecision<'a> {
    pub(super) observation: &'a [u8],
    pub(super) action: u8,
    pub(super) reward: f32,
    pub(super) next_observation: &'a [u8],
}

/// Observations, actions and rewards of all segments.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Store {
    /// Arrays with room for the longest segment.
    Plain {
        width: usize,
        length: usize,
        /// `[segments, length + 1, width]`.
        observations: Vec<u8>,
        /// `[segments, length]`.
        actions: Vec<u8>,
        /// `[segments, length]`.
        rewards: Vec<f32>,
    },
    /// One packed segment after the other.
    Packed {
        packer: SegmentPacker,
        bytes: Vec<u8>,
        /// Place of the first byte of each segment.
        starts: Vec<u32>,
        /// Reused buffer.
        packed: Vec<u8>,
    },
}

impl Store {
    pub(super) fn plain(width: usize, length: usize) -> Self {
        Self::Plain {
            width,
            length,
            observations: Vec::new(),
            actions: Vec::new(),
            rewards: Vec::new(),
        }
    }

    pub(super) fn packed(packer: SegmentPacker) -> Self {
        Self::Packed {
            packer,
            bytes: Vec::new(),
            starts: Vec::new(),
            packed: Vec::new(),
        }
    }

    /// `true` if segments are packed.
    pub(super) fn is_packed(&self) -> bool {
        matches!(self, Self::Packed { .. })
    }

    /// Size of all segments in bytes.
    pub(super) fn bytes(&self) -> u64 {
        let bytes = match self {
            Self::Plain {
                observations,
                actions,
                rewards,
                ..
            } => observations.len() + actions.len() + size_of_val(&**rewards),
            Self::Packed { bytes, starts, .. } => bytes.len() + size_of_val(&**starts),
        };
        bytes as u64
    }

    /// Adds an empty segment, of at most `slots`.
    pub(super) fn push(&mut self, slots: usize) {
        match self {
            Self::Plain {
                width,
                length,
                observations,
                actions,
                rewards,
            } => {
                let segment = (*length + 1) * *width;
                make_room(observations, segment, slots.saturating_mul(segment));
                observations.resize(observations.len() + segment, 0);
                actions.resize(actions.len() + *length, 0);
                rewards.resize(rewards.len() + *length, 0.0);
            }
            // The limit is kept by the reservoir.
            Self::Packed { bytes, starts, .. } => starts.push(bytes.len() as u32),
        }
    }

    /// Replaces the contents of a segment.
    pub(super) fn write(&mut self, segment: usize, contents: &Growing) {
        match self {
            Self::Plain {
                width,
                length,
                observations,
                actions,
                rewards,
            } => {
                let start = segment * (*length + 1) * *width;
                observations[start..start + contents.observations.len()].copy_from_slice(&contents.observations);
                let start = segment * *length;
                actions[start..start + contents.actions.len()].copy_from_slice(&contents.actions);
                rewards[start..start + contents.rewards.len()].copy_from_slice(&contents.rewards);
            }
            Self::Packed {
                packer,
                bytes,
                starts,
                packed,
            } => {
                packed.clear();
                packer.pack(&contents.observations, &contents.actions, &contents.rewards, packed);
                replace(bytes, starts, segment, packed);
            }
        }
    }

    /// Removes a segment; those after it move up.
    pub(super) fn remove(&mut self, segment: usize) {
        match self {
            Self::Plain {
                width,
                length,
                observations,
                actions,
                rewards,
            } => {
                let row = (*length + 1) * *width;
                observations.drain(segment * row..(segment + 1) * row);
                actions.drain(segment * *length..(segment + 1) * *length);
                rewards.drain(segment * *length..(segment + 1) * *length);
            }
            Self::Packed { bytes, starts, .. } => {
                replace(bytes, starts, segment, &[]);
                starts.remove(segment);
            }
        }
    }

    /// Returns a decision of a segment, unpacked into `unpacked` if it is packed.
    pub(super) fn decision<'a>(
        &'a self,
        segment: usize,
        position: usize,
        unpacked: &'a mut UnpackedSegment,
    ) -> StoredDecision<'a> {
        match self {
            Self::Plain {
                width,
                length,
                observations,
                actions,
                rewards,
            } => {
                let start = (segment * (length + 1) + position) * width;
                let entry = segment * length + position;
                StoredDecision {
                    observation: &observations[start..start + width],
                    action: actions[entry],
                    reward: rewards[entry],
                    next_observation: &observations[start + width..start + 2 * width],
                }
            }
            Self::Packed {
                packer, bytes, starts, ..
            } => {
                packer.unpack(code(bytes, starts, segment), position + 1, unpacked);
                let width = packer.width();
                let rows = &unpacked.observations[position * width..(position + 2) * width];
                let (observation, next_observation) = rows.split_at(width);
                StoredDecision {
                    observation,
                    action: unpacked.actions[position],
                    reward: unpacked.rewards[position],
                    next_observation,
                }
            }
        }
    }

    /// Returns an observation of a segment, unpacked into `unpacked` if it is packed.
    pub(super) fn observation<'a>(&'a self, segment: usize, position: usize, unpacked: &'a mut UnpackedSegment) -> &'a [u8] {
        match self {
            Self::Plain {
                width,
                length,
                observations,
                ..
            } => {
                let start = (segment * (length + 1) + position) * width;
                &observations[start..start + width]
            }
            Self::Packed {
                packer, bytes, starts, ..
            } => {
                packer.unpack(code(bytes, starts, segment), position, unpacked);
                &unpacked.observations[position * packer.width()..(position + 1) * packer.width()]
            }
        }
    }

    pub(super) fn save(&self, state: &mut StateDict, prefix: &str) {
        match self {
            Self::Plain {
                observations,
                actions,
                rewards,
                ..
            } => {
                state.put(format!("{prefix}.observations"), observations);
                state.put(format!("{prefix}.actions"), actions);
                state.put(format!("{prefix}.rewards"), rewards);
            }
            Self::Packed { bytes, starts, .. } => {
                state.put(format!("{prefix}.packed"), bytes);
                state.put(format!("{prefix}.starts"), starts);
            }
        }
    }

    /// Loads so many segments.
    pub(super) fn load(&mut self, state: &StateDict, prefix: &str, segments: usize) -> Result<(), StateError> {
        let key = |name: &str| format!("{prefix}.{name}");
        match self {
            Self::Plain {
                width,
                length,
                observations,
                actions,
                rewards,
            } => {
                *observations = state.array_of_len(&key("observations"), segments * (*length + 1) * *width)?;
                *actions = state.array_of_len(&key("actions"), segments * *length)?;
                *rewards = state.array_of_len(&key("rewards"), segments * *length)?;
            }
            Self::Packed { bytes, starts, .. } => {
                let all: Vec<u8> = state.array(&key("packed"))?;
                let begins: Vec<u32> = state.array_of_len(&key("starts"), segments)?;
                let ends = begins.iter().skip(1).map(|&start| start as usize).chain([all.len()]);
                if begins.iter().zip(ends).any(|(&start, end)| start as usize > end)
                    || begins.first().is_some_and(|&start| start != 0)
                {
                    return Err(StateError::Mismatch {
                        entry: key("starts"),
                        expected: format!("ascending places in {} bytes", all.len()),
                        found: "others".to_owned(),
                    });
                }
                (*bytes, *starts) = (all, begins);
            }
        }
        Ok(())
    }
}

/// Place of a packed segment.
fn range(bytes: &[u8], starts: &[u32], segment: usize) -> std::ops::Range<usize> {
    let end = starts.get(segment + 1).map_or(bytes.len(), |&next| next as usize);
    starts[segment] as usize..end
}

fn code<'a>(bytes: &'a [u8], starts: &[u32], segment: usize) -> &'a [u8] {
    &bytes[range(bytes, starts, segment)]
}

/// Replaces a packed segment; those after it move.
fn replace(bytes: &mut Vec<u8>, starts: &mut [u32], segment: usize, packed: &[u8]) {
    let place = range(bytes, starts, segment);
    let moved = (packed.len() as u32).wrapping_sub(place.len() as u32);
    make_room(bytes, packed.len().saturating_sub(place.len()), usize::MAX);
    bytes.splice(place, packed.iter().copied());
    for start in &mut starts[segment + 1..] {
        *start = start.wrapping_add(moved);
    }
}
