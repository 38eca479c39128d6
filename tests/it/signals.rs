//! Signals: whichever ends the program, a run keeps what it did.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

/// A run that takes far longer than any test.
const LONG: &str = "train --gardens 4 --decisions-per-season 900000 --run-id long --quiet --set evaluation.episodes=1 \
                    --set learner.hidden=[8] --set learner.batch_size=8 --set learner.fresh_memory.minimum_transitions=100";

fn start(folder: &Path, arguments: &str) -> Child {
    spawn(
        Command::new(env!("CARGO_BIN_EXE_perennial")).args(arguments.split_whitespace()),
        folder,
    )
}

fn spawn(command: &mut Command, folder: &Path) -> Child {
    let command = command.current_dir(folder).stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn send(child: &Child, signal: &str) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
}

/// Waits until a run has a first checkpoint, and so is under way.
fn await_checkpoint(folder: &Path, child: &mut Child) {
    while checkpoints(folder) == 0 {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it began");
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(50));
}

fn checkpoints(folder: &Path) -> usize {
    fs::read_dir(folder.join("runs/long/checkpoints")).map_or(0, Iterator::count)
}

/// Returns `true` if this process was started with SIGHUP ignored.
fn hangups_are_ignored() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & 1 == 1)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn every_signal_that_asks_to_stop_leaves_a_checkpoint_and_its_own_exit_code() {
    for (signal, code) in [("-TERM", 143), ("-HUP", 129), ("-INT", 130)] {
        // Under `nohup` tests and their children ignore hang-ups, as they should.
        if signal == "-HUP" && hangups_are_ignored() {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let mut child = start(folder.path(), LONG);
        await_checkpoint(folder.path(), &mut child);
        send(&child, signal);
        // `timeout` signals the process and its group: that is one request.
        send(&child, signal);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{signal}: {}", said(&output));
        assert!(
            said(&output).contains("perennial train --resume --run-id long"),
            "{}",
            said(&output)
        );
        assert!(checkpoints(folder.path()) > 1, "{signal}: no checkpoint of the stop");
    }
}

#[test]
fn a_second_request_after_a_second_leaves_at_once() {
    let folder = tempfile::tempdir().unwrap();
    // The evaluation before the first tick is waited for, which takes far longer than a second.
    let slow = LONG.replace("900000", "4").replace("episodes=1 ", "episodes=20000 ");
    let mut child = start(folder.path(), &slow);
    await_checkpoint(folder.path(), &mut child);
    send(&child, "-TERM");
    std::thread::sleep(Duration::from_millis(1_200));
    assert!(child.try_wait().unwrap().is_none(), "it was to be busy still");
    send(&child, "-TERM");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(143));
}

#[test]
fn a_run_that_outlives_its_terminal_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let program = env!("CARGO_BIN_EXE_perennial");
    let mut child = spawn(
        Command::new("sh").args(["-c", &format!("trap '' HUP; exec {program} {LONG}")]),
        folder.path(),
    );
    await_checkpoint(folder.path(), &mut child);
    send(&child, "-HUP");
    std::thread::sleep(Duration::from_millis(200));
    assert!(child.try_wait().unwrap().is_none(), "nohup was not heard");
    send(&child, "-TERM");
    assert_eq!(child.wait().unwrap().code(), Some(143));
}

#[test]
fn a_command_that_keeps_nothing_ends_at_once_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let mut child = start(folder.path(), "rollout --driver random --episodes 3000 --record a.rec");
        std::thread::sleep(Duration::from_millis(300));
        assert!(child.try_wait().unwrap().is_none());
        send(&child, signal);
        assert_eq!(child.wait().unwrap().code(), Some(code));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[test]
fn two_processes_do_not_disturb_each_other_in_one_folder() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = start(folder.path(), LONG);
    await_checkpoint(folder.path(), &mut child);
    for flag in ["", " --resume", " --force"] {
        let output = start(folder.path(), &format!("{LONG}{flag}")).wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(
            said(&output).contains("another process is writing the run"),
            "{flag}: {}",
            said(&output)
        );
    }
    send(&child, "-TERM");
    child.wait().unwrap();

    let tiny = "compare --gardens 4 --decisions-per-season 200 --quiet --set evaluation.episodes=1 --set evaluation.gardens=1 \
                --set learner.hidden=[8] --set learner.batch_size=8 --set learner.fresh_memory.minimum_transitions=100 \
                --results-dir d --jobs 2 --seeds 2 --methods";
    let both = ["finetune,replay", "replay,l2"].map(|methods| start(folder.path(), &format!("{tiny} {methods}")));
    for child in both {
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    }
    let record = fs::read(folder.path().join("d/comparison.json")).unwrap();
    let record: serde_json::Value = serde_json::from_slice(&record).unwrap();
    let runs = record["runs"].as_array().unwrap();
    assert_eq!((runs.len(), record["commands"].as_array().unwrap().len()), (6, 2));
    assert!(runs.iter().all(|run| run["state"] == "finished"), "{record}");
}

#[test]
fn a_comparison_that_waits_for_its_scenario_ends_at_the_first_request() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = "compare --methods finetune --results-dir x --scenario -";
    let mut command = Command::new(env!("CARGO_BIN_EXE_perennial"));
    let mut child = spawn(
        command.args(arguments.split_whitespace()).stdin(Stdio::piped()),
        folder.path(),
    );
    // Nobody writes into the pipe, and nothing tells from outside that it is read.
    std::thread::sleep(Duration::from_millis(700));
    assert!(child.try_wait().unwrap().is_none(), "it did not wait");
    send(&child, "-TERM");
    for _ in 0..1_000 {
        if child.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let code = child.try_wait().unwrap().and_then(|status| status.code());
    if code.is_none() {
        child.kill().unwrap();
    }
    assert_eq!(code, Some(143));
}
