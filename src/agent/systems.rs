//! Systems of the agent: drivers decide, robots sense, finished episodes are reported.
//!
//! Order within [`TickSystems::Decide`](crate::app::TickSystems::Decide): [`begin_decision`], the installed drivers ([`drive`],
//! and those of other plugins), [`take_given_actions`], [`apply_decisions`]. A driver writes action indices into [`Experienced`];
//! only the last system writes [`Decision`] components.

use bevy::ecs::system::RunSystemOnce;
use bevy::prelude::*;

use super::truth::TruthInputs;
use super::{Driver, DriverInput, GardenTruth};
use crate::garden::{Decision, EpisodeEnd, EpisodeState, Garden, GardenList, Reward, SeasonState};
use crate::mdp::{Action, Experience};
use crate::sensors::SenseInputs;

/// Driver of all robots, replaceable at any tick. A world without one repeats its last actions.
#[derive(Resource)]
pub struct Controller {
    driver: Box<dyn Driver>,
    truths: Vec<GardenTruth>,
    seasons: Vec<usize>,
    actions: Vec<Action>,
}

impl Controller {
    /// Creates a controller with `driver`.
    pub fn new(driver: Box<dyn Driver>) -> Self {
        Self {
            driver,
            truths: Vec::new(),
            seasons: Vec::new(),
            actions: Vec::new(),
        }
    }

    /// Returns the driver.
    pub fn driver(&self) -> &dyn Driver {
        &*self.driver
    }

    /// Returns the driver mutably.
    pub fn driver_mut(&mut self) -> &mut dyn Driver {
        &mut *self.driver
    }
}

/// Actions given by the caller of a tick, one per garden; they replace the drivers' decisions in that tick.
#[derive(Resource, Clone, Debug, Default)]
pub struct GivenActions {
    /// Action indices, by garden.
    pub actions: Vec<u8>,
    /// `true` during a tick that was given actions.
    pub for_this_tick: bool,
}

/// Run condition: no actions were given for this tick, so drivers decide.
pub fn drivers_decide(given: Res<GivenActions>) -> bool {
    !given.for_this_tick
}

/// Experience of the last tick, of all gardens by number.
#[derive(Resource, Clone, Debug)]
pub struct Experienced(pub Experience);

impl Experienced {
    /// Creates buffers for `gardens` gardens with observations of `observation_len` bytes.
    pub fn new(gardens: usize, observation_len: usize) -> Self {
        Self(Experience::new(gardens, observation_len))
    }
}

/// Message: an episode ended in the current tick.
#[derive(Message, Clone, Copy, Debug, PartialEq)]
pub struct EpisodeFinished {
    /// Number of the garden.
    pub garden: usize,
    /// Index of the season in which it ended.
    pub season: usize,
    /// State of the episode at its end, with its tally.
    pub episode: EpisodeState,
}

/// Starts a tick: the current observations become those to decide from, drivers find the previous actions, and messages older
/// than the last tick are dropped.
pub fn begin_decision(
    mut experienced: ResMut<Experienced>,
    mut finished: ResMut<Messages<EpisodeFinished>>,
    decisions: Query<(&Garden, &Decision)>,
) {
    finished.update();
    let Experience {
        observations,
        actions,
        step,
    } = &mut experienced.0;
    std::mem::swap(observations, &mut step.observations);
    for (garden, decision) in &decisions {
        actions[garden.number] = decision.0.index() as u8;
    }
}

/// Lets the [`Controller`] choose an action for every garden.
pub fn drive(
    mut controller: ResMut<Controller>,
    mut experienced: ResMut<Experienced>,
    list: Res<GardenList>,
    gardens: Query<(&Garden, &SeasonState)>,
    truth: TruthInputs,
) {
    let Experience {
        observations,
        actions: numbers,
        ..
    } = &mut experienced.0;
    let Controller {
        driver,
        truths,
        seasons,
        actions,
    } = &mut *controller;
    seasons.clear();
    seasons.resize(numbers.len(), 0);
    for (garden, season) in &gardens {
        seasons[garden.number] = season.moment.season;
    }
    actions.clear();
    actions.extend(
        numbers
            .iter()
            .map(|&number| Action::from_index(number.into()).unwrap_or_default()),
    );
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
    for (number, action) in numbers.iter_mut().zip(actions) {
        *number = action.index() as u8;
    }
}

/// Copies the actions that were given for this tick.
pub fn take_given_actions(given: Res<GivenActions>, mut experienced: ResMut<Experienced>) {
    experienced.0.actions.copy_from_slice(&given.actions);
}

/// Copies the chosen actions to the [`Decision`] components of the gardens.
pub fn apply_decisions(experienced: Res<Experienced>, mut decisions: Query<(&Garden, &mut Decision)>) {
    for (garden, mut decision) in &mut decisions {
        decision.0 = Action::from_index(experienced.0.actions[garden.number].into()).unwrap_or_default();
    }
}

/// Copies rewards and ends into the experience, announces finished episodes, and senses their last observation.
pub fn record_outcome(
    mut experienced: ResMut<Experienced>,
    mut finished: MessageWriter<EpisodeFinished>,
    list: Res<GardenList>,
    gardens: Query<(&EpisodeState, &Reward, &SeasonState)>,
    mut senses: SenseInputs,
) {
    let length = senses.spec().len();
    let step = &mut experienced.0.step;
    for (number, &garden) in list.0.iter().enumerate() {
        let Ok((episode, reward, season)) = gardens.get(garden) else {
            continue;
        };
        step.rewards[number] = reward.0;
        step.terminated[number] = episode.end == Some(EpisodeEnd::Terminated);
        step.truncated[number] = episode.end == Some(EpisodeEnd::Truncated);
        let last_seen = &mut step.final_observations[number * length..(number + 1) * length];
        // Zero where nothing ended: an experience must not depend on the ticks before.
        last_seen.fill(0);
        if episode.end.is_some() {
            finished.write(EpisodeFinished {
                garden: number,
                season: season.moment.season,
                episode: *episode,
            });
            senses.observe(garden, last_seen);
        }
    }
}

/// Senses the current observation of every robot.
pub fn observe(mut experienced: ResMut<Experienced>, list: Res<GardenList>, mut senses: SenseInputs) {
    let length = senses.spec().len();
    for (&garden, observation) in list.0.iter().zip(experienced.0.step.observations.chunks_exact_mut(length)) {
        senses.observe(garden, observation);
    }
}

/// Senses outside of a tick, after gardens were spawned or restored.
pub fn observe_now(world: &mut World) {
    // The only error is a missing resource, and a world with gardens has them all.
    let _ = world.run_system_once(observe);
}
