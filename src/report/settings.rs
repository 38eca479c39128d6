//! Settings as flat lists of `path = value`, to tell configurations apart and to say in what they differ.

use std::collections::BTreeMap;

use toml::Value;

use crate::learner::{ALGORITHMS, LearnerSettings, METHODS};
use crate::training::RunConfig;

/// Values by their path; items of lists by their name where they have one, as `--set` writes it.
pub(super) type Leaves = BTreeMap<String, String>;

/// What changes nothing of what is learned or scored.
const WITHOUT_EFFECT: [&str; 5] = [
    "seed",
    "method",
    "checkpoints.",
    "record_every_decisions",
    "scenario.description",
];
/// Beginning of all settings that say which program and build made a run.
pub(super) const PROGRAM: &str = "program.";
/// Version of the program, which older configurations do not record; their summaries do.
pub(super) const VERSION: &str = "program.version";
/// What belongs to a method beside the section that is called as it is: its memory of the past.
const MEMORY: &str = "reservoir";
/// How much of the past a method may keep: of a method too, so that limited histories stand beside unlimited ones.
pub(super) const HISTORY: &str = "learner.history";

/// All settings of a run.
pub(super) fn leaves(config: &RunConfig) -> Leaves {
    let mut leaves = Leaves::new();
    // Through its text, where a number stands as a person writes it: 0.1, not the nearest number of twice the width. A configuration that was
    // read can be written; if not, it has no settings.
    let table: Option<toml::Table> = config.to_toml().ok().and_then(|text| text.parse().ok());
    for (key, value) in table.unwrap_or_default() {
        flatten(&key, &value, &mut leaves);
    }
    leaves
}

fn flatten(path: &str, value: &Value, leaves: &mut Leaves) {
    match value {
        Value::Table(table) => table
            .iter()
            .for_each(|(key, value)| flatten(&format!("{path}.{key}"), value, leaves)),
        Value::Array(items) if items.iter().any(Value::is_table) => {
            for (number, item) in items.iter().enumerate() {
                let name = item
                    .get("name")
                    .and_then(Value::as_str)
                    .filter(|name| !name.contains(['.', ' ', '=']));
                let key = name.map_or_else(|| number.to_string(), str::to_owned);
                flatten(&format!("{path}.{key}"), item, leaves);
            }
        }
        // One zero, however it is written.
        Value::Float(number) => drop(leaves.insert(path.to_owned(), Value::Float(number + 0.0).to_string())),
        other => drop(leaves.insert(path.to_owned(), other.to_string())),
    }
}

/// What all runs that may be compared have in common: everything but the seed, the method and the settings of methods. So also the
/// program and build that made them, and the policy that they began with.
pub(super) fn shared(config: &RunConfig, version: &str) -> Leaves {
    let mut leaves = leaves(config);
    leaves
        .entry(VERSION.to_owned())
        .or_insert_with(|| Value::from(version).to_string());
    leaves.retain(|path, _| {
        let without_effect = WITHOUT_EFFECT.iter().any(|start| path.starts_with(start));
        !without_effect && !is_of_a_method(path) && !is_of_another_algorithm(path, &config.algorithm)
    });
    leaves
}

/// The settings of a run's own method, its memory included.
pub(super) fn own(config: &RunConfig) -> Leaves {
    let parts: Vec<&str> = config.method.split('+').chain([MEMORY]).collect();
    let mut leaves = leaves(config);
    leaves.retain(|path, _| path == HISTORY || section(path).is_some_and(|section| parts.contains(&section)));
    leaves
}

/// The settings of a run's own method where they are the usual ones.
pub(super) fn usual(config: &RunConfig) -> Leaves {
    own(&RunConfig {
        learner: LearnerSettings::default(),
        ..config.clone()
    })
}

/// The paths in which some of these differ.
pub(super) fn differing(all: &[&Leaves]) -> Vec<String> {
    let mut paths: Vec<&String> = all.iter().flat_map(|leaves| leaves.keys()).collect();
    paths.sort();
    paths.dedup();
    paths.retain(|path| all.iter().any(|leaves| leaves.get(*path) != all[0].get(*path)));
    paths.into_iter().cloned().collect()
}

/// `replay` of `learner.replay.batch_share`.
fn section(path: &str) -> Option<&str> {
    path.strip_prefix("learner.")?.split_once('.').map(|(section, _)| section)
}

fn is_of_a_method(path: &str) -> bool {
    path == HISTORY
        || section(path).is_some_and(|section| section == MEMORY || METHODS.iter().any(|method| method.name == section))
}

fn is_of_another_algorithm(path: &str, algorithm: &str) -> bool {
    section(path).is_some_and(|section| section != algorithm && ALGORITHMS.iter().any(|other| other.name == section))
}
