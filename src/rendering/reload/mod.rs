//! Reads the scenario again when one of its files was edited.
//!
//! An edit changes the garden within a second. A mistake in it is shown with its place, and the garden goes on as it was. Watched are
//! all files that the scenario is read from, wherever they lie and whatever links lead to them; what else happens in their folders
//! is of no account.

mod watched;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};

use bevy::prelude::*;
use notify::{RecursiveMode, Watcher};

use super::simulation_handle::SimulationHandle;
use super::ui_command::Words;
use crate::live::SimulationCommand;
use crate::scenario::Scenario;

/// An editor writes a file in several steps: a file is read when none followed for so long, in seconds.
const SETTLED_S: f32 = 0.15;
/// A file that is written on and on is read all the same after so long, in seconds.
const LONGEST_S: f32 = 1.0;
/// Columns that mistakes are drawn in.
const WIDTH: usize = 90;
/// Seconds that a notice is shown.
const NOTICE_S: f32 = 3.0;

/// The files of the scenario, watched.
pub(super) struct ScenarioFiles {
    path: PathBuf,
    watcher: notify::RecommendedWatcher,
    folders: BTreeSet<PathBuf>,
    /// What an event must be about to count; the watcher's thread reads it.
    places: Arc<Mutex<BTreeSet<PathBuf>>>,
    edits: Receiver<PathBuf>,
    pending: Pending,
    last: Scenario,
}

/// Reading a scenario again: the scenario, or what is wrong with it.
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
            // Reading a file is an event too, and no edit.
            let Ok(event) = event else { return };
            if event.kind.is_access() {
                return;
            }
            let watched = watched.lock().unwrap_or_else(PoisonError::into_inner);
            for path in event.paths.into_iter().filter(|path| watched.contains(path)) {
                // Nobody listens any more only if the window is closed.
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

    /// Watches what the scenario is read from now: an edit may name other files, and a link may lead elsewhere.
    fn watch_sources(&mut self) -> notify::Result<()> {
        // Without the scenario file itself, what it named is what it may name again.
        let Ok(sources) = Scenario::source_files(&self.path) else {
            return Ok(());
        };
        let mut places = BTreeSet::new();
        for source in sources {
            places.extend(watched::places(&source)?);
        }
        let folders: BTreeSet<PathBuf> = places.iter().filter_map(|place| place.parent()).map(Path::to_owned).collect();
        // Folders are places too: one that is moved away or removed takes its files with it.
        places.extend(folders.iter().cloned());
        *self.places.lock().unwrap_or_else(PoisonError::into_inner) = places;
        for left in self.folders.difference(&folders) {
            // It may be gone.
            let _ = self.watcher.unwatch(left);
        }
        let mut result = Ok(());
        for folder in &folders {
            // Watched anew even if it was watched before: it may be another one of the same name.
            result = result.and(self.watcher.watch(folder, RecursiveMode::NonRecursive));
        }
        self.folders = folders;
        result
    }

    /// Returns what the files hold, if they were edited and the edit has come to rest.
    fn follow(&mut self, frame_s: f32) -> Option<Reading> {
        self.pending.age(frame_s);
        for path in self.edits.try_iter() {
            self.pending.touch(path);
        }
        if !self.pending.take_settled() {
            return None;
        }
        // Before reading: an edit after that is one more event.
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

/// Edits that have not come to rest, by file: one that is written on and on holds up no other.
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

    /// Forgets the edits that have come to rest or last too long; returns `true` if there were any.
    fn take_settled(&mut self) -> bool {
        let before = self.0.len();
        self.0
            .retain(|_, edit| edit.since_last_s < SETTLED_S && edit.since_first_s < LONGEST_S);
        self.0.len() < before
    }
}

/// Looks for edits and takes them over.
pub(super) fn reload_scenario(
    files: Option<NonSendMut<ScenarioFiles>>,
    time: Res<Time<Real>>,
    simulation: Res<SimulationHandle>,
    mut words: ResMut<Words>,
) {
    let Some(mut files) = files else { return };
    let Some(read) = files.follow(time.delta_secs()) else { return };
    match read {
        Ok(scenario) => {
            let is_new = scenario != files.last;
            words.edits += usize::from(words.mistakes.take().is_some() || is_new);
            if is_new {
                files.last = scenario.clone();
                simulation.stage.order(SimulationCommand::Replace(Arc::new(scenario)));
                words.notice = Some((format!("{} was read again", files.path.display()), NOTICE_S));
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
