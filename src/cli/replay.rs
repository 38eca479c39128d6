//! `replay`: simulates a recording again and compares it.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use perennial::escape;

use super::Answer;
use super::engine;
use super::output::{print, print_json};

/// Simulate a recording again and compare every state
///
/// The state of a garden depends only on the start of its episode and the actions since. A recording that is simulated again must
/// therefore give the same states, rewards and returns. If it does not, the program, the machine's arithmetic or the file has
/// changed. A file that was cut or changed is also detected by its length and checksum.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    perennial replay gardener.rec\n  \
    perennial replay gardener.rec --verify && echo the same\n\n\
    With --verify, the exit code is 1 if anything differs, or if the file was cut or changed since it was written.")]
pub(crate) struct Replay {
    /// Recording, as written by `perennial rollout --record`. `-` is the standard input.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// Exit with code 1 if anything differs from the recording.
    #[arg(long)]
    verify: bool,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

impl Replay {
    /// Simulates the recording and prints the result of the comparison.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        let report = engine::replay(&self.file)?;
        if self.json {
            print_json(&report)?;
        } else {
            let returns: Vec<String> = report.episode_returns.iter().map(|value| format!("{value:.2}")).collect();
            let verdict = match report.first_difference.zip(report.differs_in) {
                None => "every state is the same".to_owned(),
                Some((decision, compared)) => format!("{compared} differs after decision {decision}"),
            };
            let verdict = match &report.flaw {
                None => verdict,
                // That every state is the same says little of a file that is not whole.
                Some(flaw) if report.first_difference.is_none() => format!("not what was recorded: {flaw}"),
                Some(flaw) => format!("{verdict}\nnot what was recorded: {flaw}"),
            };
            print(&format!(
                "{}: {} decisions by {} in {}, return of each episode: {}\n{verdict}",
                escape::path(&self.file),
                report.decisions,
                escape::terminal(&report.driver),
                escape::terminal(&report.scenario),
                returns.join(", ")
            ))?;
        }
        Ok(if self.verify && !report.is_the_same() {
            Answer::No
        } else {
            Answer::Yes
        })
    }
}
