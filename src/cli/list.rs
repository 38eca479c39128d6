//! `scenarios` and `methods`: lists of the available ones.

use clap::Args;
use perennial::learner::{ALGORITHMS, METHODS};
use perennial::scenario::{Scenario, shipped_names};

use super::Answer;
use super::output::print;

/// List the shipped scenarios
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  perennial scenarios\n  perennial train --scenario gradual_year")]
pub(crate) struct Scenarios;

impl Scenarios {
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

/// List the continual-learning methods and the algorithms
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  perennial methods\n  perennial train --method finetune")]
pub(crate) struct Methods;

impl Methods {
    /// Lists them.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        print(
            "methods (--method; several compose with `+`)\n  \
             needs: information that a method must be given, boundaries between seasons or the season in evaluation",
        )?;
        for spec in METHODS {
            print(&format!(
                "  {}\n    {}\n    family: {}\n    equation: {}\n    needs: {}\n    cost: {}\n    source: {}",
                spec.name,
                spec.summary,
                spec.family.name(),
                spec.equation,
                spec.needs,
                spec.cost,
                spec.paper
            ))?;
        }
        print("algorithms (--algorithm)")?;
        for spec in ALGORITHMS {
            print(&format!("  {}\n    {}\n    source: {}", spec.name, spec.summary, spec.paper))?;
        }
        Ok(Answer::Yes)
    }
}
