//! Architecture tests, which read the source: which module may use which, what belongs into one module only, and how files are named.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Layers of modules, lowest first: a module may use those of lower layers, and none of its own layer or a higher one.
const LAYERS: &[&[&str]] = &[
    &["mdp", "random", "escape", "files", "suggestion"],
    &["scenario", "learner", "evaluation"],
    &["physics", "garden", "sensors"],
    &["agent"],
    &["metrics"],
    &["app"],
    &["rollout"],
    &["training"],
    &["live"],
    &["authoring"],
    &["comparison", "report"],
    &["applications"],
    &["rendering"],
    &["cli"],
    &["main"],
];

/// Layers whose modules may know each other: they are one world.
const OPEN_LAYERS: &[&str] = &["mdp", "physics"];

/// Words that belong into some modules only, and why.
const RESERVED: &[(&str, &[&str], &str)] = &[
    (
        "bevy::",
        &[
            "physics",
            "garden",
            "sensors",
            "agent",
            "metrics",
            "app",
            "rollout",
            "training",
            "live",
            "authoring",
            "rendering",
            "cli",
        ],
        "the lower layers are pure Rust: they run and are tested without an engine",
    ),
    (
        "rapier3d::",
        &["physics"],
        "Rapier is set up in `physics` only, so that an upgrade touches one module",
    ),
    (
        "bevy_rapier3d",
        &["physics"],
        "Rapier is set up in `physics` only, so that an upgrade touches one module",
    ),
    (
        "dfdx::",
        &["learner"],
        "dfdx is known in `learner` only, so that it can be replaced",
    ),
    (
        "egui",
        &["rendering"],
        "egui draws the window's panels: it belongs into `rendering/hud`",
    ),
    ("println!", &["cli", "main"], "only `cli` prints: return what is to be said"),
    ("eprintln!", &["cli", "main"], "only `cli` prints: return what is to be said"),
    (
        "Instant",
        &["cli", "training"],
        "only `cli` and `training::clock` look at the clock: results may not depend on it",
    ),
    (
        "SystemTime",
        &["cli", "training"],
        "only `cli` and `training::clock` look at the clock: results may not depend on it",
    ),
    ("fs::write", &["files"], ONE_WRITER),
    ("File::create", &["files"], ONE_WRITER),
    // Records are appended to and cut, and a lock is no content.
    ("OpenOptions", &["files", "metrics", "training", "comparison"], ONE_WRITER),
    ("OsRng", &[], ONE_SEED),
    ("SysRng", &[], ONE_SEED),
    ("from_os_rng", &[], ONE_SEED),
    ("make_rng", &[], ONE_SEED),
    ("rand::rng", &[], ONE_SEED),
    ("thread_rng", &[], ONE_SEED),
    // dfdx makes its device with a seed of its own.
    ("seed_from_u64", &["random", "learner"], ONE_SEED),
];

const ONE_WRITER: &str =
    "files are written by `files::write`: whole or not at all, through links, into devices, with their permissions";

const ONE_SEED: &str = "generators come from `random::stream`, so that a seed says everything";

/// Names that say nothing of what a file holds.
const EMPTY_NAMES: &[&str] = &["util", "utils", "common", "helper", "helpers", "manager", "misc"];

