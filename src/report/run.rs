//! A finished run, as read by a report.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::{InsideDigest, WatchedRun};
use crate::evaluation::{CurvePoint, LearningCurve, ScoreBaseline, ScoreMatrix, Undefined};
use crate::learner::canonical_method;
use crate::metrics::{EpisodeRecord, Record, Recorder};
use crate::training::run_folder::{read_config, read_summary};
use crate::training::summary::is_config_of;
use crate::training::{RunConfig, Summary, read_album_text, read_run_config};

/// Maximum number of points in the curve of a season.
const POINTS_A_SEASON: u64 = 12;

/// A finished run.
#[derive(Clone, Debug)]
pub struct Run {
    /// Path of its folder.
    pub path: PathBuf,
    /// Configuration of the run.
    pub config: RunConfig,
    /// Summary of the results.
    pub summary: Summary,
    /// Score matrix.
    pub matrix: ScoreMatrix,
    /// Scores of the training episodes.
    pub training: TrainingCurve,
    /// Digest of the looks inside its learner; `None` if there were none.
    pub inside: Option<InsideDigest>,
}

/// Scores of the training episodes, exploration included: means over stretches of equal length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrainingCurve {
    /// Length of a stretch, in decisions.
    pub stretch_decisions: u64,
    /// Mean score by the number of the stretch, from 0. A stretch in which no episode ended is absent.
    pub scores: BTreeMap<u64, f64>,
    /// The same within each season of each year, at the ends of stretches counted from the season's beginning, until it begins to turn into
    /// the next one.
    pub years: Vec<Vec<Vec<CurvePoint>>>,
}

impl Run {
    /// Reads the folder of a run.
    ///
    /// # Errors
    /// Returns the reason why the run cannot be reported, as a sentence.
    pub fn read(path: &Path) -> Result<Self, String> {
        let config = read_run_config(path).map_err(|error| format!("config.toml cannot be used: {error}"))?;
        let mut summary = read_summary(path)
            .map_err(|error| error.to_string())?
            .ok_or("incomplete: the run has not finished, since there is no summary.json")?;
        // Older versions wrote the name as the user typed it.
        summary.method = canonical_method(&summary.method);
        summary.scenario = summary.scenario.split_whitespace().collect::<Vec<_>>().join(" ");
        let same = (
            summary.method.as_str(),
            summary.algorithm.as_str(),
            summary.seed,
            &summary.scenario,
        ) == (
            config.method.as_str(),
            config.algorithm.as_str(),
            config.seed,
            &config.scenario.name,
        );
        if !same {
            return Err("config.toml and summary.json belong to different runs".to_owned());
        }
        let text = read_config(path).map_err(|error| error.to_string())?;
        if !is_config_of(&summary, &text, &config) {
            return Err("config.toml was changed after the run had finished: its results belong to other settings".to_owned());
        }
        let matrix = matrix(&summary, &config).map_err(|why| format!("its scores cannot be used: {why}"))?;
        let (episodes, inside) = records(path, &config)?;
        let training = TrainingCurve::new(&config, &matrix, &episodes);
        Ok(Self {
            path: path.to_owned(),
            config,
            summary,
            matrix,
            training,
            inside,
        })
    }

    /// Restores a run from an archive.
    ///
    /// # Errors
    /// Returns the reason why it cannot be reported, as a sentence.
    pub(super) fn of_archive(
        path: PathBuf,
        config: RunConfig,
        summary: Summary,
        training: TrainingCurve,
        inside: Option<InsideDigest>,
    ) -> Result<Self, String> {
        let matrix = matrix(&summary, &config).map_err(|why| format!("its scores cannot be used: {why}"))?;
        Ok(Self {
            path,
            config,
            summary,
            matrix,
            training,
            inside,
        })
    }

    /// Returns the learning curve of a season in a year, counted from 0.
    ///
    /// # Errors
    /// Returns an error if all seasons were learned at once, or if too few episodes ended in the season.
    pub fn season_curve(&self, year: usize, season: usize) -> Result<LearningCurve, Undefined> {
        let points = self.training.years.get(year).and_then(|seasons| seasons.get(season));
        LearningCurve::new(points.cloned().unwrap_or_default())
    }
}

