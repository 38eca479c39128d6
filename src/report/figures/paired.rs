//! Paired comparison of each method with the baseline, seed by seed.

use super::{Exhibit, FigureSpec};
use crate::evaluation::statistics::{Estimate, RESAMPLES, bootstrap_stream, paired_difference, probability_of_improvement};
use crate::report::measured::{self, BOOTSTRAP_SEED, Measure};
use crate::report::{Cell, Column, Section, Series, Table};

pub(super) const SPEC: FigureSpec = FigureSpec {
    name: "paired",
    title: "Paired comparison",
    reading: "Runs of the same seed share their gardens, so differences are taken seed by seed. An interval that does not hold 0 tells two \
              methods apart; so does a probability of improvement whose interval does not hold 0.5.",
    make: |section, baseline| Ok(vec![make(section, baseline)]),
};

fn make(section: &Section, baseline: &str) -> Exhibit {
    let Some(other) = section.series_of(baseline) else {
        return Exhibit::Text(format!(
            "There is no run of the baseline `{baseline}` with these settings to compare with."
        ));
    };
    let rows: Vec<Vec<Cell>> = section
        .series
        .iter()
        .filter(|series| series.label != other.label)
        .map(|series| row(section, series, other))
        .collect();
    if rows.is_empty() {
        return Exhibit::Text(format!(
            "`{}` is the only method here: there is nothing to compare it with.",
            other.label
        ));
    }
    Exhibit::Table(Table {
        name: SPEC.name.to_owned(),
        caption: format!("Each method against {}", other.label),
        columns: vec![
            Column::plain("method"),
            Column::with("paired seeds", "seeds that both have"),
            Column::with(
                "difference of average performance",
                "interquartile mean over seeds of the method's value less the baseline's; above 0 is better",
            ),
            Column::with(
                "probability of improvement",
                "mean over pairs of runs of [x > y] + [x = y] / 2: how likely a run of the method has the higher average performance",
            ),
            Column::with(
                "difference of forgetting",
                "interquartile mean over seeds of the method's value less the baseline's; below 0 is better",
            ),
        ],
        rows,
        is_data: false,
    })
}

fn row(section: &Section, series: &Series, other: &Series) -> Vec<Cell> {
    let seeds: Vec<u64> = series.seeds().into_iter().filter(|seed| other.run(*seed).is_some()).collect();
    let (first, second) = (series.with_seeds(&seeds), other.with_seeds(&seeds));
    let compared = |measure: Measure, statistic: fn(&[f64], &[f64]) -> Result<Estimate, String>| {
        let estimate = if seeds.is_empty() {
            Err(format!("it has no seed in common with `{}`", other.label))
        } else {
            measure(section, &first).and_then(|first| statistic(&first, &measure(section, &second)?))
        };
        estimate.map_or_else(Cell::Missing, |estimate| Cell::Estimate {
            estimate,
            has_interval: seeds.len() > 1,
        })
    };
    vec![
        Cell::Code(series.label.clone()),
        Cell::count(seeds.len() as u64),
        compared(measured::average_performance, difference),
        compared(measured::average_performance, improvement),
        compared(measured::forgetting, difference),
    ]
}

fn difference(first: &[f64], second: &[f64]) -> Result<Estimate, String> {
    paired_difference(first, second, RESAMPLES, &mut bootstrap_stream(BOOTSTRAP_SEED)).map_err(|why| why.to_string())
}

fn improvement(first: &[f64], second: &[f64]) -> Result<Estimate, String> {
    let (first, second) = (vec![first.to_vec()], vec![second.to_vec()]);
    probability_of_improvement(&first, &second, RESAMPLES, &mut bootstrap_stream(BOOTSTRAP_SEED)).map_err(|why| why.to_string())
}
