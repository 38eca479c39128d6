//! Errors and panics as Python exceptions.
//!
//! An error of the program becomes a `ValueError` with the text that the program prints, hints included. A panic, which would be a mistake
//! of the program, becomes an `InternalError`: a `RuntimeError`, and not PyO3's `PanicException`, which `except Exception` does not catch.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use perennial::training::Stopwatch;
use pyo3::create_exception;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;

create_exception!(
    perennial_rl._native,
    InternalError,
    PyRuntimeError,
    "A mistake of perennial itself. The object that raised it can no longer be used; the interpreter goes on."
);

/// Least time between two looks at Python's signals, in seconds.
const BETWEEN_LOOKS_S: f64 = 0.1;

/// Python's signals, for work that may take long: Ctrl-C is heard while it goes on.
pub(crate) struct Signals {
    looked: Stopwatch,
    raised: Option<PyErr>,
}

/// Error: a handler of a signal raised an exception, which `interruptible` returns.
#[derive(Debug, thiserror::Error)]
#[error("a signal has ended this")]
pub(crate) struct Interrupted;

impl Signals {
    /// Lets Python handle the signals that have arrived, at most ten times a second.
    ///
    /// # Errors
    /// Returns an error if a handler raised an exception: the work is to stop.
    pub(crate) fn look(&mut self) -> Result<(), Interrupted> {
        if self.raised.is_none() && self.looked.seconds() >= BETWEEN_LOOKS_S {
            self.raised = Python::attach(|py| py.check_signals()).err();
            self.looked = Stopwatch::start();
        }
        if self.raised.is_some() { Err(Interrupted) } else { Ok(()) }
    }
}

/// Does some work without the interpreter lock, as `unlocked`, which looks at Python's signals now and then. What a handler of a signal raises
/// is the error, whatever the work returned.
pub(crate) fn interruptible<T: Send>(py: Python<'_>, work: impl FnOnce(&mut Signals) -> T + Send) -> PyResult<T> {
    let mut signals = Signals {
        looked: Stopwatch::start(),
        raised: None,
    };
    let result = unlocked(py, || work(&mut signals))?;
    signals.raised.map_or(Ok(result), Err)
}

/// Does some work without the interpreter lock, and turns its panic into an exception.
pub(crate) fn unlocked<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> PyResult<T> {
    py.detach(|| catch_unwind(AssertUnwindSafe(work))).map_err(|panic| {
        InternalError::new_err(format!(
            "perennial made a mistake: {}. Please report it with the seed and the scenario.",
            message(&*panic)
        ))
    })
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&'static str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message")
}

/// An error as the program shows it, without colours.
pub(crate) fn shown(error: &dyn Diagnostic) -> PyErr {
    let mut text = String::new();
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor()).with_width(100);
    if handler.render_report(&mut text, error).is_err() {
        text = error.to_string();
    }
    PyValueError::new_err(text.trim().to_owned())
}

/// A plain error.
pub(crate) fn plain(error: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// Raises an error if there is something at a path that is neither a file nor a folder. Opening a pipe could wait for ever, and would not hear Ctrl-C.
pub(crate) fn plain_file(path: &Path) -> PyResult<()> {
    let other = std::fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir());
    if other {
        return Err(plain(format!(
            "{} is not a regular file: copy its contents into one",
            path.display()
        )));
    }
    Ok(())
}

/// Raises an error if a number is out of its range.
pub(crate) fn in_range(what: &str, value: u64, low: u64, high: u64) -> PyResult<()> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(plain(format!("{what} must be between {low} and {high}, not {value}")))
}
