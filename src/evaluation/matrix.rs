//! The score matrix: performance of the policy in each season, before learning and after each season it learned.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Undefined;

/// Smallest difference between the gardener's and the random driver's return that can define a score.
const LEAST_SPAN: f64 = 1e-6;

/// Score baseline of one season: mean returns per episode of the reference drivers, in the policy's evaluation gardens.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoreBaseline {
    /// Mean return of the random driver: score 0.
    pub random_return: f64,
    /// Mean return of the gardener: score 1.
    pub gardener_return: f64,
    /// Mean return of the planning gardener, if it was measured: the line to reach, since scores can exceed 1.
    pub planner_return: Option<f64>,
    /// Mean return of the driver that does nothing, if it was measured.
    #[serde(default)]
    pub idle_return: Option<f64>,
}

impl ScoreBaseline {
    /// Returns the score of a mean return between the random driver (0) and the gardener (1). `None` if the gardener is no better
    /// than random: every score would have the wrong sign.
    pub fn score(&self, mean_return: f64) -> Option<f64> {
        let span = self.gardener_return - self.random_return;
        (span >= LEAST_SPAN).then(|| (mean_return - self.random_return) / span)
    }
}

/// Scores of the policy in each season at each stage of its learning.
///
/// Row 0 is before any learning; row `i` is after the `i`-th learned season, counted through all years: row
/// `1 + year * seasons + season`. Columns are the seasons of one year. A score is
/// `(return - random_return) / (gardener_return - random_return)`; the matrix stores raw returns and computes scores from them.
///
/// The *own end* of a season ([`own_end_score`](Self::own_end_score)) is its end, or the moment at which it begins to turn into the next
/// one: at the end of such a season nothing of it is left, so the policy is evaluated at both.
///
/// Rows of a long life have gaps: seasons that were not evaluated then ([`is_evaluated`](super::sampling::is_evaluated)). A score there is
/// [`Undefined::NotSampled`], and so is every measure that needs it: the best or the worst of some moments is not that of all.
///
/// Always holds: every return in it is finite and every row has one value, or gap, per season.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScoreMatrix {
    seasons: Vec<String>,
    years: usize,
    baselines: Vec<ScoreBaseline>,
    returns: Vec<Vec<Option<f64>>>,
    /// Returns where a learned season began to turn, by its number; `None` if seasons do not turn.
    turning: Option<BTreeMap<usize, Vec<Option<f64>>>>,
}

impl ScoreMatrix {
    /// Creates a matrix without rows, for a run of `years` years.
    ///
    /// A baseline whose two returns are equal is accepted, because returns can still be stored; a score of that season gives
    /// [`Undefined::NoScoreBaseline`].
    ///
    /// # Errors
    /// Returns an error if there are no seasons or years, the number of baselines differs from that of seasons, or a baseline is
    /// not finite.
    pub fn new(seasons: Vec<String>, years: usize, baselines: Vec<ScoreBaseline>) -> Result<Self, Undefined> {
        if seasons.is_empty() || years == 0 {
            return Err(Undefined::NoValues { what: "score matrix" });
        }
        if baselines.len() != seasons.len() {
            return Err(Undefined::Mismatch {
                what: "score baselines",
                expected: seasons.len(),
                found: baselines.len(),
            });
        }
        for baseline in &baselines {
            finite("return of the random driver", baseline.random_return)?;
            finite("return of the gardener", baseline.gardener_return)?;
            finite("return of the planning gardener", baseline.planner_return.unwrap_or(0.0))?;
            finite("return of the driver that does nothing", baseline.idle_return.unwrap_or(0.0))?;
        }
        Ok(Self {
            seasons,
            years,
            baselines,
            returns: Vec::new(),
            turning: None,
        })
    }

