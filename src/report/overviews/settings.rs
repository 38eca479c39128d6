//! Methods that were run in more than one setting, side by side.

use super::OverviewSpec;
use crate::evaluation::statistics::interquartile_mean;
use crate::report::figures::Exhibit;
use crate::report::measured::{self, average_performance, forgetting};
use crate::report::{Cell, Column, ReportError, Section, Series, Table};

pub(super) const SPEC: OverviewSpec = OverviewSpec {
    name: "settings",
    title: "Settings beside each other",
    reading: READING,
    make,
};

const READING: &str = "Interquartile means over the seeds of each setting, with 95 % bootstrap intervals. Settings stand beside \
    each other and are not averaged here. Where seasons share look or behaviour, little can be forgotten: so the scenarios that vary only the look, \
    the dynamics or the weather show what makes a policy forget. First comes the method whose worst setting is best.";

fn make(sections: &[Section]) -> Result<Vec<Exhibit>, ReportError> {
    let mut methods: Vec<&str> = Vec::new();
    for series in sections.iter().flat_map(|section| &section.series) {
        let settings = sections.iter().filter(|section| section.series_of(&series.method).is_some());
        if settings.count() > 1 && !methods.contains(&series.method.as_str()) {
            methods.push(&series.method);
        }
    }
    // Methods are ordered by their worst setting.
    let worst = |method: &str| {
        let performances = sections.iter().filter_map(|section| {
            let values = average_performance(section, section.series_of(method)?).ok()?;
            interquartile_mean(&values).ok()
        });
        performances.fold(f64::INFINITY, f64::min)
    };
    methods.sort_by(|left, right| worst(right).total_cmp(&worst(left)));
    let row = |section: &Section, series: &Series| {
        vec![
            Cell::Code(series.method.clone()),
            Cell::Text(section.title.clone()),
            Cell::count(series.runs.len() as u64),
            measured::cell(average_performance(section, series)),
            measured::cell(forgetting(section, series)),
        ]
    };
    let rows: Vec<Vec<Cell>> = methods
        .iter()
        .flat_map(|method| {
            sections
                .iter()
                .filter_map(move |section| Some(row(section, section.series_of(method)?)))
        })
        .collect();
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    Ok(vec![Exhibit::Table(Table {
        name: SPEC.name.to_owned(),
        caption: "The same method in other settings".to_owned(),
        columns: vec![
            Column::plain("method"),
            Column::plain("setting"),
            Column::plain("seeds"),
            Column::with("average performance", "mean_j P[T][j]"),
            Column::with("forgetting", "mean_(j < n) P[last end of j][j] - P[T][j]"),
        ],
        rows,
        is_data: false,
    })])
}
