//! `watch`: the garden in a window.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use clap::builder::TypedValueParser;
use clap::{Args, ValueHint};
use miette::IntoDiagnostic;
use perennial::authoring::editor::FileKind;
use perennial::live::{EarlierPolicy, Playback, Programme, Session, SessionSettings, Simulation, read_past};
use perennial::rendering::camera::CameraKind;
use perennial::rendering::quality::Quality;
use perennial::rendering::ui_command::{Panels, TimeScale};
use perennial::rendering::{self, Editing, Opening, tour};
use perennial::scenario::{DEFAULT_SCENARIO, Described, Origin, ScenarioDocument, ScenarioError};
use perennial::training::run_folder::find_run;
use perennial::training::{
    DEFAULT_METHOD, RunConfig, RunPolicy, SHIPPED_POLICIES, policies_of_run, policy_of_run, read_run_config,
};
use perennial::{escape, files};

use super::arguments::{self, ResultsDir};
use super::engine::{self, RunRequest};
use super::output::{note, quoted};
use super::scenario::new::write_new;
use super::{Answer, interrupt};

/// The story that `watch` tells first.
const STORY: &str = include_str!("../../assets/tours/story.toml");
/// Years until the year stands still.
const YEARS: u64 = 1000;
/// Episodes of each evaluation in the background: half of those in `train`, as somebody waits for them.
const EVALUATION_EPISODES: usize = 16;
const DEFAULT_ALGORITHM: &str = "dqn";
/// Panels that make room while a scenario is edited.
const CLOSED_WHILE_EDITING: [&str; 4] = ["eye", "year", "memory", "learner"];
/// Initial policy, unless another one is given.
const DEFAULT_POLICY: &str = "spring";

/// Watch the garden in a window while the robot learns
///
/// Without arguments, a tour introduces the program: a policy that works in spring, the garden in bloom, the policy failing there, and
/// learning without forgetting. Any key or button ends the tour and leaves the garden to you; `?` lists the keys.
///
/// The window shows exactly what `train` simulates, bit for bit, at any speed.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    perennial watch\n  \
    perennial watch --method replay --pace 16x       train from random weights\n  \
    perennial watch my_run                           show the policy of a run\n  \
    perennial watch --recording gardener.rec\n  \
    perennial watch --scenario my_garden.toml        edit the file and see the garden change\n  \
    perennial watch --edit my_garden.toml            make one by mouse\n  \
    perennial watch --tour pictures.toml             follow a tour")]
