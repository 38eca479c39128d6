//! Reads the scenario again when its file was edited.
//!
//! An edited file changes the garden within a second. A mistake in it is shown with its place, and the garden goes on as it was.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use bevy::prelude::*;
use notify::{RecursiveMode, Watcher};

use super::simulation_handle::SimulationHandle;
use super::ui_command::Words;
use crate::live::SimulationCommand;
use crate::scenario::Scenario;

/// An editor writes a file in several steps: wait so long for the last of them, in seconds.
const SETTLED_S: f32 = 0.15;
/// Columns that mistakes are drawn in.
const WIDTH: usize = 90;
/// Seconds that a notice is shown.
const NOTICE_S: f32 = 3.0;

/// The scenario's file, watched.
pub(super) struct ScenarioFile {
    path: PathBuf,
    // Kept so that it goes on watching.
    _watcher: notify::RecommendedWatcher,
    edits: Receiver<()>,
    since_s: Option<f32>,
    last: Scenario,
}

impl ScenarioFile {
    /// Watches a scenario's file and the folders beside it, where its seasons may lie.
    ///
    /// # Errors
    /// The system cannot watch it.
    pub(super) fn watch(path: &Path, scenario: &Scenario) -> notify::Result<Self> {
        let (sender, edits) = channel();
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let read_only = event.as_ref().is_ok_and(|event| event.kind.is_access());
            if !read_only {
                // Nobody listens any more only if the window is closed.
                let _ = sender.send(());
            }
        })?;
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        watcher.watch(&folder, RecursiveMode::NonRecursive)?;
        for entry in std::fs::read_dir(&folder)?.flatten().filter(|entry| entry.path().is_dir()) {
            // A folder that cannot be watched holds no season that could be read.
            let _ = watcher.watch(&entry.path(), RecursiveMode::NonRecursive);
        }
        Ok(Self {
            path: path.to_owned(),
            _watcher: watcher,
            edits,
            since_s: None,
            last: scenario.clone(),
        })
    }
}

/// Looks for edits and takes them over.
pub(super) fn reload_scenario(
    file: Option<NonSendMut<ScenarioFile>>,
    time: Res<Time<Real>>,
    simulation: Res<SimulationHandle>,
    mut words: ResMut<Words>,
) {
    let Some(mut file) = file else { return };
    if file.edits.try_iter().count() > 0 {
        file.since_s = Some(0.0);
    }
    let Some(since_s) = &mut file.since_s else { return };
    *since_s += time.delta_secs();
    if *since_s < SETTLED_S {
        return;
    }
    file.since_s = None;
    match Scenario::load(&file.path.to_string_lossy()) {
        Ok(loaded) => {
            words.mistakes = None;
            if loaded.scenario != file.last {
                file.last = loaded.scenario.clone();
                simulation.stage.order(SimulationCommand::Replace(Arc::new(loaded.scenario)));
                words.notice = Some((format!("{} was read again", file.path.display()), NOTICE_S));
            }
        }
        Err(error) => {
            let told = error
                .mistakes()
                .map_or_else(|| error.to_string(), |mistakes| mistakes.render(WIDTH, false));
            words.mistakes = Some(told);
        }
    }
}
