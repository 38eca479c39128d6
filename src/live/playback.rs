//! Playback of a recording, with seeking to any tick.
//!
//! A recording holds actions, not states, so seeking backwards simulates again: from the beginning of the episode that contains
//! the tick, if that beginning has been passed before, otherwise from the beginning of the recording.

use std::sync::Arc;

use super::simulation_command::{DriverKind, SimulationCommand};
use super::simulation_thread::Simulation;
use super::status::{EarlierStatus, LearningStatus, Programme, Status, YearStatus};
use super::view::GardenView;
use crate::app::Gardens;
use crate::garden::EpisodeStart;
use crate::rollout::Recording;
use crate::scenario::Scenario;

/// A recording that is played tick by tick; seeking backwards simulates again from the start of an episode.
pub struct Playback {
    name: String,
    recording: Recording,
    scenario: Arc<Scenario>,
    gardens: Gardens,
    shown: usize,
    /// State at the start of each episode that has been passed, with its tick. The first entry is the start of the recording.
    chapters: Vec<(u64, Vec<EpisodeStart>)>,
    notes: Vec<String>,
}

impl Playback {
    /// Creates a playback at the beginning of the recording; `name` is the name of its file.
    pub fn new(name: &str, recording: Recording) -> Self {
        let gardens = recording.header.gardens();
        Self {
            name: name.to_owned(),
            scenario: Arc::new(recording.header.scenario.clone()),
            shown: 0,
            chapters: vec![(0, gardens.episode_starts())],
            gardens,
            recording,
            notes: Vec::new(),
        }
    }

    fn ticks(&self) -> u64 {
        self.recording.ticks() as u64
    }

    /// Moves to the state after `tick` ticks of the recording.
    fn seek(&mut self, tick: u64) {
        let tick = tick.min(self.ticks());
        let passed = self.chapters.partition_point(|&(begun, _)| begun <= tick);
        if tick < self.gardens.clock() {
            let (begun, starts) = self.chapters[passed.saturating_sub(1)].clone();
            // All gardens restart here, so a chapter is only a tick at which all episodes began together.
            self.gardens.begin(begun, &starts);
        }
        while self.gardens.clock() < tick {
            self.step();
        }
    }

    fn step(&mut self) {
        let tick = self.gardens.clock();
        let Some(row) = self.recording.row(tick as usize) else {
            return;
        };
        if let Err(error) = self.gardens.step(row) {
            self.notes = vec![error.to_string()];
            return;
        }
        let now = tick + 1;
        if self.notes.is_empty()
            && let Some(difference) = self.recording.difference(tick as usize, &self.gardens)
        {
            self.notes.push(format!(
                "after decision {now} {} is not what was recorded: the recording is of another version, or forged",
                difference.compared
            ));
        }
        let starts = self.gardens.episode_starts();
        let known = self.chapters.last().is_some_and(|&(begun, _)| begun >= now);
        if !known && starts.iter().all(|start| start.tick == now) {
            self.chapters.push((now, starts));
        }
    }
}

impl Simulation for Playback {
    fn tick(&mut self) -> bool {
        if self.gardens.clock() >= self.ticks() {
            return false;
        }
        self.step();
        true
    }

    fn command(&mut self, command: SimulationCommand) -> bool {
        match command {
            SimulationCommand::Seek(tick) => self.seek(tick),
            SimulationCommand::Reset => self.seek(0),
            SimulationCommand::ShowGarden(number) => self.shown = number.min(self.gardens.len() - 1),
            // Other commands do not apply to a recording.
            _ => return false,
        }
        true
    }

    fn now(&self) -> u64 {
        self.gardens.clock()
    }

    fn view(&self) -> Option<GardenView> {
        GardenView::of(&self.gardens, self.shown)
    }

    fn status(&self) -> Status {
        let header = &self.recording.header;
        let tick = self.gardens.clock();
        let (season_fraction, season_ticks) = match header.calendar() {
            Some(calendar) => {
                let span = calendar.span(calendar.season(tick));
                (calendar.place(tick), span.end - span.start)
            }
            None => {
                let ticks = header.ticks_per_season();
                ((tick % ticks) as f32 / ticks as f32, ticks)
            }
        };
        Status {
            scenario: self.scenario.clone(),
            programme: Programme::Recording {
                name: self.name.clone(),
                ticks: self.ticks(),
            },
            tick,
            decisions: tick * self.gardens.len() as u64,
            gardens: self.gardens.len(),
            year: YearStatus {
                turns: header.season.is_none(),
                season_fraction,
                year: 0,
                season_ticks,
            },
            driver: DriverKind::Recorded,
            learning: LearningStatus::default(),
            curve: Vec::new(),
            evaluations: Vec::new(),
            evaluating: false,
            baselines: None,
            inside: None,
            earlier: EarlierStatus::default(),
            notes: self.notes.clone(),
        }
    }
}
