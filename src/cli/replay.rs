//! `replay`: what is in a recording, and whether it can be simulated again.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use perennial::escape;

use super::Answer;
use super::engine;
use super::output::{print, print_json};

/// Simulate a recording again, and compare
///
/// The garden is a function of how its episode started and the actions since. So a recording, simulated again, must lead to the same
/// state after every decision, to the same rewards and to the same returns; where it does not, something has changed: the program, the
/// machine's arithmetic, or the file. A file that was cut or changed since it was written is told by its length and its checksum.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    perennial replay gardener.rec\n  \
    perennial replay gardener.rec --verify && echo the same\n\n\
    With --verify, the exit code is 1 if anything differs, or if the file was cut or changed since it was written.")]
pub(crate) struct Replay {
    /// The recording, as `perennial rollout --record` writes it. `-` is the standard input.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// Answer with exit code 1 if anything is not as it was recorded.
    #[arg(long)]
    verify: bool,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

impl Replay {
    /// Plays it again, and says whether it was the same.
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
