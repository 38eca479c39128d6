//! Why a measure has no value here.

use thiserror::Error;

/// Why a measure has no value here; the answer instead of a NaN.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum Undefined {
    /// Gardener and random driver do equally well, so that there is nothing to measure a score by.
    #[error("season `{season}` has no yardstick: the gardener ({gardener_return}) is no better than chance ({random_return})")]
    NoScoreBaseline {
        /// The season.
        season: String,
        /// Mean return of the gardener.
        gardener_return: f64,
        /// Mean return of the random driver.
        random_return: f64,
    },
    /// The measure compares seasons, and there are too few of them.
    #[error("needs at least {needed} seasons learned one after the other, and there are {seasons}")]
    TooFewSeasons {
        /// How many there are.
        seasons: usize,
        /// How many it needs.
        needed: usize,
    },
    /// The measure compares years, and there is only one.
    #[error("needs at least 2 years, and there is {years}")]
    TooFewYears {
        /// How many there are.
        years: usize,
    },
    /// The measure needs a row of the matrix that has not been evaluated.
    #[error("row {row} has not been evaluated yet: there are {rows}")]
    NotEvaluated {
        /// The row that is needed.
        row: usize,
        /// How many rows there are.
        rows: usize,
    },
    /// A return or score is not a finite number.
    #[error("{what} is {value}, which is not a finite number")]
    NotFinite {
        /// What it is.
        what: &'static str,
        /// Its value.
        value: f64,
    },
    /// A row or list has another length than what it is compared with.
    #[error("{what}: expected {expected} values, found {found}")]
    Mismatch {
        /// What it is.
        what: &'static str,
        /// The length it should have.
        expected: usize,
        /// The length it has.
        found: usize,
    },
    /// There is nothing to take a mean, an area or an interval of.
    #[error("{what}: there are no values")]
    NoValues {
        /// What it is.
        what: &'static str,
    },
    /// A part of a score that was never worth anything says nothing.
    #[error("the score {score:.3} is too near to zero, or below it, to take a part of")]
    NeverLearned {
        /// The score.
        score: f64,
    },
    /// A curve does not reach the level that is asked for.
    #[error("the curve does not reach {level:.3} within {decisions} decisions")]
    NeverReached {
        /// The level.
        level: f64,
        /// How long the curve is.
        decisions: u64,
    },
    /// The level was reached before anything was learned, so that nothing can be saved.
    #[error("the level {level:.3} was there before anything was learned")]
    NothingToSave {
        /// The level.
        level: f64,
    },
}
