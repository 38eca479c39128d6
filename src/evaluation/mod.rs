//! Scores, the measures of continual learning, the ledger.
//!
//! | part | what it answers |
//! |---|---|
//! | [`ScoreMatrix`] | how good is the policy in each season, before learning and after each season it learned? |
//! | [`measures`] | what do these numbers say of forgetting, transfer, plasticity, relearning, water? |
//! | [`statistics`] | how sure can one be, given that few seeds? |
//! | [`Ledger`], [`Timing`] | what did it cost? |
//!
//! Everything here is arithmetic: no garden, no clock, and chance only in the bootstrap, from a stream that the caller hands in.
//! A number that the data do not give is a typed [`Undefined`], never a NaN: zeros and negative scores are data, absence is not
//! zero, and nothing is dropped from a mean without saying so.

mod curve;
mod ledger;
mod matrix;
pub mod measures;
pub mod statistics;
mod undefined;

pub use curve::{CurvePoint, LearningCurve};
pub use ledger::{Ledger, Timing};
pub use matrix::{ScoreBaseline, ScoreMatrix};
pub use undefined::Undefined;
