//! Inserts tables and figures of a report into hand-written text, leaving everything else unchanged.
//!
//! A placeholder is an HTML comment that begins with the word `report` and continues in TOML. Everything between it and `<!-- end
//! -->` is replaced:
//!
//! ```markdown
//! <!-- report
//! table = "overall"
//! section = "four seasons, dqn, 60,000 decisions a season"
//! columns = ["method", "seeds", "average performance"]
//! only = { method = ["replay", "finetune"] }
//! -->
//! <!-- end -->
//! ```
//!
//! Names of tables, columns and sections are those of the report's Markdown and CSV. What is over all sections (`gardens`, `settings`,
//! `forecast`) is named without one. With `text` (the name of a figure), its words are inserted. With `picture` (the name of a figure), `number` (index of its picture, from 1) and `file`, a picture is written beside
//! the text. The pages of a study therefore contain nothing that was copied by hand. Line ends are those of the text.

use std::collections::BTreeMap;
use std::fmt;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};
use serde::Deserialize;
use thiserror::Error;

use super::figures::Exhibit;
use super::markdown::{plain_cell, write_rows};
use super::pictures::alone;
use super::table::{Cell, Table};
use super::{Document, MadeFigure, PicturePanels, SectionContent};
use crate::escape;
use crate::learner::canonical_method;
use crate::scenario::{MOST_DRAWN_BYTES, nearest};

const OPEN: &str = "<!-- report";
const CLOSE: &str = "-->";
const END: &str = "<!-- end -->";

/// A text with all placeholders filled.
#[derive(Debug, PartialEq)]
pub struct Inserted {
    /// The text.
    pub text: String,
    /// Number of placeholders found.
    pub places: usize,
    /// Figures that the text refers to: path relative to the text, and contents.
    pub pictures: Vec<(String, String)>,
}

/// Error: a text cannot be filled. Nothing is written in this case.
#[derive(Debug, Error)]
#[error("{} has {}", source_code.name(), counted(mistakes.len()))]
pub struct InsertError {
    source_code: NamedSource<String>,
    mistakes: Vec<Mistake>,
}

impl InsertError {
    /// Returns `true` if the lines around the mistakes are short enough to be shown to a person, and for miette, which counts columns in
    /// 16 bits.
    fn can_be_drawn(&self) -> bool {
        self.source_code.inner().lines().all(|line| line.len() <= MOST_DRAWN_BYTES)
    }
}

#[derive(Debug)]
struct Mistake {
    at: std::ops::Range<usize>,
    words: String,
}

fn counted(mistakes: usize) -> String {
    match mistakes {
        1 => "1 place that cannot be filled".to_owned(),
        _ => format!("{mistakes} places that cannot be filled"),
    }
}

impl Diagnostic for InsertError {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.can_be_drawn().then_some(&self.source_code as &dyn SourceCode)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let text = self.source_code.inner();
        let told = |mistake: &Mistake| {
            format!(
                "line {}: {}",
                text[..mistake.at.start].matches('\n').count() + 1,
                mistake.words
            )
        };
        (!self.can_be_drawn())
            .then(|| Box::new(self.mistakes.iter().map(told).collect::<Vec<_>>().join("\n")) as Box<dyn fmt::Display>)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = |mistake: &Mistake| LabeledSpan::new_with_span(Some(mistake.words.clone()), mistake.at.clone());
        Some(Box::new(self.mistakes.iter().map(label)))
    }
}

/// Contents of a placeholder.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InsertionPoint {
    /// Name of a table.
    table: Option<String>,
    /// Title of a section.
    section: Option<String>,
    /// Columns, in this order; all if empty.
    #[serde(default)]
    columns: Vec<String>,
    /// Accepted values by column.
    #[serde(default)]
    only: BTreeMap<String, Vec<String>>,
    /// Name of a figure whose picture is wanted.
    picture: Option<String>,
    /// Name of a figure whose words are wanted.
    text: Option<String>,
    /// Index of the picture within the figure, from 1.
    number: Option<usize>,
    /// Path of the picture, relative to the text.
    file: Option<String>,
    /// Alternative text of the picture.
    words: Option<String>,
}

