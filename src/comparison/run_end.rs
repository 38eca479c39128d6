//! Outcome of a run of a comparison.

use crate::training::Summary;

/// Outcome of a run.
#[derive(Clone, Debug, PartialEq)]
pub enum RunEnd {
    /// The run was already finished, and was not repeated.
    Kept(Box<Summary>),
    /// The run finished.
    Finished(Box<Summary>),
    /// The run was asked to stop; it can be resumed from a checkpoint.
    Stopped,
    /// The run had not started when all were asked to stop.
    NotBegun,
    /// The run failed, with the reason.
    Failed(String),
}

impl RunEnd {
    /// Returns the summary, if there is one.
    pub fn summary(&self) -> Option<&Summary> {
        match self {
            Self::Kept(summary) | Self::Finished(summary) => Some(summary),
            Self::Stopped | Self::NotBegun | Self::Failed(_) => None,
        }
    }
}
