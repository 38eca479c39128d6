//! Following a tour: when a moment is due, and which commands it sends.

use std::path::PathBuf;

use bevy::prelude::*;

use super::{Tour, TourMoment, pace, selection};
use crate::live::{DriverKind, EarlierMark, EarlierStatus, SimulationCommand};
use crate::rendering::camera::{CameraKind, Orbit};
use crate::rendering::capture::Captures;
use crate::rendering::facts::{Facts, Since};
use crate::rendering::frame_view::FrameView;
use crate::rendering::hud::PANELS;
use crate::rendering::readiness::{LONGEST_WAIT_S, WholeFrames};
use crate::rendering::simulation_handle::SimulationHandle;
use crate::rendering::split::SplitView;
use crate::rendering::ui_command::{Panels, Passing, UiCommand, Words};
use crate::scenario::Scenario;

/// Minimum number of frames between a change and the picture of it: meshes, shadows and panels settle.
const SETTLING_FRAMES: u32 = 4;
/// Number of ticks in which a season turns into another, unless the moment sets it.
const TURNING_TICKS: u64 = 25;

/// The tour that is being followed.
#[derive(Resource, Debug)]
pub struct Touring {
    tour: Tour,
    yields: bool,
    next: usize,
    since: Since,
    since_tick: u64,
    /// File to which facts are written after this frame.
    facts: Option<(PathBuf, Since)>,
    /// Picture that has not been taken yet.
    settling: Option<Settling>,
    /// Seconds spent waiting for the first complete frame; `None` once it was drawn.
    waits_s: Option<f32>,
    /// `true` if the window closes once the last picture is written.
    quits: bool,
    /// Number of effective edits of the scenario's files at the last moment.
    since_edits: usize,
}

/// A picture that waits until everything it shows is drawn.
#[derive(Debug)]
struct Settling {
    path: PathBuf,
    frames: u32,
    waited_s: f32,
}

impl Touring {
    /// Begins a tour. With `yields`, any command from elsewhere ends it.
    pub fn new(tour: Tour, yields: bool) -> Self {
        Self {
            tour,
            yields,
            next: 0,
            since: Since::default(),
            since_tick: 0,
            facts: None,
            settling: None,
            waits_s: Some(0.0),
            quits: false,
            since_edits: 0,
        }
    }

    fn is_due(&self, moment: &TourMoment, tick: u64, evaluations: usize, edits: usize) -> bool {
        moment.after_s.is_none_or(|wait_s| self.since.seconds >= wait_s)
            && moment.after_frames.is_none_or(|wait| self.since.frames >= wait)
            && moment.after_edits.is_none_or(|wait| edits >= self.since_edits + wait)
            && moment.after_ticks.is_none_or(|wait| tick >= self.since_tick + wait)
            && moment.at_tick.is_none_or(|wanted| tick >= wanted)
            && moment.after_evaluations.is_none_or(|wanted| evaluations >= wanted)
    }
}

impl Touring {
    /// Returns the tick at which time stops until the next moment; `None` if that moment waits for something else.
    fn stop_tick(&self) -> Option<u64> {
        let moment = self.tour.moments.get(self.next)?;
        let tick = moment.at_tick.max(moment.after_ticks.map(|wait| self.since_tick + wait));
        tick.filter(|_| moment.after_evaluations.is_none())
    }
}

impl TourMoment {
    /// Changes the state of the window itself, not of the simulation.
    fn arrange(&self, panels: &mut Panels, orbit: &mut Orbit, words: &mut Words, passing: &mut Passing) {
        if let Some(wanted) = &self.panels {
            let all = wanted.iter().any(|name| name == "all");
            panels.visible = !wanted.is_empty();
            panels.closed = PANELS
                .iter()
                .map(|panel| panel.name)
                .filter(|&panel| !all && !wanted.iter().any(|name| name == panel))
                .collect();
        }
        if let Some(help) = self.help {
            panels.help = help;
        }
        if let Some((yaw_degrees, pitch_degrees, distance)) = self.orbit {
            *orbit = Orbit {
                yaw_rad: yaw_degrees.to_radians(),
                pitch_rad: pitch_degrees.to_radians(),
                distance,
                drift_rad_per_s: 0.0,
            };
        }
        if let Some(caption) = &self.caption {
            words.caption = (!caption.is_empty()).then(|| caption.clone());
        }
        if let Some(pace) = self.pace.as_deref().and_then(pace) {
            passing.pace = pace;
            passing.paused = false;
        }
        if let Some(pause) = self.pause {
            passing.paused = pause;
        }
    }

