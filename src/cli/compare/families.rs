//! Scenarios of families: made from a preset, and kept in the results folder.
//!
//! A file that is in the folder already is used as it is: a comparison that goes on has the scenarios that it began with.

use std::path::Path;

use perennial::authoring::family::ScenarioFamily;
use perennial::files;
use perennial::scenario::Scenario;

use super::AskedPart;
use crate::cli::engine;

/// Name of the folder in the results folder.
pub(super) const FOLDER: &str = "scenarios";

/// A scenario of a family.
pub(super) struct FamilyScenario {
    /// Path of its file, which names it in a plan.
    pub(super) name: String,
    /// Name of the family.
    family: &'static str,
    pub(super) scenario: Scenario,
    /// Text of its file, if that is not in the folder yet.
    unwritten: Option<String>,
}

/// Returns the scenarios of all families of these parts: from the folder where they are there, otherwise as they will be written. Those of a preset
/// are always of seed 0.
///
/// # Errors
/// A file in the folder cannot be read, or has mistakes.
pub(super) fn scenarios(parts: &[AskedPart], folder: &Path) -> miette::Result<Vec<FamilyScenario>> {
    let mut names: Vec<&'static str> = parts.iter().flat_map(|part| part.families).copied().collect();
    names.sort_unstable();
    names.dedup();
    let families = names.into_iter().filter_map(ScenarioFamily::find);
    let files = families.flat_map(|family| family.files(0).into_iter().map(|file| (family.name, file)));
    files
        .map(|(family, file)| {
            let path = folder.join(&file.name);
            let name = path.to_string_lossy().into_owned();
            let (scenario, unwritten) = if path.exists() {
                (engine::load_scenario(&name)?, None)
            } else {
                (Scenario::parse(&file.name, &file.text)?, Some(file.text))
            };
            Ok(FamilyScenario {
                name,
                family,
                scenario,
                unwritten,
            })
        })
        .collect()
}

/// Returns the names of the scenarios of a part's families.
pub(super) fn names(part: &AskedPart, made: &[FamilyScenario]) -> impl Iterator<Item = String> {
    made.iter()
        .filter(|made| part.families.contains(&made.family))
        .map(|made| made.name.clone())
}

/// Writes the files that are not in the folder yet.
///
/// # Errors
/// The folder or a file cannot be written.
pub(super) fn write(made: &[FamilyScenario]) -> miette::Result<()> {
    for made in made {
        let (path, Some(text)) = (Path::new(&made.name), &made.unwritten) else {
            continue;
        };
        if let Some(folder) = path.parent() {
            files::create_folder(folder)?;
        }
        files::write(path, |out| out.write_all(text.as_bytes()))?;
    }
    Ok(())
}
