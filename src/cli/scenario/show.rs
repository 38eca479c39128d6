//! `scenario show`: a scenario with everything that it extends.

use clap::Args;
use miette::IntoDiagnostic;
use perennial::authoring::explain::explain;
use perennial::scenario::ScenarioDocument;

use crate::cli::Answer;
use crate::cli::output::print;

/// Show every setting of a scenario, and where it is written
///
/// The output is a scenario file that stands by itself. A comment behind each value names the file and line that it comes from.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    perennial scenario show water_tank\n  \
    perennial scenario show my_year.toml > whole.toml")]
pub(crate) struct Show {
    /// File, or name of a shipped scenario.
    #[arg(value_name = "FILE")]
    file: String,
}

impl Show {
    /// Prints the settings.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        let document = ScenarioDocument::load(&self.file)?;
        print(explain(&document).into_diagnostic()?.trim_end())?;
        Ok(Answer::Yes)
    }
}
