//! Reports of a session: totals, curves and the contents of the learner's memories.

use std::collections::BTreeMap;

use super::{Session, SessionSettings};
use crate::app::Gardens;
use crate::evaluation::ScoreBaseline;
use crate::learner::losses::softmax;
use crate::learner::{ExplorationPolicy, LearnReport, LearnerLedger, MemoryComposition};
use crate::live::status::{EvaluationRow, LearningStatus, SeasonCurvePoint, Status, YearStatus};
use crate::training::{ActorLearnerLoop, Lesson, Ticked};

/// Number of training episodes averaged into one point of the curve.
const RECENT_EPISODES: usize = 16;
/// Maximum number of points kept in the curve.
const MOST_POINTS: usize = 1_500;
/// Maximum number of evaluations kept.
const MOST_EVALUATIONS: usize = 400;
/// Ticks between two queries of the learner's memory. The learner must wait for each.
const LOOK_EVERY_TICKS: u64 = 32;
/// Weight of a new value in the running means.
const NEW_VALUE_WEIGHT: f64 = 0.05;

/// Values collected from tick to tick.
#[derive(Debug, Default)]
pub(super) struct Reports {
    /// Observation of the shown robot before the last tick.
    seen: Vec<u8>,
    pub(super) curve: Vec<SeasonCurvePoint>,
    pub(super) evaluations: Vec<EvaluationRow>,
    recent: Vec<f64>,
    losses: BTreeMap<String, f64>,
    gradient_norm: f64,
    mean_value: f64,
    entropy_nats: f64,
    ledger: LearnerLedger,
    memory: MemoryComposition,
    task_seasons: Vec<usize>,
    ticks: u64,
}

impl Reports {
    pub(super) fn new(settings: &SessionSettings) -> Self {
        Self {
            curve: settings.curve.clone(),
            evaluations: settings.evaluations.clone(),
            task_seasons: vec![settings.season],
            ..Self::default()
        }
    }

    pub(super) fn see(&mut self, gardens: &Gardens, shown: usize) {
        let length = gardens.observation_spec().len();
        self.seen.clear();
        let seen = gardens.observations().chunks_exact(length).nth(shown);
        self.seen.extend_from_slice(seen.unwrap_or_default());
    }

    pub(super) fn seen(&self) -> &[u8] {
        &self.seen
    }

    pub(super) fn count(&mut self, ticked: &Ticked, play: &ActorLearnerLoop, shown: usize, learning: bool) {
        self.ticks += 1;
        self.count_lesson(ticked.learned.clone());
        let actions = play.actor().shape().outputs;
        if let Some(outputs) = play.actor().outputs().chunks_exact(actions).nth(shown) {
            let entropy = match play.actor().snapshot().exploration {
                // Without learning, the policy always takes its best action.
                _ if !learning => 0.0,
                ExplorationPolicy::EpsilonGreedy { epsilon } => epsilon_greedy_entropy(epsilon, actions),
                ExplorationPolicy::Categorical => entropy(&softmax(outputs)),
            };
            self.entropy_nats += NEW_VALUE_WEIGHT * (f64::from(entropy) - self.entropy_nats);
        }
    }

    pub(super) fn count_lesson(&mut self, lesson: Option<Lesson>) {
        let Some(LearnReport {
            losses,
            gradient_norm,
            mean_value,
            updates,
            ..
        }) = lesson.and_then(|lesson| lesson.report)
        else {
            return;
        };
        for (name, loss) in losses.iter() {
            let mean = self.losses.entry(name.to_owned()).or_insert_with(|| f64::from(loss));
            *mean += NEW_VALUE_WEIGHT * (f64::from(loss) - *mean);
        }
        self.gradient_norm += NEW_VALUE_WEIGHT * (f64::from(gradient_norm) - self.gradient_norm);
        self.mean_value += NEW_VALUE_WEIGHT * (f64::from(mean_value) - self.mean_value);
        self.ledger.updates = updates;
    }

    pub(super) fn finish_episodes(&mut self, play: &ActorLearnerLoop, baselines: Option<&[ScoreBaseline]>) {
        let decisions = play.gardens().clock() * play.gardens().len() as u64;
        for finished in play.gardens().finished_episodes() {
            if self.recent.len() == RECENT_EPISODES {
                self.recent.remove(0);
            }
            self.recent.push(f64::from(finished.episode.tally.episode_return));
            let mean = self.recent.iter().sum::<f64>() / self.recent.len() as f64;
            let baseline = baselines.and_then(|baselines| baselines.get(finished.season));
            if let Some(score) = baseline.and_then(|baseline| baseline.score(mean)) {
                self.curve.push(SeasonCurvePoint {
                    decisions,
                    season: finished.season,
                    score,
                });
            }
        }
        if self.curve.len() > MOST_POINTS {
            // Drops every second point of the older half: the curve keeps its shape and its beginning.
            let half = self.curve.len() / 2;
            let mut number = 0;
            self.curve.retain(|_| {
                number += 1;
                number > half || number % 2 == 0
            });
        }
    }

