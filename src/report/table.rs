//! Tables, independent of the output format (HTML, Markdown or CSV).

use crate::evaluation::statistics::Estimate;

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
    /// A value with its 95 % interval, which is absent if there is only one seed.
    Estimate {
        /// Value and interval.
        estimate: Estimate,
        /// `true` if there is an interval.
        has_interval: bool,
    },
    /// An undefined value, with the reason.
    Missing(String),
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
