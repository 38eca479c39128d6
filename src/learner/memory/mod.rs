//! Replay buffers: compact storage of transitions, and batches drawn from it.
//!
//! Observations are stored as bytes, and a next observation is not stored twice: it *is* the observation of the following entry.
//! A transition of the default garden therefore takes about 115 bytes, where two rows of floats would take 860.

mod batch;
mod packing;
mod replay_buffer;
mod reservoir;

pub use batch::{Batch, Transition};
pub use packing::{SegmentPacker, UnpackedSegment};
pub use replay_buffer::{ReplayBuffer, Sequences};
pub use reservoir::{Reservoir, SegmentPosition};

use rand::Rng;

use crate::mdp::Experience;
use crate::random::Stream;

/// Number of stored transitions of each task, by task number, for panels and reports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoryComposition {
    /// Transitions in the replay buffer of recent transitions.
    pub recent: Vec<usize>,
    /// Transitions in the methods' buffers of the past.
    pub past: Vec<usize>,
}

/// Adds `amount` to the count of `task`, and extends the list if necessary.
pub(crate) fn count_task(counts: &mut Vec<usize>, task: u16, amount: usize) {
    let task = usize::from(task);
    if counts.len() <= task {
        counts.resize(task + 1, 0);
    }
    counts[task] += amount;
}

/// Makes room in `numbers` for `more` of them: twice as much as there is, but never for more than `most` unless they are needed.
///
/// A vector by itself doubles its room even for the last entry that a memory will ever have, and would take twice what is allowed.
pub(crate) fn make_room<T>(numbers: &mut Vec<T>, more: usize, most: usize) {
    let needed = numbers.len().saturating_add(more);
    if needed > numbers.capacity() {
        let room = numbers.len().saturating_mul(2).min(most).max(needed);
        numbers.reserve_exact(room - numbers.len());
    }
}

/// A number in `0..bound`, uniform but for a bias below `bound / 2^64` (Lemire 2019, without its rejection step).
pub(crate) fn below(rng: &mut Stream, bound: usize) -> usize {
    ((u128::from(rng.next_u64()) * bound as u128) >> 64) as usize
}

/// Returns the observation after garden `garden`'s last decision: the final one of its episode if that ended.
pub(crate) fn successor(experience: &Experience, garden: usize, width: usize) -> &[u8] {
    let step = &experience.step;
    let rows = if step.ended(garden) {
        &step.final_observations
    } else {
        &step.observations
    };
    &rows[garden * width..(garden + 1) * width]
}
