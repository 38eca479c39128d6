//! The replay buffer of recent transitions: first in, first out, with one ring of consecutive observations per garden.
//!
//! An entry is an observation and, if a decision followed, that decision. The next entry in the ring holds the next observation.
//! The last observation of an episode is an entry of its own from which no transition starts. Always holds: an entry that starts
//! a transition is followed by its true successor, within the same episode.

mod sequences;

pub use sequences::Sequences;

use crate::learner::error::StateError;
use crate::learner::memory::{Batch, Transition, below, count_task, make_room, successor};
use crate::learner::state::StateDict;
use crate::mdp::{Experience, ObservationDecoder};
use crate::random::Stream;

/// Entry without a decision so far (or ever): starts no transition.
const OPEN: u8 = 0;
/// Entry that starts a transition after which the episode continues or was truncated.
const CONTINUES: u8 = 1;
/// Entry that starts a transition after which nothing follows.
const TERMINATED: u8 = 2;
/// Most draws for a row of which transitions are left out.
const TRIES_LEFT_OUT: usize = 64;

#[derive(Clone, Debug, Default, PartialEq)]
struct Ring {
    observations: Vec<u8>,
    actions: Vec<u8>,
    rewards: Vec<f32>,
    kinds: Vec<u8>,
    tasks: Vec<u16>,
    /// Slot that was written last; meaningless while the ring is empty.
    newest: usize,
    /// Number of entries that start a transition.
    transitions: usize,
}

/// Replay buffer of recent transitions, with one ring per garden.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplayBuffer {
    width: usize,
    /// Maximum number of entries of a ring.
    slots: usize,
    rings: Vec<Ring>,
    forgotten: u64,
}

impl ReplayBuffer {
    /// Creates a buffer for `gardens` gardens whose observations have `width` bytes.
    ///
    /// It holds at most `capacity` transitions, or everything if there is no capacity. Each garden has an equal part of it, of at
    /// least two entries.
    pub fn new(gardens: usize, width: usize, capacity: Option<usize>) -> Self {
        let slots = capacity.map_or(usize::MAX, |capacity| (capacity / gardens.max(1)).max(2));
        Self {
            width,
            slots,
            rings: vec![Ring::default(); gardens],
            forgotten: 0,
        }
    }

    /// Number of stored transitions.
    pub fn transitions(&self) -> usize {
        self.rings.iter().map(|ring| ring.transitions).sum()
    }

    /// Number of transitions that were stored once and have been dropped.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// Size of the stored data, in bytes.
    pub fn bytes(&self) -> u64 {
        let entry = self.width + size_of::<u8>() + size_of::<f32>() + size_of::<u8>() + size_of::<u16>();
        self.rings.iter().map(|ring| (ring.kinds.len() * entry) as u64).sum()
    }

    /// Adds the number of stored transitions of each task to `counts`.
    pub fn count_tasks(&self, counts: &mut Vec<usize>) {
        for ring in &self.rings {
            for (&task, _) in ring.tasks.iter().zip(&ring.kinds).filter(|&(_, &kind)| kind != OPEN) {
                count_task(counts, task, 1);
            }
        }
    }

    /// Mean age of the stored transitions, in decisions of their garden: 0 for the last one. `None` if there are none.
    ///
    /// Every decision of a garden is stored and the oldest are dropped first, so the ages in a ring are 0, 1, 2...
    pub fn mean_age(&self) -> Option<f64> {
        let stored = self.transitions();
        let ages = |ring: &Ring| ring.transitions as f64 * ring.transitions.saturating_sub(1) as f64 / 2.0;
        (stored > 0).then(|| self.rings.iter().map(ages).sum::<f64>() / stored as f64)
    }

    /// Drops all transitions and frees their memory.
    pub fn clear(&mut self) {
        self.forgotten += self.transitions() as u64;
        self.rings.fill(Ring::default());
    }

    /// Stores one decision of each garden, as part of task number `task`.
    pub fn observe(&mut self, experience: &Experience, task: u16) {
        for garden in 0..self.rings.len() {
            let observation = &experience.observations[garden * self.width..(garden + 1) * self.width];
            // The newest entry is usually the observation of this decision. If it is not, the driver restarted without ending the
            // episode, and the old chain stays as it is.
            if !self.rings[garden].waits_on(observation) {
                self.push(garden, observation, task);
            }
            let ring = &mut self.rings[garden];
            ring.actions[ring.newest] = experience.actions[garden];
            ring.rewards[ring.newest] = experience.step.rewards[garden];
            ring.kinds[ring.newest] = if experience.step.terminated[garden] {
                TERMINATED
            } else {
                CONTINUES
            };
            ring.tasks[ring.newest] = task;
            ring.transitions += 1;
            self.push(garden, successor(experience, garden, self.width), task);
        }
    }

    /// Adds `rows` transitions to `batch`, drawn uniformly and with replacement; none if the buffer is empty.
    pub fn sample(&self, rows: usize, rng: &mut Stream, decoder: &ObservationDecoder, batch: &mut Batch) {
        if self.transitions() == 0 {
            return;
        }
        for _ in 0..rows {
            batch.push(decoder, self.draw(rng));
        }
    }

