//! The keys: one table from which the keyboard is read and the help is written.
//!
//! Letters and signs are those that the keyboard layout produces; see [`press`] for digits and for other scripts.

mod now;
pub mod press;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use bevy::input::ButtonState;
use bevy::input::keyboard::{KeyboardFocusLost, KeyboardInput};
use bevy::prelude::*;

use super::FrameSystems;
use super::camera::CameraKind;
use super::frame_view::FrameView;
use super::hud::PANELS;
use super::ui_command::{Panels, Passing, Selected, Selection, TimeScale, UiCommand};
use crate::live::{DriverKind, SimulationCommand};
use crate::mdp::Action;
pub use now::Now;
use press::Press::{self, Digit, Place, Sign};
use press::{Modifiers, Pressed, With};

/// Number of ticks in which a season turns into another one when a key asks for it: thirty simulated seconds.
pub const TURNING_TICKS: u64 = 150;

/// `true` while a panel has the keyboard focus. Set by the panels.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Typing(pub bool);

/// Section of the help in which a key is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Pace and pausing.
    Time,
    /// Seasons and the year.
    Year,
    /// Driver and learning.
    Robot,
    /// Camera and panels.
    Window,
}

impl Group {
    /// Every group, in the order of the help.
    pub const ALL: [Self; 4] = [Self::Time, Self::Year, Self::Robot, Self::Window];

    /// Returns the name of the section.
    pub fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Year => "year",
            Self::Robot => "robot",
            Self::Window => "window",
        }
    }
}

/// A key, or a few keys of one kind.
pub struct Key {
    /// Name in the help.
    pub name: &'static str,
    /// Effect, in a few words.
    pub does: &'static str,
    /// Section of the help.
    pub group: Group,
    /// Keys that trigger it; any of them.
    pub presses: &'static [Press],
    /// Modifier keys that must be held.
    pub with: With,
    /// Returns the command, given the current state and the index of the key in `presses`.
    pub command: fn(&Now, usize) -> Option<UiCommand>,
}

/// The digits of the seasons.
const DIGITS: [Press; 9] = [
    Digit(1),
    Digit(2),
    Digit(3),
    Digit(4),
    Digit(5),
    Digit(6),
    Digit(7),
    Digit(8),
    Digit(9),
];

/// Number of panels that have a key.
const PANELS_WITH_KEYS: usize = {
    let (mut with_keys, mut number) = (0, 0);
    while number < PANELS.len() {
        if PANELS[number].key.is_some() {
            with_keys += 1;
        }
        number += 1;
    }
    with_keys
};

/// The keys of the panels, in the order of the panels.
const PANEL_KEYS: [Press; PANELS_WITH_KEYS] = {
    let mut keys = [Place(KeyCode::F2); PANELS_WITH_KEYS];
    let (mut place, mut number) = (0, 0);
    while number < PANELS.len() {
        if let Some(key) = PANELS[number].key {
            keys[place] = Place(key);
            place += 1;
        }
        number += 1;
    }
    keys
};

/// Name in the help of the row for all panels: [`Key::shown`] replaces it by the first and the last of their keys. A key between them that is no panel's has a
/// row of its own.
const PANELS_ROW: &str = "keys of the panels";

impl Key {
    /// Returns the name in the help.
    pub fn shown(&self) -> Cow<'static, str> {
        if self.name == PANELS_ROW {
            let numbers = PANELS.iter().filter_map(|panel| function_key(panel.key?));
            let (first, last) = numbers.fold((u32::MAX, 0), |(first, last), number| (first.min(number), last.max(number)));
            Cow::Owned(format!("F{first} - F{last}"))
        } else {
            Cow::Borrowed(self.name)
        }
    }
}

/// Returns 2 for F2.
fn function_key(key: KeyCode) -> Option<u32> {
    format!("{key:?}").strip_prefix('F')?.parse().ok()
}

/// Positions of the driving keys with their actions. The first one that is held counts.
pub const DRIVING: [(KeyCode, Action); 5] = [
    (KeyCode::Space, Action::Water),
    (KeyCode::KeyW, Action::Forward),
    (KeyCode::KeyA, Action::TurnLeft),
    (KeyCode::KeyD, Action::TurnRight),
    (KeyCode::KeyS, Action::Back),
];

