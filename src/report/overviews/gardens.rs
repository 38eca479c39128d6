//! Methods over several gardens: averages over gardens as well as seeds.

use super::OverviewSpec;
use crate::evaluation::statistics::interquartile_mean;
use crate::report::figures::Exhibit;
use crate::report::measured::{self, Measure, average_performance, forgetting, worst_retained};
use crate::report::{Cell, Column, ReportError, Section, Table, section};

pub(super) const SPEC: OverviewSpec = OverviewSpec {
    name: "gardens",
    title: "Over all gardens",
    reading: "Each row is an average over gardens as well as seeds: the interquartile mean over all of its runs, with a 95 % interval from a \
              bootstrap that draws seeds within each garden (the gardens are the strata). It says how a method does in gardens like these, and not in \
              one of them, which has a section of its own. A method that was not run in all of these gardens has no average.",
    make,
};

/// Least number of gardens that are averaged.
const LEAST_GARDENS: usize = 3;

fn make(sections: &[Section]) -> Result<Vec<Exhibit>, ReportError> {
    let mut groups: Vec<Vec<&Section>> = Vec::new();
    for section in sections {
        match groups.iter_mut().find(|group| group[0].differs_in_garden_only(section)) {
            Some(group) => group.push(section),
            None => groups.push(vec![section]),
        }
    }
    groups.retain(|group| group.len() >= LEAST_GARDENS);
    Ok(groups.iter().filter_map(|group| table(group)).map(Exhibit::Table).collect())
}

/// Returns the averages of a group of gardens; `None` if fewer than two methods were run in all of them.
fn table(gardens: &[&Section]) -> Option<Table> {
    let mut methods = section::methods(gardens.iter().copied());
    let is_everywhere = |method: &&str| gardens.iter().all(|section| section.series_of(method).is_some());
    if methods.iter().filter(|method| is_everywhere(method)).count() < 2 {
        return None;
    }
    let values = |method: &str, measure: Measure| -> Result<Vec<Vec<f64>>, String> {
        let found: Vec<(&Section, _)> = gardens
            .iter()
            .filter_map(|section| Some((*section, section.series_of(method)?)))
            .collect();
        if found.len() < gardens.len() {
            return Err(format!("`{method}` was run in {} of {} gardens", found.len(), gardens.len()));
        }
        found.into_iter().map(|(section, series)| measure(section, series)).collect()
    };
    let middle = |method: &str| {
        let all = values(method, average_performance).ok()?.concat();
        interquartile_mean(&all).ok()
    };
    methods.sort_by(|left, right| {
        let [left, right] = [left, right].map(|method| middle(method).unwrap_or(f64::NEG_INFINITY));
        right.total_cmp(&left)
    });
    let rows = methods.iter().map(|method| {
        let runs = |section: &&Section| section.series_of(method).map_or(0, |series| series.runs.len());
        let cell = |measure: Measure| measured::stratified_cell(values(method, measure));
        vec![
            Cell::Code((*method).to_owned()),
            Cell::count(gardens.iter().filter(|section| section.series_of(method).is_some()).count() as u64),
            Cell::count(gardens.iter().map(runs).sum::<usize>() as u64),
            cell(average_performance),
            cell(forgetting),
            cell(worst_retained),
        ]
    });
    let rows = rows.collect();
    Some(Table {
        name: SPEC.name.to_owned(),
        caption: format!("Averages over {} gardens and the seeds of each", gardens.len()),
        columns: vec![
            Column::plain("method"),
            Column::plain("gardens"),
            Column::plain("runs"),
            Column::with("average performance", "mean_j P[T][j]"),
            Column::with("forgetting", "mean_(j < n) P[last end of j][j] - P[T][j]"),
            Column::with("worst retained", "min_(j, i >= first end of j) P[i][j]"),
        ],
        rows,
        is_data: false,
    })
}
