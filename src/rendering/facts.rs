//! Facts of the window, as a line of JSON: what is shown, and what it costs. For tests, and for who measures.

use std::path::Path;

use bevy::prelude::*;
use serde::Serialize;

use super::camera::CameraKind;
use super::capture::Captures;
use super::frame_view::FrameView;
use super::quality::Quality;
use super::simulation_handle::SimulationHandle;
use super::ui_command::{Panels, Passing, Selected, Words};

/// What is shown, and what it costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Facts {
    /// Ticks that have passed in the garden.
    pub tick: u64,
    /// Ticks that were played in all.
    pub played: u64,
    /// Name of the season.
    pub season: String,
    /// How far it has turned into the next, in 0..1.
    pub turned: f32,
    /// The garden that is shown.
    pub garden: usize,
    /// Number of the episode.
    pub episode: u64,
    /// Who drives.
    pub driver: String,
    /// Whether it learns.
    pub learns: bool,
    /// The method.
    pub method: String,
    /// Gradient updates so far.
    pub updates: u64,
    /// Whether the year turns by itself.
    pub year_turns: bool,
    /// How fast time passes.
    pub pace: String,
    /// Whether it stands.
    pub paused: bool,
    /// Where it is looked at from.
    pub camera: String,
    /// What is looked at closely.
    pub selected: String,
    /// Whether panels are shown.
    pub panels: bool,
    /// Whether a film is being made.
    pub filming: bool,
    /// How much is drawn.
    pub quality: String,
    /// Evaluations so far.
    pub evaluations: usize,
    /// What is wrong in the scenario's file.
    pub mistakes: Option<String>,
    /// Frames a second since the last moment of the tour.
    pub frames_per_s: f32,
    /// Ticks a second since the last moment of the tour.
    pub ticks_per_s: f32,
    /// Entities of the window.
    pub entities: u32,
    /// Meshes, materials of both kinds, and images.
    pub meshes: usize,
    /// See [`meshes`](Self::meshes).
    pub materials: usize,
    /// See [`meshes`](Self::meshes).
    pub images: usize,
    /// Memory that the program holds, in bytes; none where the system does not tell.
    pub resident_bytes: Option<u64>,
}

/// What a tour has measured since its last moment.
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
        let played = world.get_resource::<SimulationHandle>()?.stage.played();
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

/// Memory that the program holds, as Linux tells it (4 KiB pages).
fn resident_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * 4096)
}
