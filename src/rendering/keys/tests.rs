use std::sync::Arc;

use bevy::input::keyboard::{Key as LogicalKey, keyboard_input_system};

use super::*;
use crate::live::testing::{settings, short_year};
use crate::live::{EarlierMark, Session, SessionSettings, SimulationThread};
use crate::rendering::simulation_handle::SimulationHandle;

fn live() -> Now {
    Now {
        passing: Passing::default(),
        seasons: 9,
        year_turns: true,
        driver: DriverKind::Policy,
        networks: Arc::new(vec![network(3, true), network(4, false)]),
        beside: None,
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

fn network(id: u32, ends_season: bool) -> EarlierMark {
    EarlierMark {
        id,
        season: 0,
        decisions: u64::from(100 * id),
        ends_season,
        of_run: false,
    }
}

fn recording() -> Now {
    Now {
        recording: Some((100, 1_000)),
        ..live()
    }
}

fn manual() -> Now {
    Now {
        driver: DriverKind::Manual,
        ..live()
    }
}

const NONE: (bool, bool) = (false, false);
const SHIFT: (bool, bool) = (true, false);
const CONTROL: (bool, bool) = (false, true);

/// Returns the command of the key at this position that produces this character.
fn press(place: KeyCode, writes: impl Into<Option<char>>, (shift, control): (bool, bool), now: &Now) -> Option<UiCommand> {
    let pressed = Pressed {
        place,
        writes: writes.into(),
    };
    command_of(pressed, Modifiers::new(shift, control), now)
}

/// Returns the season of a command, and `true` if the season turns gradually.
fn season(command: Option<UiCommand>) -> Option<(usize, bool)> {
    match command? {
        UiCommand::SimulationCommand(SimulationCommand::JumpTo { season }) => Some((season, false)),
        UiCommand::SimulationCommand(SimulationCommand::TurnInto { season, .. }) => Some((season, true)),
        _ => None,
    }
}

fn is_pace(command: Option<UiCommand>, wanted: TimeScale) -> bool {
    matches!(command, Some(UiCommand::TimeScale(pace)) if pace == wanted)
}

#[test]
fn every_key_does_something() {
    for key in KEYS {
        assert!(!key.name.is_empty() && !key.does.is_empty());
        for number in 0..key.presses.len() {
            let ui_commands = [live(), recording()].map(|now| (key.command)(&now, number));
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
        for &press in key.presses {
            let twice = used.iter().find(|&&(other, with)| other == press && clashes.contains(&with));
            assert_eq!(twice, None, "{}", key.name);
            used.push((press, key.with));
        }
    }
    for letter in "wasd".chars() {
        assert!(used.iter().all(|&(other, _)| other != Sign(letter)), "{letter} drives");
    }
}

#[test]
fn digits_are_seasons_and_shift_turns_into_them() {
    assert_eq!(season(press(KeyCode::Digit3, '3', NONE, &live())), Some((2, false)));
    assert_eq!(season(press(KeyCode::Digit3, '#', SHIFT, &live())), Some((2, true)));
    assert_eq!(season(press(KeyCode::Numpad3, '3', NONE, &live())), Some((2, false)));
    let two = Now { seasons: 2, ..live() };
    assert!(press(KeyCode::Digit3, '3', NONE, &two).is_none(), "there is no third season");
}

#[test]
fn on_a_german_keyboard_signs_are_where_it_has_them() {
    let now = live();
    assert!(matches!(press(KeyCode::Minus, '?', SHIFT, &now), Some(UiCommand::ToggleHelp)));
    let (faster, slower) = (now.passing.pace.faster(), now.passing.pace.slower());
    assert!(is_pace(press(KeyCode::BracketRight, '+', NONE, &now), faster));
    assert!(is_pace(press(KeyCode::Slash, '-', NONE, &now), slower));
    let year = press(KeyCode::KeyZ, 'y', NONE, &now);
    assert!(matches!(
        year,
        Some(UiCommand::SimulationCommand(SimulationCommand::LetYearTurn(false)))
    ));
    assert!(press(KeyCode::KeyY, 'z', NONE, &now).is_none(), "z means nothing");
    // Letters beyond ASCII are Latin too, so no other key is matched.
    assert!(press(KeyCode::Minus, 'ß', NONE, &now).is_none());
    assert_eq!(season(press(KeyCode::Digit7, '/', SHIFT, &now)), Some((6, true)));
}

#[test]
fn on_a_french_keyboard_digits_need_no_shift_and_letters_are_where_it_has_them() {
    let now = live();
    assert!(matches!(press(KeyCode::KeyM, '?', SHIFT, &now), Some(UiCommand::ToggleHelp)));
    assert!(press(KeyCode::KeyM, ',', NONE, &now).is_none(), "a comma means nothing");
    let method = press(KeyCode::Semicolon, 'm', NONE, &now);
    assert!(matches!(
        method,
        Some(UiCommand::SimulationCommand(SimulationCommand::LearnWith { .. }))
    ));
    assert!(matches!(press(KeyCode::Comma, '.', SHIFT, &now), Some(UiCommand::SingleTick)));
    for (number, sign) in ['&', 'é', '"', '\'', '('].into_iter().enumerate() {
        let place = [
            KeyCode::Digit1,
            KeyCode::Digit2,
            KeyCode::Digit3,
            KeyCode::Digit4,
            KeyCode::Digit5,
        ][number];
        assert_eq!(season(press(place, sign, NONE, &now)), Some((number, false)), "{sign}");
        let digit = char::from_digit(number as u32 + 1, 10);
        assert_eq!(season(press(place, digit, SHIFT, &now)), Some((number, true)), "{sign}");
    }
    // `-` is the only sign of the table in this row, and is matched by character.
    assert!(is_pace(press(KeyCode::Digit6, '-', NONE, &now), now.passing.pace.slower()));
    assert!(is_pace(press(KeyCode::Digit0, 'à', NONE, &now), TimeScale::Free));
    assert!(is_pace(press(KeyCode::Digit0, '0', SHIFT, &now), TimeScale::Free));
    assert!(matches!(press(KeyCode::KeyA, 'q', CONTROL, &now), Some(UiCommand::Quit)));
    assert!(press(KeyCode::KeyQ, 'a', CONTROL, &now).is_none());
    assert!(press(KeyCode::KeyA, 'q', NONE, &manual()).is_none());
    assert_eq!(steering(|place| place == KeyCode::KeyA), Action::TurnLeft);
}

#[test]
fn where_a_layout_writes_no_latin_letters_their_places_count() {
    let help = |place, letter| press(place, letter, NONE, &live());
    assert!(matches!(help(KeyCode::KeyP, 'з'), Some(UiCommand::TogglePause)), "Russian");
    assert!(matches!(help(KeyCode::KeyC, 'ψ'), Some(UiCommand::Camera(_))), "Greek");
    // On the Turkish F layout this key is at the position of R, and must not reset everything.
    assert!(help(KeyCode::KeyR, 'ı').is_none());
    for key in KEYS {
        for &press in key.presses {
            let Sign(letter) = press else { continue };
            let covered = |place| {
                let pressed = Pressed {
                    place,
                    writes: Some('ж'),
                };
                pressed.is_at(press)
            };
            let letters = "bcehgilmnpqrvy".chars().any(|known| known == letter);
            assert_eq!(letter.is_ascii_alphabetic(), letters, "{letter}");
            assert!(!letters || LETTER_PLACES.into_iter().any(covered), "{letter} has a place");
        }
    }
}

const LETTER_PLACES: [KeyCode; 14] = [
    KeyCode::KeyB,
    KeyCode::KeyV,
    KeyCode::KeyC,
    KeyCode::KeyE,
    KeyCode::KeyG,
    KeyCode::KeyH,
    KeyCode::KeyI,
    KeyCode::KeyL,
    KeyCode::KeyM,
    KeyCode::KeyN,
    KeyCode::KeyP,
    KeyCode::KeyQ,
    KeyCode::KeyR,
    KeyCode::KeyY,
];

#[test]
fn who_drives_by_hand_waters_with_the_key_that_pauses_otherwise() {
    assert!(matches!(
        press(KeyCode::Space, ' ', NONE, &live()),
        Some(UiCommand::TogglePause)
    ));
    assert!(press(KeyCode::Space, ' ', NONE, &manual()).is_none());
    assert_eq!(steering(|code| code == KeyCode::Space), Action::Water);
    assert_eq!(steering(|code| code == KeyCode::KeyA), Action::TurnLeft);
}

#[test]
fn nobody_steers_a_recording() {
    for (code, writes) in [
        (KeyCode::Digit1, '1'),
        (KeyCode::KeyL, 'l'),
        (KeyCode::KeyN, 'n'),
        (KeyCode::KeyR, 'r'),
    ] {
        assert!(press(code, writes, NONE, &recording()).is_none(), "{code:?}");
    }
    let back = press(KeyCode::ArrowLeft, None::<char>, NONE, &recording());
    assert!(matches!(
        back,
        Some(UiCommand::SimulationCommand(SimulationCommand::Seek(50)))
    ));
}

/// An app without a window that receives events as winit sends them.
fn keyboard() -> App {
    let session = Session::new(SessionSettings {
        learn: false,
        ..settings(short_year("finetune"))
    })
    .unwrap();
    let mut simulation = SimulationHandle::new(SimulationThread::open(Box::new(session)).unwrap());
    let shown = simulation.first_shown().unwrap();
    let mut app = App::new();
    app.add_message::<UiCommand>()
        .add_message::<KeyboardInput>()
        .add_message::<KeyboardFocusLost>()
        .init_resource::<ButtonInput<KeyCode>>()
        .init_resource::<ButtonInput<LogicalKey>>()
        .init_resource::<Passing>()
        .init_resource::<Panels>()
        .init_resource::<Selected>()
        .init_resource::<CameraKind>()
        .insert_resource(shown)
        .add_systems(PreUpdate, keyboard_input_system)
        .add_plugins(plugin);
    app
}

/// Sends events, runs one frame, and returns the commands.
fn frame(app: &mut App, events: &[(KeyCode, &str, ButtonState)]) -> Vec<UiCommand> {
    for &(key_code, writes, state) in events {
        let logical_key = match writes {
            "Shift" => LogicalKey::Shift,
            character => LogicalKey::Character(character.into()),
        };
        app.world_mut().write_message(KeyboardInput {
            key_code,
            logical_key,
            state,
            text: None,
            repeat: false,
            window: Entity::PLACEHOLDER,
        });
    }
    app.update();
    app.world_mut().resource_mut::<Messages<UiCommand>>().drain().collect()
}

#[test]
fn events_of_a_layout_become_commands_in_their_order_within_a_slow_frame() {
    use ButtonState::{Pressed, Released};
    let mut app = keyboard();
    // German: Shift, `?`, Shift released, 2, all within one frame.
    let asked = frame(
        &mut app,
        &[
            (KeyCode::ShiftLeft, "Shift", Pressed),
            (KeyCode::Minus, "?", Pressed),
            (KeyCode::Minus, "?", Released),
            (KeyCode::ShiftLeft, "Shift", Released),
            (KeyCode::Digit2, "2", Pressed),
        ],
    );
    assert!(matches!(asked[0], UiCommand::ToggleHelp), "{asked:?}");
    assert_eq!(season(Some(asked[1].clone())), Some((1, false)), "{asked:?}");
    assert_eq!(asked.len(), 2);
    // A key that stays down is pressed only once.
    assert!(frame(&mut app, &[]).is_empty());
    // French: `é` is the key of the 2. Upper-case letters are letters too.
    let asked = frame(&mut app, &[(KeyCode::Digit2, "é", Pressed), (KeyCode::KeyC, "C", Pressed)]);
    assert_eq!(season(Some(asked[0].clone())), Some((1, false)), "{asked:?}");
    assert!(matches!(asked[1], UiCommand::Camera(_)), "{asked:?}");
    // A shift key that is released in another window is not held here.
    frame(&mut app, &[(KeyCode::ShiftLeft, "Shift", Pressed)]);
    app.world_mut().write_message(KeyboardFocusLost);
    let asked = frame(&mut app, &[(KeyCode::Digit2, "2", Pressed)]);
    assert_eq!(season(Some(asked[0].clone())), Some((1, false)), "{asked:?}");
    // Text that is typed into a panel is not a command.
    app.world_mut().resource_mut::<Typing>().0 = true;
    assert!(frame(&mut app, &[(KeyCode::KeyC, "c", Pressed)]).is_empty());
    app.world_mut().resource_mut::<Typing>().0 = false;
    assert!(frame(&mut app, &[]).is_empty());
}

#[test]
fn networks_are_gone_through_from_the_present_back_and_forth() {
    let driven = |now: &Now, back| match now.other_network(back) {
        Some(UiCommand::SimulationCommand(SimulationCommand::Drive(kind))) => Some(kind),
        _ => None,
    };
    let with = |driver| Now { driver, ..live() };
    let [first, last] = [DriverKind::Earlier(3), DriverKind::Earlier(4)];
    assert_eq!(driven(&with(DriverKind::Policy), true), Some(last));
    assert_eq!(driven(&with(last), true), Some(first));
    assert_eq!(driven(&with(first), true), None, "there is none before the first");
    assert_eq!(driven(&with(first), false), Some(last));
    assert_eq!(driven(&with(last), false), Some(DriverKind::Policy));
    assert_eq!(
        driven(&with(DriverKind::Earlier(99)), true),
        None,
        "one that is gone has no place"
    );
}

#[test]
fn beside_the_present_network_stands_that_of_the_last_end_of_a_season_and_the_other_way_round() {
    let [ended, within] = [DriverKind::Earlier(3), DriverKind::Earlier(4)];
    assert_eq!(live().other_half(), Some(ended));
    let back = Now {
        driver: within,
        ..live()
    };
    assert_eq!(back.other_half(), Some(DriverKind::Policy));
    let split = Now {
        beside: Some(ended),
        ..live()
    };
    assert_eq!(split.other_half(), None);
    let none = Now {
        networks: Arc::default(),
        ..live()
    };
    assert_eq!(
        none.other_half(),
        Some(DriverKind::Reference(crate::agent::drivers::ReferenceDriver::Gardener))
    );
}
