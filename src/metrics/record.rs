//! Records: one type per kind of event.
//!
//! Every key carries its unit or is an established term. Records do not depend on the clock. `decisions` is always the total over
//! all gardens since the start of the run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::evaluation::Ledger;
use crate::evaluation::measures::WateringCount;
use crate::metrics::InsideRecord;

/// One line of `metrics.jsonl`; the field `kind` tells the variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Record {
    /// An episode ended in one garden.
    Episode(EpisodeRecord),
    /// Statistics of the latest updates.
    Learning(LearningRecord),
    /// The policy was evaluated in one season.
    Evaluation(EvaluationRecord),
    /// A season has been learned.
    Season(SeasonRecord),
    /// A look inside the learner.
    Inside(Box<InsideRecord>),
}

/// Record of an episode that ended in one garden.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EpisodeRecord {
    /// Decisions so far.
    pub decisions: u64,
    /// Year, from 0.
    pub year: usize,
    /// Name of the season.
    pub season: String,
    /// Number of the garden.
    pub garden: usize,
    /// Length of the episode, in decisions.
    pub length_decisions: u64,
    /// Sum of rewards.
    pub episode_return: f64,
    /// `true` if it reached a terminal state, `false` if it was cut off.
    pub terminated: bool,
    /// Decisions in which the robot bumped into something.
    pub bumps: u64,
    /// Counts of sprays by what they hit.
    #[serde(flatten)]
    pub watering: WateringCount,
}

/// Statistics of the updates since the last such record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LearningRecord {
    /// Decisions so far.
    pub decisions: u64,
    /// Gradient updates so far.
    pub updates: u64,
    /// Mean of each part of the loss, by name: `temporal_difference`, `cloning`...
    pub losses: BTreeMap<String, f64>,
    /// Mean Euclidean norm of the gradient, before clipping.
    pub gradient_norm: f64,
    /// Mean value of the actions taken, as estimated by the network.
    pub mean_value: f64,
    /// Current probability of a random action, or the temperature of a stochastic policy.
    pub exploration: f64,
    /// Number of transitions currently stored, recent and past.
    pub memory_experiences: u64,
}

/// Record of an evaluation in one season.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EvaluationRecord {
    /// Decisions so far.
    pub decisions: u64,
    /// Row of the score matrix; `None` for an evaluation in mid-season, where a season begins to turn into the next one.
    pub row: Option<usize>,
    /// Name of the season.
    pub season: String,
    /// Number of episodes evaluated.
    pub episodes: u64,
    /// Mean return per episode.
    pub mean_return: f64,
    /// Score between random driver (0) and gardener (1); `None` if the gardener is no better than the random driver.
    pub score: Option<f64>,
}

/// Record of a season that has been learned.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SeasonRecord {
    /// Decisions so far.
    pub decisions: u64,
    /// Year, from 0.
    pub year: usize,
    /// Name of the season.
    pub season: String,
    /// Row of the score matrix that this evaluation adds.
    pub row: usize,
    /// Scores in all seasons.
    pub scores: Vec<Option<f64>>,
    /// Cost of the run so far.
    pub ledger: Ledger,
}

impl Record {
    /// Decisions at the time of the record: its position on the horizontal axis.
    pub fn decisions(&self) -> u64 {
        match self {
            Self::Episode(record) => record.decisions,
            Self::Learning(record) => record.decisions,
            Self::Evaluation(record) => record.decisions,
            Self::Season(record) => record.decisions,
            Self::Inside(record) => record.decisions,
        }
    }

    /// Returns the values to plot as curves, by name.
    pub fn scalars(&self) -> Vec<(String, f64)> {
        match self {
            Self::Episode(record) => {
                let mut scalars = vec![
                    ("episode/return".to_owned(), record.episode_return),
                    ("episode/bumps".to_owned(), record.bumps as f64),
                ];
                let percent = record.watering.correct_percent().ok();
                scalars.extend(percent.map(|percent| ("episode/correct_waterings_percent".to_owned(), percent)));
                scalars
            }
            Self::Learning(record) => {
                let losses = record.losses.iter().map(|(name, loss)| (format!("loss/{name}"), *loss));
                let others = [
                    ("learning/gradient_norm", record.gradient_norm),
                    ("learning/mean_value", record.mean_value),
                    ("learning/exploration", record.exploration),
                    ("learning/memory_experiences", record.memory_experiences as f64),
                ];
                losses.chain(others.map(|(name, value)| (name.to_owned(), value))).collect()
            }
            Self::Evaluation(record) => {
                let mut scalars = vec![(format!("return/{}", record.season), record.mean_return)];
                scalars.extend(record.score.map(|score| (format!("score/{}", record.season), score)));
                scalars
            }
            Self::Season(record) => {
                let known: Option<Vec<f64>> = record.scores.iter().copied().collect();
                let mean = known
                    .filter(|scores| !scores.is_empty())
                    .map(|scores| scores.iter().sum::<f64>() / scores.len() as f64);
                mean.map(|mean| ("score/mean".to_owned(), mean)).into_iter().collect()
            }
            Self::Inside(record) => record.scalars(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn examples() -> Vec<Record> {
        let watering = WateringCount {
            thirst_relieved: 3.5,
            sprays_thirsty: 6,
            sprays_needless: 2,
            sprays_ground: 0,
        };
        let season = "autumn".to_owned();
        vec![
            Record::Episode(EpisodeRecord {
                decisions: 4_800,
                season: season.clone(),
                watering,
                ..Default::default()
            }),
            Record::Learning(LearningRecord {
                losses: BTreeMap::from([("cloning".into(), 0.25)]),
                ..Default::default()
            }),
            Record::Evaluation(EvaluationRecord {
                row: Some(1),
                season: season.clone(),
                score: None,
                ..Default::default()
            }),
            Record::Season(SeasonRecord {
                season,
                scores: vec![Some(1.0), Some(0.0)],
                ..Default::default()
            }),
            Record::Inside(Box::new(InsideRecord {
                answers: "0142".to_owned(),
                ..Default::default()
            })),
        ]
    }

    #[test]
    fn every_record_names_its_kind_first_and_comes_back() {
        for (record, kind) in examples()
            .into_iter()
            .zip(["episode", "learning", "evaluation", "season", "inside"])
        {
            let line = serde_json::to_string(&record).unwrap();
            assert!(line.starts_with(&format!("{{\"kind\":\"{kind}\",\"decisions\":")), "{line}");
            assert_eq!(serde_json::from_str::<Record>(&line).unwrap(), record);
        }
    }

    #[test]
    fn scalars_are_named_by_what_they_are_of() {
        let scalars: Vec<Vec<(String, f64)>> = examples().iter().map(Record::scalars).collect();
        assert!(scalars[0].contains(&("episode/correct_waterings_percent".to_owned(), 75.0)));
        assert!(scalars[1].contains(&("loss/cloning".to_owned(), 0.25)));
        assert_eq!(
            scalars[2],
            [("return/autumn".to_owned(), 0.0)],
            "a score that is not defined makes no point"
        );
        assert_eq!(scalars[3], [("score/mean".to_owned(), 0.5)], "a zero is a value");
    }

    #[test]
    fn no_water_makes_no_point_rather_than_a_zero() {
        let idle = Record::Episode(EpisodeRecord::default());
        assert!(idle.scalars().iter().all(|(name, _)| !name.contains("percent")));
    }
}
