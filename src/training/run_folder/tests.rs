//! Guarantees of a run's folder, also on a disk that fails.

use std::io::{self, Error};

use super::*;
use crate::training::summary::tests::example;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn create(results: &Path, id: &str) -> Result<RunFolder, RunFolderError> {
    RunFolder::create(results, id, Existing::Refuse, "seed = 3\n")
}

fn checkpoint(decisions: u64, season_end: bool) -> Checkpoint {
    Checkpoint {
        decisions,
        season_end,
        body: format!("weights at {decisions}").into_bytes(),
    }
}

#[test]
fn a_run_that_exists_is_refused_and_replaced_only_by_force() {
    let results = tempfile::tempdir().unwrap();
    let run = create(results.path(), "spring").unwrap();
    run.checkpoints().write(&checkpoint(100, false), 3).unwrap();
    drop(run);
    assert!(matches!(create(results.path(), "spring"), Err(RunFolderError::Exists { id, .. }) if id == "spring"));
    let run = RunFolder::create(results.path(), "spring", Existing::Replace, "seed = 4\n").unwrap();
    assert_eq!(run.config_toml().unwrap(), "seed = 4\n");
    assert!(run.checkpoints().files().is_empty());
}

#[test]
fn what_is_no_run_is_never_taken_away() {
    let results = tempfile::tempdir().unwrap();
    let folder = results.path().join("photos");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("garden.jpg"), "a rose").unwrap();
    let forced = RunFolder::create(results.path(), "photos", Existing::Replace, "");
    assert!(matches!(forced, Err(RunFolderError::NotARun { .. })));
    assert_eq!(names(&folder), ["garden.jpg"]);
}

#[test]
fn force_leaves_alone_what_the_run_did_not_write() {
    let results = tempfile::tempdir().unwrap();
    drop(create(results.path(), "spring").unwrap());
    fs::write(results.path().join("spring/notes.txt"), "a thought").unwrap();
    drop(RunFolder::create(results.path(), "spring", Existing::Replace, "").unwrap());
    assert_eq!(
        names(&results.path().join("spring")),
        ["checkpoints", "config.toml", "lock", "notes.txt"]
    );
}

#[test]
fn a_run_killed_while_it_began_is_no_obstacle() {
    let results = tempfile::tempdir().unwrap();
    fs::create_dir_all(results.path().join("spring/checkpoints")).unwrap();
    fs::write(results.path().join("spring/lock"), "1\n").unwrap();
    fs::write(results.path().join("spring/.writing-x7"), "half").unwrap();
    assert!(is_half_begun(results.path(), "spring"));
    let run = create(results.path(), "spring").unwrap();
    assert_eq!(names(run.path()), ["checkpoints", "config.toml", "lock"]);
    assert!(!is_half_begun(results.path(), "spring"));
    fs::create_dir(results.path().join("empty")).unwrap();
    assert!(is_half_begun(results.path(), "empty"));
    create(results.path(), "empty").unwrap();
    fs::create_dir(results.path().join("photos")).unwrap();
    fs::write(results.path().join("photos/rose.jpg"), "").unwrap();
    assert!(!is_half_begun(results.path(), "photos") && !is_half_begun(results.path(), "nowhere"));
}

#[test]
fn a_run_killed_while_it_wrote_leaves_nothing_once_it_is_resumed() {
    let results = tempfile::tempdir().unwrap();
    let run = results.path().join("spring");
    drop(create(results.path(), "spring").unwrap());
    fs::write(run.join(".writing-x7"), "half").unwrap();
    fs::write(run.join("checkpoints/.writing-x8"), "half").unwrap();
    drop(RunFolder::resume(results.path(), "spring").unwrap());
    assert_eq!(names(&run), ["checkpoints", "config.toml", "lock"]);
    assert!(names(&run.join("checkpoints")).is_empty());
}

#[test]
fn a_run_that_does_not_come_about_leaves_nothing_and_a_resumed_one_stays() {
    let results = tempfile::tempdir().unwrap();
    let deep = results.path().join("a/b");
    let folder = RunFolder::reserve(&deep, "spring", Existing::Refuse).unwrap();
    assert!(!folder.is_begun());
    fs::write(folder.path().join("metrics.jsonl"), "{}").unwrap();
    folder.discard();
    assert!(names(results.path()).is_empty());
    fs::create_dir_all(deep.join("spring")).unwrap();
    RunFolder::reserve(&deep, "spring", Existing::Refuse).unwrap().discard();
    assert_eq!(names(&deep), ["spring"], "a folder that was there stays");
    drop(create(&deep, "spring").unwrap());
    RunFolder::resume(&deep, "spring").unwrap().discard();
    assert_eq!(names(&deep.join("spring")), ["checkpoints", "config.toml", "lock"]);
}

