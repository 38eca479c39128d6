//! Registry of the tables and figures over all sections of a report: one file and one line each.

mod early_forecast;
mod forecast;
mod gardens;
mod phase;
mod scatter;
mod settings;

use super::figures::Exhibit;
use super::{ReportError, Section};

/// Specification of a table or figure over all sections.
#[derive(Debug)]
pub struct OverviewSpec {
    /// Name in links and file names.
    pub name: &'static str,
    /// Heading.
    pub title: &'static str,
    /// Explanation for the reader.
    pub reading: &'static str,
    /// Builds its parts; none if the sections have nothing for it.
    pub make: fn(&[Section]) -> Result<Vec<Exhibit>, ReportError>,
}

/// All overviews, in the order of the report.
pub static OVERVIEWS: &[OverviewSpec] = &[
    phase::SPEC,
    gardens::SPEC,
    forecast::SPEC,
    early_forecast::SPEC,
    settings::SPEC,
];
