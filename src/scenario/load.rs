//! Loads scenarios: finds the files, inserts season files, and collects every mistake in them.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use garde::Validate;
use miette::Diagnostic;
use serde::de::DeserializeOwned;
use thiserror::Error;

use super::shipped::{self, shipped_names};
use super::sources::{self, Home, LARGEST_FILE_BYTES, SourceKind, Sources, neighbours};
use super::text::{Field, Files, Mistakes, Node, Schema, dotted, examine, key_of, nearest};
use super::{Scenario, Season};
use crate::escape::{path as shown, terminal};
use crate::files::{ReadError, is_standard_input, read_small};

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
    /// A season is there, where a garden with its year is needed.
    #[error("{} is a season, not a garden with its year", shown_as_asked(asked))]
    #[diagnostic(help("name it in a scenario: `seasons = [\"{}\"]`", terminal(path)))]
    Season {
        /// Name or path, as given.
        asked: String,
        /// Path by which a scenario beside it would name it.
        path: String,
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

fn shown_as_asked(asked: &str) -> String {
    if is_standard_input(Path::new(asked)) {
        "the standard input".to_owned()
    } else {
        terminal(asked)
    }
}

fn did_you_mean(meant: Option<&str>) -> String {
    meant.map_or_else(String::new, |meant| format!("did you mean `{}`? ", terminal(meant)))
}

fn listed() -> String {
    shipped_names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Contents of a file: what it describes, and the tree that this was read from.
#[derive(Clone, Debug)]
pub struct ScenarioDocument {
    /// Garden or season.
    pub described: Described,
    /// Origin of the file.
    pub origin: Origin,
    root: Node,
    files: Files,
}

/// Garden or season that a file describes.
#[derive(Clone, Debug, PartialEq)]
pub enum Described {
    /// A garden and its year.
    Scenario(Box<Scenario>),
    /// A season.
    Season(Box<Season>),
}

/// Place of a value in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourcePosition {
    /// Name of the file, as its author knows it.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
}

impl ScenarioDocument {
    /// Loads a scenario or a season, from a file, the standard input (`-`), or the shipped files. Which of them it is, its keys tell.
    ///
    /// # Errors
    /// Returns an error if there is no such file, if one cannot be read, or if the text has mistakes, of which all are reported.
    pub fn load(name_or_path: &str) -> Result<Self, ScenarioError> {
        Ok(Self::read(Opened::find(
            name_or_path,
            &[SourceKind::Scenario, SourceKind::Season],
        )?)?)
    }

    /// Reads a text as if it were the contents of a file at `path`, which need not be there.
    ///
    /// # Errors
    /// Returns all mistakes in the text.
    pub fn parse_at(path: &Path, text: &str) -> Result<Self, Mistakes> {
        Self::read(Opened {
            title: shown(path),
            bytes: text.as_bytes().to_vec(),
            home: Home::folder(path.parent().unwrap_or(Path::new(""))),
            origin: Origin::File(path.to_owned()),
        })
    }

    fn read(opened: Opened) -> Result<Self, Mistakes> {
        let kind = opened.kind();
        let Opened {
            title,
            bytes,
            home,
            origin,
        } = opened;
        let (described, root, files) = match kind {
            SourceKind::Scenario => {
                let (scenario, root, files) = read::<Scenario>(&title, &bytes, kind, &home)?;
                (Described::Scenario(Box::new(scenario)), root, files)
            }
            SourceKind::Season => {
                let (season, root, files) = read::<Season>(&title, &bytes, kind, &home)?;
                (Described::Season(Box::new(season)), root, files)
            }
        };
        Ok(Self {
            described,
            origin,
            root,
            files,
        })
    }

    /// Returns `true` if a file describes a garden and its year, and not a season.
    ///
    /// # Errors
    /// Returns an error if there is no such file, or if it cannot be read. Mistakes in it are none.
    pub fn is_scenario(name_or_path: &str) -> Result<bool, ScenarioError> {
        Ok(Opened::find(name_or_path, &[SourceKind::Scenario, SourceKind::Season])?.kind() == SourceKind::Scenario)
    }

    /// Returns the place where the value at a path is written, as `seasons.0.look.sky`; `None` for a default.
    pub fn place(&self, path: &str) -> Option<SourcePosition> {
        let node = path.split('.').try_fold(&self.root, |node, key| node.get(key))?;
        let (file, text) = self.files.source(node.file)?;
        Some(SourcePosition {
            file: file.to_owned(),
            line: text[..node.span.start].matches('\n').count() + 1,
        })
    }
}

/// A file that was opened.
struct Opened {
    title: String,
    bytes: Vec<u8>,
    home: Home,
    origin: Origin,
}

impl Opened {
    /// Tells what the file describes.
    fn kind(&self) -> SourceKind {
        Sources::default().kind(&self.title, &self.bytes, &self.home)
    }

    /// Explains that this season is no scenario.
    fn as_season(&self, asked: &str) -> ScenarioError {
        let path = match &self.origin {
            Origin::Shipped(name) => format!("{name}.toml"),
            Origin::File(path) if is_standard_input(path) => "its_file.toml".to_owned(),
            Origin::File(path) => path
                .file_name()
                .map_or_else(|| asked.to_owned(), |name| name.to_string_lossy().into_owned()),
        };
        ScenarioError::Season {
            asked: asked.to_owned(),
            path,
        }
    }

    /// Opens a file, the standard input, or a shipped file of one of these kinds.
    fn find(name_or_path: &str, kinds: &[SourceKind]) -> Result<Self, ScenarioError> {
        let path = Path::new(name_or_path);
        // A comparison loads its scenarios once a run, and a pipe can be read once only.
        let refused = match read_small(path, LARGEST_FILE_BYTES) {
            Ok(bytes) => {
                let title = if is_standard_input(path) {
                    "the standard input".to_owned()
                } else {
                    terminal(name_or_path)
                };
                // What comes through a pipe lies nowhere: its season files are looked for from here.
                let folder = path.parent().filter(|_| path.is_file()).unwrap_or(Path::new(""));
                return Ok(Self {
                    title,
                    bytes,
                    home: Home::folder(folder),
                    origin: Origin::File(path.to_owned()),
                });
            }
            Err(error) => error,
        };
        if let Some(file) = kinds.iter().find_map(|&kind| shipped::find(name_or_path, kind)) {
            return Ok(Self {
                title: file.title(),
                bytes: file.text.as_bytes().to_vec(),
                home: Home::shipped(file.path),
                origin: Origin::Shipped(file.name()),
            });
        }
        if !refused.is_absent() && !refused.is_folder() {
            return Err(refused.into());
        }
        let files = neighbours(Path::new(""), path);
        let file_name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or(name_or_path);
        let others = files.iter().map(String::as_str).filter(|file| *file != name_or_path);
        let file = || nearest(name_or_path, others.clone());
        let shipped = || nearest(file_name, shipped_names());
        // Whoever writes an ending means a file.
        let meant = if path.extension().is_some() {
            file().or_else(shipped)
        } else {
            shipped().or_else(file)
        };
        Err(ScenarioError::Unknown {
            asked: name_or_path.to_owned(),
            why: if refused.is_folder() {
                "that is a folder"
            } else {
                "no such file, and none is shipped under this name"
            },
            meant: meant.map(str::to_owned),
        })
    }
}

impl Scenario {
    /// Loads a scenario file, or the shipped scenario of this name where no such file exists. `-` is the standard input.
    ///
    /// # Errors
    /// Returns an error if there is neither, if a file cannot be read, or if the text has mistakes. All mistakes in all of its
    /// files are reported together.
    pub fn load(name_or_path: &str) -> Result<Loaded, ScenarioError> {
        let opened = Opened::find(name_or_path, &[SourceKind::Scenario, SourceKind::Season])?;
        if opened.kind() == SourceKind::Season {
            return Err(opened.as_season(name_or_path));
        }
        let (scenario, ..) = read(&opened.title, &opened.bytes, SourceKind::Scenario, &opened.home)?;
        Ok(Loaded {
            scenario,
            origin: opened.origin,
        })
    }

    /// Returns the files that a scenario file is read from: itself, its season files, and those that they extend, also those that are
    /// not there yet. A text with mistakes is read as far as it goes.
    ///
    /// # Errors
    /// The scenario file itself cannot be read.
    pub fn source_files(path: &Path) -> Result<Vec<PathBuf>, ReadError> {
        let text = read_small(path, LARGEST_FILE_BYTES)?;
        let mut files = vec![path.to_owned()];
        files.extend(Self::files_asked_for(path, &text));
        files.dedup();
        Ok(files)
    }

    /// Returns the files that a text at `path` would be read from beside itself, also those that are not there. A text that leads back
    /// to itself is among them.
    pub fn files_asked_for(path: &Path, text: &[u8]) -> Vec<PathBuf> {
        let mut sources = Sources::default();
        let home = Home::folder(path.parent().unwrap_or(Path::new("")));
        sources.read(&shown(path), text, SourceKind::Scenario, &home);
        sources.asked_for
    }

    /// Reads a scenario from a text; `file` is what messages call it. Season files it names are looked for among the shipped ones.
    ///
    /// # Errors
    /// Returns all mistakes in the text.
    pub fn parse(file: &str, text: &str) -> Result<Self, Mistakes> {
        read(file, text.as_bytes(), SourceKind::Scenario, &Home::shipped("")).map(|(scenario, ..)| scenario)
    }

    /// Reads a scenario from a text as if it were the contents of a file at `path`, which need not be there.
    ///
    /// # Errors
    /// Returns all mistakes in the text.
    pub fn parse_at(path: &Path, text: &str) -> Result<Self, Mistakes> {
        let home = Home::folder(path.parent().unwrap_or(Path::new("")));
        read(&shown(path), text.as_bytes(), SourceKind::Scenario, &home).map(|(scenario, ..)| scenario)
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
        Self::known_schema().clone()
    }

    /// Returns the keys that any scenario or season file can have beside those of the schema: how it is read.
    pub fn file_keys() -> [Field; 2] {
        sources::file_keys()
    }
}

/// Type that a file can describe.
trait Root: DeserializeOwned + Validate<Context = ()> {
    /// Returns its schema, which is made once.
    fn known_schema() -> &'static Schema;
}

impl Root for Scenario {
    fn known_schema() -> &'static Schema {
        static SCHEMA: LazyLock<Schema> = LazyLock::new(Schema::of::<Scenario>);
        &SCHEMA
    }
}

