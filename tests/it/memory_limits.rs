//! Behaviour with too little memory: the program refuses before anything is written.

#![cfg(unix)]

use std::path::Path;
use std::process::{Command, Output};

/// Runs the program in `folder` with a limit to its address space.
fn limited(folder: &Path, limit_kib: u64, arguments: &str) -> Output {
    let program = env!("CARGO_BIN_EXE_perennial");
    Command::new("sh")
        .args(["-c", &format!("ulimit -v {limit_kib} && exec '{program}' {arguments}")])
        .current_dir(folder)
        .output()
        .unwrap()
}

/// Returns the message of a refusal, which leaves nothing behind.
fn refusal(limit_kib: u64, arguments: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let output = limited(folder.path(), limit_kib, arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{arguments}: {said}");
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 0, "{arguments} left something behind");
    // Words may stand on any line, as miette breaks them.
    said.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_run_that_does_not_fit_is_refused_before_anything_is_written() {
    let large_eye = "--set scenario.eye.columns=256 --set scenario.eye.rows=64";
    for arguments in [
        format!("train --decisions-per-season 60000 {large_eye}"),
        "train --gardens 4096 --set scenario.eye.columns=256 --set scenario.eye.rows=16".to_owned(),
        "train --set learner.hidden=[4096,4096,4096,4096]".to_owned(),
        "train --set learner.batch_size=65536 --set learner.hidden=[512,512]".to_owned(),
        format!("compare --methods finetune --results-dir out {large_eye}"),
    ] {
        let said = refusal(3_000_000, &arguments);
        for part in ["this needs about", "`ulimit -v`", "2.9 GiB", "most of it is for"] {
            assert!(said.contains(part), "{arguments}: {said}");
        }
    }
}

#[test]
fn jobs_are_added_up() {
    let compare = |jobs: u64| format!("compare --methods finetune --seeds 64 --jobs {jobs} --results-dir out");
    let said = refusal(1_500_000, &compare(64));
    assert!(said.contains("--jobs"), "{said}");
}

#[test]
fn counts_that_no_machine_could_hold_are_told() {
    let said = refusal(8_000_000, "train --gardens 1000000");
    assert!(said.contains("gardens") && said.contains("4096"), "{said}");
    let said = refusal(
        8_000_000,
        "rollout --driver random --record out.rec --episodes 18446744073709551615",
    );
    assert!(said.contains("from 1 to 100000"), "{said}");
}

#[test]
fn a_run_that_fits_is_carried_out_within_its_limit() {
    let folder = tempfile::tempdir().unwrap();
    let short =
        "train -q --run-id fits --decisions-per-season 64 --set evaluation.episodes=1 --set scenario.episode.decisions=10";
    let output = limited(folder.path(), 1_500_000, short);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
