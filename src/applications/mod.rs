//! Applications of continual learning, each with one measured result.
//!
//! | application | question |
//! |---|---|
//! | [`warm_start`] | how many decisions does a policy of last year save, over how far the look moved? |
//! | [`editing`] | how well is a new species watered after an edit from a few labelled views, and what does the edit harm? |
//! | [`personalising`] | how much of a policy trained for another taste does an adapter of few parameters reach? |
//! | [`on_device`] | what does the best method under a budget reach, and cost? |
//!
//! An application is a few stages of ordinary runs, which `comparison` executes and resumes, and a measurement of their folders. A later stage may begin
//! with policies that an earlier one learned. So the result is a function of the settings: interrupted and given again, the same command writes the same
//! file.

mod asked;
pub mod editing;
mod error;
pub mod on_device;
pub mod personalising;
mod scoring;
pub mod warm_start;

pub use asked::{Asked, Identity};
pub use error::ApplicationError;

use crate::comparison::ComparisonPlan;
use crate::evaluation::application::ApplicationResult;

/// Plans the runs of a stage, when all earlier stages are finished.
pub type Stage = fn(&Asked<'_>) -> Result<ComparisonPlan, ApplicationError>;

/// An application.
#[derive(Clone, Copy, Debug)]
pub struct Application {
    /// Name, as on the command line.
    pub name: &'static str,
    /// Question that it answers, in one line.
    pub question: &'static str,
    /// Stages, in order.
    pub stages: &'static [Stage],
    /// Measures the finished runs.
    pub measure: fn(&Asked<'_>) -> Result<ApplicationResult, ApplicationError>,
}

/// All applications.
pub static APPLICATIONS: &[Application] = &[
    warm_start::APPLICATION,
    on_device::APPLICATION,
    editing::APPLICATION,
    personalising::APPLICATION,
];

impl Application {
    /// Returns the application of this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        APPLICATIONS.iter().find(|application| application.name == name)
    }
}

#[cfg(test)]
mod tests;
