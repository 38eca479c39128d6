//! The first line of a recording: how its gardens began, checked as a scenario is.

use std::fmt;
use std::sync::Arc;

use garde::Validate;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{FORMAT, RecordingError};
use crate::app::Gardens;
use crate::scenario::{Calendar, Scenario, Year};

/// Decisions that a recording may hold: 13,000 episodes of the usual length.
pub const MOST_DECISIONS: u64 = 4_000_000;
/// Gardens that a recording may hold.
pub const MOST_GARDENS: usize = 64;
/// Things that may lie around in one season of a recording.
const MOST_PROPS: usize = 1024;
/// Length of the longest header, in bytes.
pub(super) const MOST_HEADER_BYTES: usize = 1 << 20;

/// Initial state of a recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordingHeader {
    /// Version of the format.
    pub perennial_recording: u32,
    /// Version of the program that wrote it: another one may simulate otherwise.
    pub program_version: String,
    /// Name of the driver.
    pub driver: String,
    /// The seed of the gardens.
    pub seed: u64,
    /// Number of gardens.
    pub gardens: usize,
    /// The season that they stay in; none if they go through a year.
    pub season: Option<usize>,
    /// Episodes of each garden, in each season.
    pub episodes: u64,
    /// The scenario, whole.
    pub scenario: Scenario,
}

/// Mistakes in a header, all of them; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderMistakes {
    /// Mistakes, one per line.
    pub list: Vec<String>,
}

impl fmt::Display for HeaderMistakes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.list.len() {
            1 => write!(formatter, "its header has a mistake:")?,
            count => write!(formatter, "its header has {count} mistakes:")?,
        }
        self.list.iter().try_for_each(|mistake| write!(formatter, "\n{mistake}"))
    }
}

impl std::error::Error for HeaderMistakes {}
impl miette::Diagnostic for HeaderMistakes {}

impl RecordingHeader {
    /// A header of this version of the program, for one garden through `episodes` episodes: of one season, or of each season of a
    /// year.
    pub fn new(scenario: Scenario, season: Option<usize>, episodes: u64, seed: u64, driver: &str) -> Self {
        Self {
            perennial_recording: FORMAT,
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
            driver: driver.to_owned(),
            seed,
            gardens: 1,
            season,
            episodes,
            scenario,
        }
    }

    /// Ticks of a usual season.
    pub fn ticks_per_season(&self) -> u64 {
        self.episodes.saturating_mul(u64::from(self.scenario.episode.decisions))
    }

    /// Calendar of the recording, where it goes through the seasons of a year.
    pub fn calendar(&self) -> Option<Calendar> {
        let calendar = || Calendar::new(&self.scenario, 1, self.ticks_per_season(), self.seed);
        self.season.is_none().then(calendar)
    }

    /// Ticks of the whole recording.
    pub fn ticks(&self) -> u64 {
        self.calendar()
            .map_or_else(|| self.ticks_per_season(), |calendar| calendar.ticks())
    }

    /// The gardens as they were when the recording began. The header must have passed its [check](Self::check).
    pub fn gardens(&self) -> Gardens {
        let year = match self.calendar() {
            Some(calendar) => Year::Sequence(Arc::new(calendar)),
            None => Year::Pure(self.season.unwrap_or_default()),
        };
        Gardens::shared(Arc::new(self.scenario.clone()), self.gardens, self.seed, year)
    }

