//! Reloads the scenario when one of its files is edited.
//!
//! An edit changes the garden within a second. If it contains a mistake, the mistake is shown with its position and the garden continues
//! unchanged. All files that the scenario is read from are watched, wherever they are and whatever links lead to them; other events in
//! their folders are ignored.

mod watched;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};

use bevy::prelude::*;
use notify::{RecursiveMode, Watcher};

use super::editing::Editing;
use super::simulation_handle::SimulationHandle;
use super::ui_command::Words;
use crate::live::SimulationCommand;
use crate::scenario::Scenario;

/// Seconds without further events after which a file is read, because editors write a file in several steps.
const SETTLED_S: f32 = 0.15;
/// Seconds after which a file is read even if it is still being written.
const LONGEST_S: f32 = 1.0;
/// Width of error messages, in columns.
const WIDTH: usize = 90;
/// Seconds for which a notice is shown.
const NOTICE_S: f32 = 3.0;

/// The watched files of the scenario.
pub(super) struct ScenarioFiles {
    path: PathBuf,
    watcher: notify::RecommendedWatcher,
    folders: BTreeSet<PathBuf>,
    /// Paths whose events count; read by the watcher's thread.
    places: Arc<Mutex<BTreeSet<PathBuf>>>,
    edits: Receiver<PathBuf>,
    pending: Pending,
    last: Scenario,
}

/// Result of reading a scenario: the scenario, or its mistakes.
type Reading = Result<Scenario, String>;

impl ScenarioFiles {
    /// Watches the files of a scenario.
    ///
    /// # Errors
    /// The system cannot watch them.
    pub(super) fn watch(path: &Path, scenario: &Scenario) -> notify::Result<Self> {
        let (sender, edits) = channel();
        let places: Arc<Mutex<BTreeSet<PathBuf>>> = Arc::default();
        let watched = places.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // Reading a file is an event too, but not an edit.
            let Ok(event) = event else { return };
            if event.kind.is_access() {
                return;
            }
            let watched = watched.lock().unwrap_or_else(PoisonError::into_inner);
            for path in event.paths.into_iter().filter(|path| watched.contains(path)) {
                // Sending fails only when the window is closed.
                let _ = sender.send(path);
            }
        })?;
        let mut files = Self {
            path: path.to_owned(),
            watcher,
            folders: BTreeSet::new(),
            places,
            edits,
            pending: Pending::default(),
            last: scenario.clone(),
        };
        files.watch_sources()?;
        Ok(files)
    }

    /// Watches the files that the scenario is read from now: an edit may name other files, and a link may lead elsewhere.
    fn watch_sources(&mut self) -> notify::Result<()> {
        // While the scenario file is missing, the files that it named stay watched, because it may name them again.
        let Ok(sources) = Scenario::source_files(&self.path) else {
            return Ok(());
        };
        let mut places = BTreeSet::new();
        for source in sources {
            places.extend(watched::places(&source)?);
        }
        let folders: BTreeSet<PathBuf> = places.iter().filter_map(|place| place.parent()).map(Path::to_owned).collect();
        // Folders are watched paths too: a folder that is moved or removed takes its files with it.
        places.extend(folders.iter().cloned());
        *self.places.lock().unwrap_or_else(PoisonError::into_inner) = places;
        for left in self.folders.difference(&folders) {
            // The folder may no longer exist.
            let _ = self.watcher.unwatch(left);
        }
        let mut result = Ok(());
        for folder in &folders {
            // Watched again in any case: it may be another folder of the same name.
            result = result.and(self.watcher.watch(folder, RecursiveMode::NonRecursive));
        }
        self.folders = folders;
        result
    }

    /// Returns the contents of the files, if they were edited and the edit has settled.
    fn follow(&mut self, frame_s: f32) -> Option<Reading> {
        self.pending.age(frame_s);
        for path in self.edits.try_iter() {
            self.pending.touch(path);
        }
        if !self.pending.take_settled() {
            return None;
        }
        // Before reading, so that an edit during reading is one more event.
        let watched = self.watch_sources();
        let loaded = Scenario::load(&self.path.to_string_lossy());
        Some(match (loaded, watched) {
            (Ok(loaded), Ok(())) => Ok(loaded.scenario),
            (Ok(_), Err(error)) => Err(format!("the scenario's files cannot be watched any more: {error}")),
            (Err(error), _) => Err(error
                .mistakes()
                .map_or_else(|| error.to_string(), |mistakes| mistakes.render(WIDTH, false))),
        })
    }
}

/// Edits that have not settled, by file. A file that is written without end does not delay the others.
#[derive(Debug, Default)]
struct Pending(BTreeMap<PathBuf, Edit>);

#[derive(Clone, Copy, Debug, Default)]
struct Edit {
    since_first_s: f32,
    since_last_s: f32,
}

impl Pending {
    fn touch(&mut self, path: PathBuf) {
        self.0.entry(path).or_default().since_last_s = 0.0;
    }

    fn age(&mut self, frame_s: f32) {
        for edit in self.0.values_mut() {
            edit.since_first_s += frame_s;
            edit.since_last_s += frame_s;
        }
    }

    /// Removes the edits that have settled or last too long; returns `true` if there were any.
    fn take_settled(&mut self) -> bool {
        let before = self.0.len();
        self.0
            .retain(|_, edit| edit.since_last_s < SETTLED_S && edit.since_first_s < LONGEST_S);
        self.0.len() < before
    }
}

/// Checks for edits and applies them.
pub(super) fn reload_scenario(
    files: Option<NonSendMut<ScenarioFiles>>,
    time: Res<Time<Real>>,
    simulation: Res<SimulationHandle>,
    mut editing: Option<ResMut<Editing>>,
    mut words: ResMut<Words>,
) {
    let Some(mut files) = files else { return };
    let Some(read) = files.follow(time.delta_secs()) else { return };
    match read {
        Ok(scenario) => {
            // What the window itself wrote is shown already.
            let is_own = editing.as_ref().is_some_and(|editing| editing.is_as_saved(&scenario));
            // A comment changes no scenario, and still is part of the text that will be saved.
            let lost = !is_own && editing.as_mut().is_some_and(|editing| editing.follow(&scenario));
            let is_new = !is_own && scenario != files.last;
            words.edits += usize::from(words.mistakes.take().is_some() || is_new);
            if is_own {
                files.last = scenario;
            } else if is_new {
                files.last = scenario.clone();
                simulation.thread.command(SimulationCommand::Replace(Arc::new(scenario)));
            }
            if is_new || lost {
                let besides = if lost { "; changes that were not saved are gone" } else { "" };
                words.notice = Some((format!("{} was read again{besides}", files.path.display()), NOTICE_S));
            }
        }
        Err(told) if words.mistakes.as_ref() != Some(&told) => {
            words.edits += 1;
            words.mistakes = Some(told);
        }
        Err(_) => {}
    }
}

#[cfg(test)]
mod tests;