pub(crate) struct Watch {
    /// Run whose policy is shown: its name or folder.
    #[arg(value_name = "RUN", value_hint = ValueHint::DirPath, conflicts_with_all = ["recording", "method", "algorithm", "policy"])]
    run: Option<String>,
    /// Recording to play, as written by `perennial rollout`.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath,
        conflicts_with_all = ["scenario", "method", "algorithm", "policy", "season", "seed", "set", "no_learning"])]
    recording: Option<PathBuf>,
    /// Scenario: a file, or the name of a shipped one.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Simulation")]
    scenario: Option<String>,
    /// Scenario file to edit in the window, by mouse: colours, weather, rewards, lengths. It is created if it does not exist.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Simulation",
        conflicts_with_all = ["scenario", "recording", "run", "set"])]
    edit: Option<PathBuf>,
    /// Continual-learning method. If it is given without `--policy`, the policy begins with random weights.
    #[arg(long, value_parser = arguments::method, help_heading = "Simulation")]
    method: Option<String>,
    /// Reinforcement-learning algorithm.
    #[arg(long, value_parser = arguments::algorithms(), help_heading = "Simulation")]
    algorithm: Option<String>,
    /// Initial policy: `spring`, `year`, `none` (random weights), or a file written by `perennial export`.
    #[arg(long, value_name = "NAME|FILE", help_heading = "Simulation")]
    policy: Option<String>,
    /// Season to begin in; the first one if not given.
    #[arg(long, value_name = "NAME", help_heading = "Simulation")]
    season: Option<String>,
    /// Random seed.
    #[arg(long, value_name = "N", default_value = "0", value_parser = arguments::seed, help_heading = "Simulation")]
    seed: u64,
    /// Number of gardens simulated side by side; one of them is shown.
    #[arg(long, value_name = "N", default_value = "16", value_parser = arguments::gardens, help_heading = "Simulation")]
    gardens: u64,
    /// Decisions per season, over all gardens; by default a third of those in `train`, for shorter seasons.
    #[arg(long, value_name = "N", default_value = "20000", value_parser = arguments::decisions, help_heading = "Simulation")]
    decisions_per_season: u64,
    /// Begin with learning switched off.
    #[arg(long, help_heading = "Simulation")]
    no_learning: bool,
    /// Change any setting, for example `learner.discount=0.95`; may be repeated.
    #[arg(long, value_name = "PATH=VALUE", help_heading = "Simulation")]
    set: Vec<String>,
    /// Speed of the simulation: 0.25x to 64x, or `free` for as fast as possible.
    #[arg(long, value_parser = pace, default_value = "1x", help_heading = "Display")]
    pace: TimeScale,
    /// Camera.
    #[arg(long, value_parser = camera(), default_value = "orbit", help_heading = "Display")]
    camera: CameraKind,
    /// Graphics quality; chosen by the kind of graphics adapter if not given.
    #[arg(long, value_parser = quality(), help_heading = "Display")]
    quality: Option<Quality>,
    /// Size of the window, in pixels.
    #[arg(long, value_name = "WxH", default_value = "1280x720", value_parser = size, help_heading = "Display")]
    size: (u32, u32),
    /// Begin with the panels hidden.
    #[arg(long, help_heading = "Display")]
    no_panels: bool,
    /// Skip the introductory tour.
    #[arg(long, help_heading = "Display")]
    no_story: bool,
    /// Follow the tour in this file: seasons, cameras, pictures.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Display")]
    tour: Option<PathBuf>,
    /// Folder for pictures and films.
    #[arg(long, value_name = "DIR", default_value = ".", value_hint = ValueHint::DirPath, help_heading = "Display")]
    pictures: PathBuf,
    #[command(flatten)]
    results: ResultsDir,
}

/// Parses a viewpoint.
pub(crate) fn camera() -> impl TypedValueParser<Value = CameraKind> {
    arguments::one_of(CameraKind::ALL, CameraKind::name, CameraKind::summary)
}

/// Parses a quality preset.
pub(crate) fn quality() -> impl TypedValueParser<Value = Quality> {
    arguments::one_of(Quality::ALL, Quality::name, Quality::summary)
}

/// `1280x720`
pub(crate) fn size(text: &str) -> Result<(u32, u32), String> {
    let parts = text
        .split_once('x')
        .and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    match parts {
        Some((width @ 64..=8192, height @ 64..=8192)) => Ok((width, height)),
        _ => Err("write it like 1280x720, from 64x64 to 8192x8192".to_owned()),
    }
}

fn pace(text: &str) -> Result<TimeScale, String> {
    tour::pace(text).ok_or_else(|| "write 0.25x to 64x, or free".to_owned())
}

