//! The measures of continual learning: each with its formula and where it comes from.
//!
//! `P[i][j]` is the score in season `j` after learning season `i` ([`ScoreMatrix`]; row 0 is before any learning), `T` the last
//! row. Where a run has several years, a season is learned several times; each measure says which time it means. Higher is better
//! for all but the forgettings and the plasticity gaps. Zeros and negative scores are data like any other.
//!
//! | measure | formula | source |
//! |---|---|---|
//! | [`average_performance`] | `mean_j P[T][j]` | Wolczyk et al. 2021 (Continual World) |
//! | [`forgetting`] | `mean_(j but the last) (P[end of j][j] - P[T][j])` | Wolczyk et al. 2021 |
//! | [`forgetting_from_best`] | `mean_j (max_(i >= 1) P[i][j] - P[T][j])` | Chaudhry et al. 2018 |
//! | [`backward_transfer`] | `mean_j (P[T][j] - P[first end of j][j])` | Lopez-Paz and Ranzato 2017 (GEM) |
//! | [`forward_transfer`] | `(AUC_j - AUC_scratch_j) / (1 - AUC_scratch_j)` | Wolczyk et al. 2021 |
//! | [`zero_shot`] | `P[before j][j] - P[0][j]` | after GEM's forward transfer |
//! | [`plasticity_gap`] | `mean_j (P_joint[j] - P[first end of j][j])` | Chaudhry et al. 2018 (intransigence) |
//! | [`plasticity_gap_by_area`] | `mean_j (AUC_scratch_j - AUC_j)` | |
//! | [`worst_retained`] | `min_(i >= first end of j) P[i][j]` | after De Lange et al. 2023 (min-ACC) |
//! | [`year_retention`] | `P[before j comes back][j] / P[when j was left][j]` | |
//! | [`relearning_savings`] | `1 - decisions to 90 % now / the first time` | Ebbinghaus 1885 (savings) |
//! | [`WateringCount::thirst_relieved_per_l`] | thirst relieved a litre | |
//! | [`WateringCount::correct_percent`] | correct waterings in 100 | |

use std::iter::Sum;

use serde::{Deserialize, Serialize};

use super::matrix::finite;
use super::{LearningCurve, ScoreMatrix, Undefined};

/// Below this distance of scratch from a perfect curve, [`forward_transfer`] is a plain difference.
pub const FORWARD_TRANSFER_LEAST_ROOM: f64 = 0.05;
/// Below this score a season counts as never learned, and parts of its score say nothing.
pub const LEARNED_SCORE: f64 = 0.05;
/// The part of the first score that relearning has to reach.
pub const RELEARNED_FRACTION: f64 = 0.9;

/// How good the policy is in all seasons at the end: `mean_j P[T][j]`.
///
/// Source: Wolczyk et al. 2021, "Continual World", section 4.2.
///
/// # Errors
/// When the matrix is not complete or a season has no yardstick.
pub fn average_performance(matrix: &ScoreMatrix) -> Result<f64, Undefined> {
    mean("average performance", &matrix.scores(matrix.last_row())?)
}

/// What was lost since each season was last learned: the mean over all seasons but the last of the score at its own end minus the
/// score at the end, `mean_(j < n-1) (P[end of j][j] - P[T][j])`. Negative where later seasons helped.
///
/// A season's own end is that of its last year, as what is asked is what has been lost since. Source: Wolczyk et al. 2021,
/// section 4.2, who also count the last task, which cannot be forgotten yet; left out here as in GEM.
///
/// # Errors
/// When the matrix is not complete, a season has no yardstick, or there is only one season.
pub fn forgetting(matrix: &ScoreMatrix) -> Result<f64, Undefined> {
    let earlier = matrix.seasons().len() - 1;
    if earlier == 0 {
        return Err(Undefined::TooFewSeasons { seasons: 1, needed: 2 });
    }
    let lost = (0..earlier).map(|season| {
        let own_end = matrix.score(matrix.row_after(matrix.years() - 1, season), season)?;
        Ok(own_end - matrix.score(matrix.last_row(), season)?)
    });
    mean("forgetting", &lost.collect::<Result<Vec<_>, _>>()?)
}

/// What was lost since each season's best moment: `mean_j (max_(1 <= i <= T) P[i][j] - P[T][j])`. Never negative.
///
/// Source: Chaudhry et al. 2018, "Riemannian Walk for Incremental Learning", eq. 3; here over all seasons, the last included.
///
/// # Errors
/// When the matrix is not complete or a season has no yardstick.
pub fn forgetting_from_best(matrix: &ScoreMatrix) -> Result<f64, Undefined> {
    let lost = (0..matrix.seasons().len()).map(|season| {
        let at_end = matrix.score(matrix.last_row(), season)?;
        let best = column(matrix, season, 1)?.into_iter().fold(at_end, f64::max);
        Ok(best - at_end)
    });
    mean("forgetting from best", &lost.collect::<Result<Vec<_>, _>>()?)
}

