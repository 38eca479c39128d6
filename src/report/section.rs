//! Grouping of runs: comparable runs are grouped, all others are separated.

use std::cmp::Reverse;
use std::sync::{Arc, OnceLock};

use super::phase::diagrams;
use super::settings::{HISTORY, Leaves, PROGRAM, VERSION, differing, own, shared, usual};
use super::{Collection, OmittedFolder, Run};
use crate::authoring::probe::Forecast;
use crate::evaluation::sampling::LONG_LIFE_SEASONS;
use crate::evaluation::statistics::interquartile_mean;
use crate::learner::{Curriculum, Needs, plan_with};

/// Seed of the gardens in which a forecast is made. It is fixed, so that the same runs give the same report.
const FORECAST_SEED: u64 = 0;

/// Runs that may be compared: one program and build, scenario, algorithm, policy to begin with and set of settings; their methods differ.
#[derive(Clone, Debug)]
pub struct Section {
    /// Human-readable description of the shared settings; unique among the sections.
    pub title: String,
    /// Form of the title for file names and links.
    pub id: String,
    /// One series per method, the best first.
    pub series: Vec<Series>,
    key: Leaves,
    forecast: OnceLock<Option<Forecast>>,
    is_in_phase_diagram: bool,
}

/// Figures of a section that is a cell of a phase diagram: the diagram shows the rest.
const FIGURES_OF_CELLS: [&str; 4] = ["overall", "ledger", "paired", "commands"];
/// Figures whose size grows with the number of seasons: those of a long life could not be read.
const FIGURES_BY_SEASON: [&str; 3] = ["matrices", "retention", "forecast"];

/// Runs that differ only in the seed, and are averaged.
#[derive(Clone, Debug)]
pub struct Series {
    /// Name of the method, with its settings where needed; unique within a section.
    pub label: String,
    /// Name of the method.
    pub method: String,
    /// Information that the method must be given; `None` if this version does not know the method.
    pub needs: Option<Needs>,
    /// `true` if the method learns all seasons at once.
    pub all_at_once: bool,
    /// Runs by seed; at least one, and no seed twice.
    pub runs: Vec<Run>,
    key: Leaves,
}

impl Section {
    /// Returns one of the runs, for properties that all of them share.
    pub fn example(&self) -> &Run {
        &self.series[0].runs[0]
    }

    /// Returns the series of a method, if any. Among several, prefers the one with default settings, then the best.
    pub fn series_of(&self, method: &str) -> Option<&Series> {
        let own = || self.series.iter().filter(|series| series.method == method);
        own().find(|series| series.is_usual()).or_else(|| own().next())
    }

    /// Returns `true` if a year has so many seasons that not all of them are evaluated after each, and that they cannot be shown one by one.
    pub fn is_long_life(&self) -> bool {
        self.example().summary.seasons.len() >= LONG_LIFE_SEASONS
    }

    /// Returns `true` if the section is a cell of a phase diagram, which shows it beside the others.
    pub fn is_in_phase_diagram(&self) -> bool {
        self.is_in_phase_diagram
    }

    /// Returns `true` if the report shows the figure of this name for the section.
    pub(super) fn shows(&self, figure: &str) -> bool {
        let is_shown_of_a_cell = !self.is_in_phase_diagram || FIGURES_OF_CELLS.contains(&figure);
        is_shown_of_a_cell && !(self.is_long_life() && FIGURES_BY_SEASON.contains(&figure))
    }

    /// Returns what fine-tuning is forecast to forget here; `None` where it is not forecast: without fine-tuning, over several years, in a long
    /// life, in a cell of a phase diagram, and where a season has no score.
    pub fn forecast(&self) -> Option<&Forecast> {
        if self.is_long_life() || self.is_in_phase_diagram {
            return None;
        }
        self.forecast
            .get_or_init(|| {
                let run = self.series_of("finetune")?.runs.first()?;
                let scenario = Arc::new(run.config.scenario.clone());
                (run.matrix.years() == 1).then(|| Forecast::measure(&scenario, run.matrix.baselines(), FORECAST_SEED))?
            })
            .as_ref()
    }