#[test]
fn two_processes_do_not_write_one_run() {
    let results = tempfile::tempdir().unwrap();
    let run = create(results.path(), "spring").unwrap();
    let second = RunFolder::resume(results.path(), "spring");
    assert!(
        matches!(&second, Err(RunFolderError::Locked { holder: Some(holder), .. }) if *holder == std::process::id().to_string())
    );
    assert!(matches!(
        RunFolder::create(results.path(), "spring", Existing::Replace, ""),
        Err(RunFolderError::Locked { .. })
    ));
    let refused = create(results.path(), "spring");
    assert!(
        matches!(refused, Err(RunFolderError::Locked { .. })),
        "it cannot be resumed now"
    );
    assert_eq!(
        run.config_toml().unwrap(),
        "seed = 3\n",
        "the run that holds the lock is untouched"
    );
    drop(run);
    RunFolder::resume(results.path(), "spring").unwrap();
}

#[test]
fn free_names_are_counted_up() {
    let results = tempfile::tempdir().unwrap();
    let base = default_run_id("four_seasons", "replay", None, 0);
    let ids: Vec<String> = (0..3)
        .map(|_| {
            let folder = RunFolder::reserve_unique(results.path(), &base).unwrap();
            folder.write_config("").unwrap();
            folder.id()
        })
        .collect();
    assert_eq!(
        ids,
        [
            "four_seasons-replay-seed0",
            "four_seasons-replay-seed0-2",
            "four_seasons-replay-seed0-3"
        ]
    );
    assert_eq!(
        default_run_id("my garden/2", "replay+ewc", Some("sac"), 7),
        "my_garden_2-replay+ewc-sac-seed7"
    );
}

#[test]
fn a_name_does_not_climb_out_of_the_results() {
    let results = tempfile::tempdir().unwrap();
    for id in [
        "",
        "..",
        "../elsewhere",
        ".hidden",
        "a/b",
        "a\\b",
        "a\u{1b}[2J",
        "a\nb",
        &"é".repeat(201),
    ] {
        assert!(
            matches!(create(results.path(), id), Err(RunFolderError::BadId { .. })),
            "{id:?}"
        );
    }
    assert!(names(results.path()).is_empty());
    // Characters are counted, not bytes.
    create(results.path(), &"é".repeat(120)).unwrap();
}

#[test]
fn a_run_is_found_by_name_or_by_path_and_else_the_nearest_is_named() {
    let results = tempfile::tempdir().unwrap();
    drop(create(results.path(), "four_seasons-replay-seed0").unwrap());
    drop(create(results.path(), "other").unwrap());
    let by_name = find_run(results.path(), "four_seasons-replay-seed0").unwrap();
    assert_eq!(find_run(Path::new("nowhere"), by_name.to_str().unwrap()).unwrap(), by_name);
    let missing = find_run(results.path(), "four_seasons-repaly-seed0").unwrap_err();
    assert!(matches!(missing, RunFolderError::NoSuchRun { nearest: Some(near), .. } if near == "four_seasons-replay-seed0"));
    let foreign = find_run(results.path(), "elephant\u{1b}[2J").unwrap_err();
    assert_eq!(
        foreign.to_string(),
        format!("there is no run `elephant\\u{{1b}}[2J` in {}", results.path().display())
    );
    let help = miette::Diagnostic::help(&foreign).unwrap().to_string();
    assert!(help.starts_with("there are four_seasons-replay-seed0, other; "), "{help}");
}

#[test]
#[cfg(unix)]
fn a_run_that_cannot_be_looked_at_is_not_told_as_missing() {
    let results = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("loop", results.path().join("loop")).unwrap();
    let refused = find_run(results.path(), "loop").unwrap_err();
    assert!(matches!(&refused, RunFolderError::Read { .. }), "{refused}");
}

#[test]
fn a_summary_is_there_when_the_run_is_finished() {
    let results = tempfile::tempdir().unwrap();
    let run = create(results.path(), "spring").unwrap();
    assert_eq!(run.summary().unwrap(), None);
    run.write_summary(&example()).unwrap();
    assert_eq!(
        run.summary().unwrap(),
        Some(example()).map(|mut summary| {
            summary.peak_rss_bytes = run.summary().unwrap().unwrap().peak_rss_bytes;
            summary
        })
    );
}

