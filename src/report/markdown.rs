//! The report as Markdown: the same tables, without the figures.

use std::fmt::Write;

use crate::escape::{markdown as escaped, markdown_code as code};

use super::Document;
use super::figures::Exhibit;
use super::html::MEASURE_LEGEND;
use super::table::{Cell, Table, decimals, reasons};

/// Renders the report as Markdown.
pub fn markdown(document: &Document) -> String {
    let mut text = format!("# perennial: report\n\n{}.\n", document.summary);
    if !document.omissions.is_empty() {
        text.push_str("\n## Left out\n\n");
        for omission in &document.omissions {
            text += &format!(
                "- {}: {}\n",
                code(&omission.path.display().to_string(), false),
                escaped(&omission.reason)
            );
        }
    }
    for overview in &document.overviews {
        text += &format!("\n## {}\n\n{}\n", overview.title, overview.reading);
        write_exhibits(&mut text, &overview.exhibits);
    }
    for content in &document.sections {
        text += &format!("\n## {}\n\n", escaped(&content.section.title));
        for (name, value) in &content.facts {
            text += &format!("- **{name}**: {}\n", escaped(value));
        }
        for figure in &content.figures {
            text += &format!("\n### {}\n\n{}\n", figure.title, figure.reading);
            write_exhibits(&mut text, &figure.exhibits);
        }
    }
    text += &format!("\n## Measures\n\n{MEASURE_LEGEND}\n\n");
    for (name, formula, _) in super::figures::MEASURES {
        text += &format!("- **{name}**: `{formula}`\n");
    }
    text
}

fn write_exhibits(text: &mut String, exhibits: &[Exhibit]) {
    for exhibit in exhibits {
        match exhibit {
            Exhibit::Table(table) => write_table(text, table),
            Exhibit::Panels(panels) if panels.table.is_data => {
                text.push_str("\n(A picture; its numbers are in the CSV files.)\n")
            }
            Exhibit::Panels(panels) => write_table(text, &panels.table),
            Exhibit::Text(words) => *text += &format!("\n{}\n", escaped(words)),
        }
    }
}

fn write_table(text: &mut String, table: &Table) {
    let reasons = reasons(table);
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    // Writing into a string cannot fail.
    let _ = write!(text, "\n**{}**\n\n", escaped(&table.caption));
    write_rows(text, &names, &table.rows, |cell| match cell {
        Cell::Missing(why) => {
            let number = reasons.iter().position(|reason| reason == why).map_or(0, |place| place + 1);
            format!("- ({number})")
        }
        other => plain_cell(other),
    });
    if !reasons.is_empty() {
        text.push('\n');
    }
    for (number, why) in reasons.iter().enumerate() {
        let _ = writeln!(text, "{}. {}", number + 1, escaped(why));
    }
}

/// Writes a header and rows without a caption; `shown` formats a cell.
pub(super) fn write_rows(text: &mut String, names: &[&str], rows: &[Vec<Cell>], shown: impl Fn(&Cell) -> String) {
    let ruler: Vec<&str> = (0..names.len())
        .map(|column| {
            let is_numeric = rows.iter().all(|row| row.get(column).is_some_and(Cell::is_numeric));
            if is_numeric { "---:" } else { "---" }
        })
        .collect();
    let names: Vec<String> = names.iter().map(|name| escaped(name)).collect();
    let _ = writeln!(text, "| {} |\n| {} |", names.join(" | "), ruler.join(" | "));
    for row in rows {
        let cells: Vec<String> = row.iter().map(&shown).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
}

/// Formats a cell as Markdown; an undefined value is a dash.
pub(super) fn plain_cell(cell: &Cell) -> String {
    match cell {
        Cell::Text(words) => escaped(words),
        Cell::Code(words) => code(words, true),
        Cell::Number { shown, .. } => shown.clone(),
        Cell::Estimate { estimate, spread } => {
            let text = format!("{} {}", decimals(estimate.value), spread.shown(estimate, decimals));
            text.trim_end().to_owned()
        }
        Cell::Missing(_) => "-".to_owned(),
    }
}
