//! Reports on finished runs: an HTML page, and the same tables as Markdown and CSV.
//!
//! | part | responsibility |
//! |---|---|
//! | [`collect()`] | finds runs below folders and in archives; unusable ones are listed with the reason |
//! | [`archive()`] | keeps what a report needs of all its runs in one small file |
//! | [`Section`], [`Series`] | group comparable runs, and separate the others |
//! | [`FIGURES`], [`OVERVIEWS`] | registries of figures and tables, for a section and over all of them: one file and one line each |
//! | [`WatchedRun`], [`Findings`] | records of the looks inside a run's learner, and what follows from them |
//! | [`Document`] | the complete report, to be written as HTML, Markdown, CSV or SVG |
//! | [`ModelCard`] | a page about an exported policy, as model hubs expect it |
//! | [`insert()`] | fills placeholders in the pages of a study |
//!
//! Invariants: an average is over runs that differ only in the seed, or says that it is over gardens too; a comparison is within one version, scenario, algorithm and
//! set of settings; an undefined number is a dash with its reason; zeros and negative scores are data. The page needs no network
//! and no scripts.

mod applications;
mod archive;
mod collect;
mod command;
mod csv;
mod document;
mod error;
mod explanation;
mod figures;
mod html;
mod insert;
mod markdown;
mod measured;
mod model_card;
mod overviews;
mod phase;
mod pictures;
mod run;
mod section;
mod settings;
mod table;
#[cfg(test)]
mod tests;

pub use archive::archive;
pub use collect::{Collection, OmittedFolder, collect};
pub use command::command;
pub use csv::csv_files;
pub use document::{Document, MadeFigure, SectionContent};
pub use error::ReportError;
pub use explanation::{
    AnswerChange, Attribution, AttributionPlan, Departure, DepartureDigest, EarlyForecast, ExplainError, Fall, Findings,
    FlipWindow, Foresight, GradientFinding, GradientVerdict, InsideDigest, OtherSeason, Passage, ScoreChange, Verdict,
    WatchedRun, WhatIf, explanation_html, sentences as explanation_sentences, text as explanation_text, what_if_passage,
};
pub use explanation::{TransitionKind, attribution_passage, transition_kind};
pub use figures::{Exhibit, FIGURES, FigureSpec, PicturePanels};
pub use html::html;
pub use insert::{InsertError, Inserted, insert};
pub use markdown::markdown;
pub use model_card::{ExportFormat, ModelCard, ModelCardError};
pub use overviews::{OVERVIEWS, OverviewSpec};
pub use pictures::svg_files;
pub use run::{Run, TrainingCurve};
pub use section::{Section, Series, sections};
pub use table::{Cell, Column, Spread, Table};

/// Default method that the others are compared with.
pub const DEFAULT_BASELINE: &str = "replay";