    /// Returns `true` if the moment closes the window, but only once its picture is written.
    fn quits_later(&self) -> bool {
        self.quit && self.screenshot.is_some()
    }

    /// Returns the commands of the moment, the same as those of keys and buttons.
    fn ui_commands(&self, scenario: &Scenario, earlier: &EarlierStatus) -> Vec<UiCommand> {
        let season = |name: &str| scenario.seasons.iter().position(|season| season.name == name);
        let driver = |name: &str| DriverKind::CHOICES.into_iter().find(|driver| driver.name() == name);
        let network = |name: &str| {
            let number = season(name)?;
            let ended = |mark: &&EarlierMark| mark.ends_season && mark.season == number;
            earlier
                .marks
                .iter()
                .rev()
                .find(ended)
                .map(|mark| DriverKind::Earlier(mark.id))
        };
        let beside = |name: &str| network(name).or_else(|| driver(name));
        let ticks = self.over_ticks.unwrap_or(TURNING_TICKS);
        let orders = [
            self.reset.then_some(SimulationCommand::Reset),
            self.garden.map(SimulationCommand::ShowGarden),
            self.season
                .as_deref()
                .and_then(season)
                .map(|season| SimulationCommand::JumpTo { season }),
            self.turn_into
                .as_deref()
                .and_then(season)
                .map(|season| SimulationCommand::TurnInto { season, ticks }),
            self.year_turns.map(SimulationCommand::LetYearTurn),
            self.driver.as_deref().and_then(driver).map(SimulationCommand::Drive),
            self.earlier.as_deref().and_then(network).map(SimulationCommand::Drive),
            self.beside.as_deref().map(|name| SimulationCommand::Beside(beside(name))),
            self.method.clone().map(|method| SimulationCommand::LearnWith { method }),
            self.learn.map(SimulationCommand::Learn),
        ];
        let looks = [
            self.camera.as_deref().and_then(CameraKind::named).map(UiCommand::Camera),
            self.select.as_deref().and_then(selection).map(UiCommand::Select),
            (self.quit && !self.quits_later()).then_some(UiCommand::Quit),
        ];
        orders
            .into_iter()
            .flatten()
            .map(UiCommand::SimulationCommand)
            .chain(looks.into_iter().flatten())
            .collect()
    }
}

