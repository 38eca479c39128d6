//! The report as a single HTML page: no network access, no scripts, light and dark mode, and styles for print and small screens.

use crate::escape::xml as escaped;

use super::figures::{Exhibit, MEASURES, PicturePanels};
use super::table::{Cell, Table, decimals, reasons};
use super::{Document, OmittedFolder, SectionContent};

/// Style sheet of the page.
pub(super) const STYLE: &str = include_str!("page.css");

/// Explanation of the symbols in the formulas.
pub(super) const MEASURE_LEGEND: &str = "P[i][j] is the score in season j after season i was learned, counted through all years; row 0 is \
    before any learning, T the last row, n the last season. Where seasons turn into each other, the end of a season is where it begins to turn: \
    the policy is evaluated there too, because at its end it has turned into the next one. A score is (R - R_random) / (R_gardener - R_random), returns R on the same probe \
    gardens. Each measure is taken for each run; shown is the interquartile mean over seeds with a bootstrap 95 % interval in square brackets, \
    the scenario being the stratum; with fewer than ten seeds, for which such an interval is too narrow, their values stand in round brackets.";

/// Renders the report as an HTML page.
pub fn html(document: &Document) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, \
         initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>perennial: report</title>\n<style>\n{STYLE}</style>\n\
         </head>\n<body>\n<header>\n<p class=\"kicker\">perennial</p>\n<h1>What was learned, what was kept, what it cost</h1>\n<p class=\"lead\">{}, \
         compared with <code>{}</code>.</p>\n",
        escaped(&document.summary),
        escaped(&document.baseline)
    );
    page.push_str("<nav><ul>\n");
    for content in &document.sections {
        page += &format!(
            "<li><a href=\"#{}\">{}</a></li>\n",
            content.section.id,
            escaped(&content.section.title)
        );
    }
    for overview in &document.overviews {
        page += &format!("<li><a href=\"#{}\">{}</a></li>\n", overview.name, overview.title);
    }
    page.push_str("<li><a href=\"#measures\">Measures and their formulas</a></li>\n</ul></nav>\n</header>\n<main>\n");
    if document.sections.len() > 1 {
        page.push_str(
            "<p class=\"note\">Runs of different settings are never put into one average: each has a section of its own. Only <em>Over all \
             gardens</em>, where it is shown, averages over scenarios too.</p>\n",
        );
    }
    omissions(&mut page, &document.omissions);
    for overview in &document.overviews {
        page += &format!(
            "<section class=\"figure\" id=\"{}\">\n<h2>{}</h2>\n<p class=\"reading\">{}</p>\n",
            overview.name,
            overview.title,
            escaped(overview.reading)
        );
        write_exhibits(&mut page, &overview.exhibits);
        page.push_str("</section>\n");
    }
    for content in &document.sections {
        section(&mut page, content);
    }
    page += &format!(
        "<section id=\"measures\">\n<h2>Measures and their formulas</h2>\n<p>{}</p>\n<dl>\n",
        escaped(MEASURE_LEGEND)
    );
    for (name, formula, _) in MEASURES {
        page += &format!("<dt>{name}</dt><dd><code>{}</code></dd>\n", escaped(formula));
    }
    page.push_str("</dl>\n</section>\n</main>\n</body>\n</html>\n");
    page
}

fn omissions(page: &mut String, omissions: &[OmittedFolder]) {
    if omissions.is_empty() {
        return;
    }
    page.push_str("<section class=\"omitted\">\n<h2>Left out</h2>\n<ul>\n");
    for omission in omissions {
        let path = omission.path.display().to_string();
        *page += &format!("<li><code>{}</code>: {}</li>\n", escaped(&path), escaped(&omission.reason));
    }
    page.push_str("</ul>\n</section>\n");
}

