//! A run, tick by tick.
//!
//! The gardens are simulated, the learner learns one tick behind ([`LearnerLink`]), policies are evaluated on a separate thread
//! ([`evaluator`](crate::training::evaluator)), and all records are written at fixed ticks. A run is therefore a function of its
//! configuration alone: however often it is stopped, killed and resumed, on one thread or on several.

mod evaluating;
mod looking;
mod origin;
mod records;
mod saving;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::app::Gardens;
use crate::evaluation::{Ledger, ScoreBaseline};
use crate::learner::{Learner, PolicySnapshot, methods};
use crate::mdp::Action;
use crate::metrics::Recorder;
use crate::scenario::{Calendar, Scenario};
use crate::training::actor_learner_loop::ActorLearnerLoop;
use crate::training::clock::{Stopwatch, wall_time_s};
use crate::training::evaluator::{Evaluation, SeasonResult};
use crate::training::event::{Observer, TrainingEvent};
use crate::training::inside::Inside;
use crate::training::learning::Lesson;
use crate::training::progress::RunProgress;
use crate::training::run_folder::RunFolder;
use crate::training::summary::Summary;
use crate::training::{RunConfig, TrainingError};

/// Number of training episodes over which the displayed score is averaged.
const RECENT_EPISODES: usize = 32;

/// Options for executing a run. None of them changes the results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Execution {
    /// `true` if the learner and the evaluations run on threads of their own.
    pub overlapped: bool,
}

impl Default for Execution {
    fn default() -> Self {
        Self { overlapped: true }
    }
}

/// Outcome of a session of a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The run is finished.
    Finished(Box<Summary>),
    /// The run was asked to stop, and can be resumed from a checkpoint.
    Stopped {
        /// Path of the checkpoint.
        checkpoint: std::path::PathBuf,
        /// Number of decisions taken.
        decisions: u64,
    },
}

/// A run in progress.
pub struct Training {
    config: RunConfig,
    scenario: Arc<Scenario>,
    /// Beginning and end of each season.
    calendar: Calendar,
    execution: Execution,
    folder: RunFolder,
    recorder: Recorder,
    play: ActorLearnerLoop,
    /// Actions since the oldest current episode began, one row for each tick.
    actions: Vec<Vec<Action>>,
    progress: RunProgress,
    evaluation: Option<Evaluation<SeasonResult>>,
    baselines: Option<Evaluation<ScoreBaseline>>,
    /// Equipment for looks inside; `None` if there are none, and while a look is under way.
    inside: Option<Box<Inside>>,
    sitting: Stopwatch,
    /// Duration of the earlier sessions, in seconds.
    earlier_s: f64,
    /// Newer checkpoints that could not be used, until an observer is told.
    skipped: Vec<TrainingEvent<'static>>,
}

impl Training {
    /// Checks that a run can begin. Writes nothing.
    ///
    /// # Errors
    /// The configuration cannot be run or names another program or policy, or the initial policy does not fit it.
    pub fn check(config: &RunConfig, initial_policy: Option<&PolicySnapshot>) -> Result<(), TrainingError> {
        Self::check_origin(config, initial_policy)?;
        first_learner(config, initial_policy).map(|_| ())
    }

    fn check_origin(config: &RunConfig, initial_policy: Option<&PolicySnapshot>) -> Result<(), TrainingError> {
        config.check()?;
        config.check_memory()?;
        origin::check_program(&config.to_toml()?)?;
        origin::check_initial_policy(config, initial_policy)
    }

    /// Begins a run in a folder that was reserved for it. The configuration names this program and the hash of `initial_policy`. If this
    /// fails, nothing remains of the folder.
    ///
    /// The folder becomes that of a run when the first checkpoint is written, so that resuming does not need the initial policy.
    ///
    /// # Errors
    /// The configuration cannot be run or names another program or policy, the initial policy does not fit it, or the folder cannot be
    /// written.
    pub fn start(
        config: RunConfig,
        folder: RunFolder,
        initial_policy: Option<&PolicySnapshot>,
        execution: Execution,
    ) -> Result<Self, TrainingError> {
        let begun = Self::check_origin(&config, initial_policy).and_then(|()| {
            let learner = first_learner(&config, initial_policy)?;
            Ok((learner, Recorder::create(folder.path(), wall_time_s())?, config.to_toml()?))
        });
        let (learner, recorder, config_toml) = match begun {
            Ok(begun) => begun,
            Err(error) => {
                folder.discard();
                return Err(error);
            }
        };
        let evaluated = policies_in(&learner, &config, &config.evaluated_seasons(0));
        let mut training = Self::assemble(config, folder, recorder, learner, execution)?;
        training.begin_evaluation(0, evaluated, Ledger::default());
        match training.write_first(&config_toml) {
            Ok(()) => Ok(training),
            Err(error) => {
                let Self { folder, recorder, .. } = training;
                drop(recorder);
                folder.discard();
                Err(error)
            }
        }
    }

