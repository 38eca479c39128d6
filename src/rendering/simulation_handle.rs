//! Takes views from the simulation and advances its time.

use std::collections::VecDeque;
use std::sync::Arc;

use bevy::prelude::*;

use super::frame_view::{FrameView, GardenReplaced};
use super::ui_command::{Passing, TimeScale};
use crate::live::{PlayedView, SimulationThread};
use crate::scenario::DECISION_S;

/// Ticks played ahead of the frame, so that there is always a next one to interpolate towards.
const AHEAD_TICKS: f64 = 1.0;
/// Maximum duration of a frame, in seconds: after the machine was suspended, time does not leap.
const LONGEST_FRAME_S: f32 = 0.5;

/// The simulation, and the position up to which it has been shown.
#[derive(Resource)]
pub struct SimulationHandle {
    /// The simulation on its thread.
    pub thread: SimulationThread,
    /// Views that the frame has not passed yet.
    waiting: VecDeque<PlayedView>,
    /// Position of the frame, in ticks played.
    position: f64,
    /// `true` if the last frame was played at full speed.
    was_free: bool,
    /// Number of single ticks to play while paused.
    pub single_ticks: u32,
    /// `true` if what is shown in this frame follows from all that was asked for.
    pub answers_all: bool,
}

impl SimulationHandle {
    /// Creates a handle for this simulation.
    pub fn new(thread: SimulationThread) -> Self {
        Self {
            thread,
            waiting: VecDeque::new(),
            position: 0.0,
            was_free: false,
            single_ticks: 0,
            answers_all: true,
        }
    }

    /// Returns the state of the first frame; `None` if the simulation has nothing to show.
    pub fn first_shown(&mut self) -> Option<FrameView> {
        self.waiting.extend(self.thread.take_views());
        let newest = self.waiting.back()?;
        let (view, beside) = (newest.view.clone(), newest.beside.clone());
        let status = self.thread.status()?;
        Some(FrameView {
            scenario: status.scenario.clone(),
            before: view.clone(),
            after: view,
            beside: beside.map(|beside| [beside.clone(), beside]),
            fraction: 0.0,
            speed: 0.0,
            status,
        })
    }
}

/// Advances time and fills [`FrameView`].
pub fn advance(
    mut commands: Commands,
    time: Res<Time<Real>>,
    passing: Res<Passing>,
    mut simulation: ResMut<SimulationHandle>,
    mut shown: ResMut<FrameView>,
) {
    let SimulationHandle {
        thread,
        waiting,
        position,
        was_free,
        single_ticks,
        answers_all,
    } = &mut *simulation;
    // Asked before views and status are taken, so that they are not older than the answer.
    *answers_all = thread.commands_are_done();
    waiting.extend(thread.take_views());

    let frame_s = time.delta_secs().min(LONGEST_FRAME_S);
    let newest = waiting.back().map_or(*position, |view| view.played as f64);
    let is_free = passing.pace == TimeScale::Free && !passing.paused;
    if *was_free && !is_free {
        // More ticks were played than shown: time continues from there.
        *position = thread.played() as f64;
    }
    *was_free = is_free;
    match passing.pace {
        TimeScale::Free if !passing.paused => {
            thread.allow(None);
            shown.speed = ((newest - *position).max(0.0) as f32 * DECISION_S / frame_s.max(1e-3)).min(1_000.0);
            *position = newest;
        }
        TimeScale::Times(times) if !passing.paused => {
            let wanted = *position + f64::from(frame_s * times / DECISION_S);
            // The frame never overtakes the played ticks.
            *position = wanted.min(newest.max(*position));
            shown.speed = times;
            thread.allow(Some((wanted + AHEAD_TICKS).ceil() as u64));
        }
        _ => {
            if *single_ticks > 0 {
                *position = (*position).floor() + f64::from(*single_ticks);
                *single_ticks = 0;
                thread.allow(Some(*position as u64));
            } else {
                // Time was paused in the middle of a tick, or of many: the ticks already played are the limit.
                thread.allow(Some(thread.played().min(position.ceil() as u64)));
            }
            *position = position.min(newest.max(position.floor()));
            shown.speed = 0.0;
        }
    }

    let mut is_replaced = false;
    // The last view at or before the frame, and the one after it.
    while waiting.len() >= 2 && (waiting[1].played as f64 <= *position || waiting[1].jumped) {
        if waiting[1].jumped {
            is_replaced = true;
            *position = position.max(waiting[1].played as f64);
        }
        waiting.pop_front();
    }
    let Some(before) = waiting.front() else { return };
    let after = waiting.get(1).unwrap_or(before);
    let new_episode = |from: &PlayedView, to: &PlayedView| {
        from.view.episode.number != to.view.episode.number || from.view.garden != to.view.garden
    };
    // Nothing is interpolated between two episodes: the old one is shown until the new one is reached.
    let after = if new_episode(before, after) { before } else { after };
    if shown.before.episode.number != before.view.episode.number || shown.before.garden != before.view.garden {
        is_replaced = true;
    }
    let span = (after.played - before.played) as f64;
    shown.fraction = if span > 0.0 {
        ((*position - before.played as f64) / span).clamp(0.0, 1.0) as f32
    } else {
        0.0
    };
    if !Arc::ptr_eq(&shown.before, &before.view) {
        shown.before = before.view.clone();
    }
    if !Arc::ptr_eq(&shown.after, &after.view) {
        shown.after = after.view.clone();
    }
    let beside = before.beside.clone().zip(after.beside.clone()).map(<[_; 2]>::from);
    if shown.beside.is_some() != beside.is_some() {
        is_replaced = true;
    }
    shown.beside = beside;
    if let Some(status) = thread.status()
        && !Arc::ptr_eq(&status, &shown.status)
    {
        shown.scenario = status.scenario.clone();
        shown.status = status;
    }
    if is_replaced {
        commands.trigger(GardenReplaced);
    }
}
