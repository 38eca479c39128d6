//! Finds the runs below given folders and in archives.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::archive::read_archive;
use super::{ReportError, Run};
use crate::authoring::probe::Forecast;
use crate::evaluation::application::{ApplicationResult, RESULT_PREFIX};
use crate::files::{read_small, reason};
use crate::training::FIRST_TUNING_SEED;

/// A folder that is left out of the report, with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OmittedFolder {
    /// Path of the folder.
    pub path: PathBuf,
    /// Reason for leaving it out.
    pub reason: String,
}

/// The runs found, and the folders left out.
#[derive(Debug, Default)]
pub struct Collection {
    /// Finished runs, in the order of their paths.
    pub runs: Vec<Run>,
    /// Results of applications, in the order of their paths.
    pub applications: Vec<ApplicationResult>,
    /// Folders left out.
    pub omissions: Vec<OmittedFolder>,
    /// Forecasts from archives, by the title of the section; all others are measured when they are needed.
    pub forecasts: BTreeMap<String, Option<Forecast>>,
}

/// Files that only a run writes. A folder with one of them but without a configuration is a damaged run.
const TRACES_OF_A_RUN: [&str; 2] = ["summary.json", "metrics.jsonl"];

/// Reads all runs below these folders and in these [archives](super::archive()). A folder that is found twice counts once.
///
/// # Errors
/// Returns an error if a given folder or archive cannot be read, or if there is no finished run.
pub fn collect(folders: &[PathBuf]) -> Result<Collection, ReportError> {
    let mut found = Collection::default();
    let mut seen = BTreeSet::new();
    for folder in folders {
        if fs::metadata(folder).is_ok_and(|metadata| metadata.is_file()) {
            let mut archived = read_archive(folder)?;
            found.runs.append(&mut archived.runs);
            found.applications.append(&mut archived.applications);
            found.omissions.append(&mut archived.omissions);
            found.forecasts.append(&mut archived.forecasts);
            continue;
        }
        fs::read_dir(folder).map_err(|error| ReportError::Folder {
            path: folder.clone(),
            error,
        })?;
        let before = found.runs.len() + found.omissions.len() + seen.len();
        visit(folder, &mut seen, &mut found);
        if found.runs.len() + found.omissions.len() + seen.len() == before + 1 {
            found.omit(folder, "holds no run");
        }
    }
    if found.runs.is_empty() {
        return Err(ReportError::Nothing {
            omissions: found.omissions,
        });
    }
    Ok(found)
}

impl Collection {
    fn omit(&mut self, path: &Path, reason: impl Into<String>) {
        self.omissions.push(OmittedFolder {
            path: path.to_owned(),
            reason: reason.into(),
        });
    }
}

/// Returns the reason why a run counts as a trial of a tuning, which is never reported; `None` for all other runs.
fn as_a_trial(run: &Run) -> Option<String> {
    let (config, seed) = (&run.config, run.summary.seed);
    if config.tuning {
        return Some("a trial of a tuning never counts as a result".to_owned());
    }
    // A configuration that names the program also marks trials. For older runs only the seed shows it.
    (config.program.is_none() && seed >= FIRST_TUNING_SEED).then(|| {
        format!(
            "its seed is {seed}, and it is of a version that told trials of a tuning by their seeds alone, from {FIRST_TUNING_SEED} on: \
             a trial never counts as a result; `train` with this version makes a run of this seed that counts"
        )
    })
}

fn visit(folder: &Path, seen: &mut BTreeSet<PathBuf>, found: &mut Collection) {
    // The canonical path makes sure that neither a folder given twice nor a link to a parent counts again.
    let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    if !seen.insert(real) {
        return;
    }
    if let Err(error) = folder.join("config.toml").try_exists() {
        return found.omit(folder, format!("cannot be read: {}", reason(&error)));
    }
    if folder.join("config.toml").is_file() {
        match Run::read(folder) {
            Ok(run) => match as_a_trial(&run) {
                Some(reason) => found.omit(folder, reason),
                None => found.runs.push(run),
            },
            Err(reason) => found.omit(folder, reason),
        }
        return;
    }
    if TRACES_OF_A_RUN.iter().any(|name| folder.join(name).exists()) {
        found.omit(folder, "incomplete: there is no config.toml");
        return;
    }
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return found.omit(folder, format!("cannot be read: {}", reason(&error))),
    };
    let mut below: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    below.sort();
    for path in below {
        if path.is_dir() {
            visit(&path, seen, found);
        } else if is_result(&path) {
            match read_result(&path) {
                Ok(result) => found.applications.push(result),
                Err(reason) => found.omit(&path, reason),
            }
        }
    }
}

/// Most bytes of an application's result.
const MOST_RESULT_BYTES: u64 = 16 << 20;

/// Returns `true` if a file has the name of an application's result.
fn is_result(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with(RESULT_PREFIX) && name.ends_with(".json") && path.is_file()
}

fn read_result(path: &Path) -> Result<ApplicationResult, String> {
    let bytes = read_small(path, MOST_RESULT_BYTES).map_err(|error| error.to_string())?;
    let result: ApplicationResult =
        serde_json::from_slice(&bytes).map_err(|error| format!("is not the result of an application: {error}"))?;
    if result.version == env!("CARGO_PKG_VERSION") {
        Ok(result)
    } else {
        Err(format!("is of version {}", result.version))
    }
}
