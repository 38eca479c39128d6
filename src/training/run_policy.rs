//! Policies of runs: one network for every season, or one for each, and what they were trained on.
//!
//! A policy is used through one of two functions, and both refuse what does not fit, by the names of the settings: [`for_scenario`] to
//! act in a garden, [`to_begin_with`] to go on learning. Neither can be called without saying which season is meant.
//!
//! [`for_scenario`]: RunPolicy::for_scenario
//! [`to_begin_with`]: RunPolicy::to_begin_with

use serde::{Deserialize, Serialize};

use super::RunConfig;
use super::policy_fit::{PolicyMisfit, begin_misfits, garden_misfits};
use crate::agent::drivers::PolicyDriver;
use crate::learner::{PolicySnapshot, StateError};
use crate::mdp::ObservationSpec;
use crate::scenario::{Eye, Scenario};
use crate::sensors::SENSES;

/// Origin of a policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyOrigin {
    /// Name of the scenario in which it was learned.
    pub scenario: String,
    /// Name of the method.
    pub method: String,
    /// Name of the algorithm.
    pub algorithm: String,
    /// Seed of its run.
    pub seed: u64,
    /// Decisions that it had learned from.
    pub decisions: u64,
    /// Version of the program that learned it.
    pub program_version: String,
}

/// Parts of a scenario that a policy depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainedOn {
    /// Eye through which it saw.
    pub eye: Eye,
    /// Layout of its observations: the senses, in order.
    pub senses: Vec<SenseLayout>,
    /// Names of the seasons, in order.
    pub seasons: Vec<String>,
    /// Season that the policy is for, where it is one of several that a run had.
    pub only_season: Option<String>,
}

/// Share of one sense in an observation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SenseLayout {
    /// Name of the sense.
    pub name: String,
    /// Count of its numbers.
    pub numbers: usize,
}

impl TrainedOn {
    /// The parts of this scenario that a policy depends on.
    pub fn scenario(scenario: &Scenario) -> Self {
        let senses = SENSES.iter().map(|sense| SenseLayout {
            name: sense.name.to_owned(),
            numbers: (sense.channels)(scenario).len(),
        });
        // A sense that this robot does not have is no part of its observations.
        let senses = senses.filter(|sense| sense.numbers > 0);
        Self {
            eye: scenario.eye.clone(),
            senses: senses.collect(),
            seasons: scenario.seasons.iter().map(|season| season.name.clone()).collect(),
            only_season: None,
        }
    }
}

/// Policy of a run, as it is to be evaluated: see the module's documentation.
#[derive(Clone, Debug, PartialEq)]
pub struct RunPolicy {
    /// Origin of the policy.
    pub origin: PolicyOrigin,
    /// Parts of the scenario that it was trained on; `None` in files of older versions.
    pub trained_on: Option<TrainedOn>,
    /// One network, or one for each season of its run; never empty.
    policies: Vec<PolicySnapshot>,
}

impl RunPolicy {
    /// A policy of one network for every season, or of one for each season, in their order.
    ///
    /// # Errors
    /// There is no network, or not one for each season.
    pub fn new(policies: Vec<PolicySnapshot>, origin: PolicyOrigin, trained_on: Option<TrainedOn>) -> Result<Self, StateError> {
        let seasons = trained_on.as_ref().map(|trained_on| trained_on.seasons.len());
        if policies.is_empty() || (policies.len() > 1 && seasons.is_some_and(|seasons| seasons != policies.len())) {
            return Err(StateError::Mismatch {
                entry: "seasons".to_owned(),
                expected: format!("one policy, or one for each of {} seasons", seasons.unwrap_or(1)),
                found: format!("{} policies", policies.len()),
            });
        }
        Ok(Self {
            origin,
            trained_on,
            policies,
        })
    }

    /// A policy that a run of this configuration had after so many decisions.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn of_config(policies: Vec<PolicySnapshot>, config: &RunConfig, decisions: u64) -> Result<Self, StateError> {
        let origin = PolicyOrigin {
            scenario: config.scenario.name.clone(),
            method: config.method.clone(),
            algorithm: config.algorithm.clone(),
            seed: config.seed,
            decisions,
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        Self::new(policies, origin, Some(TrainedOn::scenario(&config.scenario)))
    }

    /// Returns `true` if there is one policy for each season, not one for all of them.
    pub fn is_by_season(&self) -> bool {
        self.policies.len() > 1
    }

    /// The networks: one for all seasons, or one for each.
    pub fn networks(&self) -> &[PolicySnapshot] {
        &self.policies
    }

    /// Names of the seasons that it was trained on, as far as it is known.
    pub fn season_names(&self) -> &[String] {
        self.trained_on.as_ref().map_or(&[], |trained_on| &trained_on.seasons)
    }

