//! The command line: one file a subcommand.
//!
//! Commands print results to the standard output, and progress, notes and errors to the standard error, so that what is piped on is
//! what was asked for. Here, and only here, the program looks at the clock and prints.
//!
//! | exit code | means |
//! |---|---|
//! | 0 | done |
//! | 1 | done, and the answer is no: a recording that differs when it is played again |
//! | 2 | could not be done: wrong arguments, a damaged file, a full disk |
//! | 130, 143, 129 | stopped by Ctrl-C (SIGINT), SIGTERM or SIGHUP: 128 and the number of the signal |
//!
//! `train` and `compare` write a checkpoint of each run before they stop, `watch` closes its window; all other commands leave at once.

mod arguments;
mod bench;
mod compare;
mod engine;
mod evaluate;
mod exit;
mod export;
mod interrupt;
mod list;
mod output;
mod progress;
mod replay;
mod report;
mod rollout;
#[cfg(feature = "window")]
mod screenshot;
mod table;
mod train;
#[cfg(feature = "window")]
mod watch;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What came of a command that could be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It is done.
    Yes,
    /// It is done, and the answer is no.
    No,
    /// It was stopped; what was done is kept.
    Interrupted,
}

/// A garden in which a watering robot keeps learning while the seasons change its look.
///
/// The robot waters plants that are thirsty. In each season the garden looks different, so that what it learned in spring misleads it
/// in autumn: plain learning forgets, and the methods here remember. `perennial train` runs a year and says in numbers how well.
#[derive(Debug, Parser)]
#[command(
    version,
    propagate_version = true,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "Examples:\n  \
        perennial train                        learn a year, remembering by replay\n  \
        perennial train --method finetune      the same without remembering: see it forget\n  \
        perennial evaluate four_seasons-replay-seed0\n\n\
        Exit codes: 0 done; 1 done, and the answer is no; 2 could not be done; 130 stopped by Ctrl-C (143 by SIGTERM,\n\
        129 by SIGHUP)."
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
    Evaluate: evaluate::Evaluate,
    Rollout: rollout::Rollout,
    Replay: replay::Replay,
    Report: report::Report,
    Export: export::Export,
    #[cfg(feature = "window")]
    Screenshot: screenshot::Screenshot,
    Bench: bench::Bench,
    Scenarios: list::Scenarios,
    Methods: list::Methods,
}

/// Parses the arguments, runs the command, reports what went wrong, and says the exit code.
pub(crate) fn main() -> ExitCode {
    // Wrong arguments end here, with exit code 2; `--help` and `--version` with 0.
    match Cli::try_parse() {
        Ok(cli) => exit::code(interrupt::listen().and_then(|()| cli.command.run())),
        Err(error) => exit::usage(&error),
    }
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
