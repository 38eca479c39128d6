//! Flags beside `--resume`: those of the command that began the run are accepted, others are refused.

use miette::IntoDiagnostic;
use perennial::learner::PolicySnapshot;
use perennial::training::{RunConfig, SettingDifference, Training};

use super::Train;
use crate::cli::engine;

/// Settings that a flag of the same name gives.
const FLAGS: [(&str, &str); 7] = [
    ("budget", "--budget"),
    ("method", "--method"),
    ("algorithm", "--algorithm"),
    ("seed", "--seed"),
    ("gardens", "--gardens"),
    ("decisions_per_season", "--decisions-per-season"),
    ("years", "--years"),
];

/// Refuses flags that say something else than the configuration of the run. What is not given is as in the run.
pub(super) fn refuse_contradictions(train: &Train, run_id: &str, run: &RunConfig) -> miette::Result<()> {
    let mut asked = run.clone();
    if let Some(scenario) = &train.scenario {
        asked.scenario = engine::load_scenario(scenario)?;
    }
    asked.method = train.method.clone().unwrap_or(asked.method);
    asked.algorithm = train.algorithm.clone().unwrap_or(asked.algorithm);
    asked.seed = train.seed.unwrap_or(asked.seed);
    asked.gardens = train.gardens.map_or(asked.gardens, |gardens| gardens as usize);
    asked.decisions_per_season = train.decisions_per_season.unwrap_or(asked.decisions_per_season);
    asked.budget = train.budget.or(asked.budget);
    asked.years = train.years.map_or(asked.years, |years| years as usize);
    // Last, as when a run begins: `--set` has the last word.
    let asked = engine::override_settings(asked, &train.set)?;
    let lines: Vec<String> = run.differences(&asked).into_diagnostic()?.iter().map(line).collect();
    if lines.is_empty() {
        Ok(())
    } else {
        Err(refusal(run_id, &lines))
    }
}

/// Refuses a policy to begin with that is not the one that the run began with.
pub(super) fn refuse_another_beginning(train: &Train, run_id: &str, training: &Training) -> miette::Result<()> {
    let Some(from) = &train.initialize_from else { return Ok(()) };
    let line = match &training.config().initial_policy {
        None => format!("  --initialize-from is {from} here and nothing in the run"),
        Some(hash)
            if train
                .initial_policy(training.config())?
                .is_some_and(|policy| PolicySnapshot::hash(&policy) == *hash) =>
        {
            return Ok(());
        }
        Some(_) => format!("  --initialize-from is {from} here, whose policy is not the one that the run began with"),
    };
    Err(refusal(run_id, &[line]))
}

fn refusal(run_id: &str, lines: &[String]) -> miette::Report {
    miette::miette!(
        help = "leave these out to go on with the run as it is, or give another --run-id to begin one that differs",
        "`{run_id}` cannot be resumed with other settings:\n{}",
        lines.join("\n")
    )
}

fn line(difference: &SettingDifference) -> String {
    let value = |value: &Option<String>| {
        let text = value.as_deref().unwrap_or("nothing");
        text.strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'))
            .unwrap_or(text)
            .to_owned()
    };
    let flag = FLAGS.iter().find(|(path, _)| *path == difference.path).map(|(_, flag)| *flag);
    format!(
        "  {} is {} here and {} in the run",
        flag.unwrap_or(&difference.path),
        value(&difference.second),
        value(&difference.first)
    )
}
