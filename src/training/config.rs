//! Everything that a run is determined by: what `config.toml` holds.

use std::sync::Arc;

use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::evaluation::sampling::evaluated_seasons;
use crate::learner::{Curriculum, LearnerError, LearnerSettings, LearnerSpec, canonical_method, methods};
use crate::mdp::Action;
use crate::rollout::{MAXIMUM_EPISODES, MAXIMUM_GARDENS, ProbeSettings};
use crate::scenario::{Calendar, Scenario, SeasonTransition, Year};
use crate::training::budget::{Budget, OverBudget};
use crate::training::difference::{SettingDifference, differences};
use crate::training::memory::{MemoryNeed, NotEnoughMemory};
use crate::training::program::Program;
use crate::training::summary::settings_hash;

/// Seed of the first trial of a tuning. That a run is a trial says [`RunConfig::tuning`]; only runs from before there was such a mark are
/// told by their seed.
pub const FIRST_TUNING_SEED: u64 = 10_000;

/// Method of `train` and `watch` where none is named. It is told neither boundaries nor seasons.
pub const DEFAULT_METHOD: &str = "replay_boundary_free+l2_init";

/// Most decisions of a season, over all gardens.
pub const MAXIMUM_DECISIONS_PER_SEASON: u64 = 1_000_000_000;
/// Most years of a run.
pub const MAXIMUM_YEARS: usize = 1_000;
/// Longest interval between records or checkpoints, in decisions: longer than any run.
const MAXIMUM_INTERVAL_DECISIONS: u64 = 1_000_000_000_000_000;

/// A run's configuration, with nothing left open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct RunConfig {
    /// The method against forgetting, or several with `+` between them; read and written in [canonical form](canonical_method).
    #[garde(skip)]
    #[serde(with = "method_name")]
    pub method: String,
    /// The algorithm that learns.
    #[garde(skip)]
    pub algorithm: String,
    /// The seed of all chance in the run.
    #[garde(range(max = i64::MAX as u64))]
    pub seed: u64,
    /// `true` for a trial of a tuning, which is never reported.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tuning: bool,
    /// [Hash](crate::learner::PolicySnapshot::hash) of the policy that the run begins with; none where it begins with random weights.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial_policy: Option<String>,
    /// Number of gardens simulated side by side.
    #[garde(range(min = 1, max = MAXIMUM_GARDENS))]
    pub gardens: usize,
    /// Decisions of a season, counted over all gardens; rounded up to whole ticks.
    #[garde(range(min = 1, max = MAXIMUM_DECISIONS_PER_SEASON))]
    pub decisions_per_season: u64,
    /// Number of years.
    #[garde(range(min = 1, max = MAXIMUM_YEARS))]
    pub years: usize,
    /// Decisions between two learning records.
    #[garde(range(min = 1, max = MAXIMUM_INTERVAL_DECISIONS))]
    pub record_every_decisions: u64,
    /// Limits of the device that the run is for; none where there are none.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    /// The program and build that make the run; none in the configurations of versions that did not record it.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<Program>,
    /// Settings of the evaluations.
    #[garde(dive)]
    pub evaluation: EvaluationSettings,
    /// Times at which checkpoints are written.
    #[garde(dive)]
    pub checkpoints: CheckpointSettings,
    /// Looks inside the learner. They change nothing that is learned.
    #[garde(dive)]
    #[serde(default)]
    pub inside: InsideSettings,
    /// Settings of the learner.
    #[garde(dive)]
    pub learner: LearnerSettings,
    /// The scenario.
    #[garde(dive)]
    pub scenario: Scenario,
}

/// Settings of the evaluations: the policy acts greedily, in probe gardens that are the same for every run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct EvaluationSettings {
    /// Episodes in each season.
    #[garde(range(min = 1, max = MAXIMUM_EPISODES))]
    pub episodes: usize,
    /// Probe gardens side by side.
    #[garde(range(min = 1, max = MAXIMUM_GARDENS))]
    pub gardens: usize,
    /// The seed of the probe gardens. It is no run's seed, and scores of different seeds are not comparable.
    #[garde(range(max = i64::MAX as u64))]
    pub seed: u64,
}

impl Default for EvaluationSettings {
    fn default() -> Self {
        Self {
            episodes: 32,
            gardens: 16,
            seed: 7_000_000,
        }
    }
}

