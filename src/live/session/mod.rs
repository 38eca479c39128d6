//! A live session: gardens simulated now, with a robot that learns or only acts, and a year that can be steered by hand.
//!
//! Without commands, a session equals the run that `train` makes of the same configuration: the same decisions, the same boundaries and
//! the same updates, bit for bit. A command changes only what comes after it.
//!
//! **Another scenario** ([`SimulationCommand::Replace`], sent when the file was edited) keeps the learner with its network, optimiser,
//! memories and exploration. It goes on learning in the new gardens, as after a change of season that is not declared, and the season
//! continues where it was. Episodes restart, and the score baselines are measured again. The learner is rebuilt only if it does not fit:
//! if the observation has another layout, or if the number of seasons changes for a method that is told the season or learns all at
//! once. A rebuilt learner begins with the current policy, if that fits, and explores no more than a trained one. If the number of
//! seasons changes, curve and matrix are cleared. If the calendar changes, the current season is held from then on.

mod earlier;
mod evaluating;
mod looking;
mod memory;
mod replacing;
mod reporting;
mod steering;
mod twin;

use std::sync::Arc;

use earlier::Earlier;
pub use earlier::EarlierPolicy;
use looking::Looking;
use memory::check_memory;
use reporting::Reports;
use twin::{EpisodeActions, Twin};

use super::shown_driver::ShownDriver;
use super::simulation_command::{DriverKind, SimulationCommand};
use super::simulation_thread::Simulation;
use super::status::{EvaluationRow, Programme, SeasonCurvePoint, Status};
use super::view::{GardenView, OutputMeaning, Thought};
use crate::app::Gardens;
use crate::evaluation::ScoreBaseline;
use crate::learner::losses::softmax;
use crate::learner::{ExplorationPolicy, LearnerError, canonical_method};
use crate::scenario::{Calendar, Scenario, Year};
use crate::training::{
    ActorLearnerLoop, Evaluation, RunConfig, RunPolicy, SeasonPolicies, SeasonResult, TrainingError, new_learner, tell_season,
};

/// Initial state of a session.
#[derive(Clone, Debug)]
pub struct SessionSettings {
    /// Configuration, as of a run.
    pub config: RunConfig,
    /// Policy to begin with; random weights if `None`.
    pub policy: Option<RunPolicy>,
    /// `true` if the learner learns from the beginning.
    pub learn: bool,
    /// `true` if the seasons follow each other by themselves.
    pub year_turns: bool,
    /// Index of the season to begin in.
    pub season: usize,
    /// Kind of session, for display.
    pub programme: Programme,
    /// `true` if the learner and the evaluations run on threads of their own.
    pub overlapped: bool,
    /// `true` if the policy is evaluated in every season, at the beginning and at the end of each season.
    pub evaluate: bool,
    /// Earlier points of the learning curve.
    pub curve: Vec<SeasonCurvePoint>,
    /// Earlier evaluations.
    pub evaluations: Vec<EvaluationRow>,
    /// Earlier networks, oldest first.
    pub earlier: Vec<EarlierPolicy>,
}

/// Gardens simulated now, with their learner, driver, evaluations and reports; implements [`Simulation`].
pub struct Session {
    settings: SessionSettings,
    scenario: Arc<Scenario>,
    /// Policies that the session began with, until something is learned.
    known: Option<SeasonPolicies>,
    play: ActorLearnerLoop,
    learning: bool,
    shown: usize,
    driver: DriverKind,
    calendar: YearPosition,
    reports: Reports,
    evaluation: Option<(EvaluationRow, Evaluation<SeasonResult>)>,
    measuring: Option<Evaluation<ScoreBaseline>>,
    baselines: Option<Vec<ScoreBaseline>>,
    looking: Looking,
    earlier: Earlier,
    twin: Option<Twin>,
    actions: EpisodeActions,
    notes: Vec<String>,
}

/// Position in the year.
#[derive(Clone, Debug)]
struct YearPosition {
    /// Beginning and end of each season, as long as the year is untouched.
    plan: Calendar,
    /// `true` if the year is that of the configuration, because it was never steered.
    untouched: bool,
    turns: bool,
    /// Current season; while it turns, the one it is turning from.
    season: usize,
    /// Tick at which the season began.
    began_at: u64,
    /// Next season, and the tick at which the learner is told of it.
    change: Option<(usize, u64)>,
    /// Number of seasons that have ended.
    ended: usize,
}

