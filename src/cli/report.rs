//! `report`: finished runs as one page for people.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use perennial::report::{DEFAULT_BASELINE, Document, Inserted, collect, csv_files, html, insert, markdown, svg_files};
use perennial::training::run_folder::write_atomically;

use super::output::{note, print};
use super::{Answer, arguments};

/// Make one page of finished runs: tables, figures, commands
///
/// Finds all runs below the folders and puts them into one HTML file that needs neither network nor scripts. Runs that differ in more than
/// method and seed get sections of their own and are never averaged together; runs that cannot be used are named with the reason.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    perennial report runs --out report.html\n  \
    perennial report runs more/runs --out report.html --markdown report.md --csv tables\n  \
    perennial report runs --out report.html --baseline finetune\n  \
    perennial report runs --out report.html --into notes.md\n\n\
    A place for a table in a Markdown text names table, section and columns as the report calls them:\n\n  \
    <!-- report\n  \
    table = \"overall\"\n  \
    section = \"four seasons, dqn, 60,000 decisions a season\"\n  \
    columns = [\"method\", \"average performance\"]\n  \
    only = { method = [\"replay\", \"finetune\"] }\n  \
    -->\n  \
    <!-- end -->\n\n\
    `columns` and `only` may be left away. For a picture: picture, number, section, file and words.")]
pub(crate) struct Report {
    /// Folders of runs, or folders that hold some, at any depth.
    #[arg(value_name = "DIR", required = true, value_hint = ValueHint::DirPath)]
    folders: Vec<PathBuf>,
    /// The page to write.
    #[arg(long, value_name = "FILE.html", value_hint = ValueHint::FilePath)]
    out: PathBuf,
    /// Write the same tables as Markdown, too.
    #[arg(long, value_name = "FILE.md", value_hint = ValueHint::FilePath)]
    markdown: Option<PathBuf>,
    /// Write the same tables as CSV files into this folder, too.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    csv: Option<PathBuf>,
    /// Write each picture as an SVG file into this folder, too.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    figures: Option<PathBuf>,
    /// Put tables and pictures into this Markdown text, where it says which belong (see below); may be given several times.
    #[arg(long, value_name = "FILE.md", value_hint = ValueHint::FilePath)]
    into: Vec<PathBuf>,
    /// The method that the others are compared with; `replay` if not given.
    #[arg(long, value_name = "METHOD", value_parser = arguments::method)]
    baseline: Option<String>,
}

impl Report {
    /// Reads the runs, and writes what was asked for.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        let baseline = self.baseline.as_deref().unwrap_or(DEFAULT_BASELINE);
        let document = Document::new(collect(&self.folders)?, baseline, self.baseline.is_some())?;
        for omission in &document.omissions {
            note(&format!("left out {}: {}", omission.path.display(), omission.reason));
        }
        // All texts are filled before anything is written: a mistake in one leaves everything as it was.
        let filled: Vec<(&PathBuf, Inserted)> = self
            .into
            .iter()
            .map(|path| Ok((path, filled(&document, path)?)))
            .collect::<miette::Result<_>>()?;
        write(&self.out, &html(&document))?;
        if let Some(path) = &self.markdown {
            write(path, &markdown(&document))?;
        }
        for (folder, files) in [
            (&self.csv, csv_files as fn(&Document) -> Vec<(String, String)>),
            (&self.figures, svg_files),
        ] {
            let Some(folder) = folder else { continue };
            fs::create_dir_all(folder)
                .map_err(|error| miette::miette!("could not make the folder {}: {error}", folder.display()))?;
            for (name, text) in files(&document) {
                write(&folder.join(name), &text)?;
            }
        }
        for (path, inserted) in filled {
            let folder = path.parent().unwrap_or(Path::new(""));
            for (file, picture) in &inserted.pictures {
                make_folder_of(&folder.join(file))?;
                write(&folder.join(file), picture)?;
            }
            write(path, &inserted.text)?;
            note(&format!("{}: {} places filled", path.display(), inserted.places));
        }
        print(&format!("{}: {}", self.out.display(), document.summary))?;
        Ok(Answer::Yes)
    }
}

fn filled(document: &Document, path: &Path) -> miette::Result<Inserted> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| miette::miette!("cannot read {name}: {error}"))?;
    let inserted = insert(document, &name, &text)?;
    if inserted.places == 0 {
        note(&format!("{name} has no place for a table or a picture"));
    }
    Ok(inserted)
}

fn make_folder_of(path: &Path) -> miette::Result<()> {
    let Some(folder) = path.parent() else { return Ok(()) };
    fs::create_dir_all(folder).map_err(|error| miette::miette!("could not make the folder {}: {error}", folder.display()))
}

fn write(path: &Path, text: &str) -> miette::Result<()> {
    Ok(write_atomically(path, |file| file.write_all(text.as_bytes()))?)
}
