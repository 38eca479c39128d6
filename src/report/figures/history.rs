//! Performance against the amount of past data that may be kept.

use super::canvas::{Ink, Scale, Side, picture, spread, text_width, tick_text};
use super::{Exhibit, FigureSpec, PicturePanels};
use crate::evaluation::statistics::Estimate;
use crate::learner::History;
use crate::report::measured::{self, average_performance, estimate, mean};
use crate::report::table::bytes_text;
use crate::report::{Cell, Column, ReportError, Section, Series, Spread, Table};

pub(super) const SPEC: FigureSpec = FigureSpec {
    name: "history",
    title: "How much of the past is needed",
    reading: "The same method with less and less of the past (setting `learner.history`); each point is an interquartile mean over seeds, \
              upright lines are 95 % intervals, small dots single runs where there are fewer than ten. To the right: more bytes of past data, on a logarithmic scale; the horizontal line is \
              fine-tuning, which keeps none.",
    make,
};

const SIZE: (f64, f64) = (560.0, 320.0);
const PLOT: (f64, f64, f64, f64) = (44.0, 548.0, 26.0, 270.0);
/// Method that keeps no past data.
const NOTHING: &str = "finetune";

/// A method with a limited history: bytes of past data, and its performance.
struct Point {
    bytes: f64,
    performance: Estimate,
    spread: Spread,
}

fn make(section: &Section, _: &str) -> Result<Vec<Exhibit>, ReportError> {
    let mut methods: Vec<&str> = Vec::new();
    for series in &section.series {
        if is_limited(series) && !methods.contains(&series.method.as_str()) {
            methods.push(&series.method);
        }
    }
    if methods.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows = Vec::new();
    let mut lines: Vec<(&str, Vec<Point>)> = Vec::new();
    for method in methods {
        let mut all: Vec<(&Series, f64)> = section
            .series
            .iter()
            .filter(|series| series.method == method && (is_limited(series) || series.is_usual()))
            .map(|series| (series, mean(series, |run| run.summary.ledger.past_bytes as f64)))
            .collect();
        all.sort_by(|left, right| left.1.total_cmp(&right.1));
        let mut points = Vec::new();
        for (series, bytes) in all {
            let performance = average_performance(section, series);
            if let Ok(values) = &performance
                && let Ok(performance) = estimate(values)
            {
                points.push(Point {
                    bytes,
                    performance,
                    spread: Spread::of(values),
                });
            }
            rows.push(vec![
                Cell::Code(series.method.clone()),
                Cell::Text(series.runs[0].config.learner.history.to_string()),
                Cell::bytes(bytes),
                Cell::count(series.runs.len() as u64),
                measured::cell(performance),
                measured::cell(measured::forgetting(section, series)),
            ]);
        }
        lines.push((method, points));
    }
    let nothing = section.series_of(NOTHING);
    let nothing = nothing.and_then(|series| estimate(&average_performance(section, series).ok()?).ok());
    let columns = vec![
        Column::plain("method"),
        Column::with("history", "the setting `learner.history`: what may be kept of the past"),
        Column::with(
            "past data",
            "mean over seeds of the bytes that were held of earlier seasons at the end, apart from recent transitions",
        ),
        Column::plain("seeds"),
        Column::with("average performance", "mean_j P[T][j]"),
        Column::with("forgetting", "mean_(j < n) P[last end of j][j] - P[T][j]"),
    ];
    let table = Table {
        name: SPEC.name.to_owned(),
        caption: "Histories".to_owned(),
        columns,
        rows,
        is_data: false,
    };
    let pictures = vec![draw(&lines, nothing)?];
    Ok(vec![Exhibit::Panels(PicturePanels { pictures, table })])
}

fn is_limited(series: &Series) -> bool {
    series.runs[0].config.learner.history != History::Own
}

fn draw(lines: &[(&str, Vec<Point>)], nothing: Option<Estimate>) -> Result<String, ReportError> {
    let points = || lines.iter().flat_map(|(_, points)| points);
    let bytes: Vec<f64> = points().map(|point| point.bytes).collect();
    let horizontal = Scale::logarithmic(&bytes, (PLOT.0, PLOT.1));
    let heights = points().flat_map(|point| <[f64; 2]>::from(point.spread.ends(&point.performance)));
    let heights = heights.chain(nothing.map(|nothing| nothing.value)).chain([0.0, 1.0]);
    let vertical = Scale::around(heights, (PLOT.3, PLOT.2));
    picture(SIZE.0, SIZE.1, "Average performance against bytes of past data", |canvas| {
        for tick in vertical.ticks(6) {
            let at = vertical.at(tick);
            canvas.line(&[(PLOT.0, at), (PLOT.1, at)], Ink::Grid, if tick == 0.0 { 1.5 } else { 0.5 });
            canvas.text(&tick_text(tick), (PLOT.0 - 6.0, at), Side::Right, 11.0, Ink::Muted, false);
        }
        for tick in horizontal.ticks(5) {
            let at = horizontal.at(tick);
            canvas.line(&[(at, PLOT.2), (at, PLOT.3)], Ink::Grid, 0.5);
            let text = bytes_text(tick).replace(".0 ", " ");
            canvas.text(&text, (at, PLOT.3 + 13.0), Side::Middle, 11.0, Ink::Muted, false);
        }
        canvas.text("average performance", (2.0, 9.0), Side::Left, 11.0, Ink::Muted, false);
        canvas.text(
            "bytes of past data",
            (PLOT.1, SIZE.1 - 14.0),
            Side::Right,
            11.0,
            Ink::Muted,
            false,
        );
        if let Some(nothing) = nothing {
            let at = vertical.at(nothing.value);
            canvas.line(&[(PLOT.0, at), (PLOT.1, at)], Ink::Other, 1.5);
            canvas.text(NOTHING, (PLOT.0 + 4.0, at - 9.0), Side::Left, 12.0, Ink::Other, false);
        }
        for (number, (method, points)) in lines.iter().enumerate() {
            let ink = if number == 0 { Ink::Main } else { Ink::Text };
            let place = |point: &Point| (horizontal.at(point.bytes), vertical.at(point.performance.value));
            canvas.line(&points.iter().map(place).collect::<Vec<_>>(), ink, 2.0);
            for point in points {
                let (x, y) = place(point);
                spread(canvas, &point.spread, &point.performance, x, &vertical, ink);
                canvas.dot((x, y), 4.5, ink);
            }
            if let Some(last) = points.last() {
                let (x, y) = place(last);
                let left = (x - 8.0 - text_width(method, 12.0)).max(PLOT.0);
                canvas.text(method, (left, y - 12.0 - 14.0 * number as f64), Side::Left, 12.0, ink, true);
            }
        }
    })
}
