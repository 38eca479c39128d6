//! `scenario preview`: a contact sheet of a scenario.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{ArgGroup, Args, ValueHint};
use miette::IntoDiagnostic;
use perennial::authoring::preview::{html, png, sheet};
use perennial::scenario::Scenario;
use perennial::{escape, files};

use crate::cli::Answer;
use crate::cli::output::Destination;

/// Draw a contact sheet of a scenario
///
/// Each season as the camera sees it (where there is a graphics adapter) and as the robot's eye does, plants that are fine beside
/// thirsty ones with their distance, the weather of a year, the calendar, and how far the seasons conflict.
#[derive(Args, Debug)]
#[command(
    group = ArgGroup::new("destination").args(["out", "html"]).required(true).multiple(true),
    after_help = "Examples:\n  \
        perennial scenario preview my_year.toml --out my_year.png\n  \
        perennial scenario preview four_seasons --html four_seasons.html"
)]
pub(crate) struct Preview {
    /// File, or name of a shipped scenario.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: String,
    /// Picture to write, as PNG; an existing one is replaced. `-` is the standard output.
    #[arg(long, value_name = "PNG", value_hint = ValueHint::FilePath)]
    out: Option<PathBuf>,
    /// Page to write, as `.html`; an existing one is replaced. `-` is the standard output.
    #[arg(long, value_name = "HTML", value_hint = ValueHint::FilePath)]
    html: Option<PathBuf>,
    /// Leave the camera's pictures out, also where there is a graphics adapter.
    #[arg(long)]
    no_camera: bool,
}

impl Preview {
    /// Draws and writes the sheet.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        let [out, page] = [&self.out, &self.html].map(|path| path.as_deref().map(Destination::of));
        let ending = self.out.as_deref().and_then(Path::extension);
        if let Some(ending) = ending.filter(|ending| !ending.eq_ignore_ascii_case("png")) {
            miette::bail!(
                help = "give it a name that ends in .png",
                "a contact sheet is a PNG file, not a {} file",
                ending.to_string_lossy()
            );
        }
        let ending = self.html.as_deref().map(|path| path.extension().unwrap_or_default());
        let is_page = ending.is_none_or(|ending| ["html", "htm"].iter().any(|page| ending.eq_ignore_ascii_case(page)));
        if !is_page && page != Some(Destination::StandardOutput) {
            miette::bail!(
                help = "give it a name that ends in .html, or - for the standard output",
                "a page is an HTML file"
            );
        }
        self.refuse_same(&out, &page)?;
        if let Some(out) = &out {
            out.check_for_bytes()?;
        }
        if let Some(page) = &page {
            page.check()?;
        }
        let scenario = Arc::new(Scenario::load(&self.file)?.scenario);
        let pictures = if self.no_camera { Vec::new() } else { camera(&scenario)? };
        let svg = sheet(&scenario, &pictures);
        if let Some(out) = &out {
            out.write(&png(&svg).into_diagnostic()?)?;
            out.tell(&format!("wrote {out}"))?;
        }
        if let Some(page) = &page {
            page.write(html(&scenario, &svg).as_bytes())?;
            page.tell(&format!("wrote {page}"))?;
        }
        Ok(Answer::Yes)
    }
}

impl Preview {
    /// Refuses to write over what is read, or picture and page to the same place.
    fn refuse_same(&self, out: &Option<Destination>, page: &Option<Destination>) -> miette::Result<()> {
        let place = |destination: &Option<Destination>| match destination {
            Some(Destination::Path(path)) => Some(files::place(path)),
            _ => None,
        };
        let places = [place(out), place(page)];
        if out.is_some() && (out == page || (places[0].is_some() && places[0] == places[1])) {
            miette::bail!(
                help = "name two places",
                "the picture and the page cannot both be written to the same place"
            );
        }
        // Of what is no file, such as a shipped scenario, nothing can be lost.
        let sources = Scenario::source_files(Path::new(&self.file)).unwrap_or_default();
        let read: Vec<PathBuf> = sources.iter().map(|path| files::place(path)).collect();
        match places.iter().flatten().find(|place| read.contains(place)) {
            Some(place) => miette::bail!(
                help = "name another file",
                "{} is a file of this scenario, and would be replaced by its contact sheet",
                escape::path(place)
            ),
            None => Ok(()),
        }
    }
}

/// Returns a picture of each season, where there is an adapter to draw it.
#[cfg(feature = "window")]
fn camera(scenario: &Arc<Scenario>) -> miette::Result<Vec<Vec<u8>>> {
    use crate::cli::screenshot::season_pictures;
    season_pictures(scenario)
}

/// Returns no picture: this program was built without the window, and so without anything to draw with.
#[cfg(not(feature = "window"))]
fn camera(_: &Arc<Scenario>) -> miette::Result<Vec<Vec<u8>>> {
    Ok(Vec::new())
}