/// Executes the moments that are due.
pub(in crate::rendering) fn follow_tour(
    mut commands: Commands,
    time: Res<Time<Real>>,
    shown: Res<FrameView>,
    simulation: Res<SimulationHandle>,
    mut touring: ResMut<Touring>,
    mut panels: ResMut<Panels>,
    mut orbit: ResMut<Orbit>,
    mut words: ResMut<Words>,
    mut captures: ResMut<Captures>,
    mut passing: ResMut<Passing>,
    (whole, split): (Res<WholeFrames>, Res<SplitView>),
    mut ui_commands: ParamSet<(MessageReader<UiCommand>, MessageWriter<UiCommand>)>,
) {
    let touring = &mut *touring;
    // The tour's own commands are read in the frame in which they were written, before others are.
    let read = ui_commands.p0().read().count();
    if touring.yields && read > 0 && touring.next > 0 && touring.next < touring.tour.moments.len() {
        touring.next = touring.tour.moments.len();
        words.caption = None;
    }
    if let Some(waits_s) = &mut touring.waits_s {
        // Time stops until everything can be drawn, because nothing could be seen before.
        *waits_s += time.delta_secs();
        if !whole.are_enough() && *waits_s < LONGEST_WAIT_S {
            simulation.thread.stop_at(Some(shown.before.tick));
            return;
        }
        touring.waits_s = None;
    }
    touring.since.seconds += time.delta_secs();
    touring.since.frames += 1;
    simulation.thread.stop_at(touring.stop_tick());
    if let Some(settling) = &mut touring.settling {
        if settling.frames > 0 {
            settling.frames -= u32::from(simulation.answers_all);
        } else if (whole.are_enough() && split.has_settled(&shown)) || settling.waited_s > LONGEST_WAIT_S {
            captures.take(&mut commands, std::mem::take(&mut settling.path));
            touring.settling = None;
        } else {
            settling.waited_s += time.delta_secs();
        }
        return;
    }
    // The next moment begins when the last picture is written and the last commands are done.
    if captures.under_way() > 0 || !simulation.answers_all {
        return;
    }
    if std::mem::take(&mut touring.quits) {
        ui_commands.p1().write(UiCommand::Quit);
        return;
    }
    let tick = shown.before.tick;
    let Some(moment) = touring.tour.moments.get(touring.next).cloned() else {
        return;
    };
    if !touring.is_due(&moment, tick, shown.status.evaluations.len(), words.edits) {
        return;
    }
    touring.next += 1;
    let since = std::mem::take(&mut touring.since);
    touring.since.played = simulation.thread.played();
    touring.since_tick = tick;
    touring.since_edits = words.edits;
    touring.facts = moment.facts.clone().map(|path| (path, since));

    moment.arrange(&mut panels, &mut orbit, &mut words, &mut passing);
    touring.quits = moment.quits_later();
    let mut wanted = moment.ui_commands(&shown.scenario, &shown.status.earlier);
    if moment.film.is_some_and(|film| film != captures.is_filming()) {
        wanted.push(UiCommand::ToggleFilm);
    }
    if let Some(path) = moment.hashes
        && let Err(error) = write_hashes(&path, &simulation.thread.hashes())
    {
        words.notice = Some((format!("{} cannot be written: {error}", path.display()), 5.0));
    }
    ui_commands.p1().write_batch(wanted);
    touring.settling = moment.screenshot.map(|path| Settling {
        path,
        frames: SETTLING_FRAMES,
        waited_s: 0.0,
    });
    // The tour's own commands do not end it.
    ui_commands.p0().read().count();
}

/// Writes the facts that a moment asks for.
pub(in crate::rendering) fn write_facts(world: &mut World) {
    let asked = world
        .get_resource_mut::<Touring>()
        .and_then(|mut touring| touring.facts.take());
    let Some((path, since)) = asked else { return };
    let written = Facts::gather(world, since).map_or(Ok(()), |facts| facts.append(&path));
    if let Err(error) = written
        && let Some(mut words) = world.get_resource_mut::<Words>()
    {
        words.notice = Some((format!("{} cannot be written: {error}", path.display()), 5.0));
    }
}

fn write_hashes(path: &std::path::Path, hashes: &[(u64, u64)]) -> Result<(), String> {
    let lines: String = hashes.iter().map(|(tick, hash)| format!("{tick} {hash:016x}\n")).collect();
    crate::files::write(path, |file| file.write_all(lines.as_bytes())).map_err(|error| error.why.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_with_a_picture_closes_the_window_only_behind_it() {
        let scenario = Scenario::load("four_seasons").unwrap().scenario;
        let quits_at_once = |moment: &TourMoment| {
            let commands = moment.ui_commands(&scenario, &EarlierStatus::default());
            commands.iter().any(|command| matches!(command, UiCommand::Quit))
        };
        let mut moment = TourMoment {
            quit: true,
            ..TourMoment::default()
        };
        assert!(quits_at_once(&moment) && !moment.quits_later());
        moment.screenshot = Some("last.png".into());
        assert!(!quits_at_once(&moment) && moment.quits_later());
    }
}
