//! Learning curves: scores of the training episodes.

use super::canvas::{Canvas, Ink, Scale, Side, picture, tick_text};
use super::{Exhibit, FigureSpec, PicturePanels};
use crate::report::{Cell, Column, ReportError, Section, Series, Table};

pub(super) const SPEC: FigureSpec = FigureSpec {
    name: "curves",
    title: "Learning curves",
    reading: "Scores of the training episodes, exploration included: the line is the mean over seeds, the band goes from the lowest to the \
              highest seed. Upright lines are changes of season. All pictures have the same axes; the thin orange line is the baseline.",
    make,
};

const SIZE: (f64, f64) = (400.0, 230.0);
const PLOT: (f64, f64, f64, f64) = (38.0, 392.0, 40.0, 194.0);

/// A stretch of decisions: its end, and the mean, lowest and highest score over seeds.
#[derive(Clone, Copy)]
struct Point {
    decisions: f64,
    mean: f64,
    low: f64,
    high: f64,
}

fn make(section: &Section, baseline: &str) -> Result<Vec<Exhibit>, ReportError> {
    let curves: Vec<Vec<Point>> = section.series.iter().map(points).collect();
    if curves.iter().all(Vec::is_empty) {
        return Ok(vec![Exhibit::Text(
            "No episode ended during training, so there is no curve.".to_owned(),
        )]);
    }
    let heights = curves.iter().flatten().flat_map(|point| [point.low, point.high]);
    let vertical = Scale::around(heights.chain([0.0, 1.0]), (PLOT.3, PLOT.2));
    let horizontal = Scale::exactly((0.0, section.example().summary.decisions as f64), (PLOT.0, PLOT.1));
    let other = section.series.iter().position(|series| series.method == baseline);
    let mut pictures = Vec::new();
    for (number, (series, curve)) in section.series.iter().zip(&curves).enumerate() {
        let title = format!("Learning curve of {}", series.label);
        let behind = other.filter(|other| *other != number).map(|other| &curves[other]);
        pictures.push(picture(SIZE.0, SIZE.1, &title, |canvas| {
            canvas.text(&series.label, (PLOT.0, 11.0), Side::Left, 14.0, Ink::Text, true);
            axes(canvas, section, &horizontal, &vertical);
            let place = |point: &Point, height: f64| (horizontal.at(point.decisions), vertical.at(height));
            let band = curve.iter().map(|point| place(point, point.high));
            let band: Vec<_> = band.chain(curve.iter().rev().map(|point| place(point, point.low))).collect();
            canvas.surface(&band, Ink::Main, 0.25);
            if let Some(behind) = behind {
                canvas.line(
                    &behind.iter().map(|point| place(point, point.mean)).collect::<Vec<_>>(),
                    Ink::Other,
                    1.0,
                );
            }
            canvas.line(
                &curve.iter().map(|point| place(point, point.mean)).collect::<Vec<_>>(),
                Ink::Main,
                2.0,
            );
        })?);
    }
    let table = table(section, &curves);
    Ok(vec![Exhibit::Panels(PicturePanels { pictures, table })])
}

/// Returns the stretches for which every seed has a score: a mean over fewer seeds would jump.
fn points(series: &Series) -> Vec<Point> {
    let first = &series.runs[0].training;
    let point = |stretch: &u64| {
        let scores: Option<Vec<f64>> = series
            .runs
            .iter()
            .map(|run| run.training.scores.get(stretch).copied())
            .collect();
        let scores = scores?;
        let end = (stretch + 1) * first.stretch_decisions;
        Some(Point {
            decisions: end.min(series.runs[0].summary.decisions) as f64,
            mean: scores.iter().sum::<f64>() / scores.len() as f64,
            low: scores.iter().copied().fold(f64::INFINITY, f64::min),
            high: scores.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        })
    };
    first.scores.keys().filter_map(point).collect()
}

fn axes(canvas: &mut Canvas<'_>, section: &Section, horizontal: &Scale, vertical: &Scale) {
    for tick in vertical.ticks(6) {
        let height = vertical.at(tick);
        canvas.line(
            &[(PLOT.0, height), (PLOT.1, height)],
            Ink::Grid,
            if tick == 0.0 { 1.5 } else { 0.5 },
        );
        canvas.text(&tick_text(tick), (PLOT.0 - 6.0, height), Side::Right, 11.0, Ink::Muted, false);
    }
    let summary = &section.example().summary;
    let count = summary.seasons.len() * summary.years;
    let length = summary.decisions as f64 / count as f64;
    // Names are shown where they fit. Years are only numbered.
    let named = count <= 5;
    // Lines of single seasons would cover the curves of a long life.
    let step = if section.is_long_life() { 10 } else { 1 };
    for number in (0..=count).filter(|number| number.is_multiple_of(step) || number.is_multiple_of(summary.seasons.len())) {
        let at = horizontal.at(number as f64 * length);
        canvas.line(
            &[(at, PLOT.2), (at, PLOT.3)],
            Ink::Muted,
            if number.is_multiple_of(summary.seasons.len()) {
                1.0
            } else {
                0.5
            },
        );
        if named && let Some(season) = summary.seasons.get(number) {
            canvas.text(
                season,
                (horizontal.at((number as f64 + 0.5) * length), 30.0),
                Side::Middle,
                11.0,
                Ink::Muted,
                false,
            );
        }
        if !named && number < count && number.is_multiple_of(summary.seasons.len()) {
            let year = format!("year {}", number / summary.seasons.len() + 1);
            canvas.text(&year, (at + 3.0, 30.0), Side::Left, 11.0, Ink::Muted, false);
        }
    }
    let ticks = horizontal.ticks(5);
    for tick in &ticks {
        let text = if *tick >= 1e6 {
            format!("{} M", tick_text(tick / 1e6))
        } else if *tick >= 1e3 {
            format!("{} k", tick_text(tick / 1e3))
        } else {
            tick_text(*tick)
        };
        canvas.text(
            &text,
            (horizontal.at(*tick), PLOT.3 + 12.0),
            Side::Middle,
            11.0,
            Ink::Muted,
            false,
        );
    }
    canvas.text("decisions", (PLOT.1, SIZE.1 - 7.0), Side::Right, 11.0, Ink::Muted, false);
    canvas.text("score", (PLOT.0 - 6.0, 30.0), Side::Right, 11.0, Ink::Muted, false);
}

fn table(section: &Section, curves: &[Vec<Point>]) -> Table {
    let row = |series: &Series, point: &Point| {
        vec![
            Cell::Code(series.label.clone()),
            Cell::count(point.decisions as u64),
            Cell::number(point.mean),
            Cell::number(point.low),
            Cell::number(point.high),
        ]
    };
    Table {
        name: SPEC.name.to_owned(),
        caption: "Learning curves".to_owned(),
        columns: ["method", "decisions", "mean", "lowest", "highest"]
            .map(Column::plain)
            .to_vec(),
        rows: section
            .series
            .iter()
            .zip(curves)
            .flat_map(|(series, curve)| curve.iter().map(move |point| row(series, point)))
            .collect(),
        is_data: true,
    }
}
