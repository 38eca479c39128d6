//! A reservoir: a uniform sample of all transitions so far, stored in segments of consecutive decisions.
//!
//! Vitter 1985, "Random sampling with a reservoir", algorithm R: the n-th item replaces a random one with probability `size / n`,
//! so that at any time each item so far is stored with the same probability. The deviation: an item is not one transition but a
//! segment of [`segment_decisions`](crate::learner::settings::ReservoirSettings::segment_decisions) consecutive ones of one
//! garden (fewer at the end of an episode or a task), because `n` consecutive transitions need only `n + 1` observations. Each
//! transition is still as likely to be stored as any other, but neighbours are stored and dropped together.
//!
//! For cloning, the outputs of a network for an observation can be stored with its transition: later, or together with it by a
//! reservoir that [records](Reservoir::recording) outputs.
//!
//! Segments can be [packed](crate::learner::memory::SegmentPacker), without loss, and outputs are then stored in half precision. A limit in bytes
//! is then one of bytes as they are packed: how many segments it holds is known once it is reached. From then on their number falls
//! by one, a random one, whenever a larger segment takes the place of a smaller one. A random part of a uniform sample is a uniform
//! sample, so algorithm R goes on with the smaller number.

mod outputs;
mod saving;
mod store;
#[cfg(test)]
mod tests;

use self::outputs::StoredOutputs;
use self::store::{MOST_PACKED_BYTES, Store};
use crate::learner::memory::{Batch, SegmentPacker, Transition, UnpackedSegment, below, count_task, successor};
use crate::learner::need::LearnerScale;
use crate::learner::settings::{Footprint, History, ReservoirSettings};
use crate::learner::spec::LearnerSpec;
use crate::mdp::{Experience, ObservationDecoder};
use crate::random::Stream;

/// Position of a transition in a reservoir.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentPosition {
    /// Index of the segment.
    pub segment: usize,
    /// Index within the segment.
    pub position: usize,
}

/// An unfinished segment.
#[derive(Clone, Debug, Default, PartialEq)]
struct Growing {
    observations: Vec<u8>,
    actions: Vec<u8>,
    rewards: Vec<f32>,
    /// Outputs recorded with the transitions; empty unless the reservoir records.
    outputs: Vec<f32>,
}

/// Uniform sample of all transitions so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Reservoir {
    width: usize,
    outputs: usize,
    /// Outputs that arrive together with each transition: all of them or none.
    recorded: usize,
    /// Transitions in a full segment.
    length: usize,
    /// Maximum number of segments.
    slots: usize,
    /// Most bytes, unfinished segments included; none unless segments are packed.
    limit: Option<u64>,
    store: Store,
    /// Number of transitions of each segment.
    lengths: Vec<u16>,
    /// 1 where a segment's last transition terminates its episode.
    terminated: Vec<u8>,
    /// Task of each segment.
    tasks: Vec<u16>,
    /// `[segments, length, outputs]`.
    kept: StoredOutputs,
    growing: Vec<Growing>,
    offered: u64,
    transitions: usize,
    rng: Stream,
}

impl Reservoir {
    /// Creates a reservoir for `gardens` gardens whose observations have `width` bytes, with up to `outputs` numbers per
    /// transition.
    pub fn new(settings: &ReservoirSettings, gardens: usize, width: usize, outputs: usize, rng: Stream) -> Self {
        // A reservoir smaller than a segment has shorter segments rather than none; one of capacity 0 stores nothing.
        let length = settings.segment_decisions.min(settings.capacity).max(1);
        Self {
            width,
            outputs,
            recorded: 0,
            length,
            slots: settings.capacity / length,
            limit: None,
            store: Store::plain(width, length),
            lengths: Vec::new(),
            terminated: Vec::new(),
            tasks: Vec::new(),
            kept: StoredOutputs::new(false),
            growing: vec![Growing::default(); gardens],
            offered: 0,
            transitions: 0,
            rng,
        }
    }

    /// Creates the reservoir of a learner, with up to `outputs` numbers per transition and as much as `history` allows.
    pub fn of_learner(settings: &ReservoirSettings, history: History, spec: &LearnerSpec, outputs: usize, rng: Stream) -> Self {
        let (gardens, width) = (spec.gardens, spec.observation.len());
        let allowed = Self::allowed(settings, history, gardens, width, outputs);
        let reservoir = Self::new(&allowed, gardens, width, outputs, rng);
        reservoir.packed_as(settings, history, spec)
    }

