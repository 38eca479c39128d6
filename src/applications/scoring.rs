//! Scores of a policy outside of its run.

use std::sync::Arc;

use super::ApplicationError;
use crate::learner::PolicySnapshot;
use crate::rollout::ProbeSettings;
use crate::scenario::Scenario;
use crate::training::{evaluate_policies, measure_score_baselines};

/// Returns the mean score of a policy over the seasons of a scenario; `None` where a season has no score.
pub(super) fn mean_score(
    scenario: &Arc<Scenario>,
    policy: &PolicySnapshot,
    probes: ProbeSettings,
) -> Result<Option<f64>, ApplicationError> {
    let baselines = measure_score_baselines(scenario.clone(), probes, false).result()??.seasons;
    let policies = vec![policy.clone(); scenario.seasons.len()];
    let evaluated = evaluate_policies(scenario.clone(), policies, probes, false)
        .result()??
        .seasons;
    let scores = baselines
        .iter()
        .zip(&evaluated)
        .map(|(baseline, season)| baseline.score(season.mean_return));
    let scores: Option<Vec<f64>> = scores.collect();
    Ok(scores
        .filter(|scores| !scores.is_empty())
        .map(|scores| scores.iter().sum::<f64>() / scores.len() as f64))
}
