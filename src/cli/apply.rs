//! `apply`: the measured result of an application of continual learning.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, ValueHint};
use miette::Diagnostic;
use perennial::applications::{APPLICATIONS, Application, ApplicationError, Asked};
use perennial::comparison::{Carrying, CommandRecord, ComparisonPlan, ComparisonRecord, RunEnd, execute_plan};
use perennial::escape::{self, shell_os};
use perennial::evaluation::application::{ApplicationResult, Bound};
use perennial::evaluation::statistics::{Estimate, interquartile_mean};
use perennial::files;
use perennial::training::RunConfig;

use super::arguments;
use super::compare::Board;
use super::engine;
use super::output::{note, print};
use super::table::{align_numbers, plain_table};
use super::{Answer, interrupt};

/// Measure an application of continual learning
///
/// Each application is a question with one measured result: it makes its runs with paired seeds, in parallel, as `compare` does, measures them, writes
/// the result to `application-NAME.json` in the results folder, and prints it with the bars that it was to reach. `perennial report` shows it beside the
/// runs. The same command continues after a kill, and keeps finished runs.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    perennial apply warm-start --seeds 3 --results-dir results/warm-start\n  \
    perennial report results/warm-start --out warm-start.html\n\n\
    Ctrl-C and SIGTERM complete the ticks, write a checkpoint of each run and print the command that continues (exit code 130 or 143). The exit \
    code is 2 if a run failed.")]
pub(crate) struct Apply {
    /// Application to measure.
    #[arg(value_name = "APPLICATION", value_parser = applications())]
    application: String,
    /// Number of paired seeds, counted from 0.
    #[arg(long, value_name = "N", default_value = "10", value_parser = arguments::seeds, help_heading = "Budget")]
    seeds: u64,
    /// Decisions that a policy is trained for in a season, over all gardens.
    #[arg(long, value_name = "N", default_value = "60000", value_parser = arguments::decisions, help_heading = "Budget")]
    decisions_per_season: u64,
    /// Number of runs in progress at once [default: one per core].
    #[arg(long, value_name = "N", value_parser = arguments::threads, help_heading = "Budget")]
    jobs: Option<u64>,
    /// Change any setting of every run, for example `learner.discount=0.95`; may be repeated.
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// Folder of the runs and of the result.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Folders")]
    results_dir: PathBuf,
    /// Replace runs of other configurations and runs that cannot be resumed; finished runs of this application are kept.
    #[arg(long, help_heading = "Folders")]
    force: bool,
    /// Hide the progress; errors and the result are still shown.
    #[arg(long, short)]
    quiet: bool,
}

impl Apply {
    /// Makes the runs that are missing, stage by stage, and measures them.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        let Some(application) = Application::find(&self.application) else {
            miette::bail!("there is no application `{}`", escape::terminal(&self.application));
        };
        let adjust = |config: RunConfig| {
            engine::override_settings(config, &self.set)
                .map_err(|error| ApplicationError::Settings(Box::<dyn Diagnostic + Send + Sync>::from(error)))
        };
        let command = self.command();
        let asked = Asked {
            results_dir: &self.results_dir,
            seeds: 0..self.seeds,
            decisions_per_season: self.decisions_per_season,
            adjust: &adjust,
            command: &command,
        };
        for stage in application.stages {
            if !self.execute(&stage(&asked)?)? {
                return Ok(Answer::Interrupted);
            }
        }
        let result = (application.measure)(&asked)?;
        let path = self.results_dir.join(ApplicationResult::file_name(application.name));
        let text =
            serde_json::to_string_pretty(&result).map_err(|error| miette::miette!("could not encode the result: {error}"))?;
        files::write(&path, |file| file.write_all(format!("{text}\n").as_bytes()))?;
        print(&text_of(&result))?;
        print(&format!("\nWritten to {}; `perennial report` shows it.", escape::path(&path)))?;
        Ok(Answer::Yes)
    }

    /// Executes a stage; `false` if it was stopped, which is then said.
    fn execute(&self, plan: &ComparisonPlan) -> miette::Result<bool> {
        if !self.force {
            plan.refuse_different(&self.results_dir)?;
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let jobs = self.jobs.map_or(cores, |jobs| usize::try_from(jobs).unwrap_or(cores));
        plan.check_memory(&self.results_dir, jobs)?;
        let carrying = Carrying {
            results_dir: &self.results_dir,
            record_dir: &self.results_dir,
            jobs,
            force: self.force,
            stop: interrupt::flag(),
        };
        let record = CommandRecord {
            arguments: self.command().split_whitespace().skip(1).map(str::to_owned).collect(),
            ..CommandRecord::default()
        };
        let board = Board::new(self.quiet, plan);
        let ends = execute_plan(
            plan,
            &carrying,
            ComparisonRecord::of_plan(record, plan).after_earlier(&self.results_dir),
            &board,
        );
        board.finish();
        let ends = ends?;
        let failures: Vec<String> = plan.runs.iter().zip(&ends).filter_map(failure).collect();
        if !failures.is_empty() {
            return Err(miette::miette!(
                "{} of {} runs failed:\n{}",
                failures.len(),
                ends.len(),
                failures.join("\n")
            ));
        }
        if ends.iter().any(|end| matches!(end, RunEnd::Stopped | RunEnd::NotBegun)) {
            let words = std::iter::once("perennial".to_owned()).chain(std::env::args_os().skip(1).map(|word| shell_os(&word)));
            note(&format!("stopped; to go on:\n  {}", words.collect::<Vec<_>>().join(" ")));
            return Ok(false);
        }
        Ok(true)
    }

    /// The command that makes the same result, whatever the folder and the machine.
    fn command(&self) -> String {
        let mut words = vec![
            "perennial apply".to_owned(),
            self.application.clone(),
            format!("--seeds {}", self.seeds),
        ];
        if self.decisions_per_season != 60_000 {
            words.push(format!("--decisions-per-season {}", self.decisions_per_season));
        }
        words.extend(self.set.iter().map(|set| format!("--set {}", escape::shell(set))));
        words.push("--results-dir DIR".to_owned());
        words.join(" ")
    }
}

