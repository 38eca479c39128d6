//! A run, tick by tick.
//!
//! The gardens play, the learner learns one tick behind ([`LearnerLink`]), policies are examined on a thread of their own
//! ([`examiner`](super::examiner)), and everything that is written down is written at fixed ticks. So a run is a function of its
//! configuration alone: however often it is stopped, killed and resumed, on one thread or on several.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::clock::{Stopwatch, wall_time_s};
use super::event::{Observer, TrainingEvent};
use super::examiner::{Exam, SeasonResult, examine_policies, measure_yardsticks};
use super::learner_link::LearnerLink;
use super::progress::{EXAM_LAG_TICKS, PendingExam, Progress};
use super::run_folder::{Checkpoint, RunFolder};
use super::summary::{RunName, Summary};
use super::{RunConfig, TrainingError};
use crate::app::Gardens;
use crate::evaluation::measures::WateringCount;
use crate::evaluation::{Ledger, Yardstick};
use crate::learner::{
    Acting, Learner, LearnerError, LearnerLedger, LearnerSpec, Policy, PolicySnapshot, StateDict, methods, single_threaded,
};
use crate::mdp::Action;
use crate::metrics::{EpisodeRecord, EvaluationRecord, Record, Recorder, SeasonRecord};
use crate::random::{Stream, stream};
use crate::scenario::Scenario;

/// Training episodes over which the score that is shown is averaged.
const RECENT_EPISODES: usize = 32;

/// How a run is carried out; nothing of it changes what comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Execution {
    /// The learner and the examinations have threads of their own.
    pub overlapped: bool,
}

impl Default for Execution {
    fn default() -> Self {
        Self { overlapped: true }
    }
}

/// How a sitting ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The run is finished.
    Finished(Box<Summary>),
    /// It was asked to stop, and can go on from a checkpoint.
    Stopped {
        /// The checkpoint.
        checkpoint: std::path::PathBuf,
        /// Decisions that are done.
        decisions: u64,
    },
}

/// A run that can be carried on.
pub struct Training {
    config: RunConfig,
    scenario: Arc<Scenario>,
    execution: Execution,
    folder: RunFolder,
    recorder: Recorder,
    gardens: Gardens,
    link: LearnerLink,
    policy: Policy,
    /// The snapshot that `policy` acts from.
    acting: PolicySnapshot,
    /// The snapshot that it acts from after the next tick, if that is known already.
    next_acting: Option<PolicySnapshot>,
    acting_stream: Stream,
    /// What was done since the oldest episode under way began, a row for each tick.
    actions: Vec<Vec<Action>>,
    progress: Progress,
    exam: Option<Exam<SeasonResult>>,
    yardsticks: Option<Exam<Yardstick>>,
    sitting: Stopwatch,
    /// Seconds of the sittings before this one.
    earlier_s: f64,
    /// What was wrong with newer checkpoints, until somebody is told.
    skipped: Vec<TrainingEvent<'static>>,
    action_numbers: Vec<u8>,
    row: Vec<Action>,
}

impl Training {
    /// Begins a run in a folder that was made for it.
    ///
    /// # Errors
    /// A configuration that cannot be run, or a folder that cannot be written.
    pub fn start(
        config: RunConfig,
        folder: RunFolder,
        initial_policy: Option<&PolicySnapshot>,
        execution: Execution,
    ) -> Result<Self, TrainingError> {
        config.check()?;
        let recorder = Recorder::create(folder.path(), wall_time_s())?;
        let mut learner = new_learner(&config)?;
        if let Some(policy) = initial_policy {
            learner.initialise_policy(policy)?;
        }
        if config.declares_boundaries() && !config.all_at_once() {
            tell_season(&mut learner, 0);
            learner.task_started();
        }
        let acting = learner.policy();
        let evaluated = evaluated_policies(&learner, &config);
        let mut training = Self::assemble(config, folder, recorder, learner, acting, execution)?;
        training.begin_exam(0, evaluated, Ledger::default());
        training.write_checkpoint(false)?;
        Ok(training)
    }

