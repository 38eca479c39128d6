//! Recordings: how episodes began, what was done, and the hash of the state after each tick.
//!
//! A recording is text, one JSON value a line: a header that holds the whole scenario, then a line a tick. It holds no states: they
//! follow from the beginning and the actions, and [`Recording::verify`] proves that they do.

use std::io::{BufRead, Write};
use std::sync::Arc;

use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::agent::Driver;
use crate::app::Gardens;
use crate::mdp::Action;
use crate::rollout::{MAXIMUM_EPISODES, MAXIMUM_GARDENS};
use crate::scenario::{Scenario, Year};

/// The version of the format that is written, and the only one that is read.
const FORMAT: u32 = 1;
/// Most decisions of a recording, which is made and read in memory: some hundred bytes each.
const MAXIMUM_RECORDED_DECISIONS: u64 = 10_000_000;

/// How the gardens of a recording began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordingHeader {
    /// Version of the format.
    pub perennial_recording: u32,
    /// Version of the program that wrote it: another one may simulate otherwise.
    pub program_version: String,
    /// Who drove.
    pub driver: String,
    /// The seed of the gardens.
    pub seed: u64,
    /// How many gardens there are.
    pub gardens: usize,
    /// The season that they stay in; none if they go through a year.
    pub season: Option<usize>,
    /// Episodes of each garden, in each season.
    pub episodes: u64,
    /// The scenario, whole.
    pub scenario: Scenario,
}

/// What one tick was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct TickLine {
    /// The number of each garden's action.
    actions: Vec<u8>,
    /// The hash of the state afterwards, in hexadecimal.
    hash: String,
}

/// A recording, read into memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// How it began.
    pub header: RecordingHeader,
    /// The actions of all gardens, tick by tick.
    pub actions: Vec<Vec<Action>>,
    /// The hash of the state after each tick.
    pub hashes: Vec<u64>,
}

/// Why a recording cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The file cannot be read or written.
    #[error("the recording cannot be read or written")]
    Io(#[from] std::io::Error),
    /// A line is not what it ought to be.
    #[error("line {line} of the recording is damaged: {reason}")]
    Damaged {
        /// The number of the line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// It was written in another format.
    #[error("the recording has format {found}; this program reads format {FORMAT}")]
    Format {
        /// The format that was found.
        found: u32,
    },
    /// Its header asks for what cannot be simulated.
    #[error("it cannot be simulated: {reason}")]
    Header {
        /// What is wrong with it.
        reason: String,
    },
    /// It stops before its first tick.
    #[error("the recording is empty")]
    Empty,
}

/// Where a re-simulation left the recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The tick, from 0.
    pub tick: usize,
    /// The hash that was recorded.
    pub recorded: u64,
    /// The hash that came out now.
    pub simulated: u64,
}

/// Lets a driver play what the header says and writes down what it did; `each_tick` is shown the gardens after every tick.
///
/// # Errors
/// A header out of range, and whatever `out` refuses.
pub fn record(
    header: &RecordingHeader,
    driver: Box<dyn Driver>,
    out: &mut dyn Write,
    mut each_tick: impl FnMut(&Gardens),
) -> Result<(), RecordingError> {
    header.check()?;
    let mut gardens = header.gardens();
    gardens.drive(driver);
    write_line(header, out)?;
    for _ in 0..header.ticks() {
        let actions = gardens.tick().actions.clone();
        write_line(
            &TickLine {
                actions,
                hash: format!("{:016x}", gardens.state_hash()),
            },
            out,
        )?;
        each_tick(&gardens);
    }
    out.flush()?;
    Ok(())
}

