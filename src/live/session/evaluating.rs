//! Background evaluations of the policy in every season.

use super::Session;
use crate::live::status::EvaluationRow;
use crate::training::{evaluate_policies, measure_score_baselines};

impl Session {
    /// Starts measuring the score baselines: the returns of the random driver and of the gardener in each season.
    pub(super) fn begin_measuring(&mut self) {
        if self.settings.evaluate {
            let (probes, beside) = (self.config().probes(), self.settings.overlapped);
            self.measuring = Some(measure_score_baselines(self.scenario.clone(), probes, beside));
        }
    }

    /// Starts an evaluation of the current policy, unless one is already running; `after` is the season that was learned last.
    pub(super) fn evaluate(&mut self, after: Option<usize>) {
        if !self.settings.evaluate || self.evaluation.is_some() {
            return;
        }
        let policies = match self.policies() {
            Ok(policies) => policies,
            Err(error) => {
                self.say(error.to_string());
                return;
            }
        };
        let row = EvaluationRow {
            after,
            decisions: self.decisions(),
            scores: Vec::new(),
        };
        let (probes, beside) = (self.config().probes(), self.settings.overlapped);
        self.evaluation = Some((row, evaluate_policies(self.scenario.clone(), policies, probes, beside)));
    }

    /// Collects the results that have arrived since the last call.
    pub(super) fn take_results(&mut self) {
        if let Some(measuring) = self.measuring.take_if(|measuring| measuring.is_done()) {
            match measuring.result() {
                Ok(Ok(measured)) => self.baselines = Some(measured.seasons),
                Ok(Err(error)) => self.say(error.to_string()),
                Err(error) => self.say(error.to_string()),
            }
        }
        let Some(baselines) = &self.baselines else { return };
        let Some((mut row, evaluation)) = self.evaluation.take_if(|(_, evaluation)| evaluation.is_done()) else {
            return;
        };
        match evaluation.result() {
            Ok(Ok(evaluated)) => {
                row.scores = evaluated
                    .seasons
                    .iter()
                    .zip(baselines)
                    .map(|(season, baseline)| baseline.score(season.mean_return))
                    .collect();
                self.reports.add_evaluation(row);
            }
            Ok(Err(error)) => self.say(error.to_string()),
            Err(error) => self.say(error.to_string()),
        }
    }
}
