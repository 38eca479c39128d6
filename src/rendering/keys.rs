//! Every key, what it does, and what it asks for: one table, from which the keyboard is read and the help is written.

use bevy::prelude::*;

use super::FrameSystems;
use super::camera::CameraKind;
use super::frame_view::FrameView;
use super::ui_command::{Panel, Panels, Passing, Selected, Selection, TimeScale, UiCommand};
use crate::learner::{Curriculum, METHODS};
use crate::live::{DriverKind, Programme, SimulationCommand};
use crate::mdp::Action;

/// Ticks that a season takes to turn into another one where that is asked for by hand: thirty simulated seconds.
pub const TURNING_TICKS: u64 = 150;
/// Ticks that the arrow keys move a recording by: ten simulated seconds.
const SEEK_TICKS: u64 = 50;

/// Whether a panel takes what is typed; the panels say so.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Typing(pub bool);

/// What goes with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum With {
    /// Nothing but perhaps a shift key that is needed to write the sign.
    Any,
    /// No shift key and no control key.
    Nothing,
    /// A shift key.
    Shift,
    /// A control key.
    Control,
}

/// Where the help lists a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// How time passes.
    Time,
    /// Seasons and the year.
    Year,
    /// Who drives, and what is learned.
    Robot,
    /// What is seen.
    Window,
}

impl Group {
    /// Every group, in the order of the help.
    pub const ALL: [Self; 4] = [Self::Time, Self::Year, Self::Robot, Self::Window];

    /// What it is called.
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
    /// What is written on it.
    pub name: &'static str,
    /// What it does, in a few words.
    pub does: &'static str,
    /// Where the help lists it.
    pub group: Group,
    /// The keys: any of them.
    pub codes: &'static [KeyCode],
    /// What must be held with it.
    pub with: With,
    /// What it asks for, where things stand as they do, by the number of the key among `codes`.
    pub ask: fn(&Now, usize) -> Option<UiCommand>,
}

/// How things stand, as far as keys and buttons depend on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Now {
    /// How time passes.
    pub passing: Passing,
    /// How many seasons there are.
    pub seasons: usize,
    /// Whether seasons follow each other by themselves.
    pub year_turns: bool,
    /// Who drives.
    pub driver: DriverKind,
    /// Whether there is a learner at all.
    pub can_learn: bool,
    /// Whether it learns.
    pub learns: bool,
    /// The method.
    pub method: String,
    /// Tick under way and length, of a recording.
    pub recording: Option<(u64, u64)>,
    /// The garden that is shown.
    pub garden: usize,
    /// How many there are.
    pub gardens: usize,
    /// Where it is looked at from.
    pub camera: CameraKind,
    /// What is looked at closely.
    pub selected: Option<Selection>,
    /// Whether the list of keys is open.
    pub help: bool,
}

