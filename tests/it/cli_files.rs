//! Input and output of the program: files, links, pipes, devices, and paths that cannot be used.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;

fn perennial(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_perennial"));
    command.current_dir(folder).args(arguments.split_whitespace());
    command
}

const ROLLOUT: &str = "rollout --driver random --season winter";

/// A scenario that is not shipped, with seasons that are.
fn scenario(name: &str) -> String {
    format!("name = \"{name}\"\nseasons = [\"seasons/spring.toml\", \"seasons/winter.toml\"]\n")
}

#[test]
fn a_recording_goes_to_the_standard_output_and_comes_from_the_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    perennial(path, &format!("{ROLLOUT} --record a.rec"))
        .assert()
        .code(0)
        .stdout(contains("recorded in a.rec"));
    let recording = fs::read(path.join("a.rec")).unwrap();
    for out in ["-", "/dev/stdout"] {
        let printed = perennial(path, &format!("{ROLLOUT} --record {out}"))
            .assert()
            .code(0)
            .stderr(contains("recorded in the standard output"));
        assert!(printed.get_output().stdout == recording, "{out}");
    }
    for input in ["-", "/dev/stdin"] {
        perennial(path, &format!("replay {input} --verify"))
            .write_stdin(recording.clone())
            .assert()
            .code(0)
            .stdout(contains("every state is the same"));
    }
    assert_eq!(fs::read_dir(path).unwrap().count(), 1);
}

#[test]
#[cfg(target_os = "linux")]
fn links_and_devices_stay_what_they_are_and_a_full_disk_is_told() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for (name, target) in [
        ("null", "/dev/null"),
        ("full", "/dev/full"),
        ("link", "real"),
        ("loop", "loop"),
    ] {
        symlink(target, path.join(name)).unwrap();
    }
    fs::write(path.join("real"), "old").unwrap();
    fs::set_permissions(path.join("real"), fs::Permissions::from_mode(0o600)).unwrap();
    for name in ["null", "link"] {
        perennial(path, &format!("{ROLLOUT} --record {name}")).assert().code(0);
        assert!(fs::symlink_metadata(path.join(name)).unwrap().is_symlink(), "{name}");
    }
    let real = fs::metadata(path.join("real")).unwrap();
    assert_eq!((real.permissions().mode() & 0o777, real.len() > 1_000), (0o600, true));
    for (out, says) in [
        ("full", "no space left on device"),
        ("loop", "too many levels of symbolic links"),
        ("nowhere/x", "the folder nowhere does not exist"),
        (".", "it is a folder"),
    ] {
        perennial(path, &format!("{ROLLOUT} --record {out}"))
            .assert()
            .code(2)
            .stdout("")
            .stderr(contains(says).and(contains(".writing").not()).and(contains("os error").not()));
    }
    assert_eq!(fs::read_dir(path).unwrap().count(), 5);
}

#[test]
fn a_scenario_comes_from_the_standard_input_once_for_all_runs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    perennial(path, "rollout --driver random --scenario - --record /dev/null")
        .write_stdin("name = \"piped\"\nsesons = []\n")
        .assert()
        .code(2)
        .stderr(contains("the standard input").and(contains("`seasons`")));
    // The second method's run loads the scenario again, and is refused for what it holds.
    perennial(
        path,
        "compare --methods finetune,joint --gardens 1 --scenario - --results-dir x",
    )
    .write_stdin(scenario("piped"))
    .assert()
    .code(2)
    .stderr(contains("needs a garden for each"));
    assert_eq!(fs::read_dir(path).unwrap().count(), 0);
}

#[test]
#[cfg(unix)]
fn what_cannot_be_read_says_why() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    symlink("loop", path.join("loop")).unwrap();
    symlink("gone.toml", path.join("dangling.toml")).unwrap();
    fs::create_dir(path.join("folder")).unwrap();
    for (arguments, says) in [
        ("train --scenario loop", "too many levels of symbolic links"),
        ("train --scenario dangling.toml", "it is a link to gone.toml, which does not"),
        ("train --scenario folder", "that is a folder"),
        ("evaluate x --results-dir loop", "oo many levels of symbolic links"),
        ("replay folder", "it is a folder"),
        ("replay loop", "too many levels of symbolic links"),
        ("replay gone", "there is no such file"),
        ("train --method nope", "the methods are finetune"),
        ("rollout --driver random --record folder", "it is a folder"),
    ] {
        let quiet = contains("panicked").not().and(contains("did you mean").not());
        perennial(path, arguments)
            .assert()
            .code(2)
            .stdout("")
            .stderr(contains(says).and(quiet));
    }
    assert_eq!(fs::read_dir(path).unwrap().count(), 3, "something was written");
}

#[test]
fn control_characters_of_names_reach_no_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for arguments in [
        vec!["train", "--scenario", "a\u{1b}[2J\nb"],
        vec!["train", "--run-id", "a\u{1b}[2J\nb"],
        vec!["evaluate", "a\u{1b}[2J\nb"],
        vec!["replay", "a\u{1b}[2J\nb"],
        vec!["report", "a\u{1b}[2J\nb", "--out", "x"],
        vec!["rollout", "--driver", "random", "--season", "a\u{1b}[2J\nb", "--record", "x"],
    ] {
        Command::new(env!("CARGO_BIN_EXE_perennial"))
            .current_dir(path)
            .args(&arguments)
            .assert()
            .code(2)
            .stderr(contains("\u{1b}").not().and(contains("\\u{1b}")));
    }
    // What is wrong with the arguments themselves is told by another library, which leaves such sequences out.
    for arguments in [vec!["train", "--method", "a\u{1b}[2J"], vec!["a\u{1b}[2J"]] {
        Command::new(env!("CARGO_BIN_EXE_perennial"))
            .current_dir(path)
            .args(&arguments)
            .assert()
            .code(2)
            .stderr(contains("\u{1b}").not().and(contains("'a")));
    }
    fs::write(path.join("a.toml"), scenario("wild\\u001B[2J")).unwrap();
    perennial(path, "rollout --driver random --scenario a.toml --record a.rec")
        .assert()
        .code(0);
    perennial(path, "replay a.rec")
        .assert()
        .code(0)
        .stdout(contains("in wild\\u{1b}[2J").and(contains("\u{1b}").not()));
}

#[test]
#[cfg(feature = "window")]
fn a_picture_of_no_known_format_is_refused_before_anything_is_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(path.join("photo.gif"), "mine").unwrap();
    for (out, says) in [
        ("photo.gif", ".webp"),
        ("photo", ".webp"),
        ("photo.gif/x.png", "not a folder"),
    ] {
        perennial(path, &format!("screenshot --decisions 1 --out {out}"))
            .assert()
            .code(2)
            .stdout("")
            .stderr(contains(says));
    }
    assert_eq!(fs::read_to_string(path.join("photo.gif")).unwrap(), "mine");
}
