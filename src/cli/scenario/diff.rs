//! `scenario diff`: what differs between two scenarios.

use clap::Args;
use miette::IntoDiagnostic;
use perennial::authoring::explain::settings;
use perennial::scenario::{Described, ScenarioDocument};
use perennial::training::differences;

use crate::cli::Answer;
use crate::cli::output::print;

/// Show in which settings two scenarios differ
///
/// Both are compared with everything that they extend and with their defaults. Seasons of years that have other ones are compared by
/// their names.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    perennial scenario diff four_seasons gradual_year\n  \
    perennial scenario diff seasons/summer.toml heat_wave.toml")]
pub(crate) struct Diff {
    /// The first file, or name of a shipped scenario.
    #[arg(value_name = "A")]
    first: String,
    /// The second one.
    #[arg(value_name = "B")]
    second: String,
}

impl Diff {
    /// Prints the differences.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        let (first, second) = (
            ScenarioDocument::load(&self.first)?.described,
            ScenarioDocument::load(&self.second)?.described,
        );
        if let (Described::Season(_), Described::Scenario(_)) | (Described::Scenario(_), Described::Season(_)) = (&first, &second)
        {
            let word = |described: &Described| match described {
                Described::Scenario(_) => "a garden with its year",
                Described::Season(_) => "a season",
            };
            return Err(miette::miette!(
                "{} is {}, and {} is {}: they have no settings in common",
                self.first,
                word(&first),
                self.second,
                word(&second)
            ));
        }
        let read = |described: &Described| settings(described).into_diagnostic();
        let (first, second) = (read(&first)?, read(&second)?);
        let found = differences(&first, &second);
        if found.is_empty() {
            print("no difference")?;
        }
        for difference in found {
            if difference.is_entry {
                let only = if difference.first.is_some() {
                    &self.first
                } else {
                    &self.second
                };
                print(&format!("{}: only in {only}", difference.path))?;
                continue;
            }
            let value = |value: Option<String>| value.unwrap_or_else(|| "nothing".to_owned());
            print(&format!(
                "{}: {} -> {}",
                difference.path,
                value(difference.first),
                value(difference.second)
            ))?;
        }
        Ok(Answer::Yes)
    }
}
