//! `report`: a page about finished runs.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use perennial::escape;
use perennial::files::{create_folder, is_standard_input, read_text};
use perennial::report::{DEFAULT_BASELINE, Document, Inserted, archive, collect, csv_files, html, insert, markdown, svg_files};

use super::output::{Destination, note, print};
use super::{Answer, arguments};

/// Make a report of finished runs: tables, figures, commands
///
/// Finds all finished runs in the folders or archives and writes one HTML file that needs neither network nor scripts. Runs that differ in more
/// than method and seed are put into separate sections and never averaged together. Runs that cannot be used are listed with the
/// reason.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    perennial report runs --out report.html\n  \
    perennial report runs more/runs --out report.html --markdown report.md --csv tables\n  \
    perennial report runs --out report.html --baseline finetune\n  \
    perennial report runs --out report.html --into notes.md\n  \
    perennial report runs --out report.html --archive study.json.gz\n  \
    perennial report study.json.gz --out report.html\n\n\
    A placeholder in a Markdown file names table, section and columns as in the report:\n\n  \
    <!-- report\n  \
    table = \"overall\"\n  \
    section = \"four seasons, dqn, 60,000 decisions a season\"\n  \
    columns = [\"method\", \"average performance\"]\n  \
    only = { method = [\"replay\", \"finetune\"] }\n  \
    -->\n  \
    <!-- end -->\n\n\
    `columns` and `only` are optional. A placeholder for a picture has picture, number, section, file and words; one for the words of \
    a figure has text and section. What is over all sections (gardens, forecast, settings) is named without a section.")]
pub(crate) struct Report {
    /// Folders that contain runs, at any depth, or archives that `--archive` wrote.
    #[arg(value_name = "DIR|FILE.json.gz", required = true, value_hint = ValueHint::AnyPath)]
    folders: Vec<PathBuf>,
    /// Page to write. `-` is the standard output.
    #[arg(long, value_name = "FILE.html", value_hint = ValueHint::FilePath)]
    out: PathBuf,
    /// Also write the tables as Markdown to this file. `-` is the standard output.
    #[arg(long, value_name = "FILE.md", value_hint = ValueHint::FilePath)]
    markdown: Option<PathBuf>,
    /// Also write the tables as CSV files to this folder.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    csv: Option<PathBuf>,
    /// Also write the figures as SVG files to this folder.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    figures: Option<PathBuf>,
    /// Also write everything that a report needs of these runs to one small file, from which the same report can be made again.
    #[arg(long, value_name = "FILE.json.gz", value_hint = ValueHint::FilePath)]
    archive: Option<PathBuf>,
    /// Fill the placeholders in this Markdown file with tables and pictures (see below); may be repeated. `-` reads the standard input
    /// and writes to the standard output.
    #[arg(long, value_name = "FILE.md", value_hint = ValueHint::FilePath)]
    into: Vec<PathBuf>,
    /// Method that the others are compared with; `replay` if not given.
    #[arg(long, value_name = "METHOD", value_parser = arguments::method)]
    baseline: Option<String>,
}

impl Report {
    /// Reads the runs, and writes what was asked for.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        let out = Destination::of(&self.out);
        let markdown_out = self.markdown.as_deref().map(Destination::of);
        let into: Vec<Destination> = self.into.iter().map(|path| filled_into(path)).collect::<Result<_, _>>()?;
        let archive_out = self.archive.as_deref().map(Destination::of);
        let texts: Vec<&Destination> = std::iter::once(&out)
            .chain(&markdown_out)
            .chain(&archive_out)
            .chain(&into)
            .collect();
        if texts.iter().filter(|text| ***text == Destination::StandardOutput).count() > 1 {
            miette::bail!("only one text can be written to the standard output: name files for the others");
        }
        // Devices such as the null device take several texts.
        let is_file = |text: &Destination| matches!(text, Destination::Path(path) if path.is_file() || !path.exists());
        let twice = texts
            .iter()
            .enumerate()
            .find(|(number, text)| is_file(text) && texts[..*number].contains(text));
        if let Some((_, text)) = twice {
            miette::bail!("two texts would be written to {text}: name another file for one of them");
        }
        let baseline = self.baseline.as_deref().unwrap_or(DEFAULT_BASELINE);
        let document = Document::new(collect(&self.folders)?, baseline, self.baseline.is_some())?;
        for omission in &document.omissions {
            note(&format!(
                "left out {}: {}",
                escape::path(&omission.path),
                escape::terminal(&omission.reason)
            ));
        }
        // All texts are filled before anything is written: a mistake in one leaves everything as it was.
        let filled: Vec<Inserted> = self
            .into
            .iter()
            .map(|path| filled(&document, path))
            .collect::<miette::Result<_>>()?;
        texts.iter().try_for_each(|text| text.check())?;
        archive_out.iter().try_for_each(Destination::check_for_bytes)?;
        out.write(html(&document).as_bytes())?;
        if let Some(markdown_out) = &markdown_out {
            markdown_out.write(markdown(&document).as_bytes())?;
        }
        if let Some(archive_out) = &archive_out {
            archive_out.write(&archive(&document)?)?;
        }
        for (folder, files) in [
            (&self.csv, csv_files as fn(&Document) -> Vec<(String, String)>),
            (&self.figures, svg_files),
        ] {
            let Some(folder) = folder else { continue };
            create_folder(folder)?;
            for (name, text) in files(&document) {
                write(&folder.join(name), &text)?;
            }
        }
        for ((path, destination), inserted) in self.into.iter().zip(&into).zip(filled) {
            let folder = path.parent().unwrap_or(Path::new(""));
            for (file, picture) in &inserted.pictures {
                let file = folder.join(file);
                if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                    create_folder(folder)?;
                }
                write(&file, picture)?;
            }
            destination.write(inserted.text.as_bytes())?;
            note(&format!("{destination}: {} places filled", inserted.places));
        }
        let done = format!("{out}: {}", document.summary);
        if texts.contains(&&Destination::StandardOutput) {
            note(&done);
        } else {
            print(&done)?;
        }
        Ok(Answer::Yes)
    }
}

/// The place where a text is written that was read from `path`: the same file, or the standard output for the standard input.
fn filled_into(path: &Path) -> miette::Result<Destination> {
    if is_standard_input(path) {
        return Ok(Destination::StandardOutput);
    }
    // What has been read from a pipe cannot be put back into it.
    if std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        miette::bail!(
            help = "`--into -` reads the standard input and writes the filled text to the standard output",
            "{} cannot be filled: it is not a regular file",
            escape::path(path)
        );
    }
    Ok(Destination::Path(path.to_owned()))
}

fn filled(document: &Document, path: &Path) -> miette::Result<Inserted> {
    let text = read_text(path)?;
    let name = if is_standard_input(path) {
        "the standard input".to_owned()
    } else {
        escape::path(path)
    };
    let inserted = insert(document, &name, &text)?;
    if inserted.places == 0 {
        miette::bail!(
            help = "a place begins with the line `<!-- report` and ends with `<!-- end -->`; `perennial report --help` shows one",
            "{name} has no place for a table or a picture"
        );
    }
    Ok(inserted)
}

fn write(path: &Path, text: &str) -> miette::Result<()> {
    Destination::Path(path.to_owned()).write(text.as_bytes())
}
