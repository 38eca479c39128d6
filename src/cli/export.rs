//! `export`: a run's policy in a file of its own.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use miette::IntoDiagnostic;
use perennial::escape;
use perennial::training::PolicyFile;
use perennial::training::run_folder::find_run;

use super::Answer;
use super::arguments::ResultsDir;
use super::output::Destination;

/// Write a run's policy into a file of its own
///
/// The file holds the policy as it is evaluated (for methods that are told the season, one for each), and where it comes from.
/// `perennial watch --policy FILE` begins with it.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    perennial export four_seasons-replay-seed0 --out year.policy\n  \
    perennial export four_seasons-replay-seed0 --at-decision 60000 --out spring.policy")]
pub(crate) struct Export {
    /// The run: its name, or its folder.
    #[arg(value_name = "RUN", value_hint = ValueHint::DirPath)]
    run: String,
    /// The file to write; one that is there is replaced. `-` is the standard output.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: PathBuf,
    /// The policy as it was after so many decisions, where a checkpoint of that time is kept (as at the end of each season).
    #[arg(long, value_name = "N")]
    at_decision: Option<u64>,
    #[command(flatten)]
    results: ResultsDir,
}

impl Export {
    /// Writes the file.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        let out = Destination::of(&self.out);
        out.check_for_bytes()?;
        let run = find_run(&self.results.results_dir, &self.run)?;
        let file = PolicyFile::of_run(&run, self.at_decision)?;
        out.write(&file.to_bytes().into_diagnostic()?)?;
        let origin = &file.origin;
        out.tell(&format!(
            "{}: the policy of {} by {} ({}), seed {}, after {} decisions",
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