    pub(super) fn forget_recent(&mut self) {
        self.recent.clear();
    }

    pub(super) fn begin_learning(&mut self, season: usize) {
        self.task_seasons = vec![season];
        self.losses.clear();
        self.ledger = LearnerLedger::default();
    }

    pub(super) fn begin_task(&mut self, season: usize, declared: bool) {
        // Tasks are numbered with 16 bits: those beyond count as the last one.
        if declared && self.task_seasons.len() <= usize::from(u16::MAX) {
            self.task_seasons.push(season);
        }
    }

    /// Adds a row of the score matrix. If there are very many, the older half is dropped, except for the row before any learning.
    pub(super) fn add_evaluation(&mut self, row: EvaluationRow) {
        self.evaluations.push(row);
        if self.evaluations.len() > MOST_EVALUATIONS {
            self.evaluations.drain(1..MOST_EVALUATIONS / 2);
        }
    }
}

impl Session {
    pub(super) fn decisions(&self) -> u64 {
        self.play.gardens().clock() * self.config().gardens as u64
    }

    /// Queries the learner at regular intervals.
    pub(super) fn look_into_learner(&mut self) {
        if self.learning && self.reports.ticks.is_multiple_of(LOOK_EVERY_TICKS) {
            let asked = self.play.ask(|learner| (learner.ledger(), learner.memory_composition()));
            if let Ok((ledger, memory)) = asked {
                self.reports.ledger = ledger;
                self.reports.memory = memory;
            }
        }
    }

    pub(super) fn tell(&self) -> Status {
        let (config, reports, calendar) = (self.config(), &self.reports, &self.calendar);
        let tick = self.play.gardens().clock();
        let season_ticks = self.season_ticks();
        let passed = tick.saturating_sub(calendar.began_at);
        Status {
            scenario: self.scenario.clone(),
            programme: self.settings.programme.clone(),
            tick,
            decisions: self.decisions(),
            gardens: config.gardens,
            year: YearStatus {
                turns: calendar.turns,
                season_fraction: (passed as f32 / season_ticks as f32).min(1.0),
                year: calendar.ended / self.scenario.seasons.len(),
                season_ticks,
            },
            driver: self.driver,
            learning: LearningStatus {
                possible: true,
                on: self.learning,
                method: config.method.clone(),
                algorithm: config.algorithm.clone(),
                ledger: reports.ledger,
                memory: reports.memory.clone(),
                capacity: (config.learner.fresh_memory.capacity, config.learner.reservoir.capacity),
                task_seasons: reports.task_seasons.clone(),
                losses: reports.losses.clone(),
                gradient_norm: reports.gradient_norm,
                mean_value: reports.mean_value,
                exploration: match self.play.actor().snapshot().exploration {
                    ExplorationPolicy::EpsilonGreedy { epsilon } => Some(if self.learning { epsilon } else { 0.0 }),
                    ExplorationPolicy::Categorical => None,
                },
                entropy_nats: reports.entropy_nats as f32,
            },
            curve: reports.curve.clone(),
            evaluations: reports.evaluations.clone(),
            evaluating: self.evaluation.is_some(),
            baselines: self.baselines.clone(),
            inside: self.looking.seen().cloned(),
            earlier: self.earlier.status(self.twin.as_ref().map(|twin| twin.kind)),
            notes: self.notes.clone(),
        }
    }
}

fn entropy(probabilities: &[f32]) -> f32 {
    -probabilities
        .iter()
        .filter(|&&probability| probability > 0.0)
        .map(|&probability| probability * libm::logf(probability))
        .sum::<f32>()
}

/// Returns the entropy of a policy that takes its best action, or a random one with probability `epsilon`.
fn epsilon_greedy_entropy(epsilon: f32, actions: usize) -> f32 {
    let share = epsilon / actions as f32;
    let mut probabilities = vec![share; actions];
    probabilities[0] += 1.0 - epsilon;
    entropy(&probabilities)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_very_many_evaluations_the_first_and_the_newest_are_kept() {
        let mut reports = Reports::default();
        for decisions in 0..1000 {
            reports.add_evaluation(EvaluationRow {
                after: None,
                decisions,
                scores: Vec::new(),
            });
        }
        let kept: Vec<u64> = reports.evaluations.iter().map(|row| row.decisions).collect();
        assert!(kept.len() <= MOST_EVALUATIONS && kept.is_sorted(), "{kept:?}");
        assert_eq!((kept[0], kept[kept.len() - 1]), (0, 999));
    }

    #[test]
    fn entropy_is_none_when_sure_and_its_logarithm_when_all_are_alike() {
        assert_eq!(epsilon_greedy_entropy(0.0, 5), 0.0);
        assert!((epsilon_greedy_entropy(1.0, 5) - libm::logf(5.0)).abs() < 1e-6);
        assert!((entropy(&softmax(&[3.0, 3.0])) - libm::logf(2.0)).abs() < 1e-6);
    }
}
