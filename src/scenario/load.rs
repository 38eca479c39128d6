//! Loads scenarios: finds the files, inserts season files, and collects every mistake in them.

use std::fs;
use std::path::{Path, PathBuf};

use garde::Validate;
use miette::Diagnostic;
use serde::Deserialize;
use thiserror::Error;

use super::Scenario;
use super::shipped::{self, shipped_names};
use super::text::{Content, Files, Mistakes, Node, Schema, dotted, examine, key_of, nearest};
use crate::escape::{path as shown, terminal};
use crate::files::{ReadError, is_standard_input, read_kept};

/// Name of the default scenario.
pub const DEFAULT_SCENARIO: &str = "four_seasons";

/// A scenario and its origin.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// The scenario, its seasons included.
    pub scenario: Scenario,
    /// Origin of the scenario.
    pub origin: Origin,
}

/// Origin of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A scenario shipped with the program, by name.
    Shipped(&'static str),
    /// A file.
    File(PathBuf),
}

/// Reasons why a scenario cannot be loaded.
#[derive(Debug, Error, Diagnostic)]
pub enum ScenarioError {
    /// No file is there, and no shipped scenario has this name.
    #[error("there is no scenario `{}`: {why}", terminal(asked))]
    #[diagnostic(help("{}the shipped scenarios are {}", did_you_mean(meant.as_deref()), listed()))]
    Unknown {
        /// Name or path, as given.
        asked: String,
        /// Explanation: what was looked for, or found instead.
        why: &'static str,
        /// Shipped scenario or file that was probably meant.
        meant: Option<String>,
    },
    /// Something is there and cannot be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Unreadable(#[from] ReadError),
    /// The text is wrong in one or more places.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Mistakes(#[from] Mistakes),
}

impl ScenarioError {
    /// Returns the mistakes in the text, if these are the reason.
    pub fn mistakes(&self) -> Option<&Mistakes> {
        match self {
            Self::Mistakes(mistakes) => Some(mistakes),
            _ => None,
        }
    }
}

fn did_you_mean(meant: Option<&str>) -> String {
    meant.map_or_else(String::new, |meant| format!("did you mean `{}`? ", terminal(meant)))
}

