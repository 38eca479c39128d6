use std::fs;
use std::time::Duration;

use super::*;
use crate::scenario::DEFAULT_SCENARIO;

/// A scenario whose seasons lie in files of their own, in a folder beside its own one.
struct Files {
    _folder: tempfile::TempDir,
    root: PathBuf,
}

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("lib")).unwrap();
        fs::create_dir_all(root.join("mine")).unwrap();
        let scenario = Scenario::load(DEFAULT_SCENARIO).unwrap().scenario;
        let files = Self { _folder: folder, root };
        fs::write(
            files.root.join("lib/spring.toml"),
            toml::to_string(&scenario.seasons[0]).unwrap(),
        )
        .unwrap();
        fs::write(files.root.join("mine/garden.toml"), files.text("first", "../lib/spring.toml")).unwrap();
        files
    }

    /// The text of a scenario with this name, with the season in this file.
    fn text(&self, name: &str, season: &str) -> String {
        let scenario = Scenario::load(DEFAULT_SCENARIO).unwrap().scenario;
        let mut table: toml::Table = scenario.to_toml().unwrap().parse().unwrap();
        table.insert("name".to_owned(), name.into());
        table.insert("seasons".to_owned(), vec![toml::Value::from(season)].into());
        toml::to_string(&table).unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    fn watch(&self, name: &str) -> ScenarioFiles {
        let path = self.path(name);
        let scenario = Scenario::load(&path.to_string_lossy()).unwrap().scenario;
        ScenarioFiles::watch(&path, &scenario).unwrap()
    }

    /// Replaces a file as an editor does: by another one that is renamed.
    fn save(&self, name: &str, text: &str) {
        let beside = self.path(name).with_extension("tmp");
        fs::write(&beside, text).unwrap();
        fs::rename(beside, self.path(name)).unwrap();
    }

    /// Gives the season in a file another name.
    fn edit_season(&self, file: &str, name: &str) {
        let season = fs::read_to_string(self.path(file)).unwrap();
        let mut table: toml::Table = season.parse().unwrap();
        table.insert("name".to_owned(), name.into());
        self.save(file, &toml::to_string(&table).unwrap());
    }
}

/// Frames of a twentieth of a second, until something is read again.
fn next(files: &mut ScenarioFiles, mut beside: impl FnMut()) -> Reading {
    for _ in 0..20_000 {
        beside();
        if let Some(reading) = files.follow(0.05) {
            return reading;
        }
        // Events come from a thread of their own.
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("nothing was read");
}

/// The names of scenario and season that are read next.
fn names(files: &mut ScenarioFiles) -> (String, String) {
    let scenario = next(files, || {}).unwrap();
    (scenario.name, scenario.seasons[0].name.clone())
}

#[test]
fn another_file_that_is_written_on_and_on_holds_up_no_edit() {
    let files = Files::new();
    let mut watched = files.watch("mine/garden.toml");
    let noise = || fs::write(files.path("mine/run.log"), "a line\n").unwrap();
    for _ in 0..100 {
        noise();
        assert!(watched.follow(0.05).is_none(), "what lies beside is of no account");
    }
    files.save("mine/garden.toml", &files.text("second", "../lib/spring.toml"));
    assert_eq!(next(&mut watched, noise).unwrap().name, "second");
}

#[test]
fn each_file_comes_to_rest_by_itself() {
    let (restless, edited) = (PathBuf::from("season.toml"), PathBuf::from("garden.toml"));
    let mut pending = Pending::default();
    pending.touch(edited);
    let mut reads = Vec::new();
    for frame in 0..12 {
        pending.age(0.1);
        pending.touch(restless.clone());
        if pending.take_settled() {
            reads.push(frame);
        }
    }
    // The quiet one after two frames, the restless one after a second.
    assert_eq!(reads, [1, 10]);
}

#[test]
fn a_season_in_another_folder_is_watched() {
    let files = Files::new();
    let mut watched = files.watch("mine/garden.toml");
    files.edit_season("lib/spring.toml", "late");
    assert_eq!(names(&mut watched), ("first".to_owned(), "late".to_owned()));
    // What an edit names is watched from then on, and what it does not name any more is not.
    fs::create_dir(files.path("other")).unwrap();
    fs::copy(files.path("lib/spring.toml"), files.path("other/may.toml")).unwrap();
    files.save("mine/garden.toml", &files.text("second", "../other/may.toml"));
    assert_eq!(names(&mut watched), ("second".to_owned(), "late".to_owned()));
    files.edit_season("lib/spring.toml", "unread");
    files.edit_season("other/may.toml", "may");
    assert_eq!(names(&mut watched), ("second".to_owned(), "may".to_owned()));
}

#[test]
fn a_season_that_is_missing_is_read_when_it_comes() {
    let files = Files::new();
    let mut watched = files.watch("mine/garden.toml");
    files.save("mine/garden.toml", &files.text("second", "seasons/may.toml"));
    assert!(next(&mut watched, || {}).unwrap_err().contains("seasons/may.toml"));
    fs::create_dir(files.path("mine/seasons")).unwrap();
    // The folder alone may be read, and holds nothing yet.
    fs::copy(files.path("lib/spring.toml"), files.path("mine/seasons/may.toml")).unwrap();
    let read = loop {
        if let Ok(scenario) = next(&mut watched, || {}) {
            break scenario;
        }
    };
    assert_eq!(read.name, "second");
}

#[cfg(unix)]
#[test]
fn what_a_link_leads_to_is_watched_and_so_is_the_link() {
    use std::os::unix::fs::symlink;
    let files = Files::new();
    fs::create_dir(files.path("home")).unwrap();
    // A season's path starts where the scenario is named, not where a link leads.
    symlink("../mine/garden.toml", files.path("home/garden.toml")).unwrap();
    let mut watched = files.watch("home/garden.toml");
    files.save("mine/garden.toml", &files.text("second", "../lib/spring.toml"));
    assert_eq!(names(&mut watched).0, "second");
    fs::write(files.path("mine/other.toml"), files.text("third", "../lib/spring.toml")).unwrap();
    symlink("../mine/other.toml", files.path("home/next")).unwrap();
    fs::rename(files.path("home/next"), files.path("home/garden.toml")).unwrap();
    assert_eq!(names(&mut watched).0, "third");
    files.save("mine/other.toml", &files.text("fourth", "../lib/spring.toml"));
    assert_eq!(names(&mut watched).0, "fourth");
}
