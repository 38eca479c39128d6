//! What the commands ask of the library beyond what stands there yet: types and functions of `perennial::training`.
//!
//! Each item here has the name and shape under which the library is to offer it; the commands use nothing of it but through this
//! file, so that connecting them is a change of this file alone.
#![allow(dead_code, reason = "the library does not yet build these")]

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use perennial::training::{RunFolder, Summary};
use serde::Serialize;

/// Everything that a run is made from.
pub(crate) struct RunConfig {
    pub(crate) scenario: String,
    pub(crate) method: String,
    pub(crate) algorithm: String,
    pub(crate) seed: u64,
}

/// What `train` was asked for, before defaults and `--set` make a [`RunConfig`] of it.
pub(crate) struct RunRequest<'a> {
    pub(crate) scenario: &'a str,
    pub(crate) method: &'a str,
    pub(crate) algorithm: &'a str,
    pub(crate) seed: u64,
    pub(crate) gardens: u64,
    pub(crate) decisions_per_season: u64,
    pub(crate) years: u64,
    /// The folder of the run whose networks are taken over.
    pub(crate) initialize_from: Option<&'a Path>,
    /// `path=value`, in the order in which they were given.
    pub(crate) set: &'a [String],
}

impl RunConfig {
    /// Resolves and validates everything; writes nothing.
    pub(crate) fn resolve(_request: &RunRequest<'_>) -> miette::Result<Self> {
        Err(not_yet("train"))
    }

    pub(crate) fn to_toml(&self) -> miette::Result<String> {
        Err(not_yet("train"))
    }
}

/// What happens in a run that somebody may want to see.
pub(crate) enum TrainingEvent {
    /// The run begins; or goes on, at `decisions`.
    Started {
        seasons: Vec<String>,
        years: usize,
        total_decisions: u64,
        decisions: u64,
    },
    /// It goes on from a checkpoint; those that were damaged are named.
    Resumed { from: PathBuf, skipped_damaged: Vec<String> },
    /// Every garden took a decision. `score` is that of the latest evaluation in this season, or an estimate from training episodes.
    Tick {
        decisions: u64,
        season: usize,
        score: Option<f64>,
    },
    /// An evaluation begins; decisions stand still for a while.
    Evaluating { row: usize },
    /// A season has been learned and all seasons evaluated.
    SeasonEnded {
        year: usize,
        season: usize,
        scores: Vec<Option<f64>>,
    },
    /// A checkpoint is on the disk.
    CheckpointWritten { path: PathBuf },
}

/// Who is told.
pub(crate) trait Observer {
    fn event(&mut self, event: &TrainingEvent);
}

/// How a run came to its end.
pub(crate) enum Outcome {
    /// It learned its whole year.
    Finished(Box<Summary>),
    /// It was asked to stop, and can be resumed from here.
    Stopped { checkpoint: PathBuf },
}

/// A run.
pub(crate) struct Training {
    folder: RunFolder,
}

impl Training {
    pub(crate) fn start(_config: RunConfig, _folder: RunFolder) -> miette::Result<Self> {
        Err(not_yet("train"))
    }

    pub(crate) fn resume(_folder: RunFolder) -> miette::Result<Self> {
        Err(not_yet("train --resume"))
    }

    pub(crate) fn run(&mut self, _observer: &mut dyn Observer, _stop: &AtomicBool) -> miette::Result<Outcome> {
        Err(not_yet("train"))
    }
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
    /// Between random driver (0) and gardener (1).
    pub(crate) score: Vec<Option<f64>>,
    /// Mean of the scores; none where one is missing.
    pub(crate) average_performance: Option<f64>,
}

/// Evaluates the newest policy of a run, in its own scenario or another.
pub(crate) fn evaluate(_run: &Path, _scenario: Option<&str>, _episodes: Option<u64>) -> miette::Result<EvaluationReport> {
    Err(not_yet("evaluate"))
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
pub(crate) fn rollout(_request: &RolloutRequest<'_>) -> miette::Result<RolloutReport> {
    Err(not_yet("rollout"))
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

/// Simulates a recording again and compares the hash of the state after each decision.
pub(crate) fn replay(_recording: &Path) -> miette::Result<ReplayReport> {
    Err(not_yet("replay"))
}

fn not_yet(command: &str) -> miette::Report {
    miette::miette!("`perennial {command}` is not connected yet")
}
