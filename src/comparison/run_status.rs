//! State of a planned run on disk.

use std::path::Path;

use toml::Table;

use crate::training::run_folder::{read_config, read_summary};
use crate::training::{RunConfig, Summary, differences};

/// State of a planned run on disk.
#[derive(Clone, Debug, PartialEq)]
pub enum RunStatus {
    /// The folder contains no run.
    Absent,
    /// A run of the same configuration has begun and is not finished.
    Unfinished,
    /// A run of the same configuration and the same version of the program is finished.
    Finished(Box<Summary>),
    /// A run of another configuration or version is there, with the differences.
    Different(Vec<String>),
    /// The summary of the run cannot be read, with the reason.
    Damaged(String),
}

impl RunStatus {
    /// Inspects the folder of a run without locking it.
    pub fn of(folder: &Path, config: &RunConfig) -> Self {
        if !folder.join("config.toml").exists() {
            return Self::Absent;
        }
        let differences = match read_config(folder) {
            Ok(text) => differing(&text, config),
            Err(_) => vec!["its config.toml cannot be read".to_owned()],
        };
        if !differences.is_empty() {
            return Self::Different(differences);
        }
        match read_summary(folder) {
            Ok(None) => Self::Unfinished,
            Ok(Some(summary)) if summary.version != env!("CARGO_PKG_VERSION") => Self::Different(vec![format!(
                "version of the program: {} there, {} now",
                summary.version,
                env!("CARGO_PKG_VERSION")
            )]),
            Ok(Some(summary)) if summary.settings_hash != config.settings_hash() => Self::Different(vec![
                "its config.toml was changed after the run had finished: its results belong to other settings".to_owned(),
            ]),
            Ok(Some(summary)) => Self::Finished(Box::new(summary)),
            Err(error) => Self::Damaged(error.to_string()),
        }
    }
}

/// Returns the differences between the configuration in a folder and the requested one.
fn differing(text: &str, asked: &RunConfig) -> Vec<String> {
    // Compared as settings, so that equal values written differently are equal; as text only if this version cannot read it.
    let there = match toml::from_str::<RunConfig>(text) {
        Ok(config) => config.to_table().ok(),
        Err(_) => text.parse::<Table>().ok(),
    };
    let Some(there) = there else {
        return vec!["its config.toml cannot be read".to_owned()];
    };
    let Ok(mut asked) = asked.to_table() else {
        return vec!["what is asked for cannot be written as text".to_owned()];
    };
    let mut said = Vec::new();
    if !there.contains_key("program") {
        said.push("program: not recorded there, so that it may be another version or build".to_owned());
        asked.remove("program");
    }
    said.extend(differences(&there, &asked).iter().map(|one| one.says("there", "asked")));
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::testing::config;
    use crate::training::{Existing, RunFolder};

    #[test]
    fn a_run_of_another_configuration_is_told_by_what_differs() {
        let folder = tempfile::tempdir().unwrap();
        let asked = config("finetune", 0);
        let path = folder.path().join("run");
        assert_eq!(RunStatus::of(&path, &asked), RunStatus::Absent);
        let text = asked.to_toml().unwrap();
        drop(RunFolder::create(folder.path(), "run", Existing::Refuse, &text).unwrap());
        assert_eq!(RunStatus::of(&path, &asked), RunStatus::Unfinished);
        let mut other = asked.clone();
        other.learner.discount = 0.5;
        other.scenario.seasons[1].dynamics.traction = 0.5;
        let RunStatus::Different(differences) = RunStatus::of(&path, &other) else {
            panic!("a difference was not seen")
        };
        assert_eq!(differences.len(), 2, "{differences:?}");
        assert!(differences[0].starts_with("learner.discount: 0.97 there") && differences[0].contains("0.5 asked"));
        assert!(differences[1].starts_with("scenario.seasons.1.dynamics.traction"));
    }

    #[test]
    fn what_a_run_began_with_and_who_made_it_are_differences_and_another_spelling_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let asked = config("replay+ewc", 0);
        let text = asked.to_toml().unwrap();
        let status = |id: &str, text: &str| {
            drop(RunFolder::create(folder.path(), id, Existing::Refuse, text).unwrap());
            RunStatus::of(&folder.path().join(id), &asked)
        };
        let spelt = text
            .replace("replay+ewc", "ewc + replay")
            .replace("discount = 0.97", "discount = 0.970");
        assert_ne!(spelt, text);
        assert_eq!(status("spelt", &spelt), RunStatus::Unfinished);
        let version = format!("version = \"{}\"", env!("CARGO_PKG_VERSION"));
        let other = text.replace(&version, "version = \"0.0.1\"");
        assert!(
            matches!(status("version", &other), RunStatus::Different(what) if what[0].starts_with("program.version: \"0.0.1\" there"))
        );
        let mut begun = asked.clone();
        begun.initial_policy = Some("00".to_owned());
        let begun = begun.to_toml().unwrap();
        assert!(
            matches!(status("begun", &begun), RunStatus::Different(what) if what == ["initial_policy: \"00\" there, nothing asked"])
        );
        let old = RunConfig {
            program: None,
            ..asked.clone()
        }
        .to_toml()
        .unwrap();
        assert!(matches!(status("old", &old), RunStatus::Different(what) if what.len() == 1 && what[0].contains("not recorded")));
    }

    #[test]
    fn a_summary_of_another_version_is_another_run_and_a_damaged_one_is_neither() {
        let folder = tempfile::tempdir().unwrap();
        let asked = config("finetune", 0);
        let path = folder.path().join("run");
        let text = asked.to_toml().unwrap();
        let run = RunFolder::create(folder.path(), "run", Existing::Refuse, &text).unwrap();
        let mut summary = crate::comparison::testing::summary("finetune", 0, Some(0.5));
        run.write_summary(&summary).unwrap();
        assert!(matches!(RunStatus::of(&path, &asked), RunStatus::Different(what) if what[0].contains("was changed")));
        summary.settings_hash = asked.settings_hash();
        run.write_summary(&summary).unwrap();
        assert_eq!(RunStatus::of(&path, &asked), RunStatus::Finished(Box::new(summary.clone())));
        summary.version = "0.0.1".to_owned();
        run.write_summary(&summary).unwrap();
        assert!(matches!(RunStatus::of(&path, &asked), RunStatus::Different(what) if what[0].contains("0.0.1 there")));
        std::fs::write(path.join("summary.json"), "{").unwrap();
        assert!(matches!(RunStatus::of(&path, &asked), RunStatus::Damaged(_)));
    }
}
