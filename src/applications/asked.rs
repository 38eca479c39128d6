//! Request for an application: folder, seeds, budget, changed settings.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::ApplicationError;
use crate::comparison::{ComparisonPlan, PlannedRun};
use crate::evaluation::application::{ApplicationBar, ApplicationMeasure, ApplicationPoint, ApplicationResult};
use crate::learner::PolicySnapshot;
use crate::scenario::Scenario;
use crate::training::run_folder::read_summary;
use crate::training::{RunConfig, RunPolicy, Summary, policy_of_run};

/// Changes the settings of every run, as `--set` does.
pub(super) type Adjust<'a> = dyn Fn(RunConfig) -> Result<RunConfig, ApplicationError> + 'a;

/// Request for an application.
pub struct Asked<'a> {
    /// Folder that contains all runs, and the result.
    pub results_dir: &'a Path,
    /// Paired seeds.
    pub seeds: Range<u64>,
    /// Decisions of a season, or of whatever the application learns from scratch.
    pub decisions_per_season: u64,
    /// Changes the settings of every run.
    pub adjust: &'a Adjust<'a>,
    /// Command that makes the result, as it is recorded.
    pub command: &'a str,
}

/// Names and measures of an application, without its values.
pub struct Identity {
    /// Name of the application.
    pub application: &'static str,
    /// Question that it answers.
    pub question: &'static str,
    /// Meaning of a condition's place.
    pub across: &'static str,
    /// Measure that the figure shows.
    pub shown: &'static str,
    /// Measures, in the order of the table.
    pub measures: Vec<ApplicationMeasure>,
    /// Bars to be reached.
    pub bars: Vec<ApplicationBar>,
}

impl Asked<'_> {
    /// Returns a configuration of this scenario with the changed settings. Looks inside are off and checkpoints of seasons' ends are not kept: there
    /// are many short runs, and nobody explains them.
    ///
    /// # Errors
    /// The settings cannot be changed as asked.
    pub fn config(&self, scenario: Scenario, method: &str, seed: u64) -> Result<RunConfig, ApplicationError> {
        let mut config = RunConfig::new(scenario);
        config.method = method.to_owned();
        config.seed = seed;
        config.decisions_per_season = self.decisions_per_season;
        config.inside.every_decisions = 0;
        config.checkpoints.keep_season_ends = false;
        // Here, so that what the application derives follows from them; and again where the run is planned, so that they have the last word.
        (self.adjust)(config)
    }

    /// Plans a run of this configuration, with the changed settings.
    ///
    /// # Errors
    /// The settings cannot be changed as asked, or the run cannot be made.
    pub fn planned(
        &self,
        label: &str,
        config: RunConfig,
        initial: Option<Arc<PolicySnapshot>>,
    ) -> Result<PlannedRun, ApplicationError> {
        let config = (self.adjust)(config)?;
        let run = PlannedRun::new(label, config, initial);
        run.config.check().map_err(crate::comparison::ComparisonError::from)?;
        Ok(run)
    }

    /// Returns the summary of a finished run.
    ///
    /// # Errors
    /// The run is not finished, or cannot be read.
    pub fn summary(&self, run: &PlannedRun) -> Result<Summary, ApplicationError> {
        read_summary(&self.results_dir.join(&run.folder))?.ok_or_else(|| ApplicationError::Unfinished { run: run.folder.clone() })
    }

    /// Returns the policy of a finished run.
    ///
    /// # Errors
    /// The run is not finished, or cannot be read.
    pub fn policy(&self, run: &PlannedRun) -> Result<RunPolicy, ApplicationError> {
        self.summary(run)?;
        Ok(policy_of_run(&self.results_dir.join(&run.folder))?)
    }

    /// Returns the result with these values.
    pub fn result(&self, identity: Identity, points: Vec<ApplicationPoint>) -> ApplicationResult {
        ApplicationResult {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            application: identity.application.to_owned(),
            question: identity.question.to_owned(),
            command: self.command.to_owned(),
            across: identity.across.to_owned(),
            shown: identity.shown.to_owned(),
            measures: identity.measures,
            bars: identity.bars,
            points,
        }
    }
}

/// Joins planned runs into a plan. A run that is planned twice is made once.
pub(super) fn plan_of(runs: Vec<PlannedRun>) -> ComparisonPlan {
    let mut plan = ComparisonPlan::default();
    for run in runs {
        if !plan.runs.contains(&run) {
            plan.runs.push(run);
        }
    }
    plan
}