impl TrainingCurve {
    /// Computes the curve from the episodes of a run.
    pub fn new(config: &RunConfig, matrix: &ScoreMatrix, episodes: &[EpisodeRecord]) -> Self {
        let season_decisions = config.ticks_per_season() * config.gardens as u64;
        let calendar = config.calendar();
        // All gardens end their episodes at the same time, so some shorter stretches would be empty.
        let round = config.gardens as u64 * u64::from(config.scenario.episode.decisions);
        let stretch_decisions = round.max(season_decisions.div_ceil(POINTS_A_SEASON)).max(1);
        let seasons = matrix.seasons();
        let mut whole = Means::default();
        let mut by_season = vec![Means::default(); seasons.len() * matrix.years()];
        for episode in episodes {
            let Some(season) = seasons.iter().position(|name| *name == episode.season) else {
                continue;
            };
            let Ok(score) = matrix.score_of(season, episode.episode_return) else {
                continue;
            };
            whole.add(episode.decisions.saturating_sub(1) / stretch_decisions, score);
            let number = episode.year * seasons.len() + season;
            let begins = calendar.start(number) * config.gardens as u64;
            // While a season turns, its score baseline is no longer that of what is learned.
            let turns = calendar
                .turning_start(number)
                .map_or(u64::MAX, |turns| turns * config.gardens as u64);
            if !config.all_at_once()
                && (begins + 1..=turns).contains(&episode.decisions)
                && let Some(means) = by_season.get_mut(number)
            {
                means.add((episode.decisions - begins - 1) / stretch_decisions, score);
            }
        }
        let points = |means: Means| {
            let point = |(stretch, score): (u64, f64)| CurvePoint {
                decisions: (stretch + 1) * stretch_decisions,
                score,
            };
            means.finish().into_iter().map(point).collect()
        };
        Self {
            stretch_decisions,
            scores: whole.finish(),
            years: by_season
                .chunks(seasons.len().max(1))
                .map(|year| year.iter().cloned().map(points).collect())
                .collect(),
        }
    }
}

/// Means by the number of a stretch.
#[derive(Clone, Default)]
struct Means(BTreeMap<u64, (f64, u64)>);

impl Means {
    fn add(&mut self, stretch: u64, value: f64) {
        let (sum, count) = self.0.entry(stretch).or_default();
        *sum += value;
        *count += 1;
    }

    fn finish(self) -> BTreeMap<u64, f64> {
        self.0
            .into_iter()
            .map(|(stretch, (sum, count))| (stretch, sum / count as f64))
            .collect()
    }
}

/// Rebuilds the matrix from which a summary was made.
fn matrix(summary: &Summary, config: &RunConfig) -> Result<ScoreMatrix, Undefined> {
    let missing = |found| Undefined::Mismatch {
        what: "score baselines",
        expected: summary.seasons.len(),
        found,
    };
    let baseline = |season: usize| {
        Some(ScoreBaseline {
            random_return: *summary.random_return.get(season)?,
            gardener_return: *summary.gardener_return.get(season)?,
            planner_return: summary.planner_return.get(season).copied().flatten(),
            idle_return: summary.idle_return.get(season).copied().flatten(),
        })
    };
    let baselines: Vec<ScoreBaseline> = (0..summary.seasons.len()).map_while(baseline).collect();
    if baselines.len() < summary.seasons.len() {
        return Err(missing(baselines.len()));
    }
    let mut matrix = ScoreMatrix::new(summary.seasons.clone(), summary.years, baselines)?;
    for row in std::iter::once(&summary.untrained_returns).chain(&summary.return_matrix) {
        matrix.push_returns(row.clone())?;
    }
    if config.turns() {
        let turning = summary.turning_return_matrix.iter().enumerate();
        let turning = turning.filter_map(|(number, returns)| Some((number, returns.clone()?)));
        matrix = matrix.with_turning(turning.collect())?;
    }
    if matrix.is_complete() {
        Ok(matrix)
    } else {
        Err(Undefined::NotEvaluated {
            row: matrix.last_row(),
            rows: matrix.rows(),
        })
    }
}

/// Reads all training episodes of a run, and digests the looks inside its learner if there were any.
fn records(path: &Path, config: &RunConfig) -> Result<(Vec<EpisodeRecord>, Option<InsideDigest>), String> {
    let name = Recorder::METRICS_FILE_NAME;
    let text = fs::read_to_string(path.join(name)).map_err(|error| format!("incomplete: {name} cannot be read: {error}"))?;
    let album = read_album_text(path).map_err(|error| error.to_string())?;
    // A run without looks, or whose album is gone or another's, is reported without them.
    let watched = album
        .filter(|_| text.ends_with('\n'))
        .and_then(|album| WatchedRun::of_texts(path, config.clone(), &text, Some(&album)).ok());
    match watched {
        Some(run) => {
            let digest = InsideDigest::of(&run);
            Ok((run.episodes, Some(digest)))
        }
        None => Ok((episodes(&text)?, None)),
    }
}

fn episodes(text: &str) -> Result<Vec<EpisodeRecord>, String> {
    let name = Recorder::METRICS_FILE_NAME;
    let mut episodes = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let record = serde_json::from_str(line).map_err(|error| format!("{name} is damaged in line {}: {error}", number + 1))?;
        if let Record::Episode(episode) = record {
            episodes.push(episode);
        }
    }
    Ok(episodes)
}
