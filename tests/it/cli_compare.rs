//! `compare` as a person uses it: to the end, again, after a loss, with a run that fails, with wrong questions.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::time::Duration;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;

/// A year within a second.
const TINY: &str = "--gardens 4 --decisions-per-season 200 --quiet --set evaluation.episodes=1 --set evaluation.gardens=1 \
                    --set learner.hidden=[8] --set learner.batch_size=8 --set learner.fresh_memory.minimum_transitions=100 \
                    --set checkpoints.every_decisions=100";

fn perennial(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_perennial"));
    command.current_dir(folder).args(arguments.split_whitespace());
    command
}

fn compare(folder: &Path, arguments: &str) -> Command {
    perennial(folder, &format!("compare {TINY} --results-dir d --jobs 2 {arguments}"))
}

fn record(folder: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(folder.join("d/comparison.json")).unwrap()).unwrap()
}

fn run(folder: &Path, name: &str) -> PathBuf {
    folder.join("d/four_seasons").join(name)
}

fn modified(path: &Path) -> std::time::SystemTime {
    fs::metadata(path).unwrap().modified().unwrap()
}

/// The checkpoints of a run, in order.
fn checkpoints(run: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(run.join("checkpoints")).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn a_comparison_equals_its_runs_and_goes_on_only_with_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let both = "--methods finetune,replay --seeds 2";
    compare(path, both).assert().code(0).stdout(
        contains("| finetune")
            .and(contains("| replay"))
            .and(contains("Seeds are paired")),
    );
    let whole = record(path);
    assert_eq!(whole["methods"], serde_json::json!(["finetune", "replay"]));
    assert_eq!(whole["seeds"], serde_json::json!([0, 1]));
    assert_eq!(whole["commands"][0]["arguments"][0], "compare");
    let runs = whole["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 4);
    for run in runs {
        assert_eq!(run["state"], "finished");
        assert_eq!(run["decisions_per_season"], 200);
        assert!(run["seconds"].is_number());
        assert!(
            path.join("d")
                .join(run["folder"].as_str().unwrap())
                .join("summary.json")
                .exists()
        );
    }

    // The same as `train`, overlapped there and not here.
    perennial(path, &format!("train {TINY} --method replay --seed 1 --run-id alone"))
        .assert()
        .code(0);
    let metrics = |run: &Path| fs::read(run.join("metrics.jsonl")).unwrap();
    let compared = run(path, "replay-dqn-seed1");
    let alone = metrics(&path.join("runs/alone"));
    assert!(metrics(&compared) == alone);
    assert!(fs::read(compared.join("config.toml")).unwrap() == fs::read(path.join("runs/alone/config.toml")).unwrap());

    // One run loses its end: that one goes on, the others stay as they are.
    fs::remove_file(compared.join("summary.json")).unwrap();
    for later in checkpoints(&compared).into_iter().skip(2) {
        fs::remove_file(later).unwrap();
    }
    let others =
        ["finetune-dqn-seed0", "finetune-dqn-seed1", "replay-dqn-seed0"].map(|name| run(path, name).join("summary.json"));
    let before = others.each_ref().map(|summary| modified(summary));
    compare(path, both).assert().code(0);
    assert!(metrics(&compared) == alone);
    assert_eq!(others.each_ref().map(|summary| modified(summary)), before);

    // Another configuration is not mixed in, unless it is to replace what is there.
    compare(path, &format!("{both} --set learner.discount=0.5"))
        .assert()
        .code(2)
        .stderr(
            contains("learner.discount")
                .and(contains("--force"))
                .and(contains("--results-dir")),
        );
    assert_eq!(others.each_ref().map(|summary| modified(summary)), before);
    compare(path, "--methods finetune --seeds 1 --set learner.discount=0.5 --force")
        .assert()
        .code(0);
    assert_ne!(modified(&others[0]), before[0]);
    assert_eq!(modified(&others[1]), before[1]);

    // What earlier commands left in the folder is still told of.
    let whole = record(path);
    assert_eq!(whole["methods"], serde_json::json!(["finetune", "replay"]));
    assert_eq!(
        whole["commands"].as_array().unwrap().len(),
        2,
        "the same command twice is told once"
    );
    let states: Vec<&str> = whole["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| run["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["finished"; 4]);
}

#[test]
fn a_run_that_fails_is_told_and_spoils_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let taken = run(path, "finetune-dqn-seed0");
    fs::create_dir_all(&taken).unwrap();
    fs::write(taken.join("diary.txt"), "mine").unwrap();
    compare(path, "--methods finetune,replay --seeds 2")
        .assert()
        .code(2)
        .stdout(contains("1 of 2").and(contains("| replay")))
        .stderr(contains("1 of 4 runs failed").and(contains("four_seasons/finetune-dqn-seed0")));
    let states: Vec<String> = record(path)["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| run["state"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(states, ["failed", "finished", "finished", "finished"]);
    let why = record(path)["runs"][0]["error"].as_str().unwrap().to_owned();
    assert!(why.contains("not a run's folder"), "{why}");
    fs::remove_dir_all(&taken).unwrap();
    compare(path, "--methods finetune,replay --seeds 2").assert().code(0);
}

#[test]
fn wrong_questions_are_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for (arguments, says) in [
        ("--methods finetune,repaly", "`replay`"),
        ("--methods finetune,finetune", "named twice"),
        (
            "--methods finetune,ewc --scenario four_seasons gradual_year",
            "must be told where a season ends",
        ),
        ("--methods finetune --seeds 10001", "from 1 to 1000"),
        ("--methods replay+ewc,ewc+replay", "named twice"),
        (
            "--methods finetune --scenario four_seasons ./four_seasons.toml scenarios/four_seasons.toml",
            "two scenarios are called",
        ),
        ("--methods finetune --set seed=3", "may not change `seed`"),
        ("--methods finetune --scenario four_saisons", "four_seasons"),
        ("--methods replay+joint+ewc --tune", "joint"),
        ("--methods finetune --tune", "no strength to tune"),
        ("--methods replay --tuned nowhere.toml", "nowhere.toml"),
        ("--preset slow", "quick"),
    ] {
        compare(path, arguments)
            .assert()
            .code(2)
            .stdout("")
            .stderr(contains(says).and(contains("panicked").not()));
        assert_eq!(fs::read_dir(path).unwrap().count(), 0, "`{arguments}` wrote something");
    }
}