    /// Like [`of_learner`](Self::of_learner), for one that [records](Self::recording).
    pub fn of_learner_recording(
        settings: &ReservoirSettings,
        history: History,
        spec: &LearnerSpec,
        outputs: usize,
        rng: Stream,
    ) -> Self {
        let (gardens, width) = (spec.gardens, spec.observation.len());
        let allowed = Self::allowed_recording(settings, history, gardens, width, outputs);
        let reservoir = Self::new(&allowed, gardens, width, outputs, rng).recording();
        reservoir.packed_as(settings, history, spec)
    }

    fn packed_as(self, settings: &ReservoirSettings, history: History, spec: &LearnerSpec) -> Self {
        if !settings.packed {
            return self;
        }
        let packer = SegmentPacker::new(&spec.observation, spec.actions);
        let limit = match history {
            History::Bytes(bytes) => Some(bytes),
            _ => None,
        };
        self.packed(packer, limit)
    }

    /// Packs its segments, with at most `limit` bytes in all if there is a limit, instead of a number of transitions.
    pub fn packed(self, packer: SegmentPacker, limit: Option<u64>) -> Self {
        Self {
            slots: if limit.is_some() { usize::MAX } else { self.slots },
            limit: Some(limit.unwrap_or(u64::MAX).min(MOST_PACKED_BYTES)),
            store: Store::packed(packer),
            kept: StoredOutputs::new(true),
            ..self
        }
    }

    /// Makes it record: outputs are then stored with each transition from the start, by
    /// [`observe_with_outputs`](Self::observe_with_outputs).
    pub fn recording(self) -> Self {
        Self {
            recorded: self.outputs,
            ..self
        }
    }

    /// Returns settings of a reservoir that uses as much as `history` allows, for `gardens` gardens, observations of `width`
    /// bytes and `outputs` numbers per transition. The size counted is that of [`bytes`](Self::bytes) for a full reservoir.
    pub fn allowed(
        settings: &ReservoirSettings,
        history: History,
        gardens: usize,
        width: usize,
        outputs: usize,
    ) -> ReservoirSettings {
        Self::allowed_with(settings, history, gardens, width, (outputs, 0))
    }

    /// Like [`allowed`](Self::allowed), for a reservoir that [records](Self::recording).
    pub fn allowed_recording(
        settings: &ReservoirSettings,
        history: History,
        gardens: usize,
        width: usize,
        outputs: usize,
    ) -> ReservoirSettings {
        Self::allowed_with(settings, history, gardens, width, (outputs, outputs))
    }

    fn allowed_with(
        settings: &ReservoirSettings,
        history: History,
        gardens: usize,
        width: usize,
        (outputs, recorded): (usize, usize),
    ) -> ReservoirSettings {
        let length = settings.segment_decisions;
        let transitions = (length + 1) * width + length * (1 + 4);
        let footprint = Footprint {
            fixed_bytes: (gardens * (transitions + 4 * length * recorded)) as u64,
            group_bytes: (transitions + 4 * length * outputs + 1 + 2 + 2) as u64,
            group_transitions: length,
        };
        ReservoirSettings {
            capacity: history.transitions(settings.capacity, footprint),
            ..settings.clone()
        }
    }

    /// Bytes that one holds at most, made by [`allowed`](Self::allowed) from the same settings.
    pub(crate) fn most_bytes(settings: &ReservoirSettings, history: History, scale: &LearnerScale, outputs: u64) -> u64 {
        Self::most_bytes_with(settings, history, scale, (outputs, 0))
    }

    /// Like [`most_bytes`](Self::most_bytes), for one that [records](Self::recording).
    pub(crate) fn most_bytes_recording(
        settings: &ReservoirSettings,
        history: History,
        scale: &LearnerScale,
        outputs: u64,
    ) -> u64 {
        Self::most_bytes_with(settings, history, scale, (outputs, outputs))
    }

    fn most_bytes_with(
        settings: &ReservoirSettings,
        history: History,
        scale: &LearnerScale,
        (outputs, recorded): (u64, u64),
    ) -> u64 {
        let sizes = [scale.gardens, scale.observation, outputs, recorded].map(|size| usize::try_from(size).unwrap_or(usize::MAX));
        let [gardens, width, outputs_of_each, recorded_of_each] = sizes;
        let allowed = Self::allowed_with(settings, history, gardens, width, (outputs_of_each, recorded_of_each));
        let capacity = (allowed.capacity as u64).min(scale.most_experience());
        let length = (settings.segment_decisions as u64).min(capacity).max(1);
        let growing = (length + 1) * scale.observation + length * (1 + 4);
        let segment = growing + length * 4 * outputs + 2 + 1 + 2;
        (capacity / length)
            .saturating_mul(segment)
            .saturating_add(scale.gardens.saturating_mul(growing + length * 4 * recorded))
    }