impl Session {
    /// Creates a session at its first tick.
    ///
    /// # Errors
    /// The configuration cannot be run, or the policy does not fit it.
    pub fn new(settings: SessionSettings) -> Result<Self, TrainingError> {
        let config = &settings.config;
        config.check()?;
        check_memory(config, settings.learn)?;
        let scenario = Arc::new(config.scenario.clone());
        let first_season = settings.season.min(config.scenario.seasons.len() - 1);
        let mut learner = new_learner(config)?;
        let mut known = None;
        if let Some(policy) = &settings.policy {
            known = Some(policy.for_scenario(&config.scenario)?);
            learner.initialise_policy(&policy.to_begin_with(config, Some(first_season))?)?;
        }
        if config.declares_boundaries() && !config.all_at_once() {
            tell_season(&mut learner, settings.season);
            learner.task_started();
        }
        let untouched = settings.year_turns && settings.season == 0;
        let plan = config.calendar();
        let year = if untouched || config.all_at_once() {
            config.year()
        } else {
            Year::Pure(first_season)
        };
        let mut play = ActorLearnerLoop::new(
            scenario.clone(),
            config.gardens,
            config.seed,
            year,
            learner,
            settings.overlapped,
        )?;
        ShownDriver::install(play.gardens_mut());
        let mut session = Self {
            play,
            scenario,
            known,
            learning: false,
            shown: 0,
            driver: DriverKind::Policy,
            calendar: YearPosition {
                plan,
                untouched,
                turns: settings.year_turns,
                season: first_season,
                began_at: 0,
                change: None,
                ended: 0,
            },
            reports: Reports::new(&settings),
            evaluation: None,
            measuring: None,
            baselines: None,
            looking: Looking::default(),
            earlier: Earlier::of_run(&settings.earlier),
            twin: None,
            actions: EpisodeActions::default(),
            notes: Vec::new(),
            settings,
        };
        let learns = session.settings.learn;
        session.learn(learns);
        session.begin_measuring();
        session.begin_looking();
        // The evaluations of an earlier run end with the policy that is watched.
        if session.settings.evaluations.is_empty() {
            session.evaluate(None);
        }
        Ok(session)
    }

    /// Returns the gardens, for inspection.
    pub fn gardens(&self) -> &Gardens {
        self.play.gardens()
    }

    fn config(&self) -> &RunConfig {
        &self.settings.config
    }

    /// Runs a tick. A failure of the learner is returned as an error.
    fn play_tick(&mut self) -> Result<(), TrainingError> {
        let (shown, learning) = (self.shown, self.learning);
        self.reports.see(self.play.gardens(), shown);
        self.prepare_twin();
        let ticked = self.play.tick()?;
        self.actions.follow(self.play.gardens());
        self.tick_twin();
        self.reports.count(&ticked, &self.play, shown, learning);
        self.reports.finish_episodes(&self.play, self.baselines.as_deref());
        self.look_into_learner();
        self.take_results();
        self.follow_calendar()?;
        self.keep_network_when_due()?;
        self.look_when_due()
    }

    fn thought(&self) -> Option<Thought> {
        let actor = self.play.actor();
        let actions = actor.shape().outputs;
        let observation = self.reports.seen().to_vec();
        if observation.is_empty() {
            return None;
        }
        let earlier = self.look_of_earlier(&observation);
        let is_greedy = earlier.is_some() || !self.learning;
        let outputs = match earlier {
            Some(look) => look.outputs,
            None => actor.outputs().chunks_exact(actions).nth(self.shown)?.to_vec(),
        };
        let best = crate::learner::losses::argmax(&outputs);
        let (meaning, probabilities) = match actor.snapshot().exploration {
            ExplorationPolicy::EpsilonGreedy { epsilon } => {
                let epsilon = if is_greedy { 0.0 } else { epsilon };
                let share = epsilon / actions as f32;
                let probability = |action| if action == best { 1.0 - epsilon + share } else { share };
                (OutputMeaning::Values, (0..actions).map(probability).collect())
            }
            ExplorationPolicy::Categorical => (OutputMeaning::Logits, softmax(&outputs)),
        };
        Some(Thought {
            observation,
            outputs,
            meaning,
            probabilities,
        })
    }

