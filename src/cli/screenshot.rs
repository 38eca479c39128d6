//! `screenshot`: a picture of a season, without any display.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use perennial::agent::drivers::ReferenceDriver;
use perennial::live::{DriverKind, Programme, Session, SessionSettings, Simulation, SimulationCommand};
use perennial::rendering::camera::CameraKind;
use perennial::rendering::quality::Quality;
use perennial::rendering::{self, FrameView, PictureFormat, PictureSettings};
use perennial::scenario::{DEFAULT_SCENARIO, Scenario};
use perennial::training::RunConfig;

use super::Answer;
use super::arguments;
use super::engine;
use super::output::{Destination, note};
use super::watch::{camera, quality, size};

/// Draw a picture of a garden, without a display
///
/// The scripted gardener tends the garden first, so that some plants are thirsty and some are not.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    perennial screenshot --season winter --out winter.png\n  \
    perennial screenshot --scenario my_garden.toml --season summer --camera follow --size 1920x1080 --out summer.png")]
pub(crate) struct Screenshot {
    /// File to write: PNG, JPEG or WebP, by its extension. An existing one is replaced.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: PathBuf,
    /// Scenario: a file, or the name of a shipped one.
    #[arg(long, value_name = "FILE", default_value = DEFAULT_SCENARIO, value_hint = ValueHint::FilePath)]
    scenario: String,
    /// Season; the first one if not given.
    #[arg(long, value_name = "NAME")]
    season: Option<String>,
    /// Random seed.
    #[arg(long, value_name = "N", default_value = "0", value_parser = arguments::seed)]
    seed: u64,
    /// Decisions that the gardener takes before the picture.
    #[arg(long, value_name = "N", default_value = "60", value_parser = arguments::decisions)]
    decisions: u64,
    /// Camera.
    #[arg(long, value_parser = camera(), default_value = "orbit")]
    camera: CameraKind,
    /// Graphics quality; chosen by the kind of graphics adapter if not given.
    #[arg(long, value_parser = quality())]
    quality: Option<Quality>,
    /// Size of the picture, in pixels.
    #[arg(long, value_name = "WxH", default_value = "1280x720", value_parser = size)]
    size: (u32, u32),
}

impl Screenshot {
    /// Tends the garden and draws it.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        // Everything that can be wrong with the file is said before anything is drawn.
        let out = Destination::of(&self.out);
        let path = match &out {
            Destination::StandardOutput => Path::new("/dev/stdout"),
            Destination::Path(path) => path,
        };
        let picture_error = |reason| rendering::RenderingError::Picture {
            path: path.to_owned(),
            reason,
        };
        if out != Destination::StandardOutput {
            PictureFormat::of(path).map_err(picture_error)?;
        }
        // A folder that is missing is made.
        if path
            .parent()
            .is_none_or(|folder| folder.as_os_str().is_empty() || folder.exists())
        {
            out.check_for_bytes()?;
        }
        let picture = PictureSettings {
            size: self.size,
            quality: self.quality,
            camera: self.camera,
            last_words: super::exit::last_words,
        };
        rendering::picture(self.shown()?, &picture, path)?;
        out.tell(&format!("{out}: {} x {} pixels", self.size.0, self.size.1))?;
        Ok(Answer::Yes)
    }

    fn shown(&self) -> miette::Result<FrameView> {
        let scenario = engine::load_scenario(&self.scenario)?;
        let season = match &self.season {
            Some(name) => engine::season_number(&scenario, name)?,
            None => 0,
        };
        tended(scenario, season, self.seed, self.decisions)
    }
}

/// Returns a garden that the scripted gardener has tended for some decisions.
fn tended(scenario: Scenario, season: usize, seed: u64, decisions: u64) -> miette::Result<FrameView> {
    let mut session = Session::new(SessionSettings {
        config: RunConfig {
            gardens: 1,
            seed,
            method: "finetune".to_owned(),
            ..RunConfig::new(scenario)
        },
        policy: None,
        learn: false,
        year_turns: false,
        season,
        programme: Programme::Live,
        overlapped: false,
        evaluate: false,
        curve: Vec::new(),
        evaluations: Vec::new(),
        earlier: Vec::new(),
    })?;
    session.command(SimulationCommand::Drive(DriverKind::Reference(ReferenceDriver::Gardener)));
    for _ in 1..decisions {
        session.tick();
    }
    let before = session.view();
    session.tick();
    let (before, after) = before.zip(session.view()).ok_or(rendering::RenderingError::NothingToShow)?;
    Ok(FrameView::between(before, after, 0.5, session.status()))
}

/// Returns a small picture of each season, as PNG; none where there is no graphics adapter.
pub(crate) fn season_pictures(scenario: &Scenario) -> miette::Result<Vec<Vec<u8>>> {
    let seasons = 0..scenario.seasons.len();
    let shown: miette::Result<Vec<FrameView>> = seasons.map(|season| tended(scenario.clone(), season, 0, 60)).collect();
    let settings = PictureSettings {
        size: (640, 360),
        quality: Some(Quality::Low),
        camera: CameraKind::Orbit,
        last_words: super::exit::last_words,
    };
    match rendering::pictures(shown?, &settings) {
        Ok(pictures) => Ok(pictures),
        Err(rendering::RenderingError::NoAdapter) => {
            note("there is no graphics adapter: the seasons are drawn without the camera");
            Ok(Vec::new())
        }
        Err(error) => Err(error.into()),
    }
}
