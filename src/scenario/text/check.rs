//! Checks a parsed text against a schema, and notes everything that does not fit.

use std::collections::HashSet;

use toml::Value;

use super::tree::{Content, Files, Node, NodeKey};
use super::{Field, Schema, join, nearest};
use crate::scenario::Colour;
use crate::scenario::sources::RENAMED;

/// Notes in `files` everything that keeps `node` from matching `schema`. Returns the valid part of the text, completed where
/// something required is missing or wrong.
pub(crate) fn examine(node: &Node, schema: &Schema, files: &mut Files) -> Value {
    let mut examination = Examination { files, root: schema };
    // A schema that allows anything has no specimen, and accepts the value as it is.
    examination
        .value(node, schema, "", "")
        .unwrap_or_else(|| Value::Table(toml::Table::new()))
}

struct Examination<'a> {
    files: &'a mut Files,
    root: &'a Schema,
}

impl Examination<'_> {
    /// Returns the value if it is valid. `about` is the description of the key.
    fn value(&mut self, node: &Node, schema: &Schema, path: &str, about: &str) -> Option<Value> {
        let (must, help) = match (schema, &node.content) {
            (_, Content::Unread) => return None,
            (Schema::Table(fields), Content::Table(keys)) => return Some(self.table(node, keys, schema, fields, path)),
            (Schema::List { item, least, most }, Content::List(items)) => {
                if !(*least..=*most).contains(&items.len()) {
                    let amount = if *most == usize::MAX {
                        format!("at least {least}")
                    } else {
                        format!("{least} to {most}")
                    };
                    self.wrong(
                        node,
                        path,
                        &format!("must have {amount} items, and has {}", items.len()),
                        describe(about),
                    );
                }
                let each = |(number, child): (usize, &Node)| {
                    let right = self.value(child, item, &join(path, &number.to_string()), about);
                    right.or_else(|| item.specimen())
                };
                // What is one too many has no meaning, and examining thousands of them takes its time.
                return Some(Value::Array(items.iter().enumerate().take(*most).filter_map(each).collect()));
            }
            (Schema::Map(item), Content::Table(keys)) => {
                let each = |key: &NodeKey| {
                    let right = self.value(&key.value, item, &join(path, &key.name), about)?;
                    Some((key.name.clone(), right))
                };
                return Some(Value::Table(keys.iter().filter_map(each).collect()));
            }
            (Schema::Anything, _) => return plain(node),
            (_, Content::Leaf(Err(reason))) => (format!("cannot be read: {reason}"), None),
            (_, Content::Leaf(Ok(value))) => match fits(value, schema) {
                Fit::Right => return Some(value.clone()),
                Fit::Wrong { must, help } => (must, help),
                Fit::OtherKind => (format!("must be {}, not {}", wanted(schema), node.kind()), None),
            },
            _ => (format!("must be {}, not {}", wanted(schema), node.kind()), None),
        };
        self.wrong(node, path, &must, help.or_else(|| describe(about)));
        None
    }

    fn wrong(&mut self, node: &Node, path: &str, must: &str, help: Option<String>) {
        self.files
            .add(node.file, path, node.span.clone(), format!("{} {must}", key_of(path)), help);
    }

    fn table(&mut self, node: &Node, keys: &[NodeKey], schema: &Schema, fields: &[Field], path: &str) -> Value {
        let mut table = toml::Table::new();
        let mut accounted_for: HashSet<&str> = keys.iter().map(|key| key.name.as_str()).collect();
        let mut meant_before: HashSet<&str> = HashSet::new();
        let written: HashSet<(&str, usize)> = keys.iter().map(|key| (key.name.as_str(), key.value.file)).collect();
        for key in keys {
            let path = join(path, &key.name);
            if let Some(field) = schema.field(&key.name) {
                let right = self.value(&key.value, &field.schema, &path, &field.description);
                let value = right.or_else(|| if field.required { field.specimen() } else { None });
                table.extend(value.map(|value| (key.name.clone(), value)));
                continue;
            }
            // Finding what was meant takes its time, which a text with thousands of unknown keys does not deserve.
            if self.files.is_full() {
                self.files.add(node.file, &path, key.span.clone(), String::new(), None);
                continue;
            }
            // What an extended file says is no reason why it was not meant here.
            let absent = || {
                let free = |field: &&Field| {
                    let is_beside = written.contains(&(field.key.as_str(), key.value.file));
                    !is_beside && !meant_before.contains(field.key.as_str())
                };
                fields.iter().filter(free)
            };
            let renamed = RENAMED
                .iter()
                .find(|(before, _)| *before == key.name)
                .map(|(_, since)| *since);
            let renamed = renamed.filter(|since| absent().any(|field| field.key == *since));
            let meant = renamed.or_else(|| nearest(&key.name, absent().map(|field| field.key.as_str())));
            let help = match meant {
                Some(meant) if renamed.is_some() => format!("since version 2 it is called `{meant}`"),
                Some(meant) => format!("did you mean `{meant}`?"),
                None => self.help_for_stranger(&key.name, fields),
            };
            self.files.add(
                node.file,
                &path,
                key.span.clone(),
                format!("unknown key `{}`", key.name),
                Some(help),
            );
            if let Some(field) = meant.and_then(|meant| schema.field(meant)) {
                // The misspelled key is taken for the meant one: it is not missing, and mistakes inside it can be reported at
                // once. Its value is used for the meant key only if it is a table.
                accounted_for.insert(&field.key);
                meant_before.insert(&field.key);
                if matches!(
                    (&field.schema, &key.value.content),
                    (Schema::Table(_), Content::Table(_)) | (Schema::List { .. }, Content::List(_))
                ) {
                    self.value(&key.value, &field.schema, &path, &field.description);
                }
            }
        }
        let absent: Vec<&Field> = fields
            .iter()
            .filter(|field| field.required && !table.contains_key(&field.key))
            .collect();
        for field in absent {
            if !accounted_for.contains(field.key.as_str()) {
                let message = match path {
                    "" => format!("missing key `{}`", field.key),
                    _ => format!("missing key `{}` in `{path}`", field.key),
                };
                self.files.add(
                    node.file,
                    &join(path, &field.key),
                    node.span.clone(),
                    message,
                    describe(&field.description),
                );
            }
            table.extend(field.specimen().map(|specimen| (field.key.clone(), specimen)));
        }
        Value::Table(table)
    }

    /// Help for an unknown key that resembles none in its table: the table it belongs to, or the keys available here.
    fn help_for_stranger(&self, key: &str, fields: &[Field]) -> String {
        let elsewhere = self
            .root
            .entries()
            .into_iter()
            .filter(|entry| entry.field.key == key)
            // What lies deeper is rarer: an event's traction beside that of its season.
            .min_by_key(|entry| entry.path.matches('.').count())
            .map(|entry| entry.path);
        if let Some((table, _)) = elsewhere.as_deref().and_then(|path| path.rsplit_once('.')) {
            let table = table.rsplit_once("*.").map_or(table, |(_, table)| table);
            return format!("`{key}` belongs into the table `{table}`");
        }
        if let Some(path) = elsewhere {
            return format!("`{path}` belongs to the top of the scenario, before the first [table]");
        }
        let keys: Vec<String> = fields.iter().map(|field| format!("`{}`", field.key)).collect();
        format!("the keys here are {}", keys.join(", "))
    }
}

