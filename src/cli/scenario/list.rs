//! `scenario list`: the shipped scenarios.

use clap::Args;
use perennial::scenario::{Scenario, shipped_names};

use crate::cli::Answer;
use crate::cli::output::print;

/// List the shipped scenarios
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  perennial scenario list\n  perennial train --scenario gradual_year")]
pub(crate) struct List;

impl List {
    /// Lists them.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        for name in shipped_names() {
            let scenario = Scenario::load(name)?.scenario;
            let seasons: Vec<&str> = scenario.seasons.iter().map(|season| season.name.as_str()).collect();
            print(&format!(
                "{name}\n    {}\n    seasons: {}",
                scenario.description.trim(),
                seasons.join(", ")
            ))?;
        }
        Ok(Answer::Yes)
    }
}
