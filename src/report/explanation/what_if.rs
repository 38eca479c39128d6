//! Comparison with what another method would have done: the same run up to the same decision, with nothing changed but the method.

use serde::{Deserialize, Serialize};

use super::findings::{Departure, Findings};
use super::{AnswerChange, ScoreChange, WatchedRun};

/// Forgotten seasons of a run beside the same seasons of a run by another method.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WhatIf {
    /// Name of the other method.
    pub method: String,
    /// Each forgotten season that the other run came to.
    pub seasons: Vec<OtherSeason>,
}

/// A season that was forgotten, in the run of the other method.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OtherSeason {
    /// Name of the season.
    pub season: String,
    /// Decisions at its end.
    pub end_decisions: u64,
    /// Decisions up to which both runs are compared.
    pub until_decisions: u64,
    /// Change of the score in the run that is explained, where it is known.
    pub score: Option<ScoreChange>,
    /// Change of the score with the other method, where it is known.
    pub other_score: Option<ScoreChange>,
    /// Number of answers that were lost, and of those that were won, in the run that is explained.
    pub lost_and_won: (usize, usize),
    /// Change of the answers with the other method.
    pub other_answers: AnswerChange,
}

impl OtherSeason {
    /// `true` if the season was forgotten with the other method too; `None` if that is not known, or it was not learned.
    pub fn is_forgotten_too(&self) -> Option<bool> {
        let score = self.other_score.filter(ScoreChange::was_learned)?;
        Some(score.fell() && self.other_answers.fell())
    }
}

impl WhatIf {
    /// Decisions that a run by another method must come to, for all forgotten seasons to be compared; `None` if none was forgotten.
    pub fn needed_decisions(findings: &Findings) -> Option<u64> {
        findings.forgotten().map(|departure| departure.until_decisions).max()
    }

    /// Compares the forgotten seasons of a run with those of another.
    pub fn of(findings: &Findings, other: &WatchedRun) -> Self {
        Self {
            method: other.config.method.clone(),
            seasons: findings
                .forgotten()
                .filter_map(|departure| compared(departure, other))
                .collect(),
        }
    }
}

fn compared(departure: &Departure, other: &WatchedRun) -> Option<OtherSeason> {
    let at = |decisions: u64| other.looks.iter().position(|look| look.decisions == decisions);
    let (end, last) = (at(departure.end_decisions)?, at(departure.until_decisions)?);
    let season = departure.season.as_str();
    let begun = (0..=end)
        .rev()
        .take_while(|look| other.looks[*look].season.as_deref() == Some(season));
    let begun = begun
        .last()
        .and_then(|first| first.checked_sub(1))
        .map_or(0, |look| other.looks[look].decisions);
    Some(OtherSeason {
        season: season.to_owned(),
        end_decisions: departure.end_decisions,
        until_decisions: departure.until_decisions,
        score: departure.score,
        other_score: ScoreChange::of(other, season, begun, departure.end_decisions, departure.until_decisions).ok(),
        lost_and_won: (departure.answers.lost.len(), departure.answers.won),
        other_answers: AnswerChange::of(other, season, end, last),
    })
}