const fn key(
    name: &'static str,
    does: &'static str,
    group: Group,
    presses: &'static [Press],
    with: With,
    command: fn(&Now, usize) -> Option<UiCommand>,
) -> Key {
    Key {
        name,
        does,
        group,
        presses,
        with,
        command,
    }
}

/// Every key.
#[rustfmt::skip]
pub const KEYS: &[Key] = &[
    key("P", "pause or continue", Group::Time, &[Sign('p')], With::Nothing, |_, _| Some(UiCommand::TogglePause)),
    key("Space", "the same; while driving: water", Group::Time, &[Place(KeyCode::Space)], With::Any,
        |now, _| (now.driver != DriverKind::Manual).then_some(UiCommand::TogglePause)),
    key(".", "one tick (0.2 s)", Group::Time, &[Sign('.')], With::Any, |_, _| Some(UiCommand::SingleTick)),
    key("+", "faster", Group::Time, &[Sign('+'), Sign('=')], With::Any, |now, _| Some(UiCommand::TimeScale(now.passing.pace.faster()))),
    key("-", "slower", Group::Time, &[Sign('-')], With::Any, |now, _| Some(UiCommand::TimeScale(now.passing.pace.slower()))),
    key("0", "as fast as possible", Group::Time, &[Digit(0)], With::Any, |_, _| Some(UiCommand::TimeScale(TimeScale::Free))),
    key("Left", "recording: 10 s back", Group::Time, &[Place(KeyCode::ArrowLeft)], With::Nothing, |now, _| now.seek(false)),
    key("Right", "recording: 10 s forward", Group::Time, &[Place(KeyCode::ArrowRight)], With::Nothing, |now, _| now.seek(true)),
    key("Home", "recording: to the start", Group::Time, &[Place(KeyCode::Home)], With::Nothing,
        |now, _| now.recording.map(|_| UiCommand::SimulationCommand(SimulationCommand::Seek(0)))),

    key("1 - 9", "jump to this season", Group::Year, &DIGITS, With::Nothing, |now, season| now.season(season, false)),
    key("Shift 1 - 9", "turn slowly into this season", Group::Year, &DIGITS, With::Shift, |now, season| now.season(season, true)),
    key("Y", "let the year go on, or hold it", Group::Year, &[Sign('y')], With::Nothing,
        |now, _| now.live(SimulationCommand::LetYearTurn(!now.year_turns))),
    key("R", "restart everything", Group::Year, &[Sign('r')], With::Nothing, |now, _| now.live(SimulationCommand::Reset)),

    key("N", "next driver", Group::Robot, &[Sign('n')], With::Nothing, |now, _| now.next_driver()),
    key("W A S D", "drive; without a key: water", Group::Robot, &[], With::Any, |_, _| None),
    key("L", "learning on or off", Group::Robot, &[Sign('l')], With::Nothing,
        |now, _| now.if_it_can_learn(SimulationCommand::Learn(!now.learns))),
    key("M", "learn with the next method", Group::Robot, &[Sign('m')], With::Nothing, |now, _| now.next_method()),
    key("E", "evaluate in every season", Group::Robot, &[Sign('e')], With::Nothing,
        |now, _| now.if_it_can_learn(SimulationCommand::Evaluate)),
    key("B", "back to an earlier network", Group::Robot, &[Sign('b')], With::Nothing, |now, _| now.other_network(true)),
    key("Shift B", "to a later network, or the present one", Group::Robot, &[Sign('b')], With::Shift, |now, _| now.other_network(false)),
    key("V", "split view with a twin of the garden", Group::Robot, &[Sign('v')], With::Nothing,
        |now, _| now.live(SimulationCommand::Beside(now.other_half()))),
    key("G", "next garden", Group::Robot, &[Sign('g')], With::Nothing, |now, _| now.other_garden(1)),
    key("Shift G", "previous garden", Group::Robot, &[Sign('g')], With::Shift,
        |now, _| now.other_garden(now.gardens.saturating_sub(1))),
    key("I", "inspect the robot", Group::Robot, &[Sign('i')], With::Nothing,
        |now, _| Some(UiCommand::Select((now.selected != Some(Selection::Robot)).then_some(Selection::Robot)))),

    key("C", "next camera", Group::Window, &[Sign('c')], With::Nothing, |now, _| Some(UiCommand::Camera(now.camera.next()))),
    key("H", "show or hide the panels", Group::Window, &[Sign('h')], With::Nothing, |_, _| Some(UiCommand::TogglePanels)),
    key(PANELS_ROW, "show or hide one panel", Group::Window,
        &PANEL_KEYS, With::Any,
        |_, place| {
            let with_keys = PANELS.iter().filter(|panel| panel.key.is_some());
            with_keys.skip(place).map(|panel| UiCommand::TogglePanel(panel.name)).next()
        }),
    key("F12", "save a picture", Group::Window, &[Place(KeyCode::F12)], With::Any, |_, _| Some(UiCommand::Screenshot)),
    key("F9", "start or stop a film", Group::Window, &[Place(KeyCode::F9)], With::Any, |_, _| Some(UiCommand::ToggleFilm)),
    key("?  F1", "this list", Group::Window, &[Sign('?'), Place(KeyCode::F1)], With::Any, |_, _| Some(UiCommand::ToggleHelp)),
    key("Esc", "close this list, or deselect", Group::Window, &[Place(KeyCode::Escape)], With::Any,
        |now, _| if now.help { Some(UiCommand::ToggleHelp) } else { now.selected.map(|_| UiCommand::Select(None)) }),
    key("Ctrl Q", "close the window", Group::Window, &[Sign('q')], With::Control, |_, _| Some(UiCommand::Quit)),
];

