//! Measures of continual learning, each with its formula and source.
//!
//! `P[i][j]` is the score in season `j` after learning season `i` ([`ScoreMatrix`]; row 0 is before any learning), and `T` is the
//! last row. The end of a season is its own end: where it begins to turn into the next one, if it turns
//! ([`ScoreMatrix::own_end_score`]). In a run of several years a season is learned several times; each measure states which time it refers to.
//! Higher is better for all but the forgetting measures and the plasticity gaps. Zeros and negative scores are data like any other.
//!
//! | measure | formula | source |
//! |---|---|---|
//! | [`average_performance`] | `mean_j P[T][j]` | Wolczyk et al. 2021 (Continual World) |
//! | [`performance_without_harm`] | `mean_j max(P[T][j], 0)` | |
//! | [`seasons_kept`] | number of seasons with `P[T][j] > P[end of j][j] / 2` | |
//! | [`forgetting`] | `mean_(j but the last) (P[end of j][j] - P[T][j])` | Wolczyk et al. 2021 |
//! | [`forgetting_from_best`] | `mean_j (max_(i >= 1) P[i][j] - P[T][j])` | Chaudhry et al. 2018 |
//! | [`backward_transfer`] | `mean_j (P[T][j] - P[first end of j][j])` | Lopez-Paz and Ranzato 2017 (GEM) |
//! | [`forward_transfer`] | `(AUC_j - AUC_scratch_j) / (1 - AUC_scratch_j)`, where that room is at least 0.25 | Wolczyk et al. 2021 |
//! | [`zero_shot`] | `P[before j][j] - P[0][j]` | after GEM's forward transfer |
//! | [`plasticity_gap`] | `mean_j (P_joint[j] - P[first end of j][j])` | Chaudhry et al. 2018 (intransigence) |
//! | [`area`] | `mean_j AUC_j` | |
//! | [`plasticity_gap_by_area`] | `mean_j (AUC_scratch_j - AUC_j)` | |
//! | [`worst_retained`] | `min_(i >= first end of j) P[i][j]` | after De Lange et al. 2023 (min-ACC) |
//! | [`year_retention`] | `P[before j comes back][j] / P[when j was left][j]` | |
//! | [`relearning_savings`] | `1 - decisions to 90 % now / the first time` | Ebbinghaus 1885 (savings) |
//! | [`WateringCount::thirst_relieved_per_l`] | thirst relieved per litre | |
//! | [`WateringCount::correct_percent`] | percentage of sprays that hit a thirsty plant | |
//!
//! **Against new networks.** Curves hold the scores of training episodes, so a policy that explores earns less while it does. Networks
//! are compared with new ones that explore as much as they do in the same season: a method that does not explore anew is measured
//! against a `scratch` that does not either (`learner.scratch.restart_exploration = false`), one that does against the usual
//! `scratch`. The caller chooses the reference; these functions see curves only.

use std::iter::Sum;

use serde::{Deserialize, Serialize};

use super::matrix::finite;
use super::{LearningCurve, ScoreMatrix, Undefined};

/// Least room `1 - AUC_scratch` that [`forward_transfer`] divides by.
///
/// The quotient multiplies every error of an area by `1 / room`. Areas here are known to about 0.05 (ten seeds), published methods differ
/// by 0.1 to 1 in forward transfer: multiplied by four, an area still tells them apart, multiplied by twenty it tells nothing. A success
/// rate cannot exceed 1, which leaves new networks of Continual World far below it; scores here can, and then the room has not even a sign.
pub const FORWARD_TRANSFER_LEAST_ROOM: f64 = 0.25;
/// Score below which a season counts as never learned, so that fractions of its score are meaningless.
pub const LEARNED_SCORE: f64 = 0.05;
/// Fraction of its own end's score above which a season counts as kept.
pub const KEPT_FRACTION: f64 = 0.5;
/// Fraction of the first score that relearning has to reach.
pub const RELEARNED_FRACTION: f64 = 0.9;

/// Average performance in all seasons at the end: `mean_j P[T][j]`.
///
/// Source: Wolczyk et al. 2021, "Continual World", section 4.2.
///
/// # Errors
/// Returns an error if the matrix is not complete or a season has no score baseline.
pub fn average_performance(matrix: &ScoreMatrix) -> Result<f64, Undefined> {
    mean("average performance", &matrix.scores(matrix.last_row())?)
}