    /// Goes on with a run from its newest checkpoint that is whole.
    ///
    /// # Errors
    /// No checkpoint can be used, or the folder cannot be written.
    pub fn resume(folder: RunFolder, execution: Execution) -> Result<Self, TrainingError> {
        let config: RunConfig = toml::from_str(&folder.config_toml()?)?;
        config.check()?;
        let (checkpoint, used, damaged) = folder.checkpoints().newest()?;
        let state = StateDict::from_bytes(&checkpoint.body)?;
        let mut progress: Progress = state.get("training.progress")?;
        let recorder = Recorder::resume(folder.path(), progress.records)?;
        let mut learner = new_learner(&config)?;
        learner.load(&state)?;
        let acting = PolicySnapshot::load(&state, "training.acting")?;
        if let Some(exam) = &mut progress.exam {
            exam.policies = (0..config.scenario.seasons.len())
                .map(|season| PolicySnapshot::load(&state, &format!("training.exam.{season}")))
                .collect::<Result<_, _>>()?;
        }
        let next_acting = (progress.tick > 0).then(|| learner.policy());
        let mut training = Self::assemble(config, folder, recorder, learner, acting, execution)?;
        training.next_acting = next_acting;
        training.acting_stream = state.get("training.acting_stream")?;
        training.progress = progress;
        training.earlier_s = training.progress.timing.total_s;
        let numbers: Vec<u8> = state.array("training.actions")?;
        training.actions = numbers
            .chunks(training.config.gardens)
            .map(|row| {
                row.iter()
                    .map(|&number| Action::from_index(number.into()).unwrap_or_default())
                    .collect()
            })
            .collect();
        let starts: Vec<_> = state.get("training.episode_starts")?;
        training.gardens.restore(training.progress.tick, &starts, &training.actions);
        state
            .expect("training.state_hash", &training.gardens.state_hash())
            .or_else(|error| {
                // Before the first tick there is nothing to hash.
                if training.progress.tick == 0 { Ok(()) } else { Err(error) }
            })?;
        training.launch_exam();
        training.skipped = damaged
            .into_iter()
            .map(|damaged| TrainingEvent::SkippedDamaged {
                path: damaged.path,
                reason: damaged.error.to_string(),
                used: used.clone(),
            })
            .collect();
        Ok(training)
    }

    fn assemble(
        config: RunConfig,
        folder: RunFolder,
        recorder: Recorder,
        learner: Learner,
        acting: PolicySnapshot,
        execution: Execution,
    ) -> Result<Self, TrainingError> {
        let scenario = Arc::new(config.scenario.clone());
        let gardens = Gardens::shared(scenario.clone(), config.gardens, config.seed, config.year());
        Ok(Self {
            policy: Policy::new(gardens.observation_spec(), &acting)?,
            acting_stream: stream(config.seed, "acting", 0),
            link: LearnerLink::new(learner, execution.overlapped),
            acting,
            next_acting: None,
            actions: Vec::new(),
            progress: Progress::default(),
            exam: None,
            yardsticks: None,
            sitting: Stopwatch::start(),
            earlier_s: 0.0,
            skipped: Vec::new(),
            action_numbers: vec![0; config.gardens],
            row: Vec::with_capacity(config.gardens),
            config,
            scenario,
            execution,
            folder,
            recorder,
            gardens,
        })
    }

    /// What the run is determined by.
    pub fn config(&self) -> &RunConfig {
        &self.config
    }

    /// Its folder.
    pub fn folder(&self) -> &RunFolder {
        &self.folder
    }

    /// Its gardens, to look at.
    pub fn gardens(&self) -> &Gardens {
        &self.gardens
    }

    /// Decisions that are done.
    pub fn decisions(&self) -> u64 {
        self.progress.tick * self.config.gardens as u64
    }

