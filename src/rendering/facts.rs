//! State and performance of the window as a line of JSON, for tests and measurements.

use std::path::Path;

use bevy::prelude::*;
use serde::Serialize;

use super::camera::CameraKind;
use super::capture::Captures;
use super::frame_view::FrameView;
use super::quality::Quality;
use super::simulation_handle::SimulationHandle;
use super::ui_command::{Panels, Passing, Selected, Words};

/// State and performance of the window.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Facts {
    /// Number of ticks passed in the garden.
    pub tick: u64,
    /// Total number of ticks played.
    pub played: u64,
    /// Name of the season.
    pub season: String,
    /// Progress of the transition to the next season, in 0..1.
    pub turned: f32,
    /// Number of the garden that is shown.
    pub garden: usize,
    /// Number of the episode.
    pub episode: u64,
    /// Name of the driver.
    pub driver: String,
    /// `true` while the learner learns.
    pub learns: bool,
    /// Name of the method.
    pub method: String,
    /// Number of gradient updates so far.
    pub updates: u64,
    /// `true` if seasons follow each other by themselves.
    pub year_turns: bool,
    /// Time scale.
    pub pace: String,
    /// `true` if the simulation is paused.
    pub paused: bool,
    /// Viewpoint of the camera.
    pub camera: String,
    /// Selected object.
    pub selected: String,
    /// `true` if panels are shown.
    pub panels: bool,
    /// `true` while a film is recorded.
    pub filming: bool,
    /// Quality preset.
    pub quality: String,
    /// Number of evaluations so far.
    pub evaluations: usize,
    /// Mistakes in the scenario file.
    pub mistakes: Option<String>,
    /// Frames per second since the last moment of the tour.
    pub frames_per_s: f32,
    /// Ticks per second since the last moment of the tour.
    pub ticks_per_s: f32,
    /// Number of entities in the world of the window.
    pub entities: u32,
    /// Number of meshes.
    pub meshes: usize,
    /// Number of materials of both kinds.
    pub materials: usize,
    /// Number of images.
    pub images: usize,
    /// Resident memory of the process, in bytes; `None` if the system does not report it.
    pub resident_bytes: Option<u64>,
}

/// Measurements since the last moment of the tour.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Since {
    pub(super) seconds: f32,
    pub(super) frames: u32,
    pub(super) played: u64,
}

impl Facts {
    pub(super) fn gather(world: &World, since: Since) -> Option<Self> {
        let shown = world.get_resource::<FrameView>()?;
        let passing = world.get_resource::<Passing>()?;
        let (status, moment) = (&shown.status, shown.before.moment);
        let count = |length: Option<usize>| length.unwrap_or_default();
        let per_s = |number: f32| number / since.seconds.max(1e-3);
        let played = world.get_resource::<SimulationHandle>()?.thread.played();
        Some(Self {
            tick: shown.before.tick,
            played,
            season: shown.scenario.seasons.get(moment.season)?.name.clone(),
            turned: moment.turned,
            garden: shown.before.garden,
            episode: shown.before.episode.number,
            driver: status.driver.name().to_owned(),
            learns: status.learning.on,
            method: status.learning.method.clone(),
            updates: status.learning.ledger.updates,
            year_turns: status.year.turns,
            pace: passing.pace.name(),
            paused: passing.paused,
            camera: world.get_resource::<CameraKind>()?.name().to_owned(),
            selected: format!("{:?}", world.get_resource::<Selected>()?.0),
            panels: world.get_resource::<Panels>()?.visible,
            filming: world.get_resource::<Captures>()?.is_filming(),
            quality: world.get_resource::<Quality>()?.name().to_owned(),
            evaluations: status.evaluations.len(),
            mistakes: world.get_resource::<Words>()?.mistakes.clone(),
            frames_per_s: per_s(since.frames as f32),
            ticks_per_s: per_s(played.saturating_sub(since.played) as f32),
            entities: world.entities().count_spawned(),
            meshes: count(world.get_resource::<Assets<Mesh>>().map(Assets::len)),
            materials: count(world.get_resource::<Assets<StandardMaterial>>().map(Assets::len)),
            images: count(world.get_resource::<Assets<Image>>().map(Assets::len)),
            resident_bytes: resident_bytes(),
        })
    }

    /// Appends them to a file, as a line of JSON.
    pub(super) fn append(&self, path: &Path) -> Result<(), String> {
        let line = serde_json::to_string(self).map_err(|error| error.to_string())?;
        crate::files::append(path, &format!("{line}\n")).map_err(|error| error.why.to_string())
    }
}

/// Returns the resident memory as reported by Linux (pages of 4 KiB).
fn resident_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * 4096)
}
