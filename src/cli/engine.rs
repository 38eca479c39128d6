//! What the commands ask of the library, and how its errors reach the person who can mend them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use garde::Validate;
use miette::IntoDiagnostic;
use perennial::agent::drivers::{Driver, Gardener, PlanningGardener, PolicyDriver, RandomDriver};
use perennial::app::Gardens;
use perennial::learner::{PolicySnapshot, canonical_method, single_threaded};
use perennial::rollout::{Recording, RecordingHeader, record};
use perennial::scenario::overrides::{Override, apply};
use perennial::scenario::{Scenario, nearest};
use perennial::sensors::observation_spec;
use perennial::training::run_folder::write_atomically;
use perennial::training::{RunConfig, evaluate_policies, measure_score_baselines, policy_of_run, read_run_config};
use serde::Serialize;

/// What `train` was asked for, before defaults and `--set` make a [`RunConfig`] of it.
pub(crate) struct RunRequest<'a> {
    pub(crate) scenario: &'a str,
    pub(crate) method: &'a str,
    pub(crate) algorithm: &'a str,
    pub(crate) seed: u64,
    pub(crate) gardens: u64,
    pub(crate) decisions_per_season: u64,
    pub(crate) years: u64,
    /// `path=value`, in the order in which they were given.
    pub(crate) set: &'a [String],
}

/// Resolves and validates everything; writes nothing.
pub(crate) fn resolve(request: &RunRequest<'_>) -> miette::Result<RunConfig> {
    let config = resolve_settings(request)?;
    config.check()?;
    Ok(config)
}

/// Resolves everything and validates every setting by itself, but not yet whether they can be run together.
pub(crate) fn resolve_settings(request: &RunRequest<'_>) -> miette::Result<RunConfig> {
    let mut config = RunConfig::new(load_scenario(request.scenario)?);
    config.method = canonical_method(request.method);
    config.algorithm = request.algorithm.to_owned();
    config.seed = request.seed;
    config.gardens = request.gardens as usize;
    config.decisions_per_season = request.decisions_per_season;
    config.years = request.years as usize;
    // What the flags got wrong is said of the flags, before overrides could be blamed for it.
    config
        .validate()
        .map_err(|report| miette::miette!("{}", report.to_string().trim_end()))?;
    if !request.set.is_empty() {
        let overrides: Vec<Override> = request.set.iter().map(|text| text.parse()).collect::<Result<_, _>>()?;
        let mut complete = toml::Table::new();
        complete.insert("scenario".to_owned(), Scenario::schema().complete().into());
        // The program is no setting: while it is taken out, no path leads to it.
        let program = config.program.take();
        config = apply(&config, &complete, &overrides)?;
        config.program = program;
    }
    Ok(config)
}

/// A scenario by its name or file. Its mistakes are shown with their places.
pub(crate) fn load_scenario(name_or_path: &str) -> miette::Result<Scenario> {
    Ok(Scenario::load(name_or_path)?.scenario)
}

/// The policy of a run's newest good checkpoint.
pub(crate) fn policy(run: &Path) -> miette::Result<PolicySnapshot> {
    Ok(policy_of_run(run)?.policy)
}

/// What an evaluation of a finished or stopped run found.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct EvaluationReport {
    /// Name of the run.
    pub(crate) run_id: String,
    /// Decisions that the policy had learned from.
    pub(crate) decisions: u64,
    /// Name of the scenario in which it was evaluated.
    pub(crate) scenario: String,
    /// Episodes a season.
    pub(crate) episodes: u64,
    /// Names of the seasons.
    pub(crate) seasons: Vec<String>,
    /// Mean return of the policy, one a season; so are the others.
    pub(crate) mean_return: Vec<f64>,
    pub(crate) random_return: Vec<f64>,
    pub(crate) gardener_return: Vec<f64>,
    pub(crate) planner_return: Vec<f64>,
    /// Between random driver (0) and gardener (1).
    pub(crate) score: Vec<Option<f64>>,
    /// Mean of the scores; none where one is missing.
    pub(crate) average_performance: Option<f64>,
}

/// Evaluates the newest policy of a run, in its own scenario or another.
pub(crate) fn evaluate(run: &Path, scenario: Option<&str>, episodes: Option<u64>) -> miette::Result<EvaluationReport> {
    let config = read_run_config(run)?;
    let found = policy_of_run(run)?;
    let scenario = Arc::new(match scenario {
        Some(name_or_path) => load_scenario(name_or_path)?,
        None => config.scenario.clone(),
    });
    let mut probes = config.probes();
    if let Some(episodes) = episodes {
        probes.episodes = episodes as usize;
    }
    // Where the method is told the season, its policies differ by season; they hold for the run's own scenario.
    let policies = (0..scenario.seasons.len())
        .map(|season| found.for_season(season).clone())
        .collect();
    let baselines = measure_score_baselines(scenario.clone(), probes, true);
    let evaluated = evaluate_policies(scenario.clone(), policies, probes, true)
        .result()
        .into_diagnostic()?
        .into_diagnostic()?;
    let baselines = baselines.result().into_diagnostic()?.into_diagnostic()?.seasons;
    let mean_return: Vec<f64> = evaluated.seasons.iter().map(|season| season.mean_return).collect();
    let score: Vec<Option<f64>> = baselines
        .iter()
        .zip(&mean_return)
        .map(|(baseline, &mean_return)| baseline.score(mean_return))
        .collect();
    let known: Option<Vec<f64>> = score.iter().copied().collect();
    Ok(EvaluationReport {
        run_id: run.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        decisions: found.decisions,
        scenario: scenario.name.clone(),
        episodes: probes.episodes as u64,
        seasons: scenario.seasons.iter().map(|season| season.name.clone()).collect(),
        mean_return,
        random_return: baselines.iter().map(|baseline| baseline.random_return).collect(),
        gardener_return: baselines.iter().map(|baseline| baseline.gardener_return).collect(),
        planner_return: baselines.iter().filter_map(|baseline| baseline.planner_return).collect(),
        average_performance: known.map(|scores| scores.iter().sum::<f64>() / scores.len() as f64),
        score,
    })
}

