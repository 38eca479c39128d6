//! Builds the Bevy world and defines the order of systems in a tick.
//!
//! **One tick is one decision of every garden.** [`Tick`] is a schedule of its own that does not depend on the clock. Everything
//! in a tick is a system in one of its stages ([`TickSystems`]), including deciding, recording and learning. A headless run
//! executes it as fast as possible; a window runs the same schedule on a separate thread and draws copies of the resulting state.
//!
//! A tick starts with the decision and ends with learning. After a tick, the state, its observation and its hash are therefore
//! consistent.

use std::sync::Arc;

use bevy::ecs::schedule::{LogLevel, ScheduleBuildSettings, ScheduleLabel, SingleThreadedExecutor};
use bevy::prelude::*;
use xxhash_rust::xxh3::Xxh3;

use crate::agent::{Controller, Driver, EpisodeFinished, Experienced, GivenActions, systems};
use crate::garden::{self, EndHash, EpisodeStart, GardenList, OwnSeed, SeasonState, StateHash};
use crate::mdp::{Action, Experience, ObservationSpec, StepBatch};
use crate::physics;
use crate::scenario::{Scenario, Year};
use crate::sensors::{EyeGeometry, Senses};

/// The schedule of one decision.
#[derive(ScheduleLabel, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tick;

/// The stages of a [`Tick`], in order.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TickSystems {
    /// Each driver chooses an action from the last observation.
    Decide,
    /// Actions become wheel commands and switch the pump.
    Act,
    /// Rapier moves the bodies, in substeps.
    Physics,
    /// The jet hits a plant or the ground; the tank is refilled.
    Water,
    /// Weather, evaporation, rain and thirst advance.
    Grow,
    /// Rewards are computed, and episodes may end.
    Reward,
    /// Episodes that ended record their last observation, and the next ones start.
    Reset,
    /// Look and dynamics change to the next tick's position in the year.
    Season,
    /// Robots sense the new state.
    Sense,
    /// Records are collected; the state is hashed.
    Record,
    /// The learner receives the experience and returns the updated policy. Empty unless something learns.
    Learn,
}

/// Adds the gardens and their tick to an app: headless, external or windowed.
pub struct GardenPlugin {
    /// Scenario of the gardens.
    pub scenario: Arc<Scenario>,
    /// Number of gardens.
    pub gardens: usize,
    /// Seed of all random streams.
    pub seed: u64,
    /// Calendar that the gardens follow.
    pub year: Year,
}

impl Plugin for GardenPlugin {
    fn build(&self, app: &mut App) {
        let mut tick = Schedule::new(Tick);
        // There are many small systems and few gardens: a multi-threaded executor costs five times what the systems do.
        tick.set_executor(SingleThreadedExecutor::new());
        // Two systems of a stage that access the same data in an undefined order would make results nondeterministic.
        tick.set_build_settings(ScheduleBuildSettings {
            ambiguity_detection: LogLevel::Error,
            ..default()
        });
        tick.configure_sets(
            (
                TickSystems::Decide,
                TickSystems::Act,
                TickSystems::Physics,
                TickSystems::Water,
                TickSystems::Grow,
                TickSystems::Reward,
                TickSystems::Reset,
                TickSystems::Season,
                TickSystems::Sense,
                TickSystems::Record,
                TickSystems::Learn,
            )
                .chain(),
        );
        tick.add_systems((
            (
                systems::begin_decision,
                systems::drive
                    .run_if(resource_exists::<Controller>)
                    .run_if(systems::drivers_decide),
                systems::take_given_actions.run_if(not(systems::drivers_decide)),
                systems::apply_decisions,
            )
                .chain()
                .in_set(TickSystems::Decide),
            garden::act.in_set(TickSystems::Act),
            physics::step_worlds.in_set(TickSystems::Physics),
            garden::water.in_set(TickSystems::Water),
            (garden::change_weather, garden::grow).chain().in_set(TickSystems::Grow),
            (garden::reward, garden::remember_rewards).chain().in_set(TickSystems::Reward),
            (
                systems::record_outcome,
                garden::hash_ends,
                garden::advance_clock,
                garden::begin_next_episodes,
            )
                .chain()
                .in_set(TickSystems::Reset),
            garden::follow_the_year.in_set(TickSystems::Season),
            systems::observe.in_set(TickSystems::Sense),
            garden::hash_states.in_set(TickSystems::Record),
        ));
        app.add_schedule(tick);

        let senses = Senses::new(&self.scenario);
        let world = app.world_mut();
        world.insert_resource(Experienced::new(self.gardens, senses.spec.len()));
        world.init_resource::<Messages<EpisodeFinished>>();
        world.init_resource::<GivenActions>();
        world.init_resource::<physics::PipelineSteps>();
        world.insert_resource(senses);
        world.insert_resource(EyeGeometry::new(&self.scenario.eye));
        garden::spawn_gardens(world, self.scenario.clone(), self.gardens, self.seed, self.year.clone());
        systems::observe_now(world);
        garden::hash_now(world);
    }
}

