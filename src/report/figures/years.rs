//! Recurring seasons: retention after a year, and savings in relearning.

use super::{Exhibit, FigureSpec};
use crate::evaluation::{Undefined, measures};
use crate::report::measured::{self, sequential};
use crate::report::{Cell, Column, Run, Section, Series, Table};

pub(super) const SPEC: FigureSpec = FigureSpec {
    name: "years",
    title: "When a season comes back",
    reading: "What is left of a season when it comes back in the second year, and how much sooner it is learned again. Interquartile means \
              over seeds with 95 % intervals. Savings are taken from training episodes: 1, all was still there; 0, as slow as the first time.",
    make: |section, _| Ok(make(section).into_iter().collect()),
};

/// Returns `None` if no season recurs.
fn make(section: &Section) -> Option<Exhibit> {
    let summary = &section.example().summary;
    if summary.years < 2 {
        return None;
    }
    let rows = section.series.iter().flat_map(|series| {
        summary.seasons.iter().enumerate().map(move |(season, name)| {
            let retention = |run: &Run| measures::year_retention(&run.matrix).and_then(|years| years[0][season].clone());
            let savings = |run: &Run| -> Result<f64, Undefined> {
                measures::relearning_savings(&run.season_curve(0, season)?, &run.season_curve(1, season)?)
            };
            let left = |run: &Run| run.matrix.own_end_score(0, season, season);
            let back = |run: &Run| measures::before(&run.matrix, 1, season);
            let cell = |series: &Series, value: &dyn Fn(&Run) -> Result<f64, Undefined>| {
                measured::cell(sequential(series).and_then(|series| series.values(value)))
            };
            vec![
                Cell::Code(series.label.clone()),
                Cell::Text(name.clone()),
                cell(series, &left),
                cell(series, &back),
                cell(series, &retention),
                cell(series, &savings),
            ]
        })
    });
    Some(Exhibit::Table(Table {
        name: SPEC.name.to_owned(),
        caption: "A year later".to_owned(),
        columns: vec![
            Column::plain("method"),
            Column::plain("season"),
            Column::with("when it was left", "P[end of j in year 1][j]"),
            Column::with("when it comes back", "P[before j in year 2][j]"),
            Column::with("year retention", "P[before j in year 2][j] / P[end of j in year 1][j]"),
            Column::with(
                "relearning savings",
                "1 - decisions to 90 % of the first year's last score now / decisions to it the first time",
            ),
        ],
        rows: rows.collect(),
        is_data: false,
    }))
}