    /// Returns the number of transitions that can be drawn.
    pub fn transitions(&self) -> usize {
        self.transitions
    }

    /// Number of outputs that can be stored with a transition.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Number of segments.
    pub fn segments(&self) -> usize {
        self.lengths.len()
    }

    /// Number of transitions of segment `segment`.
    pub fn segment_len(&self, segment: usize) -> usize {
        usize::from(self.lengths[segment])
    }

    /// Task of segment `segment`.
    pub fn task(&self, segment: usize) -> u16 {
        self.tasks[segment]
    }

    /// Size of all stored data in bytes, including unfinished segments and stored outputs.
    pub fn bytes(&self) -> u64 {
        let growing = self
            .growing
            .iter()
            .map(|part| part.observations.len() + part.actions.len() + 4 * (part.rewards.len() + part.outputs.len()));
        self.finished_bytes() + growing.sum::<usize>() as u64
    }

    /// Size of all finished segments in bytes.
    fn finished_bytes(&self) -> u64 {
        let shorts = 2 * (self.lengths.len() + self.tasks.len());
        self.store.bytes() + (self.terminated.len() + self.kept.size() * self.kept.len() + shorts) as u64
    }

    /// Size of all unfinished segments in bytes, once each has its last transition.
    fn most_growing_bytes(&self) -> u64 {
        let segment = (self.length + 1) * self.width + self.length * (1 + 4 + 4 * self.recorded);
        (self.growing.len() * segment) as u64
    }

    /// Adds the number of stored transitions of each task to `counts`.
    pub fn count_tasks(&self, counts: &mut Vec<usize>) {
        for (&task, &length) in self.tasks.iter().zip(&self.lengths) {
            count_task(counts, task, usize::from(length));
        }
    }

    /// Stores one decision of each garden, as part of task number `task`.
    pub fn observe(&mut self, experience: &Experience, task: u16) {
        debug_assert_eq!(self.recorded, 0, "a reservoir that records needs outputs");
        self.observe_with_outputs(experience, &[], task);
    }

    /// Like [`observe`](Self::observe), with the outputs for each garden's observation, `[gardens, outputs]`, for a reservoir that
    /// [records](Self::recording).
    pub fn observe_with_outputs(&mut self, experience: &Experience, outputs: &[f32], task: u16) {
        let (width, recorded) = (self.width, self.recorded);
        for garden in 0..self.growing.len() {
            let observation = &experience.observations[garden * width..(garden + 1) * width];
            if !self.growing[garden].observations.ends_with(observation) {
                // The driver restarted without ending the episode.
                self.finish(garden, false, task);
            }
            let growing = &mut self.growing[garden];
            if growing.observations.is_empty() {
                growing.observations.extend_from_slice(observation);
            }
            growing.actions.push(experience.actions[garden]);
            growing.rewards.push(experience.step.rewards[garden]);
            growing
                .outputs
                .extend_from_slice(&outputs[garden * recorded..(garden + 1) * recorded]);
            growing.observations.extend_from_slice(successor(experience, garden, width));
            if growing.actions.len() == self.length || experience.step.ended(garden) {
                self.finish(garden, experience.step.terminated[garden], task);
            }
        }
    }

    /// Finishes all unfinished segments, as at the end of task number `task`.
    pub fn finish_all(&mut self, task: u16) {
        for garden in 0..self.growing.len() {
            self.finish(garden, false, task);
        }
    }

    /// Draws the position of a transition uniformly; `None` if the reservoir is empty.
    pub fn draw(&self, rng: &mut Stream) -> Option<SegmentPosition> {
        if self.transitions == 0 {
            return None;
        }
        loop {
            let place = below(rng, self.segments() * self.length);
            let place = SegmentPosition {
                segment: place / self.length,
                position: place % self.length,
            };
            if place.position < self.segment_len(place.segment) {
                return Some(place);
            }
        }
    }

    /// Returns the transition at `place`, which must exist, unpacked into `unpacked` if it is packed.
    pub fn transition<'a>(&'a self, place: SegmentPosition, unpacked: &'a mut UnpackedSegment) -> Transition<'a> {
        let last = place.position + 1 == self.segment_len(place.segment);
        let decision = self.store.decision(place.segment, place.position, unpacked);
        Transition {
            observation: decision.observation,
            action: decision.action,
            reward: decision.reward,
            terminated: last && self.terminated[place.segment] == 1,
            next_observation: decision.next_observation,
        }
    }

