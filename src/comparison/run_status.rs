//! What of a planned run is there already.

use std::path::Path;

use toml::{Table, Value};

use crate::training::run_folder::{read_config, read_summary};
use crate::training::{RunConfig, Summary};

/// What of a planned run is there already.
#[derive(Clone, Debug, PartialEq)]
pub enum RunStatus {
    /// Nothing.
    Absent,
    /// It was begun with the same configuration, and has not come to its end.
    Unfinished,
    /// It came to its end, with the same configuration and the same version of the program.
    Finished(Box<Summary>),
    /// A run of another configuration, or of another version of the program, lies there: what differs.
    Different(Vec<String>),
    /// Its summary cannot be read.
    Damaged(String),
}

impl RunStatus {
    /// Looks at a run's folder, without holding it.
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
            _ => return Self::Different(vec!["what is asked for cannot be written as text".to_owned()]),
        };
        let mut differences = Vec::new();
        compare("", &Value::Table(there), &Value::Table(asked), &mut differences);
        if !differences.is_empty() {
            return Self::Different(differences.iter().map(Difference::to_string).collect());
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

/// A setting that differs between a run that is there and what is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Path of the setting.
    pub path: String,
    /// Its value in the run, as text; none if it has none.
    pub there: Option<String>,
    /// The value that is asked for, as text; none if there is none.
    pub asked: Option<String>,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
        write!(
            formatter,
            "{}: {} there, {} asked",
            self.path,
            text(&self.there),
            text(&self.asked)
        )
    }
}

/// Every setting in which two configurations differ.
///
/// # Errors
/// None that valid configurations could cause.
pub fn differences(there: &RunConfig, asked: &RunConfig) -> Result<Vec<Difference>, toml::ser::Error> {
    let (there, asked) = (Table::try_from(there)?, Table::try_from(asked)?);
    let mut differences = Vec::new();
    compare("", &Value::Table(there), &Value::Table(asked), &mut differences);
    Ok(differences)
}

/// Every place where two settings differ, with both values.
fn compare(path: &str, there: &Value, asked: &Value, differences: &mut Vec<Difference>) {
    let below = |key: &str| {
        if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}.{key}")
        }
    };
    let difference = |path: String, there: Option<&Value>, asked: Option<&Value>| Difference {
        path,
        there: there.map(shown),
        asked: asked.map(shown),
    };
    match (there, asked) {
        (Value::Table(there), Value::Table(asked)) => {
            let added = asked.keys().filter(|key| !there.contains_key(*key));
            for key in there.keys().chain(added) {
                match (there.get(key), asked.get(key)) {
                    (Some(there), Some(asked)) => compare(&below(key), there, asked, differences),
                    (there, asked) => differences.push(difference(below(key), there, asked)),
                }
            }
        }
        (Value::Array(there), Value::Array(asked)) if there.len() == asked.len() && there.iter().any(Value::is_table) => {
            for (number, (there, asked)) in there.iter().zip(asked).enumerate() {
                compare(&below(&number.to_string()), there, asked, differences);
            }
        }
        _ if there == asked => {}
        _ => differences.push(difference(path.to_owned(), Some(there), Some(asked))),
    }
}

/// A value in a message: a table only by its being there.
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
