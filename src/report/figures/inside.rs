//! Inside the policy: agreement of gradients, dormant units and stable rank over the run.

use super::canvas::{Canvas, Ink, Scale, Side, picture, tick_text};
use super::{Exhibit, FigureSpec, PicturePanels};
use crate::report::measured;
use crate::report::{Cell, Column, InsideDigest, ReportError, Run, Section, Series, Table};

pub(super) const SPEC: FigureSpec = FigureSpec {
    name: "inside",
    title: "Inside the policy",
    reading: "Blue: mean cosine of the gradient of the season under way with those of the seasons before; below 0 they work against each other. \
              Orange: fraction of hidden units that are dormant. Means over seeds, on data of the measurement's own. Decisions from left to right, \
              every second season shaded.",
    make,
};

const SIZE: (f64, f64) = (400.0, 200.0);
const PLOT: (f64, f64, f64, f64) = (38.0, 392.0, 28.0, 172.0);

fn make(section: &Section, _: &str) -> Result<Vec<Exhibit>, ReportError> {
    let series: Vec<&Series> = section.series.iter().filter(|series| is_watched(series)).collect();
    if series.is_empty() {
        return Ok(Vec::new());
    }
    let horizontal = Scale::exactly((0.0, section.example().summary.decisions as f64), (PLOT.0, PLOT.1));
    let vertical = Scale::exactly((-1.0, 1.0), (PLOT.3, PLOT.2));
    let spans = season_spans(section);
    let mut pictures = Vec::new();
    for series in &series {
        let title = format!("Inside the policy of {}", series.label);
        let curves = [
            (mean_over_seeds(series, |digest, look| *digest.cosine.get(look)?), Ink::Main),
            (mean_over_seeds(series, |digest, look| *digest.dormant.get(look)?), Ink::Other),
        ];
        pictures.push(picture(SIZE.0, SIZE.1, &title, |canvas| {
            canvas.text(&series.label, (PLOT.0, 11.0), Side::Left, 14.0, Ink::Text, true);
            for span in spans.iter().filter(|span| span.number % 2 == 1) {
                span.shade(canvas, &horizontal, (PLOT.2, PLOT.3));
            }
            if spans.len() <= MOST_NAMED {
                for span in &spans {
                    let middle = horizontal.at((span.decisions.0 + span.decisions.1) / 2.0);
                    canvas.text(&span.name, (middle, PLOT.3 + 12.0), Side::Middle, 10.0, Ink::Muted, false);
                }
            }
            for tick in [-1.0, -0.5, 0.0, 0.5, 1.0] {
                let height = vertical.at(tick);
                canvas.line(
                    &[(PLOT.0, height), (PLOT.1, height)],
                    Ink::Grid,
                    if tick == 0.0 { 1.5 } else { 0.5 },
                );
                canvas.text(&tick_text(tick), (PLOT.0 - 6.0, height), Side::Right, 11.0, Ink::Muted, false);
            }
            for (curve, ink) in &curves {
                let points = curve
                    .iter()
                    .map(|(decisions, value)| (horizontal.at(*decisions), vertical.at(*value)));
                canvas.line(&points.collect::<Vec<_>>(), *ink, 2.0);
            }
        })?);
    }
    Ok(vec![Exhibit::Panels(PicturePanels {
        pictures,
        table: table(&series),
    })])
}

/// Most seasons whose names fit below a figure.
const MOST_NAMED: usize = 8;

/// The time in which a season was under way.
pub(super) struct SeasonSpan {
    /// Number of the season, counted through all years.
    pub(super) number: usize,
    /// Its name.
    pub(super) name: String,
    /// Decisions at its beginning and its end.
    decisions: (f64, f64),
}

