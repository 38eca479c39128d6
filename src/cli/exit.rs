//! Exit codes and error messages: the only place where the result of a command is turned into both.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use miette::{GraphicalReportHandler, GraphicalTheme};
use perennial::escape::{has_control_characters, terminal_lines};
use perennial::scenario::ScenarioError;
use perennial::scenario::overrides::OverrideErrors;

use super::Answer;

/// Columns that mistakes are drawn in.
const WIDTH: usize = 100;

/// The exit code of a command; its error, if it is one, goes to the standard error.
pub(crate) fn code(result: miette::Result<Answer>) -> ExitCode {
    match result {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::from(1),
        // 128 and the signal, as in a shell. Not 2: the run was stopped, it did not fail, and scripts can tell the two apart.
        Ok(Answer::Interrupted) => ExitCode::from(super::interrupt::exit_code()),
        // Whoever read our output has seen enough: `perennial methods | head -1`.
        Err(report) if is_broken_pipe(&report) => ExitCode::SUCCESS,
        Err(report) => {
            // Where even the standard error is closed, nobody is there to be told.
            let _ = write!(io::stderr(), "{}", text(&report));
            ExitCode::from(2)
        }
    }
}

/// Shows help, or what is wrong with the arguments, which may quote anything.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    let quotes_control_characters = std::env::args_os().any(|argument| has_control_characters(&argument.to_string_lossy()));
    if quotes_control_characters {
        let _ = write!(io::stderr(), "{}", terminal_lines(&error.render().to_string(), false));
        return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
    }
    error.exit()
}

/// Tells an error and ends the program at once.
#[cfg(feature = "window")]
pub(crate) fn last_words(error: perennial::rendering::RenderingError) -> ! {
    code(Err(error.into()));
    std::process::exit(2)
}

/// Formats an error. If it quotes control characters, they are escaped, and nothing is coloured.
pub(super) fn text(report: &miette::Report) -> String {
    let coloured = is_coloured();
    let plain = drawn(report, false);
    if coloured && !has_control_characters(&plain) {
        drawn(report, true)
    } else {
        terminal_lines(&plain, false)
    }
}

/// `true` if miette colours what goes to the standard error.
fn is_coloured() -> bool {
    io::stderr().is_terminal() && !super::output::asked_for_no_colour()
}

/// An error as it is drawn: each mistake under the line that it was made in, each override for itself, anything else as miette does it.
fn drawn(report: &miette::Report, coloured: bool) -> String {
    if let Some(mistakes) = report.downcast_ref::<ScenarioError>().and_then(ScenarioError::mistakes) {
        return mistakes.render(WIDTH, coloured);
    }
    if let Some(errors) = report.downcast_ref::<OverrideErrors>() {
        let lines = errors.list.iter().map(|error| {
            let help = error
                .help
                .as_ref()
                .map_or_else(String::new, |help| format!("    help: {help}\n"));
            format!("  × {error}\n{help}")
        });
        return format!("{errors}\n{}", lines.collect::<String>());
    }
    if coloured == is_coloured() {
        return format!("{report:?}\n");
    }
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor()).with_links(false);
    let mut text = String::new();
    match handler.render_report(&mut text, report.as_ref()) {
        Ok(()) => format!("{text}\n"),
        // Writing into a string does not fail; the error by itself is still better than nothing.
        Err(_) => format!("{report}\n"),
    }
}

/// Returns `true` if the reader closed the standard output. Only [`output`](super::output) makes bare input-output errors.
fn is_broken_pipe(report: &miette::Report) -> bool {
    report
        .downcast_ref::<super::output::OutputError>()
        .is_some_and(|error| error.0.kind() == io::ErrorKind::BrokenPipe)
}