impl Watch {
    /// Opens the window and returns when it is closed.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        let editing = self.edit.as_deref().map(begin_editing).transpose()?;
        let simulation = self.simulation()?;
        let scenario = simulation.status().scenario;
        let tells_story = self.tells_story();
        let told = match &self.tour {
            Some(path) => Some(files::read_text(path)?),
            None => tells_story.then(|| STORY.to_owned()),
        };
        let seasons: Vec<String> = scenario.seasons.iter().map(|season| season.name.clone()).collect();
        let tour = told.map(|text| tour::Tour::parse(&text, &seasons)).transpose()?;
        let keep_hashes = tour
            .as_ref()
            .is_some_and(|tour| tour.moments.iter().any(|moment| moment.hashes.is_some()));
        let stop = interrupt::flag();
        let scenario_file = self.scenario().map(PathBuf::from).filter(|path| path.is_file());
        rendering::open(Opening {
            simulation,
            quality: self.quality,
            size: self.size,
            pace: self.pace,
            camera: self.camera,
            panels: Panels {
                visible: !self.no_panels,
                closed: if editing.is_some() {
                    CLOSED_WHILE_EDITING.to_vec()
                } else {
                    Vec::new()
                },
                ..Panels::default()
            },
            tour,
            tour_yields: tells_story,
            scenario_file,
            editing,
            pictures: self.pictures.clone(),
            keep_hashes,
            stop,
            last_words: super::exit::last_words,
        })?;
        Ok(if stop.load(Ordering::Relaxed) {
            Answer::Interrupted
        } else {
            Answer::Yes
        })
    }

    /// Returns the scenario that is asked for, if any.
    fn scenario(&self) -> Option<&str> {
        let edited = self.edit.as_deref().and_then(Path::to_str);
        self.scenario.as_deref().or(edited)
    }

    /// Returns `true` if no option selects anything, so that the built-in tour is played.
    fn tells_story(&self) -> bool {
        let particular = self.run.is_some()
            || self.recording.is_some()
            || self.scenario().is_some()
            || self.method.is_some()
            || self.algorithm.is_some()
            || self.policy.is_some()
            || self.season.is_some()
            || self.tour.is_some()
            || self.no_learning;
        !particular && !self.no_story
    }

    fn simulation(&self) -> miette::Result<Box<dyn Simulation>> {
        if let Some(file) = &self.recording {
            return recording(file);
        }
        let settings = match &self.run {
            Some(run) => self.trained(&find_run(&self.results.results_dir, run)?)?,
            None => self.live()?,
        };
        Ok(Box::new(Session::new(settings)?))
    }

    /// Gardens that are simulated now.
    fn live(&self) -> miette::Result<SessionSettings> {
        let config = self.config(
            self.method.as_deref().unwrap_or(DEFAULT_METHOD),
            self.algorithm.as_deref().unwrap_or(DEFAULT_ALGORITHM),
        )?;
        let from_nothing = self.method.is_some() || self.algorithm.is_some() || self.scenario().is_some();
        let asked = self
            .policy
            .as_deref()
            .unwrap_or(if from_nothing { "none" } else { DEFAULT_POLICY });
        let policy = read_policy(asked)?;
        let mut settings = self.settings(config, policy)?;
        if settings.policy.is_some() {
            // Who knows something already does not begin by trying everything.
            let dqn = &mut settings.config.learner.dqn;
            dqn.epsilon_start = dqn.epsilon_end;
        }
        Ok(settings)
    }

    /// Returns the settings for the policy of a run, in its own scenario or in another.
    fn trained(&self, run: &Path) -> miette::Result<SessionSettings> {
        let mut config = read_run_config(run)?;
        let mut earlier = earlier_policies(run, &config)?;
        if let Some(scenario) = self.scenario() {
            config.scenario = engine::load_scenario(scenario)?;
        }
        let (curve, evaluations) = read_past(run, &config);
        let last_season = config.scenario.seasons.len() - 1;
        earlier
            .iter_mut()
            .for_each(|network| network.season = network.season.min(last_season));
        config.decisions_per_season = self.decisions_per_season;
        config.gardens = self.gardens as usize;
        config.years = YEARS as usize;
        config.seed = self.seed;
        config.evaluation.episodes = EVALUATION_EPISODES;
        config.learner.dqn.epsilon_start = config.learner.dqn.epsilon_end;
        let id = run.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(SessionSettings {
            programme: Programme::Run(id),
            learn: false,
            curve,
            evaluations,
            earlier,
            ..self.settings(config, Some(policy_of_run(run)?))?
        })
    }

    fn config(&self, method: &str, algorithm: &str) -> miette::Result<RunConfig> {
        let mut config = engine::resolve(&RunRequest {
            scenario: self.scenario().unwrap_or(DEFAULT_SCENARIO),
            method,
            algorithm,
            seed: self.seed,
            gardens: self.gardens,
            decisions_per_season: self.decisions_per_season,
            years: YEARS,
            set: &self.set,
            budget: None,
            is_method_named: true,
        })?;
        config.evaluation.episodes = EVALUATION_EPISODES;
        Ok(config)
    }

    fn settings(&self, config: RunConfig, policy: Option<RunPolicy>) -> miette::Result<SessionSettings> {
        let season = match &self.season {
            Some(name) => engine::season_number(&config.scenario, name)?,
            None => 0,
        };
        Ok(SessionSettings {
            config,
            policy,
            learn: !self.no_learning,
            // Who edits a season wants to stay in it.
            year_turns: self.edit.is_none(),
            season,
            programme: Programme::Live,
            overlapped: true,
            evaluate: true,
            curve: Vec::new(),
            evaluations: Vec::new(),
            earlier: Vec::new(),
        })
    }
}

