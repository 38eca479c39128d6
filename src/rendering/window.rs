//! Opens the window and keeps it open.

use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bevy::app::{AppExit, TerminalCtrlCHandlerPlugin};
use bevy::log::{Level, LogPlugin};
use bevy::prelude::*;
use bevy::window::{PresentMode, WindowResolution};
use bevy::winit::WinitSettings;

use super::adapter::GraphicsAdapter;
use super::camera::CameraKind;
use super::capture::{Captures, follow_captures};
use super::editing::{self, Editing};
use super::error::RenderingError;
use super::quality::Quality;
use super::reload::{ScenarioFiles, reload_scenario};
use super::simulation_handle::SimulationHandle;
use super::tour::{Tour, Touring, follow_tour, write_facts};
use super::ui_command::{Panels, Passing, TimeScale, Words};
use super::{FrameSystems, GardenDrawingPlugins, apply_commands, hud, lost_display, readiness, split, stderr_filter};
use crate::live::{Simulation, SimulationThread};

/// Seconds for which the window says that the scenario's files cannot be watched.
const UNWATCHED_NOTICE_S: f32 = 10.0;

/// Initial state of the window.
pub struct Opening {
    /// Simulation to be shown.
    pub simulation: Box<dyn Simulation>,
    /// Quality; chosen by the adapter if `None`.
    pub quality: Option<Quality>,
    /// Width and height, in pixels.
    pub size: (u32, u32),
    /// Pace.
    pub pace: TimeScale,
    /// Camera.
    pub camera: CameraKind,
    /// Open panels.
    pub panels: Panels,
    /// Tour to be followed.
    pub tour: Option<Tour>,
    /// `true` if any key or button ends the tour, as in the introduction.
    pub tour_yields: bool,
    /// File of the scenario, reloaded when it is edited.
    pub scenario_file: Option<PathBuf>,
    /// The scenario file, if it is edited in the window.
    pub editing: Option<Editing>,
    /// Folder for pictures.
    pub pictures: PathBuf,
    /// `true` if tick and state hash of every tick are kept.
    pub keep_hashes: bool,
    /// Flag that closes the window when it is set.
    pub stop: &'static AtomicBool,
    /// Function that reports an error when the window cannot return one.
    pub last_words: LastWords,
}

