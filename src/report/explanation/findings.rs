//! Findings: what follows from the records of a run, as data.
//!
//! A season that is left is **forgotten** if it was learned (a score of at least 0.3 at its end) and, at the end of a later season before it came
//! back, both had fallen by more than chance:
//! - its score, by more than 0.2 and by more than three standard errors of the difference of two evaluations;
//! - the answers to its views, by at least 15 % of them on balance, and with a probability below 0.01 in a sign test.
//!
//! If only one of the two fell, that is said, and not that the season is forgotten. What is said holds up to the first season's end at which both
//! had fallen; up to the last one if there is none.

use serde::{Deserialize, Serialize};

use super::{AnswerChange, EarlyForecast, GradientFinding, ScoreChange, WatchedRun};

/// Everything that an explanation says, as data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// Name of the run.
    pub run: String,
    /// Name of the scenario.
    pub scenario: String,
    /// Name of the method.
    pub method: String,
    /// Name of the algorithm.
    pub algorithm: String,
    /// Seed of the run.
    pub seed: u64,
    /// Decisions at the last look.
    pub decisions: u64,
    /// Number of looks.
    pub looks: usize,
    /// Number of views.
    pub views: usize,
    /// `true` if all seasons were learned at once, so that none was left.
    pub all_at_once: bool,
    /// Unit in which the policy's change is measured.
    pub divergence_unit: String,
    /// Each time that a season was left.
    pub departures: Vec<Departure>,
}

/// A season that was left, and what became of it until it came back or the run ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Departure {
    /// Name of the season.
    pub season: String,
    /// Year, from 0.
    pub year: usize,
    /// Decisions at its end.
    pub end_decisions: u64,
    /// Decisions at the look up to which this is said: at the end of the first season after which it was forgotten, or else the last look before it
    /// came back, or of the run.
    pub until_decisions: u64,
    /// Verdict on this season.
    pub verdict: Verdict,
    /// Change of the score, where it is known.
    pub score: Option<ScoreChange>,
    /// A clause that says why the change of the score is not known.
    pub score_not_known: Option<String>,
    /// Score at the last evaluation before it came back, or of the run, if that is a later one.
    pub final_score: Option<f64>,
    /// Time of that evaluation, in decisions.
    pub final_decisions: Option<u64>,
    /// Change of the answers.
    pub answers: AnswerChange,
    /// Gradients around the time in which answers were lost, if they were by more than chance.
    pub gradients: Option<GradientFinding>,
    /// Change of the policy on the season's views at the last look.
    pub divergence: Option<f64>,
    /// Similarity of the last hidden layer's representation of the season's views at the last look to that at its end.
    pub similarity: Option<f64>,
    /// Forecasts from the first tenth of each later season, until it came back.
    pub forecasts: Vec<EarlyForecast>,
    /// Share of the season in the method's memory of the past at the last look; `None` if it holds nothing, or is not told seasons.
    pub memory_share: Option<f64>,
}

/// Verdict on a season that was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Score and answers fell by more than chance.
    Forgotten,
    /// Neither fell by more than chance.
    Kept,
    /// The score fell, the answers did not.
    ScoreOnly,
    /// The answers fell, the score did not.
    AnswersOnly,
    /// It was not learned when it was left.
    NotLearned,
    /// Something is missing.
    NotKnown,
}

impl Findings {
    /// Draws the conclusions from a run.
    pub fn of(run: &WatchedRun) -> Self {
        let config = &run.config;
        let all_at_once = config.all_at_once();
        let stochastic = config.algorithm == "sac";
        let departures = if all_at_once { Vec::new() } else { departures(run) };
        Self {
            run: run.name.clone(),
            scenario: config.scenario.name.clone(),
            method: config.method.clone(),
            algorithm: config.algorithm.clone(),
            seed: config.seed,
            decisions: run.looks.last().map_or(0, |look| look.decisions),
            looks: run.looks.len(),
            views: run.views.len(),
            all_at_once,
            divergence_unit: if stochastic { "nats" } else { "units of reward" }.to_owned(),
            departures,
        }
    }

