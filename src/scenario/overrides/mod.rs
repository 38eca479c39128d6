//! Settings changed from the command line: `path=value`, for any settings that can be written as a TOML table.
//!
//! A path consists of keys and, in lists, of indices or names: `seasons.3.dynamics.traction` and
//! `seasons.winter.dynamics.traction` are the same. Leading tables may be omitted where only one table has the next key. A value
//! is TOML (`0.1`, `true`, `[1, 2]`); a bare word is text, and `none` removes an optional value.

mod path;

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use garde::Validate;
use miette::Diagnostic;
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;
use toml::{Table, Value};

use super::text::{dotted, key_of, kind, nearest};
use path::{OverridePath, find, place_mut, put, take_away};

/// One override: the value at `path` becomes `value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// Path of the setting.
    pub path: String,
    /// Value, as written.
    pub value: String,
}

impl FromStr for Override {
    type Err = OverrideErrors;

    fn from_str(text: &str) -> Result<Self, OverrideErrors> {
        match text.split_once('=') {
            Some((path, value)) if !path.trim().is_empty() => Ok(Self {
                path: path.trim().to_owned(),
                value: value.trim().to_owned(),
            }),
            _ => Err(OverrideError::new(
                text,
                "it must be written as path=value",
                Some("for instance plants.count=12".to_owned()),
            )
            .into()),
        }
    }
}

impl fmt::Display for Override {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}={}", self.path, self.value)
    }
}

/// Error of one override.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
#[error("`{written}`: {message}")]
pub struct OverrideError {
    /// The override, as written.
    pub written: String,
    /// Description of the error.
    pub message: String,
    /// Suggested correction, if there is one.
    #[help]
    pub help: Option<String>,
}

impl OverrideError {
    fn new(written: impl fmt::Display, message: impl Into<String>, help: Option<String>) -> Self {
        Self {
            written: written.to_string(),
            message: message.into(),
            help,
        }
    }
}

/// All errors of a list of overrides; never empty.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
#[error("{}", summary(.list))]
pub struct OverrideErrors {
    /// The errors, in the order of the overrides.
    #[related]
    pub list: Vec<OverrideError>,
}

impl From<OverrideError> for OverrideErrors {
    fn from(error: OverrideError) -> Self {
        Self { list: vec![error] }
    }
}

fn summary(list: &[OverrideError]) -> String {
    match list.len() {
        1 => "an override cannot be carried out".to_owned(),
        count => format!("{count} overrides cannot be carried out"),
    }
}

/// Applies overrides to the settings, one after the other.
///
/// `complete` has every key that the settings can have, including optional ones ([`Schema::complete`] makes it). Its values
/// determine the expected types.
///
/// # Errors
/// Returns an error if a path does not exist, a value has the wrong type, or the result is not valid. All errors are returned
/// together, each with its override.
///
/// [`Schema::complete`]: super::Schema::complete
pub fn apply<T>(settings: &T, complete: &Table, overrides: &[Override]) -> Result<T, OverrideErrors>
where
    T: Serialize + DeserializeOwned + Validate<Context = ()>,
{
    let unwritable = |error: toml::ser::Error| OverrideError::new("settings", error.to_string(), None);
    let mut table = Table::try_from(settings).map_err(unwritable)?;
    let mut result = Table::clone(&table)
        .try_into::<T>()
        .map_err(|error| OverrideError::new("settings", error.message(), None))?;
    let mut errors = Vec::new();
    // For each invalid path, the index of the override since which it has been invalid.
    let mut invalid: HashMap<String, usize> = HashMap::new();
    for (number, change) in overrides.iter().enumerate() {
        let mut next = table.clone();
        match apply_override(&mut next, complete, change).and_then(|()| read_back::<T>(&next, change)) {
            Ok(settings) => {
                let wrong = violations(&settings);
                invalid.retain(|path, _| wrong.iter().any(|(wrong, _)| wrong == path));
                for (path, _) in wrong {
                    invalid.entry(path).or_insert(number);
                }
                (table, result) = (next, settings);
            }
            Err(error) => errors.push(error),
        }
    }
    // A failed override may be what the others needed in order to be valid.
    if errors.is_empty() {
        for (path, message) in violations(&result) {
            let written = invalid
                .get(&path)
                .and_then(|&number| overrides.get(number))
                .map_or("settings".to_owned(), Override::to_string);
            let is = if message.starts_with("must") { "" } else { "is " };
            errors.push(OverrideError::new(written, format!("{} {is}{message}", key_of(&path)), None));
        }
    }
    if errors.is_empty() {
        Ok(result)
    } else {
        Err(OverrideErrors { list: errors })
    }
}

