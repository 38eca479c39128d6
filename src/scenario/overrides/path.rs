//! Resolution of override paths within a table.

use toml::{Table, Value};

use crate::scenario::text::{ANY_NAME, join, nearest};

/// A resolved path.
pub(super) struct OverridePath {
    /// Keys, and indices in lists, from the root.
    pub(super) steps: Vec<Step>,
    /// A value of the expected type.
    pub(super) wanted: Value,
}

/// One part of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Number(usize),
}

/// Error: the path does not exist.
pub(super) struct Lost {
    pub(super) message: String,
    pub(super) help: Option<String>,
}

/// Resolves a path in `table`, and in `complete` where `table` has no such key.
pub(super) fn find(table: &Table, complete: &Table, path: &str) -> Result<OverridePath, Lost> {
    let (table, complete) = (Value::Table(table.clone()), Value::Table(complete.clone()));
    let (first, _) = path.split_once('.').unwrap_or((path, ""));
    let mut steps = Vec::new();
    let (mut here, mut whole) = (Some(&table), Some(&complete));
    // Leading tables may be omitted where only one table has the key.
    if child(here, whole, first).is_none() {
        let tables = keys(here, whole);
        let mut tables = tables.iter().filter(|table| {
            let table = child(here, whole, table);
            table.is_some_and(|(_, here, whole)| child(here, whole, first).is_some())
        });
        if let (Some(table), None) = (tables.next(), tables.next())
            && let Some((step, below, complete_below)) = child(here, whole, table)
        {
            steps.push(step);
            (here, whole) = (below, complete_below);
        }
    }
    let mut walked = String::new();
    for part in path.split('.') {
        let Some((step, below, complete_below)) = child(here, whole, part) else {
            return Err(lost(&table, &complete, path, &walked, part, &keys(here, whole)));
        };
        walked = join(&walked, part);
        steps.push(step);
        (here, whole) = (below, complete_below);
    }
    match here.or(whole) {
        Some(wanted) => Ok(OverridePath {
            steps,
            wanted: wanted.clone(),
        }),
        None => Err(Lost {
            message: format!("there is no `{path}`"),
            help: None,
        }),
    }
}

type Child<'a> = (Step, Option<&'a Value>, Option<&'a Value>);

/// Resolves one part of a path, in the settings and in `complete`.
fn child<'a>(here: Option<&'a Value>, whole: Option<&'a Value>, part: &str) -> Option<Child<'a>> {
    match here.or(whole)? {
        Value::Table(_) => {
            let get = |value: Option<&'a Value>| {
                let table = value?.as_table()?;
                table.get(part).or_else(|| table.get(ANY_NAME))
            };
            let (here, whole) = (get(here), get(whole));
            here.or(whole)?;
            Some((Step::Key(part.to_owned()), here, whole))
        }
        Value::Array(items) => {
            let called = |item: &Value| name(item) == Some(part);
            let number = items
                .iter()
                .position(called)
                .or_else(|| part.parse().ok())
                .filter(|&number| number < items.len())?;
            // All items of a list have the same type.
            let alike = whole.and_then(Value::as_array).and_then(|items| items.first());
            Some((Step::Number(number), items.get(number), alike))
        }
        _ => None,
    }
}

/// Returns the name of a list item.
fn name(item: &Value) -> Option<&str> {
    item.as_table()?.get("name")?.as_str()
}

/// Returns the parts with which a path can continue.
fn keys(here: Option<&Value>, whole: Option<&Value>) -> Vec<String> {
    match here.or(whole) {
        Some(Value::Table(_)) => {
            let tables = [here, whole].into_iter().flatten().filter_map(Value::as_table);
            let mut keys: Vec<String> = tables.flat_map(|table| table.keys().cloned()).collect();
            keys.retain(|key| key != ANY_NAME);
            keys.sort();
            keys.dedup();
            keys
        }
        Some(Value::Array(items)) => {
            let part = |(number, item): (usize, &Value)| name(item).map_or_else(|| number.to_string(), str::to_owned);
            items.iter().enumerate().map(part).collect()
        }
        _ => Vec::new(),
    }
}

fn lost(table: &Value, complete: &Value, path: &str, walked: &str, part: &str, here: &[String]) -> Lost {
    let message = match (walked, here.is_empty()) {
        ("", _) => format!("there is no `{part}`"),
        (_, true) => format!("`{walked}` has no keys of its own"),
        (_, false) => format!("there is no `{part}` in `{walked}`"),
    };
    let rest = path.get(join(walked, part).len()..).unwrap_or_default();
    let near = nearest(part, here.iter().map(String::as_str)).map(|meant| format!("{}{rest}", join(walked, meant)));
    let elsewhere = || {
        let last = path.rsplit('.').next().unwrap_or(path);
        let paths = all_paths(Some(table), Some(complete), "");
        // What lies deeper is rarer: an event's traction beside that of its season.
        let ends = paths
            .iter()
            .filter(|candidate| candidate.rsplit('.').next() == Some(last))
            .min_by_key(|candidate| candidate.matches('.').count())
            .cloned();
        ends.or_else(|| nearest(path, paths.iter().map(String::as_str)).map(str::to_owned))
    };
    let help = match near.or_else(elsewhere) {
        Some(meant) => Some(format!("did you mean `{meant}`?")),
        None if here.is_empty() => None,
        None => Some(format!(
            "it can go on with {}",
            here.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")
        )),
    };
    Lost { message, help }
}

/// Returns all paths.
fn all_paths(here: Option<&Value>, whole: Option<&Value>, prefix: &str) -> Vec<String> {
    let below = |part: &String| {
        let path = join(prefix, part);
        let mut paths = child(here, whole, part).map_or_else(Vec::new, |(_, here, whole)| all_paths(here, whole, &path));
        paths.insert(0, path);
        paths
    };
    keys(here, whole).iter().flat_map(below).collect()
}

/// Returns the value at a path, if there is one.
pub(super) fn place_mut<'a>(table: &'a mut Table, steps: &[Step]) -> Option<&'a mut Value> {
    let (Step::Key(first), rest) = steps.split_first()? else {
        return None;
    };
    let mut value = table.get_mut(first)?;
    for step in rest {
        value = match step {
            Step::Key(key) => value.get_mut(key.as_str())?,
            Step::Number(number) => value.get_mut(*number)?,
        };
    }
    Some(value)
}

/// Sets the value at steps found by [`find`]. An absent table on the way is added: its other keys have their defaults.
pub(super) fn put(table: &mut Table, steps: &[Step], value: Value) {
    for end in 1..steps.len() {
        if place_mut(table, &steps[..end]).is_none() {
            insert(table, &steps[..end], Value::Table(Table::new()));
        }
    }
    insert(table, steps, value);
}

fn insert(table: &mut Table, steps: &[Step], value: Value) {
    let Some((last, before)) = steps.split_last() else { return };
    match (last, before) {
        (Step::Key(key), []) => {
            table.insert(key.clone(), value);
        }
        (Step::Key(key), _) => {
            if let Some(Value::Table(table)) = place_mut(table, before) {
                table.insert(key.clone(), value);
            }
        }
        (Step::Number(_), _) => {
            if let Some(place) = place_mut(table, steps) {
                *place = value;
            }
        }
    }
}

/// Removes a key, if it exists.
pub(super) fn take_away(table: &mut Table, steps: &[Step]) {
    match steps.split_last() {
        Some((Step::Key(key), [])) => {
            table.remove(key);
        }
        Some((Step::Key(key), before)) => {
            if let Some(Value::Table(table)) = place_mut(table, before) {
                table.remove(key);
            }
        }
        _ => {}
    }
}