fn failure((run, end): (&perennial::comparison::PlannedRun, &RunEnd)) -> Option<String> {
    match end {
        RunEnd::Failed(why) => Some(format!("  {}: {why}", run.name())),
        _ => None,
    }
}

/// The applications that the program knows.
fn applications() -> PossibleValuesParser {
    let known = APPLICATIONS.iter();
    PossibleValuesParser::new(known.map(|application| PossibleValue::new(application.name).help(application.question)))
}

/// Formats a result for people.
fn text_of(result: &ApplicationResult) -> String {
    let mut table = plain_table(
        &std::iter::once("condition")
            .chain(result.measures.iter().map(|measure| measure.name.as_str()))
            .collect::<Vec<_>>(),
    );
    for (condition, _) in result.conditions() {
        let cells = result.measures.iter().map(|measure| {
            let values = result.values(condition, &measure.name);
            let estimate = values.and_then(|values| {
                let ends = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                    (low.min(*value), high.max(*value))
                });
                Ok(Estimate {
                    value: interquartile_mean(&values)?,
                    low: ends.0,
                    high: ends.1,
                })
            });
            estimate.map_or_else(|_| "-".to_owned(), |estimate| shown(&estimate, measure.is_count))
        });
        table.add_row(std::iter::once(escape::terminal(condition)).chain(cells).collect::<Vec<_>>());
    }
    align_numbers(&mut table);
    let meanings = result
        .measures
        .iter()
        .map(|measure| format!("- {}: {}", measure.name, measure.meaning));
    let bars = result.bars.iter().map(|bar| {
        let verdict = result.verdict(bar);
        let said = |bound: Bound, is_kept: bool| format!("{bound}: {}", if is_kept { "reached" } else { "not reached" });
        let aim = bar.aim.zip(verdict.reaches_aim);
        format!(
            "{}, {}: {}; {}{}",
            bar.condition,
            bar.measure,
            verdict.value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}")),
            said(bar.bound, verdict.is_reached),
            aim.map_or_else(String::new, |(aim, is_kept)| format!("; aim {}", said(aim, is_kept)))
        )
    });
    format!(
        "{}: {}?\n\n{table}\n\n{}\nInterquartile means over {} paired seeds, lowest and highest in brackets; a dash: not every seed has one.\n\n{}",
        result.application,
        result.question,
        meanings.collect::<Vec<_>>().join("\n"),
        result.seeds(),
        bars.collect::<Vec<_>>().join("\n")
    )
}

fn shown(estimate: &Estimate, is_count: bool) -> String {
    let number = |value: f64| {
        if is_count {
            format!("{value:.0}")
        } else {
            format!("{value:.2}")
        }
    };
    format!(
        "{} ({} to {})",
        number(estimate.value),
        number(estimate.low),
        number(estimate.high)
    )
}
