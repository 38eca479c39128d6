//! `rollout`: somebody tends a garden, and every decision is recorded.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use perennial::scenario::DEFAULT_SCENARIO;
use perennial::training::run_folder::find_run;

use super::Answer;
use super::arguments::{self, ResultsDir};
use super::engine::{self, DriverChoice, RolloutRequest};
use super::output::print;

/// Let somebody tend a garden, and record it
///
/// A recording holds the scenario, how each episode began, every decision, and the hash of the garden's state after it. `perennial
/// replay FILE --verify` simulates it again and compares.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    perennial rollout --driver gardener --record gardener.rec\n  \
    perennial rollout --driver four_seasons-replay-seed0 --season winter --episodes 4 --record winter.rec")]
pub(crate) struct Rollout {
    /// Who decides: `gardener`, `planner`, `random`, or a run, by its name or its folder.
    #[arg(long, value_name = "gardener|planner|random|RUN")]
    driver: String,
    /// The file to write; one that is there is replaced.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    record: PathBuf,
    /// What the garden is like: a file, or the name of a shipped scenario.
    #[arg(long, value_name = "FILE", default_value = DEFAULT_SCENARIO, value_hint = ValueHint::FilePath)]
    scenario: String,
    /// The season to stay in; a whole year, an episode a season, if not given.
    #[arg(long, value_name = "NAME")]
    season: Option<String>,
    /// Where all chance comes from.
    #[arg(long, value_name = "N", default_value = "0", value_parser = arguments::seed)]
    seed: u64,
    /// How many episodes are played (in each season, where there is none named).
    #[arg(long, value_name = "N", default_value = "1", value_parser = arguments::episodes)]
    episodes: u64,
    #[command(flatten)]
    results: ResultsDir,
}

impl Rollout {
    /// Plays and records.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        let report = engine::rollout(&RolloutRequest {
            driver: self.choice()?,
            scenario: &self.scenario,
            season: self.season.as_deref(),
            seed: self.seed,
            episodes: self.episodes,
            record: &self.record,
        })?;
        let returns: Vec<String> = report.episode_returns.iter().map(|value| format!("{value:.2}")).collect();
        print(&format!(
            "{} decisions, return of each episode: {}\nrecorded in {}, last state {}",
            report.decisions,
            returns.join(", "),
            self.record.display(),
            report.final_state_hash
        ))?;
        Ok(Answer::Yes)
    }

    fn choice(&self) -> miette::Result<DriverChoice> {
        Ok(match self.driver.as_str() {
            "gardener" => DriverChoice::Gardener,
            "planner" => DriverChoice::Planner,
            "random" => DriverChoice::Random,
            run => DriverChoice::Run(find_run(&self.results.results_dir, run)?),
        })
    }
}
