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

mod saving;
#[cfg(test)]
mod tests;

use crate::learner::memory::{Batch, Transition, below, count_task, make_room, successor};
use crate::learner::need::LearnerScale;
use crate::learner::settings::{Footprint, History, ReservoirSettings};
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
    /// `[segments, length + 1, width]`.
    observations: Vec<u8>,
    /// `[segments, length]`.
    actions: Vec<u8>,
    /// `[segments, length]`.
    rewards: Vec<f32>,
    /// Number of transitions of each segment.
    lengths: Vec<u16>,
    /// 1 where a segment's last transition terminates its episode.
    terminated: Vec<u8>,
    /// Task of each segment.
    tasks: Vec<u16>,
    /// `[segments, length, outputs]`: stored outputs, NaN where there are none.
    kept: Vec<f32>,
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
            observations: Vec::new(),
            actions: Vec::new(),
            rewards: Vec::new(),
            lengths: Vec::new(),
            terminated: Vec::new(),
            tasks: Vec::new(),
            kept: Vec::new(),
            growing: vec![Growing::default(); gardens],
            offered: 0,
            transitions: 0,
            rng,
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
        let floats = self.rewards.len() + self.kept.len();
        let held = self.observations.len() + self.actions.len() + self.terminated.len() + 4 * floats;
        let shorts = 2 * (self.lengths.len() + self.tasks.len());
        let growing = self
            .growing
            .iter()
            .map(|part| part.observations.len() + part.actions.len() + 4 * (part.rewards.len() + part.outputs.len()));
        (held + shorts + growing.sum::<usize>()) as u64
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

    /// Returns the transition at `place`, which must exist.
    pub fn transition(&self, place: SegmentPosition) -> Transition<'_> {
        let entry = place.segment * self.length + place.position;
        let last = place.position + 1 == self.segment_len(place.segment);
        Transition {
            observation: self.observation(place),
            action: self.actions[entry],
            reward: self.rewards[entry],
            terminated: last && self.terminated[place.segment] == 1,
            next_observation: self.observation(SegmentPosition {
                position: place.position + 1,
                ..place
            }),
        }
    }

    /// Returns the observation at `place`; the last position of a segment is the one after its last transition.
    pub fn observation(&self, place: SegmentPosition) -> &[u8] {
        let start = (place.segment * (self.length + 1) + place.position) * self.width;
        &self.observations[start..start + self.width]
    }

    /// Returns the outputs stored with the transition at `place`, if there are any.
    pub fn kept_outputs(&self, place: SegmentPosition) -> Option<&[f32]> {
        let start = (place.segment * self.length + place.position) * self.outputs;
        self.kept
            .get(start..start + self.outputs)
            .filter(|outputs| outputs.first().is_some_and(|output| !output.is_nan()))
    }

    /// Returns the outputs stored with the transition at `place` of a reservoir that [records](Self::recording), to change them.
    pub fn recorded_outputs_mut(&mut self, place: SegmentPosition) -> &mut [f32] {
        let start = (place.segment * self.length + place.position) * self.recorded;
        &mut self.kept[start..start + self.recorded]
    }

    /// Stores `outputs` with the transition at `place`.
    pub fn keep_outputs(&mut self, place: SegmentPosition, outputs: &[f32]) {
        // Space for outputs is allocated only if some are stored.
        self.kept.resize(self.segments() * self.length * self.outputs, f32::NAN);
        let start = (place.segment * self.length + place.position) * self.outputs;
        self.kept[start..start + self.outputs].copy_from_slice(outputs);
    }

    /// Adds the transition at `place` to `batch`.
    pub fn push_to(&self, place: SegmentPosition, decoder: &ObservationDecoder, batch: &mut Batch) {
        batch.push(decoder, self.transition(place));
    }

    fn finish(&mut self, garden: usize, terminated: bool, task: u16) {
        let growing = std::mem::take(&mut self.growing[garden]);
        if !growing.actions.is_empty() {
            self.offered += 1;
            if self.segments() < self.slots {
                let segment = (self.length + 1) * self.width;
                make_room(&mut self.observations, segment, self.slots.saturating_mul(segment));
                self.observations.resize(self.observations.len() + segment, 0);
                self.actions.resize(self.actions.len() + self.length, 0);
                self.rewards.resize(self.rewards.len() + self.length, 0.0);
                let kept = self.length * self.recorded;
                make_room(&mut self.kept, kept, self.slots.saturating_mul(kept));
                self.kept.resize(self.kept.len() + kept, f32::NAN);
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
        let start = segment * (self.length + 1) * self.width;
        self.observations[start..start + growing.observations.len()].copy_from_slice(&growing.observations);
        let start = segment * self.length;
        self.actions[start..start + length].copy_from_slice(&growing.actions);
        self.rewards[start..start + length].copy_from_slice(&growing.rewards);
        self.transitions = self.transitions - self.segment_len(segment) + length;
        self.lengths[segment] = length as u16;
        self.terminated[segment] = u8::from(terminated);
        self.tasks[segment] = task;
        let kept = self.length * self.outputs;
        if let Some(kept) = self.kept.get_mut(segment * kept..(segment + 1) * kept) {
            kept.fill(f32::NAN);
            kept[..growing.outputs.len()].copy_from_slice(&growing.outputs);
        }
    }
}
