//! Settings as flat lists of `path = value`, to compare configurations and to describe their differences.

use std::collections::BTreeMap;

use toml::Value;

use crate::learner::{ALGORITHMS, LearnerSettings, METHODS};
use crate::training::RunConfig;

/// Values by path. Items of lists are addressed by name where they have one, as in `--set`.
pub(super) type Leaves = BTreeMap<String, String>;

/// Settings that affect neither learning nor scores.
const WITHOUT_EFFECT: [&str; 6] = [
    "seed",
    "method",
    "checkpoints.",
    "record_every_decisions",
    "inside.",
    "scenario.description",
];
/// Prefix of all settings that describe the program and build of a run.
pub(super) const PROGRAM: &str = "program.";
/// Version of the program, which older configurations do not record; their summaries do.
pub(super) const VERSION: &str = "program.version";
/// Section with the memory of the past, which belongs to a method besides the section named after it.
const MEMORY: &str = "reservoir";
/// Amount of past data that a method may keep. It counts as a setting of the method, so that limited histories are in the same
/// section as unlimited ones.
pub(super) const HISTORY: &str = "learner.history";

/// Returns all settings of a run.
pub(super) fn leaves(config: &RunConfig) -> Leaves {
    let mut leaves = Leaves::new();
    // Goes through the TOML text, in which numbers are written as people write them: 0.1, not the nearest f64 of an f32. A
    // configuration that was read can be serialised; if not, it has no settings here.
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
        // Zero and negative zero are the same setting.
        Value::Float(number) => drop(leaves.insert(path.to_owned(), Value::Float(number + 0.0).to_string())),
        other => drop(leaves.insert(path.to_owned(), other.to_string())),
    }
}

/// Returns the settings that runs must share to be compared: everything but the seed, the method and the settings of methods. This
/// includes the program and build that made them, and the policy that they began with.
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

/// Returns the settings of a run's own method, including its memory.
pub(super) fn own(config: &RunConfig) -> Leaves {
    let parts: Vec<&str> = config.method.split('+').chain([MEMORY]).collect();
    let mut leaves = leaves(config);
    leaves.retain(|path, _| path == HISTORY || section(path).is_some_and(|section| parts.contains(&section)));
    leaves
}

/// Returns the default settings of a run's own method.
pub(super) fn usual(config: &RunConfig) -> Leaves {
    own(&RunConfig {
        learner: LearnerSettings::default(),
        ..config.clone()
    })
}

/// Returns the paths in which some of these differ.
pub(super) fn differing(all: &[&Leaves]) -> Vec<String> {
    let mut paths: Vec<&String> = all.iter().flat_map(|leaves| leaves.keys()).collect();
    paths.sort();
    paths.dedup();
    paths.retain(|path| all.iter().any(|leaves| leaves.get(*path) != all[0].get(*path)));
    paths.into_iter().cloned().collect()
}

/// Returns the section of a path: `replay` for `learner.replay.batch_share`, and `mine` for `learner.custom.mine.strength`.
fn section(path: &str) -> Option<&str> {
    let path = path.strip_prefix("learner.")?;
    let path = path.strip_prefix("custom.").unwrap_or(path);
    path.split_once('.').map(|(section, _)| section)
}

fn is_of_a_method(path: &str) -> bool {
    path == HISTORY
        || path.starts_with("learner.custom.")
        || section(path).is_some_and(|section| section == MEMORY || METHODS.iter().any(|method| method.name == section))
}

fn is_of_another_algorithm(path: &str, algorithm: &str) -> bool {
    section(path).is_some_and(|section| section != algorithm && ALGORITHMS.iter().any(|other| other.name == section))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    #[test]
    fn settings_of_a_method_from_outside_are_its_own_and_keep_no_other_method_out_of_the_section() {
        let usual = RunConfig::new(Scenario::load("four_seasons").unwrap().scenario);
        let mut outside = usual.clone();
        outside.method = "mine".to_owned();
        outside.learner.custom = "mine.rate = 0.5\nother.rate = 1".parse().unwrap();
        assert_eq!(shared(&outside, "0"), shared(&usual, "0"));
        let expected = Leaves::from([("learner.custom.mine.rate".to_owned(), "0.5".to_owned())]);
        let mut own = own(&outside);
        own.retain(|path, _| path.contains("custom"));
        assert_eq!(own, expected);
    }
}