/// Sets one override's value in the table.
///
/// # Errors
/// Returns an error if its path does not exist, or its value has another type than the setting.
fn apply_override(table: &mut Table, complete: &Table, change: &Override) -> Result<(), OverrideError> {
    let OverridePath { steps, wanted, .. } =
        find(table, complete, &change.path).map_err(|lost| OverrideError::new(change, lost.message, lost.help))?;
    if change.value == "none" && !wanted.is_str() {
        take_away(table, &steps);
        return Ok(());
    }
    let value = parse(&change.value, &wanted).map_err(|message| OverrideError::new(change, message, None))?;
    put(table, &steps, value);
    Ok(())
}

/// Deserialises the settings from a table.
fn read_back<T: Serialize + DeserializeOwned>(table: &Table, change: &Override) -> Result<T, OverrideError> {
    let settings: T = table.clone().try_into().map_err(|error: toml::de::Error| {
        let message = error.message().trim_end().to_owned();
        let words: Vec<&str> = message.split('`').skip(3).step_by(2).collect();
        let meant = nearest(&change.value, words).map(|meant| format!("did you mean `{meant}`?"));
        OverrideError::new(change, message, meant)
    })?;
    if change.value == "none" {
        // A value that reappears after its removal is not optional: it would silently become the default.
        let after = Table::try_from(&settings).unwrap_or_default();
        if let Ok(place) = find(&after, table, &change.path)
            && place_mut(&mut after.clone(), &place.steps).is_some_and(|value| value.as_str() != Some("none"))
        {
            return Err(OverrideError::new(
                change,
                format!("it cannot be without a value: it takes {}", kind(&place.wanted)),
                None,
            ));
        }
    }
    Ok(settings)
}

/// Parses a value; the type of `wanted` is expected.
fn parse(text: &str, wanted: &Value) -> Result<Value, String> {
    let value = match text.parse::<Value>() {
        Ok(value @ Value::String(_)) => value,
        // A name may look like a number or a date.
        Ok(_) if wanted.is_str() => Value::String(text.to_owned()),
        Ok(value) => value,
        Err(error) if text.starts_with(['[', '{', '"', '\'']) => {
            return Err(format!("its value is not TOML: {}", error.message().trim_end()));
        }
        Err(_) => Value::String(text.to_owned()),
    };
    match (wanted, value) {
        (_, Value::Float(number)) if !number.is_finite() => Err("it takes a finite number".to_owned()),
        // One zero, however it is written.
        (Value::Float(_), Value::Float(number)) => Ok(Value::Float(number + 0.0)),
        (Value::Float(_), Value::Integer(number)) => Ok(Value::Float(number as f64)),
        (Value::Integer(_), Value::Float(_)) => Err("it takes a whole number".to_owned()),
        (wanted, value) if wanted.same_type(&value) => Ok(value),
        (wanted, value) => Err(format!("it takes {}, not {}", kind(wanted), kind(&value))),
    }
}

/// Returns the paths at which the settings are not valid, with the reasons.
fn violations<T: Validate<Context = ()>>(settings: &T) -> Vec<(String, String)> {
    let Err(report) = settings.validate() else { return Vec::new() };
    report
        .iter()
        .map(|(path, error)| (dotted(path), error.message().to_string()))
        .collect()
}

#[cfg(test)]
mod tests;
