//! `edit`: teaches a policy a new species from labelled views.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use miette::IntoDiagnostic;
use perennial::applications::editing::{EditError, Teaching, edit};
use perennial::escape;
use perennial::training::RunPolicy;
use perennial::training::policy_of_run;
use perennial::training::run_folder::find_run;

use super::Answer;
use super::arguments::{self, ResultsDir};
use super::engine;
use super::output::Destination;

/// Teach a policy a new species from labelled views, without acting in a garden
///
/// The scenario is that of the policy with one more species. A scripted robot collects views of thirsty and fine plants of that species. The policy learns to
/// treat them like the plants that it knows, and its outputs in gardens without the species are preserved. The policy itself is not changed: the edited policy
/// is written to a file that `evaluate`, `watch --policy` and `train --initialize-from` accept.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    perennial edit my_run --scenario odd_species --species moonflower --views 100 --out edited.policy\n  \
    perennial edit my.policy --scenario my_garden.toml --species orchid --out edited.policy")]
pub(crate) struct Edit {
    /// Policy: the name or folder of a run, or a file written by `perennial export`.
    #[arg(value_name = "RUN|FILE", value_hint = ValueHint::AnyPath)]
    policy: String,
    /// Scenario in which the species grows: a file, or the name of a shipped one.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    scenario: String,
    /// Name of the new species.
    #[arg(long, value_name = "NAME")]
    species: String,
    /// Labelled views of it, spread over the seasons.
    #[arg(long, value_name = "N", default_value = "100", value_parser = views)]
    views: u64,
    /// Random seed of the order in which views are learned.
    #[arg(long, value_name = "N", default_value = "0", value_parser = arguments::seed)]
    seed: u64,
    /// File to write; an existing one is replaced. `-` is the standard output.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: PathBuf,
    #[command(flatten)]
    results: ResultsDir,
}

/// Most labelled views of an edit.
const MOST_VIEWS: u64 = 10_000;

fn views(text: &str) -> Result<u64, String> {
    arguments::count(text, MOST_VIEWS)
}

impl Edit {
    /// Edits, and writes the file.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        let out = Destination::of(&self.out);
        out.check_for_bytes()?;
        let scenario = engine::load_scenario(&self.scenario)?;
        let policy = if Path::new(&self.policy).is_file() {
            engine::read_policy_file(Path::new(&self.policy))?
        } else {
            policy_of_run(&find_run(&self.results.results_dir, &self.policy)?)?
        };
        if policy.is_by_season() {
            let networks = policy.networks().len();
            return Err(EditError::SeveralNetworks { networks }.into());
        }
        let network = policy.for_scenario(&scenario)?.for_season(0).clone();
        let edited = edit(
            &network,
            &scenario,
            &self.species,
            self.views as usize,
            Teaching::Recoloured,
            self.seed,
        )?;
        let written = RunPolicy::new(vec![edited.policy], policy.origin.clone(), policy.trained_on.clone()).into_diagnostic()?;
        out.write(&written.to_bytes().into_diagnostic()?)?;
        out.tell(&format!(
            "{out}: the policy of {}, which knows {} from {} labelled views, by {:.2e} multiply-adds",
            escape::terminal(&policy.origin.scenario),
            escape::terminal(&self.species),
            edited.views,
            edited.multiply_adds as f64
        ))?;
        Ok(Answer::Yes)
    }
}
