//! `scenario new`: a new file that already runs.

use std::path::{Path, PathBuf};

use clap::Args;
use perennial::authoring::editor::{FileKind, SCHEMA_TITLE};
use perennial::authoring::template::new_file;
use perennial::scenario::{Described, Origin, Scenario, ScenarioDocument, ScenarioError};
use perennial::{escape, files};

use crate::cli::Answer;
use crate::cli::output::{print, quoted};

/// Write a new scenario or season that already runs
///
/// The file is short and commented. It inherits everything else from the file that it extends. Its schema is written next to it, so that
/// editors can complete and check it while you type.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    perennial scenario new my_year\n  \
    perennial scenario new my_year --from water_tank\n  \
    perennial scenario new heat_wave --season --from seasons/summer.toml")]
pub(crate) struct New {
    /// Name of the garden or season, and of its file (`.toml` is added).
    #[arg(value_name = "NAME")]
    name: PathBuf,
    /// File that the new one extends: one in the same folder or below it, or a shipped one.
    #[arg(long, value_name = "FILE")]
    from: Option<String>,
    /// Write a season, not a whole garden.
    #[arg(long)]
    season: bool,
    /// Replace a file of this name, and a schema file that is not of perennial.
    #[arg(long)]
    force: bool,
}

/// Largest schema that is looked at before it is replaced, in bytes.
const LARGEST_SCHEMA_BYTES: u64 = 16 << 20;

/// Writes a new file, and beside it the schema that it names. Nothing is written that could not be read.
pub(crate) fn write_new(file: &Path, kind: FileKind, name: &str, from: Option<&str>, force: bool) -> miette::Result<()> {
    let schema = file.with_file_name(kind.schema_file());
    files::check_writable(file)?;
    files::check_writable(&schema)?;
    if !force && is_of_somebody_else(&schema) {
        miette::bail!(
            help = "choose another folder, or replace it with --force",
            "{} already exists and was not written by perennial",
            escape::path(&schema)
        );
    }
    let text = new_file(kind, name, from);
    refuse_circle(file, &text)?;
    ScenarioDocument::parse_at(file, &text).map_err(ScenarioError::Mistakes)?;
    // The schema first: where it cannot be written, no file is left that a second attempt would find.
    files::write(&schema, |output| output.write_all(kind.schema_text().as_bytes()))?;
    files::write(file, |output| output.write_all(text.as_bytes()))?;
    Ok(())
}

/// Refuses a text that would be read from the very file that it is written to.
fn refuse_circle(file: &Path, text: &str) -> miette::Result<()> {
    let place = files::place(file);
    let asked_for = Scenario::files_asked_for(file, text.as_bytes());
    if asked_for.iter().any(|read| files::place(read) == place) {
        miette::bail!(
            help = "choose another name for the new file",
            "{} would extend itself: the file that it is to extend is of that name, or extends a file of that name",
            escape::path(file)
        );
    }
    Ok(())
}

/// Returns `true` if a file is there that is no schema of any version of this program.
fn is_of_somebody_else(schema: &Path) -> bool {
    let metadata = std::fs::metadata(schema);
    if !metadata.is_ok_and(|metadata| metadata.is_file() && metadata.len() > 0) {
        return false;
    }
    let text = files::read_small(schema, LARGEST_SCHEMA_BYTES).unwrap_or_default();
    let value: serde_json::Value = serde_json::from_slice(&text).unwrap_or_default();
    let title = value.get("title").and_then(serde_json::Value::as_str).unwrap_or_default();
    !title.starts_with(SCHEMA_TITLE)
}

impl New {
    /// Writes the file and its schema.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        let (file, name) = self.file()?;
        let kind = if self.season { FileKind::Season } else { FileKind::Scenario };
        if !self.force && std::fs::symlink_metadata(&file).is_ok() {
            miette::bail!(
                help = "choose another name, or replace it with --force",
                "{} exists already",
                escape::path(&file)
            );
        }
        files::check_writable(&file)?;
        let from = self
            .from
            .as_deref()
            .map(|from| self.extended(from, &file, kind))
            .transpose()?;
        write_new(&file, kind, &name, from.as_deref(), self.force)?;
        let shown = escape::path(&file);
        let word = file.to_string_lossy();
        // What begins with a dash would be taken for an option.
        let word = quoted(&if word.starts_with('-') {
            format!("./{word}")
        } else {
            word.into_owned()
        });
        let next = match kind {
            FileKind::Scenario => format!("perennial train --scenario {word}"),
            FileKind::Season => format!("perennial scenario check {word}"),
        };
        print(&format!(
            "wrote {shown}, and {} for editors\nnext: {next}",
            kind.schema_file()
        ))?;
        Ok(Answer::Yes)
    }

    /// Returns the file that is to be written, and what the garden or season in it is called.
    fn file(&self) -> miette::Result<(PathBuf, String)> {
        let mut file_name = self.name.file_name().unwrap_or_default().to_owned();
        let is_toml = self
            .name
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("toml"));
        if !is_toml && !file_name.is_empty() && file_name != ".toml" {
            file_name.push(".toml");
        }
        let stem = Path::new(&file_name).file_stem().unwrap_or_default().to_string_lossy();
        let name = stem.replace(['_', '-'], " ").trim().to_owned();
        if name.is_empty() || file_name == ".toml" {
            miette::bail!(help = "for instance: perennial scenario new my_year", "the file has no name");
        }
        Ok((self.name.with_file_name(file_name), name))
    }

    /// Returns the path under which the new file finds the one that it extends.
    fn extended(&self, from: &str, file: &Path, kind: FileKind) -> miette::Result<String> {
        let document = ScenarioDocument::load(from)?;
        let shown = escape::terminal(from);
        let is_season = matches!(document.described, Described::Season(_));
        if is_season != (kind == FileKind::Season) {
            let (is, help) = if is_season {
                ("a season", "add --season, or name a garden")
            } else {
                ("a garden with its year", "leave --season out, or name a season")
            };
            miette::bail!(help = help, "{shown} is {is}");
        }
        let folder = file.parent().unwrap_or(Path::new(""));
        match &document.origin {
            Origin::Shipped(name) => {
                let path = format!("{name}.toml");
                let beside = folder.join(&path);
                // A file beside the new one is found before the shipped one of its name.
                if std::fs::symlink_metadata(&beside).is_ok() && files::place(&beside) != files::place(file) {
                    miette::bail!(
                        help = format!(
                            "write the new file into another folder, or extend that one: --from {}",
                            quoted(&beside.to_string_lossy())
                        ),
                        "{} lies beside the new file, and would be extended in place of the shipped one",
                        escape::path(&beside)
                    );
                }
                Ok(path)
            }
            Origin::File(path) if files::is_standard_input(path) => miette::bail!(
                help = "save it to a file in the folder of the new one, and name that",
                "the new file cannot extend the standard input, which has no name"
            ),
            Origin::File(path) => {
                let folder = files::place(if folder.as_os_str().is_empty() {
                    Path::new(".")
                } else {
                    folder
                });
                match files::place(path).strip_prefix(folder).ok().and_then(Path::to_str) {
                    Some(inside) => Ok(inside.replace(std::path::MAIN_SEPARATOR, "/")),
                    None => miette::bail!(
                        help =
                            "copy it there first: a scenario reads only files in its own folder, below it, and the shipped ones",
                        "{shown} does not lie in the folder of the new file, or below it"
                    ),
                }
            }
        }
    }
}