    fn shown_driver(&mut self) -> bevy::prelude::Mut<'_, ShownDriver> {
        self.play.gardens_mut().world_mut().resource_mut()
    }

    fn show(&mut self, garden: usize) {
        self.shown = garden.min(self.config().gardens - 1);
        let shown = self.shown;
        self.shown_driver().show(shown);
        let renewed = self.renew_twin();
        self.note(renewed);
    }

    fn learn(&mut self, on: bool) {
        if on {
            // From now on one policy is learned; the policies of other seasons are not used again.
            let by_season = self.known.take().is_some_and(|known| known.is_by_season());
            if by_season {
                let season = &self.scenario.seasons[self.calendar.season].name;
                self.notes.push(format!(
                    "the policy for {season} goes on learning; those for the other seasons are left aside"
                ));
            }
        }
        self.learning = on;
        self.play.learn(on);
        self.play.actor_mut().act_greedily(!on);
    }

    /// Continues with another method, from the network that drives the shown robot: the current one, or an earlier one.
    fn learn_with(&mut self, method: &str) -> Result<(), TrainingError> {
        let mut config = self.config().clone();
        config.method = canonical_method(method);
        // Full exploration from the beginning would destroy what the policy has learned.
        config.learner.dqn.epsilon_start = config.learner.dqn.epsilon_end;
        config.check()?;
        check_memory(&config, true)?;
        if config.all_at_once() || self.config().all_at_once() {
            return Err(LearnerError::Spec("a method that learns all seasons at once has to do so from the beginning").into());
        }
        let mut learner = new_learner(&config)?;
        let begin = self.branching_point(&config)?;
        learner.initialise_policy(&begin)?;
        if config.declares_boundaries() {
            tell_season(&mut learner, self.calendar.season);
            learner.task_started();
        }
        self.play.learn_with(learner, self.settings.overlapped)?;
        if let DriverKind::Earlier(_) = self.driver {
            self.play.actor_mut().act_from(begin);
            self.drive(DriverKind::Policy)?;
        }
        self.settings.config = config;
        self.reports.begin_learning(self.calendar.season);
        self.looking.begin_learning(self.calendar.season);
        self.earlier.begin_learning();
        self.learn(true);
        Ok(())
    }

    fn note(&mut self, result: Result<(), TrainingError>) {
        if let Err(error) = result {
            self.say(error.to_string());
        }
    }
}

impl Simulation for Session {
    fn tick(&mut self) -> bool {
        let result = self.play_tick();
        if result.is_err() {
            // The simulation continues; learning cannot.
            self.learn(false);
        }
        self.note(result);
        true
    }

    fn command(&mut self, command: SimulationCommand) -> bool {
        match command {
            SimulationCommand::JumpTo { season } => self.jump_to(season),
            SimulationCommand::TurnInto { season, ticks } => self.turn_into(season, ticks),
            SimulationCommand::LetYearTurn(turns) => self.let_year_turn(turns),
            SimulationCommand::Drive(driver) => {
                let result = self.drive(driver);
                self.note(result);
            }
            SimulationCommand::Beside(driver) => {
                let result = self.put_beside(driver);
                self.note(result);
                return true;
            }
            SimulationCommand::Steer(action) => self.shown_driver().steer(action),
            SimulationCommand::Learn(on) => {
                let result = self.let_learn(on);
                self.note(result);
            }
            SimulationCommand::LearnWith { method } => {
                let result = self.learn_with(&method);
                self.note(result);
            }
            SimulationCommand::Reset => {
                let shown = self.shown;
                match Self::new(self.settings.clone()) {
                    Ok(fresh) => *self = fresh,
                    Err(error) => self.say(error.to_string()),
                }
                self.show(shown);
                return true;
            }
            SimulationCommand::ShowGarden(number) => {
                self.show(number);
                return true;
            }
            SimulationCommand::Replace(scenario) => {
                let result = self.replace(&scenario);
                self.note(result);
                return true;
            }
            SimulationCommand::Evaluate => self.evaluate(Some(self.calendar.season)),
            SimulationCommand::Seek(_) => {}
        }
        false
    }

    fn now(&self) -> u64 {
        self.play.gardens().clock()
    }

    fn view(&self) -> Option<GardenView> {
        let mut view = GardenView::of(self.play.gardens(), self.shown)?;
        view.thought = self.thought();
        view.misjudged = self.looking.misjudged(self.shown, view.episode.number).to_vec();
        Some(view)
    }

    fn beside(&self) -> Option<GardenView> {
        self.twin.as_ref()?.view()
    }

    fn status(&self) -> Status {
        self.tell()
    }
}
