//! `scenario new`: a new file that already runs.

use std::path::{Path, PathBuf};

use clap::Args;
use perennial::authoring::editor::FileKind;
use perennial::authoring::template::new_file;
use perennial::files;
use perennial::scenario::{Described, ScenarioDocument};

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
    /// Replace a file of this name.
    #[arg(long)]
    force: bool,
}

/// Writes a new file, and beside it the schema that it names.
pub(crate) fn write_new(file: &Path, kind: FileKind, name: &str, from: Option<&str>) -> miette::Result<()> {
    let schema = file.with_file_name(kind.schema_file());
    files::check_writable(&schema)?;
    let text = new_file(kind, name, from);
    files::write(file, |output| output.write_all(text.as_bytes()))?;
    files::write(&schema, |output| output.write_all(kind.schema_text().as_bytes()))?;
    Ok(())
}

impl New {
    /// Writes the file and its schema.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        let file = match self.name.extension() {
            Some(extension) if extension == "toml" => self.name.clone(),
            _ => {
                let mut name = self.name.clone().into_os_string();
                name.push(".toml");
                PathBuf::from(name)
            }
        };
        let kind = if self.season { FileKind::Season } else { FileKind::Scenario };
        let name = file.file_stem().map(|stem| stem.to_string_lossy().replace(['_', '-'], " "));
        let Some(name) = name.filter(|name| !name.trim().is_empty()) else {
            miette::bail!(help = "for instance: perennial scenario new my_year", "the file has no name");
        };
        if !self.force && std::fs::symlink_metadata(&file).is_ok() {
            miette::bail!(
                help = "choose another name, or replace it with --force",
                "{} exists already",
                perennial::escape::path(&file)
            );
        }
        let from = self
            .from
            .as_deref()
            .map(|from| self.extended(from, &file, kind))
            .transpose()?;
        write_new(&file, kind, name.trim(), from.as_deref())?;
        let shown = perennial::escape::path(&file);
        let next = match kind {
            FileKind::Scenario => format!("perennial train --scenario {}", quoted(&file.to_string_lossy())),
            FileKind::Season => format!("perennial scenario check {}", quoted(&file.to_string_lossy())),
        };
        print(&format!(
            "wrote {shown}, and {} for editors\nnext: {next}",
            kind.schema_file()
        ))?;
        Ok(Answer::Yes)
    }

    /// Returns the path under which the new file finds the one that it extends.
    fn extended(&self, from: &str, file: &Path, kind: FileKind) -> miette::Result<String> {
        let document = ScenarioDocument::load(from)?;
        let is_season = matches!(document.described, Described::Season(_));
        if is_season != (kind == FileKind::Season) {
            let (is, help) = if is_season {
                ("a season", "add --season, or name a garden")
            } else {
                ("a garden with its year", "leave --season out, or name a season")
            };
            miette::bail!(help = help, "{from} is {is}");
        }
        match &document.origin {
            perennial::scenario::Origin::Shipped(name) => Ok(format!("{name}.toml")),
            perennial::scenario::Origin::File(path) => {
                let folder = file.parent().unwrap_or(Path::new(""));
                let inside = path.strip_prefix(folder).ok().filter(|inside| inside.is_relative());
                match inside {
                    Some(inside) => Ok(inside.to_string_lossy().replace('\\', "/")),
                    None => miette::bail!(
                        help =
                            "copy it there first: a scenario reads only files in its own folder, below it, and the shipped ones",
                        "{from} does not lie in the folder of the new file, or below it"
                    ),
                }
            }
        }
    }
}
