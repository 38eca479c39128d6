//! `evaluate`: the scores of a run's policy in each season.

use clap::{Args, ValueHint};
use perennial::escape::terminal;
use perennial::training::run_folder::find_run;

use super::Answer;
use super::arguments::{self, ResultsDir};
use super::engine::{self, EvaluationReport};
use super::output::{print, print_json};
use super::table::{align_numbers, number, plain_table};

/// Evaluate the policy of a run in every season
///
/// The newest policy of the run acts greedily in fixed probe gardens. The random driver and the scripted gardener act in the same
/// gardens and define the score: 0 is random, 1 is the gardener.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    perennial evaluate four_seasons-replay_boundary_free+l2_init-seed0\n  \
    perennial evaluate my_run --scenario gradual_year --episodes 64\n  \
    perennial evaluate runs/mine --json")]
pub(crate) struct Evaluate {
    /// Run: its name or folder.
    #[arg(value_name = "RUN", value_hint = ValueHint::DirPath)]
    run: String,
    /// Scenario to evaluate in, instead of the run's own: a file, or the name of a shipped one.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    scenario: Option<String>,
    /// Episodes per season; as many as in the run's own evaluations if not given.
    #[arg(long, value_name = "N", value_parser = arguments::episodes)]
    episodes: Option<u64>,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    results: ResultsDir,
}

impl Evaluate {
    /// Evaluates, and shows the result.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        let run = find_run(&self.results.results_dir, &self.run)?;
        let report = engine::evaluate(&run, self.scenario.as_deref(), self.episodes)?;
        if self.json {
            print_json(&report)?
        } else {
            print(&text(&report))?
        }
        Ok(Answer::Yes)
    }
}

/// Formats the result for people.
fn text(report: &EvaluationReport) -> String {
    let mut table = plain_table(&["season", "score", "return", "random", "gardener", "planner"]);
    for (season, name) in report.seasons.iter().enumerate() {
        let at = |values: &[f64]| number(values.get(season).copied());
        let score = number(report.score.get(season).copied().flatten());
        let returns = [
            &report.mean_return,
            &report.random_return,
            &report.gardener_return,
            &report.planner_return,
        ]
        .map(|values| at(values));
        table.add_row([terminal(name), score].into_iter().chain(returns));
    }
    align_numbers(&mut table);
    format!(
        "{} after {} decisions, in {}, {} episodes a season\n\n{table}\n\naverage performance {}",
        terminal(&report.run_id),
        report.decisions,
        terminal(&report.scenario),
        report.episodes,
        number(report.average_performance)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_score_is_a_dash() {
        let report = EvaluationReport {
            run_id: "mine".into(),
            decisions: 240_000,
            scenario: "four_seasons".into(),
            episodes: 32,
            seasons: vec!["spring".into(), "desert".into()],
            mean_return: vec![22.5, 0.0],
            random_return: vec![-11.0, 0.0],
            gardener_return: vec![22.5, 0.0],
            planner_return: vec![30.0, 0.0],
            score: vec![Some(1.0), None],
            average_performance: None,
        };
        let text = text(&report);
        assert!(
            text.contains("| spring |  1.00 |  22.50 | -11.00 |    22.50 |   30.00 |"),
            "{text}"
        );
        assert!(
            text.contains("| desert |     - |") && text.ends_with("average performance -"),
            "{text}"
        );
    }
}
