//! The summary of a finished run: `summary.json`.
//!
//! Read by reports, comparisons and people. Undefined numbers are `null`, and `undefined` gives the reasons, one sentence each; nothing
//! is padded with zeros.

use serde::{Deserialize, Serialize};

use crate::evaluation::measures::{self, WateringCount};
use crate::evaluation::{Ledger, ScoreBaseline, ScoreMatrix, Timing, Undefined};

/// Identity, results and cost of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Version of the program.
    pub version: String,
    /// Name of the run.
    pub run_id: String,
    /// Name of the scenario.
    pub scenario: String,
    /// xxh3 of the resolved configuration, as 16 hexadecimal digits: runs that differ in nothing but the seed share it.
    pub settings_hash: String,
    /// Name of the method against forgetting.
    pub method: String,
    /// Name of the algorithm.
    pub algorithm: String,
    /// Seed of the run.
    pub seed: u64,
    /// Number of years.
    pub years: usize,
    /// Decisions per season, over all gardens.
    pub decisions_per_season: u64,
    /// Decisions learned from, over all gardens.
    pub decisions: u64,
    /// Gradient updates.
    pub updates: u64,
    /// Names of the seasons: the columns of the matrices.
    pub seasons: Vec<String>,
    /// Scores (random driver 0, gardener 1); row: after season `i`, counted through all years; column: season `j`. Null where a season was not
    /// evaluated, which happens in lives of twenty seasons or more, or has no score.
    pub score_matrix: Vec<Vec<Option<f64>>>,
    /// Scores before any learning.
    pub untrained_scores: Vec<Option<f64>>,
    /// Mean returns, as in `score_matrix`.
    pub return_matrix: Vec<Vec<Option<f64>>>,
    /// Mean returns before any learning.
    pub untrained_returns: Vec<Option<f64>>,
    /// Scores where each learned season began to turn into the next one, as in `score_matrix`; null for a season that does not turn. Empty
    /// where seasons do not turn into each other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub turning_score_matrix: Vec<Option<Vec<Option<f64>>>>,
    /// Mean returns, as in `turning_score_matrix`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub turning_return_matrix: Vec<Option<Vec<Option<f64>>>>,
    /// Mean return of the random driver in each season.
    pub random_return: Vec<f64>,
    /// Mean return of the gardener in each season.
    pub gardener_return: Vec<f64>,
    /// Mean return of the planning gardener in each season.
    pub planner_return: Vec<Option<f64>>,
    /// Mean return of the driver that does nothing in each season.
    #[serde(default)]
    pub idle_return: Vec<Option<f64>>,
    /// [`measures::average_performance`].
    pub average_performance: Option<f64>,
    /// [`measures::performance_without_harm`].
    #[serde(default)]
    pub performance_without_harm: Option<f64>,
    /// [`measures::seasons_kept`].
    #[serde(default)]
    pub seasons_kept: Option<usize>,
    /// [`measures::forgetting`].
    pub forgetting: Option<f64>,
    /// [`measures::forgetting_from_best`].
    pub forgetting_from_best: Option<f64>,
    /// [`measures::backward_transfer`].
    pub backward_transfer: Option<f64>,
    /// [`measures::zero_shot`]: one a season but the first; empty where it is not defined.
    pub zero_shot: Vec<f64>,
    /// [`measures::worst_retained`]: one a season; empty where it is not defined.
    pub worst_retained: Vec<f64>,
    /// [`measures::year_retention`]: one list a year from the second on.
    pub year_retention: Vec<Vec<Option<f64>>>,
    /// Use of water by the policy in the last evaluation, in each season.
    pub watering: Vec<WateringCount>,
    /// Reasons why numbers are undefined.
    pub undefined: Vec<String>,
    /// Time spent, by activity.
    pub timing: Timing,
    /// Cost in units that do not depend on the machine.
    pub ledger: Ledger,
    /// The most memory that the process had at any time; none where the system does not say.
    pub peak_rss_bytes: Option<u64>,
}

/// Identity of a run, which the numbers of a [`Summary`] do not contain.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunName {
    /// See [`Summary::run_id`].
    pub run_id: String,
    /// See [`Summary::scenario`].
    pub scenario: String,
    /// See [`Summary::method`].
    pub method: String,
    /// See [`Summary::algorithm`].
    pub algorithm: String,
    /// See [`Summary::seed`].
    pub seed: u64,
    /// See [`Summary::decisions_per_season`].
    pub decisions_per_season: u64,
    /// See [`Summary::settings_hash`]; [`settings_hash`] makes it.
    pub settings_hash: String,
}

impl RunName {
    /// The identity of a run of this configuration.
    pub fn of(run_id: String, config: &super::RunConfig) -> Self {
        Self {
            run_id,
            scenario: config.scenario.name.clone(),
            method: config.method.clone(),
            algorithm: config.algorithm.clone(),
            seed: config.seed,
            decisions_per_season: config.decisions_per_season,
            settings_hash: config.settings_hash(),
        }
    }
}

