//! The files of a scenario: where they are looked for, how one extends another, and how older ones are read.
//!
//! A file refers to others by paths from its own folder: a scenario to its season files, and any file to the one that it extends. No
//! file outside of the scenario's folder is read, whatever a text says; the shipped files are found from everywhere.

use std::fs;
use std::path::{Component, Path, PathBuf};

use toml::Value;

use super::MOST_SEASONS;
use super::shipped::{self, ShippedFile};
use super::text::{Content, Field, Files, Node, Schema, join, nearest};
use crate::escape::path as shown;

/// Version of the format of scenario files.
///
/// | version | change |
/// |---|---|
/// | 1 | the first; files of it have no `version` |
/// | 2 | `look.plant_fine` and `look.plant_thirsty` are called `look.fine` and `look.thirsty` |
pub const FORMAT_VERSION: i64 = 2;
/// Size of the largest file of a scenario, in bytes: a thousand times what one needs.
pub const LARGEST_FILE_BYTES: u64 = 256 << 10;
/// Size of all files of a scenario together, in bytes.
const LARGEST_SCENARIO_BYTES: u64 = 1 << 20;
/// Number of files that can extend each other in a row.
const LONGEST_CHAIN: usize = 16;

/// Renamed keys of a season's look: what they were called before version 2, and since.
pub const RENAMED: [(&str, &str); 2] = [("plant_fine", "fine"), ("plant_thirsty", "thirsty")];

/// Keys that only a scenario has.
const SCENARIO_KEYS: [&str; 8] = [
    "seasons",
    "description",
    "schedule",
    "plot",
    "plants",
    "robot",
    "eye",
    "episode",
];
/// Keys that only a season has.
const SEASON_KEYS: [&str; 8] = [
    "look",
    "dynamics",
    "weather",
    "faults",
    "props",
    "events",
    "drift",
    "relative_length",
];

/// The key that names the file that this one extends.
pub(super) const EXTENDS: &str = "extends";
/// The key that tells the version of the format.
pub(super) const VERSION: &str = "version";

/// Returns the keys that any file can have, of which nothing is left once it is read.
pub(super) fn file_keys() -> [Field; 2] {
    [
        Field {
            key: EXTENDS.to_owned(),
            schema: Schema::Text { least: 1 },
            required: false,
            description:
                "Path of the file that this one extends, from its own folder: what is not written here is as it is there. Tables \
                          are merged key by key, lists are replaced."
                    .to_owned(),
            default: None,
        },
        Field {
            key: VERSION.to_owned(),
            schema: Schema::Number {
                least: 1.0,
                most: FORMAT_VERSION as f64,
                whole: true,
            },
            required: false,
            description: "Version of the format that the file is written in. A file without it may be of any.".to_owned(),
            default: None,
        },
    ]
}

/// Kind of a file: what it describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SourceKind {
    /// A garden and its year.
    Scenario,
    /// A season.
    Season,
}

/// Place where a file lies, and so where the files that it names are looked for.
#[derive(Clone, Debug)]
pub(super) enum Home {
    /// A folder below that of the scenario.
    Folder {
        /// The scenario's folder.
        root: PathBuf,
        /// The file's folder, from there.
        inner: PathBuf,
    },
    /// Among the shipped files, in this folder below `scenarios/`; also for a text that lies nowhere.
    Shipped(PathBuf),
}

impl Home {
    /// Returns the home of a scenario file in a folder.
    pub(super) fn folder(root: &Path) -> Self {
        Self::Folder {
            root: if root.as_os_str().is_empty() { Path::new(".") } else { root }.to_owned(),
            inner: PathBuf::new(),
        }
    }

    /// Returns the home of a shipped file, or of a text that lies nowhere.
    pub(super) fn shipped(path: &str) -> Self {
        Self::Shipped(Path::new(path).parent().map(Path::to_owned).unwrap_or_default())
    }
}

/// A file that was found.
struct Found {
    /// Name in messages, which tells it from other files.
    title: String,
    bytes: Vec<u8>,
    home: Home,
}

/// Reason why a file was not found.
struct Refusal {
    message: String,
    help: Option<String>,
}

impl Refusal {
    fn new(message: impl Into<String>, help: Option<&str>) -> Self {
        Self {
            message: message.into(),
            help: help.map(str::to_owned),
        }
    }
}

/// Reads the files of a scenario into one tree.
#[derive(Debug, Default)]
pub(super) struct Sources {
    /// The files, and the mistakes in them.
    pub(super) files: Files,
    /// The files on the disk that were looked for, also those that are not there.
    pub(super) asked_for: Vec<PathBuf>,
    bytes: u64,
}

