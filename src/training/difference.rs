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
    /// `true` for a whole table of a list that only one of them has, instead of a setting.
    pub is_entry: bool,
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
            if first.iter().chain(second).any(Value::is_table) && first != second =>
        {
            match other_names(first, second) {
                Some((of_first, of_second)) => named(path, (first, &of_first), (second, &of_second), found),
                None if first.len() == second.len() => {
                    for (number, (first, second)) in first.iter().zip(second).enumerate() {
                        values(&format!("{path}.{number}"), Some(first), Some(second), found);
                    }
                }
                None => found.push(SettingDifference {
                    path: path.to_owned(),
                    first: Some(tables_in_words(first)),
                    second: Some(tables_in_words(second)),
                    is_entry: false,
                }),
            }
        }
        _ if first == second => {}
        _ => found.push(SettingDifference {
            path: path.to_owned(),
            first: first.map(shown),
            second: second.map(shown),
            is_entry: false,
        }),
    }
}

/// Returns the names of the tables of two lists, if each table has one of its own and the lists have other names or another number of
/// them. Where all stand at their places, and where names of one list are simply others, the tables are compared by their places.
fn other_names<'a>(first: &'a [Value], second: &'a [Value]) -> Option<(Vec<&'a str>, Vec<&'a str>)> {
    let names = |list: &'a [Value]| -> Option<Vec<&'a str>> {
        let names: Vec<&str> = list.iter().map(|item| item.get("name")?.as_str()).collect::<Option<_>>()?;
        let is_unique = |(place, name): (usize, &&str)| !names[..place].contains(name);
        names.iter().enumerate().all(is_unique).then_some(names)
    };
    let (first, second) = (names(first)?, names(second)?);
    let moved = |(place, name): (usize, &&str)| {
        second
            .iter()
            .position(|other| other == name)
            .is_some_and(|other| other != place)
    };
    (first.len() != second.len() || first.iter().enumerate().any(moved)).then_some((first, second))
}

/// Compares the tables of two lists that have the same name; says which names are in one list only, and whether the others stand in
/// another order.
fn named(path: &str, first: (&[Value], &[&str]), second: (&[Value], &[&str]), found: &mut Vec<SettingDifference>) {
    let common = |names: &[&str], others: &[&str]| -> Vec<String> {
        let both = names.iter().filter(|name| others.contains(name));
        both.map(|name| (*name).to_owned()).collect()
    };
    let orders = [common(first.1, second.1), common(second.1, first.1)].map(|names| names.join(", "));
    if orders[0] != orders[1] {
        let [first, second] = orders;
        found.push(SettingDifference {
            path: format!("order of {path}"),
            first: Some(first),
            second: Some(second),
            is_entry: false,
        });
    }
    for (item, name) in first.0.iter().zip(first.1) {
        let path = format!("{path}.{name}");
        match second.1.iter().position(|other| other == name) {
            Some(other) => values(&path, Some(item), second.0.get(other), found),
            None => found.push(SettingDifference {
                path,
                first: Some(shown(item)),
                second: None,
                is_entry: true,
            }),
        }
    }
    for (item, name) in second.0.iter().zip(second.1) {
        if !first.1.contains(name) {
            found.push(SettingDifference {
                path: format!("{path}.{name}"),
                first: None,
                second: Some(shown(item)),
                is_entry: true,
            });
        }
    }
}

/// A list of tables, by how many there are.
fn tables_in_words(items: &[Value]) -> String {
    format!("{} tables", items.len())
}

/// A value in a message; tables only by being there, and lists of tables only by how many there are.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(items) if items.iter().any(Value::is_table) => tables_in_words(items),
        Value::Table(_) => "a table".to_owned(),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(first: &str, second: &str) -> Vec<String> {
        let read = |text: &str| text.parse::<Table>().unwrap();
        let each = |one: &SettingDifference| {
            let value = |value: &Option<String>| value.clone().unwrap_or_default();
            let whole = if one.is_entry { ", whole" } else { "" };
            format!("{}: {} -> {}{whole}", one.path, value(&one.first), value(&one.second))
        };
        differences(&read(first), &read(second)).iter().map(each).collect()
    }

    #[test]
    fn tables_of_a_list_are_paired_by_name_unless_they_stand_at_the_same_places() {
        let [a, b, c] = ["a", "b", "c"].map(|name| format!("[[seasons]]\nname = \"{name}\"\nlength = 1\n"));
        let [longer, other] = ["length = 2", "name = \"d\""]
            .map(|key| format!("{a}{b}").replacen(if key.starts_with('l') { "length = 1" } else { "name = \"b\"" }, key, 1));
        assert_eq!(told(&format!("{a}{b}"), &format!("{a}{b}")), [""; 0]);
        assert_eq!(told(&format!("{a}{b}"), &longer), ["seasons.0.length: 1 -> 2"]);
        assert_eq!(told(&format!("{a}{b}"), &other), ["seasons.1.name: \"b\" -> \"d\""]);
        assert_eq!(
            told(&format!("{c}{a}{b}"), &longer),
            ["seasons.c: a table -> , whole", "seasons.a.length: 1 -> 2"]
        );
        assert_eq!(
            told(&longer, &format!("{b}{a}{c}")),
            [
                "order of seasons: a, b -> b, a",
                "seasons.a.length: 2 -> 1",
                "seasons.c:  -> a table, whole",
            ]
        );
        let nameless = "[[seasons]]\nlength = 1\n";
        assert_eq!(told(nameless, &nameless.repeat(2)), ["seasons: 1 tables -> 2 tables"]);
    }
}