/// Average performance at the end with harm cut off: `mean_j max(P[T][j], 0)`.
///
/// A score below 0 is worse than acting at random: the policy does harm, and by how much depends on the garden's penalties rather than on
/// what it knows. With harm counted as not knowing, what is left is how much is known.
///
/// # Errors
/// Returns an error if the matrix is not complete or a season has no score baseline.
pub fn performance_without_harm(matrix: &ScoreMatrix) -> Result<f64, Undefined> {
    let scores: Vec<f64> = matrix
        .scores(matrix.last_row())?
        .into_iter()
        .map(|score| score.max(0.0))
        .collect();
    mean("performance without harm", &scores)
}

/// Number of seasons that are kept to the end: those whose final score is above half of that at their own end. A season that was never
/// learned (below [`LEARNED_SCORE`] at its own end) is not kept.
///
/// The last season has had no time to be forgotten, and is kept if it was learned.
///
/// # Errors
/// Returns an error if the matrix is not complete or a season has no score baseline.
pub fn seasons_kept(matrix: &ScoreMatrix) -> Result<usize, Undefined> {
    let mut kept = 0;
    for season in 0..matrix.seasons().len() {
        let own = matrix.own_end_score(matrix.years() - 1, season, season)?;
        let last = matrix.score(matrix.last_row(), season)?;
        kept += usize::from(own >= LEARNED_SCORE && last > KEPT_FRACTION * own);
    }
    Ok(kept)
}

/// Forgetting since each season was last learned: the mean over all seasons but the last of the score at the season's own end
/// minus the score at the end of the run, `mean_(j < n-1) (P[end of j][j] - P[T][j])`. Negative if later seasons helped.
///
/// A season's own end is that of its last year, because the measure is about the loss since then. Source: Wolczyk et al. 2021,
/// section 4.2, who also count the last task, which cannot be forgotten yet; it is left out here as in GEM.
///
/// # Errors
/// Returns an error if the matrix is not complete, a season has no score baseline, or there is only one season.
pub fn forgetting(matrix: &ScoreMatrix) -> Result<f64, Undefined> {
    let earlier = matrix.seasons().len() - 1;
    if earlier == 0 {
        return Err(Undefined::TooFewSeasons { seasons: 1, needed: 2 });
    }
    let lost = (0..earlier).map(|season| {
        let own_end = matrix.own_end_score(matrix.years() - 1, season, season)?;
        Ok(own_end - matrix.score(matrix.last_row(), season)?)
    });
    mean("forgetting", &lost.collect::<Result<Vec<_>, _>>()?)
}

/// Forgetting since each season's best score: `mean_j (max_(1 <= i <= T) P[i][j] - P[T][j])`. Never negative.
///
/// Source: Chaudhry et al. 2018, "Riemannian Walk for Incremental Learning", eq. 3; here over all seasons, including the last.
///
/// # Errors
/// Returns an error if the matrix is not complete or a season has no score baseline.
pub fn forgetting_from_best(matrix: &ScoreMatrix) -> Result<f64, Undefined> {
    let lost = (0..matrix.seasons().len()).map(|season| {
        let at_end = matrix.score(matrix.last_row(), season)?;
        let best = matrix.scores_since(0, season)?.into_iter().fold(at_end, f64::max);
        Ok(best - at_end)
    });
    mean("forgetting from best", &lost.collect::<Result<Vec<_>, _>>()?)
}

/// Effect of later learning on each season since it was learned for the first time: `mean_j (P[T][j] - P[first end of j][j])`,
/// over the seasons after which something else was learned. In a run of one year it is `-forgetting`.
///
/// Source: Lopez-Paz and Ranzato 2017, "Gradient Episodic Memory", eq. 3.
///
/// # Errors
/// Returns an error if the matrix is not complete, a season has no score baseline, or nothing was learned after the first season.
pub fn backward_transfer(matrix: &ScoreMatrix) -> Result<f64, Undefined> {
    let followed = (0..matrix.seasons().len()).filter(|&season| matrix.row_after(0, season) < matrix.last_row());
    let gained = followed
        .map(|season| Ok(matrix.score(matrix.last_row(), season)? - matrix.own_end_score(0, season, season)?))
        .collect::<Result<Vec<_>, Undefined>>()?;
    if gained.is_empty() {
        return Err(Undefined::TooFewSeasons { seasons: 1, needed: 2 });
    }
    mean("backward transfer", &gained)
}