    /// Writes the album, the first checkpoint, and the configuration if it is missing.
    fn write_first(&mut self, config_toml: &str) -> Result<(), TrainingError> {
        self.open_album()?;
        self.write_checkpoint(false)?;
        if !self.folder.is_begun() {
            self.folder.write_config(config_toml)?;
        }
        Ok(())
    }

    fn assemble(
        config: RunConfig,
        folder: RunFolder,
        recorder: Recorder,
        learner: Learner,
        execution: Execution,
    ) -> Result<Self, TrainingError> {
        let scenario = Arc::new(config.scenario.clone());
        let calendar = config.calendar();
        let (gardens, seed, year) = (config.gardens, config.seed, config.year());
        let mut play = match ActorLearnerLoop::new(scenario.clone(), gardens, seed, year, learner, execution.overlapped) {
            Ok(play) => play,
            Err(error) => {
                folder.discard();
                return Err(error.into());
            }
        };
        play.collect_records(calendar.ticks_per_year());
        Ok(Self {
            play,
            actions: Vec::new(),
            progress: RunProgress::default(),
            evaluation: None,
            baselines: None,
            inside: None,
            sitting: Stopwatch::start(),
            earlier_s: 0.0,
            skipped: Vec::new(),
            calendar,
            config,
            scenario,
            execution,
            folder,
            recorder,
        })
    }

    /// Returns the configuration.
    pub fn config(&self) -> &RunConfig {
        &self.config
    }

    /// Returns the folder of the run.
    pub fn folder(&self) -> &RunFolder {
        &self.folder
    }

    /// Returns the gardens, for inspection.
    pub fn gardens(&self) -> &Gardens {
        self.play.gardens()
    }

    /// Returns the number of decisions taken.
    pub fn decisions(&self) -> u64 {
        self.progress.tick * self.config.gardens as u64
    }

    /// Asks the learner something between two ticks.
    ///
    /// # Errors
    /// The learner has ended.
    pub fn ask<T: Send + 'static>(
        &mut self,
        question: impl FnOnce(&mut Learner) -> T + Send + 'static,
    ) -> Result<T, TrainingError> {
        Ok(self.play.ask(question)?)
    }

    /// Continues the run to its end, or until `stop` is set: then the tick is completed and a checkpoint is written.
    ///
    /// # Errors
    /// Any error that stops the run. The last good checkpoint is kept.
    pub fn run(&mut self, observer: &mut dyn Observer, stop: &AtomicBool) -> Result<Outcome, TrainingError> {
        let seasons: Vec<String> = self.scenario.seasons.iter().map(|season| season.name.clone()).collect();
        let started = TrainingEvent::Started {
            run_id: &self.folder.id(),
            seasons: &seasons,
            total_decisions: self.config.decisions(),
            decisions: self.decisions(),
        };
        observer.event(&started);
        for skipped in std::mem::take(&mut self.skipped) {
            observer.event(&skipped);
        }
        while self.progress.tick < self.calendar.ticks() {
            if stop.load(Ordering::Relaxed) {
                // The checkpoint of a season's end is replaced by one that is kept in the same way.
                let season_end = self.calendar.ends_after(self.progress.tick);
                let checkpoint = self.write_checkpoint(season_end)?;
                return Ok(Outcome::Stopped {
                    checkpoint,
                    decisions: self.decisions(),
                });
            }
            self.tick(observer)?;
        }
        self.finish(observer)
    }

    /// Runs one tick: a decision in every garden, learning from the last tick, and everything that is due.
    fn tick(&mut self, observer: &mut dyn Observer) -> Result<(), TrainingError> {
        let ticked = self.play.tick()?;
        self.progress.timing.environment_s += ticked.environment_s;
        self.progress.timing.learning_s += ticked.acting_s;
        self.remember_actions();
        self.count_lesson(ticked.learned);
        let ended_tick = self.progress.tick;
        self.progress.tick += 1;

        self.record_collected()?;
        let decisions = self.decisions();
        if due(decisions, self.config.gardens as u64, self.config.record_every_decisions) {
            self.record_learning()?;
        }
        let season_ends = self.calendar.ends_after(self.progress.tick);
        let turning = self.calendar.begins_to_turn_after(self.progress.tick);
        let turning = turning.filter(|_| self.config.turns());
        if season_ends
            || turning.is_some()
            || self
                .progress
                .evaluation
                .as_ref()
                .is_some_and(|evaluation| self.progress.tick >= evaluation.due_tick)
        {
            self.record_evaluation(observer)?;
        }
        if season_ends {
            self.end_season(self.calendar.ended(self.progress.tick))?;
        } else if let Some(season) = turning {
            self.evaluate_turning(season)?;
        } else if due_unless_off(decisions, self.config.gardens as u64, self.config.inside.every_decisions) {
            self.look_inside()?;
        }
        if season_ends || due(decisions, self.config.gardens as u64, self.config.checkpoints.every_decisions) {
            let path = self.write_checkpoint(season_ends)?;
            observer.event(&TrainingEvent::CheckpointWritten { path });
        }
        self.tell_tick(ended_tick, observer);
        Ok(())
    }

    /// Receives the result of the last tick, if it has not been received yet.
    fn receive(&mut self) -> Result<(), TrainingError> {
        let learned = self.play.receive()?;
        self.count_lesson(learned);
        Ok(())
    }

    fn count_lesson(&mut self, lesson: Option<Lesson>) {
        let Some(lesson) = lesson else { return };
        self.progress.timing.learning_s += lesson.seconds;
        if let Some(report) = &lesson.report {
            self.progress.learning.add(report);
        }
    }
}