/// What later learning did to each season since it was learned for the first time: `mean_j (P[T][j] - P[first end of j][j])`,
/// over the seasons after which something else was learned. In a run of one year it is `-forgetting`.
///
/// Source: Lopez-Paz and Ranzato 2017, "Gradient Episodic Memory", eq. 3.
///
/// # Errors
/// When the matrix is not complete, a season has no yardstick, or nothing was learned after the first season.
pub fn backward_transfer(matrix: &ScoreMatrix) -> Result<f64, Undefined> {
    let followed = (0..matrix.seasons().len()).filter(|&season| matrix.row_after(0, season) < matrix.last_row());
    let gained = followed
        .map(|season| Ok(matrix.score(matrix.last_row(), season)? - matrix.score(matrix.row_after(0, season), season)?))
        .collect::<Result<Vec<_>, Undefined>>()?;
    if gained.is_empty() {
        return Err(Undefined::TooFewSeasons { seasons: 1, needed: 2 });
    }
    mean("backward transfer", &gained)
}

/// What earlier seasons did for learning this one: `(AUC_j - AUC_scratch_j) / (1 - AUC_scratch_j)`; the plain difference where the
/// denominator is below [`FORWARD_TRANSFER_LEAST_ROOM`], as scratch is nearly perfect there (or better than the gardener).
///
/// `scratch` is the curve of new networks in the same season. Source: Wolczyk et al. 2021, section 4.2; the plain difference is
/// ours, since scores here can pass 1.
pub fn forward_transfer(curve: &LearningCurve, scratch: &LearningCurve) -> f64 {
    let (area, scratch_area) = (curve.area(), scratch.area());
    let room = 1.0 - scratch_area;
    if room < FORWARD_TRANSFER_LEAST_ROOM {
        area - scratch_area
    } else {
        (area - scratch_area) / room
    }
}

/// What the seasons before taught about one that was not seen yet: `P[before j][j] - P[0][j]` in the first year, for every season
/// but the first.
///
/// # Errors
/// When the first year is not evaluated, a season has no yardstick, or there is only one season.
pub fn zero_shot(matrix: &ScoreMatrix) -> Result<Vec<f64>, Undefined> {
    let seasons = matrix.seasons().len();
    if seasons < 2 {
        return Err(Undefined::TooFewSeasons { seasons, needed: 2 });
    }
    (1..seasons)
        .map(|season| Ok(matrix.score(matrix.row_after(0, season - 1), season)? - matrix.score(0, season)?))
        .collect()
}

/// What keeping the past cost in learning the new: `mean_j (P_joint[j] - P[first end of j][j])`, where `joint` holds the final
/// scores of a run that learned all seasons at once with the same total of decisions.
///
/// Source: Chaudhry et al. 2018, intransigence (eq. 5).
///
/// # Errors
/// When `joint` has not one score a season, the first year is not evaluated, or a season has no yardstick.
pub fn plasticity_gap(matrix: &ScoreMatrix, joint: &[f64]) -> Result<f64, Undefined> {
    let seasons = matrix.seasons().len();
    if joint.len() != seasons {
        return Err(Undefined::Mismatch {
            what: "joint scores",
            expected: seasons,
            found: joint.len(),
        });
    }
    let gaps = joint
        .iter()
        .enumerate()
        .map(|(season, joint)| Ok(joint - matrix.score(matrix.row_after(0, season), season)?));
    mean("plasticity gap", &gaps.collect::<Result<Vec<_>, _>>()?)
}

/// How much slower the aged network learns than a fresh one: `mean_j (AUC_scratch_j - AUC_j)`, season by season.
///
/// # Errors
/// When the two have not as many curves, or none.
pub fn plasticity_gap_by_area(curves: &[LearningCurve], scratch: &[LearningCurve]) -> Result<f64, Undefined> {
    if curves.len() != scratch.len() {
        return Err(Undefined::Mismatch {
            what: "curves of fresh networks",
            expected: curves.len(),
            found: scratch.len(),
        });
    }
    let gaps: Vec<f64> = curves
        .iter()
        .zip(scratch)
        .map(|(curve, scratch)| scratch.area() - curve.area())
        .collect();
    mean("plasticity gap by area", &gaps)
}

/// The worst moment of each season after it was learned: `min_(i >= first end of j) P[i][j]`. The last row alone misleads: a season
/// can be lost in mid-year and be back by its end.
///
/// Source: as min-ACC of De Lange et al. 2023, "Continual evaluation for lifelong learning", at the ends of seasons.
///
/// # Errors
/// When the matrix is not complete or a season has no yardstick.
pub fn worst_retained(matrix: &ScoreMatrix) -> Result<Vec<f64>, Undefined> {
    let worst = |season| {
        Ok(column(matrix, season, matrix.row_after(0, season))?
            .into_iter()
            .fold(f64::INFINITY, f64::min))
    };
    (0..matrix.seasons().len()).map(worst).collect()
}

