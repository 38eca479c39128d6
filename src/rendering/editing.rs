//! Editing the scenario file in the window: the other way of `reload`, which follows the file.
//!
//! The panel sends changes; they are made in the text of the file ([`Draft`]), and shown in the garden. The file itself is written when it
//! is saved.

use std::path::PathBuf;
use std::sync::Arc;

use bevy::prelude::*;

use super::simulation_handle::SimulationHandle;
use super::ui_command::{EditCommand, UiCommand, Words};
use crate::authoring::contrast::Conflict;
use crate::authoring::draft::Draft;
use crate::files;
use crate::live::SimulationCommand;
use crate::scenario::{Mistakes, Scenario};

/// Seconds between two gardens while a value is dragged.
const REPLACE_EVERY_S: f32 = 0.12;
/// Seconds for which a notice is shown.
const NOTICE_S: f32 = 4.0;

/// The scenario file that is edited.
#[derive(Resource)]
pub struct Editing {
    path: PathBuf,
    draft: Draft,
    /// Text of the file, as it was read or written last, and what it described.
    saved: (String, Scenario),
    conflict: Conflict,
    has_changes: bool,
    is_shown: bool,
    since_shown_s: f32,
}

impl Editing {
    /// Begins to edit a file with this text.
    ///
    /// # Errors
    /// Returns all mistakes in the text.
    pub fn open(path: PathBuf, text: String) -> Result<Self, Mistakes> {
        let draft = Draft::open(&path, &text)?;
        Ok(Self {
            conflict: Conflict::of(draft.scenario()),
            saved: (text, draft.scenario().clone()),
            path,
            draft,
            has_changes: false,
            is_shown: true,
            since_shown_s: 0.0,
        })
    }

    /// Returns the scenario as edited.
    pub fn scenario(&self) -> &Scenario {
        self.draft.scenario()
    }

    /// Returns the text of the file as edited.
    pub fn text(&self) -> String {
        self.draft.text()
    }

    /// Returns how far its seasons conflict.
    pub fn conflict(&self) -> &Conflict {
        &self.conflict
    }

    /// Returns `true` if there are changes that are not in the file.
    pub fn has_changes(&self) -> bool {
        self.has_changes
    }

    /// Returns `true` if the file holds what was read or written last, and describes the same.
    pub(super) fn is_as_saved(&self, scenario: &Scenario) -> bool {
        *scenario == self.saved.1 && files::read_text(&self.path).is_ok_and(|text| text == self.saved.0)
    }

    /// Takes over what somebody else wrote into the file. Returns `true` if changes made here are lost by it.
    pub(super) fn follow(&mut self, scenario: &Scenario) -> bool {
        let Ok(text) = files::read_text(&self.path) else {
            return false;
        };
        if text == self.saved.0 && *scenario == self.saved.1 {
            return false;
        }
        let lost = self.has_changes && self.draft.scenario() != scenario;
        if let Ok(draft) = Draft::open(&self.path, &text) {
            self.conflict = Conflict::of(draft.scenario());
            self.saved = (text, draft.scenario().clone());
            self.draft = draft;
            self.has_changes = false;
            // The garden shows what is lost.
            self.is_shown = !lost;
        }
        lost
    }

    /// Makes a change. Returns what is to be said about it.
    pub(super) fn apply(&mut self, command: &EditCommand) -> Option<String> {
        let changed = match command {
            EditCommand::Set(path, setting) => self.draft.set(path, *setting),
            EditCommand::AddSeason(like) => self.draft.add_season(*like),
            EditCommand::RemoveSeason(season) => self.draft.remove_season(*season),
            EditCommand::Save => return Some(self.save()),
        };
        match changed {
            Ok(()) => {
                self.is_shown = false;
                self.has_changes = true;
                None
            }
            Err(error) => Some(error.to_string()),
        }
    }

    fn save(&mut self) -> String {
        let text = self.draft.text();
        match files::write(&self.path, |file| file.write_all(text.as_bytes())) {
            Ok(()) => {
                self.saved = (text, self.draft.scenario().clone());
                self.has_changes = false;
                format!("{} is written", self.path.display())
            }
            Err(error) => format!("{} cannot be written: {}", self.path.display(), error.why),
        }
    }
}

