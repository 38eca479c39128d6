//! Pictures of a life by age, three for each method.

use std::collections::BTreeMap;

use super::by_age::{self, ByAge, Window};
use crate::evaluation::Undefined;
use crate::evaluation::sampling::SAMPLED_LAGS;
use crate::report::figures::canvas::{Canvas, Ink, Scale, Side, picture, tick_text};
use crate::report::{ReportError, Run, Series};

const SIZE: (f64, f64) = (300.0, 210.0);
const PLOT: (f64, f64, f64, f64) = (36.0, 284.0, 34.0, 172.0);
/// Range of scores in all pictures, so that they can be compared.
const SCORES: (f64, f64) = (-1.0, 1.5);

/// A line over seeds: position, and the value of each seed.
type Points = Vec<(f64, Vec<f64>)>;

/// Draws the learning curves of the first, middle and last window.
pub(super) fn curves(series: &Series, by_age: &ByAge) -> Result<String, ReportError> {
    let windows = &by_age.windows;
    let chosen = [0, windows.len() / 2, windows.len().saturating_sub(1)];
    let lines: Vec<(String, Points)> = chosen
        .iter()
        .filter_map(|number| windows.get(*number))
        .map(|window| (window.name(), window_curve(series, window)))
        .collect();
    let end = lines
        .iter()
        .flat_map(|(_, points)| points)
        .map(|(decisions, _)| *decisions)
        .fold(1.0, f64::max);
    let names: Vec<&str> = lines.iter().map(|(name, _)| name.as_str()).collect();
    let title = format!("{}: learning curves of seasons {}", series.label, names.join(", "));
    picture(SIZE.0, SIZE.1, &title, |canvas| {
        let scale = Scale::exactly((0.0, end), (PLOT.0, PLOT.1));
        let heading = format!("seasons {}", names.join(", "));
        frame(canvas, &series.label, &heading, "decisions in the season");
        for tick in scale.ticks(4) {
            mark(canvas, scale.at(tick), &tick_text(tick));
        }
        for ((_, points), width) in lines.iter().zip([1.0, 2.0, 3.0]) {
            line(canvas, points, &scale, Ink::Main, width, false);
        }
    })
}

/// Returns the mean curve of the seasons of a window, by decisions since the season began, for each seed.
fn window_curve(series: &Series, window: &Window) -> Points {
    let of_run = |run: &Run| -> BTreeMap<u64, f64> {
        let mut sums: BTreeMap<u64, (f64, usize)> = BTreeMap::new();
        for &season in &window.seasons {
            let curve = run.season_curve(0, season);
            for point in curve.iter().flat_map(|curve| curve.points()) {
                let (sum, count) = sums.entry(point.decisions).or_default();
                *sum += point.score;
                *count += 1;
            }
        }
        // A stretch that some seasons lack would be a mean over others.
        sums.retain(|_, (_, count)| *count == window.seasons.len());
        sums.into_iter()
            .map(|(decisions, (sum, count))| (decisions, sum / count as f64))
            .collect()
    };
    let runs: Vec<BTreeMap<u64, f64>> = series.runs.iter().map(of_run).collect();
    let Some(first) = runs.first() else { return Vec::new() };
    let point = |decisions: &u64| {
        let values: Option<Vec<f64>> = runs.iter().map(|run| run.get(decisions).copied()).collect();
        Some((*decisions as f64, values?))
    };
    first.keys().filter_map(point).collect()
}

/// Draws area and zero-shot score by age.
pub(super) fn ages(series: &Series, by_age: &ByAge) -> Result<String, ReportError> {
    let points = |value: &by_age::Value| -> Points {
        let windows = by_age.windows.iter();
        windows
            .filter_map(|window| Some((window.middle(), values(series, |run| window.mean(run, value))?)))
            .collect()
    };
    let title = format!("{}: area of the learning curve and zero-shot score by age", series.label);
    picture(SIZE.0, SIZE.1, &title, |canvas| {
        let scale = Scale::exactly((0.0, by_age.seasons as f64), (PLOT.0, PLOT.1));
        frame(canvas, &series.label, "area; zero-shot", "season");
        for tick in scale.ticks(5) {
            mark(canvas, scale.at(tick), &tick_text(tick));
        }
        line(canvas, &points(&by_age::zero_shot), &scale, Ink::Other, 2.0, true);
        line(canvas, &points(&by_age::area), &scale, Ink::Main, 2.0, true);
    })
}

