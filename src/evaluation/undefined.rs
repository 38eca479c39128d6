//! Reasons why a measure has no value.

use thiserror::Error;

/// Reason why a measure has no value; returned instead of a NaN.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum Undefined {
    /// The gardener is no better than the random driver, so that scores are not defined.
    #[error(
        "season `{season}` has no score baseline: the gardener ({gardener_return}) is no better than random ({random_return})"
    )]
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
        /// Number of seasons.
        seasons: usize,
        /// Number of seasons needed.
        needed: usize,
    },
    /// The measure compares years, and there is only one.
    #[error("needs at least 2 years, and there is {years}")]
    TooFewYears {
        /// Number of years.
        years: usize,
    },
    /// The measure needs a row of the matrix that has not been evaluated.
    #[error("row {row} has not been evaluated yet: there are {rows}")]
    NotEvaluated {
        /// The row that is needed.
        row: usize,
        /// Number of rows.
        rows: usize,
    },
    /// The measure needs an evaluation where a season begins to turn into the next one, and there is none.
    #[error(
        "season `{season}` turns into the next one and was not evaluated where it begins to: its own end is not known (older versions did \
         not look there, and a season that turns from its first tick on is never itself)"
    )]
    NotEvaluatedTurning {
        /// The season.
        season: String,
    },
    /// The measure needs the score in a season that was not evaluated at that time.
    #[error(
        "not every season is evaluated after every season in a life of so many: only the one just learned, the next one, and some that were \
         learned before"
    )]
    NotSampled,
    /// A return or score is not a finite number.
    #[error("{what} is {value}, which is not a finite number")]
    NotFinite {
        /// Name of the value.
        what: &'static str,
        /// Its value.
        value: f64,
    },
    /// A row or list has the wrong length.
    #[error("{what}: expected {expected} values, found {found}")]
    Mismatch {
        /// Name of the row or list.
        what: &'static str,
        /// Expected length.
        expected: usize,
        /// Actual length.
        found: usize,
    },
    /// There are no values to take a mean, an area or an interval of.
    #[error("{what}: there are no values")]
    NoValues {
        /// Name of the measure.
        what: &'static str,
    },
    /// A score is too low for a fraction of it to have a meaning.
    #[error("the score {score:.3} is too close to zero, or negative, to take a fraction of")]
    NeverLearned {
        /// The score.
        score: f64,
    },
    /// A curve does not reach the requested level.
    #[error("the curve does not reach {level:.3} within {decisions} decisions")]
    NeverReached {
        /// The level.
        level: f64,
        /// Length of the curve, in decisions.
        decisions: u64,
    },
    /// New networks leave too little to gain for a fraction of it to have a meaning.
    #[error(
        "not defined here: the curve of new networks has the mean score {area:.2}, so less than {least} is left to 1, and a quotient by \
         that says more of chance than of transfer (the plasticity gap by area is the same difference, undivided)"
    )]
    NoRoom {
        /// Mean height of the curve of new networks.
        area: f64,
        /// Least room below 1.
        least: f64,
    },
    /// The level was reached before anything was learned, so that there are no savings to measure.
    #[error("the level {level:.3} was reached before anything was learned")]
    NothingToSave {
        /// The level.
        level: f64,
    },
}
