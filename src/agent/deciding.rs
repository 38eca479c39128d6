//! The systems that let a driver decide and write down what came of it.

use bevy::ecs::system::RunSystemOnce;
use bevy::prelude::*;

use super::truth::TruthInputs;
use super::{Driver, DriverInput, GardenTruth};
use crate::garden::{Decision, EpisodeEnd, EpisodeState, Garden, GardenList, Reward, SeasonState};
use crate::mdp::{Action, Experience};
use crate::sensors::SenseInputs;

/// The driver of all robots.
#[derive(Resource)]
pub struct Deciding {
    driver: Box<dyn Driver>,
    truths: Vec<GardenTruth>,
    seasons: Vec<usize>,
    actions: Vec<Action>,
}

impl Deciding {
    /// Lets `driver` decide.
    pub fn by(driver: Box<dyn Driver>) -> Self {
        Self {
            driver,
            truths: Vec::new(),
            seasons: Vec::new(),
            actions: Vec::new(),
        }
    }

    /// The driver.
    pub fn driver(&self) -> &dyn Driver {
        &*self.driver
    }

    /// The driver, to change it.
    pub fn driver_mut(&mut self) -> &mut dyn Driver {
        &mut *self.driver
    }
}

/// What the last tick was, of all gardens by number.
#[derive(Resource, Clone, Debug)]
pub struct Experienced(pub Experience);

impl Experienced {
    /// Buffers for so many gardens with observations of so many bytes.
    pub fn new(gardens: usize, observation_len: usize) -> Self {
        Self(Experience::new(gardens, observation_len))
    }
}

/// The episodes that ended with the last tick, by garden number.
#[derive(Resource, Clone, Debug, Default)]
pub struct FinishedEpisodes(pub Vec<FinishedEpisode>);

/// An episode that ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FinishedEpisode {
    /// The number of its garden.
    pub garden: usize,
    /// The season that it ended in.
    pub season: usize,
    /// The episode, with all that happened in it.
    pub episode: EpisodeState,
}

/// Lets the driver choose an action for every garden, from what was sensed last.
pub fn decide(
    mut deciding: ResMut<Deciding>,
    mut experienced: ResMut<Experienced>,
    list: Res<GardenList>,
    mut decisions: Query<(&Garden, &SeasonState, &mut Decision)>,
    truth: TruthInputs,
) {
    let Experience {
        observations,
        actions: recorded,
        step,
    } = &mut experienced.0;
    // What was seen after the last tick is what is seen before this one.
    std::mem::swap(observations, &mut step.observations);
    let Deciding {
        driver,
        truths,
        seasons,
        actions,
    } = &mut *deciding;
    actions.clear();
    actions.resize(recorded.len(), Action::default());
    seasons.clear();
    seasons.resize(recorded.len(), 0);
    for (garden, season, decision) in &decisions {
        actions[garden.number] = decision.0;
        seasons[garden.number] = season.moment.season;
    }
    if driver.needs_truth() {
        truth.gather(&list.0, truths);
    }
    driver.decide(
        &DriverInput {
            observations,
            seasons,
            gardens: truths,
        },
        actions,
    );
    for (garden, _, mut decision) in &mut decisions {
        decision.0 = actions[garden.number];
        recorded[garden.number] = decision.0.index() as u8;
    }
}

/// Writes down what the decisions were worth, and what was seen last in the episodes that ended.
pub fn record_outcome(
    mut experienced: ResMut<Experienced>,
    mut finished: ResMut<FinishedEpisodes>,
    list: Res<GardenList>,
    gardens: Query<(&EpisodeState, &Reward, &SeasonState)>,
    mut senses: SenseInputs,
) {
    let length = senses.spec().len();
    let step = &mut experienced.0.step;
    finished.0.clear();
    for (number, &garden) in list.0.iter().enumerate() {
        let Ok((episode, reward, season)) = gardens.get(garden) else {
            continue;
        };
        step.rewards[number] = reward.0;
        step.terminated[number] = episode.end == Some(EpisodeEnd::Terminated);
        step.truncated[number] = episode.end == Some(EpisodeEnd::Truncated);
        let last_seen = &mut step.final_observations[number * length..(number + 1) * length];
        // Where nothing ended it holds nothing: what a tick says must not depend on the ticks before.
        last_seen.fill(0);
        if episode.end.is_some() {
            finished.0.push(FinishedEpisode {
                garden: number,
                season: season.moment.season,
                episode: *episode,
            });
            senses.observe(garden, last_seen);
        }
    }
}

/// Senses what every robot sees now.
pub fn observe(mut experienced: ResMut<Experienced>, list: Res<GardenList>, mut senses: SenseInputs) {
    let length = senses.spec().len();
    for (&garden, observation) in list.0.iter().zip(experienced.0.step.observations.chunks_exact_mut(length)) {
        senses.observe(garden, observation);
    }
}

/// Senses outside of a tick: after gardens were made or restored.
pub fn observe_now(world: &mut World) {
    // The only error is a missing resource, and a world with gardens has them all.
    let _ = world.run_system_once(observe);
}