/// Returns the key that a path is about: its last part, or the list's where that is a number.
pub(crate) fn key_of(path: &str) -> &str {
    path.rsplit('.').find(|part| part.parse::<usize>().is_err()).unwrap_or(path)
}

/// Result of matching a value against a schema.
enum Fit {
    Right,
    /// The value has the right type but is not valid.
    Wrong {
        must: String,
        help: Option<String>,
    },
    OtherKind,
}

fn fits(value: &Value, schema: &Schema) -> Fit {
    let wrong = |must: String, help: Option<String>| Fit::Wrong { must, help };
    match (schema, value) {
        (Schema::Switch, Value::Boolean(_)) => Fit::Right,
        (Schema::Text { least }, Value::String(text)) if text.chars().count() < *least => match least {
            1 => wrong("must not be empty".to_owned(), None),
            _ => wrong(format!("must have at least {least} characters"), None),
        },
        (Schema::Text { .. }, Value::String(_)) => Fit::Right,
        (Schema::Colour, Value::String(text)) => match text.parse::<Colour>() {
            Ok(_) => Fit::Right,
            Err(refused) => wrong("must be a colour".to_owned(), Some(refused.help)),
        },
        (Schema::Choice(words), Value::String(text)) if words.contains(text) => Fit::Right,
        (Schema::Choice(words), Value::String(text)) => {
            let meant = nearest(text, words.iter().map(String::as_str)).map(|meant| format!("did you mean \"{meant}\"?"));
            wrong(format!("must be {}", alternatives(words)), meant)
        }
        (Schema::Number { whole: true, .. }, Value::Float(_)) => wrong("must be a whole number".to_owned(), None),
        (Schema::Number { least, most, .. }, Value::Integer(number)) => within(*number as f64, *least, *most),
        (Schema::Number { least, most, .. }, Value::Float(number)) => within(*number, *least, *most),
        _ => Fit::OtherKind,
    }
}

fn within(number: f64, least: f64, most: f64) -> Fit {
    // The types use f32: a bound written in that precision is inside the range.
    let number = if number.is_finite() {
        f64::from(number as f32)
    } else {
        number
    };
    let inside = number >= f64::from(least as f32) && number <= f64::from(most as f32);
    let must = match (least.is_finite(), most.is_finite()) {
        _ if inside && number.is_finite() => return Fit::Right,
        (true, true) => format!("must be between {least} and {most}"),
        (true, false) => format!("must be at least {least}"),
        (false, true) => format!("must be at most {most}"),
        (false, false) => "must be a finite number".to_owned(),
    };
    Fit::Wrong { must, help: None }
}

fn wanted(schema: &Schema) -> String {
    match schema {
        Schema::Table(_) | Schema::Map(_) => "a table".to_owned(),
        Schema::List { .. } => "a list".to_owned(),
        Schema::Number { whole: true, .. } => "a whole number".to_owned(),
        Schema::Number { whole: false, .. } => "a number".to_owned(),
        Schema::Switch => "true or false".to_owned(),
        Schema::Text { .. } => "text in quotes".to_owned(),
        Schema::Choice(words) => alternatives(words),
        Schema::Colour => "a colour in quotes".to_owned(),
        Schema::Anything => "given".to_owned(),
    }
}

/// Formats alternatives as `"abrupt" or "gradual"`.
fn alternatives(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => "nothing".to_owned(),
    }
}

/// Turns the description of a key into a label.
fn describe(about: &str) -> Option<String> {
    let about = about.trim_end_matches(['.', ' ']).trim_start_matches(['.', ' ']);
    let mut letters = about.chars();
    let first = letters.next()?;
    Some(first.to_lowercase().chain(letters).collect())
}

/// Converts a node to a plain value.
fn plain(node: &Node) -> Option<Value> {
    Some(match &node.content {
        Content::Table(keys) => Value::Table(
            keys.iter()
                .filter_map(|key| Some((key.name.clone(), plain(&key.value)?)))
                .collect(),
        ),
        Content::List(items) => Value::Array(items.iter().filter_map(plain).collect()),
        Content::Leaf(value) => value.clone().ok()?,
        Content::Unread => return None,
    })
}
