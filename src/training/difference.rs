//! Settings in which two configurations differ.

use toml::{Table, Value};

/// A setting in which two configurations differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingDifference {
    /// Its path, as in `learner.adam.learning_rate`.
    pub path: String,
    /// Its value in the first configuration, as TOML writes it; none where the first one does not have it.
    pub first: Option<String>,
    /// Its value in the second configuration.
    pub second: Option<String>,
}

impl SettingDifference {
    /// Returns both values as text: `learner.discount: 0.97 there, 0.5 asked`.
    pub fn says(&self, first: &str, second: &str) -> String {
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
        format!(
            "{}: {} {first}, {} {second}",
            self.path,
            value(&self.first),
            value(&self.second)
        )
    }
}

/// Lists every setting in which two tables differ, in the order of their paths.
pub fn differences(first: &Table, second: &Table) -> Vec<SettingDifference> {
    let mut found = Vec::new();
    tables("", first, second, &mut found);
    found
}

fn tables(path: &str, first: &Table, second: &Table, found: &mut Vec<SettingDifference>) {
    let added = second.keys().filter(|key| !first.contains_key(*key));
    for key in first.keys().chain(added) {
        let path = if path.is_empty() {
            key.clone()
        } else {
            format!("{path}.{key}")
        };
        values(&path, first.get(key), second.get(key), found);
    }
}

fn values(path: &str, first: Option<&Value>, second: Option<&Value>, found: &mut Vec<SettingDifference>) {
    match (first, second) {
        (Some(Value::Table(first)), Some(Value::Table(second))) => tables(path, first, second, found),
        // A table that only one of them has is told by its settings.
        (Some(Value::Table(first)), None) => tables(path, first, &Table::new(), found),
        (None, Some(Value::Table(second))) => tables(path, &Table::new(), second, found),
        (Some(Value::Array(first)), Some(Value::Array(second)))
            if first.len() == second.len() && first.iter().any(Value::is_table) =>
        {
            for (number, (first, second)) in first.iter().zip(second).enumerate() {
                values(&format!("{path}.{number}"), Some(first), Some(second), found);
            }
        }
        _ if first == second => {}
        _ => found.push(SettingDifference {
            path: path.to_owned(),
            first: first.map(shown),
            second: second.map(shown),
        }),
    }
}

/// A value in a message; lists of tables only by how many there are.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(items) if items.iter().any(Value::is_table) => format!("{} tables", items.len()),
        value => value.to_string(),
    }
}