    /// Adds that seasons turn into each other, and the mean returns in each season where a learned season began to turn, by the number of
    /// that season, counted through all years from 0. The last season of all does not turn.
    ///
    /// # Errors
    /// Returns an error if a list does not have one value per season or a value is not finite.
    pub fn with_turning<R: Into<Option<f64>>>(mut self, returns: BTreeMap<usize, Vec<R>>) -> Result<Self, Undefined> {
        let rows = returns.into_iter().map(|(number, row)| Ok((number, self.checked(row)?)));
        self.turning = Some(rows.collect::<Result<_, Undefined>>()?);
        Ok(self)
    }

    /// Appends the result of an evaluation: the mean return in each season, `None` in a season that was not evaluated.
    ///
    /// # Errors
    /// Returns an error if the row does not have one value per season, a value is not finite, or the matrix is already complete.
    pub fn push_returns<R: Into<Option<f64>>>(&mut self, returns: Vec<R>) -> Result<(), Undefined> {
        let returns = self.checked(returns)?;
        if self.is_complete() {
            return Err(Undefined::Mismatch {
                what: "rows",
                expected: self.last_row() + 1,
                found: self.rows() + 1,
            });
        }
        self.returns.push(returns);
        Ok(())
    }

    fn checked<R: Into<Option<f64>>>(&self, returns: Vec<R>) -> Result<Vec<Option<f64>>, Undefined> {
        if returns.len() != self.seasons.len() {
            return Err(Undefined::Mismatch {
                what: "returns",
                expected: self.seasons.len(),
                found: returns.len(),
            });
        }
        let value = |value: R| value.into().map(|value| finite("mean return", value)).transpose();
        returns.into_iter().map(value).collect()
    }

    /// Names of the seasons, which are the columns.
    pub fn seasons(&self) -> &[String] {
        &self.seasons
    }

    /// Number of years of the run.
    pub fn years(&self) -> usize {
        self.years
    }

    /// Score baseline of each season.
    pub fn baselines(&self) -> &[ScoreBaseline] {
        &self.baselines
    }

    /// Number of evaluated rows.
    pub fn rows(&self) -> usize {
        self.returns.len()
    }

    /// Index of the last row of a complete matrix, which is the total number of learned seasons.
    pub fn last_row(&self) -> usize {
        self.seasons.len() * self.years
    }

    /// `true` if all rows of the run have been evaluated.
    pub fn is_complete(&self) -> bool {
        self.rows() > self.last_row()
    }

    /// Returns the row after season `season` of year `year` was learned, both counted from 0.
    pub fn row_after(&self, year: usize, season: usize) -> usize {
        1 + year * self.seasons.len() + season
    }

    /// Returns the mean returns of a row, one per season; `None` where it was not evaluated.
    ///
    /// # Errors
    /// Returns an error if the row has not been evaluated.
    pub fn returns(&self, row: usize) -> Result<&[Option<f64>], Undefined> {
        self.returns
            .get(row)
            .map(Vec::as_slice)
            .ok_or(Undefined::NotEvaluated { row, rows: self.rows() })
    }

    /// Returns the score `(R - R_random) / (R_gardener - R_random)` of a row in a season: `P[row][season]`.
    ///
    /// # Errors
    /// Returns an error if the row has not been evaluated, or not in this season, there is no such season, or the season has no score
    /// baseline.
    pub fn score(&self, row: usize, season: usize) -> Result<f64, Undefined> {
        self.score_in(self.returns(row)?, season)
    }

    /// Returns the score in a season of a row of returns.
    fn score_in(&self, returns: &[Option<f64>], season: usize) -> Result<f64, Undefined> {
        let value = returns.get(season).ok_or(Undefined::TooFewSeasons {
            seasons: returns.len(),
            needed: season + 1,
        })?;
        self.score_of(season, value.ok_or(Undefined::NotSampled)?)
    }

