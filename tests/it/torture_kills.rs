//! Runs that are killed without warning at any moment, and resumed by the same command: they end as one never killed, byte for byte.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use perennial::learner::{METHODS, StateDict};
use perennial::random;
use perennial::training::Stopwatch;
use perennial::training::run_folder::{Checkpoints, checkpoints_of};
use rand::RngExt;

/// Kills before this time hit a run while it begins.
const EARLY: Duration = Duration::from_millis(60);
/// Kills of one run at most, so that it comes to its end.
const KILLS_A_RUN: u64 = 4;

/// Runs to be killed, and the number of kills.
struct Torture<'a> {
    methods: Vec<&'a str>,
    kills: u64,
    decisions_per_season: u64,
}

/// Counts of what was done to the runs.
#[derive(Debug, Default, PartialEq, Eq)]
struct Toll {
    /// Kills that hit a process before it had ended.
    kills: u64,
    /// Kills before there was a configuration.
    before_begun: u64,
    /// Runs that were held against one never killed.
    runs: u64,
}

impl Torture<'_> {
    fn arguments(&self, method: &str, run_id: &str) -> Vec<String> {
        let (decisions, every) = (self.decisions_per_season, self.decisions_per_season / 4);
        let text = format!(
            "train --method {method} --seed 3 --run-id {run_id} --gardens 4 --decisions-per-season {decisions} --quiet \
             --set evaluation.episodes=1 --set evaluation.gardens=1 --set learner.hidden=[8] --set learner.batch_size=8 \
             --set learner.fresh_memory.minimum_transitions=50 --set record_every_decisions=40 \
             --set checkpoints.every_decisions={every}"
        );
        text.split_whitespace().map(str::to_owned).collect()
    }

    fn carry_out(&self) -> Toll {
        let folder = tempfile::tempdir().unwrap();
        let mut toll = Toll::default();
        let shares = self.kills.div_ceil(self.methods.len() as u64);
        for (number, method) in self.methods.iter().enumerate() {
            let whole = self.arguments(method, &format!("{method}-whole"));
            let stopwatch = Stopwatch::start();
            assert_eq!(finish(folder.path(), &whole), Some(0), "{method}");
            let duration = Duration::from_secs_f64(stopwatch.seconds());
            let mut chance = random::stream(5, "kills", number as u64);
            let before = toll.kills;
            for run in 0.. {
                let (done, left) = (toll.kills - before, self.kills.saturating_sub(toll.kills));
                if done >= shares || left == 0 {
                    break;
                }
                let run_id = format!("{method}-{run}");
                let command = self.arguments(method, &run_id);
                let path = folder.path().join("runs").join(&run_id);
                for kill in 0..KILLS_A_RUN.min(left).min(shares - done) {
                    // Every other run is killed while it begins, all are killed anywhere later.
                    let longest = if kill == 0 && run % 2 == 0 { EARLY } else { duration };
                    let after = longest.mul_f64(chance.random::<f64>());
                    if !kill_after(folder.path(), &resuming(&command, &path), after) {
                        break;
                    }
                    toll.kills += 1;
                    toll.before_begun += u64::from(!path.join("config.toml").exists());
                }
                assert_eq!(finish(folder.path(), &resuming(&command, &path)), Some(0), "{run_id}");
                assert_same(&folder.path().join("runs").join(format!("{method}-whole")), &path);
                toll.runs += 1;
                fs::remove_dir_all(&path).unwrap();
            }
        }
        toll
    }
}

/// The same command, with `--resume` where there is something to resume.
fn resuming(command: &[String], run: &Path) -> Vec<String> {
    let resume = run.exists().then(|| "--resume".to_owned());
    command.iter().cloned().chain(resume).collect()
}

fn start(folder: &Path, arguments: &[String]) -> std::process::Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_perennial"));
    command.current_dir(folder).args(arguments).stdout(Stdio::null());
    command.spawn().unwrap()
}

fn finish(folder: &Path, arguments: &[String]) -> Option<i32> {
    start(folder, arguments).wait().unwrap().code()
}

/// Kills a process after some time; `false` if it had ended by then.
fn kill_after(folder: &Path, arguments: &[String], after: Duration) -> bool {
    let mut child = start(folder, arguments);
    std::thread::sleep(after);
    child.kill().unwrap();
    !child.wait().unwrap().success()
}

/// Two runs that left the same: records, summary without timings, policy and checkpoints without clocks.
fn assert_same(whole: &Path, killed: &Path) {
    let read = |run: &Path, name: &str| fs::read(run.join(name)).unwrap();
    let name = killed.display();
    assert!(
        read(whole, "config.toml") == read(killed, "config.toml"),
        "{name}: config.toml"
    );
    assert!(
        read(whole, "metrics.jsonl") == read(killed, "metrics.jsonl"),
        "{name}: metrics.jsonl"
    );
    assert_eq!(summary(whole), summary(killed), "{name}: summary.json");
    let files = |run: &Path| -> BTreeSet<String> {
        let entries = fs::read_dir(run).unwrap().map(|entry| entry.unwrap());
        entries.map(|entry| entry.file_name().into_string().unwrap()).collect()
    };
    assert_eq!(files(whole), files(killed), "{name}");
    let (expected, found) = (checkpoints_of(whole).files(), checkpoints_of(killed).files());
    let times = |files: &[(u64, PathBuf)]| files.iter().map(|(decisions, _)| *decisions).collect::<Vec<_>>();
    assert_eq!(times(&expected), times(&found), "{name}: checkpoints");
    for ((decisions, expected), (_, found)) in expected.iter().zip(&found) {
        assert!(state(expected) == state(found), "{name}: checkpoint at {decisions}");
    }
}

fn summary(run: &Path) -> serde_json::Value {
    let mut summary: serde_json::Value = serde_json::from_slice(&fs::read(run.join("summary.json")).unwrap()).unwrap();
    for differs in ["timing", "peak_rss_bytes", "run_id"] {
        assert!(summary.as_object_mut().unwrap().remove(differs).is_some(), "{differs}");
    }
    summary
}

/// Returns the contents of a checkpoint, without durations and without the hash of the events, which contain the time.
fn state(path: &Path) -> StateDict {
    let mut state = StateDict::from_bytes(&Checkpoints::read(path).unwrap().body).unwrap();
    let mut progress: serde_json::Value = state.get("training.progress").unwrap();
    assert!(progress.as_object_mut().unwrap().remove("timing").is_some());
    assert!(progress["records"].as_object_mut().unwrap().remove("events_hash").is_some());
    state.set("training.progress", &progress).unwrap();
    state
}

#[test]
fn a_killed_run_that_is_resumed_by_the_same_command_ends_as_one_never_killed() {
    let torture = Torture {
        methods: vec!["replay"],
        kills: 6,
        decisions_per_season: 160,
    };
    let toll = torture.carry_out();
    assert_eq!(toll.kills, 6, "{toll:?}");
}

#[test]
#[ignore = "1,000 kills over all methods; `cargo test --release --test it -- --ignored torture --nocapture`"]
fn a_thousand_kills_over_all_methods_change_nothing() {
    let torture = Torture {
        methods: METHODS.iter().map(|spec| spec.name).collect(),
        kills: 1_000,
        decisions_per_season: 1_600,
    };
    let toll = torture.carry_out();
    println!("{} methods: {toll:?}", torture.methods.len());
    assert!(toll.kills >= 1_000, "{toll:?}");
}
