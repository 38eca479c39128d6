//! Probe gardens: what a driver is worth in one season, always the same gardens, with chance of their own.

use std::sync::Arc;

use crate::agent::Driver;
use crate::app::Gardens;
use crate::garden::Tally;
use crate::scenario::{Scenario, Year};

/// Gardens that a driver is probed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProbeSettings {
    /// Number of gardens simulated side by side; each plays its share of the episodes.
    pub gardens: usize,
    /// Number of episodes.
    pub episodes: usize,
    /// The seed of the probe gardens: not that of any training run.
    pub seed: u64,
}

/// Result of a probe.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProbeResult {
    /// Tallies of the episodes.
    pub tallies: Vec<Tally>,
    /// Decisions that it took.
    pub decisions: u64,
}

impl ProbeResult {
    /// Mean return of the episodes.
    pub fn mean_return(&self) -> f64 {
        self.tallies.iter().map(|tally| f64::from(tally.episode_return)).sum::<f64>() / self.tallies.len().max(1) as f64
    }
}

/// Plays whole episodes of one season with a driver.
pub fn probe(scenario: &Arc<Scenario>, season: usize, driver: Box<dyn Driver>, settings: ProbeSettings) -> ProbeResult {
    let gardens = settings.gardens.min(settings.episodes).max(1);
    let mut app = Gardens::shared(scenario.clone(), gardens, settings.seed, Year::Pure(season));
    app.drive(driver);
    let mut result = ProbeResult::default();
    while result.tallies.len() < settings.episodes {
        app.tick();
        result.decisions += gardens as u64;
        let wanted = settings.episodes - result.tallies.len();
        result
            .tallies
            .extend(app.finished_episodes().take(wanted).map(|finished| finished.episode.tally));
    }
    result
}

#[cfg(test)]
#[path = "probe_tests.rs"]
mod tests;
