//! Finds the runs below some folders.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::{ReportError, Run};
use crate::training::FIRST_TUNING_SEED;

/// A folder that is not in the report, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Omission {
    /// The folder.
    pub path: PathBuf,
    /// Why its run is left out.
    pub reason: String,
}

/// What was found: runs that can be reported, and those that cannot.
#[derive(Debug, Default)]
pub struct Collection {
    /// Finished runs, in the order of their paths.
    pub runs: Vec<Run>,
    /// What was left out.
    pub omissions: Vec<Omission>,
}

/// Files that only a run leaves: a folder that has one of them and no configuration is a damaged run.
const TRACES_OF_A_RUN: [&str; 2] = ["summary.json", "metrics.jsonl"];

/// Reads all runs below these folders; a folder that is met twice counts once.
///
/// # Errors
/// A folder that was named cannot be read, or there is not one finished run.
pub fn collect(folders: &[PathBuf]) -> Result<Collection, ReportError> {
    let mut found = Collection::default();
    let mut seen = BTreeSet::new();
    for folder in folders {
        fs::read_dir(folder).map_err(|source| ReportError::Folder {
            path: folder.clone(),
            source,
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
        self.omissions.push(Omission {
            path: path.to_owned(),
            reason: reason.into(),
        });
    }
}

/// Says why a run is taken for a trial of a tuning, which never counts; none for all others.
fn as_a_trial(run: &Run) -> Option<String> {
    let (config, seed) = (&run.config, run.summary.seed);
    if config.tuning {
        return Some("a trial of a tuning never counts as a result".to_owned());
    }
    // What says which program made it also says whether it is a trial; of older runs only the seed does.
    (config.program.is_none() && seed >= FIRST_TUNING_SEED).then(|| {
        format!(
            "its seed is {seed}, and it is of a version that told trials of a tuning by their seeds alone, from {FIRST_TUNING_SEED} on: \
             a trial never counts as a result; `train` with this version makes a run of this seed that counts"
        )
    })
}

fn visit(folder: &Path, seen: &mut BTreeSet<PathBuf>, found: &mut Collection) {
    // By its real path, so that neither a folder named twice nor a link that leads upwards counts again.
    let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    if !seen.insert(real) {
        return;
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
        Err(error) => return found.omit(folder, format!("cannot be read: {error}")),
    };
    let mut below: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    below.sort();
    for path in below {
        visit(&path, seen, found);
    }
}
