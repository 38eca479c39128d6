//! Evaluation: scores, measures of continual learning, and cost.
//!
//! | item | content |
//! |---|---|
//! | [`ScoreMatrix`] | scores of the policy in each season, before learning and after each season that it learned |
//! | [`measures`] | forgetting, transfer, plasticity, relearning and water, computed from these numbers |
//! | [`sampling`] | choice of the seasons that are evaluated, and when, in a life of many seasons |
//! | [`statistics`] | certainty of a result from few seeds |
//! | [`Ledger`], [`Timing`] | cost of a run |
//! | [`application`] | result of an application, and the bars that it is to reach |
//!
//! Everything here is arithmetic: no garden and no clock. Only the bootstrap is random, from a stream passed in by the caller. A
//! number that the data do not define is a typed [`Undefined`], never a NaN: zeros and negative scores are data, missing values
//! are not zero, and nothing is dropped silently from a mean.

pub mod application;
mod curve;
mod ledger;
mod matrix;
pub mod measures;
pub mod sampling;
pub mod statistics;
mod undefined;

pub use curve::{CurvePoint, LearningCurve};
pub use ledger::{Ledger, Timing};
pub use matrix::{ScoreBaseline, ScoreMatrix};
pub use undefined::Undefined;
