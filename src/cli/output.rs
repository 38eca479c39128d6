//! Printing.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use perennial::{escape, files};
use serde::Serialize;
use thiserror::Error;

/// The standard output could not be written.
#[derive(Debug, Error, Diagnostic)]
#[error("could not write to the standard output: {0}")]
pub(crate) struct OutputError(pub(crate) io::Error);

/// A word as a shell reads it.
pub(crate) use perennial::escape::shell as quoted;

/// Prints a result. Control characters in it are written out; colours are only there where the terminal takes them.
pub(crate) fn print(text: &str) -> Result<(), OutputError> {
    write_out(format!("{}\n", escape::terminal_lines(text, is_coloured())).as_bytes())
}

/// Writes something to the standard output as it is.
fn write_out(bytes: &[u8]) -> Result<(), OutputError> {
    let mut output = io::stdout().lock();
    output.write_all(bytes).and_then(|()| output.flush()).map_err(OutputError)
}

/// Prints a result as JSON, indented.
pub(crate) fn print_json(value: &impl Serialize) -> miette::Result<()> {
    let text = serde_json::to_string_pretty(value).map_err(|error| miette::miette!("could not encode the result: {error}"))?;
    Ok(write_out(format!("{}\n", escape::json(&text)).as_bytes())?)
}

/// The place where a command writes what it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// The standard output, written `-`. Nothing else is printed there then.
    StandardOutput,
    /// A file, a pipe or a device.
    Path(PathBuf),
}

impl Destination {
    /// The destination that a path of the command line stands for.
    pub(crate) fn of(path: &Path) -> Self {
        let is_output = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]
            .iter()
            .any(|name| path == Path::new(name));
        if is_output {
            Self::StandardOutput
        } else {
            Self::Path(path.to_owned())
        }
    }

    /// Checks before some long work that its result can be written.
    pub(crate) fn check(&self) -> miette::Result<()> {
        match self {
            Self::StandardOutput => Ok(()),
            Self::Path(path) => Ok(files::check_writable(path)?),
        }
    }

    /// The same for what is no text, which a terminal cannot show.
    pub(crate) fn check_for_bytes(&self) -> miette::Result<()> {
        if *self == Self::StandardOutput && io::stdout().is_terminal() {
            miette::bail!(
                help = "name a file, or pipe the output on",
                "the output is not text: it is not written to a terminal"
            );
        }
        self.check()
    }

    /// Writes all of it.
    pub(crate) fn write(&self, bytes: &[u8]) -> miette::Result<()> {
        match self {
            Self::StandardOutput => Ok(write_out(bytes)?),
            Self::Path(path) => Ok(files::write(path, |file| file.write_all(bytes))?),
        }
    }

    /// Tells what was done: as a result, or where the result itself is on the standard output, beside it.
    pub(crate) fn tell(&self, text: &str) -> Result<(), OutputError> {
        match self {
            Self::StandardOutput => {
                note(text);
                Ok(())
            }
            Self::Path(_) => print(text),
        }
    }
}

impl std::fmt::Display for Destination {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::StandardOutput => formatter.write_str("the standard output"),
            Self::Path(path) => formatter.write_str(&escape::path(path)),
        }
    }
}

/// Writes a note to the standard error. Errors of writing are ignored: nobody could be told.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", escape::terminal_lines(text, false));
}

/// Returns `true` if the standard output may be coloured: it is a terminal with colours, and `NO_COLOR` is not set.
pub(crate) fn is_coloured() -> bool {
    io::stdout().is_terminal() && !asked_for_no_colour()
}

/// Returns `true` if `NO_COLOR` is set, or the terminal has no colours.
pub(crate) fn asked_for_no_colour() -> bool {
    let asked_for_none = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let knows_none = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    asked_for_none || knows_none
}
