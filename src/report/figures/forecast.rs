//! Forecasts of `scenario probe` for fine-tuning, beside what came true.

use super::{Exhibit, FigureSpec};
use crate::evaluation::Undefined;
use crate::report::measured;
use crate::report::{Cell, Column, ReportError, Run, Section, Table};

pub(super) const SPEC: FigureSpec = FigureSpec {
    name: "forecast",
    title: "Forecast and what came true",
    reading: "What `perennial scenario probe` forecasts for `finetune` from the look of the seasons alone, before anything is trained, beside what its runs \
              measured.",
    make,
};

fn make(section: &Section, _: &str) -> Result<Vec<Exhibit>, ReportError> {
    let (Some(forecast), Some(series)) = (section.forecast(), section.series_of("finetune")) else {
        return Ok(Vec::new());
    };
    let rows = section.example().summary.seasons.iter().enumerate().map(|(season, name)| {
        let lost = |run: &Run| {
            let own = run.matrix.own_end_score(0, season, season)?;
            Ok::<f64, Undefined>(own - run.matrix.score(run.matrix.last_row(), season)?)
        };
        vec![
            Cell::Text(name.clone()),
            Cell::number(forecast.forgotten()[season]),
            measured::cell(series.values(lost)),
        ]
    });
    let table = Table {
        name: SPEC.name.to_owned(),
        caption: "Forgetting of fine-tuning, season by season".to_owned(),
        columns: vec![
            Column::plain("season"),
            Column::with("forecast", "score when learned, less that at the end"),
            Column::with("measured", "P[end of j][j] - P[T][j]"),
        ],
        rows: rows.collect(),
        is_data: false,
    };
    Ok(vec![Exhibit::Table(table)])
}