impl Root for Season {
    fn known_schema() -> &'static Schema {
        static SCHEMA: LazyLock<Schema> = LazyLock::new(Schema::of::<Season>);
        &SCHEMA
    }
}

/// Reads what a text describes, with the tree and the files that it was read from.
fn read<T>(file: &str, bytes: &[u8], kind: SourceKind, home: &Home) -> Result<(T, Node, Files), Mistakes>
where
    T: Root,
{
    let mut sources = Sources::default();
    let root = sources.read(file, bytes, kind, home);
    let mut files = sources.files;
    let value = examine(&root, T::known_schema(), &mut files);
    let described = match T::deserialize(value) {
        Ok(described) => Some(described),
        Err(error) => {
            // A text that fits the schema should deserialise, so a failure follows from a mistake already noted. If there is
            // none, it must be reported.
            if files.are_right() {
                files.add(root.file, "", 0..0, error.message().to_owned(), None);
            }
            None
        }
    };
    if let Some(described) = &described {
        note_broken_rules(described, &root, &mut files);
    }
    match described {
        Some(described) if files.are_right() => Ok((described, root, files)),
        _ => Err(files.into_mistakes(file)),
    }
}

/// Notes rules between keys that are broken, for keys that are valid by themselves.
fn note_broken_rules(described: &impl Validate<Context = ()>, root: &Node, files: &mut Files) {
    let Err(report) = described.validate() else { return };
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
