//! The system that collects records of episodes in [`TickSystems::Record`](crate::app::TickSystems::Record), to be written after the tick.

use bevy::prelude::*;

use super::record::{EpisodeRecord, Record};
use crate::agent::EpisodeFinished;
use crate::evaluation::measures::WateringCount;
use crate::garden::{ActiveScenario, Clock, EpisodeEnd, GardenList};

/// Records collected since they were last taken, in order.
#[derive(Resource, Clone, Debug, Default)]
pub struct CollectedRecords(pub Vec<Record>);

/// Length of the run's year, from which records derive the number of the year.
#[derive(Resource, Clone, Copy, Debug)]
pub struct RecordedYear {
    /// Ticks per year.
    pub ticks: u64,
}

/// Collects a record of every episode that finished in this tick.
pub fn collect_episodes(
    mut finished: MessageReader<EpisodeFinished>,
    mut records: ResMut<CollectedRecords>,
    scenario: Res<ActiveScenario>,
    clock: Res<Clock>,
    gardens: Res<GardenList>,
    year: Res<RecordedYear>,
) {
    for EpisodeFinished { garden, season, episode } in finished.read() {
        let tally = episode.tally;
        records.0.push(Record::Episode(EpisodeRecord {
            decisions: clock.tick * gardens.0.len() as u64,
            // The clock already shows the next tick.
            year: ((clock.tick - 1) / year.ticks) as usize,
            season: scenario.0.seasons[*season].name.clone(),
            garden: *garden,
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
        }));
    }
}
