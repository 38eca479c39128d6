//! What keys, buttons and tours ask of the window. Whoever wants something writes an [`UiCommand`]; one place carries it out.

use bevy::prelude::*;

use super::camera::CameraKind;
use crate::live::SimulationCommand;

/// What is asked of the window.
#[derive(Message, Clone, Debug)]
pub enum UiCommand {
    /// Stand still, or go on.
    TogglePause,
    /// One tick, standing still.
    SingleTick,
    /// Let time pass so fast.
    TimeScale(TimeScale),
    /// Something for the simulation.
    SimulationCommand(SimulationCommand),
    /// Look from elsewhere.
    Camera(CameraKind),
    /// A picture of the window into a file.
    Screenshot,
    /// Begin or end a series of numbered pictures.
    ToggleFilm,
    /// Show or hide all panels.
    TogglePanels,
    /// Show or hide one panel.
    TogglePanel(Panel),
    /// Show or hide the list of keys.
    ToggleHelp,
    /// Look closely at something, or at nothing.
    Select(Option<Selection>),
    /// Close the window.
    Quit,
}

/// How fast time passes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TimeScale {
    /// So many simulated seconds a second.
    Times(f32),
    /// As fast as the machine can.
    Free,
}

impl TimeScale {
    /// The paces that keys and buttons step through.
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

    /// What it is called.
    pub fn name(self) -> String {
        match self {
            Self::Times(times) => format!("{times}x"),
            Self::Free => "as fast as possible".to_owned(),
        }
    }
}

/// How time passes now.
#[derive(Resource, Clone, Copy, Debug, PartialEq)]
pub struct Passing {
    /// Whether it stands still.
    pub paused: bool,
    /// How fast it passes otherwise.
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

/// Something in the garden that is looked at closely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// The robot.
    Robot,
    /// The plant of this number.
    Plant(usize),
}

/// What is looked at closely.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Selected(pub Option<Selection>);

/// A panel of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Panel {
    /// Time, season, driver, method: everything that can be steered.
    Controls,
    /// What the robot sees, and what the policy makes of it.
    Eye,
    /// The year as a ring, with today's place in it.
    Year,
    /// Training scores as they come.
    Curves,
    /// Score in each season after each season.
    Matrix,
    /// What is remembered, and from when.
    Memory,
    /// Speed, losses, entropy.
    Learner,
}

impl Panel {
    /// Every panel.
    pub const ALL: [Self; 7] = [
        Self::Controls,
        Self::Eye,
        Self::Year,
        Self::Curves,
        Self::Matrix,
        Self::Memory,
        Self::Learner,
    ];
}

/// Which panels are open.
#[derive(Resource, Clone, Debug, PartialEq, Eq)]
pub struct Panels {
    /// Whether any are shown at all.
    pub visible: bool,
    /// Those that are closed.
    pub closed: Vec<Panel>,
    /// Whether the list of keys is shown.
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
    /// Whether this panel is to be drawn.
    pub fn shows(&self, panel: Panel) -> bool {
        self.visible && !self.closed.contains(&panel)
    }
}

/// Words over the garden.
#[derive(Resource, Clone, Debug, Default, PartialEq)]
pub struct Words {
    /// What a tour says of the moment: shown large, below the middle.
    pub caption: Option<String>,
    /// What is wrong in the scenario's file, as many lines with places; shown until it is mended.
    pub mistakes: Option<String>,
    /// A short notice and how long it is still shown, in seconds.
    pub notice: Option<(String, f32)>,
    /// Number of edits of the scenario's files that made a difference, mistakes included.
    pub edits: usize,
}
