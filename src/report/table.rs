//! Tables, independent of the output format (HTML, Markdown or CSV).

use crate::evaluation::statistics::{Estimate, LEAST_SEEDS};

/// A table with named columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Name, used in file names.
    pub name: String,
    /// Caption.
    pub caption: String,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows, with one cell per column.
    pub rows: Vec<Vec<Cell>>,
    /// `true` for tables that are too long to read, which are written only as CSV.
    pub is_data: bool,
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Heading.
    pub name: String,
    /// Formula or explanation, shown as a tooltip.
    pub meaning: Option<String>,
}

/// Contents of a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Plain text.
    Text(String),
    /// Text in a monospaced font: names of methods, commands.
    Code(String),
    /// A number.
    Number {
        /// Value.
        value: f64,
        /// Formatted value.
        shown: String,
    },
    /// A value over several runs.
    Estimate {
        /// Value and interval.
        estimate: Estimate,
        /// Distance between the runs.
        spread: Spread,
    },
    /// An undefined value, with the reason.
    Missing(String),
}

/// Distance of runs from each other, as an estimate shows it.
#[derive(Clone, Debug, PartialEq)]
pub enum Spread {
    /// Nothing: there is one run.
    Nothing,
    /// The values themselves, in ascending order: there are fewer than [`LEAST_SEEDS`].
    Values(Vec<f64>),
    /// The 95 % interval.
    Interval,
}

impl Spread {
    /// Returns what is shown of these values.
    pub fn of(values: &[f64]) -> Self {
        if values.len() >= LEAST_SEEDS {
            return Self::Interval;
        }
        if values.len() < 2 {
            return Self::Nothing;
        }
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        Self::Values(values)
    }

    /// Formats it, in brackets; empty if there is nothing to show. `number` formats a number.
    pub(super) fn shown(&self, estimate: &Estimate, number: impl Fn(f64) -> String) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Values(values) => {
                let values: Vec<String> = values.iter().map(|value| number(*value)).collect();
                format!("({})", values.join("; "))
            }
            Self::Interval => format!("[{}, {}]", number(estimate.low), number(estimate.high)),
        }
    }

    /// Returns the ends of what is shown; the value itself if nothing is.
    pub(super) fn ends(&self, estimate: &Estimate) -> (f64, f64) {
        match self {
            Self::Nothing => (estimate.value, estimate.value),
            Self::Values(values) => (values[0], values[values.len() - 1]),
            Self::Interval => (estimate.low, estimate.high),
        }
    }
}

impl Column {
    /// Creates a column without an explanation.
    pub fn plain(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            meaning: None,
        }
    }

    /// Creates a column with a formula or explanation.
    pub fn with(name: &str, meaning: &str) -> Self {
        Self {
            name: name.to_owned(),
            meaning: Some(meaning.to_owned()),
        }
    }
}

impl Cell {
    /// Creates a cell with an integer, in groups of three digits.
    pub fn count(value: u64) -> Self {
        Self::Number {
            value: value as f64,
            shown: grouped(value),
        }
    }

    /// Creates a cell with a number of two decimals.
    pub fn number(value: f64) -> Self {
        Self::Number {
            value,
            shown: decimals(value),
        }
    }

    /// Creates a cell with a probability, of three decimals.
    pub fn probability(value: f64) -> Self {
        Self::Number {
            value,
            shown: if value < 0.0005 {
                "<0.001".to_owned()
            } else {
                format!("{value:.3}")
            },
        }
    }

    /// Creates a cell with a large number, such as `7.2e11`.
    pub fn large(value: f64) -> Self {
        Self::Number {
            value,
            shown: format!("{value:.2e}"),
        }
    }

    /// Creates a cell with a size, in powers of 1000 bytes.
    pub fn bytes(value: f64) -> Self {
        Self::Number {
            value,
            shown: bytes_text(value),
        }
    }

    /// Returns `true` if the cell is right-aligned.
    pub fn is_numeric(&self) -> bool {
        !matches!(self, Self::Text(_) | Self::Code(_))
    }
}

/// Formats with two decimals, without a negative zero.
pub(super) fn decimals(value: f64) -> String {
    let text = format!("{value:.2}");
    if text == "-0.00" { "0.00".to_owned() } else { text }
}

/// Formats a size in bytes.
pub(super) fn bytes_text(bytes: f64) -> String {
    match bytes {
        ..1e3 => format!("{bytes:.0} B"),
        ..1e6 => format!("{:.1} kB", bytes / 1e3),
        ..1e9 => format!("{:.1} MB", bytes / 1e6),
        _ => format!("{:.2} GB", bytes / 1e9),
    }
}

/// Formats an integer in groups of three digits.
pub(super) fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Returns the distinct reasons of undefined cells, in order of their first use.
pub(super) fn reasons(table: &Table) -> Vec<&str> {
    let mut reasons: Vec<&str> = Vec::new();
    for cell in table.rows.iter().flatten() {
        if let Cell::Missing(why) = cell
            && !reasons.contains(&why.as_str())
        {
            reasons.push(why);
        }
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_than_ten_runs_are_shown_themselves() {
        let estimate = Estimate {
            value: 0.5,
            low: -0.25,
            high: 1.0,
        };
        let shown = |values: &[f64]| Spread::of(values).shown(&estimate, decimals);
        assert_eq!(shown(&[0.5]), "");
        assert_eq!(shown(&[1.0, -0.001, 0.25]), "(0.00; 0.25; 1.00)");
        assert_eq!(shown(&[0.5; 9]).matches("0.50").count(), 9);
        assert_eq!(shown(&[0.5; 10]), "[-0.25, 1.00]");
        assert_eq!(Spread::of(&[1.0, 0.0]).ends(&estimate), (0.0, 1.0));
        assert_eq!(Spread::of(&[0.5; 10]).ends(&estimate), (-0.25, 1.0));
    }
}
