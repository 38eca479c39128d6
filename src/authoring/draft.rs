//! A scenario file that is changed by a program: the text keeps its comments and its order.
//!
//! Every change is made in the text, which is then read again like any other; a change that would break the file is refused with the
//! mistakes that it would make, and leaves it as it was. What the file inherits from the one that it extends is written into it once it
//! is changed.

use std::path::{Path, PathBuf};

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Key, Table, TableLike, Value};

use super::format::format;
use crate::scenario::{Colour, Described, MOST_SEASONS, Mistakes, Scenario, ScenarioDocument, Season, shipped_season_paths};

/// Key of the list of seasons.
const SEASONS: &str = "seasons";
/// Key of a season that names the file that it extends.
const EXTENDS: &str = "extends";

/// Reason why a file was not changed.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// The file would have mistakes.
    #[error("{}", .0.list.first().map_or("the file would not be valid", |mistake| &mistake.message))]
    Mistakes(Mistakes),
    /// The path leads to nothing that can be written into this file.
    #[error("`{0}` cannot be changed in this file: it is part of a list in another one")]
    OutOfReach(String),
    /// The only season cannot be removed, and there are at most [`MOST_SEASONS`].
    #[error("a year has 1 to {} seasons", MOST_SEASONS)]
    Seasons,
}

/// A value of a setting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Setting {
    /// A number.
    Number(f32),
    /// A colour.
    Colour(Colour),
    /// One of a few words.
    Word(&'static str),
}

impl From<Setting> for Value {
    fn from(setting: Setting) -> Self {
        match setting {
            // With as many digits as the type keeps.
            Setting::Number(number) => number
                .to_string()
                .parse()
                .map_or(f64::from(number), |number: f64| number)
                .into(),
            Setting::Colour(colour) => {
                let [red, green, blue] = colour.to_array().map(|part| (part.clamp(0.0, 1.0) * 255.0 + 0.5) as u8);
                format!("#{red:02x}{green:02x}{blue:02x}").into()
            }
            Setting::Word(word) => word.into(),
        }
    }
}

/// A scenario file that is being changed.
#[derive(Clone, Debug)]
pub struct Draft {
    path: PathBuf,
    document: DocumentMut,
    scenario: Scenario,
}

impl Draft {
    /// Begins with the text of a file. `path` is where the file lies, or will: what it extends is looked for from there.
    ///
    /// # Errors
    /// Returns all mistakes in the text.
    pub fn open(path: &Path, text: &str) -> Result<Self, Mistakes> {
        let scenario = Scenario::parse_at(path, text)?;
        // A text that was read is TOML.
        let document = text.parse().unwrap_or_default();
        Ok(Self {
            path: path.to_owned(),
            document,
            scenario,
        })
    }

    /// Returns the text, in the layout of scenario files.
    pub fn text(&self) -> String {
        let text = self.document.to_string();
        format(&text).unwrap_or(text)
    }

    /// Returns what the text describes.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// Sets the value at a path, such as `seasons.1.look.ground`.
    ///
    /// # Errors
    /// Returns an error if the path leads to nothing, or if the file would not be valid with this value.
    pub fn set(&mut self, path: &str, value: impl Into<Value>) -> Result<(), DraftError> {
        let value = value.into();
        self.change(|document, scenario| {
            let keys: Vec<&str> = path.split('.').collect();
            let root = document.as_table_mut();
            let is_set = match keys[..] {
                [SEASONS, season, ref rest @ ..] if !rest.is_empty() => {
                    write_out_seasons(root, scenario);
                    let season: usize = season.parse().unwrap_or(usize::MAX);
                    root.get_mut(SEASONS)
                        .and_then(|seasons| season_mut(seasons, season))
                        .is_some_and(|season| put(season, rest, value))
                }
                _ => put(root, &keys, value),
            };
            if is_set {
                Ok(())
            } else {
                Err(DraftError::OutOfReach(path.to_owned()))
            }
        })
    }

