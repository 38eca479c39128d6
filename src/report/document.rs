//! A whole report, made once and written in several formats.

use super::figures::{Exhibit, FIGURES, FigureSpec};
use super::table::grouped;
use super::{Collection, Omission, ReportError, Section, Table, overview, sections};

/// A whole report.
#[derive(Debug)]
pub struct Document {
    /// What it says in one line.
    pub summary: String,
    /// Which method the others are compared with.
    pub baseline: String,
    /// Methods that were run in several settings, side by side.
    pub overview: Option<Table>,
    /// Its sections, one for each scenario and set of settings.
    pub sections: Vec<SectionContent>,
    /// What is left out.
    pub omissions: Vec<Omission>,
}

/// What a section shows.
#[derive(Debug)]
pub struct SectionContent {
    /// The runs of it.
    pub section: Section,
    /// What is common to its runs, as pairs of a name and what it is.
    pub facts: Vec<(String, String)>,
    /// Its figures and tables, in the order of the registry.
    pub figures: Vec<MadeFigure>,
}

/// A figure or table, made.
#[derive(Debug)]
pub struct MadeFigure {
    /// What it is.
    pub spec: &'static FigureSpec,
    /// Its parts.
    pub exhibits: Vec<Exhibit>,
}

impl Document {
    /// Makes the report of these runs, comparing with the method `baseline` where a section has it.
    ///
    /// # Errors
    /// No section has the baseline although it was `demanded`, or a figure cannot be drawn.
    pub fn new(collection: Collection, baseline: &str, demanded: bool) -> Result<Self, ReportError> {
        let (sections, omissions) = sections(collection);
        if demanded && sections.iter().all(|section| section.series_of(baseline).is_none()) {
            let mut methods: Vec<String> = sections
                .iter()
                .flat_map(|section| &section.series)
                .map(|series| series.method.clone())
                .collect();
            methods.sort();
            methods.dedup();
            return Err(ReportError::NoBaseline {
                baseline: baseline.to_owned(),
                methods,
            });
        }
        let summary = summary(&sections);
        let overview = overview::table(&sections);
        let content = |section: Section| {
            let figures: Result<Vec<MadeFigure>, ReportError> = FIGURES
                .iter()
                .map(|spec| {
                    let exhibits = (spec.make)(&section, baseline)?;
                    Ok(MadeFigure { spec, exhibits })
                })
                // What has nothing to say about this section is not there.
                .filter(|made| !made.as_ref().is_ok_and(|made| made.exhibits.is_empty()))
                .collect();
            Ok(SectionContent {
                facts: facts(&section),
                figures: figures?,
                section,
            })
        };
        Ok(Self {
            summary,
            overview,
            baseline: baseline.to_owned(),
            sections: sections.into_iter().map(content).collect::<Result<_, ReportError>>()?,
            omissions,
        })
    }
}

fn summary(sections: &[Section]) -> String {
    let runs: usize = sections.iter().map(|section| section.runs().count()).sum();
    let mut methods: Vec<&str> = sections
        .iter()
        .flat_map(|section| &section.series)
        .map(|series| series.method.as_str())
        .collect();
    methods.sort_unstable();
    methods.dedup();
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

fn facts(section: &Section) -> Vec<(String, String)> {
    let run = section.example();
    let (summary, config) = (&run.summary, &run.config);
    let mut seeds: Vec<u64> = section.runs().map(|run| run.summary.seed).collect();
    seeds.sort_unstable();
    seeds.dedup();
    let seeds: Vec<String> = seeds.iter().map(u64::to_string).collect();
    let evaluation = &config.evaluation;
    let boundaries = if config.declares_boundaries() {
        "declared: methods are told where a season ends"
    } else {
        "not declared: seasons turn into each other"
    };
    [
        ("scenario", format!("{}. {}", summary.scenario, config.scenario.description)),
        ("seasons", summary.seasons.join(", ")),
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
