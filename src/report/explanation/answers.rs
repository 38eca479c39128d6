//! Changes of the answers to a season's views after it was left: those lost, and when.

use serde::{Deserialize, Serialize};

use super::WatchedRun;
use super::colours::{colour_name, hue_name};

/// Number of looks whose majority counts as an answer, so that a single look does not.
const MAJORITY: usize = 3;
/// Least fraction of the views that must be lost on balance.
const LEAST_LOST: f64 = 0.15;
/// Largest probability of the sign test.
const LARGEST_CHANCE: f64 = 0.01;
/// Fraction of the lost answers that a window must contain.
const MOST: f64 = 0.75;
/// Fraction of the flips that must have something in common to be named after it.
const IN_COMMON: f64 = 2.0 / 3.0;

/// Change of the answers to the views of a season after it was left.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AnswerChange {
    /// Number of views.
    pub views: usize,
    /// Views answered rightly at the season's end, by the majority of up to three looks.
    pub right_before: usize,
    /// Views answered rightly at the end of the time looked at, likewise.
    pub right_after: usize,
    /// Places of the views that were right and are wrong.
    pub lost: Vec<usize>,
    /// Number of views that were wrong and are right.
    pub won: usize,
    /// Probability that at least as many of the changed answers are lost if both directions are equally likely: a one-sided sign test.
    pub chance: f64,
    /// Time in which most of them were lost; `None` if none was lost.
    pub window: Option<FlipWindow>,
}

/// Shortest time between two looks in which at least three quarters of the lost answers flipped.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FlipWindow {
    /// Look before the first of these flips, by its place in the run.
    pub first_look: usize,
    /// Look after the last of them.
    pub last_look: usize,
    /// Decisions at the first look.
    pub from_decisions: u64,
    /// Decisions at the last look.
    pub until_decisions: u64,
    /// Updates at the first look.
    pub from_updates: u64,
    /// Updates at the last look.
    pub until_updates: u64,
    /// Places of the views that flipped for good in this time.
    pub flipped: Vec<usize>,
    /// Number of them whose plant is thirsty: they flipped from water to leave. The others flipped from leave to water.
    pub water_to_leave: usize,
    /// Name of the colour that at least two thirds of these plants have; `None` if there is none.
    pub colour: Option<String>,
    /// Seasons under way in this time, in order.
    pub during: Vec<String>,
}

impl AnswerChange {
    /// `true` if answers were lost by more than chance.
    pub fn fell(&self) -> bool {
        let balance = self.lost.len() as f64 - self.won as f64;
        self.views > 0 && balance >= LEAST_LOST * self.views as f64 && self.chance < LARGEST_CHANCE
    }

    /// Measures the change on the views of a season between the look at its end and the last look of the time looked at.
    pub(super) fn of(run: &WatchedRun, season: &str, end: usize, last: usize) -> Self {
        let views = run.views_of(season);
        let before = |view: usize| majority(run, season_looks(run, season, end), view);
        let after_looks = (end + 1..=last).rev().take(MAJORITY).collect::<Vec<_>>();
        let after = |view: usize| majority(run, after_looks.clone(), view);
        let mut change = Self {
            views: views.len(),
            ..Self::default()
        };
        if after_looks.is_empty() {
            return change;
        }
        for &view in &views {
            let (before, after) = (before(view), after(view));
            change.right_before += usize::from(before);
            change.right_after += usize::from(after);
            change.won += usize::from(!before && after);
            if before && !after {
                change.lost.push(view);
            }
        }
        change.chance = sign_test(change.lost.len(), change.won);
        change.window = window(run, &change.lost, end, last);
        change
    }
}

/// The last looks of a season up to its end.
fn season_looks(run: &WatchedRun, season: &str, end: usize) -> Vec<usize> {
    let looks = (0..=end)
        .rev()
        .take_while(|look| run.looks[*look].season.as_deref() == Some(season));
    looks.take(MAJORITY).collect()
}