/// Makes the changes of this frame, and shows them in the garden a few times a second.
pub(super) fn edit(
    editing: Option<ResMut<Editing>>,
    mut ui_commands: MessageReader<UiCommand>,
    time: Res<Time<Real>>,
    simulation: Res<SimulationHandle>,
    mut words: ResMut<Words>,
) {
    let Some(mut editing) = editing else {
        ui_commands.clear();
        return;
    };
    for ui_command in ui_commands.read() {
        if let UiCommand::Edit(command) = ui_command
            && let Some(told) = editing.apply(command)
        {
            words.notice = Some((told, NOTICE_S));
        }
    }
    editing.since_shown_s += time.delta_secs();
    if !editing.is_shown && editing.since_shown_s >= REPLACE_EVERY_S {
        editing.is_shown = true;
        editing.since_shown_s = 0.0;
        editing.conflict = Conflict::of(editing.draft.scenario());
        let scenario = Arc::new(editing.draft.scenario().clone());
        simulation.thread.command(SimulationCommand::Replace(scenario));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authoring::draft::Setting;
    use crate::authoring::editor::FileKind;
    use crate::authoring::template::new_file;

    fn editing(folder: &std::path::Path) -> Editing {
        let path = folder.join("mine.toml");
        let text = new_file(FileKind::Scenario, "mine", None);
        std::fs::write(&path, &text).unwrap();
        Editing::open(path, text).unwrap()
    }

    #[test]
    fn a_change_is_in_the_file_once_it_is_saved_and_comments_stay() {
        let folder = tempfile::tempdir().unwrap();
        let mut editing = editing(folder.path());
        assert!(!editing.has_changes());
        let before = editing.conflict().clone();
        let colour = "#123456".parse().unwrap();
        let set = |path: &str, setting| EditCommand::Set(path.to_owned(), setting);
        assert_eq!(editing.apply(&set("seasons.1.look.fine", Setting::Colour(colour))), None);
        assert_eq!(
            editing.apply(&set("seasons.1.dynamics.traction", Setting::Number(0.35))),
            None
        );
        assert_eq!(editing.apply(&EditCommand::AddSeason(1)), None);
        assert!(editing.has_changes() && !editing.is_shown);
        assert_ne!(Conflict::of(editing.scenario()), before);
        assert!(editing.apply(&EditCommand::Save).unwrap().ends_with("is written"));
        assert!(!editing.has_changes());
        let written = std::fs::read_to_string(folder.path().join("mine.toml")).unwrap();
        assert!(
            written.contains("# a plant that needs nothing") && written.contains("\"#123456\""),
            "{written}"
        );
        let loaded = Scenario::load(folder.path().join("mine.toml").to_str().unwrap())
            .unwrap()
            .scenario;
        assert_eq!(loaded, *editing.scenario());
        // What cannot be is told, and changes nothing.
        let told = editing.apply(&set("seasons.1.dynamics.traction", Setting::Number(9.0)));
        assert!(told.is_some_and(|told| told.contains("traction")));
        assert!(!editing.has_changes());
    }

    #[test]
    fn what_an_editor_writes_is_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        let mut editing = editing(folder.path());
        let path = folder.path().join("mine.toml");
        let text = std::fs::read_to_string(&path)
            .unwrap()
            .replace("name = \"mine\"", "name = \"yours\"");
        std::fs::write(&path, &text).unwrap();
        let scenario = Scenario::load(path.to_str().unwrap()).unwrap().scenario;
        assert!(!editing.follow(&scenario), "nothing was changed here");
        assert_eq!(editing.scenario().name, "yours");
        editing.apply(&EditCommand::RemoveSeason(0));
        std::fs::write(&path, text.replace("yours", "theirs")).unwrap();
        let scenario = Scenario::load(path.to_str().unwrap()).unwrap().scenario;
        assert!(editing.follow(&scenario), "a season was removed here");
        assert_eq!(
            (editing.scenario().name.as_str(), editing.scenario().seasons.len()),
            ("theirs", 3)
        );
    }
}
