//! Gardens that are simulated now: a robot that learns in them, or only acts, and a year that can be steered by hand.
//!
//! Left alone, a session is the run that `train` makes of the same configuration: the same decisions, the same boundaries, the
//! same updates, bit for bit. Its orders change what comes after them.

mod evaluating;
mod reporting;
mod steering;

use std::sync::Arc;

use reporting::Reports;

use super::simulation_command::{DriverKind, SimulationCommand};
use super::simulation_thread::Simulation;
use super::status::{CurvePoint, EvaluationRow, Programme, Status};
use super::view::{GardenView, OutputMeaning, Thought};
use crate::agent::drivers::{Driver, Gardener, PlanningGardener, RandomDriver};
use crate::agent::{DriverInput, gather_truths};
use crate::app::Gardens;
use crate::evaluation::ScoreBaseline;
use crate::learner::losses::softmax;
use crate::learner::{ExplorationPolicy, LearnerError, PolicySnapshot, canonical_method};
use crate::mdp::Action;
use crate::scenario::{Scenario, Year};
use crate::training::{
    ActorLearnerLoop, Evaluation, RunConfig, RunPolicy, SeasonResult, TrainingError, new_learner, tell_season,
};

/// What a session begins with.
#[derive(Clone, Debug)]
pub struct SessionSettings {
    /// What is learned, where, how, and from which seed.
    pub config: RunConfig,
    /// The policy to begin with; none begins from nothing.
    pub policy: Option<RunPolicy>,
    /// Whether it learns from the beginning on.
    pub learn: bool,
    /// Whether seasons follow each other by themselves.
    pub year_turns: bool,
    /// The season to begin in.
    pub season: usize,
    /// What is watched, for who tells it.
    pub programme: Programme,
    /// Whether learner and evaluations have threads of their own.
    pub overlapped: bool,
    /// Whether the policy is evaluated in every season, at the beginning and when a season has been learned.
    pub evaluate: bool,
    /// The curve that is known of it from before.
    pub curve: Vec<CurvePoint>,
    /// The evaluations that are known of it from before.
    pub evaluations: Vec<EvaluationRow>,
}

/// See the module's documentation.
pub struct Session {
    settings: SessionSettings,
    scenario: Arc<Scenario>,
    play: ActorLearnerLoop,
    learning: bool,
    shown: usize,
    driver: DriverKind,
    scripted: Option<Box<dyn Driver>>,
    steering: Action,
    calendar: YearPosition,
    reports: Reports,
    evaluation: Option<(EvaluationRow, Evaluation<SeasonResult>)>,
    measuring: Option<Evaluation<ScoreBaseline>>,
    baselines: Option<Vec<ScoreBaseline>>,
    notes: Vec<String>,
}

/// Where the year is.
#[derive(Clone, Copy, Debug)]
struct YearPosition {
    /// Whether the year is the configuration's own: nothing was steered as yet.
    untouched: bool,
    turns: bool,
    /// The season under way; while it turns, the one that it was.
    season: usize,
    /// The tick at which it began.
    began_at: u64,
    /// The season that comes next and the tick at which the learner is told so.
    change: Option<(usize, u64)>,
    /// Seasons that came to their end so far.
    ended: usize,
}