/// `true` if most of these looks answer a view rightly; of two that differ, the later one counts.
fn majority(run: &WatchedRun, mut looks: Vec<usize>, view: usize) -> bool {
    looks.sort_unstable();
    if looks.len().is_multiple_of(2) && looks.len() > 1 {
        looks.remove(0);
    }
    let right = looks.iter().filter(|look| run.is_right(**look, view)).count();
    2 * right > looks.len()
}

/// Probability of at least `lost` heads in `lost + won` tosses of a fair coin; 1 without tosses.
fn sign_test(lost: usize, won: usize) -> f64 {
    let tosses = lost + won;
    // Binomial coefficients from the far end, each from the one before.
    let (mut coefficient, mut sum) = (1.0_f64, 0.0);
    for heads in (lost..=tosses).rev() {
        sum += coefficient;
        coefficient *= heads as f64 / (tosses - heads + 1) as f64;
    }
    sum * 0.5_f64.powi(tosses as i32)
}

/// Returns the shortest window that contains most of the last flips of the lost views.
fn window(run: &WatchedRun, lost: &[usize], end: usize, last: usize) -> Option<FlipWindow> {
    // For each view the look at which it was right for the last time, before those whose majority says that it is lost.
    let flip = |view: usize| (end..last).rev().find(|look| run.is_right(*look, view)).unwrap_or(end);
    let mut flips: Vec<(usize, usize)> = lost.iter().map(|view| (flip(*view), *view)).collect();
    flips.sort_unstable();
    let needed = (MOST * flips.len() as f64).ceil() as usize;
    let starts = 0..(flips.len() + 1).checked_sub(needed.max(1))?;
    let length = |start: usize| flips[start + needed - 1].0 - flips[start].0;
    let start = starts.min_by_key(|start| length(*start))?;
    let (first_look, last_look) = (flips[start].0, flips[start + needed - 1].0 + 1);
    let flipped: Vec<usize> = flips
        .iter()
        .filter(|(look, _)| (first_look..last_look).contains(look))
        .map(|(_, view)| *view)
        .collect();
    let mut during: Vec<String> = Vec::new();
    for look in &run.looks[first_look + 1..=last_look] {
        if let Some(season) = look.season.as_ref().filter(|season| during.last() != Some(season)) {
            during.push(season.clone());
        }
    }
    Some(FlipWindow {
        from_decisions: run.looks[first_look].decisions,
        until_decisions: run.looks[last_look].decisions,
        from_updates: run.looks[first_look].updates,
        until_updates: run.looks[last_look].updates,
        water_to_leave: flipped.iter().filter(|view| run.views[**view].water).count(),
        colour: common(flipped.iter().map(|view| colour_name(run.views[*view].colour)))
            .or_else(|| common(flipped.iter().map(|view| hue_name(run.views[*view].colour)))),
        first_look,
        last_look,
        flipped,
        during,
    })
}

/// The value that most have in common.
fn common(values: impl Iterator<Item = String>) -> Option<String> {
    let values: Vec<String> = values.collect();
    let count = |value: &String| values.iter().filter(|other| *other == value).count();
    let most = values.iter().max_by_key(|value| count(value))?;
    (count(most) as f64 >= IN_COMMON * values.len() as f64).then(|| most.clone())
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    #[test]
    fn the_sign_test_is_exact() {
        // 3 of 3: 1/8; at least 8 of 10: (45 + 10 + 1) / 1024.
        assert!((sign_test(3, 0) - 0.125).abs() < 1e-12);
        assert!((sign_test(8, 2) - 56.0 / 1_024.0).abs() < 1e-12);
        assert!((sign_test(0, 0) - 1.0).abs() < 1e-12 && (sign_test(0, 4) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_two_thirds_share_is_common() {
        let common_of = |text: &str| common(text.split(' ').map(str::to_owned));
        assert_eq!(common_of("a b a"), Some("a".to_owned()));
        assert_eq!(common_of("a b a b"), None);
        assert_eq!(common(std::iter::empty()), None);
    }
}