/// Error: the number of actions in a step differs from the number of gardens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a step takes one action for each of the {expected} gardens, and was given {found}")]
pub struct WrongNumberOfActions {
    /// Number of gardens.
    pub expected: usize,
    /// Number of actions given.
    pub found: usize,
}

/// Error: a garden is asked for by a number that none has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no garden {asked}: there are {gardens}, numbered from 0")]
pub struct NoSuchGarden {
    /// Number asked for.
    pub asked: usize,
    /// Number of gardens.
    pub gardens: usize,
}

/// A batch of gardens with an environment interface: reset, step, observe. The simplest entry point of the library, also used by
/// `train`.
///
/// ```
/// use perennial::app::Gardens;
/// use perennial::mdp::Action;
/// use perennial::scenario::{Scenario, Year};
///
/// let scenario = Scenario::load("four_seasons")?.scenario;
/// let mut gardens = Gardens::new(&scenario, 4, 0, Year::Pure(0));
/// let step = gardens.step(&[Action::Forward; 4])?;
/// assert_eq!(step.rewards.len(), 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Gardens {
    // Only the world, without the app that built it: a world can be moved between threads.
    world: World,
    gardens: usize,
}

impl Gardens {
    /// Creates `gardens` gardens of a scenario at tick 0; random streams derive from `seed`, seasons from `year`.
    pub fn new(scenario: &Scenario, gardens: usize, seed: u64, year: Year) -> Self {
        Self::shared(Arc::new(scenario.clone()), gardens, seed, year)
    }

    /// Like [`new`](Self::new), for a shared scenario.
    pub fn shared(scenario: Arc<Scenario>, gardens: usize, seed: u64, year: Year) -> Self {
        Self::with_plugins(scenario, gardens, seed, year, |_| {})
    }

    /// Like [`shared`](Self::shared), with further plugins: systems in the stages of the [`Tick`], and their resources.
    pub fn with_plugins(
        scenario: Arc<Scenario>,
        gardens: usize,
        seed: u64,
        year: Year,
        add_plugins: impl FnOnce(&mut App),
    ) -> Self {
        let mut app = App::empty();
        app.add_plugins(GardenPlugin {
            scenario,
            gardens,
            seed,
            year,
        });
        add_plugins(&mut app);
        Self {
            world: std::mem::take(app.world_mut()),
            gardens,
        }
    }

    /// Number of gardens.
    pub fn len(&self) -> usize {
        self.gardens
    }

    /// `true` if there are no gardens.
    pub fn is_empty(&self) -> bool {
        self.gardens == 0
    }

    /// Returns the meaning of the bytes of an observation.
    pub fn observation_spec(&self) -> &ObservationSpec {
        &self.world().resource::<Senses>().spec
    }

    /// Returns the current observation of every robot: `len * observation_len` bytes.
    pub fn observations(&self) -> &[u8] {
        &self.experience().step.observations
    }