fn section(page: &mut String, content: &SectionContent) {
    *page += &format!(
        "<section id=\"{}\">\n<h2>{}</h2>\n<dl class=\"facts\">\n",
        content.section.id,
        escaped(&content.section.title)
    );
    for (name, value) in &content.facts {
        *page += &format!("<div><dt>{name}</dt><dd>{}</dd></div>\n", escaped(value));
    }
    page.push_str("</dl>\n");
    for figure in &content.figures {
        *page += &format!(
            "<section class=\"figure\" id=\"{}-{}\">\n<h3>{}</h3>\n<p class=\"reading\">{}</p>\n",
            content.section.id, figure.name, figure.title, figure.reading
        );
        write_exhibits(page, &figure.exhibits);
        page.push_str("</section>\n");
    }
    page.push_str("</section>\n");
}

fn write_exhibits(page: &mut String, exhibits: &[Exhibit]) {
    for exhibit in exhibits {
        match exhibit {
            Exhibit::Table(table) => write_table(page, table),
            Exhibit::Panels(panels) => write_panels(page, panels),
            Exhibit::Text(words) => *page += &format!("<p class=\"note\">{}</p>\n", escaped(words)),
        }
    }
}

fn write_panels(page: &mut String, panels: &PicturePanels) {
    page.push_str("<div class=\"panels\">\n");
    for picture in &panels.pictures {
        *page += &format!("<figure>{picture}</figure>\n");
    }
    page.push_str("</div>\n");
    if !panels.table.is_data {
        page.push_str("<details><summary>The numbers</summary>\n");
        write_table(page, &panels.table);
        page.push_str("</details>\n");
    }
}

fn write_table(page: &mut String, table: &Table) {
    let reasons = reasons(table);
    let is_numeric = |column: usize| table.rows.iter().any(|row| row.get(column).is_some_and(Cell::is_numeric));
    *page += &format!(
        "<div class=\"scroll\"><table>\n<caption>{}</caption>\n<thead><tr>",
        escaped(&table.caption)
    );
    for (number, column) in table.columns.iter().enumerate() {
        let class = if is_numeric(number) { " class=\"number\"" } else { "" };
        let name = escaped(&column.name);
        let name = match &column.meaning {
            Some(meaning) => format!("<abbr title=\"{}\">{name}</abbr>", escaped(meaning)),
            None => name,
        };
        *page += &format!("<th scope=\"col\"{class}>{name}</th>");
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        page.push_str("<tr>");
        for (number, cell) in row.iter().enumerate() {
            let class = if is_numeric(number) { " class=\"number\"" } else { "" };
            let shown = shown(cell, &reasons);
            *page += &if number == 0 {
                format!("<th scope=\"row\"{class}>{shown}</th>")
            } else {
                format!("<td{class}>{shown}</td>")
            };
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody>\n</table></div>\n");
    if !reasons.is_empty() {
        page.push_str("<ol class=\"reasons\">\n");
        reasons
            .iter()
            .for_each(|why| *page += &format!("<li>{}</li>\n", escaped(why)));
        page.push_str("</ol>\n");
    }
}

fn shown(cell: &Cell, reasons: &[&str]) -> String {
    match cell {
        Cell::Text(words) => escaped(words),
        Cell::Code(words) => format!("<code>{}</code>", escaped(words)),
        Cell::Number { shown, .. } => signed(shown),
        Cell::Estimate { estimate, spread } => {
            let value = signed(&decimals(estimate.value));
            let spread = spread.shown(estimate, |number| signed(&decimals(number)));
            if spread.is_empty() {
                value
            } else {
                format!("{value} <span class=\"interval\">{spread}</span>")
            }
        }
        Cell::Missing(why) => {
            let number = reasons.iter().position(|reason| reason == why).map_or(0, |place| place + 1);
            format!("<abbr title=\"{}\">–</abbr><sup>{number}</sup>", escaped(why))
        }
    }
}

/// Replaces the hyphen of a negative number by a minus sign, which is as wide as a plus.
fn signed(number: &str) -> String {
    match number.strip_prefix('-') {
        Some(rest) => format!("−{rest}"),
        None => number.to_owned(),
    }
}
