//! Tours: sequences of moments that the window executes by itself.
//!
//! Time never passes beyond the tick that a moment waits for, at any pace and at any frame rate. A tour therefore shows the same garden on
//! every machine. Time does not pass before the first complete frame either, because shaders take a while to compile. A moment begins
//! when the commands of the last one are done, and its picture is taken when it is complete.
//!
//! A tour is a TOML file with a list of `[[moment]]`s. Each waits for its time, then does what it says, in the order of the table
//! below. The pictures of the README, the tests of the window and the introduction of `watch` are tours.
//!
//! | key | effect |
//! |---|---|
//! | `after_s`, `after_ticks`, `after_frames` | waits for this many seconds, ticks or frames since the last moment |
//! | `at_tick`, `after_evaluations`, `after_edits` | waits for this tick, for this many evaluations in all, for this many edits of the scenario's files since the last moment |
//! | `season`, `turn_into` + `over_ticks` | jumps to a season, or turns into it |
//! | `pace` (`"4x"`, `"free"`), `pause` | sets the pace, pauses or continues |
//! | `earlier`, `beside` | lets the network that was there at the end of a season drive; puts a twin of the garden beside it |
//! | `year_turns`, `driver`, `learn`, `method`, `garden`, `reset` | as in the controls |
//! | `camera`, `orbit` (yaw, pitch in degrees, distance), `panels`, `help`, `select` | changes the view |
//! | `caption` | shows a caption over the garden; empty for none |
//! | `film` | begins to write a numbered picture fifteen times a second, or stops |
//! | `screenshot`, `hashes`, `facts` | writes a picture of the window, tick and state hash of every tick so far, or a line of [facts](super::facts) |
//! | `quit` | closes the window, after the picture of the same moment |

mod following;

use std::path::PathBuf;

use serde::Deserialize;

pub use following::Touring;
pub(super) use following::{follow_tour, write_facts};

use super::camera::CameraKind;
use super::hud::PANELS;
use super::picture_format::PictureFormat;
use super::ui_command::{Selection, TimeScale};
use crate::live::DriverKind;

/// A sequence of moments that the window executes by itself.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tour {
    /// Its moments, in order.
    #[serde(default, rename = "moment")]
    pub moments: Vec<TourMoment>,
}

/// A moment of a tour: a condition, and what happens then.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TourMoment {
    /// Seconds since the last moment.
    pub after_s: Option<f32>,
    /// Ticks since the last moment.
    pub after_ticks: Option<u64>,
    /// Frames since the last moment.
    pub after_frames: Option<u32>,
    /// Effective edits of the scenario's files since the last moment.
    pub after_edits: Option<usize>,
    /// Tick, counted from the beginning.
    pub at_tick: Option<u64>,
    /// Number of evaluations in all.
    pub after_evaluations: Option<usize>,
    /// Name of a season to jump to.
    pub season: Option<String>,
    /// Name of a season to turn into.
    pub turn_into: Option<String>,
    /// Number of ticks that turning takes.
    pub over_ticks: Option<u64>,
    /// Pace: `"0.5x"`, `"16x"`, `"free"`.
    pub pace: Option<String>,
    /// `true` to pause, `false` to continue.
    pub pause: Option<bool>,
    /// `true` if the seasons follow each other by themselves.
    pub year_turns: Option<bool>,
    /// Driver: `policy`, `gardener`, `planner`, `random` or `manual`.
    pub driver: Option<String>,
    /// Earlier network that drives: the newest one from the end of the season of this name.
    pub earlier: Option<String>,
    /// Driver of a twin of the shown garden beside it: a driver, a season as in `earlier`, or `nothing`.
    pub beside: Option<String>,
    /// `true` to learn, `false` to act only.
    pub learn: Option<bool>,
    /// Name of the method to learn with from now on.
    pub method: Option<String>,
    /// Index of the garden shown, from 0.
    pub garden: Option<usize>,
    /// `true` to restart everything.
    pub reset: bool,
    /// Camera: `orbit`, `follow`, `above` or `eye`.
    pub camera: Option<String>,
    /// Orbit: yaw and pitch in degrees, and distance in side lengths of the garden.
    pub orbit: Option<(f32, f32, f32)>,
    /// Open panels: `["all"]`, `[]`, or names of panels.
    pub panels: Option<Vec<String>>,
    /// `true` to show the list of keys.
    pub help: Option<bool>,
    /// Selection: `robot`, `nothing`, or the number of a plant.
    pub select: Option<String>,
    /// Caption over the garden.
    pub caption: Option<String>,
    /// `true` to begin a series of pictures, `false` to end it.
    pub film: Option<bool>,
    /// File for a picture of the window.
    pub screenshot: Option<PathBuf>,
    /// File for tick and state hash of every tick so far.
    pub hashes: Option<PathBuf>,
    /// File to which a line of facts is appended: the state shown, and its cost.
    pub facts: Option<PathBuf>,
    /// `true` to close the window.
    pub quit: bool,
}

/// Reasons why a tour cannot be followed.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum TourError {
    /// The text is not valid.
    #[error("the tour is not written as it should be:\n{0}")]
    Text(String),
    /// A moment names something that does not exist.
    #[error("moment {number} of the tour: there is no {what} `{name}`")]
    #[diagnostic(help("{known}"))]
    Unknown {
        /// Number of the moment, from 1.
        number: usize,
        /// Kind of the thing: a season, a camera...
        what: &'static str,
        /// The wrong name.
        name: String,
        /// Names that exist.
        known: String,
    },
}