/// Benefit of earlier seasons for learning this one, as a fraction of what a new network leaves to gain:
/// `(AUC_j - AUC_scratch_j) / (1 - AUC_scratch_j)`.
///
/// `scratch` is the curve of new networks in the same season, with the same exploration. Source: Wolczyk et al. 2021, section 4.2.
/// [`plasticity_gap_by_area`] is the same difference, undivided and with the opposite sign; it is always defined.
///
/// # Errors
/// Returns [`Undefined::NoRoom`] if new networks leave less than [`FORWARD_TRANSFER_LEAST_ROOM`].
pub fn forward_transfer(curve: &LearningCurve, scratch: &LearningCurve) -> Result<f64, Undefined> {
    let scratch_area = scratch.area();
    let room = forward_transfer_room(scratch)?;
    finite("forward transfer", (curve.area() - scratch_area) / room)
}

/// Returns the room `1 - AUC_scratch` that [`forward_transfer`] divides by.
///
/// # Errors
/// Returns [`Undefined::NoRoom`] if it is less than [`FORWARD_TRANSFER_LEAST_ROOM`].
pub fn forward_transfer_room(scratch: &LearningCurve) -> Result<f64, Undefined> {
    let room = 1.0 - scratch.area();
    if room < FORWARD_TRANSFER_LEAST_ROOM {
        return Err(Undefined::NoRoom {
            area: scratch.area(),
            least: FORWARD_TRANSFER_LEAST_ROOM,
        });
    }
    Ok(room)
}

/// Zero-shot transfer to a season that was not seen yet: `P[before j][j] - P[0][j]` in the first year, for every season but the
/// first.
///
/// # Errors
/// Returns an error if the first year is not evaluated, a season has no score baseline, or there is only one season.
pub fn zero_shot(matrix: &ScoreMatrix) -> Result<Vec<f64>, Undefined> {
    let seasons = matrix.seasons().len();
    if seasons < 2 {
        return Err(Undefined::TooFewSeasons { seasons, needed: 2 });
    }
    (1..seasons)
        .map(|season| Ok(matrix.own_end_score(0, season - 1, season)? - matrix.score(0, season)?))
        .collect()
}

/// Loss in learning new seasons caused by keeping the past: `mean_j (P_joint[j] - P[first end of j][j])`, where `joint` holds the
/// final scores of a run that learned all seasons at once with the same total number of decisions.
///
/// Source: Chaudhry et al. 2018, intransigence (eq. 5).
///
/// # Errors
/// Returns an error if `joint` does not have one score per season, the first year is not evaluated, or a season has no score
/// baseline.
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
        .map(|(season, joint)| Ok(joint - matrix.own_end_score(0, season, season)?));
    mean("plasticity gap", &gaps.collect::<Result<Vec<_>, _>>()?)
}

/// Mean height of the learning curves: `mean_j AUC_j`. Needs no reference.
///
/// # Errors
/// Returns an error if there are no curves.
pub fn area(curves: &[LearningCurve]) -> Result<f64, Undefined> {
    mean("area", &curves.iter().map(LearningCurve::area).collect::<Vec<_>>())
}