impl Now {
    /// How things stand in this frame.
    pub fn of(shown: &FrameView, passing: Passing, camera: CameraKind, selected: Selected, panels: &Panels) -> Self {
        let status = &shown.status;
        Self {
            passing,
            seasons: shown.scenario.seasons.len(),
            year_turns: status.year.turns,
            driver: status.driver,
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

    /// Nobody steers seasons and drivers of a recording.
    fn live(&self, order: SimulationCommand) -> Option<UiCommand> {
        self.recording.is_none().then_some(UiCommand::SimulationCommand(order))
    }

    fn season(&self, season: usize, turning: bool) -> Option<UiCommand> {
        let order = if turning {
            SimulationCommand::TurnInto {
                season,
                ticks: TURNING_TICKS,
            }
        } else {
            SimulationCommand::JumpTo { season }
        };
        (season < self.seasons).then_some(order).and_then(|order| self.live(order))
    }

    fn next_driver(&self) -> Option<UiCommand> {
        self.live(SimulationCommand::Drive(after(&DriverKind::CHOICES, self.driver)))
    }

    fn next_method(&self) -> Option<UiCommand> {
        let sequential: Vec<_> = METHODS
            .iter()
            .filter(|method| method.curriculum == Curriculum::Sequential)
            .collect();
        let now = sequential.iter().position(|method| method.name == self.method);
        let next = sequential.get(now.map_or(0, |now| (now + 1) % sequential.len()))?;
        self.if_it_can_learn(SimulationCommand::LearnWith {
            method: next.name.to_owned(),
        })
    }

    fn if_it_can_learn(&self, order: SimulationCommand) -> Option<UiCommand> {
        self.can_learn.then_some(order).and_then(|order| self.live(order))
    }

    fn seek(&self, forward: bool) -> Option<UiCommand> {
        let (tick, ticks) = self.recording?;
        let tick = if forward {
            (tick + SEEK_TICKS).min(ticks)
        } else {
            tick.saturating_sub(SEEK_TICKS)
        };
        Some(UiCommand::SimulationCommand(SimulationCommand::Seek(tick)))
    }

    fn other_garden(&self, steps: usize) -> Option<UiCommand> {
        (self.gardens > 1)
            .then_some(SimulationCommand::ShowGarden((self.garden + steps) % self.gardens))
            .and_then(|order| self.live(order))
    }
}

/// The one after `now` in a list that begins again at its end.
fn after<T: Copy + PartialEq>(list: &[T], now: T) -> T {
    let next = list.iter().position(|&one| one == now).map_or(0, |at| (at + 1) % list.len());
    list.get(next).copied().unwrap_or(now)
}

const DIGITS: [KeyCode; 9] = [
    KeyCode::Digit1,
    KeyCode::Digit2,
    KeyCode::Digit3,
    KeyCode::Digit4,
    KeyCode::Digit5,
    KeyCode::Digit6,
    KeyCode::Digit7,
    KeyCode::Digit8,
    KeyCode::Digit9,
];

/// The keys that drive by hand, in the order in which they are heeded, and what each of them does.
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
    codes: &'static [KeyCode],
    with: With,
    ask: fn(&Now, usize) -> Option<UiCommand>,
) -> Key {
    Key {
        name,
        does,
        group,
        codes,
        with,
        ask,
    }
}

/// Every key.
#[rustfmt::skip]
pub const KEYS: &[Key] = &[
    key("P", "stand still, or go on", Group::Time, &[KeyCode::KeyP], With::Nothing, |_, _| Some(UiCommand::TogglePause)),
    key("Space", "the same; while you drive: water", Group::Time, &[KeyCode::Space], With::Any,
        |now, _| (now.driver != DriverKind::Manual).then_some(UiCommand::TogglePause)),
    key(".", "one tick (0.2 s)", Group::Time, &[KeyCode::Period], With::Nothing, |_, _| Some(UiCommand::SingleTick)),
    key("+", "faster", Group::Time, &[KeyCode::Equal, KeyCode::NumpadAdd], With::Any, |now, _| Some(UiCommand::TimeScale(now.passing.pace.faster()))),
    key("-", "slower", Group::Time, &[KeyCode::Minus, KeyCode::NumpadSubtract], With::Any, |now, _| Some(UiCommand::TimeScale(now.passing.pace.slower()))),
    key("0", "as fast as possible", Group::Time, &[KeyCode::Digit0], With::Nothing, |_, _| Some(UiCommand::TimeScale(TimeScale::Free))),
    key("Left", "recording: 10 s back", Group::Time, &[KeyCode::ArrowLeft], With::Nothing, |now, _| now.seek(false)),
    key("Right", "recording: 10 s on", Group::Time, &[KeyCode::ArrowRight], With::Nothing, |now, _| now.seek(true)),
    key("Home", "recording: to the beginning", Group::Time, &[KeyCode::Home], With::Nothing,
        |now, _| now.recording.map(|_| UiCommand::SimulationCommand(SimulationCommand::Seek(0)))),

    key("1 - 9", "jump to this season", Group::Year, &DIGITS, With::Nothing, |now, season| now.season(season, false)),
    key("Shift 1 - 9", "turn slowly into this season", Group::Year, &DIGITS, With::Shift, |now, season| now.season(season, true)),
    key("Y", "let the year turn, or hold it", Group::Year, &[KeyCode::KeyY], With::Nothing,
        |now, _| now.live(SimulationCommand::LetYearTurn(!now.year_turns))),
    key("R", "begin everything anew", Group::Year, &[KeyCode::KeyR], With::Nothing, |now, _| now.live(SimulationCommand::Reset)),

    key("N", "next driver", Group::Robot, &[KeyCode::KeyN], With::Nothing, |now, _| now.next_driver()),
    key("W A S D", "while you drive; with no key it sprays", Group::Robot, &[], With::Any, |_, _| None),
    key("L", "learn, or only act", Group::Robot, &[KeyCode::KeyL], With::Nothing,
        |now, _| now.if_it_can_learn(SimulationCommand::Learn(!now.learns))),
    key("M", "learn with the next method", Group::Robot, &[KeyCode::KeyM], With::Nothing, |now, _| now.next_method()),
    key("E", "evaluate in every season", Group::Robot, &[KeyCode::KeyE], With::Nothing,
        |now, _| now.if_it_can_learn(SimulationCommand::Evaluate)),
    key("G", "next garden", Group::Robot, &[KeyCode::KeyG], With::Nothing, |now, _| now.other_garden(1)),
    key("Shift G", "garden before", Group::Robot, &[KeyCode::KeyG], With::Shift,
        |now, _| now.other_garden(now.gardens.saturating_sub(1))),
    key("I", "look closely at the robot", Group::Robot, &[KeyCode::KeyI], With::Nothing,
        |now, _| Some(UiCommand::Select((now.selected != Some(Selection::Robot)).then_some(Selection::Robot)))),

    key("C", "next camera", Group::Window, &[KeyCode::KeyC], With::Nothing, |now, _| Some(UiCommand::Camera(now.camera.next()))),
    key("H", "show or hide the panels", Group::Window, &[KeyCode::KeyH], With::Nothing, |_, _| Some(UiCommand::TogglePanels)),
    key("F2 - F8", "show or hide one panel", Group::Window,
        &[KeyCode::F2, KeyCode::F3, KeyCode::F4, KeyCode::F5, KeyCode::F6, KeyCode::F7, KeyCode::F8], With::Any,
        |_, panel| Panel::ALL.get(panel).copied().map(UiCommand::TogglePanel)),
    key("F12", "a picture of the window", Group::Window, &[KeyCode::F12], With::Any, |_, _| Some(UiCommand::Screenshot)),
    key("F9", "begin or end a film", Group::Window, &[KeyCode::F9], With::Any, |_, _| Some(UiCommand::ToggleFilm)),
    key("?  F1", "this list", Group::Window, &[KeyCode::Slash, KeyCode::F1], With::Any, |_, _| Some(UiCommand::ToggleHelp)),
    key("Esc", "close this, or look at nothing", Group::Window, &[KeyCode::Escape], With::Any,
        |now, _| if now.help { Some(UiCommand::ToggleHelp) } else { now.selected.map(|_| UiCommand::Select(None)) }),
    key("Ctrl Q", "close the window", Group::Window, &[KeyCode::KeyQ], With::Control, |_, _| Some(UiCommand::Quit)),
];

/// Reads the keyboard.
pub fn plugin(app: &mut App) {
    app.init_resource::<Typing>().add_systems(
        Update,
        read_keys
            .in_set(FrameSystems::Command)
            .run_if(resource_exists::<ButtonInput<KeyCode>>.and_then(resource_exists::<FrameView>)),
    );
}

/// Asks for what the pressed keys mean.
fn read_keys(
    keyboard: Res<ButtonInput<KeyCode>>,
    typing: Res<Typing>,
    shown: Res<FrameView>,
    passing: Res<Passing>,
    camera: Res<CameraKind>,
    selected: Res<Selected>,
    panels: Res<Panels>,
    mut steered: Local<Option<Action>>,
    mut ui_commands: MessageWriter<UiCommand>,
) {
    if typing.0 {
        return;
    }
    let steers = shown.status.driver == DriverKind::Manual;
    let action = steers.then(|| steering(|code| keyboard.pressed(code)));
    if *steered != action {
        *steered = action;
        ui_commands.write_batch(action.map(|action| UiCommand::SimulationCommand(SimulationCommand::Steer(action))));
    }
    if keyboard.get_just_pressed().next().is_none() {
        return;
    }
    let now = Now::of(&shown, *passing, *camera, *selected, &panels);
    let held = |codes: [KeyCode; 2]| keyboard.any_pressed(codes);
    let shift = held([KeyCode::ShiftLeft, KeyCode::ShiftRight]);
    let control = held([KeyCode::ControlLeft, KeyCode::ControlRight]);
    for &code in keyboard.get_just_pressed() {
        ui_commands.write_batch(asked(code, shift, control, &now));
    }
}

/// What is asked for by this key, where things stand as they do.
pub fn asked(code: KeyCode, shift: bool, control: bool, now: &Now) -> Option<UiCommand> {
    // Who drives by hand means these keys so.
    if now.driver == DriverKind::Manual && !shift && !control && DRIVING.iter().any(|&(driving, _)| driving == code) {
        return None;
    }
    let with = |with: With| match with {
        With::Any => !control,
        With::Nothing => !control && !shift,
        With::Shift => shift && !control,
        With::Control => control,
    };
    KEYS.iter().filter(|key| with(key.with)).find_map(|key| {
        let number = key.codes.iter().position(|&other| other == code)?;
        (key.ask)(now, number)
    })
}

/// What somebody does who drives by hand and holds these keys; who holds none stands and sprays, as there is nothing less to do.
fn steering(pressed: impl Fn(KeyCode) -> bool) -> Action {
    DRIVING
        .iter()
        .find(|&&(code, _)| pressed(code))
        .map_or(Action::default(), |&(_, action)| action)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live() -> Now {
        Now {
            passing: Passing::default(),
            seasons: 9,
            year_turns: true,
            driver: DriverKind::Policy,
            can_learn: true,
            learns: true,
            method: "finetune".to_owned(),
            recording: None,
            garden: 0,
            gardens: 16,
            camera: CameraKind::Orbit,
            selected: Some(Selection::Robot),
            help: false,
        }
    }

    fn recording() -> Now {
        Now {
            recording: Some((100, 1_000)),
            ..live()
        }
    }

    #[test]
    fn every_key_does_something() {
        for key in KEYS {
            assert!(!key.name.is_empty() && !key.does.is_empty());
            for number in 0..key.codes.len() {
                let ui_commands = [live(), recording()].map(|now| (key.ask)(&now, number));
                assert!(ui_commands.iter().any(Option::is_some), "{}, key {number}", key.name);
            }
        }
    }

    #[test]
    fn no_key_is_used_twice() {
        let mut used = Vec::new();
        for key in KEYS {
            let clashes: &[With] = match key.with {
                With::Any => &[With::Any, With::Nothing, With::Shift],
                With::Nothing => &[With::Any, With::Nothing],
                With::Shift => &[With::Any, With::Shift],
                With::Control => &[With::Control],
            };
            for &code in key.codes {
                let twice = used.iter().find(|&&(other, with)| other == code && clashes.contains(&with));
                assert_eq!(twice, None, "{}", key.name);
                used.push((code, key.with));
            }
        }
        for (code, _) in DRIVING.into_iter().skip(1) {
            assert!(used.iter().all(|&(other, _)| other != code), "{code:?} drives");
        }
    }

    #[test]
    fn digits_are_seasons_and_shift_turns_into_them() {
        let asked = |shift| asked(KeyCode::Digit3, shift, false, &live());
        assert!(matches!(
            asked(false),
            Some(UiCommand::SimulationCommand(SimulationCommand::JumpTo { season: 2 }))
        ));
        assert!(matches!(
            asked(true),
            Some(UiCommand::SimulationCommand(SimulationCommand::TurnInto { season: 2, .. }))
        ));
        let two = Now { seasons: 2, ..live() };
        assert!(
            super::asked(KeyCode::Digit3, false, false, &two).is_none(),
            "there is no third season"
        );
    }

    #[test]
    fn who_drives_by_hand_waters_with_the_key_that_pauses_otherwise() {
        let manual = Now {
            driver: DriverKind::Manual,
            ..live()
        };
        assert!(matches!(
            asked(KeyCode::Space, false, false, &live()),
            Some(UiCommand::TogglePause)
        ));
        assert!(asked(KeyCode::Space, false, false, &manual).is_none());
        assert_eq!(steering(|code| code == KeyCode::Space), Action::Water);
        assert_eq!(steering(|code| code == KeyCode::KeyA), Action::TurnLeft);
    }

    #[test]
    fn nobody_steers_a_recording() {
        for code in [KeyCode::Digit1, KeyCode::KeyL, KeyCode::KeyN, KeyCode::KeyR] {
            assert!(asked(code, false, false, &recording()).is_none(), "{code:?}");
        }
        let back = asked(KeyCode::ArrowLeft, false, false, &recording());
        assert!(matches!(
            back,
            Some(UiCommand::SimulationCommand(SimulationCommand::Seek(50)))
        ));
    }
}
