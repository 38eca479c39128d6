//! Reads the learning curve and the evaluations that a run has recorded.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::Path;

use super::status::{EvaluationRow, SeasonCurvePoint};
use crate::evaluation::ScoreBaseline;
use crate::metrics::{Record, Recorder};
use crate::training::RunConfig;
use crate::training::run_folder::read_summary;

/// Number of episodes averaged into one point of the curve.
const EPISODES_A_POINT: usize = 16;

/// Reads the recorded learning curve and evaluations of a run. Both are empty if nothing was recorded.
pub fn read_past(run: &Path, config: &RunConfig) -> (Vec<SeasonCurvePoint>, Vec<EvaluationRow>) {
    let Ok(file) = std::fs::File::open(run.join(Recorder::METRICS_FILE_NAME)) else {
        return (Vec::new(), Vec::new());
    };
    // An unreadable line is one that a running process has not finished writing: everything before it is shown.
    let records: Vec<Record> = std::io::BufReader::new(file)
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| serde_json::from_str(&line).ok())
        .collect();
    let baselines: Option<Vec<ScoreBaseline>> = read_summary(run).ok().flatten().map(|summary| {
        let returns = summary.random_return.iter().zip(&summary.gardener_return);
        returns
            .map(|(&random_return, &gardener_return)| ScoreBaseline {
                random_return,
                gardener_return,
                planner_return: None,
                idle_return: None,
            })
            .collect()
    });
    (curve(&records, config, baselines.as_deref()), evaluations(&records, config))
}

fn season_number(config: &RunConfig, name: &str) -> Option<usize> {
    config.scenario.seasons.iter().position(|season| season.name == name)
}

fn evaluations(records: &[Record], config: &RunConfig) -> Vec<EvaluationRow> {
    let seasons = config.scenario.seasons.len();
    let mut rows: BTreeMap<usize, EvaluationRow> = BTreeMap::new();
    for record in records {
        let Record::Evaluation(evaluation) = record else { continue };
        let Some((number, season)) = evaluation.row.zip(season_number(config, &evaluation.season)) else {
            continue;
        };
        let row = rows.entry(number).or_insert_with(|| EvaluationRow {
            after: number.checked_sub(1).map(|before| before % seasons),
            decisions: evaluation.decisions,
            scores: vec![None; seasons],
        });
        row.scores[season] = evaluation.score;
    }
    rows.into_values().collect()
}

fn curve(records: &[Record], config: &RunConfig, baselines: Option<&[ScoreBaseline]>) -> Vec<SeasonCurvePoint> {
    let mut points = Vec::new();
    let mut recent: Vec<(usize, f64)> = Vec::new();
    for record in records {
        let Record::Episode(episode) = record else { continue };
        let Some(season) = season_number(config, &episode.season) else {
            continue;
        };
        if recent.last().is_some_and(|&(last, _)| last != season) {
            recent.clear();
        }
        recent.push((season, episode.episode_return));
        if recent.len() < EPISODES_A_POINT {
            continue;
        }
        let mean = recent.iter().map(|(_, value)| value).sum::<f64>() / recent.len() as f64;
        recent.clear();
        let baseline = baselines.and_then(|baselines| baselines.get(season));
        if let Some(score) = baseline.and_then(|baseline| baseline.score(mean)) {
            points.push(SeasonCurvePoint {
                decisions: episode.decisions,
                season,
                score,
            });
        }
    }
    points
}
