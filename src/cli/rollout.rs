//! `rollout`: runs a driver and records every decision.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use perennial::agent::drivers::ReferenceDriver;
use perennial::suggestion::nearest;
use perennial::training::RunFolderError;
use perennial::training::run_folder::find_run;

use super::Answer;
use super::arguments::{self, ResultsDir};
use super::engine::{self, DriverChoice, RolloutRequest};
use super::output::Destination;

/// Run a driver in a garden and record its episodes
///
/// A recording contains the scenario, every action, hashes of the garden's state and of the outcome of every decision, and the return
/// of each episode. `perennial replay FILE --verify` simulates it again and compares.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    perennial rollout --driver gardener --record gardener.rec\n  \
    perennial rollout --driver my_run --season winter --episodes 4 --record winter.rec")]
pub(crate) struct Rollout {
    /// Driver: `gardener`, `planner`, `idle`, `random`, or the name or folder of a run.
    #[arg(long, value_name = "gardener|planner|idle|random|RUN")]
    driver: String,
    /// File to write; an existing one is replaced. `-` is the standard output.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    record: PathBuf,
    /// Scenario: a file, or the name of a shipped one; the run's own, or else four_seasons, if not given.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    scenario: Option<String>,
    /// Season to stay in; all seasons of the year, one after the other, if not given.
    #[arg(long, value_name = "NAME")]
    season: Option<String>,
    /// Random seed.
    #[arg(long, value_name = "N", default_value = "0", value_parser = arguments::seed)]
    seed: u64,
    /// Number of episodes; per season if no season is given.
    #[arg(long, value_name = "N", default_value = "1", value_parser = arguments::episodes)]
    episodes: u64,
    #[command(flatten)]
    results: ResultsDir,
}

impl Rollout {
    /// Plays and records.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        let record = Destination::of(&self.record);
        record.check()?;
        let report = engine::rollout(&RolloutRequest {
            driver: self.choice()?,
            scenario: self.scenario.as_deref(),
            season: self.season.as_deref(),
            seed: self.seed,
            episodes: self.episodes,
            record: &record,
        })?;
        let returns: Vec<String> = report.episode_returns.iter().map(|value| format!("{value:.2}")).collect();
        record.tell(&format!(
            "{} decisions in {}, return of each episode: {}\nrecorded in {}, last state {}",
            report.decisions,
            report.scenario,
            returns.join(", "),
            record,
            report.final_state_hash
        ))?;
        Ok(Answer::Yes)
    }

    fn choice(&self) -> miette::Result<DriverChoice> {
        Ok(match ReferenceDriver::named(&self.driver) {
            Some(driver) => DriverChoice::Reference(driver),
            None => {
                DriverChoice::Run(find_run(&self.results.results_dir, &self.driver).map_err(|error| self.unknown_driver(error))?)
            }
        })
    }

    /// Says that a reference driver was probably meant, if one has a similar name and no run has.
    fn unknown_driver(&self, error: RunFolderError) -> miette::Report {
        let names = ReferenceDriver::ALL.map(ReferenceDriver::name);
        match (&error, nearest(&self.driver, names)) {
            (RunFolderError::NoSuchRun { nearest: None, .. }, Some(name)) => {
                miette::miette!(help = format!("did you mean `{name}`?"), "{error}")
            }
            _ => error.into(),
        }
    }
}