impl Sources {
    /// Reads a text and all files that it names, directly or not.
    pub(super) fn read(&mut self, title: &str, bytes: &[u8], kind: SourceKind, home: &Home) -> Node {
        self.bytes += bytes.len() as u64;
        let node = self.files.parse_bytes(title, bytes);
        self.resolve(node, kind, home, "", &mut vec![title.to_owned()])
    }

    /// Tells what a text describes, by its keys and those of the files that it extends.
    pub(super) fn kind(&mut self, title: &str, bytes: &[u8], home: &Home) -> SourceKind {
        let mut kind = SourceKind::Scenario;
        let mut node = self.files.parse_bytes(title, bytes);
        let mut home = home.clone();
        for _ in 0..LONGEST_CHAIN {
            if SCENARIO_KEYS.iter().any(|key| node.get(key).is_some()) {
                return SourceKind::Scenario;
            }
            if SEASON_KEYS.iter().any(|key| node.get(key).is_some()) {
                kind = SourceKind::Season;
            }
            let Some(Content::Leaf(Ok(Value::String(wanted)))) = node.get(EXTENDS).map(|node| node.content.clone()) else {
                break;
            };
            let found = self.find(&wanted, SourceKind::Season, &home);
            let Ok(found) = found.or_else(|_| self.find(&wanted, SourceKind::Scenario, &home)) else {
                break;
            };
            node = self.files.parse_bytes(&found.title, &found.bytes);
            home = found.home;
        }
        kind
    }

    /// Brings a tree to the current format, and inserts the files that it names. `chain` are the files that led here by extending.
    fn resolve(&mut self, mut node: Node, kind: SourceKind, home: &Home, path: &str, chain: &mut Vec<String>) -> Node {
        self.bring_up_to_date(&mut node, kind, path);
        if kind == SourceKind::Scenario
            && let Some(Node {
                content: Content::List(seasons),
                ..
            }) = node.get_mut("seasons")
        {
            for (number, season) in seasons.iter_mut().take(MOST_SEASONS).enumerate() {
                let path = join(path, &format!("seasons.{number}"));
                self.resolve_season(season, home, &path);
            }
        }
        let Some(extends) = node.take(EXTENDS) else {
            return node;
        };
        let at = join(path, EXTENDS);
        let Content::Leaf(Ok(Value::String(wanted))) = &extends.content else {
            self.note(
                &extends,
                &at,
                format!("{EXTENDS} must be text in quotes, not {}", extends.kind()),
                None,
            );
            return node;
        };
        match self.find(wanted, kind, home) {
            Ok(found) if chain.contains(&found.title) => {
                let message = format!("`{wanted}` extends itself: {}", circle(chain, &found.title));
                self.note(
                    &extends,
                    &at,
                    message,
                    Some("a file can extend only one that does not extend it".to_owned()),
                );
                node.unread()
            }
            Ok(_) if chain.len() >= LONGEST_CHAIN => {
                let message = format!("at most {LONGEST_CHAIN} files can extend each other in a row");
                self.note(&extends, &at, message, None);
                node.unread()
            }
            Ok(found) => {
                let base = self.files.parse_bytes(&found.title, &found.bytes);
                chain.push(found.title);
                let is_readable = self.files.is_readable(base.file);
                let base = self.resolve(base, kind, &found.home, path, chain);
                chain.pop();
                match base.content {
                    // What is missing then is not this file's mistake.
                    Content::Unread => node.unread(),
                    _ if !is_readable => node.unread(),
                    _ => node.over(base),
                }
            }
            Err(refusal) => {
                self.note(&extends, &at, refusal.message, refusal.help);
                node.unread()
            }
        }
    }

    /// Replaces the path of a season file by its contents.
    fn resolve_season(&mut self, season: &mut Node, home: &Home, path: &str) {
        let Content::Leaf(Ok(Value::String(wanted))) = &season.content else {
            let inline = std::mem::replace(season, Node::nothing(season));
            *season = self.resolve(inline, SourceKind::Season, home, path, &mut Vec::new());
            return;
        };
        *season = match self.find(wanted, SourceKind::Season, home) {
            Ok(found) => {
                let node = self.files.parse_bytes(&found.title, &found.bytes);
                self.resolve(node, SourceKind::Season, &found.home, path, &mut vec![found.title])
            }
            Err(refusal) => {
                self.note(season, path, refusal.message, refusal.help);
                Node::nothing(season)
            }
        };
    }

