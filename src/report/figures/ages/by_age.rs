//! Values of a run by the age at which its network learned a season, in the first year.

use crate::evaluation::{Undefined, measures};
use crate::report::Run;

/// Number of windows into which a life is divided.
const WINDOWS: usize = 10;

/// A value of a season in a run.
pub(super) type Value = dyn Fn(&Run, usize) -> Result<f64, Undefined>;

/// Division of a life by age.
pub(super) struct ByAge {
    /// Number of seasons.
    pub(super) seasons: usize,
    /// Windows of seasons that had not been there before, in order.
    pub(super) windows: Vec<Window>,
    /// Seasons that are as an earlier one was.
    pub(super) returning: Vec<usize>,
}

/// Seasons over which is averaged, ascending.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Window {
    /// First and last number, counted from 1.
    span: (usize, usize),
    pub(super) seasons: Vec<usize>,
}

impl ByAge {
    /// Divides the seasons of a run.
    pub(super) fn new(run: &Run) -> Self {
        let all = &run.config.scenario.seasons;
        let is_known = |season: &usize| {
            let own = &all[*season];
            all[..*season].iter().any(|other| {
                let named_alike = crate::scenario::Season {
                    name: own.name.clone(),
                    ..other.clone()
                };
                named_alike == *own
            })
        };
        let returning: Vec<usize> = (0..all.len()).filter(is_known).collect();
        let window = |number: usize| {
            let (from, to) = (number * all.len() / WINDOWS, (number + 1) * all.len() / WINDOWS);
            Window {
                span: (from + 1, to),
                seasons: (from..to).filter(|season| !returning.contains(season)).collect(),
            }
        };
        let windows = (0..WINDOWS).map(window).filter(|window| !window.seasons.is_empty()).collect();
        Self {
            seasons: all.len(),
            windows,
            returning,
        }
    }

    /// Returns the seasons of the first half of a life, or of the second, that had not been there before.
    pub(super) fn half(&self, second: bool) -> Window {
        let middle = self.seasons / 2;
        let span = if second { (middle + 1, self.seasons) } else { (1, middle) };
        let all = self.windows.iter().flat_map(|window| &window.seasons).copied();
        Window {
            span,
            seasons: all.filter(|season| (span.0..=span.1).contains(&(season + 1))).collect(),
        }
    }
}

impl Window {
    /// Returns the numbers of the first and the last season, as text.
    pub(super) fn name(&self) -> String {
        format!("{}–{}", self.span.0, self.span.1)
    }

    /// Returns the number in the middle, counted from 1.
    pub(super) fn middle(&self) -> f64 {
        (self.span.0 + self.span.1) as f64 / 2.0
    }

    /// Returns the window without the seasons from this number on, counted from 0.
    pub(super) fn up_to(&self, end: usize) -> Self {
        let mut fewer = self.clone();
        fewer.seasons.retain(|season| *season < end);
        fewer
    }

    /// Returns the mean of a value over the seasons.
    ///
    /// # Errors
    /// There is no season, or the value of one is not defined.
    pub(super) fn mean(&self, run: &Run, value: &Value) -> Result<f64, Undefined> {
        let values: Result<Vec<f64>, Undefined> = self.seasons.iter().map(|&season| value(run, season)).collect();
        measures::mean("seasons so early in the life", &values?)
    }
}

/// Mean height of the learning curve of a season.
pub(super) fn area(run: &Run, season: usize) -> Result<f64, Undefined> {
    run.season_curve(0, season).map(|curve| curve.area())
}

/// Score in a season when it was learned.
pub(super) fn own_end(run: &Run, season: usize) -> Result<f64, Undefined> {
    run.matrix.own_end_score(0, season, season)
}

/// Score in a season just before it is learned.
pub(super) fn zero_shot(run: &Run, season: usize) -> Result<f64, Undefined> {
    measures::before(&run.matrix, 0, season)
}

/// Score in a season once `lag` further ones were learned.
pub(super) fn kept(run: &Run, season: usize, lag: usize) -> Result<f64, Undefined> {
    run.matrix.score(run.matrix.row_after(0, season + lag), season)
}
