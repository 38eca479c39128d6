//! Tables as CSV (RFC 4180): full precision, with separate columns for intervals, for single runs where they are few, and for reasons.

use super::table::{Cell, Spread, Table};
use super::{Document, MadeFigure, OmittedFolder};
use crate::escape;

/// Returns the name and contents of a file for every table of a report.
pub fn csv_files(document: &Document) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for overview in &document.overviews {
        for (number, table) in overview.tables().enumerate() {
            let number = if number == 0 {
                String::new()
            } else {
                format!("-{}", number + 1)
            };
            files.push((format!("{}{number}.csv", table.name), csv(table)));
        }
    }
    for content in &document.sections {
        let tables = content.figures.iter().flat_map(MadeFigure::tables);
        let named = |table: &Table| (format!("{}-{}.csv", content.section.id, table.name), csv(table));
        files.extend(tables.map(named));
    }
    if !document.omissions.is_empty() {
        files.push(("omitted.csv".to_owned(), omitted(&document.omissions)));
    }
    files
}

fn csv(table: &Table) -> String {
    // If one of its cells has an interval or values of single runs, a column becomes four.
    let is_estimated = |column: usize| {
        table
            .rows
            .iter()
            .any(|row| matches!(row.get(column), Some(Cell::Estimate { .. })))
    };
    let estimated: Vec<bool> = (0..table.columns.len()).map(is_estimated).collect();
    let mut head = Vec::new();
    for (column, is_estimated) in table.columns.iter().zip(&estimated) {
        head.push(column.name.clone());
        if *is_estimated {
            head.extend(["low", "high", "runs"].map(|end| format!("{} {end}", column.name)));
        }
    }
    head.push("not defined".to_owned());
    let mut text = line(&head);
    for row in &table.rows {
        let mut fields = Vec::new();
        let mut missing = Vec::new();
        for ((cell, column), is_estimated) in row.iter().zip(&table.columns).zip(&estimated) {
            let mut spreads = [String::new(), String::new(), String::new()];
            fields.push(match cell {
                Cell::Text(text) | Cell::Code(text) => text.clone(),
                Cell::Number { value, .. } => value.to_string(),
                Cell::Estimate { estimate, spread } => {
                    match spread {
                        Spread::Nothing => {}
                        Spread::Values(values) => {
                            let values: Vec<String> = values.iter().map(f64::to_string).collect();
                            // Without brackets, a list that begins with a minus sign would be taken for a formula.
                            spreads[2] = format!("[{}]", values.join(" "));
                        }
                        Spread::Interval => {
                            spreads[0] = estimate.low.to_string();
                            spreads[1] = estimate.high.to_string();
                        }
                    }
                    estimate.value.to_string()
                }
                Cell::Missing(why) => {
                    missing.push(format!("{}: {why}", column.name));
                    String::new()
                }
            });
            if *is_estimated {
                fields.extend(spreads);
            }
        }
        fields.push(missing.join("; "));
        text.push_str(&line(&fields));
    }
    text
}

fn omitted(omissions: &[OmittedFolder]) -> String {
    let mut text = line(&["folder".to_owned(), "reason".to_owned()]);
    for omission in omissions {
        text.push_str(&line(&[omission.path.display().to_string(), omission.reason.clone()]));
    }
    text
}

fn line(fields: &[String]) -> String {
    fields.iter().map(|text| escape::csv(text)).collect::<Vec<_>>().join(",") + "\r\n"
}