    /// Like [`sample`](Self::sample), but without the transitions that `leaves_out` names: each is drawn again, at most 64 times. Rows that
    /// stay without a transition are missing.
    pub fn sample_without(
        &self,
        rows: usize,
        leaves_out: &dyn Fn(&Transition<'_>) -> bool,
        rng: &mut Stream,
        decoder: &ObservationDecoder,
        batch: &mut Batch,
    ) {
        if self.transitions() == 0 {
            return;
        }
        for _ in 0..rows {
            let drawn = (0..TRIES_LEFT_OUT).map(|_| self.draw(rng)).find(|drawn| !leaves_out(drawn));
            if let Some(drawn) = drawn {
                batch.push(decoder, drawn);
            }
        }
    }

    /// All stored transitions, garden by garden.
    pub fn iter(&self) -> impl Iterator<Item = Transition<'_>> {
        let slots = |garden: usize| 0..self.rings[garden].kinds.len();
        (0..self.rings.len()).flat_map(move |garden| slots(garden).filter_map(move |slot| self.transition(garden, slot)))
    }

    /// Adds `rows` observations on which decisions were based to `batch`, as views; drawn as in [`sample`](Self::sample).
    pub fn sample_views(&self, rows: usize, rng: &mut Stream, decoder: &ObservationDecoder, batch: &mut Batch) {
        if self.transitions() == 0 {
            return;
        }
        for _ in 0..rows {
            batch.push_view(decoder, self.draw(rng).observation);
        }
    }

    /// Returns an observation on which a decision was based, drawn as in [`sample`](Self::sample); `None` if the buffer is empty.
    pub fn draw_view(&self, rng: &mut Stream) -> Option<&[u8]> {
        (self.transitions() > 0).then(|| self.draw(rng).observation)
    }

    /// Draws one transition uniformly; the buffer must not be empty.
    fn draw(&self, rng: &mut Stream) -> Transition<'_> {
        let longest = self.rings.iter().map(|ring| ring.kinds.len()).max().unwrap_or(0);
        loop {
            let place = below(rng, longest * self.rings.len());
            let (slot, garden) = (place / self.rings.len(), place % self.rings.len());
            if let Some(transition) = self.transition(garden, slot) {
                return transition;
            }
        }
    }

    fn transition(&self, garden: usize, slot: usize) -> Option<Transition<'_>> {
        let ring = &self.rings[garden];
        let kind = *ring.kinds.get(slot).filter(|&&kind| kind != OPEN)?;
        let next = if slot + 1 == self.slots { 0 } else { slot + 1 };
        let observation = |slot: usize| &ring.observations[slot * self.width..(slot + 1) * self.width];
        Some(Transition {
            observation: observation(slot),
            action: ring.actions[slot],
            reward: ring.rewards[slot],
            terminated: kind == TERMINATED,
            next_observation: observation(next),
        })
    }

    fn push(&mut self, garden: usize, observation: &[u8], task: u16) {
        let ring = &mut self.rings[garden];
        if ring.kinds.len() < self.slots {
            ring.newest = ring.kinds.len();
            make_room(&mut ring.observations, self.width, self.slots.saturating_mul(self.width));
            ring.observations.extend_from_slice(observation);
            ring.actions.push(0);
            ring.rewards.push(0.0);
            ring.kinds.push(OPEN);
            ring.tasks.push(task);
            return;
        }
        ring.newest = (ring.newest + 1) % self.slots;
        let slot = ring.newest;
        if ring.kinds[slot] != OPEN {
            ring.transitions -= 1;
            self.forgotten += 1;
        }
        ring.observations[slot * self.width..(slot + 1) * self.width].copy_from_slice(observation);
        ring.kinds[slot] = OPEN;
        ring.tasks[slot] = task;
    }

    /// Saves the complete state under `prefix`.
    pub fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        state.set(format!("{prefix}.forgotten"), &self.forgotten)?;
        for (garden, ring) in self.rings.iter().enumerate() {
            let prefix = format!("{prefix}.{garden}");
            state.put(format!("{prefix}.observations"), &ring.observations);
            state.put(format!("{prefix}.actions"), &ring.actions);
            state.put(format!("{prefix}.rewards"), &ring.rewards);
            state.put(format!("{prefix}.kinds"), &ring.kinds);
            state.put(format!("{prefix}.tasks"), &ring.tasks);
            state.set(format!("{prefix}.newest"), &ring.newest)?;
        }
        Ok(())
    }

    /// Loads the complete state from under `prefix`.
    pub fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        self.forgotten = state.get(&format!("{prefix}.forgotten"))?;
        for garden in 0..self.rings.len() {
            let key = |name: &str| format!("{prefix}.{garden}.{name}");
            let kinds: Vec<u8> = state.array(&key("kinds"))?;
            let (entries, newest) = (kinds.len(), state.get::<usize>(&key("newest"))?);
            // The newest entry waits for a decision: so every entry that starts a transition has its successor.
            let is_whole = kinds.get(newest).is_none_or(|&kind| kind == OPEN) && kinds.iter().all(|&kind| kind <= TERMINATED);
            let is_in_place = newest < entries.max(1) && (entries == self.slots || newest + 1 == entries.max(1));
            if entries > self.slots || !is_whole || !is_in_place {
                let expected = format!("at most {} entries, the newest without a decision", self.slots);
                let found = format!("{entries}, the newest at {newest}");
                return Err(StateError::Mismatch {
                    entry: key("kinds"),
                    expected,
                    found,
                });
            }
            self.rings[garden] = Ring {
                observations: state.array_of_len(&key("observations"), entries * self.width)?,
                actions: state.array_of_len(&key("actions"), entries)?,
                rewards: state.array_of_len(&key("rewards"), entries)?,
                tasks: state.array_of_len(&key("tasks"), entries)?,
                transitions: kinds.iter().filter(|&&kind| kind != OPEN).count(),
                kinds,
                newest,
            };
        }
        Ok(())
    }
}