    /// Carries the run on to its end, or until `stop` is set: then the tick ends and a checkpoint is written.
    ///
    /// # Errors
    /// Whatever stops it; the last good checkpoint is then still there.
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
        // Matrix products of acting are small too: they stay on one thread like the learner's.
        single_threaded(|| self.run_on_one_thread(observer, stop))?
    }

    fn run_on_one_thread(&mut self, observer: &mut dyn Observer, stop: &AtomicBool) -> Result<Outcome, TrainingError> {
        while self.progress.tick < self.config.ticks() {
            if stop.load(Ordering::Relaxed) {
                let checkpoint = self.write_checkpoint(false)?;
                return Ok(Outcome::Stopped {
                    checkpoint,
                    decisions: self.decisions(),
                });
            }
            self.tick(observer)?;
        }
        self.finish(observer)
    }

    /// One tick: a decision of every garden, what is learned from the last one, what is due.
    fn tick(&mut self, observer: &mut dyn Observer) -> Result<(), TrainingError> {
        self.policy
            .act(self.gardens.observations(), &mut self.acting_stream, &mut self.action_numbers);
        self.row.clear();
        self.row.extend(
            self.action_numbers
                .iter()
                .map(|&number| Action::from_index(number.into()).unwrap_or_default()),
        );
        let stopwatch = Stopwatch::start();
        self.gardens.step(&self.row);
        self.progress.timing.environment_s += stopwatch.seconds();
        self.remember_actions();

        self.receive()?;
        if let Some(next) = self.next_acting.take() {
            self.acting = next;
            self.policy.set(&self.acting);
        }
        self.link.send(self.gardens.experience())?;
        let ended_tick = self.progress.tick;
        self.progress.tick += 1;

        self.record_episodes(ended_tick)?;
        let (ticks_per_season, decisions) = (self.config.ticks_per_season(), self.decisions());
        if due(decisions, self.config.gardens as u64, self.config.record_every_decisions) {
            self.record_learning()?;
        }
        let season_ends = self.progress.tick.is_multiple_of(ticks_per_season);
        if season_ends
            || self
                .progress
                .exam
                .as_ref()
                .is_some_and(|exam| self.progress.tick >= exam.due_tick)
        {
            self.write_down_exam(observer)?;
        }
        if season_ends {
            self.end_season((self.progress.tick / ticks_per_season) as usize)?;
        }
        if season_ends || due(decisions, self.config.gardens as u64, self.config.checkpoints.every_decisions) {
            let path = self.write_checkpoint(season_ends)?;
            observer.event(&TrainingEvent::CheckpointWritten { path });
        }
        self.tell_tick(ended_tick, observer);
        Ok(())
    }

    /// Keeps what was done as far back as the oldest episode under way.
    fn remember_actions(&mut self) {
        let now = self.gardens.clock();
        let oldest = self
            .gardens
            .episode_starts()
            .iter()
            .map(|start| start.tick)
            .min()
            .unwrap_or(now);
        self.actions.push(self.row.clone());
        let kept = (now - oldest) as usize;
        if self.actions.len() > kept {
            self.actions.drain(..self.actions.len() - kept);
        }
    }

    /// Takes back what came of the last tick, if that is still outstanding.
    fn receive(&mut self) -> Result<(), TrainingError> {
        if let Some(learned) = self.link.receive()? {
            let learned = learned?;
            self.progress.timing.learning_s += learned.seconds;
            if let Some(report) = &learned.report {
                self.progress.learning.add(report);
            }
            self.next_acting = Some(learned.policy);
        }
        Ok(())
    }

    fn season_name(&self, tick: u64) -> &str {
        if self.config.all_at_once() {
            return "all seasons";
        }
        let seasons = &self.scenario.seasons;
        &seasons[(tick / self.config.ticks_per_season()) as usize % seasons.len()].name
    }

    fn record(&mut self, record: Record) -> Result<(), TrainingError> {
        Ok(self.recorder.record(&record, wall_time_s())?)
    }

    fn record_episodes(&mut self, ended_tick: u64) -> Result<(), TrainingError> {
        let per_year = self.config.ticks_per_season() * self.scenario.seasons.len() as u64;
        for finished in self.gardens.finished_episodes().to_vec() {
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
                terminated: episode.end == Some(crate::garden::EpisodeEnd::Terminated),
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

    fn record_learning(&mut self) -> Result<(), TrainingError> {
        let exploration = match self.acting.acting {
            Acting::EpsilonGreedy { epsilon } => f64::from(epsilon),
            Acting::Categorical => 0.0,
        };
        let (held, memory_bytes) = self
            .link
            .ask(|learner| (learner.memory_composition(), learner.ledger().memory_bytes))?;
        self.progress.most_memory_bytes = self.progress.most_memory_bytes.max(memory_bytes);
        let experiences = held.fresh.iter().chain(&held.past).sum::<usize>() as u64;
        match self.progress.learning.take(self.decisions(), exploration, experiences) {
            Some(record) => self.record(Record::Learning(record)),
            None => Ok(()),
        }
    }

    /// A season has been learned: the learner is told, if there is a boundary, and its policy is examined.
    fn end_season(&mut self, row: usize) -> Result<(), TrainingError> {
        // Everything that the season taught counts, its last tick too.
        self.receive()?;
        let (declared, all_at_once) = (self.config.declares_boundaries(), self.config.all_at_once());
        let is_last = self.progress.tick == self.config.ticks();
        let config = self.config.clone();
        let next_season = row % self.scenario.seasons.len();
        let (policies, ledger, policy) = self.link.ask(move |learner| {
            let is_boundary = declared && !all_at_once;
            // Before anything is cleared: what a method needs is what it holds at most.
            let memory_bytes = learner.ledger().memory_bytes;
            if is_boundary {
                learner.task_ended();
            }
            let ledger = LearnerLedger {
                memory_bytes,
                ..learner.ledger()
            };
            let examined = (evaluated_policies(learner, &config), ledger);
            if is_boundary && !is_last {
                tell_season(learner, next_season);
                learner.task_started();
            }
            (examined.0, examined.1, learner.policy())
        })?;
        self.next_acting = Some(policy);
        self.progress.recent_returns.clear();
        self.progress.most_memory_bytes = self.progress.most_memory_bytes.max(ledger.memory_bytes);
        let ledger = self.ledger(&ledger);
        self.begin_exam(row, policies, ledger);
        Ok(())
    }

    fn ledger(&self, learner: &LearnerLedger) -> Ledger {
        Ledger {
            decisions: learner.decisions,
            updates: learner.updates,
            multiply_adds: learner.multiply_adds + learner.acting_multiply_adds,
            evaluation_decisions: self.progress.evaluation_decisions,
            memory_bytes: learner.memory_bytes.max(self.progress.most_memory_bytes),
            method_state_bytes: learner.method_state_bytes,
        }
    }

    fn begin_exam(&mut self, row: usize, policies: Vec<PolicySnapshot>, ledger: Ledger) {
        let due_tick = self.progress.tick + EXAM_LAG_TICKS;
        self.progress.exam = Some(PendingExam {
            row,
            due_tick,
            decisions: self.decisions(),
            ledger,
            policies,
        });
        self.launch_exam();
    }

    fn launch_exam(&mut self) {
        let (probes, beside) = (self.config.probes(), self.execution.overlapped);
        if self.progress.yardsticks.is_none() && self.yardsticks.is_none() {
            self.yardsticks = Some(measure_yardsticks(self.scenario.clone(), probes, beside));
        }
        if let Some(exam) = &self.progress.exam {
            self.exam = Some(examine_policies(self.scenario.clone(), exam.policies.clone(), probes, beside));
        }
    }

    /// Waits for the examination under way and writes its result down.
    fn write_down_exam(&mut self, observer: &mut dyn Observer) -> Result<(), TrainingError> {
        let Some((pending, exam)) = self.progress.exam.take().zip(self.exam.take()) else {
            return Ok(());
        };
        if let Some(yardsticks) = self.yardsticks.take() {
            let measured = yardsticks.result()??;
            self.progress.evaluation_decisions += measured.decisions;
            self.progress.timing.evaluation_s += measured.seconds;
            self.progress.yardsticks = Some(measured.seasons);
        }
        let examined = exam.result()??;
        self.progress.evaluation_decisions += examined.decisions;
        self.progress.timing.evaluation_s += examined.seconds;
        self.progress
            .returns
            .push(examined.seasons.iter().map(|season| season.mean_return).collect());
        self.progress.watering = examined.seasons.iter().map(|season| season.watering).collect();

        let scores = self.scores(pending.row)?;
        let names: Vec<String> = self.scenario.seasons.iter().map(|season| season.name.clone()).collect();
        for ((name, result), &score) in names.iter().zip(&examined.seasons).zip(&scores) {
            self.record(Record::Evaluation(EvaluationRecord {
                decisions: pending.decisions,
                row: Some(pending.row),
                season: name.clone(),
                episodes: self.config.evaluation.episodes as u64,
                mean_return: result.mean_return,
                score,
            }))?;
        }
        let season = if pending.row == 0 {
            "nothing"
        } else {
            &names[(pending.row - 1) % names.len()]
        };
        if pending.row > 0 {
            self.record(Record::Season(SeasonRecord {
                decisions: pending.decisions,
                year: (pending.row - 1) / names.len(),
                season: season.to_owned(),
                row: pending.row,
                scores: scores.clone(),
                ledger: pending.ledger,
            }))?;
        }
        observer.event(&TrainingEvent::RowExamined {
            row: pending.row,
            season,
            scores,
        });
        Ok(())
    }

    fn scores(&self, row: usize) -> Result<Vec<Option<f64>>, TrainingError> {
        let seasons = self.scenario.seasons.len();
        let matrix = self.progress.matrix(&self.config)?;
        Ok((0..seasons)
            .map(|season| matrix.as_ref().and_then(|matrix| matrix.score(row, season).ok()))
            .collect())
    }

    fn tell_tick(&self, tick: u64, observer: &mut dyn Observer) {
        let season = (tick / self.config.ticks_per_season()) as usize % self.scenario.seasons.len();
        let recent = &self.progress.recent_returns;
        let score = (!recent.is_empty() && !self.config.all_at_once())
            .then(|| recent.iter().sum::<f64>() / recent.len() as f64)
            .zip(self.progress.yardsticks.as_ref())
            .and_then(|(mean, yardsticks)| yardsticks.get(season)?.score(mean));
        observer.event(&TrainingEvent::Tick {
            decisions: self.decisions(),
            season: self.season_name(tick),
            score,
        });
    }

    /// Writes everything down that the run needs to go on, bit for bit.
    fn write_checkpoint(&mut self, season_end: bool) -> Result<std::path::PathBuf, TrainingError> {
        self.receive()?;
        self.progress.timing.total_s = self.earlier_s + self.sitting.seconds();
        self.progress.records = self.recorder.sync()?;
        let config = self.config.clone();
        let mut state = self.link.ask(move |learner| -> Result<_, LearnerError> {
            let mut state = StateDict::new();
            learner.save(&mut state)?;
            // What `evaluate` and rollouts take from here: one policy, or one a season for methods that are told it.
            let mut evaluated = evaluated_policies(learner, &config);
            if evaluated.iter().all(|policy| *policy == evaluated[0]) {
                evaluated.truncate(1);
            }
            state.set("training.evaluated_policies", &evaluated.len())?;
            for (number, policy) in evaluated.iter().enumerate() {
                policy.save(&mut state, &format!("training.evaluated.{number}"))?;
            }
            Ok(state)
        })??;
        state.set("training.progress", &self.progress)?;
        state.set("training.acting_stream", &self.acting_stream)?;
        state.set("training.episode_starts", &self.gardens.episode_starts())?;
        state.set("training.state_hash", &self.gardens.state_hash())?;
        self.acting.save(&mut state, "training.acting")?;
        let numbers: Vec<u8> = self.actions.iter().flatten().map(|action| action.index() as u8).collect();
        state.put("training.actions", &numbers);
        if let Some(exam) = &self.progress.exam {
            for (season, policy) in exam.policies.iter().enumerate() {
                policy.save(&mut state, &format!("training.exam.{season}"))?;
            }
        }
        let checkpoint = Checkpoint {
            decisions: self.decisions(),
            season_end,
            body: state.to_bytes()?,
        };
        Ok(self
            .folder
            .checkpoints()
            .write(&checkpoint, self.config.checkpoints.keep_last)?)
    }

    fn finish(&mut self, observer: &mut dyn Observer) -> Result<Outcome, TrainingError> {
        self.write_down_exam(observer)?;
        self.record_learning()?;
        self.recorder.sync()?;
        let learner = self.link.ask(|learner| learner.ledger())?;
        let ledger = self.ledger(&learner);
        let mut timing = self.progress.timing;
        timing.total_s = self.earlier_s + self.sitting.seconds();
        let name = RunName {
            run_id: self.folder.id(),
            scenario: self.scenario.name.clone(),
            method: self.config.method.clone(),
            algorithm: self.config.algorithm.clone(),
            seed: self.config.seed,
            decisions_per_season: self.config.decisions_per_season,
            settings_hash: self.config.settings_hash(),
        };
        let matrix = self
            .progress
            .matrix(&self.config)?
            .ok_or(crate::evaluation::Undefined::NoValues { what: "score matrix" })?;
        let summary = Summary::new(name, &matrix, self.progress.watering.clone(), ledger, timing)?;
        self.folder.write_summary(&summary)?;
        Ok(Outcome::Finished(Box::new(summary)))
    }
}

/// Tells which season comes next, by a number that stays the same when it returns, to a method that must be told.
fn tell_season(learner: &mut Learner, season: usize) {
    if learner.plan().needs.task_at_test_time {
        learner.task_identified(season as u16);
    }
}

/// Whether something that is done each `every` decisions was due within the last `step` decisions.
fn due(decisions: u64, step: u64, every: u64) -> bool {
    decisions / every > (decisions - step) / every
}

fn new_learner(config: &RunConfig) -> Result<Learner, TrainingError> {
    let spec = LearnerSpec {
        observation: crate::sensors::observation_spec(&config.scenario),
        actions: Action::ALL.len(),
        gardens: config.gardens,
        // All at once is one task, as long as the run.
        decisions_per_task: if config.all_at_once() {
            config.decisions()
        } else {
            config.decisions_per_season
        },
        seed: config.seed,
    };
    Ok(Learner::new(&config.algorithm, &config.method, &config.learner, spec)?)
}

/// The policies to be examined, one for each season; they differ only for methods that are told which season it is.
fn evaluated_policies(learner: &Learner, config: &RunConfig) -> Vec<PolicySnapshot> {
    let told = methods::plan(&config.method).is_ok_and(|plan| plan.needs.task_at_test_time);
    (0..config.scenario.seasons.len())
        .map(|season| learner.evaluated_policy(told.then_some(season as u16)))
        .collect()
}
