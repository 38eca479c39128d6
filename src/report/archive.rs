//! Archives of studies: what a report needs of every run, in one small file that can be kept with the text.
//!
//! A gzip file (RFC 1952) with one JSON document: configurations, each once and without its seed; for each run its summary and the curve of its
//! training episodes, with a digest of the looks inside its learner; the folders that were left out; the forecasts, which are measured in gardens. Numbers are written such that they come
//! back to the last bit.
//!
//! Always holds: the report of an archive is that of the folders it was made of, byte for byte, and runs nothing; the same runs give the same
//! archive; an archive that is damaged or of another format is refused as a whole.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use garde::Validate;
use serde::{Deserialize, Serialize};

use super::{Collection, Document, InsideDigest, OmittedFolder, ReportError, Run, TrainingCurve};
use crate::authoring::probe::Forecast;
use crate::evaluation::CurvePoint;
use crate::evaluation::application::ApplicationResult;
use crate::files::read_small;
use crate::training::{RunConfig, Summary};

/// Format of the archives that are written and read.
const FORMAT: u32 = 1;
/// Most bytes of an archive.
const MOST_BYTES: u64 = 64 << 20;
/// Most bytes of an archive once it is decompressed.
const MOST_TEXT_BYTES: u64 = 1 << 30;

/// Contents of an archive.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Archive {
    format: u32,
    /// Version of the program that wrote the archive.
    version: String,
    /// Distinct configurations, with seed 0, as in `config.toml`.
    configs: Vec<String>,
    runs: Vec<ArchivedRun>,
    omissions: Vec<ArchivedOmission>,
    /// Results of applications.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    applications: Vec<ApplicationResult>,
    /// Forecasts by the title of their section.
    forecasts: BTreeMap<String, Option<Forecast>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ArchivedRun {
    path: String,
    /// Number of its configuration.
    config: usize,
    summary: Summary,
    stretch_decisions: u64,
    scores: Columns,
    years: Vec<Vec<Columns>>,
    /// Digest of the looks inside the learner; the album is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    inside: Option<InsideDigest>,
}

/// Pairs of decisions and score, as two lists: the first is the same for most runs, and takes no space then.
type Columns = (Vec<u64>, Vec<f64>);

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ArchivedOmission {
    path: String,
    reason: String,
}

/// Returns the archive of a report's runs.
///
/// # Errors
/// Returns an error if a configuration cannot be written, which no run that was read can cause.
pub fn archive(document: &Document) -> Result<Vec<u8>, ReportError> {
    let mut archive = Archive {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        configs: Vec::new(),
        runs: Vec::new(),
        omissions: Vec::new(),
        applications: document.applications.clone(),
        forecasts: BTreeMap::new(),
    };
    for content in &document.sections {
        let section = &content.section;
        archive.forecasts.insert(section.title.clone(), section.forecast().cloned());
        for run in section.runs() {
            let unseeded = RunConfig {
                seed: 0,
                ..run.config.clone()
            };
            let text = unseeded
                .to_toml()
                .map_err(|error| ReportError::Archiving(error.to_string()))?;
            let known = archive.configs.iter().position(|known| *known == text);
            let config = known.unwrap_or_else(|| {
                archive.configs.push(text);
                archive.configs.len() - 1
            });
            archive.runs.push(ArchivedRun::of(run, config));
        }
    }
    let omissions = document.omissions.iter().map(|omission| ArchivedOmission {
        path: omission.path.display().to_string(),
        reason: omission.reason.clone(),
    });
    archive.omissions = omissions.collect();
    let text = serde_json::to_vec(&archive).map_err(|error| ReportError::Archiving(error.to_string()))?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder
        .write_all(&text)
        .and_then(|()| encoder.finish())
        .map_err(|error| ReportError::Archiving(error.to_string()))
}

