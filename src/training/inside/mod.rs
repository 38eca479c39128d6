//! Looks inside the learner of a run: when, with what, and compared with what.
//!
//! A look is taken every `inside.every_decisions` decisions and at every end of a season. It measures the policy network in training, and asks the
//! policy as it is evaluated about every view of the [album](crate::rollout::Album). The answers at the last end of each season are kept, so
//! that later looks can say how far the policy is from them: one end for each season of the year, however many years there are.
//!
//! Always holds: looks change nothing but the records of kind `inside`; a resumed run has the same records, byte for byte.

mod recording;
mod seasons;

use std::fs;
use std::path::Path;
use std::sync::Arc;

pub(crate) use recording::Occasion;
use seasons::SeasonEnd;

use super::run_folder::{RunFolder, RunFolderError};
use super::{RunConfig, TrainingError};
use crate::learner::inside::ProbeBatches;
use crate::learner::memory::{Batch, Transition};
use crate::learner::{Inputs, Outputs, StateDict, StateError};
use crate::mdp::{Action, ObservationSpec};
use crate::rollout::{Album, ProbeTransition, album_lines};
use crate::scenario::Scenario;
use crate::sensors::observation_spec;

/// Name of the album in a run's folder.
pub const ALBUM_FILE_NAME: &str = "album.jsonl";

/// Equipment of a run for looks: what it looks with, and what it compares with.
pub(crate) struct Inside {
    observation: ObservationSpec,
    seasons: Vec<String>,
    /// `true` if the numbers of tasks are those of seasons.
    tasks_are_seasons: bool,
    album: Arc<Album>,
    probes: ProbeBatches,
    /// Meaning of the outputs of the policy.
    meaning: Outputs,
    /// The last end of each season of the year.
    ends: Vec<Option<SeasonEnd>>,
}

impl Inside {
    /// Makes the album of a run; `None` if the run is not to be looked into.
    pub(crate) fn of_run(config: &RunConfig, scenario: &Arc<Scenario>) -> Option<Self> {
        if config.inside.every_decisions == 0 {
            return None;
        }
        let album = Album::of(scenario, config.inside.views_per_season);
        let observation = observation_spec(scenario);
        Some(Self {
            probes: probes(&album, &observation),
            seasons: scenario.seasons.iter().map(|season| season.name.clone()).collect(),
            tasks_are_seasons: config.declares_boundaries() && !config.all_at_once(),
            // Found out when the learner is looked at.
            meaning: Outputs::ActionValues,
            ends: vec![None; scenario.seasons.len()],
            observation,
            album,
        })
    }

    /// Views that policies are asked about.
    pub(crate) fn album(&self) -> &Arc<Album> {
        &self.album
    }

    /// Writes the album into the run's folder.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn write_album(&self, folder: &RunFolder, scenario: &Scenario) -> Result<(), TrainingError> {
        let text = album_lines(&self.album, scenario).map_err(|source| StateError::Json {
            entry: ALBUM_FILE_NAME.to_owned(),
            source,
        })?;
        Ok(folder.write_album(&text)?)
    }

    pub(super) fn save(&self, state: &mut StateDict) -> Result<(), StateError> {
        for (season, end) in self.ends.iter().enumerate() {
            if let Some(end) = end {
                end.save(state, &format!("training.inside.{season}"))?;
            }
        }
        let known: Vec<usize> = (0..self.ends.len()).filter(|season| self.ends[*season].is_some()).collect();
        state.set("training.inside.ends", &known)
    }

    pub(super) fn load(&mut self, state: &StateDict) -> Result<(), StateError> {
        let known: Vec<usize> = match state.get("training.inside.ends") {
            // A checkpoint of a build that did not look: there is nothing to compare with yet.
            Err(StateError::Missing { .. }) => Vec::new(),
            known => known?,
        };
        for season in known {
            let views = self.album.of_season(season).len();
            let Some(end) = self.ends.get_mut(season) else {
                return Err(StateError::Mismatch {
                    entry: "training.inside.ends".to_owned(),
                    expected: format!("seasons below {}", self.seasons.len()),
                    found: season.to_string(),
                });
            };
            *end = Some(SeasonEnd::load(
                state,
                &format!("training.inside.{season}"),
                views,
                Action::ALL.len(),
            )?);
        }
        Ok(())
    }
}

/// Reads the album in a run's folder; `None` if there is none.
///
/// # Errors
/// It is there and cannot be read.
pub fn read_album_text(run: &Path) -> Result<Option<String>, RunFolderError> {
    let path = run.join(ALBUM_FILE_NAME);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(RunFolderError::Read { path, source }),
    }
}

/// Returns the album as batches for the learner; the transitions of a season in two halves, every other one in each.
fn probes(album: &Album, observation: &ObservationSpec) -> ProbeBatches {
    let decoder = observation.decoder();
    let mut views = Inputs::new(observation.len());
    for view in &album.views {
        views.push(&decoder, &view.observation);
    }
    let halves = |transitions: &Vec<ProbeTransition>| {
        [0, 1].map(|half| {
            let mut batch = Batch::new(observation.len());
            for transition in transitions.iter().skip(half).step_by(2) {
                batch.push(
                    &decoder,
                    Transition {
                        observation: &transition.observation,
                        action: transition.action,
                        reward: transition.reward,
                        terminated: transition.terminated,
                        next_observation: &transition.next_observation,
                    },
                );
            }
            // An actor learns from recent transitions only, and these stand for them.
            batch.recent_rows = batch.transitions();
            batch
        })
    };
    ProbeBatches {
        views,
        tasks: album.transitions.iter().map(halves).collect(),
    }
}

#[cfg(test)]
mod tests;
