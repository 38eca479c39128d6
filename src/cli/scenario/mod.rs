//! `scenario`: tools for those who write scenarios.

mod check;
mod diff;
mod family;
mod fmt;
mod list;
pub(super) mod new;
mod preview;
mod probe;
mod random;
mod schema;
mod show;

use clap::{Args, Subcommand};

pub(crate) use list::List;

use super::Answer;

/// Write, check and compare scenarios
///
/// A scenario is a garden and its year, written in TOML; a season is a part of one. Wherever a scenario is read, it can be a file, a
/// shipped one (`four_seasons`), or the standard input (`-`). `check`, `show` and `diff` also read seasons, files or shipped ones
/// (`seasons/summer.toml`), and `new --from` extends either.
#[derive(Args, Debug)]
#[command(
    arg_required_else_help = true,
    after_help = "Examples:\n  \
        perennial scenario new my_year\n  \
        perennial scenario check my_year.toml\n  \
        perennial scenario diff four_seasons my_year.toml"
)]
pub(crate) struct ScenarioCommand {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    New(new::New),
    Check(check::Check),
    Show(show::Show),
    Fmt(fmt::Fmt),
    Diff(diff::Diff),
    Preview(preview::Preview),
    Probe(probe::Probe),
    Random(random::Random),
    Family(family::WriteFamily),
    List(List),
    Schema(schema::Schema),
}

impl ScenarioCommand {
    /// Runs the subcommand.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        match &self.task {
            Task::New(new) => new.run(),
            Task::Check(check) => check.run(),
            Task::Show(show) => show.run(),
            Task::Fmt(fmt) => fmt.run(),
            Task::Diff(diff) => diff.run(),
            Task::Preview(preview) => preview.run(),
            Task::Probe(probe) => probe.run(),
            Task::Random(random) => random.run(),
            Task::Family(family) => family.run(),
            Task::List(list) => list.run(),
            Task::Schema(schema) => schema.run(),
        }
    }
}