    /// Departures after which a season was forgotten.
    pub fn forgotten(&self) -> impl Iterator<Item = &Departure> {
        self.departures
            .iter()
            .filter(|departure| departure.verdict == Verdict::Forgotten)
    }
}

fn departures(run: &WatchedRun) -> Vec<Departure> {
    let ends = run.looks.iter().enumerate();
    let ends: Vec<(usize, &str)> = ends
        .filter_map(|(look, record)| Some((look, record.ended.as_deref()?)))
        .collect();
    let made = ends.iter().enumerate().map(|(number, &(end, season))| {
        let year = ends[..number].iter().filter(|(_, other)| *other == season).count();
        departure(run, season, year, end)
    });
    made.filter(|departure| departure.until_decisions > departure.end_decisions)
        .collect()
}

fn departure(run: &WatchedRun, season: &str, year: usize, end: usize) -> Departure {
    let is_of_season = |look: &usize| run.looks[*look].season.as_deref() == Some(season);
    // While a season turns into the next one it is still under way by name, and yet it was left.
    let left = (end + 1..run.looks.len())
        .find(|look| !is_of_season(look))
        .unwrap_or(run.looks.len());
    let back = (left..run.looks.len()).find(is_of_season).unwrap_or(run.looks.len());
    let begun = (0..=end)
        .rev()
        .take_while(is_of_season)
        .last()
        .map_or(0, |first| if first == 0 { 0 } else { run.looks[first - 1].decisions });
    let end_decisions = run.looks[end].decisions;
    let until = |last: usize| {
        let score = ScoreChange::of(run, season, begun, end_decisions, run.looks[last].decisions);
        (last, score, AnswerChange::of(run, season, end, last))
    };
    // At the ends of seasons, where policies are evaluated.
    let mut ends = (left..back).filter(|look| run.looks[*look].ended.is_some()).map(until);
    let forgotten =
        ends.find(|(_, score, answers)| score.as_ref().is_ok_and(|score| score.was_learned() && score.fell()) && answers.fell());
    let (last, score, answers) = forgotten.unwrap_or_else(|| until(back - 1));
    let until_decisions = run.looks[last].decisions;
    let at_last = run.evaluations.iter().rfind(|evaluation| {
        evaluation.season == season
            && until_decisions < evaluation.decisions
            && evaluation.decisions <= run.looks[back - 1].decisions
    });
    let verdict = match &score {
        _ if answers.views == 0 => Verdict::NotKnown,
        Err(_) => Verdict::NotKnown,
        Ok(score) if !score.was_learned() => Verdict::NotLearned,
        Ok(score) => match (score.fell(), answers.fell()) {
            (true, true) => Verdict::Forgotten,
            (true, false) => Verdict::ScoreOnly,
            (false, true) => Verdict::AnswersOnly,
            (false, false) => Verdict::Kept,
        },
    };
    let change = run.looks[last].change.get(season);
    let window = answers.window.as_ref().filter(|_| answers.fell());
    let memory = &run.looks[last].memory;
    Departure {
        season: season.to_owned(),
        year,
        end_decisions,
        until_decisions,
        verdict,
        gradients: window.and_then(|window| GradientFinding::of(run, season, window)),
        forecasts: EarlyForecast::of(run, season, end, back),
        divergence: change.map(|change| change.divergence),
        similarity: change.and_then(|change| change.similarity.last().copied().flatten()),
        memory_share: (!memory.past.is_empty()).then(|| memory.past.get(season).copied().unwrap_or_default()),
        score_not_known: score.as_ref().err().cloned(),
        score: score.ok(),
        final_score: at_last.and_then(|evaluation| evaluation.score),
        final_decisions: at_last.map(|evaluation| evaluation.decisions),
        answers,
    }
}