/// Adds the system that reads the keyboard.
pub fn plugin(app: &mut App) {
    app.init_resource::<Typing>().add_systems(
        Update,
        read_keys
            .in_set(FrameSystems::Command)
            .run_if(resource_exists::<ButtonInput<KeyCode>>.and_then(resource_exists::<FrameView>)),
    );
}

/// Sends the commands of the keys that were pressed.
fn read_keys(
    keyboard: Res<ButtonInput<KeyCode>>,
    mut events: MessageReader<KeyboardInput>,
    mut focus_lost: MessageReader<KeyboardFocusLost>,
    typing: Res<Typing>,
    shown: Res<FrameView>,
    passing: Res<Passing>,
    camera: Res<CameraKind>,
    selected: Res<Selected>,
    panels: Res<Panels>,
    mut steered: Local<Option<Action>>,
    mut held: Local<Modifiers>,
    mut ui_commands: MessageWriter<UiCommand>,
) {
    if focus_lost.read().count() > 0 {
        // The release of these keys is sent to another window.
        *held = Modifiers::default();
    }
    let mut pressed = Vec::new();
    for event in events.read() {
        held.follow(event);
        if event.state == ButtonState::Pressed && !event.repeat && !typing.0 {
            pressed.push((Pressed::of(event), *held));
        }
    }
    if typing.0 {
        return;
    }
    let steers = shown.status.driver == DriverKind::Manual;
    let action = steers.then(|| steering(|code| keyboard.pressed(code)));
    if *steered != action {
        *steered = action;
        ui_commands.write_batch(action.map(|action| UiCommand::SimulationCommand(SimulationCommand::Steer(action))));
    }
    if pressed.is_empty() {
        return;
    }
    let now = Now::of(&shown, *passing, *camera, *selected, &panels);
    for (key, held) in pressed {
        ui_commands.write_batch(command_of(key, held, &now));
    }
}

/// Returns the command of this key with these modifier keys in the current state, if it has one.
pub fn command_of(pressed: Pressed, held: Modifiers, now: &Now) -> Option<UiCommand> {
    // While driving by hand, these keys belong to `steering`.
    if now.driver == DriverKind::Manual && held.none() && DRIVING.iter().any(|&(driving, _)| driving == pressed.place) {
        return None;
    }
    let find = |is_meant: &dyn Fn(Press) -> bool| {
        KEYS.iter().filter(|key| key.with.allows(held)).find_map(|key| {
            let number = key.presses.iter().position(|&press| is_meant(press))?;
            Some((key, number))
        })
    };
    let (key, number) = find(&|press| pressed.writes(press)).or_else(|| find(&|press| pressed.is_at(press)))?;
    (key.command)(now, number)
}

/// Returns the action of the driving keys that are held. Without one the robot stands still and sprays, because no action does less.
fn steering(pressed: impl Fn(KeyCode) -> bool) -> Action {
    DRIVING
        .iter()
        .find(|&&(code, _)| pressed(code))
        .map_or(Action::default(), |&(_, action)| action)
}
