//! `personalise`: learns another gardener's taste on top of a policy.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use miette::IntoDiagnostic;
use perennial::applications::personalising::{DEFAULT_RANK, adapt, check_taste};
use perennial::escape;
use perennial::training::run_folder::find_run;
use perennial::training::{
    Adapter, Execution, Existing, Outcome, RunConfig, RunFolder, RunPolicy, Training, TrainingError, policy_of_run,
    read_run_config,
};

use super::arguments::{self, ResultsDir};
use super::engine::{self, RunRequest};
use super::output::{Destination, note};
use super::progress::Progress;
use super::{Answer, interrupt};

/// Learn another gardener's taste on top of a policy, by few parameters
///
/// A taste is a scenario with other rewards. An adapter, a change of low rank of each layer's weights, learns it from a few decisions in that scenario and is
/// written to a file; the policy itself stays as it is. With --policy-out, the policy with the adapter is written as well, as a file that `watch --policy` and
/// `train --initialize-from` take.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    perennial personalise my_run --scenario thrifty_gardener --decisions 3000 --out thrifty.adapter\n  \
    perennial personalise my.policy --scenario my_taste.toml --rank 2 --out mine.adapter --policy-out mine.policy")]
pub(crate) struct Personalise {
    /// Policy: the name or folder of a run, or a file written by `perennial export`.
    #[arg(value_name = "RUN|FILE", value_hint = ValueHint::AnyPath)]
    policy: String,
    /// Scenario with the taste's rewards: a file, or the name of a shipped one.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    scenario: String,
    /// Decisions in each of its seasons, over all gardens.
    #[arg(long, value_name = "N", default_value = "3000", value_parser = arguments::decisions)]
    decisions: u64,
    /// Rank of the change of each layer's weights.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_RANK as u64, value_parser = rank)]
    rank: u64,
    /// Random seed: the same seed gives the same adapter.
    #[arg(long, value_name = "N", default_value = "0", value_parser = arguments::seed)]
    seed: u64,
    /// File of the adapter; an existing one is replaced. `-` is the standard output.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: PathBuf,
    /// File of the policy with the adapter.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    policy_out: Option<PathBuf>,
    /// Change any other setting of the learning, for example `learner.adam.learning_rate=3e-4`; may be repeated.
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<String>,
    #[command(flatten)]
    results: ResultsDir,
    /// Hide the progress; errors and the result are still shown.
    #[arg(long, short)]
    quiet: bool,
}

/// Greatest rank of an adapter.
const MOST_RANK: u64 = 64;

fn rank(text: &str) -> Result<u64, String> {
    arguments::count(text, MOST_RANK)
}

impl Personalise {
    /// Learns the adapter in a temporary folder, and writes it.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        let out = Destination::of(&self.out);
        out.check_for_bytes()?;
        let policy_out = self.policy_out.as_deref().map(Destination::of);
        policy_out.as_ref().map_or(Ok(()), Destination::check_for_bytes)?;
        let (policy, own) = self.policy()?;
        let config = self.config(&policy)?;
        if let Some(own) = own {
            check_taste(&own.scenario, &config.scenario)?;
        }
        let base = policy.to_begin_with(&config, None)?;
        let config = RunConfig {
            initial_policy: Some(base.hash()),
            ..config
        };
        Training::check(&config, Some(&base))?;
        let folder = tempfile::tempdir().into_diagnostic()?;
        let place = RunFolder::reserve(folder.path(), "adapter", Existing::Refuse)?;
        let path = place.path().to_owned();
        let mut training = Training::start(config, place, Some(&base), Execution::default())?;
        let mut progress = Progress::new(self.quiet);
        let outcome = training.run(&mut progress, interrupt::flag());
        progress.finish();
        let Outcome::Finished(_) = outcome? else {
            note("stopped: nothing was written");
            return Ok(Answer::Interrupted);
        };
        drop(training);
        let adapter = Adapter::of_run(&path, &base)?;
        let personal = adapter.apply_to(&policy)?;
        out.write(&adapter.to_bytes().into_diagnostic()?)?;
        if let Some(policy_out) = &policy_out {
            policy_out.write(&personal.to_bytes().into_diagnostic()?)?;
        }
        out.tell(&format!(
            "{out}: the taste of {}, from {} decisions, in {} parameters beside the {} of the policy",
            escape::terminal(&adapter.origin.scenario),
            adapter.origin.decisions,
            adapter.parameters(),
            base.parameters.len()
        ))?;
        Ok(Answer::Yes)
    }

    /// The policy, and where it is a run, its configuration.
    fn policy(&self) -> miette::Result<(RunPolicy, Option<RunConfig>)> {
        if Path::new(&self.policy).is_file() {
            return Ok((engine::read_policy_file(Path::new(&self.policy))?, None));
        }
        let run = find_run(&self.results.results_dir, &self.policy)?;
        Ok((policy_of_run(&run)?, Some(read_run_config(&run)?)))
    }

    /// The configuration that learns the adapter, with networks of the policy's sizes.
    fn config(&self, policy: &RunPolicy) -> miette::Result<RunConfig> {
        let mut config = engine::resolve_settings(&RunRequest {
            scenario: &self.scenario,
            method: "finetune",
            algorithm: &policy.origin.algorithm,
            seed: self.seed,
            gardens: 16,
            decisions_per_season: self.decisions,
            years: 1,
            set: &[],
            budget: None,
            is_method_named: true,
        })?;
        let shape = &policy.networks()[0].shape;
        config.learner.hidden.clone_from(&shape.hidden);
        config.learner.layer_norm = shape.layer_norm;
        config.inside.every_decisions = 0;
        config.evaluation.episodes = 1;
        config.evaluation.gardens = 1;
        adapt(&mut config, self.rank as usize)?;
        let config = engine::override_settings(config, &self.set)?;
        config.check().map_err(TrainingError::from)?;
        Ok(config)
    }
}
