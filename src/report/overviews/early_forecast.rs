//! Expected and measured fall of past seasons, foretold by the first tenth of a season.

use super::OverviewSpec;
use super::scatter::scatter;
use crate::evaluation::statistics::rank_correlation;
use crate::report::figures::canvas::Ink;
use crate::report::figures::{Exhibit, PicturePanels};
use crate::report::table::decimals;
use crate::report::{Cell, Column, ReportError, Section, Series, Table};

pub(super) const SPEC: OverviewSpec = OverviewSpec {
    name: "early-forecast",
    title: "What the first tenth of a season foretold",
    reading: "To the right the fall of a past season's score that is expected from how far the policy has moved on its views after a tenth of a later season; \
              upwards the fall that was measured at the end of that season. Each dot is a past season, a later one and a method: the mean over seeds. On the line they \
              are equal. Expectations come from runs with tuning seeds, rank correlations (Spearman) are of single runs.",
    make,
};

/// Least number of pairs of forecast and measurement.
const LEAST: usize = 10;

/// Expected and measured falls of single runs.
type Pairs = Vec<(f64, f64)>;

fn make(sections: &[Section]) -> Result<Vec<Exhibit>, ReportError> {
    let all: Pairs = sections
        .iter()
        .flat_map(|section| section.series.iter().flat_map(pairs))
        .collect();
    if all.len() < LEAST {
        return Ok(Vec::new());
    }
    let words = match correlation(&all) {
        Some(correlation) => format!(
            "Rank correlation (Spearman) of what was expected after a tenth of a season and what was measured at its end, over {} pairs of seasons in single \
             runs: {}.",
            all.len(),
            decimals(correlation)
        ),
        None => "The rank correlation is not defined: all falls are equal.".to_owned(),
    };
    let rows = sections.iter().filter_map(row);
    let table = Table {
        name: SPEC.name.to_owned(),
        caption: "Expected and measured fall of the scores of past seasons".to_owned(),
        columns: vec![
            Column::plain("setting"),
            Column::with("pairs", "pairs of a past season and a later one, over all methods and seeds"),
            Column::with("rank correlation", "of expected and measured fall, over these pairs"),
            Column::with(
                "within a method",
                "median over methods of the rank correlation of their own pairs, where they have at least ten and the falls differ",
            ),
            Column::with("mean error", "mean of |expected - measured|"),
        ],
        rows: rows.collect(),
        is_data: false,
    };
    let dots: Vec<(f64, f64)> = sections
        .iter()
        .flat_map(|section| section.series.iter().flat_map(dots))
        .collect();
    let pictures = vec![draw(&dots)?];
    Ok(vec![Exhibit::Text(words), Exhibit::Panels(PicturePanels { pictures, table })])
}

fn correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    let (expected, measured): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    rank_correlation(&expected, &measured).ok()
}

fn row(section: &Section) -> Option<Vec<Cell>> {
    let by_method: Vec<Pairs> = section.series.iter().map(pairs).collect();
    let all = by_method.concat();
    if all.is_empty() {
        return None;
    }
    let mut within: Vec<f64> = by_method
        .iter()
        .filter(|pairs| pairs.len() >= LEAST)
        .filter_map(|pairs| correlation(pairs))
        .collect();
    within.sort_by(f64::total_cmp);
    let or_missing = |value: Option<f64>| {
        value.map_or_else(
            || Cell::Missing("too few pairs, or all falls are equal".to_owned()),
            Cell::number,
        )
    };
    let error = all
        .iter()
        .map(|(expected, measured)| (expected - measured).abs())
        .sum::<f64>()
        / all.len() as f64;
    Some(vec![
        Cell::Text(section.title.clone()),
        Cell::count(all.len() as u64),
        or_missing(correlation(&all).filter(|_| all.len() >= LEAST)),
        or_missing(within.get(within.len() / 2).copied()),
        Cell::number(error),
    ])
}

/// The pairs of all runs of a method.
fn pairs(series: &Series) -> Pairs {
    let digests = series.runs.iter().filter_map(|run| run.inside.as_ref());
    let forecasts = digests.flat_map(|digest| &digest.forecasts);
    forecasts
        .filter_map(|forecast| Some((forecast.expected?.mean, forecast.measured?)))
        .collect()
}

/// The means over seeds for each pair of seasons of a method.
fn dots(series: &Series) -> Vec<(f64, f64)> {
    let digests: Vec<_> = series.runs.iter().filter_map(|run| run.inside.as_ref()).collect();
    let Some(first) = digests.first() else { return Vec::new() };
    let of_place = |place: usize| {
        let asked = &first.forecasts[place];
        let same = digests.iter().filter_map(|digest| {
            let forecast = digest.forecasts.get(place)?;
            let is_same = (&forecast.season, &forecast.during) == (&asked.season, &asked.during);
            is_same.then_some((forecast.expected?.mean, forecast.measured?))
        });
        let same: Pairs = same.collect();
        let mean = |part: fn(&(f64, f64)) -> f64| same.iter().map(part).sum::<f64>() / same.len() as f64;
        (!same.is_empty()).then(|| (mean(|pair| pair.0), mean(|pair| pair.1)))
    };
    (0..first.forecasts.len()).filter_map(of_place).collect()
}

fn draw(dots: &[(f64, f64)]) -> Result<String, ReportError> {
    let values: Vec<f64> = dots.iter().flat_map(|dot| [dot.0, dot.1]).collect();
    let title = "Measured against expected fall of past seasons' scores";
    scatter(
        title,
        ("expected fall", "measured fall"),
        &values,
        |canvas, horizontal, vertical| {
            for (expected, measured) in dots {
                canvas.dot((horizontal.at(*expected), vertical.at(*measured)), 3.0, Ink::Main);
            }
        },
    )
}