/// Reads the runs of an archive.
///
/// # Errors
/// Returns an error if the file cannot be read, is no archive, is damaged, or is of another format.
pub(super) fn read_archive(path: &Path) -> Result<Collection, ReportError> {
    let refuse = |reason: String| ReportError::Archive {
        path: path.to_owned(),
        reason,
    };
    let bytes = read_small(path, MOST_BYTES).map_err(|error| refuse(error.to_string()))?;
    let mut text = Vec::new();
    GzDecoder::new(&bytes[..])
        .take(MOST_TEXT_BYTES)
        .read_to_end(&mut text)
        .map_err(|error| refuse(format!("it is not a gzip file, or it is damaged: {error}")))?;
    contents(&text).map_err(refuse)
}

fn contents(text: &[u8]) -> Result<Collection, String> {
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    let unreadable = |error: serde_json::Error| format!("its contents cannot be read: {error}");
    // First the format: of another one, nothing else would be understood.
    let Format { format } = serde_json::from_slice(text).map_err(unreadable)?;
    if format != FORMAT {
        return Err(format!("it is of format {format}, and this version reads format {FORMAT}"));
    }
    let archive: Archive = serde_json::from_slice(text).map_err(unreadable)?;
    let configs = archive.configs.iter().map(|text| {
        let config: RunConfig = toml::from_str(text).map_err(|error| format!("a configuration cannot be read: {error}"))?;
        config
            .validate()
            .map_err(|error| format!("a configuration is out of range: {error}"))?;
        Ok(config)
    });
    let configs = configs.collect::<Result<Vec<_>, String>>()?;
    let omissions = archive.omissions.into_iter().map(|omission| OmittedFolder {
        path: PathBuf::from(omission.path),
        reason: omission.reason,
    });
    Ok(Collection {
        runs: archive
            .runs
            .into_iter()
            .map(|run| run.restored(&configs))
            .collect::<Result<_, _>>()?,
        applications: archive.applications,
        omissions: omissions.collect(),
        forecasts: archive.forecasts,
    })
}

impl ArchivedRun {
    fn of(run: &Run, config: usize) -> Self {
        let columns = |points: &Vec<CurvePoint>| points.iter().map(|point| (point.decisions, point.score)).unzip();
        let TrainingCurve {
            stretch_decisions,
            scores,
            years,
        } = &run.training;
        Self {
            path: run.path.display().to_string(),
            config,
            summary: run.summary.clone(),
            stretch_decisions: *stretch_decisions,
            scores: scores.iter().map(|(stretch, score)| (*stretch, *score)).unzip(),
            years: years.iter().map(|seasons| seasons.iter().map(columns).collect()).collect(),
            inside: run.inside.clone(),
        }
    }

    fn restored(self, configs: &[RunConfig]) -> Result<Run, String> {
        let damaged = |what: &str| format!("run {}: {what}", self.path);
        let config = configs
            .get(self.config)
            .ok_or_else(|| damaged("its configuration is missing"))?;
        let config = RunConfig {
            seed: self.summary.seed,
            ..config.clone()
        };
        let pairs = |(decisions, scores): &Columns| {
            if decisions.len() == scores.len() {
                Ok(decisions
                    .iter()
                    .copied()
                    .zip(scores.iter().copied())
                    .collect::<Vec<(u64, f64)>>())
            } else {
                Err(damaged("a curve has not as many scores as decisions"))
            }
        };
        let points = |columns: &Columns| {
            let point = |(decisions, score)| CurvePoint { decisions, score };
            Ok(pairs(columns)?.into_iter().map(point).collect())
        };
        let training = TrainingCurve {
            stretch_decisions: self.stretch_decisions,
            scores: pairs(&self.scores)?.into_iter().collect(),
            years: self
                .years
                .iter()
                .map(|seasons| seasons.iter().map(points).collect())
                .collect::<Result<_, String>>()?,
        };
        Run::of_archive(
            PathBuf::from(&self.path),
            config,
            self.summary.clone(),
            training,
            self.inside.clone(),
        )
        .map_err(|why| damaged(&why))
    }
}

#[cfg(test)]
#[path = "archive_tests.rs"]
mod tests;
