//! Forecast of forgetting from the first tenth of a season: how far the policy has moved by then on the views of a past season.
//!
//! The change of the policy was chosen among ten records of the same looks, by its rank correlation with what was lost at the season's end:
//! agreement of gradients and similarity of representations foretell less (see docs/inside.md). What a change means in score was read from runs with tuning
//! seeds, which are never results.

use serde::{Deserialize, Serialize};

use super::watched::WatchedRun;

/// Part of a season after which the forecast is made.
const EARLY: f64 = 0.1;

/// Losses of past seasons by the end of the season under way after such a change of the policy, in runs with tuning seeds: change in units of
/// reward; the tenth percentile, mean and ninetieth percentile of the fall of the score. Between two of them, interpolated; beyond them, the nearest.
#[rustfmt::skip]
const SEEN: &[(f64, Fall)] = &[
    (0.013, Fall { low: -0.12, mean: 0.00, high: 0.12 }),
    (0.022, Fall { low: -0.12, mean: 0.09, high: 0.40 }),
    (0.037, Fall { low: -0.12, mean: 0.09, high: 0.40 }),
    (0.054, Fall { low: -0.08, mean: 0.56, high: 2.06 }),
    (0.066, Fall { low: -0.06, mean: 0.96, high: 2.06 }),
    (0.087, Fall { low: 0.53, mean: 2.23, high: 5.11 }),
    (0.116, Fall { low: 1.23, mean: 3.59, high: 5.22 }),
    (0.171, Fall { low: 1.23, mean: 3.64, high: 5.22 }),
    (0.247, Fall { low: 2.68, mean: 3.81, high: 5.30 }),
];

/// Fall of a season's score since its own end.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fall {
    /// Tenth percentile.
    pub low: f64,
    /// Mean.
    pub mean: f64,
    /// Ninetieth percentile.
    pub high: f64,
}

/// Forecast of what becomes of a past season by the end of the season under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlyForecast {
    /// Name of the past season.
    pub season: String,
    /// Name of the season under way.
    pub during: String,
    /// Decisions at the look.
    pub decisions: u64,
    /// Change of the policy on the past season's views since that season's end (units of reward, or nats for a stochastic policy).
    pub divergence: f64,
    /// Fall of the score that is expected; `None` for a stochastic policy, whose changes are not on this scale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Fall>,
    /// Fall of the score that was measured at the end of the season under way, once it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<f64>,
}

impl EarlyForecast {
    /// Forecasts for a season that ended at look `end` and does not come back before look `back`: one for each season in between that was looked at in
    /// its first tenth.
    pub(super) fn of(run: &WatchedRun, past: &str, end: usize, back: usize) -> Vec<Self> {
        let (mut forecasts, mut begin) = (Vec::new(), end);
        while begin + 1 < back {
            let Some(during) = run.looks[begin + 1].season.as_deref() else {
                break;
            };
            let last = (begin + 1..back)
                .take_while(|look| run.looks[*look].season.as_deref() == Some(during))
                .last()
                .unwrap_or(begin + 1);
            if during != past {
                forecasts.extend(Self::in_stay(run, past, end, (begin, last)));
            }
            begin = last;
        }
        forecasts
    }

    /// Forecast in the season whose looks come after look `begin` and end with look `last`.
    fn in_stay(run: &WatchedRun, past: &str, end: usize, (begin, last): (usize, usize)) -> Option<Self> {
        let tenth = run.looks[begin].decisions + (run.config.decisions_per_season as f64 * EARLY) as u64;
        let early = (begin + 1..=last).rfind(|look| run.looks[*look].decisions <= tenth)?;
        let (look, during) = (&run.looks[early], run.looks[early].season.clone()?);
        let divergence = look.change.get(past)?.divergence;
        let score = |decisions: u64| {
            let mut evaluations = run.evaluations.iter();
            evaluations
                .find(|evaluation| evaluation.season == past && evaluation.decisions == decisions)?
                .score
        };
        let is_complete = run.looks[last].ended.as_ref() == Some(&during);
        let measured = || Some(score(run.looks[end].decisions)? - score(run.looks[last].decisions)?);
        Some(Self {
            season: past.to_owned(),
            decisions: look.decisions,
            expected: (run.config.algorithm != "sac").then(|| expected(divergence)),
            measured: is_complete.then(measured).flatten(),
            divergence,
            during,
        })
    }
}

/// Fall of the score after such a change of the policy.
fn expected(divergence: f64) -> Fall {
    let after = SEEN.partition_point(|(seen, _)| *seen < divergence);
    let (Some(before), Some(after)) = (after.checked_sub(1).map(|place| SEEN[place]), SEEN.get(after)) else {
        return SEEN[after.min(SEEN.len() - 1)].1;
    };
    let part = (divergence - before.0) / (after.0 - before.0);
    let between = |one: f64, other: f64| one + part * (other - one);
    Fall {
        low: between(before.1.low, after.1.low),
        mean: between(before.1.mean, after.1.mean),
        high: between(before.1.high, after.1.high),
    }
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    #[test]
    fn a_larger_change_foretells_a_larger_fall() {
        let pairs = SEEN.iter().zip(&SEEN[1..]);
        assert!(pairs.clone().count() > 3);
        for (one, other) in pairs {
            assert!(one.0 < other.0 && one.1.mean <= other.1.mean, "{one:?} {other:?}");
            let middle = expected((one.0 + other.0) / 2.0);
            assert!((middle.mean - (one.1.mean + other.1.mean) / 2.0).abs() < 1e-12);
            assert_eq!(expected(one.0), one.1);
        }
        for (_, fall) in SEEN {
            assert!(fall.low <= fall.mean && fall.mean <= fall.high);
        }
        assert_eq!((expected(0.0), expected(1e9)), (SEEN[0].1, SEEN[SEEN.len() - 1].1));
    }
}
