//! `scenario fmt`: the layout of scenario files.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use perennial::authoring::format::format;
use perennial::scenario::{LARGEST_FILE_BYTES, Origin, ScenarioDocument};
use perennial::{escape, files};

use crate::cli::Answer;
use crate::cli::output::{Destination, note, print, quoted};

/// Bring scenario files to one layout and the current format
///
/// Comments and the order of keys stay. Keys of older versions get their current names, and the version is written into the file. Nothing
/// is written into a file that is not TOML.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    perennial scenario fmt my_year.toml seasons/*.toml\n  \
    perennial scenario fmt --check my_year.toml\n  \
    perennial scenario fmt - < my_year.toml")]
pub(crate) struct Fmt {
    /// Files to write anew; `-` formats the standard input to the standard output.
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    files: Vec<PathBuf>,
    /// Write nothing; the exit code is 1 if a file would change.
    #[arg(long)]
    check: bool,
}

/// Returns `true` if a scenario or season of this name is shipped.
fn is_shipped(name: &str) -> bool {
    ScenarioDocument::load(name).is_ok_and(|document| matches!(document.origin, Origin::Shipped(_)))
}

impl Fmt {
    /// Formats the files.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        let mut texts = Vec::new();
        // All are read before one is written.
        for path in &self.files {
            let bytes = files::read_small(path, LARGEST_FILE_BYTES).map_err(|error| match path.to_str() {
                Some(name) if error.is_absent() && is_shipped(name) => miette::miette!(
                    help = format!(
                        "a file of your own that extends it: perennial scenario new my_file --from {}",
                        quoted(name)
                    ),
                    "{} is shipped with the program, and cannot be rewritten",
                    escape::terminal(name)
                ),
                _ => error.into(),
            })?;
            let text = String::from_utf8(bytes).map_err(|_| miette::miette!("{} is not UTF-8 text", escape::path(path)))?;
            let formatted = format(&text).map_err(|error| {
                miette::miette!(
                    help = "perennial scenario check shows where",
                    "{}: {error}",
                    escape::path(path)
                )
            })?;
            texts.push((path.as_path(), text, formatted));
        }
        let mut is_right = true;
        for (path, text, formatted) in texts {
            if path == Path::new("-") && !self.check {
                Destination::StandardOutput.write(formatted.as_bytes())?;
            } else if text != formatted {
                is_right = false;
                let shown = escape::path(path);
                if self.check {
                    note(&format!("{shown} would change"));
                } else {
                    files::write(path, |file| file.write_all(formatted.as_bytes()))?;
                    print(&format!("formatted {shown}"))?;
                }
            }
        }
        Ok(if self.check && !is_right { Answer::No } else { Answer::Yes })
    }
}
