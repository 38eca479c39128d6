use std::fs;
use std::time::Duration;

use super::*;
use crate::agent::drivers::Gardener;
use crate::live::{Playback, SimulationThread};
use crate::rollout::{Recording, RecordingHeader, record};
use crate::scenario::DEFAULT_SCENARIO;

/// A scenario with its seasons in files of their own, in a subfolder.
struct Files {
    _folder: tempfile::TempDir,
    root: PathBuf,
}

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("mine/lib")).unwrap();
        fs::create_dir_all(root.join("mine")).unwrap();
        let scenario = Scenario::load(DEFAULT_SCENARIO).unwrap().scenario;
        let files = Self { _folder: folder, root };
        fs::write(
            files.root.join("mine/lib/spring.toml"),
            toml::to_string(&scenario.seasons[0]).unwrap(),
        )
        .unwrap();
        fs::write(files.root.join("mine/garden.toml"), files.text("first", "lib/spring.toml")).unwrap();
        files
    }

    /// Returns the text of a scenario with this name, with the season in this file.
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

    /// Replaces a file as an editor does: by renaming another one.
    fn save(&self, name: &str, text: &str) {
        let beside = self.path(name).with_extension("tmp");
        fs::write(&beside, text).unwrap();
        fs::rename(beside, self.path(name)).unwrap();
    }

    /// Changes the name of the season in a file.
    fn edit_season(&self, file: &str, name: &str) {
        let season = fs::read_to_string(self.path(file)).unwrap();
        let mut table: toml::Table = season.parse().unwrap();
        table.insert("name".to_owned(), name.into());
        self.save(file, &toml::to_string(&table).unwrap());
    }
}

/// Runs frames of a twentieth of a second until a reading is the expected one. One edit may cause several events, and so several readings.
fn next(files: &mut ScenarioFiles, mut beside: impl FnMut(), is_wanted: impl Fn(&Reading) -> bool) {
    let mut read = Vec::new();
    for _ in 0..20_000 {
        beside();
        if let Some(reading) = files.follow(0.05) {
            if is_wanted(&reading) {
                return;
            }
            read.push(reading.map(|scenario| (scenario.name, scenario.seasons[0].name.clone())));
        }
        // Events come from another thread.
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("what was wanted was not read, but {read:?}");
}

/// Waits until a scenario of this name with a season of this name is read.
fn next_is(files: &mut ScenarioFiles, name: &str, season: &str) {
    next(
        files,
        || {},
        |reading| {
            reading
                .as_ref()
                .is_ok_and(|scenario| scenario.name == name && scenario.seasons[0].name == season)
        },
    );
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
    files.save("mine/garden.toml", &files.text("second", "lib/spring.toml"));
    next(&mut watched, noise, |reading| {
        reading.as_ref().is_ok_and(|scenario| scenario.name == "second")
    });
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
    // The file that settles is read after two frames, the other one after a second.
    assert_eq!(reads, [1, 10]);
}

#[test]
fn a_season_in_another_folder_is_watched() {
    let files = Files::new();
    let mut watched = files.watch("mine/garden.toml");
    files.edit_season("mine/lib/spring.toml", "late");
    next_is(&mut watched, "first", "late");
    // A file that an edit names is watched from then on; one that is no longer named is not.
    fs::create_dir(files.path("mine/other")).unwrap();
    fs::copy(files.path("mine/lib/spring.toml"), files.path("mine/other/may.toml")).unwrap();
    files.save("mine/garden.toml", &files.text("second", "other/may.toml"));
    next_is(&mut watched, "second", "late");
    files.edit_season("mine/other/may.toml", "may");
    next_is(&mut watched, "second", "may");
    let watched = watched.places.lock().unwrap();
    assert!(!watched.contains(&files.path("mine/lib/spring.toml")), "{watched:?}");
}

#[test]
fn a_season_that_is_missing_is_read_when_it_comes() {
    let files = Files::new();
    let mut watched = files.watch("mine/garden.toml");
    files.save("mine/garden.toml", &files.text("second", "seasons/may.toml"));
    next(
        &mut watched,
        || {},
        |reading| reading.as_ref().is_err_and(|told| told.contains("seasons/may.toml")),
    );
    fs::create_dir(files.path("mine/seasons")).unwrap();
    fs::copy(files.path("mine/lib/spring.toml"), files.path("mine/seasons/may.toml")).unwrap();
    next_is(&mut watched, "second", "spring");
}

#[cfg(unix)]
#[test]
fn what_a_link_leads_to_is_watched_and_so_is_the_link() {
    use std::os::unix::fs::symlink;
    let files = Files::new();
    fs::create_dir_all(files.path("home/lib")).unwrap();
    fs::copy(files.path("mine/lib/spring.toml"), files.path("home/lib/spring.toml")).unwrap();
    // The path of a season is relative to the scenario's path as given, not to the target of a link.
    symlink("../mine/garden.toml", files.path("home/garden.toml")).unwrap();
    let mut watched = files.watch("home/garden.toml");
    files.save("mine/garden.toml", &files.text("second", "lib/spring.toml"));
    next_is(&mut watched, "second", "spring");
    fs::write(files.path("mine/other.toml"), files.text("third", "lib/spring.toml")).unwrap();
    symlink("../mine/other.toml", files.path("home/next")).unwrap();
    fs::rename(files.path("home/next"), files.path("home/garden.toml")).unwrap();
    next_is(&mut watched, "third", "spring");
    files.save("mine/other.toml", &files.text("fourth", "lib/spring.toml"));
    next_is(&mut watched, "fourth", "spring");
}

#[test]
fn a_comment_that_an_editor_adds_is_in_the_text_that_the_window_saves() {
    let files = Files::new();
    let path = files.path("mine/garden.toml");
    let text = fs::read_to_string(&path).unwrap();
    let editing = Editing::open(path.clone(), text.clone()).unwrap();
    let mut app = App::new();
    let header = RecordingHeader::new(Scenario::load(DEFAULT_SCENARIO).unwrap().scenario, Some(0), 1, 3, "gardener");
    let mut recorded = Vec::new();
    record(&header, Box::new(Gardener), &mut recorded, |_| {}).unwrap();
    let shown = Playback::new("a.rec", Recording::read(&recorded[..]).unwrap());
    app.insert_non_send(files.watch("mine/garden.toml"))
        .insert_resource(editing)
        .insert_resource(SimulationHandle::new(SimulationThread::open(Box::new(shown)).unwrap()))
        .init_resource::<Time<Real>>()
        .init_resource::<Words>()
        .add_systems(
            Update,
            (|mut time: ResMut<Time<Real>>| time.update(), reload_scenario).chain(),
        );
    files.save("mine/garden.toml", &format!("# Mine.\n{text}"));
    let is_taken_over = |app: &App| app.world().resource::<Editing>().text().starts_with("# Mine.");
    for _ in 0..500 {
        app.update();
        if is_taken_over(&app) {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(is_taken_over(&app));
}
