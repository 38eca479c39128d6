//! Measures of a series: one value per run, aggregated into report cells.

use super::table::{Cell, Spread};
use super::{Run, Section, Series};
use crate::evaluation::statistics::{Estimate, LEAST_SEEDS, RESAMPLES, bootstrap, bootstrap_stream, interquartile_mean};
use crate::evaluation::{LearningCurve, Undefined, measures};

/// Seed of the bootstrap. It is fixed, so that the same runs give the same report.
pub(super) const BOOTSTRAP_SEED: u64 = 0;

/// Method with new networks in each season: the reference for forward transfer and for the plasticity gap by area.
const SCRATCH: &str = "scratch";
/// Method that learns all seasons at once: the reference for the plasticity gap.
const JOINT: &str = "joint";

/// Returns the interquartile mean over seeds with its bootstrap interval. A section is one scenario, and therefore one stratum.
pub(super) fn estimate(values: &[f64]) -> Result<Estimate, Undefined> {
    bootstrap(
        &[values.to_vec()],
        interquartile_mean,
        RESAMPLES,
        &mut bootstrap_stream(BOOTSTRAP_SEED),
    )
}

/// Converts values to a cell; a reason becomes a dash with a footnote.
pub(super) fn cell(values: Result<Vec<f64>, String>) -> Cell {
    let made = values.and_then(|values| {
        let estimate = estimate(&values).map_err(|why| why.to_string())?;
        Ok(Cell::Estimate {
            estimate,
            spread: Spread::of(&values),
        })
    });
    made.unwrap_or_else(Cell::Missing)
}

/// Converts values of several gardens to a cell; each garden is a stratum. Where a garden has fewer than ten runs, the means of the gardens
/// take the place of the interval.
pub(super) fn stratified_cell(values: Result<Vec<Vec<f64>>, String>) -> Cell {
    let made = values.and_then(|strata| {
        let mut stream = bootstrap_stream(BOOTSTRAP_SEED);
        let estimate = bootstrap(&strata, interquartile_mean, RESAMPLES, &mut stream).map_err(|why| why.to_string())?;
        Ok(Cell::Estimate {
            estimate,
            spread: stratified_spread(&strata),
        })
    });
    made.unwrap_or_else(Cell::Missing)
}

/// Returns what is shown of values of several gardens: the interval if each has enough, otherwise the means of the gardens.
pub(super) fn stratified_spread(strata: &[Vec<f64>]) -> Spread {
    let fewest = strata.iter().map(Vec::len).min().unwrap_or(0);
    let means: Result<Vec<f64>, Undefined> = strata.iter().map(|values| interquartile_mean(values)).collect();
    match means {
        Ok(means) if fewest < LEAST_SEEDS => Spread::of(&means),
        _ => Spread::Interval,
    }
}

/// A measure of a series in its section.
pub(super) type Measure = fn(&Section, &Series) -> Result<Vec<f64>, String>;

pub(super) fn average_performance(_: &Section, series: &Series) -> Result<Vec<f64>, String> {
    series.values(|run| measures::average_performance(&run.matrix))
}

/// Average performance with harm counted as not knowing.
pub(super) fn performance_without_harm(_: &Section, series: &Series) -> Result<Vec<f64>, String> {
    series.values(|run| measures::performance_without_harm(&run.matrix))
}

pub(super) fn seasons_kept(_: &Section, series: &Series) -> Result<Vec<f64>, String> {
    sequential(series)?.values(|run| measures::seasons_kept(&run.matrix).map(|kept| kept as f64))
}

pub(super) fn forgetting(_: &Section, series: &Series) -> Result<Vec<f64>, String> {
    sequential(series)?.values(|run| measures::forgetting(&run.matrix))
}

pub(super) fn forgetting_from_best(_: &Section, series: &Series) -> Result<Vec<f64>, String> {
    sequential(series)?.values(|run| measures::forgetting_from_best(&run.matrix))
}

pub(super) fn backward_transfer(_: &Section, series: &Series) -> Result<Vec<f64>, String> {
    sequential(series)?.values(|run| measures::backward_transfer(&run.matrix))
}

/// Mean over all seasons but the first.
pub(super) fn zero_shot(_: &Section, series: &Series) -> Result<Vec<f64>, String> {
    sequential(series)?.values(|run| measures::mean("zero-shot", &measures::zero_shot(&run.matrix)?))
}

/// Lowest score of any season after it was first learned.
pub(super) fn worst_retained(_: &Section, series: &Series) -> Result<Vec<f64>, String> {
    let worst = |run: &Run| measures::worst_retained(&run.matrix).map(|worst| worst.into_iter().fold(f64::INFINITY, f64::min));
    sequential(series)?.values(worst)
}

/// Difference to the joint run of the same seed.
pub(super) fn plasticity_gap(section: &Section, series: &Series) -> Result<Vec<f64>, String> {
    let joint = reference(section, series, JOINT)?;
    sequential(series)?.values(|run| {
        let joint = same_seed(joint, run)?;
        let last = joint.matrix.scores(joint.matrix.last_row()).map_err(|why| why.to_string())?;
        measures::plasticity_gap(&run.matrix, &last).map_err(|why| why.to_string())
    })
}