impl Summary {
    /// The summary of a run whose matrix is complete.
    ///
    /// # Errors
    /// [`Undefined::NotEvaluated`] when the matrix is not complete: only a finished run has a summary.
    pub fn new(
        name: RunName,
        matrix: &ScoreMatrix,
        watering: Vec<WateringCount>,
        ledger: Ledger,
        timing: Timing,
    ) -> Result<Self, Undefined> {
        if !matrix.is_complete() {
            return Err(Undefined::NotEvaluated {
                row: matrix.last_row(),
                rows: matrix.rows(),
            });
        }
        let mut undefined = Vec::new();
        let mut scores = Vec::new();
        let mut returns = Vec::new();
        for row in 0..=matrix.last_row() {
            let score = |season| known(&mut undefined, "score", matrix.score(row, season));
            scores.push((0..matrix.seasons().len()).map(score).collect::<Vec<_>>());
            returns.push(matrix.returns(row)?.to_vec());
        }
        let turning = |number: usize| matrix.turning_returns().and_then(|turning| turning.get(&number).cloned());
        let turning_return_matrix: Vec<Option<Vec<Option<f64>>>> = match matrix.turning_returns() {
            Some(_) => (0..matrix.last_row()).map(turning).collect(),
            None => Vec::new(),
        };
        let score = |(season, mean): (usize, &Option<f64>)| matrix.score_of(season, (*mean)?).ok();
        let turning_score_matrix = turning_return_matrix
            .iter()
            .map(|row| row.as_ref().map(|row| row.iter().enumerate().map(score).collect()))
            .collect();
        let average_performance = known(&mut undefined, "average performance", measures::average_performance(matrix));
        let performance_without_harm = known(
            &mut undefined,
            "performance without harm",
            measures::performance_without_harm(matrix),
        );
        let seasons_kept = known(&mut undefined, "seasons kept", measures::seasons_kept(matrix));
        let forgetting = known(&mut undefined, "forgetting", measures::forgetting(matrix));
        let forgetting_from_best = known(&mut undefined, "forgetting from best", measures::forgetting_from_best(matrix));
        let backward_transfer = known(&mut undefined, "backward transfer", measures::backward_transfer(matrix));
        let zero_shot = known(&mut undefined, "zero-shot", measures::zero_shot(matrix)).unwrap_or_default();
        let worst_retained = known(&mut undefined, "worst retained", measures::worst_retained(matrix)).unwrap_or_default();
        let year_retention = match measures::year_retention(matrix) {
            // That a single year has no retention goes without saying.
            Err(Undefined::TooFewYears { .. }) => Vec::new(),
            other => known(&mut undefined, "year retention", other).unwrap_or_default(),
        };
        let mut part = |retained| known(&mut undefined, "year retention", retained);
        let year_retention = year_retention
            .into_iter()
            .map(|year| year.into_iter().map(&mut part).collect())
            .collect();
        let baseline = |value: fn(&ScoreBaseline) -> f64| matrix.baselines().iter().map(value).collect();
        Ok(Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            run_id: name.run_id,
            scenario: name.scenario,
            settings_hash: name.settings_hash,
            method: name.method,
            algorithm: name.algorithm,
            seed: name.seed,
            years: matrix.years(),
            decisions_per_season: name.decisions_per_season,
            decisions: ledger.decisions,
            updates: ledger.updates,
            seasons: matrix.seasons().to_vec(),
            untrained_scores: scores.remove(0),
            score_matrix: scores,
            untrained_returns: returns.remove(0),
            return_matrix: returns,
            turning_score_matrix,
            turning_return_matrix,
            random_return: baseline(|baseline| baseline.random_return),
            gardener_return: baseline(|baseline| baseline.gardener_return),
            planner_return: matrix.baselines().iter().map(|baseline| baseline.planner_return).collect(),
            idle_return: matrix.baselines().iter().map(|baseline| baseline.idle_return).collect(),
            average_performance,
            performance_without_harm,
            seasons_kept,
            forgetting,
            forgetting_from_best,
            backward_transfer,
            zero_shot,
            worst_retained,
            year_retention,
            watering,
            undefined,
            timing,
            ledger,
            peak_rss_bytes: peak_rss_bytes(),
        })
    }
}

/// The value, or none and a sentence that says why; the same sentence only once.
fn known<T>(undefined: &mut Vec<String>, what: &str, value: Result<T, Undefined>) -> Option<T> {
    value
        .inspect_err(|why| {
            let sentence = format!("{what}: {why}");
            if !undefined.contains(&sentence) {
                undefined.push(sentence);
            }
        })
        .ok()
}