#[test]
fn each_module_knows_only_the_layers_below() {
    let mut wrong = Vec::new();
    for Source { module, path, lines } in sources() {
        let Some(layer) = layer_of(&module) else {
            // The crate's table of contents names every module.
            if module != "lib" {
                wrong.push(format!(
                    "{}: the module `{module}` is new: give it a layer in tests/it/architecture.rs",
                    path.display()
                ));
            }
            continue;
        };
        for (number, line) in &lines {
            for known in modules_named(line) {
                let Some(other) = layer_of(&known) else { continue };
                let beside =
                    other == layer && known != module && !LAYERS[layer].iter().any(|module| OPEN_LAYERS.contains(module));
                if other > layer || beside {
                    wrong.push(format!(
                        "{}:{number}: `{module}` may not know `{known}`. What both need belongs on a lower layer; what `{module}` wants of \
                         `{known}`, `{known}` or a module above hands in.",
                        path.display()
                    ));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "arrows against ARCHITECTURE.md's order:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn what_belongs_into_one_module_stays_there() {
    let mut wrong = Vec::new();
    // Tests may print what they measured, and set up what they need.
    for Source { module, path, lines } in sources().into_iter().filter(|source| !is_test(&source.path)) {
        for (number, line) in lines.iter().take_while(|(_, line)| !line.starts_with("mod tests {")) {
            for (word, modules, why) in RESERVED {
                if names(line, word) && !modules.contains(&module.as_str()) {
                    wrong.push(format!("{}:{number}: `{word}` in `{module}`: {why}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_are_called_by_what_they_hold() {
    for path in tracked_files() {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let empty = stem.split(['_', '-']).find(|part| EMPTY_NAMES.contains(part));
        assert_eq!(
            empty,
            None,
            "{}: call it by what it holds, or put its content where it is used",
            path.display()
        );
    }
}

#[test]
fn a_module_has_one_home() {
    for source in sources() {
        let folder = source.path.with_extension("");
        assert!(
            !root().join(&folder).is_dir(),
            "{}: a module with modules below it is {}",
            source.path.display(),
            folder.join("mod.rs").display()
        );
    }
}

#[test]
fn no_text_names_a_place_on_somebodys_machine() {
    // In pieces, so that this file does not name them itself.
    let places: Vec<String> = ["home", "Users", "root", "work", "tmp/bash"]
        .iter()
        .map(|folder| format!("/{folder}/"))
        .collect();
    let mut wrong = Vec::new();
    for path in tracked_files() {
        // The lock file is written by cargo, and pictures are not text.
        let Ok(text) = fs::read_to_string(root().join(&path)) else {
            continue;
        };
        for (number, line) in text.lines().enumerate() {
            let named = places.iter().find(|place| {
                // `example.org/work/` is an address, and so is a path below a folder of the repository.
                line.match_indices(place.as_str())
                    .any(|(at, _)| !line[..at].ends_with(|before: char| before.is_alphanumeric() || "._-*".contains(before)))
            });
            if let Some(place) = named {
                wrong.push(format!(
                    "{}:{}: `{place}`: write a path seen from the repository, or a variable",
                    path.display(),
                    number + 1
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reader_of_arrows_sees_them() {
    assert_eq!(modules_named("use crate::garden::Garden;"), ["garden"]);
    assert_eq!(
        modules_named("use crate::{mdp::Action, training::{Run, clock}, app};"),
        ["mdp", "training", "app"]
    );
    assert_eq!(
        modules_named("let plan = crate::training::plan(perennial::cli::main());"),
        ["training", "cli"]
    );
    assert!(names("use dfdx::prelude::*;", "dfdx::") && !names("fn instantly() {}", "Instant") && !names("Instantly", "Instant"));
    assert!(layer_of("training") > layer_of("app") && layer_of("no_module").is_none());
}

struct Source {
    module: String,
    path: PathBuf,
    /// Numbered lines of code, each statement of use on the line it begins in; no comments.
    lines: Vec<(usize, String)>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<Source> {
    let mut paths = Vec::new();
    collect(&root().join("src"), &mut paths);
    paths.sort();
    let source = |path: PathBuf| {
        let below = path.strip_prefix(root().join("src")).unwrap();
        let first = below.components().next().unwrap().as_os_str().to_str().unwrap();
        let module = first.trim_end_matches(".rs").to_owned();
        let lines = code_lines(&fs::read_to_string(&path).unwrap());
        Source {
            module,
            path: path.strip_prefix(root()).unwrap().to_owned(),
            lines,
        }
    };
    let sources: Vec<Source> = paths.into_iter().map(source).collect();
    assert!(sources.len() > 10, "the source was not found");
    sources
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

/// The lines without comments; a `use` that goes over several lines is one.
fn code_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (number, line) in text.lines().enumerate() {
        // Good enough for this crate: no string here holds two slashes before a word that is reserved.
        let code = line.split("//").next().unwrap_or_default();
        match lines.last_mut() {
            Some((_, whole)) if open => whole.push_str(code.trim()),
            _ => lines.push((number + 1, code.to_owned())),
        }
        let last = lines
            .last()
            .map(|(_, line)| line.trim_start().trim_start_matches("pub ").to_owned())
            .unwrap_or_default();
        open = last.starts_with("use ") && !last.contains(';');
    }
    lines
}

/// The modules that a line names by their path.
fn modules_named(line: &str) -> Vec<String> {
    let mut modules = Vec::new();
    for (at, start) in line.match_indices("crate::").chain(line.match_indices("perennial::")) {
        if line[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_' || before == ':') {
            continue;
        }
        let rest = &line[at + start.len()..];
        match rest.strip_prefix('{') {
            None => modules.extend(word(rest)),
            Some(list) => {
                let mut depth = 0;
                let mut fresh = true;
                for (place, letter) in list.char_indices() {
                    match letter {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => fresh = true,
                        _ if fresh && letter.is_alphabetic() => {
                            modules.extend(word(&list[place..]));
                            fresh = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    modules
}

fn word(text: &str) -> Option<String> {
    let word: String = text
        .chars()
        .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
        .collect();
    (!word.is_empty()).then_some(word)
}

fn layer_of(module: &str) -> Option<usize> {
    LAYERS.iter().position(|modules| modules.contains(&module))
}

/// Returns `true` if a file of the source holds only tests.
fn is_test(path: &Path) -> bool {
    path.iter()
        .filter_map(|part| part.to_str())
        .any(|part| part.trim_end_matches(".rs").split('_').any(|word| word == "tests"))
}

/// Returns `true` if a line contains this as a whole word.
fn names(line: &str, word: &str) -> bool {
    let part = |letter: char| letter.is_alphanumeric() || letter == '_';
    line.match_indices(word).any(|(at, _)| {
        let goes_on = word.ends_with(part) && line[at + word.len()..].starts_with(part);
        !line[..at].ends_with(part) && !goes_on
    })
}

/// The files that are part of the repository; all of the source where there is no git.
fn tracked_files() -> Vec<PathBuf> {
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output();
    let listed = listed
        .ok()
        .filter(|output| output.status.success())
        .map(|output| output.stdout)
        .unwrap_or_default();
    let mut paths: Vec<PathBuf> = String::from_utf8_lossy(&listed)
        .split('\0')
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
        .collect();
    if paths.is_empty() {
        paths = sources().into_iter().map(|source| source.path).collect();
    }
    paths
}
