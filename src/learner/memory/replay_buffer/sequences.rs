//! Sequences of consecutive decisions of one episode, drawn from the replay buffer.

use super::{OPEN, ReplayBuffer};
use crate::learner::inputs::Inputs;
use crate::learner::memory::below;
use crate::mdp::ObservationDecoder;
use crate::random::Stream;

/// Number of tries for each sequence before fewer are returned: with long episodes, only one in many tries fails.
const TRIES: usize = 32;

/// Sequences side by side, step by step; buffers are reused.
#[derive(Clone, Debug, Default)]
pub struct Sequences {
    /// Observation of the first decision, one row per sequence.
    pub first: Inputs,
    /// Observations after each decision: first the rows after the first decision, then those after the second, and so on.
    pub next: Inputs,
    /// Index of each decision's action, in the same order.
    pub actions: Vec<u8>,
}

impl Sequences {
    /// Creates empty sequences for observations of `width` bytes.
    pub fn new(width: usize) -> Self {
        Self {
            first: Inputs::new(width),
            next: Inputs::new(width),
            actions: Vec::new(),
        }
    }

    /// Number of sequences.
    pub fn rows(&self) -> usize {
        self.first.rows()
    }
}

impl ReplayBuffer {
    /// Draws `rows` sequences of `steps` decisions, uniformly among all that lie within one episode, with replacement.
    ///
    /// Fewer are returned, possibly none, if hardly any episode is long enough.
    pub fn sample_sequences(
        &self,
        rows: usize,
        steps: usize,
        rng: &mut Stream,
        decoder: &ObservationDecoder,
        sequences: &mut Sequences,
    ) {
        sequences.first.clear();
        sequences.next.clear();
        sequences.actions.clear();
        let longest = self.rings.iter().map(|ring| ring.kinds.len()).max().unwrap_or(0);
        if self.transitions() == 0 || steps == 0 {
            return;
        }
        let mut starts = Vec::with_capacity(rows);
        for _ in 0..rows * TRIES {
            if starts.len() == rows {
                break;
            }
            let place = below(rng, longest * self.rings.len());
            let (slot, garden) = (place / self.rings.len(), place % self.rings.len());
            if self.is_sequence(garden, slot, steps) {
                starts.push((garden, slot));
            }
        }
        for step in 0..steps {
            for &(garden, slot) in &starts {
                let Some(transition) = self.transition(garden, self.after(slot, step)) else {
                    continue;
                };
                if step == 0 {
                    sequences.first.push(decoder, transition.observation);
                }
                sequences.next.push(decoder, transition.next_observation);
                sequences.actions.push(transition.action);
            }
        }
    }

    /// `true` if `steps` decisions of one episode start in this slot. The last observation of an episode, and the newest of a
    /// ring, start no transition. Consecutive entries that all start one therefore belong together.
    fn is_sequence(&self, garden: usize, slot: usize, steps: usize) -> bool {
        let kinds = &self.rings[garden].kinds;
        steps <= kinds.len() && (0..steps).all(|step| kinds.get(self.after(slot, step)).is_some_and(|&kind| kind != OPEN))
    }

    /// Returns the slot `steps` entries later.
    fn after(&self, slot: usize, steps: usize) -> usize {
        let after = slot + steps;
        if after >= self.slots { after - self.slots } else { after }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learner::testing::{Walk, decoder};
    use crate::random::stream;
    use proptest::prelude::*;

    /// Returns the bytes of an observation that was decoded from `0..=255` to `[-1, 1]`.
    fn bytes(row: &[f32]) -> Vec<u8> {
        row.iter().map(|number| ((number + 1.0) * 127.5).round() as u8).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
        #[test]
        fn no_sequence_crosses_the_end_of_an_episode(
            seed in 0u64..1000, gardens in 1usize..4, capacity in 8usize..90, decisions in 1usize..120, steps in 1usize..5,
        ) {
            let mut walk = Walk::new(seed, gardens);
            let mut memory = ReplayBuffer::new(gardens, Walk::WIDTH, Some(capacity));
            (0..decisions).for_each(|_| memory.observe(walk.step(), 0));
            let mut sequences = Sequences::new(Walk::WIDTH);
            memory.sample_sequences(20, steps, &mut stream(seed, "test", 0), &decoder(Walk::WIDTH), &mut sequences);
            let rows = sequences.rows();
            prop_assert!(rows <= 20);
            prop_assert_eq!(sequences.next.rows(), rows * steps);
            prop_assert_eq!(sequences.actions.len(), rows * steps);
            for row in 0..rows {
                let start = bytes(sequences.first.row(row));
                for step in 0..steps {
                    // Observations encode garden, episode and step; actions follow from the step.
                    let next = bytes(sequences.next.row(step * rows + row));
                    prop_assert_eq!(&next, &[start[0], start[1], start[2] + step as u8 + 1]);
                    prop_assert_eq!(sequences.actions[step * rows + row], (start[2] + step as u8) % 5);
                }
            }
        }
    }

    #[test]
    fn all_that_is_asked_for_is_drawn_where_episodes_are_long() {
        let mut walk = Walk::endless(1, 2);
        let mut memory = ReplayBuffer::new(2, Walk::WIDTH, None);
        let mut sequences = Sequences::new(Walk::WIDTH);
        let draw = |memory: &ReplayBuffer, sequences: &mut Sequences| {
            memory.sample_sequences(32, 3, &mut stream(1, "test", 0), &decoder(Walk::WIDTH), sequences);
        };
        (0..2).for_each(|_| memory.observe(walk.step(), 0));
        draw(&memory, &mut sequences);
        assert_eq!(sequences.rows(), 0, "two decisions are no three");
        (0..50).for_each(|_| memory.observe(walk.step(), 0));
        draw(&memory, &mut sequences);
        assert_eq!(sequences.rows(), 32);
    }
}
