//! The actor-learner loop of `train` and of the window: one world in which gardens are played, recorded and learned from.
//!
//! Everything of a tick is a system of the world's [`Tick`](crate::app::Tick) schedule ([`acting`](super::acting),
//! [`learning`](super::learning)); the loop runs the schedule and looks at what came out.

use std::sync::Arc;

use bevy::ecs::component::Mutable;
use bevy::prelude::{Mut, Resource, World};

use super::acting::Actor;
use super::learner_link::LearnerLink;
use super::learning::{ActorLearnerPlugin, Learning, Lesson, TickReport, receive};
use super::{LearnerGone, TrainingError};
use crate::app::Gardens;
use crate::learner::{Learner, LearnerError};
use crate::metrics::Record;
use crate::metrics::collecting::{CollectedRecords, RecordedYear};
use crate::scenario::{Scenario, Year};

/// Gardens, the policy that acts in them, and the learner one tick behind.
pub struct ActorLearnerLoop {
    gardens: Gardens,
}

/// Times of a tick and what was learned in it.
#[derive(Clone, Debug)]
pub struct Ticked {
    /// Seconds of work for deciding.
    pub acting_s: f64,
    /// Seconds of work for the gardens.
    pub environment_s: f64,
    /// Result of learning from the tick before, if anything was outstanding.
    pub learned: Option<Lesson>,
}

impl ActorLearnerLoop {
    /// Creates gardens in their first moment and a learner that has seen nothing of them; `on_own_thread` gives the learner a thread of its own.
    ///
    /// # Errors
    /// The learner's policy does not fit what the robots of the scenario observe, or its thread cannot be started.
    pub fn new(
        scenario: Arc<Scenario>,
        gardens: usize,
        seed: u64,
        year: Year,
        learner: Learner,
        on_own_thread: bool,
    ) -> Result<Self, LearnerError> {
        let mut gardens = Gardens::with_plugins(scenario, gardens, seed, year, |app| {
            app.add_plugins(ActorLearnerPlugin);
        });
        let actor = Actor::new(gardens.observation_spec(), learner.policy(), seed)?;
        let world = gardens.world_mut();
        world.insert_resource(actor);
        world.insert_resource(LearnerLink::new(learner, on_own_thread)?);
        world.insert_resource(Learning(true));
        world.insert_resource(TickReport::default());
        Ok(Self { gardens })
    }

    /// Returns the gardens.
    pub fn gardens(&self) -> &Gardens {
        &self.gardens
    }

    /// Returns the gardens, to change what is to come.
    pub fn gardens_mut(&mut self) -> &mut Gardens {
        &mut self.gardens
    }

    /// Returns the policy that acts.
    pub fn actor(&self) -> &Actor {
        self.gardens.world().resource()
    }

    /// Returns the policy that acts, to change it.
    pub fn actor_mut(&mut self) -> Mut<'_, Actor> {
        self.resource_mut()
    }

    /// Runs one tick and returns its times and lesson.
    ///
    /// # Errors
    /// The learner is gone, or what it learned is not finite.
    pub fn tick(&mut self) -> Result<Ticked, TrainingError> {
        self.gardens.tick();
        let mut report = self.resource_mut::<TickReport>();
        let ticked = Ticked {
            acting_s: report.acting_s,
            environment_s: report.environment_s,
            learned: report.lesson.take(),
        };
        report.failure.take().map_or(Ok(ticked), Err)
    }

    /// Collects records from now on, for a writer to take after each tick; they count years of `ticks_per_year` ticks.
    pub fn collect_records(&mut self, ticks_per_year: u64) {
        let world = self.gardens.world_mut();
        world.insert_resource(CollectedRecords::default());
        world.insert_resource(RecordedYear { ticks: ticks_per_year });
    }

    /// Takes the records that were collected since the last call.
    pub fn take_records(&mut self) -> Vec<Record> {
        let records = self.gardens.world_mut().get_resource_mut::<CollectedRecords>();
        records.map_or_else(Vec::new, |mut records| std::mem::take(&mut records.0))
    }

    /// Goes on in other gardens, as many as before, whose robots observe the same: actor and learner move over. The new gardens are in
    /// their first moment.
    pub fn play_in(&mut self, scenario: Arc<Scenario>, seed: u64, year: Year) {
        fn move_over<R: Resource>(from: &mut World, to: &mut World) {
            if let Some(resource) = from.remove_resource::<R>() {
                to.insert_resource(resource);
            }
        }
        let mut gardens = Gardens::with_plugins(scenario, self.gardens.len(), seed, year, |app| {
            app.add_plugins(ActorLearnerPlugin);
        });
        let (from, to) = (self.gardens.world_mut(), gardens.world_mut());
        move_over::<Actor>(from, to);
        move_over::<LearnerLink>(from, to);
        move_over::<Learning>(from, to);
        move_over::<TickReport>(from, to);
        move_over::<CollectedRecords>(from, to);
        move_over::<RecordedYear>(from, to);
        self.gardens = gardens;
    }

    /// Hands experience to the learner from now on, or no longer.
    pub fn learn(&mut self, on: bool) {
        self.resource_mut::<Learning>().0 = on;
    }

    /// Takes back the result of the last tick, if it is outstanding.
    ///
    /// # Errors
    /// The learner is gone, or what it learned is not finite.
    pub fn receive(&mut self) -> Result<Option<Lesson>, TrainingError> {
        let world = self.gardens.world_mut();
        world.resource_scope(|world, mut link: Mut<LearnerLink>| receive(&mut link, &mut world.resource_mut::<Actor>()))
    }

    /// Lets another learner learn from now on; the policy that acts stays until that has learned something.
    ///
    /// # Errors
    /// The learner's thread cannot be started; the learner that was there goes on.
    pub fn learn_with(&mut self, learner: Learner, on_own_thread: bool) -> Result<(), LearnerError> {
        let link = LearnerLink::new(learner, on_own_thread)?;
        self.gardens.world_mut().insert_resource(link);
        self.actor_mut().next = None;
        Ok(())
    }

    /// Asks the learner something, after everything that was handed over before.
    ///
    /// # Errors
    /// The learner's thread is gone.
    pub fn ask<T: Send + 'static>(
        &mut self,
        question: impl FnOnce(&mut Learner) -> T + Send + 'static,
    ) -> Result<T, LearnerGone> {
        self.resource_mut::<LearnerLink>().ask(question)
    }

    fn resource_mut<R: Resource<Mutability = Mutable>>(&mut self) -> Mut<'_, R> {
        self.gardens.world_mut().resource_mut()
    }
}
