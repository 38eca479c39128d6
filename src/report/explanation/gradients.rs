//! Comparison of gradients: whether that of the season under way disagreed with that of the season that was lost, and since when.

use serde::{Deserialize, Serialize};

use super::WatchedRun;
use super::answers::FlipWindow;
use crate::metrics::InsideRecord;

/// Cosine beyond which gradients agree or disagree.
const DECISIVE: f64 = 0.1;
/// Fraction of the looks that must say so.
const MOST: f64 = 2.0 / 3.0;
/// Least agreement of two halves of the same season: below it, the sample is too noisy to compare seasons.
const LEAST_STEADINESS: f64 = 0.2;
/// Least number of looks before the first flip that can tell whether it could have been foreseen.
const LEAST_EARLY_LOOKS: usize = 2;
/// Least number of looks that are averaged, if there are as many.
const LEAST_LOOKS: usize = 3;

/// Verdict of the gradients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GradientVerdict {
    /// They point against each other.
    Disagreed,
    /// They point the same way.
    Agreed,
    /// The numbers do not decide.
    #[default]
    NotKnown,
}

/// Gradients of the season under way and of a past one, around the time in which answers flipped.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GradientFinding {
    /// Season under way.
    pub season: String,
    /// Number of looks that are averaged.
    pub looks: usize,
    /// Mean cosine.
    pub cosine: f64,
    /// Smallest and largest cosine.
    pub range: (f64, f64),
    /// Mean cosine of two halves of the past season, and of the one under way: what the measurement can tell at most.
    pub steadiness: (f64, f64),
    /// Layer with the largest part of the disagreement, from 1, the number of layers, and its part of the cosine.
    pub layer: Option<(usize, usize, f64)>,
    /// Verdict of these cosines.
    pub verdict: GradientVerdict,
    /// Looks before the first flip, which may have warned of it.
    pub foresight: Foresight,
}

/// Looks between the beginning of the season under way and the first flip.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Foresight {
    /// Number of these looks.
    pub looks: usize,
    /// Number of those in which the gradients disagreed.
    pub warnings: usize,
    /// Decisions at the first of those.
    pub first_warning_decisions: Option<u64>,
    /// Mean cosine over these looks.
    pub cosine: Option<f64>,
}

impl Foresight {
    /// Returns the verdict of these looks: nothing is known with fewer than two.
    pub fn verdict(&self) -> GradientVerdict {
        if self.looks < LEAST_EARLY_LOOKS {
            return GradientVerdict::NotKnown;
        }
        let most = |count: usize| count as f64 >= MOST * self.looks as f64;
        if most(self.warnings) {
            GradientVerdict::Disagreed
        } else if self.warnings == 0 && self.cosine.is_some_and(|cosine| cosine > DECISIVE) {
            GradientVerdict::Agreed
        } else {
            GradientVerdict::NotKnown
        }
    }
}

impl GradientFinding {
    /// Compares the gradients around a window. `None` if several seasons were under way in it, or no look compared them.
    pub(super) fn of(run: &WatchedRun, past: &str, window: &FlipWindow) -> Option<Self> {
        let [season] = &window.during[..] else { return None };
        // Looks of this stay in the season, up to the end of the window.
        let stay: Vec<&InsideRecord> = run.looks[..=window.last_look]
            .iter()
            .rev()
            .take_while(|look| look.season.as_ref() == Some(season))
            .collect();
        let wanted = (window.last_look - window.first_look).max(LEAST_LOOKS);
        let around: Vec<&InsideRecord> = stay
            .iter()
            .take(wanted)
            .copied()
            .filter(|look| look.agreement.contains_key(past))
            .collect();
        let cosines: Vec<f64> = around.iter().map(|look| look.agreement[past].cosine).collect();
        let cosine = mean(&cosines)?;
        let steady = |season: &str| {
            let cosines: Vec<f64> = around
                .iter()
                .filter_map(|look| look.steadiness.get(season).copied())
                .collect();
            mean(&cosines).unwrap_or_default()
        };
        let steadiness = (steady(past), steady(season));
        let many = |count: usize| count as f64 >= MOST * cosines.len() as f64;
        let is_steady = steadiness.0 >= LEAST_STEADINESS && steadiness.1 >= LEAST_STEADINESS;
        let verdict = if is_steady && cosine < -DECISIVE && many(cosines.iter().filter(|cosine| **cosine < 0.0).count()) {
            GradientVerdict::Disagreed
        } else if is_steady && cosine > DECISIVE && many(cosines.iter().filter(|cosine| **cosine > 0.0).count()) {
            GradientVerdict::Agreed
        } else {
            GradientVerdict::NotKnown
        };
        // Before the window: its first look is the last one at which these answers were right.
        let early: Vec<&InsideRecord> = stay
            .iter()
            .rev()
            .copied()
            .filter(|look| look.decisions <= window.from_decisions && look.agreement.contains_key(past))
            .collect();
        let warned = |look: &&&InsideRecord| look.agreement[past].cosine < -DECISIVE;
        let early_cosines: Vec<f64> = early.iter().map(|look| look.agreement[past].cosine).collect();
        Some(Self {
            season: season.clone(),
            looks: cosines.len(),
            cosine,
            range: (
                cosines.iter().copied().fold(f64::INFINITY, f64::min),
                cosines.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            ),
            steadiness,
            layer: worst_layer(&around, past),
            verdict,
            foresight: Foresight {
                looks: early.len(),
                warnings: early.iter().filter(warned).count(),
                first_warning_decisions: early.iter().find(warned).map(|look| look.decisions),
                cosine: mean(&early_cosines),
            },
        })
    }
}

/// The layer with the most negative mean part.
fn worst_layer(looks: &[&InsideRecord], past: &str) -> Option<(usize, usize, f64)> {
    let layers = looks.first()?.agreement[past].by_layer.len();
    let part = |layer: usize| {
        let parts = looks
            .iter()
            .filter_map(|look| look.agreement[past].by_layer.get(layer).copied());
        parts.sum::<f64>() / looks.len() as f64
    };
    let parts = (0..layers).map(|layer| (layer + 1, layers, part(layer)));
    parts
        .min_by(|one, other| one.2.total_cmp(&other.2))
        .filter(|(.., part)| *part < 0.0)
}

fn mean(numbers: &[f64]) -> Option<f64> {
    (!numbers.is_empty()).then(|| numbers.iter().sum::<f64>() / numbers.len() as f64)
}
