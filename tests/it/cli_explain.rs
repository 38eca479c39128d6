//! `explain`, on a run that the program made.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

const SHORT: &str = "train --method finetune --gardens 4 --decisions-per-season 800 --quiet --set evaluation.episodes=2 \
                     --set learner.hidden=[8,8] --set learner.batch_size=8 --set learner.fresh_memory.minimum_transitions=100 \
                     --set inside.every_decisions=200 --run-id mine";

fn perennial(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_perennial"));
    command.current_dir(folder).args(arguments.split_whitespace());
    command
}

/// Contents of the files of a run, by name.
fn files(run: &Path) -> Vec<(std::ffi::OsString, Vec<u8>)> {
    let entries = fs::read_dir(run).unwrap().map(Result::unwrap);
    let mut files: Vec<_> = entries
        .filter(|entry| entry.path().is_file())
        .map(|entry| (entry.file_name(), fs::read(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn a_run_is_explained_as_text_json_and_page_and_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    perennial(path, SHORT).assert().code(0);
    let before = files(&path.join("runs/mine"));
    perennial(path, "explain mine --html page.html")
        .assert()
        .code(0)
        .stdout(contains("mine: four seasons by finetune (dqn), seed 0").and(contains("Spring, left after 800 decisions")));
    let page = fs::read_to_string(path.join("page.html")).unwrap();
    assert!(page.contains("What was forgotten, and when") && page.contains("<svg"));
    let output = perennial(path, "explain runs/mine --json").output().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    // Spring, summer and autumn were left; winter was not.
    assert_eq!(json["departures"].as_array().unwrap().len(), 3);
    assert_eq!((&json["looks"], &json["decisions"]), (&16.into(), &3_200.into()));
    perennial(path, "explain mine --html -")
        .assert()
        .code(0)
        .stdout(contains("<!doctype html>"));
    // So little was learned that nothing was forgotten.
    perennial(path, "explain mine --attribute")
        .assert()
        .code(0)
        .stdout(contains("there is nothing to attribute"));
    assert!(files(&path.join("runs/mine")) == before);

    // The report shows the same run, and its archive gives the same page.
    perennial(path, "report runs --out report.html --archive study.json.gz")
        .assert()
        .code(0);
    let report = fs::read_to_string(path.join("report.html")).unwrap();
    assert!(report.contains("Probe album") && report.contains("Inside the policy"));
    perennial(path, "report study.json.gz --out again.html").assert().code(0);
    assert!(fs::read_to_string(path.join("again.html")).unwrap() == report);
}

#[test]
fn what_cannot_be_explained_says_what_is_there_and_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    perennial(path, &format!("{SHORT} --set inside.every_decisions=0"))
        .assert()
        .code(0);
    perennial(path, "explain mine").assert().code(2).stderr(
        contains("no looks inside the learner")
            .and(contains("evaluations"))
            .and(contains("inside.every_decisions = 0")),
    );
    perennial(path, "explain mime")
        .assert()
        .code(2)
        .stderr(contains("did you mean `mine`?"));
    perennial(path, "explain .")
        .assert()
        .code(2)
        .stderr(contains("there is no run `.`"));
    perennial(path, "explain mine --json --html -")
        .assert()
        .code(2)
        .stderr(contains("only one text"));
    for (method, says) in [
        ("finetune", "own method"),
        ("joint", "all seasons at once"),
        ("repaly", "did you mean `replay`"),
    ] {
        perennial(path, &format!("{SHORT} --force")).assert().code(0);
        perennial(path, &format!("explain mine --what-if {method}"))
            .assert()
            .code(2)
            .stderr(contains(says));
    }
    perennial(path, "explain mine --what-if replay")
        .assert()
        .code(0)
        .stdout(contains("With replay instead of finetune"));
    fs::write(
        path.join("runs/mine/config.toml"),
        "method = \"replay\"\nnew_in_version_9 = true\n",
    )
    .unwrap();
    perennial(path, "explain mine")
        .assert()
        .code(2)
        .stderr(contains("cannot be read"));
}