    /// Returns the score of a mean return in a season.
    ///
    /// # Errors
    /// Returns an error if there is no such season, the season has no score baseline, or the return is not finite.
    pub fn score_of(&self, season: usize, mean_return: f64) -> Result<f64, Undefined> {
        let Some(baseline) = self.baselines.get(season) else {
            return Err(Undefined::TooFewSeasons {
                seasons: self.seasons.len(),
                needed: season + 1,
            });
        };
        let score = baseline.score(mean_return).ok_or_else(|| Undefined::NoScoreBaseline {
            season: self.seasons[season].clone(),
            gardener_return: baseline.gardener_return,
            random_return: baseline.random_return,
        })?;
        finite("score", score)
    }

    /// Returns the mean returns where learned seasons began to turn, by the number of the season; `None` if seasons do not turn.
    pub fn turning_returns(&self) -> Option<&BTreeMap<usize, Vec<Option<f64>>>> {
        self.turning.as_ref()
    }

    /// Returns the score in season `of` at the own end of season `season` of year `year`: where that season began to turn, or at its end if
    /// it does not turn.
    ///
    /// # Errors
    /// Returns [`Undefined::NotEvaluatedTurning`] if the season turns and was not evaluated where it begins to, and the same errors as
    /// [`score`](Self::score).
    pub fn own_end_score(&self, year: usize, season: usize, of: usize) -> Result<f64, Undefined> {
        let row = self.row_after(year, season);
        match &self.turning {
            Some(turning) if row < self.last_row() => {
                let returns = turning.get(&(row - 1)).ok_or_else(|| Undefined::NotEvaluatedTurning {
                    season: self.seasons.get(season).cloned().unwrap_or_default(),
                })?;
                self.score_in(returns, of)
            }
            _ => self.score(row, of),
        }
    }

    /// Returns all scores of a season from the own end of learned season number `from` (counted through all years from 0) to the end of the
    /// run, where seasons began to turn and where they ended.
    ///
    /// # Errors
    /// Returns the same errors as [`score`](Self::score).
    pub fn scores_since(&self, from: usize, season: usize) -> Result<Vec<f64>, Undefined> {
        let ends = (from + 1..=self.last_row()).map(|row| self.score(row, season));
        let turning = self.turning.iter().flat_map(|turning| turning.range(from..));
        let turning = turning.map(|(_, returns)| self.score_in(returns, season));
        turning.chain(ends).collect()
    }

    /// Returns all scores of a row.
    ///
    /// # Errors
    /// Returns the same errors as [`score`](Self::score).
    pub fn scores(&self, row: usize) -> Result<Vec<f64>, Undefined> {
        (0..self.seasons.len()).map(|season| self.score(row, season)).collect()
    }
}

