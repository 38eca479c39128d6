//! What a run writes down and tells while it goes on.

use super::{RECENT_EPISODES, Training};
use crate::evaluation::measures::WateringCount;
use crate::garden::EpisodeEnd;
use crate::learner::ExplorationPolicy;
use crate::metrics::{EpisodeRecord, Record};
use crate::training::TrainingError;
use crate::training::clock::wall_time_s;
use crate::training::event::{Observer, TrainingEvent};

impl Training {
    pub(super) fn record(&mut self, record: Record) -> Result<(), TrainingError> {
        Ok(self.recorder.record(&record, wall_time_s())?)
    }

    pub(super) fn record_episodes(&mut self, ended_tick: u64) -> Result<(), TrainingError> {
        let per_year = self.config.ticks_per_season() * self.scenario.seasons.len() as u64;
        for finished in self.play.gardens.finished_episodes().to_vec() {
            let (episode, tally) = (finished.episode, finished.episode.tally);
            if self.progress.recent_returns.len() == RECENT_EPISODES {
                self.progress.recent_returns.remove(0);
            }
            let season = &self.scenario.seasons[finished.season];
            self.progress.recent_returns.push(f64::from(tally.episode_return));
            self.record(Record::Episode(EpisodeRecord {
                decisions: self.decisions(),
                year: (ended_tick / per_year) as usize,
                season: season.name.clone(),
                garden: finished.garden,
                length_decisions: episode.decisions.into(),
                episode_return: tally.episode_return.into(),
                terminated: episode.end == Some(EpisodeEnd::Terminated),
                bumps: tally.bumps.into(),
                watering: WateringCount {
                    thirst_relieved: tally.thirst_relieved.into(),
                    sprays_thirsty: tally.sprays_thirsty.into(),
                    sprays_needless: tally.sprays_needless.into(),
                    sprays_ground: tally.sprays_ground.into(),
                },
            }))?;
        }
        Ok(())
    }

    pub(super) fn record_learning(&mut self) -> Result<(), TrainingError> {
        let exploration = match self.play.acting.acting {
            ExplorationPolicy::EpsilonGreedy { epsilon } => f64::from(epsilon),
            ExplorationPolicy::Categorical => 0.0,
        };
        let (held, memory_bytes) = self
            .play
            .link
            .ask(|learner| (learner.memory_composition(), learner.ledger().memory_bytes))?;
        self.progress.most_memory_bytes = self.progress.most_memory_bytes.max(memory_bytes);
        let experiences = held.recent.iter().chain(&held.past).sum::<usize>() as u64;
        match self.progress.learning.take(self.decisions(), exploration, experiences) {
            Some(record) => self.record(Record::Learning(record)),
            None => Ok(()),
        }
    }

    pub(super) fn tell_tick(&self, tick: u64, observer: &mut dyn Observer) {
        let season = (tick / self.config.ticks_per_season()) as usize % self.scenario.seasons.len();
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
        &seasons[(tick / self.config.ticks_per_season()) as usize % seasons.len()].name
    }
}
