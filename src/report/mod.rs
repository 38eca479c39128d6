//! The report: finished runs in, one page for people out, with the same tables as Markdown and CSV.
//!
//! | part | what it does |
//! |---|---|
//! | [`collect()`] | finds runs below folders; what cannot be used is named with its reason |
//! | [`Section`], [`Series`] | put together what may be compared, and keep apart what may not |
//! | [`FIGURES`] | every figure and table: one file and one line each |
//! | [`Document`] | all of them made, to be written as HTML, Markdown, CSV or SVG |
//! | [`insert()`] | puts them into the pages of a study, which say what belongs where |
//!
//! Always holds: one average is of runs that differ in nothing but the seed; a comparison is within one version, scenario, algorithm and
//! set of settings; a number that is not defined is a dash with its reason; zeros and negative scores are data. The page needs no network
//! and no scripts.

mod collect;
mod command;
mod csv;
mod document;
mod error;
mod figures;
mod html;
mod insert;
mod markdown;
mod measured;
mod overview;
mod pictures;
mod run;
mod section;
mod settings;
mod table;
#[cfg(test)]
mod tests;

pub use collect::{Collection, Omission, collect};
pub use command::command;
pub use csv::csv_files;
pub use document::{Document, MadeFigure, SectionContent};
pub use error::ReportError;
pub use figures::{Exhibit, FIGURES, FigureSpec, Panels};
pub use html::html;
pub use insert::{InsertError, Inserted, insert};
pub use markdown::markdown;
pub use pictures::svg_files;
pub use run::{Run, TrainingCurve};
pub use section::{Section, Series, sections};
pub use table::{Cell, Column, Table};

/// The method that others are compared with, unless said otherwise.
pub const DEFAULT_BASELINE: &str = "replay";