/// Returns the value if it is finite.
pub(super) fn finite(what: &'static str, value: f64) -> Result<f64, Undefined> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Undefined::NotFinite { what, value })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::evaluation::measures;

    /// Creates a matrix with the given scores, by using baselines of 0 (random) and 1 (gardener).
    pub(crate) fn matrix(years: usize, rows: &[&[f64]]) -> ScoreMatrix {
        let count = rows[0].len();
        let baseline = ScoreBaseline {
            random_return: 0.0,
            gardener_return: 1.0,
            planner_return: None,
            idle_return: None,
        };
        let names = (0..count).map(|season| format!("season {season}")).collect();
        let mut matrix = ScoreMatrix::new(names, years, vec![baseline; count]).unwrap();
        for row in rows {
            matrix.push_returns(row.to_vec()).unwrap();
        }
        matrix
    }

    fn two_seasons() -> ScoreMatrix {
        let spring = ScoreBaseline {
            random_return: -11.0,
            gardener_return: 23.0,
            planner_return: Some(30.0),
            idle_return: None,
        };
        let dead = ScoreBaseline {
            random_return: -3.0,
            gardener_return: -3.0,
            planner_return: None,
            idle_return: None,
        };
        ScoreMatrix::new(vec!["spring".into(), "desert".into()], 1, vec![spring, dead]).unwrap()
    }

    #[test]
    fn random_scores_zero_and_the_gardener_one() {
        let mut matrix = two_seasons();
        matrix.push_returns(vec![-11.0, 0.0]).unwrap();
        matrix.push_returns(vec![23.0, 0.0]).unwrap();
        matrix.push_returns(vec![-28.0, 0.0]).unwrap();
        assert_eq!([0, 1, 2].map(|row| matrix.score(row, 0).unwrap()), [0.0, 1.0, -0.5]);
    }

    #[test]
    fn a_score_baseline_without_length_gives_a_named_answer_and_keeps_the_returns() {
        let mut matrix = two_seasons();
        matrix.push_returns(vec![1.0, 5.0]).unwrap();
        assert!(matches!(matrix.score(0, 1), Err(Undefined::NoScoreBaseline { season, .. }) if season == "desert"));
        assert!(matrix.scores(0).is_err());
        assert_eq!(matrix.returns(0).unwrap(), [Some(1.0), Some(5.0)]);
    }

    #[test]
    fn a_gardener_worse_than_chance_is_no_score_baseline() {
        let upside_down = ScoreBaseline {
            random_return: 1.0,
            gardener_return: 0.0,
            planner_return: None,
            idle_return: None,
        };
        let mut matrix = ScoreMatrix::new(vec!["odd".into()], 1, vec![upside_down]).unwrap();
        matrix.push_returns(vec![2.0]).unwrap();
        assert!(matches!(matrix.score(0, 0), Err(Undefined::NoScoreBaseline { .. })));
    }

    #[test]
    fn no_number_that_is_not_finite_gets_in() {
        let mut matrix = two_seasons();
        assert!(matches!(
            matrix.push_returns(vec![f64::NAN, 0.0]),
            Err(Undefined::NotFinite { .. })
        ));
        assert!(matches!(matrix.push_returns(vec![0.0]), Err(Undefined::Mismatch { .. })));
        assert_eq!(matrix.rows(), 0);
        let broken = ScoreBaseline {
            random_return: f64::NEG_INFINITY,
            gardener_return: 1.0,
            planner_return: None,
            idle_return: None,
        };
        assert!(ScoreMatrix::new(vec!["spring".into()], 1, vec![broken]).is_err());
    }

    #[test]
    fn a_row_that_was_not_evaluated_is_not_zero() {
        let matrix = matrix(1, &[&[0.0, 0.0]]);
        assert_eq!(matrix.score(1, 0), Err(Undefined::NotEvaluated { row: 1, rows: 1 }));
        assert!(matches!(matrix.score(0, 2), Err(Undefined::TooFewSeasons { .. })));
    }

    #[test]
    fn a_gap_is_no_zero_and_leaves_what_needs_it_undefined() {
        let mut matrix = matrix(1, &[&[0.0, 0.0]]);
        matrix.push_returns(vec![Some(1.0), None]).unwrap();
        matrix.push_returns(vec![0.5, 1.0]).unwrap();
        assert_eq!(matrix.score(1, 1), Err(Undefined::NotSampled));
        assert_eq!(matrix.score(1, 0), Ok(1.0));
        assert_eq!(matrix.scores_since(0, 1), Err(Undefined::NotSampled));
        assert_eq!(matrix.scores_since(0, 0), Ok(vec![1.0, 0.5]));
        assert_eq!(
            measures::worst_retained(&matrix),
            Ok(vec![0.5, 1.0]),
            "season 1 has no gap since it was learned"
        );
        assert_eq!(measures::forgetting_from_best(&matrix), Err(Undefined::NotSampled));
        assert_eq!(measures::average_performance(&matrix), Ok(0.75));
    }

    #[test]
    fn a_complete_matrix_takes_no_further_row() {
        let mut matrix = matrix(1, &[&[0.0], &[1.0]]);
        assert!(matrix.is_complete());
        assert!(matrix.push_returns(vec![1.0]).is_err());
    }
}
