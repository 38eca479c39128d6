//! Measured applications of continual learning: a figure, a table and the verdict on the bars of each.

use super::document::MadeFigure;
use super::figures::canvas::{Canvas, Ink, Scale, Side, picture, spread, tick_text};
use super::figures::{Exhibit, PicturePanels};
use super::measured::{cell, estimate};
use super::table::decimals;
use super::{Cell, Column, ReportError, Spread, Table};
use crate::evaluation::application::{ApplicationResult, Bound};

/// Size of a figure, in CSS pixels.
const SIZE: (f64, f64) = (560.0, 300.0);
/// Left, right, upper and lower edge of the plot.
const PLOT: (f64, f64, f64, f64) = (60.0, 540.0, 40.0, 250.0);

/// Returns the figure of all applications; none if there are none.
pub(super) fn figure(results: &[ApplicationResult]) -> Result<Option<MadeFigure>, ReportError> {
    let mut exhibits = Vec::new();
    for (number, result) in results.iter().enumerate() {
        exhibits.push(Exhibit::Text(words(result)));
        let (table, shown) = (table(result, number), drawn(result)?);
        exhibits.push(match shown {
            Some(picture) => Exhibit::Panels(PicturePanels {
                pictures: vec![picture],
                table,
            }),
            None => Exhibit::Table(table),
        });
    }
    Ok((!exhibits.is_empty()).then_some(MadeFigure {
        name: "applications",
        title: "Applications",
        reading: "What perennial apply measured. A circle is the interquartile mean over paired seeds under one condition, its dots are the seeds; a dashed \
                  line is a bar, which is asked of one condition.",
        exhibits,
    }))
}

/// Returns the question, the command, and whether the bars are reached.
fn words(result: &ApplicationResult) -> String {
    let bars = result.bars.iter().map(|bar| {
        let verdict = result.verdict(bar);
        let said = |bound: Bound, is_kept: bool| format!("{bound}: {}", if is_kept { "reached" } else { "not reached" });
        let value = verdict.value.map_or_else(|| "not defined".to_owned(), decimals);
        let aim = bar.aim.zip(verdict.reaches_aim);
        let aim = aim.map_or_else(String::new, |(aim, is_kept)| format!("; aim {}", said(aim, is_kept)));
        format!(
            "{}, {}: {value}; {}{aim}.",
            bar.condition,
            bar.measure,
            said(bar.bound, verdict.is_reached)
        )
    });
    let sentences = [format!(
        "{}: {}? {}, {} seeds.",
        result.application,
        result.question,
        result.command,
        result.seeds()
    )];
    sentences.into_iter().chain(bars).collect::<Vec<_>>().join(" ")
}

fn table(result: &ApplicationResult, number: usize) -> Table {
    let rows = result.conditions().into_iter().map(|(condition, _)| {
        let cells = result.measures.iter().map(|measure| {
            let values = result.values(condition, &measure.name).map_err(|why| why.to_string());
            match (measure.is_count, &values) {
                // Counts are read as such: the mean of the seeds, in groups of three digits.
                (true, Ok(values)) => Cell::count((values.iter().sum::<f64>() / values.len() as f64).round().max(0.0) as u64),
                _ => cell(values),
            }
        });
        std::iter::once(Cell::Text(condition.to_owned())).chain(cells).collect()
    });
    Table {
        name: format!("applications_{}_{}", number + 1, result.application),
        caption: format!("{}: by {}", result.application, result.across),
        columns: std::iter::once(Column::plain("condition"))
            .chain(
                result
                    .measures
                    .iter()
                    .map(|measure| Column::with(&measure.name, &measure.meaning)),
            )
            .collect(),
        rows: rows.collect(),
        is_data: false,
    }
}

/// One condition in the figure.
struct ShownCondition {
    place: f64,
    values: Vec<f64>,
}

