//! Learning by age: how fast a network of a certain age learns a new season, what it keeps, and what it knows of a season that it never saw.

mod by_age;
mod drawing;

use super::{Exhibit, FigureSpec, PicturePanels};
use crate::evaluation::sampling::SAMPLED_LAGS;
use crate::report::measured::{cell, sequential};
use crate::report::{Cell, Column, ReportError, Section, Series, Table};
use by_age::ByAge;

pub(super) const SPEC: FigureSpec = FigureSpec {
    name: "ages",
    title: "By age",
    reading: "How a network learns as it has seen more seasons. Left: learning curves of the training episodes in its first, middle and last seasons (the youngest \
              thin, the oldest thick). Middle: the mean height of those curves (blue) and the score in a season before it is learned (orange), by the number of seasons seen. \
              Right: the score in a season when it was learned and after so many further ones, for seasons of the first half (blue) and of the second (orange). \
              Lines are means over seeds, bands go from the lowest to the highest. Seasons that had been there before are left out and stand in a table of their own.",
    make,
};

fn make(section: &Section, _: &str) -> Result<Vec<Exhibit>, ReportError> {
    if !section.is_long_life() {
        return Ok(Vec::new());
    }
    let by_age = ByAge::new(section.example());
    let mut pictures = Vec::new();
    for series in section.series.iter().filter(|series| !series.all_at_once) {
        pictures.push(drawing::curves(series, &by_age)?);
        pictures.push(drawing::ages(series, &by_age)?);
        pictures.push(drawing::kept(series, &by_age)?);
    }
    let panels = Exhibit::Panels(PicturePanels {
        pictures,
        table: table(section, &by_age),
    });
    let returning = (!by_age.returning.is_empty()).then(|| Exhibit::Table(returning(section, &by_age)));
    Ok(std::iter::once(panels).chain(returning).collect())
}

fn table(section: &Section, by_age: &ByAge) -> Table {
    let lags: Vec<usize> = SAMPLED_LAGS.into_iter().filter(|lag| *lag < by_age.seasons).collect();
    let row = |series: &Series, window: &by_age::Window| {
        let mean =
            |value: &by_age::Value| cell(sequential(series).and_then(|series| series.values(|run| window.mean(run, value))));
        let head = [Cell::Code(series.label.clone()), Cell::Text(window.name())];
        let values = [mean(&by_age::area), mean(&by_age::own_end), mean(&by_age::zero_shot)];
        let kept = lags.iter().map(|&lag| {
            let within = window.up_to(by_age.seasons - lag);
            let value = move |run: &crate::report::Run, season: usize| by_age::kept(run, season, lag);
            cell(sequential(series).and_then(|series| series.values(|run| within.mean(run, &value))))
        });
        head.into_iter().chain(values).chain(kept).collect::<Vec<Cell>>()
    };
    let columns = [
        Column::plain("method"),
        Column::with(
            "seasons",
            "numbers of the seasons over which is averaged; a network that learns season 50 has seen 49",
        ),
        Column::with(
            "area",
            "mean AUC_j; AUC is the mean height of the curve of training episodes in season j, exploration included",
        ),
        Column::with("when learned", "mean P[end of j][j]"),
        Column::with("zero-shot", "mean P[before j][j]: the score before the season is learned"),
    ];
    let kept = lags.iter().map(|lag| {
        let (name, formula) = (format!("{lag} later"), format!("mean P[end of j + {lag}][j]"));
        Column::with(&name, &formula)
    });
    Table {
        name: SPEC.name.to_owned(),
        caption: "Learned, known before, and kept, by age".to_owned(),
        columns: columns.into_iter().chain(kept).collect(),
        rows: section
            .series
            .iter()
            .flat_map(|series| by_age.windows.iter().map(move |window| row(series, window)))
            .collect(),
        is_data: false,
    }
}

/// Returns the table of seasons that come back.
fn returning(section: &Section, by_age: &ByAge) -> Table {
    let names = &section.example().summary.seasons;
    let row = |series: &Series, season: usize| {
        let value = |value: &by_age::Value| cell(sequential(series).and_then(|series| series.values(|run| value(run, season))));
        vec![
            Cell::Code(series.label.clone()),
            Cell::Text(names[season].clone()),
            value(&by_age::zero_shot),
            value(&by_age::area),
            value(&by_age::own_end),
        ]
    };
    Table {
        name: format!("{}_returning", SPEC.name),
        caption: "Seasons that come back".to_owned(),
        columns: vec![
            Column::plain("method"),
            Column::plain("season"),
            Column::with("when it comes back", "P[before j][j]"),
            Column::with("area", "AUC_j, of training episodes"),
            Column::with("when learned again", "P[end of j][j]"),
        ],
        rows: section
            .series
            .iter()
            .flat_map(|series| by_age.returning.iter().map(move |&season| row(series, season)))
            .collect(),
        is_data: false,
    }
}
