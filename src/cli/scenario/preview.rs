//! `scenario preview`: a contact sheet of a scenario.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{ArgGroup, Args, ValueHint};
use miette::IntoDiagnostic;
use perennial::authoring::preview::{html, png, sheet};
use perennial::scenario::Scenario;

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
    /// Page to write; an existing one is replaced. `-` is the standard output.
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