impl SeasonSpan {
    /// Shades this time between two heights.
    pub(super) fn shade(&self, canvas: &mut Canvas<'_>, horizontal: &Scale, (top, bottom): (f64, f64)) {
        let (left, right) = (horizontal.at(self.decisions.0), horizontal.at(self.decisions.1));
        canvas.surface(
            &[(left, top), (right, top), (right, bottom), (left, bottom)],
            Ink::Muted,
            0.15,
        );
    }
}

/// Returns the seasons of a run in order; none where all are learned at once.
pub(super) fn season_spans(section: &Section) -> Vec<SeasonSpan> {
    let config = &section.example().config;
    if config.all_at_once() {
        return Vec::new();
    }
    let (calendar, gardens) = (config.calendar(), config.gardens as f64);
    let spans = (0..calendar.seasons()).map(|number| {
        let ticks = calendar.span(number);
        SeasonSpan {
            number,
            name: config.scenario.seasons[number % calendar.seasons_per_year()].name.clone(),
            decisions: (ticks.start as f64 * gardens, ticks.end as f64 * gardens),
        }
    });
    spans.collect()
}

/// `true` if all runs of a series were looked into.
pub(super) fn is_watched(series: &Series) -> bool {
    series.runs.iter().all(|run| run.inside.is_some())
}

/// The mean over seeds at the looks at which all have a value, as pairs of decisions and value; `value` is that of a look by its place.
pub(super) fn mean_over_seeds(series: &Series, value: impl Fn(&InsideDigest, usize) -> Option<f64>) -> Vec<(f64, f64)> {
    let digests: Vec<&InsideDigest> = series.runs.iter().filter_map(|run| run.inside.as_ref()).collect();
    let Some(first) = digests
        .first()
        .filter(|first| digests.iter().all(|other| other.decisions == first.decisions))
    else {
        return Vec::new();
    };
    let point = |(place, decisions): (usize, &u64)| {
        let values: Option<Vec<f64>> = digests.iter().map(|digest| value(digest, place)).collect();
        let values = values?;
        Some((*decisions as f64, values.iter().sum::<f64>() / values.len() as f64))
    };
    first.decisions.iter().enumerate().filter_map(point).collect()
}

fn table(series: &[&Series]) -> Table {
    type Curve = fn(&InsideDigest) -> &Vec<Option<f64>>;
    let known = |run: &Run, curve: Curve| -> Vec<f64> {
        run.inside
            .iter()
            .flat_map(|digest| curve(digest).iter().copied().flatten())
            .collect()
    };
    let rows = series.iter().map(|series| {
        let cell = |curve: Curve, value: fn(&[f64]) -> Option<f64>| {
            measured::cell(series.values(|run: &Run| value(&known(run, curve)).ok_or("no look has a value")))
        };
        vec![
            Cell::Code(series.label.clone()),
            cell(
                |digest| &digest.cosine,
                |values| values.iter().copied().min_by(f64::total_cmp),
            ),
            cell(|digest| &digest.dormant, |values| values.first().copied()),
            cell(|digest| &digest.dormant, |values| values.last().copied()),
            cell(|digest| &digest.rank, |values| values.first().copied()),
            cell(|digest| &digest.rank, |values| values.last().copied()),
        ]
    });
    Table {
        name: SPEC.name.to_owned(),
        caption: "Inside the policy, at up to six looks a season".to_owned(),
        columns: vec![
            Column::plain("method"),
            Column::with(
                "lowest cosine",
                "min over looks of the mean over past seasons j of g_now . g_j / (|g_now| |g_j|)",
            ),
            Column::with(
                "dormant, first",
                "hidden units with mean |h_i| / mean_k mean |h_k| <= 0.025, at the first look",
            ),
            Column::with("dormant, last", "the same at the last look"),
            Column::with(
                "stable rank, first",
                "|X|_F^2 / |X|_2^2 of the centred activations, mean over hidden layers, at the first look",
            ),
            Column::with("stable rank, last", "the same at the last look"),
        ],
        rows: rows.collect(),
        is_data: false,
    }
}
