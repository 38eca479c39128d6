//! Registry of the figures and tables of a report: one file and one line each.

mod ages;
mod album;
pub(in crate::report) mod canvas;
mod commands;
mod curves;
mod forecast;
pub(super) mod heat;
mod history;
mod inside;
mod isoline;
mod ledger;
mod matrices;
mod overall;
pub(super) mod paired;
mod pareto;
mod published;
mod ranking;
mod references;
mod retention;
mod watering;
mod years;

pub(super) use overall::MEASURES;

use super::{ReportError, Section, Table};

/// Specification of a figure or table.
#[derive(Debug)]
pub struct FigureSpec {
    /// Name in links and file names.
    pub name: &'static str,
    /// Heading.
    pub title: &'static str,
    /// Explanation for the reader.
    pub reading: &'static str,
    /// Builds the figure for a section; the name is that of the baseline method.
    pub make: fn(&Section, &str) -> Result<Vec<Exhibit>, ReportError>,
}

/// A part of a figure.
#[derive(Clone, Debug)]
pub enum Exhibit {
    /// A table.
    Table(Table),
    /// Figures, side by side where there is space, with their data as a table.
    Panels(PicturePanels),
    /// A short text.
    Text(String),
}

impl Exhibit {
    /// Returns the data as a table; `None` for text.
    pub fn table(&self) -> Option<&Table> {
        match self {
            Self::Table(table) => Some(table),
            Self::Panels(panels) => Some(&panels.table),
            Self::Text(_) => None,
        }
    }
}

/// Figures of the same kind, with their data as a table.
#[derive(Clone, Debug)]
pub struct PicturePanels {
    /// Figures, each a complete `<svg>` element.
    pub pictures: Vec<String>,
    /// Data shown by the figures.
    pub table: Table,
}

/// All figures and tables, in the order of the report.
pub static FIGURES: &[FigureSpec] = &[
    overall::SPEC,
    references::SPEC,
    curves::SPEC,
    ages::SPEC,
    matrices::SPEC,
    retention::SPEC,
    forecast::SPEC,
    inside::SPEC,
    album::SPEC,
    years::SPEC,
    watering::SPEC,
    ledger::SPEC,
    pareto::SPEC,
    ranking::SPEC,
    history::SPEC,
    paired::SPEC,
    published::SPEC,
    commands::SPEC,
];
