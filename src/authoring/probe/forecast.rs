//! What fine-tuning will forget: what the gardener earns with the eyes of a robot that has learned the seasons one after the other.
//!
//! A network that is fine-tuned keeps what it knows of colours that no later season shows, and loses what a later one contradicts. A
//! nearest-neighbour rule forgets in the same way if older views count as farther away. The gardener then plays every season with that
//! rule in place of the true thirst, first with what is known when the season ends and then with what is left at the end of the year.

use std::sync::Arc;

use super::probes;
use super::views::{Judgement, View};
use crate::agent::drivers::{Driver, DriverInput, Gardener};
use crate::evaluation::ScoreBaseline;
use crate::mdp::Action;
use crate::random::fraction;
use crate::rollout::probe;
use crate::scenario::Scenario;

/// Decisions for which a plant is judged alike.
const GLANCE: u64 = 5;

/// What fine-tuning through the first year will come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// Score of each season when it has just been learned.
    pub learned: Vec<f64>,
    /// Score of each season at the end of the year.
    pub kept: Vec<f64>,
}

impl Forecast {
    /// Forecasts from views of each season: `known` are those that are learned from, `asked` those that are judged.
    pub(super) fn of(
        scenario: &Arc<Scenario>,
        known: &[Vec<View>],
        asked: &[Vec<View>],
        baselines: &[ScoreBaseline],
        seed: u64,
    ) -> Self {
        let score = |season: usize, last: usize| {
            let lived: Vec<&[View]> = known[..=last].iter().map(Vec::as_slice).collect();
            let judgement = Judgement::after(&lived, &asked[season]);
            let driver = Misled {
                judgement,
                seed,
                decisions: 0,
            };
            let earned = probe(scenario, season, Box::new(driver), probes(seed)).mean_return();
            baselines
                .get(season)
                .and_then(|baseline| baseline.score(earned))
                .unwrap_or(0.0)
        };
        let seasons = 0..known.len();
        Self {
            learned: seasons.clone().map(|season| score(season, season)).collect(),
            kept: seasons.map(|season| score(season, known.len() - 1)).collect(),
        }
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