/// Returns the networks in a run's checkpoints, with the seasons that they were in.
fn earlier_policies(run: &Path, config: &RunConfig) -> miette::Result<Vec<EarlierPolicy>> {
    let calendar = config.calendar();
    let policies = policies_of_run(run)?.into_iter();
    Ok(policies
        .map(|policy| {
            let tick = policy.origin.decisions / config.gardens.max(1) as u64;
            // A checkpoint at the end of a season belongs to the season that ended.
            let ends_season = tick > 0 && calendar.ends_after(tick);
            EarlierPolicy {
                season: calendar.season(tick.saturating_sub(1)) % config.scenario.seasons.len(),
                ends_season,
                of_run: true,
                policy: Arc::new(policy),
            }
        })
        .collect())
}

/// Opens a scenario file to be edited. One that is not there is made, with three seasons to begin with.
fn begin_editing(path: &Path) -> miette::Result<Editing> {
    if path.to_str().is_none() {
        return Err(miette::miette!("the path of the file is not text in UTF-8"));
    }
    if files::is_standard_input(path) {
        miette::bail!(
            help = "name a file; it is created if it does not exist",
            "what is edited is written back, and the standard input cannot be"
        );
    }
    if !path.exists() {
        refuse_shipped(path)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().replace('_', " ");
        write_new(path, FileKind::Scenario, &name, None, false)?;
        note(&format!("wrote {}", escape::path(path)));
    }
    let text = files::read_text(path)?;
    Ok(Editing::open(path.to_owned(), text).map_err(ScenarioError::Mistakes)?)
}

/// Refuses to make a new file under the name of a shipped one, which was meant then.
fn refuse_shipped(path: &Path) -> miette::Result<()> {
    let Some(name) = path.to_str() else { return Ok(()) };
    let Ok(ScenarioDocument { described, origin, .. }) = ScenarioDocument::load(name) else {
        return Ok(());
    };
    if !matches!(origin, Origin::Shipped(_)) {
        return Ok(());
    }
    let help = match described {
        Described::Scenario(_) => format!(
            "edit a copy that extends it: perennial scenario new my_garden --from {}, then perennial watch --edit my_garden.toml",
            quoted(name)
        ),
        Described::Season(_) => "name a garden with its year, to edit the seasons in it".to_owned(),
    };
    Err(miette::miette!(
        help = help,
        "{} is shipped with the program, and cannot be edited itself",
        escape::terminal(name)
    ))
}

/// Reads a policy by the name of a shipped one, or by its file.
fn read_policy(asked: &str) -> miette::Result<Option<RunPolicy>> {
    if asked == "none" {
        return Ok(None);
    }
    if let Some(shipped) = SHIPPED_POLICIES.iter().find(|shipped| shipped.name == asked) {
        return Ok(Some(shipped.read().into_diagnostic()?));
    }
    let known: Vec<&str> = SHIPPED_POLICIES.iter().map(|shipped| shipped.name).collect();
    let path = Path::new(asked);
    if !path.exists() {
        return Err(miette::miette!(
            help = format!(
                "give a file that `perennial export` wrote, or one of {}, none",
                known.join(", ")
            ),
            "there is no policy `{}`",
            escape::path(path)
        ));
    }
    Ok(Some(engine::read_policy_file(path)?))
}

fn recording(file: &Path) -> miette::Result<Box<dyn Simulation>> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Box::new(Playback::new(&name, engine::read_recording(file)?)))
}
