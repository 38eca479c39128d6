//! Ends of seasons and of the run: policies are evaluated, and the results are recorded at fixed ticks.
//!
//! A season that turns into the next one is evaluated where it begins to as well: at its end it is no longer itself, and a policy that
//! has adapted to the next season would count as one that has forgotten nothing.

use super::{Outcome, Training, policies_in, policies_of_all, tell_season};
use crate::evaluation::measures::WateringCount;
use crate::evaluation::{Ledger, Undefined};
use crate::learner::{LearnerLedger, PolicySnapshot};
use crate::metrics::{EvaluationRecord, Record, SeasonRecord};
use crate::training::TrainingError;
use crate::training::clock::WorkStopwatch;
use crate::training::evaluator::{evaluate_in_seasons, measure_score_baselines};
use crate::training::event::{Observer, TrainingEvent};
use crate::training::progress::{EVALUATION_LAG_TICKS, PendingEvaluation};
use crate::training::summary::{RunName, Summary};

impl Training {
    /// Ends a season: the learner is told if there is a boundary, and its policy is evaluated.
    pub(super) fn end_season(&mut self, row: usize) -> Result<(), TrainingError> {
        // Everything learned in the season counts, including its last tick.
        self.receive()?;
        let (declared, all_at_once) = (self.config.declares_boundaries(), self.config.all_at_once());
        let is_last = self.progress.tick == self.config.ticks();
        let config = self.config.clone();
        let next_season = row % self.scenario.seasons.len();
        // A season that turned was left where it began to turn.
        let turned = self.config.turns() && self.calendar.turning_start(row - 1).is_some();
        let (policies, ledger, policy, seconds) = self.ask_and_look((!turned).then_some(row - 1), move |learner| {
            let stopwatch = WorkStopwatch::start();
            let is_boundary = declared && !all_at_once;
            // Before anything is cleared: the requirement of a method is its maximum.
            let memory_bytes = learner.ledger().memory_bytes;
            if is_boundary {
                learner.task_ended();
            }
            let ledger = LearnerLedger {
                memory_bytes,
                ..learner.ledger()
            };
            let asked = policies_of_all(learner, &config);
            let evaluated = policies_in(learner, &config, &config.evaluated_seasons(row));
            if is_boundary && !is_last {
                tell_season(learner, next_season);
                learner.task_started();
            }
            (asked, (evaluated, ledger, learner.policy(), stopwatch.seconds()))
        })?;
        self.play.actor_mut().act_next_from(policy);
        self.progress.timing.learning_s += seconds;
        self.progress.recent_returns.clear();
        self.progress.most_memory_bytes = self.progress.most_memory_bytes.max(ledger.memory_bytes);
        let ledger = self.ledger(&ledger);
        if let Some(budget) = self.config.budget {
            budget.check_ledger(&ledger, self.config.network_bytes())?;
        }
        self.begin_evaluation(row, policies, ledger);
        Ok(())
    }

    /// Evaluates the policy where a season begins to turn into the next one. The learner is told nothing.
    pub(super) fn evaluate_turning(&mut self, season: usize) -> Result<(), TrainingError> {
        // Everything learned until now counts.
        self.receive()?;
        let config = self.config.clone();
        let seasons = config.evaluated_seasons(season + 1);
        let (policies, ledger) = self.ask_and_look(Some(season), move |learner| {
            let evaluated = policies_in(learner, &config, &seasons);
            (policies_of_all(learner, &config), (evaluated, learner.ledger()))
        })?;
        let ledger = self.ledger(&ledger);
        self.begin_evaluation(season + 1, policies, ledger);
        if let Some(evaluation) = &mut self.progress.evaluation {
            evaluation.turning = true;
        }
        Ok(())
    }

    pub(super) fn ledger(&self, learner: &LearnerLedger) -> Ledger {
        Ledger {
            decisions: learner.decisions,
            updates: learner.updates,
            multiply_adds: learner.multiply_adds + learner.acting_multiply_adds,
            evaluation_decisions: self.progress.evaluation_decisions,
            memory_bytes: learner.memory_bytes.max(self.progress.most_memory_bytes),
            past_bytes: learner.past_memory_bytes,
            method_state_bytes: learner.method_state_bytes,
        }
    }

    pub(super) fn begin_evaluation(&mut self, row: usize, policies: Vec<PolicySnapshot>, ledger: Ledger) {
        let due_tick = self.progress.tick + EVALUATION_LAG_TICKS;
        self.progress.evaluation = Some(PendingEvaluation {
            row,
            turning: false,
            due_tick,
            decisions: self.decisions(),
            ledger,
            kept_policies: Some(policies.len()),
            policies,
        });
        self.launch_evaluation();
    }

