//! Applications of continual learning, each with one measured result.
//!
//! | application | measured |
//! |---|---|
//! | [`warm_start`] | decisions that a policy of last year saves, over the distance by which the look moved |
//! | [`editing`] | watering of a new species after an edit from a few labelled views, and the harm of the edit |
//! | [`personalising`] | share that an adapter of few parameters reaches of a policy trained for another taste |
//! | [`on_device`] | score and cost of the best method under a budget |
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