fn listed() -> String {
    shipped_names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

impl Scenario {
    /// Loads a scenario file, or the shipped scenario of this name where no such file exists. `-` is the standard input.
    ///
    /// # Errors
    /// Returns an error if there is neither, if a file cannot be read, or if the text has mistakes. All mistakes in all of its
    /// files are reported together.
    pub fn load(name_or_path: &str) -> Result<Loaded, ScenarioError> {
        let path = Path::new(name_or_path);
        // A comparison loads its scenarios once a run, and a pipe can be read once only.
        let refused = match read_kept(path) {
            Ok(text) => {
                let title = if is_standard_input(path) {
                    "the standard input".to_owned()
                } else {
                    terminal(name_or_path)
                };
                // What comes through a pipe lies nowhere: its season files are looked for from here.
                let folder = path.parent().filter(|_| path.is_file()).map(Path::to_owned);
                let scenario = read(&title, &text, &Beside::Folder(folder.unwrap_or_default()))?;
                return Ok(Loaded {
                    scenario,
                    origin: Origin::File(path.to_owned()),
                });
            }
            Err(error) => error,
        };
        if let Some(file) = shipped::scenario(name_or_path) {
            let scenario = read(&file.title(), file.text.as_bytes(), &Beside::Nothing)?;
            return Ok(Loaded {
                scenario,
                origin: Origin::Shipped(file.name()),
            });
        }
        if !refused.is_absent() && !refused.is_folder() {
            return Err(refused.into());
        }
        let files = neighbours(Path::new(""), path);
        let file_name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or(name_or_path);
        let file = || nearest(name_or_path, files.iter().map(String::as_str));
        Err(ScenarioError::Unknown {
            asked: name_or_path.to_owned(),
            why: if refused.is_folder() {
                "that is a folder"
            } else {
                "no such file, and none is shipped under this name"
            },
            meant: nearest(file_name, shipped_names()).or_else(file).map(str::to_owned),
        })
    }

    /// Returns the files that a scenario file is read from: itself, and the season files that it names, also those that are not there
    /// yet. A text with mistakes is read as far as it goes.
    ///
    /// # Errors
    /// The scenario file itself cannot be read.
    pub fn source_files(path: &Path) -> std::io::Result<Vec<PathBuf>> {
        let mut root = Files::default().parse_bytes(&path.to_string_lossy(), &fs::read(path)?);
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        let mut files = vec![path.to_owned()];
        if let Some(Node {
            content: Content::List(seasons),
            ..
        }) = root.get_mut("seasons")
        {
            files.extend(seasons.iter().filter_map(|season| match &season.content {
                Content::Leaf(Ok(toml::Value::String(path))) => Some(folder.join(path)),
                _ => None,
            }));
        }
        Ok(files)
    }

    /// Reads a scenario from a text; `file` is what messages call it. Season files it names are looked for among the shipped ones.
    ///
    /// # Errors
    /// Returns all mistakes in the text.
    pub fn parse(file: &str, text: &str) -> Result<Self, Mistakes> {
        read(file, text.as_bytes(), &Beside::Nothing)
    }

    /// Serialises the scenario as a text without references to other files. [`parse`](Self::parse) turns it into an equal
    /// scenario.
    ///
    /// # Errors
    /// Returns an error if serialisation fails, which it does for no valid scenario.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }

    /// Returns the schema of scenario files: the keys, their ranges and their descriptions.
    pub fn schema() -> Schema {
        Schema::of::<Self>()
    }
}

/// Place where season files are looked up.
enum Beside {
    Nothing,
    Folder(PathBuf),
}

fn read(file: &str, bytes: &[u8], beside: &Beside) -> Result<Scenario, Mistakes> {
    let mut files = Files::default();
    let mut root = files.parse_bytes(file, bytes);
    bring_in_seasons(&mut root, beside, &mut files);
    let value = examine(&root, &Scenario::schema(), &mut files);
    let scenario = match Scenario::deserialize(value) {
        Ok(scenario) => Some(scenario),
        Err(error) => {
            // A text that fits the schema should deserialise, so a failure follows from a mistake already noted. If there is
            // none, it must be reported.
            if files.are_right() {
                files.add(root.file, "", 0..0, error.message().to_owned(), None);
            }
            None
        }
    };
    if let Some(scenario) = &scenario {
        note_broken_rules(scenario, &root, &mut files);
    }
    match scenario {
        Some(scenario) if files.are_right() => Ok(scenario),
        _ => Err(Mistakes {
            file: file.to_owned(),
            list: files.into_mistakes(),
        }),
    }
}

/// Inserts the contents of season files where the scenario names them.
fn bring_in_seasons(root: &mut Node, beside: &Beside, files: &mut Files) {
    let Some(Node {
        content: Content::List(seasons),
        ..
    }) = root.get_mut("seasons")
    else {
        return;
    };
    for (number, season) in seasons.iter_mut().enumerate() {
        let Content::Leaf(Ok(toml::Value::String(path))) = &season.content else {
            continue;
        };
        match find_season(path, beside) {
            Ok((name, bytes)) => *season = files.parse_bytes(&name, &bytes),
            Err((message, help)) => {
                files.add(season.file, &format!("seasons.{number}"), season.span.clone(), message, help);
                season.content = Content::Unread;
            }
        }
    }
}

fn find_season(path: &str, beside: &Beside) -> Result<(String, Vec<u8>), (String, Option<String>)> {
    if let Beside::Folder(folder) = beside {
        let file = folder.join(path);
        match read_kept(&file) {
            Ok(bytes) => return Ok((shown(&file), bytes)),
            Err(error) if error.is_absent() => {}
            Err(error) => return Err((format!("the season file `{path}` cannot be read: {}", error.reason()), None)),
        }
    }
    if let Some(file) = shipped::season(path) {
        return Ok((file.title(), file.text.as_bytes().to_vec()));
    }
    let mut candidates: Vec<String> = shipped::SEASONS.iter().map(|file| file.path.to_owned()).collect();
    if let Beside::Folder(folder) = beside {
        candidates.splice(0..0, neighbours(folder, Path::new(path)));
    }
    let meant = nearest(path, candidates.iter().map(String::as_str)).map(|meant| format!("did you mean \"{meant}\"?"));
    let help = meant.unwrap_or_else(|| "a path from the scenario file's folder to a season file".to_owned());
    Err((format!("there is no season file `{path}`"), Some(help)))
}

/// Returns the TOML files in the folder in which a file was looked for, relative to `folder`.
fn neighbours(folder: &Path, path: &Path) -> Vec<String> {
    let inner = path.parent().unwrap_or(Path::new(""));
    let place = Path::new(".").join(folder).join(inner);
    let entries = fs::read_dir(place).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| Some(inner.join(entry.file_name()).to_str()?.to_owned()));
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".toml")).collect();
    // Directory order is arbitrary.
    names.sort();
    names
}

/// Notes rules between keys that are broken, for keys that are valid by themselves.
fn note_broken_rules(scenario: &Scenario, root: &Node, files: &mut Files) {
    let Err(report) = scenario.validate() else { return };
    let wrong = files.wrong_paths();
    for (path, error) in report.iter() {
        let path = dotted(path);
        let parent = path.rsplit_once('.').map_or("", |(parent, _)| parent);
        // A rule about a whole table also reads keys of other tables.
        let doubtful = wrong
            .iter()
            .any(|wrong| parent.is_empty() || wrong.starts_with(parent) || path.starts_with(wrong.as_str()));
        if !doubtful {
            let node = root.towards(&path);
            files.add(
                node.file,
                &path,
                node.span.clone(),
                format!("{} {}", key_of(&path), error.message()),
                None,
            );
        }
    }
}
