//! The probe album: which answers were lost, and which seasons were forgotten.

use super::canvas::{Ink, Scale, Side, picture, tick_text};
use super::inside::{is_watched, mean_over_seeds, season_spans};
use super::{Exhibit, FigureSpec, PicturePanels};
use crate::report::{Cell, Column, DepartureDigest, GradientVerdict, ReportError, Section, Series, Table, Verdict};

pub(super) const SPEC: FigureSpec = FigureSpec {
    name: "album",
    title: "Probe album",
    reading: "Fraction of the views of each season that the policy answers correctly (water or leave), averaged over seeds. Decisions run from left to right; the shaded part is \
              the season itself. A season counts as forgotten only if \
              its score and these answers both fell by more than chance; perennial explain gives details of a single run.",
    make,
};

const WIDTH: f64 = 400.0;
const LEFT: f64 = 84.0;
const RIGHT: f64 = 392.0;
const ROW: f64 = 46.0;
const TOP: f64 = 28.0;

fn make(section: &Section, _: &str) -> Result<Vec<Exhibit>, ReportError> {
    let series: Vec<&Series> = section.series.iter().filter(|series| is_watched(series)).collect();
    if series.is_empty() {
        return Ok(Vec::new());
    }
    let seasons = &section.example().summary.seasons;
    let horizontal = Scale::exactly((0.0, section.example().summary.decisions as f64), (LEFT, RIGHT));
    let spans = season_spans(section);
    let mut pictures = Vec::new();
    for series in &series {
        let title = format!("Answers of {} to the views of each season", series.label);
        pictures.push(picture(WIDTH, TOP + ROW * seasons.len() as f64, &title, |canvas| {
            canvas.text(&series.label, (2.0, 11.0), Side::Left, 14.0, Ink::Text, true);
            for (number, season) in seasons.iter().enumerate() {
                let top = TOP + ROW * number as f64;
                let vertical = Scale::exactly((0.0, 1.0), (top + ROW - 12.0, top));
                canvas.text(
                    season,
                    (LEFT - 30.0, top + ROW / 2.0 - 6.0),
                    Side::Right,
                    11.0,
                    Ink::Muted,
                    false,
                );
                for span in spans.iter().filter(|span| span.name == *season) {
                    span.shade(canvas, &horizontal, (top, top + ROW - 12.0));
                }
                for tick in [0.0, 1.0] {
                    let height = vertical.at(tick);
                    canvas.line(&[(LEFT, height), (RIGHT, height)], Ink::Grid, 0.5);
                    canvas.text(&tick_text(tick), (LEFT - 6.0, height), Side::Right, 10.0, Ink::Muted, false);
                }
                let points = mean_over_seeds(series, |digest, look| digest.right.get(season)?.get(look).copied()).into_iter();
                let points = points.map(|(decisions, right)| (horizontal.at(decisions), vertical.at(right)));
                canvas.line(&points.collect::<Vec<_>>(), Ink::Main, 1.5);
            }
        })?);
    }
    Ok(vec![Exhibit::Panels(PicturePanels {
        pictures,
        table: table(&series, seasons),
    })])
}

fn table(series: &[&Series], seasons: &[String]) -> Table {
    let rows = series.iter().flat_map(|series| {
        seasons.iter().filter_map(move |season| {
            let digests = series.runs.iter().filter_map(|run| run.inside.as_ref());
            let departures = digests.flat_map(|digest| digest.departures.iter().filter(|departure| departure.season == *season));
            let departures: Vec<&DepartureDigest> = departures.collect();
            (!departures.is_empty()).then(|| row(&series.label, season, &departures))
        })
    });
    Table {
        name: SPEC.name.to_owned(),
        caption: "What became of each season after it was left".to_owned(),
        columns: vec![
            Column::plain("method"),
            Column::plain("season"),
            Column::with("left", "times that the season was left, over all runs"),
            Column::with("forgotten", "score and answers both fell by more than chance"),
            Column::with("kept", "neither fell by more than chance"),
            Column::with(
                "other",
                "one of the two fell, the season was not learned, or something is not known",
            ),
            Column::with(
                "gradients disagreed",
                "of those forgotten: the gradients disagreed while most of the answers were lost",
            ),
            Column::with(
                "lost within",
                "of those forgotten: median of the decisions from the season's end until most of the answers were lost",
            ),
        ],
        rows: rows.collect(),
        is_data: false,
    }
}

fn row(label: &str, season: &str, departures: &[&DepartureDigest]) -> Vec<Cell> {
    let count = |verdict: Verdict| departures.iter().filter(|departure| departure.verdict == verdict).count();
    let (forgotten, kept) = (count(Verdict::Forgotten), count(Verdict::Kept));
    let disagreed = departures
        .iter()
        .filter(|departure| departure.gradients == GradientVerdict::Disagreed)
        .count();
    let mut times: Vec<u64> = departures.iter().filter_map(|departure| departure.after_decisions).collect();
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied();
    let of_forgotten = |cell: Option<Cell>| cell.unwrap_or_else(|| Cell::Missing("it was never forgotten".to_owned()));
    vec![
        Cell::Code(label.to_owned()),
        Cell::Text(season.to_owned()),
        Cell::count(departures.len() as u64),
        Cell::count(forgotten as u64),
        Cell::count(kept as u64),
        Cell::count((departures.len() - forgotten - kept) as u64),
        of_forgotten((forgotten > 0).then(|| Cell::count(disagreed as u64))),
        of_forgotten(median.map(Cell::count)),
    ]
}