impl Session {
    /// Gardens in their first moment.
    ///
    /// # Errors
    /// A configuration that cannot be run, or a policy that does not fit it.
    pub fn new(settings: SessionSettings) -> Result<Self, TrainingError> {
        let config = &settings.config;
        config.check()?;
        let scenario = Arc::new(config.scenario.clone());
        let mut learner = new_learner(config)?;
        if let Some(policy) = &settings.policy {
            learner.initialise_policy(policy.for_season(settings.season))?;
        }
        if config.declares_boundaries() && !config.all_at_once() {
            tell_season(&mut learner, settings.season);
            learner.task_started();
        }
        let seasons = scenario.seasons.len();
        let untouched = settings.year_turns && settings.season == 0;
        let year = if untouched || config.all_at_once() {
            config.year()
        } else {
            Year::Pure(settings.season.min(seasons - 1))
        };
        let mut session = Self {
            play: ActorLearnerLoop::new(
                scenario.clone(),
                config.gardens,
                config.seed,
                year,
                learner,
                settings.overlapped,
            )?,
            scenario,
            learning: settings.learn,
            shown: 0,
            driver: DriverKind::Policy,
            scripted: None,
            steering: Action::default(),
            calendar: YearPosition {
                untouched,
                turns: settings.year_turns,
                season: settings.season.min(seasons - 1),
                began_at: 0,
                change: None,
                ended: 0,
            },
            reports: Reports::new(&settings),
            evaluation: None,
            measuring: None,
            baselines: None,
            notes: Vec::new(),
            settings,
        };
        session.play.act_greedily(!session.learning);
        session.begin_measuring();
        // What is known of a run from before ends with the policy that is watched.
        if session.settings.evaluations.is_empty() {
            session.evaluate(None);
        }
        Ok(session)
    }

    /// The gardens, to look at anything in them.
    pub fn gardens(&self) -> &Gardens {
        self.play.gardens()
    }

    fn config(&self) -> &RunConfig {
        &self.settings.config
    }

    /// Plays a tick, and says what went wrong with learning, if anything did.
    fn play_tick(&mut self) -> Result<(), TrainingError> {
        let (shown, driver, steering) = (self.shown, self.driver, self.steering);
        let scripted = &mut self.scripted;
        let learning = self.learning;
        self.reports.see(self.play.gardens(), shown);
        let ticked = self.play.tick(
            |gardens, actions| {
                let Some(action) = actions.get_mut(shown..=shown) else {
                    return;
                };
                match (driver, scripted) {
                    (DriverKind::Manual, _) => action[0] = steering,
                    (DriverKind::Policy | DriverKind::Recorded, _) | (_, None) => {}
                    (_, Some(scripted)) => drive(scripted.as_mut(), gardens, shown, action),
                }
            },
            learning,
        )?;
        self.reports.count(&ticked, &self.play, shown, learning);
        self.reports.finish_episodes(&self.play, self.baselines.as_deref());
        self.look_into_learner();
        self.take_results();
        self.follow_calendar()
    }