/// Slowdown of learning in the aged network compared with a new one: `mean_j (AUC_scratch_j - AUC_j)`, season by season, with the same
/// exploration. Positive where the past slows learning down, negative where it helps.
///
/// # Errors
/// Returns an error if the numbers of curves differ or are zero.
pub fn plasticity_gap_by_area(curves: &[LearningCurve], scratch: &[LearningCurve]) -> Result<f64, Undefined> {
    if curves.len() != scratch.len() {
        return Err(Undefined::Mismatch {
            what: "curves of new networks",
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

/// Worst score of each season after it was learned: `min_(i >= first end of j) P[i][j]`. The last row alone is misleading: a
/// season can be forgotten in mid-year and be back by its end.
///
/// Source: min-ACC of De Lange et al. 2023, "Continual evaluation for lifelong learning", evaluated at the ends of seasons.
///
/// # Errors
/// Returns an error if the matrix is not complete or a season has no score baseline.
pub fn worst_retained(matrix: &ScoreMatrix) -> Result<Vec<f64>, Undefined> {
    let worst = |season| Ok(matrix.scores_since(season, season)?.into_iter().fold(f64::INFINITY, f64::min));
    (0..matrix.seasons().len()).map(worst).collect()
}

/// Fraction of a season's score that is left when it returns a year later: `P[before j comes back][j] / P[when j was left][j]`.
///
/// The result has one list per year from the second on, with one value per season. A season that was left at a score below
/// [`LEARNED_SCORE`] gives [`Undefined::NeverLearned`]: a fraction of almost nothing is meaningless, and omitting the season
/// would improve the mean unfairly.
///
/// # Errors
/// Returns an error if the run has only one year or one season, is not complete, or a season has no score baseline.
pub fn year_retention(matrix: &ScoreMatrix) -> Result<Vec<Vec<Result<f64, Undefined>>>, Undefined> {
    let (seasons, years) = (matrix.seasons().len(), matrix.years());
    if years < 2 {
        return Err(Undefined::TooFewYears { years });
    }
    if seasons < 2 {
        return Err(Undefined::TooFewSeasons { seasons, needed: 2 });
    }
    let retention = |year: usize, season: usize| {
        let left = matrix.own_end_score(year - 1, season, season)?;
        let comes_back = before(matrix, year, season)?;
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

/// Savings in relearning a season: `1 - decisions to 90 % now / decisions to 90 % the first time`.
///
/// For both curves, 90 % refers to the final score of the first curve. 1: nothing had to be relearned; 0: as slow as the first
/// time; negative: slower. Source: the savings measure of Ebbinghaus 1885.
///
/// # Errors
/// Returns an error if the first curve ended below [`LEARNED_SCORE`] or began at the level already, or if the second does not
/// reach it.
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

/// Counts of sprays by what they hit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WateringCount {
    /// Sum of the thirst (0..1) of plants before they were watered.
    pub thirst_relieved: f64,
    /// Sprays that hit a thirsty plant.
    pub sprays_thirsty: u64,
    /// Sprays that hit a plant without thirst.
    pub sprays_needless: u64,
    /// Sprays that hit bare ground.
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
    /// Total number of sprays.
    pub fn sprays(&self) -> u64 {
        self.sprays_thirsty + self.sprays_needless + self.sprays_ground
    }

    /// Returns the thirst relieved per litre, with sprays of `spray_l` litres.
    ///
    /// # Errors
    /// Returns [`Undefined::NoValues`] if no water was used: a robot that does nothing is not efficient.
    pub fn thirst_relieved_per_l(&self, spray_l: f64) -> Result<f64, Undefined> {
        let water_l = spray_l * self.sprays() as f64;
        if water_l <= 0.0 {
            return Err(Undefined::NoValues {
                what: "thirst relieved a litre",
            });
        }
        finite("thirst relieved a litre", self.thirst_relieved / water_l)
    }

    /// Returns the percentage of sprays that hit a thirsty plant.
    ///
    /// # Errors
    /// Returns [`Undefined::NoValues`] if no water was used.
    pub fn correct_percent(&self) -> Result<f64, Undefined> {
        if self.sprays() == 0 {
            return Err(Undefined::NoValues {
                what: "correct waterings",
            });
        }
        Ok(100.0 * self.sprays_thirsty as f64 / self.sprays() as f64)
    }
}

/// Returns the mean of some values.
///
/// # Errors
/// Returns an error if there are no values or the mean is not finite.
pub fn mean(what: &'static str, values: &[f64]) -> Result<f64, Undefined> {
    if values.is_empty() {
        return Err(Undefined::NoValues { what });
    }
    finite(what, values.iter().sum::<f64>() / values.len() as f64)
}

/// Returns the score of a season just before it comes in a year: at the own end of the season before it.
///
/// # Errors
/// Returns an error if nothing comes before it, that season is not evaluated, or the season has no score baseline.
pub fn before(matrix: &ScoreMatrix, year: usize, season: usize) -> Result<f64, Undefined> {
    let seasons = matrix.seasons().len();
    match (year * seasons + season).checked_sub(1) {
        Some(before) => matrix.own_end_score(before / seasons, before % seasons, season),
        None => matrix.score(0, season),
    }
}

#[cfg(test)]
#[path = "measures_tests.rs"]
mod tests;
