//! Commands to the window from keys, buttons and tours. Senders write a [`UiCommand`]; one system executes them all.

use bevy::prelude::*;

use super::viewpoint::CameraKind;
use crate::authoring::draft::Setting;
use crate::live::SimulationCommand;

/// A command to the window.
#[derive(Message, Clone, Debug)]
pub enum UiCommand {
    /// Pause, or continue.
    TogglePause,
    /// Play one tick while paused.
    SingleTick,
    /// Set the time scale.
    TimeScale(TimeScale),
    /// Send a command to the simulation.
    SimulationCommand(SimulationCommand),
    /// Change the viewpoint.
    Camera(CameraKind),
    /// Save a screenshot.
    Screenshot,
    /// Start or end a film, a series of numbered pictures.
    ToggleFilm,
    /// Show or hide all panels.
    TogglePanels,
    /// Show or hide the panel of this name.
    TogglePanel(&'static str),
    /// Show or hide the list of keys.
    ToggleHelp,
    /// Select an object for the inspector, or none.
    Select(Option<Selection>),
    /// Change the scenario that is edited.
    Edit(EditCommand),
    /// Close the window.
    Quit,
}

/// A change of the scenario that is edited.
#[derive(Clone, Debug, PartialEq)]
pub enum EditCommand {
    /// Sets the value at a path.
    Set(String, Setting),
    /// Adds a season like this one.
    AddSeason(usize),
    /// Removes a season.
    RemoveSeason(usize),
    /// Writes the file.
    Save,
}

/// Time scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TimeScale {
    /// Simulated seconds per real second.
    Times(f32),
    /// As fast as possible.
    Free,
}

impl TimeScale {
    /// Steps of the time scale for keys and buttons.
    pub const STEPS: [Self; 10] = [
        Self::Times(0.25),
        Self::Times(0.5),
        Self::Times(1.0),
        Self::Times(2.0),
        Self::Times(4.0),
        Self::Times(8.0),
        Self::Times(16.0),
        Self::Times(32.0),
        Self::Times(64.0),
        Self::Free,
    ];

    /// Returns the name of the time scale.
    pub fn name(self) -> String {
        match self {
            Self::Times(times) => format!("{times}x"),
            Self::Free => "as fast as possible".to_owned(),
        }
    }
}

/// State of the passage of time.
#[derive(Resource, Clone, Copy, Debug, PartialEq)]
pub struct Passing {
    /// `true` if paused.
    pub paused: bool,
    /// Time scale while not paused.
    pub pace: TimeScale,
}

impl Default for Passing {
    fn default() -> Self {
        Self {
            paused: false,
            pace: TimeScale::Times(1.0),
        }
    }
}

/// An object in the garden that can be selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// The robot.
    Robot,
    /// The plant with this number.
    Plant(usize),
}

/// The selected object.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Selected(pub Option<Selection>);

/// State of the panels.
#[derive(Resource, Clone, Debug, PartialEq, Eq)]
pub struct Panels {
    /// `true` if panels are shown at all.
    pub visible: bool,
    /// Names of the closed panels.
    pub closed: Vec<&'static str>,
    /// `true` if the list of keys is shown.
    pub help: bool,
}

impl Default for Panels {
    fn default() -> Self {
        Self {
            visible: true,
            closed: Vec::new(),
            help: false,
        }
    }
}

impl Panels {
    /// Returns `true` if the panel of this name is shown.
    pub fn shows(&self, panel: &str) -> bool {
        self.visible && !self.closed.contains(&panel)
    }
}

/// Texts over the garden.
#[derive(Resource, Clone, Debug, Default, PartialEq)]
pub struct Words {
    /// Caption of the tour's current moment, shown in large letters below the middle.
    pub caption: Option<String>,
    /// Mistakes in the scenario file, as lines with locations; shown until they are fixed.
    pub mistakes: Option<String>,
    /// A short notice, and the remaining time for which it is shown, in seconds.
    pub notice: Option<(String, f32)>,
    /// Number of edits of the scenario's files that made a difference, mistakes included.
    pub edits: usize,
}