#[test]
fn a_preset_leaves_out_what_cannot_be_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let fewer = TINY.replace("=100 ", "=10 ").replace(" 200 ", " 40 ");
    perennial(
        path,
        &format!("compare {fewer} --results-dir d --jobs 2 --preset paper --seeds 1"),
    )
    .assert()
    .code(0)
    .stdout(
        contains("left out of gradual year: scratch, frozen, generative_replay, l2, ewc,")
            .and(contains("must be told where a season ends")),
    )
    .stderr(contains(
        "left out of gradual year: scratch, frozen, generative_replay, l2, ewc,",
    ));
    let record = record(path);
    assert_eq!(record["commands"][0]["preset"], "paper");
    let gradual = |key: &str| {
        let named = record[key].as_array().unwrap().iter();
        named.filter(|one| one["scenario"] == "gradual year").count()
    };
    // Every method, the composition and its bound, and the composition a second time within a megabyte.
    assert_eq!(gradual("runs") + gradual("omitted"), perennial::learner::METHODS.len() + 3);
    assert_eq!(record["algorithms"], serde_json::json!(["dqn", "sac"]));
}

#[test]
fn tuning_has_seeds_of_its_own_and_what_it_finds_is_applied() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let tuning = "--methods l2 --tune --seeds 1 --decisions-per-season 800";
    let command = format!(
        "compare {} --results-dir d --jobs 2 {tuning}",
        TINY.replace("--decisions-per-season 200 ", "")
    );
    perennial(path, &command)
        .assert()
        .code(0)
        .stdout(contains("which results never have"));
    let trials = fs::read_dir(path.join("d/tuning/four_seasons")).unwrap();
    let names: Vec<String> = trials
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(names.len(), 10);
    assert!(names.iter().all(|name| name.ends_with("-seed10000")), "{names:?}");
    let tuned: toml::Table = fs::read_to_string(path.join("d/tuning.toml")).unwrap().parse().unwrap();
    let chosen = tuned["methods"][0]["set"][0].as_str().unwrap();
    let value: f64 = chosen.strip_prefix("learner.l2.strength=").unwrap().parse().unwrap();

    compare(path, "--methods l2 --seeds 1 --tuned d/tuning.toml").assert().code(0);
    let config: toml::Table = fs::read_to_string(run(path, "l2-dqn-seed0").join("config.toml"))
        .unwrap()
        .parse()
        .unwrap();
    let applied = config["learner"]["l2"]["strength"].as_float().unwrap();
    assert!((applied - value).abs() < 1e-6, "{applied} instead of {value}");
    assert_eq!(record(path)["commands"][0]["tuned"], "tuning.toml");
    assert_eq!(record(path)["runs"][0]["set"][0], chosen);
    compare(path, "--methods ewc --seeds 1 --tuned d/tuning.toml")
        .assert()
        .code(2)
        .stderr(contains("`ewc` was not tuned"));
}

