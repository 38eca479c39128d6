//! A complete report, built once and written in several formats.

use super::figures::{Exhibit, FIGURES};
use super::section::methods;
use super::table::grouped;
use super::{Collection, OVERVIEWS, OmittedFolder, ReportError, Section, Table, sections};
use crate::evaluation::application::ApplicationResult;
use crate::scenario::SeasonTransition;

/// A complete report.
#[derive(Debug)]
pub struct Document {
    /// Summary, in one line.
    pub summary: String,
    /// Method that the others are compared with.
    pub baseline: String,
    /// Tables and figures over all sections, in the order of the registry.
    pub overviews: Vec<MadeFigure>,
    /// Sections, one for each scenario and set of settings.
    pub sections: Vec<SectionContent>,
    /// Results of applications.
    pub applications: Vec<ApplicationResult>,
    /// Folders left out.
    pub omissions: Vec<OmittedFolder>,
}

/// Contents of a section.
#[derive(Debug)]
pub struct SectionContent {
    /// The runs of the section.
    pub section: Section,
    /// Properties common to its runs, as pairs of name and value.
    pub facts: Vec<(String, String)>,
    /// Figures and tables, in the order of the registry.
    pub figures: Vec<MadeFigure>,
}

/// A figure or table with its contents.
#[derive(Debug)]
pub struct MadeFigure {
    /// Name in links and file names.
    pub name: &'static str,
    /// Heading.
    pub title: &'static str,
    /// Explanation for the reader.
    pub reading: &'static str,
    /// Parts of the figure.
    pub exhibits: Vec<Exhibit>,
}

impl Document {
    /// Builds the report of these runs. Methods are compared with `baseline` in the sections that have it.
    ///
    /// # Errors
    /// Returns an error if no section has the baseline although it was `demanded`, or if a figure cannot be drawn.
    pub fn new(collection: Collection, baseline: &str, demanded: bool) -> Result<Self, ReportError> {
        let mut collection = collection;
        let applications = std::mem::take(&mut collection.applications);
        let (sections, omissions) = sections(collection);
        if demanded && sections.iter().all(|section| section.series_of(baseline).is_none()) {
            return Err(ReportError::NoBaseline {
                baseline: baseline.to_owned(),
                methods: methods(&sections).into_iter().map(str::to_owned).collect(),
            });
        }
        let summary = summary(&sections);
        let overviews = OVERVIEWS.iter().map(|spec| {
            Ok(MadeFigure {
                name: spec.name,
                title: spec.title,
                reading: spec.reading,
                exhibits: (spec.make)(&sections)?,
            })
        });
        let mut overviews = with_content(overviews)?;
        overviews.extend(super::applications::figure(&applications)?);
        let content = |section: Section| {
            let shown = FIGURES.iter().filter(|spec| section.shows(spec.name));
            let figures = shown.map(|spec| {
                Ok(MadeFigure {
                    name: spec.name,
                    title: spec.title,
                    reading: spec.reading,
                    exhibits: (spec.make)(&section, baseline)?,
                })
            });
            Ok(SectionContent {
                facts: facts(&section),
                figures: with_content(figures)?,
                section,
            })
        };
        Ok(Self {
            summary,
            overviews,
            applications,
            baseline: baseline.to_owned(),
            sections: sections.into_iter().map(content).collect::<Result<_, ReportError>>()?,
            omissions,
        })
    }
}

/// Collects figures, and leaves out those without content.
fn with_content(figures: impl Iterator<Item = Result<MadeFigure, ReportError>>) -> Result<Vec<MadeFigure>, ReportError> {
    figures
        .filter(|made| !made.as_ref().is_ok_and(|made| made.exhibits.is_empty()))
        .collect()
}

impl MadeFigure {
    /// Returns its tables.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.exhibits.iter().filter_map(Exhibit::table)
    }
}

fn summary(sections: &[Section]) -> String {
    let runs: usize = sections.iter().map(|section| section.runs().count()).sum();
    let methods = methods(sections);
    let counted = |count: usize, one: &str| {
        if count == 1 {
            format!("1 {one}")
        } else {
            format!("{count} {one}s")
        }
    };
    format!(
        "{} of {} in {}",
        counted(runs, "run"),
        counted(methods.len(), "method"),
        counted(sections.len(), "setting"),
    )
}

/// Returns the names of the seasons; of a long life, their number and the first and last ones.
fn seasons(section: &Section) -> String {
    let names = &section.example().summary.seasons;
    match &names[..] {
        [first, .., last] if section.is_long_life() => format!("{}: {first} to {last}", names.len()),
        _ => names.join(", "),
    }
}

fn facts(section: &Section) -> Vec<(String, String)> {
    let run = section.example();
    let (summary, config) = (&run.summary, &run.config);
    let mut seeds: Vec<u64> = section.runs().map(|run| run.summary.seed).collect();
    seeds.sort_unstable();
    seeds.dedup();
    let seeds: Vec<String> = seeds.iter().map(u64::to_string).collect();
    let evaluation = &config.evaluation;
    let boundaries = match (config.declares_boundaries(), config.scenario.schedule.transition) {
        (true, SeasonTransition::Abrupt) => "declared: methods are told where a season ends",
        (true, SeasonTransition::Gradual) => "declared where a season has turned into the next one",
        (false, SeasonTransition::Gradual) => "not declared: seasons turn into each other",
        (false, SeasonTransition::Abrupt) => "not declared, though seasons change at once",
    };
    [
        ("scenario", format!("{}. {}", summary.scenario, config.scenario.description)),
        ("seasons", seasons(section)),
        ("boundaries", boundaries.to_owned()),
        (
            "decisions",
            format!(
                "{} a run: {} a season, {} gardens side by side",
                grouped(summary.decisions),
                grouped(summary.decisions_per_season),
                config.gardens
            ),
        ),
        ("algorithm", summary.algorithm.clone()),
        ("seeds", seeds.join(", ")),
        (
            "evaluation",
            format!(
                "greedy, {} episodes in each season after each season, probe gardens of seed {}",
                evaluation.episodes, evaluation.seed
            ),
        ),
        (
            "version",
            config.program.as_ref().map_or_else(
                || format!("perennial {}; its build was not recorded", summary.version),
                ToString::to_string,
            ),
        ),
    ]
    .into_iter()
    .chain(
        config
            .initial_policy
            .as_ref()
            .map(|hash| ("begins with", format!("the policy {hash}"))),
    )
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}
