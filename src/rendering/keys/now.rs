//! The state that keys and buttons depend on.

use std::sync::Arc;

use super::TURNING_TICKS;
use crate::agent::drivers::ReferenceDriver;
use crate::learner::{Curriculum, METHODS};
use crate::live::{DriverKind, EarlierMark, Programme, SimulationCommand};
use crate::rendering::camera::CameraKind;
use crate::rendering::frame_view::FrameView;
use crate::rendering::ui_command::{Panels, Passing, Selected, Selection, UiCommand};

/// Number of ticks by which the arrow keys move a recording: ten simulated seconds.
const SEEK_TICKS: u64 = 50;

/// The state that keys and buttons depend on.
#[derive(Clone, Debug, PartialEq)]
pub struct Now {
    /// Pace and pause.
    pub passing: Passing,
    /// Number of seasons.
    pub seasons: usize,
    /// `true` if the seasons follow each other by themselves.
    pub year_turns: bool,
    /// Current driver.
    pub driver: DriverKind,
    /// Earlier networks, oldest first.
    pub networks: Arc<Vec<EarlierMark>>,
    /// Driver of the twin beside the shown garden, if there is one.
    pub beside: Option<DriverKind>,
    /// `true` if there is a learner.
    pub can_learn: bool,
    /// `true` if the learner is learning.
    pub learns: bool,
    /// Name of the method.
    pub method: String,
    /// Current tick and length of the recording, if one is played.
    pub recording: Option<(u64, u64)>,
    /// Index of the garden shown.
    pub garden: usize,
    /// Number of gardens.
    pub gardens: usize,
    /// Current camera.
    pub camera: CameraKind,
    /// Selected plant or robot, if any.
    pub selected: Option<Selection>,
    /// `true` if the list of keys is open.
    pub help: bool,
}

impl Now {
    /// Returns the state in this frame.
    pub fn of(shown: &FrameView, passing: Passing, camera: CameraKind, selected: Selected, panels: &Panels) -> Self {
        let status = &shown.status;
        Self {
            passing,
            seasons: shown.scenario.seasons.len(),
            year_turns: status.year.turns,
            driver: status.driver,
            networks: status.earlier.marks.clone(),
            beside: status.earlier.beside,
            can_learn: status.learning.possible,
            learns: status.learning.on,
            method: status.learning.method.clone(),
            recording: match status.programme {
                Programme::Recording { ticks, .. } => Some((shown.before.tick, ticks)),
                _ => None,
            },
            garden: shown.before.garden,
            gardens: status.gardens,
            camera,
            selected: selected.0,
            help: panels.help,
        }
    }

    /// Returns a command for the simulation; `None` in a recording, which cannot be changed.
    pub(super) fn live(&self, command: SimulationCommand) -> Option<UiCommand> {
        self.recording.is_none().then_some(UiCommand::SimulationCommand(command))
    }

    pub(super) fn season(&self, season: usize, turning: bool) -> Option<UiCommand> {
        let command = if turning {
            SimulationCommand::TurnInto {
                season,
                ticks: TURNING_TICKS,
            }
        } else {
            SimulationCommand::JumpTo { season }
        };
        (season < self.seasons)
            .then_some(command)
            .and_then(|command| self.live(command))
    }

    pub(super) fn next_driver(&self) -> Option<UiCommand> {
        self.live(SimulationCommand::Drive(after(&DriverKind::CHOICES, self.driver)))
    }

    /// Returns the driver of the other half of a split view; `None` if the view is split already. Beside an earlier network stands the
    /// present one, and beside the present one that of the last end of a season, or else the gardener.
    pub fn other_half(&self) -> Option<DriverKind> {
        if self.beside.is_some() {
            return None;
        }
        let ended = self.networks.iter().rev().find(|mark| mark.ends_season);
        Some(match (self.driver, ended) {
            (DriverKind::Earlier(_), _) => DriverKind::Policy,
            (_, Some(mark)) => DriverKind::Earlier(mark.id),
            (_, None) => DriverKind::Reference(ReferenceDriver::Gardener),
        })
    }

    /// Lets the network before or after the one that drives drive; after the newest comes the present one.
    pub(super) fn other_network(&self, back: bool) -> Option<UiCommand> {
        let place = match self.driver {
            DriverKind::Earlier(id) => self.networks.iter().position(|mark| mark.id == id)?,
            _ => self.networks.len(),
        };
        let place = if back { place.checked_sub(1)? } else { place + 1 };
        let kind = self
            .networks
            .get(place)
            .map_or(DriverKind::Policy, |mark| DriverKind::Earlier(mark.id));
        self.live(SimulationCommand::Drive(kind))
    }

    pub(super) fn next_method(&self) -> Option<UiCommand> {
        let one_after_the_other: Vec<_> = METHODS
            .iter()
            .filter(|method| method.curriculum != Curriculum::AllTasksAtOnce)
            .collect();
        let now = one_after_the_other.iter().position(|method| method.name == self.method);
        let next = one_after_the_other.get(now.map_or(0, |now| (now + 1) % one_after_the_other.len()))?;
        self.if_it_can_learn(SimulationCommand::LearnWith {
            method: next.name.to_owned(),
        })
    }

    pub(super) fn if_it_can_learn(&self, command: SimulationCommand) -> Option<UiCommand> {
        self.can_learn.then_some(command).and_then(|command| self.live(command))
    }

    pub(super) fn seek(&self, forward: bool) -> Option<UiCommand> {
        let (tick, ticks) = self.recording?;
        let tick = if forward {
            (tick + SEEK_TICKS).min(ticks)
        } else {
            tick.saturating_sub(SEEK_TICKS)
        };
        Some(UiCommand::SimulationCommand(SimulationCommand::Seek(tick)))
    }

    pub(super) fn other_garden(&self, steps: usize) -> Option<UiCommand> {
        (self.gardens > 1)
            .then_some(SimulationCommand::ShowGarden((self.garden + steps) % self.gardens))
            .and_then(|command| self.live(command))
    }
}

/// Returns the item after `now`; after the last one, the first.
fn after<T: Copy + PartialEq>(list: &[T], now: T) -> T {
    let next = list.iter().position(|&one| one == now).map_or(0, |at| (at + 1) % list.len());
    list.get(next).copied().unwrap_or(now)
}