    /// Takes the version out of a tree, and renames what older versions call otherwise.
    fn bring_up_to_date(&mut self, node: &mut Node, kind: SourceKind, path: &str) {
        let version = node.take(VERSION);
        let number = match version.as_ref().map(|version| &version.content) {
            None => 1,
            Some(Content::Leaf(Ok(Value::Integer(number)))) => *number,
            Some(_) => 0,
        };
        if let Some(version) = version.filter(|_| !(1..=FORMAT_VERSION).contains(&number)) {
            let message = match &version.content {
                Content::Leaf(Ok(Value::Integer(_))) => format!("{VERSION} must be between 1 and {FORMAT_VERSION}"),
                Content::Leaf(Ok(Value::Float(_))) => format!("{VERSION} must be a whole number"),
                _ => format!("{VERSION} must be a whole number, not {}", version.kind()),
            };
            let newer = (number > FORMAT_VERSION).then(|| "the file is for a newer version of perennial".to_owned());
            let help = newer.unwrap_or_else(|| "the version of the format of this file".to_owned());
            self.note(&version, &join(path, VERSION), message, Some(help));
        }
        if number >= FORMAT_VERSION {
            return;
        }
        match kind {
            SourceKind::Season => rename_in_look(node),
            SourceKind::Scenario => {
                if let Some(Node {
                    content: Content::List(seasons),
                    ..
                }) = node.get_mut("seasons")
                {
                    seasons.iter_mut().for_each(rename_in_look);
                }
            }
        }
    }

    fn note(&mut self, node: &Node, path: &str, message: String, help: Option<String>) {
        self.files.add(node.file, path, node.span.clone(), message, help);
    }

    /// Finds a file by the path that a text gives.
    fn find(&mut self, wanted: &str, kind: SourceKind, home: &Home) -> Result<Found, Refusal> {
        let from = match home {
            Home::Folder { inner, .. } | Home::Shipped(inner) => inner,
        };
        let Some(path) = normal(from, wanted) else {
            let help = "name a file in the folder of the scenario file, or below it";
            return Err(Refusal::new(
                format!("`{wanted}` lies outside of the scenario's folder"),
                Some(help),
            ));
        };
        if let Home::Folder { root, .. } = home
            && let Some(bytes) = self.read_below(root, &path, wanted)?
        {
            let file = root.join(&path);
            return Ok(Found {
                title: shown(&file),
                bytes,
                home: Home::Folder {
                    root: root.clone(),
                    inner: path.parent().map(Path::to_owned).unwrap_or_default(),
                },
            });
        }
        let shipped = |path: &str| shipped::find(path, kind);
        let file = path.to_str().and_then(shipped).or_else(|| shipped(wanted));
        match file {
            Some(file) => {
                self.count(file.text.len() as u64, wanted)?;
                Ok(Found {
                    title: file.title(),
                    bytes: file.text.as_bytes().to_vec(),
                    home: Home::shipped(file.path),
                })
            }
            None => Err(absent(wanted, kind, home, &path)),
        }
    }

    /// Reads a file below a folder; `None` if there is none.
    fn read_below(&mut self, root: &Path, path: &Path, wanted: &str) -> Result<Option<Vec<u8>>, Refusal> {
        let file = root.join(path);
        self.asked_for.push(file.clone());
        let unreadable = |error: &std::io::Error| {
            let kind = match crate::files::reason(error) {
                reason if reason.is_empty() => error.to_string(),
                reason => reason,
            };
            Refusal::new(format!("`{wanted}` cannot be read: {kind}"), None)
        };
        let metadata = match fs::metadata(&file) {
            Ok(metadata) => metadata,
            Err(error) if fs::symlink_metadata(&file).is_err() && is_absence(&error) => return Ok(None),
            Err(error) => return Err(unreadable(&error)),
        };
        let inside = fs::canonicalize(root).and_then(|root| Ok(fs::canonicalize(&file)?.starts_with(root)));
        match inside {
            Ok(true) => {}
            Ok(false) => {
                let message = format!("`{wanted}` is a link that leads out of the scenario's folder");
                return Err(Refusal::new(message, Some("copy the file to the scenario's folder")));
            }
            Err(error) => return Err(unreadable(&error)),
        }
        if !metadata.is_file() {
            return Err(Refusal::new(format!("`{wanted}` is not a regular file"), None));
        }
        self.count(metadata.len(), wanted)?;
        let bytes = fs::read(&file).map_err(|error| unreadable(&error))?;
        Ok(Some(bytes))
    }

    /// Counts the size of a file that is about to be read.
    fn count(&mut self, bytes: u64, wanted: &str) -> Result<(), Refusal> {
        if bytes > LARGEST_FILE_BYTES {
            let message = format!("`{wanted}` holds more than {} KiB", LARGEST_FILE_BYTES >> 10);
            return Err(Refusal::new(message, Some("name a scenario or a season")));
        }
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > LARGEST_SCENARIO_BYTES {
            let message = format!(
                "the files of this scenario hold more than {} KiB together",
                LARGEST_SCENARIO_BYTES >> 10
            );
            return Err(Refusal::new(message, None));
        }
        Ok(())
    }
}

