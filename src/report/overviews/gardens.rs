//! Methods over several gardens: averages over gardens as well as seeds.

use super::OverviewSpec;
use crate::evaluation::statistics::interquartile_mean;
use crate::report::figures::Exhibit;
use crate::report::figures::paired::{Differences, paired, verdicts};
use crate::report::measured::{self, Measure, average_performance, forgetting, worst_retained};
use crate::report::{Cell, Column, DEFAULT_BASELINE, ReportError, Section, Table, section};

pub(super) const SPEC: OverviewSpec = OverviewSpec {
    name: "gardens",
    title: "Over all gardens",
    reading: "Each row is an average over gardens as well as seeds: the interquartile mean over all of its runs, with a 95 % interval from a \
              bootstrap that draws seeds within each garden (the gardens are the strata), or with the means of the gardens where one has fewer \
              than ten seeds. It says how a method does in gardens like these, and not in \
              one of them, which has a section of its own. A method that was not run in all of these gardens has no average. Differences are claimed as in \
              the paired comparison of a garden, here by garden and seed.",
    make,
};

/// Least number of gardens that are averaged.
const LEAST_GARDENS: usize = 3;

fn make(sections: &[Section]) -> Result<Vec<Exhibit>, ReportError> {
    let mut groups: Vec<Vec<&Section>> = Vec::new();
    // An average over all cells of a phase diagram would say nothing of any garden.
    for section in sections.iter().filter(|section| !section.is_in_phase_diagram()) {
        match groups.iter_mut().find(|group| group[0].differs_in_garden_only(section)) {
            Some(group) => group.push(section),
            None => groups.push(vec![section]),
        }
    }
    groups.retain(|group| group.len() >= LEAST_GARDENS);
    let tables = groups
        .iter()
        .flat_map(|group| table(group).into_iter().chain(paired_table(group)));
    Ok(tables.map(Exhibit::Table).collect())
}

/// Compares every method that was run in all gardens with the usual baseline, garden by garden and seed by seed.
fn paired_table(gardens: &[&Section]) -> Option<Table> {
    let differences = |method: &str| -> Option<Result<Differences, String>> {
        let strata: Option<Vec<Result<Vec<f64>, String>>> = gardens
            .iter()
            .map(|section| {
                let (series, other) = (section.series_of(method)?, section.series_of(DEFAULT_BASELINE)?);
                Some(paired(section, series, other, average_performance))
            })
            .collect();
        Some(strata?.into_iter().collect::<Result<Vec<_>, _>>().and_then(Differences::of))
    };
    let methods = section::methods(gardens.iter().copied()).into_iter();
    let compared: Vec<(&str, Result<Differences, String>)> = methods
        .filter(|method| *method != DEFAULT_BASELINE)
        .filter_map(|method| Some((method, differences(method)?)))
        .collect();
    if compared.is_empty() {
        return None;
    }
    let (methods, family): (Vec<&str>, Vec<_>) = compared.into_iter().unzip();
    let verdicts = verdicts(&family, true, |one| measured::stratified_spread(&one.strata));
    let rows = methods.iter().zip(verdicts).map(|(method, (cells, _))| {
        let head = [Cell::Code((*method).to_owned()), Cell::Code(DEFAULT_BASELINE.to_owned())];
        head.into_iter().chain(cells).collect()
    });
    Some(Table {
        name: "gardens_paired".to_owned(),
        caption: format!("Each method against {DEFAULT_BASELINE}, over {} gardens", gardens.len()),
        columns: vec![
            Column::plain("method"),
            Column::plain("against"),
            Column::with(
                "difference of average performance",
                "interquartile mean over gardens and seeds of the method's value less the other's; above 0 is better",
            ),
            Column::with(
                "p, average performance",
                "fraction of choices of signs that give a mean difference as far from 0, corrected for the number of comparisons (Holm)",
            ),
            Column::with("average performance is", "better or worse where p is at most 0.05"),
        ],
        rows: rows.collect(),
        is_data: false,
    })
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
