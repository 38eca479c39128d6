//! `explain`: what a run forgot, when, and whether it could have been foreseen.

mod again;
mod attribution;
mod what_if;

use std::path::PathBuf;

use clap::{Args, ValueHint};
use perennial::report::{
    Attribution, Findings, Passage, WatchedRun, WhatIf, attribution_passage, explanation_html, explanation_sentences,
    explanation_text, what_if_passage,
};
use perennial::training::run_folder::find_run;
use serde::Serialize;

use super::Answer;
use super::arguments::{self, ResultsDir};
use super::output::{Destination, print, print_json};

/// Columns that sentences are wrapped at.
const WIDTH: usize = 100;

/// Explain what a run forgot: when, in which season, and whether it was predictable
///
/// Every run looks inside its learner on a schedule (inside.every_decisions) and asks its policy about an album of views. These records
/// and the scores show what became of each season after it ended. A season counts as forgotten only if its score and the answers to its
/// views both fell by more than chance. If the numbers do not decide a question, the explanation says so, and events at the same time
/// are not called causes. The run is not changed.
///
/// With --attribute, the run is repeated three times up to the last flips of the first forgotten season: once to find the transitions that pushed towards the
/// lost answers, once without them, and once without as many at random.
///
/// With --what-if, the run is repeated with another method, in a temporary folder and up to the decision by which the last forgotten season was
/// forgotten; only the method differs.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    perennial explain four_seasons-finetune-seed0\n  \
    perennial explain four_seasons-finetune-seed0 --html explanation.html\n  \
    perennial explain four_seasons-finetune-seed0 --what-if replay\n  \
    perennial explain four_seasons-finetune-seed0 --attribute\n  \
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
    /// Also try what another method would have done with the forgotten seasons: one name, or several with `+` between them.
    #[arg(long, value_name = "METHOD", value_parser = arguments::method)]
    what_if: Option<String>,
    /// Also find out which transitions made the answers of the first forgotten season flip, and test this by repeating the run without them.
    #[arg(long)]
    attribute: bool,
    #[command(flatten)]
    results: ResultsDir,
}

/// Output of `--json`.
#[derive(Debug, Serialize)]
struct Explained<'a> {
    #[serde(flatten)]
    findings: &'a Findings,
    #[serde(skip_serializing_if = "Option::is_none")]
    what_if: Option<&'a WhatIf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attribution: Option<&'a Attribution>,
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
        let what_if = match &self.what_if {
            Some(method) => match what_if::with_method(&run, &findings, method)? {
                what_if::Tried::Compared(what_if) => Some(what_if),
                what_if::Tried::Interrupted => return Ok(Answer::Interrupted),
            },
            None => None,
        };
        let attribution = match self.attribute.then(|| attribution::attribute(&run, &findings)).transpose()? {
            Some(attribution::Attributed::Interrupted) => return Ok(Answer::Interrupted),
            Some(attribution::Attributed::Tested(found)) => Some(found),
            Some(attribution::Attributed::Nothing) | None => None,
        };
        let mut further: Vec<Passage> = Vec::new();
        if self.attribute {
            further.push(attribution_passage(attribution.as_ref()));
        }
        further.extend(what_if.iter().map(|other| what_if_passage(&findings, other)));
        if let Some(html_out) = &html_out {
            html_out.write(explanation_html(&run, &findings, &further)?.as_bytes())?;
        }
        if self.json {
            print_json(&Explained {
                findings: &findings,
                what_if: what_if.as_ref(),
                attribution: attribution.as_ref(),
            })?;
        } else if is_shown {
            let mut passages = explanation_sentences(&findings);
            passages.extend(further);
            print(&wrapped(&explanation_text(&passages)))?;
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