    /// Adds a season at the end of the year, like one of those that there are, under a name that is free.
    ///
    /// # Errors
    /// Returns an error if there is no such season, or if there would be too many.
    pub fn add_season(&mut self, like: usize) -> Result<(), DraftError> {
        self.change(|document, scenario| {
            let season = scenario.seasons.get(like).ok_or(DraftError::Seasons)?;
            let is_taken = |name: &str| scenario.seasons.iter().any(|other| other.name == name);
            let names = (2..).map(|number: u32| format!("{} {number}", season.name));
            let name = names.into_iter().find(|name| !is_taken(name)).unwrap_or_default();
            let root = document.as_table_mut();
            write_out_seasons(root, scenario);
            let table = as_written(&Season {
                name: name.clone(),
                ..season.clone()
            });
            match root.get_mut(SEASONS) {
                Some(Item::ArrayOfTables(seasons)) => seasons.push(table),
                Some(Item::Value(Value::Array(seasons))) => seasons.push(table.into_inline_table()),
                _ => return Err(DraftError::Seasons),
            }
            Ok(())
        })
    }

    /// Removes a season.
    ///
    /// # Errors
    /// Returns an error if there is no such season, or no other.
    pub fn remove_season(&mut self, season: usize) -> Result<(), DraftError> {
        self.change(|document, scenario| {
            if scenario.seasons.len() < 2 || season >= scenario.seasons.len() {
                return Err(DraftError::Seasons);
            }
            let root = document.as_table_mut();
            write_out_seasons(root, scenario);
            match root.get_mut(SEASONS) {
                Some(Item::ArrayOfTables(seasons)) => drop(seasons.remove(season)),
                Some(Item::Value(Value::Array(seasons))) => drop(seasons.remove(season)),
                _ => return Err(DraftError::Seasons),
            }
            Ok(())
        })
    }

    /// Makes a change, and takes it back if the text is not valid with it.
    fn change(&mut self, make: impl FnOnce(&mut DocumentMut, &Scenario) -> Result<(), DraftError>) -> Result<(), DraftError> {
        let mut document = self.document.clone();
        make(&mut document, &self.scenario)?;
        self.scenario = Scenario::parse_at(&self.path, &document.to_string()).map_err(DraftError::Mistakes)?;
        self.document = document;
        Ok(())
    }
}

/// Writes the list of seasons into the file, if it has none of its own.
fn write_out_seasons(root: &mut Table, scenario: &Scenario) {
    if !root.contains_key(SEASONS) {
        let seasons: ArrayOfTables = scenario.seasons.iter().map(as_written).collect();
        root.insert(SEASONS, Item::ArrayOfTables(seasons));
    }
}

/// Returns a season as a table: by the shipped file that it equals, or else with everything that it says.
fn as_written(season: &Season) -> Table {
    let shipped = shipped_season_paths().find_map(|path| match ScenarioDocument::load(path).ok()?.described {
        Described::Season(shipped) => {
            let is_like = Season {
                name: season.name.clone(),
                ..(*shipped).clone()
            } == *season;
            is_like.then_some((path, shipped))
        }
        Described::Scenario(_) => None,
    });
    let mut table = Table::new();
    if let Some((path, shipped)) = shipped {
        table.insert(EXTENDS, Item::Value(path.into()));
        if shipped.name != season.name {
            table.insert("name", Item::Value(season.name.as_str().into()));
        }
        return table;
    }
    // A season can be serialised.
    let text = toml::to_string(season).unwrap_or_default();
    let document: DocumentMut = text.parse().unwrap_or_default();
    let mut whole = document.as_table().clone();
    // The places of its tables are those of another text.
    forget_places(&mut whole);
    whole
}

fn forget_places(table: &mut Table) {
    table.set_position(None);
    for (_, item) in table.iter_mut() {
        match item {
            Item::Table(table) => forget_places(table),
            Item::ArrayOfTables(tables) => tables.iter_mut().for_each(forget_places),
            _ => {}
        }
    }
}

/// Returns the table of a season. A season that is named by the path of its file becomes a table that extends it.
fn season_mut(seasons: &mut Item, season: usize) -> Option<&mut dyn TableLike> {
    match seasons {
        Item::ArrayOfTables(tables) => tables.get_mut(season).map(|table| table as &mut dyn TableLike),
        Item::Value(Value::Array(items)) => {
            let item = items.get_mut(season)?;
            if let Some(path) = item.as_str() {
                let mut table = InlineTable::new();
                table.insert(EXTENDS, path.into());
                let decor = item.decor().clone();
                *item = Value::InlineTable(table);
                *item.decor_mut() = decor;
            }
            item.as_inline_table_mut().map(|table| table as &mut dyn TableLike)
        }
        _ => None,
    }
}