    pub(super) fn launch_evaluation(&mut self) {
        let (probes, on_own_thread) = (self.config.probes(), self.execution.overlapped);
        if self.progress.baselines.is_none() && self.baselines.is_none() {
            self.baselines = Some(measure_score_baselines(self.scenario.clone(), probes, on_own_thread));
        }
        if let Some(evaluation) = &self.progress.evaluation {
            self.evaluation = Some(evaluate_in_seasons(
                self.scenario.clone(),
                self.config.evaluated_seasons(evaluation.row),
                evaluation.policies.clone(),
                probes,
                on_own_thread,
            ));
        }
    }

    /// Waits for the evaluation in progress and records its result.
    pub(super) fn record_evaluation(&mut self, observer: &mut dyn Observer) -> Result<(), TrainingError> {
        let Some((pending, evaluation)) = self.progress.evaluation.take().zip(self.evaluation.take()) else {
            return Ok(());
        };
        if let Some(baselines) = self.baselines.take() {
            let measured = baselines.result()??;
            self.progress.evaluation_decisions += measured.decisions;
            self.progress.timing.evaluation_s += measured.seconds;
            self.progress.baselines = Some(measured.seasons);
        }
        let evaluated = evaluation.result()??;
        self.progress.evaluation_decisions += evaluated.decisions;
        self.progress.timing.evaluation_s += evaluated.seconds;
        let names: Vec<String> = self.scenario.seasons.iter().map(|season| season.name.clone()).collect();
        let mut returns = vec![None; names.len()];
        let mut watering = vec![WateringCount::default(); names.len()];
        for (season, result) in self.config.evaluated_seasons(pending.row).into_iter().zip(&evaluated.seasons) {
            (returns[season], watering[season]) = (Some(result.mean_return), result.watering);
        }
        self.progress.watering = watering;
        let scores = self.scores(&returns)?;
        if pending.turning {
            self.progress.turning_returns.insert(pending.row - 1, returns.clone());
        } else {
            self.progress.returns.push(returns.clone());
        }

        for ((name, mean_return), &score) in names.iter().zip(returns).zip(&scores) {
            let Some(mean_return) = mean_return else { continue };
            self.record(Record::Evaluation(EvaluationRecord {
                decisions: pending.decisions,
                row: (!pending.turning).then_some(pending.row),
                season: name.clone(),
                episodes: self.config.evaluation.episodes as u64,
                mean_return,
                score,
            }))?;
        }
        if pending.turning {
            return Ok(());
        }
        let season = if pending.row == 0 {
            "nothing"
        } else {
            &names[(pending.row - 1) % names.len()]
        };
        if pending.row > 0 {
            self.record(Record::Season(SeasonRecord {
                decisions: pending.decisions,
                year: (pending.row - 1) / names.len(),
                season: season.to_owned(),
                row: pending.row,
                scores: scores.clone(),
                ledger: pending.ledger,
            }))?;
        }
        observer.event(&TrainingEvent::RowEvaluated {
            row: pending.row,
            season,
            scores,
        });
        Ok(())
    }

    /// Returns the score of a mean return in each season that was evaluated.
    fn scores(&self, returns: &[Option<f64>]) -> Result<Vec<Option<f64>>, TrainingError> {
        let matrix = self.progress.matrix(&self.config)?;
        let score = |(season, mean): (usize, &Option<f64>)| matrix.as_ref()?.score_of(season, (*mean)?).ok();
        Ok(returns.iter().enumerate().map(score).collect())
    }

    pub(super) fn finish(&mut self, observer: &mut dyn Observer) -> Result<Outcome, TrainingError> {
        self.record_evaluation(observer)?;
        self.record_learning()?;
        self.recorder.sync()?;
        let learner = self.play.ask(|learner| learner.ledger())?;
        let ledger = self.ledger(&learner);
        let mut timing = self.progress.timing;
        timing.total_s = self.earlier_s + self.sitting.seconds();
        let name = RunName::of(self.folder.id(), &self.config);
        let matrix = self
            .progress
            .matrix(&self.config)?
            .ok_or(Undefined::NoValues { what: "score matrix" })?;
        let summary = Summary::new(name, &matrix, self.progress.watering.clone(), ledger, timing)?;
        self.folder.write_summary(&summary)?;
        Ok(Outcome::Finished(Box::new(summary)))
    }
}