/// Draws what is kept of a season after so many further ones.
pub(super) fn kept(series: &Series, by_age: &ByAge) -> Result<String, ReportError> {
    let lags: Vec<usize> = std::iter::once(0)
        .chain(SAMPLED_LAGS)
        .filter(|lag| *lag < by_age.seasons)
        .collect();
    let points = |window: &Window| -> Points {
        let point = |(place, &lag): (usize, &usize)| {
            let within = window.up_to(by_age.seasons - lag);
            let value = move |run: &Run, season: usize| {
                if lag == 0 {
                    by_age::own_end(run, season)
                } else {
                    by_age::kept(run, season, lag)
                }
            };
            Some((place as f64, values(series, |run| within.mean(run, &value))?))
        };
        lags.iter().enumerate().filter_map(point).collect()
    };
    let title = format!("{}: score in a season by the number of seasons learned since", series.label);
    picture(SIZE.0, SIZE.1, &title, |canvas| {
        let scale = Scale::exactly((0.0, (lags.len() - 1).max(1) as f64), (PLOT.0 + 6.0, PLOT.1 - 6.0));
        frame(canvas, &series.label, "kept", "seasons since");
        for (place, lag) in lags.iter().enumerate() {
            mark(canvas, scale.at(place as f64), &lag.to_string());
        }
        line(canvas, &points(&by_age.half(true)), &scale, Ink::Other, 2.0, true);
        line(canvas, &points(&by_age.half(false)), &scale, Ink::Main, 2.0, true);
    })
}

/// Returns a value of each seed; `None` if one is not defined.
fn values(series: &Series, value: impl Fn(&Run) -> Result<f64, Undefined>) -> Option<Vec<f64>> {
    series.runs.iter().map(|run| value(run).ok()).collect()
}

fn heights() -> Scale {
    Scale::exactly(SCORES, (PLOT.3, PLOT.2))
}

/// Draws heading and axes.
fn frame(canvas: &mut Canvas<'_>, label: &str, what: &str, axis: &str) {
    canvas.text(label, (2.0, 10.0), Side::Left, 13.0, Ink::Text, true);
    canvas.text(what, (PLOT.1, 24.0), Side::Right, 11.0, Ink::Muted, false);
    let vertical = heights();
    for tick in vertical.ticks(5) {
        let height = vertical.at(tick);
        let width = if tick == 0.0 { 1.5 } else { 0.5 };
        canvas.line(&[(PLOT.0, height), (PLOT.1, height)], Ink::Grid, width);
        canvas.text(&tick_text(tick), (PLOT.0 - 6.0, height), Side::Right, 11.0, Ink::Muted, false);
    }
    canvas.text(axis, (PLOT.1, SIZE.1 - 8.0), Side::Right, 11.0, Ink::Muted, false);
}

/// Draws a tick of the horizontal axis.
fn mark(canvas: &mut Canvas<'_>, at: f64, text: &str) {
    canvas.text(text, (at, PLOT.3 + 11.0), Side::Middle, 11.0, Ink::Muted, false);
}

/// Draws the mean over seeds as a line, and where it is wanted the band from the lowest to the highest seed. What lies outside of the range of
/// scores is drawn at its edge.
fn line(canvas: &mut Canvas<'_>, points: &Points, scale: &Scale, ink: Ink, width: f64, has_band: bool) {
    let vertical = heights();
    let height = |value: f64| vertical.at(value.clamp(SCORES.0, SCORES.1));
    let edge = |pick: fn(f64, f64) -> f64, start: f64| -> Vec<(f64, f64)> {
        let at = |(x, values): &(f64, Vec<f64>)| (scale.at(*x), height(values.iter().copied().fold(start, pick)));
        points.iter().map(at).collect()
    };
    if has_band && points.len() > 1 {
        let mut band = edge(f64::max, f64::NEG_INFINITY);
        band.extend(edge(f64::min, f64::INFINITY).into_iter().rev());
        canvas.surface(&band, ink, 0.2);
    }
    let mean = points.iter().map(|(x, values)| {
        let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
        (scale.at(*x), height(mean))
    });
    canvas.line(&mean.collect::<Vec<_>>(), ink, width);
}