#[test]
fn a_writer_that_fails_midway_leaves_the_old_file_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("summary.json");
    fs::write(&path, "the old one").unwrap();
    let failed = write_atomically(&path, |file| {
        file.write_all(&[b'x'; 100_000])?;
        Err(Error::from(io::ErrorKind::StorageFull))
    });
    assert!(
        matches!(&failed, Err(RunFolderError::File(error)) if error.to_string().ends_with("no storage space")),
        "{failed:?}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "the old one");
    assert_eq!(names(folder.path()), ["summary.json"]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_folder_that_cannot_be_written_is_an_error_that_names_it() {
    // Not even root can make folders here.
    let failed = create(Path::new("/proc/perennial"), "spring").unwrap_err();
    assert!(
        matches!(&failed, RunFolderError::Write { path, .. } if path.starts_with("/proc/perennial")),
        "{failed}"
    );
}

#[test]
fn results_cannot_lie_inside_a_file() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("runs"), "a file").unwrap();
    assert!(matches!(
        create(&folder.path().join("runs"), "spring"),
        Err(RunFolderError::Write { .. })
    ));
    assert_eq!(fs::read_to_string(folder.path().join("runs")).unwrap(), "a file");
}

#[test]
fn the_last_checkpoints_and_the_ends_of_seasons_are_kept() {
    let results = tempfile::tempdir().unwrap();
    let run = create(results.path(), "spring").unwrap();
    for decisions in (10..=80).step_by(10) {
        run.checkpoints()
            .write(&checkpoint(decisions, decisions % 40 == 0), 2)
            .unwrap();
    }
    let kept: Vec<u64> = run
        .checkpoints()
        .files()
        .into_iter()
        .map(|(decisions, _)| decisions)
        .collect();
    assert_eq!(kept, [40, 70, 80]);
    assert_eq!(names(&run.path().join("checkpoints"))[0], "decision_000000040.ckpt");
}

#[test]
fn a_damaged_checkpoint_is_named_and_the_one_before_is_used() {
    let results = tempfile::tempdir().unwrap();
    let run = create(results.path(), "spring").unwrap();
    let paths: Vec<PathBuf> = (1..=3)
        .map(|number| run.checkpoints().write(&checkpoint(number * 100, false), 9).unwrap())
        .collect();
    let mut bytes = fs::read(&paths[2]).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&paths[2], &bytes).unwrap();
    let cut = fs::read(&paths[1]).unwrap();
    fs::write(&paths[1], &cut[..cut.len() - 5]).unwrap();

    let (good, path, damaged) = run.checkpoints().newest().unwrap();
    assert_eq!((good, &path), (checkpoint(100, false), &paths[0]));
    assert!(matches!(damaged[0].error, CheckpointError::Checksum) && damaged[0].path == paths[2]);
    assert!(matches!(damaged[1].error, CheckpointError::Truncated { .. }) && damaged[1].path == paths[1]);

    // Going on from there takes away no good one in favour of the damaged ones that are newer by name.
    run.checkpoints().write(&checkpoint(150, false), 1).unwrap();
    assert_eq!(run.checkpoints().newest().unwrap().0, checkpoint(150, false));

    fs::write(run.path().join("checkpoints/decision_000000150.ckpt"), "").unwrap();
    let none = run.checkpoints().newest().unwrap_err();
    assert!(matches!(&none, RunFolderError::NoCheckpoint { damaged, .. } if damaged.len() == 3));
    assert!(none.to_string().contains("truncated"), "{none}");
}

#[test]
fn every_cut_and_every_flipped_bit_is_noticed() {
    let whole = Checkpoint {
        decisions: 7,
        season_end: true,
        body: vec![1, 2, 3],
    };
    let bytes = whole.encode();
    assert_eq!(Checkpoint::decode(&bytes).unwrap(), whole);
    for length in 0..bytes.len() {
        assert!(
            matches!(Checkpoint::decode(&bytes[..length]), Err(CheckpointError::Truncated { .. })),
            "cut at {length}"
        );
    }
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(Checkpoint::decode(&flipped).is_err(), "bit {bit}");
    }
    assert!(Checkpoint::decode(&[&bytes[..], &[0]].concat()).is_err());
}