/// Puts a value into a table, below the keys of its path. Returns `false` if the path leads through something else than tables and lists
/// that are there.
fn put(table: &mut dyn TableLike, path: &[&str], value: Value) -> bool {
    match path {
        [] => false,
        [key] => {
            match table.get_mut(key) {
                // What stands around the value stays: spaces, and the comment behind it.
                Some(Item::Value(old)) => {
                    let decor = old.decor().clone();
                    *old = value;
                    *old.decor_mut() = decor;
                }
                Some(_) => return false,
                None => drop(table.insert(key, Item::Value(value))),
            }
            true
        }
        [key, rest @ ..] => {
            if !table.contains_key(key) {
                // As `look.ground = ..`, which needs no header and no place of its own.
                let mut below = Table::new();
                below.set_dotted(true);
                below.set_implicit(true);
                table.entry_format(&Key::new(*key)).or_insert(Item::Table(below));
            }
            table.get_mut(key).is_some_and(|item| put_below(item, rest, value))
        }
    }
}

/// Puts a value into what a key stands for: a table, or an item of a list.
fn put_below(item: &mut Item, path: &[&str], value: Value) -> bool {
    if let Some(table) = item.as_table_like_mut() {
        return put(table, path, value);
    }
    let [number, rest @ ..] = path else { return false };
    let Ok(number) = number.parse::<usize>() else {
        return false;
    };
    match item {
        Item::ArrayOfTables(tables) => tables.get_mut(number).is_some_and(|table| put(table, rest, value)),
        Item::Value(Value::Array(items)) => put_into_list(items, number, rest, value),
        _ => false,
    }
}