fn is_absence(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{InvalidFilename, InvalidInput, NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory | InvalidFilename | InvalidInput)
}

/// Returns the path from `folder` without `.` and `..`, or `None` if it leads out of the root, or is no path from there.
fn normal(folder: &Path, wanted: &str) -> Option<PathBuf> {
    let mut path = folder.to_owned();
    for component in Path::new(wanted).components() {
        match component {
            Component::Normal(name) => path.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                if !path.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(path)
}

/// Explains that a file is not there.
fn absent(wanted: &str, kind: SourceKind, home: &Home, path: &Path) -> Refusal {
    let (what, shipped): (_, &[ShippedFile]) = match kind {
        SourceKind::Scenario => ("scenario", shipped::SCENARIOS),
        SourceKind::Season => ("season", shipped::SEASONS),
    };
    let mut candidates: Vec<String> = shipped.iter().map(|file| file.path.to_owned()).collect();
    if let Home::Folder { root, inner } = home {
        let near = neighbours(root, path).into_iter().filter_map(|file| {
            let from_here = Path::new(&file).strip_prefix(inner).ok()?;
            from_here.to_str().map(str::to_owned)
        });
        candidates.splice(0..0, near);
    }
    // `summer`, where `seasons/summer.toml` is meant.
    let stem = |path: &str| Path::new(path).file_stem().map(|stem| stem.to_ascii_lowercase());
    let known = || candidates.iter().map(String::as_str);
    let meant = known().find(|path| stem(path) == stem(wanted));
    let meant = meant
        .or_else(|| nearest(wanted, known()))
        .map(|meant| format!("did you mean \"{meant}\"?"));
    Refusal {
        message: format!("there is no {what} file `{wanted}`"),
        help: Some(meant.unwrap_or_else(|| format!("a path from this file's folder to a {what} file"))),
    }
}

/// Returns the TOML files in the folder in which a file was looked for, relative to `folder`.
pub(super) fn neighbours(folder: &Path, path: &Path) -> Vec<String> {
    let inner = path.parent().unwrap_or(Path::new(""));
    let place = Path::new(".").join(folder).join(inner);
    let entries = fs::read_dir(place).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| Some(inner.join(entry.file_name()).to_str()?.to_owned()));
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".toml")).collect();
    // Directory order is arbitrary.
    names.sort();
    names
}

/// Returns a circle of files in words.
fn circle(chain: &[String], id: &str) -> String {
    let start = chain.iter().position(|file| file == id).unwrap_or(0);
    let name = |file: &String| {
        Path::new(file)
            .file_name()
            .map_or_else(|| file.clone(), |name| name.to_string_lossy().into_owned())
    };
    let mut names: Vec<String> = chain[start..].iter().map(name).collect();
    names.extend(names.first().cloned());
    names.join(" -> ")
}

/// Renames what the look of a season was called before version 2.
fn rename_in_look(season: &mut Node) {
    let Some(Node {
        content: Content::Table(keys),
        ..
    }) = season.get_mut("look")
    else {
        return;
    };
    for (before, since) in RENAMED {
        if keys.iter().all(|key| key.name != since)
            && let Some(key) = keys.iter_mut().find(|key| key.name == before)
        {
            key.name = since.to_owned();
        }
    }
}

impl Node {
    /// Returns a value that is not there, in place of this one.
    fn nothing(&self) -> Self {
        Self {
            file: self.file,
            span: self.span.clone(),
            content: Content::Unread,
        }
    }

    fn unread(self) -> Self {
        self.nothing()
    }

    /// Takes a key out of a table.
    fn take(&mut self, name: &str) -> Option<Self> {
        let Content::Table(keys) = &mut self.content else {
            return None;
        };
        let place = keys.iter().position(|key| key.name == name)?;
        Some(keys.remove(place).value)
    }

    /// Lays this value over another one: tables are merged key by key, everything else is replaced.
    fn over(self, base: Self) -> Self {
        let content = match (self.content, base.content) {
            (Content::Table(keys), Content::Table(mut merged)) => {
                for mut key in keys {
                    match merged.iter_mut().find(|other| other.name == key.name) {
                        Some(other) => {
                            let below = std::mem::replace(&mut other.value, key.value.nothing());
                            key.value = key.value.over(below);
                            *other = key;
                        }
                        None => merged.push(key),
                    }
                }
                Content::Table(merged)
            }
            (content, _) => content,
        };
        Self {
            file: self.file,
            span: self.span,
            content,
        }
    }
}
