//! Matching a pressed key with the table, on any keyboard layout.
//!
//! Letters and signs count by the character that the layout writes, so `?` is the key that writes `?`. Keys that are used for
//! where they are (driving) and keys that write nothing (arrows, F1...) count by their place.
//!
//! Two cases need both. **Digits** count by the character, or else by the place in the row of digits: on a French keyboard the digits
//! need Shift, and with Shift they mean something else here. A sign of the table goes first: the French `-` is on the key of the 6.
//! **Letters** count by the place where the layout writes another script: no key of a Greek or Russian keyboard writes a `p`.

use bevy::input::ButtonState;
use bevy::input::keyboard::{Key as LogicalKey, KeyCode, KeyboardInput};

/// A key of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Press {
    /// The key that writes this letter (in lower case) or sign.
    Sign(char),
    /// The key that writes this digit, or that of its place in the row of digits.
    Digit(u8),
    /// The key at this place, whatever it writes.
    Place(KeyCode),
}

/// Modifier keys that go with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum With {
    /// No control key; a shift key may be needed to write the sign.
    Any,
    /// No shift key and no control key.
    Nothing,
    /// A shift key.
    Shift,
    /// A control key.
    Control,
}

impl With {
    /// Returns `true` if these modifier keys are the ones that are asked for.
    pub(super) fn allows(self, held: Modifiers) -> bool {
        match self {
            Self::Any => !held.control(),
            Self::Nothing => !held.control() && !held.shift(),
            Self::Shift => held.shift() && !held.control(),
            Self::Control => held.control(),
        }
    }
}

/// The modifier keys that are held, followed from event to event: a slow frame may bring a whole chord at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Modifiers {
    left: [bool; 2],
    right: [bool; 2],
}

impl Modifiers {
    /// Modifier keys as if held: for questions without a keyboard.
    pub fn new(shift: bool, control: bool) -> Self {
        Self {
            left: [shift, control],
            right: [false; 2],
        }
    }

    /// Takes in that a key was pressed or released.
    pub(super) fn follow(&mut self, event: &KeyboardInput) {
        let key = match event.key_code {
            KeyCode::ShiftLeft => &mut self.left[0],
            KeyCode::ShiftRight => &mut self.right[0],
            KeyCode::ControlLeft => &mut self.left[1],
            KeyCode::ControlRight => &mut self.right[1],
            _ => return,
        };
        *key = event.state == ButtonState::Pressed;
    }

    fn shift(self) -> bool {
        self.left[0] || self.right[0]
    }

    fn control(self) -> bool {
        self.left[1] || self.right[1]
    }

    /// Returns `true` if no modifier key is held.
    pub(super) fn none(self) -> bool {
        !self.shift() && !self.control()
    }
}

/// A key that was pressed: its place, and the character that the layout gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pressed {
    /// Its place, named after the key that is there on a US keyboard.
    pub place: KeyCode,
    /// The character that it writes, letters in lower case; none of keys that write nothing or more than one.
    pub writes: Option<char>,
}

impl Pressed {
    /// The key of an event.
    pub fn of(event: &KeyboardInput) -> Self {
        let writes = match &event.logical_key {
            LogicalKey::Character(text) => {
                let mut characters = text.chars().flat_map(char::to_lowercase);
                characters.next().filter(|_| characters.next().is_none())
            }
            _ => None,
        };
        Self {
            place: event.key_code,
            writes,
        }
    }

    /// Returns `true` if the key is meant by the character that it writes.
    pub(super) fn writes(self, press: Press) -> bool {
        match press {
            Press::Sign(sign) => self.writes == Some(sign),
            Press::Digit(digit) => self.writes.and_then(|character| character.to_digit(10)) == Some(digit.into()),
            Press::Place(_) => false,
        }
    }

    /// Returns `true` if the key is meant by its place, where no character decides.
    pub(super) fn is_at(self, press: Press) -> bool {
        match press {
            Press::Place(place) => self.place == place,
            Press::Digit(digit) => DIGIT_ROW.get(usize::from(digit)) == Some(&self.place),
            Press::Sign(letter) => self.is_of_another_script() && us_letter(self.place) == Some(letter),
        }
    }

    /// Returns `true` if the key writes a letter that is not of the Latin script.
    fn is_of_another_script(self) -> bool {
        let latin = |character: char| matches!(character, '\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}');
        self.writes
            .is_some_and(|character| character.is_alphabetic() && !latin(character))
    }
}

/// The places of the digits 0 to 9.
const DIGIT_ROW: [KeyCode; 10] = [
    KeyCode::Digit0,
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

/// The letter that a US keyboard has at a place, for the letters of the table.
fn us_letter(place: KeyCode) -> Option<char> {
    Some(match place {
        KeyCode::KeyC => 'c',
        KeyCode::KeyE => 'e',
        KeyCode::KeyG => 'g',
        KeyCode::KeyH => 'h',
        KeyCode::KeyI => 'i',
        KeyCode::KeyL => 'l',
        KeyCode::KeyM => 'm',
        KeyCode::KeyN => 'n',
        KeyCode::KeyP => 'p',
        KeyCode::KeyQ => 'q',
        KeyCode::KeyR => 'r',
        KeyCode::KeyY => 'y',
        _ => return None,
    })
}
