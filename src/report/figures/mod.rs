//! Every figure and table of a report: one file and one line each.

mod canvas;
mod commands;
mod curves;
mod history;
mod ledger;
mod matrices;
mod overall;
mod paired;
mod pareto;
mod published;
mod ranking;
mod retention;
mod watering;
mod years;

pub(super) use overall::MEASURES;

use super::{ReportError, Section, Table};

/// A figure or table, as the report knows it.
#[derive(Debug)]
pub struct FigureSpec {
    /// Its name in links and files.
    pub name: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// How it is to be read.
    pub reading: &'static str,
    /// Makes it for a section, compared with a method where it compares.
    pub make: fn(&Section, &str) -> Result<Vec<Exhibit>, ReportError>,
}

/// A part of a figure.
#[derive(Clone, Debug)]
pub enum Exhibit {
    /// A table.
    Table(Table),
    /// Pictures, side by side where there is room, and what they show as a table.
    Panels(Panels),
    /// A sentence or two.
    Text(String),
}

impl Exhibit {
    /// What it shows as a table, if it shows more than words.
    pub fn table(&self) -> Option<&Table> {
        match self {
            Self::Table(table) => Some(table),
            Self::Panels(panels) => Some(&panels.table),
            Self::Text(_) => None,
        }
    }
}

/// Pictures of the same kind, and what they show as a table.
#[derive(Clone, Debug)]
pub struct Panels {
    /// Each as a complete `<svg>` element.
    pub pictures: Vec<String>,
    /// What they show.
    pub table: Table,
}

/// Every figure and table, in the order of the report.
pub static FIGURES: &[FigureSpec] = &[
    overall::SPEC,
    curves::SPEC,
    matrices::SPEC,
    retention::SPEC,
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