    /// Resets everything to tick 0 and episode 0 in every garden, and returns the first observations.
    pub fn reset(&mut self) -> &[u8] {
        let starts = vec![EpisodeStart { number: 0, tick: 0 }; self.gardens];
        self.begin(0, &starts);
        self.observations()
    }

    /// Executes one decision in every garden. Gardens whose episode ends start the next one at once (see [`StepBatch`]).
    ///
    /// # Errors
    /// Returns an error if the number of actions differs from the number of gardens; nothing has happened then.
    pub fn step(&mut self, actions: &[Action]) -> Result<&StepBatch, WrongNumberOfActions> {
        if actions.len() != self.gardens {
            return Err(WrongNumberOfActions {
                expected: self.gardens,
                found: actions.len(),
            });
        }
        let mut given = self.world.resource_mut::<GivenActions>();
        given.actions.clear();
        given.actions.extend(actions.iter().map(|action| action.index() as u8));
        given.for_this_tick = true;
        self.run_tick();
        self.world.resource_mut::<GivenActions>().for_this_tick = false;
        Ok(&self.experience().step)
    }

    /// Executes one decision in every garden, chosen by the installed drivers.
    pub fn tick(&mut self) -> &Experience {
        self.run_tick();
        self.experience()
    }

    fn run_tick(&mut self) {
        self.world.run_schedule(Tick);
        // Episodes that end despawn their entities, and the world notes each component that went. Nobody reads that, and without an
        // app that updates, nobody else clears it.
        self.world.clear_trackers();
    }

    /// Lets a driver decide from now on.
    pub fn drive(&mut self, driver: Box<dyn Driver>) {
        self.world.insert_resource(Controller::new(driver));
    }

    /// Returns the experience of the last tick: observations, actions, rewards, next observations.
    pub fn experience(&self) -> &Experience {
        &self.world().resource::<Experienced>().0
    }

    /// Returns the episodes that ended with the last tick.
    pub fn finished_episodes(&self) -> impl Iterator<Item = &EpisodeFinished> {
        self.world
            .resource::<Messages<EpisodeFinished>>()
            .iter_current_update_messages()
    }

    /// Number of the next tick.
    pub fn clock(&self) -> u64 {
        self.world().resource::<garden::Clock>().tick
    }

    /// Hash of the complete state of all gardens after the last tick.
    pub fn state_hash(&self) -> u64 {
        self.world().resource::<StateHash>().0
    }

    /// Fingerprint of what the last tick led to beside the state: rewards, ends, everything that the robots saw, and the last state
    /// of each episode that ended, which [`state_hash`](Self::state_hash) no longer holds as the next episode has begun.
    pub fn outcome_hash(&self) -> u64 {
        let step = &self.experience().step;
        let mut digest = Xxh3::new();
        digest.update(bytemuck::cast_slice(&step.rewards));
        for (&terminated, &truncated) in step.terminated.iter().zip(&step.truncated) {
            digest.update(&[u8::from(terminated), u8::from(truncated)]);
        }
        digest.update(&step.observations);
        digest.update(&step.final_observations);
        digest.update(&self.world().resource::<EndHash>().0.to_le_bytes());
        digest.digest()
    }

    /// The season under way in each garden; while it turns into another, the one that it was.
    pub fn seasons(&self) -> Vec<usize> {
        let world = self.world();
        let gardens = &world.resource::<GardenList>().0;
        gardens
            .iter()
            .filter_map(|&garden| world.get::<SeasonState>(garden))
            .map(|season| season.moment.season)
            .collect()
    }

    /// The world, to look at anything in it.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Returns the Bevy world mutably.
    pub fn world_mut(&mut self) -> &mut World {
        &mut self.world
    }

    /// Returns the start of each garden's current episode.
    pub fn episode_starts(&self) -> Vec<EpisodeStart> {
        let world = self.world();
        let gardens = &world.resource::<GardenList>().0;
        let start = |&garden| world.get::<garden::EpisodeState>(garden);
        gardens
            .iter()
            .filter_map(start)
            .map(|episode| EpisodeStart {
                number: episode.number,
                tick: episode.begun_at_tick,
            })
            .collect()
    }

