//! `methods`: the methods and the algorithms.

use clap::Args;
use perennial::learner::{ALGORITHMS, METHODS};

use super::Answer;
use super::output::print;

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
