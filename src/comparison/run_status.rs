//! State of a planned run on disk.

use std::path::Path;

use toml::{Table, Value};

use crate::training::run_folder::{read_config, read_summary};
use crate::training::{RunConfig, Summary};

/// State of a planned run on disk.
#[derive(Clone, Debug, PartialEq)]
pub enum RunStatus {
    /// The folder contains no run.
    Absent,
    /// A run of the same configuration has begun and is not finished.
    Unfinished,
    /// A run of the same configuration and the same version of the program is finished.
    Finished(Box<Summary>),
    /// A run of another configuration or version is there, with the differences.
    Different(Vec<String>),
    /// The summary of the run cannot be read, with the reason.
    Damaged(String),
}

impl RunStatus {
    /// Inspects the folder of a run without locking it.
    pub fn of(folder: &Path, config: &RunConfig) -> Self {
        if !folder.join("config.toml").exists() {
            return Self::Absent;
        }
        let there = match read_config(folder).map(|text| text.parse::<Table>()) {
            Ok(Ok(there)) => there,
            _ => return Self::Different(vec!["its config.toml cannot be read".to_owned()]),
        };
        let asked = match config.to_toml().map(|text| text.parse::<Table>()) {
            Ok(Ok(asked)) => asked,
            _ => return Self::Different(vec!["the requested configuration cannot be serialised".to_owned()]),
        };
        let mut differences = Vec::new();
        compare("", &Value::Table(there), &Value::Table(asked), &mut differences);
        if !differences.is_empty() {
            return Self::Different(differences);
        }
        match read_summary(folder) {
            Ok(None) => Self::Unfinished,
            Ok(Some(summary)) if summary.version != env!("CARGO_PKG_VERSION") => Self::Different(vec![format!(
                "version of the program: {} there, {} now",
                summary.version,
                env!("CARGO_PKG_VERSION")
            )]),
            Ok(Some(summary)) => Self::Finished(Box::new(summary)),
            Err(error) => Self::Damaged(error.to_string()),
        }
    }
}

/// Appends every difference between two settings, with both values.
fn compare(path: &str, there: &Value, asked: &Value, differences: &mut Vec<String>) {
    let below = |key: &str| {
        if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}.{key}")
        }
    };
    match (there, asked) {
        (Value::Table(there), Value::Table(asked)) => {
            let added = asked.keys().filter(|key| !there.contains_key(*key));
            for key in there.keys().chain(added) {
                match (there.get(key), asked.get(key)) {
                    (Some(there), Some(asked)) => compare(&below(key), there, asked, differences),
                    (Some(there), None) => differences.push(format!("{}: {} there, nothing asked", below(key), shown(there))),
                    (None, Some(asked)) => differences.push(format!("{}: nothing there, {} asked", below(key), shown(asked))),
                    (None, None) => {}
                }
            }
        }
        (Value::Array(there), Value::Array(asked)) if there.len() == asked.len() && there.iter().any(Value::is_table) => {
            for (number, (there, asked)) in there.iter().zip(asked).enumerate() {
                compare(&below(&number.to_string()), there, asked, differences);
            }
        }
        _ if there == asked => {}
        _ => differences.push(format!("{path}: {} there, {} asked", shown(there), shown(asked))),
    }
}

/// Formats a value for a message. Tables are not spelled out.
fn shown(value: &Value) -> String {
    match value {
        Value::Table(_) => "a table".to_owned(),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::testing::config;
    use crate::training::{Existing, RunFolder};

    #[test]
    fn a_run_of_another_configuration_is_told_by_what_differs() {
        let folder = tempfile::tempdir().unwrap();
        let asked = config("finetune", 0);
        let path = folder.path().join("run");
        assert_eq!(RunStatus::of(&path, &asked), RunStatus::Absent);
        let text = asked.to_toml().unwrap();
        drop(RunFolder::create(folder.path(), "run", Existing::Refuse, &text).unwrap());
        assert_eq!(RunStatus::of(&path, &asked), RunStatus::Unfinished);
        let mut other = asked.clone();
        other.learner.discount = 0.5;
        other.scenario.seasons[1].dynamics.traction = 0.5;
        let RunStatus::Different(differences) = RunStatus::of(&path, &other) else {
            panic!("a difference was not seen")
        };
        assert_eq!(differences.len(), 2, "{differences:?}");
        assert!(differences[0].starts_with("learner.discount: 0.97") && differences[0].contains("0.5 asked"));
        assert!(differences[1].starts_with("scenario.seasons.1.dynamics.traction"));
    }

    #[test]
    fn a_summary_of_another_version_is_another_run_and_a_damaged_one_is_neither() {
        let folder = tempfile::tempdir().unwrap();
        let asked = config("finetune", 0);
        let path = folder.path().join("run");
        let text = asked.to_toml().unwrap();
        let run = RunFolder::create(folder.path(), "run", Existing::Refuse, &text).unwrap();
        let mut summary = crate::comparison::testing::summary("finetune", 0, Some(0.5));
        run.write_summary(&summary).unwrap();
        assert_eq!(RunStatus::of(&path, &asked), RunStatus::Finished(Box::new(summary.clone())));
        summary.version = "0.0.1".to_owned();
        run.write_summary(&summary).unwrap();
        assert!(matches!(RunStatus::of(&path, &asked), RunStatus::Different(what) if what[0].contains("0.0.1 there")));
        std::fs::write(path.join("summary.json"), "{").unwrap();
        assert!(matches!(RunStatus::of(&path, &asked), RunStatus::Damaged(_)));
    }
}
