//! Limit on the past data that a method may keep.

use serde::{Deserialize, Serialize};

/// Most transitions that can be asked for, as of every other memory.
const MAXIMUM_TRANSITIONS: u64 = 1_000_000_000;
/// Most bytes that can be asked for.
const MAXIMUM_BYTES: u64 = 1_000_000_000_000;

/// Amount of past data that a method may keep: experience of earlier tasks, and outputs stored for it.
///
/// Written as text: `"own"`, `"none"`, `"500 transitions"`, `"1000000 bytes"`. It applies to every method that keeps past data: to reservoirs of
/// transitions, and to the views of `reset_distil`. Recent transitions are not past data and have [a setting of their own](super::ReplayBufferSettings);
/// `joint` is an upper bound and always keeps everything; weights, anchors and importances are not data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum History {
    /// Limit of each method's own setting.
    #[default]
    Own,
    /// Nothing: `replay` then equals `finetune`, bit for bit.
    Nothing,
    /// Maximum number of transitions, or views.
    Transitions(usize),
    /// Maximum number of bytes, counting everything that the ledger counts as a method's past data.
    Bytes(u64),
}

/// Size of a buffer: a fixed amount, and an amount per group of transitions that are kept together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Footprint {
    /// Bytes needed regardless of the contents.
    pub(crate) fixed_bytes: u64,
    /// Bytes per group.
    pub(crate) group_bytes: u64,
    /// Transitions per group.
    pub(crate) group_transitions: usize,
}

impl History {
    /// Returns the number of transitions that may be kept, given the limit `own` of the method's own setting.
    pub(crate) fn transitions(self, own: usize, footprint: Footprint) -> usize {
        match self {
            Self::Own => own,
            Self::Nothing => 0,
            Self::Transitions(transitions) => transitions,
            Self::Bytes(bytes) => {
                let groups = bytes.saturating_sub(footprint.fixed_bytes) / footprint.group_bytes.max(1);
                usize::try_from(groups)
                    .unwrap_or(usize::MAX)
                    .saturating_mul(footprint.group_transitions)
            }
        }
    }
}

impl std::fmt::Display for History {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Own => write!(formatter, "own"),
            Self::Nothing => write!(formatter, "none"),
            Self::Transitions(transitions) => write!(formatter, "{transitions} transitions"),
            Self::Bytes(bytes) => write!(formatter, "{bytes} bytes"),
        }
    }
}

impl From<History> for String {
    fn from(history: History) -> Self {
        history.to_string()
    }
}

impl TryFrom<String> for History {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl std::str::FromStr for History {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a valid history: use `own`, `none`, `N transitions` or `N bytes`");
        match text.trim() {
            "own" => return Ok(Self::Own),
            "none" => return Ok(Self::Nothing),
            _ => {}
        }
        let (number, unit) = text.trim().split_once(' ').ok_or_else(wrong)?;
        let digits = number.replace('_', "");
        if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(wrong());
        }
        let up_to = |most: u64| match digits.parse() {
            Ok(count) if count <= most => Ok(count),
            _ => Err(format!("`{text}` is too much history: it is at most {most} {}", unit.trim())),
        };
        match unit.trim() {
            // Nothing is nothing, in whichever unit.
            "transitions" | "bytes" if digits.bytes().all(|digit| digit == b'0') => Ok(Self::Nothing),
            "transitions" => Ok(Self::Transitions(up_to(MAXIMUM_TRANSITIONS)? as usize)),
            "bytes" => up_to(MAXIMUM_BYTES).map(Self::Bytes),
            _ => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_as_it_is_read() {
        for text in ["own", "none", "500 transitions", "1000000 bytes"] {
            assert_eq!(text.parse::<History>().unwrap().to_string(), text);
        }
        for (text, canonical) in [
            ("1_000 transitions", "1000 transitions"),
            (" 01000   bytes ", "1000 bytes"),
            ("0 transitions", "none"),
            ("0 bytes", "none"),
        ] {
            assert_eq!(text.parse::<History>().unwrap().to_string(), canonical, "{text}");
        }
        for (most, unit) in [(MAXIMUM_TRANSITIONS, "transitions"), (MAXIMUM_BYTES, "bytes")] {
            assert!(format!("{most} {unit}").parse::<History>().is_ok());
            for more in ["1000000000001", "99999999999999999999999"] {
                let message = format!("{more} {unit}").parse::<History>().unwrap_err();
                assert!(message.contains(&format!("at most {most} {unit}")), "{message}");
            }
        }
        for wrong in ["", "much", "500", "-1 bytes", "5 megabytes", "1.5 bytes"] {
            assert!(wrong.parse::<History>().unwrap_err().contains("N transitions"), "{wrong}");
        }
    }

    #[test]
    fn bytes_buy_whole_groups_only() {
        let footprint = Footprint {
            fixed_bytes: 100,
            group_bytes: 50,
            group_transitions: 5,
        };
        let bought = |bytes| History::Bytes(bytes).transitions(7, footprint);
        assert_eq!((bought(0), bought(149), bought(150), bought(1_099)), (0, 0, 5, 95));
        assert_eq!(History::Own.transitions(7, footprint), 7);
        assert_eq!(History::Nothing.transitions(7, footprint), 0);
        assert_eq!(History::Transitions(3).transitions(7, footprint), 3);
    }
}
