//! `scenario schema`: the JSON schema for editors.

use clap::Args;
use perennial::authoring::editor::FileKind;

use crate::cli::Answer;
use crate::cli::output::print;

/// Print the JSON schema of scenario files, for editors
///
/// An editor with a language server for TOML reads it where the first line of a file names it: `#:schema scenario.schema.json`.
/// `scenario new` writes it beside each new file.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    perennial scenario schema > scenario.schema.json\n  \
    perennial scenario schema --season > season.schema.json")]
pub(crate) struct Schema {
    /// Print the schema of season files.
    #[arg(long)]
    season: bool,
}

impl Schema {
    /// Prints it.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        let kind = if self.season { FileKind::Season } else { FileKind::Scenario };
        print(kind.schema_text().trim_end())?;
        Ok(Answer::Yes)
    }
}
