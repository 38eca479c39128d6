//! `scenario check`: all mistakes of scenario files.

use std::io::Write;

use clap::Args;
use perennial::authoring::contrast::{HARD_BELOW, contrast};
use perennial::scenario::{Described, Moment, Scenario, ScenarioDocument, ScenarioError, Season};
use serde::Serialize;

use crate::cli::output::{asked_for_no_colour, print, print_json};
use crate::cli::{Answer, exit};

/// Columns that mistakes are drawn in.
const WIDTH: usize = 100;

/// Check scenario and season files
///
/// Reports all mistakes in the files and in those that they extend, each with its place, what was expected, and a hint. Colours that
/// a robot can hardly tell apart are warnings. The exit code is 1 if there is a mistake, and 2 if a file cannot be read.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    perennial scenario check my_year.toml heat_wave.toml\n  \
    perennial scenario check --json my_year.toml")]
pub(crate) struct Check {
    /// Files to check; `-` is the standard input.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,
    /// Print the mistakes and warnings as JSON, for editors and scripts.
    #[arg(long)]
    json: bool,
}

/// A mistake or a warning, for programs.
#[derive(Debug, Serialize)]
struct Finding {
    file: String,
    severity: &'static str,
    /// Line and column, from 1, of the beginning.
    line: usize,
    column: usize,
    /// Path of the key.
    path: String,
    message: String,
    help: Option<String>,
}

impl Check {
    /// Checks the files.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        let mut findings = Vec::new();
        let mut is_right = true;
        let mut unreadable: Option<ScenarioError> = None;
        for file in &self.files {
            let document = match ScenarioDocument::load(file) {
                Ok(document) => document,
                Err(ScenarioError::Mistakes(mistakes)) => {
                    is_right = false;
                    if !self.json {
                        let coloured = std::io::IsTerminal::is_terminal(&std::io::stderr()) && !asked_for_no_colour();
                        let _ = write!(std::io::stderr(), "{}", mistakes.render(WIDTH, coloured));
                    }
                    findings.extend(mistakes.list.iter().map(|mistake| Finding {
                        file: mistake.file.clone(),
                        severity: "error",
                        line: mistake.line(),
                        column: mistake.column(),
                        path: mistake.path.clone(),
                        message: mistake.message.clone(),
                        help: mistake.help.clone(),
                    }));
                    continue;
                }
                Err(other) => {
                    findings.push(Finding {
                        file: file.clone(),
                        severity: "error",
                        line: 1,
                        column: 1,
                        path: String::new(),
                        message: other.to_string(),
                        help: miette::Diagnostic::help(&other).map(|help| help.to_string()),
                    });
                    // The last one is told at the end, with the exit code.
                    if let Some(earlier) = unreadable.replace(other) {
                        let _ = write!(std::io::stderr(), "{}", exit::text(&earlier.into()));
                    }
                    continue;
                }
            };
            let warnings = warnings(&document);
            if !self.json {
                let count = match warnings.len() {
                    0 => String::new(),
                    1 => ", 1 warning".to_owned(),
                    count => format!(", {count} warnings"),
                };
                print(&format!("{file}: fine{count}"))?;
                for warning in &warnings {
                    let help = warning.help.as_deref().unwrap_or_default();
                    print(&format!(
                        "  {}:{}: {}\n    help: {help}",
                        warning.file, warning.line, warning.message
                    ))?;
                }
            }
            findings.extend(warnings);
        }
        if self.json {
            print_json(&findings)?;
        }
        if let Some(unreadable) = unreadable {
            return Err(unreadable.into());
        }
        Ok(if is_right { Answer::Yes } else { Answer::No })
    }
}

/// Returns a warning for each season whose thirst can hardly be seen.
fn warnings(document: &ScenarioDocument) -> Vec<Finding> {
    let scenario = match &document.described {
        Described::Scenario(scenario) => (**scenario).clone(),
        Described::Season(season) => around(season),
    };
    let is_season = matches!(document.described, Described::Season(_));
    let mut warnings = Vec::new();
    for (number, season) in scenario.seasons.iter().enumerate() {
        let climate = scenario.climate(Moment::pure(number));
        let mut told: Vec<perennial::scenario::PlantLook> = Vec::new();
        for (species, &plant) in scenario.plants.species.iter().zip(&climate.plants) {
            if told.contains(&plant) {
                continue;
            }
            told.push(plant);
            let found = contrast(plant, scenario.plants.tint_deviation, &climate.weather, &climate.faults);
            if found.told_apart >= HARD_BELOW {
                continue;
            }
            let of = if season.look.species.contains_key(&species.name) {
                format!("of `{}` ", species.name)
            } else {
                String::new()
            };
            let path = if is_season {
                "look.thirsty".to_owned()
            } else {
                format!("seasons.{number}.look.thirsty")
            };
            let place = document.place(&path);
            warnings.push(Finding {
                file: place.as_ref().map_or_else(String::new, |place| place.file.clone()),
                severity: "warning",
                line: place.map_or(1, |place| place.line),
                column: 1,
                path,
                message: format!(
                    "the colours `fine` and `thirsty` {of}in `{}` are {:.1} apart (CIEDE2000): of 100 looks, {:.0} tell them apart",
                    season.name,
                    found.distance,
                    100.0 * found.told_apart
                ),
                help: Some("take colours farther apart, or less `plants.tint_deviation`, range of light, or noise".to_owned()),
            });
        }
    }
    warnings
}

/// Returns the default garden with only this season.
fn around(season: &Season) -> Scenario {
    Scenario {
        name: season.name.clone(),
        description: String::new(),
        schedule: Default::default(),
        plot: Default::default(),
        plants: Default::default(),
        robot: Default::default(),
        eye: Default::default(),
        episode: Default::default(),
        rewards: Default::default(),
        seasons: vec![season.clone()],
    }
}