impl Tour {
    /// Parses a tour, for a scenario with these seasons.
    ///
    /// # Errors
    /// The text is not valid, or a moment names something that does not exist.
    pub fn parse(text: &str, seasons: &[String]) -> Result<Self, TourError> {
        let tour: Self = toml::from_str(text).map_err(|error| TourError::Text(error.to_string()))?;
        for (index, moment) in tour.moments.iter().enumerate() {
            let check = |what, name: &Option<String>, known: &[&str], is_known: bool| match name {
                Some(name) if !is_known => Err(TourError::Unknown {
                    number: index + 1,
                    what,
                    name: name.clone(),
                    known: format!("there are {}", known.join(", ")),
                }),
                _ => Ok(()),
            };
            let seasons: Vec<&str> = seasons.iter().map(String::as_str).collect();
            let drivers: Vec<&str> = DriverKind::CHOICES.iter().map(|driver| driver.name()).collect();
            let halves: Vec<&str> = seasons.iter().chain(&drivers).copied().chain(["nothing"]).collect();
            let known = moment.beside.as_deref().is_none_or(|name| halves.contains(&name));
            check("driver of a twin", &moment.beside, &halves, known)?;
            for season in [&moment.season, &moment.turn_into, &moment.earlier] {
                let known = season.as_deref().is_none_or(|name| seasons.contains(&name));
                check("season", season, &seasons, known)?;
            }
            let known = moment.pace.as_deref().is_none_or(|text| pace(text).is_some());
            check("pace", &moment.pace, &["0.25x to 64x", "free"], known)?;
            let known = moment.driver.as_deref().is_none_or(|name| drivers.contains(&name));
            check("driver", &moment.driver, &drivers, known)?;
            let known = moment.camera.as_deref().is_none_or(|name| CameraKind::named(name).is_some());
            check("camera", &moment.camera, &CameraKind::ALL.map(CameraKind::name), known)?;
            let known = moment.select.as_deref().is_none_or(|name| selection(name).is_some());
            check(
                "thing to select",
                &moment.select,
                &["robot", "nothing", "the number of a plant"],
                known,
            )?;
            for name in moment.panels.iter().flatten() {
                let known: Vec<&str> = PANELS.iter().map(|panel| panel.name).chain(["all"]).collect();
                check("panel", &Some(name.clone()), &known, known.contains(&name.as_str()))?;
            }
            if let Some(picture) = &moment.screenshot {
                let name = Some(picture.display().to_string());
                let known = PictureFormat::of(picture).is_ok();
                check("kind of picture for", &name, &[".png", ".jpg", ".jpeg", ".webp"], known)?;
            }
            if let Some(method) = &moment.method {
                let known: Vec<&str> = crate::learner::METHODS.iter().map(|method| method.name).collect();
                check("method", &moment.method, &known, crate::learner::plan(method).is_ok())?;
            }
        }
        Ok(tour)
    }
}

/// Parses a pace: `"16x"` or `"free"`.
pub fn pace(text: &str) -> Option<TimeScale> {
    if text == "free" {
        return Some(TimeScale::Free);
    }
    let times: f32 = text.strip_suffix('x').unwrap_or(text).parse().ok()?;
    (0.25..=64.0).contains(&times).then_some(TimeScale::Times(times))
}

fn selection(name: &str) -> Option<Option<Selection>> {
    match name {
        "robot" => Some(Some(Selection::Robot)),
        "nothing" => Some(None),
        number => number.parse().ok().map(|number| Some(Selection::Plant(number))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seasons() -> Vec<String> {
        ["spring", "summer"].map(str::to_owned).to_vec()
    }

    #[test]
    fn a_tour_says_what_it_means() {
        let tour = Tour::parse(
            "[[moment]]\nafter_s = 1.5\nturn_into = \"summer\"\npace = \"16x\"\npanels = [\"eye\"]\n[[moment]]\nquit = true",
            &seasons(),
        )
        .unwrap();
        assert_eq!(tour.moments.len(), 2);
        assert_eq!(tour.moments[0].turn_into.as_deref(), Some("summer"));
        assert!(tour.moments[1].quit);
    }

    #[test]
    fn what_does_not_exist_is_named_with_what_does() {
        for (line, wrong) in [
            ("season = \"sumer\"", "season `sumer`"),
            ("pace = \"128x\"", "pace `128x`"),
            ("camera = \"side\"", "camera `side`"),
            ("driver = \"me\"", "driver `me`"),
            ("earlier = \"sumer\"", "season `sumer`"),
            ("beside = \"sumer\"", "driver of a twin `sumer`"),
            ("panels = [\"eyes\"]", "panel `eyes`"),
            ("method = \"repaly\"", "method `repaly`"),
            ("select = \"wall\"", "thing to select `wall`"),
        ] {
            let error = Tour::parse(&format!("[[moment]]\n{line}"), &seasons()).unwrap_err();
            assert!(error.to_string().contains(wrong), "{error}");
        }
        let error = Tour::parse("[[moment]]\nsesaon = \"summer\"", &seasons())
            .unwrap_err()
            .to_string();
        assert!(error.contains("line 2") && error.contains("sesaon"), "{error}");
    }
}
