//! Limit on the past data that a method may keep.

use serde::{Deserialize, Serialize};

/// Limit on the past data that a method may keep: transitions of earlier tasks, and outputs stored with them.
///
/// Written as text: `"own"`, `"none"`, `"500 transitions"`, `"1000000 bytes"`. It applies to every method that keeps past data:
/// `replay`, `replay_boundary_free` and `agem` (their reservoirs) and `reset_distil` (its views). Recent transitions are not past
/// data and have [a setting of their own](super::FreshMemorySettings); `joint` is an upper bound and always keeps everything;
/// weights, anchors and importances are not data.
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
        let wrong = || format!("`{text}` is no history: it is `own`, `none`, `N transitions` or `N bytes`");
        match text.trim() {
            "own" => return Ok(Self::Own),
            "none" => return Ok(Self::Nothing),
            _ => {}
        }
        let (number, unit) = text.trim().split_once(' ').ok_or_else(wrong)?;
        match unit.trim() {
            "transitions" => number.parse().map(Self::Transitions).map_err(|_| wrong()),
            "bytes" => number.parse().map(Self::Bytes).map_err(|_| wrong()),
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