/// Tells the learner which season comes next, if its method must know. The number of a season stays the same when it returns.
pub(crate) fn tell_season(learner: &mut Learner, season: usize) {
    if learner.plan().needs.task_at_test_time {
        learner.task_identified(season as u16);
    }
}

/// Returns `true` if something that is due every `every` decisions was due within the last `step` decisions.
fn due(decisions: u64, step: u64, every: u64) -> bool {
    decisions / every > (decisions - step) / every
}

/// The same for something that 0 turns off.
fn due_unless_off(decisions: u64, step: u64, every: u64) -> bool {
    every > 0 && due(decisions, step, every)
}

pub(crate) fn new_learner(config: &RunConfig) -> Result<Learner, TrainingError> {
    let spec = config.learner_spec();
    Ok(Learner::new(&config.algorithm, &config.method, &config.learner, spec)?)
}

/// Returns the learner of a run before its first decision.
fn first_learner(config: &RunConfig, initial_policy: Option<&PolicySnapshot>) -> Result<Learner, TrainingError> {
    let mut learner = new_learner(config)?;
    if let Some(policy) = initial_policy {
        learner
            .initialise_policy(policy)
            .map_err(TrainingError::InitialPolicyMisfit)?;
    }
    if config.declares_boundaries() && !config.all_at_once() {
        tell_season(&mut learner, 0);
        learner.task_started();
    }
    Ok(learner)
}

/// Returns the policies to be evaluated, one for each season. They differ only where the season is told: to a method that needs it, or for an
/// output layer of its own.
pub(crate) fn evaluated_policies(learner: &Learner, config: &RunConfig) -> Vec<PolicySnapshot> {
    let told = is_told_the_season(config);
    (0..config.scenario.seasons.len())
        .map(|season| learner.evaluated_policy(told.then_some(season as u16)))
        .collect()
}

/// Returns the policies to be evaluated in some seasons: one for each if the season is told, otherwise one for all. A long life would hold a hundred
/// copies of one network.
fn policies_in(learner: &Learner, config: &RunConfig, seasons: &[usize]) -> Vec<PolicySnapshot> {
    if is_told_the_season(config) {
        let of = |season: &usize| learner.evaluated_policy(Some(*season as u16));
        seasons.iter().map(of).collect()
    } else {
        vec![learner.evaluated_policy(None)]
    }
}

/// Returns the policies of all seasons: one for each if the season is told, otherwise one for all.
fn policies_of_all(learner: &Learner, config: &RunConfig) -> Vec<PolicySnapshot> {
    policies_in(learner, config, &(0..config.scenario.seasons.len()).collect::<Vec<_>>())
}

fn is_told_the_season(config: &RunConfig) -> bool {
    methods::plan_with(&config.method, &config.learner).is_ok_and(|plan| plan.needs.task_at_test_time)
}