    /// Checks that gardens can be made from it, and that they are not more than a recording may hold.
    ///
    /// # Errors
    /// Every mistake.
    pub fn check(&self) -> Result<(), HeaderMistakes> {
        let mut list = Vec::new();
        if let Err(report) = self.scenario.validate() {
            list.extend(report.iter().map(|(path, error)| format!("scenario.{path}: {error}")));
        }
        let seasons = self.scenario.seasons.len();
        if let Some(season) = self.season.filter(|&season| season >= seasons) {
            list.push(format!(
                "season is {season}, and the scenario has {seasons} seasons, numbered from 0"
            ));
        }
        for season in &self.scenario.seasons {
            let props = season
                .props
                .iter()
                .fold(0_usize, |sum, props| sum.saturating_add(props.count));
            if props > MOST_PROPS {
                list.push(format!(
                    "season `{}` has {props} things lying around, and a recording may have {MOST_PROPS}",
                    season.name
                ));
            }
        }
        if !(1..=MOST_GARDENS).contains(&self.gardens) {
            list.push(format!("gardens is {}, and must be from 1 to {MOST_GARDENS}", self.gardens));
        }
        if self.episodes == 0 {
            list.push("episodes is 0, and must be at least 1".to_owned());
        }
        let decisions = self.ticks().saturating_mul(self.gardens as u64);
        if decisions > MOST_DECISIONS {
            list.push(format!(
                "episodes is {}, and a recording may have {MOST_DECISIONS} decisions: those of every season, episode and garden",
                self.episodes
            ));
        }
        // What is written must be readable.
        if serde_json::to_vec(self).map_or(0, |line| line.len()) > MOST_HEADER_BYTES {
            list.push(format!(
                "the scenario takes more than the {MOST_HEADER_BYTES} bytes that a recording has for it"
            ));
        }
        if list.is_empty() {
            Ok(())
        } else {
            Err(HeaderMistakes { list })
        }
    }

    /// Reads a header from its line.
    pub(super) fn parse(line: &[u8]) -> Result<Self, RecordingError> {
        let damaged = |reason: String| RecordingError::Damaged { line: 1, reason };
        let version: Version = serde_json::from_slice(line).map_err(|error| damaged(error.to_string()))?;
        match version.perennial_recording {
            Some(FORMAT) => {}
            Some(found) => {
                return Err(RecordingError::Format {
                    found,
                    program_version: version.program_version,
                });
            }
            None => {
                return Err(damaged(
                    "it has no `perennial_recording`, with which every recording begins".to_owned(),
                ));
            }
        }
        let header: Self = match serde_json::from_slice(line) {
            Ok(header) => header,
            Err(error) => return Err(mistakes(line, &error).into()),
        };
        header.check()?;
        Ok(header)
    }
}

#[derive(Deserialize)]
struct Version {
    perennial_recording: Option<u32>,
    program_version: Option<String>,
}

/// All that is wrong in a header that does not have the right form; `error` is what was noticed first.
fn mistakes(line: &[u8], error: &serde_json::Error) -> HeaderMistakes {
    let mut list = Vec::new();
    if let Ok(Value::Object(mut fields)) = serde_json::from_slice(line) {
        take::<u32>(&mut fields, "perennial_recording", &mut list);
        take::<String>(&mut fields, "program_version", &mut list);
        take::<String>(&mut fields, "driver", &mut list);
        take::<u64>(&mut fields, "seed", &mut list);
        take::<usize>(&mut fields, "gardens", &mut list);
        take::<Option<usize>>(&mut fields, "season", &mut list);
        take::<u64>(&mut fields, "episodes", &mut list);
        match fields.remove("scenario").map(without_nulls) {
            None => list.push("it has no `scenario`".to_owned()),
            Some(scenario) => match toml::to_string(&scenario) {
                Err(error) => list.push(format!("scenario: {error}")),
                Ok(text) => {
                    let wrong = Scenario::parse("scenario", &text).err();
                    let wrong = wrong.into_iter().flat_map(|mistakes| mistakes.list);
                    list.extend(wrong.map(|mistake| format!("scenario.{}: {mistake}", mistake.path)));
                }
            },
        }
        list.extend(fields.keys().map(|key| format!("unknown key `{key}`")));
    }
    if list.is_empty() {
        list.push(error.to_string());
    }
    HeaderMistakes { list }
}

/// Takes a field out of a header and notes if it is not of its type; an absent one is `null`.
fn take<T: DeserializeOwned>(fields: &mut Map<String, Value>, key: &str, list: &mut Vec<String>) {
    let value = fields.remove(key).unwrap_or(Value::Null);
    if let Err(error) = serde_json::from_value::<T>(value) {
        list.push(format!("{key}: {error}"));
    }
}

/// A scenario as TOML can hold it: what is absent there is `null` in JSON.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(fields.map(|(key, value)| (key, without_nulls(value))).collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(without_nulls).collect()),
        value => value,
    }
}
