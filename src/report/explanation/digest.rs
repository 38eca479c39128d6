//! The little of the looks that reports and archives keep of a run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::early_forecast::{EarlyForecast, Fall};
use super::findings::{Departure, Findings, Verdict};
use super::gradients::GradientVerdict;
use super::watched::WatchedRun;

/// Largest number of points of a curve in a season.
const POINTS_A_SEASON: usize = 6;

/// Curves of a few points a season, and what became of each season.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InsideDigest {
    /// Decisions at the looks that are kept.
    pub decisions: Vec<u64>,
    /// Fraction of the views of each season that is answered rightly, by season.
    pub right: BTreeMap<String, Vec<f64>>,
    /// Mean cosine with the gradients of the seasons before.
    pub cosine: Vec<Option<f64>>,
    /// Mean fraction of dormant units.
    pub dormant: Vec<Option<f64>>,
    /// Mean stable rank.
    pub rank: Vec<Option<f64>>,
    /// Each time that a season was left.
    pub departures: Vec<DepartureDigest>,
    /// Forecasts from the first tenth of each season, for each season before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forecasts: Vec<EarlyForecast>,
}

/// Fate of a season that was left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DepartureDigest {
    /// Name of the season.
    pub season: String,
    /// Year, from 0.
    pub year: usize,
    /// Verdict on it.
    pub verdict: Verdict,
    /// Decisions after its end at which most of the lost answers had flipped, if it was forgotten.
    pub after_decisions: Option<u64>,
    /// Mean cosine of the gradients in that time.
    pub cosine: Option<f64>,
    /// Verdict of these gradients.
    pub gradients: GradientVerdict,
}

impl InsideDigest {
    /// Digests a run.
    pub fn of(run: &WatchedRun) -> Self {
        let seasons: Vec<&str> = run.seasons().collect();
        let most = (POINTS_A_SEASON * seasons.len() * run.config.years).max(1);
        let every = run.looks.len().div_ceil(most).max(1);
        // Counted from the end, so that the last look is among them.
        let mut kept: Vec<usize> = (0..run.looks.len()).rev().step_by(every).collect();
        kept.reverse();
        let curve = |value: &dyn Fn(usize) -> Option<f64>| kept.iter().map(|look| value(*look).map(short)).collect();
        let right = seasons.iter().map(|season| {
            let of_look = |look: &usize| short(run.right_fraction(*look, season).unwrap_or_default());
            ((*season).to_owned(), kept.iter().map(of_look).collect())
        });
        let findings = Findings::of(run);
        let forecasts = findings.departures.iter().flat_map(|departure| &departure.forecasts);
        Self {
            forecasts: forecasts.map(shortened).collect(),
            right: right.collect(),
            cosine: curve(&|look| run.looks[look].mean_cosine()),
            dormant: curve(&|look| run.looks[look].dormant_fraction()),
            rank: curve(&|look| run.looks[look].stable_rank()),
            decisions: kept.iter().map(|look| run.looks[*look].decisions).collect(),
            departures: findings.departures.iter().map(DepartureDigest::of).collect(),
        }
    }
}

impl DepartureDigest {
    fn of(departure: &Departure) -> Self {
        let window = departure
            .answers
            .window
            .as_ref()
            .filter(|_| departure.verdict == Verdict::Forgotten);
        let gradients = departure.gradients.as_ref().filter(|_| window.is_some());
        Self {
            season: departure.season.clone(),
            year: departure.year,
            verdict: departure.verdict,
            after_decisions: window.map(|window| window.until_decisions - departure.end_decisions),
            cosine: gradients.map(|found| short(found.cosine)),
            gradients: gradients.map_or(GradientVerdict::NotKnown, |found| found.verdict),
        }
    }
}

fn shortened(forecast: &EarlyForecast) -> EarlyForecast {
    let fall = |fall: Fall| Fall {
        low: short(fall.low),
        mean: short(fall.mean),
        high: short(fall.high),
    };
    EarlyForecast {
        divergence: short(forecast.divergence),
        expected: forecast.expected.map(fall),
        measured: forecast.measured.map(short),
        ..forecast.clone()
    }
}

/// A number with three decimals: exactly as it is written.
fn short(value: f64) -> f64 {
    format!("{value:.3}").parse().unwrap_or(value)
}