/// Times at which checkpoints are written, and how many stay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct CheckpointSettings {
    /// Decisions between two checkpoints, besides those at the ends of seasons.
    #[garde(range(min = 1, max = MAXIMUM_INTERVAL_DECISIONS))]
    pub every_decisions: u64,
    /// Number of the newest checkpoints that are kept, besides those at the ends of seasons.
    #[garde(range(min = 1, max = 10_000))]
    pub keep_last: usize,
    /// `true` if checkpoints at the ends of seasons are kept for good; otherwise they are as any other.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Clone::clone")]
    pub keep_season_ends: bool,
}

impl Default for CheckpointSettings {
    fn default() -> Self {
        Self {
            every_decisions: 20_000,
            keep_last: 2,
            keep_season_ends: true,
        }
    }
}

/// Looks inside the learner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct InsideSettings {
    /// Decisions between two looks, besides those at the ends of seasons; 0 for no looks at all.
    #[garde(range(max = MAXIMUM_INTERVAL_DECISIONS))]
    pub every_decisions: u64,
    /// Views of each season in the probe album.
    #[garde(range(min = 4, max = 200))]
    pub views_per_season: usize,
}

impl Default for InsideSettings {
    fn default() -> Self {
        Self {
            every_decisions: 2_000,
            views_per_season: 30,
        }
    }
}

/// Reason why a configuration cannot be run.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ConfigError {
    /// A number is out of range; each is named by its path.
    #[error("the configuration is out of range:\n{0}")]
    OutOfRange(#[from] garde::Report),
    /// The method or the algorithm does not exist, or not in this composition.
    #[error(transparent)]
    Learner(#[from] LearnerError),
    /// The run needs more than its budget.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Budget(#[from] OverBudget),
    /// The machine has less memory than the run needs.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Memory(#[from] NotEnoughMemory),
    /// The method needs to be told where a season ends, and the scenario does not declare it.
    #[error(
        "method `{method}` must be told where a season ends, and scenario `{scenario}` declares no boundary: choose a method that needs none, \
         or a scenario whose transition is abrupt or that sets `schedule.declares_boundaries = true`"
    )]
    NoBoundaries {
        /// The method.
        method: String,
        /// The scenario.
        scenario: String,
    },
    /// All seasons at once need a garden each.
    #[error("method `{method}` learns all {seasons} seasons at once and needs a garden for each: gardens is {gardens}")]
    TooFewGardens {
        /// The method.
        method: String,
        /// Number of seasons.
        seasons: usize,
        /// Number of gardens.
        gardens: usize,
    },
}

impl RunConfig {
    /// The usual configuration for a scenario, with the method `replay`. The command line has [`DEFAULT_METHOD`] instead where none is named.
    pub fn new(scenario: Scenario) -> Self {
        Self {
            method: "replay".to_owned(),
            algorithm: "dqn".to_owned(),
            seed: 0,
            tuning: false,
            initial_policy: None,
            gardens: 16,
            decisions_per_season: 60_000,
            years: 1,
            record_every_decisions: 2_000,
            budget: None,
            program: Some(Program::current()),
            evaluation: EvaluationSettings::default(),
            checkpoints: CheckpointSettings::default(),
            inside: InsideSettings::default(),
            learner: LearnerSettings::default(),
            scenario,
        }
    }