    /// Returns `true` if the runs of another section differ from these in nothing but the scenario.
    pub(super) fn differs_in_garden_only(&self, other: &Self) -> bool {
        let without_garden = |key: &Leaves| -> Leaves {
            let settings = key.iter().filter(|(path, _)| !path.starts_with("scenario."));
            settings.map(|(path, value)| (path.clone(), value.clone())).collect()
        };
        without_garden(&self.key) == without_garden(&other.key)
    }

    /// Returns all runs.
    pub fn runs(&self) -> impl Iterator<Item = &Run> {
        self.series.iter().flat_map(|series| &series.runs)
    }
}

impl Series {
    /// Returns `true` if the method has its default settings.
    pub fn is_usual(&self) -> bool {
        self.key == usual(&self.runs[0].config)
    }

    /// Returns the run with this seed.
    pub fn run(&self, seed: u64) -> Option<&Run> {
        self.runs.iter().find(|run| run.summary.seed == seed)
    }

    /// Returns the series restricted to these seeds.
    pub fn with_seeds(&self, seeds: &[u64]) -> Self {
        let mut fewer = self.clone();
        fewer.runs.retain(|run| seeds.contains(&run.summary.seed));
        fewer
    }

    /// Returns the seeds, in ascending order.
    pub fn seeds(&self) -> Vec<u64> {
        self.runs.iter().map(|run| run.summary.seed).collect()
    }

    /// Returns one value per run, in the order of the seeds.
    ///
    /// # Errors
    /// Returns the reason of the first run that has no value: a mean over the others would be a different quantity.
    pub fn values<E: std::fmt::Display>(&self, value: impl Fn(&Run) -> Result<f64, E>) -> Result<Vec<f64>, String> {
        let of = |run: &Run| value(run).map_err(|why| format!("{}, seed {}: {why}", self.label, run.summary.seed));
        self.runs.iter().map(of).collect()
    }
}

/// Returns the names of the methods that were run in some of these sections, sorted.
pub(super) fn methods<'a>(sections: impl IntoIterator<Item = &'a Section>) -> Vec<&'a str> {
    let series = sections.into_iter().flat_map(|section| &section.series);
    let mut methods: Vec<&str> = series.map(|series| series.method.as_str()).collect();
    methods.sort_unstable();
    methods.dedup();
    methods
}

/// Groups runs into sections and series, the section with the most runs first. If a seed occurs twice, the second run is left out
/// and listed.
pub fn sections(collection: Collection) -> (Vec<Section>, Vec<OmittedFolder>) {
    let Collection {
        runs,
        mut omissions,
        mut forecasts,
        applications: _,
    } = collection;
    let mut sections: Vec<Section> = Vec::new();
    for run in runs {
        let key = shared(&run.config, &run.summary.version);
        let place = sections.iter().position(|section| section.key == key);
        let place = place.unwrap_or_else(|| {
            sections.push(Section {
                title: String::new(),
                id: String::new(),
                series: Vec::new(),
                key,
                forecast: OnceLock::new(),
                is_in_phase_diagram: false,
            });
            sections.len() - 1
        });
        if let Err(omission) = sections[place].add(run) {
            omissions.push(omission);
        }
    }
    for section in &mut sections {
        section.order();
    }
    // The main section of a study comes first.
    sections.sort_by_key(|section| Reverse(section.runs().count()));
    name(&mut sections);
    for (_, number) in diagrams(&sections).into_iter().flatten() {
        sections[number].is_in_phase_diagram = true;
    }
    for section in &mut sections {
        if let Some(forecast) = forecasts.remove(&section.title) {
            section.forecast = OnceLock::from(forecast);
        }
    }
    (sections, omissions)
}

