//! `train --resume`: after a beginning that was cut short, with the flags that began the run, and with files that something changed.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use perennial::learner::StateDict;
use perennial::training::run_folder::Checkpoints;
use predicates::prelude::*;
use predicates::str::contains;

/// A year within a second.
const TINY: &str = "train --gardens 4 --decisions-per-season 200 --quiet --set evaluation.episodes=1 --set evaluation.gardens=1 \
                    --set learner.hidden=[8] --set learner.batch_size=8 --set learner.fresh_memory.minimum_transitions=50 \
                    --set checkpoints.every_decisions=100 --set record_every_decisions=40";

fn perennial(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_perennial"));
    command.current_dir(folder).args(arguments.split_whitespace());
    command
}

/// A run of 800 decisions that lost its end: left are the checkpoints of the first two seasons' ends.
fn unfinished(folder: &Path) -> (PathBuf, Vec<u8>) {
    perennial(folder, &format!("{TINY} --run-id x")).assert().code(0);
    let run = folder.join("runs/x");
    for decisions in [600, 700, 800] {
        fs::remove_file(run.join(format!("checkpoints/decision_{decisions:09}.ckpt"))).unwrap();
    }
    fs::remove_file(run.join("summary.json")).unwrap();
    let metrics = fs::read(run.join("metrics.jsonl")).unwrap();
    (run, metrics)
}

#[test]
fn a_run_that_was_killed_while_it_began_begins_again_by_the_same_command() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    perennial(path, &format!("{TINY} --run-id whole")).assert().code(0);
    let metrics = |run: &str| fs::read(path.join("runs").join(run).join("metrics.jsonl")).unwrap();

    // Killed after the folder was made.
    fs::create_dir(path.join("runs/empty")).unwrap();
    perennial(path, &format!("{TINY} --run-id empty --resume"))
        .assert()
        .code(0)
        .stderr(contains("stopped before it had begun"));
    assert!(metrics("empty") == metrics("whole"));

    // Killed after the configuration was written, in the middle of the first record.
    fs::create_dir(path.join("runs/bare")).unwrap();
    fs::copy(path.join("runs/whole/config.toml"), path.join("runs/bare/config.toml")).unwrap();
    fs::write(path.join("runs/bare/metrics.jsonl"), "{\"ki").unwrap();
    perennial(path, "train --quiet --run-id bare --resume").assert().code(0);
    assert!(metrics("bare") == metrics("whole"));

    perennial(path, "train --run-id nowhere --resume")
        .assert()
        .code(2)
        .stderr(contains("there is no run `nowhere`"));
}

#[test]
fn a_run_killed_before_it_took_old_checkpoints_away_takes_them_away_once_it_is_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    perennial(path, &format!("{TINY} --run-id x")).assert().code(0);
    let run = path.join("runs/x");
    let checkpoint = |decisions: u64| run.join(format!("checkpoints/decision_{decisions:09}.ckpt"));
    // Killed between its last checkpoint and what follows that: one too many is left, and no summary.
    fs::copy(checkpoint(700), checkpoint(500)).unwrap();
    fs::remove_file(run.join("summary.json")).unwrap();
    perennial(path, "train --quiet --run-id x --resume").assert().code(0);
    assert!(run.join("summary.json").exists() && !checkpoint(500).exists());
    assert!([200, 400, 600, 700, 800].map(checkpoint).iter().all(|kept| kept.exists()));
}

#[test]
fn what_fails_before_the_first_tick_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    perennial(path, &format!("{TINY} --run-id small")).assert().code(0);
    let wider = TINY.replace("hidden=[8]", "hidden=[9]");
    perennial(
        path,
        &format!("{wider} --results-dir other/runs --run-id y --initialize-from runs/small"),
    )
    .assert()
    .code(2)
    .stderr(contains("learner.hidden is [9] here and [8] in the run"));
    assert!(!path.join("other").exists());
    // A run that was to be replaced is still there.
    let summary = fs::read(path.join("runs/small/summary.json")).unwrap();
    perennial(path, &format!("{wider} --run-id small --force --initialize-from small"))
        .assert()
        .code(2);
    assert!(fs::read(path.join("runs/small/summary.json")).unwrap() == summary);
}

