//! Matches pressed keys with the table, on any keyboard layout.
//!
//! Letters and signs are matched by the character that the layout produces, so `?` is the key that types `?`. Driving keys are matched
//! by position, and so are keys that produce no character (arrows, F1...).
//!
//! Two cases need both. **Digits** are matched by character, or else by position in the row of digits: on a French keyboard digits
//! need Shift, and Shift has another meaning here. A sign of the table has priority: the French `-` is on the key of the 6.
//! **Letters** are matched by position if the layout produces another script: no key of a Greek or Russian keyboard types a `p`.

use bevy::input::ButtonState;
use bevy::input::keyboard::{Key as LogicalKey, KeyCode, KeyboardInput};

/// A key of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Press {
    /// The key that produces this letter (in lower case) or sign.
    Sign(char),
    /// The key that produces this digit, or the one at its position in the row of digits.
    Digit(u8),
    /// The key at this position, whatever it produces.
    Place(KeyCode),
}

/// Modifier keys that must be held with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum With {
    /// No control key. A shift key may be held, because the sign may need it.
    Any,
    /// Neither a shift key nor a control key.
    Nothing,
    /// A shift key.
    Shift,
    /// A control key.
    Control,
}

impl With {
    /// Returns `true` if the held modifier keys are the required ones.
    pub(super) fn allows(self, held: Modifiers) -> bool {
        match self {
            Self::Any => !held.control(),
            Self::Nothing => !held.control() && !held.shift(),
            Self::Shift => held.shift() && !held.control(),
            Self::Control => held.control(),
        }
    }
}

/// Modifier keys that are held. They are tracked event by event, because one slow frame may contain a whole chord.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Modifiers {
    left: [bool; 2],
    right: [bool; 2],
}

impl Modifiers {
    /// Creates modifier keys without a keyboard.
    pub fn new(shift: bool, control: bool) -> Self {
        Self {
            left: [shift, control],
            right: [false; 2],
        }
    }

    /// Updates the state with a key that was pressed or released.
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

/// A key that was pressed: its position, and the character that the layout produces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pressed {
    /// Position, named after the key that is there on a US keyboard.
    pub place: KeyCode,
    /// Character, with letters in lower case; `None` if the key produces no character or several.
    pub writes: Option<char>,
}

impl Pressed {
    /// Returns the key of an event.
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

    /// Returns `true` if the character of the key matches.
    pub(super) fn writes(self, press: Press) -> bool {
        match press {
            Press::Sign(sign) => self.writes == Some(sign),
            Press::Digit(digit) => self.writes.and_then(|character| character.to_digit(10)) == Some(digit.into()),
            Press::Place(_) => false,
        }
    }

    /// Returns `true` if the position of the key matches and no character decides.
    pub(super) fn is_at(self, press: Press) -> bool {
        match press {
            Press::Place(place) => self.place == place,
            Press::Digit(digit) => DIGIT_ROW.get(usize::from(digit)) == Some(&self.place),
            Press::Sign(letter) => self.is_of_another_script() && us_letter(self.place) == Some(letter),
        }
    }

    /// Returns `true` if the key produces a letter of another script than Latin.
    fn is_of_another_script(self) -> bool {
        let latin = |character: char| matches!(character, '\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}');
        self.writes
            .is_some_and(|character| character.is_alphabetic() && !latin(character))
    }
}

/// Positions of the digits 0 to 9.
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

/// Returns the letter that a US keyboard has at a position, for the letters of the table.
fn us_letter(place: KeyCode) -> Option<char> {
    Some(match place {
        KeyCode::KeyB => 'b',
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
        KeyCode::KeyV => 'v',
        KeyCode::KeyY => 'y',
        _ => return None,
    })
}
