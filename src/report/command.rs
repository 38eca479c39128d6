//! The command that repeats a run, reconstructed from its configuration.

use super::settings::leaves;
use crate::escape::shell;
use crate::scenario::{Scenario, shipped_names};
use crate::training::RunConfig;

/// Maximum number of changed scenario keys written as overrides; beyond that, a file is easier to read.
const MOST_SCENARIO_CHANGES: usize = 12;

/// Placeholder for the scenario if no shipped one is similar.
const SCENARIO_FILE: &str = "SCENARIO.toml";

/// Returns the command line that repeats this run, with `seed` in place of its seed, and `true` if it needs the `[scenario]`
/// table of the run's `config.toml` as a file `SCENARIO.toml`.
///
/// `RUN` stands for a run whose policy has the hash that the configuration names.
pub fn command(config: &RunConfig, seed: &str) -> (String, bool) {
    let near = shipped_names()
        .filter_map(|name| Some((name, changes(config, Scenario::load(name).ok()?.scenario)?)))
        .filter(|(_, changes)| changes.iter().filter(|change| change.starts_with("scenario.")).count() <= MOST_SCENARIO_CHANGES)
        .min_by_key(|(_, changes)| changes.len());
    let (scenario, changes, needs_file) = match near {
        Some((name, changes)) => (name, changes, false),
        None => (
            SCENARIO_FILE,
            changes(config, config.scenario.clone()).unwrap_or_default(),
            true,
        ),
    };
    let RunConfig { method, algorithm, .. } = config;
    let mut words = format!(
        "perennial train --scenario {scenario} --method {} --algorithm {} --seed {seed}",
        shell(method),
        shell(algorithm)
    );
    let usual = RunConfig::new(config.scenario.clone());
    for (flag, value, usual) in [
        ("--gardens", config.gardens as u64, usual.gardens as u64),
        (
            "--decisions-per-season",
            config.decisions_per_season,
            usual.decisions_per_season,
        ),
        ("--years", config.years as u64, usual.years as u64),
    ] {
        if value != usual {
            words.push_str(&format!(" {flag} {value}"));
        }
    }
    if config.initial_policy.is_some() {
        words.push_str(" --initialize-from RUN");
    }
    for change in changes {
        words.push_str(&format!(" --set {}", shell(&change)));
    }
    (words, needs_file)
}

/// Returns `path=value` for every difference between this configuration and the default one of a scenario; `None` if the run used
/// another scenario.
fn changes(config: &RunConfig, scenario: Scenario) -> Option<Vec<String>> {
    if scenario.name != config.scenario.name {
        return None;
    }
    // The program and the initial policy cannot be set by overrides.
    let unbound = |config: RunConfig| RunConfig {
        program: None,
        initial_policy: None,
        tuning: false,
        ..config
    };
    let usual = RunConfig {
        method: config.method.clone(),
        algorithm: config.algorithm.clone(),
        seed: config.seed,
        gardens: config.gardens,
        decisions_per_season: config.decisions_per_season,
        years: config.years,
        ..RunConfig::new(scenario)
    };
    let (usual, wanted) = (leaves(&unbound(usual)), leaves(&unbound(config.clone())));
    // If a key is missing on one side, a list has another length, which an override cannot express.
    if !usual.keys().eq(wanted.keys()) {
        return None;
    }
    let changed = wanted.iter().filter(|(path, value)| usual.get(*path) != Some(*value));
    Some(changed.map(|(path, value)| format!("{path}={value}")).collect())
}
