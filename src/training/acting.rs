//! The policy that acts, as a resource and a system of the gardens' world.

use std::sync::Mutex;

use bevy::prelude::*;

use super::clock::WorkStopwatch;
use super::learning::TickReport;
use crate::agent::Experienced;
use crate::learner::network::NetworkShape;
use crate::learner::{Policy, PolicySnapshot, StateError};
use crate::mdp::ObservationSpec;
use crate::random::{Stream, stream};

/// The policy that decides for all robots while it is being learned, with its exploration.
#[derive(Resource)]
pub struct Actor {
    // A policy's tensors may move between threads but not be shared; only `&mut self` ever opens this.
    policy: Mutex<Policy>,
    pub(super) snapshot: PolicySnapshot,
    /// Snapshot to act from after the next tick, if it is known already.
    pub(super) next: Option<PolicySnapshot>,
    pub(super) stream: Stream,
    greedy: bool,
    outputs: Vec<f32>,
}

impl Actor {
    /// Creates an actor that acts from `snapshot` and draws from a stream of `seed`.
    ///
    /// # Errors
    /// The snapshot was made for observations of another length.
    pub fn new(observation: &ObservationSpec, snapshot: PolicySnapshot, seed: u64) -> Result<Self, StateError> {
        Ok(Self {
            policy: Mutex::new(Policy::new(observation, &snapshot)?),
            snapshot,
            next: None,
            stream: stream(seed, "acting", 0),
            greedy: false,
            outputs: Vec::new(),
        })
    }

    /// Returns the snapshot that it acts from.
    pub fn snapshot(&self) -> &PolicySnapshot {
        &self.snapshot
    }

    /// Returns the sizes of its network.
    pub fn shape(&self) -> &NetworkShape {
        &self.snapshot.shape
    }

    /// Returns the network's outputs in the last tick: `[gardens, actions]`, values or logits. Empty before the first.
    pub fn outputs(&self) -> &[f32] {
        &self.outputs
    }

    /// Makes it take the best action always, or explore again.
    pub fn act_greedily(&mut self, greedily: bool) {
        self.greedy = greedily;
    }

    /// Acts from this snapshot from now on.
    pub fn act_from(&mut self, snapshot: PolicySnapshot) {
        self.snapshot = snapshot;
        if let Ok(policy) = self.policy.get_mut() {
            policy.set(&self.snapshot);
        }
    }

    /// Acts from this snapshot after the next tick.
    pub fn act_next_from(&mut self, snapshot: PolicySnapshot) {
        self.next = Some(snapshot);
    }

    /// Acts from the next snapshot, if it is known.
    pub(super) fn take_next(&mut self) {
        if let Some(next) = self.next.take() {
            self.act_from(next);
        }
    }
}

/// Chooses an action for every garden.
pub fn act(mut actor: ResMut<Actor>, mut experienced: ResMut<Experienced>, mut report: ResMut<TickReport>) {
    let stopwatch = WorkStopwatch::start();
    let Actor {
        policy,
        stream,
        greedy,
        outputs,
        ..
    } = &mut *actor;
    if let Ok(policy) = policy.get_mut() {
        let experience = &mut experienced.0;
        if *greedy {
            policy.greedy(&experience.observations, &mut experience.actions);
        } else {
            policy.act(&experience.observations, stream, &mut experience.actions);
        }
        outputs.clear();
        outputs.extend_from_slice(policy.outputs());
    }
    report.acting_s = stopwatch.seconds();
}
