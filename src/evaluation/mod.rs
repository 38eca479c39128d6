//! Evaluation: scores, measures of continual learning, and cost.
//!
//! | item | question |
//! |---|---|
//! | [`ScoreMatrix`] | how good is the policy in each season, before learning and after each season it learned? |
//! | [`measures`] | what do these numbers say of forgetting, transfer, plasticity, relearning, water? |
//! | [`sampling`] | which seasons are evaluated when, in a life of many seasons? |
//! | [`statistics`] | how certain is a result from few seeds? |
//! | [`Ledger`], [`Timing`] | what did it cost? |
//! | [`application`] | what came of an application, and does it reach its bars? |
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
