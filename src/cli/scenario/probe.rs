//! `scenario probe`: how hard a scenario will be.

use std::sync::Arc;

use clap::{Args, ValueHint};
use miette::IntoDiagnostic;
use perennial::authoring::contrast::Conflict;
use perennial::authoring::probe::Hardness;
use perennial::evaluation::sampling::LONG_LIFE_SEASONS;
use perennial::scenario::Scenario;

use crate::cli::Answer;
use crate::cli::arguments;
use crate::cli::output::{print, print_json};
use crate::cli::table::{align_numbers, number, plain_table};

/// Width of sentences, in characters.
const WIDTH: usize = 100;

/// Measure how hard a scenario will be, before training
///
/// Looks at plants in every season through the robot's eye, and measures how well thirst can be told, how far what is known from one
/// season misleads in another, whether a view tells its season, what simple drivers earn, how far the robot skids, and whether the jet
/// reaches every plant. Nothing is trained.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    perennial scenario probe my_year.toml\n  \
    perennial scenario probe four_seasons --json")]
pub(crate) struct Probe {
    /// File, or name of a shipped scenario.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: String,
    /// Random seed of the gardens that are looked at.
    #[arg(long, value_name = "N", default_value = "0", value_parser = arguments::seed)]
    seed: u64,
    /// Print everything as JSON.
    #[arg(long)]
    json: bool,
}

impl Probe {
    /// Measures and prints.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        let scenario = Arc::new(Scenario::load(&self.file)?.scenario);
        let found = Hardness::measure(&scenario, self.seed).into_diagnostic()?;
        let conflict = Conflict::of(&scenario);
        if self.json {
            print_json(&serde_json::json!({
                "scenario": scenario.name,
                "seasons": scenario.seasons.iter().map(|season| &season.name).collect::<Vec<_>>(),
                "wrong": found.wrong,
                "wrong_together": found.wrong_together,
                "angle_degrees": conflict.angle_degrees,
                "season_told": found.season_told,
                "random_return": found.baselines.iter().map(|one| one.random_return).collect::<Vec<_>>(),
                "idle_return": found.idle_return,
                "gardener_return": found.baselines.iter().map(|one| one.gardener_return).collect::<Vec<_>>(),
                "planner_return": found.baselines.iter().map(|one| one.planner_return).collect::<Vec<_>>(),
                "skid": found.skid,
                "reachable": found.reachable,
                "forecast": found.forecast.as_ref().map(|forecast| serde_json::json!({
                    "learned": forecast.learned,
                    "kept": forecast.kept,
                    "forgetting": forecast.forgetting(),
                })),
            }))?;
            return Ok(Answer::Yes);
        }
        print(&text(&scenario, &found, &conflict))?;
        Ok(Answer::Yes)
    }
}

/// Returns the tables.
fn text(scenario: &Scenario, found: &Hardness, conflict: &Conflict) -> String {
    let names: Vec<&str> = scenario.seasons.iter().map(|season| season.name.as_str()).collect();
    let percent = |fraction: f32| format!("{:.0} %", 100.0 * fraction);
    let matrix = |corner: &str, value: &dyn Fn(usize, usize) -> String| {
        let header: Vec<&str> = std::iter::once(corner).chain(names.iter().copied()).collect();
        let mut table = plain_table(&header);
        for (row, name) in names.iter().enumerate() {
            table.add_row(std::iter::once((*name).to_owned()).chain((0..names.len()).map(|column| value(row, column))));
        }
        align_numbers(&mut table);
        table.to_string()
    };
    let mut seasons = plain_table(&[
        "season",
        "thirst told",
        "season told",
        "chance",
        "idle",
        "gardener",
        "planner",
        "skids",
    ]);
    for (season, name) in names.iter().enumerate() {
        let baseline = found.baselines.get(season);
        seasons.add_row([
            (*name).to_owned(),
            percent(1.0 - found.wrong_together[season]),
            percent(found.season_told[season]),
            number(baseline.map(|one| one.random_return)),
            number(Some(found.idle_return[season])),
            number(baseline.map(|one| one.gardener_return)),
            number(baseline.and_then(|one| one.planner_return)),
            percent(found.skid[season]),
        ]);
    }
    align_numbers(&mut seasons);
    let forecast = found.forecast.as_ref().map_or_else(String::new, |forecast| {
        let mut table = plain_table(&["season", "when learned", "at the end", "lost"]);
        for (season, name) in names.iter().enumerate() {
            let scores = [forecast.learned[season], forecast.kept[season], forecast.forgotten()[season]];
            table.add_row(
                std::iter::once((*name).to_owned())
                    .chain(scores.map(|score| format!("{:.1}", score + 0.0).replace("-0.0", "0.0"))),
            );
        }
        align_numbers(&mut table);
        format!("Forecast for fine-tuning: scores (1: the gardener, 0: chance)\n\n{table}\n\n")
    });
    let conflicts = if names.len() >= LONG_LIFE_SEASONS {
        let mut table = plain_table(&["season", "error rate", "angle"]);
        for (season, name) in names.iter().enumerate().skip(1) {
            let angle = format!("{:.0}", conflict.angle_degrees[season - 1][season]);
            table.add_row([(*name).to_owned(), percent(found.wrong[season - 1][season]), angle]);
        }
        align_numbers(&mut table);
        format!(
            "Conflict with the season before: error rate of a classifier trained there (50 %: as good as chance), and angle between the directions from fine \
             to thirsty, in degrees\n\n{table}"
        )
    } else {
        format!(
            "Conflict: error rate in the column's season of a classifier trained in the row's season (50 %: as good as chance)\n\n{}\n\n\
             Angle between the directions from fine to thirsty, in degrees (0: the same colours mean thirst; 180: the opposite colours)\n\n{}",
            matrix("trained in", &|row, column| percent(found.wrong[row][column])),
            matrix("", &|row, column| format!("{:.0}", conflict.angle_degrees[row][column])),
        )
    };
    let words: Vec<String> = found.words(&names).iter().map(|words| textwrap::fill(words, WIDTH)).collect();
    format!(
        "{}: {}\n\n\
         Seasons, all learned together: fraction of views whose thirst and season are classified correctly, and returns of an episode\n\n{seasons}\n\n\
         {conflicts}\n\n\
         The jet reaches {} of the plants.\n\n\
         {forecast}{}",
        scenario.name,
        scenario.description,
        percent(found.reachable),
        words.join("\n"),
    )
}
