//! Every setting of a scenario or season, with the place where it is written.

use toml::{Table, Value};

use crate::scenario::{Described, ScenarioDocument, SourcePosition};

/// Column of the comments.
const COMMENT_COLUMN: usize = 44;

/// Returns the settings as a TOML text that stands by itself, in which a comment behind each tells its origin: a file and a line, or
/// that it is the default.
///
/// # Errors
/// Returns an error if serialisation fails, which it does for no valid scenario.
pub fn explain(document: &ScenarioDocument) -> Result<String, toml::ser::Error> {
    let mut text = String::from("version = 2\n");
    write_table(&settings(&document.described)?, "", &mut Vec::new(), document, &mut text);
    Ok(text)
}

/// Returns the settings as a table, in which numbers have the digits that people write.
///
/// # Errors
/// Returns an error if serialisation fails, which it does for no valid scenario.
pub fn settings(described: &Described) -> Result<Table, toml::ser::Error> {
    let table = match described {
        Described::Scenario(scenario) => Table::try_from(scenario),
        Described::Season(season) => Table::try_from(season),
    };
    table.map(|table| table.into_iter().map(|(key, value)| (key, rounded(value))).collect())
}

/// Returns a value with numbers of as many digits as an f32 keeps, which is what the types have.
fn rounded(value: Value) -> Value {
    match value {
        Value::Float(number) => Value::Float((number as f32).to_string().parse().unwrap_or(number)),
        Value::Array(items) => Value::Array(items.into_iter().map(rounded).collect()),
        Value::Table(table) => Value::Table(table.into_iter().map(|(key, value)| (key, rounded(value))).collect()),
        other => other,
    }
}

/// Writes a table: its values first, then its tables. `header` are the keys that lead to it, `path` is the same with list indices.
fn write_table(table: &Table, path: &str, header: &mut Vec<String>, document: &ScenarioDocument, text: &mut String) {
    let at = |key: &str| {
        if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}.{key}")
        }
    };
    let is_table = |value: &Value| match value {
        Value::Table(_) => true,
        Value::Array(items) => items.iter().any(Value::is_table),
        _ => false,
    };
    for (key, value) in table.iter().filter(|(_, value)| !is_table(value)) {
        let setting = format!("{} = {}", quoted(key), value);
        let origin = match document.place(&at(key)) {
            Some(SourcePosition { file, line }) => format!("{file}:{line}"),
            None => "default".to_owned(),
        };
        text.push_str(&format!("{setting:<COMMENT_COLUMN$} # {origin}\n"));
    }
    for (key, value) in table.iter().filter(|(_, value)| is_table(value)) {
        header.push(quoted(key));
        match value {
            Value::Table(below) => {
                text.push_str(&format!("\n[{}]\n", header.join(".")));
                write_table(below, &at(key), header, document, text);
            }
            Value::Array(items) => {
                for (number, item) in items.iter().enumerate() {
                    text.push_str(&format!("\n[[{}]]\n", header.join(".")));
                    if let Value::Table(below) = item {
                        write_table(below, &format!("{}.{number}", at(key)), header, document, text);
                    }
                }
            }
            _ => {}
        }
        header.pop();
    }
}

/// Returns a key as it is written in TOML.
fn quoted(key: &str) -> String {
    toml_edit::Key::new(key).to_string().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    #[test]
    fn each_setting_says_where_it_is_written_and_the_whole_is_the_same_scenario() {
        let document = ScenarioDocument::load("water_tank").unwrap();
        let text = explain(&document).unwrap();
        let line = |start: &str| {
            text.lines()
                .find(|line| line.starts_with(start))
                .unwrap_or_else(|| panic!("{start}: {text}"))
                .to_owned()
        };
        assert!(
            line("capacity_sprays = 20").ends_with("# water_tank.toml (shipped):10"),
            "{text}"
        );
        assert!(
            line("traction = 0.8").ends_with("# seasons/spring.toml (shipped):15"),
            "{text}"
        );
        assert!(line("side_m = 8.0").ends_with("# default"), "{text}");
        assert_eq!(
            Scenario::parse("explained.toml", &text).map_err(|mistakes| mistakes.render(100, false)),
            Ok(Scenario::load("water_tank").unwrap().scenario)
        );
    }

    #[test]
    fn a_season_is_explained_too() {
        let text = explain(&ScenarioDocument::load("seasons/winter.toml").unwrap()).unwrap();
        assert!(text.contains("\nname = \"winter\""), "{text}");
        assert!(text.contains("# seasons/winter.toml (shipped):4"), "{text}");
    }
}
