//! `explain`: what a run forgot, when, and whether it could have been foreseen.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use perennial::report::{Findings, WatchedRun, explanation_html, explanation_text};
use perennial::training::run_folder::find_run;

use super::Answer;
use super::arguments::ResultsDir;
use super::output::{Destination, print, print_json};

/// Columns that sentences are wrapped at.
const WIDTH: usize = 100;

/// Explain what a run forgot: when, during what, and whether it could have been foreseen
///
/// Every run looks inside its learner on a schedule (inside.every_decisions) and asks its policy about an album of views. From these
/// records and the scores follows what became of each season after it was left. A season counts as forgotten only if its score and the
/// answers to its views both fell by more than chance. What the numbers do not decide is not known, and what happened together is not
/// called a cause. The run is not changed.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    perennial explain four_seasons-finetune-seed0\n  \
    perennial explain four_seasons-finetune-seed0 --html explanation.html\n  \
    perennial explain runs/mine --json")]
pub(crate) struct Explain {
    /// Run: its name or folder.
    #[arg(value_name = "RUN", value_hint = ValueHint::DirPath)]
    run: String,
    /// Print the findings as JSON.
    #[arg(long)]
    json: bool,
    /// Also write a page with the views and a figure. `-` is the standard output.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    html: Option<PathBuf>,
    #[command(flatten)]
    results: ResultsDir,
}

impl Explain {
    /// Reads the run, and shows what follows from it.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        let html_out = self.html.as_deref().map(Destination::of);
        let is_shown = html_out != Some(Destination::StandardOutput);
        if self.json && !is_shown {
            miette::bail!("only one text can be written to the standard output: name a file for the page");
        }
        html_out.iter().try_for_each(Destination::check)?;
        let run = WatchedRun::read(&find_run(&self.results.results_dir, &self.run)?)?;
        let findings = Findings::of(&run);
        if let Some(html_out) = &html_out {
            html_out.write(explanation_html(&run, &findings)?.as_bytes())?;
        }
        if self.json {
            print_json(&findings)?;
        } else if is_shown {
            print(&wrapped(&explanation_text(&findings)))?;
        }
        Ok(Answer::Yes)
    }
}

/// Wraps each line; the further lines of a sentence are indented like its first.
fn wrapped(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let indent = if line.starts_with("  ") { "    " } else { "" };
        textwrap::fill(line, textwrap::Options::new(WIDTH).subsequent_indent(indent))
    });
    lines.collect::<Vec<_>>().join("\n")
}
