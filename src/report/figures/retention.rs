//! Forgetting by season: the score at the end of a season against that at the end of the run.

use super::canvas::{Ink, Scale, Side, picture, text_width, tick_text};
use super::{Exhibit, FigureSpec, PicturePanels};
use crate::evaluation::{Undefined, measures};
use crate::report::measured::{self, sequential};
use crate::report::{Cell, Column, ReportError, Run, Section, Series, Table};

pub(super) const SPEC: FigureSpec = FigureSpec {
    name: "retention",
    title: "What was kept",
    reading: "Open circle: the score of a season when it was learned last; filled: at the end of the run. The line between them is what was \
              lost, or won. Interquartile means over seeds; the table has their intervals, or the single runs where there are fewer than ten.",
    make,
};

const WIDTH: f64 = 400.0;
const ROW: f64 = 24.0;
const LEFT: f64 = 84.0;
const TOP: f64 = 34.0;

fn make(section: &Section, _: &str) -> Result<Vec<Exhibit>, ReportError> {
    let seasons = &section.example().summary.seasons;
    let mut rows = Vec::new();
    let mut kept: Vec<(&Series, Vec<(f64, f64)>)> = Vec::new();
    for series in &section.series {
        let mut drawn = Vec::new();
        for (season, name) in seasons.iter().enumerate() {
            let own = |run: &Run| run.matrix.own_end_score(run.matrix.years() - 1, season, season);
            let end = |run: &Run| run.matrix.score(run.matrix.last_row(), season);
            let worst = |run: &Run| measures::worst_retained(&run.matrix).map(|worst| worst[season]);
            let lost = |run: &Run| Ok::<f64, Undefined>(own(run)? - end(run)?);
            let cells = [
                measured::cell(sequential(series).and_then(|series| series.values(own))),
                measured::cell(series.values(end)),
                measured::cell(sequential(series).and_then(|series| series.values(lost))),
                measured::cell(sequential(series).and_then(|series| series.values(worst))),
            ];
            if let [Cell::Estimate { estimate: own, .. }, Cell::Estimate { estimate: end, .. }, ..] = &cells {
                drawn.push((own.value, end.value));
            }
            rows.push(
                [Cell::Code(series.label.clone()), Cell::Text(name.clone())]
                    .into_iter()
                    .chain(cells)
                    .collect(),
            );
        }
        // A figure without one of the seasons would be misleading.
        if drawn.len() == seasons.len() {
            kept.push((series, drawn));
        }
    }
    let height = TOP + ROW * seasons.len() as f64 + 22.0;
    let values = kept
        .iter()
        .flat_map(|(_, scores)| scores.iter().flat_map(|(own, end)| [*own, *end]));
    let scale = Scale::around(values.chain([0.0, 1.0]), (LEFT, WIDTH - 10.0));
    let draw = |(series, scores): &(&Series, Vec<(f64, f64)>)| {
        picture(
            WIDTH,
            height,
            &format!("Forgetting by season of {}", series.label),
            |canvas| {
                canvas.text(&series.label, (2.0, 11.0), Side::Left, 14.0, Ink::Text, true);
                let bottom = TOP + ROW * seasons.len() as f64;
                for tick in scale.ticks(7) {
                    let at = scale.at(tick);
                    canvas.line(
                        &[(at, TOP - 6.0), (at, bottom)],
                        Ink::Grid,
                        if tick == 0.0 { 1.5 } else { 0.5 },
                    );
                    canvas.text(&tick_text(tick), (at, bottom + 11.0), Side::Middle, 11.0, Ink::Muted, false);
                }
                for (number, (season, (own, end))) in seasons.iter().zip(scores).enumerate() {
                    let height = TOP + ROW * (number as f64 + 0.5);
                    let size = 11.0_f64.min(11.0 * (LEFT - 14.0) / text_width(season, 11.0));
                    canvas.text(season, (LEFT - 10.0, height), Side::Right, size, Ink::Muted, false);
                    let ink = if end < own { Ink::Other } else { Ink::Main };
                    canvas.line(&[(scale.at(*own), height), (scale.at(*end), height)], ink, 2.0);
                    canvas.ring((scale.at(*own), height), 5.0, ink);
                    canvas.dot((scale.at(*end), height), 4.5, ink);
                }
            },
        )
    };
    let pictures = kept.iter().map(draw).collect::<Result<_, _>>()?;
    let columns = [
        Column::plain("method"),
        Column::plain("season"),
        Column::with("when learned", "P[last end of j][j]"),
        Column::with("at the end", "P[T][j]"),
        Column::with("lost", "P[last end of j][j] - P[T][j]"),
        Column::with("worst moment", "min_(i >= first end of j) P[i][j]"),
    ];
    let table = Table {
        name: SPEC.name.to_owned(),
        caption: "What was kept, season by season".to_owned(),
        columns: columns.to_vec(),
        rows,
        is_data: false,
    };
    Ok(vec![Exhibit::Panels(PicturePanels { pictures, table })])
}
