//! Forecast of what fine-tuning forgets: the returns of the gardener with the eyes of a robot that has learned the seasons one after the
//! other.
//!
//! A network that is fine-tuned keeps what it knows of colours that no later season shows, and loses what a later one contradicts. A
//! nearest-neighbour rule forgets in the same way if older views count as farther away. The gardener then plays every season with that
//! rule in place of the true thirst, first with what is known when the season ends and then with what is left at the end of the year. What
//! it loses between the two, scaled to what networks lose, is the forecast.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::probes;
use super::views::{Judgement, Looked, View, Views};
use crate::agent::drivers::{Driver, DriverInput, Gardener};
use crate::evaluation::ScoreBaseline;
use crate::mdp::Action;
use crate::random::fraction;
use crate::rollout::probe;
use crate::scenario::{Moment, Scenario};

/// Loss of a season to any other that comes after it, whatever that looks like. Fitted, with the next one, to 42 seasons of shipped gardens,
/// each measured with three seeds of `finetune` (standard deviation of the rest: 0.9).
const ANY_CHANGE: f64 = 0.8;
/// Part of the gardener's loss that a network has as well: it looks again and again, and does not believe one look as the gardener does.
const OF_THE_GARDENER: f64 = 0.33;
/// Decisions for which a plant is judged alike.
const GLANCE: u64 = 5;

/// Forecast of fine-tuning through the first year.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// Score of each season when it has just been learned.
    pub learned: Vec<f64>,
    /// Score of each season at the end of the year.
    pub kept: Vec<f64>,
}

impl Forecast {
    /// Looks at the seasons of a scenario and forecasts. Returns `None` where a season has no score, because the gardener is no better there
    /// than chance.
    pub fn measure(scenario: &Arc<Scenario>, baselines: &[ScoreBaseline], seed: u64) -> Option<Self> {
        let views: Vec<Views> = (0..scenario.seasons.len())
            .map(|season| Looked::around(scenario, season, seed).views())
            .collect();
        Self::of(scenario, &views, baselines, seed)
    }

    /// Forecasts from views of each season.
    pub(super) fn of(scenario: &Arc<Scenario>, views: &[Views], baselines: &[ScoreBaseline], seed: u64) -> Option<Self> {
        let score = |season: usize, last: usize| -> Option<f64> {
            let lived: Vec<&[View]> = views[..=last].iter().map(|views| views.known.as_slice()).collect();
            let judgement = Judgement::after(&lived, &views[season].asked);
            let driver = Misled {
                judgement,
                seed,
                decisions: 0,
            };
            let earned = probe(scenario, season, Box::new(driver), probes(seed)).mean_return();
            baselines.get(season)?.score(earned)
        };
        let last = views.len().checked_sub(1)?;
        let end = scenario.climate(Moment::pure(last));
        let (mut learned, mut kept) = (Vec::new(), Vec::new());
        for season in 0..views.len() {
            let own = score(season, season)?;
            let lost = own - score(season, last)?;
            learned.push(own);
            // A season that comes back in all but its name is not forgotten.
            kept.push(if scenario.climate(Moment::pure(season)) == end {
                own
            } else {
                own - ANY_CHANGE - OF_THE_GARDENER * lost.max(0.0)
            });
        }
        Some(Self { learned, kept })
    }

    /// Returns what is forgotten of each season.
    pub fn forgotten(&self) -> Vec<f64> {
        self.learned
            .iter()
            .zip(&self.kept)
            .map(|(learned, kept)| learned - kept)
            .collect()
    }

    /// Returns the mean of what is forgotten of all seasons but the last.
    pub fn forgetting(&self) -> f64 {
        let before = self.kept.len().saturating_sub(1);
        self.forgotten()[..before].iter().sum::<f64>() / before.max(1) as f64
    }
}

/// A gardener that judges thirst by what it has seen, and not by the truth.
struct Misled {
    judgement: Judgement,
    seed: u64,
    decisions: u64,
}

impl Driver for Misled {
    fn decide(&mut self, input: &DriverInput, actions: &mut [Action]) {
        self.decisions += 1;
        let mut gardens = input.gardens.to_vec();
        for plant in gardens.iter_mut().flat_map(|garden| &mut garden.plants) {
            // Tint and light stay: a plant that is misjudged is so for a while.
            let place = [plant.position_m.x, plant.position_m.y].map(|part| u64::from(part.to_bits()));
            let drawn = fraction(self.seed, &[place[0], place[1], self.decisions / GLANCE]);
            let is_thirsty = drawn < self.judgement.rate(plant.thirst);
            plant.thirst = f32::from(u8::from(is_thirsty));
        }
        let seen = DriverInput {
            gardens: &gardens,
            ..*input
        };
        Gardener.decide(&seen, actions);
    }

    fn needs_truth(&self) -> bool {
        true
    }
}