/// Who decides in a rollout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DriverChoice {
    /// The simple scripted gardener.
    Gardener,
    /// The planning gardener.
    Planner,
    /// Chance.
    Random,
    /// The policy of the run in this folder.
    Run(PathBuf),
}

impl DriverChoice {
    fn name(&self) -> String {
        match self {
            Self::Gardener => "gardener".to_owned(),
            Self::Planner => "planner".to_owned(),
            Self::Random => "random".to_owned(),
            Self::Run(run) => run.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        }
    }

    fn driver(&self, scenario: &Scenario, seed: u64) -> miette::Result<Box<dyn Driver>> {
        Ok(match self {
            Self::Gardener => Box::new(Gardener),
            Self::Planner => Box::<PlanningGardener>::default(),
            Self::Random => Box::new(RandomDriver::new(seed)),
            Self::Run(run) => Box::new(PolicyDriver::new(&observation_spec(scenario), &policy(run)?).into_diagnostic()?),
        })
    }
}

/// What a rollout was like.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RolloutReport {
    /// Decisions recorded.
    pub(crate) decisions: u64,
    /// Return of each episode.
    pub(crate) episode_returns: Vec<f64>,
    /// Hash of the last state, as 16 hexadecimal digits.
    pub(crate) final_state_hash: String,
}

/// What to roll out.
pub(crate) struct RolloutRequest<'a> {
    pub(crate) driver: DriverChoice,
    pub(crate) scenario: &'a str,
    pub(crate) season: Option<&'a str>,
    pub(crate) seed: u64,
    pub(crate) episodes: u64,
    /// Where the recording goes; written whole or not at all.
    pub(crate) record: &'a Path,
}

/// Lets a driver tend a garden and records every decision with the hash of the state after it.
pub(crate) fn rollout(request: &RolloutRequest<'_>) -> miette::Result<RolloutReport> {
    let scenario = load_scenario(request.scenario)?;
    let season = request.season.map(|name| season_number(&scenario, name)).transpose()?;
    let driver = request.driver.driver(&scenario, request.seed)?;
    let header = RecordingHeader::new(scenario, season, request.episodes, request.seed, &request.driver.name());
    let mut text = Vec::new();
    // Matrix products of one robot's policy are small: they stay on one thread.
    let report = single_threaded(|| {
        let mut report = RolloutReport {
            decisions: 0,
            episode_returns: Vec::new(),
            final_state_hash: String::new(),
        };
        record(&header, driver, &mut text, |gardens| {
            report.decisions += gardens.len() as u64;
            report.episode_returns.extend(finished_returns(gardens));
            report.final_state_hash = format!("{:016x}", gardens.state_hash());
        })
        .map(|()| report)
    })
    .into_diagnostic()?
    .into_diagnostic()?;
    write_atomically(request.record, |file| std::io::Write::write_all(file, &text))?;
    Ok(report)
}

fn finished_returns(gardens: &Gardens) -> impl Iterator<Item = f64> {
    gardens
        .finished_episodes()
        .iter()
        .map(|finished| f64::from(finished.episode.tally.episode_return))
}

/// The number of a season, by its name.
pub(crate) fn season_number(scenario: &Scenario, name: &str) -> miette::Result<usize> {
    let names = || scenario.seasons.iter().map(|season| season.name.as_str());
    let name = name.trim();
    names().position(|known| known == name).ok_or_else(|| {
        let hint = nearest(name, names()).map_or_else(String::new, |nearest| format!("did you mean `{nearest}`? "));
        let all = names().collect::<Vec<_>>().join(", ");
        miette::miette!(
            help = format!("{hint}its seasons are {all}"),
            "scenario `{}` has no season `{name}`",
            scenario.name
        )
    })
}

/// What playing a recording again found.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ReplayReport {
    /// Name of the scenario.
    pub(crate) scenario: String,
    /// Who decided.
    pub(crate) driver: String,
    /// Decisions in the recording.
    pub(crate) decisions: u64,
    /// Return of each episode.
    pub(crate) episode_returns: Vec<f64>,
    /// The first decision after which the state differs from the recorded one, counted from 0.
    pub(crate) first_difference: Option<u64>,
}

/// Reads a recording.
pub(crate) fn read_recording(recording: &Path) -> miette::Result<Recording> {
    let file = std::fs::File::open(recording)
        .map_err(|error| miette::miette!("cannot open the recording {}: {error}", recording.display()))?;
    Recording::read(std::io::BufReader::new(file))
        .map_err(|error| miette::miette!("{} is no recording that can be played: {error}", recording.display()))
}

/// Simulates a recording again and compares the hash of the state after each decision.
pub(crate) fn replay(recording: &Path) -> miette::Result<ReplayReport> {
    let read = read_recording(recording)?;
    let mut episode_returns = Vec::new();
    let difference = read.verify(|gardens| episode_returns.extend(finished_returns(gardens)));
    Ok(ReplayReport {
        scenario: read.header.scenario.name.clone(),
        driver: read.header.driver.clone(),
        decisions: (read.actions.len() * read.header.gardens) as u64,
        episode_returns,
        first_difference: difference.map(|difference| difference.tick as u64),
    })
}