fn write_line(value: &impl Serialize, out: &mut dyn Write) -> Result<(), RecordingError> {
    serde_json::to_writer(&mut *out, value).map_err(std::io::Error::from)?;
    out.write_all(b"\n")?;
    Ok(())
}

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

    /// Ticks of one season.
    fn ticks_per_season(&self) -> u64 {
        self.episodes.saturating_mul(u64::from(self.scenario.episode.decisions))
    }

    /// Checks that the recording can be simulated, and held in memory.
    ///
    /// # Errors
    /// [`RecordingError::Header`]: a number out of range, or a season that the scenario does not have.
    pub fn check(&self) -> Result<(), RecordingError> {
        let refuse = |reason: String| Err(RecordingError::Header { reason });
        if let Err(report) = self.scenario.validate() {
            return refuse(format!("its scenario is out of range: {}", report.to_string().trim_end()));
        }
        if !(1..=MAXIMUM_GARDENS).contains(&self.gardens) {
            return refuse(format!(
                "it has {} gardens, and may have 1 to {MAXIMUM_GARDENS}",
                self.gardens
            ));
        }
        if !(1..=MAXIMUM_EPISODES as u64).contains(&self.episodes) {
            return refuse(format!(
                "it has {} episodes, and may have 1 to {MAXIMUM_EPISODES}",
                self.episodes
            ));
        }
        let seasons = self.scenario.seasons.len();
        if let Some(season) = self.season.filter(|&season| season >= seasons) {
            return refuse(format!(
                "it is of season {season}, counted from 0, and its scenario has {seasons}"
            ));
        }
        match self.ticks().checked_mul(self.gardens as u64) {
            Some(decisions) if decisions <= MAXIMUM_RECORDED_DECISIONS => Ok(()),
            _ => refuse(format!(
                "it has {} episodes of {} decisions, over all seasons and gardens more than {MAXIMUM_RECORDED_DECISIONS} decisions",
                self.episodes, self.scenario.episode.decisions
            )),
        }
    }

    /// Ticks of the whole recording.
    pub fn ticks(&self) -> u64 {
        let seasons = if self.season.is_some() {
            1
        } else {
            self.scenario.seasons.len() as u64
        };
        self.ticks_per_season().saturating_mul(seasons)
    }

    /// The gardens as they were when the recording began.
    pub fn gardens(&self) -> Gardens {
        let year = match self.season {
            Some(season) => Year::Pure(season),
            None => Year::of(&self.scenario, 1, self.ticks_per_season()),
        };
        Gardens::shared(Arc::new(self.scenario.clone()), self.gardens, self.seed, year)
    }
}

impl Recording {
    /// Reads a recording.
    ///
    /// # Errors
    /// A file that cannot be read, a damaged line (with its number), another format, or a header out of range.
    pub fn read(from: impl BufRead) -> Result<Self, RecordingError> {
        let mut lines = from.lines();
        let first = lines.next().ok_or(RecordingError::Empty)??;
        let header: RecordingHeader = parse(&first, 1)?;
        if header.perennial_recording != FORMAT {
            return Err(RecordingError::Format {
                found: header.perennial_recording,
            });
        }
        header.check()?;
        let (mut actions, mut hashes) = (Vec::new(), Vec::new());
        for (number, line) in lines.enumerate() {
            let (line, number) = (line?, number + 2);
            let damaged = |reason: &str| RecordingError::Damaged {
                line: number,
                reason: reason.to_owned(),
            };
            let tick: TickLine = parse(&line, number)?;
            let row: Option<Vec<Action>> = tick.actions.iter().map(|&index| Action::from_index(index.into())).collect();
            let row = row.ok_or_else(|| damaged("it has an action that does not exist"))?;
            if row.len() != header.gardens {
                return Err(damaged("it has not one action for each garden"));
            }
            hashes.push(u64::from_str_radix(&tick.hash, 16).map_err(|_| damaged("its hash is no hexadecimal number"))?);
            actions.push(row);
        }
        if actions.is_empty() {
            return Err(RecordingError::Empty);
        }
        Ok(Self { header, actions, hashes })
    }

    /// Simulates it again and compares the hash of the state after each tick; tells the first tick that differs, and stops there.
    /// `each_tick` is shown the gardens after every tick.
    pub fn verify(&self, mut each_tick: impl FnMut(&Gardens)) -> Option<Difference> {
        let mut gardens = self.header.gardens();
        self.actions
            .iter()
            .zip(&self.hashes)
            .enumerate()
            .find_map(|(tick, (row, &recorded))| {
                gardens.step(row);
                each_tick(&gardens);
                let simulated = gardens.state_hash();
                (simulated != recorded).then_some(Difference {
                    tick,
                    recorded,
                    simulated,
                })
            })
    }
}

fn parse<T: serde::de::DeserializeOwned>(line: &str, number: usize) -> Result<T, RecordingError> {
    serde_json::from_str(line).map_err(|error| RecordingError::Damaged {
        line: number,
        reason: error.to_string(),
    })
}