/// How much of a season is left when it comes back a year later: `P[before j comes back][j] / P[when j was left][j]`.
///
/// One list a year from the second on, in it one answer a season. A season that was left at a score below [`LEARNED_SCORE`] has
/// [`Undefined::NeverLearned`] in its place: a part of nothing says nothing, and dropping it would flatter.
///
/// # Errors
/// When the run has only one year or one season, is not complete, or a season has no yardstick.
pub fn year_retention(matrix: &ScoreMatrix) -> Result<Vec<Vec<Result<f64, Undefined>>>, Undefined> {
    let (seasons, years) = (matrix.seasons().len(), matrix.years());
    if years < 2 {
        return Err(Undefined::TooFewYears { years });
    }
    if seasons < 2 {
        return Err(Undefined::TooFewSeasons { seasons, needed: 2 });
    }
    let retention = |year: usize, season: usize| {
        let left = matrix.score(matrix.row_after(year - 1, season), season)?;
        let comes_back = matrix.score(matrix.row_after(year, season) - 1, season)?;
        Ok(if left < LEARNED_SCORE {
            Err(Undefined::NeverLearned { score: left })
        } else {
            Ok(comes_back / left)
        })
    };
    (1..years)
        .map(|year| (0..seasons).map(|season| retention(year, season)).collect())
        .collect()
}

/// How much sooner a season is learned again: `1 - decisions to 90 % now / decisions to 90 % the first time`.
///
/// 90 % is of the score that the first curve ended with, for both curves. 1: it was all there; 0: as slow as the first time; negative:
/// slower. Source: the savings of Ebbinghaus 1885.
///
/// # Errors
/// When the first curve ended below [`LEARNED_SCORE`], began at the level already, or the curve of now does not reach it.
pub fn relearning_savings(first: &LearningCurve, now: &LearningCurve) -> Result<f64, Undefined> {
    let points = first.points();
    let learned = points[points.len() - 1].score;
    if learned < LEARNED_SCORE {
        return Err(Undefined::NeverLearned { score: learned });
    }
    let level = RELEARNED_FRACTION * learned;
    let first_decisions = first.decisions_to(level)?;
    if first_decisions == 0.0 {
        return Err(Undefined::NothingToSave { level });
    }
    Ok(1.0 - now.decisions_to(level)? / first_decisions)
}

/// How water was used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WateringCount {
    /// Sum of the thirst (0..1) that plants had before they were watered.
    pub thirst_relieved: f64,
    /// Sprays that met a thirsty plant.
    pub sprays_thirsty: u64,
    /// Sprays that met a plant without thirst.
    pub sprays_needless: u64,
    /// Sprays that met bare ground.
    pub sprays_ground: u64,
}

impl Sum for WateringCount {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), |all, count| Self {
            thirst_relieved: all.thirst_relieved + count.thirst_relieved,
            sprays_thirsty: all.sprays_thirsty + count.sprays_thirsty,
            sprays_needless: all.sprays_needless + count.sprays_needless,
            sprays_ground: all.sprays_ground + count.sprays_ground,
        })
    }
}

impl WateringCount {
    /// All sprays.
    pub fn sprays(&self) -> u64 {
        self.sprays_thirsty + self.sprays_needless + self.sprays_ground
    }

    /// Thirst relieved by a litre, with sprays of `spray_l` litres.
    ///
    /// # Errors
    /// [`Undefined::NoValues`] when no water was used: a robot that does nothing is not efficient.
    pub fn thirst_relieved_per_l(&self, spray_l: f64) -> Result<f64, Undefined> {
        let water_l = spray_l * self.sprays() as f64;
        if water_l <= 0.0 {
            return Err(Undefined::NoValues {
                what: "thirst relieved a litre",
            });
        }
        finite("thirst relieved a litre", self.thirst_relieved / water_l)
    }

    /// Sprays that met a thirsty plant, in 100.
    ///
    /// # Errors
    /// [`Undefined::NoValues`] when no water was used.
    pub fn correct_percent(&self) -> Result<f64, Undefined> {
        if self.sprays() == 0 {
            return Err(Undefined::NoValues {
                what: "correct waterings",
            });
        }
        Ok(100.0 * self.sprays_thirsty as f64 / self.sprays() as f64)
    }
}

/// The mean of some values.
///
/// # Errors
/// When there are none, or it is not finite.
pub fn mean(what: &'static str, values: &[f64]) -> Result<f64, Undefined> {
    if values.is_empty() {
        return Err(Undefined::NoValues { what });
    }
    finite(what, values.iter().sum::<f64>() / values.len() as f64)
}

/// Scores of a season from a row on, to the end.
fn column(matrix: &ScoreMatrix, season: usize, from_row: usize) -> Result<Vec<f64>, Undefined> {
    (from_row..=matrix.last_row()).map(|row| matrix.score(row, season)).collect()
}

#[cfg(test)]
#[path = "measures_tests.rs"]
mod tests;
