//! Gardens, the policy that acts in them, and the learner one tick behind: what `train` and the window run alike.

use std::sync::Arc;

use super::TrainingError;
use super::clock::WorkStopwatch;
use super::learner_link::LearnerLink;
use crate::app::Gardens;
use crate::learner::{LearnReport, Learner, LearnerError, Policy, PolicySnapshot};
use crate::mdp::Action;
use crate::random::{Stream, stream};
use crate::scenario::{Scenario, Year};

/// Gardens, the policy that acts in them, and the learner one tick behind.
pub struct ActorLearnerLoop {
    pub(super) gardens: Gardens,
    pub(super) link: LearnerLink,
    policy: Policy,
    /// The snapshot that `policy` acts from.
    pub(super) acting: PolicySnapshot,
    /// The snapshot that it acts from after the next tick, if that is known already.
    pub(super) next_acting: Option<PolicySnapshot>,
    pub(super) acting_stream: Stream,
    greedy: bool,
    action_numbers: Vec<u8>,
    /// What was done in the last tick, in every garden.
    pub(super) row: Vec<Action>,
}

/// What a tick took and brought.
#[derive(Debug, Default)]
pub struct Ticked {
    /// Seconds of work that deciding took.
    pub acting_s: f64,
    /// Seconds of work that the gardens took.
    pub environment_s: f64,
    /// What was learned from the tick before, if anything was outstanding.
    pub learned: Option<Lesson>,
}

/// What the learner made of a tick.
#[derive(Clone, Debug)]
pub struct Lesson {
    /// What the updates were like, if any were due.
    pub report: Option<LearnReport>,
    /// Seconds of work that learning took.
    pub seconds: f64,
}

impl ActorLearnerLoop {
    /// Gardens in their first moment, and a learner that has seen nothing of them; `beside` gives the learner a thread of its own.
    ///
    /// # Errors
    /// The learner's policy does not fit what the robots of the scenario observe, or its thread cannot be started.
    pub fn new(
        scenario: Arc<Scenario>,
        gardens: usize,
        seed: u64,
        year: Year,
        learner: Learner,
        beside: bool,
    ) -> Result<Self, LearnerError> {
        let acting = learner.policy();
        let gardens_count = gardens;
        let gardens = Gardens::shared(scenario, gardens, seed, year);
        Ok(Self {
            policy: Policy::new(gardens.observation_spec(), &acting)?,
            acting_stream: stream(seed, "acting", 0),
            link: LearnerLink::new(learner, beside)?,
            acting,
            next_acting: None,
            greedy: false,
            action_numbers: vec![0; gardens_count],
            row: Vec::with_capacity(gardens_count),
            gardens,
        })
    }

    /// The gardens.
    pub fn gardens(&self) -> &Gardens {
        &self.gardens
    }

    /// The gardens, to change what is to come.
    pub fn gardens_mut(&mut self) -> &mut Gardens {
        &mut self.gardens
    }

    /// The policy as it acted in the last tick.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The snapshot that it acts from.
    pub fn acting(&self) -> &PolicySnapshot {
        &self.acting
    }

    /// Plays in other gardens from now on; they must be as many, and their robots must see the same.
    pub fn play_in(&mut self, gardens: Gardens) {
        debug_assert_eq!(gardens.len(), self.action_numbers.len());
        self.gardens = gardens;
    }

    /// Lets another learner learn from now on; the policy that acts stays until it has learned something.
    ///
    /// # Errors
    /// The learner's thread cannot be started; the learner that was there goes on.
    pub fn learn_with(&mut self, learner: Learner, beside: bool) -> Result<(), LearnerError> {
        self.link = LearnerLink::new(learner, beside)?;
        self.next_acting = None;
        Ok(())
    }

    /// Whether the best action is always taken, in the eyes of the policy, instead of exploring.
    pub fn act_greedily(&mut self, greedily: bool) {
        self.greedy = greedily;
    }

    /// One tick: a decision of every garden, and what was learned from the one before. `overrule` may change the decisions of the
    /// policy; with `learn`, what was experienced is handed to the learner.
    ///
    /// # Errors
    /// The learner is gone, or what it learned is not finite.
    pub fn tick(&mut self, overrule: impl FnOnce(&mut Gardens, &mut [Action]), learn: bool) -> Result<Ticked, TrainingError> {
        let stopwatch = WorkStopwatch::start();
        let (observations, numbers) = (self.gardens.observations(), &mut self.action_numbers);
        if self.greedy {
            self.policy.greedy(observations, numbers);
        } else {
            self.policy.act(observations, &mut self.acting_stream, numbers);
        }
        self.row.clear();
        self.row.extend(
            self.action_numbers
                .iter()
                .map(|&number| Action::from_index(number.into()).unwrap_or_default()),
        );
        overrule(&mut self.gardens, &mut self.row);
        let acting_s = stopwatch.seconds();
        let stopwatch = WorkStopwatch::start();
        self.gardens.step(&self.row);
        let environment_s = stopwatch.seconds();

        let learned = self.receive()?;
        self.follow_learner();
        if learn {
            self.link.send(self.gardens.experience())?;
        }
        Ok(Ticked {
            acting_s,
            environment_s,
            learned,
        })
    }

    /// Takes back what came of the last tick, if that is still outstanding.
    ///
    /// # Errors
    /// The learner is gone, or what it learned is not finite.
    pub fn receive(&mut self) -> Result<Option<Lesson>, TrainingError> {
        let Some(learned) = self.link.receive()? else {
            return Ok(None);
        };
        let learned = learned?;
        self.next_acting = Some(learned.policy);
        Ok(Some(Lesson {
            report: learned.report,
            seconds: learned.seconds,
        }))
    }

    /// Acts from what was learned, from now on.
    pub fn follow_learner(&mut self) {
        if let Some(next) = self.next_acting.take() {
            self.act_from(next);
        }
    }

    /// Acts from this snapshot, from now on.
    pub fn act_from(&mut self, snapshot: PolicySnapshot) {
        self.acting = snapshot;
        self.policy.set(&self.acting);
    }

    /// Acts from this snapshot after the next tick.
    pub fn act_next_from(&mut self, snapshot: PolicySnapshot) {
        self.next_acting = Some(snapshot);
    }

    /// Asks the learner something, after everything that was handed over before.
    ///
    /// # Errors
    /// The learner's thread is gone.
    pub fn ask<T: Send + 'static>(
        &mut self,
        question: impl FnOnce(&mut Learner) -> T + Send + 'static,
    ) -> Result<T, super::LearnerGone> {
        self.link.ask(question)
    }
}
