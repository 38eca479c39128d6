//! The album as a file: one view a line, in JSON.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use super::{Album, AlbumView};
use crate::scenario::Scenario;

/// A view as a line of `album.jsonl`. The number of its line is its place in the answers of records.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlbumLine {
    /// Name of the season.
    pub season: String,
    /// Name of the plant's species.
    pub species: String,
    /// `true` if watering is right, `false` if the plant is to be left alone.
    pub water: bool,
    /// Thirst of the plant, in 0..1.
    pub thirst: f32,
    /// Column of the eye that shows the plant.
    pub column: usize,
    /// Colour of the plant's pixel: red, green, blue.
    pub colour: [u8; 3],
    /// The whole observation.
    #[serde(with = "bytes")]
    pub observation: Vec<u8>,
}

/// Reason why an album cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("line {line} is not a view: {source}")]
pub struct AlbumError {
    /// Number of the line, from 1.
    pub line: usize,
    /// Error of the JSON parser.
    pub source: serde_json::Error,
}

impl AlbumLine {
    fn of(view: &AlbumView, scenario: &Scenario) -> Self {
        let species = scenario.plants.species.get(view.species);
        Self {
            season: scenario.seasons[view.season].name.clone(),
            species: species.map_or_else(String::new, |species| species.name.clone()),
            water: view.is_thirsty(),
            thirst: view.thirst,
            column: view.column,
            colour: view.colour,
            observation: view.observation.clone(),
        }
    }
}

/// Returns the lines of an album's file.
///
/// # Errors
/// None that an album could cause.
pub fn lines(album: &Album, scenario: &Scenario) -> Result<String, serde_json::Error> {
    let mut text = String::new();
    for view in &album.views {
        text += &serde_json::to_string(&AlbumLine::of(view, scenario))?;
        text.push('\n');
    }
    Ok(text)
}

/// Reads the lines of an album's file.
///
/// # Errors
/// Names the first line that is none.
pub fn parse(text: &str) -> Result<Vec<AlbumLine>, AlbumError> {
    let view = |(number, line)| {
        serde_json::from_str(line).map_err(|source| AlbumError {
            line: number + 1,
            source,
        })
    };
    text.lines().enumerate().map(view).collect()
}

/// Bytes in base64.
mod bytes {
    use super::*;
    use serde::{Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64.decode(text).map_err(serde::de::Error::custom)
    }
}