#[test]
fn the_same_command_resumes_and_another_is_told_every_difference() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let (run, metrics) = unfinished(path);
    perennial(
        path,
        &format!("{TINY} --run-id x --resume --seed 9 --years 2").replace("episodes=1", "episodes=3"),
    )
    .assert()
    .code(2)
    .stderr(
        contains("--seed is 9 here and 0 in the run")
            .and(contains("--years is 2 here and 1 in the run"))
            .and(contains("evaluation.episodes is 3 here and 1 in the run")),
    );
    perennial(path, &format!("{TINY} --run-id x --resume --initialize-from x"))
        .assert()
        .code(2)
        .stderr(contains("--initialize-from is x here and nothing in the run"));
    assert!(fs::read(run.join("metrics.jsonl")).unwrap().starts_with(&metrics[..100]));
    perennial(path, &format!("{TINY} --run-id x --resume")).assert().code(0);
    assert!(fs::read(run.join("metrics.jsonl")).unwrap() == metrics);

    // A scenario is called by its name, not by its file.
    fs::write(
        path.join("garden.toml"),
        "name = \"my place\"\nseasons = [\"seasons/spring.toml\"]\n",
    )
    .unwrap();
    let mine = format!("{TINY} --scenario garden.toml");
    perennial(path, &mine).assert().code(0);
    assert!(path.join("runs/my_place-replay_boundary_free+l2_init-seed0").is_dir());
    perennial(path, &format!("{mine} --resume"))
        .assert()
        .code(0)
        .stderr(contains("has already finished"));

    // The policy that a run began with is known to it.
    let begun = format!("{TINY} --seed 4 --run-id after --initialize-from x");
    perennial(path, &begun).assert().code(0);
    fs::remove_file(path.join("runs/after/summary.json")).unwrap();
    perennial(path, &format!("{begun} --resume")).assert().code(0);
    fs::remove_file(path.join("runs/after/summary.json")).unwrap();
    perennial(
        path,
        &format!(
            "{} --resume",
            begun.replace("from x", "from my_place-replay_boundary_free+l2_init-seed0")
        ),
    )
    .assert()
    .code(2)
    .stderr(contains("whose policy is not the"));
}

#[test]
fn records_that_can_be_mended_are_mended_and_the_others_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let (run, metrics) = unfinished(path);
    let copy = path.join("copy");
    let duplicate = |from: &Path, to: &Path| {
        let _ = fs::remove_dir_all(to);
        fs::create_dir_all(to.join("checkpoints")).unwrap();
        for below in ["", "checkpoints"] {
            for entry in fs::read_dir(from.join(below)).unwrap().map(|entry| entry.unwrap()) {
                if entry.path().is_file() {
                    fs::copy(entry.path(), to.join(below).join(entry.file_name())).unwrap();
                }
            }
        }
    };
    duplicate(&run, &copy);
    let (records, events) = (run.join("metrics.jsonl"), run.join("events.out.tfevents.perennial"));
    let converted = String::from_utf8(metrics.clone()).unwrap().replace('\n', "\r\n");
    // One line less than the newest checkpoint knows: the one before it knows no more than that.
    let newest = Checkpoints::read(&run.join("checkpoints/decision_000000400.ckpt")).unwrap();
    let progress: serde_json::Value = StateDict::from_bytes(&newest.body).unwrap().get("training.progress").unwrap();
    let shorter = usize::try_from(progress["records"]["metrics_bytes"].as_u64().unwrap()).unwrap() - 10;
    type Damage<'a> = Box<dyn Fn() + 'a>;
    let mendable: [(&str, &str, Damage<'_>); 4] = [
        (
            "converted line ends",
            "",
            Box::new(|| fs::write(&records, &converted).unwrap()),
        ),
        (
            "a broken line at the end",
            "",
            Box::new(|| fs::write(&records, [&metrics, &b"{\"ki"[..]].concat()).unwrap()),
        ),
        (
            "cut in the middle",
            "was cut",
            Box::new(|| fs::write(&records, &metrics[..shorter]).unwrap()),
        ),
        ("no events", "", Box::new(|| fs::remove_file(&events).unwrap())),
    ];
    for (what, says, damage) in mendable {
        duplicate(&copy, &run);
        damage();
        perennial(path, "train --quiet --run-id x --resume")
            .assert()
            .code(0)
            .stderr(contains(says));
        assert!(fs::read(&records).unwrap() == metrics, "{what}");
        assert!(events.is_file(), "{what}");
    }
    let mut changed = metrics.clone();
    changed[20] ^= 1;
    for (found, says) in [(None, "is missing"), (Some(changed), "was changed")] {
        duplicate(&copy, &run);
        match &found {
            None => fs::remove_file(&records).unwrap(),
            Some(changed) => fs::write(&records, changed).unwrap(),
        }
        perennial(path, "train --quiet --run-id x --resume")
            .assert()
            .code(2)
            .stderr(contains(says).and(contains("metrics.jsonl")).and(contains("disk").not()));
        assert_eq!(fs::read(&records).ok(), found, "it is left as it was");
    }
}
