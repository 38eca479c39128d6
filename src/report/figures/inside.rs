//! Inside the policy: agreement of gradients, dormant units and stable rank over the run.

use super::canvas::{Ink, Scale, Side, picture, tick_text};
use super::{Exhibit, FigureSpec, Panels};
use crate::report::measured;
use crate::report::{Cell, Column, InsideDigest, ReportError, Run, Section, Series, Table};

pub(super) const SPEC: FigureSpec = FigureSpec {
    name: "inside",
    title: "Inside the policy",
    reading: "Blue: mean cosine of the gradient of the season under way with those of the seasons before; below 0 they work against each other. \
              Orange: fraction of hidden units that are dormant. Means over seeds, on data of the measurement's own.",
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
    let mut pictures = Vec::new();
    for series in &series {
        let title = format!("Inside the policy of {}", series.label);
        let curves = [
            (mean_curve(series, |digest| &digest.cosine), Ink::Main),
            (mean_curve(series, |digest| &digest.dormant), Ink::Other),
        ];
        pictures.push(picture(SIZE.0, SIZE.1, &title, |canvas| {
            canvas.text(&series.label, (PLOT.0, 11.0), Side::Left, 14.0, Ink::Text, true);
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
    Ok(vec![Exhibit::Panels(Panels {
        pictures,
        table: table(&series),
    })])
}

/// `true` if all runs of a series were looked into.
pub(super) fn is_watched(series: &Series) -> bool {
    series.runs.iter().all(|run| run.inside.is_some())
}

/// The mean over seeds at the looks at which all have a value, as pairs of decisions and value.
fn mean_curve(series: &Series, curve: impl Fn(&InsideDigest) -> &Vec<Option<f64>>) -> Vec<(f64, f64)> {
    let digests: Vec<&InsideDigest> = series.runs.iter().filter_map(|run| run.inside.as_ref()).collect();
    let Some(first) = digests
        .first()
        .filter(|first| digests.iter().all(|other| other.decisions == first.decisions))
    else {
        return Vec::new();
    };
    let point = |(place, decisions): (usize, &u64)| {
        let values: Option<Vec<f64>> = digests
            .iter()
            .map(|digest| curve(digest).get(place).copied().flatten())
            .collect();
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