/// Mean height of the curves of the first year's seasons.
pub(super) fn area(_: &Section, series: &Series) -> Result<Vec<f64>, String> {
    sequential(series)?.values(|run| measures::area(&first_year(run)?))
}

/// Difference to new networks of the same seed and exploration, as a fraction of the room that they leave: the mean over the seasons of
/// the first year. It is defined for all seasons and seeds or for none: leaving some out would choose those in which new networks did
/// badly.
pub(super) fn forward_transfer(section: &Section, series: &Series) -> Result<Vec<f64>, String> {
    let scratch = scratch_of(section, sequential(series)?)?;
    for run in &scratch.runs {
        let curves = first_year(run).map_err(|why| why.to_string())?;
        for (season, curve) in run.summary.seasons.iter().zip(&curves) {
            measures::forward_transfer_room(curve)
                .map_err(|why| format!("`{}`, {season}, seed {}: {why}", scratch.label, run.summary.seed))?;
        }
    }
    against_scratch(scratch, series, |curves, scratch| {
        let pairs = curves.iter().zip(scratch);
        let all: Result<Vec<f64>, Undefined> = pairs
            .map(|(curve, scratch)| measures::forward_transfer(curve, scratch))
            .collect();
        measures::mean("forward transfer", &all?)
    })
}

/// Difference in area to new networks of the same seed and exploration, over the seasons of the first year.
pub(super) fn plasticity_gap_by_area(section: &Section, series: &Series) -> Result<Vec<f64>, String> {
    let scratch = scratch_of(section, sequential(series)?)?;
    against_scratch(scratch, series, measures::plasticity_gap_by_area)
}

/// Computes a measure of the learning curves of the first year's seasons, relative to those of `scratch` with the same seed.
fn against_scratch(
    scratch: &Series,
    series: &Series,
    measure: impl Fn(&[LearningCurve], &[LearningCurve]) -> Result<f64, Undefined>,
) -> Result<Vec<f64>, String> {
    series.values(|run| {
        let scratch = same_seed(scratch, run)?;
        let measured = first_year(run).and_then(|own| measure(&own, &first_year(scratch)?));
        measured.map_err(|why| why.to_string())
    })
}

/// Returns the learning curves of the seasons of the first year.
fn first_year(run: &Run) -> Result<Vec<LearningCurve>, Undefined> {
    let seasons = 0..run.matrix.seasons().len();
    seasons.map(|season| run.season_curve(0, season)).collect()
}

/// Returns the new networks that explore as much as a series does: those that begin each season anew with random actions, or those that do
/// not. Scores of training episodes include exploration, so any others would measure exploration and not transfer.
fn scratch_of<'a>(section: &'a Section, series: &Series) -> Result<&'a Series, String> {
    if series.method == SCRATCH {
        return Err(format!("`{SCRATCH}` is what the others are measured against"));
    }
    let explores_anew = series.runs[0].config.explores_anew();
    let mut all = section.series.iter().filter(|other| other.method == SCRATCH).peekable();
    if all.peek().is_none() {
        return Err(format!(
            "there is no run of `{SCRATCH}` with these settings to measure against"
        ));
    }
    all.find(|scratch| scratch.runs[0].config.explores_anew() == explores_anew)
        .ok_or_else(|| {
            let (does, value) = if explores_anew {
                ("restarts", true)
            } else {
                ("does not restart", false)
            };
            format!(
                "`{}` {does} exploration in each season, and there is no run of `{SCRATCH}` that explores as much: run it with \
                 learner.scratch.restart_exploration={value}",
                series.label
            )
        })
}

/// Returns the mean over seeds of a value that is always defined.
pub(super) fn mean(series: &Series, value: impl Fn(&Run) -> f64) -> f64 {
    series.runs.iter().map(value).sum::<f64>() / series.runs.len() as f64
}

/// Returns the series if it learns one season after the other. Otherwise a season has no end of its own.
pub(super) fn sequential(series: &Series) -> Result<&Series, String> {
    if series.all_at_once {
        Err(format!(
            "`{}` learns all seasons at once: none of them has an end of its own",
            series.method
        ))
    } else {
        Ok(series)
    }
}

fn reference<'a>(section: &'a Section, series: &Series, method: &str) -> Result<&'a Series, String> {
    if series.method == method {
        return Err(format!("`{method}` is what the others are measured against"));
    }
    section
        .series_of(method)
        .ok_or_else(|| format!("there is no run of `{method}` with these settings to measure against"))
}

fn same_seed<'a>(reference: &'a Series, run: &Run) -> Result<&'a Run, String> {
    let seed = run.summary.seed;
    reference
        .run(seed)
        .ok_or_else(|| format!("`{}` has no run with seed {seed}", reference.method))
}