/// Returns `true` if the configuration in a run's folder is the one that its summary was made of. Both text and settings are tried:
/// settings survive another layout of the text, the text survives versions that write more settings.
pub fn is_config_of(summary: &Summary, config_toml: &str, config: &super::RunConfig) -> bool {
    let unseeded = |line: &str| {
        if line.starts_with("seed = ") {
            "seed = 0\n".to_owned()
        } else {
            line.to_owned()
        }
    };
    // The seed stands before the first table; a table may have one of its own.
    let (top, tables) = config_toml.split_at(config_toml.find("\n[").map_or(config_toml.len(), |end| end + 1));
    let text: String = top.split_inclusive('\n').map(unseeded).collect();
    summary.settings_hash == settings_hash(&(text + tables)) || summary.settings_hash == config.settings_hash()
}

/// The hash that tells configurations apart: xxh3 of their text, as 16 hexadecimal digits. The caller leaves the seed out.
pub fn settings_hash(config_toml: &str) -> String {
    format!("{:016x}", xxhash_rust::xxh3::xxh3_64(config_toml.as_bytes()))
}

/// The most memory that this process had at any time, as Linux counts it (`VmHWM`); none on systems that do not say so there.
pub fn peak_rss_bytes() -> Option<u64> {
    peak_rss_in(&std::fs::read_to_string("/proc/self/status").ok()?)
}

fn peak_rss_in(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A finished year of two seasons.
    pub(crate) fn example() -> Summary {
        summary(vec![
            ScoreBaseline {
                random_return: -10.0,
                gardener_return: 10.0,
                planner_return: Some(14.0),
                idle_return: None,
            },
            ScoreBaseline {
                random_return: -5.0,
                gardener_return: 5.0,
                planner_return: None,
                idle_return: None,
            },
        ])
    }

    fn summary(baselines: Vec<ScoreBaseline>) -> Summary {
        let mut matrix = ScoreMatrix::new(vec!["spring".into(), "autumn".into()], 1, baselines).unwrap();
        for returns in [[-10.0, -5.0], [10.0, -10.0], [0.0, 5.0]] {
            matrix.push_returns(returns.to_vec()).unwrap();
        }
        let name = RunName {
            run_id: "a-run".into(),
            scenario: "two".into(),
            method: "replay".into(),
            ..RunName::default()
        };
        let ledger = Ledger {
            decisions: 120_000,
            updates: 15_000,
            ..Ledger::default()
        };
        Summary::new(name, &matrix, vec![WateringCount::default(); 2], ledger, Timing::default()).unwrap()
    }

    #[test]
    fn every_promised_key_is_there() {
        let json = serde_json::to_value(example()).unwrap();
        let promised = "scenario method algorithm seed decisions updates score_matrix seasons average_performance forgetting \
            forgetting_from_best random_return gardener_return planner_return timing ledger peak_rss_bytes";
        for key in promised.split_whitespace() {
            assert!(json.get(key).is_some(), "{key} is missing");
        }
        for key in ["environment_s", "learning_s", "evaluation_s", "total_s"] {
            assert!(json["timing"].get(key).is_some(), "timing.{key} is missing");
        }
        for key in ["multiply_adds", "evaluation_decisions", "memory_bytes", "method_state_bytes"] {
            assert!(json["ledger"].get(key).is_some(), "ledger.{key} is missing");
        }
    }

    #[test]
    fn the_first_row_of_the_matrix_is_after_the_first_season() {
        let summary = example();
        assert_eq!(summary.untrained_scores, [Some(0.0), Some(0.0)]);
        assert_eq!(summary.score_matrix, [[Some(1.0), Some(-0.5)], [Some(0.5), Some(1.0)]]);
        assert_eq!((summary.average_performance, summary.forgetting), (Some(0.75), Some(0.5)));
        assert!(summary.undefined.is_empty());
    }

    #[test]
    fn a_season_without_score_baseline_is_null_and_says_why_once() {
        let flat = ScoreBaseline {
            random_return: 1.0,
            gardener_return: 1.0,
            planner_return: None,
            idle_return: None,
        };
        let summary = summary(vec![
            flat,
            ScoreBaseline {
                random_return: -5.0,
                gardener_return: 5.0,
                planner_return: None,
                idle_return: None,
            },
        ]);
        assert_eq!(summary.score_matrix[1], [None, Some(1.0)]);
        assert_eq!((summary.average_performance, summary.forgetting), (None, None));
        assert_eq!(summary.undefined.iter().filter(|why| why.starts_with("score:")).count(), 1);
        assert!(!serde_json::to_string(&summary).unwrap().contains("NaN"));
    }

    #[test]
    fn a_summary_comes_back_from_its_text() {
        let summary = example();
        assert_eq!(
            serde_json::from_str::<Summary>(&serde_json::to_string(&summary).unwrap()).unwrap(),
            summary
        );
    }

    #[test]
    fn peak_memory_is_read_as_linux_writes_it() {
        assert_eq!(
            peak_rss_in("Name:\tperennial\nVmHWM:\t  123456 kB\nVmRSS:\t 99 kB\n"),
            Some(126_418_944)
        );
        assert_eq!(peak_rss_in("VmHWM: many"), None);
        assert!(!cfg!(target_os = "linux") || peak_rss_bytes().is_some_and(|bytes| bytes > 1_000_000));
    }
}