/// The flag that closes the window from outside.
#[derive(Resource)]
struct StopFlag(&'static AtomicBool);

/// Closes the window when the flag is set. The libraries below finish the pictures that are being written.
fn close_when_asked(stop: Res<StopFlag>, mut exit: MessageWriter<AppExit>) {
    if stop.0.load(Ordering::Relaxed) {
        exit.write(AppExit::Success);
    }
}

/// Reports an error and ends the program. Called where the libraries below would abort it.
pub type LastWords = fn(RenderingError) -> !;

/// Opens the window and returns when it is closed.
///
/// # Errors
/// There is no display or nothing to draw with, or drawing stopped.
pub fn open(opening: Opening) -> Result<(), RenderingError> {
    let adapter = GraphicsAdapter::find()?;
    let quality = opening.quality.unwrap_or(adapter.quality);
    let is_software = adapter.is_software;
    let scenario = opening.simulation.status().scenario;
    let mut simulation = SimulationHandle::new(SimulationThread::open(opening.simulation)?);
    if opening.keep_hashes {
        simulation.thread.keep_hashes();
    }
    let shown = simulation.first_shown().ok_or(RenderingError::NothingToShow)?;

    lost_display::report_by(opening.last_words);
    let failure = Failure::default();
    let exit = failure.catching(opening.last_words, || {
        let mut app = App::new();
        app.add_plugins(
            DefaultPlugins
                .set(WindowPlugin {
                    primary_window: Some(Window {
                        title: format!("perennial: {}", scenario.name),
                        name: Some("perennial".to_owned()),
                        resolution: WindowResolution::new(opening.size.0, opening.size.1),
                        present_mode: if is_software {
                            PresentMode::AutoNoVsync
                        } else {
                            PresentMode::AutoVsync
                        },
                        ..default()
                    }),
                    ..default()
                })
                .set(adapter.plugin(false))
                .set(quiet_log())
                // Ctrl-C sets the flag, and is not an error.
                .disable::<TerminalCtrlCHandlerPlugin>(),
        );
        app.insert_resource(adapter)
            .insert_resource(quality)
            .insert_resource(simulation)
            .insert_resource(shown)
            .add_plugins((GardenDrawingPlugins { plays: true }, readiness::plugin, split::plugin))
            // The requested values, after the plugins have inserted their defaults.
            .insert_resource(opening.camera)
            .insert_resource(opening.panels)
            .insert_resource(Passing {
                paused: false,
                pace: opening.pace,
            })
            .insert_resource(Captures::into_folder(opening.pictures))
            .insert_resource(WinitSettings::continuous())
            .insert_resource(StopFlag(opening.stop))
            .add_systems(Last, close_when_asked)
            .add_plugins(hud::HudPlugin)
            .add_systems(
                Update,
                (
                    apply_commands::apply_commands,
                    apply_commands::age_words,
                    follow_captures,
                    reload_scenario,
                    editing::edit,
                )
                    .chain()
                    .in_set(FrameSystems::Simulate)
                    .before(super::simulation_handle::advance),
            );
        if let Some(editing) = opening.editing {
            app.insert_resource(editing);
        }
        if let Some(tour) = opening.tour {
            app.insert_resource(Touring::new(tour, opening.tour_yields))
                .add_systems(Update, follow_tour.in_set(FrameSystems::Command))
                .add_systems(Last, write_facts);
        }
        match opening.scenario_file.map(|path| ScenarioFiles::watch(&path, &scenario)) {
            Some(Ok(files)) => {
                app.insert_non_send(files);
            }
            Some(Err(error)) => {
                let told = format!("the scenario is not read again when it is edited: {error}");
                app.world_mut().resource_mut::<Words>().notice = Some((told, UNWATCHED_NOTICE_S));
            }
            None => {}
        }
        app.run()
    })?;
    match exit {
        AppExit::Success => Ok(()),
        AppExit::Error(_) => Err(RenderingError::Stopped {
            reason: "the display or the graphics adapter was lost, or the adapter refused what it was asked to draw".to_owned(),
        }),
    }
}

/// Returns the problem with the display, as far as the environment variables show it.
fn display() -> String {
    let named = ["WAYLAND_DISPLAY", "DISPLAY"]
        .into_iter()
        .find_map(|name| Some((name, std::env::var(name).ok().filter(|value| !value.is_empty())?)));
    match named {
        None => "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)".to_owned(),
        Some((name, value)) => format!("the display that {name} names, `{value}`, cannot be reached"),
    }
}

/// Returns a log plugin that logs only errors, unless `RUST_LOG` asks for more.
pub(super) fn quiet_log() -> LogPlugin {
    LogPlugin {
        level: Level::ERROR,
        // The window's frame asks the desktop for its colours, and complains where there is no desktop.
        filter: "error,sctk_adwaita=off".to_owned(),
        ..default()
    }
}

/// Converts a panic of the libraries below (no display, a lost device) into an error.
///
/// The first panic is caught when it has unwound. If a device is lost, destructors panic too while the first panic unwinds, which cannot
/// be caught: the second panic is therefore the last opportunity to report the first.
#[derive(Clone, Default)]
pub(super) struct Failure(Arc<Mutex<Option<String>>>);

impl Failure {
    pub(super) fn catching<T>(&self, last_words: LastWords, work: impl FnOnce() -> T) -> Result<T, RenderingError> {
        let first = self.0.clone();
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(reason) = first.take() {
                drop(first);
                stderr_filter::end();
                last_words(told(reason));
            }
            *first = Some(info.to_string().lines().skip(1).collect::<Vec<_>>().join(" "));
        }));
        let result = panic::catch_unwind(AssertUnwindSafe(work));
        panic::set_hook(usual);
        result.map_err(|_| {
            let first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            told(first.clone().unwrap_or_default())
        })
    }
}

/// Returns the error for a panic with this message.
fn told(reason: String) -> RenderingError {
    if reason.contains("event loop") {
        RenderingError::NoDisplay { reason: display() }
    } else {
        RenderingError::Stopped { reason }
    }
}