fn put_into_list(items: &mut Array, number: usize, path: &[&str], value: Value) -> bool {
    match (items.get_mut(number), path) {
        (Some(item), []) => {
            let decor = item.decor().clone();
            *item = value;
            *item.decor_mut() = decor;
            true
        }
        (Some(Value::InlineTable(table)), rest) => put(table, rest, value),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authoring::editor::FileKind;
    use crate::authoring::template::new_file;
    use crate::scenario::overrides::{Override, apply};
    use crate::scenario::shipped_names;

    fn open(text: &str) -> Draft {
        Draft::open(Path::new("nowhere/garden.toml"), text).unwrap_or_else(|mistakes| panic!("{}", mistakes.render(100, false)))
    }

    /// Every comment of a text.
    fn comments(text: &str) -> Vec<&str> {
        text.lines()
            .filter_map(|line| line.split_once("# "))
            .map(|(_, comment)| comment)
            .collect()
    }

    #[test]
    fn every_change_does_what_the_same_override_does_and_keeps_the_comments() {
        let texts: Vec<String> = shipped_names()
            // A year of one season has no second one to change.
            .filter(|name| Scenario::load(name).unwrap().scenario.seasons.len() > 1)
            .map(|name| {
                let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
                let files = ["", "gallery/", "applications/"].map(|place| folder.join(format!("{place}{name}.toml")));
                std::fs::read_to_string(files.iter().find(|file| file.exists()).unwrap()).unwrap()
            })
            .chain([
                new_file(FileKind::Scenario, "new", None),
                new_file(FileKind::Scenario, "new", Some("gradual_year")),
                "name = \"short\"\nseasons = [\n  \"seasons/spring.toml\", # the first\n  \"seasons/winter.toml\",\n]\n"
                    .to_owned(),
            ])
            .collect();
        let complete = Scenario::schema().complete();
        for text in &texts {
            let mut draft = open(text);
            for (path, value, written) in [
                ("rewards.bump", Value::from(-0.25), "-0.25"),
                ("schedule.transition", Value::from("gradual"), "gradual"),
                ("plants.count", Value::from(7), "7"),
                ("seasons.0.look.ground", Value::from("#102030"), "\"#102030\""),
                ("seasons.1.look.fine", Value::from("#a0b0c0"), "\"#a0b0c0\""),
                ("seasons.1.dynamics.traction", Value::from(0.35), "0.35"),
                ("seasons.0.relative_length", Value::from(2.5), "2.5"),
                ("seasons.1.weather.light_low", Value::from(0.4), "0.4"),
                ("seasons.0.faults.noise_deviation", Value::from(0.02), "0.02"),
            ] {
                let change = Override {
                    path: path.to_owned(),
                    value: written.to_owned(),
                };
                let wanted = apply(draft.scenario(), &complete, &[change]).unwrap();
                draft
                    .set(path, value)
                    .unwrap_or_else(|error| panic!("{path}: {error}\n{text}"));
                assert_eq!(*draft.scenario(), wanted, "{path}\n{}", draft.text());
            }
            let new = draft.text();
            for comment in comments(text) {
                assert!(new.contains(comment.trim()), "{comment} is lost:\n{new}");
            }
            assert_eq!(open(&new).scenario(), draft.scenario(), "{new}");
        }
    }

    #[test]
    fn what_would_break_the_file_is_refused_and_changes_nothing() {
        let mut draft = open(&new_file(FileKind::Scenario, "new", None));
        let before = draft.text();
        for (path, value) in [
            ("seasons.0.dynamics.traction", Value::from(7.0)),
            ("seasons.0.look.ground", Value::from("greenish")),
            ("seasons.0.weather.light_low", Value::from(1.9)),
            ("seasons.9.look.ground", Value::from("#102030")),
            ("seasons.x.look.ground", Value::from("#102030")),
            ("seasons.0.look", Value::from(1)),
            ("no.such.key", Value::from(1)),
            ("", Value::from(1)),
        ] {
            assert!(draft.set(path, value).is_err(), "{path}");
            assert_eq!(draft.text(), before, "{path}");
        }
    }

    #[test]
    fn a_year_is_made_from_nothing() {
        let mut draft = open("name = \"mine\"\nseasons = [\"seasons/spring.toml\"]\n");
        assert!(draft.remove_season(0).is_err());
        draft.add_season(0).unwrap();
        draft.set("seasons.1.look.ground", "#203040").unwrap();
        draft.add_season(1).unwrap();
        draft.add_season(1).unwrap();
        let names =
            |draft: &Draft| -> Vec<String> { draft.scenario().seasons.iter().map(|season| season.name.clone()).collect() };
        assert_eq!(names(&draft), ["spring", "spring 2", "spring 2 2", "spring 2 3"]);
        assert_eq!(draft.scenario().seasons[3].look, draft.scenario().seasons[1].look);
        draft.remove_season(0).unwrap();
        draft.remove_season(2).unwrap();
        assert_eq!(names(&draft), ["spring 2", "spring 2 2"]);
        let text = draft.text();
        assert_eq!(open(&text).scenario(), draft.scenario(), "{text}");
    }

    #[test]
    fn no_season_is_added_to_a_year_that_has_as_many_as_it_can() {
        let seasons = (1..MOST_SEASONS).map(|number| format!("{{ extends = \"seasons/spring.toml\", name = \"s{number}\" }}"));
        let seasons = seasons.collect::<Vec<_>>().join(", ");
        let mut draft = open(&format!("name = \"mine\"\nseasons = [{seasons}]\n"));
        draft.add_season(0).unwrap();
        assert_eq!(draft.scenario().seasons.len(), MOST_SEASONS);
        assert!(draft.add_season(0).is_err());
        assert_eq!(draft.scenario().seasons.len(), MOST_SEASONS);
    }

    #[test]
    fn what_is_inherited_is_written_once_it_is_changed() {
        let mut draft = open("extends = \"four_seasons\"\nname = \"mine\" # so\n");
        draft.set("seasons.2.look.thirsty", "#010203").unwrap();
        let text = draft.text();
        assert!(
            text.contains("extends = \"seasons/winter.toml\"") && text.contains("# so"),
            "{text}"
        );
        assert!(text.lines().count() < 20, "{text}");
        assert_eq!(open(&text).scenario(), draft.scenario(), "{text}");
    }
}
