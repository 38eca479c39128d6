//! Builds the world and states the order of a tick, once.
//!
//! **One tick is one decision of every garden.** [`Tick`] is a schedule of its own that never looks at a clock. Everything that
//! happens in a tick is a system in one of its stages ([`TickSystems`]), deciding, recording and learning included. A headless run
//! runs it as fast as it can; a window runs the same schedule on a thread of its own and draws copies of what it left.
//!
//! A tick starts with the decision and ends with learning. So what it leaves behind belongs together: the state, the observation of
//! it, and its hash.

use std::sync::Arc;

use bevy::ecs::schedule::{LogLevel, ScheduleBuildSettings, ScheduleLabel, SingleThreadedExecutor};
use bevy::prelude::*;
use xxhash_rust::xxh3::Xxh3;

use crate::agent::{Controller, Driver, EpisodeFinished, Experienced, GivenActions, systems};
use crate::garden::{self, EndHash, EpisodeStart, GardenList, SeasonState, StateHash};
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
    /// Each driver chooses an action from what was sensed last.
    Decide,
    /// Actions become wheel speeds and a running pump.
    Act,
    /// Rapier moves the bodies, in substeps.
    Physics,
    /// The jet meets a plant, or the ground; the tank fills.
    Water,
    /// Weather, evaporation, rain, thirst.
    Grow,
    /// What it was worth, and whether the episode ends.
    Reward,
    /// What was seen last in episodes that end; the new ones begin.
    Reset,
    /// The look and the dynamics of the next tick's place in the year.
    Season,
    /// What the robots see now.
    Sense,
    /// Records are collected; the state is hashed.
    Record,
    /// The learner takes the experience and gives back the policy that followed from the one before. Empty unless something learns.
    Learn,
}

/// The gardens and their tick, for every app: headless, external or windowed.
pub struct GardenPlugin {
    /// What the gardens are like.
    pub scenario: Arc<Scenario>,
    /// How many there are.
    pub gardens: usize,
    /// Where their chance comes from.
    pub seed: u64,
    /// The calendar that they follow.
    pub year: Year,
}

impl Plugin for GardenPlugin {
    fn build(&self, app: &mut App) {
        let mut tick = Schedule::new(Tick);
        // Many small systems over a few gardens: handing them to threads costs five times what they do.
        tick.set_executor(SingleThreadedExecutor::new());
        // Two systems of a stage that touch the same data in an undefined order would make results depend on chance.
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
            garden::reward.in_set(TickSystems::Reward),
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
        world.insert_resource(senses);
        world.insert_resource(EyeGeometry::new(&self.scenario.eye));
        garden::spawn_gardens(world, self.scenario.clone(), self.gardens, self.seed, self.year.clone());
        systems::observe_now(world);
        garden::hash_now(world);
    }
}

/// Error: a step was not given one action for each garden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a step takes one action for each of the {expected} gardens, and was given {found}")]
pub struct WrongNumberOfActions {
    /// Gardens.
    pub expected: usize,
    /// Actions.
    pub found: usize,
}

/// A batch of gardens to be driven from outside: reset, step, observe. The library's plainest door, and what `train` goes through.
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
    // The world alone, without the app that built it: a world may move between threads.
    world: World,
    gardens: usize,
}

impl Gardens {
    /// `gardens` gardens of a scenario in their first moment; chance comes from `seed`, seasons from `year`.
    pub fn new(scenario: &Scenario, gardens: usize, seed: u64, year: Year) -> Self {
        Self::shared(Arc::new(scenario.clone()), gardens, seed, year)
    }

    /// The same, for a scenario that is shared with others.
    pub fn shared(scenario: Arc<Scenario>, gardens: usize, seed: u64, year: Year) -> Self {
        Self::with_plugins(scenario, gardens, seed, year, |_| {})
    }

    /// The same, with further plugins: systems in the stages of the [`Tick`], and their resources.
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

    /// How many gardens there are.
    pub fn len(&self) -> usize {
        self.gardens
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.gardens == 0
    }

    /// What the bytes of an observation mean.
    pub fn observation_spec(&self) -> &ObservationSpec {
        &self.world().resource::<Senses>().spec
    }

    /// What every robot sees now: `len * observation_len` bytes.
    pub fn observations(&self) -> &[u8] {
        &self.experience().step.observations
    }

    /// Begins everything anew: tick 0, episode 0 in every garden, and what is seen then.
    pub fn reset(&mut self) -> &[u8] {
        let starts = vec![EpisodeStart { number: 0, tick: 0 }; self.gardens];
        self.begin(0, &starts);
        self.observations()
    }

    /// Takes one decision in every garden. Gardens whose episode ends begin the next one at once (see [`StepBatch`]).
    ///
    /// # Errors
    /// Not one action for each garden; nothing has happened then.
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

    /// Takes one decision in every garden, chosen by the drivers that are there.
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

    /// What the last tick was: seen, done, rewarded, seen next.
    pub fn experience(&self) -> &Experience {
        &self.world().resource::<Experienced>().0
    }

    /// The episodes that ended with the last tick.
    pub fn finished_episodes(&self) -> impl Iterator<Item = &EpisodeFinished> {
        self.world
            .resource::<Messages<EpisodeFinished>>()
            .iter_current_update_messages()
    }

    /// The number of the next tick.
    pub fn clock(&self) -> u64 {
        self.world().resource::<garden::Clock>().tick
    }

    /// The fingerprint of everything in all gardens after the last tick.
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

    /// The world, to change anything in it.
    pub fn world_mut(&mut self) -> &mut World {
        &mut self.world
    }

    /// How the present episode of each garden began.
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

    /// Sets the clock and begins the given episode in each garden.
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

    /// Brings the gardens to where a run stood: `starts` says how each garden's episode began, `actions` what was done since (a row
    /// for each tick up to `tick`, the last row last; a garden that began later ignores the rows before).
    ///
    /// A garden's state is a function of the two, so this is exact, bit for bit, at the price of re-simulating one episode.
    ///
    /// # Errors
    /// A row that has not one action for each garden.
    pub fn restore(&mut self, tick: u64, starts: &[EpisodeStart], actions: &[Vec<Action>]) -> Result<(), WrongNumberOfActions> {
        let first = tick - actions.len() as u64;
        self.begin(first, starts);
        for (offset, row) in actions.iter().enumerate() {
            let now = first + offset as u64;
            let world = self.world_mut();
            for (garden, &start) in world.resource::<GardenList>().0.clone().into_iter().zip(starts) {
                // Whatever this garden did before its episode is of no account: it begins from nothing.
                if start.tick == now && offset > 0 {
                    garden::begin_episode(world, garden, start);
                }
            }
            self.step(row)?;
        }
        Ok(())
    }
}
