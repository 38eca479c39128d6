//! An explanation as one HTML page: words, a figure, and the views whose answers were lost.

use super::findings::{Departure, Findings};
use super::view_picture::view_picture;
use super::watched::WatchedRun;
use super::words::{Passage, sentences};
use crate::escape::xml as escaped;
use crate::report::ReportError;
use crate::report::figures::canvas::{Canvas, Ink, Scale, Side, picture, tick_text};
use crate::report::html::STYLE;
use crate::report::table::grouped;

/// Size of the figure, and the place of a season's curve in it: left, right, and height of a row.
const WIDTH: f64 = 760.0;
const LEFT: f64 = 90.0;
const RIGHT: f64 = 750.0;
const ROW: f64 = 84.0;
const TOP: f64 = 26.0;

const MORE_STYLE: &str = ".views{display:flex;flex-wrap:wrap;gap:.8rem;margin:0 0 1rem}.views figure{margin:0;max-width:9rem}\
    .views figcaption{color:var(--muted);font-size:.75rem;line-height:1.3}";

/// Renders an explanation as an HTML page, which needs neither network nor scripts; with `further` passages on what was tried.
///
/// # Errors
/// The figure cannot be drawn.
pub fn explanation_html(run: &WatchedRun, findings: &Findings, further: &[Passage]) -> Result<String, ReportError> {
    let passages = sentences(findings);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, \
         initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>perennial: {name}</title>\n<style>\n{STYLE}{MORE_STYLE}</style>\n\
         </head>\n<body>\n<header>\n<p class=\"kicker\">perennial</p>\n<h1>What was forgotten, and when</h1>\n",
        name = escaped(&findings.run)
    );
    for (number, passage) in passages.iter().enumerate() {
        if number == 0 {
            page += &format!("<p class=\"lead\">{}</p>\n</header>\n<main>\n", escaped(&passage.heading));
        } else {
            page += &format!("<section>\n<h2>{}</h2>\n", escaped(&passage.heading));
        }
        for sentence in &passage.sentences {
            page += &format!("<p>{}</p>\n", escaped(sentence));
        }
        match number.checked_sub(1).and_then(|number| findings.departures.get(number)) {
            None => page += &figure(run)?,
            Some(departure) => {
                page += &lost_views(run, departure);
                page.push_str("</section>\n");
            }
        }
    }
    for passage in further {
        page += &format!("<section>\n<h2>{}</h2>\n", escaped(&passage.heading));
        for sentence in &passage.sentences {
            page += &format!("<p>{}</p>\n", escaped(sentence));
        }
        page.push_str("</section>\n");
    }
    page += &album(run);
    page.push_str("</main>\n</body>\n</html>\n");
    Ok(page)
}

/// The fraction of each season's views that is answered rightly, over the whole run.
fn figure(run: &WatchedRun) -> Result<String, ReportError> {
    let seasons: Vec<&str> = run.seasons().collect();
    let title = "Views answered correctly, by season";
    let drawn = picture(WIDTH, TOP + ROW * seasons.len() as f64 + 24.0, title, |canvas| {
        let last = run.looks.last().map_or(1, |look| look.decisions).max(1);
        let horizontal = Scale::exactly((0.0, last as f64), (LEFT, RIGHT));
        canvas.text(title, (2.0, 11.0), Side::Left, 14.0, Ink::Text, true);
        for (number, season) in seasons.iter().enumerate() {
            row(canvas, run, season, &horizontal, TOP + ROW * number as f64);
        }
        let bottom = TOP + ROW * seasons.len() as f64;
        for tick in horizontal.ticks(6) {
            let text = if tick >= 1_000.0 {
                grouped(tick as u64)
            } else {
                tick_text(tick)
            };
            canvas.text(
                &text,
                (horizontal.at(tick), bottom + 8.0),
                Side::Middle,
                11.0,
                Ink::Muted,
                false,
            );
        }
    })?;
    Ok(format!(
        "<figure>{drawn}<figcaption class=\"reading\">Shaded: the season was under way. Decisions from left to right; the dashed line is one half.\
         </figcaption></figure>\n"
    ))
}

fn row(canvas: &mut Canvas<'_>, run: &WatchedRun, season: &str, horizontal: &Scale, top: f64) {
    let bottom = top + ROW - 14.0;
    let vertical = Scale::exactly((0.0, 1.0), (bottom, top));
    let mut before = 0;
    for look in &run.looks {
        if look.season.as_deref() == Some(season) {
            let (from, to) = (horizontal.at(before as f64), horizontal.at(look.decisions as f64));
            canvas.surface(&[(from, top), (to, top), (to, bottom), (from, bottom)], Ink::Grid, 0.45);
        }
        before = look.decisions;
    }
    canvas.text(
        season,
        (LEFT - 34.0, (top + bottom) / 2.0),
        Side::Right,
        11.0,
        Ink::Text,
        false,
    );
    for tick in [0.0, 0.5, 1.0] {
        let height = vertical.at(tick);
        canvas.line(&[(LEFT, height), (RIGHT, height)], Ink::Grid, 0.5);
        canvas.text(&tick_text(tick), (LEFT - 6.0, height), Side::Right, 10.0, Ink::Muted, false);
    }
    let points: Vec<(f64, f64)> = (0..run.looks.len())
        .filter_map(|look| {
            let right = run.right_fraction(look, season)?;
            Some((horizontal.at(run.looks[look].decisions as f64), vertical.at(right)))
        })
        .collect();
    canvas.line(&points, Ink::Main, 1.5);
}

/// The views whose answers were lost, with the time of the flip.
fn lost_views(run: &WatchedRun, departure: &Departure) -> String {
    if !departure.answers.fell() {
        return String::new();
    }
    let captions = departure.answers.lost.iter().map(|view| {
        let flip = if run.views[*view].water {
            "water to leave"
        } else {
            "leave to water"
        };
        (*view, flip.to_owned())
    });
    pictures(run, captions)
}

/// All views, with the answers at the last look.
fn album(run: &WatchedRun) -> String {
    let last = run.looks.len() - 1;
    let captions = (0..run.views.len()).map(|view| {
        let right = if run.views[view].water { "water" } else { "leave" };
        let answer = if run.waters(last, view) { "water" } else { "leave" };
        (
            view,
            format!("{}: {right} is right, {answer} at last", run.views[view].season),
        )
    });
    format!(
        "<section>\n<h2>The album</h2>\n<details><summary>All {} views</summary>\n{}</details>\n</section>\n",
        run.views.len(),
        pictures(run, captions)
    )
}

fn pictures(run: &WatchedRun, captions: impl Iterator<Item = (usize, String)>) -> String {
    let figures: String = captions
        .map(|(number, caption)| {
            let view = &run.views[number];
            let title = format!("{} in {}", view.species, view.season);
            format!(
                "<figure>{}<figcaption>{}</figcaption></figure>\n",
                view_picture(view, &run.config.scenario.eye, &title),
                escaped(&format!("{}, {caption}", view.species))
            )
        })
        .collect();
    format!("<div class=\"views\">\n{figures}</div>\n")
}