    /// Sets the clock and starts the given episode in each garden.
    pub fn begin(&mut self, tick: u64, starts: &[EpisodeStart]) {
        let world = self.world_mut();
        world.resource_mut::<garden::Clock>().tick = tick;
        for (garden, &start) in world.resource::<GardenList>().0.clone().into_iter().zip(starts) {
            garden::begin_episode(world, garden, start);
        }
        systems::observe_now(world);
        garden::hash_now(world);
        world.clear_trackers();
    }

    /// Gives a garden random streams of its own from its next episode on: those of garden 0 in a world of this seed.
    ///
    /// # Errors
    /// Returns an error if there is no such garden.
    pub fn seed_garden(&mut self, garden: usize, seed: u64) -> Result<(), NoSuchGarden> {
        self.seed_garden_like(garden, seed, 0)
    }

    /// Gives a garden the random streams of garden `number` in a world of this seed, from its next episode on.
    ///
    /// # Errors
    /// Returns an error if there is no such garden here.
    pub fn seed_garden_like(&mut self, garden: usize, seed: u64, number: usize) -> Result<(), NoSuchGarden> {
        let entity = self.entity(garden)?;
        self.world.entity_mut(entity).insert(OwnSeed { seed, number });
        Ok(())
    }

    /// Starts the given episodes in some of the gardens, by their numbers, and leaves the others as they are; robots sense again.
    ///
    /// # Errors
    /// Returns an error if there is no such garden; nothing has happened then.
    pub fn begin_some(&mut self, starts: &[(usize, EpisodeStart)]) -> Result<(), NoSuchGarden> {
        let entities = starts.iter().map(|&(garden, _)| self.entity(garden));
        let entities = entities.collect::<Result<Vec<Entity>, _>>()?;
        for (garden, &(_, start)) in entities.into_iter().zip(starts) {
            garden::begin_episode(&mut self.world, garden, start);
        }
        systems::observe_now(&mut self.world);
        garden::hash_now(&mut self.world);
        self.world.clear_trackers();
        Ok(())
    }

    fn entity(&self, garden: usize) -> Result<Entity, NoSuchGarden> {
        let list = &self.world.resource::<GardenList>().0;
        list.get(garden).copied().ok_or(NoSuchGarden {
            asked: garden,
            gardens: list.len(),
        })
    }

    /// Restores the gardens to the state of a run at `tick`. `starts` holds the start of each garden's episode, and `actions` the
    /// actions since: one row per tick, ending with the last tick before `tick`. A garden whose episode started later ignores the
    /// earlier rows.
    ///
    /// A garden's state is a function of the two, so the result is exact, bit for bit, at the cost of re-simulating one episode.
    ///
    /// # Errors
    /// Returns an error if a row does not have one action per garden.
    pub fn restore(&mut self, tick: u64, starts: &[EpisodeStart], actions: &[Vec<Action>]) -> Result<(), WrongNumberOfActions> {
        let first = tick - actions.len() as u64;
        self.begin(first, starts);
        for (offset, row) in actions.iter().enumerate() {
            let now = first + offset as u64;
            let world = self.world_mut();
            for (garden, &start) in world.resource::<GardenList>().0.clone().into_iter().zip(starts) {
                // Whatever this garden did before its episode does not matter: the episode starts from a new garden.
                if start.tick == now && offset > 0 {
                    garden::begin_episode(world, garden, start);
                }
            }
            self.step(row)?;
        }
        // An episode that starts now comes after the last row; where there are no rows, all have just been started.
        let starts = starts.iter().copied().enumerate();
        let starting: Vec<(usize, EpisodeStart)> = starts.filter(|(_, start)| start.tick == tick).collect();
        if !actions.is_empty() && !starting.is_empty() {
            // More starts than gardens are left out above, too.
            let _ = self.begin_some(&starting[..starting.len().min(self.gardens)]);
        }
        Ok(())
    }
}