    /// Returns the observation at `place`, unpacked into `unpacked` if it is packed; the last position of a segment is the one after
    /// its last transition.
    pub fn observation<'a>(&'a self, place: SegmentPosition, unpacked: &'a mut UnpackedSegment) -> &'a [u8] {
        self.store.observation(place.segment, place.position, unpacked)
    }

    /// Copies the outputs stored with the transition at `place` into `outputs`, which has room for them. Returns `false` if there are
    /// none.
    pub fn read_outputs(&self, place: SegmentPosition, outputs: &mut [f32]) -> bool {
        let start = (place.segment * self.length + place.position) * self.outputs;
        self.kept.read(start, outputs)
    }

    /// Returns the outputs stored with the transition at `place`, if there are any.
    pub fn kept_outputs(&self, place: SegmentPosition) -> Option<Vec<f32>> {
        let mut outputs = vec![0.0; self.outputs];
        self.read_outputs(place, &mut outputs).then_some(outputs)
    }

    /// Stores `outputs` with the transition at `place`.
    pub fn keep_outputs(&mut self, place: SegmentPosition, outputs: &[f32]) {
        // Without a limit in bytes, space for outputs is allocated only if some are stored.
        let all = self.segments() * self.length * self.outputs;
        self.kept.grow(all, all);
        self.kept
            .write((place.segment * self.length + place.position) * self.outputs, outputs);
    }

    /// Adds the transition at `place` to `batch`.
    pub fn push_to(&self, place: SegmentPosition, decoder: &ObservationDecoder, batch: &mut Batch) {
        let mut unpacked = std::mem::take(&mut batch.unpacked);
        batch.push(decoder, self.transition(place, &mut unpacked));
        batch.unpacked = unpacked;
    }

    fn finish(&mut self, garden: usize, terminated: bool, task: u16) {
        let growing = std::mem::take(&mut self.growing[garden]);
        if !growing.actions.is_empty() {
            self.offered += 1;
            if self.segments() < self.slots {
                self.store.push(self.slots);
                // With a limit in bytes, storing outputs later must not take the place of a segment.
                let outputs = if self.limit.is_some() { self.outputs } else { self.recorded };
                let kept = self.length * outputs;
                let most = self.slots.saturating_mul(kept);
                self.kept.grow(self.kept.len() + kept, most);
                self.lengths.push(0);
                self.terminated.push(0);
                self.tasks.push(0);
                self.write(self.segments() - 1, &growing, terminated, task);
            } else {
                let segment = below(&mut self.rng, self.offered as usize);
                if segment < self.slots {
                    self.write(segment, &growing, terminated, task);
                }
            }
            self.shrink_to_limit();
        }
        // The buffers return to the garden, so that its next segment needs no allocation.
        let Growing {
            mut observations,
            mut actions,
            mut rewards,
            mut outputs,
        } = growing;
        observations.clear();
        actions.clear();
        rewards.clear();
        outputs.clear();
        self.growing[garden] = Growing {
            observations,
            actions,
            rewards,
            outputs,
        };
    }

    fn write(&mut self, segment: usize, growing: &Growing, terminated: bool, task: u16) {
        let length = growing.actions.len();
        self.store.write(segment, growing);
        self.transitions = self.transitions - self.segment_len(segment) + length;
        self.lengths[segment] = length as u16;
        self.terminated[segment] = u8::from(terminated);
        self.tasks[segment] = task;
        let kept = self.length * self.outputs;
        self.kept.clear(segment * kept..(segment + 1) * kept);
        if !growing.outputs.is_empty() {
            self.kept.write(segment * kept, &growing.outputs);
        }
    }

    /// Drops random segments while there are more bytes than allowed; their number is then the largest.
    fn shrink_to_limit(&mut self) {
        let Some(limit) = self.limit else { return };
        let limit = limit.saturating_sub(self.most_growing_bytes());
        while self.segments() > 0 && self.finished_bytes() > limit {
            let segments = self.segments();
            let segment = below(&mut self.rng, segments);
            self.transitions -= self.segment_len(segment);
            self.store.remove(segment);
            self.lengths.remove(segment);
            self.terminated.remove(segment);
            self.tasks.remove(segment);
            let kept = self.length * self.outputs;
            self.kept.remove(segment * kept..(segment + 1) * kept);
            self.slots = self.segments();
        }
    }
}
