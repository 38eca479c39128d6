//! Falls of scores: how far the score of a season fell after it was left, and whether that is more than the noise of evaluations.

use serde::{Deserialize, Serialize};

use super::WatchedRun;

/// Score below which a season was not learned, so that it cannot be forgotten.
pub(super) const LEARNED: f64 = 0.3;
/// Least fall of a score that counts, however exact the evaluations are: policies differ by as much from one update to the next.
const LEAST_FALL: f64 = 0.2;
/// Number of standard errors of a difference that a fall must exceed.
const STANDARD_ERRORS: f64 = 3.0;
/// Least number of training episodes from which the spread of returns is estimated.
const LEAST_EPISODES: usize = 8;

/// Change of the score of a season after it was left.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoreChange {
    /// Score at the season's end.
    pub before: f64,
    /// Score at the last evaluation before the season comes back, or of the run.
    pub after: f64,
    /// Time of that evaluation, in decisions.
    pub after_decisions: u64,
    /// Standard error of the difference of two evaluations, from the spread of the season's last training episodes.
    pub noise: f64,
    /// Fall that counts: the larger of 0.2 and three standard errors.
    pub threshold: f64,
}

impl ScoreChange {
    /// `true` if the season was learned when it was left.
    pub fn was_learned(&self) -> bool {
        self.before >= LEARNED
    }

    /// `true` if the score fell by more than chance.
    pub fn fell(&self) -> bool {
        self.before - self.after > self.threshold
    }

    /// Measures the change of a season that ended after `end` decisions and comes back, or not, after `until`; the season began after `begun`.
    /// `Err` is a clause that says why it is not known.
    pub(super) fn of(run: &WatchedRun, season: &str, begun: u64, end: u64, until: u64) -> Result<Self, String> {
        let evaluations = || run.evaluations.iter().filter(|evaluation| evaluation.season == season);
        let at_end = evaluations()
            .find(|evaluation| evaluation.decisions == end)
            .ok_or("its end was not evaluated")?;
        let later = evaluations()
            .rfind(|evaluation| end < evaluation.decisions && evaluation.decisions <= until)
            .ok_or("it was not evaluated after it was left")?;
        let no_score = "its gardener is no better than the random driver, so it has no score";
        let (before, after) = (at_end.score.ok_or(no_score)?, later.score.ok_or(no_score)?);
        let return_per_score = return_per_score(run, season).ok_or("all its evaluations had one score, so noise has no scale")?;
        // The last third, when little is learned any more.
        let recent = begun + (end - begun) / 3 * 2;
        let returns: Vec<f64> = run
            .episodes
            .iter()
            .filter(|episode| episode.season == season && recent < episode.decisions && episode.decisions <= end)
            .map(|episode| episode.episode_return)
            .collect();
        if returns.len() < LEAST_EPISODES {
            return Err(format!(
                "the noise of its evaluations cannot be estimated from {} training episodes in its last third (at least {LEAST_EPISODES})",
                returns.len()
            ));
        }
        let mean = returns.iter().sum::<f64>() / returns.len() as f64;
        let squares: f64 = returns.iter().map(|value| (value - mean).powi(2)).sum();
        let deviation = (squares / (returns.len() - 1) as f64).sqrt() / return_per_score;
        let share = |episodes: u64| 1.0 / (episodes.max(1) as f64);
        let noise = deviation * (share(at_end.episodes) + share(later.episodes)).sqrt();
        Ok(Self {
            before,
            after,
            after_decisions: later.decisions,
            noise,
            threshold: LEAST_FALL.max(STANDARD_ERRORS * noise),
        })
    }
}

/// Return that a score of 1 is worth, from the two evaluations of a season that are farthest apart.
fn return_per_score(run: &WatchedRun, season: &str) -> Option<f64> {
    let scored = || {
        let of_season = run.evaluations.iter().filter(|evaluation| evaluation.season == season);
        of_season.filter_map(|evaluation| Some((evaluation.score?, evaluation.mean_return)))
    };
    let low = scored().min_by(|one, other| one.0.total_cmp(&other.0))?;
    let high = scored().max_by(|one, other| one.0.total_cmp(&other.0))?;
    (high.0 - low.0 > 1e-6).then(|| (high.1 - low.1) / (high.0 - low.0))
}