impl Section {
    fn add(&mut self, run: Run) -> Result<(), OmittedFolder> {
        let key = own(&run.config);
        let method = run.summary.method.clone();
        let same = |series: &&mut Series| series.method == method && series.key == key;
        let Some(series) = self.series.iter_mut().find(same) else {
            let plan = plan_with(&method, &run.config.learner).ok();
            self.series.push(Series {
                label: method.clone(),
                needs: plan.as_ref().map(|plan| plan.needs),
                all_at_once: plan.is_some_and(|plan| plan.curriculum == Curriculum::AllTasksAtOnce),
                method,
                runs: vec![run],
                key,
            });
            return Ok(());
        };
        if let Some(first) = series.run(run.summary.seed) {
            let reason = format!(
                "the same method, settings and seed ({}) as {}, which is in the report",
                run.summary.seed,
                first.path.display()
            );
            return Err(OmittedFolder { path: run.path, reason });
        }
        series.runs.push(run);
        Ok(())
    }

    /// Orders the series (the best first, undefined performance last) and the seeds, and makes the labels unique.
    fn order(&mut self) {
        for series in &mut self.series {
            series.runs.sort_by_key(|run| run.summary.seed);
        }
        // Orders by the number that is shown.
        let shown = |series: &Series| {
            let values: Option<Vec<f64>> = series.runs.iter().map(|run| run.summary.average_performance).collect();
            values
                .and_then(|values| interquartile_mean(&values).ok())
                .unwrap_or(f64::NEG_INFINITY)
        };
        self.series.sort_by(|left, right| {
            shown(right)
                .total_cmp(&shown(left))
                .then_with(|| left.method.cmp(&right.method))
        });
        let keys: Vec<(String, Leaves)> = self
            .series
            .iter()
            .map(|series| (series.method.clone(), series.key.clone()))
            .collect();
        for series in &mut self.series {
            let others: Vec<&Leaves> = keys
                .iter()
                .filter(|(method, _)| *method == series.method)
                .map(|(_, key)| key)
                .collect();
            // Default settings need not be named, since at most one of several series has all of them.
            let usual = usual(&series.runs[0].config);
            let settings: Vec<String> = differing(&others)
                .iter()
                .filter(|path| series.key.get(*path) != usual.get(*path))
                .map(|path| written(path, series.key.get(path), &series.method))
                .collect();
            if !settings.is_empty() {
                series.label = format!("{} ({})", series.method, settings.join(", "));
            }
        }
    }
}

/// Gives each section a unique title.
fn name(sections: &mut [Section]) {
    let titles: Vec<String> = sections.iter().map(plain_title).collect();
    let keys: Vec<Leaves> = sections.iter().map(|section| section.key.clone()).collect();
    for (number, section) in sections.iter_mut().enumerate() {
        let alike: Vec<&Leaves> = keys
            .iter()
            .zip(&titles)
            .filter(|(_, title)| **title == titles[number])
            .map(|(key, _)| key)
            .collect();
        let mut told: Vec<String> = vec![titles[number].clone()];
        // Missing information about a build is mentioned once.
        let (unrecorded, recorded): (Vec<String>, Vec<String>) = differing(&alike)
            .into_iter()
            .partition(|path| path.starts_with(PROGRAM) && !section.key.contains_key(path));
        told.extend(recorded.iter().map(|path| written(path, section.key.get(path), "")));
        if !unrecorded.is_empty() {
            told.push("build not recorded".to_owned());
        }
        section.title = told.join(", ");
        section.id = format!(
            "{}-{}",
            number + 1,
            section
                .example()
                .summary
                .scenario
                .replace(|letter: char| !letter.is_ascii_alphanumeric(), "_")
        );
    }
}

fn plain_title(section: &Section) -> String {
    let summary = &section.example().summary;
    let years = if summary.years > 1 {
        format!(", {} years", summary.years)
    } else {
        String::new()
    };
    format!(
        "{}, {}, {} decisions a season{years}",
        summary.scenario,
        summary.algorithm,
        super::table::grouped(summary.decisions_per_season)
    )
}

/// Formats a setting for people; the name of the method's own section is omitted.
fn written(path: &str, value: Option<&String>, method: &str) -> String {
    let short = if method.is_empty() {
        path
    } else {
        let path = path.trim_start_matches("learner.");
        path.strip_prefix(&format!("{method}.")).unwrap_or(path)
    };
    let value = value.map_or("none", String::as_str).trim_matches('"');
    if path == HISTORY {
        value.to_owned()
    } else if path == VERSION {
        format!("version {value}")
    } else {
        format!("{short} = {value}")
    }
}
