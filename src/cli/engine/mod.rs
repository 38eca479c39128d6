//! Calls from the commands into the library, and the conversion of its errors for the user.

mod recordings;

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use garde::Validate;
use miette::IntoDiagnostic;
use perennial::learner::{PolicySnapshot, canonical_method};
use perennial::scenario::overrides::{Override, apply};
use perennial::scenario::{Scenario, nearest};
use perennial::training::budget::Budget;
use perennial::training::memory::MemoryNeed;
use perennial::training::run_folder::find_run;
use perennial::training::{RunConfig, RunPolicy, evaluate_policies, measure_score_baselines, policy_of_run, read_run_config};
use perennial::{escape, files};
use serde::Serialize;

#[cfg(feature = "window")]
pub(crate) use recordings::read_recording;
pub(crate) use recordings::{DriverChoice, RolloutRequest, replay, rollout};

/// Arguments of `train`, before defaults and `--set` turn them into a [`RunConfig`].
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
    /// Limits of a device.
    pub(crate) budget: Option<Budget>,
    /// `true` if the user named the method, which a budget then keeps.
    pub(crate) is_method_named: bool,
}

/// Resolves and validates everything; writes nothing.
pub(crate) fn resolve(request: &RunRequest<'_>) -> miette::Result<RunConfig> {
    let config = resolve_settings(request)?;
    config.check()?;
    Ok(config)
}

/// Resolves everything and validates every setting by itself, but not yet whether they can be run together.
pub(crate) fn resolve_settings(request: &RunRequest<'_>) -> miette::Result<RunConfig> {
    resolve_settings_in(load_scenario(request.scenario)?, request)
}

/// As [`resolve_settings`], in a scenario that was loaded before.
pub(crate) fn resolve_settings_in(scenario: Scenario, request: &RunRequest<'_>) -> miette::Result<RunConfig> {
    let mut config = RunConfig::new(scenario);
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
    if let Some(budget) = request.budget {
        budget.choose(&mut config, request.is_method_named)?;
    }
    override_settings(config, request.set)
}

/// The configuration with the settings that `--set` changes.
pub(crate) fn override_settings(mut config: RunConfig, set: &[String]) -> miette::Result<RunConfig> {
    if set.is_empty() {
        return Ok(config);
    }
    let overrides: Vec<Override> = set.iter().map(|text| text.parse()).collect::<Result<_, _>>()?;
    let mut complete = toml::Table::new();
    complete.insert("scenario".to_owned(), Scenario::schema().complete().into());
    // What is left out of a configuration while it has its default can be set all the same.
    let season_ends = toml::Table::from_iter([("keep_season_ends".to_owned(), true.into())]);
    complete.insert("checkpoints".to_owned(), season_ends.into());
    // The program is no setting: while it is taken out, no path leads to it.
    let program = config.program.take();
    config = apply(&config, &complete, &overrides)?;
    config.program = program;
    Ok(config)
}

/// A scenario by its name or file. Its mistakes are shown with their places.
pub(crate) fn load_scenario(name_or_path: &str) -> miette::Result<Scenario> {
    Ok(Scenario::load(name_or_path)?.scenario)
}

/// Size of the largest policy file that is read.
const MOST_POLICY_BYTES: u64 = 160 << 20;

/// Reads a policy from a file of its own.
pub(crate) fn read_policy_file(path: &Path) -> miette::Result<RunPolicy> {
    let unusable = |reason: String| miette::miette!("{} cannot be used as a policy: {reason}", escape::path(path));
    let mut bytes = Vec::new();
    files::open(path)?
        .take(MOST_POLICY_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unusable(files::reason(&error)))?;
    if bytes.len() as u64 > MOST_POLICY_BYTES {
        return Err(unusable(format!("it has more than {MOST_POLICY_BYTES} bytes")));
    }
    RunPolicy::from_bytes(&bytes).map_err(|error| unusable(error.to_string()))
}

/// The network that a run begins with: that of another run, by its name or folder, or of a file that `export` wrote.
pub(crate) fn initial_policy(results_dir: &Path, asked: &str, config: &RunConfig) -> miette::Result<PolicySnapshot> {
    let policy = if Path::new(asked).is_file() {
        read_policy_file(Path::new(asked))?
    } else {
        policy_of_run(&find_run(results_dir, asked)?)?
    };
    Ok(policy.to_begin_with(config, None)?)
}

/// Result of evaluating a finished or stopped run.
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
    MemoryNeed::of_evaluation(&scenario, probes).check()?;
    let policies = found.for_scenario(&scenario)?.every_season();
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
        decisions: found.origin.decisions,
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

/// The number of a season, by its name.
pub(crate) fn season_number(scenario: &Scenario, name: &str) -> miette::Result<usize> {
    let names = || scenario.seasons.iter().map(|season| season.name.as_str());
    let name = name.trim();
    names().position(|known| known == name).ok_or_else(|| {
        let shown = |name: &str| escape::terminal(name);
        let hint = nearest(name, names()).map_or_else(String::new, |nearest| format!("did you mean `{}`? ", shown(nearest)));
        let all = names().map(shown).collect::<Vec<_>>().join(", ");
        miette::miette!(
            help = format!("{hint}its seasons are {all}"),
            "scenario `{}` has no season `{}`",
            shown(&scenario.name),
            shown(name)
        )
    })
}
