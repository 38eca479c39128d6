//! Printing.

use std::io::{self, IsTerminal, Write};

use miette::Diagnostic;
use serde::Serialize;
use thiserror::Error;

/// The standard output could not be written.
#[derive(Debug, Error, Diagnostic)]
#[error("could not write to the standard output: {0}")]
pub(crate) struct OutputError(pub(crate) io::Error);

/// Prints a result.
pub(crate) fn print(text: &str) -> Result<(), OutputError> {
    let mut output = io::stdout().lock();
    output
        .write_all(text.as_bytes())
        .and_then(|()| output.write_all(b"\n"))
        .and_then(|()| output.flush())
        .map_err(OutputError)
}

/// Prints a result as JSON, indented.
pub(crate) fn print_json(value: &impl Serialize) -> miette::Result<()> {
    let text = serde_json::to_string_pretty(value).map_err(|error| miette::miette!("could not encode the result: {error}"))?;
    Ok(print(&text)?)
}

/// Tells something beside the result. Where nobody can hear it, it goes unsaid.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Whether the standard output may be coloured: a terminal that knows colours, and nobody asked for none (`NO_COLOR`).
pub(crate) fn is_coloured() -> bool {
    io::stdout().is_terminal() && !asked_for_no_colour()
}

/// Whether somebody asked for no colours (`NO_COLOR`), or the terminal knows none.
pub(crate) fn asked_for_no_colour() -> bool {
    let asked_for_none = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let knows_none = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    asked_for_none || knows_none
}

/// A word as a shell reads it.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./+=:,".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
