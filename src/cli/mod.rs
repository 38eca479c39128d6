//! The command line: one file for each subcommand.
//!
//! Commands print results to the standard output, and progress, notes and errors to the standard error, so that a pipe receives only
//! results. Only here does the program read the clock and print.
//!
//! | exit code | meaning |
//! |---|---|
//! | 0 | success |
//! | 1 | the answer is no: a recording differs when it is simulated again, or a scenario file has mistakes |
//! | 2 | failure: wrong arguments, a damaged file, a full disk |
//! | 130, 143, 129 | stopped by Ctrl-C (SIGINT), SIGTERM or SIGHUP: 128 plus the number of the signal |
//!
//! `train` and `compare` write a checkpoint of each run before they stop, and `watch` closes its window. All other commands end at once.

mod apply;
mod arguments;
mod bench;
mod compare;
mod edit;
mod engine;
mod evaluate;
mod exit;
mod explain;
mod export;
mod interrupt;
mod methods;
mod output;
mod personalise;
mod progress;
mod replay;
mod report;
mod rollout;
mod scenario;
#[cfg(feature = "window")]
mod screenshot;
mod table;
mod train;
#[cfg(feature = "window")]
mod watch;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use miette::IntoDiagnostic;
use perennial::learner::ProductKernel;

/// Outcome of a command that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Success.
    Yes,
    /// The answer is no.
    No,
    /// The command was stopped; finished work is kept.
    Interrupted,
}

/// A garden in which a watering robot learns continually while the seasons change.
///
/// The robot waters thirsty plants. The garden looks different in each season, so what the robot learned in spring misleads it in
/// autumn: plain training forgets, and the methods here remember. `perennial train` trains for a year and measures how well.
#[derive(Debug, Parser)]
#[command(
    version,
    propagate_version = true,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "Examples:\n  \
        perennial train                        train for a year with replay\n  \
        perennial train --method finetune      the same without replay: see it forget\n  \
        perennial evaluate four_seasons-replay_boundary_free+l2_init-seed0\n\n\
        Exit codes:\n  \
        0    success\n  \
        1    the answer is no: `replay --verify` found a difference, or `scenario check` a mistake\n  \
        2    failure\n  \
        129  stopped by SIGHUP\n  \
        130  stopped by Ctrl-C\n  \
        143  stopped by SIGTERM"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// Defines the subcommands: what parses each, and its `run`.
macro_rules! subcommands {
    ($($(#[$attribute:meta])* $name:ident: $arguments:ty,)*) => {
        #[derive(Debug, Subcommand)]
        enum Command {
            $($(#[$attribute])* $name($arguments),)*
        }

        impl Command {
            fn run(&self) -> miette::Result<Answer> {
                match self {
                    $($(#[$attribute])* Self::$name(arguments) => arguments.run(),)*
                }
            }
        }
    };
}

// In the order of the help.
subcommands! {
    #[cfg(feature = "window")]
    Watch: Box<watch::Watch>,
    Train: train::Train,
    Compare: compare::Compare,
    Apply: apply::Apply,
    Evaluate: evaluate::Evaluate,
    Rollout: rollout::Rollout,
    Replay: replay::Replay,
    Report: report::Report,
    Explain: explain::Explain,
    Edit: edit::Edit,
    Personalise: personalise::Personalise,
    Export: export::Export,
    #[cfg(feature = "window")]
    Screenshot: screenshot::Screenshot,
    Bench: bench::Bench,
    Scenario: scenario::ScenarioCommand,
    Scenarios: scenario::List,
    Methods: methods::Methods,
}

/// Parses the arguments, runs the command, reports its error, and returns the exit code.
pub(crate) fn main() -> ExitCode {
    // Wrong arguments end here, with exit code 2; `--help` and `--version` with 0.
    match Cli::try_parse() {
        Ok(cli) => exit::code(prepare().and_then(|()| cli.command.run())),
        Err(error) => exit::usage(&error),
    }
}

/// Listens to requests to stop, and checks the environment.
fn prepare() -> miette::Result<()> {
    interrupt::listen()?;
    ProductKernel::wants_avx512().into_diagnostic()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_and_flag_explains_itself() {
        for command in Cli::command().get_subcommands() {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            assert!(command.get_after_help().is_some(), "{} has no examples", command.get_name());
            for argument in command
                .get_arguments()
                .filter(|argument| !["help", "version"].contains(&argument.get_id().as_str()))
            {
                assert!(argument.get_help().is_some(), "{} {}", command.get_name(), argument.get_id());
            }
        }
    }
}