#[cfg(unix)]
#[test]
fn an_interrupted_comparison_keeps_what_it_did_and_says_how_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let long = TINY.replace(" 200 ", " 60000 ");
    let mut child = Process::new(env!("CARGO_BIN_EXE_perennial"))
        .current_dir(path)
        .args(format!("compare {long} --results-dir d --jobs 2 --methods finetune,replay --seeds 2").split_whitespace())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Any checkpoint: the first one goes when newer ones have come.
    let begun = |name: &str| fs::read_dir(run(path, name).join("checkpoints")).is_ok_and(|mut files| files.next().is_some());
    while !(begun("finetune-dqn-seed0") && begun("replay-dqn-seed0")) {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it began");
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(300));
    let sent = Process::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("perennial compare --gardens 4"), "{said}");
    let record = record(path);
    assert!(record["runs"].as_array().unwrap().iter().all(|run| run["state"] == "pending"));
    assert!(
        checkpoints(&run(path, "replay-dqn-seed0")).len() > 1,
        "the checkpoint of the stop is missing"
    );
    assert!(!run(path, "replay-dqn-seed1").exists());
}

#[test]
fn runs_by_index_are_those_of_the_comparison_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let both = "--methods finetune,replay --seeds 2";
    let files_of = |results: &str| -> Vec<Vec<u8>> {
        let runs = [
            "finetune-dqn-seed0",
            "replay-dqn-seed0",
            "finetune-dqn-seed1",
            "replay-dqn-seed1",
        ];
        runs.map(|run| fs::read(path.join(results).join("four_seasons").join(run).join("metrics.jsonl")).unwrap())
            .to_vec()
    };
    compare(path, both).assert().code(0);
    fs::rename(path.join("d"), path.join("whole")).unwrap();

    compare(path, &format!("{both} --plan"))
        .assert()
        .code(0)
        .stdout("index\trun\tstate\n0\tfour_seasons/finetune-dqn-seed0\tnot begun\n1\tfour_seasons/replay-dqn-seed0\tnot begun\n2\tfour_seasons/finetune-dqn-seed1\tnot begun\n3\tfour_seasons/replay-dqn-seed1\tnot begun\n");
    assert!(!path.join("d").exists(), "a list writes nothing");
    for index in [2, 0, 3, 1] {
        perennial(
            path,
            &format!("compare {TINY} --results-dir d {both} --index {index}").replace("--quiet", ""),
        )
        .assert()
        .code(0)
        .stderr(contains(format!("run {index}, ")).and(contains("is finished")));
    }
    perennial(
        path,
        &format!("compare {TINY} --results-dir d {both} --index 1").replace("--quiet", ""),
    )
    .assert()
    .code(0)
    .stderr(contains("run 1, four_seasons/replay-dqn-seed0, was finished already"));
    assert!(files_of("d") == files_of("whole"));
    let commands = record(path)["commands"].as_array().unwrap().len();
    assert!(commands <= 2, "{commands} commands are recorded for one comparison");
    assert_eq!(record(path)["runs"].as_array().unwrap().len(), 4);

    compare(path, &format!("{both} --plan"))
        .assert()
        .code(0)
        .stdout(contains("3\tfour_seasons/replay-dqn-seed1\tfinished"));
    compare(path, &format!("{both} --index 4"))
        .assert()
        .code(2)
        .stderr(contains("there is no run 4").and(contains("has 4 runs")));
}

/// Stop and second start, as by a scheduler that takes a machine away.
#[cfg(unix)]
#[test]
fn a_run_by_index_that_is_asked_to_stop_is_resumed_by_the_same_command() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let arguments = |results: &str| {
        format!("compare {TINY} --methods replay --seeds 2 --index 1 --results-dir {results}")
            .replace("--decisions-per-season 200", "--decisions-per-season 8000")
    };
    let metrics = |results: &str| fs::read(path.join(results).join("four_seasons/replay-dqn-seed1/metrics.jsonl")).unwrap();
    perennial(path, &arguments("whole")).assert().code(0);
    let (mut stops, mut finished) = (0, false);
    for _ in 0..20 {
        let mut child = Process::new(env!("CARGO_BIN_EXE_perennial"))
            .current_dir(path)
            .args(arguments("d").split_whitespace())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(250));
        let _ = Process::new("kill").args(["-TERM", &child.id().to_string()]).status();
        match child.wait().unwrap().code() {
            Some(143) => stops += 1,
            Some(0) => finished = true,
            // Before it listens, a signal ends it as any program.
            None => {}
            code => panic!("{code:?}"),
        }
        if finished || stops == 5 {
            break;
        }
    }
    if !finished {
        perennial(path, &arguments("d")).assert().code(0);
    }
    assert!(stops > 0, "it was never stopped");
    assert!(metrics("d") == metrics("whole"));
}
