//! Behaviour of every command: help, exit codes, no unwanted files, pipes that close.

use std::path::Path;
use std::process::{Command as Process, Stdio};

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;

/// The program in an empty folder of its own, without a terminal.
fn perennial(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_perennial"));
    command.current_dir(folder).env_remove("NO_COLOR");
    command
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}

#[test]
fn every_command_has_help_with_examples() {
    let folder = tempfile::tempdir().unwrap();
    for command in ["train", "evaluate", "rollout", "replay", "bench", "scenarios", "methods"] {
        perennial(folder.path())
            .args([command, "--help"])
            .assert()
            .code(0)
            .stdout(contains("Examples:"));
        perennial(folder.path())
            .arg("--help")
            .assert()
            .code(0)
            .stdout(contains(command));
    }
}

#[test]
fn what_cannot_be_done_says_so_once_ends_with_2_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, says) in [
        ("train --method repaly", "did you mean `replay`"),
        ("train --algorithm dnq", "dqn"),
        ("train --gardens 0", "from 1 to 4096"),
        ("train --years 99999999999999999999999", "from 1 to 1000"),
        ("train --decisions-per-season 1000000001", "from 1 to 1000000000"),
        ("train --threads 0", "from 1 to 1024"),
        ("train --seed 9223372036854775808", "from 0 to 9223372036854775807"),
        ("train --set program.version=1", "there is no `program`"),
        ("train --set evaluation.episodes=61489146912365173", "evaluation.episodes"),
        ("train --set learner.history=1000000001_transitions", "not a valid history"),
        ("train --set eye.columns=9000000000", "eye.columns"),
        (
            "rollout --driver random --record x --episodes 61489146912365173",
            "from 1 to 100000",
        ),
        (
            "rollout --driver random --record x --episodes 100000",
            "a recording may have 4000000 decisions",
        ),
        ("evaluate nobody --episodes 0", "from 1 to 100000"),
        (
            "compare --methods finetune --results-dir d --jobs 99999999999999999999",
            "from 1 to 1024",
        ),
        (
            "train --resume",
            "there is no run `four_seasons-replay_boundary_free+l2_init-seed0`",
        ),
        ("train --resume --force", "cannot be used with"),
        ("train --initialize-from nobody", "there is no run `nobody`"),
        ("evaluate nobody", "there is no run `nobody`"),
        ("rollout --driver nobody --record x", "there is no run `nobody`"),
        ("rollout --driver gardner --record x", "did you mean `gardener`?"),
        ("bench --time=-1", "between 0 and 3600"),
        ("bench --peers nowhere/python", "cannot start nowhere/python"),
        ("prune", "unrecognized subcommand"),
    ] {
        let words = arguments.split_whitespace();
        let says = contains(says).and(contains("panicked").not());
        perennial(folder.path()).args(words).assert().code(2).stdout("").stderr(says);
        assert!(is_empty(folder.path()), "`{arguments}` wrote something");
    }
}

#[test]
fn an_instruction_set_that_means_nothing_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let says = contains("PERENNIAL_AVX512 is `maybe`").and(contains("it can be `off`"));
    perennial(folder.path())
        .env("PERENNIAL_AVX512", "maybe")
        .arg("methods")
        .assert()
        .code(2)
        .stderr(says);
}

#[test]
fn a_run_is_suggested_where_a_name_is_nearly_right() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("runs/first-try")).unwrap();
    std::fs::write(folder.path().join("runs/first-try/config.toml"), "").unwrap();
    perennial(folder.path())
        .args(["evaluate", "frist-try"])
        .assert()
        .code(2)
        .stderr(contains("did you mean `first-try`?"));
}

#[test]
#[cfg(unix)]
fn a_pipe_that_closes_is_quiet() {
    let mut process = Process::new(env!("CARGO_BIN_EXE_perennial"))
        .arg("methods")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The reader goes before the program has written anything it could have read.
    drop(process.stdout.take());
    let output = process.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_under_the_output_is_an_error() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = Process::new(env!("CARGO_BIN_EXE_perennial"))
        .arg("methods")
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("could not write to the standard output"));
}

#[test]
fn lists_name_what_train_takes() {
    let folder = tempfile::tempdir().unwrap();
    perennial(folder.path())
        .arg("scenarios")
        .assert()
        .code(0)
        .stdout(contains("four_seasons").and(contains("winter")));
    perennial(folder.path())
        .arg("methods")
        .assert()
        .code(0)
        .stdout(contains("replay").and(contains("finetune")));
    // Without a terminal there is no colour.
    perennial(folder.path())
        .arg("methods")
        .assert()
        .stdout(contains("\u{1b}").not());
}

/// Help texts. To accept an intended change, run `INSTA_UPDATE=always cargo test --test it help`.
#[test]
fn help_reads_as_it_did() {
    let folder = tempfile::tempdir().unwrap();
    let mut pages = vec![("train", vec!["train", "--help"])];
    if cfg!(feature = "window") {
        pages.extend([("perennial", vec!["--help"]), ("watch", vec!["watch", "--help"])]);
    } else {
        pages.push(("perennial_headless", vec!["--help"]));
    }
    for (name, arguments) in pages {
        let output = perennial(folder.path())
            .args(arguments)
            .env("COLUMNS", "100")
            .output()
            .unwrap();
        insta::assert_snapshot!(format!("help_{name}"), String::from_utf8(output.stdout).unwrap());
    }
}

#[test]
fn the_first_page_lists_every_method_as_it_describes_itself() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let rows: Vec<String> = perennial::learner::METHODS
        .iter()
        .map(|spec| format!("| {} | `{}` | {} |\n", spec.family.name(), spec.name, spec.summary))
        .collect();
    let table = format!("| family | method | description |\n|---|---|---|\n{}", rows.concat());
    assert!(
        readme.contains(&table),
        "README.md lacks this table, or has an older one:\n{table}"
    );
}
