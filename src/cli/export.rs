//! `export`: writes the policy of a run to a file.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use miette::IntoDiagnostic;
use perennial::escape;
use perennial::training::run_folder::find_run;
use perennial::training::{policy_of_run_at, read_run_config};

use super::Answer;
use super::arguments::ResultsDir;
use super::engine;
use super::output::Destination;

/// Write the policy of a run to a file
///
/// The file contains the policy as it is evaluated (one policy per season, if the method is told the season), its origin, and the
/// properties of the scenario that it depends on. `perennial watch --policy FILE` and `perennial train --initialize-from FILE` begin
/// with it.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    perennial export four_seasons-replay-seed0 --out year.policy\n  \
    perennial export four_seasons-replay-seed0 --at-decision 60000 --out spring.policy\n  \
    perennial export four_seasons-packnet-seed0 --season winter --out winter.policy")]
pub(crate) struct Export {
    /// Run: its name or folder.
    #[arg(value_name = "RUN", value_hint = ValueHint::DirPath)]
    run: String,
    /// File to write; an existing one is replaced. `-` is the standard output.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: PathBuf,
    /// Export the policy after this number of decisions, if that checkpoint is kept (as at the end of each season).
    #[arg(long, value_name = "N")]
    at_decision: Option<u64>,
    /// Export only the policy for this season, if the method has one per season.
    #[arg(long, value_name = "NAME")]
    season: Option<String>,
    #[command(flatten)]
    results: ResultsDir,
}

impl Export {
    /// Writes the file.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        let out = Destination::of(&self.out);
        out.check_for_bytes()?;
        let run = find_run(&self.results.results_dir, &self.run)?;
        let mut policy = policy_of_run_at(&run, self.at_decision)?;
        if let Some(name) = &self.season {
            policy = policy.only(engine::season_number(&read_run_config(&run)?.scenario, name)?);
        }
        out.write(&policy.to_bytes().into_diagnostic()?)?;
        let origin = &policy.origin;
        let which = match (
            policy.is_by_season(),
            policy.trained_on.as_ref().and_then(|on| on.only_season.as_ref()),
        ) {
            (true, _) => "a policy for each season".to_owned(),
            (false, Some(season)) => format!("the policy for {}", escape::terminal(season)),
            (false, None) => "the policy".to_owned(),
        };
        out.tell(&format!(
            "{}: {which} of {} by {} ({}), seed {}, after {} decisions",
            out,
            escape::terminal(&origin.scenario),
            origin.method,
            origin.algorithm,
            origin.seed,
            origin.decisions
        ))?;
        Ok(Answer::Yes)
    }
}