    /// The policy for one season alone, by the number that the season has in its run.
    pub fn only(&self, season: usize) -> Self {
        let mut one = self.clone();
        if self.is_by_season() {
            one.policies = vec![self.policies[season.min(self.policies.len() - 1)].clone()];
            if let Some(trained_on) = &mut one.trained_on {
                trained_on.only_season = trained_on.seasons.get(season).cloned();
            }
        }
        one
    }

    /// The policies to act with in the seasons of a scenario. Seasons are matched by their names, so that a policy for winter acts in
    /// winter, wherever that stands in the year.
    ///
    /// # Errors
    /// Every reason why it does not fit, by the names of the settings.
    pub fn for_scenario(&self, scenario: &Scenario) -> Result<SeasonPolicies, PolicyMisfit> {
        let mut reasons = garden_misfits(self, scenario);
        let of_season = self.match_seasons(scenario, &mut reasons);
        if !reasons.is_empty() {
            let purpose = format!("scenario `{}`", scenario.name);
            return Err(PolicyMisfit::new(self, &purpose, reasons, None));
        }
        Ok(SeasonPolicies {
            policies: self.policies.clone(),
            of_season,
        })
    }

    fn match_seasons(&self, scenario: &Scenario, reasons: &mut Vec<String>) -> Vec<usize> {
        if !self.is_by_season() {
            return vec![0; scenario.seasons.len()];
        }
        let Some(trained_on) = &self.trained_on else {
            if self.policies.len() != scenario.seasons.len() {
                reasons.push(format!(
                    "the year has {} seasons here, and it has policies for {}",
                    scenario.seasons.len(),
                    self.policies.len()
                ));
            }
            return (0..scenario.seasons.len()).collect();
        };
        let known = &trained_on.seasons;
        let mut place = |name: &String| {
            let found = known.iter().position(|season| season == name);
            if found.is_none() {
                reasons.push(format!(
                    "season `{name}` is not one of those that it has a policy for: {}",
                    known.join(", ")
                ));
            }
            found.unwrap_or_default()
        };
        scenario.seasons.iter().map(|season| place(&season.name)).collect()
    }

    /// The network to go on learning from in a run of this configuration; `season` chooses among several by its number there.
    ///
    /// # Errors
    /// Every reason why it does not fit; or there is one policy for each season, and `season` does not say which one to take.
    pub fn to_begin_with(&self, config: &RunConfig, season: Option<usize>) -> Result<PolicySnapshot, PolicyMisfit> {
        let mut reasons = begin_misfits(self, config);
        let mut help = None;
        let of_season = match season {
            None if self.is_by_season() => {
                reasons.push(format!(
                    "it has a policy for each of {} seasons, and a run begins with one",
                    self.policies.len()
                ));
                help = Some(format!(
                    "write one of them into a file with `perennial export RUN --season {} --out FILE`, and begin with that file",
                    self.season_names().first().map_or("NAME", String::as_str)
                ));
                Vec::new()
            }
            None => Vec::new(),
            Some(_) => self.match_seasons(&config.scenario, &mut reasons),
        };
        if !reasons.is_empty() {
            let purpose = format!(
                "a run of `{}` by {} ({})",
                config.scenario.name, config.method, config.algorithm
            );
            return Err(PolicyMisfit::new(self, &purpose, reasons, help));
        }
        let number = season.and_then(|season| of_season.get(season)).copied().unwrap_or_default();
        Ok(self.policies[number.min(self.policies.len() - 1)].clone())
    }
}

/// Policies that fit the seasons of a scenario: see [`RunPolicy::for_scenario`].
#[derive(Clone, Debug, PartialEq)]
pub struct SeasonPolicies {
    policies: Vec<PolicySnapshot>,
    of_season: Vec<usize>,
}

impl SeasonPolicies {
    /// The policy for a season of the scenario, by its number.
    pub fn for_season(&self, season: usize) -> &PolicySnapshot {
        let number = self.of_season.get(season).copied().unwrap_or_default();
        &self.policies[number.min(self.policies.len() - 1)]
    }

    /// One policy for each season of the scenario, in their order.
    pub fn every_season(&self) -> Vec<PolicySnapshot> {
        (0..self.of_season.len())
            .map(|season| self.for_season(season).clone())
            .collect()
    }

    /// Returns `true` if the policy depends on the season.
    pub fn is_by_season(&self) -> bool {
        self.policies.len() > 1
    }

    /// A driver that follows the season under way in each garden.
    ///
    /// # Errors
    /// `observation` is not that of the scenario.
    pub fn driver(&self, observation: &ObservationSpec) -> Result<PolicyDriver, StateError> {
        PolicyDriver::by_season(observation, &self.policies, self.of_season.clone())
    }
}
