//! Tables, before they are written as HTML, Markdown or CSV.

use crate::evaluation::statistics::Estimate;

/// A table: what its columns are, and what stands in them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Its name, as part of a file's name.
    pub name: String,
    /// What it shows.
    pub caption: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows: a cell for each column.
    pub rows: Vec<Vec<Cell>>,
    /// Too long to be read: written as CSV only.
    pub is_data: bool,
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// What stands at its head.
    pub name: String,
    /// Its formula or what it means, shown where a pointer rests on the name.
    pub meaning: Option<String>,
}

/// What stands in a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// Words of a program: names of methods, commands.
    Code(String),
    /// A number, and how it is shown.
    Number {
        /// Its value.
        value: f64,
        /// As people read it.
        shown: String,
    },
    /// A value with its 95 % interval; where there is one seed only, with none.
    Estimate {
        /// The value and its interval.
        estimate: Estimate,
        /// Whether there is an interval.
        has_interval: bool,
    },
    /// Not defined, and why.
    Missing(String),
}

impl Column {
    /// A column whose name says it all.
    pub fn plain(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            meaning: None,
        }
    }

    /// A column with a formula.
    pub fn with(name: &str, meaning: &str) -> Self {
        Self {
            name: name.to_owned(),
            meaning: Some(meaning.to_owned()),
        }
    }
}

impl Cell {
    /// A whole number, in groups of three digits.
    pub fn count(value: u64) -> Self {
        Self::Number {
            value: value as f64,
            shown: grouped(value),
        }
    }

    /// A number with two decimals.
    pub fn number(value: f64) -> Self {
        Self::Number {
            value,
            shown: decimals(value),
        }
    }

    /// A large number as `7.2e11`.
    pub fn large(value: f64) -> Self {
        Self::Number {
            value,
            shown: format!("{value:.2e}"),
        }
    }

    /// A size in powers of 1000.
    pub fn bytes(value: f64) -> Self {
        Self::Number {
            value,
            shown: bytes_text(value),
        }
    }

    /// Whether it is to stand at the right.
    pub fn is_numeric(&self) -> bool {
        !matches!(self, Self::Text(_) | Self::Code(_))
    }
}

/// Two decimals, no negative zero.
pub(super) fn decimals(value: f64) -> String {
    let text = format!("{value:.2}");
    if text == "-0.00" { "0.00".to_owned() } else { text }
}

/// A size as people read it.
pub(super) fn bytes_text(bytes: f64) -> String {
    match bytes {
        ..1e3 => format!("{bytes:.0} B"),
        ..1e6 => format!("{:.1} kB", bytes / 1e3),
        ..1e9 => format!("{:.1} MB", bytes / 1e6),
        _ => format!("{:.2} GB", bytes / 1e9),
    }
}

/// A whole number in groups of three digits.
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

/// The reasons why cells are empty, each once, in the order of their first use.
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