/// Fills the placeholders in `text` with tables and figures of `document`; `name` is the name of the text in messages.
///
/// # Errors
/// Returns an error if a placeholder is not closed, or names something that the report does not have. All such placeholders are
/// reported together.
pub fn insert(document: &Document, name: &str, text: &str) -> Result<Inserted, InsertError> {
    let mut inserted = Inserted {
        text: String::with_capacity(text.len()),
        places: 0,
        pictures: Vec::new(),
    };
    let mut mistakes = Vec::new();
    let mut done = 0;
    while let Some(opening) = opening(text, done) {
        let Opening {
            begin,
            written,
            line_end,
        } = opening;
        let Some(close) = text[written..].find(CLOSE).map(|found| written + found) else {
            mistakes.push(mistake(begin..written, "this comment is not closed by `-->`"));
            break;
        };
        // An end after the next placeholder belongs to that one, and the text in between must not be replaced.
        let next = self::opening(text, close).map_or(text.len(), |next| next.begin);
        let Some(end) = text[close..next].find(END).map(|found| close + found) else {
            mistakes.push(mistake(begin..written, "what this is about does not end with `<!-- end -->`"));
            done = next;
            continue;
        };
        inserted.places += 1;
        inserted.text += &text[done..close + CLOSE.len()];
        inserted.text += line_end;
        match content(document, &text[written..close], &mut inserted.pictures) {
            Ok(content) => inserted.text += &content.replace('\n', line_end),
            Err(words) => mistakes.push(mistake(written..close, &words)),
        }
        done = end;
    }
    if !mistakes.is_empty() {
        return Err(InsertError {
            source_code: NamedSource::new(name, text.to_owned()),
            mistakes,
        });
    }
    inserted.text += &text[done..];
    Ok(inserted)
}

/// The beginning of a placeholder.
struct Opening {
    /// Offset of its comment, in bytes.
    begin: usize,
    /// Offset of its TOML, in bytes.
    written: usize,
    /// Line end used there.
    line_end: &'static str,
}

/// Returns the next placeholder after the byte `from`: a comment whose first line is only `<!-- report`.
fn opening(text: &str, from: usize) -> Option<Opening> {
    text[from..].match_indices(OPEN).find_map(|(found, _)| {
        let begin = from + found;
        let rest = &text[begin + OPEN.len()..];
        let line = rest.find('\n')?;
        let line_end = if rest[..line].ends_with('\r') { "\r\n" } else { "\n" };
        let written = begin + OPEN.len() + line + 1;
        rest[..line].trim().is_empty().then_some(Opening {
            begin,
            written,
            line_end,
        })
    })
}

fn mistake(at: std::ops::Range<usize>, words: &str) -> Mistake {
    Mistake {
        at,
        words: words.to_owned(),
    }
}

fn content(document: &Document, place: &str, pictures: &mut Vec<(String, String)>) -> Result<String, String> {
    let place: InsertionPoint = toml::from_str(place).map_err(|error| error.message().to_owned())?;
    match (&place.table, &place.picture, &place.text) {
        (Some(name), None, None) => {
            let table = find_table(document, &place, name)?;
            let columns = columns(table, &place.columns)?;
            let rows = rows(table, &place.only)?;
            let mut text = String::new();
            let names: Vec<&str> = columns.iter().map(|&column| table.columns[column].name.as_str()).collect();
            let cells = |row: &&Vec<Cell>| columns.iter().map(|&column| row[column].clone()).collect::<Vec<_>>();
            let rows: Vec<Vec<Cell>> = rows.iter().map(cells).collect();
            write_rows(&mut text, &names, &rows, plain_cell);
            Ok(text)
        }
        (None, Some(name), None) => {
            let number = place.number.unwrap_or(1);
            let panels = find_panels(document, &place, name)?;
            let picture = number.checked_sub(1).and_then(|index| panels.pictures.get(index));
            let picture = picture.ok_or_else(|| format!("the figure has {} pictures", panels.pictures.len()))?;
            let file = place.file.ok_or("say with `file` where the picture is to be written")?;
            let words = place.words.unwrap_or_else(|| escape::markdown(&panels.table.caption));
            let link = format!("![{words}]({file})\n");
            pictures.push((file, alone(picture)));
            Ok(link)
        }
        (None, None, Some(name)) => {
            let figures = figures(document, &place)?;
            let known = || figures.iter().map(|figure| figure.name).collect();
            let found = figures.iter().find(|figure| figure.name == name);
            let figure = found.ok_or_else(|| not_found(&place, "figure", name, known()))?;
            let words = figure.exhibits.iter().filter_map(|exhibit| match exhibit {
                Exhibit::Text(words) => Some(format!("{}\n", escape::markdown(words))),
                Exhibit::Table(_) | Exhibit::Panels(_) => None,
            });
            let words: Vec<String> = words.collect();
            if words.is_empty() {
                return Err(format!("the figure `{name}` has no words here"));
            }
            Ok(words.join("\n"))
        }
        _ => Err("one of `table`, `picture` and `text` is needed".to_owned()),
    }
}

fn section<'a>(document: &'a Document, place: &InsertionPoint) -> Result<&'a SectionContent, String> {
    let title = place.section.as_deref().ok_or("the title of a `section` is needed")?;
    let titles = || document.sections.iter().map(|content| content.section.title.as_str());
    let found = document.sections.iter().find(|content| content.section.title == title);
    found.ok_or_else(|| unknown("section", title, titles()))
}

