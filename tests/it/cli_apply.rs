//! `apply`, `train --budget`, `edit` and `personalise` as a person uses them.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;

/// Runs within a second.
const TINY: &str = "--set gardens=4 --set evaluation.episodes=1 --set evaluation.gardens=1 --set learner.hidden=[8] \
                    --set learner.batch_size=8 --set learner.fresh_memory.minimum_transitions=50";

fn perennial(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_perennial"));
    command.current_dir(folder).args(arguments.split_whitespace());
    command
}

fn warm_start(folder: &Path, results: &str) -> Command {
    perennial(
        folder,
        &format!("apply warm-start --seeds 1 --decisions-per-season 1200 --quiet --results-dir {results} {TINY}"),
    )
}

#[test]
fn an_application_that_lost_runs_goes_on_and_writes_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    warm_start(path, "whole")
        .assert()
        .code(0)
        .stdout(contains("30 degrees").and(contains("saved")).and(contains("at least 3")));
    let result = |results: &str| fs::read(path.join(results).join("application-warm-start.json")).unwrap();
    let whole = result("whole");
    let warm = path.join("whole/spring_turned_by_30_degrees-60-years/finetune-dqn-warm-seed0");
    let scratch = path.join("whole/spring_turned_by_30_degrees-30-years/finetune-dqn-scratch-seed0/summary.json");
    let before = fs::metadata(&scratch).unwrap().modified().unwrap();
    // As after a kill: one run without its end, one that is not there, and no result.
    fs::remove_file(warm.join("summary.json")).unwrap();
    fs::remove_dir_all(path.join("whole/spring_turned_by_180_degrees-30-years/finetune-dqn-warm-seed0")).unwrap();
    fs::remove_file(path.join("whole/application-warm-start.json")).unwrap();
    warm_start(path, "whole").assert().code(0);
    assert_eq!(result("whole"), whole);
    let after = fs::metadata(&scratch).unwrap().modified().unwrap();
    assert_eq!(after, before, "finished runs are kept");
    perennial(path, "report whole --out page.html --markdown page.md --baseline finetune")
        .assert()
        .code(0);
    let page = fs::read_to_string(path.join("page.md")).unwrap();
    assert!(page.contains("Applications") && page.contains("warm-start"), "{page}");
    perennial(path, "apply warm --results-dir x")
        .assert()
        .code(2)
        .stderr(contains("warm-start"));
    perennial(path, "apply warm-start --decisions-per-season 100 --results-dir x")
        .assert()
        .code(2)
        .stderr(contains("too few"));
}

#[test]
fn a_run_keeps_its_budget_and_one_over_budget_is_refused_before_it_begins() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let train = |rest: &str| {
        perennial(
            path,
            &format!(
                "train --quiet --gardens 4 --decisions-per-season 400 --set evaluation.episodes=1 --set evaluation.gardens=1 \
                 --set learner.batch_size=8 --set learner.fresh_memory.minimum_transitions=50 --run-id mine {rest}"
            ),
        )
    };
    train("--method joint --budget past=64KB")
        .assert()
        .code(2)
        .stderr(contains("past data without"));
    train("--budget weights=10B")
        .assert()
        .code(2)
        .stderr(contains("the smallest budget"));
    train("--budget past=64").assert().code(2).stderr(contains("KiB"));
    assert!(!path.join("runs/mine").exists(), "nothing was begun");
    train("--budget past=64KB,weights=200KB,multiply-adds=50000").assert().code(0);
    let config = fs::read_to_string(path.join("runs/mine/config.toml")).unwrap();
    assert!(
        config.contains("budget = \"past=64000B,weights=200000B,multiply-adds=50000\"") && config.contains("method = \"replay\"")
    );
    let summary: serde_json::Value = serde_json::from_slice(&fs::read(path.join("runs/mine/summary.json")).unwrap()).unwrap();
    let past = summary["ledger"]["past_bytes"].as_u64().unwrap();
    assert!((1..=64_000).contains(&past), "{past}");
    train("--resume --budget past=64KB,weights=200KB,multiply-adds=50000")
        .assert()
        .code(0);
    train("--resume --budget past=1KB")
        .assert()
        .code(2)
        .stderr(contains("--budget"));
}

#[test]
fn a_policy_is_edited_and_personalised_and_stays_what_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let tiny = "--gardens 4 --decisions-per-season 100 --set evaluation.episodes=1 --set evaluation.gardens=1 --set learner.batch_size=8";
    perennial(path, &format!("train --quiet {tiny} --method finetune --scenario thrifty_gardener --set scenario.rewards.watered_ground=-0.1 --run-id base"))
        .assert()
        .code(0);
    perennial(path, "export base --out base.policy").assert().code(0);
    let base = fs::read(path.join("base.policy")).unwrap();
    let personalise = "personalise base.policy --scenario thrifty_gardener --decisions 600 --rank 2 --quiet";
    perennial(path, &format!("{personalise} --out one.adapter --policy-out one.policy"))
        .assert()
        .code(0)
        .stdout(contains("thrifty gardener").and(contains("parameters")));
    perennial(path, &format!("{personalise} --out two.adapter")).assert().code(0);
    let bytes = |name: &str| fs::read(path.join(name)).unwrap();
    assert_eq!(
        bytes("one.adapter"),
        bytes("two.adapter"),
        "the same seed gives the same adapter"
    );
    assert_eq!(bytes("base.policy"), base);
    assert_ne!(bytes("one.policy"), base);
    perennial(
        path,
        "personalise base --scenario thrifty_gardener --set scenario.rewards.watered_ground=-0.1 --out x.adapter",
    )
    .assert()
    .code(2)
    .stderr(contains("no other taste"));

    let edit = "edit base.policy --scenario odd_species";
    perennial(path, &format!("{edit} --species monflower --out x.policy"))
        .assert()
        .code(2)
        .stderr(contains("`moonflower`?"));
    perennial(path, &format!("{edit} --species moonflower --views 2 --out x.policy"))
        .assert()
        .code(2)
        .stderr(contains("too few"));
    assert!(!path.join("x.policy").exists() && !path.join("x.adapter").exists());
}