impl Ring {
    /// `true` if the newest entry is this observation and has no decision yet.
    fn waits_on(&self, observation: &[u8]) -> bool {
        let start = self.newest * observation.len();
        self.kinds.get(self.newest) == Some(&OPEN) && self.observations.get(start..start + observation.len()) == Some(observation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learner::testing::{Walk, chi_squared_is_plausible, decoder};
    use crate::random::stream;
    use proptest::prelude::*;

    /// Returns all transitions, in any order.
    fn all(memory: &ReplayBuffer) -> Vec<Transition<'_>> {
        let slots = memory.rings.iter().map(|ring| ring.kinds.len()).max().unwrap_or(0);
        (0..memory.rings.len())
            .flat_map(|garden| (0..slots).filter_map(move |slot| memory.transition(garden, slot)))
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
        #[test]
        fn next_is_the_true_successor_and_capacity_holds(
            seed in 0u64..1000, gardens in 1usize..4, capacity in 2usize..60, decisions in 1usize..120, unannounced in any::<bool>(),
        ) {
            let mut walk = Walk::new(seed, gardens);
            let mut memory = ReplayBuffer::new(gardens, Walk::WIDTH, Some(capacity));
            for decision in 0..decisions {
                if unannounced && decision % 17 == 16 {
                    walk.restart();
                }
                memory.observe(walk.step(), 0);
                prop_assert!(memory.transitions() <= capacity.max(2 * gardens));
            }
            prop_assert_eq!(memory.transitions(), all(&memory).len());
            prop_assert_eq!(memory.transitions() as u64 + memory.forgotten(), (decisions * gardens) as u64);
            for transition in all(&memory) {
                prop_assert!(walk.is_true(transition), "{:?}", transition);
            }
            prop_assert_eq!(memory.bytes(), memory.rings.iter().map(|ring| (ring.observations.len() + ring.actions.len()
                + 4 * ring.rewards.len() + ring.kinds.len() + 2 * ring.tasks.len()) as u64).sum::<u64>());
        }
    }

    #[test]
    fn every_transition_is_drawn_equally_often() {
        let mut walk = Walk::new(3, 3);
        let mut memory = ReplayBuffer::new(3, Walk::WIDTH, Some(90));
        (0..200).for_each(|_| memory.observe(walk.step(), 0));
        let mut rng = stream(1, "test", 0);
        let held: Vec<Vec<u8>> = all(&memory)
            .iter()
            .map(|transition| transition.observation.to_vec())
            .collect();
        let mut counts = vec![0u32; held.len()];
        for _ in 0..100 * held.len() {
            let drawn = memory.draw(&mut rng).observation.to_vec();
            counts[held.iter().position(|observation| *observation == drawn).unwrap()] += 1;
        }
        assert!(chi_squared_is_plausible(&counts), "{counts:?}");
    }

    #[test]
    fn the_newest_decision_can_be_drawn_at_once() {
        let mut walk = Walk::new(0, 1);
        let mut memory = ReplayBuffer::new(1, Walk::WIDTH, Some(10));
        memory.observe(walk.step(), 0);
        let mut batch = Batch::new(Walk::WIDTH);
        memory.sample(4, &mut stream(0, "test", 0), &decoder(Walk::WIDTH), &mut batch);
        assert_eq!(batch.transitions(), 4);
    }

    #[test]
    fn an_empty_memory_gives_nothing() {
        let mut batch = Batch::new(Walk::WIDTH);
        ReplayBuffer::new(2, Walk::WIDTH, None).sample(4, &mut stream(0, "test", 0), &decoder(Walk::WIDTH), &mut batch);
        assert_eq!(batch.rows(), 0);
    }

    #[test]
    fn what_is_cleared_is_forgotten_and_counted() {
        let mut walk = Walk::new(0, 2);
        let mut memory = ReplayBuffer::new(2, Walk::WIDTH, None);
        (0..30).for_each(|_| memory.observe(walk.step(), 1));
        let mut tasks = Vec::new();
        memory.count_tasks(&mut tasks);
        assert_eq!(tasks, [0, 60]);
        memory.clear();
        assert_eq!((memory.transitions(), memory.forgotten(), memory.bytes()), (0, 60, 0));
    }
}