/// Returns the figures that a placeholder can mean: those of its section, or those over all sections.
fn figures<'a>(document: &'a Document, place: &InsertionPoint) -> Result<&'a [MadeFigure], String> {
    match place.section {
        Some(_) => Ok(&section(document, place)?.figures),
        None => Ok(&document.overviews),
    }
}

/// Says that something is not there, and that a section may be missing.
fn not_found(place: &InsertionPoint, what: &str, name: &str, known: Vec<&str>) -> String {
    let words = unknown(what, name, known.into_iter());
    match place.section {
        Some(_) => words,
        None => format!("{words}; what belongs to a section needs its title as `section`"),
    }
}

fn find_table<'a>(document: &'a Document, place: &InsertionPoint, name: &str) -> Result<&'a Table, String> {
    let tables: Vec<&Table> = figures(document, place)?.iter().flat_map(MadeFigure::tables).collect();
    let found = tables.iter().find(|table| table.name == name);
    let known = || tables.iter().map(|table| table.name.as_str()).collect();
    found.copied().ok_or_else(|| not_found(place, "table", name, known()))
}

fn find_panels<'a>(document: &'a Document, place: &InsertionPoint, name: &str) -> Result<&'a PicturePanels, String> {
    let panels: Vec<(&str, &PicturePanels)> = figures(document, place)?
        .iter()
        .flat_map(|figure| {
            figure.exhibits.iter().filter_map(|exhibit| match exhibit {
                Exhibit::Panels(panels) => Some((figure.name, panels)),
                Exhibit::Table(_) | Exhibit::Text(_) => None,
            })
        })
        .collect();
    let found = panels.iter().find(|(figure, _)| *figure == name);
    let known = || panels.iter().map(|(figure, _)| *figure).collect();
    found
        .map(|(_, panels)| *panels)
        .ok_or_else(|| not_found(place, "figure with pictures", name, known()))
}

/// Returns the indices of the requested columns.
fn columns(table: &Table, wanted: &[String]) -> Result<Vec<usize>, String> {
    if wanted.is_empty() {
        return Ok((0..table.columns.len()).collect());
    }
    wanted.iter().map(|name| column(table, name)).collect()
}

fn column(table: &Table, name: &str) -> Result<usize, String> {
    let names = || table.columns.iter().map(|column| column.name.as_str());
    names()
        .position(|known| known == name)
        .ok_or_else(|| unknown("column", name, names()))
}

/// Returns the rows that have an accepted value in every filtered column.
fn rows<'a>(table: &'a Table, only: &BTreeMap<String, Vec<String>>) -> Result<Vec<&'a Vec<Cell>>, String> {
    let mut rows: Vec<&Vec<Cell>> = table.rows.iter().collect();
    for (name, wanted) in only {
        let column = column(table, name)?;
        let wanted: Vec<String> = match name.as_str() {
            // Methods are compared by canonical name, rows by label.
            "method" if !wanted.is_empty() => wanted.iter().map(|word| method_in(table, column, word)).collect(),
            _ => wanted.clone(),
        };
        let words = |row: &&Vec<Cell>| match &row[column] {
            Cell::Text(words) | Cell::Code(words) => words.clone(),
            Cell::Number { shown, .. } => shown.clone(),
            Cell::Estimate { .. } | Cell::Missing(_) => String::new(),
        };
        let known: Vec<String> = table.rows.iter().map(|row| words(&row)).collect();
        if let Some(absent) = wanted.iter().find(|word| !known.contains(word)) {
            return Err(unknown(name, absent, known.iter().map(String::as_str)));
        }
        rows.retain(|row| wanted.contains(&words(row)));
    }
    Ok(rows)
}

/// Returns the label of a row that names a method, in any order of its parts.
fn method_in(table: &Table, column: usize, word: &str) -> String {
    let is_there = |word: &str| {
        table
            .rows
            .iter()
            .any(|row| matches!(&row[column], Cell::Text(words) | Cell::Code(words) if words == word))
    };
    let canonical = canonical_method(word);
    if !is_there(word) && is_there(&canonical) {
        canonical
    } else {
        word.to_owned()
    }
}

fn unknown<'a>(kind: &str, word: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    match nearest(word, known.clone()) {
        Some(near) => format!("the report has no {kind} `{word}`: did you mean `{near}`?"),
        None => {
            let mut all: Vec<&str> = Vec::new();
            known.for_each(|name| {
                if !all.contains(&name) {
                    all.push(name);
                }
            });
            format!("the report has no {kind} `{word}`, but {}", all.join("; "))
        }
    }
}
