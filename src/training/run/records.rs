//! Records and progress events of a run.

use super::{RECENT_EPISODES, Training};
use crate::learner::ExplorationPolicy;
use crate::metrics::Record;
use crate::training::TrainingError;
use crate::training::clock::wall_time_s;
use crate::training::event::{Observer, TrainingEvent};

impl Training {
    pub(super) fn record(&mut self, record: Record) -> Result<(), TrainingError> {
        Ok(self.recorder.record(&record, wall_time_s())?)
    }

    /// Writes the records that the systems of the tick collected.
    pub(super) fn record_collected(&mut self) -> Result<(), TrainingError> {
        for record in self.play.take_records() {
            if let Record::Episode(episode) = &record {
                if self.progress.recent_returns.len() == RECENT_EPISODES {
                    self.progress.recent_returns.remove(0);
                }
                self.progress.recent_returns.push(episode.episode_return);
            }
            self.record(record)?;
        }
        Ok(())
    }

    pub(super) fn record_learning(&mut self) -> Result<(), TrainingError> {
        let exploration = match self.play.actor().snapshot().exploration {
            ExplorationPolicy::EpsilonGreedy { epsilon } => f64::from(epsilon),
            ExplorationPolicy::Categorical => 0.0,
        };
        let (held, memory_bytes) = self
            .play
            .ask(|learner| (learner.memory_composition(), learner.ledger().memory_bytes))?;
        self.progress.most_memory_bytes = self.progress.most_memory_bytes.max(memory_bytes);
        let experiences = held.recent.iter().chain(&held.past).sum::<usize>() as u64;
        match self.progress.learning.take(self.decisions(), exploration, experiences) {
            Some(record) => self.record(Record::Learning(record)),
            None => Ok(()),
        }
    }

    pub(super) fn tell_tick(&self, tick: u64, observer: &mut dyn Observer) {
        let season = self.calendar.season(tick) % self.scenario.seasons.len();
        let recent = &self.progress.recent_returns;
        let score = (!recent.is_empty() && !self.config.all_at_once())
            .then(|| recent.iter().sum::<f64>() / recent.len() as f64)
            .zip(self.progress.baselines.as_ref())
            .and_then(|(mean, baselines)| baselines.get(season)?.score(mean));
        observer.event(&TrainingEvent::Tick {
            decisions: self.decisions(),
            season: self.season_name(tick),
            score,
        });
    }

    pub(super) fn season_name(&self, tick: u64) -> &str {
        if self.config.all_at_once() {
            return "all seasons";
        }
        let seasons = &self.scenario.seasons;
        &seasons[self.calendar.season(tick) % seasons.len()].name
    }
}
