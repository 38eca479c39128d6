//! Records that a run made of the looks inside its learner.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::ExplainError;
use crate::metrics::{EpisodeRecord, EvaluationRecord, InsideRecord, Record, Recorder};
use crate::rollout::{AlbumLine, parse_album};
use crate::training::run_folder::RunFolderError;
use crate::training::{ALBUM_FILE_NAME, RunConfig, read_album_text, read_run_config};

/// Index of the action that waters, as in the answers of records.
const WATER: char = '4';

/// A run that was looked into, finished or not.
#[derive(Clone, Debug)]
pub struct WatchedRun {
    /// Name of its folder.
    pub name: String,
    /// Configuration of the run.
    pub config: RunConfig,
    /// Views of the album, in the order of the answers.
    pub views: Vec<AlbumLine>,
    /// Looks, in the order of time; at least one.
    pub looks: Vec<InsideRecord>,
    /// Evaluations, in the order of time.
    pub evaluations: Vec<EvaluationRecord>,
    /// Training episodes, in the order of time.
    pub episodes: Vec<EpisodeRecord>,
}

impl WatchedRun {
    /// Reads the folder of a run, and changes nothing in it.
    ///
    /// # Errors
    /// It is not a run, was not looked into, or holds something that this version does not understand. The error names what is there and what is
    /// missing.
    pub fn read(path: &Path) -> Result<Self, ExplainError> {
        let config = read_run_config(path)?;
        let metrics = path.join(Recorder::METRICS_FILE_NAME);
        let text = match fs::read_to_string(&metrics) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(source) => return Err(RunFolderError::Read { path: metrics, source }.into()),
        };
        Self::of_texts(path, config, &text, read_album_text(path)?.as_deref())
    }

    /// Puts a run together from the contents of its files; `path` is that of its folder.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn of_texts(path: &Path, config: RunConfig, metrics: &str, album: Option<&str>) -> Result<Self, ExplainError> {
        let mut run = Self {
            name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            config,
            views: Vec::new(),
            looks: Vec::new(),
            evaluations: Vec::new(),
            episodes: Vec::new(),
        };
        let damaged = |file: &str, line: usize, reason: String, config: &RunConfig| ExplainError::Damaged {
            path: path.join(file),
            line,
            reason,
            writer: config
                .program
                .as_ref()
                .map_or_else(|| "a version that did not record itself".to_owned(), ToString::to_string),
        };
        // A line without its end is still being written.
        let whole = &metrics[..metrics.rfind('\n').map_or(0, |end| end + 1)];
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        for (number, line) in whole.lines().enumerate() {
            let record: Record = serde_json::from_str(line)
                .map_err(|error| damaged(Recorder::METRICS_FILE_NAME, number + 1, error.to_string(), &run.config))?;
            let kind = match record {
                Record::Episode(episode) => {
                    run.episodes.push(episode);
                    "episodes"
                }
                Record::Evaluation(evaluation) => {
                    run.evaluations.push(evaluation);
                    "evaluations"
                }
                Record::Inside(look) => {
                    run.looks.push(*look);
                    "looks"
                }
                Record::Learning(_) => "learning",
                Record::Season(_) => "seasons",
            };
            *kinds.entry(kind).or_default() += 1;
        }
        if let Some(text) = album {
            run.views =
                parse_album(text).map_err(|error| damaged(ALBUM_FILE_NAME, error.line, error.source.to_string(), &run.config))?;
        }
        run.check(path, &kinds, album.is_some())?;
        Ok(run)
    }

    fn check(&self, path: &Path, kinds: &BTreeMap<&str, usize>, has_album: bool) -> Result<(), ExplainError> {
        if self.looks.is_empty() || !has_album {
            let records: Vec<String> = kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
            let present = match (records.is_empty(), has_album) {
                (true, true) => "an album of views and no records".to_owned(),
                (true, false) => "no records".to_owned(),
                (false, true) => format!("an album of views and records of {}", records.join(", ")),
                (false, false) => format!("records of {}", records.join(", ")),
            };
            let missing = match (self.looks.is_empty(), has_album) {
                (true, true) => "no looks inside the learner (records of kind `inside`)".to_owned(),
                (true, false) => {
                    format!("no looks inside the learner (records of kind `inside`) and no album of views ({ALBUM_FILE_NAME})")
                }
                (false, _) => format!("no album of views ({ALBUM_FILE_NAME})"),
            };
            let help = if self.config.inside.every_decisions == 0 {
                "the run was made with inside.every_decisions = 0: run it again without that setting"
            } else if self.looks.is_empty() {
                "runs of earlier versions and of agents from Python have no looks; the first look of a run is after \
                 inside.every_decisions: run it again, or wait for it"
            } else {
                "put the file back from a copy; the album of an unfinished run is written again by `train --resume`"
            };
            return Err(ExplainError::NotWatched {
                path: path.to_owned(),
                present,
                missing,
                help: help.to_owned(),
            });
        }
        let other = self
            .looks
            .iter()
            .find(|look| look.answers.chars().count() != self.views.len());
        other.map_or(Ok(()), |look| {
            Err(ExplainError::OtherAlbum {
                path: path.join(ALBUM_FILE_NAME),
                views: self.views.len(),
                decisions: look.decisions,
                answers: look.answers.chars().count(),
            })
        })
    }

    /// Names of the seasons of a year.
    pub fn seasons(&self) -> impl Iterator<Item = &str> {
        self.config.scenario.seasons.iter().map(|season| season.name.as_str())
    }

    /// The views of a season, by their place in the album.
    pub fn views_of(&self, season: &str) -> Vec<usize> {
        (0..self.views.len())
            .filter(|view| self.views[*view].season == season)
            .collect()
    }

    /// `true` if a look answers a view rightly: water for a thirsty plant, anything else for a fine one.
    pub fn is_right(&self, look: usize, view: usize) -> bool {
        self.waters(look, view) == self.views[view].water
    }

    /// `true` if the policy waters in a view at the time of a look.
    pub fn waters(&self, look: usize, view: usize) -> bool {
        self.looks[look].answers.as_bytes().get(view).copied() == Some(WATER as u8)
    }

    /// Fraction of the views of a season that a look answers rightly; `None` if there are none.
    pub fn right_fraction(&self, look: usize, season: &str) -> Option<f64> {
        let views = self.views_of(season);
        let right = views.iter().filter(|view| self.is_right(look, **view)).count();
        (!views.is_empty()).then(|| right as f64 / views.len() as f64)
    }
}
