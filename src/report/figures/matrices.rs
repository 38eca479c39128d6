//! Score matrices as heat maps: scores of the policy in each season, after each season.

use super::canvas::{Canvas, Ink, Side, picture, text_width};
use super::heat::colours;
use super::{Exhibit, FigureSpec, PicturePanels};
use crate::report::measured::mean;
use crate::report::table::decimals;
use crate::report::{Cell, Column, ReportError, Run, Section, Series, Table};

pub(super) const SPEC: FigureSpec = FigureSpec {
    name: "matrices",
    title: "Score matrices",
    reading: "Rows: after which season, and where it began to turn into the next one, if it did; columns: the season that is evaluated. Means over seeds. Blue is better than chance, red worse; the \
              colours are full at 1.5 and −1.5. A frame marks the season that has just been learned: below a frame is memory, above it what was \
              known before.",
    make,
};

const CELL: (f64, f64) = (66.0, 27.0);
const LEFT: f64 = 92.0;
const TOP: f64 = 42.0;

fn make(section: &Section, _: &str) -> Result<Vec<Exhibit>, ReportError> {
    let mut pictures = Vec::new();
    let mut rows = Vec::new();
    for series in &section.series {
        let means = means(series);
        let title = format!("Score matrix of {}", series.label);
        let (width, height) = (
            LEFT + CELL.0 * section.example().summary.seasons.len() as f64 + 4.0,
            TOP + CELL.1 * means.len() as f64 + 4.0,
        );
        pictures.push(picture(width, height, &title, |canvas| draw(canvas, series, &means))?);
        for (stage, scores) in &means {
            let cell = |score: &Option<f64>| {
                score.map_or_else(|| Cell::Missing("the season has no score baselines".to_owned()), Cell::number)
            };
            let head = [Cell::Code(series.label.clone()), Cell::Text(row_name(series, *stage))];
            rows.push(head.into_iter().chain(scores.iter().map(cell)).collect());
        }
    }
    let seasons = section.example().summary.seasons.iter().map(|name| Column::plain(name));
    let table = Table {
        name: SPEC.name.to_owned(),
        caption: "Score matrices, means over seeds".to_owned(),
        columns: [Column::plain("method"), Column::plain("after")]
            .into_iter()
            .chain(seasons)
            .collect(),
        rows,
        is_data: false,
    };
    Ok(vec![Exhibit::Panels(PicturePanels { pictures, table })])
}

/// A stage of learning at which the policy was evaluated.
#[derive(Clone, Copy, PartialEq)]
enum MatrixStage {
    /// A row of the matrix: before any learning, or at the end of a season.
    Row(usize),
    /// The moment at which the learned season of this number began to turn into the next one.
    Turning(usize),
}

/// A stage with the mean of each cell over seeds; `None` where a score is not defined.
type StageMeans = (MatrixStage, Vec<Option<f64>>);

/// Returns the stages in the order of time.
fn means(series: &Series) -> Vec<StageMeans> {
    let matrix = &series.runs[0].matrix;
    let score = |run: &Run, stage, season: usize| match stage {
        MatrixStage::Row(row) => run.matrix.score(row, season).ok(),
        MatrixStage::Turning(number) => {
            let returns = run.matrix.turning_returns()?.get(&number)?;
            run.matrix.score_of(season, (*returns.get(season)?)?).ok()
        }
    };
    let cell = |stage, season| {
        let defined = series.runs.iter().all(|run| score(run, stage, season).is_some());
        defined.then(|| mean(series, |run| score(run, stage, season).unwrap_or_default()))
    };
    let turns = |number: &usize| matrix.turning_returns().is_some_and(|turning| turning.contains_key(number));
    let stages = (0..matrix.rows()).flat_map(|row| {
        let turning = row.checked_sub(1).filter(turns).map(MatrixStage::Turning);
        turning.into_iter().chain([MatrixStage::Row(row)])
    });
    stages
        .map(|stage| (stage, (0..matrix.seasons().len()).map(|season| cell(stage, season)).collect()))
        .collect()
}

fn row_name(series: &Series, stage: MatrixStage) -> String {
    let summary = &series.runs[0].summary;
    let count = summary.seasons.len();
    let season = |past: usize| {
        if summary.years > 1 {
            format!("{}. {}", past / count + 1, summary.seasons[past % count])
        } else {
            summary.seasons[past].clone()
        }
    };
    match stage {
        MatrixStage::Turning(past) => format!("{} turns", season(past)),
        MatrixStage::Row(0) => "nothing".to_owned(),
        // If all seasons are learned at once, a row is just a moment of the year.
        MatrixStage::Row(row) if series.all_at_once => format!("{row} of {}", count * summary.years),
        MatrixStage::Row(row) => season(row - 1),
    }
}

/// Returns the season whose own end this stage is.
fn own_end(series: &Series, means: &[StageMeans], stage: MatrixStage) -> Option<usize> {
    let number = match stage {
        MatrixStage::Turning(number) => number,
        MatrixStage::Row(row) => row
            .checked_sub(1)
            .filter(|number| means.iter().all(|(other, _)| *other != MatrixStage::Turning(*number)))?,
    };
    (!series.all_at_once).then_some(number % series.runs[0].summary.seasons.len())
}

/// Shortens a name to fit into this many pixels.
fn fitting(name: &str, size: f64, width: f64) -> String {
    if text_width(name, size) <= width {
        return name.to_owned();
    }
    let mut short = name.to_owned();
    while !short.is_empty() && text_width(&short, size) > width - size {
        short.pop();
    }
    format!("{short}…")
}

fn draw(canvas: &mut Canvas<'_>, series: &Series, means: &[StageMeans]) {
    let seasons = &series.runs[0].summary.seasons;
    canvas.text(&series.label, (2.0, 11.0), Side::Left, 14.0, Ink::Text, true);
    for (season, name) in seasons.iter().enumerate() {
        let at = (LEFT + CELL.0 * (season as f64 + 0.5), TOP - 9.0);
        canvas.text(&fitting(name, 11.0, CELL.0 - 4.0), at, Side::Middle, 11.0, Ink::Muted, false);
    }
    for (row, (stage, scores)) in means.iter().enumerate() {
        let top = TOP + CELL.1 * row as f64;
        let name = fitting(&row_name(series, *stage), 11.0, LEFT - 10.0);
        let own_end = own_end(series, means, *stage);
        canvas.text(&name, (LEFT - 8.0, top + CELL.1 / 2.0), Side::Right, 11.0, Ink::Muted, false);
        for (season, score) in scores.iter().enumerate() {
            let left = LEFT + CELL.0 * season as f64;
            let (from, to) = ((left, top), (left + CELL.0, top + CELL.1));
            let just_learned = own_end == Some(season);
            let frame = if just_learned { Ink::Text } else { Ink::Paper };
            canvas.block(from, to, frame);
            let inner = if just_learned { 2.0 } else { 0.5 };
            let (fill, letters) = colours(*score);
            canvas.block((from.0 + inner, from.1 + inner), (to.0 - inner, to.1 - inner), fill);
            let text = score.map_or_else(|| "–".to_owned(), decimals).replace('-', "−");
            let middle = (left + CELL.0 / 2.0, top + CELL.1 / 2.0);
            canvas.text(&text, middle, Side::Middle, 12.0, letters, just_learned);
        }
    }
}