/// Draws the shown measure across the places of the conditions; `None` if fewer than two have both.
fn drawn(result: &ApplicationResult) -> Result<Option<String>, ReportError> {
    let mut shown: Vec<ShownCondition> = result
        .conditions()
        .into_iter()
        .filter_map(|(condition, place)| {
            Some(ShownCondition {
                place: place?,
                values: result.values(condition, &result.shown).ok()?,
            })
        })
        .collect();
    shown.sort_by(|one, other| one.place.total_cmp(&other.place));
    if shown.len() < 2 {
        return Ok(None);
    }
    let bars = result
        .bars
        .iter()
        .filter(|bar| bar.measure == result.shown)
        .map(|bar| match bar.bound {
            Bound::AtLeast(value) | Bound::AtMost(value) => value,
        });
    let bars: Vec<f64> = bars.collect();
    let title = format!("{}: {} by {}", result.application, result.shown, result.across);
    picture(SIZE.0, SIZE.1, &title, |canvas| draw(canvas, result, &shown, &bars)).map(Some)
}

fn draw(canvas: &mut Canvas<'_>, result: &ApplicationResult, shown: &[ShownCondition], bars: &[f64]) {
    let places: Vec<f64> = shown.iter().map(|shown| shown.place).collect();
    let values = shown.iter().flat_map(|shown| shown.values.iter().copied());
    let horizontal = Scale::around(places.iter().copied(), (PLOT.0, PLOT.1));
    let vertical = Scale::around(values.chain(bars.iter().copied()).chain([0.0]), (PLOT.3, PLOT.2));
    for tick in vertical.ticks(6) {
        let height = vertical.at(tick);
        canvas.line(
            &[(PLOT.0, height), (PLOT.1, height)],
            Ink::Grid,
            if tick == 0.0 { 1.5 } else { 0.5 },
        );
        canvas.text(&tick_text(tick), (PLOT.0 - 6.0, height), Side::Right, 11.0, Ink::Muted, false);
    }
    for tick in horizontal.ticks(6) {
        canvas.text(
            &tick_text(tick),
            (horizontal.at(tick), PLOT.3 + 14.0),
            Side::Middle,
            11.0,
            Ink::Muted,
            false,
        );
    }
    for &bar in bars {
        let (height, mut at) = (vertical.at(bar), PLOT.0);
        while at < PLOT.1 {
            canvas.line(&[(at, height), ((at + 6.0).min(PLOT.1), height)], Ink::Other, 1.0);
            at += 12.0;
        }
    }
    let mut line = Vec::new();
    for shown in shown {
        let x = horizontal.at(shown.place);
        let Ok(estimate) = estimate(&shown.values) else { continue };
        spread(canvas, &Spread::of(&shown.values), &estimate, x, &vertical, Ink::Main);
        line.push((x, vertical.at(estimate.value)));
    }
    canvas.line(&line, Ink::Main, 1.0);
    for at in line {
        canvas.ring(at, 4.0, Ink::Main);
    }
    canvas.text(&result.across, (PLOT.1, SIZE.1 - 12.0), Side::Right, 11.0, Ink::Muted, false);
    canvas.text(&result.shown, (PLOT.0 - 40.0, 18.0), Side::Left, 12.0, Ink::Text, true);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::application::tests::example;

    #[test]
    fn a_result_is_a_picture_a_table_and_a_verdict() {
        let made = figure(&[example()]).unwrap().unwrap();
        let [Exhibit::Text(words), Exhibit::Table(table)] = &made.exhibits[..] else {
            panic!(
                "one of two conditions has a seed without a value, so there is no curve: {:?}",
                made.exhibits
            )
        };
        assert!(
            words.contains("near, gain: 5.00; at least 3: reached; aim at least 10: not reached."),
            "{words}"
        );
        assert_eq!(table.rows.len(), 2);
        assert!(matches!(table.rows[1][1], Cell::Missing(_)), "{:?}", table.rows[1]);
        let mut whole = example();
        whole.points[4].values.insert("gain".to_owned(), Some(0.6));
        let made = figure(&[whole]).unwrap().unwrap();
        let Exhibit::Panels(panels) = &made.exhibits[1] else {
            panic!("no picture")
        };
        assert!(panels.pictures[0].starts_with("<svg") && panels.pictures[0].contains("gain"));
        assert!(figure(&[]).unwrap().is_none());
    }
}