    /// Checks everything that can be checked before the first decision.
    ///
    /// # Errors
    /// Returns the first problem found.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.validate()?;
        crate::learner::algorithms::find(&self.algorithm)?;
        let plan = methods::plan_with(&self.method, &self.learner)?;
        if plan.needs.boundaries == methods::Boundaries::Required && !self.declares_boundaries() {
            return Err(ConfigError::NoBoundaries {
                method: self.method.clone(),
                scenario: self.scenario.name.clone(),
            });
        }
        let seasons = self.scenario.seasons.len();
        if plan.curriculum == Curriculum::AllTasksAtOnce && self.gardens < seasons {
            return Err(ConfigError::TooFewGardens {
                method: self.method.clone(),
                seasons,
                gardens: self.gardens,
            });
        }
        if let Some(budget) = self.budget {
            budget.check(self)?;
        }
        Ok(())
    }

    /// Checks that the machine has the memory that the run needs. Not part of [`check`](Self::check): the answer is that of this
    /// machine now.
    ///
    /// # Errors
    /// [`ConfigError::Memory`].
    pub fn check_memory(&self) -> Result<(), ConfigError> {
        Ok(MemoryNeed::of_run(self)?.check()?)
    }

    /// Returns `true` if methods are told where a season ends.
    pub fn declares_boundaries(&self) -> bool {
        self.scenario.schedule.boundaries_are_declared()
    }

    /// Returns `true` if all seasons are learned side by side.
    pub fn all_at_once(&self) -> bool {
        methods::plan(&self.method).is_ok_and(|plan| plan.curriculum == Curriculum::AllTasksAtOnce)
    }

    /// Returns what the learner is told of the run before its first decision.
    pub(crate) fn learner_spec(&self) -> LearnerSpec {
        LearnerSpec {
            observation: crate::sensors::observation_spec(&self.scenario),
            actions: Action::ALL.len(),
            gardens: self.gardens,
            // All seasons at once are one task, as long as the run.
            decisions_per_task: if self.all_at_once() {
                self.decisions()
            } else {
                self.decisions_per_season
            },
            seed: self.seed,
        }
    }

    /// Returns `true` if the policy explores in each season as it did in the first.
    pub fn explores_anew(&self) -> bool {
        let Ok(plan) = methods::plan(&self.method) else { return false };
        let methods = methods::MethodStack::new(&plan, &self.learner, &self.learner_spec());
        let is_told = self.declares_boundaries() && !self.all_at_once() && !methods.ignore_boundaries();
        is_told && (self.learner.boundary.restart_exploration || methods.restart_exploration(0))
    }

    /// Returns `true` if the learned seasons turn into each other, and have no end at which they are still themselves.
    pub fn turns(&self) -> bool {
        self.scenario.schedule.transition == SeasonTransition::Gradual && !self.all_at_once()
    }

    /// Length of a usual season in ticks.
    pub fn ticks_per_season(&self) -> u64 {
        self.decisions_per_season.div_ceil((self.gardens as u64).max(1))
    }

    /// Length of the run in ticks. Within the ranges of the settings no product here overflows; beyond them it stays at the largest number.
    pub fn ticks(&self) -> u64 {
        self.calendar().ticks()
    }

    /// Length of the run in decisions.
    pub fn decisions(&self) -> u64 {
        self.ticks().saturating_mul(self.gardens as u64)
    }

    /// Returns the calendar of the run: when each season begins and ends.
    pub fn calendar(&self) -> Calendar {
        Calendar::new(&self.scenario, self.years, self.ticks_per_season(), self.seed)
    }

    /// The course of the run: the season in each garden at each tick.
    pub fn year(&self) -> Year {
        if self.all_at_once() {
            Year::AllAtOnce {
                seasons: self.scenario.seasons.len(),
            }
        } else {
            Year::Sequence(Arc::new(self.calendar()))
        }
    }

    /// Returns the seasons that are evaluated in a row of the score matrix.
    pub(crate) fn evaluated_seasons(&self, row: usize) -> Vec<usize> {
        evaluated_seasons(row, self.scenario.seasons.len(), self.years)
    }

    /// Bytes of the weights of one policy network.
    pub fn network_bytes(&self) -> u64 {
        let parameters = self.learner.network_shape(&self.learner_spec()).parameters();
        (parameters * size_of::<f32>()) as u64
    }

    /// Returns the settings of the probe gardens.
    pub fn probes(&self) -> ProbeSettings {
        let EvaluationSettings { episodes, gardens, seed } = self.evaluation;
        ProbeSettings { gardens, episodes, seed }
    }

    /// As text: what `config.toml` holds.
    ///
    /// # Errors
    /// None that a valid configuration could cause.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string_pretty(self)
    }

    /// The settings in which this configuration and another one differ. Numbers are compared as numbers and methods in canonical form, not
    /// as they are written.
    ///
    /// # Errors
    /// None that a valid configuration could cause.
    pub fn differences(&self, other: &Self) -> Result<Vec<SettingDifference>, toml::ser::Error> {
        Ok(differences(&self.to_table()?, &other.to_table()?))
    }

    /// As a table, where a number stands as `config.toml` shows it: 0.1, not the nearest number of twice the width.
    ///
    /// # Errors
    /// None that a valid configuration could cause.
    pub fn to_table(&self) -> Result<toml::Table, toml::ser::Error> {
        self.to_toml()?.parse().or_else(|_| toml::Table::try_from(self))
    }

    /// Tells configurations apart that differ in more than the seed.
    pub fn settings_hash(&self) -> String {
        let unseeded = Self { seed: 0, ..self.clone() };
        settings_hash(&unseeded.to_toml().unwrap_or_default())
    }
}

/// A method's name in canonical form, whatever a text says.
mod method_name {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::canonical_method;

    pub(super) fn serialize<S: Serializer>(method: &str, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&canonical_method(method))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
        String::deserialize(deserializer).map(|method| canonical_method(&method))
    }
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