    fn thought(&self) -> Option<Thought> {
        let policy = self.play.policy();
        let actions = policy.shape().outputs;
        let outputs = policy.outputs().chunks_exact(actions).nth(self.shown)?.to_vec();
        let observation = self.reports.seen().to_vec();
        if observation.is_empty() {
            return None;
        }
        let best = crate::learner::losses::argmax(&outputs);
        let (meaning, probabilities) = match self.play.acting().acting {
            ExplorationPolicy::EpsilonGreedy { epsilon } => {
                let epsilon = if self.learning { epsilon } else { 0.0 };
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

    fn take_driver(&mut self, driver: DriverKind) {
        self.driver = driver;
        self.steering = Action::default();
        self.scripted = match driver {
            DriverKind::Gardener => Some(Box::new(Gardener)),
            DriverKind::Planner => Some(Box::<PlanningGardener>::default()),
            DriverKind::Random => Some(Box::new(RandomDriver::new(self.config().seed))),
            DriverKind::Policy | DriverKind::Manual | DriverKind::Recorded => None,
        };
    }

    fn learn(&mut self, on: bool) {
        self.learning = on;
        self.play.act_greedily(!on);
    }

    /// Begins to learn with another method, from the policy that there is.
    fn learn_with(&mut self, method: &str) -> Result<(), TrainingError> {
        let mut config = self.config().clone();
        config.method = canonical_method(method);
        // What is known already is not to be unlearned by exploring from nothing.
        config.learner.dqn.epsilon_start = config.learner.dqn.epsilon_end;
        config.check()?;
        if config.all_at_once() || self.config().all_at_once() {
            return Err(LearnerError::Spec("a method that learns all seasons at once has to do so from the beginning").into());
        }
        let mut learner = new_learner(&config)?;
        learner.initialise_policy(self.play.acting())?;
        if config.declares_boundaries() {
            tell_season(&mut learner, self.calendar.season);
            learner.task_started();
        }
        self.play.learn_with(learner, self.settings.overlapped);
        self.settings.config = config;
        self.reports.begin_learning(self.calendar.season);
        self.learn(true);
        Ok(())
    }

    /// Plays another scenario, in the season and with the policy that there are, as far as they fit.
    fn replace(&mut self, scenario: &Scenario) -> Result<(), TrainingError> {
        let mut settings = self.settings.clone();
        settings.config.scenario = scenario.clone();
        settings.season = self.calendar.season.min(scenario.seasons.len() - 1);
        settings.year_turns = false;
        settings.learn = self.learning;
        settings.curve = Vec::new();
        settings.evaluations = Vec::new();
        let policy: PolicySnapshot = self.play.acting().clone();
        let fits = policy.shape.inputs == crate::sensors::observation_spec(scenario).len();
        settings.policy = fits.then(|| RunPolicy {
            policy,
            by_season: Vec::new(),
            decisions: 0,
        });
        let (tick, driver, turns) = (self.play.gardens().clock(), self.driver, self.calendar.turns);
        let mut fresh = Self::new(settings)?;
        // Other plants than before, as in any new episode, but the clock goes on.
        let starts: Vec<_> = self
            .play
            .gardens()
            .episode_starts()
            .into_iter()
            .map(|start| crate::garden::EpisodeStart {
                number: start.number,
                tick,
            })
            .collect();
        fresh.play.gardens_mut().begin(tick, &starts);
        fresh.calendar.began_at = tick;
        fresh.calendar.turns = turns;
        fresh.settings.year_turns = turns;
        fresh.take_driver(driver);
        fresh.shown = self.shown;
        if !fits {
            fresh
                .notes
                .push("the robot sees otherwise now: it learns from nothing".to_owned());
        }
        *self = fresh;
        Ok(())
    }

    fn note(&mut self, result: Result<(), TrainingError>) {
        if let Err(error) = result {
            self.notes.push(error.to_string());
        }
    }
}

/// Lets a scripted driver decide for one garden.
fn drive(driver: &mut dyn Driver, gardens: &mut Gardens, shown: usize, action: &mut [Action]) {
    let truths = if driver.needs_truth() {
        gather_truths(gardens.world_mut())
    } else {
        Vec::new()
    };
    let length = gardens.observation_spec().len();
    driver.decide(
        &DriverInput {
            observations: &gardens.observations()[shown * length..(shown + 1) * length],
            gardens: truths.get(shown..=shown).unwrap_or_default(),
        },
        action,
    );
}

impl Simulation for Session {
    fn tick(&mut self) -> bool {
        let result = self.play_tick();
        if result.is_err() {
            // The garden goes on; learning cannot.
            self.learn(false);
        }
        self.note(result);
        true
    }

    fn order(&mut self, order: SimulationCommand) -> bool {
        match order {
            SimulationCommand::JumpTo { season } => self.jump_to(season),
            SimulationCommand::TurnInto { season, ticks } => self.turn_into(season, ticks),
            SimulationCommand::LetYearTurn(turns) => self.let_year_turn(turns),
            SimulationCommand::Drive(driver) => self.take_driver(driver),
            SimulationCommand::Steer(action) => self.steering = action,
            SimulationCommand::Learn(on) => self.learn(on),
            SimulationCommand::LearnWith { method } => {
                let result = self.learn_with(&method);
                self.note(result);
            }
            SimulationCommand::Reset => {
                let shown = self.shown;
                match Self::new(self.settings.clone()) {
                    Ok(fresh) => *self = fresh,
                    Err(error) => self.notes.push(error.to_string()),
                }
                self.shown = shown;
                return true;
            }
            SimulationCommand::ShowGarden(number) => {
                self.shown = number.min(self.config().gardens - 1);
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
        Some(view)
    }

    fn status(&self) -> Status {
        self.tell()
    }
}
