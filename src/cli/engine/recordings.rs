//! Rollouts and their recordings.

use std::io::BufRead;
use std::path::{Path, PathBuf};

use miette::IntoDiagnostic;
use perennial::agent::drivers::{Driver, ReferenceDriver};
use perennial::app::Gardens;
use perennial::rollout::{Compared, Recording, RecordingError, RecordingHeader, record};
use perennial::scenario::{DEFAULT_SCENARIO, Scenario};
use perennial::sensors::observation_spec;
use perennial::training::memory::MemoryNeed;
use perennial::training::{policy_of_run, read_run_config};
use perennial::{escape, files};
use serde::Serialize;

use super::{load_scenario, season_number};
use crate::cli::output::Destination;

/// Driver of a rollout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DriverChoice {
    /// A driver that needs no policy.
    Reference(ReferenceDriver),
    /// The policy of the run in this folder.
    Run(PathBuf),
}

impl DriverChoice {
    fn name(&self) -> String {
        match self {
            Self::Reference(driver) => driver.name().to_owned(),
            Self::Run(run) => run.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        }
    }

    /// The garden that this driver is at home in.
    fn scenario(&self) -> miette::Result<Scenario> {
        match self {
            Self::Run(run) => Ok(read_run_config(run)?.scenario),
            Self::Reference(_) => load_scenario(DEFAULT_SCENARIO),
        }
    }

    fn driver(&self, scenario: &Scenario, seed: u64) -> miette::Result<Box<dyn Driver>> {
        Ok(match self {
            Self::Reference(driver) => driver.build(seed),
            Self::Run(run) => {
                let policies = policy_of_run(run)?.for_scenario(scenario)?;
                Box::new(policies.driver(&observation_spec(scenario)).into_diagnostic()?)
            }
        })
    }
}

/// Result of a rollout.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RolloutReport {
    /// Name of the scenario.
    pub(crate) scenario: String,
    /// Decisions recorded.
    pub(crate) decisions: u64,
    /// Return of each episode.
    pub(crate) episode_returns: Vec<f64>,
    /// Hash of the last state, as 16 hexadecimal digits.
    pub(crate) final_state_hash: String,
}

/// Settings of a rollout.
pub(crate) struct RolloutRequest<'a> {
    pub(crate) driver: DriverChoice,
    /// The garden; the driver's own if none is named.
    pub(crate) scenario: Option<&'a str>,
    pub(crate) season: Option<&'a str>,
    pub(crate) seed: u64,
    pub(crate) episodes: u64,
    /// Destination of the recording, which is written whole or not at all.
    pub(crate) record: &'a Destination,
}

/// Lets a driver tend a garden and records every decision with the hash of the state after it.
pub(crate) fn rollout(request: &RolloutRequest<'_>) -> miette::Result<RolloutReport> {
    let scenario = match request.scenario {
        Some(name_or_path) => load_scenario(name_or_path)?,
        None => request.driver.scenario()?,
    };
    let season = request.season.map(|name| season_number(&scenario, name)).transpose()?;
    let driver = request.driver.driver(&scenario, request.seed)?;
    let header = RecordingHeader::new(scenario, season, request.episodes, request.seed, &request.driver.name());
    header
        .check()
        .map_err(|mistakes| miette::miette!("this cannot be recorded:\n{}", mistakes.list.join("\n")))?;
    let mut report = RolloutReport {
        scenario: header.scenario.name.clone(),
        decisions: 0,
        episode_returns: Vec::new(),
        final_state_hash: String::new(),
    };
    MemoryNeed::of_recording(&header.scenario, header.ticks()).check()?;
    // Kept until it is whole: what is stopped in the middle leaves nothing.
    let mut text = Vec::new();
    record(&header, driver, &mut text, |gardens| {
        report.decisions += gardens.len() as u64;
        report.episode_returns.extend(finished_returns(gardens));
        report.final_state_hash = format!("{:016x}", gardens.state_hash());
    })
    .into_diagnostic()?;
    request.record.write(&text)?;
    Ok(report)
}

fn finished_returns(gardens: &Gardens) -> impl Iterator<Item = f64> {
    gardens
        .finished_episodes()
        .map(|finished| f64::from(finished.episode.tally.episode_return))
}

/// Result of playing a recording again.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ReplayReport {
    /// Name of the scenario.
    pub(crate) scenario: String,
    /// Name of the driver.
    pub(crate) driver: String,
    /// Decisions in the recording.
    pub(crate) decisions: u64,
    /// Return of each episode, up to the first difference.
    pub(crate) episode_returns: Vec<f64>,
    /// The first decision that led to something else than was recorded, counted from 0.
    pub(crate) first_difference: Option<u64>,
    /// Quantity that differs there.
    pub(crate) differs_in: Option<Compared>,
    /// Reason why the file is not what was written, if it was cut or changed since.
    pub(crate) flaw: Option<String>,
}

impl ReplayReport {
    /// Returns `true` if everything is as it was recorded.
    pub(crate) fn is_the_same(&self) -> bool {
        self.first_difference.is_none() && self.flaw.is_none()
    }
}

fn open_recording(recording: &Path) -> miette::Result<Box<dyn BufRead>> {
    Ok(files::open(recording)?)
}

fn unplayable(recording: &Path, error: &RecordingError) -> miette::Report {
    miette::miette!("{} cannot be played as a recording: {error}", escape::path(recording))
}

/// Reads a recording that is whole.
#[cfg(feature = "window")]
pub(crate) fn read_recording(recording: &Path) -> miette::Result<Recording> {
    Recording::read(open_recording(recording)?).map_err(|error| unplayable(recording, &error))
}

/// Simulates a recording again and compares what each decision led to.
pub(crate) fn replay(recording: &Path) -> miette::Result<ReplayReport> {
    let (read, flaw) = Recording::read_playable(open_recording(recording)?).map_err(|error| unplayable(recording, &error))?;
    let mut episode_returns = Vec::new();
    let difference = read.verify(|gardens| episode_returns.extend(finished_returns(gardens)));
    Ok(ReplayReport {
        scenario: read.header.scenario.name.clone(),
        driver: read.header.driver.clone(),
        decisions: read.actions.len() as u64,
        episode_returns,
        first_difference: difference.map(|difference| difference.tick as u64),
        differs_in: difference.map(|difference| difference.compared),
        flaw: flaw.map(|flaw| flaw.to_string()),
    })
}
